// How a decision came about, for QA on the device. Explaining is evaluating with a trace: what is stated is what
// Evaluate returned, and truths are the evaluator's own. It names attribute values, so it stays on the device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/context.h"
#include "guidon/decision.h"
#include "guidon/time.h"
#include "guidon/value.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::evaluation {

// Bounds of one explanation. Beyond them there are only counts.
inline constexpr std::size_t kExplainedConditions = 1'000;  // nodes, in all rules together
inline constexpr std::size_t kExplainedRanges = 64;         // of one step

// A condition or a part of one, with its own truth, whether or not the evaluator had to ask for it.
struct ExplainedCondition {
  ruleset::Op op = ruleset::Op::kUnsupported;
  std::string text;  // as an expression; empty where and, or, not are too long to read: their parts say it
  Truth truth = Truth::kUnknown;
  bool decides = false;   // the first leaf because of which the whole condition is not true
  std::string attribute;  // that a leaf read; "now" for the present moment
  // What it was; a list or an object is given empty. Nothing when it is missing.
  std::optional<Value> seen;
  // Of kBehavior. Of what has elapsed `seen` is in ms, nothing when it never happened or is forgotten.
  behavior::Measure measure = behavior::Measure::kCount;
  bool is_of_session = false;          // of a count: what was done in the session that goes on
  bool is_exact = true;                // false when it was at least what was seen; of kSinceLast at most
  bool is_hidden = false;              // it is private: `seen` is of its type, and empty
  std::string expected;                // "a version", …: what the operator compares, when `seen` is something else
  std::vector<ExplainedCondition> of;  // and, or, not, segment
  std::size_t more = 0;                // parts that are not listed
};

struct ExplainedStep {
  ruleset::StepKind kind = ruleset::StepKind::kDefault;
  StepResult result = StepResult::kPassed;
  std::string
      object;  // the experiment (also of a gate that is its targeting), layer, holdout; empty: of the rule itself
  std::string unit_kind;  // of a step that asks for a unit
  std::string unit_id;
  std::int32_t slot = -1;
  std::vector<ruleset::SlotRange> ranges;   // that the slot was tested against, at most kExplainedRanges
  std::size_t range_count = 0;              // of all of them
  std::optional<ruleset::SlotRange> range;  // the one that has the slot
  std::optional<ExplainedCondition> condition;
  std::string variant;                      // that was served, or the one forced; "off", "unassigned"
  std::optional<ruleset::FlagValue> value;  // that was served
  ruleset::ExperimentStatus status = ruleset::ExperimentStatus::kRunning;
  Timestamp starts_at = Timestamp::min();
  Timestamp ends_at = ruleset::kNever;
  std::string starts_local;  // what the device's clock reads then, where the schedule says it so
  std::string ends_local;
  std::string audience;  // whose shares counted, or that was asked; of an enrollment, the one it was made in
};

struct ExplainedRule {
  enum class Outcome : std::uint8_t { kDecided, kPassedOver, kNotAsked };
  std::string id;
  std::string experiment;  // empty when the rule serves or rolls out
  Outcome outcome = Outcome::kNotAsked;
  std::vector<ExplainedStep> steps;
};

struct ExplainedResult {
  Reason reason = Reason::kNotReady;
  std::optional<ruleset::FlagValue> value;  // nothing: the caller's fallback
  std::string variant;                      // as Decision::variant
  std::string experiment;
  std::int64_t iteration = 0;
  std::string rule;
};

struct ExplainedOverride {
  enum class Kind : std::uint8_t { kFlag, kExperiment, kHoldout, kAttribute, kClock };
  Kind kind = Kind::kFlag;
  std::string key;
  // Of an experiment; "off", "unassigned"; of a holdout "in" or "out"; of the clock "+3d".
  std::string variant;
  std::optional<ruleset::FlagValue> value;  // of a flag
  std::string source;                       // who forces it: "api", "file", "environment"; empty: not told
};

std::string_view OverrideKindName(ExplainedOverride::Kind kind) noexcept;  // "flag", "experiment", …

struct ExplainedExposure {
  bool is_holdout = false;
  bool is_forced = false;
  std::string key;
  std::int64_t iteration = 0;  // of an experiment
  std::string variant;         // "held_out" or "comparison" of a holdout
  std::string unit_kind;
  std::string unit_id;
  std::int32_t layer_slot = -1;
  std::int32_t slot = -1;
  std::string audience;    // empty: none
  bool is_sticky = false;  // the enrollment kept the unit there
};

// A newer datafile that is not in force yet.
struct ExplainedWaiting {
  std::uint64_t epoch = 0;
  std::uint64_t version = 0;
  bool kills = false;  // the flag; this part of it is in force at once
};

// How the datafile came to the device.
struct ExplainedOrigin {
  std::string source;  // "bundle", "cache", "network"
  bool is_signed = false;
  std::optional<Timestamp>
      checked;  // when its server last said that there is nothing newer; nothing: not since the start
};

// Self-contained. One that nobody filled in says that no datafile is in force.
struct Explanation {
  std::string flag;
  std::string suggestion;  // a key like it, when there is no such flag
  std::optional<ruleset::ValueType> type;
  std::optional<ruleset::Header> datafile;
  std::optional<ExplainedOrigin> origin;    // where a client tells it
  std::optional<ExplainedWaiting> waiting;  // where there is one, by whoever knows of it; likewise `now`
  Timestamp at{};
  ExplainedResult result;
  bool is_forced = false;
  std::optional<ExplainedResult> natural;    // without overrides; when forced
  std::optional<ExplainedResult> now;        // what the rules say now; when `result` is held for the session
  std::vector<ExplainedOverride> overrides;  // that were met
  std::vector<ExplainedRule> rules;
  std::vector<ExplainedExposure> exposures;  // due when the value is used
  Timestamp valid_until = ruleset::kNever;
};

// What everything would rest on where the context or the clock are forced. Null: they are not.
struct Natural {
  const PreparedContext* prepared = nullptr;
  Timestamp now{};
};

// `prepared` is made of `rules` and `context`. Never fails: an unknown flag is explained, too.
Explanation Explain(const ruleset::Ruleset& rules, std::string_view flag, const Context& context,
                    const PreparedContext& prepared, Timestamp now, const Forced* forced = nullptr,
                    const Natural& natural = {});

// Empties what was seen of these attributes, named as the app sets them.
void HideValues(const std::vector<std::string>& attributes, ExplainedCondition* condition);
void HideValues(const std::vector<std::string>& attributes, Explanation* explanation);

enum class Letters : std::uint8_t {
  kUnicode,
  kAscii,  // signs replaced by like ones, everything else that is not ASCII escaped
};

// For a person: lines of at most 90 columns, each with a newline at its end. Long values are cut; nothing in it can
// reach a terminal as a control character.
std::string ToText(const Explanation& explanation, Letters letters = Letters::kUnicode);

// How it came about in a few words, as the first line of that text has it.
std::string ToWords(const Explanation& explanation);

// docs/formats/explain.md. With `indent` above 0 laid out for people.
std::string ToJson(const Explanation& explanation, int indent = 0);

}  // namespace guidon::evaluation
