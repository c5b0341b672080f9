// Points in time and lengths of time, in milliseconds, as strong types: a wall time cannot be mixed up with a monotonic
// one. Nothing here reads a clock; `ports/clock.h` does.
#pragma once

#include <chrono>
#include <cstdint>

namespace guidon {

using Duration = std::chrono::milliseconds;

struct WallTime {};       // tag: milliseconds since 1970-01-01T00:00:00Z, leap seconds ignored
struct MonotonicTime {};  // tag: milliseconds since a moment that is fixed within one boot of the device

using Timestamp = std::chrono::time_point<WallTime, Duration>;
using MonoTime = std::chrono::time_point<MonotonicTime, Duration>;

inline constexpr Timestamp TimestampFromMs(std::int64_t ms) { return Timestamp(Duration(ms)); }
inline constexpr std::int64_t ToMs(Timestamp time) { return time.time_since_epoch().count(); }
inline constexpr std::int64_t ToMs(MonoTime time) { return time.time_since_epoch().count(); }

}  // namespace guidon
