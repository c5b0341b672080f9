// Counts of an event by its properties: what is known of a part when not everybody looked for it.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "guidon/limits.h"
#include "sdk/core/behavior/behavior.h"
#include "tests/unit/core/dice.h"

using namespace guidon;
using namespace guidon::behavior;

namespace {

constexpr std::int64_t kDay = 86'400'000;
constexpr std::int64_t kNoon = 20'000 * kDay + kDay / 2;
constexpr std::uint64_t kLong = 7;
constexpr std::uint64_t kShort = 9;

Timestamp At(std::int64_t day) { return TimestampFromMs(kNoon + day * kDay); }

const std::vector<Look> kNobodyLooked;
const std::vector<Look> kIsLong = {{kLong, true}};
const std::vector<Look> kIsNotLong = {{kLong, false}};

Term Asked(const char* window, Measure measure = Measure::kCount, std::uint64_t part = kLong) {
  return {measure, "long_messages", *ParseWindow(window), "message_sent", part};
}

// "3", "at least 3", of what has elapsed "day 3", "day 3 or later", "never"; by the day of the last event asked at.
std::string Told(const Behavior& behavior, const Term& term, std::int64_t day) {
  const Total total = behavior.Ask(term, At(day));
  if (!IsElapsed(term.measure)) return (total.is_exact ? "" : "at least ") + std::to_string(total.value);
  if (!total.has_happened) return total.is_exact ? "never" : "not known";
  const std::int64_t happened = term.measure == Measure::kSinceLast ? total.value : total.latest;
  const std::string text = "day " + std::to_string((happened - kNoon) / kDay);
  if (total.is_exact) return text;
  return text + (term.measure == Measure::kSinceLast ? " or later" : " or earlier");
}

// Days on which an event was told, and by whom.
struct Event {
  std::int64_t day;
  const std::vector<Look>* looks;
};

Behavior After(const std::vector<Event>& events) {
  Behavior behavior;
  for (const Event& event : events) behavior.Add("message_sent", At(event.day), Duration(0), *event.looks);
  return behavior;
}

// As the store does it between two runs of the app.
Behavior KeptAndRead(const Behavior& behavior) {
  Behavior read;
  read.ForgetBefore(behavior.forgotten_before());
  for (const auto& [name, series] : behavior.series()) {
    const auto decoded = DecodeSeries(EncodeSeries(*series));
    REQUIRE(decoded);
    read.Put(name, *decoded);
  }
  return read;
}

}  // namespace

TEST_CASE("what nobody looked at is not taken for what was not so") {
  const std::vector<Look>* const none = &kNobodyLooked;
  const std::vector<Look>* const yes = &kIsLong;
  const std::vector<Look>* const no = &kIsNotLong;
  const struct {
    const char* name;
    std::vector<Event> events;
    std::int64_t day;
    const char* ever;
    const char* week;  // the last 7 days
    const char* since_last;
  } rows[] = {
      {"a fresh install knows its zero", {}, 5, "0", "0", "never"},
      {"looked at from the first on", {{0, no}, {1, no}}, 5, "0", "0", "never"},
      {"one of three", {{0, no}, {1, yes}, {2, no}}, 5, "1", "1", "day 1"},
      {"named later than the first", {{0, none}, {1, none}}, 1, "at least 0", "at least 0", "not known"},
      {"named later, and looked at since", {{0, none}, {1, yes}}, 1, "at least 1", "at least 1", "day 1"},
      {"exact again once the week has no other", {{0, none}, {3, yes}}, 7, "at least 1", "1", "day 3"},
      {"and not a day before", {{0, none}, {3, yes}}, 6, "at least 1", "at least 1", "day 3"},
      {"nothing since, and the week has none at all", {{0, none}}, 7, "at least 0", "0", "not known"},
      {"removed, and nothing happened", {{0, yes}}, 3, "1", "1", "day 0"},
      {"removed, and something happened", {{0, yes}, {1, none}}, 3, "at least 1", "at least 1", "day 0 or later"},
      {"removed and returned", {{0, yes}, {1, none}, {2, yes}}, 3, "at least 2", "at least 2", "day 2"},
      {"returned with another event between",
       {{0, yes}, {1, none}, {2, no}},
       3,
       "at least 1",
       "at least 1",
       "day 0 or later"},
      {"exact again after a return", {{0, yes}, {1, none}, {2, no}, {9, yes}}, 9, "at least 2", "1", "day 9"},
      {"told by two processes, one older", {{0, yes}, {0, none}, {0, yes}}, 0, "at least 2", "at least 2", "day 0"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    for (const Behavior& behavior : {After(row.events), KeptAndRead(After(row.events))}) {
      CHECK(Told(behavior, Asked("ever"), row.day) == row.ever);
      CHECK(Told(behavior, Asked("7d"), row.day) == row.week);
      CHECK(Told(behavior, Asked("ever", Measure::kSinceLast), row.day) == row.since_last);
    }
  }
}

TEST_CASE("a part is asked as a series is") {
  const Behavior behavior = After({{0, &kIsLong}, {0, &kIsLong}, {1, &kIsNotLong}, {3, &kIsLong}, {4, &kIsNotLong}});
  CHECK(Told(behavior, Asked("ever"), 4) == "3");
  CHECK(Told(behavior, Asked("ever", Measure::kActiveDays), 4) == "2");
  CHECK(Told(behavior, Asked("3d"), 4) == "1");
  CHECK(Told(behavior, Asked("3d", Measure::kActiveDays), 4) == "1");
  CHECK(Told(behavior, Asked("24h"), 4) == "0");
  CHECK(Told(behavior, Asked("ever", Measure::kSinceFirst), 4) == "day 0");
  CHECK(Told(behavior, Asked("ever", Measure::kSinceLast), 4) == "day 3");
  Term whole;
  whole.event = "message_sent";
  CHECK(Told(behavior, whole, 4) == "5");
}

TEST_CASE("another definition is another part, which begins anew") {
  Behavior behavior = After({{0, &kIsLong}, {1, &kIsLong}});
  CHECK(Told(behavior, Asked("ever", Measure::kCount, kShort), 1) == "at least 0");
  behavior.Add("message_sent", At(2), Duration(0), {{kShort, true}});
  CHECK(Told(behavior, Asked("ever", Measure::kCount, kShort), 2) == "at least 1");
  CHECK(Told(behavior, Asked("1d", Measure::kCount, kShort), 2) == "1");
  CHECK(Told(behavior, Asked("ever"), 2) == "at least 2");
}

TEST_CASE("of what was forgotten of an event no part knows") {
  Behavior behavior;
  behavior.ForgetBefore(At(0));
  behavior.Add("message_sent", At(1), Duration(0), kIsLong);
  CHECK(Told(behavior, Asked("ever"), 1) == "at least 1");
  CHECK(Told(behavior, Asked("1d"), 1) == "1");
  Behavior never;
  never.ForgetBefore(At(0));
  CHECK(Told(never, Asked("ever"), 1) == "at least 0");
}

TEST_CASE("of two series together a part is exact where both were looked at") {
  const Behavior both = After({{0, &kIsLong}, {2, &kIsNotLong}});
  const Behavior other = After({{1, &kIsLong}});
  const Behavior unlooked = After({{1, &kNobodyLooked}});
  const Behavior behind = After({{0, &kIsLong}, {3, &kNobodyLooked}});
  const auto joined = [](const Behavior& a, const Behavior& b) {
    Behavior out;
    out.Put("message_sent", Join(*a.Find("message_sent"), *b.Find("message_sent")));
    return out;
  };
  for (const bool is_turned : {false, true}) {
    CAPTURE(is_turned);
    const auto turned = [&](const Behavior& a, const Behavior& b) { return is_turned ? joined(b, a) : joined(a, b); };
    CHECK(Told(turned(both, other), Asked("ever"), 5) == "2");
    CHECK(Told(turned(both, other), Asked("ever", Measure::kSinceLast), 5) == "day 1");
    CHECK(Told(turned(both, unlooked), Asked("ever"), 5) == "at least 1");
    CHECK(Told(turned(both, unlooked), Asked("5d"), 5) == "at least 0");
    CHECK(Told(turned(both, unlooked), Asked("4d"), 5) == "0");
    CHECK(Told(turned(both, behind), Asked("ever"), 5) == "at least 2");
    CHECK(Told(turned(both, behind), Asked("2d"), 5) == "0");
    // What is told afterwards is counted on.
    Behavior after = turned(both, other);
    after.Add("message_sent", At(6), Duration(0), kIsLong);
    CHECK(Told(after, Asked("ever"), 6) == "3");
    CHECK(DecodeSeries(EncodeSeries(*after.Find("message_sent"))).has_value());
  }
}

TEST_CASE("of too many parts the one goes that was looked for longest ago, and is not taken for none") {
  Behavior behavior;
  const auto part = [](std::size_t i) { return std::uint64_t{i} + 1; };
  for (std::size_t i = 0; i < limits::kBehaviorParts; ++i) {
    behavior.Add("message_sent", At(0), Duration(0), {{part(0), true}, {part(i + 1), true}});
    const std::size_t kept = behavior.Find("message_sent")->parts.size();
    CHECK(kept == std::min(i + 2, limits::kBehaviorParts));
  }
  CHECK(Told(behavior, Asked("ever", Measure::kCount, part(0)), 0) == std::to_string(limits::kBehaviorParts));
  CHECK(Told(behavior, Asked("ever", Measure::kCount, part(1)), 0) == "at least 0");
  CHECK(Told(behavior, Asked("ever", Measure::kCount, part(2)), 0) == "at least 1");
}

namespace {

struct Kept {
  std::int64_t ms = 0;
  std::map<std::uint64_t, bool> is_of_it;  // of every definition there ever was
};

struct Sums {
  std::size_t exact = 0;
  std::size_t at_least = 0;
};

std::int64_t DayOf(std::int64_t ms) { return ms / kDay; }

// A model keeps each event and what every definition says of it; the device only what somebody looked at.
void Live(std::uint64_t seed, Sums* sums) {
  testing::Dice dice(seed);
  constexpr std::uint64_t kParts = 4;
  Behavior behavior[2];
  std::vector<Kept> model[2];
  std::vector<std::uint64_t> in_force = {1, 2};
  std::int64_t now = kNoon;
  for (int step = 0; step < 400; ++step) {
    CAPTURE(step);
    now += static_cast<std::int64_t>(dice.Below(kDay / 2));
    if (dice.Chance(4)) now += static_cast<std::int64_t>(dice.Below(30)) * kDay;
    if (dice.Chance(2)) now -= static_cast<std::int64_t>(dice.Below(3)) * kDay;
    if (dice.Chance(6)) {
      in_force.clear();
      for (std::uint64_t part = 1; part <= kParts; ++part) {
        if (dice.Chance(60)) in_force.push_back(part);
      }
    }
    const std::size_t who = dice.Chance(30) ? 1 : 0;
    if (dice.Chance(1)) behavior[who] = KeptAndRead(behavior[who]);
    Kept event;
    event.ms = now;
    for (std::uint64_t part = 1; part <= kParts; ++part) event.is_of_it[part] = dice.Chance(50);
    std::vector<Look> looks;
    const bool is_older_process = dice.Chance(3);
    for (const std::uint64_t part : in_force) {
      if (!is_older_process) looks.push_back({part, event.is_of_it[part]});
    }
    behavior[who].Add("message_sent", TimestampFromMs(now), Duration(0), looks);
    model[who].push_back(event);
    if (dice.Chance(1) && !model[1].empty() && !model[0].empty()) {
      behavior[0].Put("message_sent", Join(*behavior[0].Find("message_sent"), *behavior[1].Find("message_sent")));
      model[0].insert(model[0].end(), model[1].begin(), model[1].end());
      behavior[1] = Behavior();
      model[1].clear();
    }

    const std::uint64_t part = 1 + dice.Below(kParts);
    const char* const windows[] = {"1d", "3d", "14d", "400d", "ever"};
    const Measure measures[] = {Measure::kCount, Measure::kActiveDays, Measure::kSinceLast, Measure::kSinceFirst};
    const Term term = Asked(dice.Pick(windows), dice.Pick(measures), part);
    CAPTURE(WindowText(term.window));
    CAPTURE(std::string(MeasureName(term.measure)));
    const Total total = behavior[who].Ask(term, TimestampFromMs(now));
    ++(total.is_exact ? sums->exact : sums->at_least);
    std::int64_t count = 0, first = INT64_MAX, last = INT64_MIN;
    std::vector<std::int64_t> days;
    for (const Kept& kept : model[who]) {
      if (!kept.is_of_it.at(part)) continue;
      first = std::min(first, kept.ms);
      last = std::max(last, kept.ms);
      const bool is_ever = term.window.unit == Window::Unit::kEver || IsElapsed(term.measure);
      if (!is_ever && DayOf(kept.ms) <= DayOf(now) - term.window.length) continue;
      ++count;
      days.push_back(is_ever ? DayOf(kept.ms) : std::min(DayOf(kept.ms), DayOf(now)));
    }
    std::sort(days.begin(), days.end());
    days.erase(std::unique(days.begin(), days.end()), days.end());
    if (IsElapsed(term.measure)) {
      if (total.is_exact) CHECK(total.has_happened == (count > 0));
      if (!total.has_happened) continue;
      const std::int64_t truth = term.measure == Measure::kSinceLast ? last : first;
      CHECK(truth >= total.value);
      CHECK(truth <= total.latest);
      continue;
    }
    const std::int64_t truth = term.measure == Measure::kCount ? count : static_cast<std::int64_t>(days.size());
    if (total.is_exact) {
      CHECK(total.value == truth);
    } else {
      CHECK(total.value <= truth);
    }
  }
}

}  // namespace

TEST_CASE("whoever looked when, an exact total is the truth and any other no more than it") {
  Sums sums;
  const std::uint64_t seeds = std::getenv("GUIDON_LONG") != nullptr ? 500 : 25;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    Live(seed, &sums);
  }
  CHECK(sums.exact > seeds * 50);
  CHECK(sums.at_least > seeds * 20);
}
