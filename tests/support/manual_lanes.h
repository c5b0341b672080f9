// The two lanes, turned by the test in its own thread. Timers stand on the fake clock, so a month passes in no time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "sdk/core/base/lanes.h"
#include "tests/support/fake_clock.h"

namespace guidon::test {

// Tasks may be posted from any thread; the rest is for the test's thread.
class ManualLanes final : public Lanes {
 public:
  explicit ManualLanes(FakeClock* clock) : clock_(clock) {}

  void PostLogic(Task task) override;
  void PostDisk(Task task) override;
  void PostLogicAt(MonoTime when, Task task) override;

  // Runs what is due now and whatever that posts, logic before disk, until nothing is due; the clock stands still.
  // Returns how many tasks ran. Tasks that keep posting each other for ever fail the test.
  std::size_t RunReady();
  // One lane only, the same way.
  std::size_t RunLogic();
  std::size_t RunDisk();

  // Moves the clock to the next timer and runs what is due then. False, and nothing done, when there is no timer.
  bool AdvanceToNextTimer();
  // Lets exactly `by` pass, stopping at every timer on the way.
  void RunFor(Duration by);
  // Runs timer after timer until neither task nor timer is left, but lets at most `most` pass. True when idle.
  bool RunUntilIdle(Duration most);

  std::optional<MonoTime> NextTimer() const;
  std::size_t logic_size() const;
  std::size_t disk_size() const;
  std::size_t timer_count() const;

  // As a closed client, or a process that was killed: drops every task and timer unrun, and all that are posted later.
  void Close();

 private:
  bool TakeLogic(Task* task);
  bool TakeDisk(Task* task);

  FakeClock* clock_;
  mutable std::mutex mutex_;
  bool closed_ = false;
  std::deque<Task> logic_;
  std::deque<Task> disk_;
  std::uint64_t timers_made_ = 0;
  std::map<std::pair<MonoTime, std::uint64_t>, Task> timers_;  // equal times run in the order they were posted
};

}  // namespace guidon::test
