// The whole way of an event, from the app's thread to a collector that has acknowledged it: the default platform on a
// real folder, HTTPS over loopback with a certificate that is checked. The collector runs in this process, too.
#define DOCTEST_CONFIG_IMPLEMENT  // by which what makes certificates says that it could not
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "guidon/client.h"
#include "guidon/default_platform.h"
#include "guidon/platform_parts.h"
#include "tests/bench/allocations.h"
#include "tests/bench/rows.h"
#include "tests/ports/certificates.h"
#include "tests/ports/temp_folder.h"
#include "tests/support/loopback_server.h"

namespace guidon::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;
using test::Authority;
using test::LoopbackServer;

constexpr Duration kPlenty = std::chrono::minutes(10);
constexpr std::uint64_t kBacklog = 1'000'000;

double SecondsSince(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

// A collector and a device that trusts it.
class Site {
 public:
  Site() : authority_(folder_, "bench"), server_(Answer, authority_.Issue(test::kGoodPlan)) {
    if (server_.port() != 0) return;
    std::fprintf(stderr, "no port for the collector\n");
    std::exit(2);
  }

  std::unique_ptr<Client> Open(bool has_collector) const {
    Options options;
    options.consent = Consent::kGranted;
    options.context.Unit("account", "person-00000000000000042");
    options.batch_interval = std::chrono::milliseconds(100);
    options.outbox_events = kBacklog;
    options.outbox_bytes = limits::kMostOutboxBytes;
    if (has_collector) options.collector_url = server_.Url("/v1/logs");
    Platform platform = DefaultPlatform(folder_.path());
    CurlOptions curl;
    curl.ca_file = authority_.file();
    platform.http = CurlHttp(nullptr, curl);
    return Client::Open(std::move(options), std::move(platform));
  }

 private:
  static test::LoopbackAnswer Answer(const test::LoopbackRequest&) { return {200, {}, "{}", "application/json"}; }

  test::TempFolder folder_;
  Authority authority_;
  LoopbackServer server_;
};

void Wait() { std::this_thread::sleep_for(std::chrono::microseconds(200)); }

// Tells so many, no faster than commits take them.
void Tell(Client* client, std::uint64_t events) {
  for (std::uint64_t i = 0; i < events; ++i) {
    client->Track("file_shared", {{"size", static_cast<std::int64_t>(i % 4'096)}, {"kind", "photo"}});
    if (i % 5'000 == 4'999 && !client->TrackDurable("checkpoint", {}, kPlenty).ok()) std::exit(2);
  }
}

// Until everything that was told is acknowledged.
void Drain(Client* client) {
  while (client->status().ledger.pending > 0) (void)client->Flush(std::chrono::seconds(5));
}

double EventsPerSecond(const Site& site, std::uint64_t events) {
  const std::unique_ptr<Client> client = site.Open(true);
  Tell(client.get(), 5'000);
  Drain(client.get());
  const std::uint64_t before = client->status().ledger.delivered;
  const SteadyClock::time_point start = SteadyClock::now();
  Tell(client.get(), events);
  Drain(client.get());
  return static_cast<double>(client->status().ledger.delivered - before) / SecondsSince(start);
}

// The most the program held at any time while this lived.
class Peak {
 public:
  Peak()
      : before_(HeldBytes()), thread_([this] {
          while (!stop_) {
            most_ = std::max(most_.load(), HeldBytes());
            Wait();
          }
        }) {}
  ~Peak() { Stop(); }
  Peak(const Peak&) = delete;  // a thread points here
  Peak& operator=(const Peak&) = delete;

  double MiB() {
    Stop();
    return static_cast<double>(most_ - std::min(most_.load(), before_)) / (1 << 20);
  }

 private:
  void Stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }

  const std::size_t before_;
  std::atomic<std::size_t> most_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

struct Backlog {
  double open_seconds = 0;
  double drain_mib = 0;
  double events_per_second = 0;
};

Backlog DrainBacklog(const Site& site) {
  {
    const std::unique_ptr<Client> client = site.Open(false);
    Tell(client.get(), kBacklog - kBacklog / 5'000);
    (void)client->Close(kPlenty);
  }
  Backlog backlog;
  Peak peak;
  SteadyClock::time_point start = SteadyClock::now();
  const std::unique_ptr<Client> client = site.Open(true);
  while (client->status().ledger.pending == 0) Wait();
  backlog.open_seconds = SecondsSince(start);
  const std::uint64_t before = client->status().ledger.delivered;
  start = SteadyClock::now();
  Drain(client.get());
  backlog.events_per_second = static_cast<double>(client->status().ledger.delivered - before) / SecondsSince(start);
  backlog.drain_mib = peak.MiB();
  return backlog;
}

}  // namespace

std::vector<Row> DeliveryRows(const Wish& wish) {
  std::vector<Row> rows;
  if (!wish.is_timed) return rows;
  doctest::Context asserts;
  asserts.setAsDefaultForAssertsOutOfTestCases();
  const std::string sustained = "events a second, told to acknowledged, over HTTPS";
  if (wish.wanted(sustained)) {
    rows.push_back({sustained, EventsPerSecond(Site(), 100'000), "/s", std::nullopt, 20'000.0, std::nullopt, true});
  }
  const std::string open = "backlog of 1,000,000 events: open";
  const std::string memory = "backlog of 1,000,000 events: memory while it drains";
  const std::string drain = "backlog of 1,000,000 events: drained, events a second";
  if (wish.is_long && (wish.wanted(open) || wish.wanted(memory) || wish.wanted(drain))) {
    const Backlog backlog = DrainBacklog(Site());
    rows.push_back({open, backlog.open_seconds, "s", std::nullopt, 1.0, std::nullopt});
    rows.push_back({memory, backlog.drain_mib, "MiB", std::nullopt, 32.0, std::nullopt});
    rows.push_back({drain, backlog.events_per_second, "/s", std::nullopt, 20'000.0, std::nullopt, true});
  }
  return rows;
}

}  // namespace guidon::bench
