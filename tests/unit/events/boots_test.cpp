// What is known of time across processes: the boot that events were made in, and ids that follow each other whatever
// the wall clock does.
#include <doctest/doctest.h>

#include "sdk/events/event.h"
#include "tests/support/memory_journal.h"
#include "tests/unit/events/world.h"

namespace guidon::events::test {
namespace {

using guidon::test::MemoryJournal;
using guidon::test::ScriptedAnswer;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr char kDate[] = "Sat, 21 Nov 2026 10:00:00 GMT";
constexpr std::int64_t kDateMs = 1'795'255'200'000;

// Its collector's clock stands at the device's monotonic time of the first hour, when the device's wall is a day ahead.
struct BootWorld : World {
  explicit BootWorld(bool knows = true) : knows_boots(knows) {
    clock.SetWall(TimestampFromMs(kDateMs) + hours(24));
    answer = [this](const HttpRequest& request) {
      bodies.push_back(request.body);
      ScriptedAnswer taken = collector.Take(request);
      taken.headers.push_back({"date", kDate});
      return taken;
    };
  }
  void BeginSession(const std::string& session) {
    settings.session = session;
    settings.boot = knows_boots ? BootOf(clock.BootId()) : 0;
    Begin();
    Run();
  }
  void Tell(const std::string& name) {
    Fact fact = MakeFact(EventKind::kTracked, name);
    fact.session = settings.session;
    fact.boot = settings.boot;
    REQUIRE(delivery->Append(std::move(fact)));
    Commit();
  }
  Received Find(const std::string& name) {
    for (auto& [id, event] : collector.events) {
      if (event["guidon.event.name"] == name) return event;
    }
    FAIL("the collector has no " << name);
    return {};
  }
  std::int64_t TimeOf(const std::string& name) {
    for (const std::string& body : bodies) {
      const std::size_t at = body.find("{\"stringValue\":\"" + name + "\"}");
      if (at == std::string::npos) continue;
      const std::string key = "\"timeUnixNano\":\"";
      const std::size_t from = body.rfind(key, at) + key.size();
      return std::stoll(body.substr(from, body.find('"', from) - from)) / 1'000'000;
    }
    FAIL("nobody sent " << name);
    return 0;
  }

  const bool knows_boots;
  std::vector<std::string> bodies;
};

TEST_CASE("an event of an earlier process is set right in the same boot, and marked where the device booted since") {
  struct Row {
    std::string name;
    bool knows_boots, boots;
    bool is_set_right;
  };
  for (const Row& row : {Row{"same boot", true, false, true}, Row{"another boot", true, true, false},
                         Row{"nobody knows", false, false, false}}) {
    CAPTURE(row.name);
    BootWorld world(row.knows_boots);
    world.BeginSession("session-1");
    world.delivery->SetNetwork(NetworkCost::kOffline);
    world.Tell("left");
    world.RunFor(seconds(10));
    world.Kill();
    if (row.boots) world.clock.Reboot();
    world.BeginSession("session-2");
    // It goes with the second batch, once the first answer has told the time.
    world.delivery->SetNetwork(NetworkCost::kOffline);
    world.delivery->SetNetwork(NetworkCost::kRoaming);
    world.Expose("x");
    world.Commit();
    world.Deliver();
    REQUIRE(world.bodies.size() == 1);
    world.delivery->SetNetwork(NetworkCost::kUnmetered);
    world.Deliver();
    REQUIRE(world.bodies.size() == 2);
    // Told ten seconds before the collector said its clock; a date stands for half a second after it.
    CHECK(world.TimeOf("left") == (row.is_set_right ? kDateMs + 500 - 10'000 : kDateMs + 24 * 3'600'000));
    CHECK(world.Find("left").count("guidon.clock_suspect") == (row.is_set_right ? 0 : 1));
    CHECK(world.Balances());
  }
}

TEST_CASE("a batch that was frozen with a boot is sent by it again after a restart, also once the device booted anew") {
  BootWorld world;
  world.BeginSession("session-1");
  world.Tell("first");
  world.Deliver();
  world.Tell("second");
  const auto collect = world.answer;
  std::string frozen;
  world.answer = [&](const HttpRequest& request) {
    frozen = request.body;
    return ScriptedAnswer::Failed();
  };
  world.Deliver();
  REQUIRE_FALSE(frozen.empty());
  world.Kill();
  world.clock.Reboot();
  world.answer = collect;
  world.BeginSession("session-2");
  world.RunFor(minutes(10));
  CHECK(world.bodies.back() == frozen);
}

struct IdWorld : World {
  IdWorld() { ports.journal = std::make_shared<MemoryJournal>(); }
  // Of accepted events, by the time in them.
  void CheckOrder() {
    for (std::size_t i = 1; i < accepted.size(); ++i) {
      CAPTURE(i);
      CHECK(accepted[i].id.substr(0, 13) >= accepted[i - 1].id.substr(0, 13));
    }
  }
};

TEST_CASE("ids of events that were told to a journal do not go back with the wall clock, in a process or after it") {
  for (const bool is_killed_before_commit : {true, false}) {
    CAPTURE(is_killed_before_commit);
    IdWorld world;
    world.Begin();
    world.Run();
    for (int i = 0; i < 3; ++i) {
      for (const Duration step : {Duration(hours(48)), Duration(hours(-72)), Duration(-1), Duration(hours(1))}) {
        world.clock.AdvanceWall(step);
        world.TrackMany(2);
        if (!is_killed_before_commit) world.Commit();
      }
      world.clock.AdvanceWall(hours(-24 * 365));
      world.Restart();
      world.Run();
      CHECK(world.Balances());
    }
    world.TrackMany(2);
    world.Commit();
    CHECK(world.accepted.size() == 3 * 8 + 2);
    world.CheckOrder();
  }
}

TEST_CASE("where no journal is ids do not go back with the wall clock either, and rows do not keep their time") {
  World world;
  world.settings.collector_url.clear();
  world.Begin();
  world.Track("ahead");
  world.Commit();
  world.clock.AdvanceWall(hours(-48));
  world.Track("behind");
  world.Commit();
  REQUIRE(world.accepted.size() == 2);
  CHECK(world.accepted[1].id.substr(0, 13) >= world.accepted[0].id.substr(0, 13));
  std::size_t events = 0;
  world.storage->Read("o/", "o0", SIZE_MAX / 2, [&events](Result<std::vector<Row>> rows) {
    for (const Row& row : *rows) {
      const auto chunk = DecodeChunk(row.value);
      REQUIRE(chunk);
      for (const Event& event : *chunk) CHECK(event.fact.id_ms == 0);
      events += chunk->size();
    }
  });
  CHECK(events == 2);
}

TEST_CASE("what was delivered from memory while the clock went back has the ids it had when it is applied again") {
  IdWorld world;
  world.Begin();
  world.Run();
  world.TrackMany(2);
  world.Commit();
  world.clock.AdvanceWall(hours(-48));
  world.Track("behind");
  world.Commit();
  world.storage->FailAll(Status(StatusCode::kUnavailable, "locked"));
  world.clock.AdvanceWall(hours(-48));
  world.Track("further behind");
  world.Commit();
  world.clock.AdvanceWall(hours(-48));
  world.Track("most behind");
  world.Commit();
  world.Deliver();
  const std::size_t events = world.collector.events.size();
  const std::size_t received = world.collector.received;
  REQUIRE(events >= 2);
  world.storage->FailAll(Status());
  world.clock.AdvanceWall(hours(7 * 24));
  world.Restart();
  world.RunFor(minutes(10));
  CHECK(world.collector.received > received);
  CHECK(world.collector.events.size() == 5);
  world.CheckOrder();
}

TEST_CASE("an event that was told while the clock was behind keeps its id when the store that knew it is gone") {
  IdWorld world;
  world.Begin();
  world.Run();
  world.Track("ahead");
  world.Commit();
  world.clock.AdvanceWall(hours(-48));
  world.Track("behind");
  world.Commit();
  world.Deliver();
  REQUIRE(world.collector.events.size() == 2);
  world.Kill();
  world.storage->EraseAll([](const Status& status) { REQUIRE(status.ok()); });
  world.storage->Close([] {});
  world.Begin();
  world.RunFor(minutes(10));
  CHECK(world.collector.received == 4);
  CHECK(world.collector.events.size() == 2);
}

TEST_CASE("where the clock is behind the newest id, those of the next process follow it, whenever the store fails") {
  for (std::size_t n = 1; n <= 8; ++n) {
    CAPTURE(n);
    IdWorld world;
    world.Begin();
    world.Run();
    world.TrackMany(2);
    world.Commit();
    world.Deliver();
    world.clock.AdvanceWall(hours(-48));
    world.Restart();
    world.Run();
    world.storage->CrashAt(world.storage->calls() + n);
    world.TrackMany(2);
    world.Commit();
    world.Deliver();  // what there is by now, maybe from memory
    world.CheckOrder();
    world.Restart();
    world.RunFor(minutes(10));
    CHECK(world.collector.events.size() == 4);
    CHECK(world.Balances());
  }
}

}  // namespace
}  // namespace guidon::events::test
