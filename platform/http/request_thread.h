// The one thread of an Http port: it exists only while requests are under way.
#pragma once

#include <cstdint>
#include <memory>

#include "guidon/ports/clock.h"
#include "guidon/ports/http.h"

namespace guidon {

// What really moves the bytes. All but `Wake` is called from one thread at a time; sinks are called from within.
class HttpEngine {
 public:
  virtual ~HttpEngine() = default;

  virtual void Begin(std::uint64_t id, HttpRequest request, std::shared_ptr<HttpSink> sink) = 0;
  // Ends it with kClosed. Unknown ids are fine.
  virtual void Cancel(std::uint64_t id) = 0;
  virtual void CancelAll() = 0;

  // Does what can be done now, then waits for something to happen. False at once when nothing is under way.
  virtual bool Turn() = 0;

  // Ends the wait of the turn that runs, or of the next. Any thread; never blocks.
  virtual void Wake() noexcept = 0;
};

// `engine` is kept between requests, and destroyed when the port is stopped.
std::shared_ptr<Http> OnRequestThread(std::unique_ptr<HttpEngine> engine, std::shared_ptr<Clock> clock);

}  // namespace guidon
