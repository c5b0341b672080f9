// What a ruleset does to a crowd: which share of it has which variant, whom experiments have in common, and whether
// each share is what the datafile says. Pure: people are made of numbers, and time is an argument.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sdk/core/ruleset/ruleset.h"
#include "sdk/tools/moves.h"

namespace guidon::tools {

struct VariantShare {
  std::string name;
  std::uint64_t people = 0;
  double expected = 0;  // of those in the experiment, by the splits of their audiences
  double variance = 0;

  // By how many standard deviations of chance there are more than expected; 0 where chance has no part in it.
  double sigmas() const;
};

struct ExperimentShares {
  std::string key;
  std::string layer;
  std::uint64_t people = 0;  // in it
  std::vector<VariantShare> variants;
};

struct ValueShare {
  std::string value;  // JSON; empty: the caller's fallback
  std::uint64_t people = 0;
};

struct FlagShares {
  std::string key;
  std::vector<ValueShare> values;  // that somebody gets; most people first
};

// Of two experiments that somebody is in.
struct Overlap {
  std::size_t a = 0;  // of Shares::experiments
  std::size_t b = 0;
  std::uint64_t people = 0;   // in both
  double by_chance = 0;       // did one not know of the other
  bool is_exclusive = false;  // of one layer: nobody may be in both
};

struct Shares {
  std::uint64_t people = 0;
  std::uint64_t decisions = 0;                // flags that were decided
  std::uint64_t held_out = 0;                 // of any holdout
  std::vector<ExperimentShares> experiments;  // valid ones, in the datafile's order
  std::vector<Overlap> overlaps;              // of at most kOverlapping experiments
  std::vector<FlagShares> flags;              // that do not give everybody the same
};

inline constexpr std::size_t kOverlapping = 100;
// A share that is further off is not chance: once in two million looks it is.
inline constexpr double kMostSigmas = 5;

// On as many threads as the machine has. `progress` is told now and then how many people are done, by one of them.
Shares CountShares(const ruleset::Ruleset& rules, const Crowd& crowd,
                   const std::function<void(std::uint64_t)>& progress = nullptr);

// A sentence for each share that is off.
std::vector<std::string> SharesOff(const Shares& shares);

}  // namespace guidon::tools
