#include "samples/terminal/panel_rows.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <utility>

#include "samples/terminal/app.h"
#include "samples/terminal/text.h"
#include "sdk/core/base/text.h"

namespace notes {
namespace {

using guidon::PanelEvent;
using guidon::PanelSnapshot;
using Kind = guidon::Override::Kind;

constexpr std::size_t kKeyColumns = 20;

struct Page {
  const PanelSnapshot& snapshot;
  std::size_t columns;
  const char* ellipsis;
  const char* yes;
  const char* no;

  std::string Cell(std::string_view text, std::size_t wide) const { return Fit(Clean(text), wide, ellipsis) + " "; }
};

std::string Percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g %%", share * 100);
  return text;
}

// "2026-01-20 10:00:05"
std::string TimeText(guidon::Timestamp time) {
  std::string text = guidon::text::FormatTimestamp(time).substr(0, 19);
  std::replace(text.begin(), text.end(), 'T', ' ');
  return text;
}

Line Fact(const char* name, std::string text, Style style = Style::kPlain) {
  return {{Style::kDim, Fit(name, 13, "")}, {style, Clean(text)}};
}

std::string NaturalText(const guidon::Value& value) { return value.is_null() ? "the fallback" : ValueText(value); }

// --- Status ---

std::string DatafileText(const guidon::ClientStatus& status) {
  if (!status.ready) return "none is in force";
  std::string text = std::to_string(status.datafile_epoch) + "." + std::to_string(status.datafile_version);
  text += status.datafile_signed ? ", signed" : ", unsigned";
  return text + (status.datafile_expired ? ", expired " : ", until ") + TimeText(status.datafile_expires_at);
}

std::string LedgerText(const guidon::Ledger& ledger) {
  std::string text = std::to_string(ledger.accepted) + " accepted: " + std::to_string(ledger.delivered) +
                     " delivered, " + std::to_string(ledger.pending) + " waiting";
  for (const guidon::Ledger::Loss& loss : ledger.lost) text += ", " + std::to_string(loss.count) + " " + loss.cause;
  return text;
}

std::vector<PanelRow> StatusRows(const Page& page) {
  const PanelSnapshot& snapshot = page.snapshot;
  const guidon::ClientStatus& status = snapshot.status;
  std::vector<PanelRow> rows;
  const auto add = [&](const char* name, const std::string& text, Style style = Style::kPlain) {
    rows.push_back({name, Fact(name, text, style), {{{style, Clean(text)}}}});
  };
  const auto add_status = [&](const char* name, const guidon::Status& told) {
    if (!told.ok()) add(name, told.message(), Style::kWarn);
  };
  add("datafile", DatafileText(status), status.ready && !status.datafile_expired ? Style::kPlain : Style::kWarn);
  if (status.last_fetch != guidon::Timestamp()) add("fetched", TimeText(status.last_fetch));
  add_status("not fetched", status.fetch);
  add_status("refused", status.datafile);
  add("events", LedgerText(status.ledger));
  add_status("not sent", status.sender);
  add_status("not stored", status.store);
  add("device", snapshot.device_code);
  if (snapshot.token) {
    const bool is_good = snapshot.token->status.ok();
    const std::string until = ", until " + TimeText(snapshot.token->expires_at);
    add("QA token", snapshot.token->id + (is_good ? until : ": " + snapshot.token->status.message()),
        is_good ? Style::kGood : Style::kWarn);
  }
  add("forcing", snapshot.may_force.ok() ? "may be done here" : snapshot.may_force.message(),
      snapshot.may_force.ok() ? Style::kGood : Style::kWarn);
  for (const guidon::Override& each : snapshot.overrides) {
    const bool has_value = each.kind == Kind::kFlag || each.kind == Kind::kAttribute;
    std::string text = (each.key.empty() ? "clock" : each.key) + " = " +
                       (has_value ? ValueText(each.value) : each.variant) + ", by " +
                       guidon::OverrideSourceName(each.source);
    if (!each.applied) text += "; without effect: " + each.why_not;
    add("forced", text, each.applied ? Style::kWarn : Style::kDim);
  }
  for (const guidon::Problem& problem : snapshot.problems) {
    add("problem", problem.pointer + ": " + problem.reason, problem.is_error ? Style::kWarn : Style::kPlain);
  }
  add("guidon", snapshot.sdk_version);
  return rows;
}

// --- What can be forced ---

PanelRow FlagRow(const Page& page, const guidon::PanelFlag& flag) {
  PanelRow row;
  row.key = flag.key;
  row.kind = Kind::kFlag;
  const bool* is_on = flag.value.AsBool();
  if (is_on != nullptr) row.choices = {"true", "false"};
  const bool is_own = flag.is_forced && flag.experiment.empty();
  if (is_own && is_on != nullptr) row.forced = *is_on ? "true" : "false";
  const std::string value = flag.value.is_null() ? "fallback" : ValueText(flag.value);
  row.line = {{Style::kPlain, page.Cell(flag.key, kKeyColumns)},
              {flag.is_forced ? Style::kWarn : Style::kGood, page.Cell(value, 16)}};
  const std::string natural = flag.is_forced ? ", else " + NaturalText(flag.natural_value) : "";
  row.line.push_back({flag.is_forced ? Style::kWarn : Style::kDim, Clean(flag.why + natural)});
  row.detail = {Fact("value", value), Fact("why", flag.why),
                Fact("reason", std::string(guidon::ReasonName(flag.reason)))};
  if (!flag.variant.empty()) row.detail.push_back(Fact("variant", flag.variant));
  if (flag.is_forced) {
    const std::string variant = flag.natural_variant.empty() ? "" : ", " + flag.natural_variant;
    row.detail.push_back(Fact("naturally", NaturalText(flag.natural_value) + variant));
  }
  if (flag.is_protected) row.detail.push_back(Fact("protected", "nobody forces it under a release key"));
  return row;
}

PanelRow ExperimentRow(const Page& page, const guidon::PanelExperiment& experiment) {
  PanelRow row;
  row.key = experiment.key;
  row.kind = Kind::kExperiment;
  for (const auto& variant : experiment.variants) row.choices.push_back(variant.name);
  row.choices.insert(row.choices.end(), {"off", "unassigned"});
  if (experiment.is_forced) row.forced = experiment.variant;
  const std::string natural = experiment.natural_variant.empty() ? "in none" : experiment.natural_variant;
  const std::string variant = experiment.variant.empty() ? "in none" : experiment.variant;
  std::string shares;
  for (const auto& each : experiment.variants) {
    shares += (shares.empty() ? "" : ", ") + each.name + " " + Percent(each.share);
  }
  row.line = {{Style::kPlain, page.Cell(experiment.key, kKeyColumns)},
              {Style::kDim, page.Cell(experiment.status, 8)},
              {experiment.is_forced ? Style::kWarn : Style::kGood, page.Cell(variant, 14)},
              {experiment.is_forced ? Style::kWarn : Style::kDim,
               experiment.is_forced ? Clean("else " + natural) : Clean(shares)}};
  row.detail = {Fact("unit", Percent(experiment.share) + " of all by " + experiment.unit_kind + ", iteration " +
                                 std::to_string(experiment.iteration)),
                Fact("exposures", std::to_string(experiment.exposures) + " since the panel watches"),
                Fact("naturally", natural)};
  for (const auto& each : experiment.variants) {
    std::string sets;
    for (const auto& flag : each.flags) {
      sets += (sets.empty() ? "" : ", ") + flag.first + " = " + ValueText(flag.second);
    }
    row.detail.push_back(
        {{each.name == experiment.variant ? Style::kGood : Style::kPlain, Fit(Clean(each.name), 13, page.ellipsis)},
         {Style::kDim, Fit(Percent(each.share), 9, "")},
         {Style::kPlain, Clean(sets)}});
  }
  if (experiment.is_protected) row.detail.push_back(Fact("protected", "nobody forces it under a release key"));
  return row;
}

std::string NextText(const guidon::PanelPrompt& prompt, guidon::Timestamp now) {
  if (!prompt.next_possible) return "not by time alone";
  if (*prompt.next_possible <= now) return prompt.needs_trigger ? "as soon as it is triggered" : "now";
  return TimeText(*prompt.next_possible) + (prompt.needs_trigger ? ", when it is triggered then" : "");
}

PanelRow PromptRow(const Page& page, const guidon::PanelPrompt& prompt) {
  PanelRow row;
  row.key = prompt.key;
  row.kind = Kind::kPrompt;
  row.choices = {"show", "within_caps", "off"};
  for (const guidon::Override& each : page.snapshot.overrides) {
    if (each.applied && each.kind == Kind::kPrompt && each.key == prompt.key) row.forced = each.variant;
  }
  const std::string state = prompt.is_on_screen ? "on screen" : prompt.is_held_out ? "held out" : prompt.why;
  const std::string next = NextText(prompt, page.snapshot.time);
  row.line = {{Style::kPlain, page.Cell(prompt.key, kKeyColumns)},
              {Style::kDim, page.Cell(prompt.kind, 8)},
              {prompt.is_forced  ? Style::kWarn
               : prompt.may_show ? Style::kGood
                                 : Style::kPlain,
               page.Cell(prompt.is_forced ? state + ", forced" : state, 20)},
              {Style::kDim, Clean(prompt.may_show ? "" : next)}};
  row.detail = {Fact("next", next),
                Fact("shown", std::to_string(prompt.shown) + (prompt.shown == 1 ? " time" : " times"))};
  if (prompt.is_forced) row.detail.push_back(Fact("naturally", prompt.natural_why));
  if (!prompt.client_says.empty()) row.detail.push_back(Fact("app", prompt.client_says, Style::kWarn));
  for (const guidon::PanelGate& gate : prompt.gates) {
    row.detail.push_back({{gate.passed ? Style::kGood : Style::kWarn, std::string(gate.passed       ? page.yes
                                                                                  : gate.is_unknown ? "?"
                                                                                                    : page.no) +
                                                                          " "},
                          {Style::kPlain, Fit(gate.name, 11, "")},
                          {gate.passed ? Style::kDim : Style::kPlain, Clean(gate.says)}});
  }
  if (prompt.is_protected) row.detail.push_back(Fact("protected", "nobody forces it under a release key"));
  return row;
}

PanelRow ClockRow(const Page& page) {
  PanelRow row;
  row.key = "clock";
  row.kind = Kind::kClock;
  const bool is_moved = page.snapshot.clock_shift != guidon::Duration(0);
  const std::string moved = is_moved ? ", moved" : "";
  const Style style = is_moved ? Style::kWarn : Style::kPlain;
  row.line = Fact("clock", TimeText(page.snapshot.time) + moved, style);
  row.detail = {Fact("now", TimeText(page.snapshot.time)),
                Fact("really", TimeText(page.snapshot.time - page.snapshot.clock_shift))};
  return row;
}

std::vector<PanelRow> PersonRows(const Page& page) {
  std::vector<PanelRow> rows = {ClockRow(page)};
  for (const guidon::Context::UnitId& unit : page.snapshot.units) {
    rows.push_back({unit.kind, Fact("unit", unit.kind + " " + unit.id), {Fact(unit.kind.c_str(), unit.id)}});
  }
  for (const guidon::PanelAttribute& attribute : page.snapshot.attributes) {
    const std::string name = attribute.kind.empty() ? attribute.name : attribute.kind + "." + attribute.name;
    const std::string value = attribute.is_private ? "(private)" : ValueText(attribute.value);
    const std::string note = attribute.is_forced ? ", forced" : "";
    const Style style = attribute.is_forced ? Style::kWarn : Style::kPlain;
    PanelRow row{name, Fact("attribute", name + " = " + value + note, style), {Fact("value", value + note, style)}};
    if (attribute.kind.empty()) row.kind = Kind::kAttribute;
    rows.push_back(std::move(row));
  }
  for (const guidon::PanelHoldout& holdout : page.snapshot.holdouts) {
    const auto text = [&holdout](const std::optional<bool>& held) {
      return !held ? "no " + holdout.unit_kind + " here" : std::string(*held ? "held out" : "not held out");
    };
    PanelRow row;
    row.key = holdout.key;
    row.kind = Kind::kHoldout;
    row.choices = {"in", "out"};
    if (holdout.is_forced) row.forced = *holdout.is_held_out ? "in" : "out";
    const Style style = holdout.is_forced ? Style::kWarn : Style::kPlain;
    const std::string natural = holdout.is_forced ? ", else " + text(holdout.natural) : "";
    row.line = Fact("holdout", holdout.key + ": " + text(holdout.is_held_out) + natural, style);
    row.detail = {Fact("size", Percent(holdout.share) + " of all by " + holdout.unit_kind),
                  Fact("naturally", text(holdout.natural))};
    rows.push_back(std::move(row));
  }
  return rows;
}

// --- Events ---

const char* KindName(guidon::EventKind kind) {
  switch (kind) {
    case guidon::EventKind::kTracked: return "event";
    case guidon::EventKind::kExposure: return "exposure";
    case guidon::EventKind::kHoldoutExposure: return "holdout";
    case guidon::EventKind::kPrompt: return "prompt";
    case guidon::EventKind::kLossReport: return "losses";
    case guidon::EventKind::kDeletionRequest: return "deletion";
    case guidon::EventKind::kEvaluationSummary: return "summary";
  }
  return "";
}

PanelRow EventRow(const Page& page, const PanelEvent& event) {
  PanelRow row;
  row.key = event.record.id + std::to_string(event.record.sequence);
  const bool is_fine = event.state == PanelEvent::State::kDelivered;
  const bool is_waiting = event.state == PanelEvent::State::kWaiting;
  std::string state = guidon::PanelEventStateName(event.state);
  if (!event.cause.empty()) state += ": " + event.cause;
  std::string name = event.record.name.empty() ? KindName(event.record.kind) : event.record.name;
  if (!event.record.variant.empty()) name += " " + event.record.variant;
  for (const auto& property : event.record.properties) {
    if (event.record.kind == guidon::EventKind::kPrompt && property.first == "what")
      name += " " + ValueText(property.second);
  }
  row.line = {{Style::kDim, TimeText(event.record.time).substr(11) + " "},
              {Style::kDim, page.Cell(KindName(event.record.kind), 9)},
              {Style::kPlain, page.Cell(name, page.columns > 76 ? 34 : 24)},
              {is_fine      ? Style::kGood
               : is_waiting ? Style::kDim
                            : Style::kWarn,
               state},
              {Style::kWarn, event.record.forced ? ", forced" : ""}};
  row.detail = {Fact("id", event.record.id), Fact("time", TimeText(event.record.time)), Fact("state", state)};
  if (event.record.value) row.detail.push_back(Fact("value", ValueText(*event.record.value)));
  if (event.record.forced) row.detail.push_back(Fact("forced", "it counts in no result", Style::kWarn));
  for (const auto& property : event.record.properties) {
    row.detail.push_back(Fact(property.first.c_str(), ValueText(property.second)));
  }
  return row;
}

}  // namespace

std::optional<PanelSection> FindPanelSection(std::string_view name) {
  const auto found = std::find(std::begin(kPanelSections), std::end(kPanelSections), name);
  if (found == std::end(kPanelSections)) return std::nullopt;
  return static_cast<PanelSection>(found - std::begin(kPanelSections));
}

std::vector<PanelRow> PanelRows(const PanelSnapshot& snapshot, PanelSection section, std::size_t columns,
                                bool unicode) {
  const Page page{snapshot, columns, unicode ? "…" : "..", unicode ? "✓" : "+", unicode ? "✗" : "-"};
  std::vector<PanelRow> rows;
  switch (section) {
    case PanelSection::kStatus: return StatusRows(page);
    case PanelSection::kPerson: return PersonRows(page);
    case PanelSection::kFlags:
      for (const auto& flag : snapshot.flags) rows.push_back(FlagRow(page, flag));
      break;
    case PanelSection::kExperiments:
      for (const auto& experiment : snapshot.experiments) rows.push_back(ExperimentRow(page, experiment));
      break;
    case PanelSection::kPrompts:
      for (const auto& prompt : snapshot.prompts) rows.push_back(PromptRow(page, prompt));
      break;
    case PanelSection::kEvents:  // the newest first
      for (auto event = snapshot.events.rbegin(); event != snapshot.events.rend(); ++event) {
        rows.push_back(EventRow(page, *event));
      }
      break;
  }
  return rows;
}

}  // namespace notes
