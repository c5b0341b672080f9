// What a device keeps in its state folder, read without changing anything there.
#pragma once

#include <string>

#include "guidon/status.h"
#include "guidon/time.h"
#include "sdk/core/enrollment/enrollments.h"
#include "sdk/events/scopes.h"

namespace guidon::tools {

struct DeviceState {
  events::Scopes scopes;
  enrollment::Enrollments enrollments;
  std::string install_id;  // empty: none is kept
};

// `folder` as the client was given it. The app may be running: a copy is read, taken while nothing was being written.
Result<DeviceState> ReadDeviceState(const std::string& folder, Timestamp now);

}  // namespace guidon::tools
