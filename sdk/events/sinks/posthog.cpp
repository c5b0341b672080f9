#include "sdk/events/sinks/posthog.h"

#include "guidon/version.h"
#include "sdk/events/sinks/plain.h"

namespace guidon::events::posthog {
namespace {

std::string_view EventName(const Fact& fact) {
  switch (fact.kind) {
    case EventKind::kExposure: return "$feature_flag_called";
    case EventKind::kHoldoutExposure: return "guidon_holdout_exposure";
    case EventKind::kPrompt: return "guidon_prompt";
    case EventKind::kLossReport: return "guidon_loss_report";
    case EventKind::kDeletionRequest: return "guidon_deletion_request";
    case EventKind::kEvaluationSummary: return "guidon_evaluation_summary";
    case EventKind::kTracked: break;
  }
  return fact.name;
}

void WriteOurs(const Resource& resource, const Event& event, plain::Members* members) {
  const Fact& fact = event.fact;
  members->Text("$lib", "guidon-cpp");
  members->Text("$lib_version", GUIDON_VERSION);
  members->Text("$app_name", resource.app_name);
  members->Text("$app_version", resource.app_version);
  members->Text("$os", resource.os_name);
  members->Text("$device_id", plain::UnitId(fact, "device"));
  // Nobody is logged in: no person is made of it.
  if (plain::UnitId(fact, "account").empty()) members->Any("$process_person_profile", Value(false));
  switch (fact.kind) {
    case EventKind::kExposure:
      members->Text("$feature_flag", fact.flag);
      members->Text("$feature_flag_response", fact.variant);
      members->Text("$feature/" + fact.flag, fact.variant);
      members->Text("guidon_experiment", fact.name);
      break;
    case EventKind::kHoldoutExposure:
      members->Text("guidon_holdout", fact.name);
      members->Text("guidon_variant", fact.variant);
      members->Text("guidon_flag", fact.flag);
      break;
    case EventKind::kPrompt:
      members->Text("guidon_campaign", fact.name);
      members->Text("guidon_variant", fact.variant);
      break;
    case EventKind::kTracked:
      if (fact.value) members->Any("value", Value(*fact.value));
      break;
    case EventKind::kLossReport:
    case EventKind::kDeletionRequest:
    case EventKind::kEvaluationSummary: break;
  }
  plain::WriteDetails(event, "guidon_", members);
  members->Text("guidon_install_id", resource.install_id);
  for (const Context::UnitId& unit : fact.units) members->Text("guidon_unit_" + unit.kind, unit.id);
  for (const auto& [name, value] : fact.attributes) members->Any("guidon_context_" + name, value);
}

}  // namespace

void WriteHead(const Resource& resource, std::string* out) {
  json::Writer json(out);
  json.BeginObject().Key("api_key").String(resource.key).Key("batch").BeginArray();
}

void WriteRecord(const Resource& resource, const Event& event, std::string* out) {
  json::Writer json(out);
  const Fact& fact = event.fact;
  std::string_view person = plain::UnitId(fact, "account");
  if (person.empty()) person = plain::UnitId(fact, "device");
  if (person.empty()) person = resource.install_id;
  json.BeginObject().Key("event").String(EventName(fact)).Key("distinct_id").String(person);
  json.Key("uuid").String(IdText(event.id)).Key("timestamp").String(plain::TimeText(fact.wall));
  json.Key("properties").BeginObject();
  plain::Members members(&json);
  WriteOurs(resource, event, &members);
  members.Add(fact.properties);
  json.End().End();
}

}  // namespace guidon::events::posthog
