// Times in the headers of answers: `Date`, and the wait that a failing server asks for in `Retry-After`. Functions
// only.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "guidon/time.h"

namespace guidon {

inline constexpr Duration kMostRetryAfter = std::chrono::hours(24);

// "Sun, 06 Nov 1994 08:49:37 GMT", the one form that senders may use today.
std::optional<Timestamp> ParseHttpDate(std::string_view text);

// "120" or "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, section 10.2.3) as a wait of 0 to 24 hours; nothing when it is
// neither. A date counts from `date`, the server's own `Date` header, where that can be read, so that the device's
// clock may be wrong; else from `now`.
std::optional<Duration> ParseRetryAfter(std::string_view retry_after, std::string_view date, Timestamp now);

}  // namespace guidon
