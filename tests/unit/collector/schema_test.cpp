#include "samples/collector/schema.h"

#include <doctest/doctest.h>

#include "tests/unit/collector/world.h"

namespace guidon::collector {
namespace {

constexpr const char* kNewTables[] = {"people",   "daily",        "traits",  "valued",   "installed",
                                      "forcings", "forced_units", "prompts", "campaigns"};

// What the last versions added.
void TakeBackVersion8(World& world) {
  for (const char* column : {"layer_slot", "slot", "hashed_units"}) {
    world.reader->Execute(("ALTER TABLE events DROP COLUMN " + std::string(column)).c_str());
  }
  world.reader->Execute("PRAGMA user_version = 7");
}

void TakeBackVersion7(World& world) {
  TakeBackVersion8(world);
  world.reader->Execute("DROP TABLE brought");
  world.reader->Execute("PRAGMA user_version = 6");
}

void TakeBackVersion6(World& world) {
  TakeBackVersion7(world);
  world.reader->Execute("DROP TABLE answers");
  world.reader->Execute("PRAGMA user_version = 5");
}

void TakeBackVersion5(World& world) {
  TakeBackVersion6(world);
  world.reader->Execute("DROP TABLE evaluations");
  world.reader->Execute("PRAGMA user_version = 4");
}

void TakeBackVersion3(World& world) {
  TakeBackVersion5(world);
  for (const char* column : {"first", "propensity", "os"}) {
    world.reader->Execute(("ALTER TABLE events DROP COLUMN " + std::string(column)).c_str());
  }
  world.reader->Execute("DROP TABLE mismatches");
  for (const char* column : {"audience", "sticky", "other_audience"}) {
    world.reader->Execute(("ALTER TABLE arms DROP COLUMN " + std::string(column)).c_str());
  }
  world.reader->Execute("ALTER TABLE events DROP COLUMN audience");
  world.reader->Execute("ALTER TABLE events DROP COLUMN sticky");
  world.reader->Execute("PRAGMA user_version = 2");
}

TEST_CASE("a database of the sixth version is brought up to date with the events that name a showing") {
  World world;
  const auto by = [](Event event) { return event.Text("guidon.property.prompt", "showing-1"); };
  world.Post({by(Tracked("t1", "unit-1", "shared")), by(Tracked("t2", "unit-2", "shared").Forced()),
              Tracked("t3", "unit-3", "shared")});
  const char* kAll = "SELECT group_concat(prompt_id||name||id||unit_kind||unit_id||time_ms) FROM brought";
  const std::string before = world.AskText(kAll);
  CHECK(before == "showing-1sharedt1deviceunit-1" + std::to_string(kNow));
  world.reader->Begin(true);
  TakeBackVersion7(world);
  REQUIRE(world.reader->Commit().ok());
  world.store.reset();
  auto again = Store::Open(world.folder / "events.db", 1024);
  REQUIRE_MESSAGE(again.ok(), again.status().message());
  CHECK(world.AskText(kAll) == before);
}

TEST_CASE("a database of the fifth version is brought up to date and takes answers") {
  World world;
  const std::string unit = UnitsReaching("prompt", 1)[0];
  world.Post({Step("e", unit, "exposure"), Step("i", unit, "impression")});
  const std::string before = ResultsJson(world.Count());
  world.reader->Begin(true);
  TakeBackVersion6(world);
  REQUIRE(world.reader->Commit().ok());
  world.ingest.reset();
  world.archive.reset();
  world.store.reset();
  auto again = Store::Open(world.folder / "events.db", 1024);
  REQUIRE_MESSAGE(again.ok(), again.status().message());
  CHECK(ResultsJson(world.Count()) == before);
  Archive archive(again->get());
  Ingest ingest(again->get(), &archive, false);
  CHECK(ingest.Receive(Body({AnswerTo("a", unit, "score", ScoreValue(9))}), false, kNow).status == 200);
  CHECK(world.AskText("SELECT question||answer FROM answers") == "score9");
}

TEST_CASE("a database of the fourth version is brought up to date and takes evaluation summaries") {
  World world;
  world.Post({Exposure("e1", "unit-1"), Tracked("t1", "unit-1", "shared").Forced(), Tracked("t2", "unit-2", "shared")});
  const std::string before = ResultsJson(world.Count());
  world.reader->Begin(true);
  TakeBackVersion5(world);
  REQUIRE(world.reader->Commit().ok());
  world.ingest.reset();
  world.archive.reset();
  world.store.reset();
  auto again = Store::Open(world.folder / "events.db", 1024);
  REQUIRE_MESSAGE(again.ok(), again.status().message());
  CHECK(world.Ask("PRAGMA user_version") == 8);
  CHECK(ResultsJson(world.Count()) == before);
  Archive archive(again->get());
  Ingest ingest(again->get(), &archive, false);
  CHECK(ingest.Receive(Body({Summary("s1", {{"wide", "default", "static"}})}, "install-2"), false, kNow).status == 200);
  CHECK(world.AskText("SELECT flag||variant||reason||installation||first_ms||last_ms FROM evaluations") ==
        "widedefaultstaticinstall-2" + std::to_string(kNow) + std::to_string(kNow));
}

TEST_CASE("a database of the second version is brought up to date, with the mismatches of its quarantine") {
  World world;
  std::vector<Event> events;
  for (int i = 0; i < 60; ++i) events.push_back(Exposure("e" + std::to_string(i), "unit-" + std::to_string(i)));
  events.push_back(Exposure("f1", "unit-1", ArmOf("unit-1") == "a" ? "b" : "a"));
  events.push_back(Exposure("f2", "unit-2").Int("guidon.slot", 3));
  events.push_back(HoldoutExposure("f3", "unit-2", "held_out").Int("guidon.slot", 3));
  world.Post(events);
  const Results results = world.Count();
  REQUIRE(results.experiments.size() == 1);
  CHECK(results.experiments[0].assignments.mismatched == 2);
  const std::string before = ResultsJson(results);
  world.reader->Begin(true);
  TakeBackVersion3(world);
  REQUIRE(world.reader->Commit().ok());
  world.store.reset();
  auto again = Store::Open(world.folder / "events.db", 1024);
  REQUIRE_MESSAGE(again.ok(), again.status().message());
  CHECK(ResultsJson(world.Count()) == before);
}

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
  TakeBackVersion3(world);
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
  world.reader->Execute("PRAGMA user_version = 9");
  REQUIRE(world.reader->Commit().ok());
  CHECK(CreateTables(world.reader.get()).code() == StatusCode::kUnsupported);
}

}  // namespace
}  // namespace guidon::collector
