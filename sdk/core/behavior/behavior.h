// What people did with the app on this device: for every event name how often and on which days. Rules ask for it as
// count('file_shared', '14d') and active_days('app_open', '28d'), and how long ago as since_last('file_shared').
//
// Days and hours are UTC's, but for windows of the device's calendar, such as 14cd. A window of 14d is the current day
// and the 13 before it, so it spans more than 13 and at most 14 days; likewise hours. Whatever lies ahead of the clock
// counts as now, so a clock that is set back hides nothing. Nothing is dropped for being old, only for being the oldest
// of too many: a clock that runs ahead for a while erases nothing either. What was dropped is not mistaken for what
// never happened: a total that it could be part of is not exact.
//
// A window may also be the session: what happened in this run of the app, since it was last away for long. Nothing of
// that is stored.
//
// Rules may also count those events of a name that something is true of: a part of its series. Whoever tells of an
// event says of each such count that it knows whether the event is of it. A part knows up to which event somebody did
// so; what nobody looked at lies before the last one then, and counts as forgotten until it has left the window.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/time.h"
#include "sdk/core/behavior/series.h"

namespace guidon::behavior {

enum class Measure : std::uint8_t { kCount, kActiveDays, kSinceLast, kSinceFirst };

// "count", …: the function of expressions and the word of the published form.
std::string_view MeasureName(Measure measure) noexcept;

// How long ago instead of how often. Has no window.
inline bool IsElapsed(Measure measure) noexcept { return measure >= Measure::kSinceLast; }

struct Window {
  enum class Unit : std::uint8_t { kEver, kHours, kDays, kLocalDays, kSession };
  Unit unit = Unit::kEver;
  std::uint16_t length = 0;  // 1 to limits::kBehaviorHours, or of days kBehaviorDays; else 0
};

inline bool operator==(const Window& a, const Window& b) noexcept { return a.unit == b.unit && a.length == b.length; }

// "14d", "2w" (14 days), "36h"; "14cd" of the device's calendar; "session"; "ever". Nothing for anything else, or over
// a bound.
std::optional<Window> ParseWindow(std::string_view text);
std::string WindowText(Window window);  // "14d", "36h", "14cd", "session", "ever"

// How far a clock is ahead of UTC at a moment. Empty: it shows UTC.
using UtcOffset = std::function<Duration(Timestamp)>;

// The one that goes on.
struct Session {
  std::uint32_t number = 0;  // 1, 2, 3… of this process; 0: it is not known, nor what it has had
  Timestamp began{};
};

// What a rule asks.
struct Term {
  Measure measure = Measure::kCount;
  std::string event;  // as rules call it: an event's name, or that of a count
  Window window;
  // Of a count: of which event it is, and which part.
  std::string whole = {};
  std::uint64_t part = 0;  // 0: it is no count

  // Whose series answers.
  const std::string& tracked() const noexcept { return part == 0 ? event : whole; }
};

struct Total {
  // How often. Of what has elapsed: the moment it is since, in ms since 1970, which was from `value` to `latest`.
  std::int64_t value = 0;
  std::int64_t latest = 0;
  // From then on it may be another number, or exact, by time alone.
  Timestamp valid_until = Timestamp(Duration(std::numeric_limits<std::int64_t>::max()));
  // False: at least `value`. Part of the window was not watched, or is forgotten. Of what has elapsed: another event
  // may have been the last or the first one.
  bool is_exact = true;
  bool is_known = true;      // false: nothing was read yet, so not even `value` is meant
  bool has_happened = true;  // of what has elapsed; false: there is no such moment, or it is forgotten
};

// But for how long they are so.
inline bool AreAlike(const Total& a, const Total& b) noexcept {
  return a.value == b.value && a.latest == b.latest && a.is_exact == b.is_exact && a.is_known == b.is_known &&
         a.has_happened == b.has_happened;
}

// All names. A value: copying it shares the series, so a snapshot costs a map of pointers.
class Behavior {
 public:
  // Of names that are not known now, events before `since` may be missing: a store was lost, say. Those known keep what
  // they know of themselves. Never by default: what happened before the app was installed did not happen on this
  // device.
  void ForgetBefore(Timestamp since);
  Timestamp forgotten_before() const noexcept { return forgotten_before_; }

  // Beyond limits::kBehaviorEvents names, the one whose last event is oldest is forgotten; its name comes back, so that
  // a store can forget it, too. Times further than 30,000 years from 1970 are taken as that far.
  // `looks`: at this event, each part once. Beyond limits::kBehaviorParts the one goes that was looked for longest ago.
  // `session`: the number of the one it is of, if that goes on.
  std::string Add(std::string_view event, Timestamp when, Duration utc_offset = Duration(0),
                  const std::vector<Look>& looks = {}, std::uint32_t session = 0);
  // As a store has it. The name that is forgotten for it comes back; it may be `event` itself.
  std::string Put(std::string event, Series series);

  // What is not known at all: nothing was read yet.
  static Total Unknown() noexcept {
    Total total;
    total.is_exact = total.is_known = false;
    return total;
  }
  Total Ask(const Term& term, Timestamp now, const UtcOffset& utc_offset = nullptr, const Session& session = {}) const;
  // As a store had it, with what was known of the session before it was read again.
  void KeepSession(const Behavior& before);

  // Null when it never happened, or was forgotten.
  const Series* Find(std::string_view event) const noexcept;
  const std::map<std::string, std::shared_ptr<const Series>, std::less<>>& series() const noexcept { return series_; }

 private:
  std::string ForgetStalest();

  std::map<std::string, std::shared_ptr<const Series>, std::less<>> series_;
  Timestamp forgotten_before_ = Timestamp::min();
};

}  // namespace guidon::behavior
