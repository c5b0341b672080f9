// Decides when the datafile's server is asked: at the start, then at the poll interval, sooner or later after failures,
// and not at all in the background.
//
// Everything here runs on the logic lane. Jitter is a hash of the install id and a count, so fleets spread and tests
// repeat.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "guidon/ports/clock.h"
#include "guidon/ports/http.h"
#include "guidon/status.h"
#include "guidon/time.h"
#include "sdk/core/base/lanes.h"
#include "sdk/datafile/fetcher.h"

namespace guidon::datafile {

struct RefresherSettings {
  std::string url;
  HttpHeaders headers;
  Duration poll_interval = std::chrono::minutes(5);
  std::string install_id;
};

struct RefresherCallbacks {
  // A datafile came. The owner verifies and loads it, at once or later, and then says Accepted or Refused; the next
  // attempt waits for that.
  std::function<void(std::string bytes, std::string etag)> on_datafile;
  // An attempt is over: ok when the server had nothing newer, or sent a datafile, whatever became of that.
  std::function<void(Status)> on_answer;
  // What the server's clock said, in an answer to a request that took so long; null: nobody asks. Before the others.
  std::function<void(std::string date, MonoTime sent, MonoTime received)> on_date = nullptr;
};

class Refresher {
 public:
  // No port is null and the address is not empty. `lanes` is kept until the last request has ended, which may be after
  // this object did; so what holds the refresher must not be what `lanes` holds.
  Refresher(RefresherSettings settings, RefresherCallbacks callbacks, std::shared_ptr<Http> http,
            std::shared_ptr<Clock> clock, std::shared_ptr<Lanes> lanes);
  ~Refresher();                          // as Stop
  Refresher(const Refresher&) = delete;  // callbacks know where it is
  Refresher& operator=(const Refresher&) = delete;

  // Asks at once. `etag` is that of the datafile in force, when it came from this server; else empty.
  void Start(std::string etag);

  // The datafile that came is in force, or it is not. Only the ETag of one in force is ever sent: a server is not told
  // that we have what we threw away. A refused datafile is asked for again at the poll interval, so a bad one costs its
  // server no more than a good one; what was no datafile at all (a captive portal's page) counts as a failed attempt.
  void Accepted(std::string etag);
  void Refused();

  // Asks at once when a poll is due: a poll interval has passed since the server last answered well. A failing server
  // that named a time to come back is left alone until then, and no call asks within a second of the last attempt.
  void Foreground();
  // Something newer was announced: asks within a second or so, so that a fleet that hears of it at once does not come
  // at once. What Foreground says of failing servers holds here, too. In the background nothing.
  void Announced();
  // Stops asking; a request under way still counts.
  void Background();

  // Ends a request under way. No callback afterwards. Idempotent; also from within a callback.
  void Stop();

 private:
  enum class Phase { kNew, kWaiting, kAsking, kJudging, kStopped };

  void Ask();
  void Answered(FetchAnswer answer);
  // The server's part went well, or it did not and wants to be left alone for `retry_after`. Calls on_answer, last.
  void Succeed();
  void Fail(Status status, Duration retry_after);
  Duration NextTry();  // after a failure
  void ScheduleAt(MonoTime when);
  MonoTime Soon();
  void Arm();
  void TimerWentOff(MonoTime when);
  Duration Part(Duration whole);

  RefresherSettings settings_;
  RefresherCallbacks callbacks_;
  std::shared_ptr<Clock> clock_;
  std::shared_ptr<Lanes> lanes_;
  Fetcher fetcher_;
  std::shared_ptr<Refresher*> self_;  // late callbacks hold it weakly and find it gone after Stop
  Phase phase_ = Phase::kNew;
  bool is_foreground_ = true;
  Status shape_;                      // of what is being judged: ok when it looks like a datafile
  bool is_announced_ = false;         // something, while a request was under way that may have been too early for it
  std::string etag_;                  // of the datafile in force
  std::optional<MonoTime> armed_;     // the timer that counts, so that a host that calls often piles up none
  std::uint64_t draws_ = 0;           // of jitter
  int failures_ = 0;                  // in a row
  MonoTime last_asked_{};
  std::optional<MonoTime> last_good_;
  MonoTime next_{};        // when to ask next
  MonoTime not_before_{};  // what a failing server asked for
};

}  // namespace guidon::datafile
