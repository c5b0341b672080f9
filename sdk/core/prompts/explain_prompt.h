// Why a campaign's prompt is shown or not, gate by gate with the values seen, and when it may be next. Explaining is
// considering with a trace: what is stated is what Consider returned. It names attribute values, so it stays on the
// device.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/context.h"
#include "guidon/time.h"
#include "guidon/value.h"
#include "sdk/core/base/steady_time.h"
#include "sdk/core/behavior/behavior.h"
#include "sdk/core/evaluation/explain.h"
#include "sdk/core/prompts/consider.h"
#include "sdk/core/prompts/showings.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::prompts {

// How many moments are tried for the next one at which the audience's condition is true. Behavior changes by time alone
// at most once a day or hour of its window, so this reaches beyond the longest one.
inline constexpr int kLookAhead = 1'000;

struct TriggerEvent {
  std::string name;  // ruleset::Trigger::name of what takes more than one event
  std::vector<std::pair<std::string, Value>> properties;
  Timestamp when{};
  std::uint64_t trigger = 0;  // ruleset::Trigger::id of what was completed then; 0: the event alone
};

// Of a trigger that takes more than one event.
struct TriggerProgress {
  std::size_t done = 0;               // steps
  Timestamp until = ruleset::kNever;  // by then the rest has to happen, or must not; kNever: no time runs
};

// What the client has to say beyond the gates: kBusy, kHostLater, kHostNever, kDelayed, kCancelled, kExpired of the
// last opportunity; kStoreDown, kOtherProcess, kNoConsent, kNoHost of the present.
struct ClientReason {
  Why why = Why::kNoHost;
  Timestamp when{};
  std::string event = {};             // kCancelled: that did
  Timestamp until = ruleset::kNever;  // kDelayed
};

enum class Forcing : std::uint8_t { kNone, kShow, kWithinCaps, kOff };
std::string_view ForcingName(Forcing forcing) noexcept;  // "show", "within_caps", "off"

struct PromptQuestion {
  const ruleset::Ruleset& rules;
  std::string_view campaign;
  const Context& context;  // without the event
  evaluation::Surroundings surroundings = {};
  const Showings* showings = nullptr;  // null: nothing was read yet
  Timestamp now{};
  const TriggerEvent* event = nullptr;  // null: none happened; then the other gates come first
  const HostAbilities* host = nullptr;  // null: it can do all
  std::string_view on_screen = {};      // the campaign whose prompt is up; empty: none
  std::optional<ClientReason> client = std::nullopt;
  Forcing forcing = Forcing::kNone;
  const evaluation::Forced* forced = nullptr;  // under which conditions ask for flags and experiments
  Timestamp session_began = ruleset::kNever;   // as of Question
  std::vector<TriggerProgress> progress = {};  // parallel to Campaign::triggers; shorter: nothing is half-way
};

struct ExplainedTrigger {
  bool passed = false;
  bool has_happened = false;                                              // its event did, whatever is true of it
  std::vector<std::optional<evaluation::ExplainedCondition>> conditions;  // parallel to its steps
  TriggerProgress progress = {};
};

struct ExplainedGate {
  GateResult result;
  std::optional<evaluation::ExplainedCondition> condition;  // of the audience
  std::vector<ExplainedTrigger> triggers;                   // of the trigger's gate: parallel to Campaign::triggers
};

// Self-contained. One that nobody filled in says that no datafile is in force.
struct PromptExplanation {
  std::string campaign;
  std::string suggestion;  // a key like it, when there is no such campaign
  std::optional<ruleset::Header> datafile;
  std::optional<evaluation::ExplainedOrigin> origin;  // where a client tells it
  Timestamp at{};
  // What the device's clock is ahead of `at` by. More than SteadyTime::kJump: it is not believed.
  Duration clock_ahead{0};
  Why why = Why::kNotReady;
  bool is_held_out = false;
  std::string kept_out_by;                 // the holdout over campaigns that keeps the unit out; empty: none does
  std::vector<ruleset::Holdout> holdouts;  // parallel to Ruleset::holdouts
  std::uint32_t variant = 0;               // of `rules`: which content the gates asked
  ruleset::Campaign rules;                 // its indexes mean nothing here
  Timestamp starts_at = Timestamp::min();  // in UTC, also where the rules say it in the device's own time
  Timestamp ends_at = ruleset::kNever;
  std::string unit_kind;
  std::string unit_id;
  std::string language;                        // of its texts; empty where the datafile says none
  std::vector<ruleset::CampaignGroup> groups;  // parallel to Ruleset::groups
  std::vector<ExplainedGate> gates;  // all of them, in order; empty when there is no such campaign, or it has an error
  bool is_remembered = false;        // what was shown before is known; else waits and caps are not among the gates
  std::uint64_t shown = 0;           // how often it was, ever
  std::optional<TriggerEvent> event;
  std::optional<HostAbilities> host;
  std::string on_screen;  // the campaign whose prompt is up
  std::optional<ClientReason> client;
  Forcing forcing = Forcing::kNone;
  Why natural = Why::kMayShow;  // without forcing; when there is any
  // The earliest moment at which time alone lets everything but the trigger pass; kNever when it does not help. What is
  // true of the person's behavior now is taken to stay so.
  Timestamp next = ruleset::kNever;
  bool needs_trigger = false;  // it has to happen (again)

  bool may_show() const noexcept { return why == Why::kMayShow; }
  const ruleset::PromptContent& content() const { return rules.variants[variant].content; }
  bool is_clock_off() const noexcept { return clock_ahead > SteadyTime::kJump || clock_ahead < -SteadyTime::kJump; }
};

// Never fails: an unknown campaign is explained, too.
PromptExplanation ExplainPrompt(const PromptQuestion& question);

// For a person: lines of at most 90 columns; nothing in it can reach a terminal as a control character.
std::string ToText(const PromptExplanation& explanation, evaluation::Letters letters = evaluation::Letters::kUnicode);

// A gate in a line of that text; what it rests on is below it there.
struct GateLine {
  std::string name;
  std::string text;  // may be empty
  std::string note;  // of the trigger: whether it happened; may be empty
  bool is_unknown = false;
};
// Nothing of what the app can draw and do, where that is enough.
std::optional<GateLine> LineOf(const PromptExplanation& explanation, const ExplainedGate& gate);
// What the client has to say, in words; empty: nothing.
std::string ClientText(const PromptExplanation& explanation);

// docs/formats/explain.md. With `indent` above 0 laid out for people.
std::string ToJson(const PromptExplanation& explanation, int indent = 0);

// "7d", "36h", "30m", "90s".
std::string DurationText(Duration duration);
// "7d", "day", "session". Of a cap for ever nothing.
std::string PerText(const ruleset::Cap& cap);
std::string_view GateName(Gate gate) noexcept;

}  // namespace guidon::prompts
