#include "sdk/events/sinks/ndjson.h"

#include <algorithm>

#include "guidon/version.h"
#include "sdk/events/sinks/plain.h"

namespace guidon::events::ndjson {
namespace {

void WriteObject(std::string_view name, const std::vector<std::pair<std::string, Value>>& entries, json::Writer* json) {
  if (entries.empty()) return;
  json->Key(name).BeginObject();
  plain::Members(json).Add(entries);
  json->End();
}

}  // namespace

void WriteLine(const Resource& resource, const Event& event, std::string* out) {
  const Fact& fact = event.fact;
  json::Writer json(out);
  json.BeginObject();
  plain::Members members(&json);
  members.Text("id", IdText(event.id));
  members.Number("ts", std::max<std::int64_t>(ToMs(fact.wall), 0));
  members.Text("type", plain::KindName(fact.kind));
  switch (fact.kind) {
    case EventKind::kExposure: members.Text("experiment", fact.name); break;
    case EventKind::kHoldoutExposure: members.Text("holdout", fact.name); break;
    case EventKind::kPrompt: members.Text("campaign", fact.name); break;
    case EventKind::kTracked: members.Text("event", fact.name); break;
    case EventKind::kLossReport:
    case EventKind::kDeletionRequest:
    case EventKind::kEvaluationSummary: break;
  }
  members.Text("flag", fact.flag);
  members.Text("variant", fact.variant);
  if (fact.value) members.Any("value", Value(*fact.value));
  plain::WriteDetails(event, "", &members);
  members.Text("app", resource.app_name);
  members.Text("app_version", resource.app_version);
  members.Text("os", resource.os_name);
  members.Text("sdk", "guidon-cpp/" GUIDON_VERSION);
  members.Text("install", resource.install_id);
  if (!fact.units.empty()) {
    json.Key("units").BeginObject();
    plain::Members units(&json);
    for (const Context::UnitId& unit : fact.units) units.Text(unit.kind, unit.id);
    json.End();
  }
  WriteObject("context", fact.attributes, &json);
  if (fact.kind == EventKind::kEvaluationSummary) {
    for (const auto& [name, value] : fact.properties) members.Any(name, value);
  } else {
    WriteObject(fact.kind == EventKind::kLossReport ? "lost" : "properties", fact.properties, &json);
  }
  json.End();
  out->push_back('\n');
}

}  // namespace guidon::events::ndjson
