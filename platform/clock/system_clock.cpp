#include <pthread.h>
#include <sys/types.h>
#include <time.h>

#include <atomic>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "guidon/platform_parts.h"

#if defined(__APPLE__)
#include <sys/sysctl.h>
#endif

namespace guidon {
namespace {

// Apple's CLOCK_MONOTONIC counts sleep already.
#if defined(CLOCK_BOOTTIME)
constexpr clockid_t kMonotonic = CLOCK_BOOTTIME;
#else
constexpr clockid_t kMonotonic = CLOCK_MONOTONIC;
#endif

Duration ReadClock(clockid_t id) noexcept {
  struct timespec now = {};
  if (clock_gettime(id, &now) != 0) clock_gettime(CLOCK_MONOTONIC, &now);
  return std::chrono::duration_cast<Duration>(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

std::string ReadBootId() {
  char text[64] = {};
#if defined(__APPLE__)
  std::size_t size = sizeof(text) - 1;
  if (sysctlbyname("kern.bootsessionuuid", text, &size, nullptr, 0) != 0) return std::string();
#else
  std::FILE* file = std::fopen("/proc/sys/kernel/random/boot_id", "re");
  if (file == nullptr) return std::string();
  const std::size_t size = std::fread(text, 1, sizeof(text) - 1, file);
  std::fclose(file);
  text[size] = '\0';
#endif
  std::string id(text);
  while (!id.empty() && id.back() == '\n') id.pop_back();
  return id;
}

// The C library's lock around its zone stays held for ever in the copy that a fork makes while another thread is in
// there (glibc does not let go of it). So nobody of ours is in there while a process forks.
std::mutex zone;
void EnterZone() { zone.lock(); }
void LeaveZone() { zone.unlock(); }
void KeepForksOutOfZone() {
  static std::atomic<bool> is_kept{false};
  if (!is_kept.exchange(true)) (void)pthread_atfork(EnterZone, LeaveZone, LeaveZone);
}

class PosixClock final : public Clock {
 public:
  PosixClock() : boot_id_(ReadBootId()) { KeepForksOutOfZone(); }

  Timestamp Now() noexcept override { return Timestamp(ReadClock(CLOCK_REALTIME)); }
  MonoTime Monotonic() noexcept override { return MonoTime(ReadClock(kMonotonic)); }
  std::string BootId() override { return boot_id_; }

  Duration UtcOffset(Timestamp when) noexcept override {
    const std::lock_guard<std::mutex> lock(zone);
    tzset();  // localtime_r alone would not notice that the person has travelled
    const auto seconds = static_cast<time_t>(std::chrono::floor<std::chrono::seconds>(when).time_since_epoch().count());
    struct tm local = {};
    if (localtime_r(&seconds, &local) == nullptr) return Duration(0);
    return std::chrono::seconds(local.tm_gmtoff);
  }

 private:
  const std::string boot_id_;  // a process does not outlive its boot
};

}  // namespace

std::shared_ptr<Clock> SystemClock() { return std::make_shared<PosixClock>(); }

}  // namespace guidon
