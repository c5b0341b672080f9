// Results of an experiment whose audiences share their units out in other ways.
#include <doctest/doctest.h>

#include <map>

#include "samples/collector/experiment_results.h"
#include "samples/collector/page.h"
#include "sdk/core/base/json.h"
#include "sdk/core/evaluation/bucketing.h"
#include "tests/unit/collector/world.h"

namespace guidon::collector {
namespace {

// "power" gives a fifth of its units to a; who is in no audience is shared out equally. Both take the whole layer.
constexpr char kAudiences[] =
    R"("salt":"button.2","sticky":"exposed","audiences":[{"name":"power","when":{},"slots":[[0,1000000]],
"variants":{"a":[[0,200000]],"b":[[200000,1000000]]}}],)";

struct AudienceWorld : World {
  AudienceWorld() { REQUIRE(archive->Add(Datafile(2, R"("salt":"button.2",)", kAudiences), kNow).ok()); }
  ExperimentResult Button() {
    Results results = Count();
    REQUIRE(!results.experiments.empty());
    CHECK(results.quarantined.empty());
    return std::move(results.experiments.front());
  }
};

std::string ArmIn(const std::string& unit, const std::string& audience) {
  return evaluation::Slot('s', "button.2", unit) < (audience == "power" ? 200'000u : 500'000u) ? "a" : "b";
}

Event ExposureIn(const std::string& id, const std::string& unit, const std::string& audience) {
  Event event = Exposure(id, unit, ArmIn(unit, audience)).Text("feature_flag.version", "1.2");
  return audience.empty() ? event : event.Text("guidon.audience", audience);
}

const AudienceResult& Find(const ExperimentResult& experiment, const std::string& name) {
  for (const AudienceResult& audience : experiment.audiences) {
    if (audience.name == name) return audience;
  }
  FAIL("no such audience");
  return experiment.audiences.front();
}

// A thousand units of each audience. Of twenty in a cell so many share: b is worse by a twentieth in either audience.
void Fill(World& world, int only_every = 1) {
  const std::map<std::string, int> shared = {{"power/a", 12}, {"power/b", 11}, {"/a", 2}, {"/b", 1}};
  std::map<std::string, int> met;
  for (int i = 0; i < 2000; i += 500) {
    std::vector<Event> events;
    for (int n = i; n < i + 500; ++n) {
      const std::string unit = "unit-" + std::to_string(n);
      const std::string audience = n % 2 == 0 ? "power" : "";
      const std::string arm = ArmIn(unit, audience);
      if (audience == "power" && arm == "b" && n % only_every != 0) continue;
      events.push_back(ExposureIn("e" + unit, unit, audience));
      const std::string cell = audience + "/" + arm;
      if (met[cell]++ % 20 < shared.at(cell)) events.push_back(Tracked("s" + unit, unit, "shared"));
    }
    REQUIRE(world.Post(events).status == 200);
  }
}

double Rate(const GoalArm& arm) { return static_cast<double>(arm.converted) / static_cast<double>(arm.units); }

TEST_CASE("audiences are compared each within itself, where throwing them together turns the result round") {
  AudienceWorld world;
  Fill(world);
  const ExperimentResult button = world.Button();
  REQUIRE(button.audiences.size() == 2);
  CHECK(button.audiences[0].name == "power");
  CHECK(button.audiences[1].name.empty());
  const GoalResult& overall = button.goals[0];
  // Thrown together b would look better by far.
  CHECK(Rate(overall.arms[1]) > Rate(overall.arms[0]) + 0.08);
  CHECK(overall.is_stratified);
  CHECK(overall.arms[1].verdict == Verdict::kLower);
  double weights = 0;
  double expected = 0;
  for (const AudienceResult& audience : button.audiences) {
    CAPTURE(audience.name);
    const GoalResult& goal = audience.goals[0];
    CHECK(!goal.is_stratified);
    REQUIRE(goal.arms[1].difference);
    CHECK(*goal.arms[1].difference == doctest::Approx(Rate(goal.arms[1]) - Rate(goal.arms[0])));
    CHECK(*goal.arms[1].difference < -0.03);
    const auto a = static_cast<double>(goal.arms[0].units);
    const auto b = static_cast<double>(goal.arms[1].units);
    weights += a * b / (a + b);
    expected += a * b / (a + b) * *goal.arms[1].difference;
  }
  REQUIRE(overall.arms[1].difference);
  CHECK(*overall.arms[1].difference == doctest::Approx(expected / weights));
  CHECK(overall.arms[1].difference_interval.lower < *overall.arms[1].difference);
  CHECK(overall.arms[1].difference_interval.upper < 0);
  CHECK(VerdictSentence(button, overall, 1).find("over all audiences, each compared within itself") !=
        std::string::npos);
  CHECK(button.units == 2000);
  CHECK(overall.arms[0].units + overall.arms[1].units == 2000);
}

TEST_CASE("each audience's split is checked against its own shares, and the chi-squares add up") {
  AudienceWorld world;
  Fill(world);
  const ExperimentResult button = world.Button();
  const AudienceResult& power = Find(button, "power");
  const AudienceResult& rest = Find(button, "");
  CHECK(power.arms[0].weight == doctest::Approx(0.2));
  CHECK(rest.arms[0].weight == doctest::Approx(0.5));
  CHECK(power.split == Split::kGood);
  CHECK(rest.split == Split::kGood);
  CHECK(button.split == Split::kGood);
  CHECK(button.split_chi_square.statistic ==
        doctest::Approx(power.split_chi_square.statistic + rest.split_chi_square.statistic));
  CHECK(button.split_chi_square.degrees == 2);
  // Against the shares of those in no audience the whole would be an alarm.
  CHECK(SplitPValue({button.arms[0].units, button.arms[1].units}, {0.5, 0.5}) < 1e-6);
  CHECK(button.arms[0].weight == doctest::Approx(0.35));
}

TEST_CASE("one audience with a broken split leaves no verdict over all") {
  AudienceWorld world;
  Fill(world, 3);  // two thirds of power's b never arrive
  const ExperimentResult button = world.Button();
  CHECK(Find(button, "power").split == Split::kBroken);
  CHECK(Find(button, "power").goals[0].arms[1].verdict == Verdict::kSplitBroken);
  CHECK(Find(button, "").split == Split::kGood);
  CHECK(Find(button, "").goals[0].arms[1].verdict != Verdict::kSplitBroken);
  CHECK(button.split == Split::kBroken);
  CHECK(button.goals[0].arms[1].verdict == Verdict::kSplitBroken);
}

TEST_CASE("a unit seen in two audiences counts in that of its first exposure, whichever arrives first") {
  std::string unit;  // that is in the same arm of both
  for (int n = 0; unit.empty(); ++n) {
    const std::string one = "unit-" + std::to_string(n);
    if (ArmIn(one, "power") == ArmIn(one, "")) unit = one;
  }
  const Event first = ExposureIn("1", unit, "power").At(kNow - 2 * kDay);
  const Event second = ExposureIn("2", unit, "").At(kNow - kDay);
  const Event third = ExposureIn("3", unit, "power");
  const std::vector<std::vector<Event>> orders = {{first, second, third}, {third, second, first}, {second, first}};
  for (const std::vector<Event>& order : orders) {
    AudienceWorld world;
    for (const Event& event : order) world.Post({event});
    world.Post({Tracked("s", unit, "shared").At(kNow - kDay)});
    const ExperimentResult button = world.Button();
    CHECK(button.units == 1);
    CHECK(button.moved_units == 1);
    CHECK(Find(button, "power").units == 1);
    CHECK(Find(button, "").units == 0);
    const GoalResult& goal = Find(button, "power").goals[0];
    CHECK(goal.arms[0].converted + goal.arms[1].converted == 1);
  }
}

TEST_CASE("an audience that the newest version has no more has units and no shares") {
  AudienceWorld world;
  world.Post({ExposureIn("1", "unit-1", "power"), ExposureIn("2", "unit-2", "")});
  REQUIRE(world.archive->Add(Datafile(3), kNow).ok());
  const ExperimentResult button = world.Button();
  CHECK(Find(button, "power").split == Split::kZeroWeight);
  CHECK(button.split == Split::kZeroWeight);
}

TEST_CASE("an experiment without audiences has none") {
  World world;
  world.Post({Exposure("1", "unit-1"), Exposure("2", "unit-2")});
  const Results results = world.Count();
  CHECK(results.experiments[0].audiences.empty());
  CHECK(!results.experiments[0].goals[0].is_stratified);
}

TEST_CASE("the page and programs see the audiences below their experiment") {
  AudienceWorld world;
  Fill(world);
  const Results results = world.Count();
  const std::string page = ResultsPage(results, "n");
  const std::size_t overall = page.find("points, all audiences");
  REQUIRE(overall != std::string::npos);
  const std::size_t power = page.find("<div class=\"name\">power</div>", overall);
  REQUIRE(power != std::string::npos);
  CHECK(page.find("<div class=\"name\">Everybody else</div>", power) != std::string::npos);
  CHECK(page.find("<th scope=\"row\">power</th><td>1,000</td>") != std::string::npos);
  CHECK(page.find("planned 20.0 %") != std::string::npos);
  CHECK(page.find("<td>right (p = ") != std::string::npos);
  const auto document = json::Document::Parse(ResultsJson(results), nullptr);
  REQUIRE(document);
  const json::Node experiment = document->root()["experiments"].First();
  const json::Node arm = experiment["goals"].First()["variants"].First().Next();
  CHECK(!arm["rate"].exists());
  CHECK(*arm["difference"].AsNumber() < 0);
  CHECK(arm["verdict"].AsString() == "lower");
  CHECK(experiment["split"]["degrees"].AsInt() == 2);
  const json::Node audience = experiment["audiences"].First();
  CHECK(audience["name"].AsString() == "power");
  CHECK(audience["units"].AsInt() == 1000);
  CHECK(audience["split"]["state"].AsString() == "good");
  CHECK(*audience["goals"].First()["variants"].First()["rate"].AsNumber() > 0.5);
  CHECK(audience["variants"].First()["weight"].AsNumber() == 0.2);
}

}  // namespace
}  // namespace guidon::collector
