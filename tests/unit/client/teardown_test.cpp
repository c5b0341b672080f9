// A thousand ends of a client, of every kind, while sixteen threads tell: whatever a call accepted before is there
// afterwards, nothing of the host's is called any more, and nobody waits for ever. For the sanitizers above all.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "guidon/guidon.h"
#include "tests/unit/client/teardown_world.h"
#include "tests/unit/client/world.h"

namespace guidon::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr Flag<bool> kSharing{"sharing", false};

// Draws prompts until its client is closed. Called on the pump.
class NotedHost final : public PromptHost {
 public:
  explicit NotedHost(Calls* calls) : calls_(calls) {}
  std::vector<std::string> Kinds() const override {
    calls_->Note();
    return {"tooltip"};
  }
  Admission MayPresent(const Prompt&) override {
    calls_->Note();
    return Admission::kNow;
  }
  void Present(const Prompt&, PromptLease lease) override {
    calls_->Note();
    const std::lock_guard<std::mutex> lock(mutex_);
    lease.Presented();
    lease_.emplace(std::move(lease));
  }
  void Retract(std::string_view) override { calls_->Note(); }

 private:
  Calls* const calls_;
  std::mutex mutex_;
  std::optional<PromptLease> lease_;  // outlives the client
};

// One client to be torn down.
struct Round {
  explicit Round(int the_number, bool is_mute) : number(the_number), host(&calls) {
    options = device.Rules();
    platform = device.Threaded(&calls, is_mute);
  }

  void Open() {
    client = Client::Open(options, platform);
    seen = client->OnEvent(nullptr, [this](const EventRecord&) {
      calls.Note();
      if (on_event) on_event();
    });
    client->SetPromptHost(&host);
    decision.emplace(client->Decide(kSharing));
  }
  // Notes what has been told by now, and ends the client. From any thread.
  FlushReport Close(Duration deadline) {
    Begin();
    const FlushReport report = client->Close(deadline);
    End();
    return report;
  }
  void Begin() {
    const std::lock_guard<std::mutex> lock(mutex);
    if (!told_before) told_before = tellers->Told();
    is_closing = true;
  }
  void End() { calls.is_over.store(true, std::memory_order_release); }
  // Runs `step` on another thread as soon as the client is about to be closed.
  std::thread WhileClosing(std::function<void()> step) {
    return std::thread([this, step = std::move(step)] {
      while (!is_closing) std::this_thread::yield();
      for (int i = 0; i < number % 50; ++i) std::this_thread::yield();
      step();
    });
  }

  const int number;
  Calls calls;
  NotedHost host;
  TornDevice device;
  Options options;
  Platform platform;
  Tellers* tellers = nullptr;
  std::function<void()> on_event;  // set before Open
  std::shared_ptr<Client> client;
  Subscription seen;
  std::optional<Decision> decision;
  std::mutex mutex;
  std::optional<std::vector<std::int64_t>> told_before;
  std::atomic<bool> is_closing{false};
  std::atomic<bool> has_begun{false};  // the callback that ends it
  std::atomic<bool> has_ended{false};
};

struct Kind {
  std::string name;
  std::function<void(Round&)> tear_down;
  enum class Server { kAnswers, kMute } server = Server::kAnswers;
  enum class Keeps { kAll, kWhatConsentLets } keeps = Keeps::kAll;
};

void OpenAndTell(Round& round) {
  round.Open();
  round.tellers->Begin(round.client);
}

void CloseWithARequestUnderWay(Round& round) {
  OpenAndTell(round);
  round.device.http->AwaitStart();
  (void)round.Close(minutes(1));
}

void CloseBeforeAMuteServer(Round& round) {
  OpenAndTell(round);
  round.device.http->AwaitStart();
  (void)round.Close(milliseconds(round.number % 3));
}

void CloseWithinACommit(Round& round) {
  round.device.storage->Hold();
  OpenAndTell(round);
  (void)round.client->Flush(Duration(0));
  round.device.storage->AwaitHeldCommit();
  std::thread disk = round.WhileClosing([&] { round.device.storage->Release(); });
  (void)round.Close(round.number % 2 == 0 ? Duration(minutes(1)) : milliseconds(1));
  disk.join();
}

void CloseTwice(Round& round) {
  OpenAndTell(round);
  std::thread other = round.WhileClosing([&] { (void)round.client->Close(minutes(1)); });
  (void)round.Close(minutes(1));
  other.join();
  CHECK(round.client->Close(minutes(1)).in_time);
}

void CloseWithinACallback(Round& round) {
  round.on_event = [&round] {
    if (round.has_begun.exchange(true)) return;
    (void)round.Close(minutes(1));
    round.has_ended = true;
  };
  OpenAndTell(round);
  while (!round.has_ended) std::this_thread::yield();
}

void DropWithoutClose(Round& round) {
  OpenAndTell(round);
  round.Begin();
  round.client.reset();
  round.tellers->AwaitEnd();  // the last of seventeen lets go
  round.End();
}

void DropWithinACallback(Round& round) {
  round.on_event = [&round] {
    if (round.has_begun.exchange(true)) return;
    round.Begin();
    round.client.reset();
    round.has_ended = true;
  };
  OpenAndTell(round);
  while (!round.has_ended) std::this_thread::yield();
}

void CloseAtOnce(Round& round) {
  round.Open();
  (void)round.Close(round.number % 2 == 0 ? Duration(0) : Duration(minutes(1)));
  round.tellers->Begin(round.client);
}

void CloseWithoutTime(Round& round) {
  OpenAndTell(round);
  (void)round.Close(Duration(0));
}

void CloseWhileConsentIsWithdrawn(Round& round) {
  OpenAndTell(round);
  std::thread person = round.WhileClosing([&] { round.client->SetConsent(Consent::kDenied); });
  (void)round.Close(minutes(1));
  person.join();
}

void CloseWhileOthersWait(Round& round) {
  OpenAndTell(round);
  Status durable;
  std::thread flush([&] { (void)round.client->Flush(minutes(1)); });
  std::thread ready([&] { (void)round.client->WaitUntilReady(minutes(1)); });
  std::thread teller([&] { durable = round.client->TrackDurable("tick", {{"n", -2}}, minutes(1)); });
  (void)round.Close(minutes(1));
  flush.join();
  ready.join();
  teller.join();
  if (durable.ok()) round.told_before->push_back(-2);
}

void CloseWhileAllChanges(Round& round) {
  OpenAndTell(round);
  auto changes = round.client->OnChange("sharing", nullptr, [&](const Change&) { round.calls.Note(); });
  std::thread changer = round.WhileClosing([&] {
    round.client->Identify(Context().Unit("account", round.number));
    (void)round.client->overrides().ForceFlag("sharing", Value(false));
    round.client->OnBackground();
    round.client->OnForeground();
    round.client->SetNetwork(NetworkCost::kMetered);
    round.client->Logout();
    (void)round.client->status();
    (void)round.client->DecideAll();
    (void)round.client->ExplainPrompt("at-a-tick");
  });
  std::thread watcher = round.WhileClosing([&] {
    round.client->SetPromptHost(nullptr);
    round.seen.Cancel();
    changes.Cancel();
  });
  (void)round.Close(minutes(1));
  changer.join();
  watcher.join();
}

void CloseWhatTheHostTurns(Round& round) {
  round.platform.waker = nullptr;
  OpenAndTell(round);
  std::atomic<bool> is_over{false};
  const auto turn = [&](Lane lane) {
    while (!is_over) {
      (void)round.client->Pump(lane, milliseconds(1));
      std::this_thread::yield();
    }
  };
  std::thread logic([&] { turn(Lane::kLogic); });
  std::thread disk([&] { turn(Lane::kDisk); });
  (void)round.Close(minutes(1));
  is_over = true;
  logic.join();
  disk.join();
}

const Kind kKinds[] = {
    {"closed with a request under way", CloseWithARequestUnderWay},
    {"closed before a server that says nothing", CloseBeforeAMuteServer, Kind::Server::kMute},
    {"closed within a commit, by a disk that takes its time", CloseWithinACommit},
    {"closed twice, and by two threads", CloseTwice},
    {"closed within its own callback", CloseWithinACallback},
    {"dropped without being closed", DropWithoutClose},
    {"dropped within its own callback", DropWithinACallback},
    {"closed as soon as it was opened", CloseAtOnce},
    {"closed without any time", CloseWithoutTime},
    {"closed while consent is withdrawn", CloseWhileConsentIsWithdrawn, Kind::Server::kAnswers,
     Kind::Keeps::kWhatConsentLets},
    {"closed while others wait for it", CloseWhileOthersWait},
    {"closed while all around it changes", CloseWhileAllChanges},
    {"closed while two threads turn its pump", CloseWhatTheHostTurns},
};

// Until the client has let go of its ports, which it does at the end of the turn in which it was dropped.
void LetGo(Round& round) {
  round.client.reset();
  round.decision.reset();
  const std::weak_ptr<Log> port = round.platform.log;
  round.platform = Platform();
  while (!port.expired()) std::this_thread::yield();
}

// What the next client on the device finds, and what arrives.
void CheckWhatIsLeft(Round& round, const Kind& kind) {
  const Ledger ledger = round.device.Deliver();
  std::uint64_t lost = 0;
  for (const Ledger::Loss& loss : ledger.lost) lost += loss.count;
  CHECK(ledger.pending == 0);
  CHECK(ledger.accepted == ledger.delivered + lost);
  CHECK(round.device.collected.HighestTick() < Tellers::kThreads * Tellers::kTicks);
  if (kind.keeps == Kind::Keeps::kWhatConsentLets) return;
  CHECK(lost == 0);
  CHECK(ledger.delivered == round.device.collected.events());
  std::size_t missing = 0;
  for (const std::int64_t tick : *round.told_before)
    if (!round.device.collected.Has(tick)) ++missing;
  CHECK(missing == 0);
}

TEST_CASE("whatever was accepted outlives every end of a client, and nothing is called after it") {
  Tellers tellers;
  Watchdog watchdog;
  const char* const is_long = std::getenv("GUIDON_LONG");
  const int rounds =
      (is_long != nullptr && is_long[0] == '1' ? 10'000 : 1'000) / static_cast<int>(std::size(kKinds)) + 1;
  for (int number = 0; number < rounds; ++number) {
    for (const Kind& kind : kKinds) {
      CAPTURE(kind.name);
      CAPTURE(number);
      watchdog.Begin(kind.name, number);
      Round round(number, kind.server == Kind::Server::kMute);
      round.tellers = &tellers;
      tellers.Forget();
      kind.tear_down(round);
      tellers.AwaitEnd();
      if (round.client != nullptr) CHECK(round.client->Get(kSharing) == kSharing.fallback);
      round.decision->Expose();
      LetGo(round);
      CheckWhatIsLeft(round, kind);
      CHECK(round.calls.late == 0);
    }
  }
}

}  // namespace
}  // namespace guidon::test
