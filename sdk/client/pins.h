// Lends the current State to readers without a lock, an allocation or a line that all of them write.
//
// States stand in slots; one slot is current. A reader adds one to a counter of that slot, looks whether the slot is
// still current, and if so may read it until it takes the one back. Each slot has several counters, one cache line
// each, and a reader picks one by its stack's address, so threads seldom meet. The writer reuses a slot when all of its
// counters are zero and it is not current; a reader that came too late for that sees another slot current and tries
// again.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace guidon::client {

struct State;

class Pins {
  static constexpr std::size_t kSlots = 64;
  static constexpr std::size_t kStripes = 16;
  struct alignas(64) Stripe {
    std::atomic<std::uint32_t> count{0};
  };
  struct Slot {
    std::array<Stripe, kStripes> stripes;
    std::unique_ptr<const State> state;
  };

 public:
  // Holds one State. Movable; reading and dropping may happen on different threads.
  class Pin {
   public:
    Pin() = default;
    Pin(Pin&& other) noexcept : state_(other.state_), count_(other.count_) { other.Forget(); }
    Pin& operator=(Pin&& other) noexcept {
      if (this != &other) {
        Drop();
        state_ = other.state_;
        count_ = other.count_;
        other.Forget();
      }
      return *this;
    }
    Pin(const Pin&) = delete;
    Pin& operator=(const Pin&) = delete;
    ~Pin() { Drop(); }

    const State* operator->() const noexcept { return state_; }
    const State& operator*() const noexcept { return *state_; }

   private:
    friend class Pins;
    Pin(const State* state, std::atomic<std::uint32_t>* count) noexcept : state_(state), count_(count) {}
    void Forget() noexcept {
      state_ = nullptr;
      count_ = nullptr;
    }
    void Drop() noexcept {
      if (count_ != nullptr) count_->fetch_sub(1, std::memory_order_release);
      Forget();
    }
    const State* state_ = nullptr;
    std::atomic<std::uint32_t>* count_ = nullptr;
  };

  explicit Pins(std::unique_ptr<const State> first);
  ~Pins();  // when no pin is left
  Pins(const Pins&) = delete;
  Pins& operator=(const Pins&) = delete;

  // Any thread; never waits for the writer.
  Pin Acquire() const noexcept;

  // One writer at a time. False when all slots are pinned, which takes a host that keeps Decisions from 63 different
  // states; `state` is then untouched and to be tried again later.
  bool Publish(std::unique_ptr<const State>* state);
  // Frees the replaced States that nobody reads any more; false when some are still being read, and to be freed later.
  // Publish frees none that are pinned, nor the one it replaces. One writer at a time.
  bool Sweep();

 private:
  bool IsFree(std::size_t slot) const noexcept;
  mutable std::array<std::atomic<Slot*>, kSlots> slots_{};
  std::atomic<std::uint32_t> current_{0};
};

}  // namespace guidon::client
