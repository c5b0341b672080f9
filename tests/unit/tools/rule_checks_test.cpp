#include <doctest/doctest.h>

#include <string>

#include "sdk/tools/terminal.h"
#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

// What lint says of conditions and rules, as it prints it.
std::string Said(const std::string& members) {
  const std::unique_ptr<Workbench> bench = Read(SourceWith(members));
  std::string out;
  for (const tools::Problem& problem : bench->problems.all()) {
    if (problem.severity == Severity::kNote && problem.code == "unused-segment") continue;
    CHECK(problem.severity == Severity::kWarning);
    out += problem.code + " " + problem.pointer + ": " + problem.reason + "\n  -> " + problem.advice + "\n";
  }
  return out;
}

std::string FlagWith(const std::string& rules) { return R"("flags":{"f":{"default":0,"rules":[)" + rules + "]}}"; }

std::string Rule(const std::string& when, int serve) {
  return "{\"when\":\"" + when + "\",\"serve\":" + std::to_string(serve) + "}";
}

}  // namespace

TEST_CASE("conditions that decide nothing are reported with the reason and what to do") {
  struct Row {
    std::string when;
    std::string said;
  };
  const Row rows[] = {
      {"plan == 'pro' && seats > 3 && plan == 'free'",
       "never-true /flags/f/rules/0/when: nobody ever meets this: `plan == 'pro'` and `plan == 'free'` exclude each "
       "other\n  -> change one of them, or join them with ||\n"},
      {"seats > 3 && seats < 9 && !(seats > 2 && seats < 10)",
       "never-true /flags/f/rules/0/when: nobody ever meets this: `seats > 3`, `seats < 9` and `!(seats > 2 && seats < "
       "10)` are never true together\n  -> change one of them, or join them with ||\n"},
      {"segment('pros') && plan == 'free'",
       "never-true /flags/f/rules/0/when: nobody ever meets this: `plan == 'pro'` of segment 'pros' and `plan == "
       "'free'` "
       "exclude each other\n  -> change one of them, or join them with ||\n"},
      {"count('x', '7d') < 0",
       "never-true /flags/f/rules/0/when: nobody ever meets this: `count('x', '7d') < 0` would need less than none\n  "
       "-> "
       "change one of them, or join them with ||\n"},
      {"count('x', 'session') > 3 && count('x') < 3",
       "never-true /flags/f/rules/0/when: nobody ever meets this: `count('x', 'session') > 3` and `count('x') < 3` "
       "exclude each other\n  -> change one of them, or join them with ||\n"},
      {"count('x', 'session') > 3 && count('x', '14d') < 3", ""},
      {"a == 1 && a == 2 || b == 1 && !has(b)",
       "never-true /flags/f/rules/0/when: nobody ever meets this: `a == 1` and `a == 2` exclude each other; `b == 1` "
       "and "
       "`!has(b)` exclude each other\n  -> change one of them, or join them with ||\n"},
      {"now < date('2026-01-01') && plan == 'pro'",
       "never-true-again /flags/f/rules/0/when: nobody meets this any more: `now < date('2026-01-01T00:00:00Z')` has "
       "passed\n  -> remove it, or write a later date\n"},
      {"plan == 'pro' && (plan == 'free' || seats > 3)",
       "never-true /flags/f/rules/0/when: one side of || can never be met: `plan == 'pro'` and `plan == 'free'` "
       "exclude "
       "each other\n  -> change it, or leave it out\n"},
      {"has(plan) || !has(plan)",
       "always-true /flags/f/rules/0/when: everybody meets this\n  -> leave it out, or ask for less\n"},
      {"plan == 'pro' || plan != 'pro'",
       "always-true /flags/f/rules/0/when: this is never false: who does not meet it is only whom not all of it can be "
       "asked of\n  -> leave it out, or write has(plan) if that is meant\n"},
      {"plan == 'pro' && count('x') >= 0",
       "always-true /flags/f/rules/0/when: `count('x') >= 0` holds for everybody\n  -> leave it out, or ask for 1 or "
       "more\n"},
      {"plan == 'pro' || plan == 'free'", ""},
      {"plan != 'pro'", ""},
      {"!(plan == 'pro')", ""},
      {"now >= date('2026-01-01')", ""},
      {"now < date('2027-01-01')", ""},
      {"flag('g') == 1 || flag('g') == 2", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.when);
    CHECK(Said(R"("segments":{"pros":"plan == 'pro'"},"flags":{"g":{"default":0},"f":{"default":0,"rules":[)" +
               Rule(row.when, 1) + "]}}") == row.said);
  }
}

TEST_CASE("segments that are empty or everybody are reported where they stand") {
  CHECK(
      Said(R"JSON("segments":{"none":"plan == 'a' && plan == 'b'","all":"has(plan) || !has(plan)"},)JSON" +
           FlagWith(Rule("segment('all')", 1))) ==
      "never-true /segments/none: nobody is ever in this segment: `plan == 'a'` and `plan == 'b'` exclude each other\n"
      "  -> change one of them, or join them with ||\n"
      "always-true /segments/all: everybody is in this segment\n  -> leave it out, or ask for less\n");
}

TEST_CASE("a rule that the rules above leave nobody to is reported with those rules") {
  struct Row {
    std::string rules;
    std::string said;
  };
  const Row rows[] = {
      {Rule("plan in ['pro', 'team']", 1) + "," + Rule("plan == 'pro'", 2),
       "shadowed-rule /flags/f/rules/1: this rule is never reached: whoever would meet it meets `plan in ['pro', "
       "'team']` at /flags/f/rules/0 before\n  -> move it up, or narrow the one above\n"},
      {Rule("seats < 5", 1) + "," + Rule("x == 1", 2) + "," + Rule("seats >= 5", 3) + "," + Rule("seats != 7", 4),
       "shadowed-rule /flags/f/rules/3: this rule is never reached: whoever would meet it meets `seats < 5` at "
       "/flags/f/rules/0 or `seats >= 5` at /flags/f/rules/2 before\n  -> move it up, or remove it\n"},
      {Rule("has(plan)", 1) + "," + Rule("!has(plan)", 2) + R"(,{"percent":10,"serve":3})",
       "shadowed-rule /flags/f/rules/2: this rule is never reached: everybody meets `has(plan)` at /flags/f/rules/0 or "
       "`!has(plan)` at /flags/f/rules/1 before\n  -> move it up, or remove it\n"},
      // Who has no plan comes to the third: unknown is not true.
      {Rule("plan == 'a'", 1) + "," + Rule("plan != 'a'", 2) + "," + Rule("seats > 1", 3), ""},
      {Rule("plan == 'pro'", 1) + "," + Rule("plan in ['pro', 'team']", 2), ""},
      // A rollout to some leaves the rest; to all, nobody.
      {R"({"when":"plan == 'pro'","percent":50,"serve":1},)" + Rule("plan == 'pro'", 2), ""},
      {R"({"when":"plan == 'pro'","percent":100,"serve":1},)" + Rule("plan == 'pro' && seats > 1", 2),
       "shadowed-rule /flags/f/rules/1: this rule is never reached: whoever would meet it meets `plan == 'pro'` at "
       "/flags/f/rules/0 before\n  -> move it up, or narrow the one above\n"},
      // What can never be met is said of its condition alone.
      {Rule("plan == 'pro'", 1) + "," + Rule("plan == 'a' && plan == 'b'", 2),
       "never-true /flags/f/rules/1/when: nobody ever meets this: `plan == 'a'` and `plan == 'b'` exclude each other\n"
       "  -> change one of them, or join them with ||\n"},
      {Rule("count('x', '7d') >= 1", 1) + "," + Rule("count('x', '24h') >= 2 && active_days('x', '3d') > 0", 2),
       "shadowed-rule /flags/f/rules/1: this rule is never reached: whoever would meet it meets `count('x', '7d') >= "
       "1` "
       "at /flags/f/rules/0 before\n  -> move it up, or narrow the one above\n"},
      {Rule("flag('g') >= 1", 1) + "," + Rule("flag('g') >= 2", 2),
       "shadowed-rule /flags/f/rules/1: this rule is never reached: whoever would meet it meets `flag('g') >= 1` at "
       "/flags/f/rules/0 before\n  -> move it up, or narrow the one above\n"},
      {Rule("x.matches('^a')", 1) + "," + Rule("x.matches('^ab')", 2), ""},
      // Devices without a matcher come to the second.
      {Rule("x.matches('^a')", 1) + "," + Rule("x == 'abc'", 2), ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rules);
    CHECK(Said(R"("flags":{"g":{"default":0},"f":{"default":0,"rules":[)" + row.rules + "]}}") == row.said);
  }
}

TEST_CASE("an experiment that the rules of its flag leave nobody to is reported") {
  const auto source = [](const std::string& rules, const std::string& when) {
    return FlagWith(rules) +
           R"(,"experiments":{"e":{"hypothesis":"h","owner":"o","percent":50,"goals":["g"],"when":")" + when +
           R"(","variants":{"control":{"f":1},"b":{"f":2}}}})";
  };
  CHECK(Said(source(Rule("plan in ['pro', 'team']", 1), "plan == 'pro'")) ==
        "unreachable-experiment /experiments/e: the experiment never reaches 'f': whoever is asked meets `plan in "
        "['pro', 'team']` at /flags/f/rules/0 before\n  -> name it in a rule above: { \"experiment\": \"e\" }\n");
  CHECK(Said(source(Rule("plan == 'pro'", 1), "plan in ['pro', 'team']")) == "");
  CHECK(Said(source(Rule("plan == 'pro'", 1) + R"(,{"experiment":"e"})", "plan == 'pro' && seats > 1")) ==
        "shadowed-rule /flags/f/rules/1: this rule is never reached: whoever would meet it meets `plan == 'pro'` at "
        "/flags/f/rules/0 before\n  -> move it up, or narrow the one above\n");
}

TEST_CASE("a trigger's condition is looked at as one of the event's properties") {
  const auto source = [](const std::string& where, const std::string& when) {
    return R"("flags":{},"campaigns":{"c":{"trigger":"e where )" + where + R"(","when":")" + when +
           R"(","goals":["g within 1d"],"show":{"kind":"banner","title":"Hello"}}})";
  };
  CHECK(Said(source("chars > 5 && chars < 3", "plan == 'a'")) ==
        "never-true /campaigns/c/trigger: nobody ever meets this: `chars > 5` and `chars < 3` exclude each other\n  -> "
        "change one of them, or join them with ||\n");
}

TEST_CASE("an audience that those above it leave nobody to is reported") {
  const auto said = [](const std::string& when, const std::string& first, const std::string& second) {
    return Said(R"("flags":{"f":{"default":0}},"experiments":{"e":{"hypothesis":"h","owner":"o","percent":50,)"
                R"("goals":["g"],"when":")" +
                when + R"(","audiences":{"a":{"when":")" + first + R"("},"b":{"when":")" + second +
                R"("}},"variants":{"control":{"f":1},"b":{"f":2}}}})");
  };
  CHECK(said("has(plan)", "plan in ['a', 'b']", "plan == 'a' && seats > 5") ==
        "shadowed-audience /experiments/e/audiences/b: nobody is of this audience: whom the experiment asks and this "
        "describes is of 'a' before\n  -> move it up, or narrow those above\n");
  CHECK(
      said("plan == 'c'", "plan == 'a'", "seats > 5") ==
      "shadowed-audience /experiments/e/audiences/a: nobody is of this audience: the experiment asks nobody who meets "
      "its `when`\n  -> remove it, or let the experiment ask more people\n");
  CHECK(said("has(plan)", "plan == 'a'", "plan in ['a', 'b']") == "");
}
