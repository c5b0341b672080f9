// The device's own clock around one moment: its midnights, and what it reads. Asks for offsets a few times at once, so
// that many campaigns can ask it.
#pragma once

#include <functional>

#include "guidon/time.h"

namespace guidon::evaluation {

class LocalClock {
 public:
  // `utc_offset`: what the clock is ahead of UTC by at a moment; empty: it shows UTC. Borrowed.
  LocalClock(const std::function<Duration(Timestamp)>& utc_offset, Timestamp now);
  // A clock that never changes.
  explicit LocalClock(Duration offset) : is_constant_(true), is_fixed_(true), offset_(offset) {}

  Duration OffsetAt(Timestamp when) const;
  // What it shows, as if it showed UTC.
  Timestamp ReadingAt(Timestamp when) const { return when + OffsetAt(when); }
  // The first moment at which it shows `reading` or has jumped past it.
  Timestamp When(Timestamp reading) const;
  // The first moment after `begin` and up to `end`, within a day, at which its offset is another than at `begin`; `end`
  // when there is none.
  Timestamp ChangeWithin(Timestamp begin, Timestamp end) const;
  // The midnight at which the day of that moment began, and the one that ends it.
  Timestamp DayOf(Timestamp when) const;
  Timestamp NextDay(Timestamp when) const;

 private:
  bool Knows(Timestamp when) const noexcept { return is_fixed_ || (is_constant_ && when >= from_ && when <= until_); }

  const std::function<Duration(Timestamp)>* utc_offset_ = nullptr;
  bool is_constant_ = false;  // from `from_` to `until_`
  bool is_fixed_ = false;     // always
  Duration offset_{0};
  Timestamp from_{};
  Timestamp until_{};
};

// The midnight of a reading's day.
Timestamp MidnightOf(Timestamp reading);

}  // namespace guidon::evaluation
