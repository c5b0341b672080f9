// Experiments and holdouts: units by arm, and what they did after.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "samples/collector/comparison.h"
#include "samples/collector/database.h"
#include "samples/collector/unit_counts.h"
#include "samples/collector/versions.h"

namespace guidon::collector {

struct ExperimentResult : UnitCounts {
  std::string key;
  std::int64_t iteration = 0;
  std::string status;
  std::string unit;
  std::string kpi;          // the one it is to move; empty when the datafile names none
  bool is_current = false;  // in the newest version of the datafile
  std::vector<ArmResult> arms;
  Split split = Split::kTooFew;
  double split_p = 1;
  std::vector<GoalResult> goals;
};

struct HoldoutResult {
  std::string key;
  std::string unit;
  std::uint64_t held_out = 0;
  std::uint64_t comparison = 0;
  std::uint64_t both = 0;          // never forced, in both groups: left out
  std::uint64_t forced_units = 0;  // left out: ever forced, in whatever
};

// Those of the newest datafile first.
std::vector<ExperimentResult> ComputeExperiments(Database* database, Versions* versions);
std::vector<HoldoutResult> ComputeHoldouts(Database* database, const Published& newest);

// The sentence for people: "labelled: 31.2 % vs 25.1 %: +6.1 points (95 %: +3.2 to +9.0)". For the first arm its rate
// alone.
std::string VerdictSentence(const ExperimentResult& experiment, const GoalResult& goal, std::size_t arm);

}  // namespace guidon::collector
