// What GrowthBook's own cases (tests/conformance) leave open of its payloads.
#include "sdk/core/dialects/growthbook/load.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "guidon/platform_parts.h"
#include "sdk/core/base/json.h"
#include "sdk/core/dialects/growthbook/bucketing.h"
#include "sdk/core/enrollment/enrollments.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/explain.h"
#include "sdk/core/evaluation/prerequisites.h"
#include "tests/unit/core/dice.h"

namespace guidon::dialects::growthbook {
namespace {

using evaluation::Forced;
using evaluation::Outcome;
using evaluation::StepResult;

struct Rules {
  explicit Rules(const std::string& payload, bool is_sticky = false)
      : patterns(Re2Patterns()), loaded(Load(payload, {patterns.get(), is_sticky})) {
    REQUIRE(loaded.rules.get() != nullptr);
  }
  Outcome Decide(const std::string& key, const Context& context, const Forced* forced = nullptr,
                 const enrollment::Enrollments* enrollments = nullptr, evaluation::Trace* trace = nullptr) const {
    evaluation::Surroundings surroundings;
    surroundings.enrollments = enrollments;
    const evaluation::PreparedContext prepared(*loaded.rules, context, surroundings);
    const ruleset::Flag* flag = loaded.rules->FindFlag(key);
    REQUIRE(flag != nullptr);
    return evaluation::Evaluate(*loaded.rules, *flag, prepared, Timestamp(), forced, trace);
  }
  std::string Problems() const {
    std::string text;
    for (const Problem& problem : loaded.problems) text += problem.pointer + " " + problem.reason + "\n";
    return text;
  }

  std::shared_ptr<Patterns> patterns;
  Loaded loaded;
};

// The value as JSON; "none" where the caller's fallback comes.
std::string ValueOf(const Outcome& outcome) {
  if (outcome.value == nullptr) return "none";
  ruleset::FlagValue json;
  (void)ruleset::FromValue(ruleset::ToValue(*outcome.value), ruleset::ValueType::kJson, &json);
  return json.text;
}

}  // namespace

TEST_CASE("a payload that cannot be used as a whole says why") {
  const auto why = [](const std::string& payload) {
    const Loaded loaded = Load(payload);
    CHECK(loaded.rules.get() == nullptr);
    return loaded.problems.size() == 1 ? loaded.problems[0].pointer + " " + loaded.problems[0].reason : "";
  };
  CHECK(why("") == " line 1, column 1: it is empty");
  CHECK(why("[]") == " must be an object, not an array");
  CHECK(why(R"({"features": []})") == "/features must be an object, not an array");
  CHECK(why(R"({"experiments": {}})") == "/experiments must be an array, not an object");
  CHECK(why(std::string((4u << 20) + 1, ' ')) == " is larger than 4194304 bytes");
}

TEST_CASE("an error costs the feature it stands in, says where it stands, and no other") {
  const Rules rules(R"({"features": {
    "good": {"defaultValue": 1},
    "a": {"rules": [{"condition": [], "force": 1}]},
    "b": {"rules": [{"force": 1, "coverage": "all"}]},
    "c": {"rules": [{"force": 1, "range": [0]}]},
    "d": {"rules": [{"variations": {}}]},
    "e": {"rules": {}},
    "f": {"rules": [{"filters": [{"ranges": [[0, "x"]]}]}]},
    "g": {"rules": [{"variations": [1, 2], "namespace": ["n"]}]},
    "h": {"rules": [7]},
    "i": 7}})");
  CHECK(rules.Problems() ==
        "/features/a/rules/0/condition must be an object, not an array\n"
        "/features/b/rules/0/coverage must be a number\n"
        "/features/c/rules/0/range must be two numbers, the first share and the one behind the last\n"
        "/features/d/rules/0/variations must be an array, not an object\n"
        "/features/e/rules must be an array, not an object\n"
        "/features/f/rules/0/filters/0/ranges/0 must be two numbers, the first share and the one behind the last\n"
        "/features/g/rules/0/namespace must be a name and two numbers, the first share and the one behind the last\n"
        "/features/h/rules/0 must be an object, not an integer\n"
        "/features/i must be an object, not an integer\n");
  CHECK(ValueOf(rules.Decide("good", Context())) == "1");
  for (const char* key : {"a", "b", "c", "d", "e", "f", "g", "h", "i"}) {
    CAPTURE(key);
    CHECK(rules.Decide(key, Context()).reason == Reason::kInvalidFlag);
  }
}

TEST_CASE("an error in one of the payload's own experiments costs that one") {
  const Rules rules(R"({"features": {"f": {"defaultValue": 1}}, "experiments": [
    {"key": "bad", "variations": [0, 1], "filters": [{"seed": "s"}]},
    {"key": "worse", "variations": [0, 1], "parentConditions": [7]},
    {"variations": [0, 1]}, 7,
    {"key": "good", "variations": [0, 1]}]})");
  CHECK(rules.Problems() ==
        "/experiments/0/filters/0/ranges is missing\n"
        "/experiments/1/parentConditions/0 must be an object, not an integer\n"
        "/experiments/2/key is missing\n"
        "/experiments/3 must be an object, not an integer\n");
  const Context context = Context().Set("id", "u");
  const evaluation::PreparedContext prepared(*rules.loaded.rules, context);
  for (const ruleset::Experiment& experiment : rules.loaded.rules->experiments) {
    CAPTURE(experiment.key);
    Outcome outcome;
    evaluation::DecideVariant({*rules.loaded.rules, prepared, Timestamp()}, experiment, nullptr, nullptr, &outcome);
    CHECK((outcome.variant != ruleset::kNone) == (experiment.key == "good"));
  }
}

TEST_CASE("a payload is read as JavaScript reads it") {
  const Rules rules(R"({"features": {
    "big": {"defaultValue": 12345678901234567890},
    "twice": {"defaultValue": 1, "defaultValue": 2},
    "twice-itself": {"defaultValue": 1}, "twice-itself": {"defaultValue": "b"},
    "any key at all, ä": {"defaultValue": [1, {"a": null}]},
    "none": {}}})");
  CHECK(rules.Problems() == "");
  CHECK(ValueOf(rules.Decide("big", Context())) == "12345678901234567168.0");
  CHECK(ValueOf(rules.Decide("twice", Context())) == "2");
  CHECK(ValueOf(rules.Decide("twice-itself", Context())) == "\"b\"");
  CHECK(ValueOf(rules.Decide("any key at all, ä", Context())) == R"([1,{"a":null}])");
  CHECK(ValueOf(rules.Decide("none", Context())) == "null");
}

TEST_CASE("whole places are the shares that GrowthBook compares as doubles") {
  testing::Dice dice(20261123);
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    const std::int64_t version = 1 + static_cast<std::int64_t>(dice.Below(2));
    const std::size_t count = 2 + dice.Below(4);
    std::vector<double> weights;
    std::string list;
    double left = 1;
    for (std::size_t i = 0; i < count; ++i) {
      const double weight = i + 1 == count ? left : left * static_cast<double>(dice.Below(10'001)) / 10'000;
      left -= weight;
      weights.push_back(weight);
      list += (list.empty() ? "" : ",") + std::to_string(weight);
    }
    weights.clear();
    const auto document = json::Document::Parse("[" + list + "]", nullptr);
    for (const json::Node node : document->root()) weights.push_back(*node.AsNumber());
    const std::string coverage = std::to_string(static_cast<double>(dice.Below(1'001)) / 1'000);
    std::string variations;
    for (std::size_t i = 0; i < count; ++i) variations += (i == 0 ? "" : ",") + std::to_string(i);
    const Rules rules(R"({"features": {"f": {"defaultValue": -1, "rules": [{"variations": [)" + variations +
                      "], \"weights\": [" + list + "], \"coverage\": " + coverage +
                      ", \"hashVersion\": " + std::to_string(version) + "}]}}}");
    const auto ranges = RangesOf(static_cast<std::int64_t>(count), std::stod(coverage), weights);
    for (int i = 0; i < 100; ++i) {
      const std::string id = "user-" + std::to_string(dice.Below(1'000'000));
      const auto at = VariationAt(BucketOf("f", id, version)->share(), ranges);
      CHECK(ValueOf(rules.Decide("f", Context().Set("id", id))) == (at ? std::to_string(*at) : "-1"));
    }
  }
}

TEST_CASE("a unit is an attribute of that name, as JavaScript writes it, or a unit of the context") {
  const Rules rules(
      R"({"features": {"f": {"defaultValue": "out", "rules": [{"force": "in", "coverage": 1, "hashAttribute": "company"}]}}})");
  const auto value = [&](const Context& context) { return ValueOf(rules.Decide("f", context)); };
  CHECK(value(Context().Set("company", "a")) == "\"in\"");
  CHECK(value(Context().Set("company", 12)) == "\"in\"");
  CHECK(value(Context().Set("company", true)) == "\"in\"");
  CHECK(value(Context().Unit("company", "a")) == "\"in\"");
  for (const Value& none : {Value(), Value(""), Value(0), Value(false)}) {
    CHECK(value(Context().Set("company", none)) == "\"out\"");
  }
  CHECK(value(Context()) == "\"out\"");
  CHECK(value(Context().Set("company", std::string(257, 'x'))) == "\"out\"");
}

TEST_CASE("coverage 0 and an empty range take nobody, null the first place alone, 1 everybody") {
  const auto taken = [](const std::string& rule) {
    const Rules rules(R"({"features": {"f": {"defaultValue": 0, "rules": [{"force": 1, )" + rule + "}]}}}");
    int count = 0;
    for (int i = 0; i < 5'000; ++i) count += ValueOf(rules.Decide("f", Context().Set("id", i + 1))) == "1" ? 1 : 0;
    return count;
  };
  CHECK(taken(R"("coverage": 0)") == 0);
  CHECK(taken(R"("range": [0.5, 0.5])") == 0);
  CHECK(taken(R"("range": [0.7, 0.2])") == 0);
  CHECK(taken(R"("coverage": 1)") == 5'000);
  CHECK(taken(R"("coverage": 7)") == 5'000);
  CHECK(taken(R"("range": [-1, 2])") == 5'000);
  const int first = taken(R"("coverage": null)");
  CHECK(first > 0);
  CHECK(first < 20);
  CHECK(taken(R"("coverage": 0.5)") > 2'300);
  CHECK(taken(R"("coverage": 0.5)") < 2'700);
}

TEST_CASE("a flag that rests on itself has no value, nor has what rests on such a flag") {
  const Rules rules(R"({"features": {
    "a": {"defaultValue": 1, "rules": [{"parentConditions": [{"id": "b", "condition": {"value": 1}}], "force": 2}]},
    "b": {"defaultValue": 1, "rules": [{"parentConditions": [{"id": "a", "condition": {"value": 1}}], "force": 2}]},
    "c": {"defaultValue": 1, "rules": [{"parentConditions": [{"id": "a", "condition": {"value": 1}}], "force": 2}]},
    "self": {"rules": [{"parentConditions": [{"id": "self", "condition": {}}], "force": 2}]},
    "before": {"rules": [{"force": 3}, {"parentConditions": [{"id": "before", "condition": {}}], "force": 2}]}}})");
  CHECK(rules.Problems() == "");
  for (const char* key : {"a", "b", "c", "self"}) {
    CAPTURE(key);
    const Outcome outcome = rules.Decide(key, Context());
    CHECK(outcome.reason == Reason::kCircular);
    CHECK(outcome.value == nullptr);
  }
  CHECK(ValueOf(rules.Decide("before", Context())) == "3");
  const Context context;
  const evaluation::PreparedContext prepared(*rules.loaded.rules, context);
  const std::vector<Outcome> all = evaluation::EvaluateAll(*rules.loaded.rules, prepared, Timestamp());
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(all[i].reason == rules.Decide(rules.loaded.rules->flags[i].key, context).reason);
  }
}

TEST_CASE("many flags that rest on one another are cut short") {
  std::string features;
  for (int i = 0; i < 40; ++i) {
    features += "\"f" + std::to_string(i) + R"(": {"defaultValue": 1, "rules": [{"parentConditions": [{"id": "f)" +
                std::to_string(i + 1) + R"(", "condition": {"value": 1}}], "force": 1}]},)";
  }
  const Rules rules("{\"features\": {" + features + R"("f40": {"defaultValue": 1}}})");
  CHECK(rules.Decide("f0", Context()).reason == Reason::kBudget);
  CHECK(ValueOf(rules.Decide("f30", Context())) == "1");
}

TEST_CASE("a huge value that other flags ask about costs what reading it takes") {
  std::string tests;
  for (int i = 0; i < 900; ++i)
    tests += (i == 0 ? "" : ",") + std::string(R"({"value.x": ")") + std::to_string(i) + "\"}";
  const Rules rules(R"({"features": {
    "big": {"defaultValue": {"y": ")" +
                    std::string(1'000'000, 'x') + R"("}},
    "asks": {"rules": [{"parentConditions": [{"id": "big", "condition": {"$or": [)" +
                    tests + R"(]}}], "force": 1}]}}})");
  CHECK(rules.Problems() == "");
  CHECK(rules.Decide("asks", Context()).reason == Reason::kBudget);
}

TEST_CASE("who meets a variation that passes through goes on, and both are exposures") {
  const Rules rules(R"({"features": {"f": {"defaultValue": 0, "rules": [
    {"key": "holdout", "variations": [1, 2], "weights": [0, 1], "meta": [{"key": "in"}, {"key": "go", "passthrough": true}]},
    {"key": "real", "variations": [3, 4], "weights": [1, 0]}]}}})");
  const Context context = Context().Set("id", "u");
  evaluation::Trace trace;
  const Outcome outcome = rules.Decide("f", context, nullptr, nullptr, &trace);
  CHECK(ValueOf(outcome) == "3");
  CHECK(outcome.rule == 1);
  REQUIRE(outcome.exposure_count == 2);
  const auto& experiments = rules.loaded.rules->experiments;
  CHECK(experiments[outcome.exposures[0].object].key == "holdout");
  CHECK(experiments[outcome.exposures[0].object].variants[outcome.exposures[0].variant].name == "go");
  CHECK(experiments[outcome.exposures[1].object].key == "real");
  CHECK(rules.loaded.rules->unit_kinds[outcome.exposures[1].unit] == "id");

  Forced forced;
  forced.is_in_place = true;
  forced.experiments.emplace_back(0, 1);
  CHECK(ValueOf(rules.Decide("f", context, &forced)) == "3");
}

TEST_CASE("what QA forces comes before all rules, what the SDK's own settings force where a rule comes to it") {
  const Rules rules(R"({"features": {"f": {"defaultValue": 0, "rules": [
    {"force": 9, "condition": {"vip": true}}, {"key": "e", "variations": [3, 4]}]}}})");
  Forced forced;
  forced.experiments.emplace_back(0, 1);
  const Context vip = Context().Set("id", "u").Set("vip", true);
  CHECK(ValueOf(rules.Decide("f", vip, &forced)) == "4");
  forced.is_in_place = true;
  CHECK(ValueOf(rules.Decide("f", vip, &forced)) == "9");
  CHECK(ValueOf(rules.Decide("f", Context(), &forced)) == "4");
}

TEST_CASE(
    "with sticky bucketing a unit stays, also where the condition no longer holds, unless its version is blocked") {
  const auto payload = [](const std::string& more) {
    return R"({"features": {"f": {"defaultValue": 0, "rules": [{"key": "e", "variations": [1, 2],
      "meta": [{"key": "a"}, {"key": "b"}], "weights": [1, 0], "hashAttribute": "id", "fallbackAttribute": "device",
      "condition": {"plan": "pro"}, )" +
           more + "}]}}}";
  };
  enrollment::Enrollments enrolled;
  enrollment::Enrollment met;
  met.iteration = 2;
  met.variant = "b";
  enrolled.Add("id", "u", "e", met);
  const Context user = Context().Set("id", "u");
  const Rules same(payload(R"("bucketVersion": 2)"), true);
  const Outcome stays = same.Decide("f", user, nullptr, &enrolled);
  CHECK(ValueOf(stays) == "2");
  REQUIRE(stays.exposure_count == 1);
  CHECK(stays.exposures[0].is_sticky);
  CHECK(ValueOf(Rules(payload(R"("bucketVersion": 3)"), true).Decide("f", user, nullptr, &enrolled)) == "0");
  const Context pro = Context().Set("id", "u").Set("plan", "pro");
  CHECK(ValueOf(Rules(payload(R"("bucketVersion": 3)"), true).Decide("f", pro, nullptr, &enrolled)) == "1");
  evaluation::Trace trace;
  const Rules blocked(payload(R"("bucketVersion": 3, "minBucketVersion": 3)"), true);
  CHECK(ValueOf(blocked.Decide("f", pro, nullptr, &enrolled, &trace)) == "0");
  CHECK(std::any_of(trace.begin(), trace.end(), [](const auto& step) { return step.result == StepResult::kBlocked; }));
  // Without it, and where the rule says so, nothing is remembered.
  CHECK(ValueOf(Rules(payload(R"("bucketVersion": 2)")).Decide("f", user, nullptr, &enrolled)) == "0");
  const std::string disabled = payload(R"("bucketVersion": 2, "disableStickyBucketing": true)");
  CHECK(ValueOf(Rules(disabled, true).Decide("f", user, nullptr, &enrolled)) == "0");
  // The other attribute counts where the first one is not there, and where it has met nothing.
  enrollment::Enrollments device;
  device.Add("device", "d", "e", met);
  const Outcome fallback = same.Decide("f", Context().Set("device", "d"), nullptr, &device);
  CHECK(ValueOf(fallback) == "2");
  CHECK(same.loaded.rules->unit_kinds[fallback.exposures[0].unit] == "device");
  const Outcome both = same.Decide("f", Context().Set("device", "d").Set("id", "new"), nullptr, &device);
  CHECK(ValueOf(both) == "2");
  CHECK(same.loaded.rules->unit_kinds[both.exposures[0].unit] == "id");
}

TEST_CASE("an explanation of a GrowthBook feature reads like one of ours") {
  const Rules rules(R"({"features": {
    "parent": {"defaultValue": "green"},
    "f": {"defaultValue": "off", "rules": [
      {"id": "beta", "condition": {"plan": {"$in": ["pro", "team"]}}, "force": "on"},
      {"id": "needs", "parentConditions": [{"id": "parent", "condition": {"value": "red"}}], "force": "red"},
      {"id": "some", "force": "some", "coverage": 0.1},
      {"id": "test", "key": "e", "variations": ["a", "b"], "meta": [{"key": "control"}, {"key": "new"}]}]}}})");
  const Context context = Context().Set("plan", "free").Set("id", "u");
  const evaluation::PreparedContext prepared(*rules.loaded.rules, context);
  const evaluation::Explanation explanation =
      evaluation::Explain(*rules.loaded.rules, "f", context, prepared, Timestamp());
  CHECK(evaluation::ToText(explanation) ==
        "f = \"a\"   variant control of experiment e (iteration 0)\n"
        "  rule beta: passed over\n"
        "    ✗ plan: {\"$in\":[\"pro\",\"team\"]}   plan is 'free'\n"
        "  rule needs: passed over\n"
        "    ✗ flag parent: {\"value\":\"red\"}   parent is 'green'\n"
        "  rule some: passed over\n"
        "    ✗ rollout: slot 850 is outside 0–100\n"
        "  rule test, experiment e: decides\n"
        "    ✓ running\n"
        "    → control: slot 231 is in 0–499\n"
        "  reason     experiment\n"
        "  exposure   experiment e, variant control, by id u\n"
        "  datafile   growthbook/ 1.1\n"
        "  at         1970-01-01T00:00:00Z\n");
}

}  // namespace guidon::dialects::growthbook
