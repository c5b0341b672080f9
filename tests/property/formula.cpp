// docs/formats/datafile.md, "Evaluation order", once more: as the page says it, step by step, for one unit.
#include <algorithm>

#include "sdk/core/evaluation/bucketing.h"
#include "tests/property/deciding_under_test.h"
#include "tests/unit/core/rules.h"

namespace guidon::property {

using evaluation::Exposure;
using evaluation::Slot;
using evaluation::Truth;
using ruleset::kNone;
using ruleset::SlotRange;
using ruleset::StepKind;

namespace {

int Find(const std::vector<SlotRange>& ranges, std::uint32_t slot) {
  for (const SlotRange& range : ranges) {
    if (range.begin <= slot && slot < range.end) return static_cast<int>(range.target);
  }
  return -1;
}

int IndexOf(const ruleset::Ruleset& rules, const ruleset::Experiment& experiment) {
  return static_cast<int>(&experiment - rules.experiments.data());
}

// Each object once, the first time.
void Meet(const Exposure& exposure, Seen* seen) {
  for (const Exposure& known : seen->met) {
    if (known.is_holdout == exposure.is_holdout && known.object == exposure.object) return;
  }
  seen->met.push_back(exposure);
}

const ruleset::FlagValue* ValueIn(const ruleset::Ruleset& rules, const ruleset::Flag& flag, const Seen& seen) {
  const ruleset::Experiment& experiment = rules.experiments[static_cast<std::size_t>(seen.experiment)];
  const auto at = std::find(experiment.flags.begin(), experiment.flags.end(), rules.IndexOf(flag));
  const auto position = static_cast<std::size_t>(at - experiment.flags.begin());
  return &rules.values[experiment.variants[static_cast<std::size_t>(seen.variant)].values[position]];
}

}  // namespace

// What a condition asks of flags and experiments, by the same formula.
class Formula::Nested final : public evaluation::Decider {
 public:
  Nested(const Formula& formula, const Visit& visit) : formula_(formula), visit_(visit) {}

  const ruleset::FlagValue* FlagOf(std::uint32_t flag) noexcept override {
    const Seen seen = formula_.Decide(visit_, visit_.rules.flags[flag]);
    for (const Exposure& exposure : seen.met) Meet(exposure, &met_);
    return seen.value;
  }

  Met VariantOf(std::uint32_t experiment) noexcept override {
    Seen seen;
    formula_.Take(visit_, visit_.rules.experiments[experiment], &seen);
    for (const Exposure& exposure : seen.met) Meet(exposure, &met_);
    return {true, seen.variant < 0 ? kNone : static_cast<std::uint32_t>(seen.variant)};
  }

  const Seen& met() const { return met_; }

 private:
  const Formula& formula_;
  const Visit& visit_;
  Seen met_;
};

Seen Formula::Decide(const Visit& visit, const ruleset::Flag& flag) const {
  const ruleset::Ruleset& rules = visit.rules;
  Seen seen;
  for (std::uint32_t at = flag.first_step;;) {
    const ruleset::Step& step = rules.steps[at];
    switch (step.kind) {
      case StepKind::kGate: at = Ask(visit, step.index, &seen) == Truth::kTrue ? at + 1 : step.otherwise; continue;
      case StepKind::kRollout:
        if (TakeRollout(visit, step, &seen)) return seen;
        at = step.otherwise;
        continue;
      case StepKind::kRunning:
        switch (Take(visit, rules.experiments[step.object], &seen)) {
          case Taken::kServes: seen.value = ValueIn(rules, flag, seen); return seen;
          case Taken::kDefault: seen.value = &rules.values[flag.default_value]; return seen;
          case Taken::kNot: at = step.otherwise; continue;
        }
        continue;
      case StepKind::kServe: seen.value = &rules.values[step.index]; return seen;
      case StepKind::kDefault: seen.value = &rules.values[flag.default_value]; return seen;
      default: ++at;  // the unit, which all have; the rest of an experiment's steps is never come to
    }
  }
}

bool Formula::TakeRollout(const Visit& visit, const ruleset::Step& step, Seen* seen) const {
  const std::uint32_t slot = Slot('r', visit.rules.salts[step.salt], visit.person.id);
  for (std::uint32_t i = 0; i < step.range_count; ++i) {
    const SlotRange& range = visit.rules.ranges[step.first_range + i];
    if (slot < range.begin || slot >= range.end) continue;
    seen->value = &visit.rules.values[step.index + range.target];
    return true;
  }
  return false;
}

Formula::Taken Formula::Take(const Visit& visit, const Experiment& experiment, Seen* seen) const {
  const bool ships = experiment.ship.variant != kNone;
  if (experiment.status == ruleset::ExperimentStatus::kEnded && !ships) return Taken::kNot;
  const bool lets_in = experiment.status != ruleset::ExperimentStatus::kPaused && !visit.has_expired;
  if (!ships && !lets_in && !GoesOn(visit, experiment)) return Taken::kNot;
  if (IsHeldOut(visit, experiment, seen)) return Taken::kDefault;
  if (ships) return Ship(visit, experiment, seen);
  Exposure exposure;
  exposure.object = static_cast<std::uint16_t>(IndexOf(visit.rules, experiment));
  exposure.unit = experiment.unit;
  int variant = StaysIn(visit, experiment, seen);
  if (variant >= 0) {
    exposure.is_sticky = true;
    const auto* enrolled = visit.enrollments->Find("device", visit.person.id, experiment.key);
    for (std::size_t i = 0; i < experiment.audiences.size(); ++i) {
      if (experiment.audiences[i].name == enrolled->audience) exposure.audience = static_cast<std::uint8_t>(i);
    }
  } else {
    const Place place = BySlots(visit, experiment, seen);
    variant = place.variant;
    if (place.audience >= 0) exposure.audience = static_cast<std::uint8_t>(place.audience);
    exposure.layer_slot = static_cast<std::int32_t>(place.layer_slot);
    exposure.slot = static_cast<std::int32_t>(place.slot);
  }
  if (variant < 0) return Taken::kNot;
  seen->experiment = IndexOf(visit.rules, experiment);
  seen->variant = variant;
  exposure.variant = static_cast<std::uint32_t>(variant);
  Meet(exposure, seen);
  return Taken::kServes;
}

Formula::Taken Formula::Ship(const Visit& visit, const Experiment& experiment, Seen* seen) const {
  const auto winner = static_cast<int>(experiment.ship.variant);
  const bool is_winner = EnrolledIn(visit, experiment) == winner ||
                         BySlots(visit, experiment, seen).variant == winner ||
                         Find(experiment.ship.slots, ShipSlot(visit, experiment)) >= 0;
  if (!is_winner) return Taken::kNot;
  seen->experiment = IndexOf(visit.rules, experiment);
  seen->variant = winner;
  seen->is_shipped = true;
  return Taken::kServes;
}

bool Formula::IsHeldOut(const Visit& visit, const Experiment& experiment, Seen* seen) const {
  for (const std::uint16_t index : experiment.holdouts) {
    const ruleset::Holdout& holdout = visit.rules.holdouts[index];
    const std::uint32_t slot = Slot('h', holdout.salt, visit.person.id);
    if (slot >= 2 * holdout.size) continue;
    Exposure exposure;
    exposure.is_holdout = true;
    exposure.object = index;
    exposure.unit = holdout.unit;
    exposure.variant = slot < holdout.size ? Exposure::kHeldOut : Exposure::kComparison;
    exposure.slot = static_cast<std::int32_t>(slot);
    Meet(exposure, seen);
    if (slot < holdout.size) return true;
  }
  return false;
}

Formula::Place Formula::BySlots(const Visit& visit, const Experiment& experiment, Seen* seen) const {
  Place place;
  if (experiment.condition != kNone && Ask(visit, experiment.condition, seen) != Truth::kTrue) return place;
  place.audience = AudienceOf(visit, experiment, seen);
  place.layer_slot = LayerSlot(visit, experiment, place.audience);
  if (Find(SlotsOf(experiment, place.audience), place.layer_slot) < 0) return place;
  place.slot = SplitSlot(visit, experiment, place.audience);
  place.variant = Find(SplitOf(experiment, place.audience), place.slot);
  return place;
}

Truth Formula::Ask(const Visit& visit, std::uint32_t condition, Seen* seen) const {
  Nested nested(*this, visit);
  const Truth truth = evaluation::Targeting(visit.rules, visit.prepared, testing::kNow, &nested).Evaluate(condition);
  for (const Exposure& exposure : nested.met().met) {
    if (Tells(exposure, truth)) Meet(exposure, seen);
  }
  return truth;
}

int Formula::EnrolledIn(const Visit& visit, const Experiment& experiment) const {
  if (visit.enrollments == nullptr) return -1;
  const auto* enrolled = visit.enrollments->Find("device", visit.person.id, experiment.key);
  if (enrolled == nullptr || enrolled->iteration != experiment.iteration) return -1;
  for (std::size_t i = 0; i < experiment.variants.size(); ++i) {
    if (experiment.variants[i].name == enrolled->variant) return static_cast<int>(i);
  }
  return -1;
}

bool Formula::GoesOn(const Visit& visit, const Experiment& experiment) const {
  return EnrolledIn(visit, experiment) >= 0;
}

int Formula::StaysIn(const Visit& visit, const Experiment& experiment, Seen*) const {
  return experiment.is_sticky ? EnrolledIn(visit, experiment) : -1;
}

int Formula::AudienceOf(const Visit& visit, const Experiment& experiment, Seen* seen) const {
  for (std::size_t i = 0; i < experiment.audiences.size(); ++i) {
    if (Ask(visit, experiment.audiences[i].condition, seen) == Truth::kTrue) return static_cast<int>(i);
  }
  return -1;
}

std::uint32_t Formula::LayerSlot(const Visit& visit, const Experiment& experiment, int) const {
  return Slot('l', visit.rules.layers[experiment.layer].salt, visit.person.id);
}

std::uint32_t Formula::SplitSlot(const Visit& visit, const Experiment& experiment, int) const {
  return Slot('s', experiment.salt, visit.person.id);
}

std::uint32_t Formula::ShipSlot(const Visit& visit, const Experiment& experiment) const {
  return Slot('w', experiment.salt, visit.person.id);
}

const std::vector<SlotRange>& Formula::SlotsOf(const Experiment& experiment, int audience) const {
  return audience < 0 ? experiment.slots : experiment.audiences[static_cast<std::size_t>(audience)].slots;
}

const std::vector<SlotRange>& Formula::SplitOf(const Experiment& experiment, int audience) const {
  return audience < 0 ? experiment.split : experiment.audiences[static_cast<std::size_t>(audience)].split;
}

bool Formula::Tells(const Exposure&, Truth) const { return true; }

}  // namespace guidon::property
