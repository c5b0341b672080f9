#include "sdk/client/pins.h"

#include "sdk/client/state.h"

namespace guidon::client {
namespace {

// Threads' stacks are at least pages apart; which frame of one calls does not matter much.
std::size_t StripeOfThisThread() noexcept {
  const char here = 0;
  auto address = reinterpret_cast<std::uintptr_t>(&here) >> 16;
  address ^= address >> 7;
  return static_cast<std::size_t>(address);
}

}  // namespace

Pins::Pins(std::unique_ptr<const State> first) {
  auto slot = std::make_unique<Slot>();
  slot->state = std::move(first);
  slots_[0].store(slot.release(), std::memory_order_release);
}

Pins::~Pins() {
  for (auto& slot : slots_) delete slot.load(std::memory_order_relaxed);
}

Pins::Pin Pins::Acquire() const noexcept {
  const std::size_t stripe = StripeOfThisThread() % kStripes;
  while (true) {
    const std::uint32_t index = current_.load(std::memory_order_acquire);
    Slot* slot = slots_[index].load(std::memory_order_acquire);
    std::atomic<std::uint32_t>& count = slot->stripes[stripe].count;
    // Both sequentially consistent, as are the writer's: either it sees the one we add, or we see the slot it made
    // current.
    count.fetch_add(1, std::memory_order_seq_cst);
    if (current_.load(std::memory_order_seq_cst) == index) return Pin(slot->state.get(), &count);
    count.fetch_sub(1, std::memory_order_release);
  }
}

bool Pins::IsFree(std::size_t index) const noexcept {
  if (index == current_.load(std::memory_order_relaxed)) return false;
  const Slot* slot = slots_[index].load(std::memory_order_relaxed);
  if (slot == nullptr) return true;
  for (const Stripe& stripe : slot->stripes) {
    if (stripe.count.load(std::memory_order_seq_cst) != 0) return false;
  }
  return true;
}

bool Pins::Sweep() {
  bool is_clean = true;
  for (std::size_t i = 0; i < kSlots; ++i) {
    Slot* slot = slots_[i].load(std::memory_order_relaxed);
    if (slot == nullptr) break;  // slots are made one after the other
    if (slot->state == nullptr || i == current_.load(std::memory_order_relaxed)) continue;
    if (IsFree(i)) {
      slot->state.reset();
    } else {
      is_clean = false;
    }
  }
  return is_clean;
}

bool Pins::Publish(std::unique_ptr<const State>* state) {
  std::size_t chosen = kSlots;
  for (std::size_t i = 0; i < kSlots; ++i) {
    if (!IsFree(i)) continue;
    Slot* slot = slots_[i].load(std::memory_order_relaxed);
    if (slot != nullptr) slot->state.reset();  // nobody reads it any more, and nobody can begin to
    if (chosen == kSlots) chosen = i;
    if (slot == nullptr) break;  // slots are made one after the other
  }
  if (chosen == kSlots) return false;
  Slot* slot = slots_[chosen].load(std::memory_order_relaxed);
  if (slot == nullptr) {
    slot = new Slot();
    slots_[chosen].store(slot, std::memory_order_release);
  }
  slot->state = std::move(*state);
  current_.store(static_cast<std::uint32_t>(chosen), std::memory_order_seq_cst);
  return true;
}

}  // namespace guidon::client
