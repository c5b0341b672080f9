// May this campaign's prompt be shown now? A pure function of (rules, context, showings, time). Assign early, expose
// late: the arm is computed before the caps are asked and told to nobody; whoever is held out passes the same gates,
// those of the content that they would see, is asked for at the host just the same, and is logged at the point where
// the others see the prompt.
//
// Order: status and dates → trigger → audience → until → unit, holdouts and arm → waits → caps → hours → its groups'
// caps, gaps and quiet hours → kind → actions → questions → texts → one at a time (→ host, in the client). Explaining
// is considering with a trace: then no gate is left out, and each tells what it saw.
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
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/local_clock.h"
#include "sdk/core/evaluation/prepared_context.h"
#include "sdk/core/evaluation/targeting.h"
#include "sdk/core/prompts/group_showings.h"
#include "sdk/core/prompts/showings.h"
#include "sdk/core/prompts/why.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::prompts {

enum class Gate : std::uint8_t {
  kStatus,
  kTrigger,
  kAudience,
  kUntil,  // when the campaign has one
  kUnit,
  kHoldout,  // one for each that governs the campaign, up to the first that holds the unit out; passes always
  kArm,
  kWait,
  kCap,         // one for each
  kGroupCap,    // one for each cap of each of its groups
  kGap,         // one for each of its groups that has one
  kHours,       // when the campaign has some
  kQuietHours,  // one for each of its groups that has some
  kKind,
  kActions,    // when its buttons ask anything of the app
  kQuestions,  // when the campaign has some
  kTexts,
  kOneAtATime
};

// Waits, caps and hours, its own and its groups': how often and when, not to whom.
bool IsAboutFrequency(Gate gate) noexcept;

// What one gate saw; explanations are made of these.
struct GateResult {
  Gate gate = Gate::kStatus;
  bool passed = false;
  Why why = Why::kMayShow;                             // when it did not pass
  evaluation::Truth truth = evaluation::Truth::kTrue;  // of a condition
  std::uint32_t cap = 0;                               // kCap: of Campaign::caps; kGroupCap: of the group's
  std::uint64_t used = 0;                              // kCap, kGroupCap
  std::uint32_t group = 0;                             // kGroupCap, kGap, kQuietHours: of Ruleset::groups
  Timestamp reading{};                                 // kHours, kQuietHours: what their clock shows, as if in UTC
  std::int32_t slot = -1;                              // kArm, kHoldout
  bool is_held_out = false;                            // kArm, kHoldout
  bool is_forced = false;                              // kHoldout: by QA, whatever the slot
  std::uint32_t holdout = 0;                           // kHoldout: of Ruleset::holdouts
  std::uint32_t variant = 0;                           // kArm: of Campaign::variants, also of who is held out
  std::int32_t variant_slot = -1;                      // kArm: by which; below 0: there is one content, or it is forced
  std::string lacking;                                 // kActions: the first that the host cannot do
  std::string unfilled;                                // kTexts: the first place that nothing fills
  Duration wait{0};                                    // kWait: for so long
  std::string bad_link;                                // kTexts: the id of the first button whose link is none
  What after = What::kExposure;                        // kWait: what is waited after; kExposure: nothing
  // kWait: when that happened. kGap: when the last prompt was gone; min(): there was none.
  Timestamp last{};
  // When it will pass, or has passed, by time alone, all else being equal; kNever when time alone does not help. Of a
  // condition always kNever: ExplainPrompt looks ahead for those.
  Timestamp passes_at = ruleset::kNever;
};

// What the host says that it can do.
struct HostAbilities {
  std::vector<std::string> kinds;           // of prompts it draws
  std::vector<std::string> actions;         // of buttons, custom ones by their names
  std::vector<std::string> questions = {};  // the types of those it asks
};

struct Question {
  const ruleset::Ruleset& rules;
  const ruleset::Campaign& campaign;
  // Made of the context and, as attributes of the kind ruleset::kEventKind, the event's properties.
  const evaluation::PreparedContext& prepared;
  std::string_view event;  // that happened; empty: none did, and the trigger's gate does not pass
  const CampaignShowings& showings;
  Timestamp now;
  const HostAbilities* host = nullptr;                 // null: it can do all
  bool is_busy = false;                                // a prompt is on screen
  const evaluation::Forced* forced = nullptr;          // under which conditions ask for flags and experiments
  const std::vector<GroupShowings>* groups = nullptr;  // parallel to Ruleset::groups; null: nothing of any was shown
  const evaluation::LocalClock* clock = nullptr;       // the device's, around `now`; null: it shows UTC
  // Showings from then on are of this session. kNever: it begins now. In memory alone: a process is a session at least.
  Timestamp session_began = ruleset::kNever;
  std::uint64_t trigger = 0;               // ruleset::Trigger::id of what was completed; 0: the event alone
  std::uint32_t variant = ruleset::kNone;  // of Campaign::variants, forced; kNone: by the unit's slot
};

// The group of a holdout that the unit is in.
struct HoldoutSide {
  std::uint16_t holdout = 0;  // of Ruleset::holdouts
  bool is_held_out = false;   // false: it is one of those that the held out are compared with
  std::int32_t slot = -1;
};

struct Verdict {
  Why why = Why::kMayShow;            // of the first gate that did not pass
  bool is_held_out = false;           // by the campaign's own holdout or another; then it sees nothing
  bool is_kept_out = false;           // by another: then it says nothing about the campaign itself
  std::vector<HoldoutSide> holdouts;  // of those that govern it; of most units none
  std::int32_t slot = -1;
  std::uint32_t variant = 0;  // whose content the gates asked: also who is held out has one, and is not shown it
  // The earliest moment at which time alone lets every gate that was asked pass; kNever when one of them failed for
  // another reason, as the trigger does, or the campaign will have ended by then.
  Timestamp passes_at = ruleset::kNever;

  bool may_show() const noexcept { return why == Why::kMayShow; }
};

// With a trace all gates are asked, in order; without, up to the first that does not pass.
Verdict Consider(const Question& question, std::vector<GateResult>* trace = nullptr);

// The gate that keeps it back, the first of those that do; nothing when none does.
std::optional<GateResult> FirstFailed(const Question& question);

// By which a unit gets one of the campaign's contents, held out or not.
std::uint32_t ContentSlot(const ruleset::Campaign& campaign, std::string_view unit_id) noexcept;

// The campaign's own caps and waits alone: when a showing that is asked for at `now` is free of them. `now` itself: at
// once. kNever: a cap without a window is used up.
Timestamp FreeAt(const ruleset::Campaign& campaign, const CampaignShowings& showings, Timestamp now,
                 const evaluation::LocalClock* clock = nullptr, Timestamp session_began = ruleset::kNever);

// The first moment from `when` on at which the campaign's hours are open and none of its groups' are quiet; kNever when
// there is none.
Timestamp OpenFrom(const ruleset::Ruleset& rules, const ruleset::Campaign& campaign,
                   const evaluation::LocalClock& clock, Timestamp when);

}  // namespace guidon::prompts
