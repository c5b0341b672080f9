// Where facts wait for their commit when there is no journal, or no room in it; they die with the process. Any thread
// appends, the logic lane takes. A list of one atomic pointer, so that an append is one allocation and one exchange,
// never a lock. Bounded by number and by bytes from the append until the commit, so a stuck disk cannot fill the
// memory.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "guidon/limits.h"
#include "sdk/events/fact.h"

namespace guidon::events {

inline constexpr std::size_t kInboxBytes = 16u << 20;
// That wait for their commit. They have places of their own, and need no bytes.
inline constexpr std::size_t kIdentityChanges = 64;

class Inbox {
 public:
  struct Waiting {
    Fact fact;
    std::size_t weight = 0;   // what it counts for against kInboxBytes
    std::uint64_t after = 0;  // the place in the journal that it comes after
    bool has_place = true;    // one of the inbox's, until it is released
  };

  Inbox() = default;
  ~Inbox();
  Inbox(const Inbox&) = delete;  // appending threads point here
  Inbox& operator=(const Inbox&) = delete;

  // Any thread. False when full or when the system has no memory to give; the fact is then gone. `was_empty` says that
  // nobody has taken notice of any fact yet: the caller wakes the lane.
  bool Append(Fact&& fact, bool* was_empty, std::uint64_t after = 0) noexcept;

  // Logic lane: all that was appended, in order.
  std::vector<Waiting> Take();
  // What was taken needs no room any more.
  void Release(std::size_t facts, std::size_t bytes) noexcept;

  // How many facts were ever appended; those of a thread that asks are among them.
  std::uint64_t appended() const noexcept { return appended_.load(std::memory_order_acquire); }
  std::size_t size() const noexcept { return facts_.load(std::memory_order_relaxed); }

 private:
  struct Node;
  std::atomic<Node*> head_{nullptr};
  std::atomic<std::size_t> facts_{0};
  std::atomic<std::size_t> bytes_{0};
  std::atomic<std::uint64_t> appended_{0};
};

}  // namespace guidon::events
