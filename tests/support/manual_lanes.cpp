#include "tests/support/manual_lanes.h"

#include <doctest/doctest.h>

namespace guidon::test {
namespace {

constexpr std::size_t kMostTasks = 1'000'000;  // in one run; beyond it they are taken to post each other for ever

}  // namespace

void ManualLanes::PostLogic(Task task) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!closed_) logic_.push_back(std::move(task));
}

void ManualLanes::PostDisk(Task task) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!closed_) disk_.push_back(std::move(task));
}

void ManualLanes::PostLogicAt(MonoTime when, Task task) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!closed_) timers_.emplace(std::make_pair(when, ++timers_made_), std::move(task));
}

bool ManualLanes::TakeLogic(Task* task) {
  const MonoTime now = clock_->Monotonic();
  std::lock_guard<std::mutex> lock(mutex_);
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    logic_.push_back(std::move(timers_.begin()->second));
    timers_.erase(timers_.begin());
  }
  if (logic_.empty()) return false;
  *task = std::move(logic_.front());
  logic_.pop_front();
  return true;
}

bool ManualLanes::TakeDisk(Task* task) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (disk_.empty()) return false;
  *task = std::move(disk_.front());
  disk_.pop_front();
  return true;
}

std::size_t ManualLanes::RunLogic() {
  std::size_t count = 0;
  for (Task task; TakeLogic(&task); task = nullptr) {
    task();
    REQUIRE_MESSAGE(++count < kMostTasks, "the logic lane never comes to rest");
  }
  return count;
}

std::size_t ManualLanes::RunDisk() {
  std::size_t count = 0;
  for (Task task; TakeDisk(&task); task = nullptr) {
    task();
    REQUIRE_MESSAGE(++count < kMostTasks, "the disk lane never comes to rest");
  }
  return count;
}

std::size_t ManualLanes::RunReady() {
  std::size_t count = RunLogic();
  for (Task task; TakeDisk(&task); task = nullptr) {
    task();
    count += 1 + RunLogic();
    REQUIRE_MESSAGE(count < kMostTasks, "the lanes never come to rest");
  }
  return count;
}

std::optional<MonoTime> ManualLanes::NextTimer() const {
  std::lock_guard<std::mutex> lock(mutex_);
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first.first;
}

bool ManualLanes::AdvanceToNextTimer() {
  const std::optional<MonoTime> next = NextTimer();
  if (!next) return false;
  const MonoTime now = clock_->Monotonic();
  if (*next > now) clock_->Advance(*next - now);
  RunReady();
  return true;
}

void ManualLanes::RunFor(Duration by) {
  const MonoTime until = clock_->Monotonic() + by;
  RunReady();
  for (std::optional<MonoTime> next = NextTimer(); next && *next <= until; next = NextTimer()) AdvanceToNextTimer();
  clock_->Advance(until - clock_->Monotonic());
}

bool ManualLanes::RunUntilIdle(Duration most) {
  const MonoTime until = clock_->Monotonic() + most;
  RunReady();
  for (std::optional<MonoTime> next = NextTimer(); next; next = NextTimer()) {
    if (*next > until) return false;
    AdvanceToNextTimer();
  }
  return true;
}

std::size_t ManualLanes::logic_size() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return logic_.size();
}

std::size_t ManualLanes::disk_size() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return disk_.size();
}

std::size_t ManualLanes::timer_count() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return timers_.size();
}

void ManualLanes::Close() {
  // What tasks hold may post when it is destroyed, so that happens without the lock.
  std::deque<Task> logic;
  std::deque<Task> disk;
  std::map<std::pair<MonoTime, std::uint64_t>, Task> timers;
  std::lock_guard<std::mutex> lock(mutex_);
  closed_ = true;
  logic.swap(logic_);
  disk.swap(disk_);
  timers.swap(timers_);
}

}  // namespace guidon::test
