#include "samples/collector/qa.h"

#include <doctest/doctest.h>

#include "samples/collector/page.h"
#include "sdk/core/base/json.h"
#include "tests/unit/collector/world.h"

namespace guidon::collector {
namespace {

// Without what says when it was counted, how much is stored, and who was forced.
std::string CountsOf(Results results) {
  results.qa = Qa();
  results.stored_events = 0;
  for (ExperimentResult& experiment : results.experiments) experiment.forced_units = 0;
  for (CampaignResult& campaign : results.campaigns) campaign.forced_units = 0;
  for (HoldoutResult& holdout : results.holdouts) holdout.forced_units = 0;
  return ResultsJson(results);
}

std::vector<Event> LifeOf(const std::string& unit) {
  std::vector<Event> events;
  for (int day = 20; day >= 0; day -= 4) {
    const std::string id = unit + "." + std::to_string(day);
    const std::int64_t at = kNow - day * kDay;
    events.push_back(Tracked(id + "o", unit, "opened").At(at).Text("guidon.context.plan", "pro"));
    events.push_back(Tracked(id + "s", unit, "shared").At(at + 1));
    events.push_back(Tracked(id + "b", unit, "bought").At(at + 2).Value(5));
    events.push_back(Tracked(id + "r", unit, "rated").At(at + 3).Value(4));
    events.push_back(Exposure(id + "e", unit).At(at));
    events.push_back(Step(id + "p", unit, "exposure", id).At(at));
  }
  return events;
}

TEST_CASE("a unit that was ever forced is in no count, with what it did before, while and after") {
  World without;
  without.Post(LifeOf("unit-1"), "install-1");
  const std::string expected = CountsOf(without.Count());
  for (std::size_t forced = 0; forced < 36; forced += 5) {
    CAPTURE(forced);
    World world;
    world.Post(LifeOf("unit-1"), "install-1");
    std::vector<Event> events = LifeOf("unit-2");
    events[forced].Forced("file");
    world.Post(events, "install-2");
    const Results results = world.Count();
    CHECK(results.quarantined.empty());
    CHECK(CountsOf(results) == expected);
    CHECK(results.stored_events == 72);
    CHECK(results.qa.people == 1);
    CHECK(results.qa.events == 36);
    REQUIRE(results.qa.units.size() == 1);
    CHECK(results.qa.units[0].unit == "unit-2");
    CHECK(results.qa.units[0].events == 36);
    CHECK(results.qa.units[0].forced_events == 1);
    CHECK(results.qa.units[0].first_ms == events[forced].time_ms);
  }
  // The test would see it: the same life without force is in the counts.
  World world;
  world.Post(LifeOf("unit-1"), "install-1");
  world.Post(LifeOf("unit-2"), "install-2");
  CHECK(CountsOf(world.Count()) != expected);
}

TEST_CASE("being forced takes effect on what is stored already, by every unit of the event") {
  World world;
  const std::string unit = UnitIn("a");
  world.Post({Exposure("1", unit).At(kNow - kDay), Tracked("2", unit, "shared")});
  CHECK(world.Count().experiments[0].units == 1);
  CHECK(world.Count().people == 1);
  world.Post({Tracked("3", unit, "opened").Text("guidon.unit.account", "acc-1").Forced("api")});
  const Results results = world.Count();
  CHECK(results.experiments[0].units == 0);
  CHECK(results.experiments[0].forced_units == 1);
  CHECK(results.people == 0);
  CHECK(results.events == 0);
  CHECK(results.installations == 0);
  CHECK(results.events_by_name.empty());
  REQUIRE(results.qa.units.size() == 1);
  CHECK(results.qa.units[0].also == std::vector<std::string>{"account acc-1"});
}

TEST_CASE("the list says what was forced, by what means, and what it would have been") {
  World world;
  const std::string unit = UnitIn("a");
  world.Post({Exposure("1", unit, "b").At(kNow - 50).Forced("api,file").Text("guidon.natural_variant", "a"),
              Exposure("2", unit, "b").At(kNow - 40).Forced("file").Text("guidon.natural_variant", "a"),
              Step("3", unit, "exposure").At(kNow - 30).Forced("environment"),
              Step("4", unit, "impression")
                  .At(kNow - 20)
                  .Forced("environment")
                  .Text("guidon.overrides", "experiment:button=off; prompt:try-share=show"),
              Tracked("5", unit, "shared").At(kNow - 10).Forced("environment"), Tracked("6", unit, "shared")});
  const Qa qa = world.Count().qa;
  REQUIRE(qa.units.size() == 1);
  const ForcedUnit& it = qa.units[0];
  CHECK(it.unit_kind == "device");
  CHECK(it.means == std::vector<std::string>{"api", "environment", "file"});
  REQUIRE(it.arms.size() == 1);
  CHECK(it.arms[0].key == "button");
  CHECK(it.arms[0].iteration == 2);
  CHECK(it.arms[0].variant == "b");
  CHECK(it.arms[0].natural_variant == "a");
  CHECK(it.prompts == std::vector<std::string>{"try-share"});
  CHECK(it.overrides == std::vector<std::string>{"experiment:button=off", "prompt:try-share=show"});
  CHECK(it.first_ms == kNow - 50);
  CHECK(it.last_ms == kNow - 10);
  CHECK(it.events == 6);
  CHECK(it.forced_events == 5);
  const std::string page = ResultsPage(world.Count(), "n");
  CHECK(page.find("naturally a") != std::string::npos);
  CHECK(page.find("experiment:button=off") != std::string::npos);
}

TEST_CASE("the newest fifty are listed, and all are counted") {
  World world;
  std::vector<Event> events;
  for (int i = 0; i < 60; ++i) {
    events.push_back(Tracked(std::to_string(i), "u" + std::to_string(i), "x").At(kNow - i).Forced("api"));
  }
  world.Post(events);
  const Qa qa = world.Count().qa;
  CHECK(qa.people == 60);
  CHECK(qa.events == 60);
  REQUIRE(qa.units.size() == 50);
  CHECK(qa.units[0].unit == "u0");
  CHECK(qa.units[49].unit == "u49");
}

TEST_CASE("an event without a device is its installation's") {
  World world;
  Event event = Tracked("1", "", "x").Forced("api");
  event.texts = {{"guidon.event.name", "x"}};
  world.Post({event}, "install-7");
  const Qa qa = world.Count().qa;
  REQUIRE(qa.units.size() == 1);
  CHECK(qa.units[0].unit_kind.empty());
  CHECK(qa.units[0].unit == "install-7");
}

}  // namespace
}  // namespace guidon::collector
