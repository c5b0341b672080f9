// Condition trees of the datafile to the flat nodes of the ruleset, constants converted and attributes made slots.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "guidon/ports/patterns.h"
#include "sdk/core/dialects/condition_parts.h"
#include "sdk/core/dialects/reader.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::dialects {

// What conditions may name. Whoever loads conditions fills these in before, and keeps them.
struct Named {
  struct Experiment {
    std::uint16_t index = 0;  // of Ruleset::experiments, which may not be loaded yet
    json::Node variants;      // by name, in their order
  };
  struct Count {
    std::string event;
    std::uint64_t part = 0;  // 0: it has an error
  };
  std::map<std::string, std::uint16_t, std::less<>> segments;
  std::map<std::string, std::uint32_t, std::less<>> flags;  // those whose types are known
  std::map<std::string, Experiment, std::less<>> experiments;
  std::map<std::string, Count, std::less<>> counts;
};

std::optional<ruleset::Comparison> ParseComparison(std::string_view op) noexcept;

class ConditionLoader {
 public:
  // Without `patterns`, what matches some is unknown.
  ConditionLoader(ruleset::Ruleset* rules, const Named* named, Patterns* patterns)
      : rules_(*rules), named_(*named), parts_(rules, patterns) {}

  // Behind all conditions.
  void BuildIndexes() { parts_.BuildIndexes(); }

  // The root's index, or nothing when the tree has an error, which is reported.
  std::optional<std::uint32_t> Load(const Place& place);

 private:
  bool LoadNode(const Place& place, std::size_t depth);
  bool LoadChildren(const Place& place, std::uint32_t index, std::size_t depth);
  bool LoadLeaf(const Place& place, const Place& op, ruleset::Node* node);
  bool LoadCompare(const Place& place, ruleset::Node* node);
  bool LoadType(const Place& place, const Place& type, ruleset::Node* node);
  bool LoadConstant(const Place& place, ruleset::Node* node);
  bool LoadText(const Place& place, ruleset::Node* node);
  bool LoadSlot(const Place& place, ruleset::Conversion conversion, ruleset::Node* node, std::uint32_t detail = 0);
  bool AddSlot(const Place& place, ruleset::AttributeSlot slot, ruleset::Node* node);
  static ruleset::Conversion PlainOrLower(const Place& leaf);

  // condition_lists.cpp
  bool LoadList(const Place& place, ruleset::Node* node);
  bool LoadUnit(const Place& place, const Place& unit, ruleset::Conversion conversion, std::uint32_t detail,
                ruleset::Node* node);
  bool CountList(const Place& place);
  bool LoadDigests(const Place& place, ruleset::Node* node);
  bool LoadIn(const Place& place, ruleset::Node* node);
  bool LoadNetworks(const Place& place, ruleset::Node* node);
  bool IsFolded(const Place& leaf, const Place& constant, const ruleset::Node& node) const;

  // condition_names.cpp
  bool IsAlone(const Place& place, std::string_view subject) const;
  bool LoadSegment(const Place& segment, ruleset::Node* node);
  bool LoadFlag(const Place& place, const Place& op, ruleset::Node* node);
  bool LoadVariant(const Place& place, const Place& op, ruleset::Node* node);
  bool AddVariant(const Place& value, const std::string& experiment, json::Node variants, ruleset::Node* node);
  bool LoadPattern(const Place& place, const Place& op, ruleset::Node* node);

  // condition_history.cpp
  bool LoadBehavior(const Place& place, const Place& op, ruleset::Node* node);
  bool LoadElapsed(const Place& place, const Place& op, ruleset::Node* node);
  bool LoadEvent(const Place& event, behavior::Term* term);
  bool LoadTerm(const Place& event, behavior::Term term, ruleset::Node* node);

  ruleset::Ruleset& rules_;
  const Named& named_;
  ConditionParts parts_;
  std::size_t leaves_ = 0;
  std::map<std::tuple<std::string, behavior::Measure, behavior::Window::Unit, std::uint16_t>, std::uint16_t> terms_;
  std::size_t list_values_ = 0;
};

}  // namespace guidon::dialects
