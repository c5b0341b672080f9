// Callbacks of the host that fire more than once: who is subscribed, and the promise that nobody is called after saying
// no.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "guidon/client.h"
#include "guidon/executor.h"
#include "sdk/client/presence.h"
#include "sdk/core/base/lanes.h"

namespace guidon::client {

// One subscription to things of type T.
template <class T>
class Watch {
 public:
  Watch(std::string watched, Executor* runs_on, std::function<void(const T&)> callback)
      : key(std::move(watched)), executor_(runs_on), callback_(std::move(callback)) {}

  void Call(const T& thing) {
    const std::lock_guard<std::recursive_mutex> lock(mutex_);
    if (is_muted_) return;
    const std::thread::id outer = caller_.exchange(std::this_thread::get_id());
    callback_(thing);
    caller_ = outer;
  }

  // Calls, or has the executor call later. Once muted the executor is not touched either: it may be gone.
  static void Dispatch(const std::shared_ptr<Watch>& watch, const T& thing) {
    const std::lock_guard<std::recursive_mutex> lock(watch->mutex_);
    if (watch->is_muted_) return;
    if (watch->executor_ == nullptr) return watch->Call(thing);
    watch->executor_->Post([watch, thing] { watch->Call(thing); });
  }

  // No call begins any more. Waits for one that is running on another thread; from within the call itself it does not.
  void Mute() {
    is_muted_ = true;
    const std::lock_guard<std::recursive_mutex> lock(mutex_);
  }
  // The same, but waits no longer than that: the call may itself be waiting for whoever mutes.
  void MuteUntil(std::chrono::steady_clock::time_point deadline) {
    is_muted_ = true;
    // Looks again now and then: calls are short, and this is the end of the client.
    while (!mutex_.try_lock()) {
      if (std::chrono::steady_clock::now() >= deadline) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    mutex_.unlock();
  }

  // Whether the calling thread is inside the callback.
  bool IsCallingHere() const { return caller_ == std::this_thread::get_id(); }

  const std::string key;

 private:
  Executor* const executor_;
  const std::function<void(const T&)> callback_;
  std::recursive_mutex mutex_;  // held during a call, so host code runs under it; nothing of ours is locked inside
  std::atomic<bool> is_muted_{false};
  std::atomic<std::thread::id> caller_{std::thread::id()};
};

// All subscriptions to things of type T.
template <class T>
class Watches {
 public:
  explicit Watches(Presence presence) : presence_(std::move(presence)) {}

  Subscription Add(std::string key, Executor* executor, std::function<void(const T&)> callback) {
    if (!callback) return Subscription();
    auto watch = std::make_shared<Watch<T>>(std::move(key), executor, std::move(callback));
    const std::lock_guard<std::mutex> lock(mutex_);
    Forget();
    watches_.push_back(watch);
    return Subscription([watch, presence = presence_] {
      if (!presence.IsCopy()) watch->Mute();
    });
  }

  // Those alive now. The list is short, and asked for when something happened.
  std::vector<std::shared_ptr<Watch<T>>> All() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::vector<std::shared_ptr<Watch<T>>> all;
    for (const auto& weak : watches_) {
      if (auto watch = weak.lock()) all.push_back(std::move(watch));
    }
    return all;
  }

  void MuteAll(std::chrono::steady_clock::time_point deadline) {
    for (const auto& watch : All()) watch->MuteUntil(deadline);
  }

  // Whether the calling thread is inside one of the callbacks.
  bool IsCallingHere() const {
    const auto all = All();
    return std::any_of(all.begin(), all.end(), [](const auto& watch) { return watch->IsCallingHere(); });
  }

 private:
  void Forget() {
    watches_.erase(std::remove_if(watches_.begin(), watches_.end(), [](const auto& weak) { return weak.expired(); }),
                   watches_.end());
  }
  const Presence presence_;
  mutable std::mutex mutex_;
  std::vector<std::weak_ptr<Watch<T>>> watches_;  // the Subscription keeps each alive
};

// That a recording has lines to hand over.
struct LinesDue {};

// Calls `watch` with `thing` on its executor, or on the logic lane. By way of the logic lane in any case: the host's
// executor is never called under a lock of the client's.
template <class T>
void CallLater(const std::shared_ptr<Watch<T>>& watch, T thing, Lanes& lanes) {
  lanes.PostLogic([watch, thing = std::move(thing)] { Watch<T>::Dispatch(watch, thing); });
}

}  // namespace guidon::client
