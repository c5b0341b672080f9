// Flags and experiments that conditions ask for: what the loader lets in, and what leads back to itself.
#include <doctest/doctest.h>

#include <string>

#include "sdk/core/dialects/native/load.h"
#include "tests/unit/core/rules.h"

using namespace guidon;
using namespace guidon::testing;

namespace {

std::string IsOn(const std::string& flag) { return R"({"op":"==","flag":")" + flag + R"(","value":true})"; }

std::string IsIn(const std::string& experiment) {
  return R"({"op":"==","variant":")" + experiment + R"(","value":"a"})";
}

std::string IsSegment(const std::string& segment) { return R"({"op":"segment","segment":")" + segment + "\"}"; }

// A bool flag that is on where the condition is true.
std::string Flag(const std::string& name, const std::string& when) {
  return "\"" + name + R"(":{"type":"bool","default":false,"rules":[{"id":"r","when":)" + when + R"(,"serve":true}]})";
}

std::string Chain(std::size_t count) {
  std::string text = Flag("f1", R"({"op":"exists","attribute":"here"})");
  for (std::size_t i = 2; i <= count; ++i)
    text += "," + Flag("f" + std::to_string(i), IsOn("f" + std::to_string(i - 1)));
  return R"("flags":{)" + text + "}";
}

// Everybody is in one of its two variants, where the condition is true.
std::string Experiment(const std::string& name, const std::string& when, const std::string& slots,
                       const std::string& flag) {
  return "\"" + name + R"(":{"iteration":1,"status":"running","layer":"l","slots":[)" + slots + R"(],"salt":")" + name +
         R"(","when":)" + when + R"(,"variants":{"a":{"slots":[[0,500000]],"flags":{")" + flag +
         R"(":true}},"b":{"slots":[[500000,1000000]],"flags":{")" + flag + R"(":false}}}})";
}

constexpr const char* kLayer = R"("layers":{"l":{"unit":"device","salt":"l"}},)";

// A flag's condition as the only one of a datafile that has a flag of each type and one experiment.
std::string Problems(const std::string& condition) {
  const std::string members =
      std::string(kLayer) + R"("experiments":{)" +
      Experiment("e", R"({"op":"exists","attribute":"x"})", "[0,1000000]", "yes") +
      R"(},"flags":{"yes":{"type":"bool","default":false},"text":{"type":"string","default":""},)" +
      R"("whole":{"type":"int","default":0},"real":{"type":"double","default":0.5},)" +
      R"("json":{"type":"json","default":[]},"bad":{"type":"int","default":"x"},)" + Flag("f", condition) + "}";
  std::string text;
  for (const Problem& problem : dialects::LoadNative(Datafile(members)).problems) {
    if (problem.pointer.rfind("/flags/f/", 0) == 0) text += problem.pointer.substr(21) + ": " + problem.reason + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("conditions on flags and variants are checked against what there is") {
  const struct {
    std::string condition;
    std::string problem;
  } rows[] = {
      {R"({"op":"==","flag":"yes","value":true})", ""},
      {R"({"op":"!=","flag":"text","value":"a"})", ""},
      {R"({"op":"<=","flag":"whole","value":2.5})", ""},
      {R"({"op":">","flag":"real","value":2})", ""},
      {R"({"op":"==","flag":"nope","value":true})", "/flag: there is no flag \"nope\", or it has an error\n"},
      {R"({"op":"==","flag":"bad","value":1})", "/flag: there is no flag \"bad\", or it has an error\n"},
      {R"({"op":"==","flag":"json","value":1})", "/flag: \"json\" is a json flag, which is compared with nothing\n"},
      {R"({"op":"==","flag":"yes","value":"true"})", "/value: must be of the flag's type, bool, not a text\n"},
      {R"({"op":"==","flag":"text","value":1})", "/value: must be of the flag's type, string, not an integer\n"},
      {R"({"op":"==","flag":"whole","value":true})", "/value: must be of the flag's type, int, not true or false\n"},
      {R"({"op":"<","flag":"text","value":"a"})",
       "/value: a text, true and false have no order: only == and != compare them\n"},
      {R"({"op":"==","flag":"yes"})", "/value: is missing\n"},
      {R"({"op":"in","flag":"text","values":["a"]})", "/op: a flag is compared with ==, !=, <, <=, > or >=\n"},
      {R"({"op":"==","flag":"yes","attribute":"a","value":true})",
       "/attribute: stands beside \"flag\": a condition compares one thing\n"},
      {R"({"op":"==","variant":"e","value":"a"})", ""},
      {R"({"op":"!=","variant":"e","value":"b"})", ""},
      {R"({"op":"in","variant":"e","values":["a","b"]})", ""},
      {R"({"op":"==","variant":"nope","value":"a"})", "/variant: there is no experiment \"nope\"\n"},
      {R"({"op":"==","variant":"e","value":"c"})", "/value: the experiment \"e\" has no variant \"c\"\n"},
      {R"({"op":"in","variant":"e","values":["a","c"]})", "/values/1: the experiment \"e\" has no variant \"c\"\n"},
      {R"({"op":"in","variant":"e","values":[]})", "/values: is empty, so nothing is in it\n"},
      {R"({"op":"<","variant":"e","value":"a"})", "/op: a variant is compared with ==, != or in\n"},
      {R"({"op":"==","variant":"e","flag":"yes","value":"a"})",
       "/flag: stands beside \"variant\": a condition compares one thing\n"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.condition);
    CHECK(Problems(row.condition) == row.problem);
  }
}

TEST_CASE("input 34: prerequisites in a circle, and chains deeper than sixteen, cost who asks and nobody else") {
  SUBCASE("a → b → a") {
    const auto loaded = dialects::LoadNative(
        Datafile(R"("flags":{)" + Flag("a", IsOn("b")) + "," + Flag("b", IsOn("a")) + "," + Flag("leads", IsOn("b")) +
                 "," + Flag("self", IsOn("self")) + "," + Flag("fine", R"({"op":"exists","attribute":"here"})") + "}"));
    CHECK(ToText(loaded.problems) ==
          "/flags/a: leads back to itself: a → b → a\n"
          "/flags/b: leads back to itself: b → a → b\n"
          "/flags/leads: leads into a circle: leads → b → a → b\n"
          "/flags/self: leads back to itself: self → self\n");
    REQUIRE(loaded.rules.get() != nullptr);
    for (const char* flag : {"a", "b", "leads", "self"}) {
      CAPTURE(flag);
      CHECK(Decide(loaded.rules, flag, Context().Set("here", 1)).reason == Reason::kInvalidFlag);
    }
    CHECK(Decide(loaded.rules, "fine", Context().Set("here", 1)).reason == Reason::kRule);
  }
  SUBCASE("seventeen in a chain") {
    const auto loaded = dialects::LoadNative(Datafile(Chain(18)));
    CHECK(ToText(loaded.problems) ==
          "/flags/f17: leads through more than 16 flags, experiments and segments\n"
          "/flags/f18: leads through more than 16 flags, experiments and segments\n");
    REQUIRE(loaded.rules.get() != nullptr);
    for (std::size_t i = 1; i <= 18; ++i) {
      CAPTURE(i);
      const auto outcome = Decide(loaded.rules, "f" + std::to_string(i), Context().Set("here", 1));
      CHECK(outcome.reason == (i <= 16 ? Reason::kRule : Reason::kInvalidFlag));
      CHECK(ValueOf(outcome) == (i <= 16 ? Value(true) : Value()));
    }
  }
  SUBCASE("five thousand in a chain are refused, not followed") {
    const auto loaded = dialects::LoadNative(Datafile(Chain(5'000)));
    REQUIRE(loaded.rules.get() != nullptr);
    CHECK(Decide(loaded.rules, "f16", Context().Set("here", 1)).reason == Reason::kRule);
    CHECK(Decide(loaded.rules, "f5000", Context().Set("here", 1)).reason == Reason::kInvalidFlag);
  }
}

TEST_CASE("a circle is found through segments, experiments and campaigns, and named") {
  const std::string members =
      std::string(kLayer) + R"("segments":{"s":)" + IsOn("b") + R"(,"t":{"op":"exists","attribute":"here"}},)" +
      R"("experiments":{)" + Experiment("one", IsSegment("s"), "[0,500000]", "a") + "," +
      Experiment("two", IsSegment("t"), "[500000,1000000]", "c") + R"(},"flags":{)" +
      R"("a":{"type":"bool","default":false,"rules":[{"id":"r","experiment":"one"}]},)" + Flag("b", IsOn("a")) + "," +
      R"("c":{"type":"bool","default":false,"rules":[{"id":"r","experiment":"two"}]},)" + Flag("d", IsIn("two")) + "," +
      Flag("e", IsIn("one")) +
      R"(},"campaigns":{"tip":{"iteration":1,"status":"running","unit":"device","salt":"t.1",)" +
      R"("holdout":0,"trigger":{"event":"open"},"when":)" + IsOn("a") + R"(,"caps":[{"count":1}],)" +
      R"("show":{"kind":"banner","title":"Hello"}}})";
  const auto loaded = dialects::LoadNative(Datafile(members));
  CHECK(ToText(loaded.problems) ==
        "/segments/s: leads back to itself: segment s → b → a → experiment one → segment s\n"
        "/flags/a: leads back to itself: a → experiment one → segment s → b → a\n"
        "/flags/b: leads back to itself: b → a → experiment one → segment s → b\n"
        "/flags/e: leads into a circle: e → experiment one → segment s → b → a → experiment one\n"
        "/experiments/one: leads back to itself: experiment one → segment s → b → a → experiment one\n"
        "/campaigns/tip: asks a, which leads back to itself: a → experiment one → segment s → b → a\n");
  REQUIRE(loaded.rules.get() != nullptr);
  CHECK_FALSE(loaded.rules->FindCampaign("tip")->is_valid);
  const Context context = Context().Unit("device", "d-1").Set("here", 1);
  CHECK(Decide(loaded.rules, "c", context).reason == Reason::kExperiment);
  CHECK(Decide(loaded.rules, "d", context).reason != Reason::kInvalidFlag);
  CHECK(Decide(loaded.rules, "e", context).reason == Reason::kInvalidFlag);
}

TEST_CASE("sixteen segments below a flag are no prerequisites, as they always were; below a question they count") {
  const auto segments = [](int count, const std::string& last) {
    std::string text = R"("segments":{"s1":)" + last;
    for (int i = 2; i <= count; ++i)
      text += ",\"s" + std::to_string(i) + "\":" + IsSegment("s" + std::to_string(i - 1));
    return text + "},";
  };
  const std::string here = R"({"op":"exists","attribute":"here"})";
  CHECK(LoadRules(segments(16, here) + R"("flags":{)" + Flag("f", IsSegment("s16")) + "}").get() != nullptr);
  // f, fourteen segments, g: sixteen objects.
  const std::string asked = R"("flags":{"g":{"type":"bool","default":false},)";
  CHECK(LoadRules(segments(14, IsOn("g")) + asked + Flag("f", IsSegment("s14")) + "}").get() != nullptr);
  const auto loaded =
      dialects::LoadNative(Datafile(segments(15, IsOn("g")) + asked + Flag("f", IsSegment("s15")) + "}"));
  CHECK(ToText(loaded.problems) == "/flags/f: leads through more than 16 flags, experiments and segments\n");
}
