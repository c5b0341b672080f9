// Asks the datafile's server once: "anything newer than this ETag?"
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "guidon/ports/clock.h"
#include "guidon/ports/http.h"
#include "guidon/status.h"

namespace guidon::datafile {

struct FetchAnswer {
  Status status;                        // ok: a datafile came, or nothing is newer
  bool not_modified = false;            // nothing is newer; `bytes` is empty
  std::string bytes;                    // as received; not looked at yet
  std::string etag;                     // of `bytes`; empty when the server sent none
  std::string date;                     // when the server gave the answer, as it said; empty: it is not known
  MonoTime came{};                      // its head
  std::optional<Duration> retry_after;  // what a failing server asked for; 0 to 24 h
};

class Fetcher {
 public:
  Fetcher(std::shared_ptr<Http> http, std::shared_ptr<Clock> clock, std::string url, HttpHeaders headers);

  // `done` is called exactly once, from any thread, never inside this call; also after Cancel. With an empty `etag` the
  // datafile is asked for whatever it is. One request at a time.
  void Start(std::string etag, std::function<void(FetchAnswer)> done);

  // Ends the request early, if there is one.
  void Cancel();

 private:
  std::shared_ptr<Http> http_;
  std::shared_ptr<Clock> clock_;
  std::string url_;
  HttpHeaders headers_;
  std::uint64_t id_;  // of the last request
};

}  // namespace guidon::datafile
