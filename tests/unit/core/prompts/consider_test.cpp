#include "sdk/core/prompts/consider.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "sdk/core/evaluation/bucketing.h"
#include "sdk/core/prompts/triggered.h"
#include "tests/unit/core/prompts/campaigns.h"

using namespace guidon;
using namespace guidon::testing;
using prompts::CampaignShowings;
using prompts::Gate;
using prompts::GateResult;
using prompts::Showings;
using prompts::Verdict;
using prompts::What;

namespace {

using Members = std::map<std::string, std::string>;

Context Device(const char* id = "d-1") { return Context().Unit("device", id).Set("plan", "pro"); }

struct Asked {
  Context context = Device();
  std::string event = "message_sent";
  Showings showings{};
  Timestamp now = kNow;
  const prompts::HostAbilities* host = nullptr;
  bool is_busy = false;
};

Verdict Ask(const Rules& rules, const Asked& asked, std::vector<GateResult>* trace = nullptr) {
  const evaluation::PreparedContext prepared(*rules, asked.context);
  const auto showings = asked.showings.Of("c");
  return prompts::Consider(
      {*rules, *rules->FindCampaign("c"), prepared, asked.event, *showings, asked.now, asked.host, asked.is_busy},
      trace);
}

std::string WhyOf(const Verdict& verdict) { return std::string(prompts::WhyName(verdict.why)); }

// What a person did with the prompts so far: when they began, in seconds after kNow, and how they ended a second later.
struct Past {
  int began;
  What end;
  int snooze = 0;
};

Showings After(const std::vector<Past>& past) {
  Showings showings;
  for (std::size_t i = 0; i < past.size(); ++i) {
    const std::string prompt = "p" + std::to_string(i);
    const Timestamp began = kNow + kSecond * past[i].began;
    showings.Fold(StepOf(What::kExposure, prompt, began));
    if (past[i].end == What::kExposure) continue;
    showings.Fold(StepOf(past[i].end, prompt, began + kSecond, kSecond * past[i].snooze));
  }
  return showings;
}

constexpr int kDayS = 24 * 3'600;

}  // namespace

TEST_CASE("each gate lets through what it should and says why it does not") {
  const prompts::HostAbilities banners{{"banner"}, {}};
  const struct {
    std::string name;
    Members members;
    Asked asked;
    const char* why;
  } rows[] = {
      {"everything is right", {}, {}, "may_show"},
      {"paused", {{"status", R"("paused")"}}, {}, "paused"},
      {"ended", {{"status", R"("ended")"}}, {}, "ended"},
      {"a moment before the start", {{"starts_at", R"("2026-11-18T11:06:40.001Z")"}}, {}, "not_started"},
      {"at the start", {{"starts_at", R"("2026-11-18T11:06:40Z")"}}, {}, "may_show"},
      {"at the end", {{"ends_at", R"("2026-11-18T11:06:40Z")"}}, {}, "ended"},
      {"a moment before the end", {{"ends_at", R"("2026-11-18T11:06:40.001Z")"}}, {}, "may_show"},
      {"another event", {}, {Device(), "message_read"}, "no_trigger"},
      {"no event", {}, {Device(), ""}, "no_trigger"},
      {"the event's property fits",
       {{"trigger", R"({"event":"message_sent","where":{"op":">=","kind":"event","attribute":"chars","value":1500}})"}},
       {Device().SetFor("event", "chars", 1500)},
       "may_show"},
      {"the event's property is too small",
       {{"trigger", R"({"event":"message_sent","where":{"op":">=","kind":"event","attribute":"chars","value":1500}})"}},
       {Device().SetFor("event", "chars", 1499)},
       "no_trigger"},
      {"the context's attribute is not the event's",
       {{"trigger", R"({"event":"message_sent","where":{"op":">=","kind":"event","attribute":"chars","value":1500}})"}},
       {Device().Set("chars", 9000)},
       "no_trigger"},
      {"the audience is another", {{"when", R"({"op":"==","attribute":"plan","value":"free"})"}}, {}, "not_eligible"},
      {"the audience asks for what is not there",
       {{"when", R"({"op":"==","attribute":"country","value":"PT"})"}},
       {},
       "unknown"},
      {"the audience fits", {{"when", R"({"op":"==","attribute":"plan","value":"pro"})"}}, {}, "may_show"},
      {"no unit", {{"unit", R"("account")"}}, {}, "no_unit"},
      {"a unit without id", {}, {Device("")}, "invalid_unit"},
      {"held out", {{"holdout", "500000"}}, {Device("d-2")}, "may_show"},
      {"after a dismissal",
       {{"caps", R"([{"count":9}])"}},
       {Device(), "message_sent", After({{-kDayS, What::kDismissal}})},
       "after_dismissal"},
      {"after an action",
       {{"caps", R"([{"count":9}])"}},
       {Device(), "message_sent", After({{-kDayS, What::kAction}})},
       "after_action"},
      {"snoozed",
       {{"caps", R"([{"count":9}])"}},
       {Device(), "message_sent", After({{-kDayS, What::kSnooze, 2 * kDayS}})},
       "snoozed"},
      {"shown this week", {}, {Device(), "message_sent", After({{-kDayS, What::kUnknown}})}, "capped"},
      {"could not be shown this week", {}, {Device(), "message_sent", After({{-kDayS, What::kFailure}})}, "may_show"},
      {"the host draws no such kind", {}, {Device(), "message_sent", {}, kNow, &banners}, "cannot_draw"},
      {"the host draws it",
       {{"show", R"({"kind":"banner","title":"t"})"}},
       {Device(), "message_sent", {}, kNow, &banners},
       "may_show"},
      {"another prompt is up", {}, {Device(), "message_sent", {}, kNow, nullptr, true}, "busy"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const Rules rules = CampaignRules(row.members);
    std::vector<GateResult> trace;
    const Verdict verdict = Ask(rules, row.asked, &trace);
    CHECK(WhyOf(verdict) == row.why);
    // Explaining is considering: the trace changes no answer, and names the gate.
    const Verdict plain = Ask(rules, row.asked);
    CHECK(WhyOf(plain) == row.why);
    CHECK(plain.may_show() == verdict.may_show());
    std::string first = "may_show";
    for (const GateResult& gate : trace) {
      CHECK(gate.passed == (gate.why == prompts::Why::kMayShow));
      if (first == "may_show" && !gate.passed) first = std::string(prompts::WhyName(gate.why));
    }
    CHECK(first == row.why);
  }
}

TEST_CASE("the gates stand in one order, and a trace asks every one of them") {
  const prompts::HostAbilities none;
  Asked asked{Device(""), "other", After({{-100, What::kDismissal}, {-50, What::kUnknown}}), kNow, &none, true};
  Members members = {{"starts_at", R"("2027-01-01")"},
                     {"when", R"({"op":"==","attribute":"plan","value":"free"})"},
                     {"caps", R"([{"count":1},{"count":1,"per":"7d"}])"},
                     {"show", R"({"kind":"modal","title":"Hello {name}"})"}};
  std::vector<GateResult> trace;
  CHECK(WhyOf(Ask(CampaignRules(members), asked, &trace)) == "not_started");
  std::string whys;
  for (const GateResult& gate : trace) whys += std::string(prompts::WhyName(gate.why)) + " ";
  CHECK(whys ==
        "not_started no_trigger not_eligible invalid_unit after_dismissal capped capped cannot_draw unfilled busy ");
  // One by one they are put right, and the next one speaks.
  members.erase("starts_at");
  CHECK(WhyOf(Ask(CampaignRules(members), asked)) == "no_trigger");
  asked.event = "message_sent";
  CHECK(WhyOf(Ask(CampaignRules(members), asked)) == "not_eligible");
  members.erase("when");
  CHECK(WhyOf(Ask(CampaignRules(members), asked)) == "invalid_unit");
  asked.context = Device();
  CHECK(WhyOf(Ask(CampaignRules(members), asked)) == "after_dismissal");
  members["waits"] = R"({"dismissal":"0s"})";
  CHECK(WhyOf(Ask(CampaignRules(members), asked)) == "capped");
  members["caps"] = R"([{"count":9}])";
  CHECK(WhyOf(Ask(CampaignRules(members), asked)) == "cannot_draw");
  asked.host = nullptr;
  CHECK(WhyOf(Ask(CampaignRules(members), asked)) == "unfilled");
  asked.context.Set("name", "Ann");
  CHECK(WhyOf(Ask(CampaignRules(members), asked)) == "busy");
  asked.is_busy = false;
  CHECK(WhyOf(Ask(CampaignRules(members), asked)) == "may_show");
}

TEST_CASE("a campaign with an error is not shown") {
  const auto loaded = dialects::LoadNative(Datafile(R"("campaigns":{"c":{}})"));
  REQUIRE(loaded.rules.get() != nullptr);
  CHECK(WhyOf(Ask(loaded.rules, {})) == "invalid_campaign");
}

TEST_CASE("caps and waits are over at exactly the moment they say") {
  const char* const kOften = R"([{"count":100}])";
  const struct {
    std::string name;
    Members members;
    std::vector<Past> past;
    int free;  // seconds after kNow; 0: at once; -1: never
    const char* why;
  } rows[] = {
      {"nothing happened", {}, {}, 0, "may_show"},
      {"one a week", {}, {{-kDayS, What::kUnknown}}, 6 * kDayS, "capped"},
      {"one a week, a week ago", {}, {{-7 * kDayS, What::kUnknown}}, 0, "may_show"},
      {"one a week, a second less ago", {}, {{-7 * kDayS + 1, What::kUnknown}}, 1, "capped"},
      {"still open", {}, {{-10, What::kExposure}}, 7 * kDayS - 10, "capped"},
      {"seen and still open", {}, {{-10, What::kImpression}}, 7 * kDayS - 10, "capped"},
      {"two a week, two shown",
       {{"caps", R"([{"count":2,"per":"7d"}])"}},
       {{-3 * kDayS, What::kUnknown}, {-kDayS, What::kUnknown}},
       4 * kDayS,
       "capped"},
      {"two a week, one failed",
       {{"caps", R"([{"count":2,"per":"7d"}])"}},
       {{-3 * kDayS, What::kFailure}, {-kDayS, What::kUnknown}},
       0,
       "may_show"},
      {"two a week, three shown by an earlier cap",
       {{"caps", R"([{"count":2,"per":"7d"}])"}},
       {{-3 * kDayS, What::kUnknown}, {-2 * kDayS, What::kUnknown}, {-kDayS, What::kUnknown}},
       5 * kDayS,
       "capped"},
      {"the stricter of two windows",
       {{"caps", R"([{"count":1,"per":"1d"},{"count":2,"per":"30d"}])"}},
       {{-20 * kDayS, What::kUnknown}, {-10, What::kUnknown}},
       10 * kDayS,
       "capped"},
      {"in minutes", {{"caps", R"([{"count":1,"per":"30m"}])"}}, {{-60, What::kUnknown}}, 29 * 60, "capped"},
      {"three ever",
       {{"caps", R"([{"count":3}])"}},
       {{-900, What::kUnknown}, {-800, What::kUnknown}, {-700, What::kUnknown}},
       -1,
       "capped"},
      {"three ever, one failed",
       {{"caps", R"([{"count":3}])"}},
       {{-900, What::kUnknown}, {-800, What::kFailure}, {-700, What::kUnknown}},
       0,
       "may_show"},
      {"a snoozed one counts in no window", {}, {{-kDayS, What::kSnooze, 3'600}}, 0, "may_show"},
      {"a snoozed one counts ever", {{"caps", R"([{"count":1}])"}}, {{-kDayS, What::kSnooze, 3'600}}, -1, "capped"},
      {"until the snooze is over", {}, {{-100, What::kSnooze, 3'600}}, 3'501, "snoozed"},
      {"after a dismissal", {{"caps", kOften}}, {{-100, What::kDismissal}}, 7 * kDayS - 99, "after_dismissal"},
      {"after a dismissal, for as long as is said",
       {{"caps", kOften}, {"waits", R"({"dismissal":"2h"})"}},
       {{-100, What::kDismissal}},
       7'101,
       "after_dismissal"},
      {"no wait after a dismissal",
       {{"caps", kOften}, {"waits", R"({"dismissal":"0s"})"}},
       {{-100, What::kDismissal}},
       0,
       "may_show"},
      {"after an action", {{"caps", kOften}}, {{-100, What::kAction}}, 30 * kDayS - 99, "after_action"},
      {"the longest wait counts",
       {{"caps", kOften}},
       {{-20 * kDayS, What::kAction}, {-kDayS, What::kDismissal}},
       10 * kDayS + 1,
       "after_action"},
      {"wait and cap: the later one",
       {},
       {{-2 * kDayS, What::kUnknown}, {-kDayS, What::kAction}},
       29 * kDayS + 1,
       "after_action"},
      {"the clock was ahead", {}, {{kDayS, What::kUnknown}}, 8 * kDayS, "capped"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const Rules rules = CampaignRules(row.members);
    Asked asked;
    asked.showings = After(row.past);
    const Verdict verdict = Ask(rules, asked);
    CHECK(WhyOf(verdict) == row.why);
    const Timestamp free = prompts::FreeAt(*rules->FindCampaign("c"), *asked.showings.Of("c"), asked.now);
    CHECK(ToMs(free) == (row.free < 0 ? ToMs(ruleset::kNever) : ToMs(kNow + kSecond * row.free)));
    std::vector<GateResult> trace;
    CHECK(Ask(rules, asked, &trace).passes_at == free);
    if (row.free <= 0) continue;
    asked.now = free - Duration(1);
    CHECK_FALSE(Ask(rules, asked).may_show());
    asked.now = free;
    CHECK(Ask(rules, asked).may_show());
  }
}

TEST_CASE("time alone does not help when the campaign ends first, or where another gate stands") {
  Asked asked;
  asked.showings = After({{-kDayS, What::kUnknown}});
  std::vector<GateResult> trace;
  CHECK(Ask(CampaignRules({{"ends_at", R"("2026-11-24T11:06:40.001Z")"}}), asked, &trace).passes_at == kNow + 6 * kDay);
  CHECK(Ask(CampaignRules({{"ends_at", R"("2026-11-24T11:06:40Z")"}}), asked, &trace).passes_at == ruleset::kNever);
  asked.event = "other";
  CHECK(Ask(CampaignRules(), asked, &trace).passes_at == ruleset::kNever);
  asked = Asked();
  CHECK(Ask(CampaignRules({{"starts_at", R"("2026-12-01")"}}), asked).passes_at == TimestampFromMs(1'796'083'200'000));
}

TEST_CASE("what was lost is taken for one showing made then") {
  const struct {
    std::string name;
    const char* caps;
    int forgotten;  // seconds after kNow
    std::vector<Past> past;
    int free;
  } rows[] = {
      {"one a week", R"([{"count":1,"per":"7d"}])", -kDayS, {}, 6 * kDayS},
      {"one a week, long ago", R"([{"count":1,"per":"7d"}])", -8 * kDayS, {}, 0},
      {"two a week", R"([{"count":2,"per":"7d"}])", -kDayS, {}, 0},
      {"two a week with one after it",
       R"([{"count":2,"per":"7d"}])",
       -3 * kDayS,
       {{-kDayS, What::kUnknown}},
       4 * kDayS},
      {"two a week with one before it",
       R"([{"count":2,"per":"7d"}])",
       -kDayS,
       {{-3 * kDayS, What::kUnknown}},
       4 * kDayS},
      {"one ever", R"([{"count":1}])", -300 * kDayS, {}, -1},
      {"two ever", R"([{"count":2}])", -300 * kDayS, {}, 0},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const Rules rules = CampaignRules({{"caps", row.caps}});
    CampaignShowings showings = *After(row.past).Of("c");
    showings.forgotten_before = kNow + kSecond * row.forgotten;
    const Timestamp free = prompts::FreeAt(*rules->FindCampaign("c"), showings, kNow);
    CHECK(ToMs(free) == (row.free < 0 ? ToMs(ruleset::kNever) : ToMs(kNow + kSecond * row.free)));
  }
}

TEST_CASE("times at the ends of what a store can hold overflow nothing") {
  const Rules rules = CampaignRules();
  CampaignShowings showings;
  showings.made = 2;
  prompts::Showing showing;
  showing.began = Timestamp::min();
  showing.ended = ruleset::kNever;
  showing.end = What::kDismissal;
  showings.list.push_back(showing);
  showing.began = ruleset::kNever;
  showings.list.push_back(showing);
  CHECK(prompts::FreeAt(*rules->FindCampaign("c"), showings, kNow) == ruleset::kNever);
}

TEST_CASE("who is held out follows from the campaign's salt and the unit alone, at the share that is said") {
  const Rules rules = CampaignRules({{"holdout", "100000"}});
  const Rules again = CampaignRules({{"holdout", "100000"}, {"salt", R"("c.2")"}});
  int held_out = 0;
  int moved = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string id = "unit-" + std::to_string(i);
    Asked asked;
    asked.context = Device(id.c_str());
    const Verdict verdict = Ask(rules, asked);
    CHECK(verdict.slot == static_cast<std::int32_t>(evaluation::Slot('c', "c.1", id)));
    CHECK(verdict.is_held_out == (verdict.slot < 100'000));
    held_out += verdict.is_held_out ? 1 : 0;
    moved += verdict.is_held_out != Ask(again, asked).is_held_out ? 1 : 0;
  }
  CHECK(held_out > 1'800);
  CHECK(held_out < 2'200);
  CHECK(moved > 3'200);
}

TEST_CASE("a holdout's groups are as large as it says, and independent of the campaign's own arms") {
  const Rules rules = LoadRules(
      R"("holdouts":{"q3":{"unit":"device","salt":"q3","size":50000,"experiments":[],"campaigns":["c"]},)"
      R"("q4":{"unit":"device","salt":"q4","size":100000,"experiments":"*","campaigns":"*"}},)"
      R"("campaigns":{"c":)" +
      CampaignJson({{"holdout", "200000"}}) + "}");
  int kept_out = 0, comparison = 0, own_of_kept_out = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string id = "unit-" + std::to_string(i);
    Asked asked;
    asked.context = Device(id.c_str());
    const Verdict verdict = Ask(rules, asked);
    const bool is_out_by_q3 = evaluation::Slot('h', "q3", id) < 50'000;
    const std::uint32_t slot = evaluation::Slot('h', "q4", id);
    CHECK(verdict.is_kept_out == (is_out_by_q3 || slot < 100'000));
    CHECK(verdict.is_held_out == (verdict.is_kept_out || verdict.slot < 200'000));
    CHECK(verdict.may_show());  // all arms pass the same gates
    // Of one that the first keeps out the second is not asked.
    const bool is_in_q4 = !is_out_by_q3 && slot < 200'000;
    const bool is_told_of_q4 = !verdict.holdouts.empty() && verdict.holdouts.back().holdout == 1;
    CHECK(is_told_of_q4 == is_in_q4);
    if (is_told_of_q4) CHECK(verdict.holdouts.back().is_held_out == (slot < 100'000));
    kept_out += verdict.is_kept_out ? 1 : 0;
    comparison += is_told_of_q4 && slot >= 100'000 ? 1 : 0;
    own_of_kept_out += verdict.is_kept_out && verdict.slot < 200'000 ? 1 : 0;
  }
  // 1 - 0.95 × 0.9, 0.95 × 0.1, and a fifth of the first; within four standard deviations.
  CHECK(std::abs(kept_out - 2'900) < 200);
  CHECK(std::abs(comparison - 1'900) < 167);
  CHECK(std::abs(own_of_kept_out - 580) < 95);
}

TEST_CASE("campaigns are offered by priority, and equals take turns among people") {
  const std::string text = R"("campaigns":{"low":)" + CampaignJson({{"priority", "-1"}}) + R"(,"a":)" + CampaignJson() +
                           R"(,"high":)" + CampaignJson({{"priority", "7"}}) + R"(,"b":)" + CampaignJson() +
                           R"(,"other":)" + CampaignJson({{"trigger", R"({"event":"app_open"})"}}) + "}";
  const Rules rules = LoadRules(text);
  const auto order = [&](const Context& context, std::string_view event) {
    const evaluation::PreparedContext prepared(*rules, context);
    std::string keys;
    for (const std::uint32_t i : prompts::TriggeredBy(*rules, prepared, event)) keys += rules->campaigns[i].key + " ";
    return keys;
  };
  int a_first = 0;
  for (int i = 0; i < 1'000; ++i) {
    const Context context = Device(("unit-" + std::to_string(i)).c_str());
    const std::string keys = order(context, "message_sent");
    CHECK(keys == order(context, "message_sent"));
    CHECK((keys == "high a b low " || keys == "high b a low "));
    a_first += keys == "high a b low " ? 1 : 0;
  }
  CHECK(a_first > 420);
  CHECK(a_first < 580);
  CHECK(order(Device(), "app_open") == "other ");
  CHECK(order(Device(), "nothing") == "");
  CHECK(order(Context(), "message_sent") != "");
  CHECK(rules->IsTrigger("app_open"));
  CHECK_FALSE(rules->IsTrigger("message"));
}

TEST_CASE("any of several triggers starts a campaign, once, and what cancels it starts nothing") {
  const Rules rules = CampaignRules(
      {{"trigger", ""},
       {"triggers", R"([{"event":"a"},{"event":"b","where":{"op":"==","attribute":"plan","kind":"event","value":"x"}},)"
                    R"({"event":"b","where":{"op":"==","attribute":"plan","kind":"event","value":"y"}}])"},
       {"cancel_on", R"(["done"])"}});
  const struct {
    const char* event;
    const char* plan;  // of the event
    std::size_t offered;
    prompts::Why why;
  } rows[] = {{"a", "z", 1, prompts::Why::kMayShow},      {"b", "x", 1, prompts::Why::kMayShow},
              {"b", "y", 1, prompts::Why::kMayShow},      {"b", "z", 1, prompts::Why::kNoTrigger},
              {"done", "x", 0, prompts::Why::kNoTrigger}, {"c", "x", 0, prompts::Why::kNoTrigger}};
  for (const auto& row : rows) {
    CAPTURE(row.event);
    CAPTURE(row.plan);
    const Context context = prompts::WithEvent(Device(), {{"plan", Value(row.plan)}});
    const evaluation::PreparedContext prepared(*rules, context);
    CHECK(prompts::TriggeredBy(*rules, prepared, row.event).size() == row.offered);
    CHECK(prompts::Consider({*rules, rules->campaigns[0], prepared, row.event, CampaignShowings(), kNow}).why ==
          row.why);
  }
}

TEST_CASE("a campaign with an error triggers nothing") {
  const auto loaded = dialects::LoadNative(
      Datafile(R"("campaigns":{"c":)" + CampaignJson({{"trigger", R"({"event":"x"})"}, {"caps", "[]"}}) + "}"));
  REQUIRE(loaded.rules.get() != nullptr);
  CHECK_FALSE(loaded.rules->IsTrigger("x"));
  const Context context = Device();
  CHECK(prompts::TriggeredBy(*loaded.rules, evaluation::PreparedContext(*loaded.rules, context), "x").empty());
}

TEST_CASE("a campaign's conditions ask for flags and variants, under the overrides that there are") {
  const Rules rules = LoadRules(
      R"("layers":{"l":{"unit":"device","salt":"l.1"}},"experiments":{"e":{"iteration":1,"status":"running","layer":"l",)"
      R"("slots":[[0,1000000]],"salt":"e.1","variants":{"a":{"slots":[],"flags":{"f":1}},)"
      R"("b":{"slots":[[0,1000000]],"flags":{"f":2}}}}},"flags":{"f":{"type":"int","default":0,"rules":[)"
      R"({"id":"r","experiment":"e"}]}},"campaigns":{"c":{"iteration":1,"status":"running","unit":"device","salt":"c.1",)"
      R"("holdout":0,"trigger":{"event":"message_sent","where":{"op":"==","variant":"e","value":"b"}},)"
      R"("when":{"op":"==","flag":"f","value":2},"caps":[{"count":1}],"show":{"kind":"banner","title":"Look"}}})");
  const Context context = Device();
  const evaluation::PreparedContext prepared(*rules, context);
  const Showings none;
  const auto showings = none.Of("c");
  prompts::Question question{*rules, *rules->FindCampaign("c"), prepared, "message_sent", *showings, kNow};
  CHECK(prompts::Consider(question).may_show());
  evaluation::Forced forced;
  forced.experiments.push_back({0, 0});
  question.forced = &forced;
  std::vector<GateResult> gates;
  CHECK(prompts::Consider(question, &gates).why == prompts::Why::kNoTrigger);
  CHECK(gates[1].truth == evaluation::Truth::kFalse);
  CHECK(gates[2].truth == evaluation::Truth::kFalse);
  const Context nobody;
  const evaluation::PreparedContext without(*rules, nobody);
  CHECK(prompts::Consider({*rules, *rules->FindCampaign("c"), without, "message_sent", *showings, kNow}).why ==
        prompts::Why::kNoTrigger);
}

TEST_CASE("a campaign starts and ends by the device's own clock") {
  const Rules rules = CampaignRules(
      {{"starts_at", R"({"local":"2026-11-18T12:06:40"})"}, {"ends_at", R"({"local":"2026-11-19T12:06:40"})"}});
  const Context context = Device();
  const Showings none;
  const auto showings = none.Of("c");
  const struct {
    const char* name;
    std::function<Duration(Timestamp)> offset;
    Timestamp now;
    const char* why;
  } rows[] = {
      {"an hour ahead, at the start", [](Timestamp) { return 3'600 * kSecond; }, kNow, "may_show"},
      {"an hour ahead, before", [](Timestamp) { return 3'600 * kSecond; }, kNow - Duration(1), "not_started"},
      {"an hour ahead, at the end", [](Timestamp) { return 3'600 * kSecond; }, kNow + kDay, "ended"},
      {"UTC", nullptr, kNow, "not_started"},
      {"UTC, at the end", nullptr, kNow + kDay + 3'600 * kSecond, "ended"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const evaluation::PreparedContext prepared(*rules, context, {nullptr, nullptr, row.offset}, row.now);
    const Verdict verdict =
        prompts::Consider({*rules, *rules->FindCampaign("c"), prepared, "message_sent", *showings, row.now});
    CHECK(WhyOf(verdict) == row.why);
    if (std::string_view(row.why) != "not_started") continue;
    CHECK(verdict.passes_at == (row.offset ? kNow : kNow + 3'600 * kSecond));
  }
}

TEST_CASE("an event's properties take the place of what an app put there") {
  Context context = Device().SetFor("event", "chars", 9).SetFor("event", "old", true).SetFor("team", "chars", 7);
  for (int i = 0; i < 300; ++i) context.Set("a" + std::to_string(i), i);
  const Context with = prompts::WithEvent(context, {{"chars", Value(1'812)}});
  const auto find = [&](const char* kind, const char* name) {
    return evaluation::FindAttribute(with, {kind, name, ruleset::Conversion::kPlain});
  };
  REQUIRE(find("event", "chars") != nullptr);
  CHECK(*find("event", "chars")->AsInt() == 1'812);
  CHECK(find("event", "old") == nullptr);
  CHECK(*find("team", "chars")->AsInt() == 7);
  CHECK(*find("", "plan")->AsString() == "pro");
  CHECK(*with.FindUnit("device") == "d-1");
}
