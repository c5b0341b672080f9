// Experiments and holdouts: units by arm, and what they did after.
//
// Audiences that share their units out in other ways are never thrown together: a variant that gets most of an audience
// that converts anyway would look good for that alone (Simpson's paradox). Each is compared within itself, and the
// differences are put together.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "samples/collector/comparison.h"
#include "samples/collector/database.h"
#include "samples/collector/unit_counts.h"
#include "samples/collector/versions.h"

namespace guidon::collector {

// Exposures against what the salts say, and those that an enrollment served against the unit's first.
struct AssignmentCheck {
  std::uint64_t exposures = 0;   // that no override made, with those refused
  std::uint64_t mismatched = 0;  // of those, refused: the salts say otherwise
  std::uint64_t sticky = 0;      // served by an enrollment
  std::uint64_t unbacked = 0;    // of those, of a variant that nobody saw the unit enter
  std::uint64_t unbacked_units = 0;

  double wrong_share() const;
  bool is_alarming() const;  // more is wrong than a stray client explains
};

struct AudienceResult : Comparison {
  std::string name;  // empty: of the units in no audience
};

// With audiences its arms are the sums over them, their weights what the audiences' own come to for so many units of
// each, and its goals have differences only.
struct ExperimentResult : Comparison, LeftOut {
  std::string key;
  std::int64_t iteration = 0;
  std::string status;
  std::string unit;
  std::string kpi;          // the one it is to move; empty when the datafile names none
  bool is_current = false;  // in the newest version of the datafile
  PublishedShip ship;
  AssignmentCheck assignments;
  std::vector<AudienceResult> audiences;  // by that of a unit's first exposure; none when the datafile names none
  std::uint64_t moved_units = 0;          // of those analysed, also seen in another audience
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
// alone; over audiences the difference alone.
std::string VerdictSentence(const Comparison& comparison, const GoalResult& goal, std::size_t arm);

}  // namespace guidon::collector
