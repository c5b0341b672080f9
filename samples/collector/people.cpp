#include "samples/collector/people.h"

#include <algorithm>

namespace guidon::collector {
namespace {

constexpr std::int64_t kWeeksShown = 8;
constexpr std::int64_t kMondayToEpoch = 3;  // 1970-01-01 was a Thursday

}  // namespace

std::string IsLeftOut() {
  return std::string("(p.forced_events > 0 OR (p.first_ms IS NULL AND p.kind = '' AND p.unit IN (") +
         kForcedInstallations + ")))";
}

std::int64_t WeekOf(std::int64_t ms) { return (ms / kDayMs + kMondayToEpoch) / 7; }
std::int64_t WeekStartMs(std::int64_t week) { return (week * 7 - kMondayToEpoch) * kDayMs; }

People ComputePeople(Database* database) {
  People people;
  Statement query = database->Prepare(
      std::string("SELECT COUNT(*), MIN(first_ms), MAX(last_ms) FROM people AS p WHERE ") + kCountedPerson);
  if (!query.Row() || query.IsNull(1)) return people;
  people.count = static_cast<std::uint64_t>(query.ColumnInt(0));
  people.first_ms = query.ColumnInt(1);
  people.last_ms = query.ColumnInt(2);
  people.last_week = WeekOf(*people.last_ms);
  people.first_week = std::max(WeekOf(*people.first_ms), people.last_week - kWeeksShown + 1);
  return people;
}

}  // namespace guidon::collector
