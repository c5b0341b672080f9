#include "sdk/events/sinks/plain.h"

#include <algorithm>

#include "sdk/core/base/text.h"

namespace guidon::events::plain {
namespace {

constexpr std::int64_t kLastMs = 253'402'300'799'999;  // of the year 9999

}  // namespace

bool Members::Take(std::string_view name) {
  if (std::find(taken_.begin(), taken_.end(), name) != taken_.end()) return false;
  taken_.emplace_back(name);
  json_->Key(name);
  return true;
}

void Members::Text(std::string_view name, std::string_view value) {
  if (!value.empty() && Take(name)) json_->String(value);
}

void Members::Number(std::string_view name, std::int64_t value) {
  if (Take(name)) json_->Int(value);
}

void Members::True(std::string_view name, bool value) {
  if (value && Take(name)) json_->Bool(true);
}

void Members::Any(std::string_view name, const Value& value) {
  if (Take(name)) json_->Any(value);
}

void Members::Add(const std::vector<std::pair<std::string, Value>>& entries) {
  for (const auto& [name, value] : entries) {
    if (Take(name) || Take("property_" + name)) json_->Any(value);
  }
}

std::string TimeText(Timestamp time) {
  return text::FormatTimestamp(TimestampFromMs(std::clamp<std::int64_t>(ToMs(time), 0, kLastMs)));
}

std::string_view UnitId(const Fact& fact, std::string_view kind) {
  for (const Context::UnitId& unit : fact.units) {
    if (unit.kind == kind) return unit.id;
  }
  return {};
}

std::string_view KindName(EventKind kind) {
  switch (kind) {
    case EventKind::kExposure: return "exposure";
    case EventKind::kHoldoutExposure: return "holdout_exposure";
    case EventKind::kTracked: return "event";
    case EventKind::kPrompt: return "prompt";
    case EventKind::kLossReport: return "loss_report";
    case EventKind::kDeletionRequest: return "deletion_request";
    case EventKind::kEvaluationSummary: return "evaluation_summary";
  }
  return "event";
}

void WriteDetails(const Event& event, std::string_view prefix, Members* members) {
  const Fact& fact = event.fact;
  const auto named = [prefix](std::string_view name) { return std::string(prefix) + std::string(name); };
  if (HasUnit(fact.kind)) {
    members->Text(named("unit_kind"), fact.unit_kind);
    members->Text(named("unit_id"), fact.unit_id);
    members->Text(named("datafile_set"), fact.datafile_set);
    members->Text(named("datafile_version"), fact.datafile_version);
    if (fact.kind != EventKind::kHoldoutExposure) members->Number(named("iteration"), fact.iteration);
    if (fact.kind == EventKind::kExposure && fact.layer_slot >= 0) {
      members->Number(named("layer_slot"), fact.layer_slot);
    }
    if (fact.slot >= 0) members->Number(named("slot"), fact.slot);
    members->Text(named("audience"), fact.audience);
    members->True(named("sticky"), fact.sticky);
    members->True(named("first"), fact.first);
    if (fact.propensity != 0) members->Any(named("propensity"), Value(PropensityOf(fact)));
    if (event.repeated > 0) members->Number(named("dedup_count"), static_cast<std::int64_t>(event.repeated));
  }
  if (fact.prompt) {
    members->Text(named("what"), prompts::WhatName(fact.prompt->what));
    members->Text(named("prompt"), fact.prompt->id);
    members->Number(named("ordinal"), static_cast<std::int64_t>(fact.prompt->ordinal));
    members->Text(named("button"), fact.prompt->button);
    members->Text(named("cause"), fact.prompt->cause);
    members->Text(named("trigger"), fact.prompt->trigger);
    if (fact.prompt->visible) members->Number(named("visible_ms"), fact.prompt->visible->count());
    members->Text(named("question"), fact.prompt->question);
    if (!fact.prompt->answer.is_null()) members->Any(named("answer"), fact.prompt->answer);
    members->Text(named("text"), fact.prompt->text);
    if (fact.prompt->number > 0) members->Number(named("number"), static_cast<std::int64_t>(fact.prompt->number));
  }
  if (event.sequence > 0) members->Number(named("seq"), static_cast<std::int64_t>(event.sequence));
  members->Text(named("session"), fact.session);
  members->True(named("clock_suspect"), event.is_clock_suspect);
  members->True(named("forced"), fact.forced);
  if (!fact.forced) return;
  members->Text(named("forced_by"), fact.forced_by);
  members->Text(named("overrides"), fact.overrides);
  if (fact.natural_variant) members->Any(named("natural_variant"), Value(*fact.natural_variant));
}

}  // namespace guidon::events::plain
