#include "sdk/core/evaluation/explain.h"

#include <algorithm>
#include <set>

#include "sdk/core/base/text.h"
#include "sdk/core/evaluation/condition_text.h"
#include "sdk/core/evaluation/prerequisites.h"
#include "sdk/core/expression/spelling.h"

namespace guidon::evaluation {
namespace {

using ruleset::Experiment;
using ruleset::kNone;
using ruleset::Ruleset;
using ruleset::SlotRange;
using ruleset::Step;
using ruleset::StepKind;

void AddRanges(const SlotRange* first, std::size_t count, ExplainedStep* out) {
  out->range_count = count;
  out->ranges.assign(first, first + std::min(count, kExplainedRanges));
  if (out->slot < 0) return;
  const auto slot = static_cast<std::uint32_t>(out->slot);
  const auto range =
      std::find_if(first, first + count, [&](const SlotRange& each) { return each.begin <= slot && slot < each.end; });
  if (range != first + count) out->range = *range;
}

void AddRanges(const std::vector<SlotRange>& ranges, ExplainedStep* out) {
  AddRanges(ranges.data(), ranges.size(), out);
}

// Without the zone, which is the device's.
std::string ReadingText(const ruleset::Moment& moment) {
  if (!moment.is_local()) return {};
  std::string text = text::FormatTimestamp(moment.at);
  text.pop_back();
  return text;
}

std::string VariantText(const Experiment& experiment, std::uint32_t variant) {
  if (variant == Forced::kOff) return "off";
  if (variant == Forced::kUnassigned) return "unassigned";
  return experiment.variants[variant].name;
}

ExplainedResult Result(const Ruleset& rules, const ruleset::Flag& flag, const Outcome& outcome) {
  ExplainedResult result;
  result.reason = outcome.reason;
  if (outcome.value != nullptr) result.value = *outcome.value;
  result.variant = std::string(VariantName(rules, flag, outcome));
  if (outcome.experiment != kNone) {
    result.experiment = rules.experiments[outcome.experiment].key;
    result.iteration = rules.experiments[outcome.experiment].iteration;
  }
  if (outcome.rule != kNone) result.rule = flag.rules[outcome.rule].id;
  return result;
}

// Turns the trace of one decision into rules with steps.
class Explainer {
 public:
  Explainer(const Ruleset& rules, const ruleset::Flag& flag, const Context& context, const PreparedContext& prepared,
            Timestamp now, const Forced* forced)
      : rules_(rules),
        flag_(flag),
        prepared_(prepared),
        forced_(forced),
        conditions_(rules, context, prepared, now, {}, forced) {}

  void AddRules(const Trace& trace, const Outcome& outcome, Explanation* out) {
    if (!flag_.is_valid) return;  // its rules may be half-read
    for (const ruleset::Rule& rule : flag_.rules) {
      ExplainedRule explained;
      explained.id = rule.id;
      if (rule.experiment != kNone) explained.experiment = rules_.experiments[rule.experiment].key;
      out->rules.push_back(std::move(explained));
    }
    for (const TraceStep& step : trace) {
      if (step.step->kind == StepKind::kDefault) continue;  // of no rule
      ExplainedRule& rule = out->rules[step.step->rule];
      rule.outcome =
          step.step->rule == outcome.rule ? ExplainedRule::Outcome::kDecided : ExplainedRule::Outcome::kPassedOver;
      rule.steps.push_back(Explain(step, outcome));
    }
  }

  void AddExposures(const Outcome& outcome, Explanation* out) const {
    for (std::uint32_t i = 0; i < outcome.exposure_count; ++i) {
      const Exposure& exposure = outcome.exposures[i];
      ExplainedExposure explained;
      explained.is_holdout = exposure.is_holdout;
      explained.is_forced = exposure.is_forced;
      if (exposure.is_holdout) {
        explained.key = rules_.holdouts[exposure.object].key;
        explained.variant = exposure.variant == Exposure::kHeldOut ? "held_out" : "comparison";
      } else {
        const Experiment& experiment = rules_.experiments[exposure.object];
        explained.key = experiment.key;
        explained.iteration = experiment.iteration;
        explained.variant = VariantText(experiment, exposure.variant);
        if (exposure.audience != Exposure::kNoAudience)
          explained.audience = experiment.audiences[exposure.audience].name;
      }
      explained.unit_kind = rules_.unit_kinds[exposure.unit];
      explained.unit_id = std::string(prepared_.unit(exposure.unit).id);
      explained.is_sticky = exposure.is_sticky;
      explained.layer_slot = exposure.layer_slot;
      explained.slot = exposure.slot;
      out->exposures.push_back(std::move(explained));
    }
  }

  void AddOverrides(const MetOverrides& met, Explanation* out) const {
    std::set<std::uint32_t> seen;
    for (const std::uint32_t flag : met.flags) {
      if (!seen.insert(flag).second) continue;
      out->overrides.push_back(
          {ExplainedOverride::Kind::kFlag, rules_.flags[flag].key, "", *forced_->FindFlag(flag), {}});
    }
    seen.clear();
    for (const std::uint32_t index : met.experiments) {
      if (!seen.insert(index).second) continue;
      const Experiment& experiment = rules_.experiments[index];
      out->overrides.push_back({ExplainedOverride::Kind::kExperiment,
                                experiment.key,
                                VariantText(experiment, *forced_->FindExperiment(index)),
                                {},
                                {}});
    }
    seen.clear();
    for (const std::uint32_t index : met.holdouts) {
      if (!seen.insert(index).second) continue;
      const char* to = *forced_->FindHoldout(index) ? "in" : "out";
      out->overrides.push_back({ExplainedOverride::Kind::kHoldout, rules_.holdouts[index].key, to, {}, {}});
    }
  }

 private:
  ExplainedStep Explain(const TraceStep& trace, const Outcome& outcome) {
    const Step& step = *trace.step;
    ExplainedStep out;
    out.kind = step.kind;
    out.result = trace.result;
    out.slot = trace.slot;
    switch (step.kind) {
      case StepKind::kGate:
        if (step.object > 0) out.object = rules_.experiments[step.object - 1u].key;
        if (trace.result != StepResult::kOverBudget) out.condition = conditions_.Explain(step.index);
        break;
      case StepKind::kRunning: ExplainRunning(step, &out); break;
      case StepKind::kUnit: AddUnit(step.object, &out); break;
      case StepKind::kHold: ExplainHold(rules_.holdouts[step.object], &out); break;
      case StepKind::kLayer: {
        const Experiment& experiment = rules_.experiments[step.object];
        out.object = rules_.layers[experiment.layer].key;
        AddUnit(experiment.unit, &out);
        if (audience_ != nullptr) out.audience = audience_->name;
        AddRanges(audience_ == nullptr ? experiment.slots : audience_->slots, &out);
        break;
      }
      case StepKind::kEnrolled:
      case StepKind::kKept: ExplainEnrollment(step, &out); break;
      case StepKind::kAudience: {
        const ruleset::Audience& audience = rules_.experiments[step.object].audiences[step.part];
        out.object = rules_.experiments[step.object].key;
        out.audience = audience.name;
        if (trace.result == StepResult::kPassed) audience_ = &audience;
        if (trace.result != StepResult::kOverBudget) out.condition = conditions_.Explain(step.index);
        break;
      }
      case StepKind::kSplit:
      case StepKind::kDraw:
      case StepKind::kWinner: {
        const Experiment& experiment = rules_.experiments[step.object];
        out.object = experiment.key;
        AddUnit(experiment.unit, &out);
        if (audience_ != nullptr) out.audience = audience_->name;
        AddRanges(audience_ == nullptr ? experiment.split : audience_->split, &out);
        if (out.range) out.variant = experiment.variants[out.range->target].name;
        break;
      }
      case StepKind::kShip: {
        const Experiment& experiment = rules_.experiments[step.object];
        out.object = experiment.key;
        AddUnit(experiment.unit, &out);
        AddRanges(experiment.ship.slots, &out);
        out.variant = experiment.variants[experiment.ship.variant].name;
        break;
      }
      case StepKind::kRollout:
        AddUnit(step.object, &out);
        AddRanges(rules_.ranges.data() + step.first_range, step.range_count, &out);
        break;
      case StepKind::kShare:
        AddUnit(rules_.buckets[step.index].unit, &out);
        AddRanges(rules_.ranges.data() + step.first_range, step.range_count, &out);
        break;
      case StepKind::kSelect:
        if (trace.result == StepResult::kServed) out.variant = std::string(VariantName(rules_, flag_, outcome));
        break;
      case StepKind::kServe:
      case StepKind::kNothing:
      case StepKind::kDefault: break;
    }
    const bool is_served = trace.result == StepResult::kServed || trace.result == StepResult::kEnrolled ||
                           trace.result == StepResult::kForced || trace.result == StepResult::kForcedOff ||
                           trace.result == StepResult::kForcedHeldOut;
    if (is_served && outcome.value != nullptr) out.value = *outcome.value;
    return out;
  }

  void ExplainRunning(const Step& step, ExplainedStep* out) {
    const Experiment& experiment = rules_.experiments[step.object];
    out->object = experiment.key;
    out->status = experiment.status;
    out->starts_at = prepared_.When(experiment.starts_at);
    out->ends_at = prepared_.When(experiment.ends_at);
    out->starts_local = ReadingText(experiment.starts_at);
    out->ends_local = ReadingText(experiment.ends_at);
    audience_ = nullptr;
    if (experiment.ship.variant != kNone) out->variant = experiment.variants[experiment.ship.variant].name;
    const std::uint32_t* variant = forced_ == nullptr ? nullptr : forced_->FindExperiment(step.object);
    if (variant != nullptr) out->variant = VariantText(experiment, *variant);
  }

  void ExplainEnrollment(const Step& step, ExplainedStep* out) const {
    const Experiment& experiment = rules_.experiments[step.object];
    const Enrolled& enrolled = prepared_.enrolled(experiment);
    out->object = experiment.key;
    AddUnit(experiment.unit, out);
    if (enrolled.variant != kNone) out->variant = experiment.variants[enrolled.variant].name;
    if (enrolled.audience != kNone) out->audience = experiment.audiences[enrolled.audience].name;
  }

  void ExplainHold(const ruleset::Holdout& holdout, ExplainedStep* out) const {
    out->object = holdout.key;
    AddUnit(holdout.unit, out);
    const SlotRange ranges[] = {{0, holdout.size, Exposure::kHeldOut},
                                {holdout.size, 2 * holdout.size, Exposure::kComparison}};
    AddRanges(ranges, 2, out);
  }

  void AddUnit(std::uint32_t unit, ExplainedStep* out) const {
    out->unit_kind = rules_.unit_kinds[unit];
    out->unit_id = std::string(prepared_.unit(unit).id);
  }

  const Ruleset& rules_;
  const ruleset::Flag& flag_;
  const PreparedContext& prepared_;
  const Forced* forced_;
  ConditionExplainer conditions_;
  const ruleset::Audience* audience_ = nullptr;  // whose shares count
};

}  // namespace

Explanation Explain(const Ruleset& rules, std::string_view flag_key, const Context& context,
                    const PreparedContext& prepared, Timestamp now, const Forced* forced, const Natural& natural) {
  Explanation out;
  out.flag = std::string(flag_key);
  out.datafile = rules.header;
  out.at = now;
  const ruleset::Flag* flag = rules.FindFlag(flag_key);
  if (flag == nullptr) {
    out.result.reason = Reason::kFlagNotFound;
    std::vector<std::string_view> keys;
    for (const ruleset::Flag& each : rules.flags) keys.push_back(each.key);
    out.suggestion = std::string(expression::Closest(flag_key, keys));
    return out;
  }
  if (flag->is_valid) out.type = flag->type;
  Trace trace;
  MetOverrides met;
  Outcome outcome;
  DecideFlag({rules, prepared, now, forced, nullptr, &met}, *flag, nullptr, &trace, &outcome);
  out.result = Result(rules, *flag, outcome);
  const bool is_context_forced = natural.prepared != nullptr && natural.prepared != &prepared;
  out.is_forced = outcome.is_forced || is_context_forced;
  out.valid_until = outcome.valid_until;
  if (out.is_forced) {
    Forced unforced;
    unforced.killed = forced->killed;
    const PreparedContext& by_nature = is_context_forced ? *natural.prepared : prepared;
    const Timestamp then = is_context_forced ? natural.now : now;
    out.natural = Result(rules, *flag, Evaluate(rules, *flag, by_nature, then, &unforced));
  }
  Explainer explainer(rules, *flag, context, prepared, now, forced);
  explainer.AddRules(trace, outcome, &out);
  explainer.AddExposures(outcome, &out);
  explainer.AddOverrides(met, &out);
  return out;
}

std::string_view OverrideKindName(ExplainedOverride::Kind kind) noexcept {
  switch (kind) {
    case ExplainedOverride::Kind::kFlag: return "flag";
    case ExplainedOverride::Kind::kExperiment: return "experiment";
    case ExplainedOverride::Kind::kHoldout: return "holdout";
    case ExplainedOverride::Kind::kAttribute: return "attribute";
    case ExplainedOverride::Kind::kClock: return "clock";
  }
  return "flag";
}

void HideValues(const std::vector<std::string>& attributes, ExplainedCondition* condition) {
  const bool is_private = std::find(attributes.begin(), attributes.end(), condition->attribute) != attributes.end();
  if (is_private && condition->seen) {
    condition->is_hidden = true;
    switch (condition->seen->type()) {
      case Value::Type::kNull: break;
      case Value::Type::kBool: condition->seen = Value(false); break;
      case Value::Type::kInt: condition->seen = Value(0); break;
      case Value::Type::kDouble: condition->seen = Value(0.0); break;
      case Value::Type::kString: condition->seen = Value(std::string()); break;
      case Value::Type::kList: condition->seen = Value(List()); break;
      case Value::Type::kObject: condition->seen = Value(Object()); break;
    }
  }
  for (ExplainedCondition& part : condition->of) HideValues(attributes, &part);
}

void HideValues(const std::vector<std::string>& attributes, Explanation* explanation) {
  if (attributes.empty()) return;
  for (ExplainedRule& rule : explanation->rules) {
    for (ExplainedStep& step : rule.steps) {
      if (step.condition) HideValues(attributes, &*step.condition);
    }
  }
}

}  // namespace guidon::evaluation
