#include "samples/collector/lifecycle.h"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>

#include "tests/unit/collector/world.h"

namespace guidon::collector {
namespace {

// A Monday, 00:00 UTC.
const std::int64_t kMonday = WeekStartMs(WeekOf(kNow - 5 * kWeekMs));

TEST_CASE("weeks begin on Monday at midnight, UTC") {
  CHECK(WeekStartMs(WeekOf(0)) == -3 * kDayMs);  // 1970-01-01 was a Thursday
  CHECK(WeekOf(4 * kDayMs - 1) == WeekOf(0));    // until Sunday ends
  CHECK(WeekOf(4 * kDayMs) == WeekOf(0) + 1);    // Monday
  CHECK(WeekStartMs(WeekOf(4 * kDayMs)) == 4 * kDayMs);
  CHECK(WeekStartMs(WeekOf(1'795'348'800'000)) == 1'794'787'200'000);  // 2026-11-22 is in the week of 2026-11-16
}

TEST_CASE("a person is new once, then active, lapsed and back") {
  World world(true);
  // a: weeks 0 1 3; b: 0; c: 1 2 3. An event at the last moment of a week is of that week.
  world.Post({Tracked("1", "a", "x").At(kMonday), Tracked("2", "a", "x").At(kMonday + 2 * kWeekMs - 1),
              Tracked("3", "a", "x").At(kMonday + 3 * kWeekMs), Tracked("4", "b", "x").At(kMonday + kWeekMs - 1),
              Tracked("5", "c", "x").At(kMonday + kWeekMs), Tracked("6", "c", "y").At(kMonday + 2 * kWeekMs),
              Tracked("7", "c", "y").At(kMonday + 4 * kWeekMs - 1)});
  const std::vector<LifecycleWeek> weeks = world.Count().lifecycle;
  const struct {
    std::uint64_t new_people, active, back, lapsed;
  } expected[] = {{2, 0, 0, 0}, {1, 1, 0, 1}, {0, 1, 0, 1}, {0, 1, 1, 0}};
  REQUIRE(weeks.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CAPTURE(i);
    CHECK(weeks[i].start_ms == kMonday + static_cast<std::int64_t>(i) * kWeekMs);
    CHECK(weeks[i].new_people == expected[i].new_people);
    CHECK(weeks[i].active == expected[i].active);
    CHECK(weeks[i].back == expected[i].back);
    CHECK(weeks[i].lapsed == expected[i].lapsed);
    CHECK(weeks[i].is_over == (i < 3));
  }
}

TEST_CASE("the last eight weeks are shown, and know of the time before") {
  World world(true);
  std::vector<Event> events;
  for (int week = 0; week < 10; ++week) {
    events.push_back(Tracked("a" + std::to_string(week), "a", "x").At(kMonday + week * kWeekMs));
  }
  events.push_back(Tracked("b", "b", "x").At(kMonday + kWeekMs));
  world.Post(events);
  const std::vector<LifecycleWeek> weeks = world.Count().lifecycle;
  REQUIRE(weeks.size() == 8);
  CHECK(weeks[0].start_ms == kMonday + 2 * kWeekMs);
  CHECK(weeks[0].active == 1);
  CHECK(weeks[0].new_people == 0);
  CHECK(weeks[0].lapsed == 1);
}

TEST_CASE("a loss report makes nobody active") {
  World world;
  Event report;
  report.id = "r";
  report.event_name = "guidon.loss_report";
  report.Int("guidon.lost.expired", 3).Text("guidon.unit.device", "a");
  world.Post({report});
  CHECK(world.Count().people == 0);
  CHECK(world.Count().lifecycle.empty());
}

TEST_CASE("the four add up, and equal a count by brute force") {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    World world(true);
    std::map<std::string, std::set<std::int64_t>> seen;
    std::vector<Event> events;
    for (int i = 0; i < 800; ++i) {
      const std::string unit = "u" + std::to_string(random() % 150);
      const std::int64_t at = kMonday + static_cast<std::int64_t>(random() % (6 * kWeekMs));
      events.push_back(Tracked("e" + std::to_string(i), unit, "x").At(at));
      seen[unit].insert((at - kMonday) / kWeekMs);
    }
    for (std::size_t i = 0; i < events.size(); i += 100) {
      world.Post(
          {events.begin() + static_cast<std::ptrdiff_t>(i), events.begin() + static_cast<std::ptrdiff_t>(i + 100)});
    }
    const std::vector<LifecycleWeek> weeks = world.Count().lifecycle;
    REQUIRE(weeks.size() == 6);
    for (std::int64_t week = 0; week < 6; ++week) {
      CAPTURE(week);
      LifecycleWeek expected;
      for (const auto& item : seen) {
        const bool is_now = item.second.count(week) != 0;
        const bool was_before = item.second.count(week - 1) != 0;
        expected.new_people += is_now && *item.second.begin() == week;
        expected.active += is_now && was_before;
        expected.back += is_now && !was_before && *item.second.begin() < week;
        expected.lapsed += !is_now && was_before;
      }
      const LifecycleWeek& it = weeks[static_cast<std::size_t>(week)];
      CHECK(it.new_people == expected.new_people);
      CHECK(it.active == expected.active);
      CHECK(it.back == expected.back);
      CHECK(it.lapsed == expected.lapsed);
      if (week > 0) CHECK(it.lapsed == weeks[static_cast<std::size_t>(week - 1)].people() - it.active);
    }
  }
}

}  // namespace
}  // namespace guidon::collector
