// Explanations of enrolled units, audiences, winners, local times, and of what rests on other flags, as golden files.
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>

#include "tests/unit/explain/world.h"

using namespace guidon;
using namespace guidon::evaluation;
using namespace guidon::explain_test;

namespace {

constexpr const char* kNow = "2026-11-21T12:00:00Z";

struct Case {
  const char* name;  // of the golden file
  const char* flag;
  const char* context;
  const char* enrolled_in = "";  // experiment
  const char* variant = "";
  const char* audience = "";
  const char* now = kNow;
  bool has_json = false;
};

const Case kCases[] = {
    {"sticky", "composer", R"({"units": {"device": "d-1"}, "attributes": {"opened": 15}})", "composer", "control",
     "power-users", kNow, true},
    {"audience", "composer", R"({"units": {"device": "d-1"}, "attributes": {"channel": "stable", "opened": 15}})", "",
     "", "", kNow, true},
    {"audience_of_nobody", "composer", R"({"units": {"device": "d-1"}, "attributes": {"channel": "beta"}})"},
    {"no_audience", "composer", R"({"units": {"device": "d-4"}})"},
    {"local_start", "composer", R"({"units": {"device": "d-1"}})", "", "", "", "2026-11-20T06:59:59Z", true},
    {"local_end", "composer", R"({"units": {"device": "d-1"}})", "", "", "", "2026-12-24T17:00:00Z"},
    {"paused_enrolled", "toolbar", R"({"units": {"device": "d-1"}})", "toolbar", "top"},
    {"paused", "toolbar", R"({"units": {"device": "d-1"}})"},
    {"kept", "search", R"({"units": {"device": "d-1"}})", "search", "new", "", kNow, true},
    {"winner", "search", R"({"units": {"device": "d-4"}, "attributes": {"opened": 1}})"},
    {"shipped", "search", R"({"units": {"device": "d-2"}, "attributes": {"opened": 1}})"},
    {"not_winner", "search", R"({"units": {"device": "d-10"}, "attributes": {"opened": 1}})"},
    {"shipped_enrolled_elsewhere", "search", R"({"units": {"device": "d-10"}})", "search", "old"},
    {"not_shipped", "search", R"({"units": {"device": "d-6"}, "attributes": {"opened": 1}})"},
    {"prerequisites", "hints", R"({"units": {"device": "d-1"}, "attributes": {"opened": 15}})", "search", "new", "",
     kNow, true},
    {"prerequisites_false", "hints", R"({"units": {"device": "d-1"}, "attributes": {"opened": 15}})"},
    {"prerequisites_unknown", "hints", "{}"},
};

Explanation ExplainCase(const ruleset::Ruleset& rules, const Case& row, const Context& context,
                        const Forced* forced = nullptr) {
  enrollment::Enrollments enrollments;
  if (*row.enrolled_in != 0) {
    enrollment::Enrollment met;
    met.iteration = rules.FindExperiment(row.enrolled_in)->iteration;
    met.variant = row.variant;
    met.audience = row.audience;
    met.first = met.last = ParseTime("2026-11-20T12:00:00Z");
    enrollments.Add("device", *context.FindUnit("device"), row.enrolled_in, met);
  }
  const Timestamp now = ParseTime(row.now);
  const auto an_hour_ahead = [](Timestamp) { return Duration(3'600'000); };
  const PreparedContext prepared(rules, context, {nullptr, &enrollments, an_hour_ahead}, now);
  return Explain(rules, row.flag, context, prepared, now, forced);
}

void CheckGolden(const std::string& name, const std::string& text) {
  CAPTURE(name);
  const std::string path = std::string(GUIDON_GOLDEN_DIR) + "/" + name;
  if (std::getenv("GUIDON_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  CHECK(ReadFile(path) == text);
}

std::shared_ptr<const ruleset::Ruleset> LoadExperiments() {
  const auto loaded = dialects::LoadNative(ReadFile(std::string(GUIDON_GOLDEN_DIR) + "/experiments.json"));
  REQUIRE(loaded.problems.empty());
  return loaded.rules;
}

}  // namespace

TEST_CASE("each explanation of an experiment's steps reads as the golden file does") {
  const auto rules = LoadExperiments();
  std::set<StepResult> results;
  for (const Case& row : kCases) {
    const Context context = ParseContext(row.context);
    const Explanation explanation = ExplainCase(*rules, row, context);
    CheckGolden(std::string("experiments_") + row.name + ".txt", ToText(explanation));
    if (row.has_json) CheckGolden(std::string("experiments_") + row.name + ".json", ToJson(explanation, 2) + "\n");
    for (const ExplainedRule& rule : explanation.rules) {
      for (const ExplainedStep& step : rule.steps) results.insert(step.result);
    }
  }
  for (const StepResult result : {StepResult::kEnrolled, StepResult::kNotEnrolled, StepResult::kStays,
                                  StepResult::kShipping, StepResult::kNotWinner}) {
    CAPTURE(StepResultName(result));
    CHECK(results.count(result) == 1);
  }
}

TEST_CASE("an override that a decision rests on is named as the golden file does") {
  const auto rules = LoadExperiments();
  Forced forced;
  ForceVariant(*rules, "composer", "labelled", &forced);
  ForceText(*rules, "search", "new", &forced);
  const Case row{"", "hints", R"({"units": {"device": "d-6"}})"};
  const Context context = ParseContext(row.context);
  CheckGolden("experiments_forced_prerequisites.txt", ToText(ExplainCase(*rules, row, context, &forced)));
}

TEST_CASE("of two experiments on one flag the explanation names the one that came first") {
  const auto rules = LoadExperiments();
  const Case row{"", "composer", R"({"units": {"device": "d-1"}, "attributes": {"opened": 15}})"};
  const Context context = ParseContext(row.context);
  const Explanation explanation = ExplainCase(*rules, row, context);
  REQUIRE(explanation.rules.size() == 3);
  CHECK(explanation.rules[0].outcome == ExplainedRule::Outcome::kDecided);
  CHECK(explanation.rules[1].outcome == ExplainedRule::Outcome::kNotAsked);
  CHECK(explanation.rules[1].experiment == "composer-size");
  CHECK(ToText(explanation)
            .find("not asked  rule r2 of experiment composer-size, rule r3; experiment composer came first") !=
        std::string::npos);
}
