// Faults 1, 20 and 25: processes that die at any step of an event's way, long backlogs, reports of losses that get
// lost. And a move from memory that took place though it was said to have failed.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/ports/faults/disk_world.h"
#include "tests/support/memory_journal.h"

namespace guidon::test {
namespace {

namespace fs = std::filesystem;
using events::test::Collector;
using events::test::Received;
using events::test::World;
using std::chrono::minutes;
using std::chrono::seconds;

// Sums of what reports told of a cause, each report once by its id.
std::uint64_t Reported(const Collector& collector, const std::string& cause) {
  std::uint64_t sum = 0;
  for (const auto& entry : collector.events) {
    const auto count = entry.second.find("guidon.lost." + cause);
    if (count != entry.second.end()) sum += std::stoull(count->second);
  }
  return sum;
}

TEST_CASE("fault 1: killed before a request, after it and before its answer, or before the answer is kept") {
  enum class When { kBefore, kUnanswered, kAnswered };
  for (const When when : {When::kBefore, When::kUnanswered, When::kAnswered}) {
    for (int n = 1; n <= 6; ++n) {
      CAPTURE(static_cast<int>(when));
      CAPTURE(n);
      const std::string base = FastFolder();
      DiskWorld world(base);
      bool is_dead = false;
      std::size_t unanswered = 0;
      int requests = 0;
      world.answer = [&](const HttpRequest& request) {
        if (is_dead) return ScriptedAnswer::Hanging();
        if (++requests < n) return world.collector.Take(request);
        is_dead = true;
        if (when == When::kBefore) return ScriptedAnswer::Hanging();
        unanswered = Collector::Read(request).size();
        const ScriptedAnswer good = world.collector.Take(request);
        if (when == When::kUnanswered) return ScriptedAnswer::Hanging();
        // The answer arrives, but nothing is written any more.
        world.storage->CrashAt(world.storage->calls() + 1);
        return good;
      };
      world.Begin();
      for (int i = 0; i < 8 && !is_dead; ++i) {
        world.Tell(100);
        world.Expose("x" + std::to_string(i));
        world.RunFor(seconds(31));
      }
      REQUIRE(is_dead);
      const auto told = static_cast<std::size_t>(world.next);
      world.Tell(10);  // the dead process's last
      world.answer = nullptr;
      world.Restart();
      world.RunFor(minutes(20));
      CHECK(world.Names().size() == told + 10);
      CHECK(world.Balances());
      CHECK(world.ledger().pending == 0);
      CHECK(world.ledger().delivered == world.collector.events.size());
      CHECK(world.collector.received - world.collector.events.size() == unanswered);
      fs::remove_all(base);
    }
  }
}

TEST_CASE("fault 20: 50,000 events told offline are all delivered once there is a network, the newest exposure first") {
  const std::string base = FastFolder();
  DiskWorld world(base);
  world.ports.codec = nullptr;
  world.Begin();
  world.delivery->SetNetwork(NetworkCost::kOffline);
  for (int i = 0; i < 100; ++i) {
    world.Tell(500);
    world.RunFor(std::chrono::milliseconds(100));
  }
  CHECK(world.told_all);
  CHECK(world.http->requests().empty());
  world.Restart();  // and the next process finds it
  world.delivery->SetNetwork(NetworkCost::kOffline);
  world.Run();
  world.Expose("overtakes");
  world.Commit();
  CHECK(world.ledger().pending == 50'001);
  std::vector<std::string> first;
  world.answer = [&](const HttpRequest& request) {
    if (first.empty()) {
      for (const Received& event : Collector::Read(request)) first.push_back(event.at("log.record.uid"));
    }
    return world.collector.Take(request);
  };
  world.delivery->SetNetwork(NetworkCost::kUnmetered);
  world.RunFor(minutes(10));
  CHECK(world.ledger().delivered == 50'001);
  CHECK(world.ledger().pending == 0);
  CHECK(world.Names().size() == 50'000);
  CHECK(world.collector.received == 50'001);
  REQUIRE_FALSE(first.empty());
  CHECK(world.collector.events.at(first[0]).at("guidon.experiment.key") == "overtakes");
  fs::remove_all(base);
}

// Losses of one cause, and their report on its way while calls to the store fail or the process dies at one of them.
void ReportLosses(World* world, const std::function<bool()>& is_dead) {
  for (int i = 0; i < 3 && !is_dead(); ++i) {
    world->TrackMany(4);
    world->Commit();
    if (is_dead()) return;
    world->RunFor(minutes(6));
  }
}

TEST_CASE("fault 25: a report of losses that is refused, unanswered, or killed at any call is told once in the end") {
  std::size_t calls = 0;
  const auto make = [](World* world, bool* is_dead, bool fails_reports) {
    auto seen = std::make_shared<int>(0);
    auto failed = std::make_shared<int>(0);
    world->answer = [=](const HttpRequest& request) {
      if (*is_dead || world->storage->crashed()) return ScriptedAnswer::Hanging();
      bool has_report = false;
      for (const Received& event : Collector::Read(request)) {
        has_report = has_report || event.at("event.name") == "guidon.loss_report";
      }
      if (has_report && fails_reports && ++*failed <= 3) {
        if (*failed == 2) world->collector.Take(request);  // taken, and the answer was lost
        return *failed == 1 ? ScriptedAnswer::Of(503) : ScriptedAnswer::Failed();
      }
      ScriptedAnswer good = world->collector.Take(request);
      // Of the first two batches of nothing but events two are rejected.
      if (!has_report && ++*seen <= 2) {
        return ScriptedAnswer::Of(200, R"({"partialSuccess":{"rejectedLogRecords":2}})");
      }
      return good;
    };
  };
  for (const bool fails : {false, true}) {
    World world;
    bool is_dead = false;
    make(&world, &is_dead, fails);
    world.Begin();
    ReportLosses(&world, [] { return false; });
    world.RunFor(minutes(30));
    world.TrackMany(1);  // reports go with something else
    world.RunFor(minutes(30));
    calls = std::max(calls, world.storage->calls());
    CHECK(world.Lost("rejected_by_collector") >= 2);
    CHECK(Reported(world.collector, "rejected_by_collector") == world.Lost("rejected_by_collector"));
  }
  REQUIRE(calls > 10);
  for (const auto how : {FaultyStorage::Crash::kBefore, FaultyStorage::Crash::kAfter}) {
    for (std::size_t n = 1; n <= calls; ++n) {
      CAPTURE(static_cast<int>(how));
      CAPTURE(n);
      World world;
      const auto journal = std::make_shared<MemoryJournal>();
      world.ports.journal = journal;
      bool is_dead = false;
      make(&world, &is_dead, true);
      world.Begin();
      world.storage->CrashAt(n, how);
      ReportLosses(&world, [&world] { return world.storage->crashed(); });
      is_dead = true;
      world.Kill();
      world.storage->Restart();
      is_dead = false;
      world.Begin();
      for (int i = 0; i < 6; ++i) {
        world.TrackMany(1);  // reports go with something else
        world.RunFor(minutes(30));
      }
      CHECK(world.Balances());
      CHECK(world.delivery->ledger().pending == 0);
      CHECK(Reported(world.collector, "rejected_by_collector") == world.Lost("rejected_by_collector"));
    }
  }
}

// Does what it is told, and says that it failed.
class Doubtful final : public Storage {
 public:
  explicit Doubtful(std::shared_ptr<Storage> inner) : inner_(std::move(inner)) {}
  void Open(std::function<void(Result<StorageOpened>)> done) override { inner_->Open(std::move(done)); }
  void Commit(StorageBatch batch, std::function<void(Status)> done) override {
    ++commits;
    if (!lies) return inner_->Commit(std::move(batch), std::move(done));
    if (does) inner_->Commit(std::move(batch), [](const Status&) {});
    done(Status(StatusCode::kUnavailable, "in doubt"));
  }
  void Read(std::string from, std::string to, std::size_t most_bytes,
            std::function<void(Result<std::vector<Row>>)> done) override {
    inner_->Read(std::move(from), std::move(to), most_bytes, std::move(done));
  }
  void EraseAll(std::function<void(Status)> done) override { inner_->EraseAll(std::move(done)); }
  void Close(std::function<void()> done) override { inner_->Close(std::move(done)); }

  bool lies = false;
  bool does = true;
  int commits = 0;

 private:
  std::shared_ptr<Storage> inner_;
};

TEST_CASE("a move from memory that took place though it reported a failure is not made twice, whatever came since") {
  for (const bool does : {true, false}) {
    for (const bool from_the_start : {true, false}) {
      CAPTURE(does);
      CAPTURE(from_the_start);
      const auto store = std::make_shared<Doubtful>(std::make_shared<events::MemoryStore>());
      World world(store);
      world.Begin();
      if (!from_the_start) {
        world.TrackMany(1);
        world.Commit();
        world.Deliver();
      }
      store->lies = true;
      store->does = does;
      for (int i = 0; i < 12; ++i) {
        world.Track("during" + std::to_string(i));
        if (i % 3 == 0) world.Expose("x" + std::to_string(i));
        world.RunFor(minutes(10));
        CHECK(world.Balances());
      }
      const int commits = store->commits;
      CHECK(commits < 200);  // no loop
      store->lies = false;
      world.Track("after");
      world.RunFor(minutes(60));
      const std::uint64_t told = 12 + 4 + 1 + (from_the_start ? 0 : 1);
      CHECK(world.delivery->ledger().accepted == told);
      CHECK(world.delivery->ledger().delivered == told);
      CHECK(world.delivery->ledger().pending == 0);
      CHECK(world.collector.events.size() == told);
      CHECK(world.Did("during5") == 1);
      world.Restart();
      world.Run();
      CHECK(world.delivery->ledger().accepted == told);
      CHECK(world.Did("during5") == 1);
    }
  }
}

}  // namespace
}  // namespace guidon::test
