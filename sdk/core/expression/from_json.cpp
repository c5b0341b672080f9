#include <cstddef>
#include <string_view>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/text.h"
#include "sdk/core/expression/op_names.h"
#include "sdk/core/expression/render.h"

namespace guidon::expression {
namespace {

// The members expressions can say. Others of a leaf, such as `kind`, would change what it means.
bool HasOnlyKnownMembers(json::Node condition) {
  for (json::Node member : condition) {
    const std::string_view name = member.name();
    if (name != "op" && name != "attribute" && name != "value" && name != "version" && name != "date" &&
        name != "values" && name != "segment" && name != "of" && name != "count" && name != "active_days" &&
        name != "window" && name != "size" && name != "type" && name != "lower" && name != "flag" &&
        name != "variant" && name != "event" && name != "comparison" && name != "duration") {
      return false;
    }
  }
  return true;
}

bool ReadTree(json::Node condition, std::size_t depth, Tree* out);

bool ReadGroup(json::Node condition, std::string_view op, std::size_t depth, Tree* out) {
  out->kind = op == "and" ? Kind::kAnd : op == "or" ? Kind::kOr : Kind::kNot;
  for (json::Node part : condition["of"]) {
    Tree inner;
    if (!ReadTree(part, depth + 1, &inner)) return false;
    out->of.push_back(std::move(inner));
  }
  return out->kind == Kind::kNot ? out->of.size() == 1 : !out->of.empty();
}

bool ReadValues(json::Node condition, Kind kind, Tree* out) {
  out->kind = kind;
  for (json::Node value : condition["values"]) out->values.push_back(value.ToValue());
  return condition["values"].is(json::Type::kArray);
}

bool ReadComparison(json::Node condition, std::string_view op, Tree* out) {
  for (const OpNames& names : kOps) {
    if (names.json != op) continue;
    out->op = names.op;
    if (names.op >= Op::kContainsAny) return ReadValues(condition, Kind::kList, out);
    const bool is_text = names.op >= Op::kContains;
    const json::Node type = condition["type"];
    if (type.exists()) {
      out->kind = Kind::kType;
      out->value = type.ToValue();
      return names.op <= Op::kNotEqual && type.is(json::Type::kString);
    }
    const json::Node size = condition["size"];
    if (size.exists()) {
      out->kind = Kind::kSize;
      out->value = size.ToValue();
      return !is_text && size.AsInt().value_or(-1) >= 0;
    }
    out->kind = condition["version"].exists() ? Kind::kVersion
                : condition["date"].exists()  ? Kind::kDate
                : is_text                     ? Kind::kText
                                              : Kind::kCompare;
    const json::Node value = condition[out->kind == Kind::kVersion ? "version"
                                       : out->kind == Kind::kDate  ? "date"
                                                                   : "value"];
    out->value = value.ToValue();
    return !value.is(json::Type::kNull) && value.exists() && !value.is(json::Type::kArray) &&
           !value.is(json::Type::kObject) && (out->kind == Kind::kCompare || value.is(json::Type::kString));
  }
  return false;
}

bool ReadBehavior(json::Node condition, std::string_view op, Tree* out) {
  const json::Node count = condition["count"];
  const json::Node event = count.exists() ? count : condition["active_days"];
  const std::optional<std::int64_t> value = condition["value"].AsInt();
  const bool is_alone = !condition["attribute"].exists() && !condition["version"].exists() &&
                        !condition["date"].exists() && !condition["size"].exists() && !condition["type"].exists() &&
                        !(count.exists() && condition["active_days"].exists());
  if (!is_alone || !event.AsString() || !value || *value < 0) return false;
  out->kind = Kind::kBehavior;
  out->measure = count.exists() ? behavior::Measure::kCount : behavior::Measure::kActiveDays;
  out->name = std::string(*event.AsString());
  out->value = Value(*value);
  if (condition["window"].exists()) {
    const std::optional<behavior::Window> window =
        behavior::ParseWindow(condition["window"].AsString().value_or(std::string_view()));
    if (!window) return false;
    out->window = *window;
  }
  for (const OpNames& names : kOps) {
    if (names.json != op || names.op >= Op::kContains) continue;
    out->op = names.op;
    return true;
  }
  return false;
}

// {"op": "since_last", "event": E, "comparison": ">=", "duration": "7d"}: of these members alone.
bool ReadElapsed(json::Node condition, std::string_view op, Tree* out) {
  const std::optional<std::string_view> event = condition["event"].AsString();
  const std::optional<std::string_view> sign = condition["comparison"].AsString();
  const std::optional<Duration> time =
      text::ParseDuration(condition["duration"].AsString().value_or(std::string_view()));
  if (condition.size() != 4 || !event || !sign || !time) return false;
  out->kind = Kind::kBehavior;
  out->measure = op == "since_last" ? behavior::Measure::kSinceLast : behavior::Measure::kSinceFirst;
  out->name = std::string(*event);
  out->value = Value(text::FormatDuration(*time));
  for (const OpNames& names : kOps) {
    if (names.json != *sign || names.op >= Op::kContains || names.op <= Op::kNotEqual) continue;
    out->op = names.op;
    return true;
  }
  return false;
}

// {"op": "==", "flag": F, "value": V}, {"op": "in", "variant": E, "values": […]} and their like: of these members
// alone.
bool ReadNamed(json::Node condition, std::string_view op, Tree* out) {
  const bool is_flag = condition["flag"].exists();
  const bool is_list = op == "in";
  const json::Node name = condition[is_flag ? "flag" : "variant"];
  const json::Node value = condition["value"];
  if (condition.size() != 3 || !name.AsString()) return false;
  out->name = std::string(*name.AsString());
  if (is_list) return !is_flag && ReadValues(condition, Kind::kVariantIn, out);
  out->kind = is_flag ? Kind::kFlag : Kind::kVariant;
  out->value = value.ToValue();
  for (const OpNames& names : kOps) {
    if (names.json != op || names.op >= Op::kContains) continue;
    out->op = names.op;
    if (is_flag) return value.is(json::Type::kBool) || value.AsNumber() || value.AsString();
    return names.op <= Op::kNotEqual && value.AsString();
  }
  return false;
}

bool ReadTree(json::Node condition, std::size_t depth, Tree* out) {
  const std::optional<std::string_view> op = condition["op"].AsString();
  if (!op || depth > limits::kJsonDepth || !HasOnlyKnownMembers(condition)) return false;
  if (*op == "and" || *op == "or" || *op == "not") return ReadGroup(condition, *op, depth, out);
  if (*op == "since" || *op == "before") {
    out->kind = Kind::kNow;
    out->op = *op == "since" ? Op::kGreaterEqual : Op::kLess;
    out->value = condition["date"].ToValue();
    return condition["date"].is(json::Type::kString);
  }
  if (*op == "since_last" || *op == "since_first") return ReadElapsed(condition, *op, out);
  if (condition["event"].exists() || condition["comparison"].exists() || condition["duration"].exists()) return false;
  if (condition["flag"].exists() || condition["variant"].exists()) return ReadNamed(condition, *op, out);
  if (condition["count"].exists() || condition["active_days"].exists()) return ReadBehavior(condition, *op, out);
  if (condition["window"].exists()) return false;
  const bool is_segment = *op == "segment";
  const std::optional<std::string_view> name = condition[is_segment ? "segment" : "attribute"].AsString();
  if (!name) return false;
  out->name = std::string(*name);
  if (is_segment || *op == "exists") {
    out->kind = is_segment ? Kind::kSegment : Kind::kExists;
    return true;
  }
  if (*op == "cidr") return ReadValues(condition, Kind::kCidr, out);
  if (!(*op == "in" ? ReadValues(condition, Kind::kIn, out) : ReadComparison(condition, *op, out))) return false;
  out->lower = condition["lower"].AsBool().value_or(false);
  const bool may_fold = out->kind == Kind::kIn || out->kind == Kind::kText || out->kind == Kind::kCompare;
  return !out->lower || (may_fold && out->op != Op::kMatches);
}

}  // namespace

std::optional<Tree> FromJson(json::Node condition) {
  Tree tree;
  if (!ReadTree(condition, 0, &tree)) return std::nullopt;
  return tree;
}

}  // namespace guidon::expression
