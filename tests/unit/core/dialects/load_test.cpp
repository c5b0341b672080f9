#include "sdk/core/dialects/native/load.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/unit/core/rules.h"

using namespace guidon;
using namespace guidon::testing;

namespace {

// A datafile in which everything is right: a flag of each kind of rule, and one that none of the tables touches.
const std::string kGood =
    R"({"format":"guidon/1","project":"notes","environment":"test","epoch":1,"version":7,)"
    R"("issued_at":"2026-11-18T10:00:00Z","expires_at":"2027-02-18T10:00:00Z","event_attributes":["plan"],)"
    R"("layers":{"l":{"unit":"device","salt":"l.1"},"by-account":{"unit":"account","salt":"acc.1"}},)"
    R"("holdouts":{"h":{"unit":"device","salt":"h.1","size":20000,"experiments":["e"]}},)"
    R"("segments":{"beta":{"op":"==","attribute":"channel","value":"beta"}},)"
    R"("experiments":{"e":{"iteration":1,"status":"running","layer":"l","slots":[[0,400000]],"salt":"e.1",)"
    R"("when":{"op":">=","attribute":"app.version","version":"4.2.0"},)"
    R"("variants":{"a":{"slots":[[0,500000]],"flags":{"tested":1}},)"
    R"("b":{"slots":[[500000,1000000]],"flags":{"tested":2}}}}},)"
    R"("flags":{"served":{"type":"string","default":"x","rules":[{"id":"r1","when":)"
    R"({"op":"in","attribute":"plan","values":["pro","team"]},"serve":"y"}]},)"
    R"("tested":{"type":"int","default":0,"rules":[{"id":"r1","experiment":"e"}]},)"
    R"("rolled":{"type":"bool","default":false,"rules":[{"id":"r1","rollout":{"unit":"device","salt":"rolled.1",)"
    R"("split":[{"slots":[[0,100000]],"serve":true}]}}]},)"
    R"("untouched":{"type":"bool","default":false,"rules":[{"id":"r1","serve":true}]}}})";

std::string Replace(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE_MESSAGE(at != std::string::npos, from);
  return text.replace(at, from.size(), to);
}

std::string InvalidFlags(const ruleset::Ruleset& rules) {
  std::string keys;
  for (const ruleset::Flag& flag : rules.flags) {
    if (!flag.is_valid) keys += flag.key + " ";
  }
  return keys;
}

}  // namespace

TEST_CASE("a datafile in which everything is right loads without a problem") {
  const auto loaded = dialects::LoadNative(kGood);
  REQUIRE(loaded.rules.get() != nullptr);
  CHECK(ToText(loaded.problems) == "");
  CHECK(InvalidFlags(*loaded.rules) == "");
  const ruleset::Header& header = loaded.rules->header;
  CHECK(header.project == "notes");
  CHECK(header.environment == "test");
  CHECK(header.epoch == 1);
  CHECK(header.version == 7);
  CHECK(ToMs(header.issued_at) == 1'794'996'000'000);
  CHECK(ToMs(header.expires_at) == 1'802'944'800'000);
  CHECK(loaded.rules->event_attributes == std::vector<std::string>{"plan"});
  CHECK(loaded.rules->FindExperiment("e")->holdouts.size() == 1);
  CHECK(loaded.rules->FindExperiment("nothing") == nullptr);
  CHECK(loaded.rules->FindFlag("nothing") == nullptr);
  for (const char* key : {"served", "tested", "rolled", "untouched"}) {
    CAPTURE(key);
    REQUIRE(loaded.rules->FindFlag(key) != nullptr);
    CHECK(loaded.rules->FindFlag(key)->key == key);
  }
}

TEST_CASE("a datafile that cannot be used as a whole is refused with the place and the reason") {
  const struct {
    std::string name;
    std::string text;
    const char* problem;
  } rows[] = {
      {"empty", "", ": line 1, column 1: it is empty"},
      {"not JSON", "<html>", ": line 1, column 1: invalid literal"},
      {"JSON with a fault deep inside", Replace(kGood, "\"size\":20000", "\"size\":2e999"),
       "/holdouts/h/size: line 1, column 332 (/holdouts/h/size): a number out of range"},
      {"not an object", "[]", ": must be an object, not an array"},
      {"no format", "{}", "/format: is missing"},
      {"another format", Replace(kGood, "guidon/1", "guidon/2"), "/format: must be \"guidon/1\", not \"guidon/2\""},
      {"a source", Replace(kGood, "guidon/1", "guidon-source/1"),
       "/format: is a source; devices read what `guidon build` makes of it"},
      {"no project", Replace(kGood, "\"project\":\"notes\",", ""), "/project: is missing"},
      {"a project that is no name", Replace(kGood, "notes", "no tes"), "/project: must be 1 to 128 letters"},
      {"an environment that is a number", Replace(kGood, "\"environment\":\"test\"", "\"environment\":1"),
       "/environment: must be a text, not an integer"},
      {"epoch 0", Replace(kGood, "\"epoch\":1", "\"epoch\":0"), "/epoch: must be from 1 to 9007199254740991, not 0"},
      {"version 2^53", Replace(kGood, "\"version\":7", "\"version\":9007199254740992"),
       "/version: must be from 1 to 9007199254740991, not 9007199254740992"},
      {"a version with a fraction", Replace(kGood, "\"version\":7", "\"version\":7.0"),
       "/version: must be an integer, not a number with a fraction"},
      {"no time of issue", Replace(kGood, "\"issued_at\":\"2026-11-18T10:00:00Z\",", ""), "/issued_at: is missing"},
      {"a day that is none", Replace(kGood, "2026-11-18T", "2026-11-31T"), "/issued_at: must be a time such as"},
      {"an expiry that is no time", Replace(kGood, "\"2027-02-18T10:00:00Z\"", "5"),
       "/expires_at: must be a text, not an integer"},
      {"flags in a list", Replace(kGood, "\"flags\":{\"served\"", "\"flags\":[],\"more\":{\"served\""),
       "/flags: must be an object, not an array"},
      {"layers in a text", Replace(kGood, "\"layers\":{", "\"layers\":\"\",\"more\":{"),
       "/layers: must be an object, not a text"},
      {"event attributes in an object", Replace(kGood, "[\"plan\"]", "{}"),
       "/event_attributes: must be an array, not an object"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto loaded = dialects::LoadNative(row.text);
    CHECK(loaded.rules.get() == nullptr);
    const std::string problems = ToText(loaded.problems);
    CHECK_MESSAGE(problems.find(row.problem) == 0, problems);
  }
}

TEST_CASE("the greatest version loads") {
  CHECK(dialects::LoadNative(Replace(kGood, "\"version\":7", "\"version\":9007199254740991")).rules.get() != nullptr);
}

TEST_CASE("a fault costs the flag or experiment it stands under and no other, and is named") {
  const std::string kSplit = R"("a":{"slots":[[0,500000]])";
  const struct {
    std::string name;
    const char* from;
    const char* to;
    const char* invalid;  // flags, each with a space behind it
    const char* problem;  // what the problems begin with
  } rows[] = {
      // Flags.
      {"no type", R"("type":"string",)", "", "served ", "/flags/served/type: is missing"},
      {"unknown type", R"("type":"string")", R"("type":"text")", "served ",
       "/flags/served/type: must be bool, int, double, string or json, not \"text\""},
      {"no default", R"("default":"x",)", "", "served ", "/flags/served/default: is missing"},
      {"default of another type", R"("default":"x")", R"("default":1)", "served ",
       "/flags/served/default: must be of the flag's type, string, not an integer"},
      {"int default with a fraction", R"("default":0,)", R"("default":0.0,)", "tested ",
       "/flags/tested/default: must be of the flag's type, int, not a number with a fraction"},
      {"flag that is no object",
       R"({"type":"bool","default":false,"rules":[{"id":"r1","rollout":{"unit":"device",)"
       R"("salt":"rolled.1","split":[{"slots":[[0,100000]],"serve":true}]}}]})",
       "null", "rolled ", "/flags/rolled: must be an object, not null"},
      {"flag whose name is none", R"("served":)", R"("ser ved":)", "ser ved ", "/flags/ser ved: has a name"},
      {"rules that are no list",
       R"("rules":[{"id":"r1","when":{"op":"in","attribute":"plan","values":["pro","team"]},)"
       R"("serve":"y"}])",
       R"("rules":{})", "served ", "/flags/served/rules: must be an array, not an object"},
      {"kill that is no bool", R"("default":"x",)", R"("default":"x","kill":"yes",)", "",
       "/flags/served/kill: must be true or false, not a text"},
      // Rules.
      {"no id", R"({"id":"r1","when")", R"({"when")", "served ", "/flags/served/rules/0/id: is missing"},
      {"an id twice", R"([{"id":"r1","when":{)", R"([{"id":"r1","serve":"z"},{"id":"r1","when":{)", "served ",
       "/flags/served/rules/1/id: is the id of two rules of this flag"},
      {"nothing to serve", R"(,"serve":"y")", "", "served ",
       "/flags/served/rules/0: must have exactly one of serve, rollout and experiment"},
      {"two ways to serve", R"("serve":"y")", R"("serve":"y","experiment":"e")", "served ",
       "/flags/served/rules/0: must have exactly one of serve, rollout and experiment"},
      {"serves another type", R"("serve":"y")", R"("serve":null)", "served ",
       "/flags/served/rules/0/serve: must be of the flag's type, string, not null"},
      {"rule that is no object", R"([{"id":"r1","experiment":"e"}])", "[1]", "tested ",
       "/flags/tested/rules/0: must be an object, not an integer"},
      {"unknown experiment", R"("experiment":"e"}])", R"("experiment":"ghost"}])", "tested ",
       "/flags/tested/rules/0/experiment: there is no experiment \"ghost\""},
      {"experiment that does not set the flag", R"("serve":"y")", R"("experiment":"e")", "served ",
       "/flags/served/rules/0/experiment: the experiment \"e\" does not set this flag"},
      // Rollouts.
      {"rollout without unit", R"("rollout":{"unit":"device",)", R"("rollout":{)", "rolled ",
       "/flags/rolled/rules/0/rollout/unit: is missing"},
      {"rollout without salt", R"("salt":"rolled.1",)", "", "rolled ",
       "/flags/rolled/rules/0/rollout/salt: is missing"},
      {"salt with a separator", R"("rolled.1")", "\"rolled\\u001f1\"", "rolled ",
       "/flags/rolled/rules/0/rollout/salt: must be 1 to 64 letters"},
      {"slot −1", R"([[0,100000]])", R"([[-1,100000]])", "rolled ",
       "/flags/rolled/rules/0/rollout/split/0/slots/0: must be [first, behind the last]"},
      {"slot 1,000,001", R"([[0,100000]])", R"([[0,1000001]])", "rolled ",
       "/flags/rolled/rules/0/rollout/split/0/slots/0: must be [first, behind the last]"},
      {"minus zero with a fraction", R"([[0,100000]])", R"([[-0.0,100000]])", "rolled ",
       "/flags/rolled/rules/0/rollout/split/0/slots/0: must be [first, behind the last]"},
      {"an empty range", R"([[0,100000]])", R"([[5,5]])", "rolled ",
       "/flags/rolled/rules/0/rollout/split/0/slots/0: must be [first, behind the last]"},
      {"a range of one number", R"([[0,100000]])", R"([[5]])", "rolled ",
       "/flags/rolled/rules/0/rollout/split/0/slots/0: must be [first, behind the last]"},
      {"a range of three", R"([[0,100000]])", R"([[5,6,7]])", "rolled ",
       "/flags/rolled/rules/0/rollout/split/0/slots/0: must be [first, behind the last]"},
      {"ranges that overlap", R"([[0,100000]])", R"([[0,100000],[99999,200000]])", "rolled ",
       "/flags/rolled/rules/0/rollout/split/0/slots/1: begins before the range ahead of it ends"},
      {"ranges that are not sorted", R"([[0,100000]])", R"([[100000,200000],[0,100000]])", "rolled ",
       "/flags/rolled/rules/0/rollout/split/0/slots/1: begins before the range ahead of it ends"},
      {"parts that overlap", R"({"slots":[[0,100000]],"serve":true})",
       R"({"slots":[[0,100000]],"serve":true},{"slots":[[99999,100001]],"serve":false})", "rolled ",
       "/flags/rolled/rules/0/rollout/split: has two parts that share the slot 99999"},
      {"a part of another type", R"([[0,100000]],"serve":true)", R"([[0,100000]],"serve":1)", "rolled ",
       "/flags/rolled/rules/0/rollout/split/0/serve: must be of the flag's type, bool, not an integer"},
      // Conditions.
      {"condition that is no object", R"("when":{"op":"in","attribute":"plan","values":["pro","team"]})",
       R"("when":"plan == 'pro'")", "served ", "/flags/served/rules/0/when: must be an object, not a text"},
      {"no operator", R"({"op":"in","attribute")", R"({"attribute")", "served ",
       "/flags/served/rules/0/when/op: is missing"},
      {"no attribute", R"("op":"in","attribute":"plan",)", R"("op":"in",)", "served ",
       "/flags/served/rules/0/when/attribute: is missing"},
      {"empty attribute", R"("op":"in","attribute":"plan")", R"("op":"in","attribute":"")", "served ",
       "/flags/served/rules/0/when/attribute: must be 1 to 256 bytes long"},
      {"a kind that is no name", R"("op":"in",)", R"("op":"in","kind":"",)", "served ",
       "/flags/served/rules/0/when/kind: must be 1 to 128 letters"},
      {"empty list", R"(["pro","team"])", "[]", "served ", "/flags/served/rules/0/when/values: is empty"},
      {"a list in a list", R"(["pro","team"])", R"(["pro",[]])", "served ",
       "/flags/served/rules/0/when/values/1: must be a text, a number, true or false"},
      {"a great integer in a list", R"(["pro","team"])", "[9007199254740993]", "served ",
       "/flags/served/rules/0/when/values/0: whole numbers in a list go from -2^53 to 2^53"},
      {"a version that is none", R"({"op":"in","attribute":"plan","values":["pro","team"]})",
       R"({"op":">=","attribute":"v","version":"01.2.3"})", "served ",
       "/flags/served/rules/0/when/version: \"01.2.3\" is not a version such as 4.2.0"},
      {"a date that is none", R"({"op":"in","attribute":"plan","values":["pro","team"]})",
       R"({"op":"since","date":"2026-02-30"})", "served ", "/flags/served/rules/0/when/date: must be a time such as"},
      {"equal moments", R"({"op":"in","attribute":"plan","values":["pro","team"]})",
       R"({"op":"==","attribute":"t","date":"2026-02-20"})", "served ",
       "/flags/served/rules/0/when/op: two moments are compared with"},
      {"order of texts", R"({"op":"in","attribute":"plan","values":["pro","team"]})",
       R"({"op":"<","attribute":"plan","value":"pro"})", "served ",
       "/flags/served/rules/0/when/value: a text, true and false have no order"},
      {"compared with null", R"({"op":"in","attribute":"plan","values":["pro","team"]})",
       R"({"op":"==","attribute":"plan","value":null})", "served ",
       "/flags/served/rules/0/when/value: must be a text, a number, true or false"},
      {"contains nothing", R"({"op":"in","attribute":"plan","values":["pro","team"]})",
       R"({"op":"contains","attribute":"plan","value":""})", "served ",
       "/flags/served/rules/0/when/value: is empty, so every text would match"},
      {"and of nothing", R"({"op":"in","attribute":"plan","values":["pro","team"]})", R"({"op":"and","of":[]})",
       "served ", "/flags/served/rules/0/when/of: must hold at least one condition"},
      {"not of two", R"({"op":"in","attribute":"plan","values":["pro","team"]})",
       R"({"op":"not","of":[{"op":"exists","attribute":"a"},{"op":"exists","attribute":"b"}]})", "served ",
       "/flags/served/rules/0/when/of: must hold one condition"},
      {"a fault inside and", R"({"op":"in","attribute":"plan","values":["pro","team"]})",
       R"({"op":"and","of":[{"op":"exists","attribute":"a"},{"op":"exists"}]})", "served ",
       "/flags/served/rules/0/when/of/1/attribute: is missing"},
      {"an unknown segment", R"({"op":"in","attribute":"plan","values":["pro","team"]})",
       R"({"op":"segment","segment":"alpha"})", "served ",
       "/flags/served/rules/0/when/segment: there is no segment \"alpha\""},
      // Experiments, layers and holdouts cost the flags that take part.
      {"no iteration", R"("iteration":1,)", "", "tested ", "/experiments/e/iteration: is missing"},
      {"an unknown status", R"("status":"running")", R"("status":"on")", "tested ",
       "/experiments/e/status: must be running, paused or ended, not \"on\""},
      {"a start that is no time", R"("status":"running",)", R"("status":"running","starts_at":"now",)", "tested ",
       "/experiments/e/starts_at: must be a time such as"},
      {"an unknown layer", R"("layer":"l")", R"("layer":"m")", "tested ",
       "/experiments/e/layer: there is no layer \"m\""},
      {"a layer without salt", R"({"unit":"device","salt":"l.1"})", R"({"unit":"device"})", "tested ",
       "/layers/l/salt: is missing"},
      {"layer slots beyond the end", R"([[0,400000]])", R"([[0,400000],[999999,1000001]])", "tested ",
       "/experiments/e/slots/1: must be [first, behind the last]"},
      {"no variants",
       R"("variants":{"a":{"slots":[[0,500000]],"flags":{"tested":1}},)"
       R"("b":{"slots":[[500000,1000000]],"flags":{"tested":2}}})",
       R"("variants":{})", "tested ", "/experiments/e/variants: is empty"},
      {"a variant named off", R"("variants":{"a":)", R"("variants":{"off":)", "tested ",
       "/experiments/e/variants/off: has a name that is not"},
      {"a variant named unassigned", R"("variants":{"a":)", R"("variants":{"unassigned":)", "tested ",
       "/experiments/e/variants/unassigned: has a name that is not"},
      {"a split that sums to 999,999", R"([[500000,1000000]])", R"([[500000,999999]])", "tested ",
       "/experiments/e/variants: do not share out the slots 0 to 1000000 exactly: slot 999999"},
      {"a split with a hole", R"([[500000,1000000]])", R"([[500001,1000000]])", "tested ",
       "/experiments/e/variants: do not share out the slots 0 to 1000000 exactly: slot 500000"},
      {"a split that shares a slot", R"([[500000,1000000]])", R"([[499999,1000000]])", "tested ",
       "/experiments/e/variants: do not share out the slots 0 to 1000000 exactly: slot 500000"},
      {"a variant with another flag", R"("flags":{"tested":2})", R"("flags":{"served":"z"})", "tested ",
       "/experiments/e/variants/b/flags: must set the same flags as the other variants"},
      {"a variant with fewer flags", R"("flags":{"tested":2})", R"("flags":{})", "tested ",
       "/experiments/e/variants/b/flags: sets no flag"},
      {"a variant with an unknown flag", R"("flags":{"tested":2})", R"("flags":{"tested":2,"ghost":1})", "tested ",
       "/experiments/e/variants/b/flags/ghost: there is no flag \"ghost\""},
      {"a variant of another type", R"("flags":{"tested":2})", R"("flags":{"tested":true})", "tested ",
       "/experiments/e/variants/b/flags/tested: must be of the flag's type, int, not true or false"},
      {"a holdout on another unit", R"("h":{"unit":"device")", R"("h":{"unit":"account")", "tested ",
       "/holdouts/h/experiments/0: is an experiment on another kind of unit than the holdout's"},
      {"a holdout with an error", R"("salt":"h.1","size":20000)", R"("size":20000)", "tested ",
       "/holdouts/h/salt: is missing"},
      {"a holdout over everything with an error", R"("size":20000,"experiments":["e"])",
       R"("size":0,"experiments":"*")", "tested ", "/holdouts/h/size: must be from 1 to 500000, not 0"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto loaded = dialects::LoadNative(Replace(kGood, row.from, row.to));
    REQUIRE_MESSAGE(loaded.rules.get() != nullptr, ToText(loaded.problems));
    CHECK(InvalidFlags(*loaded.rules) == row.invalid);
    const std::string problems = ToText(loaded.problems);
    CHECK_MESSAGE(problems.find(row.problem) == 0, problems);
    for (const Problem& problem : loaded.problems) CHECK(problem.is_error);
    CHECK(Decide(loaded.rules, "untouched", Context()).reason == Reason::kRule);
    for (const ruleset::Flag& flag : loaded.rules->flags) {
      if (!flag.is_valid) CHECK(Decide(loaded.rules, flag.key, Context()).reason == Reason::kInvalidFlag);
    }
  }
}

TEST_CASE("of two experiments that share slots of a layer the later one is refused, unless one has ended") {
  const std::string second = R"("experiments":{"e2":{"iteration":1,"status":"STATUS","layer":"LAYER","slots":SLOTS,)"
                             R"("salt":"e2.1","variants":{"a":{"slots":[[0,1000000]],"flags":{"served":"z"}}}},)";
  const struct {
    std::string name;
    const char* status;
    const char* layer;
    const char* slots;
    bool clashes;
  } rows[] = {
      {"one slot in common", "running", "l", "[[399999,400001]]", true},
      {"side by side", "running", "l", "[[400000,500000]]", false},
      {"within", "paused", "l", "[[10,20]]", true},
      {"around", "running", "l", "[[0,1000000]]", true},
      {"the second of two ranges", "running", "l", "[[500000,600000],[700000,800000]]", false},
      {"ended", "ended", "l", "[[0,1000000]]", false},
      {"in another layer", "running", "by-account", "[[0,1000000]]", false},
      {"no slots", "running", "l", "[]", false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    std::string members =
        Replace(Replace(Replace(second, "STATUS", row.status), "LAYER", row.layer), "SLOTS", row.slots);
    const auto loaded = dialects::LoadNative(Replace(kGood, "\"experiments\":{\"e\"", members + "\"e\""));
    REQUIRE(loaded.rules.get() != nullptr);
    CHECK(loaded.rules->FindExperiment("e2")->is_valid);
    CHECK(loaded.rules->FindExperiment("e")->is_valid != row.clashes);
    CHECK(InvalidFlags(*loaded.rules) == (row.clashes ? "tested " : ""));
    if (row.clashes) {
      CHECK(ToText(loaded.problems)
                .find("/experiments/e/slots: shares slots of the layer with the experiment \"e2\"\n") == 0);
    }
  }
}

TEST_CASE("what is listed nowhere in the format is passed over in silence") {
  std::string text = Replace(kGood, "\"format\"", "\"surveys\":{\"x\":[1,2]},\"format\"");
  text = Replace(text, R"("type":"string")", R"("type":"string","about":{"team":"growth"})");
  const auto loaded = dialects::LoadNative(text);
  REQUIRE(loaded.rules.get() != nullptr);
  CHECK(ToText(loaded.problems) == "");
}

TEST_CASE("a datafile cut short anywhere is refused") {
  for (std::size_t size = 0; size < kGood.size(); ++size) {
    CAPTURE(size);
    CHECK(dialects::LoadNative(kGood.substr(0, size)).rules.get() == nullptr);
  }
}

TEST_CASE("whatever byte is damaged, loading and deciding come to an end") {
  const Context context = Context().Unit("device", "u-1").Set("plan", "pro").Set("app.version", "5.0.0");
  for (std::size_t at = 0; at < kGood.size(); ++at) {
    for (const char byte : {'\0', '"', '9', '{', '\xFF'}) {
      CAPTURE(at);
      std::string text = kGood;
      text[at] = byte;
      const auto loaded = dialects::LoadNative(text);
      if (loaded.rules.get() == nullptr) continue;
      for (const ruleset::Flag& flag : loaded.rules->flags) {
        const auto outcome = Decide(loaded.rules, flag.key, context);
        CHECK((outcome.reason == Reason::kInvalidFlag) == !flag.is_valid);
      }
    }
  }
}
