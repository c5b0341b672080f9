// What the store holds across restarts, failures, bounds and time.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "guidon/limits.h"
#include "sdk/events/outbox.h"
#include "sdk/events/state.h"
#include "tests/unit/events/world.h"

namespace guidon::events::test {
namespace {

using guidon::test::ScriptedAnswer;

std::vector<Row> RowsOf(Storage& storage, const std::string& from, const std::string& to) {
  std::vector<Row> rows;
  storage.Read(from, to, SIZE_MAX / 2, [&rows](Result<std::vector<Row>> result) { rows = *result; });
  return rows;
}

void Put(Storage& storage, std::string key, std::string value) {
  StorageBatch batch;
  batch.put.push_back({std::move(key), std::move(value)});
  storage.Commit(std::move(batch), [](Status status) { REQUIRE(status.ok()); });
}

TEST_CASE("sequence numbers go on where the last process stopped") {
  World world;
  world.settings.collector_url.clear();
  world.Begin();
  world.TrackMany(3);
  world.Commit();
  world.Restart();
  world.TrackMany(2);
  world.Commit();
  REQUIRE(world.accepted.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) CHECK(world.accepted[i].sequence == i + 1);
  CHECK(world.delivery->ledger().accepted == 5);
  CHECK(world.delivery->ledger().pending == 5);
}

TEST_CASE(
    "an exposure is sent once per UTC day, also across restarts, with a count of how often it was met the day before") {
  World world;
  world.Begin();
  for (int i = 0; i < 3; ++i) world.Expose("attach-button");
  world.Commit();
  world.Restart();
  world.Expose("attach-button");
  world.Expose("attach-button", "other");
  world.Commit();
  world.Deliver();
  CHECK(world.collector.events.size() == 2);
  CHECK(world.delivery->ledger().accepted == 2);
  const std::string first = world.accepted[0].id;
  CHECK(first[14] == '8');

  world.clock.Advance(std::chrono::hours(24));
  world.Expose("attach-button");
  world.Commit();
  world.Deliver();
  REQUIRE(world.accepted.size() == 3);
  CHECK(world.accepted[2].id != first);
  CHECK(world.collector.events[world.accepted[2].id]["guidon.dedup.count"] == "3");
  CHECK(world.collector.events[first].count("guidon.dedup.count") == 0);
}

TEST_CASE("records of exposures older than yesterday are forgotten") {
  auto store = std::make_shared<MemoryStore>();
  World world(store);
  world.Begin();
  for (int day = 0; day < 5; ++day) {
    world.Expose("a");
    world.Expose("b");
    world.Commit();
    world.clock.Advance(std::chrono::hours(24));
  }
  CHECK(RowsOf(*store, "s/", "s0").size() == 4);
}

TEST_CASE("ids stay unique and in order when the clock goes back, also across restarts") {
  World world;
  world.settings.collector_url.clear();
  world.Begin();
  std::set<std::string> ids;
  for (int i = 0; i < 10; ++i) {
    world.TrackMany(20);
    world.Commit();
    world.clock.AdvanceWall(i % 2 == 0 ? -std::chrono::hours(24) : std::chrono::hours(3));
    if (i % 3 == 0) world.Restart();
  }
  std::string last;
  for (const EventRecord& record : world.accepted) {
    CHECK(ids.insert(record.id).second);
    CHECK(record.id[14] == '7');
    CHECK(record.id > last);
    last = record.id;
  }
  CHECK(ids.size() == 200);
}

TEST_CASE("two installations never make the same id, however alike their lives") {
  std::set<std::string> ids;
  for (const char* install : {"a", "b"}) {
    World world;
    world.settings.install_id = install;
    world.Begin();
    world.TrackMany(100);
    world.Commit();
    for (const EventRecord& record : world.accepted) CHECK(ids.insert(record.id).second);
  }
}

TEST_CASE("a store that cannot be opened costs durability, not events; they move over when it can") {
  World world;
  world.storage->FailAll(Status(StatusCode::kPermissionDenied, "read-only"));
  world.Begin();
  world.TrackMany(3);
  world.Expose("x");
  world.Commit();
  CHECK(world.delivery->durability() == Durability::kNone);
  CHECK(world.delivery->store_status().code() == StatusCode::kPermissionDenied);
  REQUIRE(world.accepted.size() == 4);
  CHECK(world.accepted[0].sequence == 0);
  world.answer = [](const HttpRequest&) { return ScriptedAnswer::Of(503); };
  world.RunFor(std::chrono::minutes(2));
  CHECK(world.delivery->ledger().pending == 4);

  world.storage->FailAll(Status());
  world.RunFor(std::chrono::minutes(5));
  CHECK(world.delivery->store_status().ok());
  CHECK(world.delivery->ledger().accepted == 4);
  CHECK(world.Balances());
  world.Restart();
  world.answer = nullptr;
  world.RunFor(std::chrono::minutes(1));
  CHECK(world.collector.events.size() == 4);
  for (const EventRecord& record : world.accepted) {
    REQUIRE(world.collector.events.count(record.id) == 1);
    CHECK(world.collector.events[record.id].count("guidon.seq") == 1);
  }
  CHECK(world.delivery->ledger().delivered == 4);
}

TEST_CASE(
    "while the store is down events are delivered from memory, without a number, and the ledger knows them later") {
  World world;
  world.Begin();
  world.Track("durable");
  world.Commit();
  world.storage->FailAll(Status(StatusCode::kOutOfSpace, "disk full"));
  world.TrackMany(2);
  world.Commit();
  world.Deliver();
  CHECK(world.collector.events.size() == 2);
  CHECK(world.delivery->store_status().code() == StatusCode::kOutOfSpace);
  CHECK(world.delivery->ledger().accepted == 3);
  CHECK(world.delivery->ledger().delivered == 2);
  CHECK(world.Balances());
  for (const auto& entry : world.collector.events) CHECK(entry.second.count("guidon.seq") == 0);
  world.storage->FailAll(Status());
  world.RunFor(std::chrono::minutes(10));
  CHECK(world.collector.events.size() == 3);
  CHECK(world.delivery->ledger().accepted == 3);
  CHECK(world.delivery->ledger().delivered == 3);
  CHECK(world.Balances());
}

// Does what it is told, and says once that it did not.
class LyingStore final : public Storage {
 public:
  explicit LyingStore(std::size_t commit) : lie_at_(commit) {}
  void Open(std::function<void(Result<StorageOpened>)> done) override {
    if (opens_to_fail > 0) {
      --opens_to_fail;
      return done(Status(StatusCode::kUnavailable, "locked"));
    }
    store_.Open(std::move(done));
  }
  void Commit(StorageBatch batch, std::function<void(Status)> done) override {
    const bool lies = ++commits_ == lie_at_;
    if (lies) opens_to_fail = opens_to_fail_after;
    store_.Commit(std::move(batch), [lies, done](Status status) {
      done(lies ? Status(StatusCode::kUnavailable, "the disk did not answer in time") : status);
    });
  }
  void Read(std::string from, std::string to, std::size_t most_bytes,
            std::function<void(Result<std::vector<Row>>)> done) override {
    store_.Read(std::move(from), std::move(to), most_bytes, std::move(done));
  }
  void EraseAll(std::function<void(Status)> done) override { store_.EraseAll(std::move(done)); }
  void Close(std::function<void()> done) override { store_.Close(std::move(done)); }

  int opens_to_fail = 0;
  int opens_to_fail_after = 0;

 private:
  MemoryStore store_;
  std::size_t lie_at_;
  std::size_t commits_ = 0;
};

TEST_CASE("a commit that took place although it reported a failure is not made twice") {
  for (const int opens_to_fail : {0, 3}) {
    for (std::size_t commit = 1; commit <= 9; ++commit) {
      CAPTURE(opens_to_fail);
      CAPTURE(commit);
      auto store = std::make_shared<LyingStore>(commit);
      store->opens_to_fail_after = opens_to_fail;
      World world(store);
      world.Begin();
      for (int i = 0; i < 3; ++i) {
        world.TrackMany(2);
        world.Expose("x" + std::to_string(i));
        world.RunFor(std::chrono::seconds(15));
      }
      world.RunFor(std::chrono::hours(1));
      CHECK(world.accepted.size() == 9);
      CHECK(world.collector.events.size() == 9);
      CHECK(world.delivery->ledger().accepted == 9);
      CHECK(world.delivery->ledger().delivered == 9);
      CHECK(world.delivery->store_status().ok());
      CHECK(world.Balances());
    }
  }
}

TEST_CASE("the stand-in in memory is bounded: tracked events go first, exposures last, all counted") {
  World world;
  world.storage->FailAll(Status(StatusCode::kUnavailable, "locked"));
  world.settings.collector_url.clear();
  world.Begin();
  world.Run();
  world.Expose("x");
  for (int i = 0; i < 21; ++i) {
    world.TrackMany(500);
    world.Commit();
  }
  const Ledger ledger = world.delivery->ledger();
  CHECK(ledger.accepted == 21 * 500 + 1);
  CHECK(ledger.pending <= limits::kInboxFacts);
  CHECK(ledger.pending > limits::kInboxFacts - 500);
  CHECK(world.Lost("store_down") == ledger.accepted - ledger.pending);
  world.storage->FailAll(Status());
  world.RunFor(std::chrono::minutes(10));
  CHECK(world.delivery->ledger().pending == ledger.pending);
  CHECK(world.Balances());
}

TEST_CASE("without a storage events live in memory and are delivered from there") {
  World world;
  world.ports.storage = nullptr;
  world.Begin();
  world.TrackMany(3);
  world.Commit();
  world.Deliver();
  CHECK(world.collector.events.size() == 3);
  CHECK(world.delivery->durability() == Durability::kNone);
  CHECK(world.delivery->ledger().delivered == 3);
  CHECK(world.Erase().ok());
  CHECK(world.delivery->ledger().accepted == 0);
}

TEST_CASE(
    "fault 21: a full outbox loses the oldest tracked events first, exposures and prompts last, and counts them") {
  World world;
  world.settings.collector_url.clear();
  world.Begin();
  world.Expose("x");
  world.Prompt(prompts::What::kExposure, "p1");
  world.Commit();
  const int runs = static_cast<int>(limits::kOutboxEvents / 500) + 2;
  for (int i = 0; i < runs; ++i) {
    world.TrackMany(500);
    world.Commit();
  }
  const Ledger ledger = world.delivery->ledger();
  CHECK(ledger.accepted == static_cast<std::uint64_t>(runs) * 500 + 2);
  CHECK(ledger.pending <= limits::kOutboxEvents);
  CHECK(world.Lost("outbox_full") == ledger.accepted - ledger.pending);
  CHECK(world.Lost("outbox_full") < 2'000);
  CHECK(world.Balances());
  const std::vector<Row> kept = RowsOf(*world.storage, "o/0", "o/1");
  REQUIRE(kept.size() == 1);
  CHECK(DecodeChunk(kept[0].value)->size() == 2);
}

TEST_CASE("fault 21: an outbox is full by its bytes, too") {
  World world;
  world.settings.collector_url.clear();
  world.Begin();
  world.Expose("x");
  world.Commit();
  std::size_t most = 0;
  // Of 120 KB each.
  for (int i = 0; i < 600; ++i) {
    Fact fact = world.MakeFact(EventKind::kTracked, "big");
    for (int j = 0; j < 30; ++j) fact.properties.emplace_back("p" + std::to_string(j), std::string(4'000, 'x'));
    REQUIRE(world.delivery->Append(std::move(fact)));
    world.Commit();
    if (i % 50 != 49 && world.Lost("outbox_full") == 0) continue;
    std::size_t bytes = 0;
    for (const Row& row : RowsOf(*world.storage, "o/", "o0")) bytes += row.value.size();
    most = std::max(most, bytes);
    if (world.Lost("outbox_full") > 3) break;
  }
  CHECK(most <= limits::kOutboxBytes);
  CHECK(most > limits::kOutboxBytes - (1u << 20));
  CHECK(world.Lost("outbox_full") > 3);
  CHECK(world.Balances());
  CHECK(RowsOf(*world.storage, "o/0", "o/1").size() == 1);
}

TEST_CASE("fault 21: events of 30 days go, newer ones stay, and the loss is counted") {
  World world;
  world.answer = [](const HttpRequest&) { return ScriptedAnswer::Of(503, "", {{"retry-after", "86400"}}); };
  world.Begin();
  world.TrackMany(3);
  world.Commit();
  world.RunFor(std::chrono::hours(24 * 20));
  world.TrackMany(2);
  world.Commit();
  world.RunFor(std::chrono::hours(24 * 11));
  CHECK(world.Lost("expired") == 3);
  CHECK(world.Balances());
  world.answer = nullptr;
  world.RunFor(std::chrono::hours(24));
  CHECK(world.delivery->ledger().delivered == 3);  // the two, and the report of the loss
}

TEST_CASE("a clock that jumps ahead by a year expires nothing") {
  World world;
  world.answer = [](const HttpRequest&) { return ScriptedAnswer::Failed(); };
  world.Begin();
  world.TrackMany(3);
  world.Commit();
  world.clock.AdvanceWall(std::chrono::hours(24 * 365));
  world.RunFor(std::chrono::hours(3));
  CHECK(world.Lost("expired") == 0);
  CHECK(world.delivery->ledger().pending == 3);
}

TEST_CASE("a row that cannot be decoded is set aside and counted, and the queue moves on") {
  auto store = std::make_shared<MemoryStore>();
  World world(store);
  world.answer = [](const HttpRequest&) { return ScriptedAnswer::Failed(); };
  world.settings.collector_url.clear();
  world.Begin();
  world.TrackMany(5);
  world.Commit();
  world.Expose("x");
  world.Commit();
  world.Kill();
  const std::vector<Row> chunks = RowsOf(*store, "o/1", "o/2");
  REQUIRE(chunks.size() == 1);
  Put(*store, chunks[0].key, chunks[0].value.substr(0, chunks[0].value.size() / 2));
  world.answer = nullptr;
  world.settings.collector_url = "https://collect.example.com";
  world.Begin();
  world.RunFor(std::chrono::minutes(1));
  CHECK(world.Lost("corrupt") == 5);
  CHECK(world.collector.events.size() == 2);  // the exposure and the report
  CHECK(RowsOf(*store, "q/", "q0").size() == 1);
  CHECK(RowsOf(*store, "o/", "o0").empty());
  CHECK(world.Balances());
}

TEST_CASE("a damaged chunk of a frozen batch costs that chunk alone") {
  auto store = std::make_shared<MemoryStore>();
  World world(store);
  world.answer = [](const HttpRequest&) { return ScriptedAnswer::Failed(); };
  world.Begin();
  world.TrackMany(4);
  world.Expose("x");
  world.Commit();
  world.Deliver();
  world.Kill();
  REQUIRE(RowsOf(*store, "b/", "c/").size() == 1);
  Put(*store, RowsOf(*store, "o/1", "o/2").at(0).key, "\x01junk");
  world.answer = nullptr;
  world.Begin();
  world.RunFor(std::chrono::minutes(1));
  CHECK(world.Lost("corrupt") == 4);
  CHECK(world.delivery->ledger().pending == 0);
  CHECK(world.Balances());
}

TEST_CASE("rows that vanished are written off") {
  auto store = std::make_shared<MemoryStore>();
  World world(store);
  world.settings.collector_url.clear();
  world.Begin();
  world.TrackMany(4);
  world.Commit();
  world.Kill();
  StorageBatch batch;
  batch.erase.push_back({"o/", "o0"});
  store->Commit(batch, [](Status status) { REQUIRE(status.ok()); });
  world.settings.collector_url = "https://collect.example.com";
  world.Begin();
  world.RunFor(std::chrono::minutes(1));
  CHECK(world.Lost("corrupt") == 4);
  CHECK(world.delivery->ledger().pending == 0);
  CHECK(world.Balances());
}

TEST_CASE("counters that cannot be read are begun anew from what is queued, and no number is given twice") {
  for (const char* damage : {"", "\x01", "\x07garbage"}) {
    CAPTURE(damage);
    auto store = std::make_shared<MemoryStore>();
    World world(store);
    world.settings.collector_url.clear();
    world.Begin();
    world.TrackMany(3);
    world.Prompt(prompts::What::kExposure, "p1");
    world.Commit();
    world.Kill();
    Put(*store, std::string(kCountersKey), damage);
    Put(*store, std::string(kFrozenKey), damage);
    world.settings.collector_url = "https://collect.example.com";
    world.Begin();
    world.Track("next");
    world.RunFor(std::chrono::minutes(1));
    CHECK(world.accepted.back().sequence == 5);
    CHECK(world.accepted.back().id.substr(0, 8) == world.accepted.front().id.substr(0, 8));  // the same minute
    CHECK(world.collector.events.size() == 5);
    CHECK(world.delivery->ledger().accepted == 5);
    CHECK(world.delivery->ledger().delivered == 5);
  }
}

TEST_CASE("a frozen batch that cannot be read any more is sent whole, however much of it was answered") {
  auto store = std::make_shared<MemoryStore>();
  World world(store);
  int requests = 0;
  // What is refused is halved; of the halves the first is taken, then nobody answers.
  world.answer = [&](const HttpRequest& request) {
    ++requests;
    if (requests == 1) return ScriptedAnswer::Of(422);
    return requests == 2 ? world.collector.Take(request) : ScriptedAnswer::Failed();
  };
  world.Begin();
  world.TrackMany(4);
  world.Commit();
  world.Deliver();
  REQUIRE(world.collector.events.size() == 2);
  REQUIRE(world.delivery->ledger().pending == 2);
  world.Kill();
  Put(*store, std::string(kFrozenKey), "garbage");
  requests = 0;
  world.answer = [&](const HttpRequest& request) {
    return ++requests == 1 ? ScriptedAnswer::Of(422) : world.collector.Take(request);
  };
  world.Begin();
  world.RunFor(std::chrono::minutes(10));
  CHECK(world.collector.events.size() == 4);
  CHECK(world.delivery->ledger().pending == 0);
  CHECK(world.delivery->ledger().lost.empty());
  CHECK(world.delivery->ledger().accepted == 6);
  CHECK(world.Balances());
}

TEST_CASE("a store of a later version is left alone") {
  auto store = std::make_shared<MemoryStore>();
  Put(*store, std::string(kFormatKey), "\x02whatever");
  World world(store);
  world.Begin();
  world.Track("a");
  world.Commit();
  CHECK(world.delivery->store_status().code() == StatusCode::kUnsupported);
  CHECK(world.delivery->durability() == Durability::kNone);
  world.Deliver();
  CHECK(world.collector.events.size() == 1);
  CHECK(RowsOf(*store, "", "z").size() == 1);
}

TEST_CASE("erased: nothing appended before is sent or kept, and a new life begins") {
  auto store = std::make_shared<MemoryStore>();
  World world(store);
  world.Begin();
  world.answer = [](const HttpRequest&) { return ScriptedAnswer::Failed(); };
  world.TrackMany(3);
  world.Expose("x");
  world.Commit();
  world.Deliver();
  world.Track("in the inbox");
  CHECK(world.Erase().ok());
  CHECK(RowsOf(*store, "", "z").empty());
  CHECK(world.delivery->ledger().accepted == 0);
  world.answer = nullptr;
  world.RunFor(std::chrono::hours(1));
  CHECK(world.collector.events.empty());
  world.delivery->SetInstallId("another");
  world.Track("new");
  world.Expose("x");
  world.RunFor(std::chrono::minutes(1));
  CHECK(world.collector.events.size() == 2);
  CHECK(world.accepted.back().sequence == 2);
}

TEST_CASE("an erasure that fails says so and is made good before the store is used again") {
  auto store = std::make_shared<MemoryStore>();
  World world(store);
  world.Begin();
  world.answer = [](const HttpRequest&) { return ScriptedAnswer::Failed(); };
  world.TrackMany(3);
  world.Commit();
  world.storage->FailAll(Status(StatusCode::kUnavailable, "locked"));
  CHECK(world.Erase().code() == StatusCode::kUnavailable);
  world.answer = nullptr;
  world.Track("new");
  world.RunFor(std::chrono::minutes(1));
  CHECK(world.collector.events.size() == 1);
  world.storage->FailAll(Status());
  world.RunFor(std::chrono::minutes(10));
  CHECK(world.collector.events.size() == 1);
  CHECK(RowsOf(*store, "o/", "o0").empty());
  CHECK(world.delivery->ledger().accepted == 1);
}

TEST_CASE("erasing needs no consent and leaves the store closed") {
  auto store = std::make_shared<MemoryStore>();
  World world(store);
  world.settings.collector_url.clear();
  world.Begin();
  world.TrackMany(3);
  world.Commit();
  world.Kill();
  world.Begin(Consent::kDenied);
  CHECK(world.Erase().ok());
  CHECK(RowsOf(*store, "", "z").empty());
}

}  // namespace
}  // namespace guidon::events::test
