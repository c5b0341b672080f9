// Behavior against a model that keeps every event there ever was and counts them one by one.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sdk/core/behavior/behavior.h"
#include "tests/unit/core/dice.h"

using namespace guidon;
using namespace guidon::behavior;
using guidon::testing::Dice;

namespace {

constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kDay = 24 * kHour;

std::int64_t Floor(std::int64_t value, std::int64_t by) { return (value - ((value % by) + by) % by) / by; }

class Model {
 public:
  void Add(const std::string& event, std::int64_t ms) { events_[event].push_back(ms); }

  std::int64_t Ask(const Term& term, std::int64_t now) const {
    const auto at = events_.find(term.event);
    if (at == events_.end()) return 0;
    const std::int64_t bucket = term.window.unit == Window::Unit::kHours ? kHour : kDay;
    std::int64_t count = 0;
    std::set<std::int64_t> days;
    for (const std::int64_t ms : at->second) {
      const bool is_ever = term.window.unit == Window::Unit::kEver;
      if (!is_ever && Floor(ms, bucket) <= Floor(now, bucket) - term.window.length) continue;
      ++count;
      days.insert(is_ever ? Floor(ms, kDay) : std::min(Floor(ms, kDay), Floor(now, kDay)));
    }
    return term.measure == Measure::kCount ? count : static_cast<std::int64_t>(days.size());
  }

 private:
  std::map<std::string, std::vector<std::int64_t>> events_;
};

Term RandomTerm(Dice* dice, std::size_t names) {
  Term term;
  term.measure = dice->Chance(50) ? Measure::kCount : Measure::kActiveDays;
  term.event = "e" + std::to_string(dice->Below(names + 1));
  const char* const windows[] = {"1h", "2h", "36h", "72h", "1d", "2d", "14d", "8w", "400d", "ever"};
  term.window = *ParseWindow(dice->Pick(windows));
  return term;
}

// As the store does it between two runs of the app.
Behavior KeptAndRead(const Behavior& behavior) {
  Behavior read;
  read.ForgetBefore(behavior.forgotten_before());
  for (const auto& [name, series] : behavior.series()) {
    const auto decoded = DecodeSeries(EncodeSeries(*series));
    REQUIRE(decoded);
    CHECK(read.Put(name, *decoded).empty());
  }
  return read;
}

// Jumps of the clock, more names than are kept, restarts.
struct Life {
  std::size_t names;
  std::int64_t longest_step;
  std::size_t jump_percent;
  std::int64_t longest_jump;
};

struct Totals {
  std::size_t exact = 0;
  std::size_t at_least = 0;
};

void Live(const Life& life, std::uint64_t seed, Totals* totals) {
  Dice dice(seed);
  Behavior behavior;
  Model model;
  std::int64_t now = 1'795'000'000'000 - (dice.Chance(20) ? 1'795'000'000'000 : 0);
  const auto up_to = [&](std::int64_t most) {
    return static_cast<std::int64_t>(dice.Next() % static_cast<std::uint64_t>(most));
  };
  for (int step = 0; step < 1'500; ++step) {
    now += up_to(life.longest_step);
    if (dice.Chance(life.jump_percent)) now += up_to(2 * life.longest_jump) - life.longest_jump;
    if (dice.Chance(1)) behavior = KeptAndRead(behavior);
    const std::string name = "e" + std::to_string(std::min(dice.Below(life.names), dice.Below(life.names)));
    behavior.Add(name, TimestampFromMs(now));
    model.Add(name, now);

    const Term term = RandomTerm(&dice, life.names);
    const Total total = behavior.Ask(term, TimestampFromMs(now));
    CAPTURE(step);
    CAPTURE(now);
    CAPTURE(term.event);
    CAPTURE(WindowText(term.window));
    const std::int64_t truth = model.Ask(term, now);
    if (total.is_exact) {
      CHECK(total.value == truth);
    } else {
      CHECK(total.value <= truth);
    }
    ++(total.is_exact ? totals->exact : totals->at_least);

    // Nothing changes until it says so.
    const std::int64_t until = std::min(ToMs(total.valid_until), now + 500 * kDay);
    REQUIRE(until > now);
    for (const std::int64_t later : {until - 1, now + up_to(until - now)}) {
      const Total then = behavior.Ask(term, TimestampFromMs(later));
      CHECK(then.value == total.value);
      CHECK(then.is_exact == total.is_exact);
    }
  }
}

Totals LiveAll(const Life& life) {
  Totals totals;
  const std::uint64_t seeds = std::getenv("GUIDON_LONG") != nullptr ? 50 : 4;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    Live(life, seed, &totals);
  }
  return totals;
}

}  // namespace

TEST_CASE("with a clock that goes forward and few names, every total is exact and right") {
  const Life lives[] = {
      {3, kHour / 4, 0, 1}, {3, 3 * kHour, 0, 1}, {2, 3 * kDay, 0, 1}, {200, kHour, 0, 1}, {1, 30 * kDay, 0, 1}};
  for (const Life& life : lives) {
    CAPTURE(life.longest_step);
    CHECK(LiveAll(life).at_least == 0);
  }
}

TEST_CASE("whatever the clock does and however many names there are, a total is right or says that it is at least so") {
  const Life lives[] = {{2, kHour, 2, 10 * kDay},     {2, 2 * kDay, 1, 3'000 * kDay}, {1, kDay, 5, 30'000 * kDay},
                        {400, kHour, 0, 1},           {400, kDay, 3, 1'000 * kDay},   {3, kHour, 10, 100 * kHour},
                        {600, kDay / 2, 1, 20 * kDay}};
  for (const Life& life : lives) {
    CAPTURE(life.longest_step);
    CAPTURE(life.names);
    const Totals totals = LiveAll(life);
    CHECK(totals.exact > 0);
    CHECK(totals.at_least > 0);
  }
}
