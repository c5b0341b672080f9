// One flag decided: a pure function of (ruleset, context, overrides, time). Explaining is the same call with a trace.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "guidon/decision.h"
#include "guidon/limits.h"
#include "sdk/core/evaluation/prepared_context.h"
#include "sdk/core/evaluation/targeting.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::evaluation {

// What QA forces, in terms of one ruleset; an object is listed once. A forced flag comes before all else. A forced
// experiment comes before all rules of the flags it sets, also before those that stand above its own: the first of a
// flag's rules whose experiment is forced to a variant or off decides.
struct Forced {
  static constexpr std::uint32_t kOff = ruleset::kNone;             // its flags are their defaults
  static constexpr std::uint32_t kUnassigned = ruleset::kNone - 1;  // as if the unit were not in it
  std::vector<std::pair<std::uint32_t, ruleset::FlagValue>> flags;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> experiments;  // to a variant, kOff or kUnassigned
  std::vector<std::pair<std::uint32_t, bool>> holdouts;              // whether the unit is held out
  // Not by QA: what a newer datafile that is not in force yet kills, sorted by flag. After what QA forces, where the
  // flag's own kill switch is asked.
  std::vector<std::pair<std::uint32_t, ruleset::FlagValue>> killed;

  // Experiments are forced where a flag's rules come to them, and not before those above.
  bool is_in_place = false;

  const ruleset::FlagValue* FindFlag(std::uint32_t flag) const noexcept;
  // Null when the experiment is not forced.
  const std::uint32_t* FindExperiment(std::uint32_t experiment) const noexcept;
  const bool* FindHoldout(std::uint32_t holdout) const noexcept;  // likewise
  const ruleset::FlagValue* FindKilled(std::uint32_t flag) const noexcept;
};

// That the unit met a variant, or the side of a holdout; due when the value is used.
struct Exposure {
  static constexpr std::uint32_t kHeldOut = 0;
  static constexpr std::uint32_t kComparison = 1;
  static constexpr std::uint8_t kNoAudience = UINT8_MAX;
  bool is_holdout = false;
  bool is_forced = false;               // the unit is there, or got as far, by an override
  bool is_sticky = false;               // its enrollment kept it there
  std::uint8_t audience = kNoAudience;  // of the experiment's
  std::uint16_t object = 0;             // of Ruleset::experiments or holdouts
  std::uint16_t unit = 0;               // of Ruleset::unit_kinds
  std::uint32_t variant = 0;            // of the experiment; kHeldOut or kComparison of a holdout
  std::int32_t layer_slot = -1;
  std::int32_t slot = -1;
};

// Of one decision, with those of the flags and experiments it rests on.
inline constexpr std::size_t kExposures = 12;

// Room for them, which costs nothing until they are written.
class ExposureRoom {
 public:
  ExposureRoom() noexcept {}
  Exposure& operator[](std::size_t index) noexcept { return list_[index]; }
  const Exposure& operator[](std::size_t index) const noexcept { return list_[index]; }
  Exposure* data() noexcept { return list_.data(); }
  static constexpr std::size_t size() noexcept { return kExposures; }

 private:
  union {
    std::array<Exposure, kExposures> list_;
  };
};

struct Outcome {
  Reason reason = Reason::kFlagNotFound;
  bool is_forced = false;                     // by an override of the flag, or of what it met or rests on
  const ruleset::FlagValue* value = nullptr;  // null: the caller's fallback
  std::uint32_t rule = ruleset::kNone;        // of the flag's rules
  std::uint32_t experiment = ruleset::kNone;
  std::uint32_t variant = ruleset::kNone;   // of the experiment; without one, of the flag's named values
  Timestamp valid_until = ruleset::kNever;  // from then on it may come out otherwise by time alone
  std::uint32_t exposure_count = 0;
  ExposureRoom exposures;  // the first `exposure_count` of them
};

// What happened at one step; the explanation is made of these.
enum class StepResult : std::uint8_t {
  kPassed,
  kConditionFalse,
  kConditionUnknown,
  kPaused,
  kExpired,  // the datafile: nobody new is let into an experiment
  kEnded,
  kNotStarted,
  kNoUnit,
  kInvalidUnit,
  kHeldOut,
  kNotHeldOut,
  kComparisonGroup,  // of a holdout
  kNotInLayer,
  kInLayer,
  kNotInSplit,
  kNotInRollout,
  kEnrolled,     // served by the enrollment
  kNotEnrolled,  // nothing that counts is known of the unit
  kStays,        // of an experiment that lets nobody new in: the unit is enrolled, so it goes on
  kShipping,     // of an ended experiment
  kNotWinner,
  kForcedOff,
  kForcedUnassigned,
  kForcedHeldOut,
  kForcedNotHeldOut,
  kForced,
  kServed,
  kOverBudget,
  // Of formats of other vendors alone.
  kBlocked,        // the unit was enrolled in an iteration that keeps it out
  kPassedThrough,  // by its variant
  kNothing,
  kCircular,
  kGaveNothing,
  kGaveNoVariant,
};

// "condition_false", …
std::string_view StepResultName(StepResult result) noexcept;

struct TraceStep {
  const ruleset::Step* step = nullptr;
  StepResult result = StepResult::kPassed;
  std::int32_t slot = -1;
};

using Trace = std::vector<TraceStep>;

// Never fails. `trace`, when given, receives the steps taken, in order.
Outcome Evaluate(const ruleset::Ruleset& rules, const ruleset::Flag& flag, const PreparedContext& context,
                 Timestamp now, const Forced* forced = nullptr, Trace* trace = nullptr);

// All flags, parallel to Ruleset::flags, each as Evaluate answers it. A flag that others ask for is decided once.
std::vector<Outcome> EvaluateAll(const ruleset::Ruleset& rules, const PreparedContext& context, Timestamp now,
                                 const Forced* forced = nullptr);

// As Decision::variant states it: the experiment's variant, the id of the rule that served, "default", or empty.
std::string_view VariantName(const ruleset::Ruleset& rules, const ruleset::Flag& flag, const Outcome& outcome) noexcept;

}  // namespace guidon::evaluation
