#include "sdk/core/evaluation/local_clock.h"

#include <algorithm>

#include "sdk/core/base/local_time.h"

namespace guidon::evaluation {
namespace {

constexpr Duration kDay{std::int64_t{24} * 3'600'000};

bool IsFarOff(Timestamp when) { return when > Timestamp::max() - 4 * kDay || when < Timestamp::min() + 4 * kDay; }

}  // namespace

Timestamp MidnightOf(Timestamp reading) {
  if (IsFarOff(reading)) return reading;  // no calendar reaches there
  const Duration since = reading.time_since_epoch();
  const Duration into = (since % kDay + kDay) % kDay;
  return reading - into;
}

// Offsets change at most once a day, so the same one at both ends holds between them.
LocalClock::LocalClock(const std::function<Duration(Timestamp)>& utc_offset, Timestamp now) : utc_offset_(&utc_offset) {
  if (!utc_offset) {
    is_constant_ = is_fixed_ = true;
    return;
  }
  if (IsFarOff(now)) return;
  from_ = now - kDay;
  until_ = now + kDay;
  offset_ = utc_offset(now);
  is_constant_ = utc_offset(from_) == offset_ && utc_offset(until_) == offset_;
  if (offset_ < -kDay || offset_ > kDay) is_constant_ = false;
}

Duration LocalClock::OffsetAt(Timestamp when) const {
  if (Knows(when)) return offset_;
  return std::clamp((*utc_offset_)(when), -kDay, kDay);
}

Timestamp LocalClock::When(Timestamp reading) const {
  if (Knows(reading - offset_)) return reading - offset_;
  return is_fixed_ ? reading : WhenClockReads(reading, *utc_offset_);
}

Timestamp LocalClock::ChangeWithin(Timestamp begin, Timestamp end) const {
  const Duration before = OffsetAt(begin);
  if (OffsetAt(end) == before) return end;
  Timestamp old = begin;
  Timestamp changed = end;
  while (changed - old > Duration(1)) {
    const Timestamp middle = old + (changed - old) / 2;
    (OffsetAt(middle) == before ? old : changed) = middle;
  }
  return changed;
}

Timestamp LocalClock::DayOf(Timestamp when) const {
  if (IsFarOff(when)) return MidnightOf(when);
  // Where the clock was set back over midnight, today's comes twice, and the first is the one.
  return std::min(When(MidnightOf(ReadingAt(when))), when);
}

Timestamp LocalClock::NextDay(Timestamp when) const {
  if (IsFarOff(when)) return when;
  const Timestamp reading = MidnightOf(ReadingAt(when)) + kDay;
  const Timestamp next = When(reading);
  return next > when ? next : reading - OffsetAt(when);  // set back over midnight: the second time it comes
}

}  // namespace guidon::evaluation
