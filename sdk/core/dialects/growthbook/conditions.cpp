#include "sdk/core/dialects/growthbook/conditions.h"

#include <algorithm>
#include <cmath>

#include "guidon/limits.h"
#include "sdk/core/base/ascii.h"
#include "sdk/core/base/javascript.h"
#include "sdk/core/base/padded_version.h"
#include "sdk/core/base/path_steps.h"
#include "sdk/core/base/type_names.h"

namespace guidon::dialects::growthbook {
namespace {

using ruleset::Comparison;
using ruleset::ConstantType;
using ruleset::Conversion;
using ruleset::Node;
using ruleset::Op;

std::string Dotted(const std::vector<std::string>& steps) {
  std::string path;
  for (const std::string& step : steps) path += (path.empty() ? "" : ".") + step;
  return path;
}

// An object all of whose names are operators.
bool IsOperators(json::Node test) {
  bool is_one = test.is(json::Type::kObject) && test.size() > 0;
  for (const json::Node member : test) is_one = is_one && member.name().substr(0, 1) == "$";
  return is_one;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), text::LowerAscii);
  return lower;
}

std::optional<Comparison> OrderOf(std::string_view name) noexcept {
  if (name == "lt") return Comparison::kLess;
  if (name == "lte") return Comparison::kLessOrEqual;
  if (name == "gt") return Comparison::kGreater;
  if (name == "gte") return Comparison::kGreaterOrEqual;
  return std::nullopt;
}

}  // namespace

template <class Body>
std::optional<std::uint32_t> Conditions::Take(const Place& place, Body body) {
  const auto root = static_cast<std::uint32_t>(rules_.nodes.size());
  tests_ = 0;
  problem_.clear();
  body();
  if (problem_.empty()) return root;
  place.Error(problem_);
  rules_.nodes.resize(root);
  while (!rules_.words.empty() && rules_.words.back().node >= root) rules_.words.pop_back();
  return std::nullopt;
}

std::optional<std::uint32_t> Conditions::Load(const Place& condition) {
  if (!condition.IsObject()) return std::nullopt;
  return Take(condition, [&] { All(condition.node(), false); });
}

std::optional<std::uint32_t> Conditions::LoadOfFlag(const Place& condition, std::uint16_t flag) {
  if (!condition.IsObject()) return std::nullopt;
  return Take(condition, [&] {
    const std::size_t at = rules_.nodes.size();
    parts_.Group(Op::kOfFlag, [&] { All(condition.node(), true); });
    rules_.nodes[at].slot = flag;
    const std::string name = flag == ruleset::kNoFlag ? "a flag that is not there" : "flag " + rules_.flags[flag].key;
    rules_.words.push_back({static_cast<std::uint32_t>(at), name + ": " + condition.node().ToText(), ruleset::kNoSlot});
  });
}

void Conditions::Never() {
  parts_.Group(Op::kOr, [] {});
}

void Conditions::All(json::Node condition, bool is_local) {
  const auto each = [&](json::Node member) {
    const std::string_view name = member.name();
    if (name == "$or") {
      Any(member, is_local);
    } else if (name == "$nor") {
      parts_.Group(Op::kNotTrue, [&] { Any(member, is_local); });
    } else if (name == "$and") {
      parts_.Group(Op::kAnd, [&] {
        for (const json::Node item : member) All(item, is_local);
      });
    } else if (name == "$not") {
      parts_.Group(Op::kNotTrue, [&] { All(member, is_local); });
    } else {
      Attribute(member, is_local);
    }
  };
  if (condition.is(json::Type::kObject) && condition.size() == 1) return each(condition.First());
  parts_.Group(Op::kAnd, [&] {
    for (const json::Node member : condition) {
      if (condition.is(json::Type::kObject)) each(member);
    }
  });
}

// Of none it is true.
void Conditions::Any(json::Node list, bool is_local) {
  parts_.Group(list.size() == 0 ? Op::kAnd : Op::kOr, [&] {
    for (const json::Node item : list) All(item, is_local);
  });
}

void Conditions::Attribute(json::Node test, bool is_local) {
  Subject subject;
  subject.path = PathSteps(test.name());
  subject.is_local = is_local;
  const auto root = static_cast<std::uint32_t>(rules_.nodes.size());
  Test(subject, test);
  if (is_local) return;
  const auto reads = [](const Node& node) {
    return node.op != Op::kAnd && node.op != Op::kOr && node.op != Op::kNotTrue && !node.is_local;
  };
  const auto leaf = std::find_if(rules_.nodes.begin() + root, rules_.nodes.end(), reads);
  const std::uint16_t slot = leaf == rules_.nodes.end() ? ruleset::kNoSlot : leaf->slot;
  rules_.words.push_back({root, std::string(test.name()) + ": " + test.ToText(), slot});
}

void Conditions::Test(const Subject& subject, json::Node test) {
  if (++tests_ > kTests) {
    problem_ = "is one of more than " + std::to_string(kTests) + " tests in one condition";
    return;
  }
  const auto text = test.AsString();
  const auto number = test.AsNumber();
  const auto truth = test.AsBool();
  if (text && subject.is_folded) {
    parts_.Group(Op::kOr, [&] {
      CompareText(subject, Conversion::kFolded, Lower(*text));
      CompareText(subject, Conversion::kScriptText, *text);
    });
  } else if (text) {
    CompareText(subject, Conversion::kScriptText, *text);
  } else if (number) {
    CompareNumber(subject, Comparison::kEqual, *number);
  } else if (truth) {
    Node node = CompareNode(Comparison::kEqual, ConstantType::kBool);
    node.boolean = *truth;
    Leaf(subject, Conversion::kScriptTruth, node);
  } else if (test.is(json::Type::kNull)) {
    IsNull(subject);
  } else if (!IsOperators(test)) {
    CompareText(subject, Conversion::kScriptJson, javascript::ToJson(test.ToValue()));
  } else if (test.size() == 1) {
    Operator(subject, test.First().name(), test.First());
  } else {
    parts_.Group(Op::kAnd, [&] {
      for (const json::Node member : test) Operator(subject, member.name(), member);
    });
  }
}

void Conditions::Operator(const Subject& subject, std::string_view name, json::Node operand) {
  const auto negated = [this](auto body) { parts_.Group(Op::kNotTrue, body); };
  const bool is_list = operand.is(json::Type::kArray);
  name.remove_prefix(1);
  if (const auto order = OrderOf(name)) return Order(subject, *order, operand);
  if (name.substr(0, 1) == "v") {
    if (name == "veq") return Version(subject, Comparison::kEqual, operand);
    if (name == "vne") return Version(subject, Comparison::kNotEqual, operand);
    if (const auto order = OrderOf(name.substr(1))) return Version(subject, *order, operand);
    return Never();
  }
  if (name == "eq") return Equals(subject, operand);
  if (name == "ne") return negated([&] { Equals(subject, operand); });
  if (name == "exists") {
    if (!javascript::IsTruthy(operand.ToValue())) return IsNull(subject);
    return negated([&] { IsNull(subject); });
  }
  if (name == "in" || name == "ini") return is_list ? IsIn(subject, operand, name == "ini") : Never();
  if (name == "nin" || name == "nini") {
    return is_list ? negated([&] { IsIn(subject, operand, name == "nini"); }) : Never();
  }
  const auto group = [&] { return groups_.Find(javascript::ToText(operand.ToValue())); };
  if (name == "inGroup") return IsIn(subject, group(), false);
  if (name == "notInGroup") return negated([&] { IsIn(subject, group(), false); });
  if (name == "all" || name == "alli") return HasAll(subject, operand, name == "alli");
  if (name == "elemMatch") return HasElement(subject, operand);
  if (name == "size") {
    if (subject.is_length) return Never();
    Subject length = subject;
    length.is_length = true;
    parts_.Group(Op::kAnd, [&] {
      IsType(subject, "list");
      Test(length, operand);
    });
    return;
  }
  if (name == "not") return negated([&] { Test(subject, operand); });
  if (name == "type") {
    const std::string_view type = operand.AsString().value_or("");
    if (type == "null") return IsNull(subject);
    if (type == "string" || type == "object") return IsType(subject, type);
    if (type == "boolean") return IsType(subject, "bool");
    if (type == "array") return IsType(subject, "list");
    if (type != "number") return Never();
    parts_.Group(Op::kOr, [&] {
      IsType(subject, "int");
      IsType(subject, "double");
    });
    return;
  }
  if (name == "regex" || name == "regexi") return Matches(subject, operand, name == "regexi");
  if (name == "notRegex" || name == "notRegexi") {
    return negated([&] { Matches(subject, operand, name == "notRegexi"); });
  }
  Never();
}

void Conditions::Leaf(const Subject& subject, Conversion conversion, Node node, std::uint32_t detail) {
  const bool has_slot = parts_.Leaf(node, {"", Dotted(subject.path), conversion, false, detail, false, subject.path,
                                           subject.is_local, subject.is_length});
  if (!has_slot) problem_ = "reads one attribute too many: rules may read " + std::to_string(kSlots) + " at most";
}

void Conditions::CompareText(const Subject& subject, Conversion conversion, std::string_view text) {
  Node node = CompareNode(Comparison::kEqual, ConstantType::kText);
  node.index = parts_.Text(text);
  Leaf(subject, conversion, node);
}

void Conditions::CompareNumber(const Subject& subject, Comparison comparison, double number) {
  if (std::isnan(number)) return Never();
  Node node = CompareNode(comparison, ConstantType::kDouble);
  node.number = number;
  Leaf(subject, Conversion::kScriptNumber, node);
}

void Conditions::IsNull(const Subject& subject) {
  parts_.Group(Op::kNotTrue, [&] {
    Node node;
    node.op = Op::kExists;
    Leaf(subject, Conversion::kPlain, node);
  });
}

void Conditions::IsType(const Subject& subject, std::string_view type) {
  Node node = CompareNode(Comparison::kEqual, ConstantType::kType);
  node.integer = static_cast<std::int64_t>(TypeIndex(type));
  Leaf(subject, Conversion::kType, node);
}

// The same type and the same value; no list and no object equals another.
void Conditions::Equals(const Subject& subject, json::Node operand) {
  Node node = CompareNode(Comparison::kEqual, ConstantType::kNone);
  if (operand.AsString()) return CompareText(subject, Conversion::kPlain, *operand.AsString());
  if (operand.AsNumber()) {
    node.type = ConstantType::kDouble;
    node.number = *operand.AsNumber();
    return Leaf(subject, Conversion::kPlain, node);
  }
  if (operand.AsBool()) {
    node.type = ConstantType::kBool;
    node.boolean = *operand.AsBool();
    return Leaf(subject, Conversion::kPlain, node);
  }
  if (operand.is(json::Type::kNull)) return IsNull(subject);
  Never();
}

// Two texts by their UTF-16 units, and all else as numbers.
void Conditions::Order(const Subject& subject, Comparison comparison, json::Node operand) {
  const double number = javascript::ToNumber(operand.ToValue());
  const auto text = operand.AsString();
  if (!text) return CompareNumber(subject, comparison, number);
  const auto as_text = [&] {
    Node node = CompareNode(comparison, ConstantType::kOrderedText);
    node.index = parts_.Text(javascript::OrderKey(*text));
    Leaf(subject, Conversion::kTextOrder, node);
  };
  if (std::isnan(number)) return as_text();
  parts_.Group(Op::kOr, [&] {
    as_text();
    parts_.Group(Op::kAnd, [&] {
      parts_.Group(Op::kNotTrue, [&] { IsType(subject, "string"); });
      CompareNumber(subject, comparison, number);
    });
  });
}

void Conditions::Version(const Subject& subject, Comparison comparison, json::Node operand) {
  Node node = CompareNode(comparison, ConstantType::kOrderedText);
  node.index = parts_.Text(PaddedVersion(operand.ToValue()));
  Leaf(subject, Conversion::kPaddedVersion, node);
}

// Strictly; of a list, one of its elements.
void Conditions::IsIn(const Subject& subject, json::Node list, bool is_folded) {
  if (list.size() > limits::kListValues) {
    problem_ = "has a list of more than " + std::to_string(limits::kListValues) + " values";
    return;
  }
  Node node;
  node.op = Op::kIn;
  node.first = static_cast<std::uint32_t>(rules_.list_texts.size());
  node.first_number = static_cast<std::uint32_t>(rules_.list_numbers.size());
  for (const json::Node item : list) {
    if (const auto text = item.AsString()) {
      rules_.list_texts.push_back(parts_.Text(is_folded ? Lower(*text) : std::string(*text)));
    } else if (const auto number = item.AsNumber()) {
      rules_.list_numbers.push_back(*number);
    } else if (const auto truth = item.AsBool()) {
      node.integer |= *truth ? 2 : 1;
    } else if (item.is(json::Type::kNull)) {
      node.integer |= 4;
    }
  }
  SortFrom(node.first, &rules_.list_texts);
  SortFrom(node.first_number, &rules_.list_numbers);
  node.count = static_cast<std::uint32_t>(rules_.list_texts.size()) - node.first;
  node.number_count = static_cast<std::uint32_t>(rules_.list_numbers.size()) - node.first_number;
  parts_.Group(Op::kOr, [&] {
    Leaf(subject, is_folded ? Conversion::kFolded : Conversion::kPlain, node);
    node.op = Op::kContainsAny;
    Leaf(subject, is_folded ? Conversion::kFoldedList : Conversion::kList, node);
  });
}

// Each of the items is that of some element.
void Conditions::HasAll(const Subject& subject, json::Node items, bool is_folded) {
  parts_.Group(Op::kAnd, [&] {
    IsType(subject, "list");
    if (items.AsString()) Never();
    for (const json::Node item : items) {
      if (!items.is(json::Type::kArray)) break;
      const std::size_t at = rules_.nodes.size();
      Node node;
      node.op = Op::kForAny;
      Leaf(subject, Conversion::kValue, node);
      Subject element;
      element.is_local = true;
      element.is_folded = is_folded;
      Test(element, item);
      rules_.nodes[at].end = static_cast<std::uint32_t>(rules_.nodes.size());
    }
  });
}

// Of some element that is truthy: its own value, or, where the test is a condition, what is in it.
void Conditions::HasElement(const Subject& subject, json::Node test) {
  const std::size_t at = rules_.nodes.size();
  Node node;
  node.op = Op::kForAny;
  node.boolean = true;
  Leaf(subject, Conversion::kValue, node);
  if (IsOperators(test)) {
    Subject element;
    element.is_local = true;
    Test(element, test);
  } else {
    All(test, true);
  }
  rules_.nodes[at].end = static_cast<std::uint32_t>(rules_.nodes.size());
}

// What is no pattern matches nothing.
void Conditions::Matches(const Subject& subject, json::Node pattern, bool is_folded) {
  const std::string text = javascript::ToText(pattern.ToValue());
  const Result<std::uint32_t> index = parts_.Pattern(is_folded ? "(?i)" + text : text);
  if (!index.ok()) return Never();
  Node node;
  node.op = Op::kMatches;
  Leaf(subject, Conversion::kScriptPattern, node, *index);
}

}  // namespace guidon::dialects::growthbook
