#include "sdk/client/overrides_text.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "guidon/limits.h"
#include "sdk/core/base/json.h"

namespace guidon::client {
namespace {

std::string JsonText(const Value& value) {
  if (const std::string* text = value.AsString()) return "\"" + *text + "\"";
  if (const bool* boolean = value.AsBool()) return *boolean ? "true" : "false";
  if (const std::int64_t* integer = value.AsInt()) return std::to_string(*integer);
  if (const List* list = value.AsList()) return "list of " + std::to_string(list->size());
  if (const Object* object = value.AsObject()) return "object of " + std::to_string(object->size());
  return value.AsDouble() != nullptr ? "a double" : "null";
}

// "flag a=1; prompt b=show(1)", in order.
std::string Described(const std::vector<HeldOverride>& list) {
  std::string text;
  for (const HeldOverride& each : list) {
    if (!text.empty()) text += "; ";
    switch (each.what.kind) {
      case Override::Kind::kFlag: text += "flag " + each.what.key + "=" + JsonText(each.what.value); break;
      case Override::Kind::kExperiment: text += "experiment " + each.what.key + "=" + each.what.variant; break;
      case Override::Kind::kPrompt: text += "prompt " + each.what.key + "=" + each.what.variant; break;
      case Override::Kind::kHoldout: text += "holdout " + each.what.key + "=" + each.what.variant; break;
      case Override::Kind::kAttribute: text += "attribute " + each.what.key + "=" + JsonText(each.what.value); break;
      case Override::Kind::kClock: text += "clock=" + each.what.variant; break;
    }
    if (each.serial > 0) text += "(" + std::to_string(each.serial) + ")";
  }
  return text;
}

TEST_CASE("the environment's text forces what it says, entry by entry") {
  struct Row {
    std::string name, text, read, problem;
  };
  const Row rows[] = {
      {"nothing", "", "", ""},
      {"white space and empty entries", " ;; \n;", "", ""},
      {"one of each", "flag:file-sharing=true; experiment:attach-button=labelled; prompt:try-file-share",
       "flag file-sharing=true; experiment attach-button=labelled; prompt try-file-share=show(1)", ""},
      {"a prompt that keeps its caps", "prompt:a=within_caps", "prompt a=within_caps(1)", ""},
      {"the clock", "clock=+3d; flag:a=1", "clock=+3d; flag a=1", ""},
      {"the clock at a time", " clock = 2026-01-01T00:00:00Z ", "clock=2026-01-01T00:00:00Z", ""},
      {"the clock twice", "clock=+3d;clock=-3d", "clock=+3d", "character 11: the clock is forced a second time"},
      {"a holdout and attributes", "holdout:h=in; attribute:plan=pro; attribute:seats=5; attribute:team=null",
       "holdout h=in; attribute plan=\"pro\"; attribute seats=5; attribute team=null", ""},
      {"a holdout to something else", "holdout:h=yes", "",
       "character 1: a holdout is forced to in or out, not to \"yes\""},
      {"spaces anywhere", "  flag : a =  5 ;experiment: e = off", "flag a=5; experiment e=off", ""},
      {"a prompt both ways", "prompt:a=show;prompt:b=off", "prompt a=show(1); prompt b=off", ""},
      {"bare text", "flag:a=icon and text;flag:b=x=y:z", "flag a=\"icon and text\"; flag b=\"x=y:z\"", ""},
      {"JSON with what separates entries", R"(flag:a="x;y=\"z\"" ; flag:b={"c":[1,";"]};flag:d=[]; flag:e=1.5)",
       "flag a=\"x;y=\"z\"\"; flag b=object of 1; flag d=list of 0; flag e=a double", ""},
      {"a quote within bare text separates nothing", "flag:a=5\";flag:b=1", "flag a=\"5\"\"; flag b=1", ""},
      {"an unknown kind", "flag:a=1; flags:b=2; flag:c=3", "flag a=1; flag c=3",
       "character 11: an entry begins with flag:, experiment:, prompt:, holdout:, attribute: or clock=, not with "
       "\"flags\""},
      {"no kind", "a=1", "",
       "character 1: an entry begins with flag:, experiment:, prompt:, holdout:, attribute: or clock=, not with "
       "\"a=1\""},
      {"characters are not bytes", "flag:ä=1;x", "flag ä=1",
       "character 10: an entry begins with flag:, experiment:, prompt:, holdout:, attribute: or clock=, not with "
       "\"x\""},
      {"no value", "flag:a; flag:b= ", "", "character 1: flag \"a\" lacks what it is forced to, after ="},
      {"no variant", "experiment:e", "", "character 1: experiment \"e\" lacks what it is forced to, after ="},
      {"no key", "flag:=1", "", "character 1: a key has 1 to 128 bytes"},
      {"a long key", "flag:" + std::string(129, 'k') + "=1", "", "character 1: a key has 1 to 128 bytes"},
      {"broken JSON", "flag:a={\"b\":};flag:c=1", "flag c=1", "character 1: the value is not JSON: "},
      {"JSON that never ends", "flag:a=\"x; flag:b=1", "", "character 1: the value is not JSON: "},
      {"a prompt to something else", "prompt:a=now", "",
       "character 1: a prompt is forced to show, within_caps or off, not to \"now\""},
      {"twice", "flag:a=1; flag:a=2; experiment:a=x", "flag a=1; experiment a=x",
       "character 11: \"a\" is forced a second time"},
      {"not UTF-8", "flag:a=\xFF", "", "it is not UTF-8"},
      {"less than the longest", "flag:a=1;" + std::string(limits::kOverridesTextBytes - 10, ' '), "flag a=1", ""},
      {"the longest", "flag:a=1;" + std::string(limits::kOverridesTextBytes - 9, ' '), "flag a=1", ""},
      {"too long", "flag:a=1;" + std::string(limits::kOverridesTextBytes - 8, ' '), "", "it has more than 64 KiB"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    std::vector<Status> problems;
    const auto read = ReadEnvironment(row.text, &problems);
    CHECK(Described(read) == row.read);
    for (const HeldOverride& each : read) CHECK(each.what.source == Override::Source::kEnvironment);
    REQUIRE(problems.empty() == row.problem.empty());
    if (!problems.empty()) CHECK(problems[0].message().substr(0, row.problem.size()) == row.problem);
  }
}

TEST_CASE("a value that is written bare is kept as it is written, for flags that hold texts") {
  std::vector<Status> problems;
  const auto read = ReadEnvironment(R"(flag:a= 5.0 ;flag:b="5")", &problems);
  REQUIRE(read.size() == 2);
  CHECK(read[0].bare == "5.0");
  CHECK(read[1].bare.empty());
}

TEST_CASE("the file forces what it says, or nothing, with the place of its first fault") {
  struct Row {
    std::string name, text, read, problem;
  };
  const Row rows[] = {
      {"nothing", "{}", "", ""},
      {"one of each",
       R"({"$schema": "x", "flags": {"a": {"b": 1}, "c": "d"}, "experiments": {"e": "unassigned"},
          "prompts": {"f": "show", "g": "off"}})",
       "flag a=object of 1; flag c=\"d\"; experiment e=unassigned; prompt f=show(1); prompt g=off", ""},
      {"the clock", R"({"clock": "-36h", "flags": {"a": 1}})", "clock=-36h; flag a=1", ""},
      {"the clock by a number", R"({"clock": 3})", "", "/clock: expected a string, not an integer"},
      {"the clock too far", R"({"clock": "+2000d"})", "",
       "/clock: a clock is moved by up to 366 days, such as +3d or -36h, or to a time, not to \"+2000d\""},
      {"a holdout and attributes", R"({"holdouts": {"h": "out"}, "attributes": {"plan": "pro", "team": null}})",
       "holdout h=out; attribute plan=\"pro\"; attribute team=null", ""},
      {"a holdout to something else", R"({"holdouts": {"h": "maybe"}})", "",
       "/holdouts/h: a holdout is forced to in or out, not to \"maybe\""},
      {"empty", "", "", "line 1, column 1"},
      {"a comma too many", "{\n  \"flags\": {\"a\": 1,}\n}", "", "line 2, column 20"},
      {"a name twice", R"({"flags": {"a": 1, "a": 2}})", "", "line 1"},
      {"no object", "[]", "", "expected an object, not an array"},
      {"an unknown member", R"({"flag": {"a": 1}})", "",
       "/flag: is none of flags, experiments, prompts, holdouts, attributes and clock"},
      {"a member that is no object", R"({"prompts": ["a"]})", "", "/prompts: expected an object, not an array"},
      {"null", R"({"flags": {"a/b": null}})", "", "/flags/a~1b: a flag is forced to a value, not to null"},
      {"no variant", R"({"experiments": {"e": 1}})", "", "/experiments/e: expected a string, not an integer"},
      {"an empty variant", R"({"experiments": {"e": ""}})", "",
       "/experiments/e: an experiment is forced to a variant, off or unassigned"},
      {"a prompt to something else", R"({"prompts": {"f": "now"}})", "",
       "/prompts/f: a prompt is forced to show, within_caps or off, not to \"now\""},
      {"an empty key", R"({"flags": {"": 1}})", "", "/flags/: a key has 1 to 128 bytes"},
      {"one fault after others that are well", R"({"flags": {"a": 1}, "experiments": {"e": true}})", "",
       "/experiments/e: expected a string"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto read = ReadOverridesFile(row.text);
    REQUIRE(read.ok() == row.problem.empty());
    if (read.ok()) {
      CHECK(Described(*read) == row.read);
      for (const HeldOverride& each : *read) CHECK(each.what.source == Override::Source::kFile);
    } else {
      CHECK(read.status().message().substr(0, row.problem.size()) == row.problem);
    }
  }
}

TEST_CASE("neither text forces more than fits, and neither falters when cut short") {
  std::string environment, members;
  std::vector<Status> problems;
  for (std::size_t i = 0; i <= limits::kOverrides; ++i) {
    environment += "flag:f" + std::to_string(i) + "=1;";
    members += (i == 0 ? "\"f" : ",\"f") + std::to_string(i) + "\":1";
    if (i + 2 < limits::kOverrides) continue;
    const bool is_over = i == limits::kOverrides;
    CHECK(ReadEnvironment(environment, &problems).size() == (is_over ? i : i + 1));
    CHECK(problems.size() == (is_over ? 1 : 0));
    const auto read = ReadOverridesFile("{\"flags\":{" + members + "}}");
    CHECK(read.status().code() == (is_over ? StatusCode::kTooLarge : StatusCode::kOk));
  }

  const std::string text = R"(flag:a={"b":[1,"\"x"]}; experiment:e=off; prompt:p=show)";
  for (std::size_t size = 0; size < text.size(); ++size) {
    problems.clear();
    CHECK(ReadEnvironment(text.substr(0, size), &problems).size() + problems.size() <= 3);
  }
  const std::string file = R"({"flags":{"a":{"b":[1,"\"x"]}},"experiments":{"e":"off"}})";
  for (std::size_t size = 0; size < file.size(); ++size) CHECK_FALSE(ReadOverridesFile(file.substr(0, size)).ok());
}

}  // namespace
}  // namespace guidon::client
