// The people of the results: who is counted at all, since when, and in which weeks. activity.h says who a person is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "samples/collector/database.h"

namespace guidon::collector {

inline constexpr std::int64_t kDayMs = 86'400'000;
inline constexpr std::int64_t kWeekMs = 7 * kDayMs;

// What a query over `people AS p` has to ask for: never forced, with a unit, and active at least once.
inline constexpr char kCountedPerson[] = "p.forced_events = 0 AND p.unit <> '' AND p.first_ms IS NOT NULL";

// The installations on which somebody was ever forced.
inline constexpr char kForcedInstallations[] =
    "SELECT i.installation FROM installed AS i JOIN people AS f ON f.id = i.person WHERE f.forced_events > 0";

// What a query over `people AS p` asks for whose events are in no number: ever forced, or an installation that only
// told of itself (losses, evaluations), which names no unit, while somebody was forced on it.
std::string IsLeftOut();

// Weeks begin on Monday, 00:00 UTC.
std::int64_t WeekOf(std::int64_t ms);
std::int64_t WeekStartMs(std::int64_t week);

struct People {
  std::uint64_t count = 0;
  // Of the first and the last event that counts; none when there is none.
  std::optional<std::int64_t> first_ms, last_ms;
  // The weeks that are shown: of the first event to that of the last, the newest eight.
  std::int64_t first_week = 0;
  std::int64_t last_week = -1;
};
People ComputePeople(Database* database);

}  // namespace guidon::collector
