#include "platform/http/request_thread.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "platform/hosts/posix/quiet_thread.h"

namespace guidon {
namespace {

constexpr Duration kLongestWait = std::chrono::hours(24);
constexpr Duration kDestructorWait = std::chrono::seconds(1);

struct Request {
  std::uint64_t id = 0;
  HttpRequest request;
  std::shared_ptr<HttpSink> sink;
};

// What the thread and the port share. The thread holds on to it, since it may outlive the port by a sink that blocks.
struct Shared {
  std::mutex mutex;
  std::condition_variable ended;
  // Guarded by the mutex; the engine itself belongs to the thread while there is one.
  std::unique_ptr<HttpEngine> engine;
  std::vector<Request> starting;
  std::vector<std::uint64_t> cancelled;
  bool is_stopping = false;
  bool is_running = false;
};

// False when there is nothing left to do: from then on the thread touches nothing.
bool TakeOrders(Shared* shared, bool is_busy, std::vector<Request>* starting, std::vector<std::uint64_t>* cancelled,
                bool* is_stopping) {
  std::lock_guard<std::mutex> lock(shared->mutex);
  starting->swap(shared->starting);
  cancelled->swap(shared->cancelled);
  *is_stopping = shared->is_stopping;
  if (is_busy || !starting->empty()) return true;
  shared->is_running = false;
  shared->ended.notify_all();
  return false;
}

void RunRequests(const std::shared_ptr<Shared>& shared) {
  BlockSignals();
  HttpEngine* const engine = shared->engine.get();
  bool is_busy = false;
  for (;;) {
    std::vector<Request> starting;
    std::vector<std::uint64_t> cancelled;
    bool is_stopping = false;
    if (!TakeOrders(shared.get(), is_busy, &starting, &cancelled, &is_stopping)) return;
    for (Request& each : starting) engine->Begin(each.id, std::move(each.request), std::move(each.sink));
    for (const std::uint64_t id : cancelled) engine->Cancel(id);
    if (is_stopping) engine->CancelAll();
    is_busy = engine->Turn();
  }
}

class ThreadedHttp final : public Http {
 public:
  ThreadedHttp(std::unique_ptr<HttpEngine> engine, std::shared_ptr<Clock> clock)
      : clock_(std::move(clock)), shared_(std::make_shared<Shared>()) {
    shared_->engine = std::move(engine);
  }

  ~ThreadedHttp() override {
    StopWithin(kDestructorWait);
    if (thread_.joinable()) thread_.detach();
  }

  void Start(std::uint64_t id, HttpRequest request, std::shared_ptr<HttpSink> sink) override {
    std::lock_guard<std::mutex> lock(shared_->mutex);
    if (shared_->is_stopping) return;
    shared_->starting.push_back({id, std::move(request), std::move(sink)});
    if (shared_->is_running) {
      shared_->engine->Wake();
      return;
    }
    if (thread_.joinable()) thread_.join();  // it has nothing left to do, and needs no lock for that
    try {
      thread_ = std::thread(RunRequests, shared_);
      shared_->is_running = true;
    } catch (const std::system_error&) {
      // No thread to be had now. The request waits for the next one to be started, or for Stop.
    }
  }

  void Cancel(std::uint64_t id) noexcept override {
    std::lock_guard<std::mutex> lock(shared_->mutex);
    std::vector<std::uint64_t>& cancelled = shared_->cancelled;
    if (!shared_->is_running || std::find(cancelled.begin(), cancelled.end(), id) != cancelled.end()) return;
    cancelled.push_back(id);
    shared_->engine->Wake();
  }

  bool Stop(MonoTime deadline) noexcept override {
    return StopWithin(std::min<Duration>(deadline - clock_->Monotonic(), kLongestWait));
  }

 private:
  bool StopWithin(Duration most) noexcept {
    std::thread ended;
    std::unique_ptr<HttpEngine> engine;
    std::vector<Request> never_started;
    {
      std::unique_lock<std::mutex> lock(shared_->mutex);
      shared_->is_stopping = true;
      if (shared_->is_running) {
        shared_->engine->Wake();
        if (thread_.get_id() == std::this_thread::get_id()) return false;
        if (!shared_->ended.wait_for(lock, most, [this] { return !shared_->is_running; })) return false;
      }
      ended = std::move(thread_);
      engine = std::move(shared_->engine);
      never_started.swap(shared_->starting);
    }
    if (ended.joinable()) ended.join();
    for (Request& each : never_started) each.sink->Done({Status(StatusCode::kClosed, "stopped")});
    return true;
  }

  const std::shared_ptr<Clock> clock_;
  const std::shared_ptr<Shared> shared_;
  std::thread thread_;  // guarded by the shared mutex
};

}  // namespace

std::shared_ptr<Http> OnRequestThread(std::unique_ptr<HttpEngine> engine, std::shared_ptr<Clock> clock) {
  return std::make_shared<ThreadedHttp>(std::move(engine), std::move(clock));
}

}  // namespace guidon
