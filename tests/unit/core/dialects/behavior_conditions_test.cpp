#include <doctest/doctest.h>

#include <string>

#include "guidon/limits.h"
#include "sdk/core/dialects/native/load.h"
#include "tests/unit/core/rules.h"

using namespace guidon;
using namespace guidon::testing;

namespace {

// One flag with this condition, and one that nothing can touch.
std::string WithCondition(const std::string& condition) {
  return Datafile(R"("flags":{"f":{"type":"bool","default":false,"rules":[{"id":"r","when":)" + condition +
                  R"(,"serve":true}]},"untouched":{"type":"bool","default":true}})");
}

std::string TermText(const behavior::Term& term) {
  return (term.measure == behavior::Measure::kCount ? "count " : "active_days ") + term.event + " " +
         behavior::WindowText(term.window);
}

}  // namespace

TEST_CASE("a behavior condition becomes a term, a comparison and a number") {
  const struct {
    const char* condition;
    const char* term;
    ruleset::Comparison comparison;
    std::int64_t value;
  } rows[] = {
      {R"({"op":">=","count":"open","window":"14d","value":5})", "count open 14d", ruleset::Comparison::kGreaterOrEqual,
       5},
      {R"({"op":"==","active_days":"open","value":12})", "active_days open ever", ruleset::Comparison::kEqual, 12},
      {R"({"op":"!=","count":"two words","window":"72h","value":0})", "count two words 72h",
       ruleset::Comparison::kNotEqual, 0},
      {R"({"op":"<","count":"open","window":"2w","value":9007199254740991})", "count open 14d",
       ruleset::Comparison::kLess, 9'007'199'254'740'991},
      {R"({"op":">","count":"open","window":"session","value":2})", "count open session", ruleset::Comparison::kGreater,
       2},
      {R"({"op":"<=","count":"open","window":"ever","note":"later","value":1})", "count open ever",
       ruleset::Comparison::kLessOrEqual, 1},
  };
  for (const auto& row : rows) {
    CAPTURE(row.condition);
    const auto loaded = dialects::LoadNative(WithCondition(row.condition));
    REQUIRE(ToText(loaded.problems) == "");
    REQUIRE(loaded.rules->behavior_terms.size() == 1);
    CHECK(TermText(loaded.rules->behavior_terms[0]) == row.term);
    REQUIRE(loaded.rules->nodes.size() == 1);
    CHECK(loaded.rules->nodes[0].op == ruleset::Op::kBehavior);
    CHECK(loaded.rules->nodes[0].comparison == row.comparison);
    CHECK(loaded.rules->nodes[0].integer == row.value);
  }
}

TEST_CASE("how long ago becomes a term and a time, and its faults are named") {
  const auto loaded =
      dialects::LoadNative(WithCondition(R"({"op":"since_first","event":"open","comparison":"<=","duration":"2w"})"));
  REQUIRE(ToText(loaded.problems) == "");
  REQUIRE(loaded.rules->behavior_terms.size() == 1);
  CHECK(loaded.rules->behavior_terms[0].measure == behavior::Measure::kSinceFirst);
  CHECK(loaded.rules->behavior_terms[0].event == "open");
  CHECK(loaded.rules->nodes[0].op == ruleset::Op::kBehavior);
  CHECK(loaded.rules->nodes[0].type == ruleset::ConstantType::kTime);
  CHECK(loaded.rules->nodes[0].comparison == ruleset::Comparison::kLessOrEqual);
  CHECK(loaded.rules->nodes[0].integer == 14 * 86'400'000);
  const struct {
    const char* members;
    const char* problem;
  } rows[] = {
      {R"("comparison":"<","duration":"7d")", "/event: is missing"},
      {R"("event":"","comparison":"<","duration":"7d")", "/event: must be 1 to 128 bytes long"},
      {R"("event":"a","duration":"7d")", "/comparison: is missing"},
      {R"("event":"a","comparison":"==","duration":"7d")", "/comparison: must be <, <=, > or >=, not \"==\""},
      {R"("event":"a","comparison":"contains","duration":"7d")", "/comparison: must be <, <=, > or >="},
      {R"("event":"a","comparison":"<")", "/duration: is missing"},
      {R"("event":"a","comparison":"<","duration":7)", "/duration: must be a text, not an integer"},
      {R"("event":"a","comparison":"<","duration":"3651d")", "/duration: \"3651d\" is no time such as 7d"},
      {R"("event":"a","attribute":"b","comparison":"<","duration":"7d")", "/attribute: stands beside \"since_last\""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.members);
    const auto faulty = dialects::LoadNative(WithCondition(R"({"op":"since_last",)" + std::string(row.members) + "}"));
    REQUIRE(faulty.rules.get() != nullptr);
    const std::string problems = ToText(faulty.problems);
    CHECK_MESSAGE(problems.find("/flags/f/rules/0/when" + std::string(row.problem)) == 0, problems);
    CHECK_FALSE(faulty.rules->FindFlag("f")->is_valid);
    CHECK(faulty.rules->FindFlag("untouched")->is_valid);
  }
}

TEST_CASE("terms that ask the same are one") {
  const Rules rules = LoadRules(
      R"("segments":{"s":{"op":">","count":"open","window":"2w","value":1}},"flags":{"f":{"type":"bool",)"
      R"("default":false,"rules":[{"id":"r","when":{"op":"and","of":[{"op":">","count":"open","window":"14d","value":2},)"
      R"({"op":">","active_days":"open","window":"14d","value":2},{"op":">","count":"open","value":2},)"
      R"({"op":"<","count":"share","window":"14d","value":2},{"op":"<","count":"open","window":"14h","value":2}]},)"
      R"("serve":true}]}})");
  std::string terms;
  for (const behavior::Term& term : rules->behavior_terms) terms += TermText(term) + ", ";
  CHECK(terms == "count open 14d, active_days open 14d, count open ever, count share 14d, count open 14h, ");
}

TEST_CASE("a fault in a behavior condition costs its flag and is named with its place") {
  const std::string name(limits::kEventNameBytes + 1, 'e');
  const struct {
    std::string condition;
    const char* problem;
  } rows[] = {
      {R"({"op":">","count":"a"})", "/value: is missing"},
      {R"({"op":">","active_days":"a","window":"session","value":1})", "/window: \"session\" is a window of counts"},
      {R"({"op":">","count":"a","value":-1})", "/value: must be from 0 to 9007199254740991, not -1"},
      {R"({"op":">","count":"a","value":9007199254740992})", "/value: must be from 0 to 9007199254740991"},
      {R"({"op":">","count":"a","value":1.5})", "/value: must be an integer, not a number with a fraction"},
      {R"({"op":">","count":"a","value":"5"})", "/value: must be an integer, not a text"},
      {R"({"op":">","count":"","value":5})", "/count: must be 1 to 128 bytes long"},
      {R"({"op":">","active_days":")" + name + R"(","value":5})", "/active_days: must be 1 to 128 bytes long"},
      {R"({"op":">","count":7,"value":5})", "/count: must be a text, not an integer"},
      {R"({"op":">","active_days":null,"value":5})", "/active_days: must be a text, not null"},
      {R"({"op":">","count":"a","window":14,"value":5})", "/window: must be a text, not an integer"},
      {R"({"op":">","count":"a","active_days":"a","value":5})", "/active_days: stands beside \"count\": a condition "},
      {R"({"op":">","count":"a","attribute":"b","value":5})", "/attribute: stands beside \"count\": a condition"},
      {R"({"op":">","active_days":"a","kind":"team","value":5})", "/kind: stands beside \"active_days\""},
      {R"({"op":">","count":"a","version":"4.2.0"})", "/version: stands beside \"count\""},
      {R"({"op":">","count":"a","date":"2026-12-01"})", "/date: stands beside \"count\""},
      {R"({"op":"in","count":"a","values":[1]})", "/op: a count is compared with ==, !=, <, <=, > or >="},
      {R"({"op":"exists","count":"a"})", "/op: a count is compared with"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.condition);
    const auto loaded = dialects::LoadNative(WithCondition(row.condition));
    REQUIRE(loaded.rules.get() != nullptr);
    const std::string problems = ToText(loaded.problems);
    CHECK_MESSAGE(problems.find("/flags/f/rules/0/when" + std::string(row.problem)) == 0, problems);
    CHECK(loaded.problems.size() == 1);
    CHECK_FALSE(loaded.rules->FindFlag("f")->is_valid);
    CHECK(loaded.rules->FindFlag("untouched")->is_valid);
  }
}

TEST_CASE("a window of a newer format leaves the condition unknown, also negated, and is said") {
  behavior::Behavior behavior;
  behavior.Add("open", kNow);
  for (const char* window : {"14cw", "401cd", "401d", "73h", "sessions", "3mo", ""}) {
    CAPTURE(window);
    const std::string leaf = std::string(R"({"op":">=","count":"open","window":")") + window + R"(","value":0})";
    for (const std::string& condition : {leaf, R"({"op":"not","of":[)" + leaf + "]}"}) {
      const auto loaded = dialects::LoadNative(WithCondition(condition));
      REQUIRE(loaded.problems.size() == 1);
      CHECK_FALSE(loaded.problems[0].is_error);
      CHECK(loaded.problems[0].reason ==
            "\"" + std::string(window) + "\" is a window this version does not know; the condition stays unknown");
      const ruleset::Flag& flag = *loaded.rules->FindFlag("f");
      REQUIRE(flag.is_valid);
      const Context context;
      const evaluation::PreparedContext prepared(*loaded.rules, context, {&behavior}, kNow);
      CHECK(evaluation::Evaluate(*loaded.rules, flag, prepared, kNow).reason == Reason::kDefault);
    }
  }
}

TEST_CASE("an operator of a newer format stays unknown also where it counts") {
  const auto loaded = dialects::LoadNative(WithCondition(R"({"op":"every","count":"open","window":"14d"})"));
  REQUIRE(loaded.problems.size() == 1);
  CHECK(loaded.problems[0].pointer == "/flags/f/rules/0/when/op");
  CHECK_FALSE(loaded.problems[0].is_error);
  CHECK(loaded.rules->FindFlag("f")->is_valid);
}

TEST_CASE("a thousand different terms load, one more costs the flag that asks for it") {
  std::string flags;
  for (std::size_t flag = 0; flag < 21; ++flag) {
    std::string leaves;
    for (std::size_t i = 0; i < 50 && flag * 50 + i <= limits::kBehaviorTerms; ++i) {
      leaves += (i > 0 ? "," : "") + std::string(R"({"op":">","count":"e)") + std::to_string(flag * 50 + i) +
                R"(","value":1})";
    }
    flags += (flag > 0 ? ",\"f" : "\"f") + std::to_string(flag) +
             R"(":{"type":"bool","default":false,"rules":[{"id":"r","when":{"op":"or","of":[)" + leaves +
             R"(]},"serve":true}]})";
  }
  flags += R"(,"again":{"type":"bool","default":false,"rules":[{"id":"r","when":)"
           R"({"op":">","count":"e0","value":9},"serve":true}]})";
  const auto loaded = dialects::LoadNative(Datafile("\"flags\":{" + flags + "}"));
  REQUIRE(loaded.rules.get() != nullptr);
  CHECK(loaded.rules->behavior_terms.size() == limits::kBehaviorTerms);
  CHECK(ToText(loaded.problems) ==
        "/flags/f20/rules/0/when/of/0/count: is one count too many: rules may ask for 1000 different ones\n");
  CHECK_FALSE(loaded.rules->FindFlag("f20")->is_valid);
  CHECK(loaded.rules->FindFlag("f19")->is_valid);
  CHECK(loaded.rules->FindFlag("again")->is_valid);
}
