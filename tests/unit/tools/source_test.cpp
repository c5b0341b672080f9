#include <doctest/doctest.h>

#include <set>

#include "sdk/tools/source_reader.h"
#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

// One fault of each kind, each at another place.
constexpr const char* kFaults = R"JSON({
  "format": "guidon-source/2",
  "project": "no tes",
  "enviroment": "production",
  "prompts": {},
  "event_attributes": ["plan", "plan", "email", 7],
  "segments": {
    "a": "segment('b')",
    "b": "segment('a')",
    "empty": " ",
    "typo": "plan = 'pro'",
    "lonely": "plan == 'x'"
  },
  "layers": { "l": { "unit": "device" }, "acc": { "unit": "account", "epoch": 0 }, "full": {} },
  "holdouts": {
    "h": { "percent": 60 },
    "listed": { "percent": 2, "experiments": ["by-account", "nobody"] },
    "nothing": { "percent": 2, "experiments": [] },
    "idle": { "percent": 2, "campaigns": [] },
    "of-prompts": { "percent": 2, "campaigns": ["nudge"] },
    "unsized": {}
  },
  "flags": {
    "good": { "default": false },
    "bad name": { "default": 1 },
    "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn": { "default": 1 },
    "none": { "about": "no default" },
    "null": { "default": null },
    "big": { "default": 99999999999999999999 },
    "odd": { "type": "integer", "default": 1 },
    "int": { "default": 1, "rules": [
      { "serve": "one" },
      { "serve": 1.5, "when": "has(a)" },
      { "percent": 101, "serve": 2 },
      { "percent": "10", "serve": 2 },
      { "percent": 0.00001, "serve": 2 },
      { "percent": 10 },
      { "when": "has(a)" },
      { "serve": 2, "experiment": "overlap-1" },
      { "experiment": "overlap-3" },
      { "experiment": "no-goal" },
      { "split": [ { "percent": 60, "serve": 2 }, { "percent": 60, "serve": 3 } ] },
      { "split": [ { "percent": 6, "serve": 2 }, { "percent": 6, "serve": 2 } ] },
      { "id": "same", "when": "segment('bta')", "serve": 2 },
      { "id": "same", "when": "mail == 'ann@example.org'", "serve": 2, "unit": "account" },
      { "serve": 3 },
      { "when": "has(b)", "serve": 4 }
    ] },
    "killed": { "default": 1, "kill": true, "rules": [ { "serve": 2 } ] },
    "killed-on": { "default": true, "kill": true },
    "shared": { "default": "x" },
    "half": { "default": "x", "protected": true },
    "typed": { "default": 1, "kil": true, "about": 5 },
    "good": { "default": true }
  },
  "experiments": {
    "single": { "percent": 5, "variants": { "control": { "good": true } }, "goals": ["g"] },
    "uncontrolled": { "percent": 5, "variants": { "a": { "good": true }, "b": { "good": false } }, "goals": ["g"] },
    "reserved": { "percent": 5, "variants": { "control": { "good": true }, "off": { "good": false } }, "goals": ["g"] },
    "uneven": { "percent": 5, "variants": { "control": { "good": true }, "b": { "good": false, "shared": "y" } }, "goals": ["g"] },
    "no-goal": { "percent": 5, "variants": { "control": { "good": true }, "b": { "god": false } } },
    "values": { "percent": 5, "variants": { "control": { "shared": "x" }, "b": { "shared": 5 } }, "goals": ["g in 7d", "g within 7x"] },
    "dates": { "percent": 5, "starts_at": "2027-02-01", "ends_at": "2027-01-01", "decide_by": "tomorrow", "variants": { "control": { "good": true }, "b": { "good": false } }, "goals": ["g"] },
    "late": { "percent": 5, "decide_by": "2026-01-01", "ends_at": "2026-02-01", "status": "runing", "variants": { "control": { "good": true }, "b": { "good": true } }, "goals": ["g"] },
    "weights": { "percent": 5, "weights": { "control": 60, "b": 50, "c": -1, "d": 0 }, "variants": { "control": { "good": true }, "b": { "good": false }, "e": { "good": false } }, "goals": ["g"] },
    "sum": { "percent": 5, "weights": { "control": 60, "b": 50 }, "variants": { "control": { "good": true }, "b": { "good": false } }, "goals": ["g"] },
    "zero": { "percent": 5, "weights": { "control": 1, "b": 0 }, "variants": { "control": { "good": true }, "b": { "good": false } }, "goals": ["g"] },
    "by-account": { "layer": "acc", "percent": 5, "variants": { "control": { "good": true }, "b": { "good": false } }, "goals": ["g"] },
    "lost": { "layer": "lay", "percent": 5, "variants": { "control": { "good": true }, "b": { "good": false } }, "goals": ["g"] },
    "over": { "layer": "full", "percent": 60, "variants": { "control": { "good": true }, "b": { "good": false } }, "goals": ["g"] },
    "over-2": { "layer": "full", "percent": 50, "iteration": 0, "variants": { "control": { "good": true }, "b": { "good": false } }, "goals": ["g"] },
    "overlap-1": { "layer": "l", "percent": 5, "variants": { "control": { "half": "x" }, "b": { "half": "y" } }, "goals": ["g"] },
    "overlap-2": { "layer": "full", "percent": 0, "variants": { "control": { "half": "x" }, "b": { "half": "y" } }, "goals": ["g"] },
    "behind": { "layer": "l", "percent": 5, "unit": "account", "variants": { "control": { "killed": 1 }, "b": { "killed": 2 } }, "goals": ["g"] },
    "unsized": { "variants": { "control": { "good": true }, "b": {} }, "goals": ["g"] }
  }
})JSON";

// Likewise, of what may be asked of other objects, of audiences, of what ships and of times.
constexpr const char* kMoreFaults = R"JSON({
  "format": "guidon-source/1", "project": "p", "environment": "e",
  "segments": {
    "list": ["u-1"],
    "of-nothing": { "values": ["a"] },
    "of-both": { "unit": "account", "attribute": "plan", "values": ["a"] },
    "odd": { "unit": "account", "values": ["u-1", 7, "", "u-1"], "when": "has(a)" },
    "hashed": { "attribute": "seats", "values": [7], "hashed": "yes" },
    "none": { "unit": "account", "values": [] },
    "no-values": { "attribute": "plan" },
    "mails": { "attribute": "mail", "values": ["ann@example.org"] },
    "c1": "segment('c2')", "c2": "segment('c3') && has(x)", "c3": "has(y) || segment('c1')"
  },
  "flags": {
    "text": { "default": "icon", "hold": "day", "when_expired": "off" },
    "bool": { "default": false, "hold": true },
    "json": { "default": {} },
    "asks": { "default": 0, "sticky": true, "rules": [
      { "when": "flag('txt') == 'icon'", "serve": 1 },
      { "when": "flag('text') == 5", "serve": 2 },
      { "when": "flag('text') == 'icn'", "serve": 3 },
      { "when": "flag('json') == 'x'", "serve": 4 },
      { "when": "variant('ship-eary') == 'b'", "serve": 5 },
      { "when": "variant('ship-early') in ['b', 'bb']", "serve": 6 },
      { "when": "variant('planned') == 'b'", "serve": 7 },
      { "when": "flag('bool') == 'on'", "serve": 8 },
      { "when": "segment('odd')", "serve": 9 } ] },
    "round-1": { "default": 0, "rules": [ { "when": "flag('round-2') == 1", "serve": 1 } ] },
    "round-2": { "default": 0 },
    "self": { "default": false, "rules": [ { "when": "!flag('self')", "serve": true } ] },
    "done": { "default": 0, "rules": [ { "experiment": "shipped" }, { "percent": 10, "serve": 3 } ] }
  },
  "experiments": {
    "round": { "percent": 5, "when": "flag('round-1') == 1", "variants": { "control": { "round-2": 0 }, "b": { "round-2": 1 } }, "goals": ["g"] },
    "ship-early": { "percent": 5, "ship": { "variant": "bb", "percentage": 5 }, "variants": { "control": { "bool": true }, "b": { "bool": false } }, "goals": ["g"] },
    "ship-text": { "status": "ended", "ship": "b", "variants": { "control": { "bool": true }, "b": { "bool": false } } },
    "shipped": { "status": "ended", "ship": { "variant": "b", "percent": 100 }, "variants": { "control": { "done": 0 }, "b": { "done": 1 } } },
    "planned": { "status": "draft", "variants": { "control": { "bool": true }, "b": { "bool": false } } },
    "parts": { "percent": 5, "sticky": "always", "audiences": {
        "big": { "percent": 100, "weights": { "control": 0, "b": 0 } },
        "no name": { "when": "segment('odd') &&", "segment": "odd" },
        "half": { "when": "segment('od')", "percent": 101, "weights": { "control": 1, "c": 1 } } },
      "variants": { "control": { "bool": true }, "b": { "bool": false } }, "goals": ["g"] },
    "times": { "percent": 0, "sticky": true, "starts_at": "2026-12-24T18:00", "ends_at": "2026-12-24 18:00 Local",
      "variants": { "control": { "bool": true }, "b": { "bool": false } }, "goals": ["g"] },
    "zones": { "percent": 0, "starts_at": "2026-12-24T18:00 CET", "ends_at": "2026-12-24T18:00Z",
      "variants": { "control": { "bool": true }, "b": { "bool": false } }, "goals": ["g"] },
    "half-local": { "percent": 0, "starts_at": "2026-12-24", "ends_at": "2026-12-24T06:00 local",
      "variants": { "control": { "bool": true }, "b": { "bool": false } }, "goals": ["g"] },
    "over-by-part": { "percent": 40, "audiences": { "a": { "when": "has(a)", "percent": 95 } },
      "variants": { "control": { "bool": true }, "b": { "bool": false } }, "goals": ["g"] }
  }
})JSON";

struct Planted {
  const char* code;
  const char* pointer;
  const char* says;  // in the reason or the advice
};

constexpr Planted kPlanted[] = {
    {"wrong-format", "/format", "guidon-source/1"},
    {"bad-name", "/project", "letters a to z"},
    {"unknown-member", "/enviroment", "did you mean 'environment'?"},
    {"missing-member", "", "\"environment\""},
    {"unknown-member", "/prompts", "write \"campaigns\""},
    {"listed-twice", "/event_attributes/1", "remove one"},
    {"personal-data", "/event_attributes/2", "would leave the device"},
    {"wrong-type", "/event_attributes/3", "expected a text, found the number 7"},
    {"segment-cycle", "/segments/a", "made of itself"},
    {"segment-cycle", "/segments/b", "made of itself"},
    {"empty-expression", "/segments/empty", "leave `when` out"},
    {"bad-expression", "/segments/typo", "write =="},
    {"unused-segment", "/segments/lonely", "no rule uses"},
    {"out-of-range", "/layers/acc/epoch", "write 1 to"},
    {"percent-out-of-range", "/holdouts/h/percent", "50 % is the most"},
    {"unit-mismatch", "/holdouts/listed/experiments/0", "\"unit\": \"account\""},
    {"unknown-experiment", "/holdouts/listed/experiments/1", "there is no experiment 'nobody'"},
    {"empty-list", "/holdouts/nothing/experiments", "\"*\""},
    {"empty-list", "/holdouts/idle/campaigns", "\"*\""},
    {"unknown-campaign", "/holdouts/of-prompts/campaigns/0", "there is no campaign 'nudge'"},
    {"missing-member", "/holdouts/unsized", "\"percent\": 2"},
    {"holdout-of-other-unit", "/holdouts/h", "does not cover it"},
    {"bad-name", "/flags/bad name", "letters a to z"},
    {"missing-default", "/flags/none", "what it is when no rule applies"},
    {"missing-default", "/flags/null/default", "null is no default"},
    {"int-out-of-range", "/flags/big/default", "9223372036854775807"},
    {"unknown-type", "/flags/odd/type", "there is 'bool', 'int'"},
    {"value-of-other-type", "/flags/int/rules/0/serve", "a whole number, without quotes"},
    {"value-of-other-type", "/flags/int/rules/1/serve", "\"type\": \"double\""},
    {"percent-out-of-range", "/flags/int/rules/2/percent", "between 0 and 100"},
    {"wrong-type", "/flags/int/rules/3/percent", "without quotes"},
    {"percent-too-fine", "/flags/int/rules/4/percent", "0.0001 %"},
    {"missing-member", "/flags/int/rules/5", "\"serve\" is missing"},
    {"empty-rule", "/flags/int/rules/6", "says nothing"},
    {"rule-with-two-effects", "/flags/int/rules/7", "two rules"},
    {"unknown-experiment", "/flags/int/rules/8/experiment", "did you mean 'overlap-1'?"},
    {"experiment-without-flag", "/flags/int/rules/9/experiment", "does not set 'int'"},
    {"percent-sum", "/flags/int/rules/10/split", "over 100"},
    {"split-value-twice", "/flags/int/rules/11/split/1/serve", "add the two percentages up"},
    {"unknown-segment", "/flags/int/rules/12/when", "there is"},
    {"duplicate-rule-id", "/flags/int/rules/13/id", "rename one"},
    {"personal-data", "/flags/int/rules/13/when", "every device receives it"},
    {"unit-without-percent", "/flags/int/rules/13/unit", "means nothing"},
    {"unreachable-rule", "/flags/int/rules/15", "/flags/int/rules/14 decides for everybody"},
    {"killed-with-rules", "/flags/killed/kill", "the rules wait"},
    {"killed-but-on", "/flags/killed-on/kill", "let the default be false"},
    {"unknown-member", "/flags/typed/kil", "did you mean 'kill'?"},
    {"wrong-type", "/flags/typed/about", "expected a text"},
    {"duplicate-name", "/flags/good", "a second time"},
    {"one-variant", "/experiments/single/variants", "nothing to compare"},
    {"no-control", "/experiments/uncontrolled/variants", "name the variant that changes nothing 'control'"},
    {"reserved-name", "/experiments/reserved/variants/off", "give the variant another name"},
    {"variants-differ", "/experiments/uneven/variants/b/shared", "every variant sets the same flags"},
    {"no-goal", "/experiments/no-goal", "nothing says who won"},
    {"unknown-flag", "/experiments/no-goal/variants/b/god", "did you mean 'good'?"},
    {"value-of-other-type", "/experiments/values/variants/b/shared", "a text in double quotes"},
    {"bad-goal", "/experiments/values/goals/0", "within 7d"},
    {"bad-goal", "/experiments/values/goals/1", "12h or 7d"},
    {"ends-before-start", "/experiments/dates/ends_at", "swap"},
    {"bad-date", "/experiments/dates/decide_by", "2026-12-01"},
    {"decide-by-has-passed", "/experiments/late/decide_by", "decide"},
    {"end-has-passed", "/experiments/late/ends_at", "ended"},
    {"unknown-status", "/experiments/late/status", "did you mean 'running'?"},
    {"variants-same", "/experiments/late/variants", "all variants do the same"},
    {"unknown-variant", "/experiments/weights/weights/c", "there is no variant 'c'"},
    {"missing-weight", "/experiments/weights/weights", "'e' has no weight"},
    {"weight-sum", "/experiments/sum/weights", "add up to 110"},
    {"zero-weight", "/experiments/zero/weights/b", "nobody gets this variant"},
    {"unknown-layer", "/experiments/lost/layer", "there is"},
    {"layer-over-full", "/experiments/overlap-2/percent", "'over' 60 %, 'over-2' 50 %"},
    {"out-of-range", "/experiments/over-2/iteration", "write 1 to"},
    {"experiments-overlap", "/experiments/overlap-2", "'overlap-1' wins"},
    {"protected-by-half", "/experiments/overlap-1", "\"protected\": true"},
    {"nobody-in-it", "/experiments/overlap-2/percent", "at 0 %"},
    {"unreachable-experiment", "/experiments/behind", "decides for everybody before it"},
    {"unknown-member", "/experiments/behind/unit", "the unit belongs to the layer"},
    {"missing-member", "/experiments/unsized", "\"percent\" is missing"},
    {"variant-without-flags", "/experiments/unsized/variants/b", "sets no flag"},
};

constexpr Planted kMorePlanted[] = {
    {"wrong-type", "/segments/list", "\"unit\": \"account\""},
    {"list-of-nothing", "/segments/of-nothing", "does not say of what"},
    {"list-of-nothing", "/segments/of-both", "of a unit and of an attribute"},
    {"wrong-type", "/segments/odd/values/1", "write \"7\""},
    {"bad-value", "/segments/odd/values/2", "1 to 256 bytes"},
    {"listed-twice", "/segments/odd/values/3", "remove one"},
    {"unknown-member", "/segments/odd/when", "an expression alone"},
    {"wrong-type", "/segments/hashed/hashed", "true or false"},
    {"empty-list", "/segments/none/values", "nobody is in this segment"},
    {"missing-member", "/segments/no-values", "\"values\" is missing"},
    {"personal-data", "/segments/mails/values/0", "write \"hashed\": true"},
    {"segment-cycle", "/segments/c1", "'c1' → 'c2' → 'c3' → 'c1'"},
    {"segment-cycle", "/segments/c3", "'c3' → 'c1' → 'c2' → 'c3'"},
    {"unknown-hold", "/flags/text/hold", "write \"session\""},
    {"unknown-expiry", "/flags/text/when_expired", "write \"default\""},
    {"unknown-hold", "/flags/bool/hold", "write \"session\""},
    {"unknown-member", "/flags/asks/sticky", "experiments have \"sticky\""},
    {"unknown-flag", "/flags/asks/rules/0/when", "did you mean 'text'?"},
    {"value-of-other-type", "/flags/asks/rules/1/when", "compare it with \"icon\""},
    {"value-never-served", "/flags/asks/rules/2/when", "did you mean 'icon'?"},
    {"value-of-other-type", "/flags/asks/rules/3/when", "cannot be compared"},
    {"unknown-experiment", "/flags/asks/rules/4/when", "did you mean 'ship-early'?"},
    {"unknown-variant", "/flags/asks/rules/5/when", "did you mean 'b'?"},
    {"draft-asked", "/flags/asks/rules/6/when", "as \"paused\" until it begins"},
    {"value-of-other-type", "/flags/asks/rules/7/when", "flag('bool') alone"},
    {"prerequisite-cycle", "/flags/round-1/rules/0/when",
     "flag 'round-1' → flag 'round-2' → experiment 'round' → flag 'round-1'"},
    {"prerequisite-cycle", "/experiments/round/when", "experiment 'round' → flag 'round-1'"},
    {"prerequisite-cycle", "/flags/self/rules/0/when", "flag 'self' → flag 'self'"},
    {"unreachable-rule", "/flags/done/rules/1", "make what 'shipped' ships the default"},
    {"ship-before-end", "/experiments/ship-early/ship", "\"status\": \"ended\""},
    {"unknown-variant", "/experiments/ship-early/ship/variant", "there is no variant 'bb'"},
    {"unknown-member", "/experiments/ship-early/ship/percentage", "did you mean 'percent'?"},
    {"missing-member", "/experiments/ship-early/ship", "100 for everybody"},
    {"wrong-type", "/experiments/ship-text/ship", "{ \"variant\": \"b\", \"percent\": 20 }"},
    {"unknown-sticky", "/experiments/parts/sticky", "write \"exposed\""},
    {"unknown-sticky", "/experiments/times/sticky", "write \"exposed\""},
    {"missing-member", "/experiments/parts/audiences/big", "\"when\" is missing"},
    {"weight-sum", "/experiments/parts/audiences/big/weights", "add up to nothing"},
    {"bad-name", "/experiments/parts/audiences/no name", "no name for an audience"},
    {"bad-expression", "/experiments/parts/audiences/no name/when", ""},
    {"unknown-member", "/experiments/parts/audiences/no name/segment", "write \"when\""},
    {"unknown-segment", "/experiments/parts/audiences/half/when", "did you mean 'odd'?"},
    {"percent-out-of-range", "/experiments/parts/audiences/half/percent", "between 0 and 100"},
    {"unknown-variant", "/experiments/parts/audiences/half/weights/c", "there is no variant 'c'"},
    {"bad-date", "/experiments/times/starts_at", "\"2026-12-24T18:00 local\""},
    {"bad-date", "/experiments/times/ends_at", "write \"2026-12-24T18:00 local\""},
    {"bad-date", "/experiments/zones/starts_at", "\"2026-12-24T18:00:00+01:00\""},
    {"bad-date", "/experiments/zones/ends_at", "write \"2026-12-24T18:00:00Z\""},
    {"ends-before-start", "/experiments/half-local/ends_at", "in some zones"},
    {"layer-over-full", "/experiments/over-by-part/percent", "'over-by-part' 95 %"},
};

}  // namespace

TEST_CASE("one run finds every fault that was planted, each with its place and a way out") {
  std::set<std::string> kinds;
  const auto check = [&](const Problems& problems, const Planted& planted) {
    CAPTURE(planted.code);
    CAPTURE(planted.pointer);
    kinds.insert(planted.code);
    bool is_found = false;
    std::string there;
    for (const tools::Problem& problem : problems.all()) {
      if (problem.pointer != planted.pointer) continue;
      there += problem.code + ": " + problem.reason + " / " + problem.advice + "\n";
      is_found = is_found || (problem.code == planted.code &&
                              (problem.reason + problem.advice).find(planted.says) != std::string::npos);
    }
    CAPTURE(there);
    CHECK(is_found);
  };
  const std::unique_ptr<Workbench> bench = Read(kFaults);
  for (const Planted& planted : kPlanted) check(bench->problems, planted);
  const std::unique_ptr<Workbench> more = Read(kMoreFaults);
  for (const Planted& planted : kMorePlanted) check(more->problems, planted);
  CHECK(kinds.size() >= 60);
  CHECK(FindProblem(bench->problems, "name-too-long", "/flags/" + std::string(129, 'n')) != nullptr);
}

TEST_CASE("a chain of questions is as long as devices follow it, and not longer") {
  const auto chain = [](std::size_t count, bool of_flags) {
    std::string members = of_flags ? R"("flags":{"f0":{"default":0})" : R"J("segments":{"s0":"has(a)")J";
    for (std::size_t i = 1; i < count; ++i) {
      const std::string before = std::to_string(i - 1);
      members += of_flags ? ",\"f" + std::to_string(i) + R"(":{"default":0,"rules":[{"when":"flag('f)" + before +
                                R"J(') == 1","serve":1}]})J"
                          : ",\"s" + std::to_string(i) + R"(":"segment('s)" + before + R"J(')")J";
    }
    return SourceWith(members + (of_flags ? "}" : R"(},"flags":{})"));
  };
  for (const bool of_flags : {true, false}) {
    CAPTURE(of_flags);
    CHECK(Errors(Read(chain(16, of_flags))->problems) == "");
    const std::unique_ptr<Workbench> bench = Read(chain(18, of_flags));
    CHECK(FindProblem(bench->problems, "chain-too-long", of_flags ? "/flags/f16" : "/segments/s16") != nullptr);
    CHECK(bench->problems.errors() == 1);
  }
}

TEST_CASE("problems are listed in the order of the file, and places are lines and columns") {
  const std::unique_ptr<Workbench> bench = Read(kFaults);
  std::size_t last = 0;
  for (const tools::Problem& problem : bench->problems.all()) {
    CHECK(problem.offset >= last);
    last = problem.offset;
  }
  const std::string text = bench->problems.ToText("notes.json", bench->text, Style(false));
  CHECK(text.find("notes.json:11:19  error  /segments/typo\n  '=' is not known here\n      plan = 'pro'\n"
                  "           ^\n  → to compare, write ==\n") != std::string::npos);
  const std::optional<json::Document> report =
      json::Document::Parse(bench->problems.ToJson("notes.json", bench->text), nullptr);
  REQUIRE(report);
  CHECK(report->root()["problems"].size() == bench->problems.all().size());
}

TEST_CASE("a source without fault has no problem") {
  const std::unique_ptr<Workbench> bench = Read(
      SourceWith(R"J("flags":{"f":{"default":1,"rules":[{"when":"segment('s')","percent":0.5,"serve":2}]}},)J"
                 R"("segments":{"s":"a == 'ann smith'"},"experiments":{"t":{"percent":100,"decide_by":"2027-01-01",)"
                 R"("variants":{"control":{"f":1},"b":{"f":2}},"goals":["g"]}})"));
  for (const tools::Problem& problem : bench->problems.all()) {
    CAPTURE(problem.reason);
    CHECK(problem.severity == Severity::kNote);
  }
}

TEST_CASE("a source of the wrong shape is an error wherever it is wrong") {
  const char* members[] = {"format",   "project", "environment", "event_attributes", "segments", "layers",
                           "holdouts", "flags",   "experiments", "events",           "kpis",     "campaigns"};
  const char* values[] = {"null",        "true",
                          "7",           "\"x y\"",
                          "[[]]",        "[{}]",
                          "{\"\":null}", "{\"a\":7}",
                          "{\"a\":[]}",  "{\"a\":{\"percent\":{},\"rules\":{},\"variants\":[],\"default\":[]}}"};
  for (const char* member : members) {
    for (const char* value : values) {
      CAPTURE(member);
      CAPTURE(value);
      const std::unique_ptr<Workbench> bench =
          Read(SourceWith("\"flags2\":1,\"" + std::string(member) + "\":" + value));
      CHECK(bench->problems.has_errors());
    }
  }
  for (const char* root : {"[]", "7", "null", "\"x\""}) CHECK(Read(root)->problems.has_errors());
}
