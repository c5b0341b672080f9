#include "sdk/core/evaluation/evaluate.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "sdk/core/evaluation/bucketing.h"
#include "tests/unit/core/rules.h"

using namespace guidon;
using namespace guidon::evaluation;
using namespace guidon::testing;

namespace {

constexpr char kUnit[] = "u-1";

Context Someone() { return Context().Unit("device", kUnit).Set("plan", "pro"); }

std::string LayerAndExperiment(const std::string& more) {
  return R"("layers":{"l":{"unit":"device","salt":"l.1"}},"experiments":{"e":{"iteration":3,"layer":"l",)"
         R"("salt":"e.3","variants":{"a":{"slots":[[0,500000]],"flags":{"f":"A"}},)"
         R"("b":{"slots":[[500000,1000000]],"flags":{"f":"B"}}},)" +
         more +
         R"(}},"flags":{"f":{"type":"string","default":"off","rules":[{"id":"r1","experiment":"e"},)"
         R"({"id":"r2","when":{"op":"exists","attribute":"late"},"serve":"later"}]}})";
}

const std::string kEverybody = R"("status":"running","slots":[[0,1000000]])";

// One whose slot of kUnit is low enough for it to be in the comparison group as well.
std::string HoldoutSalt() {
  int n = 0;
  std::string salt;
  do salt = "h." + std::to_string(n++);
  while (Slot('h', salt, kUnit) >= 500'000);
  return salt;
}

std::string Holdout(std::uint32_t size) {
  return R"("holdouts":{"h":{"unit":"device","salt":")" + HoldoutSalt() + R"(","size":)" + std::to_string(size) +
         R"(,"experiments":"*"}},)";
}

std::string Results(const Trace& trace) {
  std::string text;
  for (const TraceStep& step : trace) text += std::string(StepResultName(step.result)) + " ";
  return text;
}

Forced ForceVariant(const Rules& rules, const std::string& experiment, std::uint32_t variant) {
  Forced forced;
  const auto index = static_cast<std::uint32_t>(rules->FindExperiment(experiment) - rules->experiments.data());
  forced.experiments.push_back({index, variant});
  return forced;
}

}  // namespace

TEST_CASE("a flag without rules is its default, of every type") {
  const Rules rules =
      LoadRules(R"("flags":{"b":{"type":"bool","default":true},"i":{"type":"int","default":-9223372036854775808},)"
                R"("d":{"type":"double","default":2},"s":{"type":"string","default":"\u00e9"},)"
                R"("j":{"type":"json","default":{"z":1,"a":[null,1.0]}}})");
  const struct {
    std::string flag;
    Value value;
  } rows[] = {
      {"b", Value(true)},
      {"i", Value(INT64_MIN)},
      {"d", Value(2.0)},
      {"s", Value("\xC3\xA9")},
      {"j", Value(Object{{"z", Value(1)}, {"a", Value(List{Value(), Value(1.0)})}})},
  };
  for (const auto& row : rows) {
    CAPTURE(row.flag);
    const Outcome outcome = Decide(rules, row.flag, Context());
    CHECK(outcome.reason == Reason::kStatic);
    CHECK(ValueOf(outcome) == row.value);
    CHECK(outcome.exposure_count == 0);
    CHECK(outcome.valid_until == ruleset::kNever);
  }
}

TEST_CASE("the first rule whose condition is true decides, and the default when none is") {
  const Rules rules =
      LoadRules(R"("flags":{"f":{"type":"int","default":0,"rules":[)"
                R"({"id":"unknown","when":{"op":"==","attribute":"nobody-has-it","value":1},"serve":1},)"
                R"({"id":"false","when":{"op":"==","attribute":"plan","value":"free"},"serve":2},)"
                R"({"id":"true","when":{"op":"==","attribute":"plan","value":"pro"},"serve":3},)"
                R"({"id":"too-late","when":{"op":"==","attribute":"plan","value":"pro"},"serve":4}]}})");
  Trace trace;
  const Outcome pro = Decide(rules, "f", Someone(), nullptr, &trace);
  CHECK(pro.reason == Reason::kRule);
  CHECK(ValueOf(pro) == Value(3));
  CHECK(pro.rule == 2);
  CHECK(pro.exposure_count == 0);
  CHECK(Results(trace) == "condition_unknown condition_false passed served ");

  const Outcome other = Decide(rules, "f", Context().Set("plan", "team"));
  CHECK(other.reason == Reason::kDefault);
  CHECK(ValueOf(other) == Value(0));
  CHECK(other.rule == ruleset::kNone);
}

TEST_CASE("a rule without a condition is for everybody") {
  const Rules rules = LoadRules(R"("flags":{"f":{"type":"bool","default":false,"rules":[{"id":"r","serve":true}]}})");
  CHECK(ValueOf(Decide(rules, "f", Context())) == Value(true));
}

TEST_CASE("a rollout serves the part that has the unit's slot and passes the others on") {
  const std::uint32_t slot = Slot('r', "f.1", kUnit);
  const auto rollout = [](std::uint32_t begin, std::uint32_t end) {
    return R"("flags":{"f":{"type":"int","default":0,"rules":[{"id":"r","rollout":{"unit":"device","salt":"f.1",)"
           R"("split":[{"slots":[[0,1],[)" +
           std::to_string(begin) + "," + std::to_string(end) +
           R"(]],"serve":7},{"slots":[],"serve":8}]}},{"id":"rest","serve":9}]}})";
  };
  const struct {
    std::string name;
    std::uint32_t begin, end;
    int value;
    Reason reason;
  } rows[] = {
      {"first slot of the range", slot, slot + 1, 7, Reason::kRollout},
      {"last slot of the range", slot - 1, slot + 1, 7, Reason::kRollout},
      {"just behind the range", slot - 1, slot, 9, Reason::kRule},
      {"just ahead of the range", slot + 1, slot + 2, 9, Reason::kRule},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    Trace trace;
    const Rules rules = LoadRules(rollout(row.begin, row.end));
    const Outcome outcome = Decide(rules, "f", Someone(), nullptr, &trace);
    CHECK(ValueOf(outcome) == Value(row.value));
    CHECK(outcome.reason == row.reason);
    CHECK(outcome.exposure_count == 0);  // a rollout is not an exposure
    REQUIRE(trace.size() >= 2);
    CHECK(trace[1].slot == static_cast<std::int32_t>(slot));
  }
}

TEST_CASE("an experiment serves the variant of the split slot and exposes with both slots") {
  const Rules rules = LoadRules(LayerAndExperiment(kEverybody));
  Trace trace;
  const Outcome outcome = Decide(rules, "f", Someone(), nullptr, &trace);
  const std::uint32_t split = Slot('s', "e.3", kUnit);
  const std::uint32_t variant = split < 500'000 ? 0 : 1;
  CHECK(outcome.reason == Reason::kExperiment);
  CHECK(ValueOf(outcome) == Value(variant == 0 ? "A" : "B"));
  CHECK(outcome.experiment == 0);
  CHECK(outcome.variant == variant);
  CHECK(outcome.rule == 0);
  CHECK_FALSE(outcome.is_forced);
  REQUIRE(outcome.exposure_count == 1);
  const Exposure& exposure = outcome.exposures[0];
  CHECK_FALSE(exposure.is_holdout);
  CHECK_FALSE(exposure.is_forced);
  CHECK(exposure.object == 0);
  CHECK(rules->unit_kinds[exposure.unit] == "device");
  CHECK(exposure.variant == variant);
  CHECK(exposure.layer_slot == static_cast<std::int32_t>(Slot('l', "l.1", kUnit)));
  CHECK(exposure.slot == static_cast<std::int32_t>(split));
  CHECK(Results(trace) == "passed passed in_layer served ");
}

TEST_CASE("both variants are met, each with its own value") {
  const Rules rules = LoadRules(LayerAndExperiment(kEverybody));
  int met[2] = {0, 0};
  for (int i = 0; i < 200; ++i) {
    const Outcome outcome = Decide(rules, "f", Context().Unit("device", i));
    REQUIRE(outcome.reason == Reason::kExperiment);
    CHECK(ValueOf(outcome) == Value(outcome.variant == 0 ? "A" : "B"));
    ++met[outcome.variant];
  }
  CHECK(met[0] > 0);
  CHECK(met[1] > 0);
}

TEST_CASE("who is not in an experiment goes on to the next rule") {
  const std::uint32_t layer_slot = Slot('l', "l.1", kUnit);
  const std::string elsewhere = layer_slot < 500'000 ? "[[500000,1000000]]" : "[[0,500000]]";
  const struct {
    std::string name;
    std::string members;
    const char* trace;
  } rows[] = {
      {"paused", R"("status":"paused","slots":[[0,1000000]])", "paused "},
      {"ended", R"("status":"ended","slots":[[0,1000000]])", "ended "},
      {"not started", kEverybody + R"(,"starts_at":"2026-12-01T00:00:00Z")", "not_started "},
      {"past its end", kEverybody + R"(,"ends_at":"2026-11-01T00:00:00Z")", "ended "},
      {"not targeted", kEverybody + R"(,"when":{"op":"==","attribute":"plan","value":"free"})",
       "passed passed condition_false "},
      {"of unknown targeting", kEverybody + R"(,"when":{"op":"==","attribute":"nothing","value":1})",
       "passed passed condition_unknown "},
      {"outside its layer slots", R"("status":"running","slots":)" + elsewhere, "passed passed not_in_layer "},
      {"no slots at all", R"("status":"running","slots":[])", "passed passed not_in_layer "},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const Rules rules = LoadRules(LayerAndExperiment(row.members));
    Trace trace;
    const Outcome outcome = Decide(rules, "f", Someone(), nullptr, &trace);
    CHECK(outcome.reason == Reason::kDefault);
    CHECK(outcome.exposure_count == 0);
    CHECK(Results(trace) == std::string(row.trace) + "condition_false served ");
    CHECK(Decide(rules, "f", Someone().Set("late", 1)).reason == Reason::kRule);
  }
}

TEST_CASE("an experiment runs from its start to just before its end, and the decision says when that changes") {
  const Rules rules = LoadRules(
      LayerAndExperiment(kEverybody + R"(,"starts_at":"2026-12-01T00:00:00Z","ends_at":"2026-12-08T00:00:00Z")"));
  const Timestamp start = TimestampFromMs(1'796'083'200'000);
  const Timestamp end = start + std::chrono::hours(7 * 24);
  const struct {
    std::string name;
    Timestamp now;
    Reason reason;
    Timestamp valid_until;
  } rows[] = {
      {"before", start - Duration(1), Reason::kDefault, start},
      {"at the start", start, Reason::kExperiment, end},
      {"just before the end", end - Duration(1), Reason::kExperiment, end},
      {"at the end", end, Reason::kDefault, ruleset::kNever},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const Outcome outcome = Decide(rules, "f", Someone(), nullptr, nullptr, row.now);
    CHECK(outcome.reason == row.reason);
    CHECK(outcome.valid_until == row.valid_until);
  }
}

TEST_CASE("a missing or bad unit id ends the decision with the caller's fallback") {
  const Rules experiment = LoadRules(LayerAndExperiment(kEverybody));
  const Rules rollout = LoadRules(
      R"("flags":{"f":{"type":"string","default":"off","rules":[{"id":"r","rollout":{"unit":"device","salt":"f.1",)"
      R"("split":[]}},{"id":"rest","serve":"rest"}]}})");
  const struct {
    std::string name;
    Context context;
    Reason reason;
    const char* trace;
  } rows[] = {
      {"no unit", Context(), Reason::kNoUnit, "no_unit "},
      {"another unit", Context().Unit("account", "x"), Reason::kNoUnit, "no_unit "},
      {"empty id", Context().Unit("device", ""), Reason::kInvalidUnit, "invalid_unit "},
      {"257 bytes", Context().Unit("device", std::string(257, 'x')), Reason::kInvalidUnit, "invalid_unit "},
      {"not UTF-8", Context().Unit("device", "\xFF"), Reason::kInvalidUnit, "invalid_unit "},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    Trace trace;
    const Outcome outcome = Decide(experiment, "f", row.context, nullptr, &trace);
    CHECK(outcome.reason == row.reason);
    CHECK(outcome.value == nullptr);
    CHECK(outcome.rule == 0);
    CHECK(outcome.exposure_count == 0);
    CHECK(Results(trace) == std::string("passed ") + row.trace);
    CHECK(Decide(rollout, "f", row.context).reason == row.reason);
  }
}

TEST_CASE("an experiment that runs no more asks for no unit") {
  const Rules rules = LoadRules(LayerAndExperiment(R"("status":"ended","slots":[[0,1000000]])"));
  CHECK(Decide(rules, "f", Context()).reason == Reason::kDefault);
}

TEST_CASE("a holdout comes before targeting, holds its slots out and exposes both of its groups") {
  const std::uint32_t slot = Slot('h', HoldoutSalt(), kUnit);
  const std::string nobody = kEverybody + R"(,"when":{"op":"exists","attribute":"nobody-has-it"})";
  const struct {
    std::string name;
    std::uint32_t size;
    std::string members;
    Reason reason;
    const char* trace;
    int side;  // of the exposure; -1: none
  } rows[] = {
      {"held out at the last slot", slot + 1, kEverybody, Reason::kHoldout, "passed passed held_out ", 0},
      {"held out though not targeted", slot + 1, nobody, Reason::kHoldout, "passed passed held_out ", 0},
      {"first slot of the comparison group", slot, kEverybody, Reason::kExperiment,
       "passed passed comparison_group in_layer served ", 1},
      {"last slot of the comparison group", slot / 2 + 1, kEverybody, Reason::kExperiment,
       "passed passed comparison_group in_layer served ", 1},
      {"compared though not targeted", slot, nobody, Reason::kDefault,
       "passed passed comparison_group condition_false condition_false served ", 1},
      {"behind both", slot / 2, kEverybody, Reason::kExperiment, "passed passed not_held_out in_layer served ", -1},
      {"an ended experiment holds nobody out", slot + 1, R"("status":"ended","slots":[[0,1000000]])", Reason::kDefault,
       "ended condition_false served ", -1},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const Rules rules = LoadRules(Holdout(row.size) + LayerAndExperiment(row.members));
    Trace trace;
    const Outcome outcome = Decide(rules, "f", Someone(), nullptr, &trace);
    CHECK(outcome.reason == row.reason);
    CHECK(Results(trace) == row.trace);
    if (row.reason == Reason::kHoldout) CHECK(ValueOf(outcome) == Value("off"));
    const std::uint32_t from_experiment = row.reason == Reason::kExperiment ? 1 : 0;
    REQUIRE(outcome.exposure_count == from_experiment + (row.side >= 0 ? 1 : 0));
    if (row.side < 0) continue;
    const Exposure& exposure = outcome.exposures[0];
    CHECK(exposure.is_holdout);
    CHECK(exposure.object == 0);
    CHECK(exposure.variant == static_cast<std::uint32_t>(row.side));
    CHECK(exposure.slot == static_cast<std::int32_t>(slot));
    CHECK(exposure.layer_slot == -1);
    CHECK(rules->unit_kinds[exposure.unit] == "device");
  }
}

TEST_CASE("a killed flag is its default, whatever its rules and forced experiments say") {
  const std::string text = LayerAndExperiment(kEverybody);
  const std::string killed =
      text.substr(0, text.rfind(R"("rules")")) + R"("kill":true,)" + text.substr(text.rfind(R"("rules")"));
  const Rules rules = LoadRules(killed);
  const Forced forced = ForceVariant(rules, "e", 1);
  for (const Forced* each : {static_cast<const Forced*>(nullptr), &forced}) {
    const Outcome outcome = Decide(rules, "f", Someone(), each);
    CHECK(outcome.reason == Reason::kKilled);
    CHECK(ValueOf(outcome) == Value("off"));
    CHECK(outcome.exposure_count == 0);
    CHECK_FALSE(outcome.is_forced);
  }
}

TEST_CASE("a forced flag is that value, before everything else, and exposes nothing") {
  const auto loaded = dialects::LoadNative(Datafile(
      R"("flags":{"f":{"type":"int","default":0,"kill":true},"g":{"type":"int","default":0},"x":{"type":"int"}})"));
  REQUIRE(loaded.rules.get() != nullptr);
  Forced forced;
  ruleset::FlagValue nine;
  REQUIRE(ruleset::FromValue(Value(9), ruleset::ValueType::kInt, &nine));
  for (const char* key : {"f", "x"})
    forced.flags.push_back({loaded.rules->IndexOf(*loaded.rules->FindFlag(key)), nine});
  for (const char* key : {"f", "x"}) {
    CAPTURE(key);
    const Outcome outcome = Decide(loaded.rules, key, Context(), &forced);
    CHECK(outcome.reason == Reason::kForced);
    CHECK(outcome.is_forced);
    CHECK(ValueOf(outcome) == Value(9));
    CHECK(outcome.exposure_count == 0);
  }
  CHECK(Decide(loaded.rules, "g", Context(), &forced).reason == Reason::kStatic);
}

TEST_CASE("a forced variant is met past status, holdout, targeting and slots, and its exposure says so") {
  const std::string nobody = R"(,"when":{"op":"exists","attribute":"nobody-has-it"})";
  const std::string rows[] = {kEverybody, R"("status":"ended","slots":[])" + nobody, kEverybody + nobody,
                              kEverybody + R"(,"ends_at":"2026-11-01")"};
  for (const std::string& members : rows) {
    CAPTURE(members);
    const Rules rules = LoadRules(Holdout(500'000) + LayerAndExperiment(members));
    const Forced forced = ForceVariant(rules, "e", 1);
    Trace trace;
    const Outcome outcome = Decide(rules, "f", Someone(), &forced, &trace);
    CHECK(outcome.reason == Reason::kForced);
    CHECK(outcome.is_forced);
    CHECK(ValueOf(outcome) == Value("B"));
    CHECK(outcome.experiment == 0);
    CHECK(outcome.variant == 1);
    CHECK(Results(trace) == "forced ");
    REQUIRE(outcome.exposure_count == 1);
    CHECK(outcome.exposures[0].is_forced);
    CHECK_FALSE(outcome.exposures[0].is_holdout);
    CHECK(outcome.exposures[0].variant == 1);
    CHECK(outcome.exposures[0].slot == -1);
    CHECK(outcome.exposures[0].layer_slot == -1);

    const Outcome without_unit = Decide(rules, "f", Context(), &forced);
    CHECK(ValueOf(without_unit) == Value("B"));
    CHECK(without_unit.exposure_count == 0);
  }
}

TEST_CASE("an experiment forced off gives its flags their defaults, asks nothing further and exposes nothing") {
  const Rules rules = LoadRules(Holdout(500'000) + LayerAndExperiment(kEverybody));
  const Forced forced = ForceVariant(rules, "e", Forced::kOff);
  for (const Context& context : {Someone().Set("late", true), Context()}) {
    Trace trace;
    const Outcome outcome = Decide(rules, "f", context, &forced, &trace);
    CHECK(outcome.reason == Reason::kForced);
    CHECK(outcome.is_forced);
    CHECK(ValueOf(outcome) == Value("off"));
    CHECK(outcome.experiment == ruleset::kNone);
    CHECK(outcome.rule == 0);
    CHECK(outcome.exposure_count == 0);
    CHECK(Results(trace) == "forced_off ");
  }
}

TEST_CASE("an experiment forced to unassigned is passed over, and the next rule decides, marked") {
  const Rules rules = LoadRules(Holdout(500'000) + LayerAndExperiment(kEverybody));
  const Forced forced = ForceVariant(rules, "e", Forced::kUnassigned);
  Trace trace;
  const Outcome outcome = Decide(rules, "f", Someone(), &forced, &trace);
  CHECK(outcome.reason == Reason::kDefault);
  CHECK(outcome.is_forced);
  CHECK(outcome.exposure_count == 0);
  CHECK(Results(trace) == "forced_unassigned condition_false served ");
  const Outcome late = Decide(rules, "f", Someone().Set("late", true), &forced);
  CHECK(late.reason == Reason::kRule);
  CHECK(ValueOf(late) == Value("later"));
}

// Two experiments set the flag, both for everybody; a rule that serves everybody stands above them.
constexpr char kTwoExperiments[] =
    R"("layers":{"l":{"unit":"device","salt":"l.1"}},"experiments":{)"
    R"("e1":{"layer":"l","salt":"e1.1","iteration":1,"status":"running","slots":[[0,500000]],)"
    R"("variants":{"a":{"slots":[[0,1000000]],"flags":{"f":"1A"}}}},)"
    R"("e2":{"layer":"l","salt":"e2.1","iteration":1,"status":"running","slots":[[500000,1000000]],)"
    R"("variants":{"a":{"slots":[[0,1000000]],"flags":{"f":"2A"}}}}},)"
    R"("flags":{"f":{"type":"string","default":"off","rules":[)"
    R"({"id":"top","when":{"op":"exists","attribute":"plan"},"serve":"top"},)"
    R"({"id":"r1","when":{"op":"exists","attribute":"nobody-has-it"},"experiment":"e1"},)"
    R"({"id":"r2","experiment":"e2"}]}})";

TEST_CASE("the first of a flag's rules whose experiment is forced decides, past the rules above it") {
  const Rules rules = LoadRules(kTwoExperiments);
  const std::uint32_t off = Forced::kOff;
  const std::uint32_t unassigned = Forced::kUnassigned;
  const std::uint32_t natural = 99;
  struct Row {
    std::string name;
    std::uint32_t e1, e2;  // what they are forced to
    std::string value;
    Reason reason;
    std::string trace;
  };
  const Row rows[] = {
      {"neither", natural, natural, "top", Reason::kRule, "passed served "},
      {"the first", 0, natural, "1A", Reason::kForced, "forced "},
      {"the second", natural, 0, "2A", Reason::kForced, "forced "},
      {"both", 0, 0, "1A", Reason::kForced, "forced "},
      {"the first off", off, 0, "off", Reason::kForced, "forced_off "},
      {"the second off", natural, off, "off", Reason::kForced, "forced_off "},
      {"the first unassigned", unassigned, 0, "2A", Reason::kForced, "forced "},
      {"both unassigned", unassigned, unassigned, "top", Reason::kRule, "passed served "},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Forced forced;
    const auto force = [&](const char* key, std::uint32_t variant) {
      if (variant == natural) return;
      forced.experiments.push_back(ForceVariant(rules, key, variant).experiments[0]);
    };
    force("e2", row.e2);  // the order of the overrides does not count
    force("e1", row.e1);
    Trace trace;
    const Outcome outcome = Decide(rules, "f", Someone(), &forced, &trace);
    CHECK(ValueOf(outcome) == Value(row.value));
    CHECK(outcome.reason == row.reason);
    CHECK(Results(trace) == row.trace);
  }
}

TEST_CASE("overrides of other experiments and flags change nothing") {
  const Rules rules = LoadRules(LayerAndExperiment(kEverybody));
  Forced forced;
  forced.experiments.push_back({7, 0});
  forced.flags.push_back({7, {}});
  const Outcome outcome = Decide(rules, "f", Someone(), &forced);
  CHECK(outcome.reason == Reason::kExperiment);
  CHECK_FALSE(outcome.is_forced);
}

TEST_CASE("an invalid flag gives the caller's fallback") {
  const auto loaded = dialects::LoadNative(Datafile(R"("flags":{"f":{"type":"int","default":"x"}})"));
  REQUIRE(loaded.rules.get() != nullptr);
  const Outcome outcome = Decide(loaded.rules, "f", Someone());
  CHECK(outcome.reason == Reason::kInvalidFlag);
  CHECK(outcome.value == nullptr);
}

TEST_CASE("conditions that ask for too many steps end the decision with the fallback") {
  std::string text = R"("segments":{"s0":{"op":"exists","attribute":"here"})";
  for (int level = 1; level <= 5; ++level) {
    const std::string inner = R"({"op":"segment","segment":"s)" + std::to_string(level - 1) + "\"}";
    text += ",\"s" + std::to_string(level) + R"(":{"op":"and","of":[)" + inner;
    for (int i = 1; i < 8; ++i) text += "," + inner;
    text += "]}";
  }
  text += R"(},"flags":{"f":{"type":"bool","default":false,"rules":[)"
          R"({"id":"r","when":{"op":"segment","segment":"s5"},"serve":true},{"id":"rest","serve":true}]}})";
  Trace trace;
  const Outcome outcome = Decide(LoadRules(text), "f", Context().Set("here", 1), nullptr, &trace);
  CHECK(outcome.reason == Reason::kBudget);
  CHECK(outcome.value == nullptr);
  CHECK(Results(trace) == "over_budget ");
}

TEST_CASE("one experiment sets several flags, each to its own value of the same variant") {
  const Rules rules =
      LoadRules(R"("layers":{"l":{"unit":"device","salt":"l.1"}},"experiments":{"e":{"iteration":1,"status":"running",)"
                R"("layer":"l",)"
                R"("slots":[[0,1000000]],"salt":"e.1","variants":{)"
                R"("a":{"slots":[[0,500000]],"flags":{"z":1,"m":"a","b":true}},)"
                R"("b":{"slots":[[500000,1000000]],"flags":{"b":false,"z":2,"m":"b"}}}}},)"
                R"("flags":{"z":{"type":"int","default":0,"rules":[{"id":"r","experiment":"e"}]},)"
                R"("b":{"type":"bool","default":false,"rules":[{"id":"r","experiment":"e"}]},)"
                R"("m":{"type":"string","default":"","rules":[{"id":"r","experiment":"e"}]}})");
  for (int i = 0; i < 50; ++i) {
    const Context context = Context().Unit("device", i);
    const Outcome z = Decide(rules, "z", context);
    const bool is_a = z.variant == 0;
    CHECK(ValueOf(z) == Value(is_a ? 1 : 2));
    CHECK(ValueOf(Decide(rules, "b", context)) == Value(is_a));
    CHECK(ValueOf(Decide(rules, "m", context)) == Value(is_a ? "a" : "b"));
  }
}

TEST_CASE("however many holdouts a unit met on the way, the experiment that decides is exposed") {
  // Five experiments on one flag, each governed by four holdouts that have the unit in their comparison group.
  std::string holdouts, experiments, rules_text;
  for (int e = 0; e < 5; ++e) {
    const std::string key = "e" + std::to_string(e);
    for (int h = 0; h < 4; ++h) {
      // A salt that puts the unit into the second half: with size 500,000 that is the comparison group.
      int n = 0;
      std::string salt;
      do salt = key + "." + std::to_string(h) + "." + std::to_string(n++);
      while (Slot('h', salt, kUnit) < 500'000);
      holdouts += (holdouts.empty() ? "\"" : ",\"") + key + "-h" + std::to_string(h) +
                  R"(":{"unit":"device","salt":")" + salt + R"(","size":500000,"experiments":[")" + key + "\"]}";
    }
    experiments += (e > 0 ? ",\"" : "\"") + key + R"(":{"iteration":1,"status":"running","layer":"l)" +
                   std::to_string(e) + R"(","slots":)" + (e < 4 ? "[]" : "[[0,1000000]]") + R"(,"salt":")" + key +
                   R"(","variants":{"on":{"slots":[[0,1000000]],"flags":{"f":true}}}})";
    rules_text += (e > 0 ? ",{\"id\":\"" : "{\"id\":\"") + key + R"(","experiment":")" + key + "\"}";
  }
  std::string layers;
  for (int e = 0; e < 5; ++e) {
    layers += (e > 0 ? ",\"l" : "\"l") + std::to_string(e) + R"(":{"unit":"device","salt":"l"})";
  }
  const Rules rules =
      LoadRules("\"layers\":{" + layers + "},\"holdouts\":{" + holdouts + "},\"experiments\":{" + experiments +
                R"(},"flags":{"f":{"type":"bool","default":false,"rules":[)" + rules_text + "]}}");
  const Outcome outcome = Decide(rules, "f", Someone());
  REQUIRE(outcome.reason == Reason::kExperiment);
  REQUIRE(outcome.exposure_count == outcome.exposures.size());
  const Exposure& last = outcome.exposures[outcome.exposure_count - 1];
  CHECK_FALSE(last.is_holdout);
  CHECK(rules->experiments[last.object].key == "e4");
}
