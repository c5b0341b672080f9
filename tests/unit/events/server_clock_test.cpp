#include "sdk/events/server_clock.h"

#include <doctest/doctest.h>

namespace guidon::events {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::int64_t kDate = 784'111'777'000;  // Sun, 06 Nov 1994 08:49:37 GMT
constexpr char kDateText[] = "Sun, 06 Nov 1994 08:49:37 GMT";

MonoTime Mono(std::int64_t ms) { return MonoTime(Duration(ms)); }

Event At(std::string session, std::int64_t mono, std::int64_t wall) {
  Event event;
  event.fact.session = std::move(session);
  event.fact.mono = Mono(mono);
  event.fact.wall = TimestampFromMs(wall);
  return event;
}

TEST_CASE("an event of this session gets the server's time where the wall clock was off by more than five seconds") {
  struct Case {
    std::int64_t off;
    bool is_set_right;
  };
  // The date's second began at monotonic 1,000; its middle is told in the middle of the round trip.
  ServerClock clock;
  clock.Note(kDateText, Mono(900), Mono(1'100));
  const std::int64_t now = kDate + 500;
  for (const Case& each : {Case{0, false}, Case{5'000, false}, Case{-5'000, false}, Case{5'001, true},
                           Case{-5'001, true}, Case{86'400'000, true}, Case{-now, true}}) {
    CAPTURE(each.off);
    const Timing timing = clock.TimingOf("s", TimestampFromMs(now + each.off), Mono(1'000));
    CHECK(timing.is_off == each.is_set_right);
    Event event = At("s", 400, now - 600 + each.off);
    SetRight(timing, &event);
    CHECK(ToMs(event.fact.wall) == (each.is_set_right ? now - 600 : now - 600 + each.off));
    CHECK_FALSE(event.is_clock_suspect);
    Event older = At("before", 400, 77);
    SetRight(timing, &older);
    CHECK(ToMs(older.fact.wall) == 77);
    CHECK(older.is_clock_suspect == each.is_set_right);
  }
}

TEST_CASE("an event of another session is set right by the boot they share, where it is known") {
  ServerClock clock;
  clock.Note(kDateText, Mono(1'000), Mono(1'000));
  struct Case {
    std::uint64_t boot, of_event;
    bool is_set_right;
  };
  for (const Case& each :
       {Case{7, 7, true}, Case{7, 8, false}, Case{7, 0, false}, Case{0, 7, false}, Case{0, 0, false}}) {
    CAPTURE(each.boot);
    CAPTURE(each.of_event);
    const Timing timing = clock.TimingOf("s", TimestampFromMs(5), Mono(9'000), each.boot);
    Event event = At("before", 400, 77);
    event.fact.boot = each.of_event;
    SetRight(timing, &event);
    CHECK(ToMs(event.fact.wall) == (each.is_set_right ? kDate + 500 - 600 : 77));
    CHECK(event.is_clock_suspect != each.is_set_right);
  }
}

TEST_CASE("what was told before the clock was set is right, and what came after it, too") {
  ServerClock clock;
  clock.Note(kDateText, Mono(1'000), Mono(1'000));
  // Set right meanwhile: now nothing is off, but what was told before was.
  const Timing timing = clock.TimingOf("s", TimestampFromMs(kDate + 9'500), Mono(10'000));
  CHECK_FALSE(timing.is_off);
  Event before = At("s", 2'000, 5'000);
  Event after = At("s", 9'000, kDate + 8'500);
  SetRight(timing, &before);
  SetRight(timing, &after);
  CHECK(ToMs(before.fact.wall) == kDate + 1'500);
  CHECK(ToMs(after.fact.wall) == kDate + 8'500);
}

TEST_CASE("nothing is known without a date, or by an answer that took over a minute; the quickest of the hour counts") {
  ServerClock clock;
  Event event = At("s", 1, 2);
  for (const char* text : {"", "yesterday", "Sun, 06 Nov 1994 08:49:37 CET"}) {
    clock.Note(text, Mono(0), Mono(10));
    CHECK(clock.TimingOf("s", TimestampFromMs(0), Mono(10)) == Timing());
  }
  clock.Note(kDateText, Mono(0), Mono(60'001));
  CHECK(clock.TimingOf("s", TimestampFromMs(0), Mono(10)) == Timing());
  SetRight(Timing(), &event);
  CHECK(ToMs(event.fact.wall) == 2);

  clock.Note(kDateText, Mono(0), Mono(2'000));
  CHECK(clock.TimingOf("s", TimestampFromMs(0), Mono(10)).offset_ms == kDate + 500 - 1'000);
  clock.Note(kDateText, Mono(5'000), Mono(8'000));
  CHECK(clock.TimingOf("s", TimestampFromMs(0), Mono(10)).offset_ms == kDate + 500 - 1'000);
  clock.Note(kDateText, Mono(5'000), Mono(6'000));
  CHECK(clock.TimingOf("s", TimestampFromMs(0), Mono(10)).offset_ms == kDate + 500 - 5'500);
  clock.Note(kDateText, Mono(3'606'000), Mono(3'608'000));
  CHECK(clock.TimingOf("s", TimestampFromMs(0), Mono(10)).offset_ms == kDate + 500 - 3'607'000);
}

TEST_CASE("times that no clock shows are left alone") {
  Timing timing{"s", INT64_MAX, true};
  for (const std::int64_t extreme : {INT64_MAX, INT64_MIN}) {
    Event event = At("s", extreme, extreme);
    SetRight(timing, &event);
    CHECK(ToMs(event.fact.wall) == extreme);
  }
}

}  // namespace
}  // namespace guidon::events
