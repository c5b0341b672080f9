// Whether the client is in the process it was opened in. In a copy that fork made of that process it does nothing: its
// threads are not there, and a lock may be held by one of them for ever. So nothing is locked before this is asked.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "guidon/ports/fork_guard.h"

namespace guidon::client {

// Any thread.
class Presence {
 public:
  // Null: the app does not fork.
  explicit Presence(std::shared_ptr<ForkGuard> guard)
      : guard_(std::move(guard)), word_(guard_ == nullptr ? nullptr : guard_->word()) {}

  bool IsCopy() const noexcept {
    if (word_ != nullptr) return word_->load(std::memory_order_relaxed) == 0;
    return guard_ != nullptr && guard_->IsCopy();
  }

 private:
  std::shared_ptr<ForkGuard> guard_;
  const std::atomic<std::uint32_t>* word_;
};

}  // namespace guidon::client
