// The client on real threads: a worker turns the pump while others read, tell and change. For the thread sanitizer
// above all; what is checked without it is that nothing is torn, lost or called too late.

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "guidon/guidon.h"
#include "guidon/platform_parts.h"
#include "tests/unit/client/world.h"

namespace guidon::test {
namespace {

using std::chrono::seconds;

Platform ThreadedPlatform(std::shared_ptr<Storage> storage) {
  Platform platform;
  platform.clock = SystemClock();
  platform.entropy = OsEntropy();
  platform.waker = WorkerThread();
  platform.storage = std::move(storage);
  platform.files = std::make_shared<MemoryFiles>();
  return platform;
}

Options ThreadedOptions() {
  Options options;
  options.bundled_datafile = NotesDatafile(1);
  options.allow_unsigned = true;
  options.consent = Consent::kGranted;
  return options;
}

TEST_CASE("threads may read, tell and change at will") {
  const auto client = Client::Open(ThreadedOptions(), ThreadedPlatform(MemoryStorage()));
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::atomic<std::uint64_t> told{0};
  std::atomic<std::uint64_t> seen{0};
  auto events = client->OnEvent(nullptr, [&](const EventRecord& record) {
    if (record.kind == EventKind::kTracked) ++seen;
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      constexpr Flag<std::int64_t> kChunk{"chunk-kb", -1};
      constexpr Flag<std::string> kComposer{"composer", ""};
      for (int n = 0; !stop; ++n) {
        const std::int64_t chunk = client->Get(kChunk);
        if (chunk != 256 && chunk != 1024 && chunk != 5) ++wrong;
        const std::string composer = client->Get(kComposer);
        if (composer != "icon" && composer != "icon-and-text") ++wrong;
        const Decision decision = client->Decide(kComposer);
        if (decision.AsText()->substr(0, 4) != "icon") ++wrong;
        if (n % 64 == i && told < 4'000) {
          ++told;
          client->Track("tick", {{"n", n}});
        }
      }
    });
  }
  for (int i = 0; i < 300; ++i) {
    client->Identify(i % 2 == 0 ? Context().Set("plan", "pro") : Context().Unit("account", i));
    if (i % 3 == 0) (void)client->overrides().ForceFlag("chunk-kb", Value(5));
    if (i % 3 == 1) client->overrides().ClearAll();
    if (i % 5 == 0) (void)client->overrides().ForceExperiment("attach-button", i % 2 == 0 ? "labelled" : "off");
    auto watch = client->OnChange("chunk-kb", nullptr, [](const Change&) {});
    (void)client->status();
    (void)client->DecideAll();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(client->Flush(seconds(10)).in_time);
  const Ledger ledger = client->status().ledger;
  std::uint64_t refused = 0;
  for (const auto& loss : ledger.refused) refused += loss.count;
  CHECK(ledger.accepted >= told - refused);
  CHECK(client->Close(seconds(10)).in_time);
  CHECK(seen >= told - refused);
}

TEST_CASE("closing, dropping and telling may race") {
  for (int round = 0; round < 30; ++round) {
    auto client = Client::Open(ThreadedOptions(), ThreadedPlatform(MemoryStorage()));
    std::atomic<int> calls_after{0};
    std::atomic<bool> is_closed{false};
    auto events = client->OnEvent(nullptr, [&](const EventRecord&) {
      if (is_closed) ++calls_after;
    });
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 50; ++n) {
          client->Track("tick");
          (void)client->Get(Flag<std::string>{"composer", ""});
        }
      });
    }
    if (round % 2 == 0) {
      (void)client->Close(seconds(5));
      is_closed = true;
    }
    for (std::thread& thread : threads) thread.join();
    client.reset();
    CHECK(calls_after == 0);
  }
}

TEST_CASE("the last owner may let go within the client's own callback") {
  for (int round = 0; round < 20; ++round) {
    std::shared_ptr<Client> client = Client::Open(ThreadedOptions(), ThreadedPlatform(MemoryStorage()));
    auto kept = std::make_shared<std::shared_ptr<Client>>(client);
    std::atomic<bool> done{false};
    auto watch = client->OnEvent(nullptr, [kept, &done](const EventRecord&) {
      kept->reset();
      done = true;
    });
    client->Track("bye");
    client.reset();
    while (!done) std::this_thread::yield();
  }
}

}  // namespace
}  // namespace guidon::test
