#include "samples/collector/schema.h"

#include <doctest/doctest.h>

#include "tests/unit/collector/world.h"

namespace guidon::collector {
namespace {

constexpr const char* kNewTables[] = {"people",   "daily",        "traits",  "valued",   "installed",
                                      "forcings", "forced_units", "prompts", "campaigns"};

TEST_CASE("a database of the first version is brought up to date with all it holds") {
  World world;
  std::vector<Event> events;
  for (int i = 0; i < 60; ++i) {
    const std::string unit = "unit-" + std::to_string(i % 20);
    const std::string id = std::to_string(i);
    events.push_back(Exposure("e" + id, unit).At(kNow - (20 - i % 20) * kDay));
    events.push_back(Tracked("t" + id, unit, i % 3 == 0 ? "shared" : "rated").At(kNow - i * kDay / 4).Value(i % 5));
    if (i == 7) events.back().Forced();
  }
  events.push_back(HoldoutExposure("h", "unit-1", "held_out").Forced());
  world.Post(events);
  const std::string before = ResultsJson(world.Count());
  world.reader->Begin(true);
  for (const char* table : kNewTables) world.reader->Execute(("DROP TABLE " + std::string(table)).c_str());
  for (const char* column : {"forced_by", "natural_variant", "prompt"}) {
    world.reader->Execute(("ALTER TABLE events DROP COLUMN " + std::string(column)).c_str());
  }
  world.reader->Execute("PRAGMA user_version = 1");
  REQUIRE(world.reader->Commit().ok());
  world.store.reset();
  auto again = Store::Open(world.folder / "events.db", 1024);
  REQUIRE_MESSAGE(again.ok(), again.status().message());
  // Campaigns are known again once the datafile is seen.
  Archive archive(again->get());
  REQUIRE(archive.Add(Datafile(), kNow).ok());
  CHECK(ResultsJson(world.Count()) == before);
}

TEST_CASE("a database of a later version is refused") {
  World world;
  world.reader->Begin(true);
  world.reader->Execute("PRAGMA user_version = 3");
  REQUIRE(world.reader->Commit().ok());
  CHECK(CreateTables(world.reader.get()).code() == StatusCode::kUnsupported);
}

}  // namespace
}  // namespace guidon::collector
