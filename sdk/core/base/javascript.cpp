#include "sdk/core/base/javascript.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <utility>

#include "sdk/core/base/ascii.h"
#include "sdk/core/base/json.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"

namespace guidon::javascript {
namespace {

constexpr int kMostDepth = 32;

// The shortest digits that read back as the number, without zeros at either end, and where the point is: 0.digits times
// ten to that.
struct Decimal {
  std::string digits;
  int point = 0;
};

// By the C library, digit by digit more until it reads back: its decimal point may be any, and is passed over.
Decimal DecimalOf(double magnitude) {
  char text[64];
  for (int more = 0; more < 17; ++more) {
    std::snprintf(text, sizeof text, "%.*e", more, magnitude);
    if (std::strtod(text, nullptr) == magnitude) break;
  }
  const std::string_view written(text);
  const std::size_t e = written.find('e');
  Decimal decimal;
  for (const char c : written.substr(0, e)) {
    if (c >= '0' && c <= '9') decimal.digits += c;
  }
  decimal.digits.erase(decimal.digits.find_last_not_of('0') + 1);
  decimal.point = std::atoi(text + e + 1) + 1;
  return decimal;
}

void AppendText(const Value& value, int depth, std::string* out) {
  switch (value.type()) {
    case Value::Type::kNull: *out += "null"; break;
    case Value::Type::kBool: *out += *value.AsBool() ? "true" : "false"; break;
    case Value::Type::kInt: *out += ToText(static_cast<double>(*value.AsInt())); break;
    case Value::Type::kDouble: *out += ToText(*value.AsDouble()); break;
    case Value::Type::kString: *out += *value.AsString(); break;
    case Value::Type::kObject: *out += "[object Object]"; break;
    case Value::Type::kList: {
      if (depth == kMostDepth) return;
      bool is_first = true;
      for (const Value& item : *value.AsList()) {
        if (!is_first) *out += ',';
        is_first = false;
        if (!item.is_null()) AppendText(item, depth + 1, out);
      }
    }
  }
}

void AppendJson(const Value& value, int depth, std::string* out) {
  const double* number = value.AsDouble();
  const bool is_null = depth == kMostDepth || (number != nullptr && !std::isfinite(*number));
  if (is_null) {
    *out += "null";
  } else if (value.AsString() != nullptr) {
    json::Writer(out).String(*value.AsString());
  } else if (value.AsList() != nullptr) {
    const char* before = "[";
    for (const Value& item : *value.AsList()) {
      *out += std::exchange(before, ",");
      AppendJson(item, depth + 1, out);
    }
    *out += value.AsList()->empty() ? "[]" : "]";
  } else if (value.AsObject() != nullptr) {
    const char* before = "{";
    for (const Member& member : *value.AsObject()) {
      *out += std::exchange(before, ",");
      json::Writer(out).String(member.name);
      *out += ':';
      AppendJson(member.value, depth + 1, out);
    }
    *out += value.AsObject()->empty() ? "{}" : "}";
  } else {
    AppendText(value, 0, out);
  }
}

bool IsDigit(char c) noexcept { return c >= '0' && c <= '9'; }

std::size_t DigitsAt(std::string_view text, std::size_t at) noexcept {
  std::size_t end = at;
  while (end < text.size() && IsDigit(text[end])) ++end;
  return end - at;
}

constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

// "0x1f", "0o17", "0b11", behind the first two letters.
double WholeNumber(std::string_view digits, unsigned base) noexcept {
  double number = digits.empty() ? kNoNumber : 0;
  for (const char c : digits) {
    const char lower = text::LowerAscii(c);
    const int digit = IsDigit(c) ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 16;
    if (digit >= static_cast<int>(base)) return kNoNumber;
    number = number * base + digit;
  }
  return number;
}

// StrDecimalLiteral, which may lack a digit on either side of its point, in the form that JSON has of it.
double DecimalNumber(std::string_view text) {
  std::string number;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    if (text[0] == '-') number = "-";
    text.remove_prefix(1);
  }
  if (text == "Infinity") return number.empty() ? HUGE_VAL : -HUGE_VAL;
  const std::size_t whole = DigitsAt(text, 0);
  std::size_t at = whole;
  std::size_t parts = 0;
  if (at < text.size() && text[at] == '.') {
    parts = DigitsAt(text, at + 1);
    at += 1 + parts;
  }
  if (whole + parts == 0) return kNoNumber;
  const std::size_t zeros = std::min(text.find_first_not_of('0'), whole);
  number += zeros == whole ? "0" : std::string(text.substr(zeros, whole - zeros));
  number += "." + (parts == 0 ? "0" : std::string(text.substr(whole + 1, parts)));
  if (at < text.size()) {
    const bool has_sign = at + 1 < text.size() && (text[at + 1] == '-' || text[at + 1] == '+');
    const std::size_t digits = at + 1 + (has_sign ? 1 : 0);
    if ((text[at] != 'e' && text[at] != 'E') || digits >= text.size()) return kNoNumber;
    if (DigitsAt(text, digits) != text.size() - digits) return kNoNumber;
    number += text.substr(at);
  }
  const auto document = json::Document::Parse(number, nullptr);
  if (document) return document->root().AsNumber().value_or(kNoNumber);
  // Beyond what a double holds, as far as the reader is concerned.
  const bool is_small = number.find("e-") != std::string::npos || number.find("E-") != std::string::npos;
  return (is_small ? 0.0 : HUGE_VAL) * (number[0] == '-' ? -1 : 1);
}

// What ECMA-262 calls white space and line ends, at the front; 0 where there is none.
std::size_t SpaceAt(std::string_view text) noexcept {
  constexpr std::string_view kOneByte = " \t\n\v\f\r";
  if (text.empty()) return 0;
  if (kOneByte.find(text[0]) != std::string_view::npos) return 1;
  constexpr std::string_view kOthers[] = {"\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004",
                                          "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a", "\u2028",
                                          "\u2029", "\u202f", "\u205f", "\u3000", "\ufeff"};
  for (const std::string_view space : kOthers) {
    if (text.substr(0, space.size()) == space) return space.size();
  }
  return 0;
}

std::string_view Trim(std::string_view text) noexcept {
  while (const std::size_t space = SpaceAt(text)) text.remove_prefix(space);
  for (std::size_t end = text.size(); end > 0; end = text.size()) {
    std::size_t start = end - 1;
    while (start > 0 && end - start < 3 && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
    if (SpaceAt(text.substr(start)) != end - start) break;
    text = text.substr(0, start);
  }
  return text;
}

}  // namespace

std::string ToText(double number) {
  if (std::isnan(number)) return "NaN";
  if (number == 0) return "0";
  const std::string sign = number < 0 ? "-" : "";
  if (std::isinf(number)) return sign + "Infinity";
  const Decimal decimal = DecimalOf(std::fabs(number));
  const int digits = static_cast<int>(decimal.digits.size());
  const int point = decimal.point;
  if (digits <= point && point <= 21) {
    return sign + decimal.digits + std::string(static_cast<std::size_t>(point - digits), '0');
  }
  if (0 < point && point <= 21) {
    const auto whole = static_cast<std::size_t>(point);
    return sign + decimal.digits.substr(0, whole) + "." + decimal.digits.substr(whole);
  }
  if (-6 < point && point <= 0) {
    return sign + "0." + std::string(static_cast<std::size_t>(-point), '0') + decimal.digits;
  }
  std::string text = sign + decimal.digits.substr(0, 1);
  if (digits > 1) text += "." + decimal.digits.substr(1);
  const int exponent = point - 1;
  return text + (exponent < 0 ? "e-" : "e+") + std::to_string(std::abs(exponent));
}

std::string ToText(const Value& value) {
  std::string out;
  AppendText(value, 0, &out);
  return out;
}

double ToNumber(std::string_view text) {
  text = Trim(text);
  if (text.empty()) return 0;
  const char base = text.size() > 1 && text[0] == '0' ? text::LowerAscii(text[1]) : ' ';
  if (base == 'x') return WholeNumber(text.substr(2), 16);
  if (base == 'o') return WholeNumber(text.substr(2), 8);
  if (base == 'b') return WholeNumber(text.substr(2), 2);
  return DecimalNumber(text);
}

double ToNumber(const Value& value) {
  switch (value.type()) {
    case Value::Type::kNull: return 0;
    case Value::Type::kBool: return *value.AsBool() ? 1 : 0;
    case Value::Type::kInt: return static_cast<double>(*value.AsInt());
    case Value::Type::kDouble: return *value.AsDouble();
    case Value::Type::kString: return ToNumber(std::string_view(*value.AsString()));
    case Value::Type::kList: return ToNumber(std::string_view(ToText(value)));
    case Value::Type::kObject: break;
  }
  return kNoNumber;
}

bool IsTruthy(const Value& value) noexcept {
  switch (value.type()) {
    case Value::Type::kNull: return false;
    case Value::Type::kBool: return *value.AsBool();
    case Value::Type::kInt: return *value.AsInt() != 0;
    case Value::Type::kDouble: return *value.AsDouble() != 0 && !std::isnan(*value.AsDouble());
    case Value::Type::kString: return !value.AsString()->empty();
    case Value::Type::kList:
    case Value::Type::kObject: break;
  }
  return true;
}

std::string ToJson(const Value& value) {
  std::string out;
  AppendJson(value, 0, &out);
  return out;
}

bool HasOrderKey(std::string_view utf8) noexcept {
  return std::any_of(utf8.begin(), utf8.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xF0; });
}

std::string OrderKey(std::string_view utf8) {
  std::string key;
  const auto append = [&key](unsigned unit) {
    key += static_cast<char>(0xE0 | unit >> 12);
    key += static_cast<char>(0x80 | (unit >> 6 & 0x3F));
    key += static_cast<char>(0x80 | (unit & 0x3F));
  };
  while (!utf8.empty()) {
    const std::size_t length = std::max<std::size_t>(text::Utf8Length(utf8), 1);
    if (length == 4) {
      unsigned point = static_cast<unsigned char>(utf8[0]) & 0x7u;
      for (std::size_t i = 1; i < length; ++i) point = point << 6 | (static_cast<unsigned char>(utf8[i]) & 0x3Fu);
      append(0xD800 + ((point - 0x10000) >> 10));
      append(0xDC00 + ((point - 0x10000) & 0x3FF));
    } else {
      key += utf8.substr(0, length);
    }
    utf8.remove_prefix(length);
  }
  return key;
}

}  // namespace guidon::javascript
