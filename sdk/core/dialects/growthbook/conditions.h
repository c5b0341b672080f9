// GrowthBook's conditions, as its SDK specification 0.8.0 defines them by what JavaScript makes of values, to the flat
// nodes of the ruleset. They know no third truth: what is unknown to us counts as false, also below a negation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/core/dialects/condition_parts.h"
#include "sdk/core/dialects/reader.h"

namespace guidon::dialects::growthbook {

// Of one condition, with the items of the lists that are gone through for each of them.
inline constexpr std::size_t kTests = 1'000;

class Conditions {
 public:
  // Borrows both, and `groups`: the payload's saved groups, lists by their id; may be missing.
  Conditions(ruleset::Ruleset* rules, ConditionParts* parts, json::Node groups)
      : rules_(*rules), parts_(*parts), groups_(groups) {}

  // The root's index, or nothing when it cannot be taken, which is reported.
  std::optional<std::uint32_t> Load(const Place& condition);
  // Likewise of {"value": …} of a flag; kNoFlag: null.
  std::optional<std::uint32_t> LoadOfFlag(const Place& condition, std::uint16_t flag);

 private:
  // What a test is about.
  struct Subject {
    std::vector<std::string> path;
    bool is_local = false;
    bool is_length = false;
    bool is_folded = false;  // texts are the same whatever their capitals
  };

  template <class Body>
  std::optional<std::uint32_t> Take(const Place& place, Body body);

  void All(json::Node condition, bool is_local);
  void Any(json::Node list, bool is_local);
  void Attribute(json::Node test, bool is_local);
  void Test(const Subject& subject, json::Node test);
  void Operator(const Subject& subject, std::string_view name, json::Node operand);
  void Never();

  void Leaf(const Subject& subject, ruleset::Conversion conversion, ruleset::Node node, std::uint32_t detail = 0);
  void CompareText(const Subject& subject, ruleset::Conversion conversion, std::string_view text);
  void CompareNumber(const Subject& subject, ruleset::Comparison comparison, double number);
  void IsNull(const Subject& subject);
  void IsType(const Subject& subject, std::string_view type);
  void Equals(const Subject& subject, json::Node operand);
  void Order(const Subject& subject, ruleset::Comparison comparison, json::Node operand);
  void Version(const Subject& subject, ruleset::Comparison comparison, json::Node operand);
  void IsIn(const Subject& subject, json::Node list, bool is_folded);
  void HasAll(const Subject& subject, json::Node items, bool is_folded);
  void HasElement(const Subject& subject, json::Node test);
  void Matches(const Subject& subject, json::Node pattern, bool is_folded);

  ruleset::Ruleset& rules_;
  ConditionParts& parts_;
  json::Node groups_;
  std::size_t tests_ = 0;
  std::string problem_;  // the first one
};

}  // namespace guidon::dialects::growthbook
