// What the device remembers: in the same commit as the events, told before them, across restarts, damage, losses and a
// store that is down.
#include "sdk/events/remembered.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "guidon/limits.h"
#include "sdk/events/state.h"
#include "tests/unit/events/world.h"

namespace guidon::events::test {
namespace {

using guidon::test::ScriptedAnswer;
using prompts::What;
using Told = std::vector<std::string>;

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

behavior::Total Ever(World& world, const std::string& name) {
  return world.Mine()->behavior->Ask({behavior::Measure::kCount, name, behavior::Window()}, world.clock.Now());
}

TEST_CASE("what is remembered is told once it was read, and again before the events that changed it") {
  World world;
  world.settings.collector_url.clear();
  world.Begin();
  CHECK(world.told.empty());
  world.Run();
  CHECK(world.told == Told{"memory"});
  world.Track("a");
  world.Commit();
  CHECK(world.told == Told{"memory", "memory", "a"});
  world.Expose("x");
  world.Commit();
  CHECK(world.told == Told{"memory", "memory", "a", "memory", "x"});
  world.Expose("x");  // changes nothing
  world.Track("bad", std::nan(""));
  world.Commit();
  CHECK(world.told.size() == 5);
  CHECK(world.Did("a") == 1);
}

TEST_CASE("an urgent fact does not wait for the commit that is due later") {
  World world;
  world.Begin();
  world.Run();
  world.Track("patient");
  world.Run();
  CHECK(world.accepted.empty());
  world.Prompt(What::kExposure, "p1");
  world.Run();
  CHECK(world.accepted.size() == 2);
  Fact trigger = world.MakeFact(EventKind::kTracked, "trigger");
  trigger.is_urgent = true;
  world.delivery->Append(std::move(trigger));
  world.Run();
  CHECK(world.accepted.size() == 3);
}

TEST_CASE("behavior and showings outlive the process, a delivery, the background") {
  World world;
  world.Begin();
  world.TrackMany(2);
  world.Track("e0");
  world.Prompt(What::kExposure, "p1");
  world.Prompt(What::kImpression, "p1");
  world.Commit();
  world.Deliver();
  CHECK(world.delivery->ledger().pending == 0);
  world.delivery->Background(nullptr);
  world.Run();
  CHECK((world.Mine() != nullptr));
  world.Restart();
  world.Run();
  CHECK(world.Did("e0") == 2);
  CHECK(world.Did("e1") == 1);
  CHECK(world.Shown()->list.at(0).was_seen);
  // The outcome comes in another process; a repetition is no event.
  world.Prompt(What::kImpression, "p1");
  world.Prompt(What::kUnknown, "p1");
  world.Commit();
  CHECK(world.accepted.size() == 6);
  CHECK(world.Shown()->list.at(0).end == What::kUnknown);
  CHECK(world.told == Told{"memory", "memory", "try-file-share"});
}

TEST_CASE("nothing is remembered without consent, nor while it is to be erased") {
  World world;
  world.settings.collector_url.clear();
  world.Begin();
  world.Track("a");
  world.Commit();
  world.delivery->SetConsent(Consent::kDenied);
  world.Run();
  CHECK(world.told.back() == "null");
  world.Track("a");
  world.delivery->SetConsent(Consent::kGranted);
  world.Run();
  CHECK(world.Did("a") == 1);
  world.told.clear();
  CHECK(world.Erase().ok());
  CHECK(world.told == Told{"null", "memory", "memory"});  // of what was erased, and of the store when it is there
  CHECK(world.Did("a") == 0);
  CHECK(Ever(world, "a").is_exact);

  world.storage->FailAll(Status(StatusCode::kUnavailable, "locked"));
  world.told.clear();
  CHECK_FALSE(world.Erase().ok());
  world.Track("b");
  world.Commit();
  CHECK(world.told == Told{"null", "b"});
  world.storage->FailAll(Status());
  world.RunFor(std::chrono::minutes(10));
  CHECK(world.Did("b") == 1);
}

TEST_CASE("while the store is down what it held goes on to count, and nothing is counted twice when it is back") {
  World world;
  world.Begin();
  world.Track("a");
  world.Prompt(What::kExposure, "p1");
  world.Commit();
  world.storage->FailAll(Status(StatusCode::kOutOfSpace, "disk full"));
  world.Track("a");
  world.Track("b");
  world.Prompt(What::kImpression, "p1");
  world.Commit();
  world.Deliver();  // gone from memory before the store is back
  world.answer = [](const HttpRequest&) { return ScriptedAnswer::Failed(); };
  world.Track("b");
  world.Prompt(What::kDismissal, "p1");
  world.Commit();
  CHECK(world.Did("a") == 2);
  CHECK(world.Shown()->list.at(0).end == What::kDismissal);
  world.storage->FailAll(Status());
  world.RunFor(std::chrono::minutes(10));
  REQUIRE(world.delivery->store_status().ok());
  world.Restart();
  world.Run();
  CHECK(world.Did("a") == 2);
  CHECK(world.Did("b") == 2);
  CHECK(Ever(world, "a").is_exact);
  CHECK(world.Shown()->made == 1);
  CHECK(world.Shown()->list.at(0).was_seen);
  CHECK(world.Shown()->list.at(0).end == What::kDismissal);
}

TEST_CASE("a store that could not be read joins what happened meanwhile once it can") {
  auto store = std::make_shared<MemoryStore>();
  World world(store);
  world.Begin();
  world.Track("a");
  world.Track("old");
  world.Prompt(What::kExposure, "p1");
  world.Commit();
  world.Kill();
  world.clock.Advance(std::chrono::hours(50));
  world.storage->FailAll(Status(StatusCode::kUnavailable, "locked"));
  world.Begin();
  world.Track("a");
  world.Track("a");
  world.Track("new");
  world.Commit();
  CHECK(world.Did("a") == 2);
  CHECK_FALSE(Ever(world, "a").is_exact);
  CHECK_FALSE(Ever(world, "old").is_exact);
  CHECK(world.Shown()->forgotten_before != Timestamp::min());
  world.storage->FailAll(Status());
  world.RunFor(std::chrono::minutes(10));
  for (int round = 0; round < 2; ++round) {
    CHECK(world.Did("a") == 3);
    CHECK(world.Did("old") == 1);
    CHECK(world.Did("new") == 1);
    CHECK(world.Mine()->behavior->Find("a")->ever_days == 2);
    CHECK(Ever(world, "a").is_exact);
    CHECK(Ever(world, "never").is_exact);
    CHECK(world.Shown()->made == 1);
    CHECK(world.Shown()->forgotten_before == Timestamp::min());
    world.Restart();
    world.Run();
  }
}

TEST_CASE("moving over counts once, also when its commit took place and reported a failure") {
  for (std::size_t crash_at = 1; crash_at <= 14; ++crash_at) {
    CAPTURE(crash_at);
    auto store = std::make_shared<MemoryStore>();
    World world(store);
    world.Begin();
    world.Track("a");
    world.Prompt(What::kExposure, "p1");
    world.Commit();
    world.Kill();
    world.storage->Restart();
    world.storage->FailAll(Status(StatusCode::kUnavailable, "locked"));
    world.Begin();
    world.Track("a");
    world.Commit();
    world.storage->Restart();
    // What is done last reports a failure, and so does what is tried until the test lets it.
    world.storage->CrashAt(crash_at, guidon::test::FaultyStorage::Crash::kAfter);
    for (int turns = 0; turns < 50 && !world.storage->crashed(); ++turns) world.lanes->AdvanceToNextTimer();
    REQUIRE(world.storage->crashed());
    world.Run();
    world.Track("a");
    world.Commit();
    world.storage->Restart();
    world.RunFor(std::chrono::minutes(30));
    REQUIRE(world.delivery->store_status().ok());
    CHECK(world.Did("a") == 3);
    CHECK(world.Shown()->made == 1);
    world.Restart();
    world.Run();
    CHECK(world.Did("a") == 3);
    CHECK(world.Shown()->made == 1);
    CHECK(Ever(world, "a").is_exact);
  }
}

TEST_CASE("a damaged row is set aside, and what it held is forgotten rather than taken for nothing") {
  struct Case {
    std::string name;
    std::string key;
    std::string value;
    bool is_behavior;
    bool is_showings;
  };
  const Case cases[] = {
      {"series", BehaviorKey("a"), "junk", true, false},
      {"empty series", BehaviorKey("a"), "", true, false},
      {"what is forgotten of behavior", BehaviorKey(""), "junk", true, false},
      {"a name too long", BehaviorKey(std::string(129, 'x')), behavior::EncodeSeries(behavior::Series()), true, false},
      {"showings", ShowingsKey("try-file-share"), "junk", false, true},
      {"what is forgotten of showings", ShowingsKey(""), "", false, true},
  };
  for (const Case& row : cases) {
    CAPTURE(row.name);
    auto store = std::make_shared<MemoryStore>();
    World world(store);
    world.settings.collector_url.clear();
    world.Begin();
    world.Track("a");
    world.Track("b");
    world.Prompt(What::kExposure, "p1");
    world.Commit();
    world.Kill();
    Put(*store, row.key, row.value);
    const Timestamp lost_at = world.clock.Now();
    // Forgotten for good, not only by the process that found the damage.
    for (int process = 0; process < 2; ++process) {
      world.Begin();
      world.Run();
      CHECK(world.Mine()->behavior->forgotten_before() == (row.is_behavior ? lost_at : Timestamp::min()));
      CHECK(world.Mine()->showings->forgotten_before() == (row.is_showings ? lost_at : Timestamp::min()));
      CHECK(Ever(world, "b").is_exact);
      CHECK(world.Did("b") == 1);
      const std::vector<Row> aside = RowsOf(*store, "q/", "q0");
      REQUIRE(aside.size() == 1);
      CHECK(aside[0].value.find(row.key) != std::string::npos);
      world.Kill();
      world.clock.Advance(std::chrono::hours(1));
    }
    CHECK(world.Mine()->showings->Of("never")->forgotten_before == (row.is_showings ? lost_at : Timestamp::min()));
  }
}

TEST_CASE("more names than there may be are not read") {
  auto store = std::make_shared<MemoryStore>();
  behavior::Behavior one;
  one.Add("a", Timestamp());
  const std::string series = behavior::EncodeSeries(*one.Find("a"));
  for (std::size_t i = 0; i < 2 * limits::kBehaviorEvents; ++i)
    Put(*store, BehaviorKey("e" + std::to_string(i)), series);
  World world(store);
  world.Begin();
  world.Run();
  CHECK(world.Mine()->behavior->series().size() == limits::kBehaviorEvents);
  CHECK(world.Mine()->behavior->forgotten_before() == world.clock.Now());
  CHECK(RowsOf(*store, BehaviorRows().from, BehaviorRows().to).size() == limits::kBehaviorEvents + 1);
}

TEST_CASE("rows of another scope are left alone") {
  auto store = std::make_shared<MemoryStore>();
  const std::string keys[] = {BehaviorRows().to + "group", ShowingsRows().to + "group", "h/", "c/"};
  for (const std::string& key : keys) Put(*store, key, "not ours");
  World world(store);
  world.Begin();
  world.Track("a");
  world.Commit();
  CHECK(world.Mine()->behavior->series().size() == 1);
  for (const std::string& key : keys) {
    REQUIRE(RowsOf(*store, key, key + '\0').size() == 1);
    CHECK(RowsOf(*store, key, key + '\0')[0].value == "not ours");
  }
}

// Says once that what it held was lost.
class ResetStore final : public Storage {
 public:
  void Open(std::function<void(Result<StorageOpened>)> done) override {
    StorageOpened opened;
    opened.was_reset = std::exchange(was_reset, false);
    done(opened);
  }
  void Commit(StorageBatch batch, std::function<void(Status)> done) override {
    store_.Commit(std::move(batch), std::move(done));
  }
  void Read(std::string from, std::string to, std::size_t most_bytes,
            std::function<void(Result<std::vector<Row>>)> done) override {
    store_.Read(std::move(from), std::move(to), most_bytes, std::move(done));
  }
  void EraseAll(std::function<void(Status)> done) override { store_.EraseAll(std::move(done)); }
  void Close(std::function<void()> done) override { store_.Close(std::move(done)); }

  bool was_reset = true;

 private:
  MemoryStore store_;
};

TEST_CASE("a store that was lost is not taken for one in which nothing ever happened, whatever fails on the way") {
  for (std::size_t n = 0; n <= 12; ++n) {
    CAPTURE(n);
    World world(std::make_shared<ResetStore>());
    const Timestamp lost_at = world.clock.Now();
    if (n > 0) world.storage->FailCall(n, Status(StatusCode::kUnavailable, "fault"));
    world.Begin();
    world.Run();
    CHECK(world.Mine()->behavior->forgotten_before() == lost_at);
    CHECK(world.Mine()->showings->forgotten_before() == lost_at);
    CHECK(world.Mine("any account")->behavior->forgotten_before() == lost_at);
    CHECK(world.Mine("any account")->showings->forgotten_before() == lost_at);
    // Although nothing was told to this process.
    world.Restart();
    world.clock.Advance(std::chrono::hours(1));
    world.Run();
    CHECK(world.Mine()->behavior->forgotten_before() == lost_at);
    CHECK(world.Mine()->showings->forgotten_before() == lost_at);
    CHECK(world.Mine("any account")->behavior->forgotten_before() == lost_at);
    CHECK(world.Mine("any account")->showings->forgotten_before() == lost_at);
    CHECK(world.Erase().ok());
    CHECK(world.Mine()->showings->forgotten_before() == Timestamp::min());
  }
}

TEST_CASE("what was lost once is not lost again whenever the store is opened") {
  World world(std::make_shared<ResetStore>());
  const Timestamp lost_at = world.clock.Now();
  world.settings.collector_url.clear();
  world.Begin();
  world.Track("a");
  world.Commit();
  world.delivery->Background(nullptr);
  world.RunFor(std::chrono::hours(1));
  world.delivery->Foreground();
  world.Run();
  CHECK(world.Did("a") == 1);
  CHECK(world.Mine()->behavior->forgotten_before() == lost_at);
}

TEST_CASE("without a storage nothing is known of the time before, unless all of it was erased") {
  World world;
  world.ports.storage = nullptr;
  const Timestamp start = world.clock.Now();
  world.Begin();
  world.Track("a");
  world.Commit();
  CHECK(world.Did("a") == 1);
  CHECK(world.Mine()->behavior->forgotten_before() == start);
  CHECK(world.Mine()->showings->forgotten_before() == start);
  CHECK(world.Erase().ok());
  CHECK(world.Did("a") == 0);
  CHECK(Ever(world, "a").is_exact);
}

TEST_CASE("what is merged adds up, within the bounds") {
  behavior::Behavior disk, more;
  const Timestamp since = TimestampFromMs(0);
  const auto day = [](std::int64_t number) { return TimestampFromMs(number * 86'400'000); };
  for (std::int64_t i = 0; i < 400; ++i) disk.Add("a", day(i));
  more.ForgetBefore(since);
  for (std::int64_t i = 399; i < 500; ++i) more.Add("a", day(i));
  more.Add("b", day(1));
  Merge(more, since, &disk);
  const behavior::Series* a = disk.Find("a");
  REQUIRE(a != nullptr);
  CHECK(a->ever == 501);
  CHECK(a->ever_days == 500);
  CHECK(a->first == day(0));
  CHECK(a->last == day(499));
  CHECK(a->days.size() == limits::kBehaviorDays);
  CHECK(a->days.front().number == 100);
  CHECK(a->hours.size() == limits::kBehaviorHours);
  CHECK(a->forgotten_before == Timestamp::min());
  CHECK(behavior::DecodeSeries(behavior::EncodeSeries(*a)));
  const auto shared_day =
      std::find_if(a->days.begin(), a->days.end(), [](const auto& bucket) { return bucket.number == 399; });
  CHECK(shared_day->count == 2);
  CHECK(disk.Find("b")->forgotten_before == Timestamp::min());
  CHECK(disk.forgotten_before() == Timestamp::min());
  // What was forgotten since counts.
  more.ForgetBefore(day(600));
  Merge(more, since, &disk);
  CHECK(disk.forgotten_before() == day(600));
}

TEST_CASE("what happened is of the day that the device's calendar showed, also after a restart") {
  World world;
  world.clock.SetUtcOffset(std::chrono::hours(14));
  world.Begin();
  world.Track("a");
  world.Commit();
  world.clock.SetUtcOffset(std::chrono::hours(-10));
  world.Track("a");
  world.Commit();
  for (int round = 0; round < 2; ++round) {
    CAPTURE(round);
    const behavior::Series* series = world.Mine()->behavior->Find("a");
    REQUIRE(series != nullptr);
    CHECK(series->days.size() == 1);
    REQUIRE(series->local_days.size() == 2);
    CHECK(series->local_days[1].number == series->local_days[0].number + 1);
    world.Restart();
    world.Run();
  }
}

}  // namespace
}  // namespace guidon::events::test
