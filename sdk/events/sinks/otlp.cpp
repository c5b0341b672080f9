#include "sdk/events/sinks/otlp.h"

#include <charconv>
#include <cstdint>
#include <string_view>

#include "guidon/version.h"
#include "sdk/core/base/json_writer.h"

namespace guidon::events::otlp {
namespace {

constexpr int kValueDepth = 16;

std::string_view EventName(EventKind kind) {
  switch (kind) {
    case EventKind::kExposure:
    case EventKind::kHoldoutExposure: return "feature_flag.evaluation";
    case EventKind::kTracked: return "guidon.event";
    case EventKind::kPrompt: return "guidon.prompt";
    case EventKind::kLossReport: return "guidon.loss_report";
    case EventKind::kDeletionRequest: return "guidon.deletion_request";
    case EventKind::kEvaluationSummary: return "guidon.evaluation_summary";
  }
  return "guidon.event";
}

// OTLP's AnyValue. Its integers are strings in JSON.
void WriteAny(const Value& value, int depth, json::Writer* json) {
  json->BeginObject();
  switch (value.type()) {
    case Value::Type::kNull: break;
    case Value::Type::kBool: json->Key("boolValue").Bool(*value.AsBool()); break;
    case Value::Type::kInt: json->Key("intValue").String(std::to_string(*value.AsInt())); break;
    case Value::Type::kDouble: json->Key("doubleValue").Double(*value.AsDouble()); break;
    case Value::Type::kString: json->Key("stringValue").String(*value.AsString()); break;
    case Value::Type::kList:
      json->Key("arrayValue").BeginObject().Key("values").BeginArray();
      if (depth > 0) {
        for (const Value& item : *value.AsList()) WriteAny(item, depth - 1, json);
      }
      json->End().End();
      break;
    case Value::Type::kObject:
      json->Key("kvlistValue").BeginObject().Key("values").BeginArray();
      if (depth > 0) {
        for (const Member& member : *value.AsObject()) {
          json->BeginObject().Key("key").String(member.name).Key("value");
          WriteAny(member.value, depth - 1, json);
          json->End();
        }
      }
      json->End().End();
      break;
  }
  json->End();
}

class Attributes {
 public:
  explicit Attributes(json::Writer* json) : json_(json) { json_->Key("attributes").BeginArray(); }
  ~Attributes() { json_->End(); }
  Attributes(const Attributes&) = delete;  // ends the array once
  Attributes& operator=(const Attributes&) = delete;

  void Text(std::string_view key, std::string_view value) {
    Begin(key);
    json_->BeginObject().Key("stringValue").String(value).End().End();
  }
  void TextIfAny(std::string_view key, std::string_view value) {
    if (!value.empty()) Text(key, value);
  }
  void Int(std::string_view key, std::uint64_t value) {
    Begin(key);
    json_->BeginObject().Key("intValue").String(std::to_string(value)).End().End();
  }
  void Any(std::string_view key, const Value& value) {
    Begin(key);
    WriteAny(value, kValueDepth, json_);
    json_->End();
  }

 private:
  void Begin(std::string_view key) { json_->BeginObject().Key("key").String(key).Key("value"); }
  json::Writer* json_;
};

void WriteExposure(const Event& event, Attributes* attributes) {
  const Fact& fact = event.fact;
  attributes->TextIfAny("feature_flag.key", fact.flag);
  attributes->Text("feature_flag.result.variant", fact.variant);
  attributes->Text("feature_flag.result.reason", "split");
  attributes->Text("feature_flag.provider.name", "guidon");
  attributes->Text("feature_flag.context.id", fact.unit_id);
  attributes->Text("feature_flag.set.id", fact.datafile_set);
  attributes->Text("feature_flag.version", fact.datafile_version);
  attributes->Text("guidon.unit.kind", fact.unit_kind);
  if (fact.kind == EventKind::kExposure) {
    attributes->Text("guidon.experiment.key", fact.name);
    attributes->Any("guidon.experiment.iteration", Value(fact.iteration));
    attributes->TextIfAny("guidon.audience", fact.audience);
    if (fact.sticky) attributes->Any("guidon.sticky", Value(true));
    if (fact.first) attributes->Any("guidon.first", Value(true));
    if (fact.propensity != 0) attributes->Any("guidon.propensity", Value(PropensityOf(fact)));
    if (fact.layer_slot >= 0) attributes->Any("guidon.layer_slot", Value(fact.layer_slot));
  } else {
    attributes->Text("guidon.holdout.key", fact.name);
  }
  if (fact.slot >= 0) attributes->Any("guidon.slot", Value(fact.slot));
  if (event.repeated > 0) attributes->Int("guidon.dedup.count", event.repeated);
}

void WritePrompt(const Fact& fact, Attributes* attributes) {
  attributes->Text("guidon.campaign.key", fact.name);
  attributes->Any("guidon.campaign.iteration", Value(fact.iteration));
  attributes->Text("guidon.campaign.variant", fact.variant);
  attributes->TextIfAny("guidon.unit.kind", fact.unit_kind);
  attributes->TextIfAny("feature_flag.context.id", fact.unit_id);
  if (fact.slot >= 0) attributes->Any("guidon.slot", Value(fact.slot));
  attributes->Text("feature_flag.set.id", fact.datafile_set);
  attributes->Text("feature_flag.version", fact.datafile_version);
  if (!fact.prompt) return;
  attributes->Text("guidon.prompt.what", prompts::WhatName(fact.prompt->what));
  attributes->Text("guidon.prompt.id", fact.prompt->id);
  attributes->Int("guidon.prompt.ordinal", fact.prompt->ordinal);
  attributes->TextIfAny("guidon.prompt.button", fact.prompt->button);
  attributes->TextIfAny("guidon.prompt.cause", fact.prompt->cause);
  attributes->TextIfAny("guidon.prompt.trigger", fact.prompt->trigger);
  if (fact.prompt->visible) attributes->Any("guidon.prompt.visible_ms", Value(fact.prompt->visible->count()));
  if (fact.prompt->what != prompts::What::kAnswer) return;
  attributes->Text("guidon.prompt.question", fact.prompt->question);
  if (!fact.prompt->answer.is_null()) attributes->Any("guidon.prompt.answer", fact.prompt->answer);
  attributes->TextIfAny("guidon.prompt.text", fact.prompt->text);
  attributes->Int("guidon.prompt.number", fact.prompt->number);
}

void WriteTracked(const Fact& fact, Attributes* attributes) {
  attributes->Text("guidon.event.name", fact.name);
  if (fact.value) attributes->Any("guidon.event.value", Value(*fact.value));
  for (const auto& property : fact.properties) attributes->Any("guidon.property." + property.first, property.second);
}

}  // namespace

void WriteHead(const Resource& resource, std::string* out) {
  json::Writer json(out);
  json.BeginObject().Key("resourceLogs").BeginArray().BeginObject().Key("resource").BeginObject();
  {
    Attributes attributes(&json);
    attributes.Text("service.name", resource.app_name);
    attributes.TextIfAny("service.version", resource.app_version);
    attributes.TextIfAny("app.installation.id", resource.install_id);
    attributes.TextIfAny("os.name", resource.os_name);
    if (resource.are_units_hashed) attributes.Text("guidon.unit_form", "hmac-sha256");
    attributes.Text("telemetry.sdk.name", "guidon");
    attributes.Text("telemetry.sdk.language", "cpp");
    attributes.Text("telemetry.sdk.version", GUIDON_VERSION);
  }
  json.End().Key("scopeLogs").BeginArray().BeginObject();
  json.Key("scope").BeginObject().Key("name").String("guidon.events").Key("version").String("1").End();
  json.Key("logRecords").BeginArray();
}

void WriteRecord(const Resource&, const Event& event, std::string* out) {
  json::Writer json(out);
  const Fact& fact = event.fact;
  const std::string_view name = EventName(fact.kind);
  const std::int64_t ms = ToMs(fact.wall);
  const std::string time = ms > 0 ? std::to_string(ms) + "000000" : "0";
  json.BeginObject().Key("timeUnixNano").String(time);
  json.Key("severityNumber").Int(9).Key("eventName").String(name);
  {
    Attributes attributes(&json);
    attributes.Text("event.name", name);
    attributes.Text("log.record.uid", IdText(event.id));
    if (event.sequence > 0) attributes.Int("guidon.seq", event.sequence);
    for (const Context::UnitId& unit : fact.units) attributes.Text("guidon.unit." + unit.kind, unit.id);
    for (const auto& entry : fact.attributes) attributes.Any("guidon.context." + entry.first, entry.second);
    if (event.is_clock_suspect) attributes.Any("guidon.clock_suspect", Value(true));
    if (fact.forced) attributes.Any("guidon.forced", Value(true));
    if (fact.forced) attributes.TextIfAny("guidon.forced_by", fact.forced_by);
    if (fact.forced) attributes.TextIfAny("guidon.overrides", fact.overrides);
    if (fact.natural_variant) attributes.Text("guidon.natural_variant", *fact.natural_variant);
    attributes.TextIfAny("session.id", fact.session);
    if (IsExposure(fact.kind)) WriteExposure(event, &attributes);
    if (fact.kind == EventKind::kTracked) WriteTracked(fact, &attributes);
    if (fact.kind == EventKind::kPrompt) WritePrompt(fact, &attributes);
    if (fact.kind == EventKind::kEvaluationSummary) {
      for (const auto& entry : fact.properties) attributes.Any("guidon." + entry.first, entry.second);
    }
    if (fact.kind == EventKind::kLossReport) {
      for (const auto& entry : fact.properties) attributes.Any("guidon.lost." + entry.first, entry.second);
    }
  }
  json.End();
}

std::uint64_t Rejected(json::Node answer) {
  const json::Node count = answer["partialSuccess"]["rejectedLogRecords"];
  std::int64_t rejected = 0;
  if (const auto number = count.AsInt()) {
    rejected = *number;
  } else if (const auto text = count.AsString()) {
    std::from_chars(text->data(), text->data() + text->size(), rejected);
  }
  return rejected > 0 ? static_cast<std::uint64_t>(rejected) : 0;
}

}  // namespace guidon::events::otlp
