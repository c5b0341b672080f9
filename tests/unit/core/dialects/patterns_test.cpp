// Patterns: what the loader lets in, and what it asks of the port.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "guidon/limits.h"
#include "sdk/core/dialects/native/load.h"
#include "tests/unit/core/rules.h"

using namespace guidon;
using namespace guidon::testing;

namespace {

class Equals final : public Pattern {
 public:
  explicit Equals(std::string_view text) : text_(text) {}
  bool Matches(std::string_view text) const noexcept override { return text == text_; }

 private:
  std::string text_;
};

// Patterns that match themselves; "bad" is none.
class FakePatterns final : public Patterns {
 public:
  Result<std::shared_ptr<const Pattern>> Compile(std::string_view pattern) noexcept override {
    compiled.emplace_back(pattern);
    if (pattern == "bad") return Status(StatusCode::kInvalidArgument, "it is bad");
    return std::shared_ptr<const Pattern>(std::make_shared<Equals>(pattern));
  }
  std::vector<std::string> compiled;
};

std::string Matches(const std::string& pattern, const std::string& attribute = "x") {
  return R"({"op":"matches","attribute":")" + attribute + R"(","value":")" + pattern + "\"}";
}

std::string FlagWhen(const std::string& condition) {
  return R"("flags":{"f":{"type":"bool","default":false,"rules":[{"id":"r","when":)" + condition +
         R"(,"serve":true}]}})";
}

std::string FlagWithPatterns(std::size_t count) {
  std::string flags;
  for (std::size_t i = 0; i < count; ++i) {
    flags += (i > 0 ? ",\"f" : "\"f") + std::to_string(i) +
             R"(":{"type":"bool","default":false,"rules":[{"id":"r","when":)" + Matches("p" + std::to_string(i)) +
             R"(,"serve":true}]})";
  }
  return "\"flags\":{" + flags + "}";
}

}  // namespace

TEST_CASE("a pattern is compiled once, and one that is none costs the rule its flag") {
  FakePatterns patterns;
  const std::string both = R"({"op":"or","of":[)" + Matches("a") + "," + Matches("a", "y") + "," + Matches("b") + "]}";
  const auto loaded = dialects::LoadNative(Datafile(FlagWhen(both)), &patterns);
  CHECK(ToText(loaded.problems) == "");
  CHECK(patterns.compiled == std::vector<std::string>{"a", "b"});
  CHECK(loaded.rules->patterns.size() == 2);
  CHECK(loaded.rules->slots.size() == 3);
  CHECK(ValueOf(Decide(loaded.rules, "f", Context().Set("y", "a"))) == Value(true));
  CHECK(ValueOf(Decide(loaded.rules, "f", Context().Set("y", "b").Set("x", "c"))) == Value(false));

  const struct {
    std::string condition;
    std::string problem;
  } rows[] = {
      {Matches("bad"), "/value: \"bad\" is no pattern: it is bad\n"},
      {Matches(""), "/value: is empty, so every text would match\n"},
      {Matches(std::string(limits::kPatternBytes - 1, 'p')), ""},
      {Matches(std::string(limits::kPatternBytes, 'p')), ""},
      {Matches(std::string(limits::kPatternBytes + 1, 'p')), "/value: has more than 256 bytes\n"},
      {R"({"op":"matches","attribute":"x","value":3})", "/value: must be a text, not an integer\n"},
      {R"({"op":"matches","attribute":"x","lower":true,"value":"a"})",
       "/lower: stands beside a pattern, which folds capitals itself: (?i)\n"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.condition);
    const std::string where = "/flags/f/rules/0/when";
    const auto problems = dialects::LoadNative(Datafile(FlagWhen(row.condition)), &patterns).problems;
    CHECK(ToText(problems) == (row.problem.empty() ? "" : where + row.problem));
  }
}

TEST_CASE("a datafile has 256 different patterns and not one more") {
  FakePatterns patterns;
  for (const std::size_t count : {limits::kPatterns - 1, limits::kPatterns}) {
    CHECK(ToText(dialects::LoadNative(Datafile(FlagWithPatterns(count)), &patterns).problems) == "");
  }
  CHECK(ToText(dialects::LoadNative(Datafile(FlagWithPatterns(limits::kPatterns + 1)), &patterns).problems) ==
        "/flags/f256/rules/0/when/value: is one pattern too many: rules may match 256 different ones\n");
}

TEST_CASE("all patterns together have 8 KiB; one beyond costs its flag and no other") {
  FakePatterns patterns;
  // 31 of 256 bytes, and one that fills up what is left, and one for nothing.
  const auto flags = [](std::size_t last) {
    std::string members;
    for (std::size_t i = 0; i < 33; ++i) {
      const std::string of_31 = std::string(limits::kPatternBytes - 2, 'p') + std::to_string(10 + i);
      members += (i > 0 ? ",\"f" : "\"f") + std::to_string(i) +
                 R"(":{"type":"bool","default":false,"rules":[{"id":"r","when":)" +
                 Matches(i < 31 ? of_31 : std::string(i == 31 ? last : 1, 'q')) + R"(,"serve":true}]})";
    }
    return "\"flags\":{" + members + "}";
  };
  const struct {
    std::size_t last;  // with the one byte of the flag behind it
    const char* problem;
  } rows[] = {{limits::kPatternBytes - 2, ""},
              {limits::kPatternBytes - 1, ""},
              {limits::kPatternBytes, "/flags/f32/rules/0/when/value: brings the bytes of all patterns above 8192\n"}};
  for (const auto& row : rows) {
    CAPTURE(row.last);
    const auto loaded = dialects::LoadNative(Datafile(flags(row.last)), &patterns);
    REQUIRE(loaded.rules.get() != nullptr);
    CHECK(ToText(loaded.problems) == row.problem);
    CHECK(ValueOf(Decide(loaded.rules, "f31", Context().Set("x", std::string(row.last, 'q')))) == Value(true));
  }
}

TEST_CASE("where nothing matches patterns they are unknown, also negated, and said to be so") {
  const auto loaded = dialects::LoadNative(Datafile(FlagWhen(R"({"op":"not","of":[)" + Matches("a") + "]}")));
  CHECK(ToText(loaded.problems) ==
        "warning: /flags/f/rules/0/when/of/0/op: this build matches no patterns; the condition stays unknown\n");
  REQUIRE(loaded.rules.get() != nullptr);
  CHECK(Decide(loaded.rules, "f", Context().Set("x", "b")).reason == Reason::kDefault);
}

TEST_CASE("what is longer than 1 KiB, or no text, matches no pattern and does not fail to") {
  FakePatterns patterns;
  const std::string longest(limits::kPatternTextBytes, 'x');
  const auto loaded =
      dialects::LoadNative(Datafile(FlagWhen(R"({"op":"not","of":[)" + Matches("a") + "]}")), &patterns);
  const struct {
    std::string name;
    Value x;
    bool is_known;
  } rows[] = {{"less", longest.substr(1), true},
              {"1 KiB", longest, true},
              {"more", longest + "x", false},
              {"a number", 5, false},
              {"a list", Value(List{Value("b")}), false},
              {"nothing", Value(), false}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto outcome = Decide(loaded.rules, "f", Context().Set("x", row.x));
    CHECK(outcome.reason == (row.is_known ? Reason::kRule : Reason::kDefault));
  }
}
