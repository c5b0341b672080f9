// The fold: a run of facts becomes one commit. Exposures met again the same day become a count, prompt facts that say
// nothing new become nothing, everything else joins the outbox with the next sequence number. What is tracked counts as
// behavior, what becomes of a prompt as its showing, and whoever is exposed is enrolled, in that commit, so neither is
// ever without the other. A change of identity is no event, and moves what the facts before it left. A function of its
// arguments, so applying twice from the same state is the same.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/events/event.h"
#include "sdk/events/state.h"

namespace guidon::events {

inline constexpr std::size_t kRunFacts = 500;  // in one commit

// The same for every statement of the same thing: install, unit, experiment or holdout, iteration, variant, UTC day,
// and whether it was forced. Permanent: collectors collapse exposures by it.
Hash128 ExposureId(std::string_view install_id, const Fact& fact, std::int64_t day);

// Of a showing, as a UUID: the same for the same install, unit, campaign, iteration, ordinal and beginning (the fact's
// wall time), and whether it was forced. `fact` is its exposure; the id it holds does not matter. Permanent.
std::string PromptId(std::string_view install_id, const Fact& fact);

// Makes ids for all other events: UUIDv7, whose time never goes back even when the clock does.
class IdMaker {
 public:
  // `last_ms`: the newest time in an id that may be out there. `seed`: unique to this run of this installation.
  IdMaker(std::string_view seed, std::uint64_t last_ms);
  Hash128 Next(Timestamp now);
  // Ids from elsewhere have this time.
  void NotBefore(std::uint64_t ms);
  std::uint64_t last_ms() const noexcept { return last_ms_; }

 private:
  Hash128 seed_;
  std::uint64_t last_ms_;
  std::uint64_t within_ms_ = 0;
  std::uint64_t made_ = 0;
};

// Of a tracked event that came from a journal: UUIDv7 by that time, the rest told by its place, so that it is the same
// whenever and however often the fact is applied. Permanent.
Hash128 JournalId(std::uint64_t journal, std::uint64_t place, std::uint64_t id_ms);
// The time as ids have it, in milliseconds.
std::uint64_t IdTime(Timestamp time);

// When it happened, by what prompts and behavior go by. An event that is replayed without a boot is of an earlier one.
Timestamp TimeOf(const SteadyTime& time, const Event& event);

struct Applied {
  Update update;
  std::vector<EventRecord> records;  // of those that were queued, in order
  std::vector<EventRecord> heard;    // of what was tracked and makes no event for want of consent, likewise
};

// `events` have an id unless they are exposures or prompts. Not finished: the caller may add to the update.
Applied Apply(const State& state, std::string_view install_id, const std::vector<Event>& events);
// Of events that moved here from another state: what they changed in what is remembered moves with that state.
Applied ApplyMoved(const State& state, std::string_view install_id, const std::vector<Event>& events);

}  // namespace guidon::events
