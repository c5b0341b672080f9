#include "sdk/core/dialects/javascript.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace guidon::dialects {
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

void AppendText(json::Node value, int depth, std::string* out) {
  if (const auto text = value.AsString()) {
    *out += *text;
  } else if (const auto number = value.AsNumber()) {
    *out += JavaScriptText(*number);
  } else if (const auto is_true = value.AsBool()) {
    *out += *is_true ? "true" : "false";
  } else if (value.is(json::Type::kObject)) {
    *out += "[object Object]";
  } else if (value.is(json::Type::kArray)) {
    if (depth == kMostDepth) return;
    bool is_first = true;
    for (const json::Node item : value) {
      if (!is_first) *out += ',';
      is_first = false;
      if (!item.is(json::Type::kNull)) AppendText(item, depth + 1, out);
    }
  } else {
    *out += "null";
  }
}

}  // namespace

std::string JavaScriptText(double number) {
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

std::string JavaScriptText(json::Node value) {
  std::string out;
  AppendText(value, 0, &out);
  return out;
}

}  // namespace guidon::dialects
