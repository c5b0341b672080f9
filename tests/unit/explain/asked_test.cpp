// Conditions on flags, variants, units, hashed values and patterns as explanations state them, with what was seen.
#include <memory>
#include <string>

#include "sdk/core/dialects/native/load.h"
#include "sdk/core/evaluation/condition_text.h"
#include "tests/unit/explain/world.h"

using namespace guidon;
using namespace guidon::evaluation;

namespace {

class Never final : public Pattern {
 public:
  bool Matches(std::string_view) const noexcept override { return false; }
};

class NeverMatching final : public Patterns {
 public:
  Result<std::shared_ptr<const Pattern>> Compile(std::string_view) noexcept override {
    return std::shared_ptr<const Pattern>(std::make_shared<Never>());
  }
};

std::string Datafile(const std::string& condition) {
  return R"({"format":"guidon/1","project":"p","environment":"e","epoch":1,"version":1,"issued_at":"2026-11-20T00:00:00Z",
    "layers":{"l":{"unit":"device","salt":"l"}},
    "experiments":{
      "e":{"iteration":1,"status":"running","layer":"l","slots":[[0,1000000]],"salt":"s","variants":{
        "a":{"slots":[[0,1000000]],"flags":{"drawn":true}},"b":{"slots":[],"flags":{"drawn":true}}}},
      "over":{"iteration":1,"status":"ended","layer":"l","slots":[],"salt":"s","variants":{
        "a":{"slots":[[0,1000000]],"flags":{"x":true}},"b":{"slots":[],"flags":{"x":true}}}}},
    "flags":{"x":{"type":"bool","default":true},"look":{"type":"string","default":"icon"},
      "kb":{"type":"int","default":256},
      "drawn":{"type":"bool","default":false,"rules":[{"id":"r","experiment":"e"}]},
      "f":{"type":"bool","default":false,"rules":[{"id":"r","serve":true,"when":)" +
         condition + "}]}}}";
}

}  // namespace

TEST_CASE("what was asked of flags, experiments, units, lists and patterns stands beside the condition") {
  const std::string digest = "\"0123456789abcdef0123456789abcdef\"";
  const struct {
    std::string condition;
    std::string text;
    Truth truth;
    Value seen;  // null: nothing
    std::string attribute;
  } rows[] = {
      {R"({"op":"==","flag":"x","value":true})", "flag('x')", Truth::kTrue, true, ""},
      {R"({"op":"==","flag":"look","value":"label"})", "flag('look') == 'label'", Truth::kFalse, "icon", ""},
      {R"({"op":">=","flag":"kb","value":1.5})", "flag('kb') >= 1.5", Truth::kTrue, 256, ""},
      {R"({"op":"==","flag":"drawn","value":true})", "flag('drawn')", Truth::kTrue, true, ""},
      {R"({"op":"==","variant":"e","value":"a"})", "variant('e') == 'a'", Truth::kTrue, "a", ""},
      {R"({"op":"!=","variant":"e","value":"a"})", "variant('e') != 'a'", Truth::kFalse, "a", ""},
      {R"({"op":"in","variant":"e","values":["b","a"]})", "variant('e') in ['a', 'b']", Truth::kTrue, "a", ""},
      {R"({"op":"==","variant":"over","value":"a"})", "variant('over') == 'a'", Truth::kFalse, Value(), ""},
      {R"({"op":"in","unit":"device","values":["d-1","d-2"]})", "unit:device in ['d-1', 'd-2']", Truth::kTrue, "d-1",
       "unit:device"},
      {R"({"op":"in","unit":"account","values":["u"]})", "unit:account in ['u']", Truth::kUnknown, Value(),
       "unit:account"},
      {R"({"op":"in","attribute":"mail","hashed":"s","values":[)" + digest + "]}", "mail in [1 hashed value]",
       Truth::kUnknown, "a@x.org", "mail"},
      {R"({"op":"matches","attribute":"mail","value":"^b"})", "mail.matches('^b')", Truth::kFalse, "a@x.org", "mail"},
      {R"({"op":"not","of":[{"op":"==","flag":"x","value":true}]})", "!flag('x')", Truth::kFalse, Value(), ""},
      {R"({"op":"not","of":[{"op":"==","flag":"kb","value":1}]})", "!(flag('kb') == 1)", Truth::kTrue, Value(), ""},
      {R"({"op":"not","of":[{"op":"matches","attribute":"mail","value":"^b"}]})", "!mail.matches('^b')", Truth::kTrue,
       Value(), ""},
  };
  NeverMatching patterns;
  for (const auto& row : rows) {
    CAPTURE(row.condition);
    const auto loaded = dialects::LoadNative(Datafile(row.condition), &patterns);
    REQUIRE(loaded.problems.empty());
    const Context context = Context().Unit("device", "d-1").Set("mail", "a@x.org");
    const PreparedContext prepared(*loaded.rules, context);
    ConditionExplainer explainer(*loaded.rules, context, prepared, Timestamp());
    const ExplainedCondition condition =
        explainer.Explain(loaded.rules->steps[loaded.rules->FindFlag("f")->first_step].index);
    CHECK(condition.text == row.text);
    CHECK(condition.truth == row.truth);
    CHECK(condition.seen.value_or(Value()) == row.seen);
    CHECK(condition.attribute == row.attribute);
  }
}

TEST_CASE("a flag that is forced is stated as forced, and one that needs a unit has no value") {
  const auto loaded = dialects::LoadNative(Datafile(R"({"op":"==","flag":"drawn","value":true})"));
  REQUIRE(loaded.problems.empty());
  const ruleset::Ruleset& rules = *loaded.rules;
  const Context context;
  const PreparedContext prepared(rules, context);
  const std::uint32_t node = rules.steps[rules.FindFlag("f")->first_step].index;
  const ExplainedCondition natural = ConditionExplainer(rules, context, prepared, Timestamp()).Explain(node);
  CHECK(natural.truth == Truth::kUnknown);
  CHECK_FALSE(natural.seen.has_value());

  Forced forced;
  ruleset::FlagValue off;
  REQUIRE(ruleset::FromValue(Value(false), ruleset::ValueType::kBool, &off));
  forced.flags.emplace_back(rules.IndexOf(*rules.FindFlag("drawn")), off);
  const ExplainedCondition told = ConditionExplainer(rules, context, prepared, Timestamp(), {}, &forced).Explain(node);
  CHECK(told.truth == Truth::kFalse);
  CHECK(told.seen == Value(false));

  const Explanation explanation = Explain(rules, "f", context, prepared, Timestamp());
  CHECK(ToText(explanation).find("it has no value") != std::string::npos);
  CHECK(ToJson(explanation).find(R"("op":"flag")") != std::string::npos);
}
