#include "sdk/core/base/text.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace guidon::text {

std::size_t Utf8Length(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xC2) return 0;  // continuation byte, or an overlong form
  if (first < 0xE0) return continues(1) ? 2 : 0;
  if (first < 0xF0) {
    if (!continues(1) || !continues(2)) return 0;
    if (first == 0xE0 && byte(1) < 0xA0) return 0;   // overlong
    if (first == 0xED && byte(1) >= 0xA0) return 0;  // a surrogate
    return 3;
  }
  if (first > 0xF4 || !continues(1) || !continues(2) || !continues(3)) return 0;
  if (first == 0xF0 && byte(1) < 0x90) return 0;   // overlong
  if (first == 0xF4 && byte(1) >= 0x90) return 0;  // above U+10FFFF
  return 4;
}

bool IsUtf8(std::string_view text) noexcept {
  while (!text.empty()) {
    std::uint64_t eight = 0;
    if (text.size() >= sizeof eight) {
      std::memcpy(&eight, text.data(), sizeof eight);
      if ((eight & 0x8080'8080'8080'8080u) == 0) {  // ASCII, most likely
        text.remove_prefix(sizeof eight);
        continue;
      }
    }
    const std::size_t size = Utf8Length(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string_view Trim(std::string_view text) noexcept {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t from = text.find_first_not_of(kBlank);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(kBlank) - from + 1);
}

namespace {

constexpr std::int64_t kDayMs = 86'400'000;

// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": days_from_civil and its inverse.
std::int64_t DaysFromCivil(std::int64_t year, int month, int day) noexcept {
  year -= month <= 2;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

struct Civil {
  std::int64_t year;
  int month;
  int day;
};

Civil CivilFromDays(std::int64_t days) noexcept {
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const std::int64_t day_of_era = days - era * 146'097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month = (5 * day_of_year + 2) / 153;
  const int day = static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1);
  const int civil_month = static_cast<int>(month < 10 ? month + 3 : month - 9);
  return {year_of_era + era * 400 + (civil_month <= 2), civil_month, day};
}

// Reads exactly `digits` digits off the front.
std::optional<int> TakeNumber(std::string_view* text, std::size_t digits) noexcept {
  if (text->size() < digits) return std::nullopt;
  int number = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const char c = (*text)[i];
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  text->remove_prefix(digits);
  return number;
}

bool TakeChar(std::string_view* text, char wanted) noexcept {
  if (text->empty() || text->front() != wanted) return false;
  text->remove_prefix(1);
  return true;
}

// Milliseconds of the day and the offset, from behind the "T".
std::optional<std::int64_t> TakeTime(std::string_view* text) noexcept {
  const auto hour = TakeNumber(text, 2);
  if (!hour || *hour > 23 || !TakeChar(text, ':')) return std::nullopt;
  const auto minute = TakeNumber(text, 2);
  if (!minute || *minute > 59 || !TakeChar(text, ':')) return std::nullopt;
  const auto second = TakeNumber(text, 2);
  if (!second || *second > 60) return std::nullopt;  // 60: a leap second counts as the second after it
  std::int64_t ms = ((*hour * 60 + *minute) * 60 + *second) * std::int64_t{1000};
  if (TakeChar(text, '.')) {
    std::int64_t unit = 100;
    std::size_t digits = 0;
    while (!text->empty() && text->front() >= '0' && text->front() <= '9') {
      ms += (text->front() - '0') * unit;
      unit /= 10;
      text->remove_prefix(1);
      if (++digits > 9) return std::nullopt;
    }
    if (digits == 0) return std::nullopt;
  }
  if (TakeChar(text, 'Z') || TakeChar(text, 'z')) return ms;
  const bool ahead = TakeChar(text, '+');
  if (!ahead && !TakeChar(text, '-')) return std::nullopt;
  const auto offset_hour = TakeNumber(text, 2);
  if (!offset_hour || *offset_hour > 23 || !TakeChar(text, ':')) return std::nullopt;
  const auto offset_minute = TakeNumber(text, 2);
  if (!offset_minute || *offset_minute > 59) return std::nullopt;
  const std::int64_t offset_ms = (*offset_hour * 60 + *offset_minute) * std::int64_t{60'000};
  return ahead ? ms - offset_ms : ms + offset_ms;
}

}  // namespace

std::optional<Timestamp> ParseTimestamp(std::string_view text) noexcept {
  const auto year = TakeNumber(&text, 4);
  if (!year || *year < 1970 || !TakeChar(&text, '-')) return std::nullopt;
  const auto month = TakeNumber(&text, 2);
  if (!month || *month < 1 || *month > 12 || !TakeChar(&text, '-')) return std::nullopt;
  const auto day = TakeNumber(&text, 2);
  if (!day || *day < 1) return std::nullopt;
  const std::int64_t days = DaysFromCivil(*year, *month, *day);
  if (CivilFromDays(days).month != *month) return std::nullopt;  // the 31st of a short month
  std::int64_t ms = 0;
  if (!text.empty()) {
    if (!TakeChar(&text, 'T') && !TakeChar(&text, 't')) return std::nullopt;
    const auto time = TakeTime(&text);
    if (!time || !text.empty()) return std::nullopt;
    ms = *time;
  }
  return TimestampFromMs(days * kDayMs + ms);
}

std::string FormatTimestamp(Timestamp time) {
  const std::int64_t days = UtcDay(time);
  const std::int64_t ms = (ToMs(time) % kDayMs + kDayMs) % kDayMs;
  const Civil civil = CivilFromDays(days);
  char out[64];
  int size = std::snprintf(out, sizeof out, "%04lld-%02d-%02dT%02d:%02d:%02d", static_cast<long long>(civil.year),
                           civil.month, civil.day, static_cast<int>(ms / 3'600'000), static_cast<int>(ms / 60'000 % 60),
                           static_cast<int>(ms / 1'000 % 60));
  if (ms % 1000 != 0) {
    size +=
        std::snprintf(out + size, sizeof out - static_cast<std::size_t>(size), ".%03d", static_cast<int>(ms % 1000));
  }
  return std::string(out, static_cast<std::size_t>(size)) + "Z";
}

std::optional<Duration> ParseDuration(std::string_view text) noexcept {
  if (text.size() < 2 || text.size() > 10) return std::nullopt;
  std::int64_t unit = 0;
  switch (text.back()) {
    case 's': unit = 1'000; break;
    case 'm': unit = 60'000; break;
    case 'h': unit = 3'600'000; break;
    case 'd': unit = kDayMs; break;
    case 'w': unit = 7 * kDayMs; break;
    default: return std::nullopt;
  }
  text.remove_suffix(1);
  const auto number = TakeNumber(&text, text.size());
  if (!number || *number == 0 || *number > 3'650 * kDayMs / unit) return std::nullopt;
  return Duration(*number * unit);
}

std::string FormatDuration(Duration duration) {
  const struct {
    std::int64_t ms;
    char name;
  } units[] = {{kDayMs, 'd'}, {3'600'000, 'h'}, {60'000, 'm'}};
  for (const auto& unit : units) {
    if (duration.count() != 0 && duration.count() % unit.ms == 0) {
      return std::to_string(duration.count() / unit.ms) + unit.name;
    }
  }
  return std::to_string(duration.count() / 1'000) + "s";
}

std::string RoughDuration(Duration duration) {
  const std::int64_t minutes = std::abs(duration.count() / 60'000);
  if (minutes >= 2 * 24 * 60) return std::to_string(minutes / (24 * 60)) + " days";
  if (minutes >= 2 * 60) return std::to_string(minutes / 60) + " hours";
  return minutes >= 2 ? std::to_string(minutes) + " minutes" : "less than 2 minutes";
}

std::int64_t UtcDay(Timestamp time) noexcept {
  const std::int64_t ms = ToMs(time);
  return ms / kDayMs - (ms % kDayMs < 0 ? 1 : 0);
}

std::string FormatUuid(std::uint64_t high, std::uint64_t low, int version) {
  high = (high & ~std::uint64_t{0xF000}) | (static_cast<std::uint64_t>(version) << 12);
  low = (low & 0x3FFF'FFFF'FFFF'FFFFu) | 0x8000'0000'0000'0000u;
  static constexpr char kHex[] = "0123456789abcdef";
  std::string uuid;
  uuid.reserve(36);
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) uuid += '-';
    const std::uint64_t word = i < 16 ? high : low;
    uuid += kHex[(word >> (60 - 4 * (i % 16))) & 15];
  }
  return uuid;
}

}  // namespace guidon::text
