// The numbers of the results page, computed from the store. page.cpp and results_json.cpp show the same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "guidon/status.h"
#include "samples/collector/database.h"
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
  std::vector<GoalArm> arms;  // in the order of ExperimentResult::arms
};

struct ExperimentResult {
  std::string key;
  std::int64_t iteration = 0;
  std::string status;
  std::string unit;
  bool is_current = false;  // in the newest version of the datafile
  std::vector<ArmResult> arms;
  std::uint64_t units = 0;          // analysed
  std::uint64_t forced_units = 0;   // left out: ever forced
  std::uint64_t two_arm_units = 0;  // left out: never forced, met more than one arm
  Split split = Split::kTooFew;
  double split_p = 1;
  std::vector<GoalResult> goals;
};

struct HoldoutResult {
  std::string key;
  std::string unit;
  std::uint64_t held_out = 0;
  std::uint64_t comparison = 0;
  std::uint64_t left_out = 0;  // forced, or in both groups
};

struct Counted {
  std::string name;
  std::uint64_t n = 0;
};

struct Gap {
  std::string installation;
  std::uint64_t arrived = 0;
  std::uint64_t missing = 0;  // sequence numbers below the highest that arrived
};

struct Results {
  std::int64_t generated_ms = 0;
  std::string project;
  std::string environment;
  std::int64_t epoch = 0;
  std::int64_t version = 0;
  std::uint64_t events = 0;
  std::uint64_t installations = 0;
  std::uint64_t duplicates = 0;
  std::optional<std::int64_t> last_event_ms;
  std::vector<ExperimentResult> experiments;
  std::vector<HoldoutResult> holdouts;
  std::vector<Counted> events_by_name;  // the 50 most frequent
  std::vector<Counted> quarantined;     // by reason
  std::vector<Counted> losses;          // as reported by clients, by cause
  std::uint64_t missing = 0;            // over all installations
  std::uint64_t installations_with_gaps = 0;
  std::vector<Gap> gaps;  // the 20 largest
};

// Reads everything from one state of the database.
Result<Results> ComputeResults(Database* database, std::int64_t now_ms);

std::string ResultsJson(const Results& results);

const char* SplitName(Split split);
const char* VerdictName(Verdict verdict);
std::uint64_t Sum(const std::vector<Counted>& counts);

// The sentence for people: "labelled: 31.2 % vs 25.1 %: +6.1 points (95 %: +3.2 to +9.0)". For the first arm its rate
// alone.
std::string VerdictSentence(const ExperimentResult& experiment, const GoalResult& goal, std::size_t arm);

}  // namespace guidon::collector
