// Campaigns that share what they may show: groups' caps and gaps; and what ends a campaign for a person.
#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "guidon/limits.h"
#include "sdk/core/behavior/behavior.h"
#include "tests/unit/core/dice.h"
#include "tests/unit/core/prompts/campaigns.h"

using namespace guidon;
using namespace guidon::testing;
using prompts::Gate;
using prompts::GateResult;
using prompts::Showings;
using prompts::Verdict;
using prompts::What;

namespace {

constexpr const char* kOwnCaps = R"({"count":100})";

// Campaigns by name with what each has among its caps besides plenty of its own.
Rules GroupRules(const std::string& groups, const std::map<std::string, std::string>& campaigns) {
  std::string text;
  for (const auto& [key, limits] : campaigns) {
    const std::string caps = std::string("[") + kOwnCaps + (limits.empty() ? "" : ",") + limits + "]";
    text +=
        (text.empty() ? "\"" : ",\"") + key + "\":" +
        CampaignJson({{"caps", caps}, {"salt", "\"" + key + ".1\""}, {"waits", R"({"dismissal":"0s","action":"0s"})"}});
  }
  return LoadRules(R"("groups":)" + groups + R"(,"campaigns":{)" + text + "}");
}

struct Past {
  const char* campaign;
  int began;  // seconds after kNow
  What end = What::kDismissal;
  int lasted = 1;
  bool is_held_out = false;
};

Showings After(const std::vector<Past>& past) {
  Showings showings;
  for (std::size_t i = 0; i < past.size(); ++i) {
    const Past& each = past[i];
    const Timestamp began = kNow + kSecond * each.began;
    prompts::Step step = StepOf(What::kExposure, "p" + std::to_string(i), began, Duration(0), each.campaign);
    step.is_held_out = each.is_held_out;
    REQUIRE(showings.Fold(step));
    if (each.end == What::kExposure || each.is_held_out) continue;
    step.what = each.end;
    step.when = began + kSecond * each.lasted;
    REQUIRE(showings.Fold(step));
  }
  return showings;
}

Verdict Ask(const Rules& rules, std::string_view campaign, const Showings& showings, Timestamp now = kNow,
            const behavior::Behavior* behavior = nullptr, std::vector<GateResult>* trace = nullptr) {
  const Context context = Context().Unit("device", "d-1");
  const evaluation::PreparedContext prepared(*rules, context, {behavior}, now);
  const auto own = showings.Of(campaign);
  const auto groups = prompts::ShowingsByGroup(*rules, showings);
  prompts::Question question{*rules, *rules->FindCampaign(campaign), prepared, "message_sent", *own, now};
  question.groups = &groups;
  return prompts::Consider(question, trace);
}

constexpr int kDayS = 24 * 3'600;
constexpr const char* kNudge = R"({"group":"nudge"})";

}  // namespace

TEST_CASE("a group's cap counts what was shown of all its campaigns, and of no others") {
  const Rules rules = GroupRules(R"({"nudge":{"caps":[{"count":2,"per":"7d"},{"count":4}]}})",
                                 {{"a", kNudge}, {"b", kNudge}, {"other", ""}});
  const struct {
    std::string name;
    std::vector<Past> past;
    const char* why;
    std::optional<int> passes_at;  // seconds after kNow
  } rows[] = {
      {"nothing was shown", {}, "may_show", 0},
      {"one of two", {{"b", -kDayS}}, "may_show", 0},
      {"one of each", {{"a", -kDayS}, {"b", -2 * kDayS}}, "group_capped", 5 * kDayS},
      {"both of the other campaign", {{"b", -kDayS}, {"b", -3 * kDayS}}, "group_capped", 4 * kDayS},
      {"of a campaign that is not in it", {{"other", -9}, {"other", -8}, {"other", -7}}, "may_show", 0},
      {"of a campaign that is gone", {{"gone", -9}, {"gone", -8}, {"gone", -7}}, "may_show", 0},
      {"a week ago to the second", {{"b", -kDayS}, {"b", -7 * kDayS}}, "may_show", 0},
      {"held out counts as it would have",
       {{"b", -9, What::kExposure, 0, true}, {"b", -8}},
       "group_capped",
       7 * kDayS - 9},
      {"snoozed counts for ever alone", {{"b", -9, What::kSnooze}, {"b", -8, What::kSnooze}}, "may_show", 0},
      {"not shown does not count", {{"b", -9, What::kFailure}, {"b", -8, What::kFailure}}, "may_show", 0},
      {"four ever",
       {{"a", -90 * kDayS}, {"b", -80 * kDayS}, {"b", -70 * kDayS}, {"a", -60 * kDayS}},
       "group_capped",
       {}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const Showings showings = After(row.past);
    const Verdict verdict = Ask(rules, "a", showings);
    CHECK(prompts::WhyName(verdict.why) == row.why);
    CHECK(Ask(rules, "other", showings).may_show());
    const Timestamp free = row.passes_at ? kNow + kSecond * *row.passes_at : ruleset::kNever;
    CHECK(verdict.passes_at == free);
    if (!row.passes_at || *row.passes_at == 0) continue;
    CHECK(Ask(rules, "a", showings, free).may_show());
    CHECK_FALSE(Ask(rules, "a", showings, free - Duration(1)).may_show());
  }
}

TEST_CASE("the group of all counts every showing, also of campaigns that are gone") {
  const Rules rules = GroupRules(R"({"all":{"caps":[{"count":1,"per":"1d"}]}})", {{"a", R"({"group":"all"})"}});
  CHECK(Ask(rules, "a", After({})).may_show());
  CHECK(Ask(rules, "a", After({{"gone", -60}})).why == prompts::Why::kGroupCapped);
  CHECK(Ask(rules, "a", After({{"gone", -kDayS}})).may_show());
}

TEST_CASE("moving a campaign into another group erases nothing of what was shown") {
  const Showings showings = After({{"b", -60}});
  const char* groups = R"({"nudge":{"caps":[{"count":1,"per":"7d"}]},"sales":{"caps":[{"count":1,"per":"7d"}]}})";
  const char* sales = R"({"group":"sales"})";
  CHECK_FALSE(Ask(GroupRules(groups, {{"a", kNudge}, {"b", kNudge}}), "a", showings).may_show());
  CHECK(Ask(GroupRules(groups, {{"a", kNudge}, {"b", sales}}), "a", showings).may_show());
  CHECK_FALSE(Ask(GroupRules(groups, {{"a", sales}, {"b", sales}}), "a", showings).may_show());
  CHECK_FALSE(Ask(GroupRules(groups, {{"a", R"({"group":"sales"},{"group":"nudge"})"}, {"b", kNudge}}), "a", showings)
                  .may_show());
}

TEST_CASE("a gap is kept from the end of a group's last prompt to the next") {
  const Rules rules = GroupRules(R"({"nudge":{"gap":"90s"}})", {{"a", kNudge}, {"b", kNudge}, {"other", ""}});
  const struct {
    std::string name;
    std::vector<Past> past;
    int passes_at;  // seconds after kNow
  } rows[] = {
      {"nothing was shown", {}, 0},
      {"a second ago", {{"b", -61, What::kDismissal, 60}}, 89},
      {"its end counts, not its beginning", {{"b", -500, What::kAction, 450}}, 40},
      {"90 seconds ago", {{"b", -91, What::kDismissal, 1}}, 0},
      {"the latest end counts", {{"a", -600, What::kDismissal, 590}, {"b", -300, What::kDismissal, 1}}, 80},
      {"held out: as it would have begun", {{"b", -30, What::kExposure, 0, true}}, 60},
      {"snoozed", {{"b", -31, What::kSnooze}}, 60},
      {"never seen", {{"b", -31, What::kFailure}}, 0},
      {"its end is not known yet", {{"b", -31, What::kExposure}}, 59},
      {"of no campaign in it", {{"other", -31}}, 0},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const Showings showings = After(row.past);
    std::vector<GateResult> trace;
    const Verdict verdict = Ask(rules, "a", showings, kNow, nullptr, &trace);
    CHECK(verdict.why == (row.passes_at == 0 ? prompts::Why::kMayShow : prompts::Why::kGap));
    CHECK(verdict.passes_at == kNow + kSecond * row.passes_at);
    CHECK(prompts::PassesSoon(verdict.why) == (row.passes_at != 0));
    CHECK(Ask(rules, "a", showings, verdict.passes_at).may_show());
    CHECK(Ask(rules, "other", showings).may_show());
  }
}

TEST_CASE("what was lost of the past counts once in a group") {
  const Rules rules =
      GroupRules(R"({"nudge":{"caps":[{"count":2,"per":"7d"}],"gap":"90s"}})", {{"a", kNudge}, {"b", kNudge}});
  Showings showings;
  showings.ForgetBefore(kNow - 10 * kSecond);
  CHECK(Ask(rules, "a", showings).why == prompts::Why::kGap);
  CHECK(Ask(rules, "a", showings, kNow + 80 * kSecond).may_show());
  showings.Fold(StepOf(What::kExposure, "p", kNow - 5 * kSecond, Duration(0), "b"));
  const Verdict verdict = Ask(rules, "a", showings, kNow + 600 * kSecond);
  CHECK(verdict.why == prompts::Why::kGroupCapped);
  CHECK(verdict.passes_at == kNow - 10 * kSecond + 7 * kDay);
}

TEST_CASE("until its end is met a campaign is shown, and unknown is not met and not shown") {
  const Rules rules = GroupRules("{}", {{"a", R"({"until":{"op":">=","count":"file_shared","value":2}})"}});
  behavior::Behavior behavior;
  CHECK(Ask(rules, "a", {}, kNow, &behavior).may_show());
  behavior.Add("file_shared", kNow - 300 * kDay);
  CHECK(Ask(rules, "a", {}, kNow, &behavior).may_show());
  behavior.Add("file_shared", kNow);
  std::vector<GateResult> trace;
  const Verdict met = Ask(rules, "a", {}, kNow + 399 * kDay, &behavior, &trace);
  CHECK(met.why == prompts::Why::kUntilMet);
  CHECK(met.passes_at == ruleset::kNever);
  CHECK(std::count_if(trace.begin(), trace.end(), [](const GateResult& each) { return each.gate == Gate::kUntil; }) ==
        1);
  CHECK(Ask(rules, "a", {}).why == prompts::Why::kUnknown);
}

// Three campaigns in overlapping groups, opened by one event that comes at random; each showing is remembered by the
// test as well, and held against each group's caps and gap.
TEST_CASE("no group's caps are ever exceeded nor its gap cut short, whatever becomes of the prompts") {
  const std::string groups =
      R"({"all":{"caps":[{"count":3,"per":"1d"}],"gap":"2m"},)"
      R"("x":{"caps":[{"count":2,"per":"36h"},{"count":30}]},"y":{"caps":[{"count":1,"per":"6h"}],"gap":"1h"}})";
  const std::map<std::string, std::string> in = {{"a", R"({"group":"all"},{"group":"x"})"},
                                                 {"b", R"({"group":"all"},{"group":"x"},{"group":"y"})"},
                                                 {"c", R"({"group":"all"},{"group":"y"})"}};
  const Rules rules = GroupRules(groups, in);
  struct Shown {
    std::string campaign;
    Timestamp began;
    Timestamp gone;
    bool counts_ever;
    bool counts_in_windows;
  };
  std::size_t shown = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    Showings showings;
    std::vector<Shown> all;
    Timestamp now = kNow;
    for (int i = 0; i < 300; ++i) {
      now += dice.Chance(60) ? kSecond * static_cast<int>(dice.Below(900)) : kHour * static_cast<int>(dice.Below(20));
      const std::string campaign(1, static_cast<char>('a' + dice.Below(3)));
      const Verdict verdict = Ask(rules, campaign, showings, now);
      if (!verdict.may_show()) {
        if (verdict.passes_at == ruleset::kNever) continue;
        REQUIRE(Ask(rules, campaign, showings, verdict.passes_at - Duration(1)).why == verdict.why);
        continue;
      }
      const std::string prompt = "p" + std::to_string(all.size());
      REQUIRE(showings.Fold(StepOf(What::kExposure, prompt, now, Duration(0), campaign)));
      constexpr What kEnds[] = {What::kAction, What::kDismissal, What::kSnooze, What::kFailure, What::kUnknown};
      const What end = dice.Pick(kEnds);
      const Timestamp gone = now + kSecond * static_cast<int>(dice.Below(200));
      REQUIRE(showings.Fold(StepOf(end, prompt, gone, Duration(0), campaign)));
      all.push_back({campaign, now, gone, end != What::kFailure, end != What::kFailure && end != What::kSnooze});
      now = gone;
      ++shown;
    }
    for (std::uint16_t group = 0; group < rules->groups.size(); ++group) {
      const ruleset::CampaignGroup& limits = rules->groups[group];
      CAPTURE(limits.key);
      std::vector<Shown> of;
      for (const Shown& each : all) {
        const auto& names = rules->FindCampaign(each.campaign)->groups;
        if (each.counts_ever && std::find(names.begin(), names.end(), group) != names.end()) of.push_back(each);
      }
      for (std::size_t i = 1; i < of.size(); ++i) REQUIRE(of[i].began - of[i - 1].gone >= limits.gap);
      for (const ruleset::Cap& cap : limits.caps) {
        if (cap.window == Duration(0)) REQUIRE(of.size() <= cap.count);
        std::vector<Shown> counted;
        std::copy_if(of.begin(), of.end(), std::back_inserter(counted),
                     [&](const Shown& each) { return each.counts_in_windows; });
        for (std::size_t i = cap.count; cap.window > Duration(0) && i < counted.size(); ++i) {
          REQUIRE(counted[i].began - counted[i - cap.count].began >= cap.window);
        }
      }
    }
  }
  CHECK(shown > 1'000);
}

TEST_CASE("a group's sum is bounded by what a cap may ask, and exact there") {
  const Rules rules = GroupRules(R"({"all":{"caps":[{"count":100,"per":"400d"}]}})", {{"a", R"({"group":"all"})"}});
  std::vector<Past> past;
  for (int i = 0; i < 150; ++i) past.push_back({i % 2 == 0 ? "x" : "y", (i - 200) * 3'600});
  const Showings showings = After(past);
  CHECK(prompts::ShowingsByGroup(*rules, showings)[0].began.size() == limits::kCapCount);
  const Verdict verdict = Ask(rules, "a", showings);
  CHECK(verdict.why == prompts::Why::kGroupCapped);
  CHECK(verdict.passes_at == kNow - 150 * kHour + 400 * kDay);
}
