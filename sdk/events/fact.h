// What happened, as it travels from the thread it happened on to the store.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/context.h"
#include "guidon/event.h"
#include "guidon/time.h"
#include "guidon/value.h"
#include "sdk/core/behavior/series.h"
#include "sdk/core/prompts/showings.h"

namespace guidon::events {

// Texts of one fact together; properties and attributes beyond it are dropped. A batch always has room for one event.
inline constexpr std::size_t kFactBytes = 128u << 10;

// Of Fact::overrides.
inline constexpr std::size_t kOverridesBytes = 1024;

struct IdentityChange;

// Of the time in an id, and of how long a prompt could be seen.
inline constexpr std::uint64_t kMostIdMs = (std::uint64_t{1} << 48) - 1;

// Of Fact::propensity: what is certain.
inline constexpr std::uint64_t kCertain = 1'000'000'000'000;

// Of a fact about a prompt. Not within Fact: there clang could not make an optional of it.
struct FactPrompt {
  prompts::What what = prompts::What::kExposure;
  std::string id;  // of the showing
  std::uint64_t ordinal = 0;
  std::string button;         // kAction, kSnooze: its id
  std::string cause;          // kDismissal, kFailure
  std::string trigger;        // the event that started it; empty: it was forced
  Duration snooze{0};         // kSnooze
  std::string question = {};  // kAnswer: its id
  Value answer = {};          // kAnswer: an integer, an option's id or a list of them; null: it is in `text`
  std::string text = {};      // kAnswer: what the person wrote
  std::uint64_t number = 0;   // kAnswer: counts those of the showing from 1; of one question the highest holds
  bool is_forced = false;     // the prompt itself was: it uses up no caps and is not remembered
  std::optional<Duration> visible = {};  // of an end after an impression: for how long it could be seen
};

// One self-contained record; applying it consults no ruleset and no clock.
struct Fact {
  EventKind kind = EventKind::kTracked;
  Timestamp wall{};
  MonoTime mono{};
  std::uint64_t boot = 0;  // of the device, in which `mono` counts: a hash of its id; 0: not known. Not sent
  std::uint64_t id_ms =
      0;             // the time in its id where the wall clock is behind earlier ids; 0: the wall's, or it has no unit
  std::string name;  // of the event, or the key of the experiment or holdout
  std::string variant;  // of an exposure, as all that is marked so
  std::string flag;     // exposure
  std::optional<double> value;
  std::vector<std::pair<std::string, Value>> properties;
  std::vector<Context::UnitId> units;
  std::vector<std::pair<std::string, Value>> attributes;  // only those the datafile lets out

  std::string unit_kind, unit_id;           // exposure
  std::int64_t iteration = 0;               // exposure
  std::int32_t layer_slot = -1, slot = -1;  // exposure; -1: none
  std::string datafile_set;                 // exposure: "project/environment"
  std::string datafile_version;             // exposure: "epoch.version"
  std::string audience;                     // exposure of an experiment: whose shares served it; empty: its own
  bool sticky = false;                      // exposure: an enrollment served it
  // Exposure of an experiment: how likely a unit that may be in it is to get this variant, of kCertain: the product of
  // two shares of a million slots. 0: not known, as where the variant was forced or drawn in earlier shares.
  std::uint64_t propensity = 0;
  // Exposure of an experiment: the unit's first in this iteration on this device. Set by the fold.
  bool first = false;
  // Whose behavior and showings it changes: 0 of this installation while nobody is logged in, else an account's.
  std::uint64_t scope = 0;
  bool forced = false;
  std::string forced_by;  // "api", "file", "environment", or several, joined by commas; empty unless forced
  std::string overrides;  // what is forced, as the environment would say it: "experiment:attach-button=off; …"
  // Exposure, forced: the variant it would have been; "" for none. Nothing: not known, or not forced.
  std::optional<std::string> natural_variant;
  std::string session;

  // Of a prompt. Its campaign is `name`, its arm ("prompt", a variant's name, "held_out") `variant`; the unit and
  // datafile as of an exposure.
  std::optional<FactPrompt> prompt;

  // Not null: no event at all but a change of the scope (scopes.h), which takes its turn among the facts.
  std::shared_ptr<const IdentityChange> identity;

  // Tracked: a goal or KPI is measured by it, or it carries a value. Kept longer and sent sooner than others.
  bool is_conversion = false;

  // What the person had agreed to when it happened: that it makes an event (analytics), and that it counts as behavior
  // (personalization). Some make none in any case: what they change is remembered, and another fact tells of it.
  bool is_reported = true;
  bool is_counted = true;

  // Tracked, and of answers: of which counts it is, of those that whoever told it knew. Not in events that wait to be
  // sent: the fold uses it up.
  std::vector<behavior::Look> looks;

  bool is_trigger = false;  // tracked: prompts may start by it; not stored
  bool is_urgent = false;   // to be committed at once, as prompt facts always are; not stored
  std::size_t dropped = 0;  // attributes that were left out, since they may not travel; not stored
};

// Whether the attribute may be in a fact. An app may have one of any size, and facts are made of them all the time: so
// this is asked before it is copied.
bool MayTravel(std::string_view name, const Value& value);
// Whether a property may be in an event.
bool MayBeProperty(std::string_view name, const Value& value) noexcept;
// Whether an event may have that name and that value.
bool IsEvent(std::string_view name, const std::optional<double>& value) noexcept;

// From 0 to 1.
inline double PropensityOf(const Fact& fact) {
  return static_cast<double>(fact.propensity) / static_cast<double>(kCertain);
}

// Of the clock's id of a boot; 0 where that is empty.
std::uint64_t BootOf(std::string_view boot_id);

// Whether anything is left to be done with a fact that makes no event: exposures and prompts change what is remembered
// besides; what is tracked may count as behavior, or start a prompt, for which it need not be kept.
bool MattersUnreported(const Fact& fact);
// Leaves only what is remembered of such a fact.
void Reduce(Fact* fact);

// Whether the fact may be recorded. Drops the properties and attributes that may not travel (lists, objects, over a
// bound, not a number, not UTF-8) and says how many of them in `dropped`.
bool CheckFact(Fact* fact, std::size_t* dropped);

}  // namespace guidon::events
