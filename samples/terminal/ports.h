// Ports that have an installation live at another time than now, and be the same one whenever it is made anew: for
// simulated people and for scripts whose output is to be the same every time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "guidon/ports/clock.h"
#include "guidon/ports/entropy.h"
#include "samples/terminal/simulate/dice.h"

namespace notes {

// The wall clock shows another time; time passes as it really does, so timeouts and retries are real. Between two times
// that are set the device was off: else its clock would have jumped, and what jumps is not believed.
class SimulatedClock final : public guidon::Clock {
 public:
  explicit SimulatedClock(std::shared_ptr<guidon::Clock> real) : real_(std::move(real)) {}

  // Before the clock is used.
  void Set(guidon::Timestamp now) {
    ahead_ms_ = (now - real_->Now()).count();
    boot_ = real_->BootId() + " at " + std::to_string(now.time_since_epoch().count());
  }
  void Advance(guidon::Duration by) { ahead_ms_ += by.count(); }

  guidon::Timestamp Now() noexcept override { return real_->Now() + guidon::Duration(ahead_ms_.load()); }
  guidon::MonoTime Monotonic() noexcept override { return real_->Monotonic(); }
  std::string BootId() override { return boot_; }
  guidon::Duration UtcOffset(guidon::Timestamp) noexcept override { return guidon::Duration(0); }

 private:
  std::shared_ptr<guidon::Clock> real_;
  std::atomic<std::int64_t> ahead_ms_{0};
  std::string boot_;
};

// The same install id whenever the same person is simulated, so that a seed stands for one outcome.
class SeededEntropy final : public guidon::Entropy {
 public:
  SeededEntropy(std::uint64_t seed, std::uint64_t person) : dice_(seed, person, "entropy") {}

  bool Fill(unsigned char* out, std::size_t size) noexcept override {
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<unsigned char>(dice_.Next() >> 56);
    return true;
  }

 private:
  simulate::Dice dice_;
};

}  // namespace notes
