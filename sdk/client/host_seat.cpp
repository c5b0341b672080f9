#include "sdk/client/host_seat.h"

#include <utility>

namespace guidon::client {

void HostSeat::Post(Call call) {
  if (executor_ == nullptr) return Run(std::move(call));
  const std::lock_guard<std::mutex> lock(post_mutex_);
  if (is_muted_) return;
  executor_->Post([seat = shared_from_this(), call = std::move(call)] { seat->Run(call); });
}

void HostSeat::Run(Call call) {
  const std::lock_guard<std::recursive_mutex> lock(call_mutex_);
  if (is_muted_) return;
  nested_.push_back(std::move(call));
  // A host that turns its loop inside a call gets the next one when this one is over.
  if (IsCallingHere()) return;
  caller_ = std::this_thread::get_id();
  while (!nested_.empty() && !is_muted_) {
    const Call next = std::move(nested_.front());
    nested_.pop_front();
    next(*host_);
  }
  nested_.clear();
  caller_ = std::thread::id();
}

void HostSeat::Silence() {
  is_muted_ = true;
  const std::lock_guard<std::mutex> lock(post_mutex_);  // a task is being posted: the executor may go only after that
}

void HostSeat::Mute() {
  Silence();
  const std::lock_guard<std::recursive_mutex> lock(call_mutex_);
}

void HostSeat::MuteUntil(std::chrono::steady_clock::time_point deadline) {
  Silence();
  // Looks again now and then: calls are short, and this is the end of the client.
  while (!call_mutex_.try_lock()) {
    if (std::chrono::steady_clock::now() >= deadline) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  call_mutex_.unlock();
}

}  // namespace guidon::client
