#include "samples/collector/lifecycle.h"

namespace guidon::collector {

std::vector<LifecycleWeek> ComputeLifecycle(Database* database, const People& people) {
  std::vector<LifecycleWeek> weeks;
  for (std::int64_t week = people.first_week; week <= people.last_week; ++week) {
    weeks.emplace_back();
    weeks.back().start_ms = WeekStartMs(week);
    weeks.back().is_over = week < people.last_week;
  }
  const auto find = [&](std::int64_t week) {
    return week < people.first_week || week > people.last_week
               ? nullptr
               : &weeks[static_cast<std::size_t>(week - people.first_week)];
  };
  Statement days =
      database->Prepare(std::string("SELECT d.person, d.first_ms FROM daily AS d JOIN people AS p ON p.id = d.person "
                                    "WHERE d.kind = 0 AND d.name = '' AND ") +
                        kCountedPerson + " ORDER BY d.person, d.day");
  std::int64_t person = -1;
  std::int64_t week_before = -2;
  while (days.Row()) {
    const std::int64_t week = WeekOf(days.ColumnInt(1));
    const bool is_new = days.ColumnInt(0) != person;
    if (!is_new && week == week_before) continue;
    // The week behind the last one that somebody was active in is the one they lapsed in.
    if (LifecycleWeek* gone = is_new                   ? find(week_before + 1)
                              : week > week_before + 1 ? find(week_before + 1)
                                                       : nullptr) {
      ++gone->lapsed;
    }
    if (LifecycleWeek* it = find(week)) {
      ++(is_new ? it->new_people : week == week_before + 1 ? it->active : it->back);
    }
    person = days.ColumnInt(0);
    week_before = week;
  }
  if (LifecycleWeek* gone = find(week_before + 1)) ++gone->lapsed;
  return weeks;
}

}  // namespace guidon::collector
