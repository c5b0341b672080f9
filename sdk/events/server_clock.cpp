#include "sdk/events/server_clock.h"

#include "sdk/core/base/retry_after.h"

namespace guidon::events {
namespace {

constexpr Duration kMostRoundTrip = std::chrono::minutes(1);
constexpr Duration kFresh = std::chrono::hours(1);  // two clocks drift apart by seconds a day

// What a store says may be anything.
bool IsSane(std::int64_t ms) noexcept { return ms > -(std::int64_t{1} << 53) && ms < std::int64_t{1} << 53; }

bool IsOff(Duration by) noexcept { return by > kClockTolerance || by < -kClockTolerance; }

}  // namespace

// A date stands for the second that begins then, and was written at some moment of the round trip. So the middle of
// both is off by at most half of each.
void ServerClock::Note(std::string_view date, MonoTime sent, MonoTime received) {
  const std::optional<Timestamp> said = ParseHttpDate(date);
  const Duration took = received - sent;
  if (!said || took < Duration(0) || took > kMostRoundTrip) return;
  if (offset_ && took > took_ && received - received_ < kFresh) return;
  const Duration server = said->time_since_epoch() + std::chrono::milliseconds(500);
  offset_ = server - (sent.time_since_epoch() + took / 2);
  took_ = took;
  received_ = received;
}

std::optional<Timestamp> ServerClock::At(MonoTime now) const {
  if (!offset_) return std::nullopt;
  return Timestamp(now.time_since_epoch() + *offset_);
}

Timing ServerClock::TimingOf(std::string_view session, Timestamp wall, MonoTime now, std::uint64_t boot) const {
  Timing timing;
  if (!offset_) return timing;
  timing.session = std::string(session);
  timing.boot = boot;
  timing.offset_ms = ToMs(Timestamp(*offset_));
  timing.is_off = IsOff(now.time_since_epoch() + *offset_ - wall.time_since_epoch());
  return timing;
}

void SetRight(const Timing& timing, Event* event) {
  if (timing.session.empty()) return;
  const bool is_of_boot = timing.boot != 0 && event->fact.boot == timing.boot;
  if (event->fact.session != timing.session && !is_of_boot) {
    event->is_clock_suspect = timing.is_off;
    return;
  }
  if (!IsSane(ToMs(event->fact.mono)) || !IsSane(timing.offset_ms) || !IsSane(ToMs(event->fact.wall))) return;
  const Timestamp right = TimestampFromMs(ToMs(event->fact.mono) + timing.offset_ms);
  if (IsOff(right - event->fact.wall)) event->fact.wall = right;
}

}  // namespace guidon::events
