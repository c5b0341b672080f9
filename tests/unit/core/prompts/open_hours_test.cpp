#include "sdk/core/prompts/open_hours.h"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "sdk/core/base/text.h"
#include "sdk/core/ruleset/ruleset.h"
#include "tests/unit/core/rules.h"

using namespace guidon;
using namespace guidon::testing;
using evaluation::LocalClock;
using ruleset::OpenHours;

namespace {

constexpr Duration kMinute{60'000};
constexpr Duration kHour = 60 * kMinute;
constexpr Duration kDay = 24 * kHour;

Timestamp Time(const std::string& text) {
  const auto time = text::ParseTimestamp(text);
  REQUIRE(time.has_value());
  return *time;
}

// A clock that is ahead by `before`, and from `change` on by `after`.
struct Zone {
  std::string name;
  std::string change;
  Duration before;
  Duration after;

  std::function<Duration(Timestamp)> Offset() const {
    return [at = Time(change), was = before, is = after](Timestamp when) { return when < at ? was : is; };
  }
};

const Zone kZones[] = {
    {"Berlin, to summer", "2027-03-28T01:00:00Z", kHour, 2 * kHour},
    {"Berlin, to winter", "2027-10-31T01:00:00Z", 2 * kHour, kHour},
    {"New York, to winter", "2027-11-07T06:00:00Z", -4 * kHour, -5 * kHour},
    {"Lord Howe, by half an hour", "2027-04-03T15:00:00Z", 11 * kHour, 10 * kHour + 30 * kMinute},
    {"Havana, at midnight to 1", "2027-03-14T05:00:00Z", -5 * kHour, -4 * kHour},
    {"Azores, at 1 to midnight", "2027-10-31T01:00:00Z", Duration(0), -kHour},
    {"at midnight back to 23", "2027-10-31T00:00:00Z", Duration(0), -kHour},
    {"Apia, over a day", "2011-12-30T10:00:00Z", -10 * kHour, 14 * kHour},
    {"Kathmandu, never", "2027-06-01T00:00:00Z", 5 * kHour + 45 * kMinute, 5 * kHour + 45 * kMinute},
    {"a leap day", "2028-02-29T12:00:00Z", kHour, kHour},
};

OpenHours Hours(const char* text, std::uint8_t days = ruleset::kEveryDay) {
  OpenHours hours;
  REQUIRE(ruleset::ReadHours(text, &hours));
  hours.days = days;
  return hours;
}

}  // namespace

TEST_CASE("hours are open while the clock reads them, on the days on which they begin") {
  const std::uint8_t weekdays = 0x1F;
  const struct {
    std::string name;
    OpenHours hours;
    const char* when;
    bool is_open;
  } rows[] = {
      {"a moment before", Hours("09:00-18:00"), "2026-11-18T08:59:59.999Z", false},
      {"at once", Hours("09:00-18:00"), "2026-11-18T09:00:00Z", true},
      {"the last moment", Hours("09:00-18:00"), "2026-11-18T17:59:59.999Z", true},
      {"over", Hours("09:00-18:00"), "2026-11-18T18:00:00Z", false},
      {"on a Friday", Hours("09:00-18:00", weekdays), "2026-11-20T12:00:00Z", true},
      {"on a Saturday", Hours("09:00-18:00", weekdays), "2026-11-21T12:00:00Z", false},
      {"before midnight", Hours("21:00-08:00"), "2026-11-21T23:00:00Z", true},
      {"after midnight", Hours("21:00-08:00"), "2026-11-21T07:59:59.999Z", true},
      {"in the day", Hours("21:00-08:00"), "2026-11-21T08:00:00Z", false},
      {"Friday night goes on into Saturday", Hours("21:00-08:00", weekdays), "2026-11-21T03:00:00Z", true},
      {"Sunday night is no weekday's", Hours("21:00-08:00", weekdays), "2026-11-23T03:00:00Z", false},
      {"to midnight", Hours("21:00-24:00"), "2026-11-21T23:59:59.999Z", true},
      {"to 00:00 is the same", Hours("21:00-00:00"), "2026-11-22T00:00:00Z", false},
      {"29 February is a Tuesday", Hours("00:00-24:00", 1 << 1), "2028-02-29T12:00:00Z", true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CHECK(prompts::IsOpen(row.hours, LocalClock(Duration(0)), Time(row.when)) == row.is_open);
  }
}

TEST_CASE("hours open and close next at exactly the moment that is named, whatever the clock is set to meanwhile") {
  const OpenHours all[] = {Hours("09:00-18:00", 0x1F), Hours("21:00-08:00"),       Hours("02:00-02:30"),
                           Hours("01:30-03:30"),       Hours("23:30-00:30", 0x60), Hours("00:00-24:00", 0x40),
                           Hours("00:00-00:15"),       Hours("02:15-02:45", 0x40)};
  for (const Zone& zone : kZones) {
    CAPTURE(zone.name);
    const auto offset = zone.Offset();
    const Timestamp begin = Time(zone.change) - 3 * kDay;
    constexpr Duration kStep = 15 * kMinute;  // all of these times, and all changes, are at such a moment
    constexpr int kSteps = 18 * 96;
    for (const OpenHours& hours : all) {
      CAPTURE(ruleset::HoursText(hours));
      std::vector<bool> is_open;
      for (int i = 0; i < kSteps; ++i) {
        const Timestamp reading = begin + i * kStep + offset(begin + i * kStep);
        is_open.push_back(prompts::IsOpen(hours, LocalClock(Duration(0)), reading));
      }
      for (int from = 0; from < 5 * 96; ++from) {
        const Timestamp when = begin + from * kStep;
        const LocalClock clock(offset, when);
        CAPTURE(text::FormatTimestamp(when));
        REQUIRE(prompts::IsOpen(hours, clock, when) == is_open[static_cast<std::size_t>(from)]);
        for (const bool wanted : {true, false}) {
          int at = from;
          while (at < kSteps && is_open[static_cast<std::size_t>(at)] != wanted) ++at;
          const Timestamp expected = at < kSteps ? begin + at * kStep : ruleset::kNever;
          const Timestamp next = prompts::NextTime(hours, clock, when, wanted);
          CAPTURE(wanted);
          REQUIRE_MESSAGE(next == expected, text::FormatTimestamp(next));
        }
      }
    }
  }
}

TEST_CASE("hours by UTC or by an offset do not follow the device's clock") {
  const auto offset = kZones[0].Offset();
  const Timestamp when = Time("2027-03-29T08:30:00Z");
  const LocalClock device(offset, when);
  OpenHours hours = Hours("09:00-10:00");
  CHECK_FALSE(prompts::IsOpen(hours, device, when));
  REQUIRE(ruleset::ReadZone("+01:00", &hours.zone));
  CHECK(prompts::IsOpen(hours, device, when));
  CHECK(prompts::NextTime(hours, device, when, false) == Time("2027-03-29T09:00:00Z"));
  REQUIRE(ruleset::ReadZone("UTC", &hours.zone));
  CHECK(prompts::NextTime(hours, device, when, true) == Time("2027-03-29T09:00:00Z"));
}

TEST_CASE("a day ends at the device's next midnight, also where its clock is changed") {
  for (const Zone& zone : kZones) {
    CAPTURE(zone.name);
    const auto offset = zone.Offset();
    for (int i = -200; i < 200; ++i) {
      const Timestamp when = Time(zone.change) + i * 15 * kMinute;
      CAPTURE(text::FormatTimestamp(when));
      const LocalClock clock(offset, when);
      const Timestamp end = clock.NextDay(when);
      REQUIRE(end > when);
      REQUIRE(clock.DayOf(when) <= when);
      const Timestamp today = evaluation::MidnightOf(clock.ReadingAt(when));
      REQUIRE(evaluation::MidnightOf(clock.ReadingAt(end)) > today);
      REQUIRE(evaluation::MidnightOf(clock.ReadingAt(end - Duration(1))) <= today);
      REQUIRE(evaluation::MidnightOf(clock.ReadingAt(clock.DayOf(when))) == today);
    }
  }
}

TEST_CASE("hours, zones and days read as they are written, and nothing else does") {
  OpenHours hours;
  for (const char* text : {"09:00-18:00", "21:30-08:15", "00:00-24:00", "23:59-00:01"}) {
    CHECK(ruleset::ReadHours(text, &hours));
    CHECK(ruleset::HoursText(hours) == text);
  }
  for (const char* text : {"", "9:00-18:00", "09:00-18:0", "09:00-18:60", "24:00-08:00", "09:00-25:00", "09:00-24:01",
                           "09:00-09:00", "09:00 18:00", "-1:00-09:00", "09:00-18:00 "}) {
    CAPTURE(text);
    CHECK_FALSE(ruleset::ReadHours(text, &hours));
  }
  std::optional<Duration> zone;
  for (const char* text : {"device", "UTC", "+02:00", "-03:30", "+14:00"}) {
    CHECK(ruleset::ReadZone(text, &zone));
    CHECK(ruleset::ZoneText(zone) == text);
  }
  for (const char* text : {"", "utc", "Europe/Berlin", "+2", "+02:60", "+14:01", "02:00", "+0200"}) {
    CAPTURE(text);
    CHECK_FALSE(ruleset::ReadZone(text, &zone));
  }
  for (std::uint8_t day = 0; day < 7; ++day) CHECK(ruleset::ReadDay(ruleset::DayName(day)) == day);
  CHECK(ruleset::ReadDay("monday") == 7);
}
