#include "sdk/core/evaluation/targeting.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "tests/unit/core/rules.h"

using namespace guidon;
using namespace guidon::evaluation;
using namespace guidon::testing;

namespace {

struct Answer {
  Truth truth;
  Timestamp valid_until;
  bool over_budget;
};

Answer Ask(const std::string& condition, const Context& context, Timestamp now = kNow, const std::string& more = "",
           const behavior::Behavior* behavior = nullptr) {
  const Rules rules = LoadRules(more + R"("flags":{"f":{"type":"bool","default":false,"rules":[{"id":"r","when":)" +
                                condition + R"(,"serve":true}]}})");
  const PreparedContext prepared(*rules, context, {behavior}, now);
  Targeting targeting(*rules, prepared, now);
  const Truth truth = targeting.Evaluate(rules->steps[rules->FindFlag("f")->first_step].index);
  return {truth, targeting.valid_until(), targeting.is_over_budget()};
}

// 't', 'f' or 'u'.
char Letter(Truth truth) { return truth == Truth::kTrue ? 't' : truth == Truth::kFalse ? 'f' : 'u'; }

char Is(const std::string& condition, const Value& x) { return Letter(Ask(condition, Context().Set("x", x)).truth); }

// Conditions that are true, false and unknown.
const char* ConditionThatIs(char truth) {
  switch (truth) {
    case 't': return R"({"op":"exists","attribute":"here"})";
    case 'f': return R"({"op":"exists","attribute":"nowhere"})";
    default: return R"({"op":"==","attribute":"nowhere","value":1})";
  }
}

}  // namespace

TEST_CASE("every operator is true, false or unknown as its row says") {
  const Value missing;
  const Value list(List{Value("a")});
  const double inf = std::numeric_limits<double>::infinity();
  const std::int64_t big = (std::int64_t{1} << 53) + 1;
  const struct {
    std::string condition;
    Value x;
    char truth;
  } rows[] = {
      {R"({"op":"==","attribute":"x","value":"a"})", "a", 't'},
      {R"({"op":"==","attribute":"x","value":"a"})", "A", 'f'},
      {R"({"op":"==","attribute":"x","value":"a"})", missing, 'u'},
      {R"({"op":"==","attribute":"x","value":"a"})", 1, 'u'},
      {R"({"op":"==","attribute":"x","value":"a"})", list, 'u'},
      {R"({"op":"!=","attribute":"x","value":"a"})", "b", 't'},
      {R"({"op":"!=","attribute":"x","value":"a"})", "a", 'f'},
      {R"({"op":"!=","attribute":"x","value":"a"})", missing, 'u'},
      {R"({"op":"!=","attribute":"x","value":"a"})", false, 'u'},
      {R"({"op":"==","attribute":"x","value":true})", true, 't'},
      {R"({"op":"==","attribute":"x","value":true})", false, 'f'},
      {R"({"op":"==","attribute":"x","value":true})", 1, 'u'},
      {R"({"op":"==","attribute":"x","value":true})", "true", 'u'},
      {R"({"op":"!=","attribute":"x","value":false})", true, 't'},
      {R"({"op":"!=","attribute":"x","value":false})", false, 'f'},
      {R"({"op":"==","attribute":"x","value":5})", 5, 't'},
      {R"({"op":"==","attribute":"x","value":5})", 5.0, 't'},
      {R"({"op":"==","attribute":"x","value":5})", 5.5, 'f'},
      {R"({"op":"==","attribute":"x","value":5})", "5", 'u'},
      {R"({"op":"==","attribute":"x","value":5})", missing, 'u'},
      {R"({"op":"!=","attribute":"x","value":5})", 6, 't'},
      {R"({"op":"!=","attribute":"x","value":5})", true, 'u'},
      {R"({"op":"<","attribute":"x","value":5})", 4, 't'},
      {R"({"op":"<","attribute":"x","value":5})", 5, 'f'},
      {R"({"op":"<","attribute":"x","value":5})", 4.999, 't'},
      {R"({"op":"<=","attribute":"x","value":5})", 5, 't'},
      {R"({"op":"<=","attribute":"x","value":5})", 5.001, 'f'},
      {R"({"op":">","attribute":"x","value":5})", 6, 't'},
      {R"({"op":">","attribute":"x","value":5})", 5, 'f'},
      {R"({"op":">","attribute":"x","value":5})", "6", 'u'},
      {R"({"op":">=","attribute":"x","value":5})", 5, 't'},
      {R"({"op":">=","attribute":"x","value":5})", 4, 'f'},
      {R"({"op":">=","attribute":"x","value":5})", missing, 'u'},
      {R"({"op":">","attribute":"x","value":2.5})", 3, 't'},
      {R"({"op":">","attribute":"x","value":2.5})", 2, 'f'},
      {R"({"op":"<","attribute":"x","value":-2.5})", -3, 't'},
      {R"({"op":"<","attribute":"x","value":-2.5})", -2, 'f'},
      {R"({"op":"<","attribute":"x","value":2.5})", 2.25, 't'},
      {R"({"op":"==","attribute":"x","value":2.0})", 2, 't'},
      {R"({"op":"==","attribute":"x","value":-0.0})", 0, 't'},
      // Exact where a double cannot tell neighbours apart.
      {R"({"op":"==","attribute":"x","value":9007199254740993})", big, 't'},
      {R"({"op":"==","attribute":"x","value":9007199254740992})", big, 'f'},
      {R"({"op":"==","attribute":"x","value":9007199254740993})", 9007199254740992.0, 'f'},
      {R"({"op":">","attribute":"x","value":9007199254740992.0})", big, 't'},
      {R"({"op":"==","attribute":"x","value":9007199254740992.0})", big, 'f'},
      {R"({"op":"<","attribute":"x","value":9223372036854775807})", 9223372036854775808.0, 'f'},
      {R"({"op":"<","attribute":"x","value":9223372036854775808.0})", std::numeric_limits<std::int64_t>::max(), 't'},
      {R"({"op":">=","attribute":"x","value":-9223372036854775808.0})", std::numeric_limits<std::int64_t>::min(), 't'},
      {R"({"op":">","attribute":"x","value":-1e300})", std::numeric_limits<std::int64_t>::min(), 't'},
      {R"({"op":"<","attribute":"x","value":9223372036854775807})", inf, 'f'},
      {R"({"op":"<","attribute":"x","value":-9223372036854775808})", -inf, 't'},
      {R"({"op":"<","attribute":"x","value":5})", std::numeric_limits<double>::quiet_NaN(), 'u'},
      {R"({"op":"!=","attribute":"x","value":5})", std::numeric_limits<double>::quiet_NaN(), 'u'},

      {R"({"op":">=","attribute":"x","version":"4.2.0"})", "4.10", 't'},
      {R"({"op":">=","attribute":"x","version":"4.2.0"})", "4.2.0-beta", 'f'},
      {R"({"op":">=","attribute":"x","version":"4.2.0"})", "four", 'u'},
      {R"({"op":">=","attribute":"x","version":"4.2.0"})", 5, 'u'},
      {R"({"op":">=","attribute":"x","version":"4.2.0"})", missing, 'u'},
      {R"({"op":">","attribute":"x","version":"4.2"})", "4.2.0", 'f'},
      {R"({"op":"<","attribute":"x","version":"4.2"})", "v4.1", 't'},
      {R"({"op":"<=","attribute":"x","version":"4.2"})", "4.2+build", 't'},
      {R"({"op":"==","attribute":"x","version":"4.2"})", "v4.2.0", 't'},
      {R"({"op":"!=","attribute":"x","version":"4.2"})", "4.2.1", 't'},
      {R"({"op":"!=","attribute":"x","version":"4.2"})", "4.2.0", 'f'},

      {R"({"op":"<","attribute":"x","date":"2026-12-01"})", "2026-11-30", 't'},
      {R"({"op":"<","attribute":"x","date":"2026-12-01"})", "2026-12-01T00:30:00+01:00", 't'},
      {R"({"op":"<","attribute":"x","date":"2026-12-01"})", 1'796'083'200'000, 'f'},
      {R"({"op":"<","attribute":"x","date":"2026-12-01"})", 1'796'083'199'999, 't'},
      {R"({"op":"<=","attribute":"x","date":"2026-12-01"})", 1'796'083'200'000, 't'},
      {R"({"op":">","attribute":"x","date":"2026-12-01"})", "2026-12-01T00:00:00.001Z", 't'},
      {R"({"op":">=","attribute":"x","date":"2026-12-01"})", "2026-12-01", 't'},
      {R"({"op":">=","attribute":"x","date":"2026-12-01"})", "soon", 'u'},
      {R"({"op":">=","attribute":"x","date":"2026-12-01"})", 1.5, 'u'},
      {R"({"op":">=","attribute":"x","date":"2026-12-01"})", missing, 'u'},

      {R"({"op":"in","attribute":"x","values":["a","b"]})", "b", 't'},
      {R"({"op":"in","attribute":"x","values":["a","b"]})", "c", 'f'},
      {R"({"op":"in","attribute":"x","values":["a","b"]})", missing, 'u'},
      {R"({"op":"in","attribute":"x","values":["a","b"]})", 1, 'u'},
      {R"({"op":"in","attribute":"x","values":["a","b"]})", true, 'u'},
      {R"({"op":"in","attribute":"x","values":[1,2.5]})", 1, 't'},
      {R"({"op":"in","attribute":"x","values":[1,2.5]})", 1.0, 't'},
      {R"({"op":"in","attribute":"x","values":[1,2.5]})", 2.5, 't'},
      {R"({"op":"in","attribute":"x","values":[1,2.5]})", 2, 'f'},
      {R"({"op":"in","attribute":"x","values":[1,2.5]})", "1", 'u'},
      {R"({"op":"in","attribute":"x","values":[9007199254740992]})", big, 'f'},
      {R"({"op":"in","attribute":"x","values":["a",3,true]})", "a", 't'},
      {R"({"op":"in","attribute":"x","values":["a",3,true]})", 3, 't'},
      {R"({"op":"in","attribute":"x","values":["a",3,true]})", true, 't'},
      {R"({"op":"in","attribute":"x","values":["a",3,true]})", false, 'f'},
      {R"({"op":"in","attribute":"x","values":["a",3,true]})", "b", 'f'},
      {R"({"op":"in","attribute":"x","values":["a",3,true]})", 4, 'f'},
      {R"({"op":"in","attribute":"x","values":["a",3,true]})", list, 'u'},
      {R"({"op":"in","attribute":"x","values":[false,true]})", false, 't'},
      {R"({"op":"in","attribute":"x","values":[false]})", "false", 'u'},

      {R"({"op":"contains","attribute":"x","value":"b"})", "abc", 't'},
      {R"({"op":"contains","attribute":"x","value":"b"})", "ABC", 'f'},
      {R"({"op":"contains","attribute":"x","value":"b"})", 5, 'u'},
      {R"({"op":"contains","attribute":"x","value":"b"})", missing, 'u'},
      {R"({"op":"starts_with","attribute":"x","value":"ab"})", "abc", 't'},
      {R"({"op":"starts_with","attribute":"x","value":"ab"})", "a", 'f'},
      {R"({"op":"starts_with","attribute":"x","value":"ab"})", "cab", 'f'},
      {R"({"op":"starts_with","attribute":"x","value":"ab"})", list, 'u'},
      {R"({"op":"starts_with","attribute":"x","value":"ab"})", missing, 'u'},
      {R"({"op":"ends_with","attribute":"x","value":"bc"})", "abc", 't'},
      {R"({"op":"ends_with","attribute":"x","value":"bc"})", "c", 'f'},
      {R"({"op":"ends_with","attribute":"x","value":"bc"})", "bca", 'f'},
      {R"({"op":"ends_with","attribute":"x","value":"bc"})", true, 'u'},
      {R"({"op":"ends_with","attribute":"x","value":"bc"})", missing, 'u'},

      {R"({"op":"==","attribute":"x","lower":true,"value":"pro"})", "PrO", 't'},
      {R"({"op":"==","attribute":"x","lower":true,"value":"pro"})", "free", 'f'},
      {R"({"op":"!=","attribute":"x","lower":true,"value":"pro"})", "PRO", 'f'},
      {R"({"op":"==","attribute":"x","lower":true,"value":"pro"})", 3, 'u'},
      {R"({"op":"==","attribute":"x","lower":true,"value":"pro"})", missing, 'u'},
      {R"({"op":"==","attribute":"x","lower":false,"value":"pro"})", "PRO", 'f'},
      {R"({"op":"in","attribute":"x","lower":true,"values":["pro","team"]})", "Team", 't'},
      {R"({"op":"in","attribute":"x","lower":true,"values":["pro","team"]})", "Free", 'f'},
      {R"({"op":"in","attribute":"x","lower":true,"values":["pro","team"]})", list, 'u'},
      {R"({"op":"ends_with","attribute":"x","lower":true,"value":"@x.org"})", "Me@X.ORG", 't'},
      {R"({"op":"starts_with","attribute":"x","lower":true,"value":"me"})", "Me@X.ORG", 't'},
      {R"({"op":"contains","attribute":"x","lower":true,"value":"@y"})", "Me@X.ORG", 'f'},
      {R"({"op":"contains","attribute":"x","lower":true,"value":"@y"})", true, 'u'},
      {R"({"op":"matches_glob","attribute":"x","value":"/docs/*/edit"})", "/docs/7/edit", 't'},
      {R"({"op":"matches_glob","attribute":"x","value":"/docs/*/edit"})", "/Docs/7/edit", 'f'},
      {R"({"op":"matches_glob","attribute":"x","lower":true,"value":"/docs/*/edit"})", "/Docs/7/edit", 't'},
      {R"({"op":"matches_glob","attribute":"x","value":"a?"})", 12, 'u'},
      {R"({"op":"matches_glob","attribute":"x","value":"a?"})", missing, 'u'},
      {R"({"op":"cidr","attribute":"x","values":["fd00::/8","10.0.0.0/8"]})", "10.1.2.3", 't'},
      {R"({"op":"cidr","attribute":"x","values":["fd00::/8","10.0.0.0/8"]})", "::ffff:10.1.2.3", 't'},
      {R"({"op":"cidr","attribute":"x","values":["fd00::/8","10.0.0.0/8"]})", "fd00::1", 't'},
      {R"({"op":"cidr","attribute":"x","values":["fd00::/8","10.0.0.0/8"]})", "11.1.2.3", 'f'},
      {R"({"op":"cidr","attribute":"x","values":["fd00::/8","10.0.0.0/8"]})", "10.1.2", 'u'},
      {R"({"op":"cidr","attribute":"x","values":["fd00::/8","10.0.0.0/8"]})", 10, 'u'},
      {R"({"op":"cidr","attribute":"x","values":["fd00::/8","10.0.0.0/8"]})", missing, 'u'},
      {R"({"op":"==","attribute":"x","type":"string"})", "a", 't'},
      {R"({"op":"!=","attribute":"x","type":"string"})", "a", 'f'},
      {R"({"op":"==","attribute":"x","type":"string"})", 3, 'f'},
      {R"({"op":"==","attribute":"x","type":"int"})", 3, 't'},
      {R"({"op":"==","attribute":"x","type":"double"})", 3.0, 't'},
      {R"({"op":"==","attribute":"x","type":"bool"})", false, 't'},
      {R"({"op":"==","attribute":"x","type":"list"})", list, 't'},
      {R"({"op":"==","attribute":"x","type":"object"})", Object{{"a", Value(1)}}, 't'},
      {R"({"op":"==","attribute":"x","type":"null"})", missing, 't'},
      {R"({"op":"!=","attribute":"x","type":"missing"})", missing, 't'},
      {R"({"op":"==","attribute":"y","type":"missing"})", 1, 't'},
      {R"({"op":"==","attribute":"y","type":"null"})", 1, 'f'},

      {R"({"op":"exists","attribute":"x"})", false, 't'},
      {R"({"op":"exists","attribute":"x"})", list, 't'},
      {R"({"op":"exists","attribute":"x"})", std::numeric_limits<double>::quiet_NaN(), 't'},
      {R"({"op":"exists","attribute":"x"})", missing, 'f'},
      {R"({"op":"exists","attribute":"y"})", 1, 'f'},
  };
  for (const auto& row : rows) {
    CAPTURE(row.condition);
    CAPTURE(static_cast<int>(row.x.type()));
    CHECK(Is(row.condition, row.x) == row.truth);
    // `not` turns true and false around and leaves unknown unknown, whatever it negates.
    const char negated = row.truth == 't' ? 'f' : row.truth == 'f' ? 't' : 'u';
    CHECK(Is(std::string(R"({"op":"not","of":[)") + row.condition + "]}", row.x) == negated);
  }
}

TEST_CASE("lists are looked into, element by element") {
  const std::int64_t big = (std::int64_t{1} << 53) + 1;
  const Value roles(List{Value("pro"), Value("beta"), Value("pro")});
  const Value mixed(List{Value("a"), Value(3), Value(true), Value(), Value(List{Value("hidden")})});
  const Value none{List()};
  const Value many(List(257, Value("pro")));
  const struct {
    std::string leaf;  // but for the attribute
    Value x;
    char truth;
  } rows[] = {
      {R"("op":"contains_any","values":["pro"])", roles, 't'},
      {R"("op":"contains_any","values":["team","beta"])", roles, 't'},
      {R"("op":"contains_any","values":["team","free"])", roles, 'f'},
      {R"("op":"contains_any","values":["Pro"])", roles, 'f'},
      {R"("op":"contains_any","values":[3])", roles, 'f'},
      {R"("op":"contains_any","values":[3.0])", mixed, 't'},
      {R"("op":"contains_any","values":[true])", mixed, 't'},
      {R"("op":"contains_any","values":[false,"b",4])", mixed, 'f'},
      {R"("op":"contains_any","values":["hidden"])", mixed, 'f'},
      {R"("op":"contains_any","values":[9007199254740992])", List{Value(big)}, 'f'},
      {R"("op":"contains_any","values":["pro"])", none, 'f'},
      {R"("op":"contains_any","values":["pro"])", many, 'u'},
      {R"("op":"contains_any","values":["pro"])", "pro", 'u'},
      {R"("op":"contains_any","values":["pro"])", Value(), 'u'},
      {R"("op":"contains_all","values":["pro","beta"])", roles, 't'},
      {R"("op":"contains_all","values":["pro","pro"])", roles, 't'},
      {R"("op":"contains_all","values":["pro","beta","team"])", roles, 'f'},
      {R"("op":"contains_all","values":["pro",3])", roles, 'f'},
      {R"("op":"contains_all","values":["a",3,true])", mixed, 't'},
      {R"("op":"contains_all","values":["a",3,true,false])", mixed, 'f'},
      {R"("op":"contains_all","values":[1,2,3])", List{Value(3), Value(2.0), Value(1), Value(2.5)}, 't'},
      {R"("op":"contains_all","values":["pro"])", none, 'f'},
      {R"("op":"contains_all","values":["pro"])", many, 'u'},
      {R"("op":"contains_all","values":["pro"])", Object{{"pro", Value(1)}}, 'u'},
      {R"("op":"contains_none","values":["team","free"])", roles, 't'},
      {R"("op":"contains_none","values":["team","pro"])", roles, 'f'},
      {R"("op":"contains_none","values":["pro"])", none, 't'},
      {R"("op":"contains_none","values":["team"])", many, 'u'},
      {R"("op":"contains_none","values":["team"])", "pro", 'u'},
      {R"("op":"contains_none","values":["team"])", Value(), 'u'},
      {R"("op":">=","size":3)", roles, 't'},
      {R"("op":">","size":3)", roles, 'f'},
      {R"("op":"==","size":5)", mixed, 't'},
      {R"("op":"!=","size":0)", none, 'f'},
      {R"("op":"<","size":300)", many, 'u'},
      {R"("op":"==","size":3)", "pro", 'u'},
      {R"("op":"==","size":0)", Value(), 'u'},
  };
  for (const auto& row : rows) {
    CAPTURE(row.leaf);
    const std::string condition = "{" + row.leaf + R"(,"attribute":"x"})";
    CHECK(Is(condition, row.x) == row.truth);
    const char negated = row.truth == 't' ? 'f' : row.truth == 'f' ? 't' : 'u';
    CHECK(Is(R"({"op":"not","of":[)" + condition + "]}", row.x) == negated);
  }
}

TEST_CASE("two lists are looked into in one decision, each by itself") {
  const std::string condition = R"({"op":"and","of":[{"op":"contains_any","attribute":"a","values":["x"]},)"
                                R"({"op":"contains_none","attribute":"b","values":["x"]},)"
                                R"({"op":"==","attribute":"b","size":2}]})";
  const Value with(List{Value("x")});
  const Value without(List{Value("y"), Value("z")});
  CHECK(Letter(Ask(condition, Context().Set("a", with).Set("b", without)).truth) == 't');
  CHECK(Letter(Ask(condition, Context().Set("a", without).Set("b", with)).truth) == 'f');
}

TEST_CASE("lists as wide as they may be hold every one of as many constants") {
  std::string values;
  List elements;
  for (int i = 0; i < 128; ++i) {
    values += (i > 0 ? ",\"t" : "\"t") + std::to_string(i) + "\"," + std::to_string(i);
    elements.emplace_back("t" + std::to_string(127 - i));
    elements.emplace_back(127 - i);
  }
  const std::string condition = R"({"op":"contains_all","attribute":"x","values":[)" + values + "]}";
  CHECK(Is(condition, elements) == 't');
  elements[17] = Value("other");
  CHECK(Is(condition, elements) == 'f');
}

TEST_CASE("and, or and not are Kleene's") {
  const struct {
    char a, b, both, either;
  } rows[] = {
      {'t', 't', 't', 't'}, {'t', 'f', 'f', 't'}, {'t', 'u', 'u', 't'}, {'f', 't', 'f', 't'}, {'f', 'f', 'f', 'f'},
      {'f', 'u', 'f', 'u'}, {'u', 't', 'u', 't'}, {'u', 'f', 'f', 'u'}, {'u', 'u', 'u', 'u'},
  };
  const Context context = Context().Set("here", 1);
  for (const auto& row : rows) {
    CAPTURE(row.a);
    CAPTURE(row.b);
    const std::string of = std::string(R"("of":[)") + ConditionThatIs(row.a) + "," + ConditionThatIs(row.b) + "]}";
    CHECK(Letter(Ask(R"({"op":"and",)" + of, context).truth) == row.both);
    CHECK(Letter(Ask(R"({"op":"or",)" + of, context).truth) == row.either);
    // A third operand behind, so that skipping over subtrees is met as well.
    const std::string nested = R"("of":[{"op":"and","of":[)" + std::string(ConditionThatIs(row.a)) + "," +
                               ConditionThatIs('t') + R"(]},{"op":"or","of":[)" + ConditionThatIs(row.b) + "," +
                               ConditionThatIs('f') + "]}]}";
    CHECK(Letter(Ask(R"({"op":"and",)" + nested, context).truth) == row.both);
    CHECK(Letter(Ask(R"({"op":"or",)" + nested, context).truth) == row.either);
  }
}

TEST_CASE("a condition reads the attribute of the kind it names") {
  const std::string of_team = R"({"op":">","attribute":"size","kind":"team","value":10})";
  CHECK(Letter(Ask(of_team, Context().SetFor("team", "size", 12)).truth) == 't');
  CHECK(Letter(Ask(of_team, Context().SetFor("team", "size", 2).Set("size", 12)).truth) == 'f');
  CHECK(Letter(Ask(of_team, Context().Set("size", 12)).truth) == 'u');
  CHECK(Letter(Ask(R"({"op":">","attribute":"size","value":10})", Context().SetFor("team", "size", 12)).truth) == 'u');
}

TEST_CASE("a segment is its condition") {
  const std::string segments = R"("segments":{"beta":{"op":"==","attribute":"channel","value":"beta"},)"
                               R"("inner":{"op":"not","of":[{"op":"segment","segment":"beta"}]}},)";
  const struct {
    std::string segment;
    Context context;
    char truth;
  } rows[] = {
      {"beta", Context().Set("channel", "beta"), 't'},
      {"beta", Context().Set("channel", "stable"), 'f'},
      {"beta", Context(), 'u'},
      {"inner", Context().Set("channel", "stable"), 't'},
      {"inner", Context().Set("channel", "beta"), 'f'},
      {"inner", Context(), 'u'},
  };
  for (const auto& row : rows) {
    CAPTURE(row.segment);
    const std::string condition = std::string(R"({"op":"segment","segment":")") + row.segment + "\"}";
    CHECK(Letter(Ask(condition, row.context, kNow, segments).truth) == row.truth);
  }
}

TEST_CASE("an operator of a newer format is unknown, also negated, and said to be so") {
  const auto loaded = dialects::LoadNative(
      Datafile(R"("flags":{"f":{"type":"bool","default":false,"rules":[)"
               R"({"id":"a","when":{"op":"sounds_like","attribute":"x","value":1},"serve":true},)"
               R"({"id":"b","when":{"op":"not","of":[{"op":"sounds_like","attribute":"x"}]},"serve":true}]}})"));
  CHECK(ToText(loaded.problems) ==
        "warning: /flags/f/rules/0/when/op: \"sounds_like\" is an operator this version does not know; the condition "
        "stays unknown\n"
        "warning: /flags/f/rules/1/when/of/0/op: \"sounds_like\" is an operator this version does not know; the "
        "condition "
        "stays unknown\n");
  REQUIRE(loaded.rules.get() != nullptr);
  const Outcome outcome = Decide(loaded.rules, "f", Context().Set("x", 1));
  CHECK(outcome.reason == Reason::kDefault);
}

TEST_CASE("constants that could never match are refused, and a type of a newer format is unknown") {
  const struct {
    std::string leaf;
    std::string problem;
  } rows[] = {
      {R"("op":"==","lower":true,"value":"Pro")",
       "/value: has capitals, and is compared with what has none: \"lower\" is true"},
      {R"("op":"==","lower":true,"value":3)", "/value: is compared with a text: \"lower\" is true"},
      {R"("op":"in","lower":true,"values":["a","B"])",
       "/values: has capitals, and is compared with what has none: \"lower\" is true"},
      {R"("op":"in","lower":true,"values":["a",true])", "/values: is compared with a text: \"lower\" is true"},
      {R"("op":"contains","lower":true,"value":"B")",
       "/value: has capitals, and is compared with what has none: \"lower\" is true"},
      {R"("op":"matches_glob","value":"**")", "/value: \"**\" matches every text"},
      {R"("op":"cidr","values":["::/0","10.1.2.3/8"])",
       "/values/1: \"10.1.2.3/8\" has bits behind the prefix: write 10.0.0.0/8"},
      {R"("op":"cidr","values":[])", "/values: is empty, so nothing is in it"},
      {R"("op":"<","type":"int")", "/op: types have no order: only == and != compare them"},
      {R"("op":"==","type":3)", "/type: must be a text"},
      {R"("op":"contains_all","values":[])", "/values: is empty, so nothing is in it"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.leaf);
    const auto loaded =
        dialects::LoadNative(Datafile(R"("flags":{"f":{"type":"bool","default":false,"rules":[{"id":"a","when":{)" +
                                      row.leaf + R"(,"attribute":"x"},"serve":true}]}})"));
    CHECK(ToText(loaded.problems).find("/flags/f/rules/0/when" + row.problem) != std::string::npos);
  }
  const auto loaded = dialects::LoadNative(
      Datafile(R"("flags":{"f":{"type":"bool","default":false,"rules":[)"
               R"({"id":"a","when":{"op":"!=","attribute":"x","type":"duration"},"serve":true}]}})"));
  CHECK(ToText(loaded.problems) ==
        "warning: /flags/f/rules/0/when/type: \"duration\" is a type this version does not know; the condition stays "
        "unknown\n");
  REQUIRE(loaded.rules.get() != nullptr);
  CHECK(Decide(loaded.rules, "f", Context().Set("x", 1)).reason == Reason::kDefault);
}

TEST_CASE("a count that is at least so many answers what every greater one would answer, and nothing else") {
  const struct {
    const char* op;
    const char* exact;     // of 4, 5 and 6 against 5
    const char* at_least;  // likewise
  } rows[] = {{"==", "ftf", "uuf"}, {"!=", "tft", "uut"}, {"<", "tff", "uff"},
              {"<=", "ttf", "uuf"}, {">", "fft", "uut"},  {">=", "ftt", "utt"}};
  for (const auto& row : rows) {
    CAPTURE(row.op);
    const std::string leaf = std::string(R"({"op":")") + row.op + R"(","count":"open","window":"7d","value":5})";
    const std::string negated = R"({"op":"not","of":[)" + leaf + "]}";
    for (std::size_t i = 0; i < 3; ++i) {
      CAPTURE(i);
      behavior::Behavior exact;
      behavior::Behavior at_least;
      at_least.ForgetBefore(kNow - Duration(1));
      for (std::size_t times = 0; times < 4 + i; ++times) {
        exact.Add("open", kNow);
        at_least.Add("open", kNow);
      }
      CHECK(Letter(Ask(leaf, Context(), kNow, "", &exact).truth) == row.exact[i]);
      CHECK(Letter(Ask(leaf, Context(), kNow, "", &at_least).truth) == row.at_least[i]);
      const char opposite = row.at_least[i] == 'u' ? 'u' : row.at_least[i] == 't' ? 'f' : 't';
      CHECK(Letter(Ask(negated, Context(), kNow, "", &at_least).truth) == opposite);
    }
    CHECK(Letter(Ask(leaf, Context(), kNow, "", nullptr).truth) == 'u');
  }
}

TEST_CASE("counts and active days are of their event and window, and the answer says when it may change") {
  behavior::Behavior behavior;
  for (const std::int64_t hours : {0, 1, 2, 100}) behavior.Add("open", kNow - Duration(hours * 3'600'000));
  const Timestamp tonight = TimestampFromMs(1'795'046'400'000);
  const struct {
    const char* condition;
    char truth;
    Timestamp valid_until;
  } rows[] = {
      {R"({"op":"==","count":"open","value":4})", 't', ruleset::kNever},
      {R"({"op":"==","active_days":"open","value":2})", 't', ruleset::kNever},
      {R"({"op":"==","count":"open","window":"1d","value":3})", 't', tonight},
      {R"({"op":"==","active_days":"open","window":"1d","value":1})", 't', tonight},
      {R"({"op":">=","count":"open","window":"1d","value":4})", 'f', tonight},
      {R"({"op":"==","count":"share","window":"1d","value":0})", 't', ruleset::kNever},
      {R"({"op":">","count":"share","value":0})", 'f', ruleset::kNever},
      // Not asked, no boundary.
      {R"({"op":"or","of":[{"op":"exists","attribute":"here"},{"op":"==","count":"open","window":"1d","value":3}]})",
       't', ruleset::kNever},
  };
  for (const auto& row : rows) {
    CAPTURE(row.condition);
    const Answer answer = Ask(row.condition, Context().Set("here", 1), kNow, "", &behavior);
    CHECK(Letter(answer.truth) == row.truth);
    CHECK(answer.valid_until == row.valid_until);
  }
}

TEST_CASE("how long ago something was turns at the moment, and is unknown where it never was") {
  constexpr std::int64_t kHour = 3'600'000;
  behavior::Behavior known;
  known.Add("open", kNow - Duration(1'000 * kHour));
  known.Add("open", kNow - Duration(168 * kHour));
  known.Add("ahead", kNow + Duration(kHour));
  // Before the last hour anything may have been.
  behavior::Behavior partly = known;
  partly.ForgetBefore(kNow - Duration(kHour));
  partly.Add("new", kNow - Duration(kHour / 2));
  behavior::Series gap;
  gap.ever = gap.ever_days = 1;
  gap.first = gap.last = kNow - Duration(100 * kHour);
  gap.forgotten_before = kNow - Duration(10 * kHour);
  partly.Put("gap", gap);
  const Timestamp never = ruleset::kNever;
  const auto in = [](std::int64_t ms) { return kNow + Duration(ms); };
  const struct {
    const behavior::Behavior* behavior;
    const char* what;  // op, event, comparison, duration
    const char* comparison;
    const char* duration;
    char truth;
    Timestamp valid_until;
  } rows[] = {
      {&known, "since_last open", ">=", "7d", 't', never},
      {&known, "since_last open", "<", "7d", 'f', never},
      {&known, "since_last open", ">", "7d", 'f', in(1)},
      {&known, "since_last open", "<=", "7d", 't', in(1)},
      {&known, "since_last open", "<", "8d", 't', in(24 * kHour)},
      {&known, "since_last open", ">=", "8d", 'f', in(24 * kHour)},
      {&known, "since_last open", "<=", "8d", 't', in(24 * kHour + 1)},
      {&known, "since_first open", ">=", "1000h", 't', never},
      {&known, "since_first open", ">", "1001h", 'f', in(kHour + 1)},
      {&known, "since_last ahead", "<", "1s", 't', in(kHour + 1'000)},
      {&known, "since_last ahead", ">=", "1s", 'f', in(kHour + 1'000)},
      {&known, "since_last never", ">=", "1s", 'u', never},
      {&known, "since_last never", "<", "3650d", 'u', never},
      {nullptr, "since_last open", ">=", "7d", 'u', never},
      // What came before is lost: the last one is still the last, the first one may have been earlier.
      {&partly, "since_last new", "<", "1h", 't', in(kHour / 2)},
      {&partly, "since_first new", "<", "1h", 'u', in(kHour / 2)},
      {&partly, "since_first new", ">=", "30m", 't', never},
      {&partly, "since_first new", ">=", "1h", 'u', in(kHour / 2)},
      // Known 100 hours ago, maybe again until 10 hours ago.
      {&partly, "since_last gap", "<", "101h", 't', in(kHour)},
      {&partly, "since_last gap", "<", "100h", 'u', in(90 * kHour - 1)},
      {&partly, "since_last gap", "<", "11h", 'u', in(kHour - 1)},
      {&partly, "since_last gap", "<", "10h", 'f', never},
      {&partly, "since_last gap", "<", "9h", 'f', never},
      {&partly, "since_last gap", ">=", "9h", 't', never},
      {&partly, "since_last never", "<", "3650d", 'u', never},
  };
  for (const auto& row : rows) {
    const std::string what = row.what;
    const std::size_t space = what.find(' ');
    const std::string leaf = R"({"op":")" + what.substr(0, space) + R"(","event":")" + what.substr(space + 1) +
                             R"(","comparison":")" + row.comparison + R"(","duration":")" + row.duration + "\"}";
    CAPTURE(leaf);
    const Answer answer = Ask(leaf, Context(), kNow, "", row.behavior);
    CHECK(Letter(answer.truth) == row.truth);
    CHECK(answer.valid_until == row.valid_until);
    // It is so until then, and another answer from then on where that is known.
    if (row.behavior == nullptr || row.truth == 'u' || answer.valid_until == never) continue;
    CHECK(Ask(leaf, Context(), answer.valid_until - Duration(1), "", row.behavior).truth == answer.truth);
    CHECK(Ask(leaf, Context(), answer.valid_until, "", row.behavior).truth != answer.truth);
  }
}

TEST_CASE("since and before turn at their date, and the answer says when it may change") {
  const Timestamp date = TimestampFromMs(1'796'083'200'000);  // 2026-12-01
  const Timestamp just_before = date - Duration(1);
  const std::string since = R"({"op":"since","date":"2026-12-01"})";
  const std::string before = R"({"op":"before","date":"2026-12-01"})";
  const struct {
    std::string name;
    std::string condition;
    Timestamp now;
    char truth;
    Timestamp valid_until;
  } rows[] = {
      {"since, too early", since, just_before, 'f', date},
      {"since, at the moment", since, date, 't', ruleset::kNever},
      {"before, in time", before, just_before, 't', date},
      {"before, at the moment", before, date, 'f', ruleset::kNever},
      {"the earlier of two", R"({"op":"and","of":[{"op":"before","date":"2027-01-01"},)" + before + "]}", just_before,
       't', date},
      {"not asked, no boundary", R"({"op":"or","of":[{"op":"exists","attribute":"here"},)" + since + "]}", just_before,
       't', ruleset::kNever},
      {"no time in it", R"({"op":"exists","attribute":"here"})", just_before, 't', ruleset::kNever},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const Answer answer = Ask(row.condition, Context().Set("here", 1), row.now);
    CHECK(Letter(answer.truth) == row.truth);
    CHECK(answer.valid_until == row.valid_until);
  }
}

TEST_CASE("segments within segments cannot multiply beyond ten thousand steps") {
  // Each names the one before it eight times: 8^5 leaves.
  std::string segments = R"("segments":{"s0":{"op":"exists","attribute":"here"})";
  for (int level = 1; level <= 5; ++level) {
    segments += ",\"s" + std::to_string(level) + R"(":{"op":"and","of":[)";
    for (int i = 0; i < 8; ++i) {
      segments += std::string(i > 0 ? "," : "") + R"({"op":"segment","segment":"s)" + std::to_string(level - 1) + "\"}";
    }
    segments += "]}";
  }
  segments += "},";
  const Context context = Context().Set("here", 1);
  const Answer fits = Ask(R"({"op":"segment","segment":"s4"})", context, kNow, segments);
  CHECK(Letter(fits.truth) == 't');
  CHECK_FALSE(fits.over_budget);
  const Answer too_much = Ask(R"({"op":"segment","segment":"s5"})", context, kNow, segments);
  CHECK(Letter(too_much.truth) == 'u');
  CHECK(too_much.over_budget);
  const Answer negated = Ask(R"({"op":"not","of":[{"op":"segment","segment":"s5"}]})", context, kNow, segments);
  CHECK(Letter(negated.truth) == 'u');
}

namespace {

// Answers every question in the same way.
class Same final : public Decider {
 public:
  Same(const ruleset::FlagValue* value, Met met) : value_(value), met_(met) {}
  const ruleset::FlagValue* FlagOf(std::uint32_t) noexcept override { return value_; }
  Met VariantOf(std::uint32_t) noexcept override { return met_; }

 private:
  const ruleset::FlagValue* value_;
  Met met_;
};

char AskOf(const std::string& type, const std::string& condition, Decider* decider) {
  const Rules rules = LoadRules(
      R"("layers":{"l":{"unit":"device","salt":"l"}},"experiments":{"e":{"iteration":1,"status":"running","layer":"l",)"
      R"("slots":[],"salt":"s","variants":{"a":{"slots":[[0,1000000]],"flags":{"f":true}},)"
      R"("b":{"slots":[],"flags":{"f":true}},"c":{"slots":[],"flags":{"f":true}}}}},)"
      R"("flags":{"asked":{"type":")" +
      type + R"(","default":)" +
      (type == "string" ? "\"\""
       : type == "bool" ? "false"
                        : "0") +
      R"(},"f":{"type":"bool","default":false,"rules":[{"id":"r","when":)" + condition + R"(,"serve":true}]}})");
  const Context context;
  const PreparedContext prepared(*rules, context);
  Targeting targeting(*rules, prepared, kNow, decider);
  return Letter(targeting.Evaluate(rules->steps[rules->FindFlag("f")->first_step].index));
}

}  // namespace

TEST_CASE("a flag that conditions ask for compares in its own type, and is unknown without a value") {
  const struct {
    const char* type;
    Value value;
    const char* op;
    const char* constant;
    char truth;
  } rows[] = {
      {"string", "icon", "==", "\"icon\"", 't'},
      {"string", "Icon", "==", "\"icon\"", 'f'},
      {"string", "a text no rule names", "!=", "\"icon\"", 't'},
      {"string", "icon", "!=", "\"icon\"", 'f'},
      {"bool", true, "==", "true", 't'},
      {"bool", false, "==", "true", 'f'},
      {"bool", false, "!=", "true", 't'},
      {"int", 5, "==", "5", 't'},
      {"int", 5, "==", "5.0", 't'},
      {"int", 5, ">", "4.5", 't'},
      {"int", 5, "<", "4.5", 'f'},
      {"int", 5, "<=", "5", 't'},
      {"int", 5, "!=", "5", 'f'},
      {"int", (std::int64_t{1} << 53) + 1, "==", "9007199254740992.0", 'f'},
      {"int", (std::int64_t{1} << 53) + 1, ">", "9007199254740992.0", 't'},
      {"double", 2.5, ">=", "2.5", 't'},
      {"double", 2.5, "<", "3", 't'},
      {"double", 2.5, "==", "2", 'f'},
      {"double", 9007199254740992.0, "<", "9007199254740993", 't'},
  };
  for (const auto& row : rows) {
    const std::string condition =
        std::string(R"({"op":")") + row.op + R"(","flag":"asked","value":)" + row.constant + "}";
    CAPTURE(row.type);
    CAPTURE(condition);
    ruleset::FlagValue value;
    const ruleset::ValueType types[] = {ruleset::ValueType::kString, ruleset::ValueType::kBool,
                                        ruleset::ValueType::kInt, ruleset::ValueType::kDouble};
    for (const auto type : types) {
      if (ruleset::ValueTypeName(type) == row.type) REQUIRE(ruleset::FromValue(row.value, type, &value));
    }
    Same decider(&value, {});
    CHECK(AskOf(row.type, condition, &decider) == row.truth);
    Same silent(nullptr, {});
    CHECK(AskOf(row.type, condition, &silent) == 'u');
    CHECK(AskOf(row.type, condition, nullptr) == 'u');
    CHECK(AskOf(row.type, R"({"op":"not","of":[)" + condition + "]}", &silent) == 'u');
  }
}

TEST_CASE(
    "a unit that is in no variant is not in the one asked for, and nobody knows of an experiment without an answer") {
  const struct {
    const char* condition;
    const char* truths;  // in no variant, in a, in b, unknown
  } rows[] = {
      {R"({"op":"==","variant":"e","value":"a"})", "ftfu"},
      {R"({"op":"!=","variant":"e","value":"a"})", "tftu"},
      {R"({"op":"in","variant":"e","values":["a","c"]})", "ftfu"},
      {R"({"op":"in","variant":"e","values":["c","b","a"]})", "fttu"},
      {R"({"op":"not","of":[{"op":"in","variant":"e","values":["a","c"]}]})", "tftu"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.condition);
    const Decider::Met met[] = {{true, ruleset::kNone}, {true, 0}, {true, 1}, {false, ruleset::kNone}};
    std::string truths;
    for (const Decider::Met& each : met) {
      Same decider(nullptr, each);
      truths += AskOf("bool", row.condition, &decider);
    }
    CHECK(truths == row.truths);
    CHECK(AskOf("bool", row.condition, nullptr) == 'u');
  }
}
