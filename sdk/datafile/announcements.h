// Listens for changes of the datafile on a stream of server-sent events, so that one reaches running apps within
// seconds. The stream only says that there is something new: the datafile itself is fetched and verified as ever, so
// whoever controls the stream can cost requests, no more often than the refresher allows, and nothing else.
//
// A stream that ends is opened again after a while: of full jitter, up to ten seconds, doubling up to five minutes while
// it fails, and not before the server wants it. Polling goes on beside it, and is what there is while no stream can be had.
//
// Everything here runs on the logic lane.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "guidon/ports/clock.h"
#include "guidon/ports/http.h"
#include "guidon/status.h"
#include "sdk/core/base/lanes.h"

namespace guidon::datafile {

struct AnnouncementsSettings {
  std::string url;
  HttpHeaders headers;
  std::string install_id;  // jitter is a hash of it
};

struct AnnouncementsCallbacks {
  // Something may be newer: an event came, or a stream is open again after one ended.
  std::function<void()> on_change;
  // Ok: a stream is open. Else why there is none.
  std::function<void(Status)> on_state;
};

class Announcements {
 public:
  // As Refresher's.
  Announcements(AnnouncementsSettings settings, AnnouncementsCallbacks callbacks, std::shared_ptr<Http> http,
                std::shared_ptr<Clock> clock, std::shared_ptr<Lanes> lanes);
  ~Announcements();                              // as Stop
  Announcements(const Announcements&) = delete;  // callbacks know where it is
  Announcements& operator=(const Announcements&) = delete;

  void Start();
  // In the background there is no stream.
  void Foreground();
  void Background();
  // No callback afterwards. Idempotent; also from within a callback.
  void Stop();

 private:
  class Sink;
  enum class Phase { kNew, kWaiting, kConnecting, kOpen, kAway, kStopped };

  void Connect();
  // From the sink, by way of the logic lane; of a stream before the present one nothing is heard.
  void Opened(std::uint64_t id);
  void Heard(std::uint64_t id);
  void Ended(std::uint64_t id, Status status, Duration least_wait, bool is_final);
  void Arm();
  void TimerWentOff(MonoTime when);

  AnnouncementsSettings settings_;
  AnnouncementsCallbacks callbacks_;
  std::shared_ptr<Http> http_;
  std::shared_ptr<Clock> clock_;
  std::shared_ptr<Lanes> lanes_;
  std::shared_ptr<Announcements*> self_;  // late callbacks hold it weakly and find it gone after Stop
  Phase phase_ = Phase::kNew;
  std::uint64_t id_;         // of the last request
  std::uint64_t draws_ = 0;  // of jitter
  int failures_ = 0;         // in a row
  MonoTime opened_{};
  MonoTime next_{};                // when to connect next
  std::optional<MonoTime> armed_;  // the timer that counts, so that a host that calls often piles up none
};

}  // namespace guidon::datafile
