#include "sdk/tools/reach.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

namespace guidon::tools {
namespace {

using ruleset::Experiment;
using ruleset::ExperimentStatus;
using ruleset::FlagValue;
using ruleset::kNone;
using ruleset::SlotRange;
using ruleset::Step;
using ruleset::StepKind;

constexpr std::uint32_t kAllSlots = 1'000'000;
// A local date is past everywhere a day after it is past in UTC.
constexpr Duration kMostZone = std::chrono::hours(24);

std::uint64_t SlotsOf(const SlotRange* first, std::size_t count) {
  std::uint64_t slots = 0;
  for (std::size_t i = 0; i < count; ++i) slots += first[i].end - first[i].begin;
  return slots;
}
std::uint64_t SlotsOf(const std::vector<SlotRange>& ranges) { return SlotsOf(ranges.data(), ranges.size()); }

// Follows each way through the flag's steps once.
class Follow {
 public:
  Follow(const ruleset::Ruleset& rules, const ruleset::Flag& flag, Timestamp now)
      : rules_(rules), flag_(flag), now_(now) {}

  Reach Run() {
    Reach out;
    Go(flag_.first_step);
    while (!open_.empty()) {
      const std::uint32_t at = *open_.begin();
      open_.erase(open_.begin());
      Take(rules_.steps[at], at);
    }
    out.values = std::move(values_);
    if (out.values.size() == 1 && !may_be_nothing_) Explain(&out);
    return out;
  }

 private:
  void Go(std::uint32_t step) {
    if (step != kNone && seen_.insert(step).second) open_.insert(step);
  }

  void Take(const Step& step, std::uint32_t at) {
    switch (step.kind) {
      case StepKind::kGate:
      case StepKind::kAudience: Go(at + 1), Go(step.otherwise); return;
      case StepKind::kRunning: return Running(step, at);
      case StepKind::kUnit: return Go(at + 1);
      case StepKind::kHold: return Hold(step, at);
      case StepKind::kEnrolled: return Enrolled(step, at);
      case StepKind::kLayer: return Layer(step, at);
      case StepKind::kSplit: return Split(step);
      case StepKind::kKept: Serve(step, Winner(step)), Go(at + 1); return;
      case StepKind::kWinner: Serve(step, Winner(step)), Go(step.otherwise); return;
      case StepKind::kShip: return Ship(step);
      case StepKind::kRollout: return Rollout(step);
      case StepKind::kServe: return Serve(step, rules_.values[step.index]);
      case StepKind::kDefault: return Serve(step, rules_.values[flag_.default_value]);
      case StepKind::kShare: Go(step.range_count > 0 ? at + 1 : step.otherwise), Go(step.otherwise); return;
      case StepKind::kDraw: Split(step), Go(step.otherwise); return;
      case StepKind::kSelect:
        for (const ruleset::NamedValue& each : flag_.variants) Serve(step, rules_.values[each.value]);
        return Go(at + 1);
      case StepKind::kNothing: may_be_nothing_ = true; return;
    }
  }

  void Running(const Step& step, std::uint32_t at) {
    const Experiment& experiment = rules_.experiments[step.object];
    const bool is_over = experiment.ends_at.at + kMostZone <= now_ && experiment.ends_at.at != ruleset::kNever;
    if (experiment.status == ExperimentStatus::kEnded) {
      return Go(experiment.ship.variant == kNone ? step.otherwise : at + 1);
    }
    if (is_over) return Go(step.otherwise);
    Go(at + 1);
    const bool is_always = experiment.status == ExperimentStatus::kRunning &&
                           experiment.starts_at.at <= now_ - kMostZone && experiment.ends_at.at == ruleset::kNever;
    if (!is_always) Go(step.otherwise);
  }

  void Hold(const Step& step, std::uint32_t at) {
    const std::uint32_t size = rules_.holdouts[step.object].size;
    if (size > 0) Serve(step, rules_.values[flag_.default_value]);
    if (size < kAllSlots) Go(at + 1);
  }

  // Who was exposed may be in a variant that nobody gets by now.
  void Enrolled(const Step& step, std::uint32_t at) {
    const Experiment& experiment = rules_.experiments[step.object];
    for (std::uint32_t i = 0; i < experiment.variants.size(); ++i) Serve(step, ValueIn(experiment, i));
    Go(at + 1);
  }

  void Layer(const Step& step, std::uint32_t at) {
    const Experiment& experiment = rules_.experiments[step.object];
    bool is_any = SlotsOf(experiment.slots) > 0;
    bool is_all = SlotsOf(experiment.slots) == kAllSlots;
    for (const ruleset::Audience& audience : experiment.audiences) {
      is_any = is_any || SlotsOf(audience.slots) > 0;
      is_all = is_all && SlotsOf(audience.slots) == kAllSlots;
    }
    if (is_any) Go(at + 1);
    if (!is_all) Go(step.otherwise);
  }

  void Split(const Step& step) {
    const Experiment& experiment = rules_.experiments[step.object];
    std::vector<const std::vector<SlotRange>*> splits = {&experiment.split};
    for (const ruleset::Audience& audience : experiment.audiences) splits.push_back(&audience.split);
    for (const auto* split : splits) {
      for (const SlotRange& range : *split) {
        if (range.end > range.begin) Serve(step, ValueIn(experiment, range.target));
      }
      if (SlotsOf(*split) < kAllSlots) Go(step.otherwise);
    }
  }

  void Ship(const Step& step) {
    const Experiment& experiment = rules_.experiments[step.object];
    const std::uint64_t slots = SlotsOf(experiment.ship.slots);
    if (slots > 0) Serve(step, Winner(step));
    if (slots < kAllSlots) Go(step.otherwise);
  }

  void Rollout(const Step& step) {
    const SlotRange* ranges = rules_.ranges.data() + step.first_range;
    for (std::uint32_t i = 0; i < step.range_count; ++i) {
      if (ranges[i].end > ranges[i].begin) Serve(step, rules_.values[step.index + ranges[i].target]);
    }
    if (SlotsOf(ranges, step.range_count) < kAllSlots) Go(step.otherwise);
  }

  const FlagValue& ValueIn(const Experiment& experiment, std::uint32_t variant) const {
    const auto at = std::lower_bound(experiment.flags.begin(), experiment.flags.end(), rules_.IndexOf(flag_));
    return rules_.values[experiment.variants[variant].values[static_cast<std::size_t>(at - experiment.flags.begin())]];
  }
  const FlagValue& Winner(const Step& step) const {
    const Experiment& experiment = rules_.experiments[step.object];
    return ValueIn(experiment, experiment.ship.variant);
  }

  void Serve(const Step& step, const FlagValue& value) {
    ends_.push_back(&step);
    const bool is_new =
        std::none_of(values_.begin(), values_.end(), [&](const FlagValue* each) { return *each == value; });
    if (is_new) values_.push_back(&value);
  }

  void Explain(Reach* out) const {
    const auto set = [out](const char* cause, std::string why) {
      out->cause = cause;
      out->why = std::move(why);
    };
    if (flag_.rules.empty()) return set("no_rules", "it has no rules");
    const auto is_of_default = [](const Step* step) { return step->kind == StepKind::kDefault; };
    if (std::all_of(ends_.begin(), ends_.end(), is_of_default))
      return set("default", "none of its rules lets anybody in");
    const Step& first = **std::find_if_not(ends_.begin(), ends_.end(), is_of_default);
    const bool is_one_rule =
        std::all_of(ends_.begin(), ends_.end(), [&](const Step* step) { return step->rule == first.rule; }) &&
        std::none_of(ends_.begin(), ends_.end(), is_of_default);
    if (!is_one_rule) return set("same_value", "all its rules serve what its default is, or the same");
    const std::string rule = "rule " + flag_.rules[first.rule].id;
    if (first.kind == StepKind::kRollout) return set("rollout", rule + " rolls it out to everybody");
    if (first.kind == StepKind::kServe) return set("rule", rule + " serves it to everybody");
    if (first.kind == StepKind::kKept || first.kind == StepKind::kWinner || first.kind == StepKind::kShip) {
      const Experiment& experiment = rules_.experiments[first.object];
      return set("shipped", "experiment " + experiment.key + " shipped " +
                                experiment.variants[experiment.ship.variant].name + " to everybody");
    }
    set("same_value", "all variants of experiment " + rules_.experiments[first.object].key + " have the same value");
  }

  const ruleset::Ruleset& rules_;
  const ruleset::Flag& flag_;
  const Timestamp now_;
  std::set<std::uint32_t> open_;
  std::set<std::uint32_t> seen_;
  std::vector<const FlagValue*> values_;
  bool may_be_nothing_ = false;
  std::vector<const Step*> ends_;  // that serve, in the order of the rules
};

}  // namespace

Reach ReachOf(const ruleset::Ruleset& rules, const ruleset::Flag& flag, Timestamp now) {
  if (!flag.is_killed) return Follow(rules, flag, now).Run();
  Reach out;
  out.values = {&rules.values[flag.default_value]};
  out.why = "its kill switch is on";
  out.cause = "killed";
  return out;
}

}  // namespace guidon::tools
