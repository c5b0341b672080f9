#include "samples/collector/comparison.h"

#include <algorithm>

#include "samples/collector/format.h"

namespace guidon::collector {
namespace {

constexpr double kBrokenSplit = 0.001;
constexpr double kLeastExpected = 5;
constexpr std::uint64_t kLeastConversions = 10;

// A guardrail is tested on one side, at alpha .05: the bound of this interval on that side.
constexpr double kGuardConfidence = 0.9;

bool IsBad(Split split) { return split == Split::kBroken || split == Split::kZeroWeight; }

// What nearly nobody does in the control arm may be broken all the same, so ten of both arms are enough for that.
Verdict JudgeGuardrail(Guard guard, const GoalArm& control, const GoalArm& arm) {
  if (!arm.difference || arm.converted + control.converted < kLeastConversions) return Verdict::kTooFew;
  const Interval& interval = arm.difference_interval;
  if (guard == Guard::kNoMore ? interval.lower > 0 : interval.upper < 0) return Verdict::kBroken;
  return std::min(arm.converted, control.converted) < kLeastConversions ? Verdict::kTooFew : Verdict::kHolds;
}

Verdict Judge(Guard guard, const GoalArm& control, const GoalArm& arm, bool is_split_bad) {
  if (is_split_bad) return Verdict::kSplitBroken;
  if (guard != Guard::kNone) return JudgeGuardrail(guard, control, arm);
  if (!arm.difference || arm.converted < kLeastConversions || control.converted < kLeastConversions) {
    return Verdict::kTooFew;
  }
  if (arm.difference_interval.lower > 0) return Verdict::kHigher;
  return arm.difference_interval.upper < 0 ? Verdict::kLower : Verdict::kNotClear;
}

}  // namespace

std::string GoalResult::Title() const {
  return (guard == Guard::kNone ? "" : guard == Guard::kNoMore ? "no more " : "no less ") + event;
}

ArmResult& Comparison::ArmOf(std::string_view variant) {
  for (ArmResult& arm : arms) {
    if (arm.variant == variant) return arm;
  }
  arms.push_back({std::string(variant), 0, 0});
  return arms.back();
}

void CheckSplit(Comparison* comparison) {
  std::vector<std::uint64_t> units;
  std::vector<double> weights;
  std::uint64_t weighted_units = 0;
  double least = 1;
  bool has_units_without_weight = false;
  for (const ArmResult& arm : comparison->arms) {
    units.push_back(arm.units);
    weights.push_back(arm.weight);
    if (arm.weight > 0) {
      weighted_units += arm.units;
      least = std::min(least, arm.weight);
    } else {
      has_units_without_weight |= arm.units > 0;
    }
  }
  comparison->split_chi_square = SplitChiSquare(units, weights);
  comparison->split = Split::kTooFew;
  if (has_units_without_weight) {
    comparison->split = Split::kZeroWeight;
  } else if (static_cast<double>(weighted_units) * least >= kLeastExpected) {
    comparison->split = comparison->split_chi_square.P() < kBrokenSplit ? Split::kBroken : Split::kGood;
  }
}

void CheckSplit(const std::vector<const Comparison*>& strata, Comparison* all) {
  all->split = Split::kTooFew;
  all->split_chi_square = ChiSquare();
  bool has_units_without_weight = false;
  bool is_judged = false;
  for (const Comparison* stratum : strata) {
    has_units_without_weight |= stratum->split == Split::kZeroWeight;
    if (stratum->split != Split::kGood && stratum->split != Split::kBroken) continue;
    all->split_chi_square += stratum->split_chi_square;
    is_judged = true;
  }
  if (has_units_without_weight) {
    all->split = Split::kZeroWeight;
  } else if (is_judged) {
    all->split = all->split_chi_square.P() < kBrokenSplit ? Split::kBroken : Split::kGood;
  }
}

void CompareArms(const Comparison& comparison, GoalResult* goal) {
  const std::vector<ArmResult>& arms = comparison.arms;
  goal->arms.resize(arms.size());
  for (std::size_t i = 0; i < arms.size(); ++i) {
    GoalArm& arm = goal->arms[i];
    arm.units = arms[i].units;
    arm.rate = arm.units > 0 ? static_cast<double>(arm.converted) / static_cast<double>(arm.units) : 0;
    arm.rate_interval = WilsonInterval(arm.converted, arm.units);
    if (i == 0) continue;
    const GoalArm& control = goal->arms[0];
    if (goal->is_guardrail()) arm.confidence = kGuardConfidence;
    if (arm.units > 0 && control.units > 0) {
      arm.difference = arm.rate - control.rate;
      arm.difference_interval =
          NewcombeInterval(arm.converted, arm.units, control.converted, control.units, arm.confidence);
    }
    arm.verdict = Judge(goal->guard, control, arm, IsBad(comparison.split));
  }
}

void CompareStrata(const std::vector<const Comparison*>& strata, std::size_t goal_index, const Comparison& all,
                   GoalResult* goal) {
  goal->is_stratified = true;
  goal->arms.assign(all.arms.size(), GoalArm());
  // One stratum whose split is broken spoils the whole, also where the sum of all does not show it.
  bool is_split_bad = IsBad(all.split);
  for (const Comparison* stratum : strata) is_split_bad |= IsBad(stratum->split);
  for (std::size_t i = 0; i < all.arms.size(); ++i) {
    GoalArm& arm = goal->arms[i];
    GoalArm control;
    std::vector<Stratum> compared;
    for (const Comparison* stratum : strata) {
      const GoalArm& one = stratum->goals[goal_index].arms[i];
      const GoalArm& other = stratum->goals[goal_index].arms[0];
      arm.units += one.units;
      arm.converted += one.converted;
      control.converted += other.converted;
      compared.push_back({one.converted, one.units, other.converted, other.units});
    }
    if (i == 0) continue;
    if (goal->is_guardrail()) arm.confidence = kGuardConfidence;
    if (const std::optional<Difference> difference = MantelHaenszel(compared, arm.confidence)) {
      arm.difference = difference->value;
      arm.difference_interval = difference->interval;
    }
    arm.verdict = Judge(goal->guard, control, arm, is_split_bad);
  }
}

const char* SplitName(Split split) {
  switch (split) {
    case Split::kTooFew: return "too_few";
    case Split::kGood: return "good";
    case Split::kBroken: return "broken";
    case Split::kZeroWeight: return "zero_weight";
  }
  return "";
}

const char* VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kControl: return "control";
    case Verdict::kHigher: return "higher";
    case Verdict::kLower: return "lower";
    case Verdict::kNotClear: return "not_clear";
    case Verdict::kTooFew: return "too_few";
    case Verdict::kSplitBroken: return "split_broken";
    case Verdict::kHolds: return "holds";
    case Verdict::kBroken: return "broken";
  }
  return "";
}

const char* VerdictReservation(Verdict verdict) {
  switch (verdict) {
    case Verdict::kControl:
    case Verdict::kHigher:
    case Verdict::kLower: break;
    case Verdict::kNotClear: return "; no clear difference yet";
    case Verdict::kTooFew: return "; too few conversions to say";
    case Verdict::kSplitBroken: return "; no verdict, the split looks broken";
    case Verdict::kHolds: return "; holds so far";
    case Verdict::kBroken: return "; broken";
  }
  return "";
}

const char* GuardWords(Verdict verdict) {
  switch (verdict) {
    case Verdict::kHolds: return "holds so far";
    case Verdict::kBroken: return "broken";
    case Verdict::kSplitBroken: return "no verdict";
    default: return "too few to say";
  }
}

std::string DifferenceText(const GoalArm& arm) {
  const int decimals = DecimalsFor(arm.difference_interval);
  return Points(arm.difference.value_or(0), decimals) + " points (" + Percent(arm.confidence, 0) + ": " +
         Points(arm.difference_interval.lower, decimals) + " to " + Points(arm.difference_interval.upper, decimals) +
         ")";
}

}  // namespace guidon::collector
