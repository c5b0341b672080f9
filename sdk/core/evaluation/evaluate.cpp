#include "sdk/core/evaluation/evaluate.h"

#include <algorithm>

#include "sdk/core/evaluation/prerequisites.h"

namespace guidon::evaluation {
namespace {

template <class T>
const T* FindPair(const std::vector<std::pair<std::uint32_t, T>>& pairs, std::uint32_t key) noexcept {
  for (const auto& pair : pairs) {
    if (pair.first == key) return &pair.second;
  }
  return nullptr;
}

}  // namespace

const ruleset::FlagValue* Forced::FindFlag(std::uint32_t flag) const noexcept { return FindPair(flags, flag); }

const std::uint32_t* Forced::FindExperiment(std::uint32_t experiment) const noexcept {
  return FindPair(experiments, experiment);
}

const bool* Forced::FindHoldout(std::uint32_t holdout) const noexcept { return FindPair(holdouts, holdout); }

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
    case StepResult::kExpired: return "expired";
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
    case StepResult::kEnrolled: return "enrolled";
    case StepResult::kNotEnrolled: return "not_enrolled";
    case StepResult::kStays: return "stays";
    case StepResult::kShipping: return "shipping";
    case StepResult::kNotWinner: return "not_winner";
    case StepResult::kForcedOff: return "forced_off";
    case StepResult::kForcedUnassigned: return "forced_unassigned";
    case StepResult::kForcedHeldOut: return "forced_held_out";
    case StepResult::kForcedNotHeldOut: return "forced_not_held_out";
    case StepResult::kForced: return "forced";
    case StepResult::kServed: return "served";
    case StepResult::kOverBudget: return "over_budget";
    case StepResult::kBlocked: return "blocked";
    case StepResult::kPassedThrough: return "passed_through";
    case StepResult::kNothing: return "nothing";
    case StepResult::kCircular: return "circular";
    case StepResult::kGaveNothing: return "gave_nothing";
    case StepResult::kGaveNoVariant: return "gave_no_variant";
  }
  return "passed";
}

// What is decided without its rules.
bool DecideAtOnce(const Question& question, const ruleset::Flag& flag, Outcome* out) {
  const ruleset::Ruleset& rules = question.rules;
  const ruleset::FlagValue* killed = nullptr;
  if (question.forced != nullptr) {
    const std::uint32_t index = rules.IndexOf(flag);
    const ruleset::FlagValue* value = question.forced->FindFlag(index);
    if (value != nullptr) {
      if (question.met_overrides != nullptr) question.met_overrides->flags.push_back(index);
      out->value = value;
      out->reason = Reason::kForced;
      out->is_forced = true;
      return true;
    }
    killed = question.forced->FindKilled(index);
  }
  if (!flag.is_valid) {
    out->reason = Reason::kInvalidFlag;
    return true;
  }
  if (killed != nullptr || flag.is_killed) {
    out->value = killed != nullptr ? killed : &rules.values[flag.default_value];
    out->reason = Reason::kKilled;
    return true;
  }
  if (flag.ends_with_datafile && question.now >= question.context.expires_at()) {
    out->value = &rules.values[flag.default_value];
    out->reason = Reason::kExpired;
    return true;
  }
  return false;
}

std::uint32_t DecideFlag(const Question& question, const ruleset::Flag& flag, const Prerequisites* asker, Trace* trace,
                         Outcome* out) {
  if (DecideAtOnce(question, flag, out)) return 0;
  std::uint32_t cost = 1;
  if (flag.rules.empty() && trace == nullptr) {  // its one step
    out->value = &question.rules.values[flag.default_value];
    out->reason = Reason::kStatic;
  } else {
    cost = WalkFlag(question, flag, asker, trace, out);
  }
  if (flag.ends_with_datafile) out->valid_until = std::min(out->valid_until, question.context.expires_at());
  return cost;
}

Outcome Evaluate(const ruleset::Ruleset& rules, const ruleset::Flag& flag, const PreparedContext& context,
                 Timestamp now, const Forced* forced, Trace* trace) {
  Outcome out;
  DecideFlag({rules, context, now, forced}, flag, nullptr, trace, &out);
  return out;
}

std::vector<Outcome> EvaluateAll(const ruleset::Ruleset& rules, const PreparedContext& context, Timestamp now,
                                 const Forced* forced) {
  std::vector<Outcome> outcomes(rules.flags.size());
  Memo memo{&outcomes, std::vector<std::uint32_t>(rules.flags.size(), Memo::kNotDecided)};
  const Question question{rules, context, now, forced, &memo};
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (memo.costs[i] == Memo::kNotDecided) {
      memo.costs[i] = DecideFlag(question, rules.flags[i], nullptr, nullptr, &outcomes[i]);
    }
  }
  return outcomes;
}

std::string_view VariantName(const ruleset::Ruleset& rules, const ruleset::Flag& flag,
                             const Outcome& outcome) noexcept {
  if (outcome.value == nullptr) return "";
  if (outcome.experiment != ruleset::kNone) return rules.experiments[outcome.experiment].variants[outcome.variant].name;
  if (outcome.variant != ruleset::kNone) return flag.variants[outcome.variant].name;
  const bool is_default = outcome.reason == Reason::kStatic || outcome.reason == Reason::kDefault;
  if (is_default && flag.default_variant != ruleset::kNone) return flag.variants[flag.default_variant].name;
  switch (outcome.reason) {
    case Reason::kRule:
    case Reason::kRollout: return flag.rules[outcome.rule].id;
    case Reason::kForced:
      return outcome.rule == ruleset::kNone ? "" : "default";  // forced to a value, or its experiment off
    default: return "default";
  }
}

}  // namespace guidon::evaluation
