#include "sdk/core/base/steady_time.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace guidon {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Duration kDay = hours(24);
const Timestamp kNoon = TimestampFromMs(1'795'348'800'000);  // 2026-11-22T12:00:00Z

// A boot begins a millisecond after what was known last.
bool IsNear(Duration a, Duration b) { return a - b <= Duration(2) && b - a <= Duration(2); }

// A device: time passes, its clock is set, it restarts the app and itself.
class Device {
 public:
  Device() { Note(); }

  void Pass(Duration by) {
    mono_ += by;
    wall_ += by;
    truth_ += by;
  }
  void SetClock(Duration by) { wall_ += by; }
  void Restart() {
    time_ = *SteadyTime::Decode(time_.Encode());
    Note();
  }
  // Off for so long; then the clock is off by that much more.
  void Reboot(Duration off, Duration jump = Duration(0)) {
    wall_ += off + jump;
    truth_ += off;
    mono_ = MonoTime(Duration(1'000));
    ++boot_;
    Restart();
  }
  void Note() { Take(time_.Note(Reading())); }
  // A server whose clock is right.
  void Confirm() {
    Note();
    Take(time_.Confirm(truth_, Reading()));
  }
  // A moment that is remembered.
  void Remember() {
    Note();
    noted_.push_back(time_.last());
    true_.push_back(truth_);
  }

  Duration late() const { return truth_ - time_.Of(wall_, mono_); }
  const SteadyTime& time() const { return time_; }
  // How long ago what was remembered is, less how long ago it was.
  std::vector<Duration> too_long_ago() const {
    std::vector<Duration> result;
    for (std::size_t i = 0; i < noted_.size(); ++i) {
      result.push_back((time_.Of(wall_, mono_) - noted_[i]) - (truth_ - true_[i]));
    }
    return result;
  }

 private:
  ClockReading Reading() const { return {wall_, mono_, boot_}; }
  void Take(const std::optional<SteadyTime::Correction>& correction) {
    if (!correction) return;
    for (Timestamp& each : noted_) each = correction->Of(each);
  }

  Timestamp truth_ = kNoon;
  Timestamp wall_ = kNoon;
  MonoTime mono_{Duration(5'000'000)};
  std::uint64_t boot_ = 1;
  SteadyTime time_;
  std::vector<Timestamp> noted_, true_;
};

TEST_CASE("what a clock that jumps does to the time, until a server says which is right") {
  const struct Row {
    const char* name;
    void (*happens)(Device&);
    Duration late;
    Duration late_once_confirmed;
  } rows[] = {
      {"nothing", [](Device&) {}, Duration(0), Duration(0)},
      {"set right by minutes", [](Device& d) { d.SetClock(minutes(9)); }, -minutes(9), -minutes(9)},
      {"forward", [](Device& d) { d.SetClock(40 * kDay); }, Duration(0), Duration(0)},
      {"back", [](Device& d) { d.SetClock(-40 * kDay); }, Duration(0), Duration(0)},
      {"forward and back", [](Device& d) { d.SetClock(40 * kDay), d.Note(), d.SetClock(-40 * kDay); }, Duration(0),
       Duration(0)},
      {"forward, then another process", [](Device& d) { d.SetClock(40 * kDay), d.Note(), d.Restart(); }, Duration(0),
       Duration(0)},
      {"forward between processes", [](Device& d) { d.SetClock(40 * kDay), d.Restart(); }, Duration(0), Duration(0)},
      {"another boot", [](Device& d) { d.Reboot(hours(8)); }, Duration(0), Duration(0)},
      {"forward between boots: as if it had been off so long", [](Device& d) { d.Reboot(hours(8), 40 * kDay); },
       -40 * kDay, Duration(0)},
      {"back between boots: on from where it was", [](Device& d) { d.Reboot(hours(8), -40 * kDay); }, hours(8),
       Duration(0)},
      {"back between boots, and set right",
       [](Device& d) { d.Reboot(hours(8), -40 * kDay), d.SetClock(40 * kDay), d.Note(); }, Duration(0), Duration(0)},
      {"forward, not confirmed, then another boot",
       [](Device& d) { d.SetClock(40 * kDay), d.Note(), d.Reboot(hours(8)); }, -40 * kDay, Duration(0)},
      {"forward, which a server denied, then another boot",
       [](Device& d) { d.SetClock(40 * kDay), d.Confirm(), d.Reboot(hours(8)); }, Duration(0), Duration(0)},
      {"back, which a server denied, then another boot",
       [](Device& d) { d.SetClock(-40 * kDay), d.Confirm(), d.Reboot(hours(8)); }, hours(8), Duration(0)},
      {"forward, which a server denied, then set right before another boot",
       [](Device& d) { d.SetClock(40 * kDay), d.Confirm(), d.Reboot(hours(8), -40 * kDay); }, Duration(0), Duration(0)},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Device device;
    device.Pass(hours(1));
    device.Note();
    row.happens(device);
    CHECK(IsNear(device.late(), row.late));
    device.Confirm();
    CHECK(device.late() == row.late_once_confirmed);
    device.Pass(hours(1));
    device.Restart();
    CHECK(device.late() == row.late_once_confirmed);
  }
}

TEST_CASE("when the time is set right, what was noted goes with it: nothing is longer ago than it was") {
  const struct Row {
    const char* name;
    void (*happens)(Device&);
    Duration before_the_boot;  // is taken for less ago than it was
    Duration of_the_boot;
  } rows[] = {
      {"behind since ever", [](Device& d) { d.Confirm(); }, Duration(0), Duration(0)},
      {"another boot behind, then a server",
       [](Device& d) { d.Reboot(hours(8), -40 * kDay), d.Remember(), d.Confirm(); }, hours(8), Duration(0)},
      {"another boot behind, then set right",
       [](Device& d) { d.Reboot(hours(8), -40 * kDay), d.Remember(), d.SetClock(40 * kDay), d.Note(); }, hours(8),
       Duration(0)},
      {"confirmed, another boot behind, then a server",
       [](Device& d) { d.Confirm(), d.Reboot(hours(8), -40 * kDay), d.Remember(), d.Confirm(); }, Duration(0),
       Duration(0)},
      {"two boots behind, then one ahead",
       [](Device& d) { d.Reboot(hours(8), -40 * kDay), d.Remember(), d.Reboot(hours(8), 40 * kDay); }, hours(16),
       hours(8)},
      {"behind as a server had found it, then set right before another boot",
       [](Device& d) {
         d.SetClock(-hours(8)), d.Confirm();
         d.Reboot(hours(20)), d.Remember(), d.Reboot(hours(28), hours(8));
       },
       Duration(0), Duration(0)},
      {"ahead as a server had found it, set right without anybody's knowledge, then far back and right again",
       [](Device& d) {
         d.SetClock(hours(5)), d.Confirm();
         d.Reboot(hours(20), -hours(5)), d.Remember();
         d.SetClock(-40 * kDay), d.Note(), d.Reboot(hours(28), 40 * kDay);
       },
       Duration(0), Duration(0)},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Device device;
    device.Pass(hours(1));
    device.Remember();
    row.happens(device);
    CHECK(device.late() == Duration(0));
    const std::vector<Duration> ago = device.too_long_ago();
    CHECK(IsNear(ago[0], -row.before_the_boot));
    if (ago.size() > 1) CHECK(IsNear(ago[1], -row.of_the_boot));
  }

  SUBCASE("a line that was ahead leaves nothing in the future") {
    Device device;
    device.SetClock(Duration(0));
    device.Reboot(hours(1), 40 * kDay);
    device.Remember();
    device.Pass(hours(2));
    device.Confirm();
    CHECK(device.too_long_ago()[0] == -hours(2));  // as if it had been just now
  }
}

TEST_CASE("a moment of an earlier boot lies between what was known last and now") {
  SteadyTime earlier;
  (void)earlier.Note({kNoon, MonoTime(Duration(1'000)), 1});
  std::optional<SteadyTime> time = SteadyTime::Decode(earlier.Encode());
  REQUIRE(time);
  CHECK_FALSE(time->is_begun());
  (void)time->Note({kNoon + hours(5), MonoTime(Duration(1'000)), 2});
  CHECK(time->OfEarlierBoot(kNoon + hours(2)) == kNoon + hours(2));
  CHECK(time->OfEarlierBoot(kNoon - 40 * kDay) == kNoon);
  CHECK(time->OfEarlierBoot(kNoon + 40 * kDay) == kNoon + hours(5));
}

TEST_CASE("without a boot's id each process is a boot of its own") {
  SteadyTime first;
  (void)first.Note({kNoon, MonoTime(Duration(1'000)), 0});
  SteadyTime second = *SteadyTime::Decode(first.Encode());
  (void)second.Note({kNoon - 40 * kDay, MonoTime(Duration(500'000)), 0});
  CHECK(second.Of(kNoon - 40 * kDay, MonoTime(Duration(500'000))) == kNoon + Duration(1));
}

TEST_CASE("clocks that say anything at all break nothing") {
  for (const std::int64_t wall : {INT64_MIN, INT64_MIN + 1, std::int64_t{0}, INT64_MAX - 1, INT64_MAX}) {
    for (const std::int64_t mono : {INT64_MIN, std::int64_t{0}, INT64_MAX}) {
      CAPTURE(wall);
      CAPTURE(mono);
      SteadyTime time;
      const ClockReading reading{TimestampFromMs(wall), MonoTime(Duration(mono)), 1};
      (void)time.Note(reading);
      (void)time.Note({kNoon, MonoTime(Duration(5'000)), 1});
      (void)time.Confirm(TimestampFromMs(wall), reading);
      const std::optional<SteadyTime> read = SteadyTime::Decode(time.Encode());
      REQUIRE(read);
      CHECK(read->Encode() == time.Encode());
      SteadyTime next = *read;
      (void)next.Note({kNoon, MonoTime(Duration(mono)), 2});
    }
  }
}

TEST_CASE("what is stored is one time's bytes or nothing") {
  SteadyTime time;
  (void)time.Note({kNoon, MonoTime(Duration(1'000)), 7});
  (void)time.Confirm(kNoon + kDay, {kNoon, MonoTime(Duration(1'000)), 7});
  const std::string bytes = time.Encode();
  for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(SteadyTime::Decode(bytes.substr(0, size)));
  CHECK_FALSE(SteadyTime::Decode(bytes + '\0'));
  std::string other = bytes;
  other[0] = 2;
  CHECK_FALSE(SteadyTime::Decode(other));
}

TEST_CASE("it is stored when it moved, or a minute later") {
  SteadyTime time;
  CHECK_FALSE(time.IsNews(SteadyTime()));
  (void)time.Note({kNoon, MonoTime(Duration(1'000)), 1});
  CHECK(time.IsNews(SteadyTime()));
  const SteadyTime stored = time;
  const auto after = [&](Duration passed, Duration jump) {
    SteadyTime next = stored;
    (void)next.Note({kNoon + passed + jump, MonoTime(Duration(1'000)) + passed, 1});
    return next.IsNews(stored);
  };
  CHECK_FALSE(after(Duration(59'000), Duration(0)));
  CHECK(after(minutes(1), Duration(0)));
  CHECK(after(Duration(0), 40 * kDay));
}

}  // namespace
}  // namespace guidon
