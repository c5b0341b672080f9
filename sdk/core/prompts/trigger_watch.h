// What is half-way to a trigger that takes more than one event: sequences, and times that run. A pure fold of (what
// happens, when) to (which triggers fire, when to look again), bounded by the rules.
//
//   then      for each step the latest moment at which a first step began that led there; the last step fires when that
//             is recent enough
//   all       for each step when it last happened; whichever makes them all recent enough fires
//   absent    when the first happened; the second ends that, and time fires
//   screen    since when it is in front; time fires, once a visit
//   idle      since when nothing happened; time fires, once until something does
//
// What fired begins anew: no event counts for two firings of one trigger. Nothing of it outlives the process.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/time.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::prompts {

struct Fired {
  std::uint32_t campaign = 0;  // of Ruleset::campaigns
  std::uint32_t trigger = 0;   // of Campaign::triggers
};

class TriggerWatch {
 public:
  using IsTrue = std::function<bool(std::uint32_t condition)>;

  // Other rules are in force: what is half-way in a trigger that says the same in them goes on. All functions below
  // take the rules that were taken last, and times that do not run backwards.
  void TakeRules(const ruleset::Ruleset& rules);

  // What time alone brought up to then comes first.
  void OnEvent(const ruleset::Ruleset& rules, std::string_view event, MonoTime now, const IsTrue& is_true,
               std::vector<Fired>* fired);
  void OnTime(const ruleset::Ruleset& rules, MonoTime now, std::vector<Fired>* fired);
  void OnSession(const ruleset::Ruleset& rules, std::vector<Fired>* fired) const;
  // Something happened in the app; at most as late as the next OnTime.
  void OnActivity(MonoTime when);
  void SetScreen(std::string_view name, MonoTime now);
  void SetForeground(bool is_foreground, MonoTime now);
  // Somebody else is here: what is half-way was another's.
  void Forget(MonoTime now);

  // When OnTime has something to fire, if nothing happens before; MonoTime::max() for never.
  MonoTime NextMoment(const ruleset::Ruleset& rules) const;

  // Nothing happened for long enough, and something has to before that fires again.
  bool AwaitsActivity(const ruleset::Ruleset& rules) const;

  struct Progress {
    std::size_t done = 0;              // steps
    MonoTime until = MonoTime::max();  // by then the rest has to happen, or must not; max: no time runs
  };
  Progress ProgressOf(const ruleset::Trigger& trigger, MonoTime now) const;

 private:
  static constexpr MonoTime kNotYet = MonoTime::min();
  struct State {
    std::uint64_t id = 0;  // of the trigger
    // By kind, as above; of screen and idle the first is the moment since when it was what has fired.
    std::array<MonoTime, ruleset::kTriggerSteps> at = {};
  };

  bool TakeThen(const ruleset::Trigger& trigger, std::uint32_t step, MonoTime now, State* state) const;
  bool TakeAll(const ruleset::Trigger& trigger, std::uint32_t step, MonoTime now, State* state) const;
  // When time alone fires it.
  MonoTime DueAt(const ruleset::Trigger& trigger, const State& state) const;

  std::vector<State> states_;           // parallel to Ruleset::watched
  std::vector<std::string> campaigns_;  // likewise: whose trigger it is
  std::string screen_;
  MonoTime screen_since_ = kNotYet;
  MonoTime active_since_ = kNotYet;
  bool is_foreground_ = true;
};

}  // namespace guidon::prompts
