#include "sdk/core/expression/render.h"
#include "sdk/core/ruleset/campaign.h"
#include "sdk/tools/event_condition.h"
#include "sdk/tools/moment.h"
#include "sdk/tools/publish.h"
#include "sdk/tools/short_forms.h"
#include "sdk/tools/source_reader.h"

namespace guidon::tools {
namespace {

// The members of an object that has begun.
void WriteMeasure(const SourceGoal& goal, json::Writer& out) {
  out.Key("event").String(goal.event);
  if (!goal.within.empty()) out.Key("within").String(goal.within);
  if (goal.is_by_prompt) out.Key("by").String("prompt");
}

void WriteGoal(const SourceGoal& goal, json::Writer& out) {
  out.BeginObject();
  WriteMeasure(goal, out);
  out.End();
}

// The members of an object that has begun.
void WriteStep(const SourceStep& step, json::Writer& out) {
  out.Key("event").String(step.event);
  if (!step.where) return;
  out.Key("where");
  EventConditionToJson(*step.where, out);
}

void WriteTrigger(const SourceTrigger& trigger, json::Writer& out) {
  using ruleset::TriggerKind;
  const std::string time = DurationText(trigger.time);
  out.BeginObject();
  switch (trigger.kind) {
    case TriggerKind::kEvent: WriteStep(trigger.steps.front(), out); break;
    case TriggerKind::kThen:
    case TriggerKind::kAll:
      out.Key(trigger.kind == TriggerKind::kThen ? "then" : "all").BeginArray();
      for (const SourceStep& step : trigger.steps) {
        out.BeginObject();
        WriteStep(step, out);
        out.End();
      }
      out.End().Key("within").String(time);
      break;
    case TriggerKind::kAbsent:
      WriteStep(trigger.steps.front(), out);
      out.Key("and_not").BeginObject();
      WriteStep(trigger.steps.back(), out);
      out.End().Key("within").String(time);
      break;
    case TriggerKind::kSessionStart: out.Key("on").String("session_start"); break;
    case TriggerKind::kScreen: out.Key("screen").String(trigger.screen).Key("for").String(time); break;
    case TriggerKind::kIdle: out.Key("idle").String(time); break;
  }
  out.End();
}

// A device of before the list would show too early, or to whom it is not for, what has more than a plain trigger. It
// looks for `trigger` alone, and without one the campaign is not valid there.
void WriteTriggers(const SourceCampaign& campaign, json::Writer& out) {
  const bool is_plain = campaign.triggers.size() == 1 && campaign.triggers.front().kind == ruleset::TriggerKind::kEvent;
  if (is_plain && campaign.delay.count() == 0 && campaign.cancel_on.empty()) {
    return WriteTrigger(campaign.triggers.front(), out.Key("trigger"));
  }
  out.Key("triggers").BeginArray();
  for (const SourceTrigger& trigger : campaign.triggers) WriteTrigger(trigger, out);
  out.End();
  if (campaign.delay.count() > 0) out.Key("delay").String(DurationText(campaign.delay));
  if (campaign.cancel_on.empty()) return;
  out.Key("cancel_on").BeginArray();
  for (const SourceEventName& event : campaign.cancel_on) out.String(event.name);
  out.End();
}

// A device of before that knows links alone: there a campaign with anything else, or with an event to track, which it
// would not, is not valid.
void WriteAction(const SourceButton& button, json::Writer& out) {
  using Asked = ruleset::PromptAction::Kind;
  const SourceAction& action = button.action;
  if (action.kind == Asked::kNone) return;
  out.Key("do");
  if (action.kind == Asked::kOpen && button.track.empty()) {
    out.String(action.link);
    return;
  }
  out.BeginObject().Key(ruleset::ActionName(action.kind));
  switch (action.kind) {
    case Asked::kNone: break;
    case Asked::kOpen: out.String(action.link); break;
    case Asked::kShare:
      out.BeginObject().Key("text").String(action.text);
      if (!action.link.empty()) out.Key("link").String(action.link);
      out.End();
      break;
    case Asked::kCopy: out.String(action.text); break;
    case Asked::kReview: out.Bool(true); break;
    case Asked::kCustom:
      out.BeginObject().Key("name").String(action.name);
      if (!action.arguments.empty()) {
        out.Key("args").BeginObject();
        for (const auto& [name, value] : action.arguments) out.Key(name).String(value);
        out.End();
      }
      out.End();
      break;
  }
  out.End();
  if (!button.track.empty()) out.Key("track").String(button.track);
}

void WriteButton(const SourceButton& button, json::Writer& out) {
  out.BeginObject().Key("id").String(button.id).Key("label").String(button.label);
  WriteAction(button, out);
  if (button.snooze.count() > 0) out.Key("snooze").String(DurationText(button.snooze));
  if (button.is_primary) out.Key("primary").Bool(true);
  out.End();
}

void WriteTranslations(const SourceContent& content, json::Writer& out) {
  out.Key("translations").BeginObject();
  for (const SourceTranslation& translation : content.translations) {
    out.Key(translation.language).BeginObject().Key("title").String(translation.title);
    if (!translation.body.empty()) out.Key("body").String(translation.body);
    if (!translation.alt.empty()) out.Key("alt").String(translation.alt);
    if (!content.buttons.empty()) {
      out.Key("buttons").BeginObject();
      for (std::size_t i = 0; i < content.buttons.size(); ++i) {
        out.Key(content.buttons[i].id);
        if (translation.action_texts[i].empty()) {
          out.String(translation.labels[i]);
          continue;
        }
        out.BeginObject().Key("label").String(translation.labels[i]);
        out.Key("text").String(translation.action_texts[i]).End();
      }
      out.End();
    }
    PublishQuestionTexts(content.questions, translation.questions, out);
    out.End();
  }
  out.End();
}

void WriteImage(const SourceImage& image, json::Writer& out) {
  out.Key("image").BeginObject();
  if (image.url.empty()) {
    out.Key("asset").String(image.asset);
  } else {
    out.Key("url").String(image.url).Key("sha256").String(image.sha256);
  }
  out.Key("alt").String(image.alt).End();
}

void WriteContent(const SourceContent& content, json::Writer& out) {
  // A device that knows no questions knows no such kind, and shows nothing.
  out.BeginObject().Key("kind").String(content.questions.empty() ? content.kind : "survey");
  if (!content.questions.empty()) out.Key("in").String(content.kind);
  if (content.kind == "tooltip") out.Key("anchor").String(content.anchor);
  out.Key("title").String(content.title);
  if (!content.body.empty()) out.Key("body").String(content.body);
  if (content.image.at != nullptr) WriteImage(content.image, out);
  if (!content.buttons.empty()) {
    out.Key("buttons").BeginArray();
    for (const SourceButton& button : content.buttons) WriteButton(button, out);
    out.End();
  }
  PublishQuestions(content.questions, out);
  if (!content.language.empty()) out.Key("language").String(content.language);
  if (!content.translations.empty()) WriteTranslations(content, out);
  out.End();
}

// A device of before the variants finds no `show`, and shows nothing.
void WriteShows(const std::vector<SourceShow>& shows, const std::vector<Ranges>* split, json::Writer& out) {
  if (split == nullptr) {
    WriteContent(shows.front().content, out.Key("show"));
    return;
  }
  out.Key("variants").BeginObject();
  for (std::size_t i = 0; i < shows.size(); ++i) {
    out.Key(shows[i].name).BeginObject().Key("slots");
    PublishRanges((*split)[i], out);
    WriteContent(shows[i].content, out.Key("show"));
    out.End();
  }
  out.End();
}

void WriteCaps(const std::vector<SourceCap>& caps, json::Writer& out) {
  for (const SourceCap& cap : caps) {
    out.BeginObject().Key("count").Int(cap.count);
    const bool is_ever = cap.per == ruleset::Cap::Per::kTime && cap.window.count() == 0;
    if (!is_ever) out.Key("per").String(PerText(cap));
    out.End();
  }
}

void WriteHours(const ruleset::OpenHours& hours, json::Writer& out) {
  out.BeginObject();
  if (hours.days != ruleset::kEveryDay) {
    out.Key("days").BeginArray();
    for (std::uint8_t day = 0; day < 7; ++day) {
      if ((hours.days >> day & 1) != 0) out.String(ruleset::DayName(day));
    }
    out.End();
  }
  out.Key("hours").String(ruleset::HoursText(hours)).Key("zone").String(ruleset::ZoneText(hours.zone)).End();
}

// A device that knows nothing of groups or of `until` finds no count in such an item, and shows nothing.
void WriteLimits(const SourceCampaign& campaign, bool has_group_of_all, json::Writer& out) {
  const auto write_group = [&out](std::string_view name) { out.BeginObject().Key("group").String(name).End(); };
  out.Key("caps").BeginArray();
  WriteCaps(campaign.caps, out);
  for (const Located* group : campaign.groups) write_group(group->Text());
  if (has_group_of_all) write_group(ruleset::kGroupOfAll);
  if (campaign.hours) WriteHours(*campaign.hours, out);
  if (campaign.until) {
    out.BeginObject().Key("until");
    expression::ToJson(*campaign.until, out);
    out.End();
  }
  out.End();
}

void WriteCount(const SourceCount& count, json::Writer& out) {
  out.BeginObject().Key("event").String(count.event).Key("where");
  EventConditionToJson(*count.where, out);
  out.End();
}

}  // namespace

void PublishGroups(const Source& source, json::Writer& out) {
  if (source.groups.empty()) return;
  out.Key("groups").BeginObject();
  for (const SourceGroup& group : source.groups) {
    out.Key(group.name).BeginObject();
    if (!group.caps.empty()) {
      out.Key("caps").BeginArray();
      WriteCaps(group.caps, out);
      out.End();
    }
    if (group.gap.count() > 0) out.Key("gap").String(DurationText(group.gap));
    if (group.quiet) {
      out.Key("quiet_hours").String(ruleset::HoursText(*group.quiet));
      out.Key("zone").String(ruleset::ZoneText(group.quiet->zone));
    }
    out.End();
  }
  out.End();
}

std::string PublishedCount(const SourceCount& count) {
  std::string text;
  json::Writer out(&text);
  WriteCount(count, out);
  return text;
}

void PublishCounts(const Source& source, json::Writer& out) {
  if (source.counts.empty()) return;
  out.Key("counts").BeginObject();
  for (const SourceCount& count : source.counts) {
    out.Key(count.name);
    WriteCount(count, out);
  }
  out.End();
}

void PublishKpis(const Source& source, json::Writer& out) {
  if (source.kpis.empty()) return;
  out.Key("kpis").BeginObject();
  for (const SourceKpi& kpi : source.kpis) {
    out.Key(kpi.name);
    WriteGoal(kpi.measure, out);
  }
  out.End();
}

void PublishDates(const SourceRun& run, json::Writer& out) {
  if (run.starts_at) PublishMoment(*run.starts_at, out.Key("starts_at"));
  if (run.ends_at) PublishMoment(*run.ends_at, out.Key("ends_at"));
}

void PublishGoals(const SourceRun& run, json::Writer& out) {
  if (!run.kpi.empty()) out.Key("kpi").String(run.kpi);
  if (!run.goals.empty()) {
    out.Key("goals").BeginArray();
    for (const SourceGoal& goal : run.goals) WriteGoal(goal, out);
    out.End();
  }
  if (run.guardrails.empty()) return;
  out.Key("guardrails").BeginArray();
  for (const SourceGuardrail& guardrail : run.guardrails) {
    out.BeginObject().Key("no").String(guardrail.may_not_rise ? "more" : "less");
    WriteMeasure(guardrail.measure, out);
    out.End();
  }
  out.End();
}

// What is as it would be anyway is written too: a device of any version then does what was meant when it was published.
void PublishCampaign(const SourceCampaign& campaign, std::int64_t iteration, bool has_group_of_all,
                     const std::vector<Ranges>* split, json::Writer& out) {
  out.Key(campaign.name).BeginObject().Key("iteration").Int(iteration);
  out.Key("status").String(StatusName(campaign.status)).Key("unit").String(campaign.unit);
  out.Key("salt").String(campaign.name + "." + std::to_string(iteration)).Key("holdout").Int(campaign.holdout);
  WriteTriggers(campaign, out);
  if (campaign.when) {
    out.Key("when");
    expression::ToJson(*campaign.when, out);
  }
  out.Key("priority").Int(campaign.priority).Key("valid_for").String(DurationText(campaign.valid_for));
  WriteLimits(campaign, has_group_of_all, out);
  out.Key("waits").BeginObject().Key("dismissal").String(DurationText(campaign.wait_after_dismissal));
  if (campaign.longest_wait_after_dismissal > Duration(0)) {
    out.Key("dismissal_up_to").String(DurationText(campaign.longest_wait_after_dismissal));
  }
  out.Key("action").String(DurationText(campaign.wait_after_action));
  if (campaign.wait_after_completion) out.Key("completion").String(DurationText(*campaign.wait_after_completion));
  out.End();
  PublishDates(campaign, out);
  if (campaign.is_protected) out.Key("protected").Bool(true);
  PublishGoals(campaign, out);
  WriteShows(campaign.shows, split, out);
  out.End();
}

std::string PublishedContent(const SourceContent& content) {
  std::string text;
  json::Writer out(&text);
  WriteContent(content, out);
  return text;
}

}  // namespace guidon::tools
