// Unleash's constraints to the flat nodes of the ruleset. They know two truths; all values of a context are texts.
#pragma once

#include <string>
#include <string_view>

#include "sdk/core/base/json.h"
#include "sdk/core/dialects/condition_parts.h"

namespace guidon::dialects::unleash {

class Constraints {
 public:
  Constraints(ruleset::Ruleset* rules, ConditionParts* parts) : rules_(*rules), parts_(*parts) {}

  // The root's index. What cannot hold is a condition that does not.
  std::uint32_t Load(json::Node constraint);
  // The field is one of the texts; an address is within one of them.
  std::uint32_t LoadIn(std::string_view field, const std::vector<std::string>& texts);
  std::uint32_t LoadWithin(std::string_view field, const std::vector<std::string>& networks);
  // Of another flag: {"value": true or false}, or the name of its variant.
  std::uint32_t LoadEnabled(std::uint16_t flag, bool is_enabled);
  std::uint32_t LoadVariant(std::uint16_t variant_flag, json::Node names);
  std::uint32_t LoadNever();

 private:
  void Test(json::Node constraint);
  void Leaf(std::string_view field, ruleset::Conversion conversion, ruleset::Node node, std::uint32_t detail = 0);
  void LocalLeaf(const std::vector<std::string>& path, ruleset::Node node);
  void IsThere(std::string_view field);
  void In(std::string_view field, const std::vector<std::string>& texts);
  void Within(std::string_view field, const std::vector<std::string>& networks);
  void Texts(std::string_view field, json::Node constraint, ruleset::Op op);
  void Number(std::string_view field, json::Node constraint, ruleset::Comparison comparison);
  void Date(std::string_view field, json::Node constraint, ruleset::Comparison comparison);
  void Version(std::string_view field, json::Node constraint, ruleset::Comparison comparison);
  void Matches(std::string_view field, const std::string& pattern);

  ruleset::Ruleset& rules_;
  ConditionParts& parts_;
};

// The texts of a list, or of a text with commas between them, without blanks around them.
std::vector<std::string> TextsOf(json::Node list);
std::vector<std::string> SplitTexts(std::string_view list);

}  // namespace guidon::dialects::unleash
