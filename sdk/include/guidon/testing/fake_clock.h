// A clock that stands still until the test moves it. Most tests say TestClient::Advance, which also does what becomes
// due on the way; what is here moves the clock alone, as on a device that sleeps.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "guidon/ports/clock.h"

namespace guidon::testing {

// Any thread.
class FakeClock final : public Clock {
 public:
  // 2026-11-21T10:00:00Z, a Saturday.
  static constexpr Timestamp kStart = TimestampFromMs(1'795'255'200'000);

  explicit FakeClock(Timestamp start = kStart) noexcept : wall_(ToMs(start)) {}

  Timestamp Now() noexcept override { return TimestampFromMs(wall_); }
  MonoTime Monotonic() noexcept override { return MonoTime(Duration(mono_)); }
  std::string BootId() override { return "boot-" + std::to_string(boot_); }
  Duration UtcOffset(Timestamp) noexcept override { return Duration(utc_offset_); }

  // Time passes, and nobody is awake.
  void Advance(Duration by) noexcept {
    wall_ += by.count();
    mono_ += by.count();
  }
  // Somebody sets the device's clock, to a time or on by so much, back where it is below 0: no time passes.
  void SetWall(Timestamp wall) noexcept { wall_ = ToMs(wall); }
  void AdvanceWall(Duration by) noexcept { wall_ += by.count(); }
  // What local time is ahead of UTC by; 0 at first.
  void SetUtcOffset(Duration offset) noexcept { utc_offset_ = offset.count(); }
  // The device starts again.
  void Reboot() noexcept {
    ++boot_;
    mono_ = 1'000;
  }

 private:
  std::atomic<std::int64_t> wall_;
  std::atomic<std::int64_t> mono_{3'600'000};
  std::atomic<std::int64_t> utc_offset_{0};
  std::atomic<int> boot_{1};
};

}  // namespace guidon::testing
