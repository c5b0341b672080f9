#include "sdk/client/state.h"

#include <algorithm>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/steady_time.h"
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

evaluation::Surroundings SurroundingsOf(const Inputs& inputs, Timestamp now, Duration shift) {
  evaluation::Surroundings surroundings;
  surroundings.behavior = inputs.behavior.get();
  surroundings.session = inputs.behavior_session;
  surroundings.enrollments = inputs.enrollments.get();
  if (inputs.clock != nullptr) {
    surroundings.utc_offset = [clock = inputs.clock.get()](Timestamp when) { return clock->UtcOffset(when); };
  }
  surroundings.crypto = inputs.crypto.get();
  if (inputs.is_simulated) {
    surroundings.expires_at = ruleset::kNever;
  } else if (inputs.datafile != nullptr && inputs.datafile->rules->header.IsAheadOf(now)) {
    surroundings.expires_at = Timestamp::min();
  } else if (inputs.datafile != nullptr && shift != Duration(0)) {
    const Timestamp expires_at = inputs.datafile->rules->header.expires_at;
    surroundings.expires_at = expires_at == ruleset::kNever ? expires_at : expires_at + shift;
  }
  return surroundings;
}

Context WithDevice(Context context, const std::string& install_id) {
  if (context.FindUnit("device") == nullptr && !install_id.empty()) context.Unit("device", install_id);
  return context;
}

State::State(Inputs from, Timestamp now, std::uint64_t number)
    : inputs(std::move(from)),
      context(WithDevice(inputs.context, inputs.install_id)),
      entitlement(inputs.datafile.get(), inputs.qa, now),
      sequence(number),
      decided_at(now),
      utc_offset(inputs.clock == nullptr ? Duration(0) : inputs.clock->UtcOffset(now)) {
  overrides = ApplyOverrides(inputs.datafile.get(), entitlement, &inputs.overrides);
  valid_until = entitlement.valid_until();
  for (const HeldOverride& each : inputs.overrides) valid_until = std::min(valid_until, EndOf(each, inputs.qa, now));
  if (!overrides.attributes.empty() || shift() != Duration(0)) {
    natural_context = context;
    for (const auto& [name, value] : overrides.attributes) context.Set(name, value);
  }
  prepared_fact = events::PreparedFact(MakeFact(*this, context, Timestamp(), MonoTime()));
  if (rules() == nullptr) return;
  if (inputs.waiting != nullptr) overrides.forced.killed = KillsOf(*inputs.waiting->rules, *rules());
  prepared.emplace(*rules(), context, SurroundingsOf(inputs, now, shift()), At(now));
  if (natural_context) {
    natural_prepared.emplace(*rules(), *natural_context, SurroundingsOf(inputs, now, Duration(0)), now);
  }
  outcomes = evaluation::EvaluateAll(*rules(), *prepared, At(now), &overrides.forced);
  KeepHolds();
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (hold(i) == nullptr) EndBy(outcomes[i].valid_until);
    const bool ends = rules()->flags[i].ends_with_datafile && At(now) < prepared->expires_at();
    if (ends) EndBy(prepared->expires_at());  // held or not
  }
  // A clock that is not believed may be set right.
  const ruleset::Header& header = rules()->header;
  if (header.IsAheadOf(now)) valid_until = std::min<Timestamp>(valid_until, header.issued_at - std::chrono::hours(24));
}

Timestamp State::At(Timestamp now) const noexcept {
  return shift() == Duration(0) ? now : SteadyTime::Bounded(now) + shift();
}

void State::EndBy(Timestamp decisive) {
  if (decisive != ruleset::kNever) valid_until = std::min<Timestamp>(valid_until, decisive - shift());
}

void State::KeepHolds() {
  const Holds before = std::exchange(inputs.holds, Holds());
  // What was done on this device is still to be read: what rests on it may be otherwise in a moment.
  const bool is_to_be_read = inputs.consent.Allows(Purpose::kFunctional) && !inputs.is_memory_read() &&
                             !(rules()->behavior_terms.empty() && prepared->enrolled_count() == 0);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const ruleset::Flag& flag = rules()->flags[i];
    if (flag.is_valid && !flag.holds_for_session) continue;
    auto next = NextHold(*rules(), flag, outcomes[i], *prepared, before, !is_to_be_read);
    if (next == nullptr) continue;
    held.resize(outcomes.size());
    held[i] = next.get();
    inputs.holds.emplace(flag.key, std::move(next));
  }
}

const ruleset::FlagValue* State::forced_value(std::string_view flag) const noexcept {
  for (const auto& [key, value] : overrides.unknown_flags) {
    if (key == flag) return &value;
  }
  return nullptr;
}

std::optional<evaluation::ExplainedOrigin> OriginOf(const Inputs& inputs, Timestamp checked) {
  if (inputs.datafile == nullptr || inputs.datafile->source == DatafileSource::kNone) return std::nullopt;
  evaluation::ExplainedOrigin origin;
  switch (inputs.datafile->source) {
    case DatafileSource::kNone: break;
    case DatafileSource::kBundle: origin.source = "bundle"; break;
    case DatafileSource::kCache: origin.source = "cache"; break;
    case DatafileSource::kNetwork: origin.source = "network"; break;
  }
  origin.is_signed = inputs.datafile->is_signed;
  if (checked != Timestamp()) origin.checked = checked;
  return origin;
}

std::string SourceOf(const State& state, const evaluation::ExplainedOverride& override) {
  using Explained = evaluation::ExplainedOverride::Kind;
  const auto kind = override.kind == Explained::kExperiment  ? Override::Kind::kExperiment
                    : override.kind == Explained::kHoldout   ? Override::Kind::kHoldout
                    : override.kind == Explained::kAttribute ? Override::Kind::kAttribute
                    : override.kind == Explained::kClock     ? Override::Kind::kClock
                                                             : Override::Kind::kFlag;
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
  fact.boot = state.inputs.boot;
  fact.scope = state.inputs.scope;
  for (const Context::UnitId& unit : context.units()) {
    if (fact.units.size() < limits::kContextUnits) fact.units.push_back(unit);
  }
  // While anything is forced, what the person meets and does says nothing about an experiment.
  fact.forced = state.is_anything_forced();
  fact.forced_by = state.overrides.sources;
  fact.overrides = state.overrides.text;
  if (state.rules() == nullptr) return fact;
  const std::vector<std::string>& hidden = state.inputs.private_attributes;
  for (const std::string& name : state.rules()->event_attributes) {
    if (std::find(hidden.begin(), hidden.end(), name) != hidden.end()) continue;
    for (const Context::Attribute& attribute : context.attributes()) {
      if (!attribute.kind.empty() || attribute.name != name) continue;
      if (events::MayTravel(name, attribute.value)) {
        fact.attributes.emplace_back(name, attribute.value);
      } else {
        ++fact.dropped;
      }
    }
  }
  return fact;
}

events::Fact MakeExposure(const State& state, const NamedExposure& exposure, std::string_view flag,
                          const Context& context, Timestamp now, MonoTime mono) {
  events::Fact fact = MakeFact(state, context, now, mono);
  fact.kind = exposure.is_holdout ? EventKind::kHoldoutExposure : EventKind::kExposure;
  fact.flag = std::string(flag);
  fact.name = exposure.key;
  fact.variant = exposure.variant;
  fact.iteration = exposure.iteration;
  fact.audience = exposure.audience;
  fact.sticky = exposure.is_sticky;
  fact.unit_kind = exposure.unit_kind;
  fact.unit_id = exposure.unit_id;
  fact.slot = exposure.slot;
  fact.layer_slot = exposure.layer_slot;
  fact.propensity = exposure.propensity;
  fact.datafile_set = exposure.datafile_set;
  fact.datafile_version = exposure.datafile_version;
  return fact;
}

std::uint64_t ExposureHash(const State& state, const NamedExposure& exposure, std::int64_t utc_day) {
  std::string text(exposure.is_holdout ? "h" : "e");
  const auto add = [&text](std::string_view part) { text.append(1, '\x1F').append(part); };
  add(exposure.key);
  add(std::to_string(exposure.iteration));
  add(exposure.variant);
  add(exposure.unit_kind);
  add(exposure.unit_id);
  add(std::to_string(utc_day));
  add(state.is_anything_forced() ? "f" : "");
  const std::uint64_t hash = HashBytes64(text);
  return hash == 0 ? 1 : hash;  // 0 means "empty" to the memory
}

}  // namespace guidon::client
