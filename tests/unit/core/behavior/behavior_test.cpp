#include "sdk/core/behavior/behavior.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "guidon/limits.h"
#include "sdk/core/base/text.h"

using namespace guidon;
using namespace guidon::behavior;

namespace {

constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kDay = 24 * kHour;
constexpr Timestamp kNever = Timestamp(Duration(std::numeric_limits<std::int64_t>::max()));

// 2026-11-18T11:00:00Z, so that the day is 11 hours old.
constexpr std::int64_t kNow = 1'795'000'000'000 - 400'000;

Timestamp At(std::int64_t from_now) { return TimestampFromMs(kNow + from_now); }

Term TermOf(Measure measure, std::string event, const char* window) {
  const auto parsed = ParseWindow(window);
  REQUIRE(parsed);
  return {measure, std::move(event), *parsed};
}

Total Ask(const Behavior& behavior, Measure measure, const char* window, Timestamp now, const char* event = "open") {
  return behavior.Ask(TermOf(measure, event, window), now);
}

// "7", "at least 3".
std::string Count(const Behavior& behavior, const char* window, Timestamp now, const char* event = "open") {
  const Total total = Ask(behavior, Measure::kCount, window, now, event);
  return (total.is_exact ? "" : "at least ") + std::to_string(total.value);
}

std::string Days(const Behavior& behavior, const char* window, Timestamp now, const char* event = "open") {
  const Total total = Ask(behavior, Measure::kActiveDays, window, now, event);
  return (total.is_exact ? "" : "at least ") + std::to_string(total.value);
}

}  // namespace

TEST_CASE("windows are whole hours, days or weeks within their bounds") {
  const struct {
    std::string text;
    std::string read;  // empty: none
  } rows[] = {
      {"1h", "1h"},       {"72h", "72h"},
      {"73h", ""},        {"1d", "1d"},
      {"400d", "400d"},   {"401d", ""},
      {"1w", "7d"},       {"57w", "399d"},
      {"58w", ""},        {"ever", "ever"},
      {"014d", "14d"},    {"0d", ""},
      {"0h", ""},         {"", ""},
      {"d", ""},          {"14", ""},
      {"14 d", ""},       {"-1d", ""},
      {"+1d", ""},        {"1.5d", ""},
      {"14D", ""},        {"90m", ""},
      {"30s", ""},        {"1y", ""},
      {"Ever", ""},       {"14cd", "14cd"},
      {"400cd", "400cd"}, {"401cd", ""},
      {"cd", ""},         {"2cw", ""},
      {"2ch", ""},        {"session", "session"},
      {"1session", ""},   {"c2d", ""},
      {"0cd", ""},        {"99999d", ""},
      {"9999w", ""},      {"4294967297d", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto window = ParseWindow(row.text);
    CHECK((window ? WindowText(*window) : "") == row.read);
  }
}

TEST_CASE("a window is the current hour or day and those before it") {
  const struct {
    std::string name;
    std::vector<std::int64_t> events;  // ms from now
    const char* window;
    std::int64_t count;
    std::int64_t days;
  } rows[] = {
      {"nothing", {}, "14d", 0, 0},
      {"nothing, ever", {}, "ever", 0, 0},
      {"this very moment", {0}, "1h", 1, 1},
      {"several at once", {0, 0, 0}, "1d", 3, 1},
      {"the first moment of the day", {-11 * kHour}, "1d", 1, 1},
      {"the last moment of yesterday", {-11 * kHour - 1}, "1d", 0, 0},
      {"the last moment of yesterday, of two days", {-11 * kHour - 1}, "2d", 1, 1},
      {"the first day of fourteen", {-11 * kHour - 13 * kDay}, "14d", 1, 1},
      {"the day before the fourteen", {-11 * kHour - 13 * kDay - 1}, "14d", 0, 0},
      {"two weeks are fourteen days", {-11 * kHour - 13 * kDay}, "2w", 1, 1},
      {"the first hour of 36", {-35 * kHour}, "36h", 1, 1},
      {"the hour before the 36", {-35 * kHour - 1}, "36h", 0, 0},
      {"36 hours are part of three days at most", {-35 * kHour, -20 * kHour, 0}, "36h", 3, 2},
      {"days are counted once", {-2 * kDay, -2 * kDay + 1, -kDay, 0}, "7d", 4, 3},
      {"ever", {-9'000 * kDay, -500 * kDay, -500 * kDay, 0}, "ever", 4, 3},
      {"400 days", {-399 * kDay, -400 * kDay}, "400d", 1, 1},
      {"ahead of the clock is now", {kHour}, "1h", 1, 1},
      {"far ahead of the clock is now", {9'000 * kDay}, "1d", 1, 1},
      {"days ahead of the clock are today", {0, kDay, 2 * kDay}, "1d", 3, 1},
      {"days ahead of the clock are today, and yesterday is another", {-kDay, kDay, 2 * kDay}, "7d", 3, 2},
      {"hours ahead of the clock are today", {-kHour, 30 * kHour, 60 * kHour}, "2h", 3, 1},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    Behavior behavior;
    for (const std::int64_t event : row.events) behavior.Add("open", At(event));
    behavior.Add("another", At(0));
    CHECK(Count(behavior, row.window, At(0)) == std::to_string(row.count));
    CHECK(Days(behavior, row.window, At(0)) == std::to_string(row.days));
  }
}

namespace {

Timestamp Utc(const char* time) { return *text::ParseTimestamp(time); }

// Central European: summer time ended at 2026-10-25T01:00Z and began at 2026-03-29T01:00Z.
Duration InBerlin(Timestamp when) {
  const bool is_summer = when >= Utc("2026-03-29T01:00:00Z") && when < Utc("2026-10-25T01:00:00Z");
  return Duration((is_summer ? 2 : 1) * kHour);
}
Duration InKolkata(Timestamp) { return Duration(11 * kHour / 2); }
Duration InHonolulu(Timestamp) { return Duration(-10 * kHour); }

}  // namespace

TEST_CASE("calendar days are those of the device's clock, also where it changes") {
  const struct {
    std::string name;
    Duration (*zone)(Timestamp);
    std::vector<const char*> events;
    const char* now;
    const char* window;
    std::int64_t count;
    std::int64_t days;
    const char* valid_until;  // of the count; empty: for good
  } rows[] = {
      {"the first moment of today",
       InBerlin,
       {"2026-11-20T23:00:00Z"},
       "2026-11-21T22:59:59Z",
       "1cd",
       1,
       1,
       "2026-11-21T23:00:00Z"},
      {"the last moment of yesterday", InBerlin, {"2026-11-20T22:59:59Z"}, "2026-11-20T23:00:00Z", "1cd", 0, 0, ""},
      {"two of UTC's days are one here",
       InKolkata,
       {"2026-11-20T23:59:59Z", "2026-11-21T00:00:00Z"},
       "2026-11-21T00:00:00Z",
       "1cd",
       2,
       1,
       "2026-11-21T18:30:00Z"},
      {"one of UTC's days is two here",
       InKolkata,
       {"2026-11-20T18:29:59Z", "2026-11-20T18:30:00Z"},
       "2026-11-20T19:00:00Z",
       "2cd",
       2,
       2,
       "2026-11-21T18:30:00Z"},
      {"half past the hour",
       InKolkata,
       {"2026-11-20T18:29:59Z", "2026-11-20T18:30:00Z"},
       "2026-11-20T19:00:00Z",
       "1cd",
       1,
       1,
       "2026-11-21T18:30:00Z"},
      {"behind UTC",
       InHonolulu,
       {"2026-11-21T09:59:59Z", "2026-11-21T10:00:00Z"},
       "2026-11-22T09:59:59Z",
       "1cd",
       1,
       1,
       "2026-11-22T10:00:00Z"},
      // 2026-10-25 has 25 hours, 2026-03-29 has 23.
      {"a long day",
       InBerlin,
       {"2026-10-24T22:00:00Z", "2026-10-25T22:59:59Z"},
       "2026-10-25T22:59:59Z",
       "1cd",
       2,
       1,
       "2026-10-25T23:00:00Z"},
      {"before a long day", InBerlin, {"2026-10-24T21:59:59Z"}, "2026-10-25T22:59:59Z", "1cd", 0, 0, ""},
      {"a fortnight over a long day",
       InBerlin,
       {"2026-10-17T21:59:59Z", "2026-10-17T22:00:00Z"},
       "2026-10-31T12:00:00Z",
       "14cd",
       1,
       1,
       "2026-10-31T23:00:00Z"},
      {"a short day",
       InBerlin,
       {"2026-03-28T22:59:59Z", "2026-03-28T23:00:00Z"},
       "2026-03-29T21:59:59Z",
       "1cd",
       1,
       1,
       "2026-03-29T22:00:00Z"},
      {"ahead of the clock is today",
       InBerlin,
       {"2026-11-25T12:00:00Z"},
       "2026-11-21T12:00:00Z",
       "1cd",
       1,
       1,
       "2026-11-25T23:00:00Z"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    Behavior behavior;
    for (const char* event : row.events) behavior.Add("open", Utc(event), row.zone(Utc(event)));
    const Total count = behavior.Ask(TermOf(Measure::kCount, "open", row.window), Utc(row.now), row.zone);
    CHECK(count.is_exact);
    CHECK(count.value == row.count);
    const std::string until = count.valid_until == kNever ? "" : text::FormatTimestamp(count.valid_until);
    CHECK(until == row.valid_until);
    CHECK(behavior.Ask(TermOf(Measure::kActiveDays, "open", row.window), Utc(row.now), row.zone).value == row.days);
    // As a store has it.
    const auto kept = DecodeSeries(EncodeSeries(*behavior.Find("open")));
    REQUIRE(kept);
    Behavior read;
    read.Put("open", *kept);
    CHECK(read.Ask(TermOf(Measure::kCount, "open", row.window), Utc(row.now), row.zone).value == row.count);
  }
}

TEST_CASE("a trip leaves the days that were what they were") {
  Behavior behavior;
  behavior.Add("open", Utc("2026-11-20T20:00:00Z"), InHonolulu(Timestamp()));  // the 20th at 10:00
  behavior.Add("open", Utc("2026-11-20T20:30:00Z"), InKolkata(Timestamp()));   // the 21st at 02:00
  const Timestamp now = Utc("2026-11-21T12:00:00Z");
  CHECK(behavior.Ask(TermOf(Measure::kActiveDays, "open", "2cd"), now, InKolkata).value == 2);
  CHECK(behavior.Ask(TermOf(Measure::kCount, "open", "1cd"), now, InKolkata).value == 1);
  CHECK(behavior.Ask(TermOf(Measure::kActiveDays, "open", "2d"), now, InKolkata).value == 1);
}

TEST_CASE("what is forgotten matters by the device's days where these are asked") {
  const Timestamp now = Utc("2026-11-21T12:00:00Z");
  const struct {
    const char* forgotten_before;
    bool is_exact;
  } rows[] = {{"2026-11-20T18:30:00Z", true}, {"2026-11-20T18:30:01Z", false}, {"2026-11-21T00:00:00Z", false}};
  for (const auto& row : rows) {
    CAPTURE(row.forgotten_before);
    Behavior behavior;
    behavior.ForgetBefore(Utc(row.forgotten_before));
    const Total total = behavior.Ask(TermOf(Measure::kCount, "open", "1cd"), now, InKolkata);
    CHECK(total.is_exact == row.is_exact);
    if (!row.is_exact) CHECK(text::FormatTimestamp(total.valid_until) == "2026-11-21T18:30:00Z");
  }
}

TEST_CASE("before 1970 the hours and days go on as after it") {
  Behavior behavior;
  for (const std::int64_t ms : {std::int64_t{-1}, -kDay, -kDay - 1}) behavior.Add("open", TimestampFromMs(ms));
  CHECK(Count(behavior, "1d", TimestampFromMs(-1)) == "2");
  CHECK(Count(behavior, "2d", TimestampFromMs(-1)) == "3");
  CHECK(Count(behavior, "1d", TimestampFromMs(0)) == "0");
  CHECK(Count(behavior, "2h", TimestampFromMs(0)) == "1");
}

TEST_CASE("a total says until when it holds") {
  Behavior behavior;
  behavior.Add("open", At(-3 * kDay));
  behavior.Add("open", At(-5 * kHour));
  const auto until = [&](Measure measure, const char* window, const char* event = "open") {
    const Timestamp valid_until = Ask(behavior, measure, window, At(0), event).valid_until;
    return valid_until == kNever ? std::int64_t{-1} : (ToMs(valid_until) - kNow) / kHour;
  };
  CHECK(until(Measure::kCount, "ever") == -1);
  CHECK(until(Measure::kCount, "14d", "never_happened") == -1);
  CHECK(until(Measure::kCount, "5h") == -1);  // none in it, and time brings none
  CHECK(until(Measure::kCount, "6h") == 1);
  CHECK(until(Measure::kCount, "36h") == 31);
  CHECK(until(Measure::kCount, "3d") == 2 * 24 + 13);       // the one of today leaves
  CHECK(until(Measure::kActiveDays, "4d") == 0 * 24 + 13);  // the one three days ago leaves tonight
  behavior.Add("open", At(9 * kDay));
  CHECK(until(Measure::kCount, "1d") == 13);
  CHECK(until(Measure::kCount, "30d") == 26 * 24 + 13);
  CHECK(until(Measure::kActiveDays, "30d") == 13);  // days ahead come to be days of their own
}

TEST_CASE("a clock set back hides nothing, and one that runs ahead for a while erases nothing") {
  Behavior behavior;
  for (int day = 0; day < 5; ++day) behavior.Add("open", At(day * kDay));
  CHECK(Count(behavior, "7d", At(-100 * kDay)) == "5");
  behavior.Add("open", At(-100 * kDay));
  CHECK(Count(behavior, "1h", At(-100 * kDay)) == "6");
  CHECK(Count(behavior, "5d", At(4 * kDay)) == "5");

  for (int day = 0; day < 30; ++day) behavior.Add("open", At((3'000 + day) * kDay));
  CHECK(Count(behavior, "5d", At(4 * kDay)) == "35");
  CHECK(Days(behavior, "5d", At(4 * kDay)) == "5");
  CHECK(Count(behavior, "ever", At(4 * kDay)) == "36");
}

TEST_CASE("a window that reaches into what fell off a full list is inexact, the one after it is exact") {
  SUBCASE("of days") {
    Behavior behavior;
    for (int day = 0; day < 410; ++day) behavior.Add("open", At(day * kDay));
    CHECK(Days(behavior, "400d", At(409 * kDay)) == "400");
    CHECK(Days(behavior, "400d", At(408 * kDay)) == "at least 399");
    CHECK(Days(behavior, "399d", At(408 * kDay)) == "399");
    CHECK(Count(behavior, "ever", At(409 * kDay)) == "410");
    CHECK(Days(behavior, "ever", At(409 * kDay)) == "410");
  }
  SUBCASE("of hours, by a clock that ran ahead") {
    Behavior behavior;
    for (int hour = 0; hour < 10; ++hour) behavior.Add("open", At(hour * kHour));
    for (int hour = 0; hour < 65; ++hour) behavior.Add("open", At((1'000 + hour) * kHour));
    // The first three hours fell off.
    CHECK(Count(behavior, "7h", At(9 * kHour)) == "72");
    CHECK(Count(behavior, "8h", At(9 * kHour)) == "at least 72");
    CHECK(Count(behavior, "2d", At(9 * kHour)) == "75");
  }
  SUBCASE("and a day older than all of a full list may have been counted or not") {
    Behavior behavior;
    for (int day = 0; day < 400; ++day) behavior.Add("open", At(day * kDay));
    behavior.Add("open", At(-5 * kDay));
    CHECK(Days(behavior, "ever", At(399 * kDay)) == "at least 400");
    CHECK(Count(behavior, "400d", At(399 * kDay)) == "400");
    CHECK(Count(behavior, "1d", At(-5 * kDay)) == "at least 400");
  }
}

TEST_CASE("beyond 256 names the stalest is forgotten, and nobody takes what it did for nothing") {
  Behavior behavior;
  const auto name = [](std::size_t i) { return "event" + std::to_string(i); };
  for (std::size_t i = 0; i < limits::kBehaviorEvents; ++i) {
    CHECK(behavior.Add(name(i), At(static_cast<std::int64_t>(i) * kDay)).empty());
  }
  const Timestamp later = At(300 * kDay);
  CHECK(Count(behavior, "400d", later, "new") == "0");
  CHECK(behavior.forgotten_before() == Timestamp::min());
  behavior.Add(name(0), later);

  CHECK(behavior.Add("new", later) == name(1));
  CHECK(behavior.series().size() == limits::kBehaviorEvents);
  CHECK(behavior.Find(name(1)) == nullptr);
  CHECK(behavior.forgotten_before() == At(kDay + 1));

  // Those that stayed know all of themselves.
  CHECK(Count(behavior, "ever", later, name(0).c_str()) == "2");
  CHECK(Count(behavior, "400d", later, name(2).c_str()) == "1");
  // Of others only what came after the one that was forgotten.
  for (const char* event : {"new", "event1", "never"}) {
    CAPTURE(event);
    const std::string seen = std::string(event) == "new" ? "1" : "0";
    CHECK(Count(behavior, "299d", later, event) == seen);
    CHECK(Count(behavior, "300d", later, event) == "at least " + seen);
    CHECK(Days(behavior, "ever", later, event) == "at least " + seen);
    CHECK(Count(behavior, "72h", later, event) == seen);
  }

  CHECK(behavior.Add(name(1), later) == name(2));
  CHECK(Count(behavior, "298d", later, "event1") == "1");
  CHECK(Count(behavior, "299d", later, "event1") == "at least 1");
  // What is inexact now may be exact tomorrow.
  CHECK(Ask(behavior, Measure::kCount, "299d", later, "event1").valid_until == At(301 * kDay - 11 * kHour));
}

TEST_CASE("a store with too many names keeps the freshest") {
  Behavior behavior;
  const auto series_at = [](std::int64_t day) {
    Behavior one;
    one.Add("x", At(day * kDay));
    return *one.Find("x");
  };
  for (std::size_t i = 0; i < limits::kBehaviorEvents; ++i) {
    CHECK(behavior.Put("event" + std::to_string(i), series_at(static_cast<std::int64_t>(i))).empty());
  }
  CHECK(behavior.Put("stale", series_at(-1)) == "stale");
  CHECK(behavior.Put("fresh", series_at(1'000)) == "event0");
  CHECK(behavior.Put("fresh", series_at(1'001)).empty());
  CHECK(behavior.series().size() == limits::kBehaviorEvents);
  CHECK(behavior.forgotten_before() == At(1));
}

TEST_CASE("with a name goes all that it did and all that it had forgotten itself") {
  const struct {
    std::string name;
    Timestamp forgotten_before;
    Timestamp expected;
  } rows[] = {{"up to its last event", Timestamp::min(), At(5 * kDay + 1)},
              {"up to what it did not know", At(9 * kDay), At(9 * kDay)}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    Behavior one;
    one.Add("stale", At(0));
    one.Add("stale", At(5 * kDay));
    Series series = *one.Find("stale");
    series.forgotten_before = row.forgotten_before;
    Behavior behavior;
    behavior.Put("stale", series);
    for (std::size_t i = 0; i < limits::kBehaviorEvents; ++i) behavior.Add("event" + std::to_string(i), At(20 * kDay));
    CHECK(behavior.Find("stale") == nullptr);
    CHECK(behavior.forgotten_before() == row.expected);
  }
}

TEST_CASE("after a store was lost, what lies before is unknown and what came after counts") {
  Behavior behavior;
  behavior.ForgetBefore(At(0));
  behavior.ForgetBefore(At(-5 * kDay));  // does not bring back what is gone
  behavior.Add("open", At(kDay));
  CHECK(Count(behavior, "2d", At(kDay)) == "at least 1");  // of the day of the loss a part is missing
  CHECK(Count(behavior, "1d", At(kDay)) == "1");
  CHECK(Count(behavior, "1d", At(kDay), "share") == "0");
  CHECK(Count(behavior, "14d", At(kDay), "share") == "at least 0");
  CHECK(Count(behavior, "14d", At(14 * kDay), "share") == "0");
  CHECK(Count(behavior, "ever", At(14 * kDay)) == "at least 1");
  CHECK(Ask(behavior, Measure::kCount, "14d", At(kDay), "share").valid_until == At(2 * kDay - 11 * kHour));
  CHECK(Ask(behavior, Measure::kCount, "ever", At(kDay), "share").valid_until == kNever);
}

TEST_CASE("what was not read yet is not even at least nothing") {
  CHECK_FALSE(Behavior::Unknown().is_known);
  CHECK_FALSE(Behavior::Unknown().is_exact);
  CHECK(Behavior().Ask(TermOf(Measure::kCount, "open", "14d"), At(0)).is_known);
}

TEST_CASE("a snapshot stays as it was while its original goes on") {
  Behavior behavior;
  behavior.Add("open", At(0));
  const Behavior snapshot = behavior;
  behavior.Add("open", At(1));
  CHECK(Count(snapshot, "ever", At(1)) == "1");
  CHECK(Count(behavior, "ever", At(1)) == "2");
}

TEST_CASE("the furthest times there are neither overflow nor wrap around") {
  Behavior behavior;
  for (const Timestamp when : {Timestamp::min(), Timestamp::max(), At(0)}) behavior.Add("open", when);
  for (const char* window : {"1h", "72h", "400d", "ever"}) {
    CAPTURE(window);
    CHECK(Count(behavior, window, Timestamp::min()) == "3");
    CHECK(Count(behavior, window, At(0)) == (std::string(window) == "ever" ? "3" : "2"));
    for (const Timestamp now : {Timestamp::min(), At(0), Timestamp::max()}) {
      CHECK(Ask(behavior, Measure::kActiveDays, window, now).valid_until > At(0));
    }
    CHECK(Count(behavior, window, Timestamp::max()) == (std::string(window) == "ever" ? "3" : "1"));
  }
  CHECK(DecodeSeries(EncodeSeries(*behavior.Find("open"))).has_value());
}
