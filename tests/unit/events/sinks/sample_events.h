// Events of every kind, with all that may be in them and with as little as may be.
#pragma once

#include <string>
#include <vector>

#include "sdk/events/sinks/sink.h"

namespace guidon::events::test {

inline Resource SampleResource() {
  return {"notes", "4.2.0", "0198f3a2-7c11-7000-8000-000000000001", "phc_key", false, "Linux"};
}

// In order: tracked, exposure, holdout, prompt and loss report, all full, then all bare.
inline std::vector<Event> SampleEvents() {
  std::vector<Event> events;
  for (const bool is_full : {true, false}) {
    for (const EventKind kind : {EventKind::kTracked, EventKind::kExposure, EventKind::kHoldoutExposure,
                                 EventKind::kPrompt, EventKind::kLossReport}) {
      Event event;
      Fact& fact = event.fact;
      event.id = HashId("event " + std::to_string(events.size()));
      fact.kind = kind;
      fact.name = kind == EventKind::kTracked ? "file_shared" : "attach-button";
      fact.wall = TimestampFromMs(is_full ? 1'787'400'000'123 : 0);
      if (kind == EventKind::kLossReport) fact.properties = {{"expired", 7}, {"outbox_full", 2}};
      if (HasUnit(kind)) {
        fact.variant = "labelled";
        fact.iteration = 2;
        fact.datafile_set = "notes/production";
        fact.datafile_version = "1.1187";
      }
      if (IsExposure(kind)) fact.flag = "composer";
      if (kind == EventKind::kPrompt) {
        fact.prompt = FactPrompt();
        fact.prompt->what = prompts::What::kAction;
        fact.prompt->id = "7c3f6f5e-0000-8000-8000-000000000001";
        fact.prompt->ordinal = 3;
      }
      if (is_full && kind != EventKind::kLossReport) {
        event.sequence = 812;
        event.repeated = 37;
        fact.session = "session-1";
        fact.units = {{"device", "d \"1\""}, {"account", "u-42"}, {"team", "Köln\n"}};
        fact.attributes = {
            {"plan", "pro"}, {"seats", 12}, {"teams", List{"a", 2}}, {"where", Object{{"city", "Köln"}}}};
        fact.unit_kind = "account";
        fact.unit_id = "u-42";
        fact.layer_slot = 4;
        fact.slot = 999'999;
        fact.audience = "vips";
        fact.sticky = true;
        fact.first = kind == EventKind::kExposure;
        fact.propensity = kind == EventKind::kExposure ? kCertain / 8 : 0;
        fact.forced = true;
        fact.forced_by = "api,file";
        fact.overrides = "experiment:attach-button=off";
        fact.natural_variant = "";
        if (kind == EventKind::kTracked) {
          fact.value = 49.5;
          // Names that a sink uses itself, and one twice.
          fact.properties = {{"kind", "pdf"},      {"pages", -3},     {"big", INT64_MAX}, {"ratio", 2.0},
                             {"ok", false},        {"none", Value()}, {"value", "mine"},  {"kind", "again"},
                             {"$lib", "not ours"}, {"guidon_seq", 5}};
        }
        if (fact.prompt) {
          fact.prompt->button = "b1";
          fact.prompt->cause = "timeout";
          fact.prompt->trigger = "message_sent";
          fact.prompt->visible = Duration(1812);
        }
      }
      events.push_back(std::move(event));
    }
  }
  return events;
}

}  // namespace guidon::events::test
