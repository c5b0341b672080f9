#include "sdk/core/expression/comparison.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/ascii.h"
#include "sdk/core/base/text.h"
#include "sdk/core/base/type_names.h"
#include "sdk/core/expression/spelling.h"
#include "sdk/core/expression/token_stream.h"

namespace guidon::expression {
namespace {

// Dotted identifiers of semver.org 2.0; in a pre-release, numbers have no leading zero.
bool AreIdentifiers(std::string_view text, bool is_prerelease) {
  std::size_t begin = 0;
  for (;;) {
    const std::size_t end = std::min(text.find('.', begin), text.size());
    bool is_number = true;
    for (char c : text.substr(begin, end - begin)) {
      const bool is_digit = c >= '0' && c <= '9';
      if (!is_digit && c != '-' && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z')) return false;
      is_number = is_number && is_digit;
    }
    if (end == begin || (is_prerelease && is_number && end - begin > 1 && text[begin] == '0')) return false;
    if (end == text.size()) return true;
    begin = end + 1;
  }
}

// "4.2" → "4.2.0"; nothing when it is no version.
std::optional<std::string> NormalVersion(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  int numbers = 0;
  while (numbers < 3) {
    std::size_t digits = 0;
    while (at + digits < text.size() && text[at + digits] >= '0' && text[at + digits] <= '9') ++digits;
    if (digits == 0 || digits > 9 || (digits > 1 && text[at] == '0')) return std::nullopt;
    out.append(numbers == 0 ? "" : ".").append(text.substr(at, digits));
    at += digits;
    ++numbers;
    if (numbers == 3 || at == text.size() || text[at] != '.') break;
    ++at;
  }
  for (; numbers < 3; ++numbers) out.append(".0");
  const std::string_view rest = text.substr(at);
  const std::size_t plus = rest.find('+');
  const std::string_view before = rest.substr(0, plus);
  if (!before.empty() && (before[0] != '-' || !AreIdentifiers(before.substr(1), true))) return std::nullopt;
  if (plus != std::string_view::npos && !AreIdentifiers(rest.substr(plus + 1), false)) return std::nullopt;
  return out.append(rest);
}

}  // namespace

bool Comparison::Fail(std::size_t offset, std::size_t size, std::string reason, std::string advice) {
  *error_ = {offset, size, std::move(reason), std::move(advice)};
  return false;
}

bool Comparison::FailAt(const Operand& operand, std::string reason, std::string advice) {
  return Fail(operand.offset, operand.size, std::move(reason), std::move(advice));
}

bool Comparison::Read(const Operand& left, Op op, const Token& sign, const Operand& right, Tree* out) {
  out->op = op;
  out->name = left.name;
  switch (left.kind) {
    case OperandKind::kVersionOf: out->kind = Kind::kVersion; return ToVersion(right, &out->value);
    case OperandKind::kDateOf:
      out->kind = Kind::kDate;
      if (op == Op::kEqual || op == Op::kNotEqual)
        return Fail(sign.offset, sign.text.size(), "dates are compared with <, <=, > and >=",
                    "for one day write date(x) >= date('2026-12-01') && date(x) < date('2026-12-02')");
      if (right.kind == OperandKind::kNow) {
        return FailAt(right, "a date cannot be compared with now",
                      "now >= date('2026-12-01') compares the clock with a fixed date");
      }
      return ToDate(right, &out->value);
    case OperandKind::kNow:
      out->kind = Kind::kNow;
      if (op != Op::kGreaterEqual && op != Op::kLess) {
        return Fail(sign.offset, sign.text.size(), "with now, " + std::string(sign.text) + " is not known",
                    "write now >= date('...') for since, now < date('...') for before");
      }
      return ToDate(right, &out->value);
    case OperandKind::kBehavior: return ReadBehavior(left, op, sign, right, out);
    case OperandKind::kSizeOf: return ReadSize(left, right, out);
    case OperandKind::kTypeOf: return ReadType(left, op, sign, right, out);
    case OperandKind::kFlagOf: return ReadFlag(left, op, sign, right, out);
    case OperandKind::kVariantOf: return ReadVariant(left, op, sign, right, out);
    default: break;
  }
  return ReadPlain(left, op, sign, right, out);
}

// since_last('app_open') >= duration('7d')
bool Comparison::ReadElapsed(const Operand& left, Op op, const Token& sign, const Operand& right, Tree* out) {
  const std::string call(text_.substr(left.offset, left.size));
  if (op == Op::kEqual || op == Op::kNotEqual) {
    const std::string advice = "write " + call + " >= duration('7d')";
    return Fail(sign.offset, sign.text.size(), "durations are compared with <, <=, > and >=", advice);
  }
  out->value = right.value;
  if (right.kind == OperandKind::kDuration) return true;
  if (right.kind == OperandKind::kBehavior) {
    return FailAt(right, "two durations cannot be compared", "write " + call + " >= duration('7d')");
  }
  const std::string* text = right.kind == OperandKind::kLiteral ? right.value.AsString() : nullptr;
  const std::string time = text != nullptr && text::ParseDuration(*text) ? *text : "7d";
  return FailAt(right, "how long ago something was is compared with a duration", "write duration('" + time + "')");
}

bool Comparison::ReadBehavior(const Operand& left, Op op, const Token& sign, const Operand& right, Tree* out) {
  out->kind = Kind::kBehavior;
  out->measure = left.measure;
  out->window = left.window;
  if (behavior::IsElapsed(left.measure)) return ReadElapsed(left, op, sign, right, out);
  const std::string advice = "write " + std::string(text_.substr(left.offset, left.size)) + " >= 5";
  if (right.kind == OperandKind::kBehavior) return FailAt(right, "two counts cannot be compared", advice);
  if (right.kind != OperandKind::kLiteral) return FailAt(right, "a count is compared with a whole number", advice);
  const std::int64_t* number = right.value.AsInt();
  if (number == nullptr) {
    const bool is_text = right.value.AsString() != nullptr;
    const bool is_bool = right.value.AsBool() != nullptr;
    return FailAt(right,
                  std::string("a count is compared with a whole number, and this is ") + (is_text   ? "a text"
                                                                                          : is_bool ? "a yes/no"
                                                                                                    : "none"),
                  advice + (is_text ? ", without quotes" : ""));
  }
  if (*number < 0) return FailAt(right, "a count is never negative", advice);
  if (static_cast<std::uint64_t>(*number) > limits::kMaxVersion) return FailAt(right, "no count gets there", advice);
  const bool is_beyond =
      left.measure == behavior::Measure::kActiveDays &&
      (left.window.unit == behavior::Window::Unit::kDays || left.window.unit == behavior::Window::Unit::kLocalDays) &&
      *number > left.window.length;
  if (is_beyond) {
    return FailAt(right, Quote(behavior::WindowText(left.window)) + " has fewer days than that",
                  "count() counts events, active_days() the days that have some");
  }
  out->value = right.value;
  return true;
}

bool Comparison::ReadSize(const Operand& left, const Operand& right, Tree* out) {
  out->kind = Kind::kSize;
  const std::string advice = "write size(" + left.name + ") >= 2";
  const std::int64_t* number = right.kind == OperandKind::kLiteral ? right.value.AsInt() : nullptr;
  if (number == nullptr) return FailAt(right, "a size is compared with a whole number", advice);
  if (*number < 0) return FailAt(right, "a size is never negative", advice);
  if (*number > static_cast<std::int64_t>(limits::kAttributeElements)) {
    return FailAt(
        right, "no list gets there",
        "of a list with more than " + std::to_string(limits::kAttributeElements) + " elements nothing is known");
  }
  out->value = right.value;
  return true;
}

bool Comparison::ReadType(const Operand& left, Op op, const Token& sign, const Operand& right, Tree* out) {
  out->kind = Kind::kType;
  if (op != Op::kEqual && op != Op::kNotEqual) {
    return Fail(sign.offset, sign.text.size(), "types have no order", "use == or !=");
  }
  const std::string* name = right.kind == OperandKind::kLiteral ? right.value.AsString() : nullptr;
  if (name == nullptr) {
    return FailAt(right, "a type is compared with its name in quotes", "write type(" + left.name + ") == 'string'");
  }
  if (TypeIndex(*name) == kTypeNames.size()) {
    const std::string_view meant = Closest(*name, {kTypeNames.begin(), kTypeNames.end()});
    return FailAt(right, "there is no type " + Quote(*name),
                  meant.empty() ? "there are missing, null, bool, int, double, string, list and object"
                                : "did you mean " + Quote(meant) + "?");
  }
  out->value = right.value;
  return true;
}

bool Comparison::CheckLower(const Value& value, std::size_t offset, std::size_t size) {
  const std::string* text = value.AsString();
  if (text == nullptr) return Fail(offset, size, "lowerAscii() gives a text, and this is none", "put it in quotes");
  if (!text::HasUpperAscii(*text)) return true;
  std::string lower = *text;
  std::transform(lower.begin(), lower.end(), lower.begin(), text::LowerAscii);
  return Fail(offset, size, "lowerAscii() leaves no capitals, so this never matches", "write " + Quote(lower));
}

bool Comparison::ReadFlag(const Operand& left, Op op, const Token& sign, const Operand& right, Tree* out) {
  out->kind = Kind::kFlag;
  if (right.kind != OperandKind::kLiteral) {
    const bool are_two = right.kind == OperandKind::kFlagOf;
    return FailAt(right, are_two ? "two flags cannot be compared" : "a flag is compared with a value of its type",
                  "write flag('" + left.name + "') " + std::string(sign.text) + " 'text', a number, true or false");
  }
  out->value = right.value;
  const bool is_order = op != Op::kEqual && op != Op::kNotEqual;
  if (!is_order || right.value.AsInt() != nullptr || right.value.AsDouble() != nullptr) return true;
  return FailAt(
      right,
      std::string(sign.text) + " compares numbers, and this is " + (right.value.AsBool() ? "a yes/no" : "a text"),
      "use == or !=");
}

bool Comparison::ReadVariant(const Operand& left, Op op, const Token& sign, const Operand& right, Tree* out) {
  out->kind = Kind::kVariant;
  if (op != Op::kEqual && op != Op::kNotEqual) {
    return Fail(sign.offset, sign.text.size(), "variants have no order", "use == or !=");
  }
  out->value = right.value;
  if (right.kind == OperandKind::kLiteral && right.value.AsString() != nullptr) return true;
  return FailAt(right, "a variant is compared with its name in quotes",
                "write variant('" + left.name + "') " + std::string(sign.text) + " 'control'");
}

// An attribute's other side: what is no constant says how it wants to be compared.
bool Comparison::IsComparedWithLiteral(const Operand& left, const Token& sign, const Operand& right) {
  const std::string op(sign.text);
  switch (right.kind) {
    case OperandKind::kVersion:
    case OperandKind::kVersionOf:
      return FailAt(left, "a version is compared with something else",
                    "write version(" + left.name + ") " + op + " version('4.2.0')");
    case OperandKind::kDate:
    case OperandKind::kDateOf:
    case OperandKind::kNow:
      return FailAt(left, "a date is compared with something else",
                    "write date(" + left.name + ") < date('2026-12-01')");
    case OperandKind::kDuration:
      return FailAt(right, "a duration is compared with how long ago something was",
                    "write since_last('app_open') " + op + " " + std::string(text_.substr(right.offset, right.size)));
    case OperandKind::kBehavior:
      if (behavior::IsElapsed(right.measure)) {
        return FailAt(left, "how long ago something was is compared with a duration", "write duration('7d')");
      }
      return FailAt(left, "a count is compared with a whole number",
                    "write " + std::string(text_.substr(right.offset, right.size)) + " >= 5");
    case OperandKind::kSizeOf:
      return FailAt(left, "a size is compared with a whole number", "write size(" + right.name + ") >= 2");
    case OperandKind::kAttribute:
      return FailAt(right, "two attributes cannot be compared",
                    "put the text in quotes if " + Quote(right.name) + " is meant as a text");
    case OperandKind::kTypeOf:
      return FailAt(left, "a type is compared with its name in quotes", "write type(" + right.name + ") == 'string'");
    case OperandKind::kFlagOf:
      return FailAt(left, "a flag is compared with a value of its type",
                    "put the text in quotes if " + Quote(left.name) + " is meant as a text");
    case OperandKind::kVariantOf:
      return FailAt(left, "a variant is compared with its name in quotes",
                    "write variant('" + right.name + "') == 'control'");
    case OperandKind::kLiteral: break;
  }
  return true;
}

// Of <, <=, > and >=.
bool Comparison::CheckOrder(const Operand& left, const Token& sign, const Operand& right) {
  const std::string op(sign.text);
  if (left.lower) return Fail(sign.offset, sign.text.size(), "texts have no order", "use == or !=");
  if (right.value.AsInt() != nullptr || right.value.AsDouble() != nullptr) return true;
  const std::string* text = right.value.AsString();
  const bool is_number = text != nullptr && !text->empty() && text->size() <= 15 &&
                         text->find_first_not_of("0123456789") == std::string::npos;
  if (is_number) {
    return FailAt(right, op + " compares numbers, and this is a text",
                  "write " + left.name + " " + op + " " + *text + ", without quotes");
  }
  return FailAt(right, op + " compares numbers, and this is " + (text == nullptr ? "a yes/no" : "a text"),
                text == nullptr ? "use == or !="
                                : "for versions write version(" + left.name + ") " + op +
                                      " version('4.2.0'), for dates date(" + left.name + ")");
}

bool Comparison::ReadPlain(const Operand& left, Op op, const Token& sign, const Operand& right, Tree* out) {
  out->kind = Kind::kCompare;
  if (!IsComparedWithLiteral(left, sign, right)) return false;
  out->value = right.value;
  out->lower = left.lower;
  if (op != Op::kEqual && op != Op::kNotEqual && !CheckOrder(left, sign, right)) return false;
  return !left.lower || CheckLower(right.value, right.offset, right.size);
}

bool Comparison::ToVersion(const Operand& operand, Value* out) {
  if (operand.kind == OperandKind::kVersionOf || operand.kind == OperandKind::kAttribute) {
    return FailAt(operand, "two attributes cannot be compared", "write the version in quotes: version('4.2.0')");
  }
  const std::string* text = operand.value.AsString();
  if (text == nullptr || operand.kind == OperandKind::kDate || operand.kind == OperandKind::kDuration) {
    const bool number = operand.value.AsInt() != nullptr || operand.value.AsDouble() != nullptr;
    return FailAt(operand, std::string("a version cannot be compared with ") + (number ? "a number" : "this"),
                  "write version('" +
                      (number ? std::string(text_.substr(operand.offset, operand.size)) : std::string("4.2.0")) + "')");
  }
  std::optional<std::string> version = NormalVersion(*text);
  if (!version) {
    return FailAt(operand, Quote(*text) + " is not a version",
                  "write it like 4.2.0 or 4.2.0-beta.1, without a leading v");
  }
  // With its missing parts it may be longer than devices read.
  constexpr std::size_t kMostBytes = 256;
  if (version->size() > kMostBytes) return FailAt(operand, Quote(*text) + " is too long for a version", "");
  *out = Value(*std::move(version));
  return true;
}

bool Comparison::ToDate(const Operand& operand, Value* out) {
  if (operand.kind == OperandKind::kDateOf || operand.kind == OperandKind::kAttribute ||
      operand.kind == OperandKind::kNow) {
    return FailAt(operand, "the right side must be a fixed date", "write date('2026-12-01')");
  }
  const std::string* text = operand.value.AsString();
  if (text == nullptr || operand.kind == OperandKind::kVersion || operand.kind == OperandKind::kDuration) {
    return FailAt(operand, "a date cannot be compared with this", "write date('2026-12-01')");
  }
  const std::optional<Timestamp> date = text::ParseTimestamp(*text);
  if (!date) {
    return FailAt(operand, Quote(*text) + " is not a date", "write it like 2026-12-01 or 2026-12-01T09:00:00Z");
  }
  *out = Value(text::FormatTimestamp(*date));
  return true;
}

}  // namespace guidon::expression
