// Every bound of a decision: just below and at it all counts; one above costs what is beyond it and nothing else.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "guidon/limits.h"
#include "sdk/core/evaluation/targeting.h"
#include "tests/unit/core/rules.h"

using namespace guidon;
using namespace guidon::evaluation;
using namespace guidon::testing;

namespace {

std::string FlagWhen(const std::string& condition) {
  return R"("flags":{"f":{"type":"bool","default":false,"rules":[{"id":"r","when":)" + condition +
         R"(,"serve":true}]}})";
}

}  // namespace

TEST_CASE("a decision looks at ten thousand conditions and no more") {
  const Rules rules = LoadRules(FlagWhen(R"({"op":"exists","attribute":"here"})"));
  const PreparedContext prepared(*rules, Context().Set("here", 1), {}, kNow);
  const struct {
    std::uint32_t before;  // looked at already
    bool is_over;
  } rows[] = {{kStepBudget - 2, false}, {kStepBudget - 1, false}, {kStepBudget, true}};
  for (const auto& row : rows) {
    CAPTURE(row.before);
    Targeting targeting(*rules, prepared, kNow);
    targeting.Spend(row.before);
    const Truth truth = targeting.Evaluate(rules->steps[rules->FindFlag("f")->first_step].index);
    CHECK(targeting.visited() == row.before + 1);
    CHECK(targeting.is_over_budget() == row.is_over);
    CHECK(truth == (row.is_over ? Truth::kUnknown : Truth::kTrue));
  }
}

TEST_CASE("a context keeps 256 names; later ones are dropped, and what it has can still be set anew") {
  for (const std::size_t count :
       {limits::kContextAttributes - 1, limits::kContextAttributes, limits::kContextAttributes + 1}) {
    CAPTURE(count);
    for (const bool of_a_team : {false, true}) {
      CAPTURE(of_a_team);
      Context context;
      const auto set = [&](std::size_t i, int value) {
        context.SetFor(of_a_team ? "team" : "", "a" + std::to_string(i), value);
      };
      for (std::size_t i = 0; i < count; ++i) set(i, 1);
      const bool is_over = count > limits::kContextAttributes;
      CHECK(context.attributes().size() == (is_over ? limits::kContextAttributes : count));
      set(0, 2);
      CHECK(context.attributes()[0].value == Value(2));
      const auto is_set = [&](std::size_t i, int value) {
        const std::string kind = of_a_team ? R"("kind":"team",)" : "";
        const Rules rules = LoadRules(FlagWhen(R"({"op":"==",)" + kind + R"("attribute":"a)" + std::to_string(i) +
                                               R"(","value":)" + std::to_string(value) + "}"));
        return ValueOf(Decide(rules, "f", context)) == Value(true);
      };
      CHECK(is_set(0, 2));
      CHECK(is_set(count - 2, 1));
      CHECK(is_set(count - 1, 1) != is_over);
    }
  }
}

TEST_CASE("texts, lists and ids that are too long are unknown") {
  const std::string looks = R"({"op":"starts_with","attribute":"x","value":"a"})";
  const std::string has = R"({"op":"contains_any","attribute":"x","values":["a"]})";
  const std::string unit = R"({"op":"in","unit":"device","values":["b"]})";
  const auto text = [](std::size_t n) { return Context().Set("x", std::string(n, 'b')); };
  const auto list = [](std::size_t n) { return Context().Set("x", List(n, Value("b"))); };
  const auto element = [](std::size_t n) { return Context().Set("x", List{Value(std::string(n, 'b')), Value("a")}); };
  const auto id = [](std::size_t n) { return Context().Unit("device", std::string(n, 'i')); };
  const struct {
    std::string name;
    std::string condition;
    Context (*context)(std::size_t);
    std::size_t most;
  } rows[] = {
      {"bytes of a text", looks, text, limits::kAttributeBytes},
      {"elements of a list", has, list, limits::kAttributeElements},
      {"bytes of a unit's id", unit, id, limits::kUnitIdBytes},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    // What is false is true when negated, and what is unknown is not.
    const Rules rules = LoadRules(FlagWhen(R"({"op":"not","of":[)" + row.condition + "]}"));
    for (const std::size_t n : {row.most - 1, row.most, row.most + 1}) {
      CAPTURE(n);
      CHECK((ValueOf(Decide(rules, "f", row.context(n))) == Value(true)) == (n <= row.most));
    }
  }
  // An element that is too long is no element that any condition names, and costs no other.
  const Rules rules = LoadRules(FlagWhen(has));
  for (const std::size_t n : {limits::kAttributeBytes - 1, limits::kAttributeBytes, limits::kAttributeBytes + 1}) {
    CHECK(ValueOf(Decide(rules, "f", element(n))) == Value(true));
  }
}
