// Port: what turns the client's pump at the right moment. The default is one worker thread; a UI main loop or a game
// loop can do it as well, or the host calls `Client::Pump` itself and hands in no waker at all.
#pragma once

#include <functional>

#include "guidon/time.h"

namespace guidon {

class Waker {
 public:
  virtual ~Waker() = default;

  // Called once, before any other method. From now on `turn` is called whenever a wake-up is due, from one thread at a
  // time; it does the work that is due, which may include disk writes, and returns when it wants to be called next.
  virtual void Start(std::function<MonoTime()> turn) = 0;

  // The pump has work at `when`; a time that has passed means at once. The earliest wish counts. Any thread, also from
  // within `turn`; never blocks.
  virtual void WakeAt(MonoTime when) noexcept = 0;

  // After it returns `turn` is neither running nor called again, unless it is called from within `turn`: then that call
  // is the last. Idempotent.
  virtual void Stop() noexcept = 0;
};

}  // namespace guidon
