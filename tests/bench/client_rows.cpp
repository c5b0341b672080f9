// Rows through the public client: memory ports, a clock that stands still, the datafile bundled.
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
#include "guidon/panel.h"
#include "tests/bench/measure.h"
#include "tests/bench/rows.h"
#include "tests/bench/workloads.h"

namespace guidon::bench {
namespace {

class StillClock final : public Clock {
 public:
  Timestamp Now() noexcept override { return TimestampFromMs(1'795'000'000'000); }
  MonoTime Monotonic() noexcept override { return MonoTime(Duration(1'000)); }
  std::string BootId() override { return "boot"; }
  Duration UtcOffset(Timestamp) noexcept override { return Duration(0); }
};

class SameBytes final : public Entropy {
 public:
  bool Fill(unsigned char* out, std::size_t size) noexcept override {
    std::fill(out, out + size, static_cast<unsigned char>(0x5A));
    return true;
  }
};

std::unique_ptr<Client> OpenClient() {
  Options options;
  options.bundled_datafile = Datafile();
  options.allow_unsigned = true;
  options.consent = Consent::kGranted;
  options.context = People()[0];
  Platform platform;
  platform.clock = std::make_shared<StillClock>();
  platform.entropy = std::make_shared<SameBytes>();
  auto client = Client::Open(std::move(options), std::move(platform));
  if (!client->status().ready) {
    std::fprintf(stderr, "the client takes no datafile: %s\n", client->status().datafile.message().c_str());
    std::exit(2);
  }
  return client;
}

// The flags of type bool, by keys that no flag was declared with.
std::vector<std::string> BoolKeys() {
  std::vector<std::string> keys;
  for (const std::string& key : ShuffledKeys()) {
    if (std::strtoul(key.c_str() + key.size() - 6, nullptr, 10) % 4 < 2) keys.push_back(key);
  }
  return keys;
}

constexpr Flag<bool> kExperiment{"experiment", false};

// Calls of `call` that so many threads make in 100 ms.
template <class Call>
double CallsOf(int threads, const Call& call) {
  constexpr std::uint64_t kAtOnce = 1'000;
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> calls{0};
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([&] {
      std::uint64_t own = 0;
      while (!stop.load(std::memory_order_relaxed)) {
        for (std::uint64_t k = 0; k < kAtOnce; ++k) call();
        own += kAtOnce;
      }
      calls += own;
    });
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  stop = true;
  for (std::thread& thread : running) thread.join();
  return static_cast<double>(calls.load());
}

// What a second thread brings; the best of three, since other work of the machine only lessens it.
template <class Call>
double Gain(const Call& call) {
  double gain = 0;
  for (int i = 0; i < 3; ++i) {
    const double one = CallsOf(1, call);
    gain = std::max(gain, CallsOf(2, call) / one);
  }
  return gain;
}

double GainWhileStatesAreSwapped(Client* client) {
  std::atomic<bool> stop{false};
  // Every override publishes a State, as a datafile does.
  std::thread swaps([&] {
    for (bool value = false; !stop.load(); value = !value) {
      (void)client->overrides().ForceFlag(FlagKey(0), Value(value));
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  });
  const double gain = Gain([&] { Keep(client->Get(kExperiment)); });
  stop = true;
  swaps.join();
  client->overrides().ClearAll();
  return gain;
}

}  // namespace

std::vector<Row> ClientRows(const Wish& wish) {
  const std::string typed = "Get, typed flag, its exposure told";
  const std::string by_key = "Get, by a key made at run time, among 1,000";
  const std::string recorded = "Get, typed flag, while it is recorded";
  const std::string panel = "a panel's snapshot of 1,000 flags, each explained";
  const std::string threads = "second thread's gain while States are swapped / of an empty loop";
  std::vector<Row> rows;
  const auto names = {typed, by_key, recorded, panel, threads};
  if (std::none_of(names.begin(), names.end(), [&](const auto& name) { return wish.wanted(name); })) return rows;
  const std::unique_ptr<Client> client = OpenClient();
  const auto add = [&](const std::string& name, const Cost& cost, double budget) {
    Row row{name, cost.ns, "ns", cost.allocations, budget, 0.0};
    if (!wish.is_timed) row.value.reset();
    rows.push_back(std::move(row));
  };
  if (wish.wanted(typed)) {
    const auto run = [&](std::uint64_t calls) {
      for (std::uint64_t i = 0; i < calls; ++i) Keep(client->Get(kExperiment));
    };
    add(typed, Measure(run, wish.is_timed), 10);
  }
  if (wish.wanted(by_key)) {
    const std::vector<std::string> keys = BoolKeys();
    std::size_t key = 0;
    const auto run = [&](std::uint64_t calls) {
      for (std::uint64_t i = 0; i < calls; ++i) {
        if (++key >= keys.size()) key = 0;
        Keep(client->Get(Flag<bool>(keys[key], false)));
      }
    };
    add(by_key, Measure(run, wish.is_timed), 30);
  }
  if (wish.wanted(recorded)) {
    Subscription recording = client->Record(nullptr, [](std::string_view lines) { Keep(lines.size()); });
    const auto run = [&](std::uint64_t calls) {
      for (std::uint64_t i = 0; i < calls; ++i) {
        Keep(client->Get(kExperiment));
        if (i % 1'000 == 0) (void)client->Pump(Lane::kLogic, Duration(1'000));  // hands the lines over
      }
    };
    const Cost cost = Measure(run, wish.is_timed);
    rows.push_back({recorded, cost.ns, "ns", cost.allocations, std::nullopt, std::nullopt});
    if (!wish.is_timed) rows.back().value.reset();
  }
  if (wish.wanted(panel) && wish.is_timed) {
    const Panel watching(*client);
    const double ns = MeasureLongNs([&] { Keep(watching.Snapshot().flags.size()); }, true);
    rows.push_back({panel, ns / 1e6, "ms", std::nullopt, 50.0, std::nullopt});
  }
  if (wish.wanted(threads) && wish.is_timed) {
    const double empty = Gain([] { Keep(0); });
    rows.push_back(
        {threads, GainWhileStatesAreSwapped(client.get()) / empty, "x", std::nullopt, 0.9, std::nullopt, true});
  }
  return rows;
}

}  // namespace guidon::bench
