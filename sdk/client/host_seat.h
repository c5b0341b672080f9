// Where the app's PromptHost sits. Every call to it goes through here, so that they come one at a time, on its
// executor, and none begins once the host has got up.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "guidon/executor.h"
#include "guidon/prompt.h"

namespace guidon::client {

class HostSeat : public std::enable_shared_from_this<HostSeat> {
 public:
  using Call = std::function<void(PromptHost&)>;

  HostSeat(PromptHost* host, Executor* executor) : host_(host), executor_(executor) {}
  HostSeat(const HostSeat&) = delete;  // calls under way point here
  HostSeat& operator=(const HostSeat&) = delete;

  // Logic lane. Has the executor run `call`, or runs it here where there is none. Once muted neither the host nor its
  // executor is touched, and `call` is destroyed without being run.
  void Post(Call call);

  // No call begins any more. Waits for one that is running on another thread; from within a call it does not.
  void Mute();
  // The same, but waits no longer than that: the call may itself be waiting for whoever mutes.
  void MuteUntil(std::chrono::steady_clock::time_point deadline);

  // Whether the calling thread is inside one of the host's methods.
  bool IsCallingHere() const { return caller_ == std::this_thread::get_id(); }

 private:
  void Run(Call call);
  void Silence();

  PromptHost* const host_;
  Executor* const executor_;
  std::mutex post_mutex_;            // held while the executor takes a task, which does not block
  std::recursive_mutex call_mutex_;  // held during a call, so host code runs under it; taken while nothing else is
  std::deque<Call> nested_;          // under call_mutex_: asked for while the host is inside a call
  std::atomic<bool> is_muted_{false};
  std::atomic<std::thread::id> caller_{std::thread::id()};
};

}  // namespace guidon::client
