// What is between a device and the servers: requests that take their time, arrive or not, and are answered or not.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "guidon/ports/http.h"
#include "tests/simulation/disk.h"

namespace guidon::simulation {

// What becomes of one request.
enum class Fate : std::uint8_t {
  kFine,
  kRefused,        // no connection
  kCutBefore,      // cut, and the server has not taken it
  kCutAfter,       // cut, and it has
  kHangs,          // never answered
  kHalfAnswered,   // taken; the answer ends in its middle
  kServerError,    // 503
  kTooMany,        // 429 with Retry-After in seconds
  kTooManyUntil,   // 429 with Retry-After as a date
  kNonsenseAfter,  // 503 with a Retry-After that means nothing
  kUnauthorized,   // 401
  kNotFound,       // 404
  kBadRequest,     // 400
  kTooLarge,       // 413
  kNoGzip,         // 415
  kPortal,         // 200 and a page of somebody else's
  kRedirected,     // 302
  kPartly,         // 200, and some of it rejected
};
inline constexpr int kFates = static_cast<int>(Fate::kPartly) + 1;

struct ServerAnswer {
  int status = 200;
  HttpHeaders headers;
  std::string body;
};

// The far side, as one device meets it.
class Far {
 public:
  virtual ~Far() = default;
  // A request leaves the device.
  virtual void OnStart(std::uint64_t serial, const HttpRequest& request) = 0;
  // It arrives, and is to be answered as `fate` says.
  virtual ServerAnswer OnArrival(std::uint64_t serial, const HttpRequest& request, Fate fate) = 0;
  // It is over; `heard`: the status, or 0 where the device did not hear it all.
  virtual void OnEnd(std::uint64_t serial, int heard) = 0;
};

// A device's connection. Lives as long as the device; the port of each process puts its requests here.
class Link {
 public:
  explicit Link(Far* far, std::uint64_t seed) : far_(far), seed_(seed) {}

  void GoOffline(std::int64_t until_ms) { offline_until_ = until_ms; }
  void GoSlow(std::int64_t until_ms) { slow_until_ = until_ms; }
  void Meet(Fate fate, std::uint64_t count) { fates_.insert(fates_.end(), count, fate); }
  void KillAtRequest(std::uint64_t n, bool is_taken);
  void EndFaults();
  bool has_fault(std::int64_t now) const { return now < offline_until_ || now < slow_until_ || !fates_.empty(); }

  std::shared_ptr<Http> Connect(std::shared_ptr<Life> life);
  // The process that connected last is gone. What was on its way may arrive all the same.
  void Drop();

  void Now(std::int64_t now_ms) { now_ = now_ms; }
  // When the next request ends; the greatest number when none is under way.
  std::int64_t next() const;
  // Ends those that are due.
  void Deliver();
  std::size_t posts_under_way() const;

 private:
  friend class LinkHttp;
  struct Pending {
    std::uint64_t serial = 0;
    std::uint64_t id = 0;
    HttpRequest request;
    std::shared_ptr<HttpSink> sink;
    Fate fate = Fate::kFine;
    std::int64_t due = 0;
    bool is_cancelled = false;
  };
  void Start(std::uint64_t id, HttpRequest request, std::shared_ptr<HttpSink> sink, Life* life);
  void Cancel(std::uint64_t id);
  void Stop();
  void End(Pending pending);
  std::int64_t DurationOf(Fate fate, const HttpRequest& request);

  Far* const far_;
  const std::uint64_t seed_;
  std::int64_t now_ = 0;
  std::int64_t offline_until_ = 0;
  std::int64_t slow_until_ = 0;
  std::deque<Fate> fates_;
  std::uint64_t kill_in_ = 0;
  bool kills_after_taking_ = false;
  std::uint64_t serials_ = 0;
  bool is_stopped_ = true;
  std::vector<Pending> pending_;
};

}  // namespace guidon::simulation
