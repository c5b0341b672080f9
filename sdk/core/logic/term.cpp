#include "sdk/core/logic/term.h"

#include <cmath>
#include <cstring>
#include <new>

#include "sdk/core/base/javascript.h"

namespace guidon::logic {
namespace {

using Kind = Term::Kind;

bool IsDigit(char c) noexcept { return c >= '0' && c <= '9'; }

std::size_t DigitsFrom(std::string_view text, std::size_t at) noexcept {
  while (at < text.size() && IsDigit(text[at])) ++at;
  return at;
}

// How much of a text, without spaces in front, is a number.
std::size_t NumberLength(std::string_view text) noexcept {
  const std::size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  if (text.substr(sign, 8) == "Infinity") return sign + 8;
  std::size_t at = DigitsFrom(text, sign);
  const bool has_whole = at > sign;
  if (at < text.size() && text[at] == '.') {
    const std::size_t end = DigitsFrom(text, at + 1);
    if (has_whole || end > at + 1) at = end;
  }
  if (at == sign || (at == sign + 1 && !IsDigit(text[sign]))) return 0;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    const std::size_t digits = at + 1 + (at + 1 < text.size() && (text[at + 1] == '-' || text[at + 1] == '+') ? 1 : 0);
    const std::size_t end = DigitsFrom(text, digits);
    if (end > digits) at = end;
  }
  return at;
}

bool IsScalar(const Term& term) noexcept {
  return term.kind == Kind::kBool || term.kind == Kind::kNumber || term.kind == Kind::kText;
}

}  // namespace

Term FromBool(bool value) noexcept {
  Term term;
  term.kind = Kind::kBool;
  term.boolean = value;
  return term;
}

Term FromNumber(double value) noexcept {
  Term term;
  term.kind = Kind::kNumber;
  term.number = value;
  return term;
}

Term FromText(std::string_view value) noexcept {
  Term term;
  term.kind = Kind::kText;
  term.text = value;
  return term;
}

Term FromValue(const Value& value) noexcept {
  switch (value.type()) {
    case Value::Type::kNull: return Term();
    case Value::Type::kBool: return FromBool(*value.AsBool());
    case Value::Type::kInt: return FromNumber(static_cast<double>(*value.AsInt()));
    case Value::Type::kDouble: return FromNumber(*value.AsDouble());
    case Value::Type::kString: return FromText(*value.AsString());
    case Value::Type::kList:
    case Value::Type::kObject: break;
  }
  Term term;
  term.kind = Kind::kValue;
  term.value = &value;
  return term;
}

Value ToValue(const Term& term) {
  switch (term.kind) {
    case Kind::kUndefined:
    case Kind::kNull:
    case Kind::kInput: return Value();
    case Kind::kBool: return Value(term.boolean);
    case Kind::kNumber: return Value(term.number);
    case Kind::kText: return Value(term.text);
    case Kind::kValue: return *term.value;
    case Kind::kPair:
      return Value(Object{{"current", ToValue(term.terms[0])}, {"accumulator", ToValue(term.terms[1])}});
    case Kind::kTerms: break;
  }
  List list;
  for (std::size_t i = 0; i < term.count; ++i) list.push_back(ToValue(term.terms[i]));
  return Value(std::move(list));
}

bool IsList(const Term& term) noexcept {
  return term.kind == Kind::kTerms || (term.kind == Kind::kValue && term.value->AsList() != nullptr);
}

std::size_t SizeOf(const Term& list) noexcept {
  return list.kind == Kind::kTerms ? list.count : list.value->AsList()->size();
}

Term ItemOf(const Term& list, std::size_t index) noexcept {
  return list.kind == Kind::kTerms ? list.terms[index] : FromValue((*list.value->AsList())[index]);
}

bool IsTrue(const Term& term) noexcept {
  switch (term.kind) {
    case Kind::kUndefined:
    case Kind::kNull: return false;
    case Kind::kBool: return term.boolean;
    case Kind::kNumber: return term.number != 0 && !std::isnan(term.number);
    case Kind::kText: return !term.text.empty();
    case Kind::kTerms: return term.count > 0;
    case Kind::kValue: return term.value->AsList() == nullptr || !term.value->AsList()->empty();
    case Kind::kPair:
    case Kind::kInput: break;
  }
  return true;
}

std::string TextOf(const Term& term) {
  switch (term.kind) {
    case Kind::kUndefined: return "undefined";
    case Kind::kText: return std::string(term.text);
    case Kind::kNumber: return javascript::ToText(term.number);
    case Kind::kInput: return "[object Object]";
    default: return javascript::ToText(ToValue(term));
  }
}

double NumberOf(const Term& term) {
  switch (term.kind) {
    case Kind::kUndefined:
    case Kind::kInput: return std::nan("");
    case Kind::kNull: return 0;
    case Kind::kBool: return term.boolean ? 1 : 0;
    case Kind::kNumber: return term.number;
    case Kind::kText: return javascript::ToNumber(term.text);
    default: return javascript::ToNumber(ToValue(term));
  }
}

double LeadingNumberOf(const Term& term) {
  if (term.kind == Kind::kNumber) return term.number;
  const std::string text = TextOf(term);
  std::string_view rest = text;
  while (!rest.empty() && std::string_view(" \t\n\v\f\r").find(rest[0]) != std::string_view::npos)
    rest.remove_prefix(1);
  const std::size_t length = NumberLength(rest);
  return length == 0 ? std::nan("") : javascript::ToNumber(rest.substr(0, length));
}

bool AreSame(const Term& a, const Term& b) noexcept {
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case Kind::kUndefined:
    case Kind::kNull: return true;
    case Kind::kBool: return a.boolean == b.boolean;
    case Kind::kNumber: return a.number == b.number;
    case Kind::kText: return a.text == b.text;
    default: return false;
  }
}

bool AreEqual(const Term& a, const Term& b) {
  const auto is_nothing = [](const Term& term) { return term.kind == Kind::kNull || term.kind == Kind::kUndefined; };
  if (is_nothing(a) || is_nothing(b)) return is_nothing(a) && is_nothing(b);
  if (a.kind == b.kind && IsScalar(a)) return AreSame(a, b);
  if (!IsScalar(a) && !IsScalar(b)) return false;
  // A list or an object is its text first.
  if (!IsScalar(a)) return AreEqual(FromText(TextOf(a)), b);
  if (!IsScalar(b)) return AreEqual(a, FromText(TextOf(b)));
  return NumberOf(a) == NumberOf(b);
}

int OrderOf(const Term& a, const Term& b) {
  if (a.kind == Kind::kText && b.kind == Kind::kText) {
    const bool is_plain = !javascript::HasOrderKey(a.text) && !javascript::HasOrderKey(b.text);
    const int order =
        is_plain ? a.text.compare(b.text) : javascript::OrderKey(a.text).compare(javascript::OrderKey(b.text));
    return order < 0 ? -1 : static_cast<int>(order > 0);
  }
  const double first = NumberOf(a), second = NumberOf(b);
  if (std::isnan(first) || std::isnan(second)) return 2;
  return first < second ? -1 : static_cast<int>(first > second);
}

void* Arena::Take(std::size_t bytes) {
  bytes = (bytes + alignof(Term) - 1) / alignof(Term) * alignof(Term);
  if (bytes > kMost - total_) return nullptr;
  total_ += bytes;
  if (bytes <= kFirst - used_) {
    used_ += bytes;
    return first_ + used_ - bytes;
  }
  more_.push_back(std::make_unique<char[]>(bytes));
  return more_.back().get();
}

bool Arena::Keep(std::string_view text, Term* out) {
  void* const room = Take(text.size());
  if (room == nullptr) return false;
  if (!text.empty()) std::memcpy(room, text.data(), text.size());
  *out = FromText({static_cast<const char*>(room), text.size()});
  return true;
}

Term* Arena::Terms(std::size_t count) {
  void* const room = count > kMost / sizeof(Term) ? nullptr : Take(count * sizeof(Term));
  if (room == nullptr) return nullptr;
  auto* const terms = static_cast<Term*>(room);
  for (std::size_t i = 0; i < count; ++i) new (terms + i) Term();
  return terms;
}

}  // namespace guidon::logic
