#include "tests/property/rules_under_test.h"

#include <doctest/doctest.h>

#include "sdk/core/evaluation/evaluate.h"
#include "tests/unit/core/rules.h"
#include "tests/unit/tools/workbench.h"

namespace guidon::property {
namespace {

evaluation::Outcome Evaluate(const ruleset::Ruleset& rules, const ruleset::Flag& flag, const Device& device) {
  return evaluation::Evaluate(rules, flag, device.prepared(), testing::kNow);
}

}  // namespace

Device::Device(const ruleset::Ruleset& rules, const std::string& id)
    : id_(id), context_(Context().Unit("device", id)), prepared_(rules, context_) {}

Rules Publication::Next(const std::string& members) {
  const std::string payload = tools::PublishText(tools::SourceWith(members), previous_ ? &*previous_ : nullptr);
  previous_ = tools::Reread(payload);
  const dialects::Loaded loaded = dialects::LoadNative(payload);
  REQUIRE(testing::ToText(loaded.problems) == "");
  REQUIRE(loaded.rules.get() != nullptr);
  return loaded.rules;
}

Place PlaceByFormula(const BucketingUnderTest& bucketing, const ruleset::Ruleset& rules,
                     const ruleset::Experiment& experiment, const Device& device) {
  Place place;
  for (const std::uint16_t index : experiment.holdouts) {
    const ruleset::Holdout& holdout = rules.holdouts[index];
    const std::uint32_t slot = bucketing.Slot('h', holdout.salt, device.id());
    if (bucketing.contains(0, holdout.size, slot)) place.is_held_out = true;
    if (bucketing.contains(holdout.size, 2 * holdout.size, slot)) place.is_compared = true;
  }
  if (place.is_held_out) return place;
  const std::uint32_t layer_slot = bucketing.Slot('l', rules.layers[experiment.layer].salt, device.id());
  for (const ruleset::SlotRange& range : experiment.slots) {
    if (bucketing.contains(range.begin, range.end, layer_slot)) place.is_in = true;
  }
  if (!place.is_in) return place;
  const std::uint32_t slot = bucketing.Slot('s', experiment.salt, device.id());
  for (const ruleset::SlotRange& range : experiment.split) {
    if (!bucketing.contains(range.begin, range.end, slot)) continue;
    if (place.variants++ == 0) place.variant = static_cast<int>(range.target);
  }
  return place;
}

Place PlaceByEvaluator(const ruleset::Ruleset& rules, const ruleset::Experiment& experiment, const Device& device) {
  const evaluation::Outcome outcome = Evaluate(rules, rules.flags[experiment.flags.front()], device);
  Place place;
  for (std::uint32_t i = 0; i < outcome.exposure_count; ++i) {
    const evaluation::Exposure& exposure = outcome.exposures[i];
    if (!exposure.is_holdout) {
      place.is_in = true;
      place.variant = static_cast<int>(exposure.variant);
      ++place.variants;
    } else if (exposure.variant == evaluation::Exposure::kHeldOut) {
      place.is_held_out = true;
    } else {
      place.is_compared = true;
    }
  }
  return place;
}

Place PlaceOf(const BucketingUnderTest& bucketing, const ruleset::Ruleset& rules, const ruleset::Experiment& experiment,
              const Device& device, bool* disagrees) {
  const Place by_formula = PlaceByFormula(bucketing, rules, experiment, device);
  if (!bucketing.is_ours) return by_formula;
  const Place by_evaluator = PlaceByEvaluator(rules, experiment, device);
  if (!(by_evaluator == by_formula)) *disagrees = true;
  return by_evaluator;
}

std::int64_t RolloutOf(const BucketingUnderTest& bucketing, const ruleset::Ruleset& rules, const ruleset::Flag& flag,
                       const Device& device, bool* disagrees) {
  std::int64_t found = -1;
  for (std::uint32_t at = flag.first_step;; ++at) {
    const ruleset::Step& step = rules.steps[at];
    if (step.kind == ruleset::StepKind::kDefault) break;
    if (step.kind != ruleset::StepKind::kRollout) continue;
    const std::uint32_t slot = bucketing.Slot('r', rules.salts[step.salt], device.id());
    for (std::uint32_t i = 0; i < step.range_count; ++i) {
      const ruleset::SlotRange& range = rules.ranges[step.first_range + i];
      if (!bucketing.contains(range.begin, range.end, slot)) continue;
      found = found == -1 ? rules.values[step.index + range.target].integer : -2;
    }
  }
  if (!bucketing.is_ours) return found;
  const evaluation::Outcome outcome = Evaluate(rules, flag, device);
  const std::int64_t decided = outcome.reason == Reason::kRollout ? outcome.value->integer : -1;
  if (decided != found) *disagrees = true;
  return decided;
}

}  // namespace guidon::property
