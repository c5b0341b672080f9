// The time that prompts and behavior go by: the wall clock's, while that can be believed. A clock that jumps is not
// followed at once. Time goes on by the monotonic clock until the date of a server says which of both is right; so
// setting the clock forward ends no wait and empties no window, and setting it back keeps nobody waiting for years.
//
//   true time       12:00 ─────────── 12:30 ─────────────────── 14:00 ───────────
//   wall clock      12:00 ─────────── 12:30│+40 days ────────── 14:00 + 40 days ─
//   steady time     12:00 ─────────── 12:30 ─────────────────── 14:00 ───────────
//
// Within one boot of the device time is a line along its monotonic clock, and a correction moves the line as a whole.
// Between boots nothing tells how long the device was off: a wall clock that is ahead of what was known last is
// believed, one that is behind is not: then the line goes on from there until a server tells the time or, on a device
// that never heard of one, the wall clock has caught up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "guidon/time.h"

namespace guidon {

struct ClockReading {
  Timestamp wall{};
  MonoTime mono{};
  std::uint64_t boot = 0;  // in which `mono` counts; 0: not known, so that no other process's can be compared with it
};

class SteadyTime {
 public:
  // By less a clock is set right, and followed; by more it jumps.
  static constexpr Duration kJump = std::chrono::minutes(10);

  // The line was wrong and is moved. What was noted along it moves with it, so that no window gets shorter by it.
  struct Correction {
    Timestamp since;  // what was noted from then on was noted along the line that was wrong
    Duration by;
    Timestamp now;  // by the line as it is now

    // Where a moment is now. None is ahead of now, for none was. The least timestamp stays, being none.
    Timestamp Of(Timestamp when) const noexcept;
  };

  // Clocks and stores may say anything: what is further from 1970 than 140,000 years is taken as that far, so that sums
  // of a few moments stay within their type.
  static Timestamp Bounded(Timestamp time) noexcept;
  // A moment of this boot. Before the first `Note` the wall clock is believed.
  Timestamp Of(Timestamp wall, MonoTime mono) const noexcept;
  // `wall` where it is near that moment of the line, else the line's.
  static Timestamp Follow(Timestamp wall, Timestamp line) noexcept;
  // A moment of an earlier boot, of which the wall clock alone is known: it was after what was known last, and is over.
  Timestamp OfEarlierBoot(Timestamp wall) const noexcept;

  // What the clocks read: at first when the store was read, then before each commit.
  [[nodiscard]] std::optional<Correction> Note(const ClockReading& reading) noexcept;
  // After `Note`: a server says that it is `server` now.
  [[nodiscard]] std::optional<Correction> Confirm(Timestamp server, const ClockReading& reading) noexcept;

  bool is_begun() const noexcept { return is_begun_; }
  std::uint64_t boot() const noexcept { return boot_; }
  Timestamp last() const noexcept { return last_; }  // as noted last
  // Added to monotonic time: the line.
  Duration offset() const noexcept { return offset_; }
  // What the wall clock was ahead of the line by when it was noted last; 0 while it is followed.
  Duration ahead() const noexcept { return ahead_; }

  // Whether it differs from what is stored by more than may be lost.
  bool IsNews(const SteadyTime& stored) const noexcept;
  // Of a boot that what is stored does not know, and that can be told from others.
  bool IsAnotherBoot(const SteadyTime& stored) const noexcept { return boot_ != 0 && boot_ != stored.boot_; }
  // Permanent; docs/formats/storage.md.
  std::string Encode() const;
  // Nothing when the bytes are not exactly one. What comes back has not begun: the next `Note` tells which boot it is.
  static std::optional<SteadyTime> Decode(std::string_view bytes);

 private:
  std::optional<Correction> Begin(const ClockReading& reading) noexcept;
  Correction MoveTo(Timestamp now, const ClockReading& reading) noexcept;
  void Take(const ClockReading& reading) noexcept;

  bool is_known_ = false;  // something was noted, here or in an earlier process
  bool is_begun_ = false;  // by this process
  std::uint64_t boot_ = 0;
  Duration offset_{0};
  Duration ahead_{0};
  Timestamp last_ = Timestamp::min();
  Timestamp settled_ = Timestamp::min();  // what was noted before is right
  bool is_confirmed_ = false;             // likewise the line of this boot
  // What the line may be late by at most, as the wall clock it began with was behind, or may have been set right.
  Duration late_{0};
  bool has_server_ = false;               // one has said what time it is, so one will
  Timestamp earlier_ = Timestamp::min();  // as noted last by earlier processes; not stored
};

}  // namespace guidon
