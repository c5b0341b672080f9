// What exposures say besides who met what.
#include <doctest/doctest.h>

#include "tests/unit/client/world.h"

namespace guidon::test {
namespace {

constexpr Flag<std::string> kComposer{"composer", "fallback"};

TEST_CASE(
    "an exposure says how likely its variant was: the shares of layer and split, of the audience that served it") {
  struct Row {
    std::string plan, audience, propensity;
  };
  for (const Row& row : {Row{"free", "", "0.3"}, Row{"pro", "pros", "0.5"}}) {
    CAPTURE(row.plan);
    World world;
    world.options.context.Set("plan", row.plan);
    world.options.bundled_datafile = DatafileText(1, R"("layers":{"default":{"unit":"device","salt":"default.1"}},
    "experiments":{"attach-button":{"iteration":1,"status":"running","layer":"default",
      "slots":[[0,200000],[600000,1000000]],"salt":"attach-button.1","variants":{
        "control":{"slots":[[0,250000],[750000,1000000]],"flags":{"composer":"icon"}},
        "labelled":{"slots":[[250000,750000]],"flags":{"composer":"icon-and-text"}}},
      "audiences":[{"name":"pros","when":{"op":"==","attribute":"plan","value":"pro"},"slots":[[0,1000000]],
        "variants":{"control":[[0,500000]],"labelled":[[500000,1000000]]}}]}},
    "flags":{"composer":{"type":"string","default":"icon","rules":[{"id":"r1","experiment":"attach-button"}]}})");
    Client& client = world.Open();
    world.Settle();
    // Devices until one is in the layer's slots.
    std::vector<Received> exposures;
    for (int i = 0; i < 20 && exposures.empty(); ++i) {
      client.Identify(Context().Unit("device", "d" + std::to_string(i)).Set("plan", row.plan));
      (void)client.Get(kComposer);
      world.Pass(std::chrono::seconds(15));
      exposures = world.CollectedOf("feature_flag.evaluation");
    }
    REQUIRE(exposures.size() == 1);
    CHECK(exposures[0].attributes.at("guidon.propensity") == row.propensity);
    CHECK(exposures[0].attributes.at("guidon.first") == "true");
    CHECK(exposures[0].attributes["guidon.audience"] == row.audience);
  }
}

TEST_CASE("of a variant that was forced, or that an enrollment keeps, nobody knows how likely it was") {
  for (const bool is_forced : {true, false}) {
    CAPTURE(is_forced);
    World world;
    world.options.bundled_datafile = DatafileText(1, R"("layers":{"default":{"unit":"device","salt":"default.1"}},
    "experiments":{"attach-button":{"iteration":1,"status":"running","sticky":"exposed","layer":"default",
      "slots":[[0,1000000]],"salt":"attach-button.1","when":{"op":"==","attribute":"plan","value":"pro"},"variants":{
        "labelled":{"slots":[[0,1000000]],"flags":{"composer":"icon-and-text"}}}}},
    "flags":{"composer":{"type":"string","default":"icon","rules":[{"id":"r1","experiment":"attach-button"}]}})");
    world.options.context.Set("plan", "pro");
    Client* client = &world.Open();
    world.Settle();
    if (is_forced) {
      REQUIRE(client->overrides().ForceExperiment("attach-button", "labelled").ok());
      CHECK(client->Get(kComposer) == "icon-and-text");
      world.Pass(std::chrono::seconds(15));
    } else {
      CHECK(client->Get(kComposer) == "icon-and-text");
      world.Pass(std::chrono::seconds(15));
      world.Kill();
      world.options.context.Set("plan", "free");
      client = &world.Open();
      world.clock->Advance(std::chrono::hours(24));
      world.Settle();
      CHECK(client->Get(kComposer) == "icon-and-text");
      world.Pass(std::chrono::seconds(15));
    }
    const std::vector<Received> exposures = world.CollectedOf("feature_flag.evaluation");
    REQUIRE(exposures.size() == (is_forced ? 1 : 2));
    for (const Received& exposure : exposures) {
      const bool is_drawn =
          exposure.attributes.count("guidon.sticky") + exposure.attributes.count("guidon.forced") == 0;
      CHECK(exposure.attributes.count("guidon.propensity") == (is_drawn ? 1 : 0));
      CHECK(exposure.attributes.count("guidon.first") == (is_drawn ? 1 : 0));
    }
  }
}

TEST_CASE("events say which system the platform names") {
  World world;
  world.os_name = "Android";
  world.options.bundled_datafile = NotesDatafile(1);
  world.Open().Track("a");
  world.Pass(std::chrono::seconds(15));
  CHECK(world.resource.at("os.name") == "Android");
}

}  // namespace
}  // namespace guidon::test
