// What must not get worse: broken, holding, or too few to say.
#include <doctest/doctest.h>

#include "samples/collector/campaign_results.h"
#include "samples/collector/page.h"
#include "samples/collector/results.h"
#include "sdk/core/base/json.h"
#include "tests/unit/collector/world.h"

namespace guidon::collector {
namespace {

constexpr const char* kCampaignGoal = R"("kpi":"activation","goals":[{"event":"shared","within":"7d"}])";
constexpr const char* kButtonGoals = R"("goals":[{"event":"shared","within":"7d"},{"event":"opened"}])";

// `guardrails` beside the campaign's goal, or beside the experiment's goals.
void Publish(World& world, const char* beside, const std::string& guardrails) {
  const std::string with = std::string(beside) + R"(,"guardrails":)" + guardrails;
  REQUIRE(world.archive->Add(Datafile(2, beside, with), kNow).ok());
}

// So many units an arm reach the prompt; the first so many of each do `crashed` a day later.
void Fill(World& world, std::size_t prompt, std::size_t prompt_did, std::size_t held_out, std::size_t held_out_did) {
  std::vector<Event> events;
  const auto add = [&events](const char* arm, std::size_t count, std::size_t did) {
    const std::vector<std::string> units = UnitsReaching(arm, count);
    for (std::size_t i = 0; i < count; ++i) {
      events.push_back(
          Step("e" + units[i], units[i], "exposure").At(kNow - 8 * kDay).Text("feature_flag.version", "1.2"));
      if (i < did) events.push_back(Tracked("c" + units[i], units[i], "crashed").At(kNow - 7 * kDay));
    }
  };
  add("prompt", prompt, prompt_did);
  add("held_out", held_out, held_out_did);
  REQUIRE(world.Post(events).body == R"({"partialSuccess":{}})");
}

std::string Guardrail(const char* no, const char* within = "2d") {
  return std::string(R"([{"no":")") + no + R"(","event":"crashed","within":")" + within + R"("}])";
}

TEST_CASE("a guardrail is broken when it is significantly worse on its side, and holds when it is not") {
  const struct {
    const char* name;
    const char* no;
    std::size_t prompt, prompt_did, held_out, held_out_did;
    Verdict verdict;
    const char* words;
  } rows[] = {
      {"more than may be", "more", 160, 80, 40, 10, Verdict::kBroken, "; broken"},
      {"fewer, which is fine", "more", 160, 20, 40, 20, Verdict::kHolds, "; holds so far"},
      {"as many", "more", 160, 48, 40, 12, Verdict::kHolds, "; holds so far"},
      {"less than may be", "less", 160, 20, 40, 20, Verdict::kBroken, "; broken"},
      {"more, which is fine", "less", 160, 80, 40, 10, Verdict::kHolds, "; holds so far"},
      {"as many to keep", "less", 160, 48, 40, 12, Verdict::kHolds, "; holds so far"},
      {"too few held out", "more", 160, 20, 40, 4, Verdict::kTooFew, "; too few conversions to say"},
      {"too few at all", "more", 160, 5, 40, 0, Verdict::kTooFew, "; too few conversions to say"},
      {"only those with the prompt", "more", 160, 40, 40, 0, Verdict::kBroken, "; broken"},
      {"none with the prompt", "less", 160, 0, 40, 12, Verdict::kBroken, "; broken"},
      {"a split that is broken", "more", 100, 60, 100, 20, Verdict::kSplitBroken,
       "; no verdict, the split looks broken"},
      // With 95 %, as goals are judged, the interval would hold 0.
      {"on one side only", "less", 160, 28, 40, 12, Verdict::kBroken, "; broken"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    World world;
    Publish(world, kCampaignGoal, Guardrail(row.no));
    Fill(world, row.prompt, row.prompt_did, row.held_out, row.held_out_did);
    const Results results = world.Count();
    const CampaignResult& campaign = results.campaigns.at(0);
    REQUIRE(campaign.goals.size() == 2);
    CHECK(!campaign.goals[0].is_guardrail());
    const GoalResult& guardrail = campaign.goals[1];
    CHECK(guardrail.Title() == "no " + std::string(row.no) + " crashed");
    CHECK(guardrail.arms[CampaignResult::kFirst].converted == row.prompt_did);
    CHECK(guardrail.arms[CampaignResult::kHeldOut].converted == row.held_out_did);
    CHECK(guardrail.arms[CampaignResult::kFirst].verdict == row.verdict);
    const std::string sentence = CampaignSentence(campaign, guardrail, CampaignResult::kFirst);
    CHECK(sentence.find("points (90 %: ") != std::string::npos);
    CHECK(sentence.substr(sentence.size() - std::string(row.words).size()) == row.words);
  }
}

TEST_CASE("its interval is the goals' with 90 %, whose bound is the test on one side at alpha .05") {
  World world;
  Publish(world, kCampaignGoal, Guardrail("less"));
  Fill(world, 160, 28, 40, 12);
  const Results results = world.Count();
  const GoalArm& prompt = results.campaigns.at(0).goals.at(1).arms[CampaignResult::kFirst];
  const Interval expected = NewcombeInterval(28, 160, 12, 40, 0.9);
  CHECK(prompt.difference_interval.lower == doctest::Approx(expected.lower));
  CHECK(prompt.difference_interval.upper == doctest::Approx(expected.upper));
  CHECK(expected.upper < 0);
  CHECK(NewcombeInterval(28, 160, 12, 40).upper > 0);
}

TEST_CASE("a guardrail counts what a goal of that event and window counts, and is no goal anywhere else") {
  World world;
  Publish(world, kCampaignGoal, Guardrail("more", "1d"));
  Fill(world, 16, 10, 4, 3);  // a day after, at the end of the window
  Results results = world.Count();
  CHECK(results.campaigns.at(0).goals.at(1).arms[CampaignResult::kFirst].converted == 0);
  const std::string unit = UnitsReaching("prompt", 16).back();
  world.Post({Tracked("in time", unit, "crashed").At(kNow - 7 * kDay - 1),
              Tracked("before", UnitsReaching("prompt", 15).back(), "crashed").At(kNow - 8 * kDay - 1)});
  results = world.Count();
  CHECK(results.campaigns[0].goals[1].arms[CampaignResult::kFirst].converted == 1);
  for (const FeatureAdoption& feature : results.adoption.features) {
    if (feature.event == "crashed") CHECK(!feature.is_goal);
  }
}

TEST_CASE("programs find guardrails beside the goals, and the page says at the top which is broken") {
  World world;
  Publish(world, kCampaignGoal,
          R"([{"no":"more","event":"crashed","within":"2d"},{"no":"less","event":"crashed","within":"3d"},
{"no":"more","event":"quit","within":"2d"},{"no":"other","event":"x","within":"2d"},{"no":"more","event":"x"}])");
  Fill(world, 160, 80, 40, 10);
  const Results results = world.Count();
  const auto document = json::Document::Parse(ResultsJson(results), nullptr);
  REQUIRE(document);
  const json::Node campaign = document->root()["campaigns"].First();
  CHECK(campaign["goals"].size() == 1);
  REQUIRE(campaign["guardrails"].size() == 3);
  const json::Node first = campaign["guardrails"].First();
  CHECK(first["no"].AsString() == "more");
  CHECK(first["event"].AsString() == "crashed");
  CHECK(first["within"].AsString() == "2d");
  CHECK(first["prompt"]["converted"].AsInt() == 80);
  CHECK(first["held_out"]["rate"].AsNumber() == 0.25);
  CHECK(first["difference"].AsNumber() == 0.25);
  CHECK(*first["low"].AsNumber() > 0);
  CHECK(first["verdict"].AsString() == "broken");
  CHECK(first.Next()["verdict"].AsString() == "holds");
  CHECK(first.Next().Next()["verdict"].AsString() == "too_few");
  const std::string page = ResultsPage(results, "n");
  const auto has = [&page](const char* text) { return page.find(text) != std::string::npos; };
  CHECK(has("role=\"alert\">A guardrail is broken: no more crashed within 2d.</p>"));
  CHECK(!has("A guardrail is broken: no less"));
  CHECK(has("<h4>no more crashed <span class=\"chip off\">broken</span></h4>"));
  CHECK(has("<h4>no less crashed <span class=\"chip on\">holds so far</span></h4>"));
  CHECK(has("<h4>no more quit <span class=\"chip\">too few to say</span></h4>"));
}

TEST_CASE("without guardrails there is nothing of them") {
  World world;
  CHECK(ResultsJson(world.Count()).find("guardrails") == std::string::npos);
  CHECK(ResultsPage(world.Count(), "n").find("guardrail is") == std::string::npos);
}

TEST_CASE("an experiment's guardrails are judged likewise, whole and over audiences") {
  constexpr const char* kAudience =
      R"("salt":"button.2","audiences":[{"name":"power","when":{},"slots":[[0,1000000]],)"
      R"("variants":{"a":[[0,500000]],"b":[[500000,1000000]]}}],"guardrails":[{"no":"more","event":"crashed","within":"2d"}],)";
  for (const bool has_audiences : {false, true}) {
    CAPTURE(has_audiences);
    World world;
    if (has_audiences) {
      REQUIRE(world.archive->Add(Datafile(2, R"("salt":"button.2",)", kAudience), kNow).ok());
    } else {
      Publish(world, kButtonGoals, Guardrail("more"));
    }
    std::vector<Event> events;
    for (int i = 0; i < 400; ++i) {
      const std::string unit = "unit-" + std::to_string(i);
      Event met = Exposure("e" + unit, unit).At(kNow - 8 * kDay).Text("feature_flag.version", "1.2");
      if (has_audiences && i % 2 == 0) met.Text("guidon.audience", "power");
      events.push_back(met);
      // A tenth of a, three tenths of b.
      if (i % 10 < (ArmOf(unit) == "b" ? 3 : 1))
        events.push_back(Tracked("c" + unit, unit, "crashed").At(kNow - 7 * kDay));
    }
    REQUIRE(world.Post(events).body == R"({"partialSuccess":{}})");
    const Results results = world.Count();
    const ExperimentResult& experiment = results.experiments.at(0);
    REQUIRE(experiment.goals.size() == 3);
    CHECK(experiment.goals[2].is_stratified == has_audiences);
    CHECK(experiment.goals[2].arms.at(1).verdict == Verdict::kBroken);
    CHECK(VerdictSentence(experiment, experiment.goals[2], 1).find("90 %") != std::string::npos);
    const auto document = json::Document::Parse(ResultsJson(results), nullptr);
    REQUIRE(document);
    const json::Node told = document->root()["experiments"].First();
    CHECK(told["goals"].size() == 2);
    CHECK(told["guardrails"].First()["variants"].First().Next()["verdict"].AsString() == "broken");
    CHECK(ResultsPage(results, "n").find("A guardrail is broken: no more crashed within 2d.") != std::string::npos);
  }
}

TEST_CASE("of several variants the page names those that break a guardrail, and does not compare them by it") {
  Results results;
  CampaignResult campaign;
  campaign.arms = {{"held_out", 0.2, 100}, {"news", 0.4, 100}, {"benefit", 0.4, 100}};
  campaign.units = 300;
  campaign.funnels.resize(3);
  campaign.surveys.resize(3);
  GoalResult guardrail;
  guardrail.event = "crashed";
  guardrail.within = "2d";
  guardrail.guard = Guard::kNoMore;
  guardrail.arms.resize(3);
  guardrail.arms[0].converted = guardrail.arms[1].converted = 12;
  guardrail.arms[2].converted = 40;
  CompareArms(campaign, &guardrail);
  campaign.goals = {guardrail};
  results.campaigns = {campaign};
  const std::string page = ResultsPage(results, "n");
  CHECK(page.find("A guardrail is broken: no more crashed within 2d, by benefit.") != std::string::npos);
  CHECK(page.find("Among themselves") == std::string::npos);
}

}  // namespace
}  // namespace guidon::collector
