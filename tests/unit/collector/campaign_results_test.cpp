#include "samples/collector/campaign_results.h"

#include <doctest/doctest.h>

#include <map>

#include "samples/collector/page.h"
#include "samples/collector/results.h"
#include "sdk/core/base/json.h"
#include "sdk/core/evaluation/bucketing.h"
#include "tests/unit/collector/world.h"

namespace guidon::collector {
namespace {

const CampaignResult& Share(const Results& results) {
  REQUIRE(!results.campaigns.empty());
  return results.campaigns[0];
}

std::uint64_t Units(const Results& results, std::size_t arm) { return Share(results).arms[arm].units; }

// So many units an arm reach the prompt; of each, the first so many share.
void Fill(World& world, std::size_t prompt, std::size_t prompt_shared, std::size_t held_out,
          std::size_t held_out_shared) {
  std::vector<Event> events;
  const auto add = [&events](const char* arm, std::size_t count, std::size_t shared) {
    const std::vector<std::string> units = UnitsReaching(arm, count);
    for (std::size_t i = 0; i < count; ++i) {
      events.push_back(Step("e" + units[i], units[i], "exposure").At(kNow - 8 * kDay));
      if (i < shared) events.push_back(Tracked("s" + units[i], units[i], "shared").At(kNow - 2 * kDay));
    }
  };
  add("prompt", prompt, prompt_shared);
  add("held_out", held_out, held_out_shared);
  REQUIRE(world.Post(events).body == R"({"partialSuccess":{}})");
}

TEST_CASE("each step of the funnel counts units, however often it happened to them") {
  World world;
  const std::vector<std::string> units = UnitsReaching("prompt", 6);
  std::vector<Event> events;
  for (const std::string& unit : units) events.push_back(Step("e" + unit, unit, "exposure"));
  events.push_back(Step("again", units[0], "exposure", "second"));
  const struct {
    std::size_t unit;
    const char* what;
  } steps[] = {{0, "impression"}, {0, "dismissal"}, {1, "impression"}, {1, "action"}, {2, "impression"},
               {2, "snooze"},     {3, "failure"},   {4, "unknown"},    {5, "answer"}, {5, "completion"},
               {1, "answer"},     {0, "viewable"},  {1, "viewable"}};
  for (const auto& step : steps) {
    events.push_back(Step(units[step.unit] + step.what, units[step.unit], step.what));
  }
  events.push_back(Step("seen twice", units[0], "impression", "second"));
  events.push_back(Step("clicked after all", units[0], "action", "second"));
  // Its exposure is still on its way: nobody knows yet when it reached the prompt.
  events.push_back(Step("early", UnitsReaching("prompt", 7).back(), "impression"));
  world.Post(events);
  const Results results = world.Count();
  CHECK(results.quarantined.empty());
  const CampaignResult& campaign = Share(results);
  CHECK(campaign.key == "try-share");
  CHECK(campaign.iteration == 3);
  CHECK(campaign.kpi == "activation");
  CHECK(campaign.arms[CampaignResult::kFirst].units == 6);
  CHECK(campaign.arms[CampaignResult::kHeldOut].units == 0);
  CHECK(campaign.funnels[CampaignResult::kFirst].showings == 7);
  CHECK(campaign.funnels[CampaignResult::kFirst].seen == 3);
  CHECK(campaign.funnels[CampaignResult::kFirst].viewable == 2);
  CHECK(campaign.funnels[CampaignResult::kFirst].clicked == 2);
  CHECK(campaign.funnels[CampaignResult::kFirst].dismissed == 1);
  CHECK(campaign.funnels[CampaignResult::kFirst].snoozed == 1);
  CHECK(campaign.funnels[CampaignResult::kFirst].failed == 1);
  CHECK(campaign.funnels[CampaignResult::kFirst].unknown == 1);
  CHECK(campaign.funnels[CampaignResult::kFirst].answered == 2);
  CHECK(campaign.funnels[CampaignResult::kFirst].completed == 1);
}

TEST_CASE("what became of a showing counts where it was shown, whatever unit and datafile told of it") {
  World world;
  const std::string unit = UnitsReaching("prompt", 1)[0];
  Event told = Step("2", "somebody-else", "unknown", "showing-" + unit).Text("feature_flag.version", "");
  told.Text("guidon.campaign.variant", "prompt").ints = {{"guidon.campaign.iteration", 0}};
  world.Post({Step("1", unit, "exposure"), told});
  const Results results = world.Count();
  CHECK(results.quarantined.empty());
  CHECK(Share(results).funnels[CampaignResult::kFirst].unknown == 1);
  CHECK(Share(results).units == 1);
}

TEST_CASE("both arms convert from where they first reached the prompt until the window ends, seen or not") {
  const struct {
    std::int64_t after_ms;
    std::uint64_t converted;
  } rows[] = {{-1, 0}, {0, 1}, {7 * kDay - 1, 1}, {7 * kDay, 0}};
  for (const auto& row : rows) {
    for (const char* arm : {"prompt", "held_out"}) {
      CAPTURE(row.after_ms);
      CAPTURE(arm);
      World world;
      const std::string unit = UnitsReaching(arm, 1)[0];
      const std::int64_t first = kNow - 20 * kDay;
      world.Post({Step("2", unit, "exposure", "b").At(first + 3 * kDay), Step("1", unit, "exposure", "a").At(first),
                  Tracked("s", unit, "shared").At(first + row.after_ms)});
      const Results results = world.Count();
      const std::size_t index = arm[0] == 'p' ? CampaignResult::kFirst : CampaignResult::kHeldOut;
      CHECK(Share(results).goals[0].arms[index].units == 1);
      CHECK(Share(results).goals[0].arms[index].converted == row.converted);
    }
  }
}

TEST_CASE("the difference has Newcombe's interval, and the sentence says it") {
  World world;
  // Newcombe 1998, table II, method 10: 56/70 against 48/80 is 0.2 with 0.0524 to 0.3339.
  Fill(world, 70, 56, 80, 48);
  const Results results = world.Count();
  const GoalResult& goal = Share(results).goals[0];
  const GoalArm& prompt = goal.arms[CampaignResult::kFirst];
  REQUIRE(prompt.difference);
  CHECK(*prompt.difference == doctest::Approx(0.2));
  CHECK(prompt.difference_interval.lower == doctest::Approx(0.0524).epsilon(0.002));
  CHECK(prompt.difference_interval.upper == doctest::Approx(0.3339).epsilon(0.002));
  CHECK(CampaignSentence(Share(results), goal, CampaignResult::kFirst)
            .rfind("80.0 % of those who reached the prompt did shared within 7d, 60.0 % of those held "
                   "out: +20.0 points (95 %: +5.2 to +33.4)",
                   0) == 0);
}

TEST_CASE("a verdict needs ten conversions in both arms, an interval on one side of zero, and a split that holds") {
  const struct {
    std::string name;
    std::size_t prompt, prompt_shared, held_out, held_out_shared;
    Split split;
    Verdict verdict;
    const char* ends;
  } rows[] = {
      {"higher", 160, 80, 40, 10, Split::kGood, Verdict::kHigher, ")"},
      {"lower", 160, 20, 40, 20, Split::kGood, Verdict::kLower, ")"},
      {"not clear", 160, 50, 40, 12, Split::kGood, Verdict::kNotClear, "; no clear difference yet"},
      {"nine held out", 160, 80, 40, 9, Split::kGood, Verdict::kTooFew, "; too few conversions to say"},
      {"none held out did", 160, 80, 40, 0, Split::kGood, Verdict::kTooFew, "; too few conversions to say"},
      {"half is held out", 100, 60, 100, 20, Split::kBroken, Verdict::kSplitBroken,
       "; no verdict, the split looks broken"},
      {"few units", 16, 12, 4, 0, Split::kTooFew, Verdict::kTooFew, "; too few conversions to say"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    World world;
    Fill(world, row.prompt, row.prompt_shared, row.held_out, row.held_out_shared);
    const Results results = world.Count();
    CHECK(Share(results).split == row.split);
    const GoalResult& goal = Share(results).goals[0];
    CHECK(goal.arms[CampaignResult::kFirst].verdict == row.verdict);
    const std::string sentence = CampaignSentence(Share(results), goal, CampaignResult::kFirst);
    CHECK(sentence.substr(sentence.size() - std::string(row.ends).size()) == row.ends);
    // Also without a verdict there is an interval that holds for few units.
    CHECK(goal.arms[CampaignResult::kFirst].difference.has_value());
  }
}

// Of the second version, in which the campaign has two contents.
std::string VariantOf(const std::string& unit) {
  if (CampaignArmOf(unit) == "held_out") return "held_out";
  return evaluation::Slot('v', "try-share.3", unit) < 500'000 ? "news" : "benefit";
}

Event VariantStep(std::string id, const std::string& unit, std::string what) {
  return Step(std::move(id), unit, std::move(what))
      .Text("feature_flag.version", "1.2")
      .Text("guidon.campaign.variant", VariantOf(unit));
}

void PublishVariants(World& world) {
  REQUIRE(world.archive
              ->Add(Datafile(2, "\"holdout\":200000",
                             R"("holdout":200000,"variants":{"news":{"slots":[[0,500000]],"show":{}},)"
                             R"("benefit":{"slots":[[500000,1000000]],"show":{}}})"),
                    kNow)
              .ok());
}

TEST_CASE("each variant is compared with the held out and with the first of them, and the split is checked over all") {
  World world;
  PublishVariants(world);
  std::vector<Event> events;
  std::map<std::string, std::uint64_t> units;
  for (int i = 0; i < 400; ++i) {
    const std::string unit = "unit-" + std::to_string(i);
    const std::string variant = VariantOf(unit);
    const std::uint64_t n = units[variant]++;
    events.push_back(VariantStep("e" + unit, unit, "exposure").At(kNow - 8 * kDay));
    if (variant != "held_out") events.push_back(VariantStep("i" + unit, unit, "impression").At(kNow - 8 * kDay));
    if (variant == "benefit" && n % 2 == 0) events.push_back(VariantStep("a" + unit, unit, "action"));
    // Of ten: held out 2, news 4, benefit 8.
    if (n % 10 < (variant == "held_out" ? 2u : variant == "news" ? 4u : 8u)) {
      events.push_back(Tracked("s" + unit, unit, "shared").At(kNow - 2 * kDay));
    }
  }
  REQUIRE(world.Post(events).body == R"({"partialSuccess":{}})");
  const Results results = world.Count();
  CHECK(results.quarantined.empty());
  const CampaignResult& campaign = Share(results);
  REQUIRE(campaign.arms.size() == 3);
  CHECK(campaign.has_variants());
  const char* names[] = {"held_out", "news", "benefit"};
  const double weights[] = {0.2, 0.4, 0.4};
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(campaign.arms[i].variant == names[i]);
    CHECK(campaign.arms[i].weight == doctest::Approx(weights[i]));
    CHECK(campaign.arms[i].units == units[names[i]]);
  }
  CHECK(campaign.units == 400);
  CHECK(campaign.split == Split::kGood);
  CHECK(campaign.split_chi_square.degrees == 2);
  CHECK(campaign.funnels[1].seen == units["news"]);
  CHECK(campaign.funnels[1].clicked == 0);
  CHECK(campaign.funnels[2].clicked == (units["benefit"] + 1) / 2);
  const GoalResult& goal = campaign.goals.at(0);
  CHECK(goal.arms[1].verdict == Verdict::kHigher);
  CHECK(*goal.arms[2].difference > *goal.arms[1].difference);
  // The variants among themselves.
  REQUIRE(campaign.among.arms.size() == 2);
  const GoalArm& among = campaign.among.goals.at(0).arms.at(1);
  CHECK(*among.difference == doctest::Approx(*goal.arms[2].difference - *goal.arms[1].difference));
  CHECK(among.verdict == Verdict::kHigher);
  CHECK(CampaignSentence(campaign, goal, 1).find("of those who reached news did shared within 7d") !=
        std::string::npos);
  const auto json = json::Document::Parse(ResultsJson(results), nullptr);
  REQUIRE(json);
  const json::Node told = json->root()["campaigns"].First();
  CHECK(told["arms"]["news"]["seen"].AsInt() == static_cast<std::int64_t>(units["news"]));
  CHECK(told["goals"].First()["variants"].size() == 3);
  CHECK(told["among"]["goals"].First()["variants"].First().Next()["verdict"].AsString() == "higher");
  const std::string page = ResultsPage(results, "n");
  CHECK(page.find("Among themselves") != std::string::npos);
}

TEST_CASE("an event of another variant than the unit's, or of none, is put aside") {
  const struct {
    std::string name;
    std::string variant;
    const char* reason;
  } rows[] = {{"the other", "other", "variant_mismatch"},
              {"none of them", "prompt", "unknown_variant"},
              {"held out", "held_out", "variant_mismatch"}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    World world;
    PublishVariants(world);
    const std::string unit = UnitsReaching("prompt", 1)[0];
    const std::string other = VariantOf(unit) == "news" ? "benefit" : "news";
    world.Post({VariantStep("1", unit, "exposure")
                    .Text("guidon.campaign.variant", row.variant == "other" ? other : row.variant)});
    const Results results = world.Count();
    REQUIRE(results.quarantined.size() == 1);
    CHECK(results.quarantined[0].name == row.reason);
  }
}

TEST_CASE("with nobody held out there is a rate and no comparison") {
  World world;
  Fill(world, 10, 4, 0, 0);
  const Results results = world.Count();
  CHECK(CampaignSentence(Share(results), Share(results).goals[0], CampaignResult::kFirst) ==
        "40.0 % of those who reached the prompt did shared within 7d; nobody is held out to compare with");
}

TEST_CASE("a unit in both arms is left out of everything, and counted") {
  World world;
  // A later version holds out nobody: what must not happen within an iteration, and does.
  REQUIRE(world.archive->Add(Datafile(2, "\"holdout\":200000", "\"holdout\":0"), kNow).ok());
  const std::string unit = UnitsReaching("held_out", 1)[0];
  const std::string other = UnitsReaching("prompt", 1)[0];
  const auto later = [](Event event) {
    return event.Text("feature_flag.version", "1.2").Text("guidon.campaign.variant", "prompt");
  };
  world.Post({Step("1", unit, "exposure", "a"), later(Step("2", unit, "exposure", "b")),
              later(Step("3", unit, "impression", "b")), Tracked("4", unit, "shared"), Step("5", other, "exposure")});
  const Results results = world.Count();
  CHECK(results.quarantined.empty());
  CHECK(Share(results).two_arm_units == 1);
  CHECK(Share(results).forced_units == 0);
  CHECK(Share(results).units == 1);
  CHECK(Share(results).funnels[CampaignResult::kFirst].seen == 0);
  CHECK(Share(results).goals[0].arms[0].converted + Share(results).goals[0].arms[1].converted == 0);
  // The newest version has no slots for held_out any more, and nobody who counts is in it.
  CHECK(Share(results).split == Split::kTooFew);
}

TEST_CASE("a unit forced in anything is left out, whether that was before, during or after") {
  for (const std::int64_t forced_at : {kNow - 5 * kDay, kNow - 2 * kDay, kNow}) {
    CAPTURE(forced_at);
    World world;
    const std::vector<std::string> units = UnitsReaching("prompt", 2);
    for (const std::string& unit : units) {
      world.Post({Step("e" + unit, unit, "exposure").At(kNow - 3 * kDay),
                  Step("i" + unit, unit, "impression").At(kNow - 3 * kDay),
                  Tracked("s" + unit, unit, "shared").At(kNow - kDay)});
    }
    CHECK(Units(world.Count(), CampaignResult::kFirst) == 2);
    world.Post({Tracked("f", units[0], "opened").At(forced_at).Forced("api")});
    const Results results = world.Count();
    CHECK(Units(results, CampaignResult::kFirst) == 1);
    CHECK(Share(results).forced_units == 1);
    CHECK(Share(results).funnels[CampaignResult::kFirst].seen == 1);
    CHECK(Share(results).goals[0].arms[CampaignResult::kFirst].converted == 1);
  }
}

TEST_CASE("units whose window has not ended are counted, and said to have time") {
  World world;
  const std::vector<std::string> units = UnitsReaching("prompt", 2);
  world.Post({Step("1", units[0], "exposure").At(kNow - 7 * kDay),
              Step("2", units[1], "exposure").At(kNow - 7 * kDay + 1), Tracked("end", units[0], "opened").At(kNow)});
  const Results results = world.Count();
  CHECK(Share(results).goals[0].open_units == 1);
  CHECK(Share(results).goals[0].arms[CampaignResult::kFirst].units == 2);
}

TEST_CASE("iterations of a campaign are counted apart") {
  World world;
  const std::string unit = UnitsReaching("prompt", 1)[0];
  world.Post({Step("1", unit, "exposure")});
  REQUIRE(world.archive->Add(Datafile(2, "\"iteration\":3", "\"iteration\":4"), kNow).ok());
  world.Post(
      {Step("2", unit, "exposure", "b").Text("feature_flag.version", "1.2").Int("guidon.campaign.iteration", 4)});
  const Results results = world.Count();
  REQUIRE(results.campaigns.size() == 2);
  CHECK(results.campaigns[0].iteration == 4);
  CHECK(results.campaigns[0].units == 1);
  CHECK(results.campaigns[1].iteration == 3);
  CHECK(results.campaigns[1].status == "past");
  CHECK(results.campaigns[1].units == 1);
}

}  // namespace
}  // namespace guidon::collector
