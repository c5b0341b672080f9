// Bytes as the dice that make a ruleset, a person, a past, overrides and a clock: whatever they are, every flag has an
// answer, the same with a trace and explained, and the same until the moment that the answer itself names.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sdk/core/dialects/native/load.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/explain.h"
#include "tests/fuzz/require.h"
#include "tests/unit/core/random_rules.h"

using namespace guidon;

namespace {

constexpr std::int64_t kHour = 3'600'000;

struct Person {
  Context context;
  behavior::Behavior behavior;
  enrollment::Enrollments enrollments;
  evaluation::Forced forced;
  evaluation::Surroundings surroundings;
};

Person PersonOf(const ruleset::Ruleset& rules, testing::Dice* dice) {
  Person person;
  person.context = testing::RandomContext(dice);
  person.behavior = testing::RandomBehavior(dice);
  person.enrollments = testing::RandomEnrollments(rules, person.context, dice);
  person.forced = testing::RandomForced(rules, dice);
  person.surroundings.utc_offset = testing::RandomOffset(dice);
  if (dice->Chance(30)) person.surroundings.expires_at = testing::kNow + Duration(dice->Chance(50) ? 0 : kHour);
  return person;
}

bool IsSame(const evaluation::Outcome& a, const evaluation::Outcome& b) {
  if (a.reason != b.reason || a.value != b.value || a.rule != b.rule || a.experiment != b.experiment ||
      a.variant != b.variant || a.is_forced != b.is_forced || a.exposure_count != b.exposure_count) {
    return false;
  }
  for (std::uint32_t i = 0; i < a.exposure_count; ++i) {
    if (a.exposures[i].object != b.exposures[i].object || a.exposures[i].variant != b.exposures[i].variant)
      return false;
  }
  return true;
}

// Explaining all of it takes most of the time.
void Decide(const ruleset::Ruleset& rules, const Person& person, Timestamp now, bool is_explained) {
  const evaluation::PreparedContext prepared(rules, person.context, person.surroundings, now);
  for (const ruleset::Flag& flag : rules.flags) {
    evaluation::Trace trace;
    const auto decided = evaluation::Evaluate(rules, flag, prepared, now, &person.forced);
    const auto traced = evaluation::Evaluate(rules, flag, prepared, now, &person.forced, &trace);
    GUIDON_REQUIRE(IsSame(decided, traced));
    GUIDON_REQUIRE(decided.valid_until == traced.valid_until);
    GUIDON_REQUIRE(decided.valid_until > now);
    GUIDON_REQUIRE(decided.exposure_count <= decided.exposures.size());
    if (decided.value != nullptr) GUIDON_REQUIRE(decided.value->type == flag.type);
    if (is_explained) {
      const auto explained = evaluation::Explain(rules, flag.key, person.context, prepared, now, &person.forced);
      GUIDON_REQUIRE(explained.result.reason == decided.reason);
      GUIDON_REQUIRE(explained.exposures.size() == decided.exposure_count);
      GUIDON_REQUIRE(!evaluation::ToText(explained).empty());
    }
    // Where events are ahead of the clock by ages, times past the calendar's end are not told.
    if (decided.valid_until == ruleset::kNever || now < Timestamp()) continue;
    const Timestamp last = decided.valid_until - Duration(1);
    const evaluation::PreparedContext later(rules, person.context, person.surroundings, last);
    GUIDON_REQUIRE(IsSame(decided, evaluation::Evaluate(rules, flag, later, last, &person.forced)));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  testing::Dice dice(std::string_view(reinterpret_cast<const char*>(data), size));
  const std::string datafile =
      R"({"format":"guidon/1","project":"p","environment":"e","epoch":1,"version":1,"issued_at":"2026-11-18T10:00:00Z",)" +
      testing::RandomMembers(&dice) + "}";
  const auto loaded = dialects::LoadNative(datafile);
  for (const Problem& problem : loaded.problems) GUIDON_REQUIRE(!problem.is_error);
  GUIDON_REQUIRE(loaded.rules != nullptr);
  for (int i = 0; i < 3; ++i) {
    Person person = PersonOf(*loaded.rules, &dice);
    person.surroundings.enrollments = dice.Chance(80) ? &person.enrollments : nullptr;
    person.surroundings.behavior = dice.Chance(80) ? &person.behavior : nullptr;
    const auto hours = static_cast<std::int64_t>(dice.Below(24 * 60)) - 24 * 15;
    Decide(*loaded.rules, person, testing::kNow + Duration(hours * kHour), dice.Chance(10));
    if (dice.Chance(5)) Decide(*loaded.rules, person, Timestamp::min(), true);
  }
  return 0;
}
