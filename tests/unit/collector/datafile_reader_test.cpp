#include "samples/collector/datafile_reader.h"

#include <doctest/doctest.h>

#include "tests/unit/collector/world.h"

namespace guidon::collector {
namespace {

constexpr char kSalt[] = R"("salt":"button.2",)";

Published Read(const std::string& members) {
  Result<Published> published = ReadDatafile(Datafile(2, kSalt, kSalt + members));
  REQUIRE_MESSAGE(published.ok(), published.status().message());
  return *std::move(published);
}

TEST_CASE("an experiment's audiences, stickiness and shipping are read") {
  const Published published =
      Read(R"("sticky":"exposed","audiences":[{"name":"power","when":{},"slots":[[0,10],[20,30]],
"variants":{"b":[[200000,1000000]],"a":[[0,200000]]}},{"name":"new","slots":[],"variants":{}}],
"ship":{"variant":"b","slots":[[0,150000],[200000,250000]]},)");
  const PublishedExperiment& button = published.experiments.at("button");
  CHECK(button.is_sticky);
  REQUIRE(button.audiences.size() == 2);
  CHECK(button.SharesOf("") == &button.own);
  CHECK(button.SharesOf("new") == &button.audiences[1]);
  CHECK(button.SharesOf("powers") == nullptr);
  const PublishedShares* power = button.SharesOf("power");
  REQUIRE(power != nullptr);
  CHECK(Holds(power->layer_slots, 25));
  CHECK(!Holds(power->layer_slots, 15));
  REQUIRE(power->FindVariant("a") != nullptr);
  CHECK(power->FindVariant("a")->weight == 200'000);
  CHECK(button.ship.variant == "b");
  CHECK(button.ship.share == 0.2);
}

TEST_CASE("without them an experiment is what it was before") {
  const Published published = Read("");
  const PublishedExperiment& button = published.experiments.at("button");
  CHECK(!button.is_sticky);
  CHECK(button.audiences.empty());
  CHECK(button.ship.variant.empty());
}

TEST_CASE("an experiment whose audiences or shipping make no sense is left out") {
  std::string many;
  for (int i = 0; i < 17; ++i) {
    many += (i == 0 ? "" : ",") + (R"({"name":"n)" + std::to_string(i) + R"(","slots":[],"variants":{}})");
  }
  const struct {
    std::string name;
    std::string members;
  } rows[] = {{"no list", R"("audiences":{},)"},
              {"too many", R"("audiences":[)" + many + "],"},
              {"without a name", R"("audiences":[{"slots":[],"variants":{}}],)"},
              {"without slots", R"("audiences":[{"name":"x","variants":{}}],)"},
              {"without variants", R"("audiences":[{"name":"x","slots":[]}],)"},
              {"slots that run back", R"("audiences":[{"name":"x","slots":[],"variants":{"a":[[9,3]]}}],)"},
              {"ships nothing", R"("ship":{"slots":[[0,5]]},)"},
              {"ships to nowhere", R"("ship":{"variant":"b"},)"}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CHECK(Read(row.members).experiments.empty());
  }
}

}  // namespace
}  // namespace guidon::collector
