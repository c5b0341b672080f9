// Condition trees of the datafile to the flat nodes of the ruleset, constants converted and attributes made slots.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>

#include "sdk/core/dialects/native/reader.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::dialects {

class ConditionLoader {
 public:
  ConditionLoader(ruleset::Ruleset* rules, const std::map<std::string, std::uint16_t, std::less<>>* segments)
      : rules_(*rules), segments_(*segments) {}

  // The root's index, or nothing when the tree has an error, which is reported.
  std::optional<std::uint32_t> Load(const Place& place);

 private:
  bool LoadNode(const Place& place, std::size_t depth);
  bool LoadChildren(const Place& place, std::uint32_t index, std::size_t depth);
  bool LoadLeaf(const Place& place, ruleset::Node* node);
  bool LoadCompare(const Place& place, ruleset::Node* node);
  bool LoadType(const Place& place, const Place& type, ruleset::Node* node);
  bool IsFolded(const Place& leaf, const Place& constant, const ruleset::Node& node) const;
  bool LoadConstant(const Place& place, ruleset::Node* node);
  bool LoadIn(const Place& place, ruleset::Node* node);
  bool LoadNetworks(const Place& place, ruleset::Node* node);
  bool LoadText(const Place& place, ruleset::Node* node);
  bool LoadBehavior(const Place& place, const Place& op, ruleset::Node* node);
  bool LoadTerm(const Place& event, behavior::Term term, ruleset::Node* node);
  bool LoadSlot(const Place& place, ruleset::Conversion conversion, ruleset::Node* node);
  std::uint32_t Intern(std::string_view text);

  ruleset::Ruleset& rules_;
  const std::map<std::string, std::uint16_t, std::less<>>& segments_;
  std::size_t leaves_ = 0;
  std::map<std::tuple<std::string, std::string, ruleset::Conversion>, std::uint16_t> slots_;
  std::map<std::tuple<std::string, behavior::Measure, behavior::Window::Unit, std::uint16_t>, std::uint16_t> terms_;
  std::unordered_map<std::string, std::uint32_t> texts_;
  std::size_t list_values_ = 0;
};

}  // namespace guidon::dialects
