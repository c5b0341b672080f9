// A source as read: what people wrote, with expressions parsed and percentages as slots. `at` points into the Located
// tree it was read from, which must outlive it; it is never null.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/time.h"
#include "guidon/value.h"
#include "sdk/core/expression/expression.h"
#include "sdk/core/ruleset/campaign.h"
#include "sdk/tools/located_json.h"
#include "sdk/tools/source_survey.h"

namespace guidon::tools {

inline constexpr std::int64_t kSlots = 1'000'000;
// A salt has at most 64 bytes: the name, a dot and a number.
inline constexpr std::size_t kNameInSaltBytes = 53;

struct SourceLayer {
  std::string name;
  std::string unit = "device";
  std::optional<std::int64_t> epoch;  // nothing: as before
  const Located* at = nullptr;        // of the experiment that uses it, where it is not declared
};

struct SourceHoldout {
  std::string name;
  std::string unit = "device";
  std::int64_t size = 0;
  // Which experiments, and which campaigns.
  struct Governed {
    bool is_all = false;
    std::vector<const Located*> names;  // texts, when it does not govern all
  };
  Governed experiments, campaigns;
  const Located* at = nullptr;
};

// Members by name: unit ids, or the values of an attribute. A plain list of an attribute is a condition like others and
// is none of these.
struct SourceList {
  std::string unit;  // empty: of the attribute
  std::string attribute;
  bool is_hashed = false;
  std::vector<std::string> values;
};

struct SourceSegment {
  std::string name;
  std::optional<expression::Tree> when;
  std::optional<SourceList> list;  // instead of `when`
  const Located* at = nullptr;
};

enum class RuleKind { kServe, kRollout, kExperiment };

struct SourcePart {
  std::int64_t size = 0;
  Value serve;
};

struct SourceRule {
  RuleKind kind = RuleKind::kServe;
  std::string id;  // empty: the tool chooses
  std::string unit = "device";
  bool has_when = false;
  std::optional<expression::Tree> when;
  Value serve;
  std::vector<SourcePart> parts;
  std::string experiment;
  const Located* at = nullptr;
};

struct SourceFlag {
  std::string name;
  std::string type;  // empty when it could not be told
  Value default_value;
  bool kill = false;
  bool is_protected = false;
  bool holds_session = false;
  bool ends_with_datafile = false;  // "when_expired": "default"
  std::vector<SourceRule> rules;
  const Located* at = nullptr;
};

// Of an experiment or a campaign.
struct SourceVariant {
  std::string name;
  double weight = 1;
  const Located* at = nullptr;  // of an experiment: its members are the flags it sets
};

// A part of an experiment's units with shares of its own.
struct SourceAudience {
  std::string name;
  std::optional<expression::Tree> when;
  std::int64_t size = 0;        // slots of the layer; the experiment's own where it says none
  std::vector<double> weights;  // parallel to the experiment's variants; empty: the experiment's own
  const Located* at = nullptr;
};

// An ended experiment gives its winner to everybody, step by step.
struct SourceShip {
  std::string variant;
  std::int64_t size = 0;  // slots of a million: of those who were not in that variant
  const Located* at = nullptr;
};

struct SourceGoal {
  std::string event;
  std::string within;  // "7d", or empty
  const Located* at = nullptr;
  bool is_by_prompt = false;  // of campaigns alone: whoever does it names the showing that brought them
};

// What must not get worse: the share of those who do it.
struct SourceGuardrail {
  SourceGoal measure;        // always with a time, never by prompt
  bool may_not_rise = true;  // "no more"; else "no less"
};

// A moment: the same everywhere, or when the device's own calendar and clock read it.
struct SourceTime {
  bool is_local = false;
  Timestamp time{};  // of a local one: as if the device were at UTC
};

// No place on earth is further ahead of UTC, or further behind.
inline constexpr Duration kFurthestAhead{14 * 3'600'000LL};
inline constexpr Duration kFurthestBehind{12 * 3'600'000LL};

// The first and the last moment at which it comes anywhere.
inline Timestamp EarliestOf(const SourceTime& at) { return at.is_local ? at.time - kFurthestAhead : at.time; }
inline Timestamp LatestOf(const SourceTime& at) { return at.is_local ? at.time + kFurthestBehind : at.time; }

enum class RunStatus { kDraft, kRunning, kPaused, kEnded };

// What experiments and campaigns have in common.
struct SourceRun {
  std::string name;
  RunStatus status = RunStatus::kRunning;
  std::optional<std::int64_t> iteration;  // nothing: as before
  bool has_when = false;
  std::optional<expression::Tree> when;
  std::optional<SourceTime> starts_at;
  std::optional<SourceTime> ends_at;
  bool is_protected = false;
  std::string kpi;  // may be empty
  std::vector<SourceGoal> goals;
  std::vector<SourceGuardrail> guardrails;
  const Located* at = nullptr;

  bool IsLive() const { return status == RunStatus::kRunning || status == RunStatus::kPaused; }
};

// A live one takes slots of its layer.
struct SourceExperiment : SourceRun {
  std::string layer = "default";
  std::int64_t size = 0;                // slots of the layer, for those in no audience
  std::vector<SourceVariant> variants;  // control first, where there is one
  std::vector<SourceAudience> audiences;
  bool is_sticky = false;
  std::optional<SourceShip> ship;

  // What it needs of its layer. All audiences begin at its first slot, so the largest share is all of it.
  std::int64_t LayerSize() const {
    std::int64_t most = size;
    for (const SourceAudience& audience : audiences) most = audience.size > most ? audience.size : most;
    return most;
  }

  const SourceVariant* FindVariant(std::string_view variant) const {
    for (const SourceVariant& candidate : variants) {
      if (candidate.name == variant) return &candidate;
    }
    return nullptr;
  }
};

struct SourceEvents {
  std::vector<std::string_view> names;
  const Located* at = nullptr;  // null: events are not declared, and any name may be meant
};

struct SourceKpi {
  std::string name;
  SourceGoal measure;
};

struct SourceStep {
  std::string event;
  std::optional<expression::Tree> where;
};

// As ruleset::Trigger.
struct SourceTrigger {
  ruleset::TriggerKind kind = ruleset::TriggerKind::kEvent;
  std::vector<SourceStep> steps;
  std::string screen;
  Duration time{0};
  const Located* at = nullptr;

  // The event at which it starts; null where none does.
  const SourceStep* LastStep() const;
  // What it starts at, by which two are alike: that event, "session_start", "screen editor", "idle".
  std::string Start() const;
};

// Those events of one name that something is true of, by a name of its own.
struct SourceCount {
  std::string name;
  std::string event;
  std::optional<expression::Tree> where;
  const Located* at = nullptr;
};

struct SourceEventName {
  std::string_view name;
  const Located* at = nullptr;
};

struct SourceCap {
  std::int64_t count = 1;
  Duration window{0};           // 0: ever; also of those that are not per time
  const Located* at = nullptr;  // null for those that hold where none are written
  ruleset::Cap::Per per = ruleset::Cap::Per::kTime;
};

// What several campaigns share of a person's attention. `all` holds every campaign.
struct SourceGroup {
  std::string name;
  std::vector<SourceCap> caps;
  Duration gap{0};
  std::optional<ruleset::OpenHours> quiet;
  const Located* at = nullptr;
};

struct SourceAction {
  ruleset::PromptAction::Kind kind = ruleset::PromptAction::Kind::kNone;
  std::string link;
  std::string text;  // that is shared or copied
  std::string name;
  std::vector<std::pair<std::string, std::string>> arguments;
  const Located* link_at = nullptr;
};

struct SourceButton {
  std::string id;
  std::string label;
  SourceAction action;
  Duration snooze{0};  // above 0: "later"
  bool is_primary = false;
  std::string track;
  const Located* at = nullptr;
};

struct SourceImage {
  std::string asset;
  std::string url;
  std::string sha256;
  std::string alt;
  const Located* at = nullptr;  // null: there is none
};

// What a translation says; complete.
struct SourceTranslation {
  std::string language;
  std::string title;
  std::string body;
  std::string alt;                             // where there is an image
  std::vector<std::string> labels;             // parallel to SourceContent::buttons
  std::vector<std::string> action_texts;       // the same; empty: as in the first language
  std::vector<SourceQuestionTexts> questions;  // parallel to SourceContent::questions
};

struct SourceContent {
  std::string kind;
  std::string anchor;
  std::string language;
  std::string title;
  std::string body;
  SourceImage image;
  std::vector<SourceButton> buttons;
  std::vector<SourceQuestion> questions;
  std::vector<SourceTranslation> translations;
};

// One of the contents of a campaign. The only one has no name.
struct SourceShow : SourceVariant {
  SourceContent content;
  std::shared_ptr<const Located> merged;  // of a variant: the campaign's "show" with what it says itself in its place
};

struct SourceCampaign : SourceRun {
  std::string unit = "device";
  std::vector<SourceTrigger> triggers;  // those that could be read
  Duration delay{0};
  std::vector<SourceEventName> cancel_on;
  std::int64_t holdout = 100'000;  // slots
  std::int64_t priority = 0;
  Duration valid_for{60'000};
  std::vector<SourceCap> caps;
  std::vector<const Located*> groups;  // texts
  std::optional<expression::Tree> until;
  std::optional<ruleset::OpenHours> hours;
  Duration wait_after_dismissal{7 * 86'400'000LL};
  Duration longest_wait_after_dismissal{0};  // above 0: it doubles up to that
  Duration wait_after_action{30 * 86'400'000LL};
  std::optional<Duration> wait_after_completion;
  std::vector<SourceShow> shows;  // one without a name, or the variants

  bool has_variants() const { return !shows.empty() && !shows.front().name.empty(); }
};

struct Source {
  std::string project;
  std::string environment;
  std::vector<std::string> event_attributes;
  std::vector<std::string> link_hosts;
  std::vector<std::string> revoked_tokens;
  SourceEvents events;
  std::vector<SourceKpi> kpis;
  std::vector<SourceLayer> layers;
  std::vector<SourceHoldout> holdouts;
  std::vector<SourceSegment> segments;
  std::vector<SourceCount> counts;
  std::vector<SourceFlag> flags;
  std::vector<SourceExperiment> experiments;
  std::vector<SourceGroup> groups;
  std::vector<SourceCampaign> campaigns;
  const Located* at = nullptr;
};

// The item of that name in one of the lists above, or null.
template <class Item>
const Item* FindNamed(const std::vector<Item>& items, std::string_view name) {
  for (const Item& item : items) {
    if (item.name == name) return &item;
  }
  return nullptr;
}

inline const SourceStep* SourceTrigger::LastStep() const {
  if (steps.empty()) return nullptr;
  return kind == ruleset::TriggerKind::kAbsent ? &steps.front() : &steps.back();
}

inline std::string SourceTrigger::Start() const {
  if (LastStep() != nullptr) return LastStep()->event;
  if (kind == ruleset::TriggerKind::kScreen) return "screen " + screen;
  return kind == ruleset::TriggerKind::kIdle ? "idle" : "session_start";
}

inline std::string_view StatusName(RunStatus status) {
  switch (status) {
    case RunStatus::kDraft: return "draft";
    case RunStatus::kRunning: return "running";
    case RunStatus::kPaused: return "paused";
    case RunStatus::kEnded: return "ended";
  }
  return "";
}

}  // namespace guidon::tools
