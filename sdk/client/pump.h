// The client's two lanes and its timers. All work but reading decisions and appending facts happens in here, in order,
// so the rooms it serves need no lock. Turned by a Waker's thread, or by the host.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

#include "guidon/ports/clock.h"
#include "guidon/ports/http.h"
#include "guidon/ports/waker.h"
#include "guidon/time.h"
#include "sdk/core/base/lanes.h"

namespace guidon::client {

class Pump final : public Lanes {
 public:
  explicit Pump(std::shared_ptr<Clock> clock, std::shared_ptr<Waker> waker)
      : clock_(std::move(clock)), waker_(std::move(waker)), timers_(std::less<Timer>(), WithRoom()) {}

  // Goes on while somebody waits (Http::Turn). Before anything else is called.
  void UseNetwork(std::shared_ptr<Http> http) { http_ = std::move(http); }

  void PostLogic(Task task) override;
  void PostDisk(Task task) override;
  void PostLogicAt(MonoTime when, Task task) override;
  void PostSharedLogicAt(MonoTime when, std::shared_ptr<const Task> task) override;

  // Runs what is due in one lane, until nothing is or about `budget` has passed. When it wants to be turned next.
  MonoTime Turn(bool disk, Duration budget);
  // Both lanes, until nothing is due. For the waker.
  MonoTime TurnAll();

  // Waits until `done` holds, at most until `deadline`; true when it does. `done` is asked under a lock of its own and
  // must be quick. Turns the pump itself where nobody else does: without a waker, from one of the pump's own callbacks,
  // or on the thread on which the waker turns it, such as a UI's.
  bool WaitUntil(MonoTime deadline, const std::function<bool()>& done);
  // Something a waiter may be waiting for has changed.
  void Notify();

  // Whether the calling thread is inside a task.
  bool IsTurning() const;

  // Drops all tasks and timers, and those that come later.
  void Close();

 private:
  struct Timer {
    MonoTime when;
    std::uint64_t order;  // equal times run in the order they were posted
    std::shared_ptr<const Task> task;
    bool operator<(const Timer& other) const noexcept {
      return when != other.when ? when > other.when : order > other.order;
    }
  };
  // For as many timers as there are on most days: whoever tells an event waits for no allocation.
  static std::vector<Timer> WithRoom() {
    std::vector<Timer> timers;
    timers.reserve(64);
    return timers;
  }
  void Post(std::deque<Task>* lane, Task task);
  MonoTime TurnLanes();
  bool IsWakersThread() const;
  void MoveDueTimers();
  bool Take(std::deque<Task>* lane, Task* task);
  MonoTime NextWish() const;
  void Wake(MonoTime when);

  const std::shared_ptr<Clock> clock_;
  const std::shared_ptr<Waker> waker_;  // null: the host turns
  std::shared_ptr<Http> http_;          // null: none
  std::recursive_mutex logic_turn_;     // held while a lane is turned; again by a callback that waits
  std::recursive_mutex disk_turn_;
  mutable std::mutex mutex_;  // taken last: nothing else is locked under it
  std::condition_variable changed_;
  std::deque<Task> logic_;
  std::deque<Task> disk_;
  std::priority_queue<Timer> timers_;
  std::uint64_t timers_made_ = 0;
  std::uint64_t changes_ = 0;
  std::thread::id logic_thread_;
  std::thread::id disk_thread_;
  std::thread::id waker_thread_;  // that turned the pump last
  bool is_closed_ = false;
};

}  // namespace guidon::client
