#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"
#include "sdk/core/evaluation/explanation_parts.h"
#include "sdk/core/prompts/explain_prompt.h"
#include "sdk/core/prompts/survey.h"

namespace guidon::prompts {
namespace {

using json::Writer;
using ruleset::kNever;

void WriteTime(std::string_view name, Timestamp time, Writer* out) {
  if (time != kNever && time != Timestamp::min()) out->Key(name).String(text::FormatTimestamp(time));
}

void WriteWait(const GateResult& result, Writer* out) {
  if (result.after == What::kExposure) return;
  out->Key("after").String(WhatName(result.after));
  WriteTime("last", result.last, out);
  if (result.after == What::kSnooze) return;
  out->Key("wait").String(DurationText(result.wait));
}

void WriteCap(const ruleset::Cap& cap, const GateResult& result, Writer* out) {
  out->Key("count").Uint(cap.count);
  if (!cap.is_ever()) out->Key("per").String(PerText(cap));
  out->Key("used").Uint(result.used);
}

void WriteStep(const ruleset::Trigger& trigger, const ExplainedTrigger& explained, std::size_t step, Writer* out) {
  out->Key("event").String(trigger.steps[step].event);
  if (!explained.conditions[step]) return;
  out->Key("condition");
  evaluation::WriteCondition(*explained.conditions[step], out);
}

std::string_view KindName(ruleset::TriggerKind kind) noexcept {
  switch (kind) {
    case ruleset::TriggerKind::kEvent: return "event";
    case ruleset::TriggerKind::kThen: return "then";
    case ruleset::TriggerKind::kAll: return "all";
    case ruleset::TriggerKind::kAbsent: return "absent";
    case ruleset::TriggerKind::kSessionStart: return "session_start";
    case ruleset::TriggerKind::kScreen: return "screen";
    case ruleset::TriggerKind::kIdle: return "idle";
  }
  return "event";
}

void WriteTrigger(const ruleset::Trigger& trigger, const ExplainedTrigger& explained, Writer* out) {
  if (trigger.kind == ruleset::TriggerKind::kEvent) return WriteStep(trigger, explained, 0, out);
  out->Key("kind").String(KindName(trigger.kind));
  if (!trigger.screen.empty()) out->Key("screen").String(trigger.screen);
  if (trigger.kind != ruleset::TriggerKind::kSessionStart) out->Key("time").String(DurationText(trigger.time));
  if (!trigger.steps.empty()) {
    out->Key("steps").BeginArray();
    for (std::size_t i = 0; i < trigger.steps.size(); ++i) {
      out->BeginObject();
      WriteStep(trigger, explained, i, out);
      out->End();
    }
    out->End();
    out->Key("done").Uint(explained.progress.done);
  }
  WriteTime("until", explained.progress.until, out);
}

// A single one says itself.
void WriteTriggers(const ruleset::Campaign& campaign, const ExplainedGate& gate, Writer* out) {
  if (gate.triggers.size() == 1) {
    WriteTrigger(campaign.triggers.front(), gate.triggers.front(), out);
  } else {
    out->Key("triggers").BeginArray();
    for (std::size_t i = 0; i < gate.triggers.size(); ++i) {
      out->BeginObject().Key("passed").Bool(gate.triggers[i].passed);
      WriteTrigger(campaign.triggers[i], gate.triggers[i], out);
      out->End();
    }
    out->End();
  }
  if (campaign.delay != Duration(0)) out->Key("delay").String(DurationText(campaign.delay));
  if (campaign.cancel_on.empty()) return;
  out->Key("cancel_on").BeginArray();
  for (const std::string& event : campaign.cancel_on) out->String(event);
  out->End();
}

void WriteHours(const ruleset::OpenHours& hours, const GateResult& result, Writer* out) {
  if (hours.days != ruleset::kEveryDay) {
    out->Key("days").BeginArray();
    for (std::uint8_t day = 0; day < 7; ++day) {
      if ((hours.days >> day & 1) != 0) out->String(ruleset::DayName(day));
    }
    out->End();
  }
  out->Key("hours").String(ruleset::HoursText(hours)).Key("zone").String(ruleset::ZoneText(hours.zone));
  std::string reading = text::FormatTimestamp(result.reading);
  if (!reading.empty()) reading.pop_back();  // the Z: it is a clock's reading
  out->Key("reading").String(reading);
}

void WriteGate(const PromptExplanation& explanation, const ExplainedGate& gate, Writer* out) {
  const GateResult& result = gate.result;
  const ruleset::Campaign& campaign = explanation.rules;
  out->BeginObject().Key("gate").String(GateName(result.gate)).Key("passed").Bool(result.passed);
  if (!result.passed) out->Key("why").String(WhyName(result.why));
  switch (result.gate) {
    case Gate::kStatus:
      out->Key("status").String(ruleset::CampaignStatusName(campaign.status));
      WriteTime("starts_at", explanation.starts_at, out);
      WriteTime("ends_at", explanation.ends_at, out);
      break;
    case Gate::kTrigger: WriteTriggers(campaign, gate, out); break;
    case Gate::kUnit:
      out->Key("unit").BeginObject().Key("kind").String(explanation.unit_kind);
      if (!explanation.unit_id.empty()) out->Key("id").String(explanation.unit_id);
      out->End();
      break;
    case Gate::kHoldout:
      out->Key("holdout").String(explanation.holdouts[result.holdout].key).Key("slot").Int(result.slot);
      out->Key("size").Uint(explanation.holdouts[result.holdout].size).Key("is_held_out").Bool(result.is_held_out);
      break;
    case Gate::kArm:
      out->Key("arm").String(result.is_held_out ? ruleset::kHeldOutArm : campaign.variants[result.variant].name);
      out->Key("slot").Int(result.slot).Key("holdout").Uint(campaign.holdout);
      if (!campaign.has_variants()) break;
      out->Key("variant").String(campaign.variants[result.variant].name);
      if (result.variant_slot >= 0) out->Key("variant_slot").Int(result.variant_slot);
      out->Key("variant_size").Uint(campaign.ShareOf(result.variant));
      break;
    case Gate::kWait: WriteWait(result, out); break;
    case Gate::kCap: WriteCap(campaign.caps[result.cap], result, out); break;
    case Gate::kGroupCap:
      out->Key("group").String(explanation.groups[result.group].key);
      WriteCap(explanation.groups[result.group].caps[result.cap], result, out);
      break;
    case Gate::kGap:
      out->Key("group").String(explanation.groups[result.group].key);
      out->Key("wait").String(DurationText(explanation.groups[result.group].gap));
      WriteTime("last", result.last, out);
      break;
    case Gate::kHours: WriteHours(*campaign.hours, result, out); break;
    case Gate::kQuietHours:
      out->Key("group").String(explanation.groups[result.group].key);
      WriteHours(*explanation.groups[result.group].quiet, result, out);
      break;
    case Gate::kKind: out->Key("kind").String(explanation.content().kind); break;
    case Gate::kActions:
      if (!result.lacking.empty()) out->Key("action").String(result.lacking);
      break;
    case Gate::kQuestions:
      out->Key("types").BeginArray();
      for (const std::string_view type : QuestionTypesOf(explanation.content())) out->String(type);
      out->End();
      break;
    case Gate::kTexts:
      if (!explanation.language.empty()) out->Key("language").String(explanation.language);
      if (!result.unfilled.empty()) out->Key("place").String(result.unfilled);
      if (!result.bad_link.empty()) out->Key("button").String(result.bad_link);
      break;
    case Gate::kOneAtATime:
      if (!explanation.on_screen.empty()) out->Key("on_screen").String(explanation.on_screen);
      break;
    case Gate::kAudience:
    case Gate::kUntil: break;
  }
  if (gate.condition) {
    out->Key("condition");
    evaluation::WriteCondition(*gate.condition, out);
  }
  if (!result.passed) WriteTime("passes_at", result.passes_at, out);
  out->End();
}

}  // namespace

std::string ToJson(const PromptExplanation& explanation, int indent) {
  std::string text;
  Writer out(&text, indent);
  out.BeginObject().Key("campaign").String(explanation.campaign);
  const bool is_known = !explanation.gates.empty();
  if (is_known) out.Key("iteration").Int(explanation.rules.iteration);
  out.Key("may_show").Bool(explanation.may_show()).Key("why").String(WhyName(explanation.why));
  if (is_known) out.Key("is_held_out").Bool(explanation.is_held_out);
  if (!explanation.kept_out_by.empty()) out.Key("kept_out_by").String(explanation.kept_out_by);
  if (!explanation.suggestion.empty()) out.Key("suggestion").String(explanation.suggestion);
  out.Key("is_forced").Bool(explanation.forcing != Forcing::kNone);
  if (explanation.forcing != Forcing::kNone) {
    out.Key("override").String(ForcingName(explanation.forcing));
    out.Key("natural").BeginObject().Key("may_show").Bool(explanation.natural == Why::kMayShow);
    out.Key("why").String(WhyName(explanation.natural)).End();
  }
  if (explanation.client) {
    out.Key("client").BeginObject().Key("why").String(WhyName(explanation.client->why));
    WriteTime("at", explanation.client->when, &out);
    if (!explanation.client->event.empty()) out.Key("event").String(explanation.client->event);
    WriteTime("until", explanation.client->until, &out);
    out.End();
  }
  if (explanation.event) {
    out.Key("event").BeginObject().Key("name").String(explanation.event->name);
    WriteTime("at", explanation.event->when, &out);
    out.End();
  }
  out.Key("gates").BeginArray();
  for (const ExplainedGate& gate : explanation.gates) WriteGate(explanation, gate, &out);
  out.End();
  if (is_known) {
    out.Key("is_remembered").Bool(explanation.is_remembered).Key("shown").Uint(explanation.shown);
    WriteTime("next", explanation.next, &out);
    out.Key("needs_trigger").Bool(explanation.needs_trigger);
  }
  if (explanation.is_clock_off()) out.Key("clock_ahead_ms").Int(explanation.clock_ahead.count());
  if (explanation.datafile) evaluation::WriteDatafile(*explanation.datafile, explanation.origin, explanation.at, &out);
  out.End();
  return text;
}

}  // namespace guidon::prompts
