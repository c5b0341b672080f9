// What GrowthBook's own cases (tests/conformance) leave open.
#include "sdk/core/dialects/growthbook/conditions.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "guidon/platform_parts.h"
#include "sdk/core/evaluation/condition_text.h"
#include "sdk/core/evaluation/explain.h"
#include "sdk/core/evaluation/targeting.h"

namespace guidon::dialects::growthbook {
namespace {

using evaluation::Truth;

// One condition, loaded.
struct Loaded {
  explicit Loaded(const std::string& condition, const std::string& groups = "{}")
      : document(json::Document::Parse(condition, nullptr, Wide())),
        group_document(json::Document::Parse(groups, nullptr)) {
    REQUIRE(document);
    ConditionParts parts(&rules, patterns.get());
    root = Conditions(&rules, &parts, group_document->root()).Load(Place(document->root(), &problems));
    parts.BuildIndexes();
  }
  static json::Limits Wide() {
    json::Limits limits;
    limits.nodes = limits.items = 1'000'000;
    return limits;
  }

  std::shared_ptr<Patterns> patterns = Re2Patterns();
  std::optional<json::Document> document;
  std::optional<json::Document> group_document;
  ruleset::Ruleset rules;
  Problems problems;
  std::optional<std::uint32_t> root;
};

Context ContextOf(const std::string& attributes) {
  const auto document = json::Document::Parse(attributes, nullptr);
  REQUIRE(document);
  Context context;
  for (const json::Node attribute : document->root()) context.Set(std::string(attribute.name()), attribute.ToValue());
  return context;
}

bool Holds(const std::string& condition, const std::string& attributes) {
  const Loaded loaded(condition);
  REQUIRE(loaded.root);
  const Context context = ContextOf(attributes);
  const evaluation::PreparedContext prepared(loaded.rules, context);
  return evaluation::Targeting(loaded.rules, prepared, Timestamp()).Evaluate(*loaded.root) == Truth::kTrue;
}

}  // namespace

TEST_CASE("a GrowthBook condition says of values what JavaScript makes of them") {
  struct Row {
    const char* condition;
    const char* attributes;
    bool holds;
  };
  const Row rows[] = {
      // Texts compare with the text of anything.
      {R"({"a": "5"})", R"({"a": 5})", true},
      {R"({"a": "5"})", R"({"a": 5.0})", true},
      {R"({"a": "null"})", R"({})", true},
      {R"({"a": "1,2"})", R"({"a": [1, 2]})", true},
      {R"({"a": "[object Object]"})", R"({"a": {}})", true},
      {R"({"a": "true"})", R"({"a": true})", true},
      // Numbers with the number of anything.
      {R"({"a": 5})", R"({"a": "5"})", true},
      {R"({"a": 0})", R"({})", true},
      {R"({"a": 0})", R"({"a": ""})", true},
      {R"({"a": 0})", R"({"a": "x"})", false},
      {R"({"a": 1})", R"({"a": true})", true},
      // true and false with its truth; null is neither.
      {R"({"a": true})", R"({"a": "0"})", true},
      {R"({"a": true})", R"({"a": []})", true},
      {R"({"a": false})", R"({"a": ""})", true},
      {R"({"a": false})", R"({"a": null})", false},
      // JSON by its text, in the order written.
      {R"({"a": {"b": 1, "c": [2.0]}})", R"({"a": {"b": 1.0, "c": [2]}})", true},
      {R"({"a": {"b": 1, "c": 2}})", R"({"a": {"c": 2, "b": 1}})", false},
      {R"({"a": {}})", R"({"a": {}})", true},
      {R"({"a": {"$gt": 1, "b": 2}})", R"({"a": 5})", false},
      // Strictly.
      {R"({"a": {"$eq": 5}})", R"({"a": "5"})", false},
      {R"({"a": {"$eq": 5}})", R"({"a": 5.0})", true},
      {R"({"a": {"$eq": null}})", R"({})", true},
      {R"({"a": {"$ne": "x"}})", R"({})", true},
      {R"({"a": {"$eq": [1]}})", R"({"a": [1]})", false},
      {R"({"a": {"$ne": [1]}})", R"({"a": [1]})", true},
      // In order: a missing one is 0, two texts by UTF-16 units, a text and a number as numbers.
      {R"({"a": {"$lt": 1}})", R"({})", true},
      {R"({"a": {"$gte": 1}})", R"({})", false},
      {R"({"a": {"$gt": "5"}})", R"({"a": 10})", true},
      {R"({"a": {"$gt": "5"}})", R"({"a": "10"})", false},
      {R"({"a": {"$gt": 5}})", R"({"a": "10"})", true},
      {R"({"a": {"$gt": 5}})", R"({"a": "x"})", false},
      {R"({"a": {"$lt": 5}})", R"({"a": "x"})", false},
      {R"({"a": {"$lt": "\ufffd"}})", "{\"a\": \"\U0001F600\"}", true},
      {R"({"a": {"$gt": "2026-01-01"}})", R"({"a": "2026-02-01"})", true},
      // Lists.
      {R"({"a": {"$in": [null]}})", R"({})", true},
      {R"({"a": {"$in": [null]}})", R"({"a": [1, null]})", true},
      {R"({"a": {"$in": [1, "1"]}})", R"({"a": true})", false},
      {R"({"a": {"$in": [true]}})", R"({"a": true})", true},
      {R"({"a": {"$in": []}})", R"({"a": 1})", false},
      {R"({"a": {"$nin": []}})", R"({})", true},
      {R"({"a": {"$in": "abc"}})", R"({"a": "a"})", false},
      {R"({"a": {"$nin": "abc"}})", R"({"a": "x"})", false},
      {R"({"a": {"$ini": ["Ab", 3]}})", R"({"a": 3})", true},
      {R"({"a": {"$all": []}})", R"({"a": []})", true},
      {R"({"a": {"$all": [{"$gt": 1}, 1]}})", R"({"a": [1, 2]})", true},
      {R"({"a": {"$all": [{"$gt": 2}, 1]}})", R"({"a": [1, 2]})", false},
      {R"({"a": {"$elemMatch": {"$lt": 5}}})", R"({"a": [0, 7]})", false},
      {R"({"a": {"$elemMatch": {"b.c": 1, "d": {"$in": ["x"]}}}})",
       R"({"a": [{"b": {"c": 1}, "d": "y"}, {"b": {"c": 1}, "d": ["x"]}]})", true},
      {R"({"a": {"$elemMatch": {"b": {"$elemMatch": {"$eq": 3}}}}})", R"({"a": [{"b": [1]}, {"b": [2, 3]}]})", true},
      {R"({"a": {"$elemMatch": {"b": {"$size": 2}}}})", R"({"a": [{"b": [1]}, {"b": [2, 3]}]})", true},
      {R"({"a": {"$size": "2"}})", R"({"a": [1, 2]})", true},
      {R"({"a": {"$size": true}})", R"({"a": []})", false},
      {R"({"a": {"$size": {"$in": [1, 2]}}})", R"({"a": [1, 2]})", true},
      {R"({"a": {"$size": 0}})", R"({})", false},
      // Paths go through objects by name and through lists by number, one step at a time.
      {R"({"a.1.b": "x"})", R"({"a": [0, {"b": "x"}]})", true},
      {R"({"a.01": null})", R"({"a": [0, 5]})", true},
      {R"({"a.b": "x"})", R"({"a.b": "x"})", false},
      {R"({"a.b.c": {"$exists": false}})", R"({"a": 5})", true},
      // Whatever does not hold, its negation does.
      {R"({"a": {"$not": {"$gt": "x"}}})", R"({"a": 5})", true},
      {R"({"$not": {"a": {"$eq": "x"}}})", R"({})", true},
      {R"({"$nor": []})", R"({})", false},
      {R"({"$and": []})", R"({})", true},
      {R"({"a": {"$type": "null"}})", R"({})", true},
      {R"({"a": {"$type": "undefined"}})", R"({})", false},
      {R"({"a": {"$type": "number"}})", R"({"a": 1.5})", true},
      {R"({"a": {"$what": 1}})", R"({"a": 1})", false},
      {R"({"a": {"$not": {"$what": 1}}})", R"({"a": 1})", true},
      // Patterns search the text of anything; what is none matches nothing.
      {R"({"a": {"$regex": "^nul"}})", R"({})", true},
      {R"({"a": {"$regex": "^1"}})", R"({"a": 12})", true},
      {R"({"a": {"$regex": "("}})", R"({"a": "("})", false},
      {R"({"a": {"$notRegex": "("}})", R"({"a": "("})", true},
      // Versions.
      {R"({"a": {"$vlt": "1.0.0"}})", R"({})", true},
      {R"({"a": {"$veq": "2"}})", R"({"a": 2})", true},
      {R"({"a": {"$vgt": "1.2.3-rc.1"}})", R"({"a": "1.2.3+build"})", true},
      {R"({"a": {"$vwhat": "1"}})", R"({"a": "1"})", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.condition);
    CAPTURE(row.attributes);
    CHECK(Holds(row.condition, row.attributes) == row.holds);
  }
}

TEST_CASE("a condition that is no object, or has too many tests, or too long a list, is refused with its reason") {
  const auto why = [](const std::string& condition) {
    Loaded loaded(condition);
    CHECK_FALSE(loaded.root);
    CHECK(loaded.rules.nodes.empty());
    CHECK(loaded.rules.words.empty());
    const std::vector<Problem> problems = loaded.problems.Take();
    return problems.size() == 1 ? problems[0].reason : "";
  };
  CHECK(why("[]") == "must be an object, not an array");
  std::string many;
  for (int i = 0; i <= 1'000; ++i) many += (many.empty() ? "" : ",") + std::string("{\"a\":1}");
  CHECK(why("{\"$or\":[" + many + "]}") == "is one of more than 1000 tests in one condition");
  std::string list = "0";
  for (int i = 0; i <= 10'000; ++i) list += ",1";
  CHECK(why("{\"a\":{\"$in\":[" + list + "]}}") == "has a list of more than 10000 values");
}

TEST_CASE("a condition that would look at lists for ever is cut short") {
  std::string condition = R"({"$gt": 5})";
  for (int i = 0; i < 3; ++i) condition = R"({"$elemMatch": )" + condition + "}";
  const Loaded loaded(R"({"a": )" + condition + "}");
  REQUIRE(loaded.root);
  Value list(1);
  for (int i = 0; i < 3; ++i) list = Value(List(30, list));
  const Context context = Context().Set("a", list);
  const evaluation::PreparedContext prepared(loaded.rules, context);
  evaluation::Targeting targeting(loaded.rules, prepared, Timestamp());
  (void)targeting.Evaluate(*loaded.root);
  CHECK(targeting.is_over_budget());
  CHECK(targeting.visited() < 3 * evaluation::kStepBudget);
}

TEST_CASE("an explanation says a condition in the words it came in, with what the context has") {
  const Loaded loaded(R"({"plan": {"$in": ["pro", "team"]}, "$not": {"os.name": "ios"}})");
  REQUIRE(loaded.root);
  const Context context = ContextOf(R"({"plan": "free", "os": {"name": "ios"}})");
  const evaluation::PreparedContext prepared(loaded.rules, context);
  evaluation::ConditionExplainer explainer(loaded.rules, context, prepared, Timestamp());
  const evaluation::ExplainedCondition explained = explainer.Explain(*loaded.root);
  REQUIRE(explained.of.size() == 2);
  CHECK(explained.of[0].text == R"(plan: {"$in":["pro","team"]})");
  CHECK(explained.of[0].truth == Truth::kFalse);
  CHECK(explained.of[0].attribute == "plan");
  REQUIRE(explained.of[0].seen);
  CHECK(*explained.of[0].seen == Value("free"));
  CHECK(explained.of[0].decides);
  CHECK(explained.of[1].text == R"(!(os.name: "ios"))");
  REQUIRE(explained.of[1].of.size() == 1);
  CHECK(explained.of[1].of[0].attribute == "os.name");
}

}  // namespace guidon::dialects::growthbook
