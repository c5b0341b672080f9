#include "sdk/core/base/local_time.h"

#include <doctest/doctest.h>

#include <string>

#include "sdk/core/base/text.h"
#include "tests/unit/core/rules.h"

using namespace guidon;
using namespace guidon::evaluation;
using namespace guidon::testing;

namespace {

constexpr Duration kMinute{60'000};
constexpr Duration kHour = 60 * kMinute;

Timestamp Time(const std::string& text) {
  const auto time = text::ParseTimestamp(text);
  REQUIRE(time.has_value());
  return *time;
}

using Zone = Duration (*)(Timestamp);

Duration Berlin(Timestamp at) {
  static const Timestamp forward = Time("2027-03-28T01:00:00Z");
  static const Timestamp back = Time("2027-10-31T01:00:00Z");
  return at >= forward && at < back ? 2 * kHour : kHour;
}
Duration NewYork(Timestamp at) {
  static const Timestamp forward = Time("2027-03-14T07:00:00Z");
  static const Timestamp back = Time("2027-11-07T06:00:00Z");
  return at >= forward && at < back ? -4 * kHour : -5 * kHour;
}
Duration LordHowe(Timestamp at) {  // by half an hour
  static const Timestamp back = Time("2027-04-03T15:00:00Z");
  return at < back ? 11 * kHour : 10 * kHour + 30 * kMinute;
}
Duration Apia(Timestamp at) {  // has no 2011-12-30
  static const Timestamp forward = Time("2011-12-30T10:00:00Z");
  return at < forward ? -10 * kHour : 14 * kHour;
}
Duration Kathmandu(Timestamp) { return 5 * kHour + 45 * kMinute; }
Duration Broken(Timestamp) { return Duration(std::int64_t{1} << 60); }

}  // namespace

TEST_CASE("a local time is the first moment at which the device's clock shows it or has jumped past it") {
  const struct {
    std::string name;
    Zone zone;
    std::string reading;
    std::string expected;
  } rows[] = {
      {"UTC", nullptr, "2026-12-24T18:00:00", "2026-12-24T18:00:00Z"},
      {"winter", Berlin, "2026-12-24T18:00:00", "2026-12-24T17:00:00Z"},
      {"summer", Berlin, "2027-07-01T00:00:00", "2027-06-30T22:00:00Z"},
      {"the last second of winter time", Berlin, "2027-03-28T01:59:59", "2027-03-28T00:59:59Z"},
      {"when the clock is set forward", Berlin, "2027-03-28T02:00:00", "2027-03-28T01:00:00Z"},
      {"a time that does not exist", Berlin, "2027-03-28T02:30:00", "2027-03-28T01:00:00Z"},
      {"the first time that exists again", Berlin, "2027-03-28T03:00:00", "2027-03-28T01:00:00Z"},
      {"a moment after it", Berlin, "2027-03-28T03:00:01", "2027-03-28T01:00:01Z"},
      {"the day before", Berlin, "2027-03-27T02:30:00", "2027-03-27T01:30:00Z"},
      {"a time that comes twice", Berlin, "2027-10-31T02:30:00", "2027-10-31T00:30:00Z"},
      {"its beginning", Berlin, "2027-10-31T02:00:00", "2027-10-31T00:00:00Z"},
      {"its end, which comes once", Berlin, "2027-10-31T03:00:00", "2027-10-31T02:00:00Z"},
      {"west of UTC", NewYork, "2027-01-01T00:00:00", "2027-01-01T05:00:00Z"},
      {"west of UTC, not there", NewYork, "2027-03-14T02:15:00", "2027-03-14T07:00:00Z"},
      {"west of UTC, twice", NewYork, "2027-11-07T01:30:00", "2027-11-07T05:30:00Z"},
      {"twice within half an hour", LordHowe, "2027-04-04T01:45:00", "2027-04-03T14:45:00Z"},
      {"before that half hour", LordHowe, "2027-04-04T01:15:00", "2027-04-03T14:15:00Z"},
      {"after it", LordHowe, "2027-04-04T02:15:00", "2027-04-03T15:45:00Z"},
      {"a whole day that is not there", Apia, "2011-12-30T12:00:00", "2011-12-30T10:00:00Z"},
      {"the evening before", Apia, "2011-12-29T23:59:59", "2011-12-30T09:59:59Z"},
      {"the morning after", Apia, "2011-12-31T00:00:00", "2011-12-30T10:00:00Z"},
      {"three quarters of an hour", Kathmandu, "2027-01-01T00:00:00", "2026-12-31T18:15:00Z"},
      {"no more than a day off", Broken, "2027-01-02T00:00:00", "2027-01-01T00:00:00Z"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CHECK(text::FormatTimestamp(WhenClockReads(Time(row.reading + "Z"), row.zone)) == row.expected);
  }
}

TEST_CASE("whatever hour of the year it is, the clock has not come to it a millisecond before") {
  for (const Zone zone : {Berlin, NewYork, LordHowe, Apia, Kathmandu}) {
    const Timestamp start = zone == Apia ? Time("2011-12-20T00:00:00Z") : Time("2027-01-01T00:00:00Z");
    for (int i = 0; i < 366 * 48; ++i) {
      const Timestamp reading = start + i * 30 * kMinute;
      const Timestamp when = WhenClockReads(reading, zone);
      const bool has_come = when + zone(when) >= reading;
      const Timestamp before = when - Duration(1);
      const bool had_come = before + zone(before) >= reading;
      if (!has_come || had_come) FAIL(text::FormatTimestamp(reading));
    }
  }
}

namespace {

const char* const kSeasons =
    R"("layers":{"l":{"unit":"device","salt":"l.1"}},"experiments":{"e":{"iteration":1,"status":"running",)"
    R"("starts_at":{"local":"2027-03-28T02:30:00"},"ends_at":{"local":"2027-10-31T02:30:00"},)"
    R"("layer":"l","slots":[[0,1000000]],"salt":"e.1","variants":{"a":{"slots":[[0,1000000]],"flags":{"f":"A"}}}}},)"
    R"("flags":{"f":{"type":"string","default":"off","rules":[{"id":"r1","experiment":"e"}]}})";

Outcome At(const Rules& rules, Timestamp now, const std::function<Duration(Timestamp)>& zone) {
  const Context context = Context().Unit("device", "u-1");
  return Evaluate(*rules, *rules->FindFlag("f"), PreparedContext(*rules, context, {nullptr, nullptr, zone}, now), now);
}

}  // namespace

TEST_CASE("an experiment starts and ends by the device's own clock, and says when that is") {
  const Rules rules = LoadRules(kSeasons);
  const Timestamp starts = Time("2027-03-28T01:00:00Z");
  const Timestamp ends = Time("2027-10-31T00:30:00Z");
  const Outcome early = At(rules, starts - Duration(1), Berlin);
  CHECK(early.reason == Reason::kDefault);
  CHECK(early.valid_until == starts);
  const Outcome first = At(rules, starts, Berlin);
  CHECK(first.reason == Reason::kExperiment);
  CHECK(first.valid_until == ends);
  CHECK(At(rules, ends - Duration(1), Berlin).reason == Reason::kExperiment);
  CHECK(At(rules, ends, Berlin).reason == Reason::kDefault);
  CHECK(At(rules, ends, Berlin).valid_until == ruleset::kNever);
  // The same moments are others elsewhere.
  CHECK(At(rules, starts, NewYork).valid_until == Time("2027-03-28T06:30:00Z"));
  CHECK(At(rules, starts, nullptr).valid_until == Time("2027-03-28T02:30:00Z"));
}
