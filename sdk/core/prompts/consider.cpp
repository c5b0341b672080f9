#include "sdk/core/prompts/consider.h"

#include <algorithm>

#include "sdk/core/evaluation/bucketing.h"
#include "sdk/core/evaluation/prerequisites.h"
#include "sdk/core/prompts/content_gates.h"
#include "sdk/core/prompts/open_hours.h"

namespace guidon::prompts {
namespace {

using evaluation::Purpose;
using evaluation::Targeting;
using evaluation::Truth;
using evaluation::UnitValue;
using ruleset::Campaign;
using ruleset::CampaignStatus;
using ruleset::kNever;
using ruleset::kNone;

// Stores and datafiles may hold any number of milliseconds.
Timestamp Later(Timestamp time, Duration by) noexcept {
  return by > Duration(0) && time > kNever - by ? kNever : time + by;
}

GateResult Result(Gate gate, Why why) {
  GateResult result;
  result.gate = gate;
  result.why = why;
  result.passed = why == Why::kMayShow;
  return result;
}

GateResult AskStatus(const Question& question) {
  const Campaign& campaign = question.campaign;
  if (campaign.status != CampaignStatus::kRunning) {
    return Result(Gate::kStatus, campaign.status == CampaignStatus::kPaused ? Why::kPaused : Why::kEnded);
  }
  const Timestamp starts_at = question.prepared.When(campaign.starts_at);
  const Timestamp ends_at = question.prepared.When(campaign.ends_at);
  if (question.now >= ends_at) return Result(Gate::kStatus, Why::kEnded);
  if (question.now >= question.prepared.expires_at()) return Result(Gate::kStatus, Why::kDatafileExpired);
  GateResult result = Result(Gate::kStatus, question.now < starts_at ? Why::kNotStarted : Why::kMayShow);
  if (starts_at < ends_at) result.passes_at = starts_at;
  return result;
}

GateResult AskCondition(const Question& question, Gate gate, std::uint32_t condition, Why when_false,
                        Why when_unknown) {
  if (condition == kNone) return Result(gate, Why::kMayShow);
  // What it asks for makes no exposure due: the prompt is told of by itself.
  const evaluation::Question asked{question.rules, question.prepared, question.now, question.forced};
  evaluation::Prerequisites prerequisites(asked);
  Targeting& targeting = prerequisites.targeting();
  const Truth truth = targeting.Evaluate(condition);
  const bool is_cut = targeting.is_over_budget();
  GateResult result = Result(gate, is_cut                   ? Why::kBudget
                                   : truth == Truth::kTrue  ? Why::kMayShow
                                   : truth == Truth::kFalse ? when_false
                                                            : when_unknown);
  result.truth = is_cut ? Truth::kUnknown : truth;
  return result;
}

GateResult AskTrigger(const Question& question) {
  GateResult closest = Result(Gate::kTrigger, Why::kNoTrigger);
  closest.truth = Truth::kFalse;
  for (const ruleset::Trigger& trigger : question.campaign.triggers) {
    // What was completed is not asked again: its events are over.
    if (trigger.id != 0 && trigger.id == question.trigger) return Result(Gate::kTrigger, Why::kMayShow);
    if (trigger.id != 0 || question.trigger != 0) continue;
    const ruleset::TriggerStep& step = trigger.steps.front();
    if (step.event != question.event) continue;
    const GateResult result = AskCondition(question, Gate::kTrigger, step.condition, Why::kNoTrigger, Why::kNoTrigger);
    if (result.passed) return result;
    if (closest.truth == Truth::kFalse) closest = result;
  }
  return closest;
}

GateResult AskUnit(const Question& question) {
  switch (question.prepared.unit(question.campaign.unit).state) {
    case UnitValue::State::kMissing: return Result(Gate::kUnit, Why::kNoUnit);
    case UnitValue::State::kInvalid: return Result(Gate::kUnit, Why::kInvalidUnit);
    case UnitValue::State::kValid: break;
  }
  return Result(Gate::kUnit, Why::kMayShow);
}

// Who is held out passes, too. Every unit has a slot; only those of the two groups have a side.
GateResult ComputeHoldout(const Question& question, std::uint16_t index, Verdict* verdict) {
  const ruleset::Holdout& holdout = question.rules.holdouts[index];
  const std::string_view id = question.prepared.unit(holdout.unit).id;
  const std::uint32_t slot = evaluation::Slot(static_cast<char>(Purpose::kHoldout), holdout.salt, id);
  GateResult result = Result(Gate::kHoldout, Why::kMayShow);
  result.holdout = index;
  result.slot = static_cast<std::int32_t>(slot);
  const bool* forced = question.forced == nullptr ? nullptr : question.forced->FindHoldout(index);
  result.is_held_out = forced != nullptr ? *forced : slot < holdout.size;
  result.is_forced = forced != nullptr;
  if (forced != nullptr ? *forced : slot < 2 * holdout.size)
    verdict->holdouts.push_back({index, result.is_held_out, result.slot});
  return result;
}

// Both arms pass.
GateResult ComputeArm(const Question& question) {
  const std::string_view id = question.prepared.unit(question.campaign.unit).id;
  const std::uint32_t slot = evaluation::Slot(static_cast<char>(Purpose::kCampaign), question.campaign.salt, id);
  GateResult result = Result(Gate::kArm, Why::kMayShow);
  result.slot = static_cast<std::int32_t>(slot);
  result.is_held_out = slot < question.campaign.holdout;
  if (question.variant != kNone) {
    result.variant = question.variant;
  } else if (question.campaign.has_variants()) {
    const std::uint32_t at = ContentSlot(question.campaign, id);
    result.variant = question.campaign.VariantAt(at);
    result.variant_slot = static_cast<std::int32_t>(at);
  }
  return result;
}

// Of an end that has no wait of the campaign's, a snooze too, none. `dismissals`: in a row, this one with them.
Duration WaitAfter(const Campaign& campaign, What end, std::uint32_t dismissals) noexcept {
  switch (end) {
    case What::kDismissal: {
      Duration wait = campaign.wait_after_dismissal;
      while (--dismissals > 0 && wait < campaign.longest_wait_after_dismissal) wait *= 2;
      return std::max(campaign.wait_after_dismissal, std::min(wait, campaign.longest_wait_after_dismissal));
    }
    case What::kAction: return campaign.wait_after_action;
    case What::kCompletion: return campaign.WaitAfterCompletion();
    default: return Duration(0);
  }
}

// What is waited after longest.
GateResult AskWait(const Campaign& campaign, const CampaignShowings& showings, Timestamp now) {
  GateResult result = Result(Gate::kWait, Why::kMayShow);
  result.passes_at = Timestamp::min();
  std::uint32_t in_a_row = 0;  // dismissals
  for (const Showing& showing : showings.list) {
    if (showing.end == What::kDismissal) ++in_a_row;
    if (showing.end == What::kAction || showing.end == What::kCompletion) in_a_row = 0;
    const Duration wait = showing.end == What::kSnooze ? showing.snooze : WaitAfter(campaign, showing.end, in_a_row);
    if (wait == Duration(0)) continue;
    const Timestamp until = Later(showing.ended, wait);
    if (until < result.passes_at) continue;
    result.passes_at = until;
    result.wait = wait;
    result.after = showing.end;
    result.last = showing.ended;
  }
  result.passed = now >= result.passes_at;
  if (!result.passed) {
    result.why = result.after == What::kDismissal    ? Why::kAfterDismissal
                 : result.after == What::kAction     ? Why::kAfterAction
                 : result.after == What::kCompletion ? Why::kAfterCompletion
                                                     : Why::kSnoozed;
  }
  return result;
}

// Where caps, hours and gaps stand in time.
struct Present {
  Timestamp now;
  const evaluation::LocalClock& clock;
  Timestamp session_began;
};

const evaluation::LocalClock& UtcClock() {
  static const evaluation::LocalClock kUtc{Duration(0)};
  return kUtc;
}

Present PresentOf(const Question& question) {
  return {question.now, question.clock != nullptr ? *question.clock : UtcClock(), question.session_began};
}

// Asks a cap, from the latest showing that counts back.
class CapCount {
 public:
  CapCount(Gate gate, const ruleset::Cap& cap, const Present& present)
      : cap_(cap), present_(present), result_(Result(gate, Why::kMayShow)) {
    result_.passes_at = Timestamp::min();
    if (cap.per == ruleset::Cap::Per::kDay) today_ = present.clock.DayOf(present.now);
  }
  void Ever(std::uint64_t used) {
    result_.used = used;
    if (used >= cap_.count) result_.passes_at = kNever;
  }
  // It is free once the `count`-th does not count any more.
  void Add(Timestamp began) {
    const Timestamp leaves = Leaves(began);
    if (leaves > present_.now) ++result_.used;
    if (++counted_ == cap_.count) result_.passes_at = leaves;
  }
  GateResult Take(Why why) {
    result_.passed = present_.now >= result_.passes_at && result_.passes_at != kNever;
    if (!result_.passed) result_.why = why;
    return result_;
  }

 private:
  // When that showing counts no more. What is ahead of a clock that was set back counts until that clock is there.
  Timestamp Leaves(Timestamp began) const {
    switch (cap_.per) {
      case ruleset::Cap::Per::kTime: return Later(began, cap_.window);
      case ruleset::Cap::Per::kDay:
        return began < today_ ? today_ : present_.clock.NextDay(std::max(began, present_.now));
      case ruleset::Cap::Per::kSession: return began < present_.session_began ? Timestamp::min() : kNever;
    }
    return kNever;
  }

  const ruleset::Cap& cap_;
  const Present& present_;
  GateResult result_;
  Timestamp today_{};
  std::uint32_t counted_ = 0;
};

GateResult AskCap(std::uint32_t index, const Campaign& campaign, const CampaignShowings& showings,
                  const Present& present) {
  const ruleset::Cap& cap = campaign.caps[index];
  const bool has_lost = showings.forgotten_before != Timestamp::min();
  CapCount count(Gate::kCap, cap, present);
  if (cap.is_ever()) {
    std::uint64_t used = showings.older + (has_lost ? 1u : 0u);
    for (const Showing& showing : showings.list) used += showing.counts_ever() ? 1u : 0u;
    count.Ever(used);
  } else {
    // What was lost takes part as one that began then.
    bool is_counted = !has_lost;
    for (auto showing = showings.list.rbegin(); showing != showings.list.rend(); ++showing) {
      if (!showing->counts_in_windows()) continue;
      if (!is_counted && showing->began < showings.forgotten_before) {
        count.Add(showings.forgotten_before);
        is_counted = true;
      }
      count.Add(showing->began);
    }
    if (!is_counted) count.Add(showings.forgotten_before);
  }
  GateResult result = count.Take(Why::kCapped);
  result.cap = index;
  return result;
}

GateResult AskGroupCap(const ruleset::Cap& cap, const GroupShowings& shown, const Present& present) {
  CapCount count(Gate::kGroupCap, cap, present);
  if (cap.is_ever()) {
    count.Ever(shown.ever);
  } else {
    for (auto began = shown.began.rbegin(); began != shown.began.rend(); ++began) count.Add(*began);
  }
  return count.Take(Why::kGroupCapped);
}

GateResult AskGap(Duration gap, const GroupShowings& shown, Timestamp now) {
  GateResult result = Result(Gate::kGap, Why::kMayShow);
  result.last = shown.last;
  result.passes_at = shown.last == Timestamp::min() ? shown.last : Later(shown.last, gap);
  result.passed = now >= result.passes_at;
  if (!result.passed) result.why = Why::kGap;
  return result;
}

// `is_open`: they have to be open; else they must not.
GateResult AskHours(Gate gate, const ruleset::OpenHours& hours, const Present& present, bool is_open) {
  GateResult result = Result(gate, Why::kMayShow);
  result.reading = ReadingOf(hours, present.clock, present.now);
  result.passed = IsOpen(hours, present.clock, present.now) == is_open;
  result.passes_at = result.passed ? present.now : NextTime(hours, present.clock, present.now, is_open);
  if (!result.passed) result.why = is_open ? Why::kOutsideHours : Why::kQuietHours;
  return result;
}

// It passes when the condition is false. Unknown never qualifies, here as in the audience.
GateResult AskUntil(const Question& question) {
  GateResult result = AskCondition(question, Gate::kUntil, question.campaign.until, Why::kMayShow, Why::kUnknown);
  if (result.truth == Truth::kTrue) result.why = Why::kUntilMet;
  result.passed = result.why == Why::kMayShow;
  return result;
}

// Collects what the gates say, and whether to go on asking.
class Gates {
 public:
  Gates(Verdict* verdict, std::vector<GateResult>* trace) : verdict_(*verdict), trace_(trace) {}

  bool Add(const GateResult& result) {
    if (trace_ != nullptr) trace_->push_back(result);
    if (!result.passed) {
      if (verdict_.may_show()) verdict_.why = result.why;
      passes_at_ = std::max(passes_at_, result.passes_at);
    }
    return result.passed || trace_ != nullptr;
  }
  Timestamp passes_at() const noexcept { return passes_at_; }

 private:
  Verdict& verdict_;
  std::vector<GateResult>* trace_;
  Timestamp passes_at_ = Timestamp::min();
};

// False: nothing further is asked.
bool AskGroups(const Question& question, const Present& present, Gates* gates) {
  static const GroupShowings kNothingShown;
  for (const std::uint16_t index : question.campaign.groups) {
    const ruleset::CampaignGroup& group = question.rules.groups[index];
    const GroupShowings& shown = question.groups == nullptr ? kNothingShown : (*question.groups)[index];
    for (std::uint32_t cap = 0; cap < group.caps.size(); ++cap) {
      GateResult result = AskGroupCap(group.caps[cap], shown, present);
      result.group = index;
      result.cap = cap;
      if (!gates->Add(result)) return false;
    }
    if (group.gap > Duration(0)) {
      GateResult result = AskGap(group.gap, shown, question.now);
      result.group = index;
      if (!gates->Add(result)) return false;
    }
    if (group.quiet) {
      GateResult result = AskHours(Gate::kQuietHours, *group.quiet, present, false);
      result.group = index;
      if (!gates->Add(result)) return false;
    }
  }
  return true;
}

// Of a unit that another holdout keeps out no further one is asked, as in experiments.
void ComputeArms(const Question& question, Gates* gates, Verdict* verdict) {
  for (const std::uint16_t index : question.campaign.holdouts) {
    const GateResult holdout = ComputeHoldout(question, index, verdict);
    gates->Add(holdout);
    verdict->is_kept_out = holdout.is_held_out;
    if (verdict->is_kept_out) break;
  }
  const GateResult arm = ComputeArm(question);
  verdict->slot = arm.slot;
  verdict->is_held_out = arm.is_held_out || verdict->is_kept_out;
  verdict->variant = arm.variant;
  gates->Add(arm);
}

void AskAll(const Question& question, Gates* gates, Verdict* verdict) {
  const Campaign& campaign = question.campaign;
  if (question.variant != kNone) verdict->variant = question.variant;
  if (!gates->Add(AskStatus(question)) || !gates->Add(AskTrigger(question))) return;
  if (!gates->Add(AskCondition(question, Gate::kAudience, campaign.condition, Why::kNotEligible, Why::kUnknown))) {
    return;
  }
  if (campaign.until != kNone && !gates->Add(AskUntil(question))) return;
  const GateResult unit = AskUnit(question);
  if (!gates->Add(unit)) return;
  if (unit.passed) {
    ComputeArms(question, gates, verdict);
  }
  const Present present = PresentOf(question);
  if (!gates->Add(AskWait(campaign, question.showings, question.now))) return;
  for (std::uint32_t i = 0; i < campaign.caps.size(); ++i) {
    if (!gates->Add(AskCap(i, campaign, question.showings, present))) return;
  }
  if (campaign.hours && !gates->Add(AskHours(Gate::kHours, *campaign.hours, present, true))) return;
  if (!AskGroups(question, present, gates)) return;
  const ruleset::CampaignVariant& variant = campaign.variants[verdict->variant];
  if (!AskContent(question, variant, [gates](const GateResult& result) { return gates->Add(result); })) return;
  gates->Add(Result(Gate::kOneAtATime, question.is_busy ? Why::kBusy : Why::kMayShow));
}

}  // namespace

Verdict Consider(const Question& question, std::vector<GateResult>* trace) {
  Verdict verdict;
  if (!question.campaign.is_valid) {
    verdict.why = Why::kInvalid;
    return verdict;
  }
  Gates gates(&verdict, trace);
  AskAll(question, &gates, &verdict);
  Timestamp passes_at = std::max(gates.passes_at(), question.now);
  // By then its hours may be over, of which only who asks all gates hears.
  if (trace != nullptr && passes_at != kNever) {
    passes_at = OpenFrom(question.rules, question.campaign, PresentOf(question).clock, passes_at);
  }
  verdict.passes_at = passes_at < question.prepared.When(question.campaign.ends_at) ? passes_at : kNever;
  return verdict;
}

std::optional<GateResult> FirstFailed(const Question& question) {
  std::vector<GateResult> gates;
  (void)Consider(question, &gates);
  const auto failed = std::find_if(gates.begin(), gates.end(), [](const GateResult& gate) { return !gate.passed; });
  return failed == gates.end() ? std::nullopt : std::optional(*failed);
}

std::uint32_t ContentSlot(const Campaign& campaign, std::string_view unit_id) noexcept {
  return evaluation::Slot(static_cast<char>(Purpose::kContent), campaign.salt, unit_id);
}

bool IsAboutFrequency(Gate gate) noexcept {
  return gate == Gate::kWait || gate == Gate::kCap || gate == Gate::kGroupCap || gate == Gate::kGap ||
         gate == Gate::kHours || gate == Gate::kQuietHours;
}

Timestamp FreeAt(const Campaign& campaign, const CampaignShowings& showings, Timestamp now,
                 const evaluation::LocalClock* clock, Timestamp session_began) {
  const Present present{now, clock != nullptr ? *clock : UtcClock(), session_began};
  Timestamp free = std::max(now, AskWait(campaign, showings, now).passes_at);
  for (std::uint32_t i = 0; i < campaign.caps.size(); ++i) {
    free = std::max(free, AskCap(i, campaign, showings, present).passes_at);
  }
  return free;
}

Timestamp OpenFrom(const ruleset::Ruleset& rules, const Campaign& campaign, const evaluation::LocalClock& clock,
                   Timestamp when) {
  // Each turn goes on to where something opens or falls quiet no more; where they never meet, they do not in two weeks.
  constexpr int kTurns = 64;
  for (int i = 0; i < kTurns && when != kNever; ++i) {
    Timestamp open = campaign.hours ? NextTime(*campaign.hours, clock, when, true) : when;
    for (const std::uint16_t group : campaign.groups) {
      const auto& quiet = rules.groups[group].quiet;
      if (quiet && open != kNever) open = NextTime(*quiet, clock, open, false);
    }
    if (open == when) return when;
    when = open;
  }
  return kNever;
}

}  // namespace guidon::prompts
