#include <doctest/doctest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "guidon/platform_parts.h"

namespace guidon {
namespace {

constexpr MonoTime kNever = MonoTime::max();

// Counts turns; the test waits for as many as it expects.
class Turns {
 public:
  void Add() {
    std::lock_guard<std::mutex> lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  void Await(int count) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return count_ >= count; });
  }
  int count() {
    std::lock_guard<std::mutex> lock(mutex_);
    return count_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

TEST_CASE("a time that has passed means at once, and each wish is one turn") {
  Turns turns;
  const auto waker = WorkerThread();
  waker->Start([&] {
    turns.Add();
    return kNever;
  });
  for (int i = 1; i <= 3; ++i) {
    waker->WakeAt(MonoTime());
    turns.Await(i);
  }
  waker->Stop();
  CHECK(turns.count() == 3);
}

TEST_CASE("the earliest wish counts, and no turn comes before its time") {
  const auto clock = SystemClock();
  const auto waker = WorkerThread(clock);
  Turns turns;
  MonoTime called{};
  waker->Start([&] {
    called = clock->Monotonic();
    turns.Add();
    return kNever;
  });
  const MonoTime soon = clock->Monotonic() + Duration(30);
  waker->WakeAt(soon + std::chrono::hours(24));
  waker->WakeAt(soon);
  waker->WakeAt(soon + std::chrono::hours(1));
  turns.Await(1);
  waker->Stop();
  CHECK(called >= soon);
  CHECK(turns.count() == 1);
}

TEST_CASE("what a turn returns, and what is wished meanwhile, wakes it again") {
  Turns turns;
  const auto waker = WorkerThread();
  waker->Start([&] {
    turns.Add();
    const int count = turns.count();
    if (count == 1) return MonoTime();
    if (count == 2) waker->WakeAt(MonoTime());
    return kNever;
  });
  waker->WakeAt(MonoTime());
  turns.Await(3);
  waker->Stop();
  CHECK(turns.count() == 3);
}

TEST_CASE("after Stop no turn is running, and none comes") {
  for (int i = 0; i < 50; ++i) {
    auto in_turn = std::make_shared<bool>(false);
    Turns turns;
    const auto waker = WorkerThread();
    waker->Start([&turns, in_turn] {
      *in_turn = true;
      turns.Add();
      std::this_thread::yield();
      *in_turn = false;
      return MonoTime();
    });
    waker->WakeAt(MonoTime());
    turns.Await(1);
    waker->Stop();
    REQUIRE(!*in_turn);
    const int count = turns.count();
    waker->WakeAt(MonoTime());
    waker->Stop();
    REQUIRE(turns.count() == count);
    // What the function held on to is let go.
    REQUIRE(in_turn.use_count() == 1);
  }
}

TEST_CASE("Stop from within a turn makes it the last") {
  Turns turns;
  const auto waker = WorkerThread();
  waker->Start([&] {
    waker->Stop();
    turns.Add();
    return MonoTime();
  });
  waker->WakeAt(MonoTime());
  turns.Await(1);
  waker->Stop();
  CHECK(turns.count() == 1);
}

struct AtEnd {
  explicit AtEnd(Turns* the_gone) : gone(the_gone) {}
  ~AtEnd() { gone->Add(); }
  Turns* gone;
};

TEST_CASE("the waker may go in the midst of its own turn") {
  Turns turns;
  Turns let_go;
  Turns gone;
  auto waker = std::make_shared<std::shared_ptr<Waker>>(WorkerThread());
  auto at_end = std::make_shared<AtEnd>(&gone);
  (*waker)->Start([&turns, &let_go, waker, at_end] {
    let_go.Await(1);
    waker->reset();
    turns.Add();
    return MonoTime();
  });
  at_end.reset();
  (*waker)->WakeAt(MonoTime());
  let_go.Add();
  gone.Await(1);
  CHECK(turns.count() == 1);
}

TEST_CASE("a waker that was never started stops, too") {
  const auto waker = WorkerThread();
  waker->Stop();
  waker->Stop();
  waker->WakeAt(MonoTime());
}

TEST_CASE("several threads may stop it at once") {
  Turns turns;
  const auto waker = WorkerThread();
  waker->Start([&] {
    turns.Add();
    return MonoTime();
  });
  waker->WakeAt(MonoTime());
  turns.Await(1);
  std::vector<std::thread> threads;
  std::vector<int> counts(4);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    threads.emplace_back([&, i] {
      waker->Stop();
      counts[i] = turns.count();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int count : counts) CHECK(count == turns.count());
}

}  // namespace
}  // namespace guidon
