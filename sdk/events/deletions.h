// Requests that a collector delete what it has of some units. Each is an event of its own, kept in a file beside the
// store and sent past the outbox, because it is what is left to say once the store was erased and consent withdrawn: it
// alone leaves the device without consent, and only because the app asked for it.
//
// Lives on the logic lane, but for `waiting`.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "guidon/costs.h"
#include "guidon/platform.h"
#include "sdk/core/base/lanes.h"
#include "sdk/events/delivery.h"
#include "sdk/events/sender.h"

namespace guidon::events {

inline constexpr std::size_t kMostDeletions = 8;  // that wait to be sent

class Deletions : public std::enable_shared_from_this<Deletions> {
 public:
  // Who sends, and where to, is as of Delivery; its install id is not looked at.
  Deletions(DeliverySettings settings, const Platform& ports, std::shared_ptr<Lanes> lanes);

  // Reads what was asked for before and sends it.
  void Start();
  // Keeps a request for these units, which are in their sent form; `done` once it would outlive the process, or with
  // the reason why not. It is not sent before `Send`, or the next start.
  void Ask(std::string install_id, std::vector<Context::UnitId> units, std::function<void(Status)> done);
  void Send();
  // `done` once none is left, or it has to wait.
  void Deliver(std::function<void()> done);

  void SetNetwork(NetworkCost network);
  void SetBackground(bool is_background);
  void Close();

  // Asked for and not acknowledged. Any thread.
  std::uint64_t waiting() const noexcept { return waiting_.load(std::memory_order_relaxed); }

 private:
  struct Request {
    std::string install_id;
    Event event;
  };
  using Requests = std::vector<Request>;

  static std::string Encode(const Requests& requests);
  static Requests Decode(std::string_view bytes);
  static Requests Read(Files* files);                           // disk lane
  static Status Write(Files* files, const Requests& requests);  // disk lane

  void Turn();
  bool MaySend() const;
  void Launch();
  void Land(const Answer& answer, bool was_compressed);
  void Forget();
  void TakeBack(const Hash128& id);
  void Count() { waiting_.store(kept_.size(), std::memory_order_relaxed); }

  const DeliverySettings settings_;
  const Sink& sink_;
  const std::shared_ptr<Clock> clock_;
  const std::shared_ptr<Http> http_;
  const std::shared_ptr<Files> files_;  // null: kept by this process alone
  const std::shared_ptr<Lanes> lanes_;
  Sender sender_;
  Requests kept_;
  bool is_read_ = false;
  std::vector<std::function<void()>> asks_;  // until then
  std::vector<std::function<void()>> deliver_waiters_;
  bool is_held_ = false;  // the newest waits for Send
  bool is_stopped_ = false;
  bool is_offline_ = false;
  bool is_background_ = false;
  std::atomic<std::uint64_t> waiting_{0};
};

}  // namespace guidon::events
