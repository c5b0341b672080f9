// Port: what time it is. All methods: any thread, never block.
#pragma once

#include <string>

#include "guidon/time.h"

namespace guidon {

class Clock {
 public:
  virtual ~Clock() = default;

  // The wall clock. May jump in either direction; the client copes.
  virtual Timestamp Now() noexcept = 0;

  // Never goes back while the device is up; counts time asleep where the system can tell. Where it does not, the wall
  // clock seems to jump after each sleep, and prompts take their time from servers alone.
  virtual MonoTime Monotonic() noexcept = 0;

  // Names the current boot of the device, so that two monotonic times can be compared; empty when unknown.
  virtual std::string BootId() = 0;

  // What local time is ahead of UTC by at that instant, on this device.
  virtual Duration UtcOffset(Timestamp when) noexcept = 0;
};

}  // namespace guidon
