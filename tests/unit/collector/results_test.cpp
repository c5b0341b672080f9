#include "samples/collector/results.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "sdk/core/base/json.h"
#include "tests/unit/collector/world.h"

namespace guidon::collector {
namespace {

TEST_CASE("holes in an installation's sequence are counted, in whatever order the rest arrives") {
  World world;
  std::vector<int> numbers = {1, 2, 3, 7, 8, 10, 12, 13};  // missing: 4 5 6 9 11
  std::mt19937 random(11);
  for (int round = 0; round < 20; ++round) {
    std::shuffle(numbers.begin(), numbers.end(), random);
    const std::string installation = "install-" + std::to_string(round);
    for (std::size_t i = 0; i < numbers.size(); i += 3) {
      std::vector<Event> events;
      for (std::size_t j = i; j < std::min(i + 3, numbers.size()); ++j) {
        events.push_back(Tracked(installation + "." + std::to_string(numbers[j]), "unit-1", "x").Sequence(numbers[j]));
      }
      world.Post(events, installation);
    }
  }
  Results results = world.Count();
  CHECK(results.missing == 100);
  CHECK(results.installations_with_gaps == 20);
  REQUIRE(results.gaps.size() == 20);
  CHECK(results.gaps[0].missing == 5);
  CHECK(results.gaps[0].arrived == 8);
  // A record in the quarantine arrived, too, and so did one that came twice under two numbers.
  world.Post({Exposure("q", "unit-1", "c").Sequence(4), Tracked("install-0.1", "unit-1", "x").Sequence(5)},
             "install-0");
  CHECK(world.Count().missing == 98);
  std::vector<Event> rest;
  for (const int n : {6, 9, 11}) rest.push_back(Tracked("rest" + std::to_string(n), "unit-1", "x").Sequence(n));
  world.Post(rest, "install-0");
  results = world.Count();
  CHECK(results.installations_with_gaps == 19);
  CHECK(world.Ask("SELECT COUNT(*) FROM sequences WHERE installation = 'install-0'") == 1);
}

TEST_CASE("what clients report lost is added up by cause") {
  World world;
  for (int i = 0; i < 2; ++i) {
    Event report;
    report.id = "r" + std::to_string(i);
    report.event_name = "guidon.loss_report";
    report.Int("guidon.lost.expired", 3).Int("guidon.lost.outbox_full", 1 + i);
    world.Post({report});
    world.Post({report});
  }
  const Results results = world.Count();
  REQUIRE(results.losses.size() == 2);
  CHECK(results.losses[0].name == "expired");
  CHECK(results.losses[0].n == 6);
  CHECK(results.losses[1].n == 3);
}

TEST_CASE("programs read the same numbers as people") {
  World world;
  std::vector<Event> events;
  for (const char* arm : {"prompt", "held_out"}) {
    const std::vector<std::string> units = UnitsReaching(arm, arm[0] == 'p' ? 80 : 20);
    for (std::size_t i = 0; i < units.size(); ++i) {
      events.push_back(Step("e" + units[i], units[i], "exposure").Text("guidon.context.plan", "pro"));
      if (arm[0] == 'p') events.push_back(Step("i" + units[i], units[i], "impression"));
      if (i < (arm[0] == 'p' ? 60u : 10u)) events.push_back(Tracked("s" + units[i], units[i], "shared"));
    }
  }
  events.push_back(Tracked("f", "tester", "shared").Forced("file"));
  world.Post(events);
  const auto document = json::Document::Parse(ResultsJson(world.Count()), nullptr);
  REQUIRE(document);
  const json::Node root = document->root();
  const json::Node campaign = root["campaigns"].First();
  CHECK(campaign["key"].AsString() == "try-share");
  CHECK(campaign["split"]["state"].AsString() == "good");
  CHECK(campaign["arms"]["prompt"]["units"].AsInt() == 80);
  CHECK(campaign["arms"]["prompt"]["seen"].AsInt() == 80);
  CHECK(campaign["arms"]["held_out"]["units"].AsInt() == 20);
  const json::Node goal = campaign["goals"].First();
  CHECK(goal["prompt"]["converted"].AsInt() == 60);
  CHECK(goal["held_out"]["rate"].AsNumber() == 0.5);
  CHECK(goal["difference"].AsNumber() == 0.25);
  CHECK(*goal["low"].AsNumber() < 0.25);
  CHECK(*goal["high"].AsNumber() > 0.25);
  CHECK(goal["verdict"].AsString() == "higher");
  const json::Node feature = root["adoption"]["features"].First();
  CHECK(feature["event"].AsString() == "shared");
  CHECK(feature["not_yet"].AsInt() == 30);
  CHECK(feature["segments"].First()["value"].AsString() == "pro");
  CHECK(feature["segments"].First()["used"].AsInt() == 70);
  CHECK(root["lifecycle"].First()["new"].AsInt() == 100);
  CHECK(root["kpis"]["activation"]["open"].AsInt() == 100);
  CHECK(root["kpis"]["acquisition"]["weeks"].First()["people"].AsInt() == 100);
  CHECK(root["qa"]["units"].First()["unit"].AsString() == "tester");
  CHECK(*root["stored_events"].AsInt() == *root["events"].AsInt() + 1);
}

}  // namespace
}  // namespace guidon::collector
