// Which exposures this process has appended already, so that a new State does not arm them again: a set of hashes,
// added to by any thread without a lock. Thrift, not truth: when it forgets, the exposure is appended once more under
// the same id, and applying it makes a count of it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace guidon::client {

class ExposureMemory {
 public:
  bool Has(std::uint64_t hash) const noexcept {
    for (std::size_t i = 0; i < kProbes; ++i) {
      if (entries_[(hash + i) % kEntries].load(std::memory_order_relaxed) == hash) return true;
    }
    return false;
  }

  void Add(std::uint64_t hash) noexcept {
    for (std::size_t i = 0; i < kProbes; ++i) {
      std::uint64_t empty = 0;
      auto& entry = entries_[(hash + i) % kEntries];
      if (entry.load(std::memory_order_relaxed) == hash) return;
      if (entry.compare_exchange_strong(empty, hash, std::memory_order_relaxed)) return;
      if (empty == hash) return;
    }
    entries_[hash % kEntries].store(hash, std::memory_order_relaxed);  // the older one is forgotten
  }

  void Clear() noexcept {
    for (auto& entry : entries_) entry.store(0, std::memory_order_relaxed);
  }

 private:
  static constexpr std::size_t kEntries = 1024;
  static constexpr std::size_t kProbes = 8;
  std::array<std::atomic<std::uint64_t>, kEntries> entries_{};
};

}  // namespace guidon::client
