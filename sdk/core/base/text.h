// Text as bytes: UTF-8 checks and the numbers and times that stand in texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "guidon/time.h"

namespace guidon::text {

// Length in bytes of the well-formed UTF-8 character `text` begins with (Unicode 15, table 3-7); 0 when it is not one.
std::size_t Utf8Length(std::string_view text) noexcept;
bool IsUtf8(std::string_view text) noexcept;

// Without the spaces, tabs and line ends around it.
std::string_view Trim(std::string_view text) noexcept;

// "2026-12-01T10:00:00Z", fractions up to milliseconds, any offset; or a date alone, which is its midnight in UTC.
// RFC 3339; years 1970 to 9999. Empty when it is not that.
std::optional<Timestamp> ParseTimestamp(std::string_view text) noexcept;
// RFC 3339 in UTC, with milliseconds only when there are any.
std::string FormatTimestamp(Timestamp time);

// "90s", "15m", "12h", "7d", "2w": a whole number above 0 and a unit. At most ten years.
std::optional<Duration> ParseDuration(std::string_view text) noexcept;
// In the largest of the units s, m, h and d that it is whole in: "36h", "14d". Of whole seconds.
std::string FormatDuration(Duration duration);
// "40 days", "31 hours", "12 minutes", "less than 2 minutes", of what it is without a sign.
std::string RoughDuration(Duration duration);

// Days since 1970-01-01, in UTC; also before 1970.
std::int64_t UtcDay(Timestamp time) noexcept;

// 32 hex digits of `high` and `low` in the layout of a UUID, with the version and variant bits set.
std::string FormatUuid(std::uint64_t high, std::uint64_t low, int version);

}  // namespace guidon::text
