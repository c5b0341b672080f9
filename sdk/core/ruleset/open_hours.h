// Hours of the day, of some days of the week, by the device's own clock or one that never changes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "guidon/time.h"

namespace guidon::ruleset {

inline constexpr std::uint8_t kEveryDay = 0x7F;

struct OpenHours {
  std::uint8_t days = kEveryDay;  // on which they begin; bit 0 is Monday
  std::int32_t from = 0;          // minutes of the day, 0 to 1439
  std::int32_t until = 24 * 60;   // 1 to 1440, the first that is closed; not above `from`: of the next day
  std::optional<Duration> zone;   // what its clock is ahead of UTC by; nothing: the device's own clock
};

// "09:00-18:00", "21:00-08:00", "00:00-24:00". Nothing for anything else, or where both are the same.
bool ReadHours(std::string_view text, OpenHours* out) noexcept;
std::string HoursText(const OpenHours& hours);

// "device", "UTC", "+02:00", "-03:30", up to 14 hours. False for anything else.
bool ReadZone(std::string_view text, std::optional<Duration>* out) noexcept;
std::string ZoneText(const std::optional<Duration>& zone);

// "mon" to "sun": 0 to 6; 7 for anything else.
std::uint8_t ReadDay(std::string_view text) noexcept;
std::string_view DayName(std::uint8_t day) noexcept;

}  // namespace guidon::ruleset
