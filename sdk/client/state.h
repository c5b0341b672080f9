// All that a decision reads, immutable and published whole: rules, identity, overrides, consent, and every flag
// decided. Whoever changes an input makes the next State; readers hold on to the one they have.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/client.h"
#include "guidon/consent.h"
#include "guidon/context.h"
#include "guidon/options.h"
#include "guidon/ports/clock.h"
#include "guidon/ports/crypto.h"
#include "sdk/client/entitlement.h"
#include "sdk/client/holds.h"
#include "sdk/client/overrides_held.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/explain.h"
#include "sdk/core/evaluation/prepared_context.h"
#include "sdk/core/ruleset/ruleset.h"
#include "sdk/events/fact.h"
#include "sdk/events/prepared_fact.h"
#include "sdk/events/scopes.h"

namespace guidon::client {

class Recorder;

// A datafile that was found good.
struct Datafile {
  std::shared_ptr<const ruleset::Ruleset> rules;
  DatafileSource source = DatafileSource::kNone;
  bool is_signed = false;
  TrustedKey::Role role = TrustedKey::Role::kDevelopment;
  std::uint64_t payload_hash = 0;
  std::vector<Problem> problems;
};

// What a State is made of.
struct Inputs {
  std::shared_ptr<const Datafile> datafile;  // null: none is in force
  std::shared_ptr<const Datafile> waiting;   // newer, and not in force yet; null: none
  Context context;                           // as the app gave it
  std::string install_id;                    // the device unit, unless the app set its own
  Consents consent = Consent::kUnknown;
  std::vector<HeldOverride> overrides;                         // sorted by source, each object once a source
  QaInputs qa;                                                 // who may force what
  std::shared_ptr<const behavior::Behavior> behavior;          // null: not read yet, or there is no consent to
  behavior::Session behavior_session;                          // what is known of it is in `behavior`
  std::shared_ptr<Crypto> crypto;                              // null: what hashed lists say is unknown
  std::shared_ptr<const enrollment::Enrollments> enrollments;  // likewise
  std::uint64_t scope = events::kThisInstallation;             // whose behavior and caps
  std::uint64_t identity = 0;                                  // number of the last change of the scope
  Holds holds;                                                 // of the session so far
  std::shared_ptr<Clock> clock;                                // for the device's zone; null: UTC
  std::string session;
  std::uint64_t boot = 0;  // as of events::Fact
  std::vector<std::string> private_attributes;
  std::shared_ptr<Recorder> recorder;  // null: nothing is recorded, so cells may answer
  bool is_closed = false;
  bool is_simulated = false;  // the clock may be anywhere, and newer datafiles are taken to come in time

  // What the device remembers was read, as far as there is consent to use it.
  bool is_memory_read() const noexcept {
    return consent.Allows(Purpose::kPersonalization) ? behavior != nullptr : enrollments != nullptr;
  }
};

// At that moment of the device's clock. One at which the datafile was not issued yet is not believed, least of all when
// it says that nothing has expired.
// `shift`: what the clock that decides is ahead of that one by, where it is forced; what expires does so by the
// device's.
evaluation::Surroundings SurroundingsOf(const Inputs& inputs, Timestamp now, Duration shift);

struct State {
  // `inputs.overrides` come back with `applied` set, and `inputs.holds` with those that are in force now.
  State(Inputs from, Timestamp now, std::uint64_t number = 0);
  State(const State&) = delete;  // `prepared` points into it
  State& operator=(const State&) = delete;

  const ruleset::Ruleset* rules() const noexcept { return inputs.datafile ? inputs.datafile->rules.get() : nullptr; }
  // The datafile has expired, or the clock is not to be believed. False without one.
  bool is_stale(Timestamp now) const noexcept {
    if (rules() == nullptr) return false;
    return now >= rules()->header.expires_at || rules()->header.IsAheadOf(now);
  }
  // The time to decide by, where the device's clock, or whatever stands for it, shows `now`.
  Timestamp At(Timestamp now) const noexcept;
  Duration shift() const noexcept { return overrides.shift; }
  bool is_anything_forced() const noexcept { return !overrides.sources.empty(); }
  // What everybody's decisions would rest on if nothing were forced. When there are rules.
  const evaluation::PreparedContext& natural() const noexcept {
    return natural_prepared ? *natural_prepared : *prepared;
  }
  // Of a forced flag that the rules do not have.
  const ruleset::FlagValue* forced_value(std::string_view flag) const noexcept;
  // Null when it is not held: it is what its outcome says.
  const Hold* hold(std::size_t flag) const noexcept { return held.empty() ? nullptr : held[flag]; }

  Inputs inputs;
  Context context;                                      // with the device unit
  std::optional<evaluation::PreparedContext> prepared;  // when there are rules
  // Where attributes or the clock are forced: as the app gave it, and as it is.
  std::optional<Context> natural_context;
  std::optional<evaluation::PreparedContext> natural_prepared;
  Entitlement entitlement;
  AppliedOverrides overrides;
  events::PreparedFact prepared_fact;         // of what is tracked with `context`
  std::vector<evaluation::Outcome> outcomes;  // parallel to rules()->flags
  std::vector<const Hold*> held;              // likewise; empty when none is
  std::uint64_t sequence = 0;                 // 1, 2, 3… as published
  Timestamp decided_at;
  Timestamp valid_until = ruleset::kNever;  // the least of the outcomes', but for flags that are held
  Duration utc_offset{0};                   // of the device's zone, then

 private:
  void KeepHolds();
  void EndBy(Timestamp decisive);  // a moment of the time to decide by
};

// Of the datafile in force. `checked` as ClientStatus::last_fetch.
std::optional<evaluation::ExplainedOrigin> OriginOf(const Inputs& inputs, Timestamp checked);

// With the device unit, unless the app set its own.
Context WithDevice(Context context, const std::string& install_id);

// The record of an exposure, for `flag`.
events::Fact MakeExposure(const State& state, const NamedExposure& exposure, std::string_view flag,
                          const Context& context, Timestamp now, MonoTime mono);
// Who forces what an explanation met; "" when nobody does.
std::string SourceOf(const State& state, const evaluation::ExplainedOverride& override);

// A fact with what every fact carries of the State: units, allow-listed attributes, session, whether anything is
// forced.
events::Fact MakeFact(const State& state, const Context& context, Timestamp now, MonoTime mono);

// Stands for an exposure within one UTC day: what ExposureMemory remembers.
std::uint64_t ExposureHash(const State& state, const NamedExposure& exposure, std::int64_t utc_day);

}  // namespace guidon::client
