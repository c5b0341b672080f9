// Conditions, three-valued: true, false or unknown (Kleene's strong logic), and only true matches. Unknown arises from
// a missing attribute, one of another type than the operator compares, a count that is not known or, being at least so
// many, could still be either, and operators of newer formats. `not` of unknown is unknown, so a rule that excludes
// somebody never catches those it knows nothing about.
#pragma once

#include <cstdint>

#include "sdk/core/evaluation/prepared_context.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::evaluation {

enum class Truth : std::uint8_t { kFalse, kTrue, kUnknown };

// How many nodes one decision may visit; segments within segments could multiply otherwise.
inline constexpr std::uint32_t kStepBudget = 10'000;

// Evaluates conditions for one context at one moment.
class Targeting {
 public:
  Targeting(const ruleset::Ruleset& rules, const PreparedContext& context, Timestamp now) noexcept
      : rules_(rules), context_(context), now_(now) {}

  // The condition whose root is at `node`.
  Truth Evaluate(std::uint32_t node) noexcept;

  // The first moment after now at which an answer given so far may change.
  Timestamp valid_until() const noexcept { return valid_until_; }
  // An answer given was cut short and is unknown.
  bool is_over_budget() const noexcept { return visited_ > kStepBudget; }
  // Of one moment, such as the start of an experiment: counts as a boundary of the answer.
  bool HasCome(Timestamp moment) noexcept;

 private:
  Truth Leaf(const ruleset::Node& node) noexcept;
  Truth Behavior(const ruleset::Node& node) noexcept;

  const ruleset::Ruleset& rules_;
  const PreparedContext& context_;
  Timestamp now_;
  Timestamp valid_until_ = ruleset::kNever;
  std::uint32_t visited_ = 0;
};

}  // namespace guidon::evaluation
