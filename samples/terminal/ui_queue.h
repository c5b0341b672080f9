// The app's UI thread as the client sees it: callbacks are queued here and run where the screen is drawn.
#pragma once

#include <deque>
#include <functional>
#include <mutex>

#include "guidon/executor.h"

namespace notes {

class UiQueue final : public guidon::Executor {
 public:
  UiQueue();
  ~UiQueue() override;
  UiQueue(const UiQueue&) = delete;

  void Post(std::function<void()> task) override;

  // Runs what is queued, on the calling thread. True when there was anything.
  bool Drain();

  // Becomes readable when something is queued; -1 when the system has no more descriptors.
  int fd() const noexcept { return fds_[0]; }

 private:
  static constexpr std::size_t kMostTasks = 1000;

  std::mutex mutex_;
  std::deque<std::function<void()>> tasks_;
  int fds_[2] = {-1, -1};
};

}  // namespace notes
