#include "sdk/tools/history.h"

#include <map>
#include <optional>

#include "guidon/limits.h"
#include "sdk/core/base/text.h"
#include "sdk/core/evaluation/looks.h"
#include "sdk/core/prompts/triggered.h"

namespace guidon::tools {
namespace {

constexpr const char* kHistoryExample = "{ \"at\": \"2026-11-12\", \"event\": \"app_open\", \"times\": 3 }";
constexpr const char* kWhats = "impression, action, dismissal, snooze, completion, failure or unknown";

std::optional<prompts::What> ParseWhat(std::string_view name) {
  for (const auto what :
       {prompts::What::kImpression, prompts::What::kAction, prompts::What::kDismissal, prompts::What::kSnooze,
        prompts::What::kFailure, prompts::What::kUnknown, prompts::What::kCompletion}) {
    if (prompts::WhatName(what) == name) return what;
  }
  return std::nullopt;
}

void Refuse(const Members& members, const Located& at, std::string reason, std::string advice = "") {
  members.problems().Add(
      {Severity::kError, "wrong-value", at.pointer, at.offset, std::move(reason), std::move(advice), ""});
}

void ReadShowing(const Members& members, const Located& entry, HistoryEntry* out) {
  members.CheckKnown(entry, {"at", "prompt", "what", "snooze"}, "a prompt in a history");
  out->prompt = members.Text(entry, "prompt").value_or("");
  if (const Located* what = entry.Find("what"); what != nullptr && members.Want(*what, json::Type::kString, kWhats)) {
    const auto parsed = ParseWhat(what->Text());
    if (parsed) {
      out->what = *parsed;
    } else {
      Refuse(members, *what, "there is no outcome '" + std::string(what->Text()) + "'", std::string("write ") + kWhats);
    }
  }
  const Located* snooze = entry.Find("snooze");
  if ((snooze != nullptr) != (out->what == prompts::What::kSnooze)) {
    Refuse(members, snooze != nullptr ? *snooze : entry,
           snooze != nullptr ? "only \"what\": \"snooze\" has a time" : "the snooze has no time", "\"snooze\": \"1d\"");
  } else if (snooze != nullptr) {
    const auto time = text::ParseDuration(snooze->Text());
    if (time) out->snooze = *time;
    if (!time) Refuse(members, *snooze, "is no time", "\"snooze\": \"1d\"");
  }
}

void ReadTimes(const Members& members, const Located& entry, std::size_t* all, HistoryEntry* out) {
  members.CheckKnown(entry, {"at", "event", "times", "properties"}, "an event in a history");
  const Located& event = *entry.Find("event");
  out->event = members.Text(entry, "event").value_or("");
  if (event.is(json::Type::kString) && (out->event.empty() || out->event.size() > limits::kEventNameBytes)) {
    Refuse(members, event, "a name of an event has 1 to " + std::to_string(limits::kEventNameBytes) + " bytes");
  }
  out->times = members.Int(entry, "times", 1, kHistoryTimes).value_or(1);
  const Located* properties = entry.Find("properties");
  if (properties != nullptr && members.Want(*properties, json::Type::kObject, "{ \"chars\": 1800 }")) {
    for (const Located& property : properties->items) out->properties.emplace_back(property.name, property.value);
  }
  *all += static_cast<std::size_t>(out->times);
  if (*all > kHistoryEvents && *all - static_cast<std::size_t>(out->times) <= kHistoryEvents) {
    Refuse(members, entry, "brings the events above " + std::to_string(kHistoryEvents));
  }
}

void RememberEvent(const HistoryEntry& entry, const std::vector<const ruleset::Ruleset*>& rules, Duration utc_offset,
                   const behavior::Session& session, behavior::Behavior* behavior) {
  const ruleset::Count* count = nullptr;
  for (const ruleset::Ruleset* each : rules) count = count == nullptr ? each->FindCount(entry.event) : count;
  const std::string& event = count == nullptr ? entry.event : count->event;
  std::map<std::uint64_t, bool> parts;
  for (const ruleset::Ruleset* each : rules) {
    for (const behavior::Look& look : evaluation::LookAt(*each, event, prompts::WithEvent({}, entry.properties))) {
      parts[look.part] = look.is_of_it || (count != nullptr && look.part == count->part);
    }
  }
  std::vector<behavior::Look> looks;
  for (const auto& [part, is_of_it] : parts) looks.push_back({part, is_of_it});
  const std::uint32_t number = entry.at >= session.began ? session.number : 0;
  for (std::int64_t n = 0; n < entry.times; ++n) behavior->Add(event, entry.at, utc_offset, looks, number);
}

}  // namespace

std::vector<HistoryEntry> ReadHistory(const Members& members, const Located& list) {
  std::vector<HistoryEntry> history;
  if (!members.Want(list, json::Type::kArray, std::string("[ ") + kHistoryExample + " ]")) return history;
  std::size_t all = 0;
  for (const Located& entry : list.items) {
    if (!members.Want(entry, json::Type::kObject, kHistoryExample)) continue;
    HistoryEntry out;
    const auto at = members.Date(entry, "at");
    if (entry.Find("at") == nullptr) Refuse(members, entry, "does not say when", "\"at\": \"2026-11-12\"");
    if (at) out.at = *at;
    const bool is_prompt = entry.Find("prompt") != nullptr;
    if (is_prompt == (entry.Find("event") != nullptr)) {
      Refuse(members, entry, "needs either an event or a prompt", kHistoryExample);
    } else if (is_prompt) {
      ReadShowing(members, entry, &out);
    } else {
      ReadTimes(members, entry, &all, &out);
    }
    history.push_back(std::move(out));
  }
  return history;
}

void Remember(const std::vector<HistoryEntry>& history, const std::vector<const ruleset::Ruleset*>& rules,
              Duration utc_offset, const behavior::Session& session, behavior::Behavior* behavior,
              prompts::Showings* showings) {
  for (std::size_t i = 0; i < history.size(); ++i) {
    const HistoryEntry& entry = history[i];
    if (entry.prompt.empty()) {
      RememberEvent(entry, rules, utc_offset, session, behavior);
      continue;
    }
    prompts::Step step;
    step.campaign = entry.prompt;
    step.prompt = "history " + std::to_string(i + 1);
    step.when = entry.at;
    step.snooze = entry.snooze;
    showings->Fold(step);
    if (entry.what != prompts::What::kFailure) {
      step.what = prompts::What::kImpression;
      showings->Fold(step);
    }
    step.what = entry.what;
    showings->Fold(step);
  }
}

}  // namespace guidon::tools
