#include "sdk/client/pump.h"

#include <algorithm>
#include <chrono>

namespace guidon::client {
namespace {

constexpr MonoTime kNoWish = MonoTime::max();

}  // namespace

void Pump::PostLogic(Task task) { Post(&logic_, std::move(task)); }
void Pump::PostDisk(Task task) { Post(&disk_, std::move(task)); }

void Pump::Post(std::deque<Task>* lane, Task task) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (is_closed_) return;
    lane->push_back(std::move(task));
    ++changes_;
  }
  changed_.notify_all();
  Wake(MonoTime());
}

void Pump::PostLogicAt(MonoTime when, Task task) {
  PostSharedLogicAt(when, std::make_shared<const Task>(std::move(task)));
}

// Allocates only where the queue outgrows its room.
void Pump::PostSharedLogicAt(MonoTime when, std::shared_ptr<const Task> task) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (is_closed_) return;
    timers_.push({when, timers_made_++, std::move(task)});
    ++changes_;
  }
  changed_.notify_all();
  Wake(when);
}

void Pump::Wake(MonoTime when) {
  if (waker_) waker_->WakeAt(when);
}

void Pump::MoveDueTimers() {
  const MonoTime now = clock_->Monotonic();
  while (!timers_.empty() && timers_.top().when <= now) {
    logic_.push_back([task = timers_.top().task] { (*task)(); });
    timers_.pop();
  }
}

bool Pump::Take(std::deque<Task>* lane, Task* task) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (is_closed_) return false;
  if (lane == &logic_) MoveDueTimers();
  if (lane->empty()) return false;
  *task = std::move(lane->front());
  lane->pop_front();
  return true;
}

MonoTime Pump::NextWish() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (is_closed_) return kNoWish;
  if (!logic_.empty() || !disk_.empty()) return MonoTime();
  return timers_.empty() ? kNoWish : timers_.top().when;
}

MonoTime Pump::Turn(bool disk, Duration budget) {
  // Somebody else is turning this lane (a waiting call next to the host's own loop): its tasks still run one at a time.
  const std::unique_lock<std::recursive_mutex> turning(disk ? disk_turn_ : logic_turn_, std::try_to_lock);
  if (!turning.owns_lock()) return NextWish();
  std::deque<Task>* lane = disk ? &disk_ : &logic_;
  std::thread::id* own = disk ? &disk_thread_ : &logic_thread_;
  std::thread::id before;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    before = *own;
    *own = std::this_thread::get_id();
  }
  const MonoTime end = clock_->Monotonic() + budget;
  Task task;
  while (Take(lane, &task)) {
    task();
    task = nullptr;  // what it holds goes before the next one runs
    if (clock_->Monotonic() >= end && budget != Duration::max()) break;
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    *own = before;
  }
  return NextWish();
}

MonoTime Pump::TurnAll() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    waker_thread_ = std::this_thread::get_id();
  }
  return TurnLanes();
}

MonoTime Pump::TurnLanes() {
  // Generous, and finite: the waker gets a word in between.
  constexpr Duration kSlice = std::chrono::milliseconds(50);
  MonoTime next = MonoTime();
  for (int i = 0; i < 64 && next == MonoTime(); ++i) {
    Turn(false, kSlice);
    next = Turn(true, kSlice);
  }
  return next;
}

bool Pump::IsTurning() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto self = std::this_thread::get_id();
  return logic_thread_ == self || disk_thread_ == self;
}

bool Pump::IsWakersThread() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return waker_thread_ == std::this_thread::get_id();
}

void Pump::Notify() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++changes_;
  }
  changed_.notify_all();
}

bool Pump::WaitUntil(MonoTime deadline, const std::function<bool()>& done) {
  const bool turns_itself = waker_ == nullptr || IsTurning() || IsWakersThread();
  // The platform's clock may stand still (a test's); real time then bounds the wait.
  const auto real_deadline = std::chrono::steady_clock::now() + std::max(Duration(0), deadline - clock_->Monotonic());
  while (true) {
    std::uint64_t seen = 0;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      seen = changes_;
    }
    if (turns_itself) {
      TurnLanes();
      if (done()) return true;
      if (http_ != nullptr) http_->Turn();
      TurnLanes();
    }
    if (done()) return true;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (is_closed_) return false;
    }
    const auto real_now = std::chrono::steady_clock::now();
    if (clock_->Monotonic() >= deadline || real_now >= real_deadline) return false;
    // Timers move by the platform's clock, which nobody can wait on: look again soon.
    const auto soon = std::min(real_deadline, real_now + std::chrono::milliseconds(turns_itself ? 2 : 20));
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait_until(lock, soon, [&] { return changes_ != seen; });
  }
}

void Pump::Close() {
  std::deque<Task> logic, disk;
  std::priority_queue<Timer> timers;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_closed_ = true;
    // Dropped without the lock: what tasks hold may call back.
    logic.swap(logic_);
    disk.swap(disk_);
    timers.swap(timers_);
    ++changes_;
  }
  changed_.notify_all();
}

}  // namespace guidon::client
