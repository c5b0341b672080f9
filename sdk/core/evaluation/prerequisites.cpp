#include "sdk/core/evaluation/prerequisites.h"

#include <algorithm>

namespace guidon::evaluation {

// Beyond the depth it is as if the budget had been used up: a decision that was not followed to its end is none.
bool Prerequisites::MayAsk() noexcept {
  if (depth_ >= kPrerequisiteDepth) targeting_.Spend(kStepBudget + 1);
  return !targeting_.is_over_budget();
}

bool Prerequisites::IsBeingDecided(const ruleset::Flag& flag) const noexcept {
  for (const Prerequisites* each = this; each != nullptr; each = each->asker_) {
    if (each->flag_ == &flag) return true;
  }
  return false;
}

void Prerequisites::Take(const Outcome& outcome, std::uint32_t cost) noexcept {
  // A sum that stays far from the end of its type: each cost is a few budgets at most.
  targeting_.Spend(std::min(cost, 2 * kStepBudget));
  targeting_.LimitTo(outcome.valid_until);
  is_forced_ = is_forced_ || outcome.is_forced;
  is_circular_ = is_circular_ || outcome.reason == Reason::kCircular;
  for (std::uint32_t i = 0; met_ != nullptr && i < outcome.exposure_count; ++i) {
    // What cannot be told must not have a say: no decision rather than one whose exposures are lost.
    if (!AddExposure(outcome.exposures[i], met_)) targeting_.Spend(kStepBudget + 1);
  }
}

const ruleset::FlagValue* Prerequisites::FlagOf(std::uint32_t index) noexcept {
  if (!MayAsk()) return nullptr;
  const ruleset::Flag& flag = question_.rules.flags[index];
  if (IsBeingDecided(flag)) {
    is_circular_ = true;
    return nullptr;
  }
  Memo* memo = question_.memo;
  if (memo == nullptr) {
    Outcome outcome;
    const std::uint32_t cost = DecideFlag(question_, flag, this, nullptr, &outcome);
    Take(outcome, cost);
    return outcome.value;  // of the ruleset or of the overrides
  }
  Outcome& outcome = (*memo->outcomes)[index];
  if (memo->costs[index] == Memo::kNotDecided) {
    memo->costs[index] = DecideFlag(question_, flag, this, nullptr, &outcome);
  }
  Take(outcome, memo->costs[index]);
  return outcome.value;
}

Decider::Met Prerequisites::VariantOf(std::uint32_t index) noexcept {
  if (!MayAsk()) return {};
  const ruleset::Experiment& experiment = question_.rules.experiments[index];
  if (!experiment.is_valid || experiment.first_step == ruleset::kNone) return {};
  Outcome outcome;
  const std::uint32_t cost = DecideVariant(question_, experiment, this, nullptr, &outcome);
  Take(outcome, cost);
  const bool is_unknown =
      outcome.reason == Reason::kNoUnit || outcome.reason == Reason::kInvalidUnit || outcome.reason == Reason::kBudget;
  if (is_unknown) return {};
  return {true, outcome.variant};
}

bool AddExposure(const Exposure& exposure, Outcome* out) noexcept {
  Exposure* const first = out->exposures.data();
  Exposure* const end = first + out->exposure_count;
  for (const Exposure* known = first; known != end; ++known) {
    if (known->is_holdout == exposure.is_holdout && known->object == exposure.object) return true;
  }
  if (out->exposure_count < out->exposures.size()) {
    *end = exposure;
    ++out->exposure_count;
    return true;
  }
  if (exposure.is_holdout) return true;  // the first ones count
  for (Exposure* last = end; last != first;) {
    if (!(--last)->is_holdout) continue;
    std::move(last + 1, end, last);
    *(end - 1) = exposure;
    return true;
  }
  return false;
}

}  // namespace guidon::evaluation
