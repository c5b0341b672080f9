#include "sdk/core/evaluation/explain.h"

#include <string>

#include "tests/unit/explain/world.h"

using namespace guidon;
using namespace guidon::evaluation;
using namespace guidon::explain_test;

namespace {

bool Has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::string DatafileWith(const std::string& segments, const std::string& when) {
  return R"({"format": "guidon/1", "project": "p", "environment": "e", "epoch": 1, "version": 1,
    "issued_at": "2026-01-01T00:00:00Z", "segments": {)" +
         segments + R"(},
    "flags": {"f": {"type": "bool", "default": false, "rules": [{"id": "r", "when": )" +
         when + R"(, "serve": true}]}}})";
}

Explanation ExplainFlag(const std::string& datafile, const Context& context) {
  const auto loaded = dialects::LoadNative(datafile);
  REQUIRE(loaded.rules != nullptr);
  REQUIRE(loaded.problems.empty());
  const PreparedContext prepared(*loaded.rules, context);
  return Explain(*loaded.rules, "f", context, prepared, ParseTime("2026-06-01T00:00:00Z"));
}

std::string Repeated(const std::string& item, int count) {
  std::string out = item;
  for (int i = 1; i < count; ++i) out += ", " + item;
  return out;
}

// Segments that hold each other 30 times over: 30 + 30² + … leaves.
std::string Multiplying(int levels) {
  const std::string leaf = R"({"op": "==", "attribute": "a", "value": "x"})";
  std::string segments = R"("s0": {"op": "or", "of": [)" + Repeated(leaf, 30) + "]}";
  for (int i = 1; i < levels; ++i) {
    const std::string below = R"({"op": "segment", "segment": "s)" + std::to_string(i - 1) + "\"}";
    segments += ", \"s" + std::to_string(i) + R"(": {"op": "or", "of": [)" + Repeated(below, 30) + "]}";
  }
  return DatafileWith(segments, R"({"op": "segment", "segment": "s)" + std::to_string(levels - 1) + "\"}");
}

const ExplainedCondition& Leaf(const Explanation& explanation) {
  REQUIRE(explanation.rules.size() == 1);
  REQUIRE(explanation.rules[0].steps.size() >= 1);
  REQUIRE(explanation.rules[0].steps[0].condition);
  return *explanation.rules[0].steps[0].condition;
}

}  // namespace

TEST_CASE("a decision over budget says so and lists no conditions") {
  Context context;
  context.Set("a", "y");
  const Explanation explanation = ExplainFlag(Multiplying(4), context);
  CHECK(explanation.result.reason == Reason::kBudget);
  REQUIRE(explanation.rules[0].steps.size() == 1);
  CHECK(explanation.rules[0].steps[0].result == StepResult::kOverBudget);
  CHECK(!explanation.rules[0].steps[0].condition);
  CHECK(Has(ToText(explanation), "? over the budget of 10,000 conditions for one decision\n"));
}

TEST_CASE("an explanation lists at most a thousand conditions and counts those it leaves out") {
  Context context;
  context.Set("a", "y");
  const Explanation explanation = ExplainFlag(Multiplying(2), context);
  CHECK(Leaf(explanation).truth == Truth::kFalse);
  CHECK(!Has(ToText(explanation), " more\n"));

  const Explanation large =
      ExplainFlag(DatafileWith(R"("s": {"op": "or", "of": [)" +
                                   Repeated(R"({"op": "==", "attribute": "a", "value": "x"})", 60) + "]}",
                               R"({"op": "or", "of": [)" + Repeated(R"({"op": "segment", "segment": "s"})", 40) + "]}"),
                  context);
  std::size_t listed = 0;
  std::size_t more = 0;
  for (const ExplainedCondition& segment : Leaf(large).of) {
    ++listed;
    more += segment.more;
    for (const ExplainedCondition& group : segment.of) {
      ++listed;
      listed += group.of.size();
      more += group.more;
    }
  }
  CHECK(listed + 1 == kExplainedConditions);
  more += Leaf(large).more;
  CHECK(more > 0);
  CHECK(Has(ToText(large), "more\n"));
}

TEST_CASE("a slot that no variant has goes on to the next rule") {
  // No loader makes such a split; one of another format might.
  ruleset::Ruleset rules;
  rules.unit_kinds = {"device"};
  rules.layers.push_back({"l", "l.1", 0});
  ruleset::Experiment experiment;
  experiment.key = "half";
  experiment.is_valid = true;
  experiment.salt = "half.1";
  rules.experiments.push_back(experiment);
  ruleset::FlagValue off;
  rules.values.push_back(off);
  ruleset::Step split;
  split.kind = ruleset::StepKind::kSplit;
  split.otherwise = 1;
  rules.steps = {split, ruleset::Step()};
  ruleset::Flag flag;
  flag.key = "f";
  flag.is_valid = true;
  flag.rules.push_back({"r1", 0});
  rules.flags.push_back(flag);
  rules.flag_index.Build({rules.flags[0].key});
  Context context;
  context.Unit("device", "d-1");
  const PreparedContext prepared(rules, context);
  const Explanation explanation = Explain(rules, "f", context, prepared, Timestamp());
  REQUIRE(explanation.rules.size() == 1);
  CHECK(explanation.rules[0].outcome == ExplainedRule::Outcome::kPassedOver);
  CHECK(explanation.rules[0].steps[0].result == StepResult::kNotInSplit);
  CHECK(Has(ToText(explanation), "✗ split: slot "));
}

TEST_CASE("what only the client knows reads well, too") {
  struct Row {
    Reason reason;
    const char* text;
  };
  const Row rows[] = {
      {Reason::kNotReady, "composer = the caller's fallback   no datafile is in force\n  reason     not_ready\n"},
      {Reason::kTypeMismatch,
       "composer = the caller's fallback   the flag has another type than asked for\n  reason     type_mismatch\n"},
      {Reason::kClosed, "composer = the caller's fallback   the client was closed\n  reason     closed\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    Explanation explanation;
    explanation.flag = "composer";
    explanation.result.reason = row.reason;
    CHECK(ToText(explanation) == row.text);
  }
}

TEST_CASE("leaves are written as expressions, with the value seen and what was expected of it") {
  struct Row {
    const char* when;
    const char* text;
    Truth truth;
    const char* expected;
  };
  const Row rows[] = {
      {R"({"op": "!=", "attribute": "n", "value": 7})", "n != 7", Truth::kFalse, ""},
      {R"({"op": "<=", "attribute": "n", "value": 7.5})", "n <= 7.5", Truth::kTrue, ""},
      {R"({"op": "==", "attribute": "n", "value": "7"})", "n == '7'", Truth::kUnknown, "a text"},
      {R"({"op": "==", "attribute": "n", "value": true})", "n == true", Truth::kUnknown, "true or false"},
      {R"({"op": "<", "attribute": "t", "value": 7})", "t < 7", Truth::kUnknown, "a number"},
      {R"({"op": "<", "attribute": "t", "version": "v4.2"})", "version(t) < version('4.2.0')", Truth::kUnknown,
       "a version"},
      {R"({"op": "<", "attribute": "t", "date": "2026-01-01"})", "date(t) < date('2026-01-01T00:00:00Z')",
       Truth::kUnknown, "a date"},
      {R"({"op": "==", "attribute": "v", "version": "1.0.0-rc.1+5"})", "version(v) == version('1.0.0-rc.1')",
       Truth::kTrue, ""},
      {R"({"op": "in", "attribute": "n", "values": [1, 7, 2.5]})", "n in [1, 2.5, 7]", Truth::kTrue, ""},
      {R"({"op": "in", "attribute": "n", "values": ["a", "b"]})", "n in ['a', 'b']", Truth::kUnknown, "a text"},
      {R"({"op": "in", "attribute": "t", "values": [1]})", "t in [1]", Truth::kUnknown, "a number"},
      {R"({"op": "in", "attribute": "o", "values": [1, "a"]})", "o in ['a', 1]", Truth::kUnknown, "a text or a number"},
      {R"({"op": "in", "attribute": "o", "values": [true, 1, "a"]})", "o in ['a', 1, true]", Truth::kUnknown,
       "a text, a number, true or false"},
      {R"({"op": "in", "attribute": "n", "values": [true, false]})", "n in [false, true]", Truth::kUnknown,
       "true or false"},
      {R"({"op": "in", "attribute": "n", "values": [1,2,3,4,5,6,7,8]})", "n in [1, 2, 3, 4, 5, 6, … 2 more]",
       Truth::kTrue, ""},
      {R"({"op": "contains", "attribute": "t", "value": "it's"})", "t.contains('it\\'s')", Truth::kFalse, ""},
      {R"({"op": "starts_with", "attribute": "t", "value": "te"})", "t.startsWith('te')", Truth::kTrue, ""},
      {R"({"op": "ends_with", "attribute": "n", "value": "te"})", "n.endsWith('te')", Truth::kUnknown, "a text"},
      {R"({"op": "exists", "attribute": "o"})", "has(o)", Truth::kTrue, ""},
      {R"({"op": "exists", "attribute": "gone"})", "has(gone)", Truth::kFalse, ""},
      {R"({"op": "contains_any", "attribute": "l", "values": ["a"]})", "'a' in l", Truth::kTrue, ""},
      {R"({"op": "contains_any", "attribute": "t", "values": ["a", 1]})", "t.containsAny(['a', 1])", Truth::kUnknown,
       "a list of at most 256"},
      {R"({"op": "contains_all", "attribute": "l", "values": [1,2,3,4,5,6,7]})",
       "l.containsAll([1, 2, 3, 4, 5, 6, … 1 more])", Truth::kFalse, ""},
      {R"({"op": "contains_none", "attribute": "l", "values": ["b"]})", "l.containsNone(['b'])", Truth::kTrue, ""},
      {R"({"op": ">=", "attribute": "l", "size": 2})", "size(l) >= 2", Truth::kTrue, ""},
      {R"({"op": ">=", "attribute": "n", "size": 2})", "size(n) >= 2", Truth::kUnknown, "a list of at most 256"},
      {R"({"op": "==", "attribute": "t", "lower": true, "value": "text"})", "t.lowerAscii() == 'text'", Truth::kTrue,
       ""},
      {R"({"op": "in", "attribute": "n", "lower": true, "values": ["a"]})", "n.lowerAscii() in ['a']", Truth::kUnknown,
       "a text"},
      {R"({"op": "cidr", "attribute": "t", "values": ["10.0.0.0/8"]})", "cidr(t, '10.0.0.0/8')", Truth::kUnknown,
       "an address"},
      {R"({"op": "cidr", "attribute": "ip", "values": ["::/0", "10.0.0.0/8"]})", "cidr(ip, ['::/0', '10.0.0.0/8'])",
       Truth::kTrue, ""},
      {R"({"op": "matches_glob", "attribute": "t", "value": "t*x?"})", "t.matchesGlob('t*x?')", Truth::kTrue, ""},
      {R"({"op": "matches_glob", "attribute": "n", "value": "t*x?"})", "n.matchesGlob('t*x?')", Truth::kUnknown,
       "a text"},
      {R"({"op": "==", "attribute": "gone", "type": "missing"})", "type(gone) == 'missing'", Truth::kTrue, ""},
      {R"({"op": "!=", "attribute": "n", "type": "int"})", "type(n) != 'int'", Truth::kFalse, ""},
      {R"({"op": "since", "date": "2026-06-01"})", "now >= date('2026-06-01T00:00:00Z')", Truth::kTrue, ""},
      {R"({"op": "before", "date": "2026-06-01"})", "now < date('2026-06-01T00:00:00Z')", Truth::kFalse, ""},
      {R"({"op": "==", "attribute": "size", "kind": "team", "value": 3})", "team:size == 3", Truth::kTrue, ""},
  };
  Context context;
  context.Set("n", 7).Set("t", "text").Set("o", Object{{"a", 1}}).Set("v", "1.0.0-rc.1").SetFor("team", "size", 3);
  context.Set("ip", "10.1.2.3").Set("l", List{Value("a"), Value(1)});
  for (const Row& row : rows) {
    CAPTURE(row.when);
    const Explanation explanation = ExplainFlag(DatafileWith("", row.when), context);
    CHECK(Leaf(explanation).text == row.text);
    CHECK(Leaf(explanation).truth == row.truth);
    CHECK(Leaf(explanation).expected == row.expected);
    CHECK(!Leaf(explanation).decides);
  }
}

TEST_CASE("groups have brackets where the expression needs them") {
  const std::string a = R"({"op": "exists", "attribute": "a"})";
  const std::string b = R"({"op": "==", "attribute": "b", "value": 1})";
  struct Row {
    std::string when;
    const char* text;
  };
  const Row rows[] = {
      {R"({"op": "and", "of": [)" + a + R"(, {"op": "or", "of": [)" + a + ", " + b + "]}]}",
       "has(a) && (has(a) || b == 1)"},
      {R"({"op": "or", "of": [{"op": "and", "of": [)" + a + ", " + b + "]}, " + b + "]}", "has(a) && b == 1 || b == 1"},
      {R"({"op": "and", "of": [{"op": "or", "of": [)" + b + "]}, " + a + "]}", "b == 1 && has(a)"},
      {R"({"op": "not", "of": [)" + a + "]}", "!has(a)"},
      {R"({"op": "not", "of": [)" + b + "]}", "!(b == 1)"},
      {R"({"op": "not", "of": [{"op": "not", "of": [)" + b + "]}]}", "!!(b == 1)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.when);
    CHECK(Leaf(ExplainFlag(DatafileWith("", row.when), Context())).text == row.text);
  }
}
