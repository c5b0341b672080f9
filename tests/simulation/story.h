// What happens to a fleet of devices, as a list that can be printed, and shortened: every step can be left out without
// changing what the others mean. A story follows from its seed alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace guidon::simulation {

inline constexpr std::int64_t kSecond = 1'000;
inline constexpr std::int64_t kMinute = 60 * kSecond;
inline constexpr std::int64_t kHour = 60 * kMinute;
inline constexpr std::int64_t kDay = 24 * kHour;

// The steps of the world itself, such as a new datafile, are nobody's.
inline constexpr int kEverybody = -1;

enum class Do : std::uint8_t {
  // The app's life.
  kStart,
  kClose,       // a: deadline in ms
  kForeground,  // starts the app where it is not running
  kBackground,
  kIdle,  // a: for how long the app is on screen and nobody touches it
  // What people do.
  kTrack,    // a: which event
  kBurst,    // a: how many at once
  kInvalid,  // an event that cannot be taken
  kPoison,   // an event that the collector refuses, always
  kRead,     // flags
  kPress,
  kDismiss,
  kSnooze,
  kBusy,     // a: for how long the app says "later" to prompts
  kUndrawn,  // the next prompt cannot be drawn
  kLogin,    // a: account, b: carry
  kLogout,
  kConsent,  // a: guidon::Consent
  kFlush,
  // Dying.
  kKill,
  kKillAtTask,     // a: after so many more tasks of the pump
  kKillAtDisk,     // a: at the so manieth call to the disk from now, b: Disk::Crash
  kKillAtRequest,  // a: at the so manieth request from now, b: whether the server has taken it
  kPowerCut,       // a: for how long it is off
  // The network.
  kOffline,  // a: for how long
  kSlow,     // a: for how long
  kAnswer,   // a: Fate, b: of how many requests
  // The disk.
  kDiskFails,     // a: DiskFault, b: of how many calls
  kDiskDown,      // a: DiskFault, b: for how long
  kFilesFail,     // a: for how long
  kCorruptRow,    // a: of which kind, b: how
  kCorruptStore,  // all of it
  // The clock.
  kClockStep,  // a: by how much the wall clock jumps
  kClockLost,  // it is 1970
  kClockSet,   // it is right again
  kZone,       // a: what the local time is ahead of UTC by
  // The world.
  kPublish,  // a: version
};

enum class Fault : std::uint8_t {
  kNone,
  kKills,
  kPower,
  kNetwork,
  kDisk,
  kCorruption,
  kClock,
  kConsent,
  kIdentity,
  kPoison
};
inline constexpr unsigned kFaults = static_cast<unsigned>(Fault::kPoison) + 1;

struct Step {
  std::int64_t at = 0;  // ms since the story began
  int device = kEverybody;
  Do what = Do::kStart;
  std::int64_t a = 0;
  std::int64_t b = 0;
  std::uint64_t salt = 0;  // what is drawn while it is done follows from this
};

struct Story {
  std::uint64_t seed = 0;
  int devices = 0;
  int days = 0;
  std::vector<Step> steps;  // in order of time

  std::int64_t device_days() const { return std::int64_t{devices} * days; }
};

Story MakeStory(std::uint64_t seed);

// Which kind of trouble a step is; kNone: ordinary life.
Fault FaultOf(Do what);
const char* EventName(std::int64_t which);
const char* RowKind(std::int64_t which);

// "day 3 14:02:11.250  device 2  the app is killed".
std::string Describe(const Step& step);
std::string TimeText(std::int64_t at);

}  // namespace guidon::simulation
