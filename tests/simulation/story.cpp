#include "tests/simulation/story.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "guidon/consent.h"
#include "guidon/context.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/network.h"

namespace guidon::simulation {
namespace {

constexpr const char* kFateNames[] = {"fine",
                                      "refused",
                                      "cut before it is taken",
                                      "cut after it is taken",
                                      "never answered",
                                      "half answered",
                                      "503",
                                      "429, wait",
                                      "429, wait until",
                                      "503, wait for nonsense",
                                      "401",
                                      "404",
                                      "400",
                                      "413",
                                      "415",
                                      "a login page",
                                      "302",
                                      "partly rejected"};
constexpr const char* kConsentNames[] = {"unknown", "granted", "denied"};
constexpr const char* kCarryNames[] = {"nothing", "what nobody did", "what the one before did"};
constexpr const char* kDiskFaultNames[] = {"full", "broken", "doubtful"};
constexpr const char* kCrashNames[] = {"before it", "amid it", "after it"};
constexpr const char* kRowKinds[] = {"o/", "s/", "h/", "c/", "y/", "b/", "d/", "m/scopes", "n/counters"};

constexpr auto kMostDiskFault = static_cast<std::int64_t>(DiskFault::kDoubtful);

// Makes the steps of one device.
class LifeMaker final {
 public:
  LifeMaker(std::uint64_t seed, int device, int days, std::uint32_t faults)
      : dice_(seed, 1'000 + static_cast<std::uint64_t>(device)), device_(device), days_(days), faults_(faults) {}

  std::vector<Step> Make() {
    const std::int64_t most_sessions[] = {1, 2, 4, 7};
    const std::int64_t most = most_sessions[dice_.Below(4)];
    at_ = dice_.Between(0, kHour);
    if (dice_.Chance(90)) {
      Add(Do::kStart);
      Add(Do::kConsent, static_cast<std::int64_t>(Consent::kGranted));
    }
    for (int day = 0; day < days_; ++day) {
      if (dice_.OneIn(15)) {
        IdleDay(day);
        continue;
      }
      Troubles(day);
      std::vector<std::int64_t> begins;
      for (std::int64_t i = dice_.Between(most > 2 ? 1 : 0, most); i > 0; --i) {
        begins.push_back(day * kDay + dice_.Between(0, kDay - kHour));
      }
      std::sort(begins.begin(), begins.end());
      for (const std::int64_t begin : begins) Session(std::max(at_, begin));
    }
    return std::move(steps_);
  }

 private:
  bool Has(Fault fault) const { return (faults_ >> static_cast<unsigned>(fault) & 1) != 0; }

  void Add(Do what, std::int64_t a = 0, std::int64_t b = 0) {
    steps_.push_back({at_, device_, what, a, b, dice_.Next()});
  }

  void IdleDay(int day) {
    at_ = std::max(at_, day * kDay + dice_.Between(0, 2 * kHour));
    Add(Do::kForeground);
    Add(Do::kIdle, dice_.Between(4, 16) * kHour);
    at_ += 17 * kHour;
    Add(Do::kBackground);
  }

  // What goes wrong whether or not somebody uses the app.
  void Troubles(int day) {
    const auto somewhen = [&](Do what, std::int64_t a, std::int64_t b = 0) {
      steps_.push_back({std::max(at_, day * kDay + dice_.Between(0, kDay - 1)), device_, what, a, b, dice_.Next()});
    };
    if (Has(Fault::kNetwork) && dice_.OneIn(4)) somewhen(Do::kOffline, dice_.Between(kMinute, 20 * kHour));
    if (Has(Fault::kNetwork) && dice_.OneIn(5)) somewhen(Do::kSlow, dice_.Between(kMinute, 5 * kHour));
    if (Has(Fault::kDisk) && dice_.OneIn(12)) {
      somewhen(Do::kDiskDown, dice_.Between(0, kMostDiskFault), dice_.Between(kSecond, 3 * kHour));
    }
    if (Has(Fault::kDisk) && dice_.OneIn(30)) somewhen(Do::kFilesFail, dice_.Between(kMinute, 5 * kHour));
    if (Has(Fault::kClock) && dice_.OneIn(6)) {
      const std::int64_t jumps[] = {kSecond, kMinute, kHour, 26 * kHour, 40 * kDay, 400 * kDay};
      somewhen(Do::kClockStep, jumps[dice_.Below(6)] * (dice_.Chance(50) ? 1 : -1));
      if (dice_.Chance(70)) somewhen(Do::kClockSet, 0);
    }
    if (Has(Fault::kClock) && dice_.OneIn(10)) somewhen(Do::kZone, dice_.Between(-24, 28) * 30 * kMinute);
    if (Has(Fault::kPower) && dice_.OneIn(6)) {
      somewhen(Do::kPowerCut, dice_.Between(10 * kSecond, 3 * kHour));
      if (Has(Fault::kClock) && dice_.OneIn(3)) somewhen(Do::kClockLost, 0);
    }
    if (Has(Fault::kCorruption) && dice_.OneIn(15)) {
      somewhen(Do::kCorruptRow, static_cast<std::int64_t>(dice_.Below(dice_.OneIn(6) ? 9 : 7)));
    }
    if (Has(Fault::kCorruption) && dice_.OneIn(60)) somewhen(Do::kCorruptStore, 0);
  }

  void Session(std::int64_t begin) {
    at_ = begin;
    Add(Do::kForeground);
    for (std::int64_t i = dice_.Between(1, 8); i > 0; --i) {
      at_ += dice_.OneIn(3) ? dice_.Between(5, 400) : dice_.Between(kSecond, 90 * kSecond);
      Trouble();
      Act();
    }
    at_ += dice_.Between(50, 30 * kSecond);
    const std::uint64_t end = dice_.Below(100);
    if (end < 25 && Has(Fault::kKills)) {
      Add(Do::kKill);
    } else if (end < 30 && Has(Fault::kPower)) {
      Add(Do::kPowerCut, dice_.Between(10 * kSecond, kHour));
    } else if (end < 55) {
      Add(Do::kClose, dice_.Between(0, 3) * kSecond);
    } else {
      Add(Do::kBackground);
    }
    at_ += 10 * kSecond;
  }

  // What goes wrong in the middle of it.
  void Trouble() {
    if (Has(Fault::kKills) && dice_.OneIn(25)) {
      switch (dice_.Below(3)) {
        case 0: return Add(Do::kKillAtTask, dice_.Between(1, 25));
        case 1: return Add(Do::kKillAtDisk, dice_.Between(1, 6), dice_.Between(0, 2));
        default: return Add(Do::kKillAtRequest, dice_.Between(1, 2), dice_.Between(0, 1));
      }
    }
    if (Has(Fault::kNetwork) && dice_.OneIn(15)) {
      return Add(Do::kAnswer, dice_.Between(1, kFates - 1), dice_.OneIn(4) ? dice_.Between(2, 6) : 1);
    }
    if (Has(Fault::kDisk) && dice_.OneIn(40))
      Add(Do::kDiskFails, dice_.Between(0, kMostDiskFault), dice_.Between(1, 4));
  }

  void Act() {
    const std::uint64_t what = dice_.Below(100);
    if (what < 46) return Add(Do::kTrack, dice_.Between(0, 3));
    if (what < 64) return Add(Do::kRead);
    if (what < 70) return Add(Do::kPress);
    if (what < 77) return Add(Do::kDismiss);
    if (what < 80) return Add(Do::kSnooze);
    if (what < 82) return Add(Do::kBusy, dice_.Between(kSecond, 3 * kMinute));
    if (what < 83) return Add(Do::kUndrawn);
    if (what < 85) return Add(Do::kFlush);
    if (what < 86) return Add(Do::kInvalid);
    if (what < 87) return Add(Do::kBurst, dice_.OneIn(10) ? dice_.Between(300, 900) : dice_.Between(5, 40));
    if (what < 89 && Has(Fault::kPoison)) return Add(Do::kPoison);
    if (what < 93 && Has(Fault::kIdentity)) {
      if (dice_.OneIn(3)) return Add(Do::kLogout);
      return Add(Do::kLogin, dice_.Between(0, 2), dice_.Between(0, 2));
    }
    if (what < 95 && Has(Fault::kConsent)) return Add(Do::kConsent, dice_.Between(0, 2));
    if (what < 97) return Add(Do::kConsent, static_cast<std::int64_t>(Consent::kGranted));
    Add(Do::kTrack, 0);
  }

  Dice dice_;
  const int device_;
  const int days_;
  const std::uint32_t faults_;
  std::int64_t at_ = 0;
  std::vector<Step> steps_;
};

std::string LengthText(std::int64_t ms) {
  if (ms < 0) return "-" + LengthText(-ms);
  if (ms % kDay == 0 && ms > 0) return std::to_string(ms / kDay) + " d";
  if (ms >= kHour) return std::to_string(ms / kHour) + " h " + std::to_string(ms % kHour / kMinute) + " min";
  if (ms >= kMinute) return std::to_string(ms / kMinute) + " min " + std::to_string(ms % kMinute / kSecond) + " s";
  return std::to_string(ms) + " ms";
}

std::string ToText(const Step& step) {
  const auto a = static_cast<std::size_t>(step.a);
  const std::string number = std::to_string(step.a);
  switch (step.what) {
    case Do::kStart: return "the app starts";
    case Do::kClose: return "the app closes, within " + LengthText(step.a);
    case Do::kForeground: return "the app comes to the foreground";
    case Do::kBackground: return "the app goes to the background";
    case Do::kIdle: return "nobody touches it for " + LengthText(step.a);
    case Do::kTrack: return "an event is tracked: " + std::string(EventName(step.a));
    case Do::kBurst: return number + " events are tracked at once";
    case Do::kInvalid: return "an event without a name is tracked";
    case Do::kPoison: return "an event is tracked that the collector refuses";
    case Do::kRead: return "flags are read";
    case Do::kPress: return "the prompt's button is pressed";
    case Do::kDismiss: return "the prompt is dismissed";
    case Do::kSnooze: return "the prompt is put off";
    case Do::kBusy: return "the app is busy for " + LengthText(step.a);
    case Do::kUndrawn: return "the next prompt cannot be drawn";
    case Do::kLogin: return "account " + number + " logs in, carrying " + kCarryNames[step.b];
    case Do::kLogout: return "logs out";
    case Do::kConsent: return std::string("consent is ") + kConsentNames[a];
    case Do::kFlush: return "the app flushes";
    case Do::kKill: return "the app is killed";
    case Do::kKillAtTask: return "the app is killed after " + number + " more tasks";
    case Do::kKillAtDisk: return "the app is killed at call " + number + " to the disk, " + kCrashNames[step.b];
    case Do::kKillAtRequest:
      return "the app is killed at request " + number + (step.b != 0 ? ", which arrives" : ", which does not arrive");
    case Do::kPowerCut: return "the power is cut, for " + LengthText(step.a);
    case Do::kOffline: return "no network for " + LengthText(step.a);
    case Do::kSlow: return "a slow network for " + LengthText(step.a);
    case Do::kAnswer: return "the next " + std::to_string(step.b) + " requests: " + kFateNames[a];
    case Do::kDiskFails: return "the next " + std::to_string(step.b) + " calls to the disk: " + kDiskFaultNames[a];
    case Do::kDiskDown: return std::string("the disk is ") + kDiskFaultNames[a] + " for " + LengthText(step.b);
    case Do::kFilesFail: return "files cannot be written for " + LengthText(step.a);
    case Do::kCorruptRow: return std::string("a row is damaged: ") + kRowKinds[a];
    case Do::kCorruptStore: return "the store is damaged";
    case Do::kClockStep: return "the clock jumps by " + LengthText(step.a);
    case Do::kClockLost: return "the clock says 1970";
    case Do::kClockSet: return "the clock is set right";
    case Do::kZone: return "local time is UTC + " + LengthText(step.a);
    case Do::kPublish: return "version " + number + " is published";
  }
  return "?";
}

}  // namespace

const char* EventName(std::int64_t which) {
  constexpr const char* kNames[] = {"message_sent", "file_opened", "searched", "paid"};
  return kNames[which % 4];
}

const char* RowKind(std::int64_t which) { return kRowKinds[which % 9]; }

Fault FaultOf(Do what) {
  switch (what) {
    case Do::kKill:
    case Do::kKillAtTask:
    case Do::kKillAtDisk:
    case Do::kKillAtRequest: return Fault::kKills;
    case Do::kPowerCut: return Fault::kPower;
    case Do::kOffline:
    case Do::kSlow:
    case Do::kAnswer: return Fault::kNetwork;
    case Do::kDiskFails:
    case Do::kDiskDown:
    case Do::kFilesFail: return Fault::kDisk;
    case Do::kCorruptRow:
    case Do::kCorruptStore: return Fault::kCorruption;
    case Do::kClockStep:
    case Do::kClockLost:
    case Do::kClockSet:
    case Do::kZone: return Fault::kClock;
    case Do::kLogin:
    case Do::kLogout: return Fault::kIdentity;
    case Do::kPoison: return Fault::kPoison;
    default: return Fault::kNone;
  }
}

Story MakeStory(std::uint64_t seed) {
  Dice dice(seed);
  Story story;
  story.seed = seed;
  story.devices = static_cast<int>(dice.Between(1, 6));
  story.days = static_cast<int>(dice.OneIn(8) ? dice.Between(30, 45) : dice.Between(3, 20));
  std::uint32_t faults = 0;
  if (!dice.OneIn(10)) {
    for (unsigned fault = 1; fault < kFaults; ++fault) faults |= dice.Chance(55) ? 1u << fault : 0;
  }
  for (int device = 0; device < story.devices; ++device) {
    std::vector<Step> steps = LifeMaker(seed, device, story.days, faults).Make();
    story.steps.insert(story.steps.end(), steps.begin(), steps.end());
  }
  std::int64_t version = 1;
  for (std::int64_t at = dice.Between(0, 2 * kDay); at < story.days * kDay; at += dice.Between(kDay, 5 * kDay)) {
    story.steps.push_back({at, kEverybody, Do::kPublish, ++version, 0, 0});
  }
  std::stable_sort(story.steps.begin(), story.steps.end(), [](const Step& a, const Step& b) { return a.at < b.at; });
  return story;
}

std::string TimeText(std::int64_t at) {
  char text[64];
  std::snprintf(text, sizeof text, "day %2d %02d:%02d:%02d.%03d", static_cast<int>(at / kDay) + 1,
                static_cast<int>(at % kDay / kHour), static_cast<int>(at % kHour / kMinute),
                static_cast<int>(at % kMinute / kSecond), static_cast<int>(at % kSecond));
  return text;
}

std::string Describe(const Step& step) {
  const std::string who = step.device == kEverybody ? "everybody" : "device " + std::to_string(step.device);
  return TimeText(step.at) + "  " + who + "  " + ToText(step);
}

}  // namespace guidon::simulation
