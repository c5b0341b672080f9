// When the device's own calendar and clock read a time.
#pragma once

#include <functional>

#include "guidon/time.h"

namespace guidon {

// The first moment at which a clock that is ahead of UTC by `utc_offset` shows `reading` or has jumped past it.
// `reading` is written as if that clock showed UTC. Offsets change at most once within a day of it and are less than a
// day.
Timestamp WhenClockReads(Timestamp reading, const std::function<Duration(Timestamp)>& utc_offset);

}  // namespace guidon
