// What a server's clock says, by the `Date` of the collector's acknowledgements and of the datafile's server, where the
// device's own is wrong. What is sent is set right by it; on the device it settles what prompts and behavior go by
// (core/base/steady_time.h), and all else goes by the device's own clock.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "guidon/time.h"
#include "sdk/events/event.h"

namespace guidon::events {

// A wall clock that is off by less is taken as it is: a `Date` has whole seconds, and answers take time.
inline constexpr Duration kClockTolerance = std::chrono::seconds(5);

// How the events of a batch are timed; part of what is frozen, so that a retry says the same.
struct Timing {
  std::string session;         // whose monotonic times are of one boot with the offset; empty: nothing is known
  std::uint64_t boot = 0;      // as of Fact: other sessions of it, too; 0: not known
  std::int64_t offset_ms = 0;  // added to them: the server's wall clock
  bool is_off = false;         // the device's wall clock was, when the batch was frozen
  bool operator==(const Timing& other) const {
    return session == other.session && boot == other.boot && offset_ms == other.offset_ms && is_off == other.is_off;
  }
};

class ServerClock {
 public:
  // Of an answer to a request that took from `sent` to `received`. What is no such date, or took over a minute, says
  // nothing.
  void Note(std::string_view date, MonoTime sent, MonoTime received);
  // What it reads; nothing while that is not known.
  std::optional<Timestamp> At(MonoTime now) const;
  Timing TimingOf(std::string_view session, Timestamp wall, MonoTime now, std::uint64_t boot = 0) const;

 private:
  std::optional<Duration> offset_;  // from monotonic to server time, by the quickest answer of late
  Duration took_{0};
  MonoTime received_{};
};

// An event of that session, or of that boot, gets the server's time where its own is off by more than the tolerance. Of
// any other it is not known what the clock was then: it keeps its time, with a mark where the clock is off now.
void SetRight(const Timing& timing, Event* event);

}  // namespace guidon::events
