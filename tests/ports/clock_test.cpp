#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "guidon/platform_parts.h"

namespace guidon {
namespace {

std::int64_t WallMs() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()).time_since_epoch().count();
}

// Sets TZ for as long as it lives.
class Zone {
 public:
  explicit Zone(const char* zone) {
    if (const char* before = getenv("TZ")) before_ = before;
    setenv("TZ", zone, 1);
  }
  ~Zone() {
    if (before_.empty()) {
      unsetenv("TZ");
    } else {
      setenv("TZ", before_.c_str(), 1);
    }
  }

 private:
  std::string before_;
};

TEST_CASE("the wall clock is the system's") {
  const auto clock = SystemClock();
  const std::int64_t before = WallMs();
  const std::int64_t now = ToMs(clock->Now());
  const std::int64_t after = WallMs();
  CHECK(before <= now);
  CHECK(now <= after);
}

TEST_CASE("threads ask for the offset at once") {
  // ThreadSanitizer runs this suite. Without TZ, the C library reads its zone anew at every call.
  const auto clock = SystemClock();
  const Duration expected = clock->UtcOffset(clock->Now());
  std::atomic<int> same{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 100; ++n) same += clock->UtcOffset(clock->Now()) == expected ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(same == 400);
}

TEST_CASE("a copy of the process knows its offset, whatever another thread was asking when it was forked") {
  const auto clock = SystemClock();
  std::atomic<bool> is_over{false};
  std::thread asks([&] {
    while (!is_over) (void)clock->UtcOffset(clock->Now());
  });
  int answered = 0;
  for (int i = 0; i < 200; ++i) {
    const pid_t copy = fork();
    if (copy == 0) {
      alarm(60);  // what hangs is ended, and found
      (void)clock->UtcOffset(Timestamp());
      _exit(0);
    }
    int status = 1;
    REQUIRE(waitpid(copy, &status, 0) == copy);
    if (status != 0) break;
    ++answered;
  }
  is_over = true;
  asks.join();
  CHECK(answered == 200);
}

TEST_CASE("monotonic time never goes back, also between two clocks") {
  const auto first = SystemClock();
  const auto second = SystemClock();
  MonoTime last{};
  for (int i = 0; i < 1000; ++i) {
    const MonoTime now = (i % 2 == 0 ? first : second)->Monotonic();
    REQUIRE(now >= last);
    last = now;
  }
  CHECK(last > MonoTime());
}

#if defined(__linux__)
TEST_CASE("the boot id is the kernel's") {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string expected;
  std::getline(file, expected);
  CHECK(SystemClock()->BootId() == expected);
}
#endif

TEST_CASE("the offset from UTC is that of the zone, at that instant, also after the zone changed") {
  const auto clock = SystemClock();
  const Timestamp winter = TimestampFromMs(1'767'225'600'000);  // 2026-01-01
  const Timestamp summer = TimestampFromMs(1'782'864'000'000);  // 2026-07-01
  struct Row {
    const char* zone;
    int winter_minutes;
    int summer_minutes;
  };
  const Row rows[] = {
      {"UTC0", 0, 0},
      {"IST-5:30", 330, 330},
      {"CET-1CEST,M3.5.0,M10.5.0/3", 60, 120},
      {"NST3:30NDT,M3.2.0,M11.1.0", -210, -150},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.zone));
    const Zone zone(row.zone);
    CHECK(clock->UtcOffset(winter) == std::chrono::minutes(row.winter_minutes));
    CHECK(clock->UtcOffset(summer) == std::chrono::minutes(row.summer_minutes));
  }
}

TEST_CASE("a change of offset takes effect in its very millisecond") {
  const Zone zone("CET-1CEST,M3.5.0,M10.5.0/3");
  const auto clock = SystemClock();
  const std::int64_t spring_ms = 1'774'746'000'000;  // 2026-03-29T01:00:00Z
  CHECK(clock->UtcOffset(TimestampFromMs(spring_ms - 1)) == std::chrono::hours(1));
  CHECK(clock->UtcOffset(TimestampFromMs(spring_ms)) == std::chrono::hours(2));
}

}  // namespace
}  // namespace guidon
