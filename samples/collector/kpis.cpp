#include "samples/collector/kpis.h"

#include <algorithm>
#include <cmath>

#include "sdk/collector/record.h"

namespace guidon::collector {
namespace {

constexpr std::int64_t kRetainedFromMs = 7 * kDayMs;
constexpr std::int64_t kRetainedToMs = 14 * kDayMs;
constexpr int kMostValues = 12;
constexpr int kRanges = 10;

class Computation {
 public:
  Computation(Database* database, const People& people, const PublishedGoal& goal, KpiResult* kpi)
      : database_(*database), people_(people), goal_(goal), kpi_(*kpi) {}

  void Acquisition() {
    AddWeeks();
    Statement first = OverPeople("SELECT p.first_ms FROM people AS p WHERE ");
    while (first.Row()) {
      ++kpi_.people;
      if (KpiWeek* week = Week(first.ColumnInt(0))) ++week->people;
    }
    if (!goal_.event.empty()) AddEvents();
  }

  // Of those who are new, who did it within the window. Whose window is not over has an outcome that may still change.
  void Activation() {
    AddWeeks();
    Statement first = OverPeople(
        "SELECT p.first_ms, (SELECT MIN(d.first_ms) FROM daily AS d WHERE d.kind = 1 AND d.name = ?1 "
        "AND d.person = p.id) FROM people AS p WHERE ");
    first.Text(goal_.event);
    while (first.Row()) {
      const std::int64_t end = first.ColumnInt(0) + goal_.window_ms;
      const bool is_over = goal_.window_ms == 0 || end <= people_.last_ms;
      const bool has_reached = !first.IsNull(1) && (goal_.window_ms == 0 || first.ColumnInt(1) < end);
      AddNewPerson(first.ColumnInt(0), is_over, has_reached);
    }
    Share();
  }

  // A row holds the first and the last time of a day, and no day holds both ends of the span: so the row is in it
  // exactly when its last time is not before and its first time not after.
  void Retention() {
    AddWeeks();
    const bool is_any = goal_.event.empty();
    Statement first = OverPeople(
        "SELECT p.first_ms, EXISTS(SELECT 1 FROM daily AS d WHERE d.kind = ?1 AND d.name = ?2 AND d.person = p.id "
        "AND d.last_ms >= p.first_ms + ?3 AND d.first_ms < p.first_ms + ?4) FROM people AS p WHERE ");
    first.Int(is_any ? 0 : static_cast<int>(RecordKind::kTracked)).Text(goal_.event);
    first.Int(kRetainedFromMs).Int(kRetainedToMs);
    while (first.Row()) {
      const bool is_over = first.ColumnInt(0) + kRetainedToMs <= people_.last_ms;
      AddNewPerson(first.ColumnInt(0), is_over, first.ColumnInt(1) != 0);
    }
    Share();
  }

  void Revenue() {
    AddWeeks();
    AddEvents();
    Statement active = OverPeople(
        "SELECT d.person, d.first_ms FROM daily AS d JOIN people AS p ON p.id = d.person "
        "WHERE d.kind = 0 AND d.name = '' AND ",
        " ORDER BY d.person, d.day");
    std::int64_t person = -1;
    std::int64_t week_before = -1;
    while (active.Row()) {
      const std::int64_t week = WeekOf(active.ColumnInt(1));
      if (active.ColumnInt(0) == person && week == week_before) continue;
      person = active.ColumnInt(0);
      week_before = week;
      if (KpiWeek* it = Week(active.ColumnInt(1))) ++it->people;
    }
  }

  void Feedback() {
    Statement all = OverPeople(
        "SELECT COALESCE(SUM(v.n), 0), SUM(v.n * v.value), COUNT(DISTINCT v.value), MIN(v.value), MAX(v.value) "
        "FROM valued AS v JOIN people AS p ON p.id = v.person WHERE v.name = ?1 AND ");
    all.Text(goal_.event);
    if (!all.Row() || all.ColumnInt(0) == 0) return;
    kpi_.events = static_cast<std::uint64_t>(all.ColumnInt(0));
    kpi_.sum = all.ColumnReal(1);
    kpi_.mean = kpi_.sum / static_cast<double>(kpi_.events);
    const double low = all.ColumnReal(3);
    const double width = (all.ColumnReal(4) - low) / kRanges;
    const bool is_ranges = all.ColumnInt(2) > kMostValues && std::isfinite(width);
    if (is_ranges) {
      for (int i = 0; i < kRanges; ++i) kpi_.values.push_back({low + i * width, low + (i + 1) * width, 0});
    }
    Statement values = OverPeople(
        "SELECT v.value, SUM(v.n) FROM valued AS v JOIN people AS p ON p.id = v.person WHERE v.name = ?1 AND ",
        " GROUP BY v.value ORDER BY v.value");
    values.Text(goal_.event);
    while (values.Row()) {
      const double value = values.ColumnReal(0);
      const auto n = static_cast<std::uint64_t>(values.ColumnInt(1));
      if (!is_ranges && kpi_.values.size() < kMostValues) {
        kpi_.values.push_back({value, value, n});
      } else if (is_ranges) {
        kpi_.values[static_cast<std::size_t>(std::clamp((value - low) / width, 0.0, kRanges - 1.0))].n += n;
      }
    }
  }

 private:
  Statement OverPeople(const std::string& before, const char* behind = "") {
    return database_.Prepare(before + kCountedPerson + behind);
  }

  void AddWeeks() {
    for (std::int64_t week = people_.first_week; week <= people_.last_week; ++week) {
      kpi_.weeks.emplace_back();
      kpi_.weeks.back().start_ms = WeekStartMs(week);
      kpi_.weeks.back().is_over = week < people_.last_week;
    }
  }

  KpiWeek* Week(std::int64_t ms) {
    const std::int64_t week = WeekOf(ms);
    if (week < people_.first_week || week > people_.last_week) return nullptr;
    return &kpi_.weeks[static_cast<std::size_t>(week - people_.first_week)];
  }

  void AddEvents() {
    Statement days = OverPeople(
        "SELECT d.first_ms, d.n, d.total FROM daily AS d JOIN people AS p ON p.id = d.person "
        "WHERE d.kind = 1 AND d.name = ?1 AND ");
    days.Text(goal_.event);
    while (days.Row()) {
      const auto n = static_cast<std::uint64_t>(days.ColumnInt(1));
      kpi_.events += n;
      kpi_.sum += days.ColumnReal(2);
      KpiWeek* week = Week(days.ColumnInt(0));
      if (week == nullptr) continue;
      week->events += n;
      week->sum += days.ColumnReal(2);
    }
  }

  void AddNewPerson(std::int64_t first_ms, bool is_over, bool has_reached) {
    KpiWeek* week = Week(first_ms);
    if (!is_over) {
      ++kpi_.open;
      if (week != nullptr) ++week->open;
      return;
    }
    ++kpi_.people;
    kpi_.reached += has_reached;
    if (week == nullptr) return;
    ++week->people;
    week->reached += has_reached;
  }

  void Share() {
    kpi_.share = kpi_.people > 0 ? static_cast<double>(kpi_.reached) / static_cast<double>(kpi_.people) : 0;
    kpi_.interval = WilsonInterval(kpi_.reached, kpi_.people);
  }

  Database& database_;
  const People& people_;
  const PublishedGoal& goal_;
  KpiResult& kpi_;
};

constexpr struct {
  const char* name;
  bool needs_event;
  void (Computation::*compute)();
} kKpis[] = {{"acquisition", false, &Computation::Acquisition},
             {"activation", true, &Computation::Activation},
             {"retention", false, &Computation::Retention},
             {"revenue", true, &Computation::Revenue},
             {"feedback", true, &Computation::Feedback}};

}  // namespace

std::vector<KpiResult> ComputeKpis(Database* database, const Published* newest, const People& people) {
  std::vector<KpiResult> results;
  for (const auto& kind : kKpis) {
    KpiResult kpi;
    kpi.name = kind.name;
    PublishedGoal goal;
    if (newest != nullptr) {
      const auto found = newest->kpis.find(kpi.name);
      if (found != newest->kpis.end()) goal = found->second;
      for (const auto& [key, campaign] : newest->campaigns) {
        if (campaign.kpi == kpi.name) kpi.moved_by.push_back("campaign " + key);
      }
      for (const auto& [key, experiment] : newest->experiments) {
        if (experiment.kpi == kpi.name) kpi.moved_by.push_back("experiment " + key);
      }
    }
    if (kind.needs_event && goal.event.empty()) continue;
    kpi.event = goal.event;
    kpi.within = goal.within;
    Computation computation(database, people, goal, &kpi);
    (computation.*kind.compute)();
    results.push_back(std::move(kpi));
  }
  return results;
}

}  // namespace guidon::collector
