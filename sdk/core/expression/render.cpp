#include "sdk/core/expression/render.h"

#include <cstddef>
#include <string_view>
#include <utility>

#include "guidon/limits.h"

namespace guidon::expression {
namespace {

struct OpNames {
  Op op;
  std::string_view json;
  std::string_view text;
};

constexpr OpNames kOps[] = {{Op::kEqual, "==", "=="},
                            {Op::kNotEqual, "!=", "!="},
                            {Op::kLess, "<", "<"},
                            {Op::kLessEqual, "<=", "<="},
                            {Op::kGreater, ">", ">"},
                            {Op::kGreaterEqual, ">=", ">="},
                            {Op::kContains, "contains", "contains"},
                            {Op::kStartsWith, "starts_with", "startsWith"},
                            {Op::kEndsWith, "ends_with", "endsWith"},
                            {Op::kMatchesGlob, "matches_glob", "matchesGlob"},
                            {Op::kContainsAny, "contains_any", "containsAny"},
                            {Op::kContainsAll, "contains_all", "containsAll"},
                            {Op::kContainsNone, "contains_none", "containsNone"}};

const OpNames& NamesOf(Op op) { return kOps[static_cast<std::size_t>(op)]; }

// The function of expressions and the member of the published form.
std::string_view MeasureName(behavior::Measure measure) {
  return measure == behavior::Measure::kCount ? "count" : "active_days";
}

void AppendLiteral(const Value& value, std::string* out) {
  const std::string* text = value.AsString();
  if (text == nullptr) {
    out->append(json::ToText(value));
    return;
  }
  constexpr char kHex[] = "0123456789abcdef";
  out->push_back('\'');
  for (char c : *text) {
    if (c == '\'' || c == '\\') {
      out->push_back('\\');
      out->push_back(c);
    } else if (c == '\n' || c == '\r' || c == '\t') {
      out->append(c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out->append("\\u00");
      out->push_back(kHex[static_cast<unsigned char>(c) >> 4]);
      out->push_back(kHex[static_cast<unsigned char>(c) & 15]);
    } else {
      out->push_back(c);
    }
  }
  out->push_back('\'');
}

void AppendCall(std::string_view function, const Value& text, std::string* out) {
  out->append(function).push_back('(');
  AppendLiteral(text, out);
  out->push_back(')');
}

void AppendList(const List& values, std::string* out) {
  out->push_back('[');
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out->append(", ");
    AppendLiteral(values[i], out);
  }
  out->push_back(']');
}

// 'a' in x is x.containsAny(['a']), and the shorter of both.
bool IsMembership(const Tree& tree) { return tree.op == Op::kContainsAny && tree.values.size() == 1; }

void AppendLeaf(const Tree& tree, std::string* out) {
  const std::string op = " " + std::string(NamesOf(tree.op).text) + " ";
  const std::string lower = tree.lower ? ".lowerAscii()" : "";
  switch (tree.kind) {
    case Kind::kVersion:
    case Kind::kDate: {
      const std::string_view function = tree.kind == Kind::kVersion ? "version" : "date";
      out->append(function).append("(" + tree.name + ")" + op);
      AppendCall(function, tree.value, out);
      return;
    }
    case Kind::kNow:
      out->append("now" + op);
      AppendCall("date", tree.value, out);
      return;
    case Kind::kIn:
      out->append(tree.name + lower + " in ");
      AppendList(tree.values, out);
      return;
    case Kind::kList:
      if (IsMembership(tree)) {
        AppendLiteral(tree.values[0], out);
        out->append(" in " + tree.name);
        return;
      }
      out->append(tree.name + ".").append(NamesOf(tree.op).text).push_back('(');
      AppendList(tree.values, out);
      out->push_back(')');
      return;
    case Kind::kCidr:
      out->append("cidr(" + tree.name + ", ");
      if (tree.values.size() == 1) {
        AppendLiteral(tree.values[0], out);
      } else {
        AppendList(tree.values, out);
      }
      out->push_back(')');
      return;
    case Kind::kSize: out->append("size(" + tree.name + ")" + op); break;
    case Kind::kType: out->append("type(" + tree.name + ")" + op); break;
    case Kind::kText:
      out->append(tree.name + lower + ".");
      AppendCall(NamesOf(tree.op).text, tree.value, out);
      return;
    case Kind::kExists: out->append("has(" + tree.name + ")"); return;
    case Kind::kSegment: AppendCall("segment", Value(tree.name), out); return;
    case Kind::kBehavior:
      out->append(MeasureName(tree.measure)).push_back('(');
      AppendLiteral(Value(tree.name), out);
      if (tree.window.unit != behavior::Window::Unit::kEver) {
        out->append(", '" + behavior::WindowText(tree.window) + "'");
      }
      out->append(")" + op);
      AppendLiteral(tree.value, out);
      return;
    default: out->append(tree.name + lower + op); break;
  }
  AppendLiteral(tree.value, out);
}

void Append(const Tree& tree, std::string* out) {
  if (IsLeaf(tree.kind)) return AppendLeaf(tree, out);
  if (tree.kind == Kind::kNot) {
    const Tree& inner = tree.of[0];
    const bool is_call = inner.kind == Kind::kExists || inner.kind == Kind::kSegment || inner.kind == Kind::kNot ||
                         inner.kind == Kind::kText || inner.kind == Kind::kCidr ||
                         (inner.kind == Kind::kList && !IsMembership(inner));
    out->append(is_call ? "!" : "!(");
    Append(inner, out);
    if (!is_call) out->push_back(')');
    return;
  }
  const bool is_and = tree.kind == Kind::kAnd;
  for (std::size_t i = 0; i < tree.of.size(); ++i) {
    if (i > 0) out->append(is_and ? " && " : " || ");
    const bool brackets = is_and && tree.of[i].kind == Kind::kOr;
    if (brackets) out->push_back('(');
    Append(tree.of[i], out);
    if (brackets) out->push_back(')');
  }
}

void WriteLeaf(const Tree& tree, json::Writer& out) {
  out.Key("op");
  switch (tree.kind) {
    case Kind::kNow: out.String(tree.op == Op::kGreaterEqual ? "since" : "before").Key("date").Any(tree.value); return;
    case Kind::kExists: out.String("exists").Key("attribute").String(tree.name); return;
    case Kind::kSegment: out.String("segment").Key("segment").String(tree.name); return;
    case Kind::kIn:
    case Kind::kList:
    case Kind::kCidr:
      out.String(tree.kind == Kind::kIn ? "in" : tree.kind == Kind::kCidr ? "cidr" : NamesOf(tree.op).json);
      out.Key("attribute").String(tree.name);
      if (tree.lower) out.Key("lower").Bool(true);
      out.Key("values").BeginArray();
      for (const Value& value : tree.values) out.Any(value);
      out.End();
      return;
    case Kind::kBehavior:
      out.String(NamesOf(tree.op).json).Key(MeasureName(tree.measure)).String(tree.name);
      if (tree.window.unit != behavior::Window::Unit::kEver) {
        out.Key("window").String(behavior::WindowText(tree.window));
      }
      out.Key("value").Any(tree.value);
      return;
    default: break;
  }
  const std::string_view member = tree.kind == Kind::kVersion ? "version"
                                  : tree.kind == Kind::kDate  ? "date"
                                  : tree.kind == Kind::kSize  ? "size"
                                  : tree.kind == Kind::kType  ? "type"
                                                              : "value";
  out.String(NamesOf(tree.op).json).Key("attribute").String(tree.name);
  if (tree.lower) out.Key("lower").Bool(true);
  out.Key(member).Any(tree.value);
}

// The members expressions can say. Others of a leaf, such as `kind`, would change what it means.
bool HasOnlyKnownMembers(json::Node condition) {
  for (json::Node member : condition) {
    const std::string_view name = member.name();
    if (name != "op" && name != "attribute" && name != "value" && name != "version" && name != "date" &&
        name != "values" && name != "segment" && name != "of" && name != "count" && name != "active_days" &&
        name != "window" && name != "size" && name != "type" && name != "lower") {
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
  return !out->lower || out->kind == Kind::kIn || out->kind == Kind::kText || out->kind == Kind::kCompare;
}

}  // namespace

void ToJson(const Tree& tree, json::Writer& out) {
  out.BeginObject();
  if (IsLeaf(tree.kind)) {
    WriteLeaf(tree, out);
  } else {
    out.Key("op")
        .String(tree.kind == Kind::kAnd  ? "and"
                : tree.kind == Kind::kOr ? "or"
                                         : "not")
        .Key("of")
        .BeginArray();
    for (const Tree& part : tree.of) ToJson(part, out);
    out.End();
  }
  out.End();
}

std::string ToJson(const Tree& tree) {
  std::string out;
  json::Writer writer(&out);
  ToJson(tree, writer);
  return out;
}

std::string ToText(const Tree& tree) {
  std::string out;
  Append(tree, &out);
  return out;
}

std::optional<Tree> FromJson(json::Node condition) {
  Tree tree;
  if (!ReadTree(condition, 0, &tree)) return std::nullopt;
  return tree;
}

}  // namespace guidon::expression
