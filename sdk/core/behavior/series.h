// How often and on which days one event happened, and each part of it that rules count by itself: those for which
// something is true of the event's properties. See behavior.h.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/time.h"

namespace guidon::behavior {

// What somebody found who looked whether an event is of a count.
struct Look {
  std::uint64_t part = 0;
  bool is_of_it = false;
};

// How often and when. Buckets are sorted, oldest first, and never empty.
struct Tally {
  struct Bucket {
    std::int64_t number = 0;  // of the hour or day since 1970
    std::uint32_t count = 0;  // stays at the highest there is
  };
  std::uint64_t ever = 0;
  std::uint64_t ever_days = 0;  // days with at least one, ever
  Timestamp first{};
  Timestamp last{};  // the latest time seen, not the last one told
  // Events before then may be missing, from `ever` and `ever_days` too.
  Timestamp forgotten_before = Timestamp::min();
  std::vector<Bucket> hours;  // at most limits::kBehaviorHours
  std::vector<Bucket> days;   // at most limits::kBehaviorDays
  // Likewise of the days that the device's calendar showed at the events, which a trip or a change of clocks leaves as
  // they were.
  std::vector<Bucket> local_days;
  // The session of the latest event that was of one, and how many that has had; in memory alone. See Session.
  std::uint32_t session = 0;
  std::uint32_t in_session = 0;
};

// One event name.
struct Series : Tally {
  // What is forgotten of the series is forgotten of each part, too, without being said there.
  struct Part : Tally {
    // How many events of the series there were after the last one that was looked at. While it is as many as there are
    // now, all were, but for those that `forgotten_before` says.
    std::uint64_t seen = 0;
  };
  std::map<std::uint64_t, Part> parts;  // at most limits::kBehaviorParts
};

// Buckets are by hour and day since 1970. Times further from it than that are taken as that far, and with them all that
// is calculated here is within its type.
inline constexpr std::int64_t kHourMs = 3'600'000;
inline constexpr std::int64_t kDayMs = 24 * kHourMs;
inline constexpr std::int64_t kFarthestMs = 1'000'000'000'000'000;

inline std::int64_t FloorDiv(std::int64_t value, std::int64_t by) noexcept {
  return value / by - (value % by < 0 ? 1 : 0);
}
inline std::int64_t NearMs(Timestamp time) noexcept { return std::clamp(ToMs(time), -kFarthestMs, kFarthestMs); }
inline bool IsNear(Timestamp time) noexcept { return NearMs(time) == ToMs(time); }
// Of the calendar of a clock that is so far ahead of UTC. Offsets are less than a day.
inline std::int64_t LocalDay(Timestamp when, Duration utc_offset) noexcept {
  return FloorDiv(NearMs(when) + std::clamp<std::int64_t>(utc_offset.count(), -kDayMs, kDayMs), kDayMs);
}

// One more event, of that session; 0: of none that goes on. `looks`: at it, each part once. Beyond
// limits::kBehaviorParts the part goes that was looked for longest ago.
void AddTo(Series* series, Timestamp when, Duration utc_offset, const std::vector<Look>& looks,
           std::uint32_t session = 0);
// What both had together.
Series Join(const Series& a, const Series& b);
// Events before then may be missing from a part, which is one of the series or null: it has none of that key.
Timestamp MissingBefore(const Series& series, const Series::Part* part) noexcept;

// What a series has had of a session, where it was read anew from what a store has of it.
void KeepSession(const Series& before, Series* series);

std::string EncodeSeries(const Series& series);  // permanent: rows of the store
// Nothing when the bytes are not exactly one series that can be.
std::optional<Series> DecodeSeries(std::string_view bytes);

}  // namespace guidon::behavior
