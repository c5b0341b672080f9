// Decisions on their way into a trace: noted on the threads that decide, taken where the host wants them.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

#include "sdk/client/record_lines.h"

namespace guidon::client {

// Of lines that wait to be taken.
inline constexpr std::size_t kTraceBytes = 1u << 20;

class Recorder {
 public:
  // `due` is called on the thread that decides, once lines are there and until they are taken no more.
  Recorder(PrivateAttributes privates, Timestamp now, std::function<void()> due)
      : privates_(privates), due_(std::move(due)), lines_(TraceHead(now)) {}

  // Waits for nobody: a decision that finds the lines in use all the while, or no room, is counted as lost.
  void Note(const State& state, const RecordedDecision& decision) noexcept;
  // What came since the last time; whole lines.
  std::string Take();

 private:
  bool HasTold(std::uint64_t state) const noexcept;

  const PrivateAttributes privates_;
  const std::function<void()> due_;
  std::atomic<std::uint64_t> lost_{0};
  std::atomic<std::uint64_t> newest_{0};  // of the States that were told
  std::mutex mutex_;                      // of what follows; held for an append
  std::string lines_;
  bool is_due_ = false;
  std::array<std::uint64_t, 4> told_{};  // States, the last ones; one that comes back later is told again
  std::size_t next_told_ = 0;
};

}  // namespace guidon::client
