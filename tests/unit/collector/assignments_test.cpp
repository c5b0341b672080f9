// Each assignment is computed again, from the version of the datafile that the exposure names.
#include <doctest/doctest.h>

#include "samples/collector/experiment_results.h"
#include "samples/collector/page.h"
#include "sdk/core/evaluation/bucketing.h"
#include "tests/unit/collector/world.h"

namespace guidon::collector {
namespace {

constexpr char kHead[] = R"("button":{"iteration":2,"status":"running","layer":"main","slots":[[0,1000000]],)";

std::string OtherArm(const std::string& unit) { return ArmOf(unit) == "a" ? "b" : "a"; }

// Version 1 runs the experiment over the whole layer; versions from 2 on are as `head` says.
struct StickyWorld : World {
  explicit StickyWorld(std::string_view head = R"("button":{"iteration":2,"status":"running","sticky":"exposed",
"layer":"main","slots":[[0,0]],)") {
    REQUIRE(archive->Add(Datafile(2, kHead, head), kNow).ok());
  }
  ExperimentResult Button() {
    Results results = Count();
    REQUIRE(!results.experiments.empty());
    return std::move(results.experiments.front());
  }
};

Event Later(const std::string& id, const std::string& unit, const std::string& arm = {}) {
  return Exposure(id, unit, arm).Text("feature_flag.version", "1.2");
}

TEST_CASE("a forged exposure is found, left out and counted, and over one in a thousand is a warning") {
  World world;
  std::vector<Event> events;
  for (int i = 0; i < 1500; ++i) events.push_back(Exposure("e" + std::to_string(i), "unit-" + std::to_string(i)));
  world.Post(events);
  const auto units = [&world](std::string_view arm) { return world.Count().experiments[0].ArmOf(arm).units; };
  const std::uint64_t a = units("a");
  const std::uint64_t b = units("b");
  const std::string forged = UnitIn("a", 5000);
  for (int i = 0; i < 2; ++i) world.Post({Exposure("forged", forged, "b")});  // sent again, it counts once
  world.Post({Exposure("convert", UnitIn("b", 5000)).Forced(), Tracked("s", forged, "shared")});
  Results results = world.Count();
  CHECK(results.experiments[0].assignments.mismatched == 1);
  CHECK(results.experiments[0].assignments.exposures == 1501);
  CHECK(results.experiments[0].assignments.wrong_share() == doctest::Approx(1 / 1501.0));
  CHECK(!results.experiments[0].assignments.is_alarming());
  CHECK(ResultsPage(results, "n")
            .find("1,501 exposures computed again from the salts: 1 wrong (0.07&nbsp;%), left "
                  "out.") != std::string::npos);
  CHECK(units("a") == a);
  CHECK(units("b") == b);
  world.Post({Exposure("forged2", UnitIn("b", 5000), "a")});
  results = world.Count();
  CHECK(results.experiments[0].assignments.is_alarming());
  CHECK(ResultsPage(results, "n").find("2 wrong (0.13&nbsp;%), left out. Over 0.1&nbsp;%: events are forged or lost") !=
        std::string::npos);
  CHECK(ResultsJson(results).find("\"alarming\": true") != std::string::npos);
}

TEST_CASE("mismatches of an earlier iteration are not those of the next") {
  World world;
  world.Post({Exposure("1", "unit-1", OtherArm("unit-1"))});
  REQUIRE(world.archive->Add(Datafile(2, "\"iteration\":2", "\"iteration\":3"), kNow).ok());
  const Results results = world.Count();
  REQUIRE(results.experiments.size() == 2);
  CHECK(results.experiments[0].assignments.mismatched == 0);
  CHECK(results.experiments[1].assignments.mismatched == 1);
}

TEST_CASE("what an enrollment may serve, and what no version serves, is told apart") {
  const std::string_view sticky =
      R"("button":{"iteration":2,"status":"running","sticky":"exposed","layer":"main","slots":[[0,0]],)";
  const std::string_view paused = R"("button":{"iteration":2,"status":"paused","layer":"main","slots":[[0,1000000]],)";
  const std::string_view ended = R"("button":{"iteration":2,"status":"ended","sticky":"exposed","layer":"main",
"slots":[[0,1000000]],"ship":{"variant":"b","slots":[[0,200000]]},)";
  Event bare = Later("x", "unit-1").Sticky();
  bare.ints = {{"guidon.experiment.iteration", 2}};
  const struct {
    const char* name;
    std::string_view head;
    Event event;
    const char* reason;  // null: accepted
  } rows[] = {
      {"outside the layer's slots, by enrollment", sticky, Later("x", "unit-1").Sticky(), nullptr},
      {"without any slots", sticky, bare, nullptr},
      {"outside, and by nothing", sticky, Later("x", "unit-1"), "variant_mismatch"},
      {"with a wrong slot", sticky, Later("x", "unit-1").Sticky().Int("guidon.slot", 1), "slot_mismatch"},
      {"with a wrong layer slot", sticky, Later("x", "unit-1").Sticky().Int("guidon.layer_slot", 1), "slot_mismatch"},
      {"of an unknown variant", sticky, Later("x", "unit-1", "c").Sticky(), "unknown_variant"},
      {"paused, by enrollment", paused, Later("x", "unit-1").Sticky(), nullptr},
      {"paused, somebody new", paused, Later("x", "unit-1"), "variant_mismatch"},
      {"paused, forced", paused, Later("x", "unit-1").Forced(), nullptr},
      {"ended", ended, Later("x", "unit-1"), "variant_mismatch"},
      {"ended, by enrollment", ended, Later("x", "unit-1").Sticky(), "variant_mismatch"},
      {"of the version before it ended", ended, Exposure("x", "unit-1"), nullptr},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    StickyWorld world(row.head);
    world.Post({row.event});
    CHECK(world.Ask("SELECT COUNT(*) FROM events") == (row.reason == nullptr ? 1 : 0));
    if (row.reason != nullptr) CHECK(world.AskText("SELECT reason FROM quarantine") == row.reason);
  }
}

TEST_CASE("what an enrollment served is checked against the unit's first exposure") {
  const std::string unit = UnitIn("b");
  const Event first = Exposure("first", unit).At(kNow - 2 * kDay);
  const struct {
    const char* name;
    std::vector<Event> events;
    std::uint64_t units, unbacked_units, unbacked, sticky;
  } rows[] = {
      {"the same variant", {first, Later("2", unit).Sticky()}, 1, 0, 0, 1},
      {"the same, arriving first", {Later("2", unit).Sticky(), first}, 1, 0, 0, 1},
      {"another variant", {first, Later("2", unit, "a").Sticky()}, 0, 1, 1, 1},
      {"a first that nobody saw", {Later("2", unit).Sticky(), Later("3", unit).Sticky().At(kNow - kDay)}, 0, 1, 2, 2},
      {"another unit's first", {Exposure("first", UnitIn("b", 900)), Later("2", unit).Sticky()}, 1, 1, 1, 1},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    StickyWorld world;
    for (const Event& event : row.events) world.Post({event});
    world.Post({Tracked("s", unit, "shared")});
    const ExperimentResult button = world.Button();
    CHECK(world.Count().quarantined.empty());
    CHECK(button.units == row.units);
    CHECK(button.assignments.unbacked_units == row.unbacked_units);
    CHECK(button.assignments.unbacked == row.unbacked);
    CHECK(button.assignments.sticky == row.sticky);
    CHECK(button.two_arm_units == 0);
    const std::uint64_t converted = button.goals[0].arms[0].converted + button.goals[0].arms[1].converted;
    CHECK(converted == (row.unbacked_units == 0 ? 1 : 0));
  }
}

TEST_CASE("the page counts what enrollments served apart") {
  const std::string unit = UnitIn("b");
  StickyWorld world;
  world.Post({Exposure("1", unit).At(kNow - kDay), Later("2", unit).Sticky()});
  CHECK(ResultsPage(world.Count(), "n")
            .find("1 exposure by units that keep their variant, checked against their first: all agree.") !=
        std::string::npos);
  world.Post({Later("3", "unit-900").Sticky()});
  CHECK(ResultsPage(world.Count(), "n").find("1 unit keeps one that it was not seen to enter, left out.") !=
        std::string::npos);
}

TEST_CASE("what an exposure says of its variant's likelihood, of being the first and of the system is kept") {
  World world;
  world.Post({Exposure("1", "unit-1").First().Propensity(0.5), Tracked("2", "unit-1", "shared")});
  CHECK(world.Ask("SELECT propensity * 100 FROM events WHERE id = '1'") == 50);
  CHECK(world.Ask("SELECT first FROM events WHERE id = '1'") == 1);
  CHECK(world.Ask("SELECT count(*) FROM events WHERE os = 'Linux'") == 2);
  CHECK(world.Ask("SELECT first IS NULL AND propensity IS NULL FROM events WHERE id = '2'") == 1);
}

TEST_CASE("an audience's exposure has the propensity of the audience's shares") {
  const std::string_view head = R"("button":{"iteration":2,"status":"running","audiences":[{"name":"power","when":{},)"
                                R"("slots":[[0,1000000]],"variants":{"a":[[0,300000]],"b":[[300000,1000000]]}}],)"
                                R"("layer":"main","slots":[[0,200000]],)";
  StickyWorld world(head);
  const std::uint32_t slot = evaluation::Slot('s', "button.2", "unit-1");
  const bool is_a = slot < 300'000;
  const auto of = [&](double propensity) {
    return Later("x" + std::to_string(propensity), "unit-1", is_a ? "a" : "b").Text("guidon.audience", "power").Propensity(propensity);
  };
  CHECK(world.Post({of(is_a ? 0.3 : 0.7)}).body.find("quarantined") == std::string::npos);
  CHECK(world.Post({of(is_a ? 0.06 : 0.14)}).body.find("propensity_mismatch 1") != std::string::npos);
}

TEST_CASE("all of a sticky exposure is kept") {
  StickyWorld world;
  world.Post({Later("1", "unit-1").Sticky()});
  CHECK(world.Ask("SELECT sticky FROM events") == 1);
  CHECK(world.Ask("SELECT sticky FROM arms") == 1);
  CHECK(world.Ask("SELECT audience IS NULL FROM events") == 1);
}

}  // namespace
}  // namespace guidon::collector
