// Conditions as people wrote them, with what each part came to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sdk/core/evaluation/explain.h"
#include "sdk/core/expression/expression.h"

namespace guidon::evaluation {

class ConditionExplainer {
 public:
  // Borrows all of them. `prepared` is made of `rules` and `context`. Attributes of `own_kind` are named without it, as
  // people write those of a trigger's event. What flags and experiments are, they are under `forced`.
  ConditionExplainer(const ruleset::Ruleset& rules, const Context& context, const PreparedContext& prepared,
                     Timestamp now, std::string_view own_kind = {}, const Forced* forced = nullptr) noexcept
      : rules_(rules), context_(context), prepared_(prepared), now_(now), own_kind_(own_kind), forced_(forced) {}

  // The condition whose root is at `node`. All calls together list at most kExplainedConditions nodes.
  ExplainedCondition Explain(std::uint32_t node);

 private:
  ExplainedCondition Build(std::uint32_t index);
  void AddPart(std::uint32_t index, ExplainedCondition* parent);
  std::string AttributeName(const ruleset::AttributeSlot& slot) const;
  std::string LeafText(const ruleset::Node& node) const;
  std::string NamedText(const ruleset::Node& node) const;
  std::string VariantText(const ruleset::Node& node) const;
  std::string ListText(const ruleset::Node& node, expression::Tree tree) const;
  void AddSeen(const ruleset::Node& node, Decider* decider, ExplainedCondition* leaf) const;
  void AddSeenAttribute(const ruleset::Node& node, ExplainedCondition* leaf) const;
  void SeeAttribute(const ruleset::AttributeSlot& slot, ExplainedCondition* leaf) const;

  const ruleset::Ruleset& rules_;
  const Context& context_;
  const PreparedContext& prepared_;
  Timestamp now_;
  std::string_view own_kind_;
  const Forced* forced_;
  std::size_t left_ = kExplainedConditions;
};

}  // namespace guidon::evaluation
