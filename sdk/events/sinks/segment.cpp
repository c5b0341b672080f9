#include "sdk/events/sinks/segment.h"

#include "guidon/version.h"
#include "sdk/events/sinks/plain.h"

namespace guidon::events::segment {
namespace {

std::string_view EventName(const Fact& fact) {
  switch (fact.kind) {
    case EventKind::kExposure: return "Experiment Viewed";
    case EventKind::kHoldoutExposure: return "Holdout Viewed";
    case EventKind::kPrompt: return "Guidon Prompt";
    case EventKind::kLossReport: return "Guidon Loss Report";
    case EventKind::kDeletionRequest: return "Guidon Deletion Request";
    case EventKind::kEvaluationSummary: return "Guidon Evaluation Summary";
    case EventKind::kTracked: break;
  }
  return fact.name;
}

void WriteProperties(const Fact& fact, json::Writer* json) {
  json->Key("properties").BeginObject();
  plain::Members members(json);
  switch (fact.kind) {
    case EventKind::kExposure:
      members.Text("experiment_id", fact.name);
      members.Text("experiment_name", fact.name);
      members.Text("variation_id", fact.variant);
      members.Text("variation_name", fact.variant);
      members.Text("flag_key", fact.flag);
      break;
    case EventKind::kHoldoutExposure:
      members.Text("holdout_id", fact.name);
      members.Text("variation_id", fact.variant);
      members.Text("flag_key", fact.flag);
      break;
    case EventKind::kPrompt:
      members.Text("campaign_id", fact.name);
      members.Text("variation_id", fact.variant);
      if (fact.prompt) members.Text("what", prompts::WhatName(fact.prompt->what));
      break;
    case EventKind::kTracked:
      if (fact.value) members.Any("value", Value(*fact.value));
      break;
    case EventKind::kLossReport:
    case EventKind::kDeletionRequest:
    case EventKind::kEvaluationSummary: break;
  }
  members.Add(fact.properties);
  json->End();
}

// Ours stands apart from the app's properties.
void WriteContext(const Resource& resource, const Event& event, json::Writer* json) {
  const Fact& fact = event.fact;
  json->Key("context").BeginObject();
  json->Key("app").BeginObject().Key("name").String(resource.app_name);
  if (!resource.app_version.empty()) json->Key("version").String(resource.app_version);
  json->End();
  json->Key("library").BeginObject().Key("name").String("guidon-cpp").Key("version").String(GUIDON_VERSION).End();
  if (!resource.os_name.empty()) json->Key("os").BeginObject().Key("name").String(resource.os_name).End();
  if (!fact.attributes.empty()) {
    json->Key("traits").BeginObject();
    plain::Members(json).Add(fact.attributes);
    json->End();
  }
  json->Key("guidon").BeginObject();
  plain::Members ours(json);
  ours.Text("kind", plain::KindName(fact.kind));
  ours.Text("install_id", resource.install_id);
  plain::WriteDetails(event, "", &ours);
  if (!fact.units.empty()) {
    json->Key("units").BeginObject();
    plain::Members units(json);
    for (const Context::UnitId& unit : fact.units) units.Text(unit.kind, unit.id);
    json->End();
  }
  json->End().End();
}

}  // namespace

void WriteHead(const Resource&, std::string* out) { out->append("{\"batch\":["); }

void WriteRecord(const Resource& resource, const Event& event, std::string* out) {
  json::Writer json(out);
  const Fact& fact = event.fact;
  const std::string_view account = plain::UnitId(fact, "account");
  const std::string_view device = plain::UnitId(fact, "device");
  json.BeginObject().Key("type").String("track").Key("event").String(EventName(fact));
  if (!account.empty()) json.Key("userId").String(account);
  json.Key("anonymousId").String(device.empty() ? std::string_view(resource.install_id) : device);
  json.Key("messageId").String(IdText(event.id)).Key("timestamp").String(plain::TimeText(fact.wall));
  WriteProperties(fact, &json);
  WriteContext(resource, event, &json);
  json.End();
}

}  // namespace guidon::events::segment
