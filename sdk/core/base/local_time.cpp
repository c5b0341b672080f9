#include "sdk/core/base/local_time.h"

#include <algorithm>

namespace guidon {
namespace {

constexpr Duration kDay{std::int64_t{24} * 3'600'000};

}  // namespace

// A day before, the clock has not come to the reading; a day after, it has gone past. With one offset in force at the
// one end and one at the other, there are two candidates, and each counts only if its own offset is in force at it.
// Clocks set back have both (the earlier has the greater offset, the one from before), clocks set forward neither: then
// the change itself is the moment. Example: in Berlin 02:30 does not exist on 2027-03-28, so it is 01:00Z, at which the
// clock goes from 02:00 to 03:00.
Timestamp WhenClockReads(Timestamp reading, const std::function<Duration(Timestamp)>& utc_offset) {
  if (!utc_offset || reading > Timestamp::max() - 2 * kDay || reading < Timestamp::min() + 2 * kDay) return reading;
  const auto offset = [&](Timestamp at) { return std::clamp(utc_offset(at), -kDay, kDay); };
  const Duration before = offset(reading - kDay);
  const Duration after = offset(reading + kDay);
  const Timestamp by_before = reading - before;
  if (offset(by_before) == before) return by_before;
  const Timestamp by_after = reading - after;
  if (offset(by_after) == after) return by_after;
  // Set forward between the two: the later one is after the change.
  Timestamp old = std::min(by_before, by_after);
  Timestamp changed = std::max(by_before, by_after);
  while (changed - old > Duration(1)) {
    const Timestamp middle = old + (changed - old) / 2;
    (offset(middle) == before ? old : changed) = middle;
  }
  return changed;
}

}  // namespace guidon
