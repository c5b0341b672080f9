#include "tests/property/deciding_under_test.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "sdk/core/evaluation/bucketing.h"
#include "sdk/core/evaluation/targeting.h"
#include "tests/property/units.h"
#include "tests/unit/core/dice.h"
#include "tests/unit/core/rules.h"

namespace guidon::property {
namespace {

using evaluation::Exposure;
using ruleset::kNone;

bool AreSame(const Exposure& a, const Exposure& b) {
  return a.is_holdout == b.is_holdout && a.is_forced == b.is_forced && a.is_sticky == b.is_sticky &&
         a.audience == b.audience && a.object == b.object && a.unit == b.unit && a.variant == b.variant &&
         a.layer_slot == b.layer_slot && a.slot == b.slot;
}

std::vector<Person> MakePeople() {
  testing::Dice dice(kSeed + 1);
  const std::vector<Family>& families = Families();
  std::vector<Person> people(UnitCount() / 4);
  for (std::size_t i = 0; i < people.size(); ++i) {
    Person& person = people[i];
    person.id = families[i % families.size()].ids[i];
    person.context.Unit("device", person.id);
    person.n = dice.Chance(10) ? -1 : static_cast<int>(dice.Below(100));
    if (person.n >= 0) person.context.Set("n", person.n);
    person.meets = dice.Chance(50);
  }
  return people;
}

evaluation::Surroundings Around(const enrollment::Enrollments* enrollments, bool has_expired) {
  evaluation::Surroundings surroundings;
  surroundings.enrollments = enrollments;
  if (has_expired) surroundings.expires_at = testing::kNow;
  return surroundings;
}

class Evaluator final : public Deciding {
 public:
  Seen Decide(const Visit& visit, const ruleset::Flag& flag) const override {
    const evaluation::Outcome outcome = evaluation::Evaluate(visit.rules, flag, visit.prepared, testing::kNow);
    Seen seen;
    seen.value = outcome.value;
    if (outcome.variant != kNone) {
      seen.experiment = static_cast<int>(outcome.experiment);
      seen.variant = static_cast<int>(outcome.variant);
    }
    seen.is_shipped = outcome.variant != kNone && outcome.reason == Reason::kRollout;
    for (std::uint32_t i = 0; i < outcome.exposure_count; ++i) seen.met.push_back(outcome.exposures[i]);
    seen.disagrees = !(seen == formula_.Decide(visit, flag));
    return seen;
  }

 private:
  Formula formula_;
};

}  // namespace

const std::vector<Person>& People() {
  static const std::vector<Person> people = MakePeople();
  return people;
}

Visit::Visit(const ruleset::Ruleset& of, const Person& by, const enrollment::Enrollments* known, bool is_over)
    : rules(of),
      person(by),
      enrollments(known),
      has_expired(is_over),
      prepared(of, by.context, Around(known, is_over), testing::kNow) {}

const Exposure* Seen::Met(const ruleset::Ruleset& rules, std::string_view name) const {
  for (const Exposure& exposure : met) {
    if (!exposure.is_holdout && rules.experiments[exposure.object].key == name) return &exposure;
  }
  return nullptr;
}

bool Seen::operator==(const Seen& other) const {
  return value == other.value && experiment == other.experiment && variant == other.variant &&
         is_shipped == other.is_shipped &&
         std::equal(met.begin(), met.end(), other.met.begin(), other.met.end(), AreSame);
}

Seen Deciding::Decide(const Visit& visit, std::string_view flag) const {
  const ruleset::Flag* found = visit.rules.FindFlag(flag);
  if (found == nullptr) FAIL("there is no flag " << flag);
  return Decide(visit, *found);
}

enrollment::Enrollments EnrolledBy(const Visit& visit, const Seen& seen) {
  enrollment::Enrollments enrollments;
  for (const Exposure& exposure : seen.met) {
    if (exposure.is_holdout) continue;
    const ruleset::Experiment& experiment = visit.rules.experiments[exposure.object];
    enrollment::Enrollment met;
    met.iteration = experiment.iteration;
    met.variant = experiment.variants[exposure.variant].name;
    if (exposure.audience != Exposure::kNoAudience) met.audience = experiment.audiences[exposure.audience].name;
    met.first = met.last = testing::kNow;
    enrollments.Add("device", visit.person.id, experiment.key, met);
  }
  return enrollments;
}

const Deciding& OurDeciding() {
  static const Evaluator evaluator;
  return evaluator;
}

}  // namespace guidon::property
