#include "sdk/client/recorder.h"

#include <algorithm>
#include <utility>

namespace guidon::client {
namespace {

constexpr int kTries = 1'000;

}  // namespace

bool Recorder::HasTold(std::uint64_t state) const noexcept {
  return std::find(told_.begin(), told_.end(), state) != told_.end();
}

void Recorder::Note(const State& state, const RecordedDecision& decision) noexcept {
  // Made before the lock, so that holding it is short.
  const std::string line = DecisionLine(state, decision, privates_);
  std::string head;
  if (newest_.load(std::memory_order_relaxed) != state.sequence) head = StateLine(state, privates_);
  std::unique_lock<std::mutex> lock(mutex_, std::try_to_lock);
  for (int i = 0; !lock.owns_lock() && i < kTries; ++i) (void)lock.try_lock();
  if (!lock.owns_lock()) {
    ++lost_;
    return;
  }
  const bool needs_head = !HasTold(state.sequence);
  if (needs_head && head.empty()) head = StateLine(state, privates_);
  if (lines_.size() + line.size() + (needs_head ? head.size() : 0) > kTraceBytes) {
    ++lost_;
    return;
  }
  if (const std::uint64_t lost = lost_.exchange(0)) lines_ += LostLine(lost);
  if (needs_head) {
    lines_ += head;
    told_[next_told_++ % told_.size()] = state.sequence;
    newest_ = state.sequence;
  }
  lines_ += line;
  if (std::exchange(is_due_, true)) return;
  lock.unlock();
  due_();
}

std::string Recorder::Take() {
  const std::lock_guard<std::mutex> lock(mutex_);
  is_due_ = false;
  if (const std::uint64_t lost = lost_.exchange(0)) lines_ += LostLine(lost);
  return std::exchange(lines_, std::string());
}

}  // namespace guidon::client
