#include "samples/collector/kpis.h"

#include <doctest/doctest.h>

#include "tests/unit/collector/world.h"

namespace guidon::collector {
namespace {

const std::int64_t kMonday = WeekStartMs(WeekOf(kNow - 4 * kWeekMs));

const KpiResult& Kpi(const Results& results, std::string_view name) {
  for (const KpiResult& kpi : results.kpis) {
    if (kpi.name == name) return kpi;
  }
  FAIL("no such KPI");
  return results.kpis.front();
}

TEST_CASE("activation is of those whose window has passed, and its edges are to the millisecond") {
  const struct {
    std::string name;
    std::int64_t shared_after_ms, end_after_ms;
    std::uint64_t people, reached, open;
  } rows[] = {{"at once", 0, 2 * kDay, 1, 1, 0},
              {"at the last moment", 2 * kDay - 1, 2 * kDay, 1, 1, 0},
              {"one too late", 2 * kDay, 2 * kDay, 1, 0, 0},
              {"still open", 0, 2 * kDay - 1, 0, 0, 1}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    World world(true);
    world.Post({Tracked("1", "a", "opened").At(kMonday), Tracked("2", "a", "shared").At(kMonday + row.shared_after_ms),
                Tracked("3", "a", "opened").At(kMonday + row.end_after_ms)});
    const Results results = world.Count();
    const KpiResult& kpi = Kpi(results, "activation");
    CHECK(kpi.event == "shared");
    CHECK(kpi.within == "2d");
    CHECK(kpi.people == row.people);
    CHECK(kpi.reached == row.reached);
    CHECK(kpi.open == row.open);
    REQUIRE(kpi.moved_by.size() == 1);
    CHECK(kpi.moved_by[0] == "campaign try-share");
  }
}

TEST_CASE("activation has a share with its interval, and its weeks add up to it") {
  World world(true);
  std::vector<Event> events;
  for (int i = 0; i < 20; ++i) {
    const std::string unit = "u" + std::to_string(i);
    const std::int64_t first = kMonday + (i % 2) * kWeekMs;
    events.push_back(Tracked("o" + unit, unit, "opened").At(first));
    if (i < 6) events.push_back(Tracked("s" + unit, unit, "shared").At(first + kDay));
  }
  events.push_back(Tracked("end", "u0", "opened").At(kMonday + kWeekMs + 2 * kDay));
  events.push_back(Tracked("young", "young", "opened").At(kMonday + kWeekMs + kDay));
  world.Post(events);
  const Results results = world.Count();
  const KpiResult& kpi = Kpi(results, "activation");
  CHECK(kpi.people == 20);
  CHECK(kpi.reached == 6);
  CHECK(kpi.open == 1);
  CHECK(kpi.share == doctest::Approx(0.3));
  // Wilson's interval for 6 of 20.
  CHECK(kpi.interval.lower == doctest::Approx(0.1455).epsilon(0.001));
  CHECK(kpi.interval.upper == doctest::Approx(0.5190).epsilon(0.001));
  REQUIRE(kpi.weeks.size() == 2);
  CHECK(kpi.weeks[0].people == 10);
  CHECK(kpi.weeks[0].reached == 3);
  CHECK(kpi.weeks[0].is_over);
  CHECK(kpi.weeks[1].people == 10);
  CHECK(kpi.weeks[1].open == 1);
  CHECK(!kpi.weeks[1].is_over);
}

TEST_CASE("retention is anything from the eighth day to the fourteenth, once these are over") {
  const struct {
    std::string name;
    std::int64_t again_after_ms, end_after_ms;
    std::uint64_t people, reached, open;
  } rows[] = {{"a moment too early", 7 * kDay - 1, 14 * kDay, 1, 0, 0},
              {"at the beginning", 7 * kDay, 14 * kDay, 1, 1, 0},
              {"at the end", 14 * kDay - 1, 14 * kDay, 1, 1, 0},
              {"a moment too late", 14 * kDay, 14 * kDay, 1, 0, 0},
              {"not over", 8 * kDay, 14 * kDay - 1, 0, 0, 1}};
  for (const auto& row : rows) {
    for (const std::int64_t time_of_day : {std::int64_t{0}, kDay / 3, kDay - 1}) {
      CAPTURE(row.name);
      CAPTURE(time_of_day);
      World world(true);
      const std::int64_t first = kMonday + time_of_day;
      // Whoever ends the data is new only then, and counts as open.
      world.Post({Tracked("1", "a", "opened").At(first), Tracked("2", "a", "x").At(first + row.again_after_ms),
                  Tracked("3", "end", "opened").At(first + row.end_after_ms)});
      const Results results = world.Count();
      const KpiResult& kpi = Kpi(results, "retention");
      CHECK(kpi.people == row.people);
      CHECK(kpi.reached == row.reached);
      CHECK(kpi.open == row.open + 1);
    }
  }
}

TEST_CASE("retention by an event counts that event alone") {
  World world(true);
  REQUIRE(world.archive->Add(Datafile(2, R"("kpis":{)", R"("kpis":{"retention":{"event":"opened"},)"), kNow).ok());
  world.Post({Tracked("1", "a", "opened").At(kMonday), Tracked("2", "a", "x").At(kMonday + 8 * kDay),
              Tracked("3", "b", "x").At(kMonday), Tracked("4", "b", "opened").At(kMonday + 8 * kDay),
              Tracked("5", "b", "x").At(kMonday + 14 * kDay)});
  const Results results = world.Count();
  CHECK(Kpi(results, "retention").people == 2);
  CHECK(Kpi(results, "retention").reached == 1);
}

TEST_CASE("acquisition counts new people by week, and its event when there is one") {
  World world(true);
  REQUIRE(world.archive->Add(Datafile(2, R"("kpis":{)", R"("kpis":{"acquisition":{"event":"invited"},)"), kNow).ok());
  world.Post({Tracked("1", "a", "invited").At(kMonday), Tracked("2", "a", "invited").At(kMonday + 1),
              Tracked("3", "b", "x").At(kMonday), Tracked("4", "c", "x").At(kMonday + kWeekMs),
              Tracked("5", "b", "invited").At(kMonday + kWeekMs)});
  const Results results = world.Count();
  const KpiResult& kpi = Kpi(results, "acquisition");
  CHECK(kpi.people == 3);
  CHECK(kpi.events == 3);
  REQUIRE(kpi.weeks.size() == 2);
  CHECK(kpi.weeks[0].people == 2);
  CHECK(kpi.weeks[0].events == 2);
  CHECK(kpi.weeks[1].people == 1);
  CHECK(kpi.weeks[1].events == 1);
}

TEST_CASE("revenue adds up values by week, over the people active in it") {
  World world(true);
  world.Post({Tracked("1", "a", "bought").At(kMonday).Value(9.5),
              Tracked("2", "a", "bought").At(kMonday + 1).Value(0.5), Tracked("3", "b", "x").At(kMonday),
              Tracked("4", "b", "x").At(kMonday + kDay), Tracked("5", "b", "bought").At(kMonday + kWeekMs).Value(-2),
              Tracked("6", "b", "bought").At(kMonday + kWeekMs),
              Tracked("7", "b", "x").At(kMonday + kWeekMs).Value(100)});
  const Results results = world.Count();
  const KpiResult& kpi = Kpi(results, "revenue");
  CHECK(kpi.sum == 8);
  CHECK(kpi.events == 4);
  REQUIRE(kpi.weeks.size() == 2);
  CHECK(kpi.weeks[0].sum == 10);
  CHECK(kpi.weeks[0].people == 2);
  CHECK(kpi.weeks[1].sum == -2);
  CHECK(kpi.weeks[1].people == 1);
}

TEST_CASE("feedback shows each value while they are few, and ten ranges once they are many") {
  World world(true);
  std::vector<Event> events;
  for (int i = 0; i < 10; ++i) {
    events.push_back(
        Tracked("r" + std::to_string(i), "u" + std::to_string(i), "rated").At(kMonday).Value(i < 4 ? 5 : 2));
  }
  events.push_back(Tracked("none", "u1", "rated").At(kMonday));
  world.Post(events);
  const Results few = world.Count();
  CHECK(Kpi(few, "feedback").events == 10);
  CHECK(Kpi(few, "feedback").mean == doctest::Approx(3.2));
  REQUIRE(Kpi(few, "feedback").values.size() == 2);
  CHECK(Kpi(few, "feedback").values[0].from == 2);
  CHECK(Kpi(few, "feedback").values[0].n == 6);
  CHECK(Kpi(few, "feedback").values[1].n == 4);
  events.clear();
  for (int i = 0; i <= 20; ++i) events.push_back(Tracked("m" + std::to_string(i), "a", "rated").At(kMonday).Value(i));
  world.Post(events);
  const Results many = world.Count();
  const std::vector<ValueCount>& values = Kpi(many, "feedback").values;
  REQUIRE(values.size() == 10);
  CHECK(values[0].from == 0);
  CHECK(values[0].to == 2);
  CHECK(values[0].n == 2);
  CHECK(values[1].n == 8);  // 2 and 3, and six of before
  CHECK(values[9].n == 3);  // 18, 19 and the greatest
}

TEST_CASE("without events in the datafile there are acquisition and retention") {
  World world;
  const std::string none = Datafile(
      2,
      R"("kpis":{"activation":{"event":"shared","within":"2d"},"revenue":{"event":"bought"},"feedback":{"event":"rated"}},)",
      "");
  REQUIRE(world.archive->Add(none, kNow).ok());
  const Results results = world.Count();
  REQUIRE(results.kpis.size() == 2);
  CHECK(results.kpis[0].name == "acquisition");
  CHECK(results.kpis[1].name == "retention");
}

}  // namespace
}  // namespace guidon::collector
