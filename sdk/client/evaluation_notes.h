// What was evaluated in the last hour, each flag with what it gave once: what the next summary tells. Every decision
// asks whether there is something to note, without a lock; what is new takes one, once an hour each.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>

#include "guidon/decision.h"
#include "guidon/value.h"

namespace guidon::client {

class EvaluationNotes {
 public:
  // Stands for a result of a flag; never 0.
  static std::uint64_t HashOf(std::string_view flag, std::string_view variant, Reason reason) noexcept;

  // Any thread. Also true when the hour takes no more.
  bool Has(std::uint64_t hash) const noexcept;
  // Any thread. True when an hour begins with it, which has to be ended. Names no event can carry are passed over.
  bool Add(std::uint64_t hash, std::string_view flag, std::string_view variant, Reason reason);
  // Some of what was noted and not taken yet, as many as fit one event: objects with "flag", "reason" and perhaps
  // "variant". Empty: there is none.
  List Take();
  // Whatever comes is new again. What was not taken is gone.
  void Forget();
  // The same, and what comes next begins another hour.
  void EndHour();

 private:
  static constexpr std::size_t kEntries = 1024;
  static constexpr std::size_t kMostNotes = 512;

  std::array<std::atomic<std::uint64_t>, kEntries> hashes_{};  // open addressing, at most half full
  std::atomic<std::size_t> count_{0};
  std::mutex mutex_;  // nothing is locked under it
  bool is_in_hour_ = false;
  List untold_;
};

}  // namespace guidon::client
