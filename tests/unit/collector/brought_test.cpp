#include "samples/collector/brought.h"

#include <doctest/doctest.h>

#include "tests/unit/collector/world.h"

namespace guidon::collector {
namespace {

constexpr std::int64_t kShown = kNow - 30 * kDay;

// With a goal by prompt instead of the campaign's own.
void PublishGoalByPrompt(World& world) {
  REQUIRE(world.archive
              ->Add(Datafile(2, R"("kpi":"activation","goals":[{"event":"shared","within":"7d"}])",
                             R"("kpi":"acquisition","goals":[{"event":"joined","within":"7d","by":"prompt"}])"),
                    kNow)
              .ok());
}

Event Joined(std::string id, const std::string& unit, std::string prompt, std::int64_t after_ms = kDay) {
  return Tracked(std::move(id), unit, "joined").Text("guidon.property.prompt", std::move(prompt)).At(kShown + after_ms);
}

const BroughtResult& Brought(const Results& results) {
  REQUIRE(!results.campaigns.empty());
  REQUIRE(results.campaigns[0].brought.size() == 1);
  return results.campaigns[0].brought[0];
}

TEST_CASE("events that name a showing count for its campaign and arm, each once") {
  World world;
  PublishGoalByPrompt(world);
  const std::vector<std::string> units = UnitsReaching("prompt", 3);
  std::vector<Event> events;
  for (const std::string& unit : units) events.push_back(Step("e" + unit, unit, "exposure").At(kShown));
  events.push_back(Step("again", units[0], "exposure", "second").At(kShown + kDay));
  const std::string first = "showing-" + units[0];
  events.push_back(Joined("j1", "new-1", first));
  events.push_back(Joined("j2", "new-2", first));
  events.push_back(Joined("j3", "new-3", "second", 2 * kDay));
  events.push_back(Joined("j4", "new-4", "showing-" + units[1]));
  events.push_back(Joined("j5", "new-5", "of nobody"));
  events.push_back(Tracked("j6", "new-6", "joined").At(kShown + kDay));
  events.push_back(Tracked("other", "new-7", "opened").Text("guidon.property.prompt", first).At(kShown + kDay));
  world.Post(events);
  world.Post({events[4]});  // j1, sent again
  const Results results = world.Count();
  CHECK(results.quarantined.empty());
  CHECK(results.campaigns[0].goals.empty());
  const BroughtResult& brought = Brought(results);
  CHECK(brought.event == "joined");
  CHECK(brought.within == "7d");
  REQUIRE(brought.arms.size() == 1);
  CHECK(brought.arms[0].variant == "prompt");
  CHECK(brought.arms[0].showings == 4);
  CHECK(brought.arms[0].events == 4);
  CHECK(brought.arms[0].showings_with == 3);
  CHECK(brought.arms[0].units_with == 2);
  CHECK(brought.arms[0].PerShowing() == 1.0);
  const std::string json = ResultsJson(results);
  CHECK(json.find(R"("per_showing": 1.0)") != std::string::npos);
}

TEST_CASE("it counts from the showing's exposure until the window ends, and never for who was shown it") {
  const std::vector<std::string> units = UnitsReaching("prompt", 2);
  const struct {
    const char* name;
    std::string unit;
    std::int64_t after_ms;
    bool is_forced;
    std::uint64_t events;
  } rows[] = {{"before", "new", -1, false, 0},
              {"at once", "new", 0, false, 1},
              {"at the end", "new", 7 * kDay - 1, false, 1},
              {"too late", "new", 7 * kDay, false, 0},
              {"oneself", units[0], kDay, false, 0},
              {"another who was shown it", units[1], kDay, false, 1},
              {"forced", "new", kDay, true, 0}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    World world;
    PublishGoalByPrompt(world);
    Event joined = Joined("j", row.unit, "showing-" + units[0], row.after_ms);
    if (row.is_forced) joined.Forced("api");
    world.Post({Step("e", units[0], "exposure").At(kShown), joined});
    CHECK(Brought(world.Count()).arms.at(0).events == row.events);
  }
}

TEST_CASE("showings of forced units bring nothing, and neither do people who were ever forced") {
  World world;
  PublishGoalByPrompt(world);
  const std::vector<std::string> units = UnitsReaching("prompt", 2);
  world.Post({Step("e0", units[0], "exposure").At(kShown), Step("e1", units[1], "exposure").At(kShown).Forced("api"),
              Joined("j0", "new-0", "showing-" + units[0]), Joined("j1", "new-1", "showing-" + units[1]),
              Joined("j2", "new-2", "showing-" + units[0]), Tracked("f", "new-2", "opened").Forced("api")});
  const Results results = world.Count();
  CHECK(Brought(results).arms.at(0).showings == 1);
  CHECK(Brought(results).arms.at(0).events == 1);
}

}  // namespace
}  // namespace guidon::collector
