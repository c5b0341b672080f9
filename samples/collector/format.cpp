#include "samples/collector/format.h"

#include <cmath>
#include <cstdio>

#include "sdk/core/base/text.h"

namespace guidon::collector {
namespace {

std::string Fixed(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof(text), "%.*f", decimals, value);
  return text;
}

}  // namespace

std::string Escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string Thousands(std::uint64_t n) {
  std::string text = std::to_string(n);
  for (std::size_t i = text.size(); i > 3;) {
    i -= 3;
    text.insert(i, 1, ',');
  }
  return text;
}

std::string Percent(double share, int decimals) { return Fixed(share * 100, decimals) + " %"; }

std::string Points(double difference, int decimals) {
  const std::string digits = Fixed(std::fabs(difference) * 100, decimals);
  if (digits == Fixed(0, decimals)) return digits;
  return (difference < 0 ? "\u2212" : "+") + digits;
}

std::string PValue(double p) {
  char text[32];
  std::snprintf(text, sizeof(text), p < 0.001 ? "%.1e" : "%.2g", p);
  return text;
}

std::string Minute(std::int64_t ms) {
  const std::string text = text::FormatTimestamp(TimestampFromMs(ms));
  return text.size() < 16 ? text : text.substr(0, 10) + " " + text.substr(11, 5) + " UTC";
}

std::string Date(std::int64_t ms) { return text::FormatTimestamp(TimestampFromMs(ms)).substr(0, 10); }

std::string Plain(double value) {
  if (!std::isfinite(value) || std::fabs(value) >= 1e15) {
    char text[32];
    std::snprintf(text, sizeof(text), "%.3g", value);
    return text;
  }
  std::string text = Fixed(std::fabs(value), 2);
  std::string fraction = text.substr(text.size() - 3);
  while (fraction.back() == '0') fraction.pop_back();
  if (fraction == ".") fraction.clear();
  text = Thousands(std::stoull(text.substr(0, text.size() - 3))) + fraction;
  return value < 0 && text != "0" ? "\u2212" + text : text;
}

std::string Plural(std::uint64_t n, const char* one, const char* many) {
  return Thousands(n) + " " + (n == 1 ? one : many);
}

int DecimalsFor(const Interval& interval) {
  const double width = interval.upper - interval.lower;
  return width < 0.0005 ? 3 : width < 0.005 ? 2 : 1;
}

}  // namespace guidon::collector
