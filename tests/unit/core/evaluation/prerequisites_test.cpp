#include "sdk/core/evaluation/prerequisites.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "sdk/core/evaluation/explain.h"
#include "tests/unit/core/rules.h"

using namespace guidon;
using namespace guidon::evaluation;
using namespace guidon::testing;

namespace {

Context Someone() { return Context().Unit("device", "u-1").Set("plan", "pro"); }

// `e` has everybody in b; `t` is what is asked, served "yes" where `when` is true.
std::string World(const std::string& when, const std::string& e = R"("status":"running","slots":[[0,1000000]])",
                  const std::string& more_flags = "", const std::string& holdouts = "") {
  return holdouts + R"("layers":{"l":{"unit":"device","salt":"l.1"}},"experiments":{"e":{"iteration":1,"layer":"l",)" +
         e +
         R"(,"salt":"e.1","variants":{"a":{"slots":[],"flags":{"tested":"A"}},)"
         R"("b":{"slots":[[0,1000000]],"flags":{"tested":"B"}}}}},"flags":{)"
         R"("tested":{"type":"string","default":"off","rules":[{"id":"r1","experiment":"e"}]},)"
         R"("number":{"type":"int","default":1,"rules":[{"id":"r1","when":{"op":"==","attribute":"plan","value":"pro"},)"
         R"("serve":5}]},)"
         R"("by-account":{"type":"bool","default":true,"rules":[{"id":"r1","rollout":{"unit":"account","salt":"s",)"
         R"("split":[{"slots":[[0,1000000]],"serve":false}]}}]},)"
         R"("killed":{"type":"bool","default":false,"kill":true,"rules":[{"id":"r1","serve":true}]},)" +
         more_flags + R"("t":{"type":"string","default":"no","rules":[{"id":"r1","when":)" + when +
         R"(,"serve":"yes"}]}})";
}

std::string Flag(const std::string& op, const std::string& flag, const std::string& value) {
  return R"({"op":")" + op + R"(","flag":")" + flag + R"(","value":)" + value + "}";
}

const std::string kInB = R"({"op":"==","variant":"e","value":"b"})";
const std::string kNotInB = R"({"op":"!=","variant":"e","value":"b"})";
const std::string kOfAccounts = R"({"op":"!=","flag":"by-account","value":true})";

}  // namespace

TEST_CASE("a flag in a condition is what it would be for the same context") {
  const struct {
    std::string name;
    std::string when;
    std::string expected;
    std::string result;
  } rows[] = {
      {"what its experiment gives", Flag("==", "tested", R"("B")"), "yes", "passed"},
      {"not what it gives", Flag("==", "tested", R"("off")"), "no", "condition_false"},
      {"is not", Flag("!=", "tested", R"("off")"), "yes", "passed"},
      {"a number at least", Flag(">=", "number", "5"), "yes", "passed"},
      {"a number below", Flag("<", "number", "5"), "no", "condition_false"},
      {"killed: its default", Flag("==", "killed", "false"), "yes", "passed"},
      {"without its unit it has no value, so this is unknown", kOfAccounts, "no", "condition_unknown"},
      {"the variant", kInB, "yes", "passed"},
      {"not the variant", kNotInB, "no", "condition_false"},
      {"one of them", R"({"op":"in","variant":"e","values":["a","b"]})", "yes", "passed"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const Rules rules = LoadRules(World(row.when));
    Trace trace;
    const Outcome outcome = Decide(rules, "t", Someone(), nullptr, &trace);
    CHECK(*ValueOf(outcome).AsString() == row.expected);
    CHECK(StepResultName(trace[0].result) == row.result);
  }
}

TEST_CASE("which variant somebody is in who is in none") {
  const std::string held_out = R"("holdouts":{"h":{"unit":"device","salt":"h","size":500000,"experiments":"*"}},)";
  std::string held_id;
  {
    const Rules rules = LoadRules(World(kInB, R"("status":"running","slots":[[0,1000000]])", "", held_out));
    for (int i = 0; held_id.empty(); ++i) {
      const std::string id = "u-" + std::to_string(i);
      if (Decide(rules, "tested", Context().Unit("device", id)).reason == Reason::kHoldout) held_id = id;
    }
  }
  const struct {
    std::string name;
    std::string e;
    std::string holdouts;
    Context context;
    std::string of_equal;  // results of == and !=
    std::string of_not;
  } rows[] = {
      {"not in its slots", R"("status":"running","slots":[])", "", Someone(), "condition_false", "passed"},
      {"not targeted", R"("status":"running","slots":[[0,1000000]],"when":{"op":"exists","attribute":"x"})", "",
       Someone(), "condition_false", "passed"},
      {"ended", R"("status":"ended","slots":[[0,1000000]])", "", Someone(), "condition_false", "passed"},
      {"paused", R"("status":"paused","slots":[[0,1000000]])", "", Someone(), "condition_false", "passed"},
      {"held out", R"("status":"running","slots":[[0,1000000]])", held_out, Context().Unit("device", held_id),
       "condition_false", "passed"},
      {"shipped the winner", R"("status":"ended","slots":[],"ship":{"variant":"b","slots":[[0,1000000]]})", "",
       Someone(), "passed", "condition_false"},
      {"no unit", R"("status":"running","slots":[[0,1000000]])", "", Context(), "condition_unknown",
       "condition_unknown"},
      {"a unit that cannot be used", R"("status":"running","slots":[[0,1000000]])", "", Context().Unit("device", ""),
       "condition_unknown", "condition_unknown"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    for (const bool is_equal : {true, false}) {
      CAPTURE(is_equal);
      const Rules rules = LoadRules(World(is_equal ? kInB : kNotInB, row.e, "", row.holdouts));
      Trace trace;
      Decide(rules, "t", row.context, nullptr, &trace);
      CHECK(StepResultName(trace[0].result) == (is_equal ? row.of_equal : row.of_not));
    }
  }
}

TEST_CASE("what a decision rests on is exposed with it, whatever came of it") {
  for (const std::string& when : {kInB, kNotInB, Flag("==", "tested", R"("B")"), Flag("==", "tested", R"("A")")}) {
    CAPTURE(when);
    const Rules rules = LoadRules(World(when));
    const Outcome outcome = Decide(rules, "t", Someone());
    REQUIRE(outcome.exposure_count == 1);
    CHECK(outcome.exposures[0].object == 0);
    CHECK(outcome.exposures[0].variant == 1);
    CHECK_FALSE(outcome.exposures[0].is_forced);
    CHECK(outcome.experiment == ruleset::kNone);
  }
  // What was not asked for is not.
  const Rules rules = LoadRules(World(R"({"op":"and","of":[{"op":"exists","attribute":"x"},)" + kInB + "]}"));
  CHECK(Decide(rules, "t", Someone()).exposure_count == 0);
}

TEST_CASE("an override of what a decision rests on makes it forced, and no exposure after it counts") {
  const std::string second =
      R"("experiments":{"s":{"iteration":1,"status":"running","layer":"l","slots":[[0,1000000]],"salt":"s.1","when":)" +
      kInB + R"(,"variants":{"only":{"slots":[[0,1000000]],"flags":{"t":"second"}}}},"e":)";
  std::string members = World(R"({"op":"exists","attribute":"x"})", R"("status":"running","slots":[])");
  members.replace(members.find(R"("experiments":{"e":)"), std::string(R"("experiments":{"e":)").size(), second);
  const std::string rule = R"("rules":[{"id":"r1","when":{"op":"exists")";
  members.replace(members.rfind(rule), rule.size(),
                  R"("rules":[{"id":"r0","experiment":"s"},{"id":"r1","when":{"op":"exists")");
  const Rules rules = LoadRules(members);
  const auto e = static_cast<std::uint32_t>(rules->FindExperiment("e") - rules->experiments.data());
  CHECK(ValueOf(Decide(rules, "t", Someone())) == Value("no"));
  Forced forced;
  forced.experiments.push_back({e, 1});
  const Outcome outcome = Decide(rules, "t", Someone(), &forced);
  CHECK(ValueOf(outcome) == Value("second"));
  CHECK(outcome.is_forced);
  REQUIRE(outcome.exposure_count == 2);
  for (std::uint32_t i = 0; i < 2; ++i) CHECK(outcome.exposures[i].is_forced);
  const Explanation explained = Explain(*rules, "t", Someone(), PreparedContext(*rules, Someone()), kNow, &forced);
  REQUIRE(explained.overrides.size() == 1);
  CHECK(explained.overrides[0].key == "e");
  CHECK(explained.overrides[0].variant == "b");
  CHECK(explained.natural->variant == "default");
}

TEST_CASE("a forced flag is what it is forced to where conditions ask for it") {
  const Rules rules = LoadRules(World(Flag("==", "number", "7")));
  CHECK(ValueOf(Decide(rules, "t", Someone())) == Value("no"));
  Forced forced;
  ruleset::FlagValue seven;
  REQUIRE(ruleset::FromValue(Value(7), ruleset::ValueType::kInt, &seven));
  forced.flags.push_back({rules->IndexOf(*rules->FindFlag("number")), seven});
  const Outcome outcome = Decide(rules, "t", Someone(), &forced);
  CHECK(ValueOf(outcome) == Value("yes"));
  CHECK(outcome.is_forced);
}

TEST_CASE("a decision lasts no longer than what it rests on") {
  const Rules rules =
      LoadRules(World(kInB, R"("status":"running","slots":[[0,1000000]],"ends_at":"2026-12-01T00:00:00Z")"));
  const Outcome outcome = Decide(rules, "t", Someone());
  CHECK(ToMs(outcome.valid_until) == 1'796'083'200'000);
  CHECK(ValueOf(Decide(rules, "t", Someone(), nullptr, nullptr, outcome.valid_until)) == Value("no"));
}

namespace {

// f0 ← f1 ← … each of which asks `asks` times for the one before it.
std::string Chain(std::size_t length, std::size_t asks) {
  std::string text = R"("flags":{"f0":{"type":"bool","default":false,"rules":[{"id":"r","serve":true}]})";
  for (std::size_t i = 1; i < length; ++i) {
    const std::string one = Flag("==", "f" + std::to_string(i - 1), "true");
    std::string of = one;
    for (std::size_t k = 1; k < asks; ++k) of += "," + one;
    text += R"(,"f)" + std::to_string(i) +
            R"(":{"type":"bool","default":false,"rules":[{"id":"r","when":{"op":"and","of":[)" + of +
            R"(]},"serve":true}]})";
  }
  return text + "}";
}

void CheckAll(const Rules& rules, const Context& context) {
  const PreparedContext prepared(*rules, context);
  const std::vector<Outcome> all = EvaluateAll(*rules, prepared, kNow);
  REQUIRE(all.size() == rules->flags.size());
  for (const ruleset::Flag& flag : rules->flags) {
    CAPTURE(flag.key);
    const Outcome one = Evaluate(*rules, flag, prepared, kNow);
    const Outcome& of_all = all[rules->IndexOf(flag)];
    CHECK(of_all.reason == one.reason);
    CHECK(of_all.value == one.value);
    CHECK(of_all.exposure_count == one.exposure_count);
  }
}

}  // namespace

TEST_CASE("a chain of sixteen is followed to its end") {
  const Rules rules = LoadRules(Chain(16, 1));
  CHECK(ValueOf(Decide(rules, "f15", Context())) == Value(true));
  CheckAll(rules, Context());
}

TEST_CASE("what a thousand flags ask for is decided once for all of them") {
  std::string flags = R"("flags":{"asked":{"type":"bool","default":false,"rules":[{"id":"r","serve":true}]})";
  for (int i = 0; i < 1'000; ++i) {
    flags += R"(,"f)" + std::to_string(i) + R"(":{"type":"bool","default":false,"rules":[{"id":"r","when":)" +
             Flag("==", "asked", "true") + R"(,"serve":true}]})";
  }
  const Rules rules = LoadRules(flags + "}");
  const Context context;
  const PreparedContext prepared(*rules, context);
  std::vector<Outcome> outcomes(rules->flags.size());
  Memo memo{&outcomes, std::vector<std::uint32_t>(rules->flags.size(), Memo::kNotDecided)};
  const Question question{*rules, prepared, kNow, nullptr, &memo};
  const std::uint32_t asked = rules->IndexOf(*rules->FindFlag("asked"));
  DecideFlag(question, *rules->FindFlag("f0"), 0, nullptr, &outcomes[rules->IndexOf(*rules->FindFlag("f0"))]);
  REQUIRE(memo.costs[asked] != Memo::kNotDecided);
  CHECK(outcomes[asked].reason == Reason::kRule);
  // Were it decided again, this would not be believed.
  outcomes[asked].value = nullptr;
  Outcome second;
  DecideFlag(question, *rules->FindFlag("f1"), 0, nullptr, &second);
  CHECK(second.reason == Reason::kDefault);
  for (const Outcome& outcome : EvaluateAll(*rules, prepared, kNow))
    CHECK(ruleset::ToValue(*outcome.value) == Value(true));
}

TEST_CASE("what fans out at every step uses up the budget, and says so, whether or not it was decided before") {
  const Rules rules = LoadRules(Chain(14, 3));
  CHECK(ValueOf(Decide(rules, "f5", Context())) == Value(true));
  Trace trace;
  const Outcome outcome = Decide(rules, "f13", Context(), nullptr, &trace);
  CHECK(outcome.reason == Reason::kBudget);
  CHECK(outcome.value == nullptr);
  CHECK(trace.back().result == StepResult::kOverBudget);
  CheckAll(rules, Context());
}

TEST_CASE("a decision that rests on more experiments than it can tell of is none") {
  std::string experiments;
  std::string flags = R"("t":{"type":"bool","default":false,"rules":[{"id":"r","when":{"op":"and","of":[)";
  std::string some = flags;
  constexpr std::size_t kCount = kExposures + 1;
  for (std::size_t i = 0; i < kCount; ++i) {
    const std::string e = "e" + std::to_string(i);
    experiments += (i == 0 ? "\"" : ",\"") + e + R"(":{"iteration":1,"status":"running","layer":"l)" +
                   std::to_string(i) +
                   R"(","slots":[[0,1000000]],"salt":"s","variants":{"v":{"slots":[[0,1000000]],"flags":{"x":true}}}})";
    const std::string asked = R"({"op":"==","variant":")" + e + R"(","value":"v"})";
    flags += (i == 0 ? "" : ",") + asked;
    if (i < kExposures) some += (i == 0 ? "" : ",") + asked;
  }
  some.replace(1, 1, "u");
  const std::string end = R"(]},"serve":true}]},)";
  std::string layers;
  for (std::size_t i = 0; i < kCount; ++i) {
    layers += (i == 0 ? "\"l" : ",\"l") + std::to_string(i) + R"(":{"unit":"device","salt":"s"})";
  }
  const Rules rules = LoadRules(R"("layers":{)" + layers + R"(},"experiments":{)" + experiments + R"(},"flags":{)" +
                                flags + end + some + end + R"("x":{"type":"bool","default":false}})");
  const Outcome fits = Decide(rules, "u", Someone());
  CHECK(ValueOf(fits) == Value(true));
  CHECK(fits.exposure_count == kExposures);
  const Outcome outcome = Decide(rules, "t", Someone());
  CHECK(outcome.reason == Reason::kBudget);
  CHECK(outcome.exposure_count == 0);
}

TEST_CASE("where there is no room an experiment takes the place of a holdout, and a holdout of none") {
  Outcome outcome;
  Exposure exposure;
  for (std::uint16_t i = 0; i < kExposures; ++i) {
    exposure.is_holdout = i == 2 || i == 5;
    exposure.object = i;
    CHECK(AddExposure(exposure, &outcome));
    CHECK(AddExposure(exposure, &outcome));
  }
  CHECK(outcome.exposure_count == kExposures);
  exposure.is_holdout = true;
  exposure.object = 100;
  CHECK(AddExposure(exposure, &outcome));
  CHECK(outcome.exposures[kExposures - 1].object == kExposures - 1);
  exposure.is_holdout = false;
  CHECK(AddExposure(exposure, &outcome));
  CHECK(outcome.exposures[kExposures - 1].object == 100);
  CHECK(outcome.exposures[5].object == 6);
  exposure.object = 101;
  CHECK(AddExposure(exposure, &outcome));
  CHECK(outcome.exposures[2].object == 3);
  exposure.object = 102;
  CHECK_FALSE(AddExposure(exposure, &outcome));
}
