#include "sdk/core/base/steady_time.h"

#include <algorithm>
#include <utility>

#include "sdk/core/base/bytes.h"

namespace guidon {
namespace {

constexpr std::uint8_t kSteadyTimeVersion = 1;
constexpr std::int64_t kMostTimeMs = std::int64_t{1} << 52;  // sums of a few stay far from the ends
constexpr Duration kStoredAfter = std::chrono::minutes(1);
constexpr Duration kAdrift = Duration(2 * kMostTimeMs);  // nothing tells by how much the line is late

bool IsJump(Duration by) noexcept { return by > SteadyTime::kJump || by < -SteadyTime::kJump; }

bool Differ(Duration a, Duration b, Duration by) noexcept { return a - b >= by || b - a >= by; }

}  // namespace

Timestamp SteadyTime::Bounded(Timestamp time) noexcept {
  return TimestampFromMs(std::clamp(ToMs(time), -kMostTimeMs, kMostTimeMs));
}

Timestamp SteadyTime::Correction::Of(Timestamp when) const noexcept {
  if (when == Timestamp::min() || when >= now) return std::min(when, now);
  return by > Duration(0) && when >= since ? std::min(when + by, now) : when;
}

Timestamp SteadyTime::Follow(Timestamp wall, Timestamp line) noexcept {
  const Timestamp near = Bounded(wall);
  return IsJump(near - line) ? line : near;
}

Timestamp SteadyTime::Of(Timestamp wall, MonoTime mono) const noexcept {
  return is_begun_ ? Follow(wall, Bounded(Timestamp(mono.time_since_epoch())) + offset_) : Bounded(wall);
}

Timestamp SteadyTime::OfEarlierBoot(Timestamp wall) const noexcept {
  return is_begun_ ? std::min(std::max(wall, earlier_), last_) : wall;
}

void SteadyTime::Take(const ClockReading& reading) noexcept {
  const Timestamp wall = Bounded(reading.wall);
  last_ = Of(wall, reading.mono);
  ahead_ = wall - last_;
  if (ahead_ == Duration(0)) offset_ = last_ - Bounded(Timestamp(reading.mono.time_since_epoch()));
}

SteadyTime::Correction SteadyTime::MoveTo(Timestamp now, const ClockReading& reading) noexcept {
  const Correction correction{settled_, now - last_, now};
  offset_ = now - Bounded(Timestamp(reading.mono.time_since_epoch()));
  late_ = Duration(0);
  is_confirmed_ = true;
  Take(reading);
  return correction;
}

std::optional<SteadyTime::Correction> SteadyTime::Begin(const ClockReading& reading) noexcept {
  const Timestamp mono = Bounded(Timestamp(reading.mono.time_since_epoch()));
  const Timestamp wall = Bounded(reading.wall);
  is_begun_ = true;
  earlier_ = last_;
  const bool is_same_boot = is_known_ && boot_ != 0 && boot_ == reading.boot && mono + offset_ >= last_ - kJump;
  boot_ = reading.boot;
  if (is_same_boot) return std::nullopt;
  if (!std::exchange(is_known_, true)) {
    offset_ = wall - mono;
    return std::nullopt;
  }
  const Timestamp least = last_ - kJump;
  std::optional<Timestamp> now;
  if (wall >= least) now = wall;
  // Where a server told the time and the clock was wrong it is so still, or it was set right: the earlier of both may
  // be late, the later of both would end waits too soon.
  if (has_server_ && ahead_ > Duration(0) && wall - ahead_ >= least) now = wall - ahead_;
  Duration late = kAdrift;
  if (now) late = has_server_ ? std::max({wall - *now, -ahead_, Duration(0)}) : Duration(0);
  const Duration was_late = std::exchange(late_, late);
  const Timestamp begins = now.value_or(last_ + Duration(1));
  offset_ = begins - mono;
  if (std::exchange(is_confirmed_, false)) settled_ = std::min(last_ + Duration(1), begins);
  // How much of it the line was late by, and for how long the device was off, nobody can tell.
  if (was_late == Duration(0) || !now || *now <= last_) return std::nullopt;
  return Correction{settled_, std::min(*now - last_, was_late), *now};
}

std::optional<SteadyTime::Correction> SteadyTime::Note(const ClockReading& reading) noexcept {
  std::optional<Correction> correction;
  if (!is_begun_) correction = Begin(reading);
  Take(reading);
  if (correction || late_ == Duration(0)) return correction;
  if (ahead_ > Duration(0) && !has_server_) return MoveTo(Bounded(reading.wall), reading);
  if (ahead_ == Duration(0) && late_ == kAdrift) late_ = Duration(0);
  return std::nullopt;
}

std::optional<SteadyTime::Correction> SteadyTime::Confirm(Timestamp server, const ClockReading& reading) noexcept {
  Take(reading);
  has_server_ = true;
  if (IsJump(Bounded(server) - last_)) return MoveTo(Bounded(server), reading);
  is_confirmed_ = true;
  late_ = Duration(0);
  return std::nullopt;
}

bool SteadyTime::IsNews(const SteadyTime& stored) const noexcept {
  if (!is_begun_) return false;
  return !stored.is_known_ || boot_ != stored.boot_ || late_ != stored.late_ || is_confirmed_ != stored.is_confirmed_ ||
         settled_ != stored.settled_ || Differ(offset_, stored.offset_, kStoredAfter) ||
         Differ(ahead_, stored.ahead_, kJump) || Differ(last_ - Timestamp(), stored.last_ - Timestamp(), kStoredAfter);
}

std::string SteadyTime::Encode() const {
  ByteWriter out;
  out.Byte(kSteadyTimeVersion);
  out.Fixed(boot_);
  out.Signed(offset_.count());
  out.Signed(ToMs(last_));
  out.Signed(ahead_.count());
  out.Signed(late_.count());
  out.Bool(is_confirmed_);
  out.Bool(has_server_);
  const bool has_settled = settled_ != Timestamp::min();
  out.Bool(has_settled);
  if (has_settled) out.Signed(ToMs(settled_));
  return out.Take();
}

std::optional<SteadyTime> SteadyTime::Decode(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.Byte() != kSteadyTimeVersion) return std::nullopt;
  SteadyTime time;
  time.is_known_ = true;
  time.boot_ = in.Fixed();
  bool is_sane = true;
  const auto number = [&] {
    const std::int64_t ms = in.Signed();
    is_sane = is_sane && ms >= -2 * kMostTimeMs && ms <= 2 * kMostTimeMs;
    return ms;
  };
  time.offset_ = Duration(number());
  time.last_ = TimestampFromMs(number());
  time.ahead_ = Duration(number());
  time.late_ = Duration(number());
  time.is_confirmed_ = in.Bool();
  time.has_server_ = in.Bool();
  if (in.Bool()) time.settled_ = TimestampFromMs(number());
  if (!in.ok() || !in.at_end() || !is_sane) return std::nullopt;
  return time;
}

}  // namespace guidon
