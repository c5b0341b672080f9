#include "sdk/core/evaluation/prepared_context.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "guidon/limits.h"
#include "tests/unit/core/random_rules.h"
#include "tests/unit/core/rules.h"

using namespace guidon;
using namespace guidon::evaluation;
using namespace guidon::testing;

namespace {

using Tag = SlotValue::Tag;

// Rules that read one attribute in one way.
Rules RulesThatRead(const std::string& condition) {
  return LoadRules(R"("flags":{"f":{"type":"bool","default":false,"rules":[{"id":"r","when":)" + condition +
                   R"(,"serve":true}]}})");
}

// Checks the tag that the only slot takes.
void CheckTag(const std::string& condition, const Context& context, Tag expected) {
  const Rules rules = RulesThatRead(condition);
  REQUIRE(rules->slots.size() == 1);
  CHECK(PreparedContext(*rules, context).slot(0).tag == expected);
}

}  // namespace

TEST_CASE("an attribute is found by its full name, or else by walking from the longest name that leads to it") {
  const Rules rules = RulesThatRead(R"({"op":"==","attribute":"a.b.c","value":"hit"})");
  const Value hit("hit");
  const Value miss("miss");
  const struct {
    std::string name;
    Context context;
    bool found;
  } rows[] = {
      {"by its full name", Context().Set("a.b.c", hit), true},
      {"through objects", Context().Set("a", Object{{"b", Object{{"c", hit}}}}), true},
      {"through an object with a dotted name", Context().Set("a.b", Object{{"c", hit}}), true},
      {"the full name before the walk", Context().Set("a", Object{{"b", Object{{"c", miss}}}}).Set("a.b.c", hit), true},
      {"the longest name before shorter ones",
       Context().Set("a", Object{{"b", Object{{"c", miss}}}}).Set("a.b", Object{{"c", hit}}), true},
      {"no turning back", Context().Set("a", Object{{"b", Object{{"c", hit}}}}).Set("a.b", Object()), false},
      {"through a text", Context().Set("a", Object{{"b", hit}}), false},
      {"a name inside that has a dot itself", Context().Set("a", Object{{"b.c", hit}}), false},
      {"half a name", Context().Set("a.b.", hit), false},
      {"of another kind", Context().SetFor("team", "a.b.c", hit), false},
      {"nothing there", Context(), false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const PreparedContext prepared(*rules, row.context);
    CHECK((prepared.slot(0).tag == Tag::kText && prepared.slot(0).text == "hit") == row.found);
  }
}

TEST_CASE("values keep their type, and what no operator compares is there but of no type") {
  const std::string exists = R"({"op":"exists","attribute":"x"})";
  const struct {
    std::string name;
    Value value;
    Tag tag;
  } rows[] = {
      {"null", Value(), Tag::kMissing},
      {"bool", Value(false), Tag::kBool},
      {"int", Value(0), Tag::kInt},
      {"double", Value(0.0), Tag::kDouble},
      {"infinite", Value(std::numeric_limits<double>::infinity()), Tag::kDouble},
      {"not a number", Value(std::numeric_limits<double>::quiet_NaN()), Tag::kOther},
      {"text", Value(""), Tag::kText},
      {"16 KiB of text", Value(std::string(16 << 10, 'x')), Tag::kText},
      {"more than 16 KiB of text", Value(std::string((16 << 10) + 1, 'x')), Tag::kOther},
      {"list", Value(List{Value(1)}), Tag::kOther},
      {"object", Value(Object{{"a", Value(1)}}), Tag::kOther},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CheckTag(exists, Context().Set("x", row.value), row.tag);
  }
}

TEST_CASE("versions and times are read once, where rules compare them as such") {
  const std::string version = R"({"op":">=","attribute":"x","version":"4.2.0"})";
  CheckTag(version, Context().Set("x", "4.10"), Tag::kVersion);
  CheckTag(version, Context().Set("x", "four"), Tag::kOther);
  CheckTag(version, Context().Set("x", 4), Tag::kOther);
  CheckTag(version, Context().Set("x", Value()), Tag::kMissing);
  const std::string time = R"({"op":"<","attribute":"x","date":"2026-12-01"})";
  CheckTag(time, Context().Set("x", "2026-11-30T00:00:00Z"), Tag::kTime);
  CheckTag(time, Context().Set("x", 1'796'119'200'000), Tag::kTime);
  CheckTag(time, Context().Set("x", 1'796'119'200'000.0), Tag::kOther);
  CheckTag(time, Context().Set("x", "yesterday"), Tag::kOther);
}

TEST_CASE("capitals are folded once, where rules ask for that") {
  const std::string folds = R"({"op":"==","attribute":"x","lower":true,"value":"pro"})";
  const Rules rules = RulesThatRead(folds);
  for (const char* text : {"pro", "Pro", "PRO"}) {
    CAPTURE(text);
    const Context context = Context().Set("x", text);
    const PreparedContext prepared(*rules, context);
    REQUIRE(prepared.slot(0).tag == Tag::kText);
    CHECK(prepared.slot(0).text == "pro");
    CHECK(rules->texts[prepared.slot(0).index] == "pro");
  }
  const Context accents = Context().Set("x", "\xc3\x89T\xc3\x89");
  CHECK(PreparedContext(*rules, accents).slot(0).text == "\xc3\x89t\xc3\x89");
  CheckTag(folds, Context().Set("x", 3), Tag::kOther);
  CheckTag(folds, Context(), Tag::kMissing);
}

TEST_CASE("of a list, what conditions compare is kept, and its size") {
  const std::string looks = R"({"op":"contains_any","attribute":"x","values":["a"]})";
  const Rules rules = RulesThatRead(looks);
  const Value list(List{Value("a"), Value(), Value(3), Value(List{Value("a")}), Value(2.5), Value(true),
                        Value(Object()), Value(std::numeric_limits<double>::quiet_NaN()),
                        Value(std::string((16 << 10) + 1, 'x'))});
  const PreparedContext prepared(*rules, Context().Set("x", list));
  const SlotValue& slot = prepared.slot(0);
  REQUIRE(slot.tag == Tag::kList);
  CHECK(slot.list.size == 9);
  REQUIRE(slot.list.count == 4);
  const SlotValue* elements = prepared.elements() + slot.list.first;
  CHECK(elements[0].tag == Tag::kText);
  CHECK(rules->texts[elements[0].index] == "a");
  CHECK(elements[1].integer == 3);
  CHECK(elements[2].number == 2.5);
  CHECK(elements[3].boolean);

  CheckTag(looks, Context().Set("x", List(limits::kAttributeElements, Value("b"))), Tag::kList);
  CheckTag(looks, Context().Set("x", List(limits::kAttributeElements + 1, Value("a"))), Tag::kOther);
  CheckTag(looks, Context().Set("x", "a"), Tag::kOther);
  CheckTag(looks, Context().Set("x", Value()), Tag::kMissing);
}

TEST_CASE("attributes beyond the 256th are not read") {
  const Rules rules = RulesThatRead(R"({"op":"exists","attribute":"x"})");
  Context context;
  for (int i = 0; i < 255; ++i) context.Set("filler-" + std::to_string(i), i);
  Context fits = context;
  fits.Set("x", 1);
  CHECK(PreparedContext(*rules, fits).slot(0).tag == Tag::kInt);
  context.Set("one-more", 1).Set("x", 1);
  CHECK(PreparedContext(*rules, context).slot(0).tag == Tag::kMissing);
}

TEST_CASE("more attributes and units than fit in place are prepared all the same") {
  std::string rules_text = R"("flags":{"f":{"type":"bool","default":false,"rules":[)";
  Context context;
  for (int i = 0; i < 40; ++i) {
    const std::string n = std::to_string(i);
    rules_text += (i > 0 ? "," : "") + (R"({"id":"r)" + n) + R"(","when":{"op":"==","attribute":"a)" + n +
                  R"(","version":"1.0.)" + n + R"("},"rollout":{"unit":"unit)" + n + R"(","salt":"s)" + n +
                  R"(","split":[{"slots":[[0,1000000]],"serve":true}]}})";
    context.Set("a" + n, "1.0." + n).Unit("unit" + n, "id" + n);
  }
  const Rules rules = LoadRules(rules_text + "]}}");
  const PreparedContext prepared(*rules, context);
  for (std::uint32_t i = 0; i < 40; ++i) {
    CAPTURE(i);
    REQUIRE(prepared.slot(i).tag == Tag::kVersion);
    CHECK(prepared.slot(i).version[2] == i);
    CHECK(prepared.unit(i).state == UnitValue::State::kValid);
    CHECK(prepared.unit(i).id == "id" + std::to_string(i));
  }
}

TEST_CASE("more behavior than fits in place is asked for all the same") {
  for (const std::size_t count : {std::size_t{1}, std::size_t{8}, std::size_t{9}, limits::kConditionsPerRule}) {
    CAPTURE(count);
    std::string leaves;
    behavior::Behavior behavior;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string event = "event" + std::to_string(i);
      leaves += (i > 0 ? "," : "") + std::string(R"({"op":">","count":")") + event + R"(","value":1})";
      for (std::size_t times = 0; times < i; ++times) behavior.Add(event, kNow);
    }
    const Rules rules = RulesThatRead(R"({"op":"or","of":[)" + leaves + "]}");
    REQUIRE(rules->behavior_terms.size() == count);
    const Context context;
    const PreparedContext prepared(*rules, context, {&behavior}, kNow);
    const PreparedContext unknowing(*rules, context, {}, kNow);
    for (std::uint32_t i = 0; i < count; ++i) {
      CHECK(prepared.total(i).is_known);
      CHECK(prepared.total(i).value == static_cast<std::int64_t>(i));
      CHECK_FALSE(unknowing.total(i).is_known);
    }
  }
}

TEST_CASE("a context that is read as decisions ask for it decides as one that is read at once") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    const Rules rules = dialects::LoadNative(Datafile(RandomMembers(&dice))).rules;
    REQUIRE(static_cast<bool>(rules));
    const Context context = RandomContext(&dice);
    const behavior::Behavior behavior = RandomBehavior(&dice);
    const enrollment::Enrollments enrollments = RandomEnrollments(*rules, context, &dice);
    Surroundings surroundings;
    surroundings.behavior = &behavior;
    surroundings.enrollments = &enrollments;
    const PreparedContext at_once(*rules, context, surroundings, kNow);
    for (const ruleset::Flag& flag : rules->flags) {
      CAPTURE(flag.key);
      const PreparedContext as_asked(*rules, context, surroundings, kNow, Preparation::kAsAsked);
      const Outcome expected = Evaluate(*rules, flag, at_once, kNow);
      const Outcome actual = Evaluate(*rules, flag, as_asked, kNow);
      CHECK(actual.value == expected.value);
      CHECK(actual.reason == expected.reason);
      CHECK(actual.variant == expected.variant);
      CHECK(actual.valid_until == expected.valid_until);
      CHECK(actual.exposure_count == expected.exposure_count);
    }
  }
}
