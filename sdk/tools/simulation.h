// Campaigns × people: what everybody saw and when, and for each campaign what became of its chances.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "guidon/status.h"
#include "guidon/time.h"
#include "sdk/tools/chances.h"
#include "sdk/tools/made_up_people.h"
#include "sdk/tools/simulated_device.h"
#include "sdk/tools/timeline.h"

namespace guidon::tools {

struct CampaignTally {
  struct Day {
    std::uint64_t shown = 0;
    std::uint64_t held_out = 0;
    std::uint64_t not_shown = 0;
  };
  std::uint64_t chances = 0;
  std::uint64_t shown = 0;
  std::uint64_t held_out = 0;
  std::uint64_t waiting = 0;                                               // at the end
  std::map<std::pair<std::string, std::string>, std::uint64_t> not_shown;  // by why, and by what
  std::map<std::string, std::uint64_t> answers;                            // "dismissed", …
  std::uint64_t people = 0;                                                // who had a chance
  std::uint64_t people_shown = 0;
  std::uint64_t people_held_out = 0;
  std::map<std::string, std::uint64_t> people_by_variant;  // who was shown it
  std::map<std::int64_t, Day> days;                        // by the day of the device's calendar, since 1970
};

struct Simulation {
  Timestamp from{};
  Timestamp to{};
  std::uint64_t people = 0;
  std::vector<CampaignTally> campaigns;  // parallel to the ruleset's
  // Of a single one: who, and all that was seen.
  std::string person;
  std::vector<Chance> chances;
};

struct AnswerShare {
  PromptAnswer answer = PromptAnswer::kDismiss;
  std::uint32_t percent = 100;
};

// Who takes part, beyond what the timeline says.
struct Cast {
  Context context;                   // of everybody; units are set by name, but for those in it
  Duration utc_offset{0};            // where the timeline says none
  std::vector<AnswerShare> answers;  // that people give by themselves; together 100 %
  std::uint64_t seed = 1;            // of which they give when, and of what made-up people do
};

// An error where somebody answers a prompt that is not there.
Result<Simulation> RunTimeline(const std::shared_ptr<const client::Datafile>& datafile,
                               const std::vector<TimelineStep>& timeline, const Cast& cast, Timestamp from,
                               const std::function<void(std::uint64_t people)>& progress);

struct MadeUp {
  std::uint64_t people = 1'000;
  int days = 30;
  Timestamp from{};  // midnight
};
Simulation RunMadeUp(const std::shared_ptr<const client::Datafile>& datafile, const Repertoire& repertoire,
                     const MadeUp& made_up, const Cast& cast,
                     const std::function<void(std::uint64_t people)>& progress);

// What whoever plans the campaigns should know: "'b' is never shown: outranked by 'a' in 98 % of its chances".
std::vector<std::string> WarningsOf(const ruleset::Ruleset& rules, const Simulation& simulation);

}  // namespace guidon::tools
