#include "samples/terminal/ui_queue.h"

#include <fcntl.h>
#include <unistd.h>

namespace notes {

UiQueue::UiQueue() {
  if (pipe(fds_) != 0) {
    fds_[0] = fds_[1] = -1;
    return;
  }
  for (int fd : fds_) {
    fcntl(fd, F_SETFL, O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
}

UiQueue::~UiQueue() {
  for (int fd : fds_) {
    if (fd >= 0) close(fd);
  }
}

void UiQueue::Post(std::function<void()> task) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (tasks_.size() >= kMostTasks) return;  // the UI hangs; it will read the flags themselves when it draws again
  tasks_.push_back(std::move(task));
  // A full pipe wakes the reader as well as one more byte would.
  if (fds_[1] >= 0 && write(fds_[1], "!", 1) < 0) return;
}

bool UiQueue::Drain() {
  char bytes[256];
  while (fds_[0] >= 0 && read(fds_[0], bytes, sizeof bytes) > 0) {
  }
  std::deque<std::function<void()>> tasks;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    tasks.swap(tasks_);
  }
  for (const std::function<void()>& task : tasks) task();
  return !tasks.empty();
}

}  // namespace notes
