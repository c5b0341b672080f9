#include "sdk/core/ruleset/open_hours.h"

#include <array>

namespace guidon::ruleset {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr std::int32_t kDayMinutes = 24 * 60;
constexpr std::int32_t kMostAhead = 14 * 60;

// "hh:mm"; -1 for anything else.
std::int32_t ReadMinutes(std::string_view text) noexcept {
  if (text.size() != 5 || text[2] != ':') return -1;
  std::int32_t digits[4];
  const std::size_t places[] = {0, 1, 3, 4};
  for (std::size_t i = 0; i < 4; ++i) {
    const char c = text[places[i]];
    if (c < '0' || c > '9') return -1;
    digits[i] = c - '0';
  }
  const std::int32_t minutes = digits[2] * 10 + digits[3];
  const std::int32_t all = (digits[0] * 10 + digits[1]) * 60 + minutes;
  return minutes < 60 && all <= kDayMinutes ? all : -1;
}

std::string MinutesText(std::int32_t minutes) {
  const auto two = [](std::int32_t number) { return std::string(number < 10 ? "0" : "") + std::to_string(number); };
  return two(minutes / 60) + ":" + two(minutes % 60);
}

}  // namespace

bool ReadHours(std::string_view text, OpenHours* out) noexcept {
  if (text.size() != 11 || text[5] != '-') return false;
  const std::int32_t from = ReadMinutes(text.substr(0, 5));
  const std::int32_t until = ReadMinutes(text.substr(6));
  if (from < 0 || from >= kDayMinutes || until < 0 || from == until) return false;
  out->from = from;
  out->until = until == 0 ? kDayMinutes : until;
  return true;
}

std::string HoursText(const OpenHours& hours) { return MinutesText(hours.from) + "-" + MinutesText(hours.until); }

bool ReadZone(std::string_view text, std::optional<Duration>* out) noexcept {
  if (text == "device") {
    out->reset();
    return true;
  }
  if (text == "UTC") {
    *out = Duration(0);
    return true;
  }
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-')) return false;
  const std::int32_t minutes = ReadMinutes(text.substr(1));
  if (minutes < 0 || minutes > kMostAhead) return false;
  *out = Duration(std::int64_t{text[0] == '-' ? -minutes : minutes} * 60'000);
  return true;
}

std::string ZoneText(const std::optional<Duration>& zone) {
  if (!zone) return "device";
  if (zone->count() == 0) return "UTC";
  const auto minutes = static_cast<std::int32_t>(zone->count() / 60'000);
  return (minutes < 0 ? "-" : "+") + MinutesText(minutes < 0 ? -minutes : minutes);
}

std::uint8_t ReadDay(std::string_view text) noexcept {
  std::uint8_t day = 0;
  while (day < kDays.size() && kDays[day] != text) ++day;
  return day;
}

std::string_view DayName(std::uint8_t day) noexcept { return kDays[day % kDays.size()]; }

}  // namespace guidon::ruleset
