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

// Two flags that are the datafile's version, one of them killed in every seventh; one that holds for the session; one
// under a sticky experiment of accounts with an audience; one that asks for behavior, the device's clock and another
// flag.
std::string ChangingDatafile(int version) {
  const std::string number = std::to_string(version);
  const std::string killed = version % 7 == 0 ? R"(,"kill":true)" : "";
  return DatafileText(version, R"("event_attributes":["plan"],
    "layers":{"people":{"unit":"account","salt":"people.1"},"default":{"unit":"device","salt":"default.1"}},
    "experiments":{"sticky":{"iteration":1,"status":")" +
                                   std::string(version % 3 == 0 ? "paused" : "running") +
                                   R"(","sticky":"exposed","layer":"people","slots":[[0,1000000]],"salt":"sticky.1",
      "audiences":[{"name":"pro","when":{"op":"==","attribute":"plan","value":"pro"},"slots":[[0,1000000]],
        "variants":{"off":[[0,500000]],"on":[[500000,1000000]]}}],
      "variants":{"off":{"slots":[[0,500000]],"flags":{"sticky":"icon"}},
                  "on":{"slots":[[500000,1000000]],"flags":{"sticky":"icon-and-text"}}}}},
    "flags":{"first":{"type":"int","default":)" +
                                   number + killed + R"(},"second":{"type":"int","default":)" + number + killed +
                                   R"(},"held":{"type":"int","hold":"session","default":)" + number + R"(},
      "sticky":{"type":"string","default":"icon","rules":[{"id":"r1","experiment":"sticky"}]},
      "asks":{"type":"int","default":1,"rules":[
        {"id":"done","when":{"op":">=","count":"tick","window":"14d","value":3},"serve":2},
        {"id":"flag","when":{"op":">=","flag":"first","value":1000000},"serve":3},
        {"id":"late","when":{"op":"since","date":"2026-12-24T10:00:00Z"},"serve":4}]}})");
}

void Ask(Client* client, int n, std::atomic<int>* wrong) {
  constexpr Flag<std::int64_t> kFirst{"first", 0};
  constexpr Flag<std::int64_t> kHeld{"held", 0};
  constexpr Flag<std::int64_t> kAsks{"asks", 1};
  constexpr Flag<std::string> kSticky{"sticky", "icon"};
  if (client->Get(kFirst) < 1 || client->Get(kHeld) < 1) ++*wrong;
  const std::int64_t asks = client->Get(kAsks);
  if (asks < 1 || asks > 4) ++*wrong;
  if (client->Get(kSticky).compare(0, 4, "icon") != 0) ++*wrong;
  const Decision decision = client->Decide(kSticky);
  decision.Expose();
  if (decision.AsText()->compare(0, 4, "icon") != 0) ++*wrong;
  if (client->Decide(kHeld, Context().Unit("account", n)).AsInt().value_or(0) < 1) ++*wrong;
  if (n % 8 == 0) {
    // All of one moment.
    std::int64_t first = 0;
    std::int64_t second = 0;
    for (const Decision& each : client->DecideAll()) {
      if (each.flag() == "first" && each.reason() != Reason::kForced) first = each.AsInt().value_or(-1);
      if (each.flag() == "second") second = each.AsInt().value_or(-1);
    }
    if (first != 0 && first != second) ++*wrong;
    if (client->Explain("sticky").empty() || client->ExplainJson("held").empty()) ++*wrong;
  }
  if (n % 4 == 0) client->Track("tick", {{"n", n}});
}

TEST_CASE("eight threads decide and tell while datafiles, people, overrides and consent change") {
  const auto clock = std::make_shared<FakeClock>();
  const auto http = std::make_shared<ScriptedHttp>();
  std::atomic<int> version{1};
  http->SetHandler([&](const HttpRequest& request) {
    if (request.method != "GET") return ScriptedAnswer::Of(200, "{}");
    return ScriptedAnswer::Of(200, ChangingDatafile(++version), {{"etag", std::to_string(version)}});
  });
  Platform platform = ThreadedPlatform(MemoryStorage());
  platform.clock = clock;
  platform.waker = nullptr;
  platform.http = http;
  Options options;
  options.datafile_url = "https://rules.example/notes";
  options.collector_url = "https://collect.example/v1/logs";
  options.bundled_datafile = ChangingDatafile(1);
  options.allow_unsigned = true;
  options.consent = Consent::kGranted;
  options.apply = ApplyWhen::kNextForeground;
  const auto client = Client::Open(options, platform);
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::atomic<int> changes{0};
  const auto watch = client->OnChange("first", nullptr, [&](const Change&) { ++changes; });
  std::vector<std::thread> changers;
  const auto change = [&](auto step) {
    changers.emplace_back([&stop, step] {
      for (int n = 0; !stop; ++n) {
        step(n);
        std::this_thread::yield();
      }
    });
  };
  change([&](int) {
    clock->Advance(std::chrono::minutes(6));
    (void)client->Pump(Lane::kLogic, seconds(1));
    (void)client->Pump(Lane::kDisk, seconds(1));
    (void)http->Deliver();
  });
  change([&](int n) {
    const Carry carry = n % 3 == 0 ? Carry::kPrevious : n % 3 == 1 ? Carry::kNothing : Carry::kAnonymous;
    if (n % 5 == 4) {
      client->Logout();
    } else {
      client->Identify(Context().Unit("account", n % 7).Set("plan", n % 2 == 0 ? "pro" : "free"), carry);
    }
    clock->SetUtcOffset(std::chrono::hours(n % 5));
    client->OnBackground();
    client->OnForeground();
  });
  change([&](int n) {
    if (n % 3 == 0) (void)client->overrides().ForceFlag("first", Value(5));
    if (n % 3 == 1) (void)client->overrides().ForceExperiment("sticky", n % 2 == 0 ? "on" : "off");
    if (n % 3 == 2) client->overrides().ClearAll();
    if (n % 16 == 15) client->SetConsent(n % 32 == 15 ? Consent::kDenied : Consent::kGranted);
    (void)client->status();
  });
  std::vector<std::thread> askers;
  for (int i = 0; i < 8; ++i) {
    askers.emplace_back([&, i] {
      for (int n = 0; n < 200 || (version < 40 && n < 10'000); ++n) Ask(client.get(), n + i, &wrong);
    });
  }
  for (std::thread& asker : askers) asker.join();
  stop = true;
  for (std::thread& changer : changers) changer.join();
  CHECK(wrong == 0);
  CHECK(version > 1);
  CHECK(changes > 0);
  const Ledger ledger = client->status().ledger;
  std::uint64_t lost = 0;
  for (const auto& loss : ledger.lost) lost += loss.count;
  CHECK(ledger.accepted == ledger.delivered + ledger.pending + lost);
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
