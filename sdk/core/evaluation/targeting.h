// Conditions, three-valued: true, false or unknown (Kleene's strong logic), and only true matches. Unknown arises from
// a missing attribute, one of another type than the operator compares, a count that is not known or, being at least so
// many, could still be either, and operators of newer formats. `not` of unknown is unknown, so a rule that excludes
// somebody never catches those it knows nothing about.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sdk/core/evaluation/prepared_context.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::evaluation {

enum class Truth : std::uint8_t { kFalse, kTrue, kUnknown };

// How many nodes one decision may visit; segments within segments could multiply otherwise.
inline constexpr std::uint32_t kStepBudget = 10'000;

// Answers what conditions ask of flags and experiments, for the same context, at the same moment, under the same
// overrides.
class Decider {
 public:
  virtual ~Decider() = default;

  // What the flag is; null where the caller's fallback would be taken.
  virtual const ruleset::FlagValue* FlagOf(std::uint32_t flag) noexcept = 0;

  struct Met {
    bool is_known = false;
    std::uint32_t variant = ruleset::kNone;  // kNone: the unit is in none of them
  };
  virtual Met VariantOf(std::uint32_t experiment) noexcept = 0;
};

// Evaluates conditions for one context at one moment.
class Targeting {
 public:
  // Without a decider, what conditions ask of flags and experiments is unknown.
  Targeting(const ruleset::Ruleset& rules, const PreparedContext& context, Timestamp now,
            Decider* decider = nullptr) noexcept
      : rules_(rules), context_(context), decider_(decider), now_(now) {}

  // The condition whose root is at `node`.
  Truth Evaluate(std::uint32_t node) noexcept;

  // The first moment after now at which an answer given so far may change.
  Timestamp valid_until() const noexcept { return valid_until_; }
  // An answer given was cut short and is unknown.
  bool is_over_budget() const noexcept { return visited_ > kStepBudget; }
  // What deciders count for the decisions made within this one, so that all of them share one budget and one boundary.
  std::uint32_t visited() const noexcept { return visited_; }
  void Spend(std::uint32_t visited) noexcept { visited_ += visited; }
  void LimitTo(Timestamp moment) noexcept { valid_until_ = std::min(valid_until_, moment); }
  // Of one moment, such as the start of an experiment: counts as a boundary of the answer.
  bool HasCome(Timestamp moment) noexcept;

 private:
  Truth All(std::uint32_t index, Truth decisive) noexcept;
  Truth Leaf(const ruleset::Node& node) noexcept;
  Truth LeafOf(const ruleset::Node& node, const SlotValue& slot, const SlotValue* elements) const noexcept;
  Truth OtherLeaf(const ruleset::Node& node, const SlotValue& slot, const SlotValue* elements) const noexcept;
  Truth LocalLeaf(const ruleset::Node& node) noexcept;
  Truth ForAny(std::uint32_t index) noexcept;
  Truth OfFlag(std::uint32_t index) noexcept;
  void ReadLocal(const ruleset::Node& node, SlotRoom* room, SlotValue* slot) noexcept;
  Truth Behavior(const ruleset::Node& node) noexcept;
  Truth Elapsed(const ruleset::Node& node, const behavior::Total& total) noexcept;
  Truth FlagOf(const ruleset::Node& node) noexcept;
  Truth VariantOf(const ruleset::Node& node) noexcept;

  const ruleset::Ruleset& rules_;
  const PreparedContext& context_;
  Decider* decider_;
  Timestamp now_;
  Timestamp valid_until_ = ruleset::kNever;
  std::uint32_t visited_ = 0;
  const Value* local_ = nullptr;  // what kForAny or kOfFlag gives
  std::uint32_t local_cost_ = 0;  // of reading it, in nodes
};

}  // namespace guidon::evaluation
