// Segments within segments: what the loader lets through bounds how deep the evaluator recurses.
#include <doctest/doctest.h>

#include <string>

#include "sdk/core/dialects/native/load.h"
#include "tests/unit/core/rules.h"

using namespace guidon;
using namespace guidon::testing;

namespace {

std::string Names(const std::string& segment) { return R"({"op":"segment","segment":")" + segment + "\"}"; }

// A flag for each segment, on where it is true.
std::string Flags(int count) {
  std::string flags = R"("flags":{)";
  for (int i = 0; i < count; ++i) {
    flags += (i > 0 ? ",\"f" : "\"f") + std::to_string(i) +
             R"(":{"type":"bool","default":false,"rules":[{"id":"r","when":)" + Names("s" + std::to_string(i)) +
             R"(,"serve":true}]})";
  }
  return flags + "}";
}

// Segments s0 to s<count − 1>, each naming the one before it; s0 is a comparison. In the order given or backwards.
std::string Chain(int count, bool backwards) {
  std::string text;
  for (int k = 0; k < count; ++k) {
    const int i = backwards ? count - 1 - k : k;
    text += (k > 0 ? ",\"s" : "\"s") + std::to_string(i) +
            "\":" + (i == 0 ? R"({"op":"exists","attribute":"here"})" : Names("s" + std::to_string(i - 1)));
  }
  return "\"segments\":{" + text + "},";
}

}  // namespace

TEST_CASE("segments nest sixteen deep and no deeper, in whatever order they stand") {
  for (const bool backwards : {false, true}) {
    CAPTURE(backwards);
    const auto loaded = dialects::LoadNative(Datafile(Chain(18, backwards) + Flags(18)));
    REQUIRE(loaded.rules.get() != nullptr);
    for (int i = 0; i < 18; ++i) {
      CAPTURE(i);
      const auto outcome = Decide(loaded.rules, "f" + std::to_string(i), Context().Set("here", 1));
      CHECK(outcome.reason == (i < 16 ? Reason::kRule : Reason::kInvalidFlag));
    }
    std::size_t too_deep = 0;
    for (const Problem& problem : loaded.problems) {
      if (problem.pointer == "/segments/s16" || problem.pointer == "/segments/s17") ++too_deep;
    }
    CHECK(too_deep == 2);
  }
}

TEST_CASE("a thousand segments in a chain are refused, not followed") {
  for (const bool backwards : {false, true}) {
    CAPTURE(backwards);
    const auto loaded = dialects::LoadNative(Datafile(Chain(1'000, backwards) + Flags(1'000)));
    REQUIRE(loaded.rules.get() != nullptr);
    CHECK(Decide(loaded.rules, "f15", Context().Set("here", 1)).reason == Reason::kRule);
    CHECK(Decide(loaded.rules, "f999", Context().Set("here", 1)).reason == Reason::kInvalidFlag);
  }
}

TEST_CASE("segments in a circle, and those that lead to one, cost only the flags that use them") {
  const std::string text = R"("segments":{"s0":)" + Names("s1") + R"(,"s1":{"op":"or","of":[)" + Names("s0") + "," +
                           R"({"op":"exists","attribute":"here"}]},"s2":)" + Names("s1") + R"(,"s3":)" + Names("s3") +
                           R"(,"s4":{"op":"exists","attribute":"here"},"s5":{"op":"nonsense"},)" + R"("s6":)" +
                           Names("nowhere") + R"(,"s7":)" + Names("s6") + R"(,"s 8":{"op":"exists","attribute":"x"}},)";
  const auto loaded = dialects::LoadNative(Datafile(text + Flags(8)));
  REQUIRE(loaded.rules.get() != nullptr);
  std::string expected;
  expected +=
      "warning: /segments/s5/op: \"nonsense\" is an operator this version does not know; the condition stays unknown\n";
  expected += "/segments/s6/segment: there is no segment \"nowhere\"\n";
  expected += "/segments/s 8: has a name that is not 1 to 128 letters, digits, dots, underscores or dashes\n";
  expected += "/segments/s0: leads back to itself: segment s0 → segment s1 → segment s0\n";
  expected += "/segments/s1: leads back to itself: segment s1 → segment s0 → segment s1\n";
  expected += "/segments/s2: leads into a circle: segment s2 → segment s1 → segment s0 → segment s1\n";
  expected += "/segments/s3: leads back to itself: segment s3 → segment s3\n";
  expected += "/segments/s7: leads to a segment with an error: segment s7 → segment s6\n";
  for (const char* n : {"0", "1", "2", "3", "6", "7"}) {
    expected += std::string("/flags/f") + n + "/rules/0/when/segment: there is no segment \"s" + n + "\"\n";
  }
  CHECK(ToText(loaded.problems) == expected);
  CHECK(Decide(loaded.rules, "f4", Context().Set("here", 1)).reason == Reason::kRule);
  CHECK(Decide(loaded.rules, "f5", Context().Set("here", 1)).reason == Reason::kDefault);
  for (const char* flag : {"f0", "f1", "f2", "f3", "f6", "f7"}) {
    CAPTURE(flag);
    CHECK(Decide(loaded.rules, flag, Context().Set("here", 1)).reason == Reason::kInvalidFlag);
  }
}
