// Which of the processes on one state folder is the owner: the only one that opens the store, sends and shows prompts.
// It is whoever holds the lock kOwnerLock. All others are followers: what they are told is accepted by their own
// journals, which the owner reads along (living_journal.h). The system frees the lock when a process dies, however it
// does; then another takes over.
//
// Without a journal port there is no lock, and each is an owner. The steps are in delivery_ownership.cpp.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string_view>

#include "guidon/status.h"
#include "guidon/time.h"
#include "sdk/events/living_journal.h"

namespace guidon::events {

inline constexpr std::string_view kOwnerLock = "owner";  // beside the journals' own; permanent

enum class Role : std::uint8_t { kNone, kOwner, kFollower };

// How long to wait before the next look: twice as long each time nothing has come, up to a bound.
class Backoff {
 public:
  Backoff(Duration least, Duration most) noexcept : least_(least), most_(most), next_(least) {}
  Duration Next() noexcept {
    const Duration now = next_;
    next_ = std::min(most_, next_ * 2);
    return now;
  }
  void Reset() noexcept { next_ = least_; }

 private:
  const Duration least_;
  const Duration most_;
  Duration next_;
};

struct Ownership {
  static constexpr Duration kTryWhenIdle = std::chrono::seconds(60);  // a follower, for the lock
  static constexpr Duration kTryWhenStuck = std::chrono::seconds(5);  // while nobody commits what it was told
  static constexpr Duration kLeastTry = std::chrono::seconds(1);      // whatever the reason
  // The owner, for other journals. With the rules' poll it stays below once a minute, which is what an idle app may wake up.
  static constexpr Duration kLookWhenAlone = std::chrono::seconds(90);
  static constexpr Duration kLookAmongOthers = std::chrono::seconds(5);

  std::atomic<Role> role{Role::kNone};

  // Logic lane from here on.
  std::shared_ptr<void> lock;  // null for an owner: no locks are to be had here
  MonoTime wake_at = MonoTime::max();

  // Of a follower.
  MonoTime try_at{};  // for the lock
  MonoTime tried_at{};
  MonoTime progress_at{};  // when the owner last committed something, or nothing was left to be
  MonoTime follow_at{};    // to see how far the owner has come
  Backoff follow{std::chrono::milliseconds(50), std::chrono::seconds(2)};
  bool is_leaving = false;    // nobody waits for the owner any more
  bool owes_erasure = false;  // of the store and of what the dead left

  // Of the owner.
  std::map<std::uint64_t, std::shared_ptr<LivingJournal>> living;  // by birth
  MonoTime look_at{};                                              // for journals that came or whose process has ended
  MonoTime looked_at{};
  MonoTime poll_at{};  // for what is in living ones
  Backoff poll{std::chrono::milliseconds(100), std::chrono::seconds(2)};
};

}  // namespace guidon::events
