// A moment of a schedule: one in UTC, or what the device's own calendar and clock read.
#pragma once

#include <cstdint>

#include "guidon/time.h"

namespace guidon::ruleset {

struct Moment {
  static constexpr std::uint32_t kUtc = UINT32_MAX;

  // Of a local one the reading, as if that clock showed UTC. When it is, PreparedContext knows.
  Timestamp at{};
  std::uint32_t local = kUtc;  // of Ruleset::local_times

  bool is_local() const noexcept { return local != kUtc; }
};

}  // namespace guidon::ruleset
