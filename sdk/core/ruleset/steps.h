// A flag as the device evaluates it: a list of steps, walked from the first to the one that decides. The loader lays
// down the order; the evaluator knows no other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace guidon::ruleset {

// A unit's place in a layer, a split or a rollout is one of 0 to kSlots - 1. Part of the datafile format.
inline constexpr std::uint32_t kSlots = 1'000'000;

// Of a salt.
inline constexpr std::size_t kSaltBytes = 64;

enum class StepKind : std::uint8_t {
  kGate,      // the condition is true, or go to `otherwise`
  kRunning,   // the experiment's status and dates let units in, or go to `otherwise`
  kUnit,      // the context has that unit's id, or the decision ends with the fallback
  kHold,      // the unit is not held out by the holdout, or the decision ends with the default
  kEnrolled,  // the variant that the unit is enrolled in serves; none: the next step
  kAudience,  // the condition is true, so that audience's shares count: go to `otherwise`; not true: the next step
  kLayer,     // the unit's layer slot is the experiment's, or go to `otherwise`
  kSplit,     // the variant by the split slot serves; none: go to `otherwise`
  kKept,      // of an experiment that ships: a unit enrolled in the winner is served it; else the next step
  kWinner,    // the variant by the split slot is the winner, and serves; or go to `otherwise`
  kShip,      // the winner serves who has one of the rollout slots it is shipped to; or go to `otherwise`
  kRollout,   // the range that has the rollout slot serves; none: go to `otherwise`
  kServe,     // serves
  kDefault,   // serves the flag's default
  // Of formats that hash units in ways of their own.
  kShare,    // the unit's place in a bucket is in one of the ranges, or go to `otherwise`, as without a unit
  kDraw,     // the variant that has the unit's place in a bucket serves; none: go to `otherwise`, as without a unit
  kSelect,   // the variant that a program names serves; nothing: the next step
  kNothing,  // ends the decision without a value, with the reason in `part`
};

struct Step {
  StepKind kind = StepKind::kDefault;
  std::uint16_t rule = 0;  // of the flag's rules
  std::uint16_t object =
      0;  // the experiment, holdout or unit kind. kGate: 1 + the experiment whose targeting it is, or 0
  std::uint16_t part = 0;       // kAudience: of the experiment's audiences. kServe: 1 + the named value of the flag
                                // that it is, or 0
  std::uint32_t otherwise = 0;  // of Ruleset::steps; kNone of an experiment's own: the unit is in no variant
  std::uint32_t index = 0;  // kGate, kAudience: of Ruleset::nodes. kServe, kSplit, kRollout: of Ruleset::values, the
                            // first one. kShare, kDraw: of Ruleset::buckets. kSelect: of Ruleset::programs
  std::uint32_t salt = 0;   // kRollout: of Ruleset::salts
  std::uint32_t first_range = 0;  // kRollout, kShare: of Ruleset::ranges
  std::uint32_t range_count = 0;
};

// How a format of its own hashes a unit to a place: of `before`, the unit's id and `after`, one behind the other.
struct Bucket {
  enum class Hash : std::uint8_t {
    kFnv1a,       // hash/fnv1a.h
    kFnv1aTwice,  // of the decimal text of the first one
    kMurmur3,     // hash/murmur3.h
  };
  static constexpr std::uint16_t kNoUnit = UINT16_MAX;
  std::uint16_t unit = 0;            // of Ruleset::unit_kinds
  std::uint16_t fallback = kNoUnit;  // likewise, where the context lacks the first
  std::uint16_t last = kNoUnit;      // likewise, where it lacks that, too
  bool counts_without = false;       // a context that lacks all of them has the empty id
  Hash hash = Hash::kFnv1a;
  std::uint32_t seed = 0;    // of kMurmur3
  std::uint32_t places = 1;  // the hash modulo this
  std::string before;
  std::string after;
};

// Half-open. Sorted and disjoint within one split; of kShare and kDraw in any order, where the first one counts.
struct SlotRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t target = 0;  // variant of a split, part of a rollout
};

}  // namespace guidon::ruleset
