// Hours and quiet hours, and caps by the day and by the session.
#include <doctest/doctest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sdk/core/base/text.h"
#include "tests/unit/core/dice.h"
#include "tests/unit/core/prompts/campaigns.h"

using namespace guidon;
using namespace guidon::testing;
using evaluation::LocalClock;
using prompts::GateResult;
using prompts::Showings;
using prompts::Verdict;
using prompts::What;

namespace {

constexpr Duration kMinute{60'000};

Timestamp Time(const std::string& text) {
  const auto time = text::ParseTimestamp(text);
  REQUIRE(time.has_value());
  return *time;
}

// To summer time on 2027-03-28, to winter time on 2027-10-31.
Duration Berlin(Timestamp at) {
  static const Timestamp forward = Time("2027-03-28T01:00:00Z");
  static const Timestamp back = Time("2027-10-31T01:00:00Z");
  return at >= forward && at < back ? 2 * kHour : kHour;
}

Rules RulesWith(const std::string& limits, const std::string& groups = "{}") {
  return LoadRules(R"("groups":)" + groups + R"(,"campaigns":{"c":)" + CampaignJson({{"caps", "[" + limits + "]"}}) +
                   "}");
}

struct Asked {
  Timestamp now;
  Showings showings = {};
  Timestamp session_began = ruleset::kNever;
};

Verdict Ask(const Rules& rules, const Asked& asked, std::vector<GateResult>* trace = nullptr) {
  const Context context = Context().Unit("device", "d-1");
  const evaluation::Surroundings surroundings{nullptr, nullptr, Berlin};
  const evaluation::PreparedContext prepared(*rules, context, surroundings, asked.now);
  const LocalClock clock(surroundings.utc_offset, asked.now);
  const auto own = asked.showings.Of("c");
  const auto groups = prompts::ShowingsByGroup(*rules, asked.showings);
  prompts::Question question{*rules, *rules->FindCampaign("c"), prepared, "message_sent", *own, asked.now};
  question.groups = &groups;
  question.clock = &clock;
  question.session_began = asked.session_began;
  return prompts::Consider(question, trace);
}

Showings ShownAt(const std::vector<Timestamp>& began) {
  Showings showings;
  for (std::size_t i = 0; i < began.size(); ++i) {
    const std::string prompt = "p" + std::to_string(i);
    REQUIRE(showings.Fold(StepOf(What::kExposure, prompt, began[i])));
    REQUIRE(showings.Fold(StepOf(What::kUnknown, prompt, began[i] + kSecond)));
  }
  return showings;
}

}  // namespace

TEST_CASE("outside its hours and in a group's quiet hours nothing is shown, and the moment it opens is named") {
  const struct {
    std::string name;
    std::string limits;
    std::string groups;
    const char* now;
    const char* why;
    const char* opens;  // by the trace, with all gates asked
  } rows[] = {
      {"open here", R"({"count":9},{"hours":"09:00-18:00"})", "{}", "2027-01-11T08:00:00Z", "may_show", nullptr},
      {"not yet here", R"({"count":9},{"hours":"09:00-18:00"})", "{}", "2027-01-11T07:59:59Z", "outside_hours",
       "2027-01-11T08:00:00Z"},
      {"by UTC", R"({"count":9},{"hours":"09:00-18:00","zone":"UTC"})", "{}", "2027-01-11T08:30:00Z", "outside_hours",
       "2027-01-11T09:00:00Z"},
      {"on Monday", R"({"count":9},{"days":["mon"],"hours":"09:00-18:00"})", "{}", "2027-03-27T12:00:00Z",
       "outside_hours", "2027-03-29T07:00:00Z"},
      {"a day alone", R"({"count":9},{"days":["sun"]})", "{}", "2027-03-27T12:00:00Z", "outside_hours",
       "2027-03-27T23:00:00Z"},
      {"quiet here", R"({"count":9},{"group":"all"})", R"({"all":{"quiet_hours":"21:00-08:00"}})",
       "2027-03-27T20:30:00Z", "quiet_hours", "2027-03-28T06:00:00Z"},
      {"not quiet", R"({"count":9},{"group":"all"})", R"({"all":{"quiet_hours":"21:00-08:00"}})",
       "2027-03-27T07:00:00Z", "may_show", nullptr},
      {"open, when it is not quiet", R"({"count":9},{"group":"all"},{"hours":"06:00-09:00"})",
       R"({"all":{"quiet_hours":"21:00-08:00"}})", "2027-01-11T12:00:00Z", "outside_hours", "2027-01-12T07:00:00Z"},
      {"never open when it is not quiet", R"({"count":9},{"group":"all"},{"hours":"22:00-23:00"})",
       R"({"all":{"quiet_hours":"21:00-08:00"}})", "2027-01-11T21:30:00Z", "quiet_hours", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const Rules rules = RulesWith(row.limits, row.groups);
    const Timestamp now = Time(row.now);
    std::vector<GateResult> trace;
    const Verdict verdict = Ask(rules, {now}, &trace);
    CHECK(prompts::WhyName(verdict.why) == row.why);
    CHECK(Ask(rules, {now}).why == verdict.why);
    if (row.opens == nullptr) continue;
    CHECK(prompts::PassesSoon(verdict.why));
    if (*row.opens == '\0') {
      CHECK(verdict.passes_at == ruleset::kNever);
      continue;
    }
    CHECK(text::FormatTimestamp(verdict.passes_at) == row.opens);
    CHECK(Ask(rules, {verdict.passes_at}).may_show());
    CHECK_FALSE(Ask(rules, {verdict.passes_at - Duration(1)}).may_show());
  }
}

TEST_CASE("where a cap is free at night, the moment that is named is the next morning") {
  const Rules rules = RulesWith(R"({"count":1,"per":"12h"},{"hours":"09:00-18:00"})");
  const Asked asked{Time("2027-01-11T16:00:00Z"), ShownAt({Time("2027-01-11T15:30:00Z")})};
  std::vector<GateResult> trace;
  CHECK(text::FormatTimestamp(Ask(rules, asked, &trace).passes_at) == "2027-01-12T08:00:00Z");
}

TEST_CASE("a cap per day counts the day of the device's calendar, also one of 23 or 25 hours") {
  const Rules rules = RulesWith(R"({"count":2,"per":"day"})");
  const struct {
    std::string name;
    std::vector<const char*> began;
    const char* now;
    const char* free;  // nothing: at once
  } rows[] = {
      {"none today", {"2027-01-10T22:59:00Z", "2027-01-10T22:58:00Z"}, "2027-01-10T23:00:00Z", nullptr},
      {"one today", {"2027-01-10T22:59:00Z", "2027-01-10T23:00:00Z"}, "2027-01-11T12:00:00Z", nullptr},
      {"two today", {"2027-01-10T23:00:00Z", "2027-01-11T10:00:00Z"}, "2027-01-11T12:00:00Z", "2027-01-11T23:00:00Z"},
      {"a day of 23 hours",
       {"2027-03-27T23:00:00Z", "2027-03-28T03:00:00Z"},
       "2027-03-28T21:59:00Z",
       "2027-03-28T22:00:00Z"},
      {"a day of 25 hours",
       {"2027-10-30T22:00:00Z", "2027-10-31T03:00:00Z"},
       "2027-10-31T22:30:00Z",
       "2027-10-31T23:00:00Z"},
      {"a leap day", {"2028-02-29T08:00:00Z", "2028-02-29T09:00:00Z"}, "2028-02-29T10:00:00Z", "2028-02-29T23:00:00Z"},
      {"ahead of a clock that was set back",
       {"2027-01-12T08:00:00Z", "2027-01-12T09:00:00Z"},
       "2027-01-11T12:00:00Z",
       "2027-01-12T23:00:00Z"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    std::vector<Timestamp> began;
    for (const char* each : row.began) began.push_back(Time(each));
    const Showings showings = ShownAt(began);
    const Verdict verdict = Ask(rules, {Time(row.now), showings});
    CHECK(verdict.may_show() == (row.free == nullptr));
    if (row.free == nullptr) continue;
    CHECK(text::FormatTimestamp(verdict.passes_at) == row.free);
    CHECK(Ask(rules, {verdict.passes_at, showings}).may_show());
    CHECK_FALSE(Ask(rules, {verdict.passes_at - Duration(1), showings}).may_show());
  }
}

TEST_CASE("a cap per session counts what was shown since it began, in groups, too") {
  const Showings showings = ShownAt({kNow - kHour, kNow - kMinute});
  for (const bool is_group : {false, true}) {
    CAPTURE(is_group);
    const Rules rules =
        is_group ? RulesWith(R"({"count":9},{"group":"all"})", R"({"all":{"caps":[{"count":1,"per":"session"}]}})")
                 : RulesWith(R"({"count":1,"per":"session"})");
    const Verdict capped = Ask(rules, {kNow, showings, kNow - kMinute});
    CHECK(capped.why == (is_group ? prompts::Why::kGroupCapped : prompts::Why::kCapped));
    CHECK(capped.passes_at == ruleset::kNever);
    CHECK(Ask(rules, {kNow, showings, kNow - kMinute + Duration(1)}).may_show());
    CHECK(Ask(rules, {kNow, showings}).may_show());
  }
}

TEST_CASE("no day of a year has more than its cap, whatever the clock is set to") {
  const Rules rules = RulesWith(R"({"count":2,"per":"day"},{"count":100})");
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    Showings showings;
    std::map<Timestamp, int> by_day;
    Timestamp now = Time("2027-03-20T00:00:00Z");
    for (int i = 0; i < 300; ++i) {
      now += kMinute * static_cast<int>(dice.Below(400));
      const Verdict verdict = Ask(rules, {now, showings});
      if (!verdict.may_show()) {
        if (verdict.passes_at == ruleset::kNever) break;
        REQUIRE(Ask(rules, {verdict.passes_at, showings}).may_show());
        REQUIRE_FALSE(Ask(rules, {verdict.passes_at - Duration(1), showings}).may_show());
        continue;
      }
      showings.Fold(StepOf(What::kExposure, "p" + std::to_string(i), now));
      REQUIRE(++by_day[evaluation::MidnightOf(now + Berlin(now))] <= 2);
    }
    CHECK(by_day.size() > 10);
  }
}
