// Whether hours are open at a moment, and when they open or close next: right where clocks change, too.
#pragma once

#include "guidon/time.h"
#include "sdk/core/evaluation/local_clock.h"
#include "sdk/core/ruleset/open_hours.h"

namespace guidon::prompts {

// What the clock of these hours shows; `device` is asked where they are by it.
Timestamp ReadingOf(const ruleset::OpenHours& hours, const evaluation::LocalClock& device, Timestamp when);
// Hours that a clock jumps over are not open that day; those it shows twice are open twice.
bool IsOpen(const ruleset::OpenHours& hours, const evaluation::LocalClock& device, Timestamp when);
// The first moment from `when` on at which they are open, or with `is_open` false closed; kNever: there is none within
// two weeks, and so none at all.
Timestamp NextTime(const ruleset::OpenHours& hours, const evaluation::LocalClock& device, Timestamp when, bool is_open);

}  // namespace guidon::prompts
