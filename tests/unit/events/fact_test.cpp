#include "sdk/events/fact.h"

#include <doctest/doctest.h>

#include <functional>
#include <limits>

#include "guidon/limits.h"

namespace guidon::events {
namespace {

Fact Exposure() {
  Fact fact;
  fact.kind = EventKind::kExposure;
  fact.name = "attach-button";
  fact.variant = "on";
  fact.unit_kind = "device";
  fact.unit_id = "d";
  return fact;
}

TEST_CASE("what a fact must have, and must not") {
  struct Row {
    const char* name;
    void (*change)(Fact*);
    bool is_good;
  };
  const Row rows[] = {
      {"as it is", [](Fact*) {}, true},
      {"no name", [](Fact* fact) { fact->name.clear(); }, false},
      {"longest name", [](Fact* fact) { fact->name.assign(128, 'x'); }, true},
      {"name too long", [](Fact* fact) { fact->name.assign(129, 'x'); }, false},
      {"zero byte in the name", [](Fact* fact) { fact->name = std::string("a\0b", 3); }, false},
      {"name not UTF-8", [](Fact* fact) { fact->name = "\xC3"; }, false},
      {"infinite value", [](Fact* fact) { fact->value = std::numeric_limits<double>::infinity(); }, false},
      {"no variant", [](Fact* fact) { fact->variant.clear(); }, false},
      {"no unit", [](Fact* fact) { fact->unit_id.clear(); }, false},
      {"unit id too long", [](Fact* fact) { fact->unit_id.assign(257, 'x'); }, false},
      {"session not UTF-8", [](Fact* fact) { fact->session = "\xFF"; }, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Fact fact = Exposure();
    row.change(&fact);
    std::size_t dropped = 0;
    CHECK(CheckFact(&fact, &dropped) == row.is_good);
    CHECK(dropped == 0);
  }
}

TEST_CASE("an attribute may travel exactly when a checked fact keeps it, so it need not be copied to be judged") {
  struct Row {
    const char* name;
    Value value;
    bool may;
  };
  const Row rows[] = {
      {"text", std::string(limits::kEventPropertyBytes, 'x'), true},
      {"text", std::string(limits::kEventPropertyBytes + 1, 'x'), false},
      {"list", List{1, "two"}, true},
      {"long list", List(kFactBytes / 10 + 1, Value(1)), false},
      {"deep", List{List{List{List{List{List{List{List{List{}}}}}}}}}, false},
      {"not UTF-8", "\xC0\x80", false},
      {"", 1, false},
      {"not a number", std::numeric_limits<double>::quiet_NaN(), false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(MayTravel(row.name, row.value) == row.may);
    Fact fact = Exposure();
    fact.attributes = {{row.name, row.value}};
    std::size_t dropped = 0;
    REQUIRE(CheckFact(&fact, &dropped));
    CHECK(fact.attributes.empty() == !row.may);
  }
  Fact fact = Exposure();
  fact.dropped = 2;
  std::size_t dropped = 1;
  REQUIRE(CheckFact(&fact, &dropped));
  CHECK(dropped == 3);
}

TEST_CASE("a property that may not travel is dropped alone and counted") {
  struct Row {
    const char* name;
    Value value;
    bool is_kept;
  };
  const Row rows[] = {
      {"null", Value(), true},
      {"bool", true, true},
      {"int", 3, true},
      {"text", std::string(limits::kEventPropertyBytes, 'x'), true},
      {"text too long", std::string(limits::kEventPropertyBytes + 1, 'x'), false},
      {"not UTF-8", "\xC0\x80", false},
      {"list", List{}, false},
      {"object", Object{}, false},
      {"not a number", std::numeric_limits<double>::quiet_NaN(), false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Fact fact = Exposure();
    fact.properties = {{"first", 1}, {"p", row.value}, {"last", 2}};
    std::size_t dropped = 0;
    REQUIRE(CheckFact(&fact, &dropped));
    CHECK(dropped == (row.is_kept ? 0 : 1));
    REQUIRE(fact.properties.size() == (row.is_kept ? 3 : 2));
    CHECK(fact.properties.back().first == "last");
    CHECK(fact.properties.back().second == Value(2));
  }
}

TEST_CASE("at most 64 properties and 128 KiB of text stay, in the order given") {
  Fact fact = Exposure();
  for (int i = 0; i < 100; ++i) fact.properties.emplace_back("p" + std::to_string(i), i);
  std::size_t dropped = 0;
  REQUIRE(CheckFact(&fact, &dropped));
  CHECK(fact.properties.size() == 64);
  CHECK(dropped == 36);

  Fact long_fact = Exposure();
  for (int i = 0; i < 64; ++i) long_fact.properties.emplace_back("p" + std::to_string(i), std::string(4'000, 'x'));
  dropped = 0;
  REQUIRE(CheckFact(&long_fact, &dropped));
  CHECK(dropped == 64 - long_fact.properties.size());
  CHECK(long_fact.properties.size() * 4'000 <= kFactBytes);
  CHECK(long_fact.properties.size() > 30);
}

TEST_CASE("each bound of a fact is what stays, and what is beyond goes by itself") {
  const auto fill = [](std::vector<std::pair<std::string, Value>>* values, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) values->emplace_back("n" + std::to_string(i), 1);
  };
  struct Row {
    const char* name;
    std::size_t most;
    std::function<void(Fact*, std::size_t)> change;
    std::function<std::size_t(const Fact&)> kept;
    std::size_t left;     // one above the bound
    std::size_t dropped;  // likewise
  };
  const auto name = [](std::size_t n) { return std::string(n, 'n'); };
  const Row rows[] = {
      {"properties", limits::kEventProperties, [&](Fact* fact, std::size_t n) { fill(&fact->properties, n); },
       [](const Fact& fact) { return fact.properties.size(); }, limits::kEventProperties, 1},
      {"attributes", limits::kContextAttributes, [&](Fact* fact, std::size_t n) { fill(&fact->attributes, n); },
       [](const Fact& fact) { return fact.attributes.size(); }, limits::kContextAttributes, 1},
      {"units", limits::kContextUnits,
       [](Fact* fact, std::size_t n) {
         for (std::size_t i = 0; i < n; ++i) fact->units.push_back({"u" + std::to_string(i), "id"});
       },
       [](const Fact& fact) { return fact.units.size(); }, limits::kContextUnits, 0},
      {"bytes of a unit's id", limits::kUnitIdBytes,
       [&](Fact* fact, std::size_t n) {
         fact->units = {{"u", name(n)}};
       },
       [](const Fact& fact) { return fact.units.empty() ? 0 : fact.units[0].id.size(); }, 0, 0},
      {"bytes of a unit's kind", limits::kKeyBytes,
       [&](Fact* fact, std::size_t n) {
         fact->units = {{name(n), "i"}};
       },
       [](const Fact& fact) { return fact.units.empty() ? 0 : fact.units[0].kind.size(); }, 0, 0},
      {"bytes of a property's name", limits::kAttributeNameBytes,
       [&](Fact* fact, std::size_t n) {
         fact->properties = {{name(n), 1}};
       },
       [](const Fact& fact) { return fact.properties.empty() ? 0 : fact.properties[0].first.size(); }, 0, 1},
      {"bytes of a property", limits::kEventPropertyBytes,
       [&](Fact* fact, std::size_t n) {
         fact->properties = {{"p", name(n)}};
       },
       [](const Fact& fact) { return fact.properties.empty() ? 0 : fact.properties[0].second.AsString()->size(); }, 0,
       1},
      {"bytes of an audience", limits::kKeyBytes, [&](Fact* fact, std::size_t n) { fact->audience = name(n); },
       [](const Fact& fact) { return fact.audience.size(); }, limits::kKeyBytes, 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    for (const std::size_t n : {row.most - 1, row.most, row.most + 1}) {
      CAPTURE(n);
      Fact fact = Exposure();
      row.change(&fact, n);
      std::size_t dropped = 0;
      REQUIRE(CheckFact(&fact, &dropped));
      CHECK(row.kept(fact) == (n > row.most ? row.left : n));
      CHECK(dropped == (n > row.most ? row.dropped : 0));
    }
  }
}

TEST_CASE("attributes may be lists and objects, but not without end") {
  Value deep = 1;
  for (int i = 0; i < 20; ++i) deep = List{deep};
  Fact fact = Exposure();
  fact.attributes = {{"plan", "pro"}, {"teams", List{"a", Object{{"b", 1}}}}, {"deep", deep}};
  std::size_t dropped = 0;
  REQUIRE(CheckFact(&fact, &dropped));
  CHECK(fact.attributes.size() == 2);
  CHECK(dropped == 1);
}

TEST_CASE("a unit id that bucketing refuses does not cost the event") {
  Fact fact = Exposure();
  fact.units = {{"device", ""}, {"account", "u-42"}};
  std::size_t dropped = 0;
  REQUIRE(CheckFact(&fact, &dropped));
  REQUIRE(fact.units.size() == 1);
  CHECK(fact.units[0].kind == "account");
}

Fact PromptFact() {
  Fact fact = Exposure();
  fact.kind = EventKind::kPrompt;
  fact.name = "try-file-share";
  fact.variant = "prompt";
  fact.prompt = FactPrompt{prompts::What::kFailure, "p1", 1, "b1", "host went away", "message_sent", Duration(5)};
  return fact;
}

TEST_CASE("what a prompt fact must have, and must not") {
  struct Row {
    const char* name;
    void (*change)(Fact*);
    bool is_good;
  };
  const Row rows[] = {
      {"as it is", [](Fact*) {}, true},
      {"no prompt", [](Fact* fact) { fact->prompt.reset(); }, false},
      {"no showing", [](Fact* fact) { fact->prompt->id.clear(); }, false},
      {"showing too long", [](Fact* fact) { fact->prompt->id.assign(129, 'x'); }, false},
      {"no arm", [](Fact* fact) { fact->variant.clear(); }, false},
      {"no unit", [](Fact* fact) { fact->unit_id.clear(); }, false},
      {"half a unit, forced",
       [](Fact* fact) {
         fact->unit_id.clear();
         fact->forced = true;
       },
       false},
      {"no unit, forced",
       [](Fact* fact) {
         fact->unit_kind.clear();
         fact->unit_id.clear();
         fact->forced = true;
       },
       true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Fact fact = PromptFact();
    row.change(&fact);
    std::size_t dropped = 0;
    CHECK(CheckFact(&fact, &dropped) == row.is_good);
    CHECK(dropped == 0);
  }
}

TEST_CASE("texts of a host that are too long or no texts do not cost the outcome") {
  Fact fact = PromptFact();
  fact.prompt->button = "\xFF";
  fact.prompt->cause = std::string(127, 'x') + "\xC3\xA4 and more";
  fact.prompt->trigger = std::string("a\0b", 3);
  fact.prompt->snooze = Duration(-1);
  fact.prompt->visible = Duration(-1);
  std::size_t dropped = 0;
  REQUIRE(CheckFact(&fact, &dropped));
  CHECK(fact.prompt->button.empty());
  CHECK(fact.prompt->cause == std::string(127, 'x'));
  CHECK(fact.prompt->trigger.empty());
  CHECK(fact.prompt->snooze == Duration(0));
  CHECK(fact.prompt->visible == Duration(0));
}

TEST_CASE("only an experiment's exposure says what is known of its enrollment") {
  for (const EventKind kind : {EventKind::kExposure, EventKind::kHoldoutExposure}) {
    Fact fact = Exposure();
    fact.kind = kind;
    fact.audience = std::string(limits::kKeyBytes, 'a') + "and more";
    fact.sticky = true;
    std::size_t dropped = 0;
    REQUIRE(CheckFact(&fact, &dropped));
    CHECK(fact.audience == std::string(kind == EventKind::kExposure ? limits::kKeyBytes : 0, 'a'));
    CHECK(fact.sticky == (kind == EventKind::kExposure));
  }
}

TEST_CASE("only what is forced says who forced it") {
  for (const bool forced : {false, true}) {
    Fact fact = Exposure();
    fact.forced = forced;
    fact.forced_by = "api";
    fact.overrides = "prompt:invite=show";
    fact.natural_variant = "off";
    std::size_t dropped = 0;
    REQUIRE(CheckFact(&fact, &dropped));
    CHECK(fact.forced_by == (forced ? "api" : ""));
    CHECK(fact.overrides.empty() != forced);
    CHECK(fact.natural_variant.has_value() == forced);
  }
}

}  // namespace
}  // namespace guidon::events
