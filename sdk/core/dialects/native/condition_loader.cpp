#include "sdk/core/dialects/native/condition_loader.h"

#include <algorithm>

#include "guidon/limits.h"
#include "sdk/core/base/ascii.h"
#include "sdk/core/base/glob.h"
#include "sdk/core/base/text.h"
#include "sdk/core/base/type_names.h"

namespace guidon::dialects {
namespace {

using ruleset::Comparison;
using ruleset::ConstantType;
using ruleset::Conversion;
using ruleset::Node;
using ruleset::Op;

std::optional<Op> ParseOp(std::string_view op) noexcept {
  struct Row {
    std::string_view name;
    Op op;
  };
  static constexpr Row kRows[] = {
      {"and", Op::kAnd},
      {"or", Op::kOr},
      {"not", Op::kNot},
      {"in", Op::kIn},
      {"contains", Op::kContains},
      {"starts_with", Op::kStartsWith},
      {"ends_with", Op::kEndsWith},
      {"matches_glob", Op::kMatchesGlob},
      {"matches", Op::kMatches},
      {"contains_any", Op::kContainsAny},
      {"contains_all", Op::kContainsAll},
      {"contains_none", Op::kContainsNone},
      {"cidr", Op::kCidr},
      {"exists", Op::kExists},
      {"segment", Op::kSegment},
      {"since", Op::kSince},
      {"before", Op::kBefore},
      {"since_last", Op::kBehavior},
      {"since_first", Op::kBehavior},
  };
  for (const Row& row : kRows) {
    if (row.name == op) return row.op;
  }
  return std::nullopt;
}

bool IsOrder(Comparison comparison) noexcept {
  return comparison != Comparison::kEqual && comparison != Comparison::kNotEqual;
}

}  // namespace

std::optional<Comparison> ParseComparison(std::string_view op) noexcept {
  static constexpr Comparison kAll[] = {Comparison::kEqual,       Comparison::kNotEqual, Comparison::kLess,
                                        Comparison::kLessOrEqual, Comparison::kGreater,  Comparison::kGreaterOrEqual};
  for (const Comparison comparison : kAll) {
    if (ruleset::ComparisonName(comparison) == op) return comparison;
  }
  return std::nullopt;
}

Conversion ConditionLoader::PlainOrLower(const Place& leaf) {
  const Place lower = leaf.Member("lower");
  return lower.exists() && lower.node().AsBool().value_or(false) ? Conversion::kLower : Conversion::kPlain;
}

std::optional<std::uint32_t> ConditionLoader::Load(const Place& place) {
  leaves_ = 0;
  const auto root = static_cast<std::uint32_t>(rules_.nodes.size());
  if (LoadNode(place, 0)) return root;
  rules_.nodes.resize(root);
  return std::nullopt;
}

bool ConditionLoader::LoadNode(const Place& place, std::size_t depth) {
  if (depth > limits::kConditionDepth) {
    place.Error("is nested deeper than " + std::to_string(limits::kConditionDepth) + " levels");
    return false;
  }
  if (!place.IsObject()) return false;
  const Place op_place = place.Member("op");
  const auto op_name = op_place.Text();
  if (!op_name) return false;

  const auto index = static_cast<std::uint32_t>(rules_.nodes.size());
  rules_.nodes.emplace_back();
  Node node;
  const auto comparison = ParseComparison(*op_name);
  const auto op = ParseOp(*op_name);
  if (comparison) {
    node.op = Op::kCompare;
    node.comparison = *comparison;
  } else if (op) {
    node.op = *op;
  } else {
    op_place.Warning("\"" + *op_name + "\" is an operator this version does not know; the condition stays unknown");
  }
  if (node.op == Op::kAnd || node.op == Op::kOr || node.op == Op::kNot) {
    rules_.nodes[index] = node;
    return LoadChildren(place, index, depth);
  }
  if (++leaves_ > limits::kConditionsPerRule) {
    place.Error("is one of more than " + std::to_string(limits::kConditionsPerRule) + " comparisons in one condition");
    return false;
  }
  const bool is_known = comparison || op;
  const bool ok = !is_known || LoadLeaf(place, op_place, &node);
  node.end = index + 1;
  rules_.nodes[index] = node;
  return ok;
}

bool ConditionLoader::LoadLeaf(const Place& place, const Place& op, Node* node) {
  for (const json::Node member : place.node()) {
    const std::string_view name = member.name();
    if (name == "count" || name == "active_days") return LoadBehavior(place, op, node);
    if (name == "flag") return LoadFlag(place, op, node);
    if (name == "variant") return LoadVariant(place, op, node);
    if ((name != "unit" && name != "hashed") || node->op == Op::kIn) continue;
    place.Child(member).Error("stands in a list's condition alone, \"in\"");
    return false;
  }
  switch (node->op) {
    case Op::kCompare: return LoadCompare(place, node);
    case Op::kBehavior: return LoadElapsed(place, op, node);
    case Op::kIn: return LoadList(place, node);
    case Op::kContains:
    case Op::kStartsWith:
    case Op::kEndsWith:
    case Op::kMatchesGlob:
      return LoadSlot(place, PlainOrLower(place), node) && LoadText(place.Member("value"), node) &&
             IsFolded(place, place.Member("value"), *node);
    case Op::kMatches: return LoadPattern(place, op, node);
    case Op::kContainsAny:
    case Op::kContainsAll:
    case Op::kContainsNone: return LoadSlot(place, Conversion::kList, node) && LoadIn(place.Member("values"), node);
    case Op::kCidr: return LoadSlot(place, Conversion::kAddress, node) && LoadNetworks(place.Member("values"), node);
    case Op::kExists: return LoadSlot(place, Conversion::kPlain, node);
    case Op::kSegment: return LoadSegment(place.Member("segment"), node);
    case Op::kSince:
    case Op::kBefore: {
      const auto time = place.Member("date").Time();
      if (time) node->integer = ToMs(*time);
      return time.has_value();
    }
    default: return true;
  }
}

bool ConditionLoader::LoadChildren(const Place& place, std::uint32_t index, std::size_t depth) {
  const Place of = place.Member("of");
  if (!of.IsArray()) return false;
  const Op op = rules_.nodes[index].op;
  if (of.node().size() == 0 || (op == Op::kNot && of.node().size() != 1)) {
    of.Error(op == Op::kNot ? "must hold one condition" : "must hold at least one condition");
    return false;
  }
  bool ok = true;
  for (const json::Node child : of.node()) ok = LoadNode(of.Child(child), depth + 1) && ok;
  rules_.nodes[index].end = static_cast<std::uint32_t>(rules_.nodes.size());
  return ok;
}

bool ConditionLoader::LoadCompare(const Place& place, Node* node) {
  const Place version = place.Member("version");
  const Place date = place.Member("date");
  const Place size = place.Member("size");
  const Place type = place.Member("type");
  if (type.exists()) return LoadType(place, type, node);
  if (size.exists()) {
    const auto number = size.Int(0, static_cast<std::int64_t>(limits::kMaxVersion));
    if (!number) return false;
    node->type = ConstantType::kSize;
    node->integer = *number;
    return LoadSlot(place, Conversion::kList, node);
  }
  if (version.exists()) {
    const auto text = version.Text();
    auto parsed = text ? ruleset::ParseVersion(*text) : std::nullopt;
    if (!parsed) {
      if (text) version.Error("\"" + *text + "\" is not a version such as 4.2.0");
      return false;
    }
    node->type = ConstantType::kVersion;
    node->index = static_cast<std::uint32_t>(rules_.versions.size());
    rules_.versions.push_back(std::move(*parsed));
    return LoadSlot(place, Conversion::kVersion, node);
  }
  if (date.exists()) {
    const auto time = date.Time();
    if (!time) return false;
    if (!IsOrder(node->comparison)) {
      place.Member("op").Error("two moments are compared with <, <=, > or >=");
      return false;
    }
    node->type = ConstantType::kTime;
    node->integer = ToMs(*time);
    return LoadSlot(place, Conversion::kTime, node);
  }
  const Place value = place.Member("value");
  return LoadSlot(place, PlainOrLower(place), node) && LoadConstant(value, node) && IsFolded(place, value, *node);
}

bool ConditionLoader::LoadType(const Place& place, const Place& type, Node* node) {
  const auto name = type.Text();
  if (!name) return false;
  if (IsOrder(node->comparison)) {
    place.Member("op").Error("types have no order: only == and != compare them");
    return false;
  }
  const std::size_t index = TypeIndex(*name);
  if (index == kTypeNames.size()) {
    type.Warning("\"" + *name + "\" is a type this version does not know; the condition stays unknown");
    node->op = Op::kUnsupported;
    return true;
  }
  node->type = ConstantType::kType;
  node->integer = static_cast<std::int64_t>(index);
  return LoadSlot(place, Conversion::kType, node);
}

bool ConditionLoader::LoadConstant(const Place& place, Node* node) {
  switch (place.node().type()) {
    case json::Type::kInt:
      node->type = ConstantType::kInt;
      node->integer = *place.node().AsInt();
      return true;
    case json::Type::kDouble:
      node->type = ConstantType::kDouble;
      node->number = *place.node().AsNumber();
      return true;
    case json::Type::kBool:
      node->type = ConstantType::kBool;
      node->boolean = *place.node().AsBool();
      break;
    case json::Type::kString:
      node->type = ConstantType::kText;
      node->index = parts_.Text(*place.node().AsString());
      break;
    default: place.Error(place.exists() ? "must be a text, a number, true or false" : "is missing"); return false;
  }
  if (!IsOrder(node->comparison)) return true;
  place.Error("a text, true and false have no order: only == and != compare them");
  return false;
}

bool ConditionLoader::LoadText(const Place& place, Node* node) {
  const auto text = place.Text();
  if (!text) return false;
  if (text->empty()) {
    place.Error("is empty, so every text would match");
    return false;
  }
  const std::string why = node->op == Op::kMatchesGlob ? glob::WhyBad(*text) : std::string();
  if (!why.empty()) {
    place.Error("\"" + *text + "\" " + why);
    return false;
  }
  node->type = ConstantType::kText;
  node->index = parts_.Text(*text);
  return true;
}

bool ConditionLoader::LoadSlot(const Place& place, Conversion conversion, Node* node, std::uint32_t detail) {
  const Place attribute = place.Member("attribute");
  const auto name = attribute.Text();
  if (!name) return false;
  if (name->empty() || name->size() > limits::kAttributeNameBytes) {
    attribute.Error("must be 1 to " + std::to_string(limits::kAttributeNameBytes) + " bytes long");
    return false;
  }
  std::string kind;
  const Place kind_place = place.Member("kind");
  if (kind_place.exists()) {
    const auto given = kind_place.Name(limits::kKeyBytes);
    if (!given) return false;
    kind = *given;
  }
  return AddSlot(attribute, {std::move(kind), *name, conversion, false, detail}, node);
}

bool ConditionLoader::AddSlot(const Place& place, ruleset::AttributeSlot slot, Node* node) {
  const auto index = parts_.Slot(std::move(slot));
  if (index) {
    node->slot = *index;
  } else {
    place.Error("is one attribute too many: rules may read " + std::to_string(kSlots) + " at most");
  }
  return index.has_value();
}

}  // namespace guidon::dialects
