#include "sdk/client/holds.h"

#include <utility>

namespace guidon::client {
namespace {

using ruleset::kNone;

std::uint64_t SlotsOf(const std::vector<ruleset::SlotRange>& ranges) {
  std::uint64_t slots = 0;
  for (const ruleset::SlotRange& range : ranges) slots += range.end - range.begin;
  return slots;
}

std::uint64_t SlotsOf(const std::vector<ruleset::SlotRange>& split, std::uint32_t variant) {
  std::uint64_t slots = 0;
  for (const ruleset::SlotRange& range : split) slots += range.target == variant ? range.end - range.begin : 0;
  return slots;
}

// Of what was forced, or drawn when shares may have been others, it is not known.
std::uint64_t PropensityOf(const ruleset::Experiment& experiment, const evaluation::Exposure& exposure) {
  if (exposure.is_forced || exposure.is_sticky) return 0;
  if (exposure.audience == evaluation::Exposure::kNoAudience) {
    return SlotsOf(experiment.slots) * SlotsOf(experiment.split, exposure.variant);
  }
  const ruleset::Audience& audience = experiment.audiences[exposure.audience];
  return SlotsOf(audience.slots) * SlotsOf(audience.split, exposure.variant);
}

std::shared_ptr<const Hold> Begin(const ruleset::Ruleset& rules, const ruleset::Flag& flag,
                                  const evaluation::Outcome& outcome, const evaluation::PreparedContext& prepared) {
  auto hold = std::make_shared<Hold>();
  hold->value = *outcome.value;
  hold->reason = outcome.reason;
  hold->variant = std::string(evaluation::VariantName(rules, flag, outcome));
  if (outcome.experiment != kNone) {
    hold->experiment = rules.experiments[outcome.experiment].key;
    hold->iteration = rules.experiments[outcome.experiment].iteration;
  }
  if (outcome.rule != kNone) hold->rule = flag.rules[outcome.rule].id;
  for (std::uint32_t i = 0; i < outcome.exposure_count; ++i) {
    hold->exposures.push_back(NameExposure(rules, outcome.exposures[i], prepared));
  }
  return hold;
}

}  // namespace

NamedExposure NameExposure(const ruleset::Ruleset& rules, const evaluation::Exposure& exposure,
                           const evaluation::PreparedContext& prepared) {
  NamedExposure named;
  named.is_holdout = exposure.is_holdout;
  named.is_forced = exposure.is_forced;
  if (exposure.is_holdout) {
    named.key = rules.holdouts[exposure.object].key;
    named.variant = exposure.variant == evaluation::Exposure::kHeldOut ? "held_out" : "comparison";
  } else {
    const ruleset::Experiment& experiment = rules.experiments[exposure.object];
    named.key = experiment.key;
    named.iteration = experiment.iteration;
    named.variant = experiment.variants[exposure.variant].name;
    named.is_sticky = exposure.is_sticky;
    named.propensity = PropensityOf(experiment, exposure);
    if (exposure.audience != evaluation::Exposure::kNoAudience) {
      named.audience = experiment.audiences[exposure.audience].name;
    }
  }
  named.unit_kind = rules.unit_kinds[exposure.unit];
  named.unit_id = std::string(prepared.unit(exposure.unit).id);
  named.layer_slot = exposure.layer_slot;
  named.slot = exposure.slot;
  named.datafile_set = rules.header.project + "/" + rules.header.environment;
  named.datafile_version = std::to_string(rules.header.epoch) + "." + std::to_string(rules.header.version);
  return named;
}

std::shared_ptr<const Hold> NextHold(const ruleset::Ruleset& rules, const ruleset::Flag& flag,
                                     const evaluation::Outcome& outcome, const evaluation::PreparedContext& prepared,
                                     const Holds& before, bool may_begin) {
  if (outcome.is_forced || outcome.reason == Reason::kKilled || outcome.reason == Reason::kExpired) {
    return nullptr;
  }
  if (flag.is_valid && !flag.holds_for_session) return nullptr;
  // A flag that a newer datafile gets wrong does not say that it holds no more.
  const auto held = before.find(flag.key);
  if (held != before.end()) return held->second;
  if (!flag.is_valid || outcome.value == nullptr || !may_begin) return nullptr;
  return Begin(rules, flag, outcome, prepared);
}

void ExplainHold(const Hold& hold, evaluation::Explanation* explanation) {
  explanation->type = hold.value.type;
  explanation->now = std::exchange(explanation->result, evaluation::ExplainedResult());
  explanation->result.value = hold.value;
  explanation->result.reason = hold.reason;
  explanation->result.variant = hold.variant;
  explanation->result.experiment = hold.experiment;
  explanation->result.iteration = hold.iteration;
  explanation->result.rule = hold.rule;
  explanation->valid_until = ruleset::kNever;
  explanation->exposures.clear();
  for (const NamedExposure& exposure : hold.exposures) {
    evaluation::ExplainedExposure explained;
    explained.is_holdout = exposure.is_holdout;
    explained.is_forced = exposure.is_forced;
    explained.key = exposure.key;
    explained.iteration = exposure.iteration;
    explained.variant = exposure.variant;
    explained.unit_kind = exposure.unit_kind;
    explained.unit_id = exposure.unit_id;
    explained.layer_slot = exposure.layer_slot;
    explained.slot = exposure.slot;
    explanation->exposures.push_back(std::move(explained));
  }
}

}  // namespace guidon::client
