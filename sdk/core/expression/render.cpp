#include "sdk/core/expression/render.h"

#include <string_view>

#include "sdk/core/expression/op_names.h"

namespace guidon::expression {
namespace {

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

// flag('x') is flag('x') == true, and the shorter of both.
bool IsBareFlag(const Tree& tree) {
  return tree.kind == Kind::kFlag && tree.op == Op::kEqual && tree.value == Value(true);
}

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
    case Kind::kFlag:
      AppendCall("flag", Value(tree.name), out);
      if (IsBareFlag(tree)) return;
      out->append(op);
      break;
    case Kind::kVariant:
      AppendCall("variant", Value(tree.name), out);
      out->append(op);
      break;
    case Kind::kVariantIn:
      AppendCall("variant", Value(tree.name), out);
      out->append(" in ");
      AppendList(tree.values, out);
      return;
    case Kind::kBehavior:
      out->append(behavior::MeasureName(tree.measure)).push_back('(');
      AppendLiteral(Value(tree.name), out);
      if (tree.window.unit != behavior::Window::Unit::kEver) {
        out->append(", '" + behavior::WindowText(tree.window) + "'");
      }
      out->append(")" + op);
      if (behavior::IsElapsed(tree.measure)) return AppendCall("duration", tree.value, out);
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
                         inner.kind == Kind::kText || inner.kind == Kind::kCidr || IsBareFlag(inner) ||
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

void WriteValues(const List& values, json::Writer& out) {
  out.Key("values").BeginArray();
  for (const Value& value : values) out.Any(value);
  out.End();
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
      WriteValues(tree.values, out);
      return;
    case Kind::kFlag:
      out.String(NamesOf(tree.op).json).Key("flag").String(tree.name).Key("value").Any(tree.value);
      return;
    case Kind::kVariant:
      out.String(NamesOf(tree.op).json).Key("variant").String(tree.name).Key("value").Any(tree.value);
      return;
    case Kind::kVariantIn:
      out.String("in").Key("variant").String(tree.name);
      WriteValues(tree.values, out);
      return;
    case Kind::kBehavior:
      if (behavior::IsElapsed(tree.measure)) {
        out.String(behavior::MeasureName(tree.measure)).Key("event").String(tree.name);
        out.Key("comparison").String(NamesOf(tree.op).json).Key("duration").Any(tree.value);
        return;
      }
      out.String(NamesOf(tree.op).json).Key(behavior::MeasureName(tree.measure)).String(tree.name);
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

}  // namespace guidon::expression
