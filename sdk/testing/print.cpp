#include "guidon/testing/print.h"

#include <utility>

#include "sdk/core/base/json_writer.h"
#include "sdk/testing/event_line.h"

namespace guidon::testing {

const Value* PropertyOf(const EventRecord& record, std::string_view name) {
  for (const auto& [key, value] : record.properties) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::string TextOf(const EventRecord& record, std::string_view property) {
  const Value* value = PropertyOf(record, property);
  const std::string* text = value == nullptr ? nullptr : value->AsString();
  return text == nullptr ? std::string() : *text;
}

std::string EventLine(const EventRecord& record) {
  std::string line = record.name;
  if (record.kind == EventKind::kExposure || record.kind == EventKind::kHoldoutExposure) line += " " + record.variant;
  if (record.kind == EventKind::kPrompt) {
    line += " " + TextOf(record, "what");
    for (const char* more : {"button", "cause", "question", "text"}) {
      const std::string text = TextOf(record, more);
      if (!text.empty()) line += " " + text;
    }
    if (const Value* answer = PropertyOf(record, "answer")) line += " " + json::ToText(*answer);
    if (record.variant != "prompt") line += " (" + record.variant + ")";
  }
  if (record.kind == EventKind::kTracked) {
    Object members;
    for (const auto& [name, value] : record.properties) members.push_back({name, value});
    if (record.value) line += " " + json::ToText(Value(*record.value));
    if (!members.empty()) line += " " + json::ToText(Value(std::move(members)));
  }
  return record.forced ? line + " (forced)" : line;
}

}  // namespace guidon::testing

namespace guidon {

std::ostream& operator<<(std::ostream& out, const Value& value) { return out << json::ToText(value); }
std::ostream& operator<<(std::ostream& out, Reason reason) { return out << ReasonName(reason); }
std::ostream& operator<<(std::ostream& out, StatusCode code) { return out << StatusCodeName(code); }
std::ostream& operator<<(std::ostream& out, const Status& status) {
  out << status.code();
  return status.message().empty() ? out : out << ": " << status.message();
}
std::ostream& operator<<(std::ostream& out, const EventRecord& record) { return out << testing::EventLine(record); }

}  // namespace guidon
