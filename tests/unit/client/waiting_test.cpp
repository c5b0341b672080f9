// Calls that wait, on the threads that they might be waiting for.
#include <doctest/doctest.h>

#include <functional>
#include <memory>

#include "guidon/guidon.h"
#include "guidon/platform_parts.h"
#include "tests/unit/client/world.h"

namespace guidon::test {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// As a UI's event loop: it turns when its thread has nothing else to do, which the test says.
class LoopWaker final : public Waker {
 public:
  void Start(std::function<MonoTime()> turn) override { turn_ = std::move(turn); }
  void WakeAt(MonoTime) noexcept override {}
  void Stop() noexcept override { turn_ = nullptr; }
  void Turn() {
    if (turn_) (void)turn_();
  }

 private:
  std::function<MonoTime()> turn_;
};

// A network that lives in the host's loop: nothing is answered but in its turn.
class LoopHttp final : public Http {
 public:
  void Start(std::uint64_t id, HttpRequest request, std::shared_ptr<HttpSink> sink) override {
    http_.Start(id, std::move(request), std::move(sink));
  }
  void Turn() override { http_.Deliver(); }
  void Cancel(std::uint64_t id) noexcept override { http_.Cancel(id); }
  bool Stop(MonoTime deadline) noexcept override { return http_.Stop(deadline); }
  ScriptedHttp& inner() { return http_; }

 private:
  ScriptedHttp http_;
};

TEST_CASE("a network without a thread of its own goes on while a call waits") {
  const auto http = std::make_shared<LoopHttp>();
  http->inner().SetHandler([](const HttpRequest&) { return ScriptedAnswer::Of(200, "{}"); });
  Platform platform;
  platform.clock = SystemClock();
  platform.entropy = OsEntropy();
  platform.http = http;
  platform.storage = LastingStorage();
  Options options;
  options.bundled_datafile = NotesDatafile(1);
  options.allow_unsigned = true;
  options.consent = Consent::kGranted;
  options.collector_url = "https://collect.example/v1/logs";
  const auto client = Client::Open(options, platform);
  client->Track("note_created");
  CHECK(client->Flush(seconds(20)).delivered == 1);
  client->Track("note_created");
  const FlushReport closed = client->Close(seconds(20));
  CHECK(closed.in_time);
  CHECK(closed.kept == 0);
}

TEST_CASE("a call that waits on the thread on which a waker turns the pump turns it itself") {
  const auto waker = std::make_shared<LoopWaker>();
  Platform platform;
  platform.clock = SystemClock();
  platform.entropy = OsEntropy();
  platform.waker = waker;
  platform.storage = LastingStorage();
  Options options;
  options.bundled_datafile = NotesDatafile(1);
  options.allow_unsigned = true;
  options.consent = Consent::kGranted;
  const auto client = Client::Open(options, platform);
  waker->Turn();
  client->Track("note_created");
  const FlushReport flushed = client->Flush(seconds(20));
  CHECK(flushed.in_time);
  CHECK(flushed.kept == 1);
  client->Track("note_created");
  CHECK(client->TrackDurable("note_created", {}, seconds(20)).ok());
  const FlushReport closed = client->Close(seconds(20));
  CHECK(closed.in_time);
  CHECK(closed.kept == 3);
}

TEST_CASE("a report counts what this call delivered, not what earlier processes did") {
  World world;
  world.Open().Track("note_created");
  world.Pass(minutes(1));
  CHECK(world.client().status().ledger.delivered == 1);
  // The next process knows of it only once it has read its store, which is within the call.
  CHECK(world.Open().Flush(Duration(0)).delivered == 0);
  CHECK(world.client().status().ledger.delivered == 1);
}

}  // namespace
}  // namespace guidon::test
