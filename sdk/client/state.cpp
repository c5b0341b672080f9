#include "sdk/client/state.h"

#include <algorithm>

#include "guidon/limits.h"
#include "sdk/core/hash/hash.h"

namespace guidon::client {
namespace {

// What a newer datafile kills of the one in force: these pass at once. Both are sorted by key, so the result is by
// flag.
std::vector<std::pair<std::uint32_t, ruleset::FlagValue>> KillsOf(const ruleset::Ruleset& newer,
                                                                  const ruleset::Ruleset& in_force) {
  std::vector<std::pair<std::uint32_t, ruleset::FlagValue>> kills;
  for (const ruleset::Flag& killed : newer.flags) {
    if (!killed.is_valid || !killed.is_killed) continue;
    const ruleset::Flag* flag = in_force.FindFlag(killed.key);
    if (flag == nullptr || !flag->is_valid) continue;
    const bool is_same_type = flag->type == killed.type;
    kills.emplace_back(in_force.IndexOf(*flag),
                       is_same_type ? newer.values[killed.default_value] : in_force.values[flag->default_value]);
  }
  return kills;
}

}  // namespace

evaluation::Surroundings SurroundingsOf(const Inputs& inputs) {
  evaluation::Surroundings surroundings;
  surroundings.behavior = inputs.behavior.get();
  return surroundings;
}

State::State(Inputs from, Timestamp now, std::uint64_t number)
    : inputs(std::move(from)), context(inputs.context), sequence(number), decided_at(now) {
  if (context.FindUnit("device") == nullptr && !inputs.install_id.empty()) context.Unit("device", inputs.install_id);
  overrides = ApplyOverrides(inputs.datafile.get(), &inputs.overrides);
  if (rules() == nullptr) return;
  if (inputs.waiting != nullptr) overrides.forced.killed = KillsOf(*inputs.waiting->rules, *rules());
  prepared.emplace(*rules(), context, SurroundingsOf(inputs), now);
  outcomes.reserve(rules()->flags.size());
  for (const ruleset::Flag& flag : rules()->flags) {
    outcomes.push_back(evaluation::Evaluate(*rules(), flag, *prepared, now, &overrides.forced));
    valid_until = std::min(valid_until, outcomes.back().valid_until);
  }
}

const ruleset::FlagValue* State::forced_value(std::string_view flag) const noexcept {
  for (const auto& [key, value] : overrides.unknown_flags) {
    if (key == flag) return &value;
  }
  return nullptr;
}

std::string SourceOf(const State& state, const evaluation::ExplainedOverride& override) {
  const auto kind = override.is_experiment ? Override::Kind::kExperiment : Override::Kind::kFlag;
  for (const HeldOverride& each : state.inputs.overrides) {
    const Override& what = each.what;
    if (what.applied && what.kind == kind && what.key == override.key) return OverrideSourceName(what.source);
  }
  return std::string();
}

events::Fact MakeFact(const State& state, const Context& context, Timestamp now, MonoTime mono) {
  events::Fact fact;
  fact.wall = now;
  fact.mono = mono;
  fact.session = state.inputs.session;
  for (const Context::UnitId& unit : context.units()) {
    if (fact.units.size() < limits::kContextUnits) fact.units.push_back(unit);
  }
  // While anything is forced, what the person meets and does says nothing about an experiment.
  fact.forced = state.is_anything_forced();
  fact.forced_by = state.overrides.sources;
  fact.overrides = state.overrides.text;
  if (state.rules() == nullptr) return fact;
  for (const std::string& name : state.rules()->event_attributes) {
    for (const Context::Attribute& attribute : context.attributes()) {
      if (attribute.kind.empty() && attribute.name == name) fact.attributes.emplace_back(name, attribute.value);
    }
  }
  return fact;
}

events::Fact MakeExposure(const State& state, const evaluation::Exposure& exposure, std::string_view flag,
                          const evaluation::PreparedContext& prepared, const Context& context, Timestamp now,
                          MonoTime mono) {
  const ruleset::Ruleset& rules = *state.rules();
  events::Fact fact = MakeFact(state, context, now, mono);
  fact.flag = std::string(flag);
  fact.unit_kind = rules.unit_kinds[exposure.unit];
  fact.unit_id = std::string(prepared.unit(exposure.unit).id);
  fact.slot = exposure.slot;
  fact.layer_slot = exposure.layer_slot;
  fact.datafile_set = rules.header.project + "/" + rules.header.environment;
  fact.datafile_version = std::to_string(rules.header.epoch) + "." + std::to_string(rules.header.version);
  if (exposure.is_holdout) {
    fact.kind = EventKind::kHoldoutExposure;
    fact.name = rules.holdouts[exposure.object].key;
    fact.variant = exposure.variant == evaluation::Exposure::kHeldOut ? "held_out" : "comparison";
  } else {
    const ruleset::Experiment& experiment = rules.experiments[exposure.object];
    fact.kind = EventKind::kExposure;
    fact.name = experiment.key;
    fact.variant = experiment.variants[exposure.variant].name;
    fact.iteration = experiment.iteration;
    if (exposure.is_forced)
      fact.natural_variant = NaturalVariant(rules, experiment, prepared, now, state.overrides.Unforced());
  }
  return fact;
}

std::uint64_t ExposureHash(const State& state, const evaluation::Exposure& exposure, std::string_view unit_id,
                           std::int64_t utc_day) {
  const ruleset::Ruleset& rules = *state.rules();
  std::string text(exposure.is_holdout ? "h" : "e");
  const auto add = [&text](std::string_view part) { text.append(1, '\x1F').append(part); };
  if (exposure.is_holdout) {
    add(rules.holdouts[exposure.object].key);
  } else {
    add(rules.experiments[exposure.object].key);
    add(std::to_string(rules.experiments[exposure.object].iteration));
    add(rules.experiments[exposure.object].variants[exposure.variant].name);
  }
  add(std::to_string(exposure.variant));
  add(rules.unit_kinds[exposure.unit]);
  add(unit_id);
  add(std::to_string(utc_day));
  add(state.is_anything_forced() ? "f" : "");
  const std::uint64_t hash = HashBytes64(text);
  return hash == 0 ? 1 : hash;  // 0 means "empty" to the memory
}

}  // namespace guidon::client
