// What was told survives the process: facts are accepted by the journal, applied once, under one id, whatever dies
// when.
#include <doctest/doctest.h>

#include <atomic>
#include <set>
#include <thread>

#include "guidon/limits.h"
#include "sdk/events/journal_segment.h"
#include "tests/unit/events/journal_world.h"
#include "tests/unit/events/outage.h"

namespace guidon::events::test {
namespace {

using guidon::test::FaultyStorage;
using guidon::test::MemoryJournal;
using guidon::test::ScriptedAnswer;
using prompts::What;

std::vector<Row> CursorsOf(Storage& storage) {
  std::vector<Row> rows;
  storage.Read("a/", "a0", SIZE_MAX / 2, [&rows](Result<std::vector<Row>> result) { rows = *result; });
  return rows;
}

TEST_CASE("what was told is accepted at once, and a process that is killed loses none of it") {
  JournalWorld world;
  world.Begin();
  world.Run();
  CHECK(world.delivery->journal_status().ok());
  for (int i = 0; i < 700; ++i) CHECK(world.Track("e" + std::to_string(i), i));
  CHECK(world.ledger().accepted == 700);
  CHECK(world.ledger().pending == 700);
  CHECK(world.Balances());
  CHECK(world.delivery->at_risk() == 0);
  CHECK(world.accepted.empty());
  world.Kill();

  world.Begin();
  world.Run();
  CHECK(world.ledger().accepted == 700);
  CHECK(world.Balances());
  REQUIRE(world.accepted.size() == 700);
  for (std::size_t i = 0; i < 700; ++i) {
    CHECK(world.accepted[i].name == "e" + std::to_string(i));
    CHECK(world.accepted[i].sequence == i + 1);
    CHECK(world.accepted[i].earlier_process);
  }
  CHECK(world.Did("e7") == 1);
  world.Deliver();
  CHECK(world.collector.events.size() == 700);
  CHECK(world.ledger().delivered == 700);
  // What died is gone, and so is what was noted of it.
  CHECK(world.journal->List()->size() == 1);
  world.Track("live");
  world.Commit();
  CHECK_FALSE(world.accepted.back().earlier_process);
  CHECK(CursorsOf(*world.storage).size() == 1);
}

TEST_CASE("a fact that was delivered from memory and is applied again after a kill has the id it had") {
  JournalWorld world;
  world.storage->FailAll(Status(StatusCode::kUnavailable, "locked"));
  world.Begin();
  world.TrackMany(5);
  world.Expose("x");
  world.Prompt(What::kExposure, "p");
  world.Commit();
  world.Deliver();
  CHECK(world.collector.events.size() == 7);
  CHECK(world.ledger().delivered == 7);
  CHECK(world.delivery->at_risk() == 0);
  world.Kill();
  world.storage->FailAll(Status());
  world.Begin();
  world.RunFor(std::chrono::minutes(1));
  CHECK(world.collector.received == 14);
  CHECK(world.collector.events.size() == 7);
  CHECK(world.ledger().accepted == 7);
  CHECK(world.ledger().delivered == 7);
  CHECK(world.Balances());
}

TEST_CASE("fault 1: killed at any call to the store, in any way: what was told arrives once, and the ledger is exact") {
  const auto live = [](JournalWorld* world) {
    int told = 0;
    for (int i = 0; i < 5 && !world->storage->crashed(); ++i) {
      for (int k = 0; k < 3; ++k) told += world->Track("e" + std::to_string(i) + std::to_string(k)) ? 1 : 0;
      if (i == 2) world->Identify("anna", Carry::kAnonymous);
      told += world->Track("f" + std::to_string(i)) ? 1 : 0;
      world->RunFor(std::chrono::seconds(i == 3 ? 30 : 4));
    }
    told += world->Track("last") ? 1 : 0;
    return told;
  };
  std::size_t calls = 0;
  {
    JournalWorld world;
    world.Begin();
    live(&world);
    calls = world.storage->calls();
  }
  REQUIRE(calls > 15);
  for (const auto how : {FaultyStorage::Crash::kBefore, FaultyStorage::Crash::kAfter}) {
    for (std::size_t n = 1; n <= calls; ++n) {
      CAPTURE(static_cast<int>(how));
      CAPTURE(n);
      JournalWorld world;
      world.Begin();
      world.storage->CrashAt(n, how);
      world.answer = [&world](const HttpRequest& request) {
        return world.storage->crashed() ? ScriptedAnswer::Hanging() : world.collector.Take(request);
      };
      const int told = live(&world);
      REQUIRE(world.storage->crashed());
      world.answer = nullptr;
      world.account.clear();
      world.Restart();
      world.RunFor(std::chrono::minutes(10));
      CHECK(world.Names().size() == static_cast<std::size_t>(told));
      CHECK(world.ledger().accepted == static_cast<std::uint64_t>(told));
      CHECK(world.ledger().delivered == static_cast<std::uint64_t>(told));
      CHECK(world.Balances());
      CHECK(world.Did("last", "anna") + world.Did("last") == 1);
      std::set<std::string> sequences;
      for (const auto& entry : world.collector.events) CHECK(sequences.insert(entry.second.at("guidon.seq")).second);
    }
  }
}

TEST_CASE("while the store is down the journal keeps what is applied in memory; back, it is moved and kept once") {
  for (const bool is_killed : {false, true}) {
    CAPTURE(is_killed);
    auto store = std::make_shared<Outage>();
    JournalWorld world(store);
    world.answer = [](const HttpRequest&) { return ScriptedAnswer::Failed(); };
    world.Begin();
    world.Track("before");
    world.Commit();
    store->Begin(1, 8, true);
    world.TrackMany(50);
    world.RunFor(std::chrono::seconds(3));
    CHECK_FALSE(world.delivery->store_status().ok());
    CHECK(world.ledger().accepted == 51);
    if (is_killed) {
      world.Kill();
      world.Begin();
    }
    world.answer = nullptr;
    world.RunFor(std::chrono::hours(1));
    CHECK(world.delivery->store_status().ok());
    CHECK(world.ledger().accepted == 51);
    CHECK(world.ledger().delivered == 51);
    CHECK(world.Names().size() == 51);
    CHECK(world.Did("e7") == 1);
    world.Kill();
    world.Begin();
    world.RunFor(std::chrono::minutes(1));
    CHECK(world.ledger().accepted == 51);
    CHECK(world.collector.events.size() == 51);
  }
}

TEST_CASE("a journal that is full leaves facts to the inbox, in order, and they are counted as at risk") {
  JournalWorld world;
  world.settings.collector_url.clear();
  world.Begin();
  world.Run();
  world.journal->FailCreates(Status(StatusCode::kOutOfSpace, "no room"));
  const std::string filler(4'000, 'x');
  int told = 0;
  const auto tell = [&] {
    Fact fact = world.MakeFact(EventKind::kTracked, "e" + std::to_string(told));
    fact.properties.emplace_back("filler", Value(filler));
    CHECK(world.delivery->Append(std::move(fact)));
    ++told;
  };
  for (int i = 0; i < 400; ++i) tell();
  world.lanes->RunLogic();
  CHECK(world.delivery->at_risk() > 50);
  CHECK(world.delivery->journal_status().message() == "no room");
  world.Commit();
  CHECK(world.delivery->at_risk() == 0);
  CHECK(world.delivery->journal_status().ok());  // the segment is used again
  for (int i = 0; i < 10; ++i) tell();
  CHECK(world.ledger().accepted == 410);
  world.Kill();
  world.Begin();
  world.Run();
  REQUIRE(world.accepted.size() == 410);
  for (std::size_t i = 0; i < 410; ++i) CHECK(world.accepted[i].name == "e" + std::to_string(i));
  CHECK(world.Balances());
}

TEST_CASE("where there is no journal to be had the status says why, and how much is at risk") {
  JournalWorld world;
  world.journal->FailLocks(Status(StatusCode::kPermissionDenied, "read-only"));
  world.Begin();
  world.Run();
  CHECK(world.delivery->journal_status().code() == StatusCode::kPermissionDenied);
  world.TrackMany(3);
  world.delivery->Foreground();
  world.Run();
  CHECK(world.delivery->at_risk() == 3);
  CHECK(world.ledger().accepted == 0);
  world.journal->FailLocks(Status());
  world.delivery->Foreground();
  world.Run();
  CHECK(world.delivery->journal_status().ok());
  world.Track("kept");
  world.Kill();
  world.Begin();
  world.Run();
  REQUIRE(world.accepted.size() == 1);
  CHECK(world.accepted[0].name == "kept");
  World without;
  without.Begin();
  without.Run();
  CHECK(without.delivery->journal_status().code() == StatusCode::kUnsupported);
}

TEST_CASE("without consent nothing is written, withdrawn nothing is left, and with consent back it goes on") {
  JournalWorld world;
  world.Begin(Consent::kUnknown);
  CHECK_FALSE(world.Track("secret"));
  world.Run();
  CHECK(world.journal->List()->empty());
  world.delivery->SetConsent(Consent::kGranted);
  CHECK(world.Track("secret"));
  CHECK(world.journal->Holds("secret"));
  world.delivery->SetConsent(Consent::kDenied);
  CHECK_FALSE(world.Track("secret"));
  world.Run();
  CHECK_FALSE(world.journal->Holds("secret"));
  CHECK(world.ledger().accepted == 0);
  CHECK(world.Refused("no_consent") == 3);
  world.delivery->SetConsent(Consent::kGranted);
  world.Run();
  CHECK(world.delivery->journal_status().ok());
  CHECK(world.Track("again"));
  world.Kill();
  world.Begin();
  world.Run();
  REQUIRE(world.accepted.size() == 1);
  CHECK(world.accepted[0].name == "again");
  CHECK(world.ledger().accepted == 1);
}

TEST_CASE("what is told right after consent was given is kept, whatever was said before and not done yet") {
  JournalWorld world;
  world.Begin(Consent::kUnknown);
  world.delivery->SetConsent(Consent::kDenied);
  world.delivery->SetConsent(Consent::kGranted);
  CHECK(world.Track("first"));
  world.Commit();
  CHECK(world.ledger().accepted == 1);
  CHECK(world.accepted.size() == 1);
  CHECK(world.delivery->journal_status().ok());
}

TEST_CASE("an erasure takes journals with it, this process's and those of dead ones, also before consent is known") {
  for (const bool is_granted : {true, false}) {
    CAPTURE(is_granted);
    JournalWorld world;
    world.Begin();
    world.Run();
    world.Track("secret-of-the-dead");
    world.Kill();
    REQUIRE(world.journal->Holds("secret"));
    world.Begin(is_granted ? Consent::kGranted : Consent::kUnknown);
    if (is_granted) world.Track("secret-of-the-living");
    CHECK(world.Erase().ok());
    CHECK_FALSE(world.journal->Holds("secret"));
    CHECK(world.ledger().accepted == 0);
    CHECK(world.accepted.empty());
    if (!is_granted) continue;
    CHECK(world.Track("after"));
    world.Commit();
    CHECK(world.ledger().accepted == 1);
    CHECK(world.Balances());
    world.Restart();
    world.RunFor(std::chrono::minutes(1));
    CHECK(world.ledger().accepted == 1);
    CHECK(world.Names() == std::set<std::string>{"after"});
  }
}

TEST_CASE("damage in what a dead process left is counted as lost, once, and costs nothing else") {
  JournalWorld world;
  world.settings.collector_url.clear();
  world.Begin();
  world.Run();
  world.TrackMany(10);
  const std::string name = world.journal->List()->at(0);
  world.Kill();
  const auto words = world.journal->Words(name);
  (*words)[kHeaderWords + 2] ^= 1;
  world.Begin();
  world.Run();
  CHECK(world.accepted.size() == 9);
  CHECK(world.Lost("corrupt") == 1);
  CHECK(world.ledger().accepted == 10);
  CHECK(world.Balances());
  world.Restart();
  world.Run();
  CHECK(world.ledger().accepted == 10);
  CHECK(world.Lost("corrupt") == 1);
}

TEST_CASE("who was here is replayed, too: what was done before and after a merge of accounts is the new one's") {
  JournalWorld world;
  world.Begin();
  world.account = "old";
  world.Track("a");
  world.Commit();
  world.Track("a");
  world.Identify("new", Carry::kPrevious);
  world.Track("a");
  world.Kill();
  world.Begin();
  world.Run();
  CHECK(world.Did("a", "new") == 3);
  CHECK(world.Did("a", "old") == 0);
  CHECK(world.remembered.identity == 0);  // of this process
  CHECK(world.ledger().accepted == 3);
}

TEST_CASE("an exposure that is told again by a process that dies is one event") {
  JournalWorld world;
  world.Begin();
  world.Expose("x");
  world.Commit();
  world.Expose("x");
  CHECK(world.ledger().accepted == 2);  // not looked at yet
  CHECK(world.Balances());
  world.Kill();
  world.Begin();
  world.RunFor(std::chrono::minutes(1));
  CHECK(world.ledger().accepted == 1);
  CHECK(world.collector.events.size() == 1);
  CHECK(world.Balances());
}

TEST_CASE("closed, nothing is left in the journal that the store has; what it has not waits for the next process") {
  for (const bool is_down : {false, true}) {
    CAPTURE(is_down);
    JournalWorld world;
    world.Begin();
    world.Track("a");
    world.Commit();
    if (is_down) world.storage->FailAll(Status(StatusCode::kUnavailable, "locked"));
    world.Track("b");
    world.Commit();
    world.delivery->Close();
    CHECK_FALSE(world.Track("late"));
    world.Run();
    CHECK(world.journal->List()->empty() == !is_down);
    CHECK(world.journal->Holds("b") == is_down);
    world.Kill();
    world.storage->FailAll(Status());
    world.Begin();
    world.RunFor(std::chrono::minutes(1));
    CHECK(world.Names() == std::set<std::string>{"a", "b"});
    CHECK(world.ledger().accepted == 2);
  }
}

TEST_CASE("a fact that is awaited is durable when its commit has returned, and else it says why not") {
  JournalWorld world;
  world.Begin();
  world.Run();
  std::vector<StatusCode> codes;
  const auto tell = [&](std::string name) {
    world.delivery->AppendDurable(world.MakeFact(EventKind::kTracked, std::move(name)),
                                  [&codes](const Status& status) { codes.push_back(status.code()); });
  };
  tell("a");
  CHECK(codes.empty());
  const std::size_t commits = world.storage->commits();
  world.Run();
  CHECK(world.storage->commits() == commits + 1);
  tell("");
  CHECK(codes == std::vector<StatusCode>{StatusCode::kOk, StatusCode::kInvalidArgument});
  tell("dropped");
  world.delivery->SetConsent(Consent::kDenied);
  world.Run();
  world.delivery->SetConsent(Consent::kGranted);
  world.Run();
  world.storage->FailAll(Status(StatusCode::kOutOfSpace, "disk full"));
  tell("in memory");
  world.Run();
  world.delivery->SetConsent(Consent::kDenied);
  tell("refused");
  CHECK(codes == std::vector<StatusCode>{StatusCode::kOk, StatusCode::kInvalidArgument, StatusCode::kUnavailable,
                                         StatusCode::kUnavailable, StatusCode::kPermissionDenied});
}

TEST_CASE("on battery commits wait for two seconds, but not what is urgent, and not a whole run") {
  JournalWorld world;
  world.settings.collector_url.clear();
  world.Begin();
  world.Run();
  const auto takes = [&world](std::chrono::milliseconds most) {
    const std::size_t before = world.accepted.size();
    world.RunFor(most - std::chrono::milliseconds(1));
    const bool is_early = world.accepted.size() > before;
    world.RunFor(std::chrono::milliseconds(1));
    return !is_early && world.accepted.size() > before;
  };
  world.Track("a");
  CHECK(takes(std::chrono::milliseconds(100)));
  world.delivery->SetPower(PowerSource::kBattery);
  world.Track("b");
  CHECK(takes(std::chrono::milliseconds(2'000)));
  Fact urgent = world.MakeFact(EventKind::kTracked, "c");
  urgent.is_urgent = true;
  world.delivery->Append(std::move(urgent));
  world.Run();
  CHECK(world.accepted.size() == 3);
  world.TrackMany(500);
  world.Run();
  CHECK(world.accepted.size() == 503);
}

TEST_CASE("threads that tell while commits, a withdrawal and an erasure go on: each event has one fate") {
  constexpr int kThreads = 3;
  constexpr int kEach = 1'500;
  JournalWorld world;
  world.settings.collector_url.clear();
  world.Begin();
  world.Run();
  std::atomic<int> running{kThreads};
  std::atomic<std::uint64_t> told{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&world, &running, &told, t] {
      Fact fact = world.MakeFact(EventKind::kTracked, "e" + std::to_string(t));
      fact.properties.emplace_back("filler", Value(std::string(200, 'x')));
      for (int i = 0; i < kEach; ++i) {
        Fact copy = fact;
        copy.is_urgent = i % 50 == 0;
        if (world.delivery->Append(std::move(copy))) ++told;
        (void)world.delivery->ledger();
        (void)world.delivery->journal_status();
      }
      --running;
    });
  }
  int turns = 0;
  while (running > 0) {
    world.Run();
    ++turns;
    if (turns == 20) world.delivery->SetConsent(Consent::kDenied);
    if (turns == 22) world.delivery->SetConsent(Consent::kGranted);
    std::this_thread::yield();
  }
  for (std::thread& thread : threads) thread.join();
  world.Commit();
  world.RunFor(std::chrono::seconds(1));
  // What was told and is not there was dropped with the withdrawal, and counted then.
  const std::uint64_t refused = world.Refused("no_consent");
  CHECK(world.ledger().accepted + refused + world.Refused("inbox_full") == kThreads * kEach);
  CHECK(world.ledger().accepted == world.accepted.size());
  CHECK(world.ledger().accepted <= told);
  CHECK(world.Balances());
  CHECK(world.Erase().ok());
  CHECK_FALSE(world.journal->Holds("filler"));
  CHECK(world.ledger().accepted == 0);
}

}  // namespace
}  // namespace guidon::events::test
