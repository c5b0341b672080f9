// Parts of an experiment's units with shares of their own; and which of two experiments decides.
#include <doctest/doctest.h>

#include <map>
#include <string>

#include "sdk/core/evaluation/evaluate.h"
#include "tests/unit/core/rules.h"

using namespace guidon;
using namespace guidon::evaluation;
using namespace guidon::testing;

namespace {

const char* const kRules =
    R"("layers":{"l":{"unit":"device","salt":"l.1"}},"experiments":{"e":{"iteration":1,"status":"running","layer":"l",)"
    R"("slots":[[0,500000]],"salt":"e.1","variants":{"a":{"slots":[[0,500000]],"flags":{"f":"A"}},)"
    R"("b":{"slots":[[500000,1000000]],"flags":{"f":"B"}}},"audiences":[)"
    R"({"name":"busy","when":{"op":">=","attribute":"opened","value":12},"slots":[[0,1000000]],)"
    R"("variants":{"a":[[0,200000]],"b":[[200000,1000000]]}},)"
    R"({"name":"new","when":{"op":"<","attribute":"opened","value":2},"slots":[[0,100000]],"variants":{"b":[[0,1000000]]}},)"
    R"({"name":"all","when":{"op":">=","attribute":"opened","value":100},"slots":[],"variants":{"a":[[0,1000000]]}}]}},)"
    R"("flags":{"f":{"type":"string","default":"off","rules":[{"id":"r1","experiment":"e"}]}})";

constexpr int kPeople = 20'000;

std::map<std::string, int> Count(const Rules& rules, const Context& attributes) {
  std::map<std::string, int> counts;
  for (int i = 0; i < kPeople; ++i) {
    Context context = attributes;
    context.Unit("device", "u-" + std::to_string(i));
    const Outcome outcome = Decide(rules, "f", context);
    std::string key = *ValueOf(outcome).AsString();
    if (outcome.exposure_count > 0) {
      const std::uint8_t audience = outcome.exposures[0].audience;
      key += audience == Exposure::kNoAudience ? "" : " " + rules->experiments[0].audiences[audience].name;
    }
    ++counts[key];
  }
  return counts;
}

// Within five standard deviations of a share of all.
bool IsShare(int count, double share) {
  const double expected = kPeople * share;
  const double off = count - expected;
  return off * off <= 25 * expected * (1 - share) + 1e-9;
}

}  // namespace

TEST_CASE("each audience has the shares that are its own, and says so; all others have the experiment's") {
  const Rules rules = LoadRules(kRules);
  struct Row {
    std::string name;
    Context context;
    std::map<std::string, double> shares;
  };
  const Row rows[] = {
      {"in none", Context().Set("opened", 5), {{"off", 0.5}, {"A", 0.25}, {"B", 0.25}}},
      {"not known", Context(), {{"off", 0.5}, {"A", 0.25}, {"B", 0.25}}},
      {"in one", Context().Set("opened", 12), {{"A busy", 0.2}, {"B busy", 0.8}}},
      {"in two: the first counts", Context().Set("opened", 100), {{"A busy", 0.2}, {"B busy", 0.8}}},
      {"one that has one variant alone", Context().Set("opened", 1), {{"off", 0.9}, {"B new", 0.1}}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const std::map<std::string, int> counts = Count(rules, row.context);
    CHECK(counts.size() == row.shares.size());
    for (const auto& [key, share] : row.shares) {
      CAPTURE(key);
      CHECK(counts.count(key) == 1);
      CHECK(IsShare(counts.at(key), share));
    }
  }
}

TEST_CASE("the audiences are asked one by one, up to the first that is true, and the layer after them") {
  const Rules rules = LoadRules(kRules);
  const struct {
    std::string name;
    Context context;
    std::string results;
  } rows[] = {
      {"the first", Context().Set("opened", 200), "passed passed passed in_layer served "},
      {"none", Context().Set("opened", 5), "passed passed condition_false condition_false condition_false "},
      {"unknown", Context(), "passed passed condition_unknown condition_unknown condition_unknown "},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    Trace trace;
    Context context = row.context;
    Decide(rules, "f", context.Unit("device", "u-1"), nullptr, &trace);
    std::string results;
    for (const TraceStep& step : trace) results += std::string(StepResultName(step.result)) + " ";
    CHECK(results.substr(0, row.results.size()) == row.results);
  }
}

TEST_CASE("an audience whose condition changes with time bounds the decision") {
  const Rules rules = LoadRules(
      R"("layers":{"l":{"unit":"device","salt":"l.1"}},"experiments":{"e":{"iteration":1,"status":"running","layer":"l",)"
      R"("slots":[[0,1000000]],"salt":"e.1","variants":{"a":{"slots":[[0,1000000]],"flags":{"f":"A"}},)"
      R"("b":{"slots":[],"flags":{"f":"B"}}},"audiences":[{"name":"late","when":{"op":"since","date":"2026-12-01"},)"
      R"("slots":[[0,1000000]],"variants":{"b":[[0,1000000]]}}]}},)"
      R"("flags":{"f":{"type":"string","default":"off","rules":[{"id":"r1","experiment":"e"}]}})");
  const Context context = Context().Unit("device", "u-1");
  const Outcome early = Decide(rules, "f", context);
  CHECK(ValueOf(early) == Value("A"));
  CHECK(ToMs(early.valid_until) == 1'796'083'200'000);
  CHECK(ValueOf(Decide(rules, "f", context, nullptr, nullptr, early.valid_until)) == Value("B"));
}

namespace {

std::string TwoExperiments(const std::string& rules, const std::string& first = R"("status":"running")",
                           const std::string& first_slots = "[[0,500000]]") {
  return R"("layers":{"l":{"unit":"device","salt":"l.1"},"m":{"unit":"device","salt":"m.1"}},"experiments":{)"
         R"("x":{"iteration":1,)" +
         first + R"(,"layer":"l","slots":)" + first_slots +
         R"(,"salt":"x.1","variants":{"a":{"slots":[[0,1000000]],"flags":{"f":"X"}}}},)"
         R"("y":{"iteration":1,"status":"running","layer":"m","slots":[[0,1000000]],)"
         R"("salt":"y.1","variants":{"a":{"slots":[[0,1000000]],"flags":{"f":"Y"}}}}},)"
         R"("flags":{"f":{"type":"string","default":"off","rules":[)" +
         rules + "]}}";
}

const char* const kXFirst = R"({"id":"r1","experiment":"x"},{"id":"r2","experiment":"y"})";
const char* const kYFirst = R"({"id":"r1","experiment":"y"},{"id":"r2","experiment":"x"})";
const char* const kXWhen =
    R"({"id":"r1","when":{"op":"exists","attribute":"z"},"experiment":"x"},{"id":"r2","experiment":"y"})";

}  // namespace

TEST_CASE("of two experiments that set one flag, the one whose rule comes first decides, where it has the unit") {
  const std::string all = "[[0,1000000]]";
  const struct {
    std::string name;
    std::string members;
    std::string expected;
    std::uint32_t exposures;  // of experiments
  } rows[] = {
      {"both have the unit", TwoExperiments(kXFirst, R"("status":"running")", all), "X", 1},
      {"the other way about", TwoExperiments(kYFirst, R"("status":"running")", all), "Y", 1},
      {"the first does not have it", TwoExperiments(kXFirst, R"("status":"running")", "[]"), "Y", 1},
      {"the first has ended", TwoExperiments(kXFirst, R"("status":"ended")", all), "Y", 1},
      {"the first is paused", TwoExperiments(kXFirst, R"("status":"paused")", all), "Y", 1},
      {"the first ships to nobody new and not to this unit",
       TwoExperiments(kXFirst, R"("status":"ended","ship":{"variant":"a","slots":[]})", "[]"), "Y", 1},
      {"the first ships what the unit had",
       TwoExperiments(kXFirst, R"("status":"ended","ship":{"variant":"a","slots":[]})", all), "X", 0},
      {"the first's rule is for others", TwoExperiments(kXWhen, R"("status":"running")", all), "Y", 1},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const Rules rules = LoadRules(row.members);
    const Outcome outcome = Decide(rules, "f", Context().Unit("device", "u-1"));
    CHECK(*ValueOf(outcome).AsString() == row.expected);
    // What did not decide was not met.
    CHECK(outcome.exposure_count == row.exposures);
    if (row.exposures > 0)
      CHECK(rules->experiments[outcome.exposures[0].object].key == (row.expected == "X" ? "x" : "y"));
  }
}

TEST_CASE("a forced experiment decides before one whose rule comes first") {
  const Rules rules = LoadRules(TwoExperiments(kXFirst, R"("status":"running")", "[[0,1000000]]"));
  Forced forced;
  forced.experiments.push_back({1, 0});
  CHECK(ValueOf(Decide(rules, "f", Context().Unit("device", "u-1"), &forced)) == Value("Y"));
}
