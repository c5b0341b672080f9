// Flags with "hold": "session": what they were first they stay, until something ends it.

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "guidon/guidon.h"
#include "tests/unit/client/world.h"

namespace guidon::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Flag<std::int64_t> kSize{"size", -1};
constexpr Flag<std::string> kComposer{"composer", "none"};

// 1, or 2 for the plan "pro", or 3 from a day after the clock's start.
std::string Sized(int version, const std::string& more = R"(,"hold":"session")", int pro = 2) {
  return DatafileText(version,
                      R"("flags":{"other":{"type":"int","default":0},"size":{"type":"int","default":1)" + more +
                          R"(,"rules":[{"id":"pro","when":{"op":"==","attribute":"plan","value":"pro"},"serve":)" +
                          std::to_string(pro) +
                          R"(},{"id":"late","when":{"op":"since","date":"2026-11-22T10:00:00Z"},"serve":3}]}})");
}

TEST_CASE("what a flag that holds was first in the session it stays, until what ends it") {
  struct Row {
    std::string name;
    std::function<void(World&)> does;
    std::int64_t size;
    Reason reason;
  };
  const auto publish = [](const std::string& datafile) {
    return [datafile](World& world) {
      world.published = datafile;
      world.Pass(minutes(10));
    };
  };
  const auto pro = [](World& world) { world.client().Identify(Context().Set("plan", "pro")); };
  const Row rows[] = {
      {"nothing", [](World&) {}, 1, Reason::kDefault},
      {"attributes change", pro, 1, Reason::kDefault},
      {"time passes a boundary", [](World& world) { world.Pass(hours(30), minutes(30)); }, 1, Reason::kDefault},
      {"a newer datafile, and attributes change",
       [&](World& world) {
         publish(Sized(2, R"(,"hold":"session")", 5))(world);
         pro(world);
       },
       1, Reason::kDefault},
      {"a newer datafile that gets it wrong",
       publish(DatafileText(2, R"("flags":{"size":{"type":"int","default":"x","hold":"session"}})")), 1,
       Reason::kDefault},
      {"a newer datafile, another type",
       publish(DatafileText(2, R"("flags":{"size":{"type":"string","default":"x","hold":"session"}})")), 1,
       Reason::kDefault},
      {"ends: a newer datafile does not have it hold",
       [&](World& world) {
         pro(world);
         publish(Sized(2, ""))(world);
       },
       2, Reason::kRule},
      {"ends: a newer datafile does not have it", publish(DatafileText(2, R"("flags":{})")), -1, Reason::kFlagNotFound},
      {"ends: killed", publish(Sized(2, R"(,"hold":"session","kill":true)")), 1, Reason::kKilled},
      {"ends: the datafile expires, and the flag does not outlive it",
       [&](World& world) {
         std::string expiring = Sized(2, R"(,"hold":"session","when_expired":"default")");
         expiring.insert(expiring.find("\"flags\""), R"("expires_at":"2026-11-21T18:00:00Z",)");
         publish(expiring)(world);
         world.Pass(hours(9), minutes(30));
       },
       1, Reason::kExpired},
      {"ends: killed and taken back, then decided anew",
       [&](World& world) {
         pro(world);
         publish(Sized(2, R"(,"hold":"session","kill":true)"))(world);
         publish(Sized(3))(world);
       },
       2, Reason::kRule},
      {"ends: forced", [](World& world) { REQUIRE(world.client().overrides().ForceFlag("size", Value(9)).ok()); }, 9,
       Reason::kForced},
      {"ends: forced and let go, then decided anew",
       [&](World& world) {
         pro(world);
         REQUIRE(world.client().overrides().ForceFlag("size", Value(9)).ok());
         world.client().overrides().ClearAll();
       },
       2, Reason::kRule},
      {"another flag is forced",
       [&](World& world) {
         pro(world);
         REQUIRE(world.client().overrides().ForceFlag("other", Value(9)).ok());
       },
       1, Reason::kDefault},
      {"ends: somebody logs in",
       [](World& world) { world.client().Identify(Context().Unit("account", "a").Set("plan", "pro")); }, 2,
       Reason::kRule},
      {"ends: another unit",
       [](World& world) { world.client().Identify(Context().Unit("team", "a").Set("plan", "pro")); }, 2, Reason::kRule},
      {"ends: another device",
       [](World& world) { world.client().Identify(Context().Unit("device", "d").Set("plan", "pro")); }, 2,
       Reason::kRule},
      {"ends: consent withdrawn",
       [&](World& world) {
         pro(world);
         world.client().SetConsent(Consent::kDenied);
       },
       2, Reason::kRule},
      {"ends: erased",
       [&](World& world) {
         pro(world);
         REQUIRE(world.client().Erase(minutes(1)).ok());
       },
       2, Reason::kRule},
      {"ends: the next start",
       [](World& world) {
         world.options.context.Set("plan", "pro");
         world.Open();
       },
       2, Reason::kRule},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    World world;
    world.options.bundled_datafile = Sized(1);
    world.Open();
    world.Settle();
    CHECK(world.client().Get(kSize) == 1);
    row.does(world);
    CHECK(world.client().Get(kSize) == row.size);
    CHECK(world.client().Decide(kSize).reason() == row.reason);
    CHECK(world.client().Decide(kSize).AsInt().value_or(-1) == row.size);
    for (const Decision& each : world.client().DecideAll()) {
      if (each.flag() == "size") CHECK(each.AsInt() == row.size);
    }
    const std::string reason = "\"reason\":\"" + std::string(ReasonName(row.reason)) + "\"";
    CHECK(world.client().ExplainJson("size").find(reason) != std::string::npos);
  }
}

TEST_CASE("a fallback is not held: the first value that is served is") {
  World world;
  Client& client = world.Open();
  CHECK(client.Get(kSize) == -1);
  world.published = Sized(1);
  world.Settle();
  CHECK(client.Get(kSize) == 1);
  client.Identify(Context().Set("plan", "pro"));
  CHECK(client.Get(kSize) == 1);
}

TEST_CASE("a context of the caller's own sticks to nothing") {
  World world;
  world.options.bundled_datafile = Sized(1);
  Client& client = world.Open();
  CHECK(client.Get(kSize) == 1);
  CHECK(client.Decide(kSize, Context().Set("plan", "pro")).AsInt() == 2);
  CHECK(client.Get(kSize) == 1);
}

TEST_CASE("a flag that asks what was done on the device is held once that was read") {
  World world;
  world.options.bundled_datafile = DatafileText(1, R"("flags":{"size":{"type":"int","default":1,"hold":"session",
           "rules":[{"id":"done","when":{"op":">=","count":"shared","value":1},"serve":2}]}})");
  Client& client = world.Open();
  world.Settle();
  client.Track("shared");
  world.Pass(minutes(1));
  CHECK(client.Get(kSize) == 1);
  CHECK(world.client().ExplainJson("size").find(R"("now":{"value":2)") != std::string::npos);
  world.Kill();
  world.Open();
  CHECK(world.client().Get(kSize) == 1);  // not read yet
  world.Settle();
  CHECK(world.client().Get(kSize) == 2);
}

TEST_CASE("a flag under a sticky experiment is held as soon as enrollments were read") {
  World world;
  world.options.bundled_datafile = DatafileText(1, R"("layers":{"default":{"unit":"device","salt":"default.1"}},
    "experiments":{"attach":{"iteration":1,"status":"running","sticky":"exposed","layer":"default","slots":[[0,1000000]],
      "salt":"attach.1","when":{"op":"==","attribute":"plan","value":"pro"},"variants":{
      "v":{"slots":[[0,1000000]],"flags":{"composer":"text"}}}}},
    "flags":{"composer":{"type":"string","default":"icon","hold":"session","rules":[{"id":"r1","experiment":"attach"}]}})");
  Client& client = world.Open();
  world.Settle();
  client.Identify(Context().Set("plan", "pro"));
  CHECK(client.Get(kComposer) == "icon");
}

TEST_CASE("an explanation says what is held and what it would be now") {
  World world;
  world.options.bundled_datafile = Sized(1);
  Client& client = world.Open();
  client.Identify(Context().Set("plan", "pro"));
  const std::string text = client.Explain("size");
  CHECK(text.find("size = 1   the default; no rule applied\n") == 0);
  CHECK(text.find("  held       since the session began; now it would be 2, served by rule pro\n") !=
        std::string::npos);
  CHECK(text.find("rule pro: decides") != std::string::npos);
  const std::string json = client.ExplainJson("size");
  CHECK(json.find(R"("value":1,"is_fallback":false,"variant":"default","reason":"default")") != std::string::npos);
  CHECK(json.find(R"("now":{"value":2,"is_fallback":false,"variant":"pro","reason":"rule","rule":"pro"})") !=
        std::string::npos);
}

TEST_CASE("OnChange tells nothing of a flag that holds, and of its end") {
  World world;
  world.options.bundled_datafile = Sized(1);
  Client& client = world.Open();
  world.Settle();
  int told = 0;
  const auto watch = client.OnChange("size", nullptr, [&](const Change&) { ++told; });
  client.Identify(Context().Set("plan", "pro"));
  world.Settle();
  CHECK(told == 0);
  client.Identify(Context().Unit("account", "a").Set("plan", "pro"));
  world.Settle();
  CHECK(told == 1);
}

std::string Composed(int version, int iteration, const std::string& served) {
  return DatafileText(version, R"("layers":{"default":{"unit":"device","salt":"default.1"}},
    "experiments":{"attach":{"iteration":)" +
                                   std::to_string(iteration) + R"(,"status":"running","layer":"default",
      "slots":[[0,1000000]],"salt":"attach.)" +
                                   std::to_string(iteration) + R"(","variants":{
      "v":{"slots":[[0,1000000]],"flags":{"composer":")" +
                                   served + R"("}}}}},
    "flags":{"composer":{"type":"string","default":"icon","hold":"session","rules":[{"id":"r1","experiment":"attach"}]}})");
}

TEST_CASE("what is held is exposed as it was decided: its iteration, its slots, its datafile") {
  World world;
  world.options.bundled_datafile = Composed(1, 1, "first");
  Client& client = world.Open();
  world.Settle();
  world.published = Composed(7, 2, "second");
  world.Pass(minutes(10));
  REQUIRE(client.status().datafile_version == 7);
  CHECK(client.Get(kComposer) == "first");
  CHECK(client.Decide(kComposer).variant() == "v");
  CHECK(client.Decide(kComposer).experiment() == "attach");
  CHECK(client.ExplainJson("composer").find(R"("exposures":[{"experiment":"attach","iteration":1,)") !=
        std::string::npos);
  world.Pass(minutes(1));
  const auto exposures = world.CollectedOf("feature_flag.evaluation");
  REQUIRE(exposures.size() == 1);
  CHECK(exposures[0].attributes.at("guidon.experiment.iteration") == "1");
  CHECK(exposures[0].attributes.at("feature_flag.version") == "1.1");
  CHECK(exposures[0].attributes.count("guidon.slot") == 1);
  CHECK(exposures[0].attributes.at("feature_flag.key") == "composer");

  client.Identify(Context().Unit("account", "a"));
  CHECK(client.Get(kComposer) == "second");
  world.Pass(minutes(1));
  CHECK(world.CollectedOf("feature_flag.evaluation").size() == 2);
}

}  // namespace
}  // namespace guidon::test
