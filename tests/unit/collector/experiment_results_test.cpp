#include "samples/collector/experiment_results.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "tests/unit/collector/world.h"

namespace guidon::collector {
namespace {

const ExperimentResult& Button(const Results& results) {
  for (const ExperimentResult& experiment : results.experiments) {
    if (experiment.key == "button" && experiment.is_current) return experiment;
  }
  FAIL("no such experiment");
  return results.experiments.front();
}

std::uint64_t Units(const ExperimentResult& experiment, std::string_view arm) {
  for (const ArmResult& result : experiment.arms) {
    if (result.variant == arm) return result.units;
  }
  return 0;
}

std::uint64_t Converted(World& world, std::size_t goal) {
  const Results results = world.Count();
  const GoalResult& result = Button(results).goals[goal];
  return result.arms[0].converted + result.arms[1].converted;
}

TEST_CASE("a unit counts once in its arm, however often it was exposed") {
  World world;
  world.Post({Exposure("1", "unit-1"), Exposure("2", "unit-1").At(kNow - kDay), Exposure("3", "unit-2")});
  const Results results = world.Count();
  CHECK(Button(results).units == 2);
  CHECK(Units(Button(results), ArmOf("unit-1")) >= 1);
}

TEST_CASE("a unit that was ever forced is left out, whether that was before or after") {
  const std::string unit = UnitIn("a");
  for (const std::int64_t forced_at : {kNow - kDay, kNow - 3 * kDay}) {
    for (const char* arm : {"a", "b"}) {
      CAPTURE(forced_at);
      CAPTURE(arm);
      World world;
      world.Post({Exposure("1", unit).At(kNow - 2 * kDay), Exposure("other", UnitIn("b"))});
      CHECK(Button(world.Count()).units == 2);
      world.Post({Exposure("2", unit, arm).Forced().At(forced_at)});
      const Results results = world.Count();
      CHECK(Units(Button(results), "a") == 0);
      CHECK(Units(Button(results), "b") == 1);
      CHECK(Button(results).forced_units == 1);
      CHECK(Button(results).two_arm_units == 0);
    }
  }
}

TEST_CASE("a unit seen in two arms of one iteration is left out") {
  World world;
  // A later version gives b the slots of a, in the same iteration: what must not happen, and does.
  REQUIRE(world.archive
              ->Add(Datafile(2, R"("a":{"slots":[[0,500000]],"flags":{}},"b":{"slots":[[500000,1000000]])",
                             R"("a":{"slots":[[500000,1000000]],"flags":{}},"b":{"slots":[[0,500000]])"),
                    kNow)
              .ok());
  const std::string unit = UnitIn("a");
  world.Post(
      {Exposure("1", unit), Exposure("2", unit, "b").Text("feature_flag.version", "1.2"), Exposure("3", UnitIn("b"))});
  world.Post({Tracked("4", unit, "shared")});
  CHECK(Converted(world, 0) == 0);
  const Results results = world.Count();
  CHECK(results.quarantined.empty());
  CHECK(Button(results).two_arm_units == 1);
  CHECK(Button(results).forced_units == 0);
  CHECK(Button(results).units == 1);
}

TEST_CASE("an event converts from the first exposure on until the goal's window ends") {
  const struct {
    std::int64_t after_ms;
    std::uint64_t within_7d, without_end;
  } rows[] = {{-1, 0, 0}, {0, 1, 1}, {7 * kDay - 1, 1, 1}, {7 * kDay, 0, 1}};
  for (const auto& row : rows) {
    CAPTURE(row.after_ms);
    World world;
    const std::int64_t first = kNow - 20 * kDay;
    // Later exposures move nothing.
    world.Post({Exposure("2", "unit-1").At(first + 3 * kDay), Exposure("1", "unit-1").At(first)});
    world.Post({Tracked("s", "unit-1", "shared").At(first + row.after_ms),
                Tracked("o", "unit-1", "opened").At(first + row.after_ms)});
    CHECK(Converted(world, 0) == row.within_7d);
    CHECK(Converted(world, 1) == row.without_end);
  }
}

TEST_CASE("what does not convert: another name, another unit, another kind, one who was forced") {
  World world;
  world.Post({Exposure("1", "unit-1").At(kNow - kDay), Tracked("a", "unit-1", "share"),
              Tracked("b", "unit-2", "shared"), Exposure("2", "unit-3").At(kNow - kDay),
              Tracked("c", "unit-3", "shared").Forced()});
  Event account = Tracked("d", "unit-1", "shared");
  account.texts = {{"guidon.event.name", "shared"}, {"guidon.unit.account", "unit-1"}};
  world.Post({account});
  CHECK(world.Count().stored_events == 6);
  CHECK(world.Count().events == 4);
  CHECK(Converted(world, 0) == 0);
  world.Post({Tracked("e", "unit-1", "shared")});
  CHECK(Converted(world, 0) == 1);
  world.Post({Tracked("f", "unit-1", "shared").At(kNow + 1)});
  CHECK(Converted(world, 0) == 1);
}

TEST_CASE("the order in which events arrive makes no difference") {
  World early, late;
  const std::vector<Event> exposures = {Exposure("1", "unit-1").At(kNow - kDay)};
  const std::vector<Event> outcomes = {Tracked("2", "unit-1", "shared")};
  early.Post(exposures);
  early.Post(outcomes);
  late.Post(outcomes);
  late.Post(exposures);
  CHECK(Converted(early, 0) == 1);
  CHECK(Converted(late, 0) == 1);
}

TEST_CASE("the split is judged once five units are expected in each arm") {
  const struct {
    int a, b;
    Split split;
  } rows[] = {{4, 5, Split::kTooFew},
              {5, 5, Split::kGood},
              {30, 3, Split::kBroken},
              {0, 9, Split::kTooFew},
              {0, 14, Split::kBroken}};
  for (const auto& row : rows) {
    CAPTURE(row.a);
    CAPTURE(row.b);
    World world;
    std::vector<Event> events;
    for (int n = 0, a = 0, b = 0; a < row.a || b < row.b; ++n) {
      const std::string unit = "unit-" + std::to_string(n);
      int& met = ArmOf(unit) == "a" ? a : b;
      if (met < (ArmOf(unit) == "a" ? row.a : row.b)) events.push_back(Exposure(unit, unit));
      ++met;
    }
    world.Post(events);
    CHECK(Button(world.Count()).split == row.split);
  }
}

TEST_CASE("units in an arm that should have none raise the alarm at once") {
  const struct {
    const char* name;
    const char* b;
  } rows[] = {{"without slots", R"("b":{"slots":[])"},
              {"gone from the datafile", R"("c":{"slots":[[500000,1000000]])"}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    World world;
    world.Post({Exposure("1", UnitIn("b"))});
    REQUIRE(world.archive->Add(Datafile(2, R"("b":{"slots":[[500000,1000000]])", row.b), kNow).ok());
    const Results results = world.Count();
    CHECK(Button(results).split == Split::kZeroWeight);
    CHECK(Units(Button(results), "b") == 1);
  }
}

// `n` units an arm, of which the first so many shared.
void Fill(World& world, int n, int a_shared, int b_shared) {
  std::vector<Event> events;
  std::map<std::string, int> met;
  for (int i = 0; met["a"] < n || met["b"] < n; ++i) {
    const std::string unit = "unit-" + std::to_string(i);
    const int index = met[ArmOf(unit)]++;
    if (index >= n) continue;
    events.push_back(Exposure("e" + unit, unit));
    if (index < (ArmOf(unit) == "a" ? a_shared : b_shared)) events.push_back(Tracked("t" + unit, unit, "shared"));
  }
  CHECK(world.Post(events).status == 200);
}

TEST_CASE("a verdict needs conversions, and an interval on one side of zero") {
  const struct {
    int a_shared, b_shared;
    Verdict verdict;
    const char* ends;
  } rows[] = {{100, 160, Verdict::kHigher, "points (95 %: +"},
              {160, 100, Verdict::kLower, "points (95 %: \u2212"},
              {100, 105, Verdict::kNotClear, "; no clear difference yet"},
              {9, 160, Verdict::kTooFew, "; too few conversions to say"},
              {160, 9, Verdict::kTooFew, "; too few conversions to say"}};
  for (const auto& row : rows) {
    CAPTURE(row.a_shared);
    CAPTURE(row.b_shared);
    World world;
    Fill(world, 400, row.a_shared, row.b_shared);
    const Results results = world.Count();
    const ExperimentResult& button = Button(results);
    CHECK(button.goals[0].arms[1].verdict == row.verdict);
    CHECK(VerdictSentence(button, button.goals[0], 1).find(row.ends) != std::string::npos);
  }
}

TEST_CASE("the sentence says rates, difference and interval") {
  World world;
  Fill(world, 1000, 251, 312);
  const Results results = world.Count();
  CHECK(VerdictSentence(Button(results), Button(results).goals[0], 1) ==
        "b: 31.2 % vs 25.1 %: +6.1 points (95 %: +2.2 to +10.0)");
  CHECK(VerdictSentence(Button(results), Button(results).goals[0], 0) == "a: 25.1 % (95 %: 22.5 % to 27.9 %)");
}

TEST_CASE("there is no verdict on a broken split") {
  World world;
  Fill(world, 200, 40, 150);
  std::vector<Event> more;
  for (int i = 0, met = 0; met < 400; ++i) {
    const std::string unit = "unit-" + std::to_string(i);
    if (ArmOf(unit) == "a" && ++met) more.push_back(Exposure("more" + unit, unit));
  }
  world.Post(more);
  const Results results = world.Count();
  CHECK(Button(results).split == Split::kBroken);
  CHECK(Button(results).goals[0].arms[1].verdict == Verdict::kSplitBroken);
}

TEST_CASE("an iteration is counted apart from the one before") {
  World world;
  world.Post({Exposure("1", "unit-1")});
  REQUIRE(world.archive->Add(Datafile(2, "\"iteration\":2", "\"iteration\":3"), kNow).ok());
  world.Post({Exposure("2", "unit-1").Text("feature_flag.version", "1.2").Int("guidon.experiment.iteration", 3),
              Exposure("3", "unit-2").Text("feature_flag.version", "1.2").Int("guidon.experiment.iteration", 3)});
  const Results results = world.Count();
  REQUIRE(results.experiments.size() == 2);
  CHECK(results.experiments[0].iteration == 3);
  CHECK(results.experiments[0].units == 2);
  CHECK(results.experiments[1].iteration == 2);
  CHECK(results.experiments[1].units == 1);
  CHECK(results.experiments[1].status == "past");
}

// The same numbers from a plain reading of the rules, over all facts at once.
struct BruteForce {
  struct Fact {
    std::string unit, name;  // name: the arm, or the event
    std::int64_t time_ms;
    bool is_exposure, is_forced;
  };
  std::vector<Fact> facts;
  std::map<std::string, std::uint64_t> units, shared, opened;
  std::uint64_t forced = 0;

  void Count() {
    std::set<std::string> ids;
    for (const Fact& fact : facts) ids.insert(fact.unit);
    for (const std::string& id : ids) {
      std::int64_t first = INT64_MAX;
      bool is_forced = false;
      std::string arm;
      for (const Fact& fact : facts) {
        if (fact.unit == id) is_forced |= fact.is_forced;
        if (fact.unit != id || !fact.is_exposure) continue;
        first = std::min(first, fact.time_ms);
        arm = fact.name;
      }
      if (first == INT64_MAX) continue;
      forced += is_forced;
      if (is_forced) continue;
      ++units[arm];
      bool has_shared = false, has_opened = false;
      for (const Fact& fact : facts) {
        if (fact.unit != id || fact.is_exposure || fact.time_ms < first) continue;
        has_shared |= fact.name == "shared" && fact.time_ms < first + 7 * kDay;
        has_opened |= fact.name == "opened";
      }
      shared[arm] += has_shared;
      opened[arm] += has_opened;
    }
  }
};

TEST_CASE("the results equal a count by brute force on random facts") {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    BruteForce expected;
    std::vector<Event> events;
    for (int i = 0; i < 1500; ++i) {
      const std::string unit = "unit-" + std::to_string(random() % 150);
      const std::int64_t time_ms = kNow - static_cast<int>(random() % 14) * kDay - static_cast<int>(random() % 1000);
      const bool is_exposure = random() % 3 == 0;
      const bool is_forced = random() % 60 == 0;
      const std::string name = is_exposure ? ArmOf(unit)
                                           : (random() % 3 == 0 ? "shared"
                                              : random() % 2    ? "opened"
                                                                : "other");
      const std::string id = std::to_string(i);
      Event event = is_exposure ? Exposure(id, unit) : Tracked(id, unit, name);
      event.time_ms = time_ms;
      event.is_forced = is_forced;
      events.push_back(event);
      expected.facts.push_back({unit, name, time_ms, is_exposure, is_forced});
    }
    expected.Count();
    // Delivered out of order, in small requests, some of them twice.
    std::shuffle(events.begin(), events.end(), random);
    World world;
    for (std::size_t i = 0; i < events.size(); i += 40) {
      const std::vector<Event> part(events.begin() + static_cast<std::ptrdiff_t>(i),
                                    events.begin() + static_cast<std::ptrdiff_t>(std::min(i + 50, events.size())));
      REQUIRE(world.Post(part).status == 200);
    }
    const Results results = world.Count();
    const ExperimentResult& button = Button(results);
    CHECK(results.stored_events == 1500);
    CHECK(button.forced_units == expected.forced);
    for (std::size_t arm = 0; arm < 2; ++arm) {
      const std::string name = button.arms[arm].variant;
      CAPTURE(name);
      CHECK(button.arms[arm].units == expected.units[name]);
      CHECK(button.goals[0].arms[arm].converted == expected.shared[name]);
      CHECK(button.goals[1].arms[arm].converted == expected.opened[name]);
    }
    CHECK(expected.shared["a"] + expected.shared["b"] > 20);
  }
}

}  // namespace
}  // namespace guidon::collector
