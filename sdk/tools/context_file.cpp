#include "sdk/tools/context_file.h"

#include <string>
#include <vector>

#include "sdk/core/base/text.h"
#include "sdk/tools/members.h"
#include "sdk/tools/problems.h"

namespace guidon::tools {
namespace {

constexpr const char* kExample = "{ \"units\": { … }, \"attributes\": { … } }";

void ReadUnits(const Members& members, const Located& units, Context* out) {
  if (!members.Want(units, json::Type::kObject, "{ \"device\": \"d-1\" }")) return;
  for (const Located& unit : units.items) {
    if (unit.is(json::Type::kInt)) {
      out->Unit(unit.name, *unit.value.AsInt());
    } else if (members.Want(unit, json::Type::kString, "the unit's id in quotes")) {
      out->Unit(unit.name, std::string(unit.Text()));
    }
  }
}

std::optional<prompts::TriggerEvent> ReadEvent(const Members& members, const Located& event) {
  constexpr const char* kEvent = "{ \"name\": \"message_sent\", \"properties\": { \"chars\": 1812 } }";
  if (!members.Want(event, json::Type::kObject, kEvent)) return std::nullopt;
  members.CheckKnown(event, {"name", "properties"}, "an event");
  prompts::TriggerEvent out;
  if (event.Find("name") == nullptr) {
    members.problems().Add(
        {Severity::kError, "no-name", event.pointer, event.offset, "the event has no name", kEvent, ""});
  }
  out.name = members.Text(event, "name").value_or("");
  const Located* properties = event.Find("properties");
  if (properties != nullptr && members.Want(*properties, json::Type::kObject, "{ \"chars\": 1812 }")) {
    for (const Located& property : properties->items) out.properties.emplace_back(property.name, property.ToValue());
  }
  return out;
}

// As RFC 3339 writes it: the text of a time says whether it is one.
std::optional<Duration> ReadOffset(const Members& members, const Located& root) {
  const std::optional<std::string> offset = members.Text(root, "utc_offset");
  if (!offset) return std::nullopt;
  const std::optional<Timestamp> at = text::ParseTimestamp("2026-01-02T00:00:00" + *offset);
  if (at) return *text::ParseTimestamp("2026-01-02") - *at;
  members.problems().Error("bad-offset", *root.Find("utc_offset"), "\"" + *offset + "\" is no offset from UTC",
                           "write \"+01:00\"");
  return std::nullopt;
}

}  // namespace

Result<ContextFile> ReadContextFile(std::string_view text) {
  Located root;
  std::vector<JsonFault> faults;
  Problems problems;
  ReadLocated(text, &root, &faults, kExample);
  problems.AddFaults(faults);
  ContextFile out;
  const Members members(text, &problems);
  if (faults.empty() && members.Want(root, json::Type::kObject, kExample)) {
    members.CheckKnown(root, {"units", "attributes", "now", "utc_offset", "history", "session_began", "event"},
                       "a context");
    if (const Located* units = root.Find("units")) ReadUnits(members, *units, &out.context);
    const Located* attributes = root.Find("attributes");
    if (attributes != nullptr && members.Want(*attributes, json::Type::kObject, "{ \"plan\": \"pro\" }")) {
      for (const Located& attribute : attributes->items) out.context.Set(attribute.name, attribute.ToValue());
    }
    out.now = members.Date(root, "now");
    out.utc_offset = ReadOffset(members, root).value_or(Duration(0));
    if (const Located* history = root.Find("history")) out.history = ReadHistory(members, *history);
    if (const auto began = members.Date(root, "session_began")) out.session = {1, *began};
    if (const Located* event = root.Find("event")) out.event = ReadEvent(members, *event);
  }
  if (!problems.has_errors()) return out;
  problems.Sort();
  const Problem& first = problems.all()[0];
  const LineColumn place = PlaceOf(text, first.offset);
  return Status(StatusCode::kInvalidArgument, "line " + std::to_string(place.line) + ", column " +
                                                  std::to_string(place.column) +
                                                  (first.pointer.empty() ? "" : " (" + first.pointer + ")") + ": " +
                                                  first.reason + (first.advice.empty() ? "" : ": " + first.advice));
}

Status CheckSession(const ContextFile& file, Timestamp now) {
  if (file.session.number == 0 || file.session.began <= now) return Status();
  return Status(StatusCode::kInvalidArgument, "/session_began: " + text::FormatTimestamp(file.session.began) +
                                                  " is after now, which is " + text::FormatTimestamp(now));
}

Result<Context> ReadContext(std::string_view text) {
  Result<ContextFile> file = ReadContextFile(text);
  if (!file.ok()) return file.status();
  return std::move(file->context);
}

}  // namespace guidon::tools
