#include "sdk/core/prompts/trigger_watch.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/core/dice.h"
#include "tests/unit/core/prompts/campaigns.h"

using namespace guidon;
using namespace guidon::testing;
using prompts::Fired;
using prompts::TriggerWatch;

namespace {

MonoTime At(int seconds) { return MonoTime(Duration(1'000'000 + seconds * 1'000)); }

Rules RulesOf(const std::string& trigger) {
  return CampaignRules({{"trigger", ""}, {"triggers", "[" + trigger + "]"}});
}

// A watch over the one campaign's triggers, told in words: "a" is an event, "@home" a screen, "+" the foreground, "-"
// the background, "!" an activity, "?" nothing but time.
struct Watched {
  explicit Watched(const std::string& trigger) : rules(RulesOf(trigger)) {
    REQUIRE(rules->campaigns[0].is_valid);
    watch.TakeRules(*rules);
  }
  // How many triggers fire.
  std::size_t Tell(const std::string& what, int second) {
    std::vector<Fired> fired;
    const MonoTime now = At(second);
    switch (what[0]) {
      case '@':
        watch.OnTime(*rules, now, &fired);
        watch.SetScreen(what.substr(1), now);
        break;
      case '+':
      case '-':
        watch.OnTime(*rules, now, &fired);
        watch.SetForeground(what[0] == '+', now);
        break;
      case '!': watch.OnActivity(now); break;
      case '?': break;
      default:
        watch.OnEvent(
            *rules, what, now, [](std::uint32_t) { return true; }, &fired);
    }
    watch.OnTime(*rules, now, &fired);
    return fired.size();
  }

  Rules rules;
  TriggerWatch watch;
};

struct Moment {
  const char* what;
  int second;
  std::size_t fired;
};

constexpr const char* kThen = R"({"then":[{"event":"a"},{"event":"b"},{"event":"c"}],"within":"10s"})";
constexpr const char* kAll = R"({"all":[{"event":"a"},{"event":"b"}],"within":"10s"})";
constexpr const char* kAbsent = R"({"event":"a","and_not":{"event":"b"},"within":"10s"})";
constexpr const char* kScreen = R"({"screen":"home","for":"5s"})";
constexpr const char* kIdle = R"({"idle":"30s"})";

}  // namespace

TEST_CASE("what takes more than one event fires at the event or the moment that completes it, and begins anew") {
  const struct {
    const char* name;
    const char* trigger;
    std::vector<Moment> story;
  } rows[] = {
      {"in order", kThen, {{"a", 0, 0}, {"b", 4, 0}, {"c", 10, 1}, {"c", 10, 0}}},
      {"a moment too late", kThen, {{"a", 0, 0}, {"b", 4, 0}, {"c", 11, 0}}},
      {"out of order", kThen, {{"b", 0, 0}, {"a", 1, 0}, {"c", 2, 0}, {"b", 3, 0}, {"c", 4, 1}}},
      {"others between them", kThen, {{"a", 0, 0}, {"x", 1, 0}, {"b", 2, 0}, {"a", 3, 0}, {"c", 4, 1}}},
      {"the later beginning counts", kThen, {{"a", 0, 0}, {"a", 6, 0}, {"b", 8, 0}, {"c", 16, 1}}},
      {"what led to no second step does not", kThen, {{"a", 0, 0}, {"b", 5, 0}, {"a", 9, 0}, {"c", 12, 0}}},
      {"twice over",
       kThen,
       {{"a", 0, 0}, {"b", 1, 0}, {"c", 2, 1}, {"b", 3, 0}, {"c", 4, 0}, {"a", 5, 0}, {"b", 6, 0}, {"c", 7, 1}}},
      {"one event is one step",
       R"({"then":[{"event":"a"},{"event":"a"}],"within":"10s"})",
       {{"a", 0, 0}, {"a", 1, 1}, {"a", 2, 0}, {"a", 3, 1}}},
      {"any order", kAll, {{"b", 0, 0}, {"a", 10, 1}, {"b", 11, 0}, {"a", 12, 1}}},
      {"too far apart", kAll, {{"b", 0, 0}, {"a", 11, 0}, {"b", 21, 1}}},
      {"it did not happen", kAbsent, {{"a", 0, 0}, {"?", 9, 0}, {"?", 10, 1}, {"?", 30, 0}}},
      {"it happened", kAbsent, {{"a", 0, 0}, {"b", 9, 0}, {"?", 30, 0}}},
      {"it happened too late", kAbsent, {{"a", 0, 0}, {"b", 10, 1}, {"?", 30, 0}}},
      {"once more does not put it off", kAbsent, {{"a", 0, 0}, {"a", 6, 0}, {"?", 10, 1}, {"?", 30, 0}}},
      {"never begun", kAbsent, {{"b", 0, 0}, {"?", 30, 0}}},
      {"not again",
       R"({"event":"a","and_not":{"event":"a"},"within":"10s"})",
       {{"a", 0, 0}, {"a", 6, 0}, {"?", 15, 0}, {"?", 16, 1}}},
      {"on the screen", kScreen, {{"@home", 0, 0}, {"a", 4, 0}, {"?", 5, 1}, {"?", 60, 0}}},
      {"left too early", kScreen, {{"@home", 0, 0}, {"@other", 4, 0}, {"?", 9, 0}, {"@home", 10, 0}, {"?", 15, 1}}},
      {"told twice", kScreen, {{"@home", 0, 0}, {"@home", 4, 0}, {"?", 5, 1}}},
      {"each visit", kScreen, {{"@home", 0, 0}, {"?", 5, 1}, {"@", 6, 0}, {"@home", 7, 0}, {"?", 12, 1}}},
      {"a screen in the background is not in front",
       kScreen,
       {{"@home", 0, 0}, {"-", 3, 0}, {"?", 9, 0}, {"+", 10, 0}, {"?", 14, 0}, {"?", 15, 1}}},
      {"at once", R"({"screen":"home","for":"0s"})", {{"@home", 0, 1}, {"?", 5, 0}}},
      {"idle", kIdle, {{"!", 0, 0}, {"?", 29, 0}, {"?", 30, 1}, {"?", 90, 0}, {"!", 91, 0}, {"?", 121, 1}}},
      {"any event is not idle", kIdle, {{"!", 0, 0}, {"x", 20, 0}, {"?", 49, 0}, {"?", 50, 1}}},
      {"a screen is not idle", kIdle, {{"!", 0, 0}, {"@home", 20, 0}, {"?", 49, 0}, {"?", 50, 1}}},
      {"nobody is idle in the background",
       kIdle,
       {{"!", 0, 0}, {"-", 20, 0}, {"?", 60, 0}, {"+", 90, 0}, {"?", 119, 0}, {"?", 120, 1}}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    Watched watched(row.trigger);
    for (const Moment& moment : row.story) {
      CAPTURE(moment.what);
      CAPTURE(moment.second);
      CHECK(watched.Tell(moment.what, moment.second) == moment.fired);
    }
  }
}

TEST_CASE("a step's condition is asked of each event") {
  Watched watched(
      R"({"then":[{"event":"a","where":{"op":"exists","attribute":"x","kind":"event"}},{"event":"b"}],"within":"10s"})");
  std::vector<Fired> fired;
  const auto tell = [&](const char* event, bool is_true) {
    watched.watch.OnEvent(
        *watched.rules, event, At(0), [is_true](std::uint32_t) { return is_true; }, &fired);
    return fired.size();
  };
  CHECK(tell("a", false) == 0);
  CHECK(tell("b", true) == 0);
  CHECK(tell("a", true) == 0);
  CHECK(tell("b", true) == 1);
}

TEST_CASE("what is half-way goes on under other rules that say the same, and ends with what they no longer say") {
  Watched watched(std::string(kThen) + "," + kAbsent);
  watched.Tell("a", 0);
  watched.Tell("b", 1);
  const Rules same = RulesOf(std::string(kIdle) + "," + kThen);
  watched.watch.TakeRules(*same);
  watched.rules = same;
  CHECK(watched.Tell("c", 2) == 1);
  watched.Tell("a", 3);
  watched.Tell("b", 4);
  const Rules other = RulesOf(R"({"then":[{"event":"a"},{"event":"b"},{"event":"c"}],"within":"20s"})");
  watched.watch.TakeRules(*other);
  watched.rules = other;
  CHECK(watched.Tell("c", 5) == 0);
}

TEST_CASE("another person begins with nothing half-way") {
  const struct {
    const char* trigger;
    const char* before;
    const char* after;
    int second;
  } rows[] = {{kAll, "a", "b", 1}, {kAbsent, "a", "?", 10}, {kScreen, "@home", "?", 5}, {kIdle, "!", "?", 30}};
  for (const auto& row : rows) {
    CAPTURE(row.trigger);
    for (const bool is_other : {false, true}) {
      CAPTURE(is_other);
      Watched watched(row.trigger);
      watched.Tell(row.before, 0);
      if (is_other) watched.watch.Forget(At(1));
      CHECK(watched.Tell(row.after, row.second) == (is_other ? 0 : 1));
    }
  }
}

namespace {

struct Happened {
  std::string event;
  int second;
};

// The same by looking back over everything that happened since it fired last.
class Model {
 public:
  Model(const ruleset::Trigger& trigger) : trigger_(trigger), time_(static_cast<int>(trigger.time.count() / 1'000)) {}

  std::size_t Tell(const std::string& event, int second) {
    std::size_t fired = 0;
    if (trigger_.kind == ruleset::TriggerKind::kAbsent && IsAbsentBy(second)) {
      ++fired;
      past_.clear();
    }
    past_.push_back({event, second});
    if (trigger_.kind == ruleset::TriggerKind::kAbsent) return fired;
    const bool is_done = trigger_.kind == ruleset::TriggerKind::kThen ? HasChain() : HasAll(second);
    if (is_done) past_.clear();
    return is_done ? 1 : 0;
  }

 private:
  bool Is(std::size_t past, std::size_t step) const { return past_[past].event == trigger_.steps[step].event; }
  bool ChainFrom(std::size_t past, std::size_t step, int began) const {
    if (past_[past].second - began > time_ || !Is(past, step)) return false;
    if (step + 1 == trigger_.steps.size()) return past + 1 == past_.size();
    for (std::size_t next = past + 1; next < past_.size(); ++next) {
      if (ChainFrom(next, step + 1, began)) return true;
    }
    return false;
  }
  bool HasChain() const {
    for (std::size_t i = 0; i < past_.size(); ++i) {
      if (ChainFrom(i, 0, past_[i].second)) return true;
    }
    return false;
  }
  bool HasAll(int now) const {
    for (std::size_t step = 0; step < trigger_.steps.size(); ++step) {
      bool is_there = false;
      for (std::size_t i = 0; i < past_.size(); ++i) is_there |= Is(i, step) && now - past_[i].second <= time_;
      if (!is_there) return false;
    }
    return true;
  }
  // Some first was not followed by a second in time.
  bool IsAbsentBy(int now) const {
    for (std::size_t i = 0; i < past_.size(); ++i) {
      if (!Is(i, 0) || now - past_[i].second < time_) continue;
      bool is_followed = false;
      for (std::size_t j = i + 1; j < past_.size(); ++j) {
        is_followed |= Is(j, 1) && past_[j].second - past_[i].second < time_;
      }
      if (!is_followed) return true;
    }
    return false;
  }

  const ruleset::Trigger& trigger_;
  const int time_;
  std::vector<Happened> past_;
};

}  // namespace

TEST_CASE("sequences fire exactly when looking back over all that happened says so") {
  const std::string steps[] = {R"({"event":"a"})", R"({"event":"b"})", R"({"event":"c"})"};
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    std::string list;
    const int count = 2 + static_cast<int>(dice.Below(4));
    for (int i = 0; i < count; ++i) list += (i == 0 ? "" : ",") + steps[dice.Below(3)];
    const std::string within = R"("within":")" + std::to_string(1 + static_cast<int>(dice.Below(12))) + "s\"}";
    const int kind = static_cast<int>(dice.Below(3));
    const std::string trigger = kind == 0   ? R"({"then":[)" + list + "]," + within
                                : kind == 1 ? R"({"all":[)" + list + "]," + within
                                            : R"({"event":"a","and_not":)" + steps[1 + dice.Below(2)] + "," + within;
    CAPTURE(trigger);
    Watched watched(trigger);
    Model model(watched.rules->campaigns[0].triggers[0]);
    int second = 0;
    for (int i = 0; i < 40; ++i) {
      second += static_cast<int>(dice.Below(5));
      const std::string event(1, static_cast<char>('a' + static_cast<int>(dice.Below(4))));
      CAPTURE(event);
      CAPTURE(second);
      REQUIRE(watched.Tell(event, second) == model.Tell(event, second));
    }
  }
}

TEST_CASE("the next moment is the first at which time alone fires something") {
  for (const char* trigger : {kAbsent, kScreen, kIdle, kThen, kAll}) {
    CAPTURE(trigger);
    Watched watched(trigger);
    for (const char* what : {"!", "@home", "a"}) watched.Tell(what, 0);
    const MonoTime next = watched.watch.NextMoment(*watched.rules);
    int second = 0;
    while (second < 100 && watched.Tell("?", second) == 0) ++second;
    CHECK(next == (second == 100 ? MonoTime::max() : At(second)));
    CHECK(watched.watch.NextMoment(*watched.rules) == MonoTime::max());
  }
}
