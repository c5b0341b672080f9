// Arms of units side by side: is the split what it should be, and do the arms differ in a goal?
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "samples/collector/statistics.h"

namespace guidon::collector {

struct ArmResult {
  std::string variant;
  double weight = 0;        // its share of the split, 0 to 1
  std::uint64_t units = 0;  // that are analysed
};

enum class Split {
  kTooFew,  // under 5 units expected in an arm
  kGood,
  kBroken,      // p < 0.001
  kZeroWeight,  // units in an arm that should have none
};

enum class Verdict {
  kControl,  // the arm that others are compared with
  kHigher,
  kLower,
  kNotClear,  // the interval holds 0
  kTooFew,    // an arm has under 10 conversions
  kSplitBroken,
};

struct GoalArm {
  std::uint64_t units = 0;
  std::uint64_t converted = 0;
  double rate = 0;
  Interval rate_interval;
  // To the first arm; none for that arm itself, or when either arm has no units.
  std::optional<double> difference;
  Interval difference_interval;
  Verdict verdict = Verdict::kControl;
};

struct GoalResult {
  std::string event;
  std::string within;
  std::vector<GoalArm> arms;     // in the order of the arms that are compared
  std::uint64_t open_units = 0;  // whose window had not ended at the last event; counted like all others
};

struct SplitCheck {
  Split state = Split::kTooFew;
  double p = 1;
};
SplitCheck CheckSplit(const std::vector<ArmResult>& arms);

// From `converted` of each arm all the rest of it. The first arm is what the others are compared with.
void CompareArms(const std::vector<ArmResult>& arms, Split split, GoalResult* goal);

const char* SplitName(Split split);
const char* VerdictName(Verdict verdict);

// "; no clear difference yet" and the like; empty when the verdict needs no words.
const char* VerdictReservation(Verdict verdict);

// "+6.1 points (95 %: +3.2 to +9.0)".
std::string DifferenceText(const GoalArm& arm);

}  // namespace guidon::collector
