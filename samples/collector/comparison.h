// Arms of units side by side: is the split what it should be, and do the arms differ in a goal?
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "samples/collector/datafile_reader.h"
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
  // Of guardrails, which have no other but these and the two above.
  kHolds,   // not significantly worse so far
  kBroken,  // significantly worse
};

struct GoalArm {
  std::uint64_t units = 0;
  std::uint64_t converted = 0;
  double rate = 0;
  Interval rate_interval;
  // To the first arm; none for that arm itself, or when either arm has no units.
  std::optional<double> difference;
  Interval difference_interval;
  double confidence = 0.95;  // of that interval
  Verdict verdict = Verdict::kControl;
};

// A goal, or a guardrail, which is measured likewise.
struct GoalResult {
  std::string event;
  std::string within;
  Guard guard = Guard::kNone;
  bool is_stratified = false;    // over audiences: arms have no rates, only differences
  std::vector<GoalArm> arms;     // in the order of the arms that are compared
  std::uint64_t open_units = 0;  // whose window had not ended at the last event; counted like all others

  bool is_guardrail() const { return guard != Guard::kNone; }
  // "shared", or "no less app_open".
  std::string Title() const;
};

// What is compared with what: units in arms, and what they did.
struct Comparison {
  std::vector<ArmResult> arms;  // the first is what the others are compared with
  std::uint64_t units = 0;      // of all arms
  Split split = Split::kTooFew;
  ChiSquare split_chi_square;
  std::vector<GoalResult> goals;  // and behind them the guardrails

  // The arm of that name. One that an earlier version of the datafile had and the newest has not becomes one of
  // weight 0.
  ArmResult& ArmOf(std::string_view variant);
};

void CheckSplit(Comparison* comparison);

// The split of all strata: their chi-squares and degrees add up, of those that have enough units to be judged.
void CheckSplit(const std::vector<const Comparison*>& strata, Comparison* all);

// From `converted` of each arm all the rest of it.
void CompareArms(const Comparison& comparison, GoalResult* goal);

// The same goal over all strata, which have the same arms in the same order as `all`: each is compared within itself,
// and rates of all units together are none of the results.
void CompareStrata(const std::vector<const Comparison*>& strata, std::size_t goal_index, const Comparison& all,
                   GoalResult* goal);

const char* SplitName(Split split);
const char* VerdictName(Verdict verdict);

// "; no clear difference yet" and the like; empty when the verdict needs no words.
const char* VerdictReservation(Verdict verdict);

// "holds so far", "broken" and "too few to say": a guardrail's verdict.
const char* GuardWords(Verdict verdict);

// "+6.1 points (95 %: +3.2 to +9.0)".
std::string DifferenceText(const GoalArm& arm);

}  // namespace guidon::collector
