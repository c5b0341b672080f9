#include "sdk/core/evaluation/evaluate.h"

#include <algorithm>

#include "sdk/core/evaluation/bucketing.h"

namespace guidon::evaluation {
namespace {

using ruleset::Experiment;
using ruleset::kNone;
using ruleset::SlotRange;
using ruleset::Step;
using ruleset::StepKind;

const SlotRange* FindRange(const SlotRange* first, std::size_t count, std::uint32_t slot) noexcept {
  for (const SlotRange* range = first; range != first + count; ++range) {
    if (slot < range->begin) return nullptr;
    if (slot < range->end) return range;
  }
  return nullptr;
}

template <class T>
const T* FindPair(const std::vector<std::pair<std::uint32_t, T>>& pairs, std::uint32_t key) noexcept {
  for (const auto& pair : pairs) {
    if (pair.first == key) return &pair.second;
  }
  return nullptr;
}

// One walk over a flag's steps.
class Walk {
 public:
  Walk(const ruleset::Ruleset& rules, const ruleset::Flag& flag, const PreparedContext& context, Timestamp now,
       const Forced* forced, Trace* trace, Outcome* out) noexcept
      : rules_(rules),
        flag_(flag),
        context_(context),
        forced_(forced),
        trace_(trace),
        targeting_(rules, context, now),
        out_(*out) {}

  void Run() {
    std::uint32_t at = FirstStep();
    while (at != kNone) at = Take(rules_.steps[at], at);
    out_.valid_until = targeting_.valid_until();
  }

 private:
  // Where an experiment that is forced stands among the rules, or their beginning.
  std::uint32_t FirstStep() const noexcept {
    if (forced_ == nullptr || forced_->experiments.empty()) return flag_.first_step;
    for (std::uint32_t at = flag_.first_step; rules_.steps[at].kind != StepKind::kDefault; ++at) {
      if (rules_.steps[at].kind != StepKind::kRunning) continue;
      const std::uint32_t* forced = forced_->FindExperiment(rules_.steps[at].object);
      if (forced != nullptr && *forced != Forced::kUnassigned) return at;
    }
    return flag_.first_step;
  }

  // The step that follows, or kNone when the decision is made.
  std::uint32_t Take(const Step& step, std::uint32_t at) {
    switch (step.kind) {
      case StepKind::kGate: return Gate(step, at);
      case StepKind::kRunning: return Running(step, at);
      case StepKind::kUnit: return Unit(step, at);
      case StepKind::kHold: return Hold(step, at);
      case StepKind::kLayer: return Layer(step, at);
      case StepKind::kSplit: return Split(step);
      case StepKind::kRollout: return Rollout(step);
      case StepKind::kServe: return Serve(step, Reason::kRule, rules_.values[step.index]);
      case StepKind::kDefault:
        Note(step, StepResult::kServed);
        out_.value = &rules_.values[flag_.default_value];
        out_.reason = flag_.rules.empty() ? Reason::kStatic : Reason::kDefault;
        return kNone;
    }
    return kNone;
  }

  std::uint32_t Gate(const Step& step, std::uint32_t at) {
    const Truth truth = targeting_.Evaluate(step.index);
    if (targeting_.is_over_budget()) return GiveUp(step, Reason::kBudget, StepResult::kOverBudget);
    if (truth == Truth::kTrue) {
      Note(step, StepResult::kPassed);
      return at + 1;
    }
    Note(step, truth == Truth::kFalse ? StepResult::kConditionFalse : StepResult::kConditionUnknown);
    return step.otherwise;
  }

  // Also where an override of the experiment takes hold.
  std::uint32_t Running(const Step& step, std::uint32_t at) {
    const Experiment& experiment = rules_.experiments[step.object];
    const std::uint32_t* forced = forced_ == nullptr ? nullptr : forced_->FindExperiment(step.object);
    if (forced != nullptr) {
      out_.is_forced = true;
      if (*forced == Forced::kUnassigned) return Pass(step, StepResult::kForcedUnassigned);
      if (*forced == Forced::kOff) {
        Note(step, StepResult::kForcedOff);
        out_.value = &rules_.values[flag_.default_value];
        out_.reason = Reason::kForced;
        out_.rule = step.rule;
        return kNone;
      }
      Note(step, StepResult::kForced);
      return ServeVariant(step, *forced, -1, -1);
    }
    if (experiment.status == ruleset::ExperimentStatus::kPaused) return Pass(step, StepResult::kPaused);
    if (experiment.status == ruleset::ExperimentStatus::kEnded) return Pass(step, StepResult::kEnded);
    if (!targeting_.HasCome(experiment.starts_at)) return Pass(step, StepResult::kNotStarted);
    if (targeting_.HasCome(experiment.ends_at)) return Pass(step, StepResult::kEnded);
    Note(step, StepResult::kPassed);
    return at + 1;
  }

  std::uint32_t Unit(const Step& step, std::uint32_t at) {
    switch (context_.unit(step.object).state) {
      case UnitValue::State::kMissing: return GiveUp(step, Reason::kNoUnit, StepResult::kNoUnit);
      case UnitValue::State::kInvalid: return GiveUp(step, Reason::kInvalidUnit, StepResult::kInvalidUnit);
      case UnitValue::State::kValid: break;
    }
    Note(step, StepResult::kPassed);
    return at + 1;
  }

  std::uint32_t Hold(const Step& step, std::uint32_t at) {
    const ruleset::Holdout& holdout = rules_.holdouts[step.object];
    const std::uint32_t slot = SlotFor(Purpose::kHoldout, holdout.salt, holdout.unit);
    if (slot >= holdout.size) {
      const bool is_comparison = slot < 2 * holdout.size;
      if (is_comparison) ExposeHoldout(step.object, Exposure::kComparison, slot);
      Note(step, is_comparison ? StepResult::kComparisonGroup : StepResult::kNotHeldOut, slot);
      return at + 1;
    }
    ExposeHoldout(step.object, Exposure::kHeldOut, slot);
    Note(step, StepResult::kHeldOut, slot);
    out_.value = &rules_.values[flag_.default_value];
    out_.reason = Reason::kHoldout;
    out_.rule = step.rule;
    return kNone;
  }

  std::uint32_t Layer(const Step& step, std::uint32_t at) {
    const Experiment& experiment = rules_.experiments[step.object];
    const ruleset::Layer& layer = rules_.layers[experiment.layer];
    layer_slot_ = SlotFor(Purpose::kLayer, layer.salt, layer.unit);
    if (FindRange(experiment.slots.data(), experiment.slots.size(), layer_slot_) == nullptr) {
      Note(step, StepResult::kNotInLayer, layer_slot_);
      return step.otherwise;
    }
    Note(step, StepResult::kInLayer, layer_slot_);
    return at + 1;
  }

  std::uint32_t Split(const Step& step) {
    const Experiment& experiment = rules_.experiments[step.object];
    const std::uint32_t slot = SlotFor(Purpose::kSplit, experiment.salt, experiment.unit);
    const SlotRange* range = FindRange(experiment.split.data(), experiment.split.size(), slot);
    if (range == nullptr) {
      Note(step, StepResult::kNotInSplit, slot);
      return step.otherwise;
    }
    Note(step, StepResult::kServed, slot);
    return ServeVariant(step, range->target, static_cast<std::int32_t>(layer_slot_), static_cast<std::int32_t>(slot));
  }

  std::uint32_t Rollout(const Step& step) {
    const std::uint32_t slot = SlotFor(Purpose::kRollout, rules_.salts[step.salt], step.object);
    const SlotRange* range = FindRange(rules_.ranges.data() + step.first_range, step.range_count, slot);
    if (range == nullptr) {
      Note(step, StepResult::kNotInRollout, slot);
      return step.otherwise;
    }
    return Serve(step, Reason::kRollout, rules_.values[step.index + range->target], slot);
  }

  std::uint32_t Serve(const Step& step, Reason reason, const ruleset::FlagValue& value, std::uint32_t slot = kNone) {
    Note(step, StepResult::kServed, slot);
    out_.value = &value;
    out_.reason = reason;
    out_.rule = step.rule;
    return kNone;
  }

  std::uint32_t ServeVariant(const Step& step, std::uint32_t variant, std::int32_t layer_slot, std::int32_t slot) {
    const Experiment& experiment = rules_.experiments[step.object];
    const auto flag = std::lower_bound(experiment.flags.begin(), experiment.flags.end(), rules_.IndexOf(flag_));
    const auto position = static_cast<std::size_t>(flag - experiment.flags.begin());
    out_.value = &rules_.values[experiment.variants[variant].values[position]];
    out_.reason = slot < 0 ? Reason::kForced : Reason::kExperiment;
    out_.rule = step.rule;
    out_.experiment = step.object;
    out_.variant = variant;
    if (context_.unit(experiment.unit).state != UnitValue::State::kValid) return kNone;  // forced, without a unit
    Exposure exposure;
    exposure.is_forced = slot < 0;
    exposure.object = step.object;
    exposure.unit = experiment.unit;
    exposure.variant = variant;
    exposure.layer_slot = layer_slot;
    exposure.slot = slot;
    Expose(exposure);
    return kNone;
  }

  void ExposeHoldout(std::uint16_t holdout, std::uint32_t side, std::uint32_t slot) {
    Exposure exposure;
    exposure.is_holdout = true;
    exposure.object = holdout;
    exposure.unit = rules_.holdouts[holdout].unit;
    exposure.variant = side;
    exposure.slot = static_cast<std::int32_t>(slot);
    Expose(exposure);
  }

  // Once per object. More objects than there is room for cannot be met without more rules than make sense; then the
  // first holdouts count, and always the experiment that decides.
  void Expose(const Exposure& exposure) {
    for (std::uint32_t i = 0; i < out_.exposure_count; ++i) {
      const Exposure& known = out_.exposures[i];
      if (known.is_holdout == exposure.is_holdout && known.object == exposure.object) return;
    }
    const std::size_t room = out_.exposures.size() - (exposure.is_holdout ? 1 : 0);
    if (out_.exposure_count < room) out_.exposures[out_.exposure_count++] = exposure;
  }

  std::uint32_t GiveUp(const Step& step, Reason reason, StepResult result) {
    Note(step, result);
    out_.reason = reason;
    out_.rule = step.rule;
    return kNone;
  }

  std::uint32_t Pass(const Step& step, StepResult result) {
    Note(step, result);
    return step.otherwise;
  }

  std::uint32_t SlotFor(Purpose purpose, std::string_view salt, std::uint32_t unit) const noexcept {
    return Slot(static_cast<char>(purpose), salt, context_.unit(unit).id);
  }

  void Note(const Step& step, StepResult result, std::uint32_t slot = kNone) {
    if (trace_ != nullptr) trace_->push_back({&step, result, slot == kNone ? -1 : static_cast<std::int32_t>(slot)});
  }

  const ruleset::Ruleset& rules_;
  const ruleset::Flag& flag_;
  const PreparedContext& context_;
  const Forced* forced_;
  Trace* trace_;
  Targeting targeting_;
  Outcome& out_;
  std::uint32_t layer_slot_ = 0;
};

}  // namespace

const ruleset::FlagValue* Forced::FindFlag(std::uint32_t flag) const noexcept { return FindPair(flags, flag); }

const std::uint32_t* Forced::FindExperiment(std::uint32_t experiment) const noexcept {
  return FindPair(experiments, experiment);
}

const ruleset::FlagValue* Forced::FindKilled(std::uint32_t flag) const noexcept {
  const auto at = std::lower_bound(killed.begin(), killed.end(), flag,
                                   [](const auto& pair, std::uint32_t key) { return pair.first < key; });
  return at == killed.end() || at->first != flag ? nullptr : &at->second;
}

std::string_view StepResultName(StepResult result) noexcept {
  switch (result) {
    case StepResult::kPassed: return "passed";
    case StepResult::kConditionFalse: return "condition_false";
    case StepResult::kConditionUnknown: return "condition_unknown";
    case StepResult::kPaused: return "paused";
    case StepResult::kEnded: return "ended";
    case StepResult::kNotStarted: return "not_started";
    case StepResult::kNoUnit: return "no_unit";
    case StepResult::kInvalidUnit: return "invalid_unit";
    case StepResult::kHeldOut: return "held_out";
    case StepResult::kNotHeldOut: return "not_held_out";
    case StepResult::kComparisonGroup: return "comparison_group";
    case StepResult::kNotInLayer: return "not_in_layer";
    case StepResult::kInLayer: return "in_layer";
    case StepResult::kNotInSplit: return "not_in_split";
    case StepResult::kNotInRollout: return "not_in_rollout";
    case StepResult::kForcedOff: return "forced_off";
    case StepResult::kForcedUnassigned: return "forced_unassigned";
    case StepResult::kForced: return "forced";
    case StepResult::kServed: return "served";
    case StepResult::kOverBudget: return "over_budget";
  }
  return "passed";
}

Outcome Evaluate(const ruleset::Ruleset& rules, const ruleset::Flag& flag, const PreparedContext& context,
                 Timestamp now, const Forced* forced, Trace* trace) {
  Outcome out;
  if (forced != nullptr) {
    const ruleset::FlagValue* value = forced->FindFlag(rules.IndexOf(flag));
    if (value != nullptr) {
      out.value = value;
      out.reason = Reason::kForced;
      out.is_forced = true;
      return out;
    }
  }
  if (!flag.is_valid) {
    out.reason = Reason::kInvalidFlag;
    return out;
  }
  const ruleset::FlagValue* killed = forced == nullptr ? nullptr : forced->FindKilled(rules.IndexOf(flag));
  if (killed != nullptr || flag.is_killed) {
    out.value = killed != nullptr ? killed : &rules.values[flag.default_value];
    out.reason = Reason::kKilled;
    return out;
  }
  Walk(rules, flag, context, now, forced, trace, &out).Run();
  return out;
}

}  // namespace guidon::evaluation
