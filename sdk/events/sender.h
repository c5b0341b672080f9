// One request at a time to the collector, and when the next one may go. Lives on the logic lane; compresses on the disk
// lane.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "guidon/platform.h"
#include "sdk/core/base/lanes.h"
#include "sdk/events/retry.h"

namespace guidon::events {

class Sender {
 public:
  struct Request {
    std::string url;
    HttpHeaders headers;
    std::string idempotency_key;
    std::string_view content_type;
    std::string body;
  };

  // `first_id`: of requests; no two that share the HTTP port may count from near each other.
  Sender(const Platform& ports, std::shared_ptr<Lanes> lanes, std::uint64_t first_id = std::uint64_t{1} << 62);
  ~Sender();
  Sender(const Sender&) = delete;  // requests under way point to its state
  Sender& operator=(const Sender&) = delete;

  // `done` is called on the logic lane, unless the request is cancelled first. Only while idle.
  void Send(Request request, std::function<void(Answer, bool was_compressed)> done);
  bool is_idle() const noexcept;
  void Cancel();

  // Sends uncompressed from now on.
  void StopCompressing() noexcept;

  // The last try failed: waits. `probe`: at a steady, slow pace. `salt`: as of RetryDelay.
  void Wait(const Answer& answer, bool probe, std::string_view salt);
  // A 2xx answer: the next failure is the first again.
  void ResetBackoff() noexcept;
  // When the next request may go; a time that has passed means now.
  MonoTime not_before() const noexcept { return not_before_; }

 private:
  struct Flight;
  std::shared_ptr<Clock> clock_;
  std::shared_ptr<Http> http_;
  std::shared_ptr<Codec> codec_;
  std::shared_ptr<Lanes> lanes_;
  std::shared_ptr<Flight> flight_;  // null: idle
  bool compresses_;
  std::uint64_t next_id_;
  std::uint32_t failures_ = 0;
  MonoTime not_before_{};
};

}  // namespace guidon::events
