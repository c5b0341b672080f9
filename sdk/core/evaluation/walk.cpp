// One walk over a flag's steps, or over an experiment's own.
#include <algorithm>

#include "sdk/core/evaluation/bucketing.h"
#include "sdk/core/evaluation/prerequisites.h"
#include "sdk/core/logic/run.h"

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

const SlotRange* FindRange(const std::vector<SlotRange>& ranges, std::uint32_t slot) noexcept {
  return FindRange(ranges.data(), ranges.size(), slot);
}

const SlotRange* FirstRange(const SlotRange* first, std::size_t count, std::uint32_t place) noexcept {
  const SlotRange* const end = first + count;
  const SlotRange* range =
      std::find_if(first, end, [place](const SlotRange& each) { return place >= each.begin && place < each.end; });
  return range == end ? nullptr : range;
}

class Walk {
 public:
  // Without a flag nothing is served: what is asked for is the variant.
  Walk(const Question& question, const ruleset::Flag* flag, const Prerequisites* asker, Trace* trace,
       Outcome* out) noexcept
      : rules_(question.rules),
        flag_(flag),
        context_(question.context),
        question_(question),
        trace_(trace),
        prerequisites_(question, out, flag, asker),
        targeting_(prerequisites_.targeting()),
        out_(*out) {}

  // What it cost.
  std::uint32_t Run(std::uint32_t at) {
    std::uint32_t steps = 0;
    for (; at != kNone; ++steps) at = Take(rules_.steps[at], at);
    out_.valid_until = targeting_.valid_until();
    out_.is_forced = out_.is_forced || prerequisites_.is_forced();
    return targeting_.visited() + steps;
  }

  // Where an experiment that is forced stands among the flag's rules, or their beginning.
  std::uint32_t FirstStep() const noexcept {
    const Forced* forced_all = question_.forced;
    if (forced_all == nullptr || forced_all->experiments.empty() || forced_all->is_in_place) return flag_->first_step;
    for (std::uint32_t at = flag_->first_step; rules_.steps[at].kind != StepKind::kDefault; ++at) {
      if (rules_.steps[at].kind != StepKind::kRunning) continue;
      const std::uint32_t* forced = question_.forced->FindExperiment(rules_.steps[at].object);
      if (forced != nullptr && *forced != Forced::kUnassigned) return at;
    }
    return flag_->first_step;
  }

 private:
  // The step that follows, or kNone when the decision is made.
  std::uint32_t Take(const Step& step, std::uint32_t at) {
    switch (step.kind) {
      case StepKind::kGate: return Gate(step, at);
      case StepKind::kRunning: return Running(step, at);
      case StepKind::kUnit: return Unit(step, at);
      case StepKind::kHold: return Hold(step, at);
      case StepKind::kEnrolled: return StickTo(step, at);
      case StepKind::kAudience: return Audience(step, at);
      case StepKind::kLayer: return Layer(step, at);
      case StepKind::kSplit: return Split(step);
      case StepKind::kKept: return Keep(step, at);
      case StepKind::kWinner: return Winner(step);
      case StepKind::kShip: return Ship(step);
      case StepKind::kRollout: return Rollout(step);
      case StepKind::kServe:
        if (step.part > 0) out_.variant = step.part - 1u;
        return Serve(step, Reason::kRule, rules_.values[step.index]);
      case StepKind::kDefault:
        Note(step, StepResult::kServed);
        out_.reason = flag_->rules.empty() ? Reason::kStatic : Reason::kDefault;
        ServeDefault();
        return kNone;
      case StepKind::kShare: return Share(step, at);
      case StepKind::kDraw: return Draw(step);
      case StepKind::kSelect: return Select(step, at);
      case StepKind::kNothing: return GiveUp(step, static_cast<Reason>(step.part), StepResult::kNothing);
    }
    return kNone;
  }

  std::uint32_t Gate(const Step& step, std::uint32_t at) {
    const Truth truth = targeting_.Evaluate(step.index);
    if (targeting_.is_over_budget()) return GiveUp(step, Reason::kBudget, StepResult::kOverBudget);
    if (prerequisites_.is_circular()) return GiveUp(step, Reason::kCircular, StepResult::kCircular);
    if (truth == Truth::kTrue) {
      Note(step, StepResult::kPassed);
      return at + 1;
    }
    return Pass(step, truth == Truth::kFalse ? StepResult::kConditionFalse : StepResult::kConditionUnknown);
  }

  // Also where an override of the experiment takes hold.
  std::uint32_t Running(const Step& step, std::uint32_t at) {
    const Experiment& experiment = rules_.experiments[step.object];
    audience_ = Exposure::kNoAudience;
    is_let_past_ = false;
    const std::uint32_t* forced = question_.forced == nullptr ? nullptr : question_.forced->FindExperiment(step.object);
    if (forced != nullptr) return TakeForced(step, *forced);
    if (experiment.status == ruleset::ExperimentStatus::kEnded) {
      if (experiment.ship.variant == kNone) return Pass(step, StepResult::kEnded);
      Note(step, StepResult::kShipping);
      return at + 1;
    }
    const bool is_paused = experiment.status == ruleset::ExperimentStatus::kPaused;
    const bool is_closed = is_paused || targeting_.HasCome(context_.expires_at());  // to whoever is not in it yet
    if (is_closed && context_.enrolled(experiment).variant == kNone) {
      return Pass(step, is_paused ? StepResult::kPaused : StepResult::kExpired);
    }
    if (!targeting_.HasCome(context_.When(experiment.starts_at))) return Pass(step, StepResult::kNotStarted);
    if (targeting_.HasCome(context_.When(experiment.ends_at))) return Pass(step, StepResult::kEnded);
    Note(step, is_closed ? StepResult::kStays : StepResult::kPassed);
    return at + 1;
  }

  std::uint32_t TakeForced(const Step& step, std::uint32_t variant) {
    out_.is_forced = true;
    if (question_.met_overrides != nullptr) question_.met_overrides->experiments.push_back(step.object);
    if (variant == Forced::kUnassigned) return Pass(step, StepResult::kForcedUnassigned);
    if (variant == Forced::kOff) {
      Note(step, StepResult::kForcedOff);
      out_.reason = Reason::kForced;
      out_.rule = step.rule;
      ServeDefault();
      return kNone;
    }
    Note(step, StepResult::kForced);
    ServeVariant(step, variant, Reason::kForced);
    Exposure exposure = NewExposure(step, variant);
    exposure.unit = UnitOf(exposure.unit, rules_.experiments[step.object].fallback);
    if (context_.unit(exposure.unit).state != UnitValue::State::kValid) return PassThrough(step, variant, kNone);
    return ExposeVariant(step, exposure);
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
    const bool* forced = question_.forced == nullptr ? nullptr : question_.forced->FindHoldout(step.object);
    if (forced != nullptr) return TakeForcedHoldout(step, at, *forced, slot);
    if (slot >= holdout.size) {
      const bool is_comparison = slot < 2 * holdout.size;
      if (is_comparison) ExposeHoldout(step.object, Exposure::kComparison, slot);
      Note(step, is_comparison ? StepResult::kComparisonGroup : StepResult::kNotHeldOut, slot);
      return at + 1;
    }
    ExposeHoldout(step.object, Exposure::kHeldOut, slot);
    Note(step, StepResult::kHeldOut, slot);
    out_.reason = Reason::kHoldout;
    out_.rule = step.rule;
    ServeDefault();
    return kNone;
  }

  // The unit is of neither group of it, so nothing is exposed.
  std::uint32_t TakeForcedHoldout(const Step& step, std::uint32_t at, bool is_held_out, std::uint32_t slot) {
    out_.is_forced = true;
    if (question_.met_overrides != nullptr) question_.met_overrides->holdouts.push_back(step.object);
    if (!is_held_out) {
      is_let_past_ = true;
      Note(step, StepResult::kForcedNotHeldOut, slot);
      return at + 1;
    }
    Note(step, StepResult::kForcedHeldOut, slot);
    out_.reason = Reason::kForced;
    out_.rule = step.rule;
    ServeDefault();
    return kNone;
  }

  std::uint32_t StickTo(const Step& step, std::uint32_t at) {
    const Experiment& experiment = rules_.experiments[step.object];
    const Enrolled& enrolled = context_.enrolled(experiment);
    if (enrolled.is_blocked) return Pass(step, StepResult::kBlocked);
    if (enrolled.variant == kNone) {
      Note(step, StepResult::kNotEnrolled);
      return at + 1;
    }
    Note(step, StepResult::kEnrolled);
    ServeVariant(step, enrolled.variant, Reason::kExperiment);
    Exposure exposure = NewExposure(step, enrolled.variant);
    exposure.is_sticky = true;
    exposure.unit = UnitOf(exposure.unit, experiment.fallback);
    if (enrolled.audience != kNone) exposure.audience = static_cast<std::uint8_t>(enrolled.audience);
    return ExposeVariant(step, exposure);
  }

  std::uint32_t Audience(const Step& step, std::uint32_t at) {
    const Truth truth = targeting_.Evaluate(step.index);
    if (targeting_.is_over_budget()) return GiveUp(step, Reason::kBudget, StepResult::kOverBudget);
    if (truth == Truth::kTrue) {
      audience_ = static_cast<std::uint8_t>(step.part);
      return Pass(step, StepResult::kPassed);
    }
    Note(step, truth == Truth::kFalse ? StepResult::kConditionFalse : StepResult::kConditionUnknown);
    return at + 1;
  }

  std::uint32_t Layer(const Step& step, std::uint32_t at) {
    const Experiment& experiment = rules_.experiments[step.object];
    const ruleset::Layer& layer = rules_.layers[experiment.layer];
    layer_slot_ = SlotFor(Purpose::kLayer, layer.salt, layer.unit);
    const bool is_in = FindRange(SharesOf(experiment).slots, layer_slot_) != nullptr;
    Note(step, is_in ? StepResult::kInLayer : StepResult::kNotInLayer, layer_slot_);
    return is_in ? at + 1 : step.otherwise;
  }

  std::uint32_t Split(const Step& step) {
    const Experiment& experiment = rules_.experiments[step.object];
    const std::uint32_t slot = SlotFor(Purpose::kSplit, experiment.salt, experiment.unit);
    const SlotRange* range = FindRange(SharesOf(experiment).split, slot);
    if (range == nullptr) return Pass(step, StepResult::kNotInSplit, slot);
    Note(step, StepResult::kServed, slot);
    ServeVariant(step, range->target, Reason::kExperiment);
    Exposure exposure = NewExposure(step, range->target);
    exposure.audience = audience_;
    exposure.layer_slot = static_cast<std::int32_t>(layer_slot_);
    exposure.slot = static_cast<std::int32_t>(slot);
    return ExposeVariant(step, exposure);
  }

  // The first that the context has; else the first one.
  std::uint16_t UnitOf(std::uint16_t unit, std::uint16_t fallback) const noexcept {
    const bool falls_back =
        fallback != ruleset::Bucket::kNoUnit && context_.unit(unit).state == UnitValue::State::kMissing;
    return falls_back ? fallback : unit;
  }

  std::uint32_t Share(const Step& step, std::uint32_t at) {
    const ruleset::Bucket& bucket = rules_.buckets[step.index];
    const UnitValue& unit = context_.unit(UnitOf(UnitOf(bucket.unit, bucket.fallback), bucket.last));
    const bool is_counted = bucket.counts_without && unit.state == UnitValue::State::kMissing;
    if (unit.state != UnitValue::State::kValid && !is_counted) return PassWithout(step, unit);
    const std::uint32_t place = PlaceIn(bucket, unit.id);
    if (FirstRange(rules_.ranges.data() + step.first_range, step.range_count, place) == nullptr) {
      return Pass(step, StepResult::kNotInRollout, place);
    }
    Note(step, StepResult::kPassed, place);
    return at + 1;
  }

  std::uint32_t Draw(const Step& step) {
    const ruleset::Bucket& bucket = rules_.buckets[step.index];
    const std::uint16_t kind = UnitOf(bucket.unit, bucket.fallback);
    const UnitValue& unit = context_.unit(kind);
    if (unit.state != UnitValue::State::kValid) return PassWithout(step, unit);
    const std::uint32_t place = PlaceIn(bucket, unit.id);
    const std::vector<SlotRange>& split = SharesOf(rules_.experiments[step.object]).split;
    const SlotRange* range = FirstRange(split.data(), split.size(), place);
    if (range == nullptr) return Pass(step, StepResult::kNotInSplit, place);
    const bool passes = rules_.experiments[step.object].variants[range->target].passes_through;
    Note(step, passes ? StepResult::kPassedThrough : StepResult::kServed, place);
    ServeVariant(step, range->target, Reason::kExperiment);
    Exposure exposure = NewExposure(step, range->target);
    exposure.unit = kind;
    exposure.audience = audience_;
    exposure.slot = static_cast<std::int32_t>(place);
    return ExposeVariant(step, exposure);
  }

  std::uint32_t Select(const Step& step, std::uint32_t at) {
    const logic::Input input{&context_.context(), nullptr, flag_->key, question_.now};
    logic::Run run(rules_.programs[step.index], input);
    const logic::Term named = run.Result();
    targeting_.Spend(run.steps());
    if (run.is_over_budget()) return GiveUp(step, Reason::kBudget, StepResult::kOverBudget);
    if (run.asked_for_time())
      targeting_.LimitTo(std::chrono::floor<std::chrono::seconds>(question_.now) + std::chrono::seconds(1));
    using Kind = logic::Term::Kind;
    if (named.kind == Kind::kNull || named.kind == Kind::kUndefined) {
      Note(step, StepResult::kGaveNothing);
      return at + 1;
    }
    const std::string made = named.kind == Kind::kText ? std::string() : logic::TextOf(named);
    const std::string_view name = named.kind == Kind::kText ? named.text : std::string_view(made);
    for (std::uint32_t i = 0; i < flag_->variants.size(); ++i) {
      if (flag_->variants[i].name != name) continue;
      out_.variant = i;
      return Serve(step, Reason::kRule, rules_.values[flag_->variants[i].value]);
    }
    return GiveUp(step, Reason::kNoVariant, StepResult::kGaveNoVariant);
  }

  std::uint32_t PassWithout(const Step& step, const UnitValue& unit) {
    const bool is_missing = unit.state == UnitValue::State::kMissing;
    return Pass(step, is_missing ? StepResult::kNoUnit : StepResult::kInvalidUnit);
  }

  // A variant may leave the decision to the rules that follow.
  std::uint32_t PassThrough(const Step& step, std::uint32_t variant, std::uint32_t done) {
    if (!rules_.experiments[step.object].variants[variant].passes_through) return done;
    out_.value = nullptr;
    out_.experiment = out_.variant = out_.rule = kNone;
    return step.otherwise;
  }

  std::uint32_t Keep(const Step& step, std::uint32_t at) {
    const Experiment& experiment = rules_.experiments[step.object];
    if (context_.enrolled(experiment).variant == experiment.ship.variant) {
      return ServeWinner(step, StepResult::kEnrolled, kNone);
    }
    Note(step, StepResult::kNotEnrolled);
    return at + 1;
  }

  std::uint32_t Winner(const Step& step) {
    const Experiment& experiment = rules_.experiments[step.object];
    const std::uint32_t slot = SlotFor(Purpose::kSplit, experiment.salt, experiment.unit);
    const SlotRange* range = FindRange(SharesOf(experiment).split, slot);
    if (range == nullptr || range->target != experiment.ship.variant) return Pass(step, StepResult::kNotWinner, slot);
    return ServeWinner(step, StepResult::kServed, slot);
  }

  std::uint32_t Ship(const Step& step) {
    const Experiment& experiment = rules_.experiments[step.object];
    const std::uint32_t slot = SlotFor(Purpose::kShip, experiment.salt, experiment.unit);
    if (FindRange(experiment.ship.slots, slot) == nullptr) return Pass(step, StepResult::kNotInRollout, slot);
    return ServeWinner(step, StepResult::kServed, slot);
  }

  // Results are over, so nobody is exposed.
  std::uint32_t ServeWinner(const Step& step, StepResult result, std::uint32_t slot) {
    Note(step, result, slot);
    ServeVariant(step, rules_.experiments[step.object].ship.variant, Reason::kRollout);
    return kNone;
  }

  std::uint32_t Rollout(const Step& step) {
    const std::uint32_t slot = SlotFor(Purpose::kRollout, rules_.salts[step.salt], step.object);
    const SlotRange* range = FindRange(rules_.ranges.data() + step.first_range, step.range_count, slot);
    if (range == nullptr) return Pass(step, StepResult::kNotInRollout, slot);
    return Serve(step, Reason::kRollout, rules_.values[step.index + range->target], slot);
  }

  std::uint32_t Serve(const Step& step, Reason reason, const ruleset::FlagValue& value, std::uint32_t slot = kNone) {
    Note(step, StepResult::kServed, slot);
    out_.value = &value;
    out_.reason = reason;
    out_.rule = step.rule;
    return kNone;
  }

  void ServeDefault() {
    if (flag_ != nullptr) out_.value = &rules_.values[flag_->default_value];
  }

  void ServeVariant(const Step& step, std::uint32_t variant, Reason reason) {
    out_.reason = reason;
    out_.rule = step.rule;
    out_.experiment = step.object;
    out_.variant = variant;
    if (flag_ == nullptr) return;
    const Experiment& experiment = rules_.experiments[step.object];
    const auto flag = std::lower_bound(experiment.flags.begin(), experiment.flags.end(), rules_.IndexOf(*flag_));
    const auto position = static_cast<std::size_t>(flag - experiment.flags.begin());
    out_.value = &rules_.values[experiment.variants[variant].values[position]];
  }

  // Forced, too, where an override let the unit come as far.
  Exposure NewExposure(const Step& step, std::uint32_t variant) const noexcept {
    Exposure exposure;
    exposure.is_forced = out_.reason == Reason::kForced || is_let_past_ || prerequisites_.is_forced();
    exposure.object = step.object;
    exposure.unit = rules_.experiments[step.object].unit;
    exposure.variant = variant;
    return exposure;
  }

  std::uint32_t ExposeVariant(const Step& step, const Exposure& exposure) {
    if (AddExposure(exposure, &out_)) return PassThrough(step, exposure.variant, kNone);
    out_.value = nullptr;
    out_.experiment = out_.variant = kNone;
    return GiveUp(step, Reason::kBudget, StepResult::kOverBudget);
  }

  void ExposeHoldout(std::uint16_t holdout, std::uint32_t side, std::uint32_t slot) {
    Exposure exposure;
    exposure.is_holdout = true;
    exposure.object = holdout;
    exposure.unit = rules_.holdouts[holdout].unit;
    exposure.variant = side;
    exposure.slot = static_cast<std::int32_t>(slot);
    AddExposure(exposure, &out_);
  }

  std::uint32_t GiveUp(const Step& step, Reason reason, StepResult result) {
    Note(step, result);
    out_.reason = reason;
    out_.rule = step.rule;
    if (reason == Reason::kBudget) out_.exposure_count = 0;  // of what was met until then: no matter how far that was
    return kNone;
  }

  std::uint32_t Pass(const Step& step, StepResult result, std::uint32_t slot = kNone) {
    Note(step, result, slot);
    return step.otherwise;
  }

  struct Shares {
    const std::vector<SlotRange>& slots;
    const std::vector<SlotRange>& split;
  };
  Shares SharesOf(const Experiment& experiment) const noexcept {
    if (audience_ == Exposure::kNoAudience) return {experiment.slots, experiment.split};
    const ruleset::Audience& audience = experiment.audiences[audience_];
    return {audience.slots, audience.split};
  }

  std::uint32_t SlotFor(Purpose purpose, std::string_view salt, std::uint32_t unit) const noexcept {
    return Slot(static_cast<char>(purpose), salt, context_.unit(unit).id);
  }

  void Note(const Step& step, StepResult result, std::uint32_t slot = kNone) {
    if (trace_ != nullptr) trace_->push_back({&step, result, slot == kNone ? -1 : static_cast<std::int32_t>(slot)});
  }

  const ruleset::Ruleset& rules_;
  const ruleset::Flag* flag_;
  const PreparedContext& context_;
  const Question& question_;
  Trace* trace_;
  Prerequisites prerequisites_;
  Targeting& targeting_;
  Outcome& out_;
  std::uint32_t layer_slot_ = 0;
  std::uint8_t audience_ = Exposure::kNoAudience;  // of the experiment whose steps are taken
  bool is_let_past_ = false;                       // by an override, one of its holdouts
};

}  // namespace

std::uint32_t WalkFlag(const Question& question, const ruleset::Flag& flag, const Prerequisites* asker, Trace* trace,
                       Outcome* out) {
  Walk walk(question, &flag, asker, trace, out);
  return walk.Run(walk.FirstStep());
}

std::uint32_t DecideVariant(const Question& question, const Experiment& experiment, const Prerequisites* asker,
                            Trace* trace, Outcome* out) {
  return Walk(question, nullptr, asker, trace, out).Run(experiment.first_step);
}

}  // namespace guidon::evaluation
