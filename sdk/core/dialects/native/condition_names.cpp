// What conditions name: other flags, experiments, segments, events, patterns.
#include <algorithm>

#include "guidon/limits.h"
#include "sdk/core/dialects/native/condition_loader.h"

namespace guidon::dialects {
namespace {

using ruleset::Comparison;
using ruleset::ConstantType;
using ruleset::Conversion;
using ruleset::Node;
using ruleset::Op;

bool IsOfType(ConstantType constant, ruleset::ValueType type) noexcept {
  switch (type) {
    case ruleset::ValueType::kBool: return constant == ConstantType::kBool;
    case ruleset::ValueType::kInt:
    case ruleset::ValueType::kDouble: return constant == ConstantType::kInt || constant == ConstantType::kDouble;
    case ruleset::ValueType::kString: return constant == ConstantType::kText;
    case ruleset::ValueType::kJson: return false;
  }
  return false;
}

}  // namespace

// False where another thing stands in the leaf, too, that it could compare.
bool ConditionLoader::IsAlone(const Place& place, std::string_view subject) const {
  for (const std::string_view name : {"active_days", "attribute", "kind", "version", "date", "size", "type", "unit",
                                      "hashed", "lower", "flag", "variant", "count"}) {
    const Place other = place.Member(name);
    if (!other.exists() || name == subject) continue;
    other.Error("stands beside \"" + std::string(subject) + "\": a condition compares one thing");
    return false;
  }
  return true;
}

bool ConditionLoader::LoadSegment(const Place& segment, Node* node) {
  const auto name = segment.Text();
  if (!name) return false;
  const auto known = named_.segments.find(*name);
  if (known == named_.segments.end()) {
    segment.Error("there is no segment \"" + *name + "\"");
    return false;
  }
  node->segment = known->second;
  return true;
}

// {"op": "==", "flag": F, "value": V}
bool ConditionLoader::LoadFlag(const Place& place, const Place& op, Node* node) {
  const Place flag = place.Member("flag");
  if (!IsAlone(place, "flag")) return false;
  if (node->op != Op::kCompare) {
    op.Error("a flag is compared with ==, !=, <, <=, > or >=");
    return false;
  }
  const auto name = flag.Text();
  if (!name) return false;
  const auto known = named_.flags.find(*name);
  if (known == named_.flags.end()) {
    flag.Error("there is no flag \"" + *name + "\", or it has an error");
    return false;
  }
  const ruleset::ValueType type = rules_.flags[known->second].type;
  if (type == ruleset::ValueType::kJson) {
    flag.Error("\"" + *name + "\" is a json flag, which is compared with nothing");
    return false;
  }
  const Place value = place.Member("value");
  if (!LoadConstant(value, node)) return false;
  if (!IsOfType(node->type, type)) {
    value.Error("must be of the flag's type, " + std::string(ruleset::ValueTypeName(type)) + ", not " +
                std::string(json::TypeName(value.node().type())));
    return false;
  }
  node->op = Op::kFlag;
  node->slot = static_cast<std::uint16_t>(known->second);
  return true;
}

// {"op": "==", "variant": E, "value": "labelled"}, {"op": "in", "variant": E, "values": […]}
bool ConditionLoader::LoadVariant(const Place& place, const Place& op, Node* node) {
  const Place experiment = place.Member("variant");
  if (!IsAlone(place, "variant")) return false;
  const bool is_list = node->op == Op::kIn;
  const bool is_equality =
      node->op == Op::kCompare && (node->comparison == Comparison::kEqual || node->comparison == Comparison::kNotEqual);
  if (!is_list && !is_equality) {
    op.Error("a variant is compared with ==, != or in");
    return false;
  }
  const auto name = experiment.Text();
  if (!name) return false;
  const auto known = named_.experiments.find(*name);
  if (known == named_.experiments.end()) {
    experiment.Error("there is no experiment \"" + *name + "\"");
    return false;
  }
  node->op = Op::kVariant;
  node->slot = known->second.index;
  const json::Node variants = known->second.variants;
  if (!is_list) return AddVariant(place.Member("value"), *name, variants, node);
  const Place values = place.Member("values");
  if (!values.IsArray() || !values.HasAtMost(limits::kVariants, "variants")) return false;
  if (values.node().size() == 0) {
    values.Error("is empty, so nothing is in it");
    return false;
  }
  for (const json::Node item : values.node()) {
    if (!AddVariant(values.Child(item), *name, variants, node)) return false;
  }
  return true;
}

bool ConditionLoader::AddVariant(const Place& value, const std::string& experiment, json::Node variants, Node* node) {
  const auto name = value.Text();
  if (!name) return false;
  std::size_t i = 0;
  for (const json::Node variant : variants) {
    if (i == limits::kVariants) break;  // the experiment has an error
    if (variant.name() == *name) {
      node->integer |= std::int64_t{1} << i;
      return true;
    }
    ++i;
  }
  value.Error("the experiment \"" + experiment + "\" has no variant \"" + *name + "\"");
  return false;
}

// {"op": "matches", "attribute": A, "value": "^a"}
bool ConditionLoader::LoadPattern(const Place& place, const Place& op, Node* node) {
  const Place value = place.Member("value");
  const Place lower = place.Member("lower");
  if (lower.exists()) {
    lower.Error("stands beside a pattern, which folds capitals itself: (?i)");
    return false;
  }
  const auto text = value.Text();
  if (!text) return false;
  if (text->empty()) {
    value.Error("is empty, so every text would match");
    return false;
  }
  if (!parts_.has_patterns()) {
    op.Warning("this build matches no patterns; the condition stays unknown");
    node->op = Op::kUnsupported;
    return true;
  }
  const Result<std::uint32_t> pattern = parts_.Pattern(*text);
  if (!pattern.ok()) {
    value.Error(pattern.status().message());
    return false;
  }
  return LoadSlot(place, Conversion::kPattern, node, *pattern);
}

}  // namespace guidon::dialects
