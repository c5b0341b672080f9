// What a device keeps in its state folder, read without changing anything there.
#pragma once

#include <string>

#include "guidon/status.h"
#include "guidon/time.h"
#include "sdk/core/base/steady_time.h"
#include "sdk/core/enrollment/enrollments.h"
#include "sdk/events/scopes.h"

namespace guidon::tools {

struct DeviceState {
  events::Scopes scopes;
  enrollment::Enrollments enrollments;
  std::string install_id;  // empty: none is kept
  // What the clock is ahead of the time that the app's prompts go by, in the boot of that reading; 0 in any other.
  Duration clock_ahead{0};
};

// This machine's.
ClockReading ReadThisClock();

// `folder` as the client was given it. The app may be running: a copy is read, taken while nothing was being written.
Result<DeviceState> ReadDeviceState(const std::string& folder, const ClockReading& now);

}  // namespace guidon::tools
