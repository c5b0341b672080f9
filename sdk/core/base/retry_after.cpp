#include "sdk/core/base/retry_after.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "sdk/core/base/text.h"

namespace guidon {

std::optional<Timestamp> ParseHttpDate(std::string_view text) {
  text = text::Trim(text);
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT") return std::nullopt;
  const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  if (month == kMonths.end() || text[7] != ' ' || text[11] != ' ' || text[16] != ' ') return std::nullopt;
  const auto number = month - kMonths.begin() + 1;
  std::string plain(text.substr(12, 4));
  plain += number < 10 ? "-0" : "-";
  plain += std::to_string(number);
  plain += '-';
  plain += text.substr(5, 2);
  plain += 'T';
  plain += text.substr(17, 8);
  plain += 'Z';
  return text::ParseTimestamp(plain);
}

std::optional<Duration> ParseRetryAfter(std::string_view retry_after, std::string_view date, Timestamp now) {
  retry_after = text::Trim(retry_after);
  if (retry_after.empty()) return std::nullopt;
  if (retry_after.find_first_not_of("0123456789") == std::string_view::npos) {
    std::int64_t seconds = 0;
    const auto end = std::from_chars(retry_after.data(), retry_after.data() + retry_after.size(), seconds);
    if (end.ec != std::errc() || seconds > kMostRetryAfter / std::chrono::seconds(1)) return kMostRetryAfter;
    return std::chrono::seconds(seconds);
  }
  const std::optional<Timestamp> until = ParseHttpDate(retry_after);
  if (!until) return std::nullopt;
  return std::clamp(*until - ParseHttpDate(date).value_or(now), Duration(0), kMostRetryAfter);
}

}  // namespace guidon
