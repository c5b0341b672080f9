#include "sdk/core/base/text.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/explanation_parts.h"
#include "sdk/core/prompts/explain_prompt.h"
#include "sdk/core/prompts/survey.h"

namespace guidon::prompts {
namespace {

using evaluation::MidnightOf;
using evaluation::Number;
using evaluation::Shortened;
using evaluation::TextPage;
using evaluation::Truth;
using ruleset::kNever;

constexpr std::size_t kValueWidth = 60;
constexpr std::size_t kGroupWidth = 24;
constexpr std::size_t kNameWidth = 11;  // of a gate's name and what follows it
constexpr std::size_t kPartsIndent = 6;

// The day alone where it is midnight.
std::string DateText(Timestamp time) {
  std::string text = text::FormatTimestamp(time);
  constexpr std::string_view kMidnight = "T00:00:00Z";
  const bool is_midnight = text.size() > kMidnight.size() && text.substr(text.size() - kMidnight.size()) == kMidnight;
  return is_midnight ? text.substr(0, text.size() - kMidnight.size()) : text;
}

std::string SpanText(const PromptExplanation& explanation) {
  const bool has_start = explanation.starts_at != Timestamp::min();
  if (explanation.ends_at == kNever) return has_start ? ", from " + DateText(explanation.starts_at) : "";
  if (!has_start) return ", until " + DateText(explanation.ends_at);
  return ", " + DateText(explanation.starts_at) + " to " + DateText(explanation.ends_at);
}

std::string StatusText(const PromptExplanation& explanation, const GateResult& result) {
  const ruleset::Campaign& campaign = explanation.rules;
  if (result.why == Why::kDatafileExpired) return "the datafile has expired: nobody is shown a prompt";
  if (result.why == Why::kNotStarted) return "not started" + SpanText(explanation);
  if (campaign.status == ruleset::CampaignStatus::kRunning && result.why == Why::kEnded) {
    return "ended " + DateText(explanation.ends_at);
  }
  return std::string(ruleset::CampaignStatusName(campaign.status)) + SpanText(explanation);
}

bool HasHappened(const ruleset::Campaign& campaign, const TriggerEvent& event) {
  return std::any_of(campaign.triggers.begin(), campaign.triggers.end(), [&event](const ruleset::Trigger& trigger) {
    return trigger.id == event.trigger && (trigger.id != 0 || trigger.steps.front().event == event.name);
  });
}

std::string TriggerNote(const PromptExplanation& explanation) {
  if (!explanation.event) return "has not happened";
  const TriggerEvent& event = *explanation.event;
  if (!HasHappened(explanation.rules, event)) return event.name + " happened";
  return event.when == explanation.at ? "" : "happened at " + text::FormatTimestamp(event.when);
}

std::string UnitText(const PromptExplanation& explanation, const GateResult& result) {
  if (result.why == Why::kNoUnit) return "the context has no " + explanation.unit_kind + " id";
  if (result.why == Why::kInvalidUnit) return "the " + explanation.unit_kind + " id is not 1 to 256 bytes of UTF-8";
  return explanation.unit_kind + " " + Shortened(explanation.unit_id, kValueWidth);
}

std::string HoldoutText(const PromptExplanation& explanation, const GateResult& result) {
  const ruleset::Holdout& holdout = explanation.holdouts[result.holdout];
  const std::string range = "0–" + Number(holdout.size - std::int64_t{1});
  if (result.is_forced) {
    return Shortened(holdout.key, kGroupWidth) + ": " + (result.is_held_out ? "held out" : "not held out") + ", forced";
  }
  return Shortened(holdout.key, kGroupWidth) + ": slot " + Number(result.slot) +
         (result.is_held_out ? " is in " : " is outside ") + range;
}

std::string ArmText(const PromptExplanation& explanation, const GateResult& result) {
  const std::string name = result.is_held_out ? "held out" : explanation.rules.variants[result.variant].name;
  const std::string arm = Shortened(name, kGroupWidth) + ": slot " + Number(result.slot);
  const std::uint32_t holdout = explanation.rules.holdout;
  if (holdout == 0) return arm + "; nobody is held out";
  return arm + "; " + (holdout == 1 ? "0 is" : "0–" + Number(holdout - std::int64_t{1}) + " are") + " held out";
}

// Slots of a million: "50 %", "33.3333 %".
std::string ShareText(std::uint32_t slots) {
  std::string text = std::to_string(slots / 10'000);
  if (slots % 10'000 != 0) {
    text += "." + std::to_string(10'000 + slots % 10'000).substr(1);
    while (text.back() == '0') text.pop_back();
  }
  return text + " %";
}

// Below the arm's own row, where the campaign has several contents: also of who is held out, who would see that.
std::string VariantText(const PromptExplanation& explanation, const GateResult& result) {
  const std::string name = "content " + Shortened(explanation.rules.variants[result.variant].name, kGroupWidth);
  if (result.variant_slot < 0) return name + ", forced";
  return name + ", for " + ShareText(explanation.rules.ShareOf(result.variant)) + ": slot " +
         Number(result.variant_slot);
}

std::string WaitText(const GateResult& result) {
  const std::string when = text::FormatTimestamp(result.last);
  std::string text;
  switch (result.after) {
    case What::kDismissal: text = "dismissed " + when + ", " + DurationText(result.wait) + " since then"; break;
    case What::kAction: text = "button pressed " + when + ", " + DurationText(result.wait) + " since then"; break;
    case What::kCompletion: text = "survey completed " + when + ", " + DurationText(result.wait) + " since then"; break;
    case What::kSnooze: text = "snoozed " + when + " until " + text::FormatTimestamp(result.passes_at); break;
    default: return "for nothing";
  }
  return result.passed ? text + ", over" : text;
}

std::string CapText(const ruleset::Cap& cap, const GateResult& result) {
  std::string text = std::to_string(cap.count);
  text += cap.is_ever() ? " ever" : " per " + PerText(cap);
  text += ": " + Number(static_cast<std::int64_t>(result.used)) + " used";
  if (!result.passed && result.passes_at != kNever) text += ", free " + text::FormatTimestamp(result.passes_at);
  return text;
}

std::string GroupCapText(const PromptExplanation& explanation, const GateResult& result) {
  const ruleset::CampaignGroup& group = explanation.groups[result.group];
  return Shortened(group.key, kGroupWidth) + ", " + CapText(group.caps[result.cap], result);
}

std::string GapText(const PromptExplanation& explanation, const GateResult& result) {
  const ruleset::CampaignGroup& group = explanation.groups[result.group];
  std::string text = Shortened(group.key, kGroupWidth) + ", " + DurationText(group.gap) + " after ";
  text += result.last == Timestamp::min() ? "another prompt" : "the prompt gone " + text::FormatTimestamp(result.last);
  return text;
}

std::string UntilText(const GateResult& result) {
  if (result.why == Why::kBudget) return "";
  return result.passed ? "not met yet" : result.why == Why::kUntilMet ? "met" : "not known";
}

// "mon-fri", "tue sat-sun"
std::string DaysText(std::uint8_t days) {
  std::string text;
  for (std::uint8_t day = 0; day < 7; ++day) {
    if ((days >> day & 1) == 0) continue;
    text += (text.empty() ? "" : " ") + std::string(ruleset::DayName(day));
    const std::uint8_t first = day;
    while (day < 6 && (days >> (day + 1) & 1) != 0) ++day;
    if (day > first) text += "-" + std::string(ruleset::DayName(day));
  }
  return text;
}

std::string HoursText(const ruleset::OpenHours& hours, const GateResult& result) {
  std::string text = hours.days == ruleset::kEveryDay ? "" : DaysText(hours.days) + " ";
  text += ruleset::HoursText(hours) + " " + (hours.zone ? ruleset::ZoneText(hours.zone) : "here") + "; it is ";
  const std::int64_t day = MidnightOf(result.reading).time_since_epoch() / Duration(86'400'000);
  text += ruleset::DayName(static_cast<std::uint8_t>(((day + 3) % 7 + 7) % 7));
  return text + " " + text::FormatTimestamp(result.reading).substr(11, 5);
}

std::string AbleText(const std::optional<HostAbilities>& host, std::vector<std::string> HostAbilities::*of) {
  if (!host || ((*host).*of).empty()) return "nothing";
  std::string text;
  for (const std::string& each : (*host).*of) text += (text.empty() ? "" : ", ") + Shortened(each, kValueWidth);
  return text;
}

std::string ScreenText(const PromptExplanation& explanation) {
  if (explanation.on_screen == explanation.campaign) return "its own prompt is up";
  return "the prompt of " + Shortened(explanation.on_screen, kValueWidth) + " is up";
}

std::string KindText(const PromptExplanation& explanation) {
  return explanation.content().kind + ": the app draws " + AbleText(explanation.host, &HostAbilities::kinds);
}

std::string ActionsText(const PromptExplanation& explanation, const GateResult& result) {
  return result.lacking + ": the app can do " + AbleText(explanation.host, &HostAbilities::actions);
}

std::string QuestionsText(const PromptExplanation& explanation) {
  std::string text;
  for (const std::string_view type : QuestionTypesOf(explanation.content())) {
    text += (text.empty() ? "" : ", ") + std::string(type);
  }
  return text + ": the app asks " + AbleText(explanation.host, &HostAbilities::questions);
}

std::string TextsText(const GateResult& result) {
  if (!result.unfilled.empty()) return result.unfilled + " is not known, and the text has nothing else to say";
  return "the link of button " + result.bad_link + ", filled in, is none that may be opened";
}

// An `and` says itself by its parts.
void AddParts(const evaluation::ExplainedCondition& condition, std::size_t indent, TextPage* page) {
  if (condition.op != ruleset::Op::kAnd || condition.more > 0) {
    evaluation::AddCondition(condition, indent, page);
    return;
  }
  for (const evaluation::ExplainedCondition& part : condition.of) evaluation::AddCondition(part, indent, page);
}

std::string StepText(const ruleset::Trigger& trigger, const ExplainedTrigger& explained, std::size_t step) {
  const std::string& event = trigger.steps[step].event;
  const auto& condition = explained.conditions[step];
  if (!condition) return event;
  return event + " where " + (condition->text.empty() ? "all of it is so" : condition->text);
}

std::string TriggerText(const ruleset::Trigger& trigger, const ExplainedTrigger& explained) {
  const std::string time = DurationText(trigger.time);
  switch (trigger.kind) {
    case ruleset::TriggerKind::kEvent: return StepText(trigger, explained, 0);
    case ruleset::TriggerKind::kSessionStart: return "session_start";
    case ruleset::TriggerKind::kScreen: return "screen " + trigger.screen + " for " + time;
    case ruleset::TriggerKind::kIdle: return "idle " + time;
    case ruleset::TriggerKind::kThen:
    case ruleset::TriggerKind::kAll:
    case ruleset::TriggerKind::kAbsent: break;
  }
  const char* between = trigger.kind == ruleset::TriggerKind::kThen  ? " then "
                        : trigger.kind == ruleset::TriggerKind::kAll ? " and "
                                                                     : " and not ";
  std::string text;
  for (std::size_t i = 0; i < trigger.steps.size(); ++i) {
    text += (i == 0 ? "" : between) + StepText(trigger, explained, i);
  }
  return text + " within " + time;
}

// How far it has come.
std::string ProgressText(const ruleset::Trigger& trigger, const TriggerProgress& progress) {
  const std::string until = progress.until == kNever ? "" : text::FormatTimestamp(progress.until);
  switch (trigger.kind) {
    case ruleset::TriggerKind::kThen:
    case ruleset::TriggerKind::kAll:
      if (progress.done == 0) return "";
      return std::to_string(progress.done) + " of " + std::to_string(trigger.steps.size()) + " happened, the rest by " +
             until;
    case ruleset::TriggerKind::kAbsent:
      return progress.done == 0 ? "" : trigger.steps[0].event + " happened, and it starts " + until;
    case ruleset::TriggerKind::kScreen:
    case ruleset::TriggerKind::kIdle: return until.empty() ? "" : "it starts " + until;
    case ruleset::TriggerKind::kEvent:
    case ruleset::TriggerKind::kSessionStart: break;
  }
  return "";
}

// Below the gate's own row. Where an event did not happen its properties are not there, which would say nothing.
void AddTriggers(const ruleset::Campaign& campaign, const ExplainedGate& gate, TextPage* page) {
  const bool is_one = gate.triggers.size() == 1;
  for (std::size_t i = 0; i < gate.triggers.size(); ++i) {
    const ExplainedTrigger& each = gate.triggers[i];
    const bool is_plain = campaign.triggers[i].kind == ruleset::TriggerKind::kEvent;
    const bool has_parts = is_plain && each.conditions[0] && each.has_happened;
    const bool is_unknown = has_parts && each.conditions[0]->truth == Truth::kUnknown;
    const std::string_view mark = each.passed ? "✓" : is_unknown ? "?" : "✗";
    if (!is_one) page->Row(kPartsIndent, mark, TriggerText(campaign.triggers[i], each));
    const std::size_t indent = is_one ? kPartsIndent : 2 * kPartsIndent - 2;
    if (has_parts) AddParts(*each.conditions[0], indent, page);
    const std::string progress = ProgressText(campaign.triggers[i], each.progress);
    if (!progress.empty()) page->Row(indent, "", progress);
  }
  std::string then;
  if (campaign.delay != Duration(0)) then = DurationText(campaign.delay) + " later";
  for (std::size_t i = 0; i < campaign.cancel_on.size(); ++i) {
    then += i == 0 ? (then.empty() ? "unless " : ", unless ") : " or ";
    then += campaign.cancel_on[i];
  }
  if (!then.empty()) page->Row(kPartsIndent, "", then + (campaign.cancel_on.empty() ? "" : " happens first"));
}

std::string TextOf(const PromptExplanation& explanation, const ExplainedGate& gate) {
  const GateResult& result = gate.result;
  switch (result.gate) {
    case Gate::kStatus: return StatusText(explanation, result);
    case Gate::kTrigger:
      return gate.triggers.size() == 1 ? TriggerText(explanation.rules.triggers.front(), gate.triggers.front())
                                       : "any of " + std::to_string(gate.triggers.size());
    case Gate::kAudience: return gate.condition || result.why == Why::kBudget ? "" : "everybody";
    case Gate::kUntil: return UntilText(result);
    case Gate::kUnit: return UnitText(explanation, result);
    case Gate::kHoldout: return HoldoutText(explanation, result);
    case Gate::kArm: return ArmText(explanation, result);
    case Gate::kWait: return WaitText(result);
    case Gate::kCap: return CapText(explanation.rules.caps[result.cap], result);
    case Gate::kGroupCap: return GroupCapText(explanation, result);
    case Gate::kGap: return GapText(explanation, result);
    case Gate::kHours: return HoursText(*explanation.rules.hours, result);
    case Gate::kQuietHours:
      return Shortened(explanation.groups[result.group].key, kGroupWidth) + ", " +
             HoursText(*explanation.groups[result.group].quiet, result);
    case Gate::kKind: return KindText(explanation);
    case Gate::kQuestions: return QuestionsText(explanation);
    case Gate::kActions: return ActionsText(explanation, result);
    case Gate::kTexts: return TextsText(result);
    case Gate::kOneAtATime: return ScreenText(explanation);
  }
  return "";
}

std::string_view ShortNameOf(Gate gate) noexcept {
  switch (gate) {
    case Gate::kGroupCap: return "group";
    case Gate::kQuietHours: return "quiet";
    case Gate::kQuestions: return "asks";
    case Gate::kOneAtATime: return "screen";
    default: return GateName(gate);
  }
}

void AddGate(const PromptExplanation& explanation, const ExplainedGate& gate, TextPage* page) {
  const std::optional<GateLine> line = LineOf(explanation, gate);
  if (!line) return;
  const GateResult& result = gate.result;
  std::string name = line->name;
  if (!line->text.empty()) name.resize(std::max(kNameWidth, name.size() + 1), ' ');
  page->Row(2, result.passed ? "✓" : line->is_unknown ? "?" : "✗", name + line->text, line->note);
  if (result.gate == Gate::kTrigger) AddTriggers(explanation.rules, gate, page);
  if (result.gate == Gate::kArm && explanation.rules.has_variants()) {
    page->Row(kPartsIndent, "", VariantText(explanation, result));
  }
  if (gate.condition) AddParts(*gate.condition, kPartsIndent, page);
}

std::string NextText(const PromptExplanation& explanation) {
  const auto& triggers = explanation.rules.triggers;
  const bool is_plain = triggers.size() == 1 && triggers.front().kind == ruleset::TriggerKind::kEvent;
  const std::string event = is_plain               ? triggers.front().steps.front().event
                            : triggers.size() == 1 ? "its trigger"
                                                   : "one of its triggers";
  if (explanation.next == kNever) return "not by time alone";
  if (explanation.next > explanation.at) {
    const std::string when = text::FormatTimestamp(explanation.next);
    return explanation.needs_trigger ? when + ", when " + event + " happens then" : when;
  }
  return explanation.needs_trigger ? "as soon as " + event + " happens" : "now";
}

std::string_view ReasonText(Why why) noexcept {
  switch (why) {
    case Why::kBusy: return "another prompt was on screen";
    case Why::kHostLater: return "the app said later";
    case Why::kHostNever: return "the app said never";
    case Why::kDelayed: return "its delay is not over";
    case Why::kCancelled: return "what it was for happened before it could be shown";
    case Why::kExpired: return "its time was over before it could be shown";
    case Why::kStoreDown: return "what cannot be remembered is not shown";
    case Why::kOtherProcess: return "another process on this state folder shows prompts";
    case Why::kNoConsent: return "there is no consent";
    case Why::kNoHost: return "the app draws no prompts";
    default: return WhyName(why);
  }
}

// "the device's is 40 days ahead, which is not believed"
std::string ClockText(Duration ahead) {
  return "the device's is " + text::RoughDuration(ahead) + (ahead < Duration(0) ? " behind" : " ahead") +
         ", which is not believed";
}

void AddPairs(const PromptExplanation& explanation, TextPage* page) {
  const bool is_known = !explanation.gates.empty();
  if (is_known && !explanation.may_show() && explanation.forcing != Forcing::kOff) {
    page->Line(2, "next possible  " + NextText(explanation));
  }
  if (is_known && explanation.shown > 0) {
    page->Pair("shown", Number(static_cast<std::int64_t>(explanation.shown)) +
                            (explanation.shown == 1 ? " time so far" : " times so far"));
  }
  if (explanation.is_clock_off()) page->Pair("clock", ClockText(explanation.clock_ahead));
  if (explanation.client) page->Pair("client", ClientText(explanation));
  if (explanation.forcing != Forcing::kNone) {
    std::string text(ForcingName(explanation.forcing));
    if (explanation.forcing == Forcing::kShow) text += ", past all gates and counted in no result";
    if (explanation.forcing == Forcing::kWithinCaps) {
      text += ", past all gates but waits, caps and hours, and counted in no result";
    }
    page->Pair("override", text);
    page->Pair("naturally", WhyName(explanation.natural));
  }
  if (explanation.datafile) evaluation::AddDatafile(*explanation.datafile, explanation.origin, explanation.at, page);
}

std::string Headline(const PromptExplanation& explanation) {
  std::string text(WhyName(explanation.why));
  if (explanation.why == Why::kUnknownCampaign && !explanation.suggestion.empty()) {
    text += "; did you mean " + explanation.suggestion + "?";
  }
  if (!explanation.may_show()) return text;
  const bool is_shown = explanation.forcing == Forcing::kShow || explanation.forcing == Forcing::kWithinCaps;
  if (is_shown) return "forced";
  if (!explanation.kept_out_by.empty()) return "held_out by " + Shortened(explanation.kept_out_by, kGroupWidth);
  return explanation.is_held_out ? "held_out" : text;
}

}  // namespace

std::optional<GateLine> LineOf(const PromptExplanation& explanation, const ExplainedGate& gate) {
  const GateResult& result = gate.result;
  const bool is_of_the_app = result.gate == Gate::kKind || result.gate == Gate::kQuestions ||
                             result.gate == Gate::kActions || result.gate == Gate::kTexts ||
                             result.gate == Gate::kOneAtATime;
  if (is_of_the_app && result.passed) return std::nullopt;
  GateLine line;
  line.name = ShortNameOf(result.gate);
  line.text = TextOf(explanation, gate);
  if (result.gate == Gate::kTrigger) line.note = TriggerNote(explanation);
  if (result.why == Why::kBudget) {
    line.text += (line.text.empty() ? "" : ": ") + std::string("over the budget of ") +
                 Number(evaluation::kStepBudget) + " conditions for one decision";
  }
  line.is_unknown = !result.passed && result.truth == Truth::kUnknown;
  return line;
}

std::string ClientText(const PromptExplanation& explanation) {
  if (!explanation.client) return "";
  std::string text(ReasonText(explanation.client->why));
  if (!explanation.client->event.empty()) text += ": " + Shortened(explanation.client->event, kValueWidth);
  if (explanation.client->when != explanation.at) text += ", at " + text::FormatTimestamp(explanation.client->when);
  return text;
}

std::string ToText(const PromptExplanation& explanation, evaluation::Letters letters) {
  TextPage page(letters);
  const std::string campaign = Shortened(explanation.campaign, limits::kKeyBytes);
  const bool is_silent = explanation.may_show() && explanation.is_held_out && explanation.forcing == Forcing::kNone;
  const char* what = is_silent                ? " is logged and not shown"
                     : explanation.may_show() ? " may be shown"
                                              : " is not shown";
  page.Heading(campaign + what, Headline(explanation));
  for (const ExplainedGate& gate : explanation.gates) AddGate(explanation, gate, &page);
  if (!explanation.gates.empty() && !explanation.is_remembered) {
    page.Row(2, "?", "wait, cap  nothing is known yet of what was shown");
  }
  page.EndBlock();
  AddPairs(explanation, &page);
  return page.Take();
}

}  // namespace guidon::prompts
