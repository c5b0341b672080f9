#include "sdk/core/dialects/flagd/load.h"

#include <doctest/doctest.h>

#include <string>

#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/explain.h"

namespace guidon::dialects::flagd {
namespace {

constexpr Timestamp kNow = TimestampFromMs(1'795'000'000'500);

evaluation::Outcome Decide(const Loaded& loaded, const std::string& key, const Context& context) {
  REQUIRE(loaded.rules.get() != nullptr);
  const ruleset::Flag* flag = loaded.rules->FindFlag(key);
  REQUIRE(flag != nullptr);
  const evaluation::PreparedContext prepared(*loaded.rules, context);
  return evaluation::Evaluate(*loaded.rules, *flag, prepared, kNow);
}

std::string ProblemsOf(const Loaded& loaded) {
  std::string text;
  for (const Problem& problem : loaded.problems) text += problem.pointer + " " + problem.reason + "\n";
  return text;
}

}  // namespace

TEST_CASE("an error costs the flag it stands in, and says where it stands") {
  const Loaded loaded = Load({R"({"flags": {
    "good": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "on"},
    "a": {"state": "ON", "variants": {"on": true}},
    "b": {"variants": {"on": true}},
    "c": {"state": "ENABLED", "variants": []},
    "d": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "off"},
    "e": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on", "targeting": {"if": [{"what": 1}]}},
    "f": {"state": "ENABLED", "variants": {"on": true}, "targeting": {"$ref": "nobody"}},
    "g": 7}})"});
  CHECK(ProblemsOf(loaded) ==
        "/flags/a/state must be ENABLED or DISABLED, not \"ON\"\n"
        "/flags/b/state is missing\n"
        "/flags/c/variants must be an object, not an array\n"
        "/flags/d/defaultVariant there is no variant \"off\"\n"
        "/flags/e/targeting/if/0/what is no operator\n"
        "/flags/f/targeting/$ref names no evaluator there is: \"nobody\"\n"
        "/flags/g must be an object, not an integer\n");
  CHECK(Decide(loaded, "good", Context()).reason == Reason::kStatic);
  for (const char* key : {"a", "b", "c", "d", "e", "f", "g"}) {
    CAPTURE(key);
    CHECK(Decide(loaded, key, Context()).reason == Reason::kInvalidFlag);
  }
  CHECK(ProblemsOf(Load({"{"})) == " line 1, column 2: unexpected end of input; expected string literal\n");
  CHECK(ProblemsOf(Load({"[]"})) == " must be an object, not an array\n");
}

TEST_CASE("sources are one set: later flags count, evaluators are everybody's, flags may be a list") {
  const Loaded loaded =
      Load({R"({"flags": {"x": {"state": "ENABLED", "variants": {"a": 1}, "defaultVariant": "a"},
                     "y": {"state": "ENABLED", "variants": {"a": 1, "b": 2}, "defaultVariant": "a", "targeting": {"if": [{"$ref": "pro"}, "b"]}}}})",
            R"({"flags": [{"key": "x", "state": "ENABLED", "variants": {"b": 2}, "defaultVariant": "b"}],
           "$evaluators": {"pro": {"==": [{"var": "plan"}, "pro"]}}})"});
  CHECK(ProblemsOf(loaded) == "");
  CHECK(Decide(loaded, "x", Context()).value->integer == 2);
  CHECK(Decide(loaded, "y", Context()).value->integer == 1);
  CHECK(Decide(loaded, "y", Context().Set("plan", "pro")).value->integer == 2);
}

TEST_CASE("a flag names its variant, whatever decides") {
  const Loaded loaded = Load({R"({"flags": {
    "static": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on", "targeting": {}},
    "off": {"state": "DISABLED", "variants": {"on": true}, "defaultVariant": "on"},
    "bare": {"state": "ENABLED", "variants": {"on": true}},
    "null": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": null, "targeting": {"var": "v"}},
    "named": {"state": "ENABLED", "variants": {"true": 1, "2": 2, "x": 3}, "defaultVariant": "x", "targeting": {"var": "v"}}}})"});
  CHECK(ProblemsOf(loaded) == "");
  struct Row {
    const char* key;
    Value v;
    Reason reason;
    const char* variant;
  };
  const Row rows[] = {{"static", Value(), Reason::kStatic, "on"},    {"off", Value(), Reason::kDisabled, ""},
                      {"bare", Value(), Reason::kDefault, ""},       {"null", Value(), Reason::kDefault, ""},
                      {"null", Value("on"), Reason::kRule, "on"},    {"named", Value(), Reason::kDefault, "x"},
                      {"named", Value(true), Reason::kRule, "true"}, {"named", Value(2), Reason::kRule, "2"},
                      {"named", Value("y"), Reason::kNoVariant, ""}, {"named", Value(List()), Reason::kNoVariant, ""}};
  for (const Row& row : rows) {
    CAPTURE(row.key);
    const evaluation::Outcome outcome = Decide(loaded, row.key, Context().Set("v", row.v));
    CHECK(outcome.reason == row.reason);
    CHECK(evaluation::VariantName(*loaded.rules, *loaded.rules->FindFlag(row.key), outcome) == row.variant);
  }
}

TEST_CASE("a rule that asks for the time holds until the next second, and others for good") {
  const Loaded loaded = Load({R"({"flags": {
    "t": {"state": "ENABLED", "variants": {"a": 1, "b": 2}, "defaultVariant": "a", "targeting": {"if": [{">": [{"var": "$flagd.timestamp"}, 1795000000]}, "b"]}},
    "k": {"state": "ENABLED", "variants": {"k": 1, "b": 2}, "defaultVariant": "b", "targeting": {"var": "$flagd.flagKey"}}}})"});
  const evaluation::Outcome outcome = Decide(loaded, "t", Context());
  CHECK(outcome.value->integer == 1);
  CHECK(outcome.valid_until == TimestampFromMs(1'795'000'001'000));
  CHECK(Decide(loaded, "k", Context()).value->integer == 1);
  CHECK(Decide(loaded, "k", Context()).valid_until == ruleset::kNever);
}

TEST_CASE("an explanation of a flagd flag names what its rule gave") {
  const Loaded loaded =
      Load({R"({"flags": {"f": {"state": "ENABLED", "variants": {"a": 1, "b": 2}, "defaultVariant": "a",
    "targeting": {"var": "v"}}}})"});
  const auto explained = [&loaded](const Value& v) {
    const Context context = Context().Set("v", v);
    const evaluation::PreparedContext prepared(*loaded.rules, context);
    return evaluation::ToText(evaluation::Explain(*loaded.rules, "f", context, prepared, kNow));
  };
  CHECK(explained(Value("b")) ==
        "f = 2   served by rule targeting\n"
        "  rule targeting: decides\n"
        "    → b\n"
        "  reason     rule\n"
        "  datafile   flagd/ 1.1\n"
        "  at         2026-11-18T11:06:40.500Z\n");
  CHECK(explained(Value("z")).find("    ? gives what is no variant\n") != std::string::npos);
  CHECK(explained(Value()).find("    ✗ gives nothing\n") != std::string::npos);
}

}  // namespace guidon::dialects::flagd
