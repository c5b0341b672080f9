// What of a device lasts as long as one run of the app, and its clock. For device*.cpp.
#pragma once

#include <memory>
#include <string>

#include "guidon/client.h"
#include "guidon/ports/clock.h"
#include "tests/simulation/device.h"

namespace guidon::simulation {

// Set by its device whenever time passes.
class DeviceClock final : public Clock {
 public:
  Timestamp Now() noexcept override { return wall; }
  MonoTime Monotonic() noexcept override { return mono; }
  std::string BootId() override { return boot; }
  Duration UtcOffset(Timestamp) noexcept override { return zone; }

  Timestamp wall{};
  MonoTime mono{};
  std::string boot;
  Duration zone{0};
};

struct Device::Process {
  std::shared_ptr<Life> life = std::make_shared<Life>();
  std::unique_ptr<Client> client;
  Subscription events;  // ends first
  MonoTime wish{};
};

}  // namespace guidon::simulation
