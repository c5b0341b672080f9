// Explaining and deciding are one algorithm: whatever the rules and the context, they agree.
#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/explain.h"
#include "tests/unit/core/random_rules.h"

using namespace guidon;
using namespace guidon::evaluation;
using namespace guidon::testing;

namespace {

bool operator==(const Exposure& a, const Exposure& b) {
  return a.is_holdout == b.is_holdout && a.is_forced == b.is_forced && a.is_sticky == b.is_sticky &&
         a.audience == b.audience && a.object == b.object && a.unit == b.unit && a.variant == b.variant &&
         a.layer_slot == b.layer_slot && a.slot == b.slot;
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
    const bool is_settled_before =
        outcome.reason == Reason::kKilled || outcome.reason == Reason::kExpired || outcome.reason == Reason::kForced;
    CHECK(is_settled_before);
    return;
  }
  const TraceStep& last = trace.back();
  using ruleset::StepKind;
  switch (outcome.reason) {
    case Reason::kStatic:
    case Reason::kDefault: CHECK(last.step->kind == StepKind::kDefault); break;
    case Reason::kRule: CHECK(last.step->kind == StepKind::kServe); break;
    case Reason::kRollout: {
      const bool is_shipped = outcome.experiment != ruleset::kNone;
      const bool is_shipping = last.step->kind == StepKind::kKept || last.step->kind == StepKind::kWinner ||
                               last.step->kind == StepKind::kShip;
      CHECK(is_shipping == is_shipped);
      if (!is_shipped) CHECK(last.step->kind == StepKind::kRollout);
      break;
    }
    case Reason::kExperiment: {
      const bool is_enrolled = last.result == StepResult::kEnrolled;
      CHECK(last.step->kind == (is_enrolled ? StepKind::kEnrolled : StepKind::kSplit));
      break;
    }
    case Reason::kHoldout: CHECK(last.result == StepResult::kHeldOut); break;
    case Reason::kForced: {
      const bool is_off = outcome.experiment == ruleset::kNone;
      const bool is_held_out = last.step->kind == StepKind::kHold;
      CHECK(last.result == (is_held_out ? StepResult::kForcedHeldOut
                            : is_off    ? StepResult::kForcedOff
                                        : StepResult::kForced));
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
  for (const ExplainedRule& rule : explained.rules) {
    for (const ExplainedStep& step : rule.steps) {
      if (!step.condition) continue;
      CHECK((step.result == StepResult::kPassed) == (step.condition->truth == Truth::kTrue));
      CHECK((step.result == StepResult::kConditionFalse) == (step.condition->truth == Truth::kFalse));
    }
  }
  CHECK(explained.overrides.empty() == !outcome.is_forced);
  if (explained.natural) {
    const Outcome natural = Evaluate(*rules, flag, prepared, kNow);
    CHECK(explained.natural->reason == natural.reason);
  }
}

}  // namespace

// GUIDON_LONG=1: a hundred thousand, each of them explained.
TEST_CASE("explaining and deciding agree on ten thousand random rulesets and contexts") {
  const bool is_long = std::getenv("GUIDON_LONG") != nullptr;
  const std::uint64_t rulesets = is_long ? 25'000 : 2'500;
  std::map<Reason, int> met;
  std::set<StepResult> results;
  int rests_on_others = 0;
  for (std::uint64_t seed = 1; seed <= rulesets; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    const Rules rules = LoadRules(RandomMembers(&dice));
    for (int pair = 0; pair < 4; ++pair) {
      CAPTURE(pair);
      const Context context = RandomContext(&dice);
      const Forced forced = dice.Chance(30) ? RandomForced(*rules, &dice) : Forced();
      const behavior::Behavior behavior = RandomBehavior(&dice);
      const enrollment::Enrollments enrollments = RandomEnrollments(*rules, context, &dice);
      Surroundings surroundings{dice.Chance(80) ? &behavior : nullptr, dice.Chance(80) ? &enrollments : nullptr,
                                RandomOffset(&dice)};
      if (dice.Chance(30)) surroundings.expires_at = kNow + Duration(dice.Chance(50) ? 0 : 5'000);
      const PreparedContext prepared(*rules, context, surroundings, kNow);
      const std::vector<Outcome> all = EvaluateAll(*rules, prepared, kNow, &forced);
      for (const ruleset::Flag& flag : rules->flags) {
        CAPTURE(flag.key);
        Trace trace;
        const Outcome decided = Evaluate(*rules, flag, prepared, kNow, &forced);
        const Outcome traced = Evaluate(*rules, flag, prepared, kNow, &forced, &trace);
        CheckSame(decided, traced);
        CheckSame(decided, all[rules->IndexOf(flag)]);
        for (const TraceStep& step : trace) results.insert(step.result);
        CheckLastStep(decided, trace);
        if (pair == 0 || is_long) CheckExplanation(rules, flag, context, prepared, forced, decided);
        ++met[decided.reason];
        rests_on_others +=
            decided.exposure_count > 0 && decided.experiment == ruleset::kNone && !decided.exposures[0].is_holdout;
      }
    }
  }
  // The rules are varied enough that every reason of a ready client is met.
  for (const Reason reason :
       {Reason::kStatic, Reason::kDefault, Reason::kRule, Reason::kRollout, Reason::kExperiment, Reason::kHoldout,
        Reason::kForced, Reason::kKilled, Reason::kExpired, Reason::kNoUnit, Reason::kInvalidUnit}) {
    CAPTURE(std::string(ReasonName(reason)));
    CHECK(met[reason] > 0);
  }
  // And every step's result but two: a split shares out all slots, and the rules are small.
  for (int result = 0; result < static_cast<int>(StepResult::kOverBudget); ++result) {
    if (static_cast<StepResult>(result) == StepResult::kNotInSplit) continue;
    CAPTURE(std::string(StepResultName(static_cast<StepResult>(result))));
    CHECK(results.count(static_cast<StepResult>(result)) == 1);
  }
  CHECK(rests_on_others > 100);
}

TEST_CASE("a decision holds until the moment it names") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    const Rules rules = LoadRules(RandomMembers(&dice));
    const Context context = RandomContext(&dice);
    const behavior::Behavior behavior = RandomBehavior(&dice);
    const enrollment::Enrollments enrollments = RandomEnrollments(*rules, context, &dice);
    const Surroundings surroundings{&behavior, &enrollments, RandomOffset(&dice)};
    const PreparedContext prepared(*rules, context, surroundings, kNow);
    for (const ruleset::Flag& flag : rules->flags) {
      CAPTURE(flag.key);
      const Outcome now = Evaluate(*rules, flag, prepared, kNow);
      const Timestamp last =
          now.valid_until == ruleset::kNever ? TimestampFromMs(4'000'000'000'000) : now.valid_until - Duration(1);
      const Outcome then = Evaluate(*rules, flag, PreparedContext(*rules, context, surroundings, last), last);
      CHECK(then.reason == now.reason);
      CHECK(then.value == now.value);
    }
  }
}
