// Explaining and deciding are one algorithm: whatever the rules and the context, they agree.
#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <string>

#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/explain.h"
#include "tests/unit/core/random_rules.h"

using namespace guidon;
using namespace guidon::evaluation;
using namespace guidon::testing;

namespace {

bool operator==(const Exposure& a, const Exposure& b) {
  return a.is_holdout == b.is_holdout && a.is_forced == b.is_forced && a.object == b.object && a.unit == b.unit &&
         a.variant == b.variant && a.layer_slot == b.layer_slot && a.slot == b.slot;
}

void CheckSame(const Outcome& a, const Outcome& b) {
  CHECK(a.reason == b.reason);
  CHECK(a.is_forced == b.is_forced);
  CHECK(a.value == b.value);
  CHECK(a.rule == b.rule);
  CHECK(a.experiment == b.experiment);
  CHECK(a.variant == b.variant);
  CHECK(a.valid_until == b.valid_until);
  REQUIRE(a.exposure_count == b.exposure_count);
  for (std::uint32_t i = 0; i < a.exposure_count; ++i) CHECK(a.exposures[i] == b.exposures[i]);
}

// What the last step taken must have been, given why the decision is what it is.
void CheckLastStep(const Outcome& outcome, const Trace& trace) {
  if (trace.empty()) {
    const bool is_settled_before = outcome.reason == Reason::kKilled || outcome.reason == Reason::kForced;
    CHECK(is_settled_before);
    return;
  }
  const TraceStep& last = trace.back();
  using ruleset::StepKind;
  switch (outcome.reason) {
    case Reason::kStatic:
    case Reason::kDefault: CHECK(last.step->kind == StepKind::kDefault); break;
    case Reason::kRule: CHECK(last.step->kind == StepKind::kServe); break;
    case Reason::kRollout: CHECK(last.step->kind == StepKind::kRollout); break;
    case Reason::kExperiment: CHECK(last.step->kind == StepKind::kSplit); break;
    case Reason::kHoldout: CHECK(last.result == StepResult::kHeldOut); break;
    case Reason::kForced: {
      const bool is_off = outcome.experiment == ruleset::kNone;
      CHECK(last.result == (is_off ? StepResult::kForcedOff : StepResult::kForced));
      break;
    }
    case Reason::kNoUnit: CHECK(last.result == StepResult::kNoUnit); break;
    case Reason::kInvalidUnit: CHECK(last.result == StepResult::kInvalidUnit); break;
    default: FAIL("no such reason is to be met: ", std::string(ReasonName(outcome.reason)));
  }
  if (outcome.rule != ruleset::kNone) CHECK(last.step->rule == outcome.rule);
  for (std::size_t i = 0; i + 1 < trace.size(); ++i) CHECK(trace[i].result != StepResult::kServed);
}

void CheckExplanation(const Rules& rules, const ruleset::Flag& flag, const Context& context,
                      const PreparedContext& prepared, const Forced& forced, const Outcome& outcome) {
  const Explanation explained = Explain(*rules, flag.key, context, prepared, kNow, &forced);
  CHECK(explained.result.reason == outcome.reason);
  CHECK(explained.is_forced == outcome.is_forced);
  CHECK(explained.valid_until == outcome.valid_until);
  REQUIRE(explained.result.value.has_value() == (outcome.value != nullptr));
  if (outcome.value != nullptr) CHECK(*explained.result.value == *outcome.value);
  CHECK(explained.result.variant == VariantName(*rules, flag, outcome));
  CHECK(explained.exposures.size() == outcome.exposure_count);
  if (explained.natural) {
    const Outcome natural = Evaluate(*rules, flag, prepared, kNow);
    CHECK(explained.natural->reason == natural.reason);
  }
}

}  // namespace

TEST_CASE("explaining and deciding agree on ten thousand random rulesets and contexts") {
  std::map<Reason, int> met;
  for (std::uint64_t seed = 1; seed <= 2'500; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    const Rules rules = LoadRules(RandomMembers(&dice));
    for (int pair = 0; pair < 4; ++pair) {
      CAPTURE(pair);
      const Context context = RandomContext(&dice);
      const Forced forced = dice.Chance(30) ? RandomForced(*rules, &dice) : Forced();
      const behavior::Behavior behavior = RandomBehavior(&dice);
      const PreparedContext prepared(*rules, context, {dice.Chance(80) ? &behavior : nullptr}, kNow);
      for (const ruleset::Flag& flag : rules->flags) {
        CAPTURE(flag.key);
        Trace trace;
        const Outcome decided = Evaluate(*rules, flag, prepared, kNow, &forced);
        const Outcome traced = Evaluate(*rules, flag, prepared, kNow, &forced, &trace);
        CheckSame(decided, traced);
        CheckLastStep(decided, trace);
        if (pair == 0) CheckExplanation(rules, flag, context, prepared, forced, decided);
        ++met[decided.reason];
      }
    }
  }
  // The rules are varied enough that every reason of a ready client is met.
  for (const Reason reason :
       {Reason::kStatic, Reason::kDefault, Reason::kRule, Reason::kRollout, Reason::kExperiment, Reason::kHoldout,
        Reason::kForced, Reason::kKilled, Reason::kNoUnit, Reason::kInvalidUnit}) {
    CAPTURE(std::string(ReasonName(reason)));
    CHECK(met[reason] > 0);
  }
}

TEST_CASE("a decision holds until the moment it names") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    const Rules rules = LoadRules(RandomMembers(&dice));
    const Context context = RandomContext(&dice);
    const behavior::Behavior behavior = RandomBehavior(&dice);
    const PreparedContext prepared(*rules, context, {&behavior}, kNow);
    for (const ruleset::Flag& flag : rules->flags) {
      CAPTURE(flag.key);
      const Outcome now = Evaluate(*rules, flag, prepared, kNow);
      const Timestamp last =
          now.valid_until == ruleset::kNever ? TimestampFromMs(4'000'000'000'000) : now.valid_until - Duration(1);
      const Outcome then = Evaluate(*rules, flag, PreparedContext(*rules, context, {&behavior}, last), last);
      CHECK(then.reason == now.reason);
      CHECK(then.value == now.value);
    }
  }
}
