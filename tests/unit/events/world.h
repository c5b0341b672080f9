// The events room on a fake clock, a store that can fail and a collector in memory, all in one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sdk/events/delivery.h"
#include "sdk/events/memory_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/faulty_storage.h"
#include "tests/support/manual_lanes.h"
#include "tests/support/scripted_http.h"

namespace guidon::events::test {

// Not compression, but as reversible.
class PrefixCodec final : public Codec {
 public:
  bool Gzip(std::string_view in, std::string* out) override {
    *out = "gzip:" + std::string(in);
    return true;
  }
  Status Gunzip(std::string_view in, std::size_t, std::string* out) override {
    *out = in.substr(5);
    return Status();
  }
};

// One event as a collector reads it: attributes as texts.
using Received = std::map<std::string, std::string>;

// Keeps one event per id, as docs/formats/events.md asks receivers to.
class Collector {
 public:
  // The events of a request's body, compressed or not. Fails the test when it is not OTLP.
  static std::vector<Received> Read(const HttpRequest& request);

  guidon::test::ScriptedAnswer Take(const HttpRequest& request);

  std::map<std::string, Received> events;  // by id
  std::size_t received = 0;                // repeats included
};

std::string Header(const HttpRequest& request, std::string_view name);

class World {
 public:
  explicit World(std::shared_ptr<Storage> store = std::make_shared<MemoryStore>());
  ~World();

  // A process begins; what the last one had not stored is gone. `Run` opens the store.
  void Begin(Consent consent = Consent::kGranted);
  // The process is killed.
  void Kill();
  void Restart() {
    Kill();
    storage->Restart();
    Begin();
  }
  // Turns the lanes until nothing is due.
  void Run() { lanes->RunReady(); }
  void RunFor(Duration by) { lanes->RunFor(by); }

  // "e0", "e1"… with a number of their own.
  bool Track(const std::string& name, std::optional<double> value = std::nullopt);
  void TrackMany(int count);
  // Whoever is logged in from now on, in a way that is told to nobody but this delivery.
  bool Identify(const std::string& to, Carry carry);
  bool Expose(const std::string& experiment, const std::string& variant = "on");
  // One step of a showing of "try-file-share".
  bool Prompt(prompts::What what, const std::string& prompt, const std::string& arm = "prompt");
  Fact MakePrompt(prompts::What what, const std::string& prompt, const std::string& arm = "prompt") const;
  // As last told; null, 0 or nothing when nothing is. Without an account: of nobody.
  const Remembered* Mine(const std::string& of = "") const { return remembered.Of(ScopeOf(of)); }
  std::uint64_t Did(const std::string& name, const std::string& of = "") const;
  std::shared_ptr<const prompts::CampaignShowings> Shown(const std::string& of = "") const;
  // Waits for `Commit`, `Deliver`; fails the test when they do not end by themselves.
  void Commit();
  void Deliver();
  Status Erase();

  Fact MakeFact(EventKind kind, std::string name) const;
  std::uint64_t Lost(std::string_view cause) const;
  std::uint64_t Refused(std::string_view cause) const;
  // accepted = delivered + pending + lost.
  bool Balances() const;

  guidon::test::FakeClock clock;
  std::shared_ptr<guidon::test::FaultyStorage> storage;
  std::shared_ptr<guidon::test::ScriptedHttp> http;
  std::shared_ptr<guidon::test::ManualLanes> lanes;
  Collector collector;
  // Null: the collector takes it.
  std::function<guidon::test::ScriptedAnswer(const HttpRequest&)> answer;
  Platform ports;
  DeliverySettings settings;
  std::string account;                // who is logged in: facts are made in that scope
  std::uint64_t identifies = 0;       // by this process
  std::vector<EventRecord> accepted;  // by all processes
  Memory remembered;                  // as last told
  std::vector<std::string> told;      // "null", "memory" and the names of accepted events, in order; by this process
  std::unique_ptr<Delivery> delivery;
};

}  // namespace guidon::events::test
