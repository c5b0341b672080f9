// OTLP requests against the messages of opentelemetry-proto (logs, collector, common, resource) in proto3's JSON, with
// OTLP's exceptions: ids are hex, enums are numbers.
#include <doctest/doctest.h>

#include "tests/unit/events/sinks/sample_events.h"
#include "tests/unit/events/sinks/shape.h"

namespace guidon::events::test {
namespace {

const Shape& Protobuf() {
  static const Shape shape = {
      {"ExportLogsServiceRequest", {{"resourceLogs", Kind::kMessages, "ResourceLogs"}}},
      {"ResourceLogs",
       {{"resource", Kind::kMessage, "Resource"},
        {"scopeLogs", Kind::kMessages, "ScopeLogs"},
        {"schemaUrl", Kind::kText, ""}}},
      {"Resource", {{"attributes", Kind::kMessages, "KeyValue"}, {"droppedAttributesCount", Kind::kWhole, ""}}},
      {"ScopeLogs",
       {{"scope", Kind::kMessage, "InstrumentationScope"},
        {"logRecords", Kind::kMessages, "LogRecord"},
        {"schemaUrl", Kind::kText, ""}}},
      {"InstrumentationScope",
       {{"name", Kind::kText, ""},
        {"version", Kind::kText, ""},
        {"attributes", Kind::kMessages, "KeyValue"},
        {"droppedAttributesCount", Kind::kWhole, ""}}},
      {"LogRecord",
       {{"timeUnixNano", Kind::kUint64Text, ""},
        {"observedTimeUnixNano", Kind::kUint64Text, ""},
        {"severityNumber", Kind::kWhole, ""},
        {"severityText", Kind::kText, ""},
        {"body", Kind::kMessage, "AnyValue"},
        {"attributes", Kind::kMessages, "KeyValue"},
        {"droppedAttributesCount", Kind::kWhole, ""},
        {"flags", Kind::kWhole, ""},
        {"traceId", Kind::kHex, ""},
        {"spanId", Kind::kHex, ""},
        {"eventName", Kind::kText, ""}}},
      {"KeyValue", {{"key", Kind::kText, "", true}, {"value", Kind::kMessage, "AnyValue", true}}},
      {"AnyValue",
       {{"stringValue", Kind::kText, ""},
        {"boolValue", Kind::kBool, ""},
        {"intValue", Kind::kInt64Text, ""},
        {"doubleValue", Kind::kNumber, ""},
        {"arrayValue", Kind::kMessage, "ArrayValue"},
        {"kvlistValue", Kind::kMessage, "KeyValueList"},
        {"bytesValue", Kind::kBase64, ""}},
       true},
      {"ArrayValue", {{"values", Kind::kMessages, "AnyValue"}}},
      {"KeyValueList", {{"values", Kind::kMessages, "KeyValue"}}},
  };
  return shape;
}

constexpr std::string_view kRequest = "ExportLogsServiceRequest";

std::string Encoded() {
  const std::vector<Event> events = SampleEvents();
  return EncodeRequest(SinkOf(EventSink::kOtlp), SampleResource(), events.data(), events.size());
}

TEST_CASE("OTLP requests are ExportLogsServiceRequest in JSON: every member is known and of its type") {
  CHECK(Misfits(Protobuf(), kRequest, Encoded()) == std::vector<std::string>());
  for (const Event& event : SampleEvents()) {
    CHECK(Misfits(Protobuf(), kRequest, EncodeRequest(SinkOf(EventSink::kOtlp), SampleResource(), &event, 1)) ==
          std::vector<std::string>());
  }
}

TEST_CASE("what is not OTLP's JSON is found: no member can be renamed, and none be of another type") {
  CHECK(Unnoticed(Protobuf(), kRequest, Encoded()) == std::vector<std::string>());
  for (const char* wrong : {R"({"resource_logs":[]})", R"({"resourceLogs":{}})",
                            R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":1}]}]}]})",
                            R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"-1"}]}]}]})",
                            R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityNumber":"INFO"}]}]}]})",
                            R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"traceId":"xyz"}]}]}]})",
                            R"({"resourceLogs":[{"resource":{"attributes":[{"key":"a","value":{"intValue":1}}]}}]})",
                            R"({"resourceLogs":[{"resource":{"attributes":[{"key":"a","value":"b"}]}}]})",
                            R"({"resourceLogs":[{"resource":{"attributes":[{"key":"a"}]}}]})",
                            R"({"resourceLogs":[{"resource":{"attributes":[{"key":"a","value":
                                 {"intValue":"1","stringValue":"1"}}]}}]})"}) {
    CAPTURE(std::string(wrong));
    CHECK_FALSE(Misfits(Protobuf(), kRequest, wrong).empty());
  }
}

}  // namespace
}  // namespace guidon::events::test
