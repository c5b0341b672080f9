#include "sdk/core/prompts/open_hours.h"

#include <algorithm>

#include "sdk/core/ruleset/ruleset.h"

namespace guidon::prompts {
namespace {

using evaluation::LocalClock;
using ruleset::OpenHours;

constexpr Duration kMinute{60'000};
constexpr Duration kDay = 24 * 60 * kMinute;
constexpr int kDaysAhead = 15;  // a week, and one more where a clock jumps over its hours

// 0 is Monday; 1970-01-01 was a Thursday.
std::uint8_t WeekdayOf(Timestamp midnight) {
  const std::int64_t days = midnight.time_since_epoch() / kDay;
  return static_cast<std::uint8_t>(((days + 3) % 7 + 7) % 7);
}

bool HasDay(const OpenHours& hours, Timestamp midnight) { return (hours.days >> WeekdayOf(midnight) & 1) != 0; }

bool IsOpenAt(const OpenHours& hours, Timestamp reading) {
  const Timestamp today = evaluation::MidnightOf(reading);
  const Duration into = reading - today;
  const bool passes_midnight = hours.until <= hours.from;
  if (!passes_midnight) return HasDay(hours, today) && into >= hours.from * kMinute && into < hours.until * kMinute;
  return (HasDay(hours, today) && into >= hours.from * kMinute) ||
         (HasDay(hours, today - kDay) && into < hours.until * kMinute);
}

// It opens and closes only where the clock shows one of its two times, at midnight, or where the clock is changed.
Timestamp NextIn(const OpenHours& hours, const LocalClock& clock, Timestamp when, bool is_open) {
  const auto is_right = [&](Timestamp at) { return IsOpenAt(hours, clock.ReadingAt(at)) == is_open; };
  if (is_right(when)) return when;
  if (when > Timestamp::max() - (kDaysAhead + 3) * kDay || when < Timestamp::min() + 3 * kDay) return ruleset::kNever;
  for (int day = 0; day < kDaysAhead; ++day) {
    const Timestamp begin = when + day * kDay;
    const Timestamp end = begin + kDay;
    Timestamp first = ruleset::kNever;
    const auto look_at = [&](Timestamp at) {
      if (at > begin && at <= end && at < first && is_right(at)) first = at;
    };
    look_at(clock.ChangeWithin(begin, end));
    for (int i = 0; i < 3; ++i) {  // a day of 24 hours may end on the third where the clock is set forward
      const Timestamp midnight = evaluation::MidnightOf(clock.ReadingAt(begin)) + i * kDay;
      for (const Duration into : {Duration(0), hours.from * kMinute, hours.until * kMinute}) {
        look_at(clock.When(midnight + into));
        // The second time that it is shown, where the clock was set back.
        look_at(midnight + into - clock.OffsetAt(end));
      }
    }
    if (first != ruleset::kNever) return first;
  }
  return ruleset::kNever;
}

}  // namespace

Timestamp ReadingOf(const OpenHours& hours, const LocalClock& device, Timestamp when) {
  return hours.zone ? when + *hours.zone : device.ReadingAt(when);
}

bool IsOpen(const OpenHours& hours, const LocalClock& device, Timestamp when) {
  return IsOpenAt(hours, ReadingOf(hours, device, when));
}

Timestamp NextTime(const OpenHours& hours, const LocalClock& device, Timestamp when, bool is_open) {
  return hours.zone ? NextIn(hours, LocalClock(*hours.zone), when, is_open) : NextIn(hours, device, when, is_open);
}

}  // namespace guidon::prompts
