// Conversions are a class of their own: what results are made of, beside exposures.
#include <doctest/doctest.h>

#include "sdk/events/event.h"
#include "tests/support/memory_journal.h"
#include "tests/unit/events/world.h"

namespace guidon::events::test {
namespace {

using guidon::test::MemoryJournal;
using guidon::test::ScriptedAnswer;
using std::chrono::minutes;

bool Convert(World* world, const std::string& name) {
  Fact fact = world->MakeFact(EventKind::kTracked, name);
  fact.is_conversion = true;
  return world->delivery->Append(std::move(fact));
}

// What tells events apart, in the order of the request.
std::vector<std::string> NamesIn(const HttpRequest& request) {
  std::vector<std::string> names;
  for (Received& event : Collector::Read(request)) {
    const bool is_exposure = event["event.name"] == "feature_flag.evaluation";
    names.push_back(is_exposure ? event["guidon.experiment.key"] : event["guidon.event.name"]);
  }
  return names;
}

TEST_CASE("conversions are sent before other tracked events, behind the exposures they are worth nothing without") {
  World world;
  std::vector<std::vector<std::string>> sent;
  world.answer = [&](const HttpRequest& request) {
    sent.push_back(NamesIn(request));
    return sent.size() == 1 ? ScriptedAnswer::Of(503) : world.collector.Take(request);
  };
  world.Begin();
  world.Track("app_open");
  CHECK(Convert(&world, "file_shared"));
  world.Expose("attach-button");
  world.Track("scrolled");
  CHECK(Convert(&world, "purchase"));
  world.Commit();
  world.Deliver();
  const std::vector<std::string> expected = {"attach-button", "file_shared", "purchase", "app_open", "scrolled"};
  REQUIRE(sent.size() == 1);
  CHECK(sent[0] == expected);
  // The frozen batch is read again by the next process, in the same order.
  world.Restart();
  world.RunFor(minutes(10));
  REQUIRE(sent.size() == 2);
  CHECK(sent[1] == expected);
  CHECK(world.delivery->ledger().delivered == 5);
  CHECK(world.Balances());
}

TEST_CASE("where sending is dear, exposures and conversions go, and nothing else") {
  for (const bool is_roaming : {true, false}) {
    CAPTURE(is_roaming);
    World world;
    world.Begin();
    if (is_roaming) world.delivery->SetNetwork(NetworkCost::kRoaming);
    if (!is_roaming) world.delivery->SetPower(PowerSource::kLowBattery);
    world.TrackMany(3);
    CHECK(Convert(&world, "file_shared"));
    world.RunFor(minutes(6));
    CHECK(world.delivery->ledger().delivered == 1);  // also where no exposure waits
    world.Expose("attach-button");
    CHECK(Convert(&world, "purchase"));
    world.RunFor(minutes(6));
    CHECK(world.delivery->ledger().delivered == 3);
    CHECK(world.delivery->ledger().pending == 3);
    CHECK(world.Balances());
  }
}

TEST_CASE("a full outbox loses other tracked events first, then conversions, exposures last") {
  World world;
  world.settings.collector_url.clear();
  world.settings.outbox_events = 1'000;
  world.Begin();
  const auto pending = [&](const std::string& class_keys, const std::string& end) {
    std::size_t events = 0;
    world.storage->Read(class_keys, end, SIZE_MAX / 2, [&](Result<std::vector<Row>> rows) {
      for (const Row& row : *rows) events += DecodeChunk(row.value)->size();
    });
    return events;
  };
  const std::string conversions = std::string("o/0\x80", 4);
  world.Expose("attach-button");
  for (int i = 0; i < 400; ++i) Convert(&world, "c" + std::to_string(i));
  world.Commit();
  for (int i = 0; i < 4; ++i) {
    world.TrackMany(500);
    world.Commit();
  }
  CHECK(pending("o/0", conversions) == 1);
  CHECK(pending(conversions, "o/1") == 400);
  CHECK(pending("o/1", "o/2") == 500);
  CHECK(world.Lost("outbox_full") == 1'500);
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 500; ++j) Convert(&world, "d" + std::to_string(j));
    world.Commit();
  }
  CHECK(pending("o/0", conversions) == 1);
  CHECK(pending("o/1", "o/2") == 0);
  CHECK(world.delivery->ledger().pending <= 1'000);
  CHECK(world.delivery->ledger().pending == 1 + pending(conversions, "o/1"));
  CHECK(world.Balances());
}

TEST_CASE("a conversion that a process left in its journal is one to the next process") {
  World world;
  const auto journal = std::make_shared<MemoryJournal>();
  world.ports.journal = journal;
  world.Begin();
  world.Run();
  CHECK(Convert(&world, "file_shared"));
  world.Track("app_open");
  world.Restart();
  world.delivery->SetNetwork(NetworkCost::kRoaming);
  world.RunFor(minutes(6));
  CHECK(world.accepted.size() == 2);
  REQUIRE(world.collector.events.size() == 1);
  CHECK(world.collector.events.begin()->second["guidon.event.name"] == "file_shared");
}

TEST_CASE("only what is tracked can be a conversion") {
  World world;
  Fact fact = world.MakeFact(EventKind::kExposure, "attach-button");
  fact.variant = "on";
  fact.unit_kind = "device";
  fact.unit_id = "d";
  fact.is_conversion = true;
  std::size_t dropped = 0;
  REQUIRE(CheckFact(&fact, &dropped));
  CHECK_FALSE(fact.is_conversion);
}

}  // namespace
}  // namespace guidon::events::test
