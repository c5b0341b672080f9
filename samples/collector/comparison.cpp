#include "samples/collector/comparison.h"

#include <algorithm>

#include "samples/collector/format.h"

namespace guidon::collector {
namespace {

constexpr double kBrokenSplit = 0.001;
constexpr double kLeastExpected = 5;
constexpr std::uint64_t kLeastConversions = 10;

bool IsBad(Split split) { return split == Split::kBroken || split == Split::kZeroWeight; }

Verdict Judge(const GoalArm& control, const GoalArm& arm, Split split) {
  if (IsBad(split)) return Verdict::kSplitBroken;
  if (!arm.difference || arm.converted < kLeastConversions || control.converted < kLeastConversions) {
    return Verdict::kTooFew;
  }
  if (arm.difference_interval.lower > 0) return Verdict::kHigher;
  return arm.difference_interval.upper < 0 ? Verdict::kLower : Verdict::kNotClear;
}

}  // namespace

SplitCheck CheckSplit(const std::vector<ArmResult>& arms) {
  std::vector<std::uint64_t> units;
  std::vector<double> weights;
  std::uint64_t weighted_units = 0;
  double least = 1;
  bool has_units_without_weight = false;
  for (const ArmResult& arm : arms) {
    units.push_back(arm.units);
    weights.push_back(arm.weight);
    if (arm.weight > 0) {
      weighted_units += arm.units;
      least = std::min(least, arm.weight);
    } else {
      has_units_without_weight |= arm.units > 0;
    }
  }
  SplitCheck check;
  check.p = SplitPValue(units, weights);
  if (has_units_without_weight) {
    check.state = Split::kZeroWeight;
  } else if (static_cast<double>(weighted_units) * least >= kLeastExpected) {
    check.state = check.p < kBrokenSplit ? Split::kBroken : Split::kGood;
  }
  return check;
}

void CompareArms(const std::vector<ArmResult>& arms, Split split, GoalResult* goal) {
  goal->arms.resize(arms.size());
  for (std::size_t i = 0; i < arms.size(); ++i) {
    GoalArm& arm = goal->arms[i];
    arm.units = arms[i].units;
    arm.rate = arm.units > 0 ? static_cast<double>(arm.converted) / static_cast<double>(arm.units) : 0;
    arm.rate_interval = WilsonInterval(arm.converted, arm.units);
    if (i == 0) continue;
    const GoalArm& control = goal->arms[0];
    if (arm.units > 0 && control.units > 0) {
      arm.difference = arm.rate - control.rate;
      arm.difference_interval = NewcombeInterval(arm.converted, arm.units, control.converted, control.units);
    }
    arm.verdict = Judge(control, arm, split);
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
  }
  return "";
}

std::string DifferenceText(const GoalArm& arm) {
  const int decimals = DecimalsFor(arm.difference_interval);
  return Points(arm.difference.value_or(0), decimals) +
         " points (95 %: " + Points(arm.difference_interval.lower, decimals) + " to " +
         Points(arm.difference_interval.upper, decimals) + ")";
}

}  // namespace guidon::collector
