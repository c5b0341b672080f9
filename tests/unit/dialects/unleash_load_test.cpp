// What Unleash's client specification (tests/conformance) leaves open.
#include "sdk/core/dialects/unleash/load.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "guidon/platform_parts.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/explain.h"

namespace guidon::dialects::unleash {
namespace {

constexpr Timestamp kNow = TimestampFromMs(1'795'000'000'000);

Loaded LoadedFrom(const std::string& payload) {
  static const auto patterns = Re2Patterns();
  return Load(payload, {patterns.get()});
}

Value Ask(const Loaded& loaded, const std::string& key, const Context& context) {
  REQUIRE(loaded.rules.get() != nullptr);
  const ruleset::Flag* flag = loaded.rules->FindFlag(key);
  REQUIRE(flag != nullptr);
  const evaluation::PreparedContext prepared(*loaded.rules, context);
  const auto outcome = evaluation::Evaluate(*loaded.rules, *flag, prepared, kNow);
  return outcome.value == nullptr ? Value() : ruleset::ToValue(*outcome.value);
}

// Whether a feature with one strategy and this constraint is on.
bool Holds(const std::string& constraint, const Context& context) {
  const Loaded loaded =
      LoadedFrom(R"({"features": [{"name": "f", "enabled": true, "strategies": [{"name": "default", "constraints": [)" +
                 constraint + "]}]}]}");
  CHECK(loaded.problems.empty());
  return Ask(loaded, "f", context) == Value(true);
}

}  // namespace

TEST_CASE("a constraint says what Unleash's does, and its inversion the opposite but for what cannot be asked") {
  struct Row {
    const char* constraint;
    Value value;
    bool holds;
    bool holds_inverted;
  };
  const Row rows[] = {
      {R"("operator": "IN", "values": ["a", "5"])", Value(5), true, false},
      {R"("operator": "IN", "values": ["null"])", Value(), false, true},
      {R"("operator": "IN", "values": [])", Value("a"), false, true},
      {R"("operator": "NOT_IN", "values": ["a"])", Value(), true, false},
      {R"("operator": "STR_CONTAINS", "values": ["B"], "caseInsensitive": true)", Value("abc"), true, false},
      {R"("operator": "STR_CONTAINS", "values": ["B"])", Value("abc"), false, true},
      {R"("operator": "STR_STARTS_WITH", "values": ["x", "ab"])", Value("abc"), true, false},
      {R"("operator": "STR_ENDS_WITH", "values": ["c"])", Value(), false, true},
      {R"("operator": "NUM_GTE", "value": "5")", Value("5.0"), true, false},
      {R"("operator": "NUM_EQ", "value": "0")", Value(), false, true},
      {R"("operator": "NUM_LT", "value": "x")", Value("1"), false, true},
      {R"("operator": "NUM_LT", "value": "5")", Value("x"), false, true},
      {R"("operator": "DATE_AFTER", "value": "2026-01-01T00:00:00Z")", Value("2026-01-01T00:00:00.001Z"), true, false},
      {R"("operator": "DATE_AFTER", "value": "2026-01-01T00:00:00Z")", Value("2026-01-01T00:00:00Z"), false, true},
      {R"("operator": "DATE_BEFORE", "value": "soon")", Value("2026-01-01T00:00:00Z"), false, true},
      {R"("operator": "SEMVER_GT", "value": "1.2.3")", Value("1.2.4-rc.1"), true, false},
      {R"("operator": "SEMVER_EQ", "value": "1.2.3")", Value("v1.2.3"), false, true},
      {R"("operator": "SEMVER_EQ", "value": "1.2.3")", Value("1.2"), false, true},
      {R"("operator": "SEMVER_EQ", "value": "v1.2.3")", Value("1.2.3"), false, false},
      {R"("operator": "SEMVER_EQ", "value": "1.2")", Value("1.2.0"), false, false},
      {R"("operator": "REGEX", "value": "^a.c$")", Value("abc"), true, false},
      {R"("operator": "REGEX", "value": "^A", "caseInsensitive": true)", Value("abc"), true, false},
      {R"("operator": "IN_CIDR", "values": ["nonsense", "10.1.2.3/8"])", Value("10.200.0.1"), true, false},
      {R"("operator": "IN_CIDR", "values": ["10.1.2.3"])", Value("10.1.2.3"), true, false},
      {R"("operator": "IN_CIDR", "values": ["2001:db8::5/32"])", Value("2001:db8:ffff::1"), true, false},
      {R"("operator": "IN_CIDR", "values": ["0.0.0.0/0"])", Value("::1"), false, true},
      {R"("operator": "IN_CIDR", "values": ["10.0.0.0/33"])", Value("10.0.0.0"), false, true},
      {R"("operator": "WHAT", "values": ["a"])", Value("a"), false, false},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.constraint));
    const std::string start = std::string(R"({"contextName": "x", )") + row.constraint;
    const Context context = row.value.is_null() ? Context() : Context().Set("x", row.value);
    CHECK(Holds(start + "}", context) == row.holds);
    CHECK(Holds(start + R"(, "inverted": true})", context) == row.holds_inverted);
  }
}

TEST_CASE("the present stands in for a time that the context lacks") {
  const char* before =
      R"({"contextName": "currentTime", "operator": "DATE_BEFORE", "value": "2026-11-18T11:06:40.000Z"})";
  const char* after =
      R"({"contextName": "currentTime", "operator": "DATE_AFTER", "value": "2026-11-18T11:06:39.999Z"})";
  CHECK_FALSE(Holds(before, Context()));
  CHECK(Holds(after, Context()));
  CHECK(Holds(before, Context().Set("currentTime", "2020-01-01T00:00:00Z")));
}

TEST_CASE(
    "a rollout takes its share of users, of sessions where there is none, and one answer where there is neither") {
  const auto taken = [](const std::string& parameters, const std::string& field) {
    const Loaded loaded = LoadedFrom(
        R"({"features": [{"name": "f", "enabled": true, "strategies": [{"name": "flexibleRollout", "parameters": {)" +
        parameters + "}}]}]}");
    int count = 0;
    for (int i = 0; i < 2'000; ++i) {
      const Context context = field.empty() ? Context() : Context().Set(field, "u" + std::to_string(i));
      count += Ask(loaded, "f", context) == Value(true) ? 1 : 0;
    }
    return count;
  };
  const std::string third = R"("rollout": "33", "groupId": "g", "stickiness": )";
  for (const char* field : {"userId", "sessionId", "device"}) {
    CAPTURE(field);
    CHECK(std::abs(taken(third + R"("default")", field) - 660) < 80);
  }
  CHECK(std::abs(taken(third + R"("random")", "device") - 660) < 80);
  CHECK(taken(third + R"("company")", "userId") == 0);
  CHECK(taken(R"("rollout": "0", "stickiness": "default")", "userId") == 0);
  CHECK(taken(R"("rollout": "100", "stickiness": "random")", "") == 2'000);
  CHECK(taken(R"("rollout": "x", "stickiness": "default")", "userId") == 0);
  const int none = taken(third + R"("default")", "");
  CHECK((none == 0 || none == 2'000));
}

TEST_CASE("variants have their weights, and who is named in an override gets its own") {
  const Loaded loaded =
      LoadedFrom(R"({"features": [{"name": "f", "enabled": true, "strategies": [{"name": "default"}], "variants": [
    {"name": "a", "weight": 100}, {"name": "b", "weight": 300, "overrides": [{"contextName": "plan", "values": ["pro"]}]},
    {"name": "never", "weight": 0}, {"name": "c", "weight": 600}]}]})");
  std::map<std::string, int> counts;
  for (int i = 0; i < 10'000; ++i) {
    const Value variant = Ask(loaded, VariantFlag("f"), Context().Set("userId", std::to_string(i)));
    ++counts[*variant.Find("name")->AsString()];
  }
  CHECK(counts.size() == 3);
  CHECK(std::abs(counts["a"] - 1'000) < 150);
  CHECK(std::abs(counts["b"] - 3'000) < 200);
  CHECK(std::abs(counts["c"] - 6'000) < 200);
  for (int i = 0; i < 50; ++i) {
    const Context pro = Context().Set("userId", std::to_string(i)).Set("plan", "pro");
    CHECK(*Ask(loaded, VariantFlag("f"), pro).Find("name") == Value("b"));
  }
}

TEST_CASE("an error names its place, and segments that are not there let nobody in") {
  CHECK(LoadedFrom("[]").problems[0].reason == "must be an object, not an array");
  CHECK(LoadedFrom("{").rules.get() == nullptr);
  const Loaded loaded = LoadedFrom(
      R"({"features": [{"name": ""}, {"name": "f", "enabled": true, "strategies": [{"name": "default", "segments": [7]}]}, {"name": "off"}]})");
  REQUIRE(loaded.problems.size() == 1);
  CHECK(loaded.problems[0].pointer == "/features/0");
  CHECK(Ask(loaded, "f", Context()) == Value(false));
  CHECK(Ask(loaded, "off", Context()) == Value(false));
}

TEST_CASE("an explanation says constraints in their own words") {
  const Loaded loaded = LoadedFrom(
      R"({"features": [{"name": "f", "enabled": true, "strategies": [{"name": "flexibleRollout", "parameters": {"rollout": "100", "stickiness": "default"},
          "constraints": [{"contextName": "plan", "operator": "IN", "values": ["pro"], "inverted": true}]}]}]})");
  const Context context = Context().Set("plan", "pro");
  const evaluation::PreparedContext prepared(*loaded.rules, context);
  CHECK(evaluation::ToText(evaluation::Explain(*loaded.rules, "f", context, prepared, kNow)) ==
        "f = false   the default; no rule applied\n"
        "  rule flexibleRollout: passed over\n"
        "    ✗ plan not IN [\"pro\"]   plan is 'pro'\n"
        "  reason     default\n"
        "  datafile   unleash/ 1.1\n"
        "  at         2026-11-18T11:06:40Z\n");
}

}  // namespace guidon::dialects::unleash
