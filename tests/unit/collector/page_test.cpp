#include "samples/collector/page.h"

#include <doctest/doctest.h>

#include "samples/collector/format.h"
#include "tests/unit/collector/world.h"

namespace guidon::collector {
namespace {

bool Has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_CASE("names from anywhere are shown as text, never as markup") {
  const std::string evil = "<script>alert('1')</script>\"><img src=x onerror=alert(2)>&amp;";
  Results results;
  results.project = results.environment = evil;
  results.events_by_name = results.quarantined = results.losses = {{evil, 3}};
  results.gaps = {{evil, 1, 1}};
  results.holdouts = {{evil, evil, 1, 2, 3}};
  ExperimentResult experiment;
  experiment.key = experiment.status = experiment.unit = evil;
  experiment.units = 200;
  experiment.arms = {{evil, 0.5, 100}, {evil, 0.5, 100}};
  GoalResult goal;
  goal.event = goal.within = evil;
  GoalArm arm;
  arm.units = 100;
  goal.arms = {arm, arm};
  goal.arms[1].difference = 0.1;
  experiment.goals = {goal};
  experiment.kpi = experiment.ship.variant = evil;
  AudienceResult audience;
  audience.name = evil;
  audience.units = 200;
  audience.arms = experiment.arms;
  audience.goals = {goal};
  experiment.audiences = {audience};
  results.experiments = {experiment};
  CampaignResult campaign;
  campaign.key = campaign.status = campaign.unit = campaign.kpi = evil;
  campaign.units = 200;
  campaign.arms = experiment.arms;
  campaign.funnels.resize(campaign.arms.size());
  SurveyResult survey;
  survey.questions.resize(2);
  survey.questions[0].id = survey.questions[0].label = evil;
  survey.questions[0].texts = {{0, evil}};
  survey.questions[0].left_after = 1;
  survey.questions[1].type = ruleset::QuestionType::kChoice;
  survey.questions[1].counts = {{evil, {}, 1}, {"a", evil, 1}};
  campaign.surveys = {std::nullopt, survey};
  campaign.goals = {goal};
  results.campaigns = {campaign};
  results.adoption.segments = {{evil, evil, Segment::Kind::kValue, 3}};
  results.adoption.features = {{evil, true, {3, 1}, {{3, 1}}}};
  FlagResult flag;
  flag.key = flag.sentence = evil;
  flag.decisions = {{evil, evil, 3, 0}};
  results.flags.first_ms = 0;
  results.flags.flags = {flag};
  KpiResult kpi;
  kpi.moved_by = {evil};
  kpi.event = kpi.within = evil;
  for (const char* name : {"acquisition", "activation", "retention", "revenue", "feedback"}) {
    kpi.name = name;
    results.kpis.push_back(kpi);
  }
  ForcedUnit forced;
  forced.unit_kind = forced.unit = evil;
  forced.also = forced.means = forced.prompts = {evil};
  forced.arms = {{false, evil, 1, evil, evil}};
  results.qa.units = {forced};
  const std::string page = ResultsPage(results, "n");
  CHECK(!Has(page, "<script"));
  CHECK(!Has(page, "<img"));
  CHECK(!Has(page, "alert('1')"));
  CHECK(Has(page,
            "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&gt;&lt;img src=x onerror=alert(2)&gt;&amp;amp;"));
}

TEST_CASE("a name that arrived in an event is shown escaped") {
  World world;
  world.Post({Tracked("1", "unit-1", "<b>bold</b>")});
  const std::string page = ResultsPage(world.Count(), "n");
  CHECK(Has(page, "&lt;b&gt;bold&lt;/b&gt;"));
  CHECK(!Has(page, "<b>bold"));
}

TEST_CASE("the page allows its own style and nothing else") {
  const std::string policy = ContentSecurityPolicy("abc");
  CHECK(Has(policy, "default-src 'none'"));
  CHECK(Has(policy, "style-src 'nonce-abc'"));
  CHECK(!Has(policy, "script-src"));
  CHECK(!Has(policy, "unsafe"));
  const std::string page = ResultsPage(Results(), "abc");
  CHECK(Has(page, "<style nonce=\"abc\">"));
  // Attributes with style or handlers would be blocked.
  CHECK(!Has(page, " style="));
  CHECK(!Has(page,
             " on"
             "click"));
  CHECK(!Has(page, "http://"));
  CHECK(!Has(page, "https://"));
}

TEST_CASE("the page shows the results in words") {
  World world;
  std::vector<Event> events;
  for (int i = 0; i < 400; ++i) {
    const std::string unit = "unit-" + std::to_string(i);
    events.push_back(Exposure("e" + unit, unit));
    if (i % 4 == 0) events.push_back(Tracked("t" + unit, unit, "shared"));
  }
  events.push_back(Exposure("f", "unit-1").Forced());
  world.Post(events);
  const Results results = world.Count();
  const std::string page = ResultsPage(results, "n");
  CHECK(Has(page, "notes / test"));
  CHECK(Has(page, "The split looks right"));
  CHECK(Has(page, "Left out: 0 units seen in two arms."));
  CHECK(Has(page, "within 7d of the first exposure"));
  std::string plain = page;
  for (std::size_t at = 0; (at = plain.find("&nbsp;", at)) != std::string::npos;) plain.replace(at, 6, " ");
  CHECK(Has(plain, Escape(VerdictSentence(results.experiments[0], results.experiments[0].goals[0], 1))));
  CHECK(Has(page, "<svg class=\"plot\""));
}

TEST_CASE("the sections come in the order of the loop, each with its numbers in words") {
  World world;
  std::vector<Event> events;
  for (const char* arm : {"prompt", "held_out"}) {
    const std::vector<std::string> units = UnitsReaching(arm, arm[0] == 'p' ? 80 : 20);
    for (std::size_t i = 0; i < units.size(); ++i) {
      events.push_back(Step("e" + units[i], units[i], "exposure").Text("guidon.context.plan", i % 2 ? "pro" : "free"));
      if (arm[0] == 'p' && i < 60) events.push_back(Step("i" + units[i], units[i], "impression"));
      if (i % 2 == 0) events.push_back(Tracked("s" + units[i], units[i], "shared"));
    }
  }
  events.push_back(Tracked("f", "tester", "shared").Forced("file"));
  world.Post(events);
  const Results results = world.Count();
  const std::string page = ResultsPage(results, "n");
  std::size_t at = 0;
  for (const char* id : {"find", "nudge", "experiment", "flags", "measure", "trust", "qa"}) {
    CAPTURE(id);
    const std::size_t found = page.find("<h2 id=\"" + std::string(id) + "\"");
    REQUIRE(found != std::string::npos);
    CHECK(found > at);
    at = found;
  }
  CHECK(Has(page, "<b>50 people</b>"));  // who have not shared yet
  CHECK(Has(page, "<h4 class=\"segment\">By plan</h4>"));
  CHECK(Has(page, "80 showings to 80 units. Held out at the same point: 20 units, 20.0 % (planned 20.0 %)."));
  CHECK(Has(page, "<b>60</b><span class=\"soft small\">75.0 %</span>"));  // saw it
  CHECK(Has(page, "50.0&nbsp;% of those who reached the prompt did shared within 7d"));
  CHECK(Has(page, "210 events counted, each once."));
  CHECK(Has(page, "</span> tester"));
  CHECK(Has(page, "by file"));
}

TEST_CASE("a broken split is an alarm on the page") {
  Results results;
  results.experiments.emplace_back();
  results.experiments[0].split = Split::kBroken;
  results.experiments[0].split_chi_square = {22.774, 1};
  CHECK(Has(ResultsPage(results, "n"), "The split looks broken (p = 1.8e-06): don’t trust the result."));
  results.experiments[0].split = Split::kZeroWeight;
  CHECK(Has(ResultsPage(results, "n"), "There are units in an arm that should have none"));
}

TEST_CASE("the page says what becomes of units when an experiment pauses, ends, or ships a variant") {
  const struct {
    const char* name;
    const char* status;
    PublishedShip ship;
    const char* says;
  } rows[] = {
      {"running", "running", {}, nullptr},
      {"paused", "paused", {}, "Paused: whoever was exposed keeps the variant, nobody new enters."},
      {"ended", "ended", {}, "Ended: nobody has a variant any more."},
      {"ships to some",
       "ended",
       {"b<i>", 0.2},
       "Ended. <b>b&lt;i&gt;</b> is shipped: whoever had it keeps it, and 20.0&nbsp;% of all others get it."},
      {"ships to all", "ended", {"b", 1}, "Ended. <b>b</b> is shipped: everybody gets it."},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    Results results;
    results.experiments.emplace_back();
    results.experiments[0].status = row.status;
    results.experiments[0].ship = row.ship;
    const std::string page = ResultsPage(results, "n");
    CHECK(Has(page, "class=\"state\"") == (row.says != nullptr));
    if (row.says != nullptr) CHECK(Has(page, row.says));
  }
}

TEST_CASE("what the newest version ships is on the page, what an older one did is not") {
  World world;
  const std::string ended = R"("status":"ended","ship":{"variant":"b","slots":[[0,250000]]})";
  REQUIRE(world.archive->Add(Datafile(2, R"("status":"running","layer")", ended + R"(,"layer")"), kNow).ok());
  CHECK(Has(ResultsPage(world.Count(), "n"), "<b>b</b> is shipped: whoever had it keeps it, and 25.0&nbsp;%"));
  CHECK(Has(ResultsJson(world.Count()), "\"share\": 0.25"));
  REQUIRE(world.archive->Add(Datafile(3, "\"iteration\":2", "\"iteration\":3"), kNow).ok());
  CHECK(!Has(ResultsPage(world.Count(), "n"), "is shipped"));
}

TEST_CASE("numbers are written for people") {
  CHECK(Thousands(0) == "0");
  CHECK(Thousands(999) == "999");
  CHECK(Thousands(1000) == "1,000");
  CHECK(Thousands(12345678) == "12,345,678");
  CHECK(Percent(0.3125) == "31.2 %");
  CHECK(Points(0.061) == "+6.1");
  CHECK(Points(-0.061) == "\u22126.1");
  CHECK(Points(-0.0001) == "0.0");
  CHECK(PValue(0.4321) == "0.43");
  CHECK(PValue(1.82e-6) == "1.8e-06");
  CHECK(Plain(1234.5) == "1,234.5");
  CHECK(Plain(-0.001) == "0");
  CHECK(Plain(-3.25) == "\u22123.25");
  CHECK(Plain(7) == "7");
  CHECK(Plain(1e20) == "1e+20");
  CHECK(Date(86'400'000) == "1970-01-02");
  CHECK(Plural(1, "unit", "units") == "1 unit");
  CHECK(Plural(1000, "unit", "units") == "1,000 units");
  CHECK(Minute(0) == "1970-01-01 00:00 UTC");
  CHECK(DecimalsFor({0.1, 0.2}) == 1);
  CHECK(DecimalsFor({0.1, 0.101}) == 2);
}

}  // namespace
}  // namespace guidon::collector
