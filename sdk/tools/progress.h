// How far a long work has come: a line that is written over, on a terminal only and only once it takes long.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

#include "sdk/tools/terminal.h"

namespace guidon::tools {

class Progress {
 public:
  // `people` above 0.
  explicit Progress(std::uint64_t people)
      : people_(people), is_wanted_(IsTerminal(stderr)), next_(Clock::now() + kStep) {}
  ~Progress() {
    if (is_shown_) Print(stderr, "\r\x1b[K");
  }
  Progress(const Progress&) = delete;  // one line
  Progress& operator=(const Progress&) = delete;

  void Tell(std::uint64_t done) {
    if (!is_wanted_ || Clock::now() < next_) return;
    next_ = Clock::now() + kStep;
    is_shown_ = true;
    const std::uint64_t full = kColumns * done / people_;
    std::string bar;
    for (std::uint64_t i = 0; i < kColumns; ++i) bar += i < full ? "█" : "░";
    Print(stderr,
          "\r" + bar + " " + std::to_string(100 * done / people_) + " % of " + std::to_string(people_) + " people");
    std::fflush(stderr);
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kStep{300};
  static constexpr std::uint64_t kColumns = 30;
  const std::uint64_t people_;
  const bool is_wanted_;
  bool is_shown_ = false;
  Clock::time_point next_;
};

}  // namespace guidon::tools
