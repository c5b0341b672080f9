// A clock that stands still until the test moves it.
#pragma once

#include <mutex>
#include <string>
#include <utility>

#include "guidon/ports/clock.h"

namespace guidon::test {

// Starts at 2026-11-21T10:00:00Z, one hour after boot. Any thread.
class FakeClock final : public Clock {
 public:
  Timestamp Now() noexcept override {
    std::lock_guard<std::mutex> lock(mutex_);
    return wall_;
  }
  MonoTime Monotonic() noexcept override {
    std::lock_guard<std::mutex> lock(mutex_);
    return mono_;
  }
  std::string BootId() override {
    std::lock_guard<std::mutex> lock(mutex_);
    return boot_id_;
  }
  Duration UtcOffset(Timestamp) noexcept override {
    std::lock_guard<std::mutex> lock(mutex_);
    return utc_offset_;
  }

  // Time passes: both clocks move.
  void Advance(Duration by) {
    std::lock_guard<std::mutex> lock(mutex_);
    wall_ += by;
    mono_ += by;
  }
  // Somebody sets the device's clock: only the wall moves, in either direction.
  void AdvanceWall(Duration by) {
    std::lock_guard<std::mutex> lock(mutex_);
    wall_ += by;
  }
  void SetWall(Timestamp wall) {
    std::lock_guard<std::mutex> lock(mutex_);
    wall_ = wall;
  }
  void SetUtcOffset(Duration offset) {
    std::lock_guard<std::mutex> lock(mutex_);
    utc_offset_ = offset;
  }
  // The device starts again: a new boot, its monotonic clock near zero.
  void Reboot(std::string boot_id) {
    std::lock_guard<std::mutex> lock(mutex_);
    boot_id_ = std::move(boot_id);
    mono_ = MonoTime(Duration(1'000));
  }

 private:
  std::mutex mutex_;
  Timestamp wall_ = TimestampFromMs(1'795'255'200'000);
  MonoTime mono_{Duration(3'600'000)};
  Duration utc_offset_{0};
  std::string boot_id_ = "boot-1";
};

}  // namespace guidon::test
