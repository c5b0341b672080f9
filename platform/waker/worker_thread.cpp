#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "guidon/platform_parts.h"
#include "platform/hosts/posix/quiet_thread.h"

namespace guidon {
namespace {

// The condition variable's clock stands still while the device sleeps, the port's does not. So no wait is longer than
// this, and a wish that came due asleep is at most this late.
constexpr Duration kLongestWait = std::chrono::seconds(60);
constexpr MonoTime kNever = MonoTime::max();

// What the thread and its owner share. The thread holds on to it, since the owner may go in the midst of a turn.
struct Shared {
  explicit Shared(std::shared_ptr<Clock> the_clock) : clock(std::move(the_clock)) {}

  const std::shared_ptr<Clock> clock;
  std::mutex mutex;
  std::condition_variable changed;
  // Guarded by the mutex.
  MonoTime wish = kNever;
  bool stopping = false;
  bool finished = false;  // no turn is running nor will, and the function is gone with all it holds
};

// True when a turn is due, false when stopped.
bool AwaitTurn(Shared* shared) {
  std::unique_lock<std::mutex> lock(shared->mutex);
  while (!shared->stopping) {
    const MonoTime now = shared->clock->Monotonic();
    if (shared->wish <= now) {
      shared->wish = kNever;
      return true;
    }
    if (shared->wish == kNever) {
      shared->changed.wait(lock);
    } else {
      shared->changed.wait_for(lock, std::min(shared->wish - now, kLongestWait));
    }
  }
  return false;
}

void RunTurns(const std::shared_ptr<Shared>& shared, std::function<MonoTime()> turn) {
  BlockSignals();
  while (AwaitTurn(shared.get())) {
    const MonoTime next = turn();
    std::lock_guard<std::mutex> lock(shared->mutex);
    shared->wish = std::min(shared->wish, next);
  }
  turn = nullptr;
  std::lock_guard<std::mutex> lock(shared->mutex);
  shared->finished = true;
  shared->changed.notify_all();
}

class Worker final : public Waker {
 public:
  explicit Worker(std::shared_ptr<Clock> clock) : shared_(std::make_shared<Shared>(std::move(clock))) {}

  ~Worker() override {
    Stop();
    // Still joinable only when this runs within the last turn.
    if (thread_.joinable()) thread_.detach();
  }

  void Start(std::function<MonoTime()> turn) override {
    std::lock_guard<std::mutex> lock(shared_->mutex);
    if (shared_->stopping || thread_.joinable()) return;
    try {
      thread_ = std::thread(RunTurns, shared_, std::move(turn));
    } catch (const std::system_error&) {
      // The system has no thread to give: nothing is ever turned, and facts wait in their bounded inbox.
      shared_->finished = true;
    }
  }

  void WakeAt(MonoTime when) noexcept override {
    std::lock_guard<std::mutex> lock(shared_->mutex);
    if (when >= shared_->wish) return;
    shared_->wish = when;
    shared_->changed.notify_all();
  }

  void Stop() noexcept override {
    std::thread ended;
    {
      std::unique_lock<std::mutex> lock(shared_->mutex);
      shared_->stopping = true;
      shared_->changed.notify_all();
      if (!thread_.joinable() || thread_.get_id() == std::this_thread::get_id()) return;
      shared_->changed.wait(lock, [this] { return shared_->finished; });
      ended = std::move(thread_);  // of several that wait here, one joins
    }
    if (ended.joinable()) ended.join();
  }

 private:
  const std::shared_ptr<Shared> shared_;
  std::thread thread_;  // guarded by the shared mutex
};

}  // namespace

std::shared_ptr<Waker> WorkerThread(std::shared_ptr<Clock> clock) {
  return std::make_shared<Worker>(clock ? std::move(clock) : SystemClock());
}

}  // namespace guidon
