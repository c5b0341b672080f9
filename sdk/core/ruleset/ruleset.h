// The rules of one datafile, compiled: immutable, self-contained, shared by any number of readers. Made by a loader
// (core/dialects), which checks everything; whoever reads it can rely on every index.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/ports/patterns.h"
#include "guidon/time.h"
#include "sdk/core/base/network.h"
#include "sdk/core/behavior/behavior.h"
#include "sdk/core/logic/program.h"
#include "sdk/core/ruleset/campaign.h"
#include "sdk/core/ruleset/condition.h"
#include "sdk/core/ruleset/moment.h"
#include "sdk/core/ruleset/steps.h"
#include "sdk/core/ruleset/text_index.h"
#include "sdk/core/ruleset/value.h"
#include "sdk/core/ruleset/version.h"

namespace guidon::ruleset {

inline constexpr Timestamp kNever = Timestamp(Duration(std::numeric_limits<std::int64_t>::max()));

struct Rule {
  std::string id;
  std::uint32_t experiment = kNone;
};

// A value of a format in which flags' values have names.
struct NamedValue {
  std::string name;
  std::uint32_t value = 0;  // of Ruleset::values
};

struct Flag {
  std::string key;
  ValueType type = ValueType::kBool;
  bool is_valid = false;  // false: the datafile has it, but it could not be compiled; only `key` counts
  bool is_killed = false;
  bool ends_with_datafile = false;  // its default, once that has expired
  bool is_protected = false;
  bool holds_for_session = false;   // what it was first in a session it stays, but for kill and overrides
  std::uint32_t default_value = 0;  // of values
  std::uint32_t first_step = 0;
  std::vector<Rule> rules;
  std::vector<NamedValue> variants;
  std::uint32_t default_variant = kNone;  // of variants, when there are any
};

enum class ExperimentStatus : std::uint8_t { kRunning, kPaused, kEnded };

std::string_view ExperimentStatusName(ExperimentStatus status) noexcept;

struct Variant {
  std::string name;
  std::vector<std::uint32_t> values;  // parallel to Experiment::flags; of Ruleset::values
  bool passes_through = false;        // who meets it goes on to the next rule
};

// Part of an experiment's units with shares of its own.
struct Audience {
  std::string name;
  std::uint32_t condition = kNone;  // of nodes
  std::vector<SlotRange> slots;     // in the layer
  std::vector<SlotRange> split;     // target: the variant
};

// What an ended experiment gives to everybody, step by step.
struct Ship {
  std::uint32_t variant = kNone;  // kNone: nothing
  std::vector<SlotRange> slots;   // who else gets it, by a hash of the experiment's salt
};

struct Experiment {
  std::string key;
  std::int64_t iteration = 1;
  ExperimentStatus status = ExperimentStatus::kRunning;
  bool is_valid = false;
  bool is_protected = false;
  bool is_sticky = false;  // a unit that was exposed keeps its variant within the iteration
  Moment starts_at{Timestamp::min()};
  Moment ends_at{kNever};
  std::uint16_t layer = 0;
  std::uint16_t unit = 0;                    // of unit_kinds; the layer's
  std::uint16_t fallback = Bucket::kNoUnit;  // likewise, where the context lacks the first
  std::int64_t least_iteration = 0;          // who was enrolled in an earlier one is in none
  std::string salt;
  std::uint32_t condition = kNone;  // of nodes
  std::vector<SlotRange> slots;     // in the layer
  std::vector<SlotRange> split;     // target: the variant
  std::vector<Variant> variants;
  std::vector<Audience> audiences;  // the first whose condition is true
  Ship ship;
  std::uint32_t memory = kNone;         // of Ruleset::remembered; kNone: it is not valid
  std::uint32_t first_step = kNone;     // of its own steps, which no flag's rules lead to; kNone: nothing asks for them
  std::vector<std::uint32_t> flags;     // sorted
  std::vector<std::uint16_t> holdouts;  // that govern it
};

struct Layer {
  std::string key;
  std::string salt;
  std::uint16_t unit = 0;
};

struct Holdout {
  std::string key;
  std::string salt;
  std::uint16_t unit = 0;
  std::uint32_t size = 0;  // slots held out; the next `size` are the comparison group
};

struct Segment {
  std::string key;
  std::uint32_t condition = kNone;
};

// Where an event takes part in what starts a campaign, or ends what was started.
struct TriggerUse {
  std::uint32_t campaign = kNone;
  std::uint32_t trigger = kNone;  // of Campaign::triggers; kNone: it cancels
  std::uint32_t step = 0;         // of Trigger::steps
};

// A name under which rules count those events of another name that something is true of.
struct Count {
  std::string name;
  std::string event;
  // Which part of the event's series it is: the same in another datafile that says the same. Never 0.
  std::uint64_t part = 0;
  std::uint32_t condition = kNone;  // of nodes, over the event's properties alone; kNone: this version cannot tell
};

struct CompiledPattern {
  std::string text;
  std::shared_ptr<const Pattern> pattern;
};

// A condition in the words of the format it came in, for explanations.
struct ConditionWords {
  std::uint32_t node = kNone;
  std::string text;
  std::uint16_t slot = 0;  // what it reads, or kNoSlot
};
inline constexpr std::uint16_t kNoSlot = UINT16_MAX;

struct Header {
  std::string project;
  std::string environment;
  std::uint64_t epoch = 0;
  std::uint64_t version = 0;
  Timestamp issued_at{};
  Timestamp expires_at = kNever;

  // By a clock that is right nothing is: such a datafile is from the future, or the clock is behind.
  bool IsAheadOf(Timestamp now) const noexcept { return issued_at - std::chrono::hours(24) > now; }
};

struct Ruleset {
  Ruleset() = default;
  Ruleset(const Ruleset&) = delete;  // the indexes point into it
  Ruleset& operator=(const Ruleset&) = delete;

  Header header;
  std::vector<std::string> event_attributes;

  std::vector<Flag> flags;  // sorted by key
  std::vector<Experiment> experiments;
  std::vector<Layer> layers;
  std::vector<Holdout> holdouts;
  std::vector<Segment> segments;
  std::vector<CampaignGroup> groups;
  std::vector<Campaign> campaigns;  // sorted by key
  std::vector<Count> counts;        // sorted by event, then part
  std::vector<std::string> unit_kinds;
  bool units_are_attributes = false;  // where the context has no such unit, an attribute of that name is its id

  std::vector<Step> steps;
  std::vector<Node> nodes;
  std::vector<ConditionWords> words;  // by node; of formats whose conditions read unlike ours
  std::vector<SlotRange> ranges;
  std::vector<Bucket> buckets;
  std::vector<logic::Program> programs;
  std::vector<FlagValue> values;
  std::vector<std::string> salts;
  std::vector<Timestamp> local_times;  // readings of the device's clock, as if it showed UTC
  // Valid experiments: those to which enrollments always matter, then those to which they do once the datafile has
  // expired.
  std::vector<std::uint16_t> remembered;
  std::size_t always_remembered = 0;

  std::vector<AttributeSlot> slots;
  std::vector<behavior::Term> behavior_terms;  // what Op::kBehavior compares
  std::vector<std::string> texts;              // constants; compared by number
  std::vector<Version> versions;
  std::vector<std::uint32_t> list_texts;  // of texts
  std::vector<double> list_numbers;
  std::vector<network::Network> networks;
  std::vector<Digest128> digests;
  std::vector<CompiledPattern> patterns;
  std::vector<std::string> revoked_tokens;  // ids of QA tokens that permit nothing any more; sorted
  std::vector<std::string> link_hosts;      // where prompts' links may lead; empty: anywhere
  std::vector<std::string> conversions;     // events that goals, guardrails and KPIs are measured by; sorted

  TextIndex flag_index;
  TextIndex text_index;
  TextIndex experiment_index;
  TextIndex trigger_index;          // names of events that take part in starting a valid campaign, or cancel it
  std::vector<TriggerUse> watched;  // triggers that are more than an event; by campaign
  bool watches_idle = false;        // any of them waits for nothing to happen
  std::vector<std::vector<TriggerUse>> trigger_uses;  // parallel to `trigger_index`; by campaign
  TextIndex conversion_index;
  TextIndex count_index;                                              // names of events that are counted in parts
  std::vector<std::pair<std::uint32_t, std::uint32_t>> count_ranges;  // parallel to it: of `counts`, half-open

  // Null when there is none.
  const Flag* FindFlag(std::string_view key) const noexcept;
  const Experiment* FindExperiment(std::string_view key) const noexcept;
  const Campaign* FindCampaign(std::string_view key) const noexcept;
  // Null for an event that takes part in none.
  const std::vector<TriggerUse>* FindTriggerUses(std::string_view event) const noexcept;
  const Count* FindCount(std::string_view name) const noexcept;
  const ConditionWords* FindWords(std::uint32_t node) const noexcept;
  // Those of an event, sorted by part; two nulls where it has none.
  std::pair<const Count*, const Count*> CountsOf(std::string_view event) const noexcept;
  bool IsTrigger(std::string_view event) const noexcept { return trigger_index.Find(event) != kNone; }
  bool IsConversion(std::string_view event) const noexcept { return conversion_index.Find(event) != kNone; }
  std::uint32_t IndexOf(const Flag& flag) const noexcept { return static_cast<std::uint32_t>(&flag - flags.data()); }

  // The newer of two is in force.
  bool IsNewerThan(const Ruleset& other) const noexcept {
    return header.epoch != other.header.epoch ? header.epoch > other.header.epoch
                                              : header.version > other.header.version;
  }
};

}  // namespace guidon::ruleset
