// One device whose client is torn down on real threads, and the next client on it, which finds what was left.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "guidon/guidon.h"
#include "guidon/ports/http.h"
#include "guidon/ports/storage.h"
#include "tests/support/memory_files.h"

namespace guidon::test {

// Counts what is called though its client was closed.
struct Calls {
  std::atomic<bool> is_over{false};
  std::atomic<int> late{0};

  void Note() noexcept {
    if (is_over.load(std::memory_order_acquire)) ++late;
  }
};

// What arrived, each event once by its id.
class CollectedTicks {
 public:
  void Take(const std::string& body);
  std::size_t events() const;
  bool Has(std::int64_t tick) const;
  // Those above `most` were never told.
  std::int64_t HighestTick() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::int64_t> ticks_;  // by event id; -1: another event than a tick
};

// Answers on a thread of its own, or never.
class ThreadedAnswers final : public Http {
 public:
  using Handler = std::function<std::pair<int, std::string>(const HttpRequest&)>;
  ThreadedAnswers(Handler handler, Calls* calls, bool is_mute);
  ~ThreadedAnswers() override;

  void Start(std::uint64_t id, HttpRequest request, std::shared_ptr<HttpSink> sink) override;
  void Cancel(std::uint64_t id) noexcept override;
  bool Stop(MonoTime deadline) noexcept override;

  // Until a request was started.
  void AwaitStart();

 private:
  struct Pending {
    std::uint64_t id = 0;
    HttpRequest request;
    std::shared_ptr<HttpSink> sink;
    bool is_cancelled = false;
  };
  void Run();

  const Handler handler_;
  Calls* const calls_;
  const bool is_mute_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Pending> pending_;
  bool has_started_ = false;
  bool is_stopping_ = false;
  std::thread thread_;
};

// Passes on to another store; commits can be held up.
class HeldStorage final : public Storage {
 public:
  HeldStorage(std::shared_ptr<Storage> inner, Calls* calls) : inner_(std::move(inner)), calls_(calls) {}

  void Hold();
  void AwaitHeldCommit();
  void Release();

  void Open(std::function<void(Result<StorageOpened>)> done) override;
  void Commit(StorageBatch batch, std::function<void(Status)> done) override;
  void Read(std::string from, std::string to, std::size_t most_bytes,
            std::function<void(Result<std::vector<Row>>)> done) override;
  void EraseAll(std::function<void(Status)> done) override;
  void Close(std::function<void()> done) override;

 private:
  const std::shared_ptr<Storage> inner_;
  Calls* const calls_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_held_ = false;
  bool is_waiting_ = false;
};

// Everything that outlives a client.
struct TornDevice {
  TornDevice();
  ~TornDevice();
  TornDevice(const TornDevice&) = delete;  // owns a folder
  TornDevice& operator=(const TornDevice&) = delete;

  // Ports on real threads, around what lasts. `calls` and what is returned outlive the client.
  Platform Threaded(Calls* calls, bool is_mute);
  Options Rules() const;
  // What the collector does with a request, and the server of the datafile.
  std::pair<int, std::string> Answer(const HttpRequest& request);
  // A client on what is left, in this thread, until all of it is delivered. Its ledger then.
  Ledger Deliver();

  const std::string folder;  // of the journal
  const std::shared_ptr<Storage> disk;
  std::shared_ptr<MemoryFiles> files = std::make_shared<MemoryFiles>();
  CollectedTicks collected;
  // Of the client that was opened last.
  std::shared_ptr<ThreadedAnswers> http;
  std::shared_ptr<HeldStorage> storage;
};

// Sixteen threads that tell a few ticks each, all at once, round by round.
class Tellers {
 public:
  static constexpr int kThreads = 16;
  static constexpr int kTicks = 12;

  Tellers();
  ~Tellers();
  void Forget();  // what was told in earlier rounds
  void Begin(std::shared_ptr<Client> client);
  void AwaitEnd();  // nobody holds the client any more
  // The ticks whose calls have returned.
  std::vector<std::int64_t> Told() const;

 private:
  void Run(int thread);

  std::mutex mutex_;
  std::condition_variable changed_;
  int round_ = 0;
  int to_come_ = 0;
  int running_ = 0;
  bool is_over_ = false;
  std::shared_ptr<Client> client_;
  std::atomic<int> told_[kThreads] = {};
  std::vector<std::thread> threads_;
};

// Aborts, naming the case, when a round takes as long as only a deadlock would.
class Watchdog {
 public:
  Watchdog();
  ~Watchdog();
  void Begin(const std::string& name, int round);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string name_;
  int beat_ = 0;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace guidon::test
