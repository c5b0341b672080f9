// Segment, PostHog and NDJSON against the shapes that docs/formats/events.md documents; and what holds for every sink.
#include <doctest/doctest.h>

#include "guidon/version.h"
#include "tests/unit/events/sinks/sample_events.h"
#include "tests/unit/events/sinks/shape.h"

namespace guidon::events::test {
namespace {

const std::vector<std::string> kNothing;

std::vector<Field> Details(const std::vector<Field>& more, bool is_flat) {
  std::vector<Field> fields = {{"seq", Kind::kWhole, ""},         {"session", Kind::kText, ""},
                               {"forced", Kind::kBool, ""},       {"forced_by", Kind::kText, ""},
                               {"overrides", Kind::kText, ""},    {"natural_variant", Kind::kText, ""},
                               {"unit_kind", Kind::kText, ""},    {"unit_id", Kind::kText, ""},
                               {"datafile_set", Kind::kText, ""}, {"iteration", Kind::kWhole, ""},
                               {"layer_slot", Kind::kWhole, ""},  {"slot", Kind::kWhole, ""},
                               {"audience", Kind::kText, ""},     {"sticky", Kind::kBool, ""},
                               {"dedup_count", Kind::kWhole, ""}, {"what", Kind::kText, ""},
                               {"prompt", Kind::kUuid, ""},       {"ordinal", Kind::kWhole, ""},
                               {"button", Kind::kText, ""},       {"cause", Kind::kText, ""},
                               {"trigger", Kind::kText, ""},      {"datafile_version", Kind::kText, ""},
                               {"first", Kind::kBool, ""},        {"propensity", Kind::kNumber, ""},
                               {"visible_ms", Kind::kWhole, ""}};
  static std::vector<std::string> names;  // of the prefixed ones; never moved once they are pointed to
  if (!is_flat) {
    names.reserve(100);
    for (Field& field : fields) field.name = names.emplace_back("guidon_" + std::string(field.name));
  }
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

const Shape& SegmentShape() {
  static const Shape shape = {
      {"request", {{"batch", Kind::kMessages, "track", true}}},
      {"track",
       {{"type", Kind::kText, "", true},
        {"event", Kind::kText, "", true},
        {"userId", Kind::kText, ""},
        {"anonymousId", Kind::kText, "", true},
        {"messageId", Kind::kUuid, "", true},
        {"timestamp", Kind::kTime, "", true},
        {"properties", Kind::kScalars, "", true},
        {"context", Kind::kMessage, "context", true}}},
      {"context",
       {{"app", Kind::kMessage, "named", true},
        {"library", Kind::kMessage, "named", true},
        {"os", Kind::kMessage, "named", true},
        {"traits", Kind::kValues, ""},
        {"guidon", Kind::kMessage, "guidon", true}}},
      {"named", {{"name", Kind::kText, "", true}, {"version", Kind::kText, ""}}},
      {"guidon",
       Details({{"kind", Kind::kText, "", true}, {"install_id", Kind::kUuid, "", true}, {"units", Kind::kScalars, ""}},
               true)},
  };
  return shape;
}

const Shape& PostHogShape() {
  static const Shape shape = {
      {"request", {{"api_key", Kind::kText, "", true}, {"batch", Kind::kMessages, "event", true}}},
      {"event",
       {{"event", Kind::kText, "", true},
        {"distinct_id", Kind::kText, "", true},
        {"uuid", Kind::kUuid, "", true},
        {"timestamp", Kind::kTime, "", true},
        {"properties", Kind::kMessage, "properties", true}}},
      {"properties",
       Details({{"$feature_flag", Kind::kText, ""},
                {"$feature_flag_response", Kind::kText, ""},
                {"$feature/composer", Kind::kText, ""},
                {"$lib", Kind::kText, "", true},
                {"$lib_version", Kind::kText, "", true},
                {"$app_name", Kind::kText, "", true},
                {"$os", Kind::kText, "", true},
                {"$app_version", Kind::kText, ""},
                {"$device_id", Kind::kText, ""},
                {"$process_person_profile", Kind::kBool, ""},
                {"guidon_install_id", Kind::kUuid, "", true},
                {"guidon_experiment", Kind::kText, ""},
                {"guidon_holdout", Kind::kText, ""},
                {"guidon_campaign", Kind::kText, ""},
                {"guidon_variant", Kind::kText, ""},
                {"guidon_flag", Kind::kText, ""},
                {"guidon_unit_device", Kind::kText, ""},
                {"guidon_unit_account", Kind::kText, ""},
                {"guidon_unit_team", Kind::kText, ""},
                {"guidon_context_plan", Kind::kText, ""},
                {"guidon_context_seats", Kind::kNumber, ""},
                {"guidon_context_where", Kind::kValues, ""},
                {"value", Kind::kNumber, ""},
                {"kind", Kind::kText, ""},
                {"pages", Kind::kNumber, ""},
                {"big", Kind::kNumber, ""},
                {"ratio", Kind::kNumber, ""},
                {"ok", Kind::kBool, ""},
                {"expired", Kind::kWhole, ""},
                {"outbox_full", Kind::kWhole, ""}},
               false),
       false, "property_"},
  };
  return shape;
}

const Shape& LineShape() {
  static const Shape shape = {
      {"line", Details({{"id", Kind::kUuid, "", true},
                        {"ts", Kind::kWhole, "", true},
                        {"type", Kind::kText, "", true},
                        {"event", Kind::kText, ""},
                        {"experiment", Kind::kText, ""},
                        {"holdout", Kind::kText, ""},
                        {"campaign", Kind::kText, ""},
                        {"flag", Kind::kText, ""},
                        {"variant", Kind::kText, ""},
                        {"value", Kind::kNumber, ""},
                        {"app", Kind::kText, "", true},
                        {"app_version", Kind::kText, ""},
                        {"os", Kind::kText, "", true},
                        {"sdk", Kind::kText, "", true},
                        {"install", Kind::kUuid, "", true},
                        {"units", Kind::kScalars, ""},
                        {"context", Kind::kValues, ""},
                        {"properties", Kind::kScalars, ""},
                        {"lost", Kind::kScalars, ""}},
                       true)},
  };
  return shape;
}

std::string Encode(EventSink sink, const std::vector<Event>& events) {
  return EncodeRequest(SinkOf(sink), SampleResource(), events.data(), events.size());
}

json::Document Parse(const std::string& text) {
  json::Error error;
  auto document = json::Document::Parse(text, &error);
  REQUIRE_MESSAGE(document, error.ToText());
  return std::move(*document);
}

json::Node Item(json::Node array, std::size_t index) {
  json::Node node = array.First();
  while (index-- > 0) node = node.Next();
  return node;
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = text.find('\n', from);
    REQUIRE(end != std::string::npos);  // the last one, too
    lines.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return lines;
}

TEST_CASE("Segment's requests are batches of track calls as documented, and a change to any member is noticed") {
  const std::string request = Encode(EventSink::kSegment, SampleEvents());
  CHECK(Misfits(SegmentShape(), "request", request) == kNothing);
  // The app's own names are free.
  for (const std::string& place : Unnoticed(SegmentShape(), "request", request)) {
    CAPTURE(place);
    const bool is_apps = place.find("/properties/") != std::string::npos ||
                         place.find("/units/") != std::string::npos || place.find("/traits/") != std::string::npos;
    const bool may_lack = place.find("/userId") != std::string::npos;
    CHECK((is_apps || may_lack));
  }
}

TEST_CASE("Segment's calls say who, what and when") {
  const json::Document document = Parse(Encode(EventSink::kSegment, SampleEvents()));
  const json::Node batch = document.root()["batch"];
  REQUIRE(batch.size() == 10);
  const json::Node tracked = Item(batch, 0);
  CHECK(tracked["type"].AsString() == "track");
  CHECK(tracked["event"].AsString() == "file_shared");
  CHECK(tracked["userId"].AsString() == "u-42");
  CHECK(tracked["anonymousId"].AsString() == "d \"1\"");
  CHECK(tracked["timestamp"].AsString() == "2026-08-22T12:00:00.123Z");
  CHECK(tracked["properties"].ToText() ==
        R"({"value":49.5,"kind":"pdf","pages":-3,"big":9223372036854775807,"ratio":2.0,"ok":false,"none":null,)"
        R"("property_value":"mine","property_kind":"again","$lib":"not ours","guidon_seq":5})");
  CHECK(tracked["context"]["app"].ToText() == R"({"name":"notes","version":"4.2.0"})");
  CHECK(tracked["context"]["guidon"]["units"].ToText() == R"({"device":"d \"1\"","account":"u-42","team":"Köln\n"})");
  CHECK(tracked["context"]["os"].ToText() == R"({"name":"Linux"})");
  CHECK(Item(batch, 1)["event"].AsString() == "Experiment Viewed");
  CHECK(Item(batch, 1)["context"]["guidon"]["first"].AsBool() == true);
  CHECK(Item(batch, 1)["context"]["guidon"]["propensity"].AsNumber() == 0.125);
  CHECK_FALSE(Item(batch, 6)["context"]["guidon"]["first"].exists());
  CHECK_FALSE(Item(batch, 6)["context"]["guidon"]["propensity"].exists());
  CHECK(Item(batch, 1)["properties"].ToText() ==
        R"({"experiment_id":"attach-button","experiment_name":"attach-button","variation_id":"labelled",)"
        R"("variation_name":"labelled","flag_key":"composer"})");
  CHECK(Item(batch, 2)["event"].AsString() == "Holdout Viewed");
  CHECK(Item(batch, 3)["properties"].ToText() ==
        R"({"campaign_id":"attach-button","variation_id":"labelled","what":"action"})");
  CHECK(Item(batch, 3)["context"]["guidon"]["visible_ms"].AsInt() == 1812);
  CHECK(Item(batch, 4)["properties"].ToText() == R"({"expired":7,"outbox_full":2})");
  const json::Node bare = Item(batch, 5);
  CHECK_FALSE(bare["userId"].exists());
  CHECK(bare["anonymousId"].AsString() == SampleResource().install_id);
  CHECK(bare["timestamp"].AsString() == "1970-01-01T00:00:00Z");
}

TEST_CASE("PostHog's requests are batches as documented; exposures are what its experiments count") {
  const std::vector<Event> events = SampleEvents();
  const json::Document document = Parse(Encode(EventSink::kPostHog, events));
  const json::Node root = document.root();
  CHECK(root["api_key"].AsString() == "phc_key");
  // The sample's own odd names apart.
  for (const std::string& problem : Misfits(PostHogShape(), "request", root)) {
    CAPTURE(problem);
    const bool is_apps = problem.find("/none is not known") != std::string::npos ||
                         problem.find("/guidon_context_teams is not known") != std::string::npos;
    CHECK(is_apps);
  }
  const json::Node batch = root["batch"];
  const json::Node tracked = Item(batch, 0);
  CHECK(tracked["event"].AsString() == "file_shared");
  CHECK(tracked["distinct_id"].AsString() == "u-42");
  CHECK(tracked["properties"]["value"].AsNumber() == 49.5);
  CHECK(tracked["properties"]["property_value"].AsString() == "mine");
  CHECK(tracked["properties"]["$lib"].AsString() == "guidon-cpp");
  CHECK(tracked["properties"]["property_$lib"].AsString() == "not ours");
  CHECK(tracked["properties"]["guidon_seq"].AsInt() == 812);
  CHECK_FALSE(tracked["properties"]["$process_person_profile"].exists());
  const json::Node exposure = Item(batch, 1);
  CHECK(exposure["event"].AsString() == "$feature_flag_called");
  CHECK(exposure["properties"]["$feature_flag"].AsString() == "composer");
  CHECK(exposure["properties"]["$feature_flag_response"].AsString() == "labelled");
  CHECK(exposure["properties"]["$feature/composer"].AsString() == "labelled");
  CHECK(exposure["properties"]["guidon_experiment"].AsString() == "attach-button");
  CHECK(exposure["properties"]["guidon_first"].AsBool() == true);
  CHECK(exposure["properties"]["guidon_propensity"].AsNumber() == 0.125);
  CHECK(exposure["properties"]["$os"].AsString() == "Linux");
  CHECK(Item(batch, 2)["properties"]["guidon_holdout"].AsString() == "attach-button");
  CHECK(Item(batch, 3)["properties"]["guidon_what"].AsString() == "action");
  CHECK(Item(batch, 3)["properties"]["guidon_visible_ms"].AsInt() == 1812);
  CHECK(Item(batch, 4)["properties"]["expired"].AsInt() == 7);
  const json::Node bare = Item(batch, 5);
  CHECK(bare["distinct_id"].AsString() == SampleResource().install_id);
  CHECK(bare["properties"]["$process_person_profile"].AsBool() == false);
}

TEST_CASE("NDJSON is one whole object a line, as documented, and a change to any member is noticed") {
  const std::vector<Event> events = SampleEvents();
  const std::vector<std::string> lines = Lines(Encode(EventSink::kNdjson, events));
  REQUIRE(lines.size() == events.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CAPTURE(lines[i]);
    CHECK(Misfits(LineShape(), "line", lines[i]) == kNothing);
    for (const std::string& place : Unnoticed(LineShape(), "line", lines[i])) {
      CAPTURE(place);
      const bool is_apps = place.find("/properties/") == 0 || place.find("/units/") == 0 ||
                           place.find("/context/") == 0 || place.find("/lost/") == 0;
      CHECK(is_apps);
    }
    CHECK(Parse(lines[i]).root()["id"].AsString() == IdText(events[i].id));
  }
  const json::Document tracked = Parse(lines[0]);
  CHECK(tracked.root()["ts"].AsInt() == 1'787'400'000'123);
  CHECK(tracked.root()["properties"]["value"].AsString() == "mine");
  CHECK(tracked.root()["value"].AsNumber() == 49.5);
  CHECK(Parse(lines[1]).root()["experiment"].AsString() == "attach-button");
  CHECK(Parse(lines[1]).root()["first"].AsBool() == true);
  CHECK(Parse(lines[1]).root()["propensity"].AsNumber() == 0.125);
  CHECK(tracked.root()["os"].AsString() == "Linux");
  CHECK(tracked.root()["sdk"].AsString() == "guidon-cpp/" GUIDON_VERSION);
  CHECK(Parse(lines[2]).root()["holdout"].AsString() == "attach-button");
  CHECK(Parse(lines[3]).root()["campaign"].AsString() == "attach-button");
  CHECK(Parse(lines[3]).root()["visible_ms"].AsInt() == 1812);
  CHECK(Parse(lines[4]).root()["lost"].ToText() == R"({"expired":7,"outbox_full":2})");
}

TEST_CASE("every sink: the same events are the same bytes, and their size is known before") {
  for (const EventSink kind : {EventSink::kOtlp, EventSink::kSegment, EventSink::kPostHog, EventSink::kNdjson}) {
    const Sink& sink = SinkOf(kind);
    CAPTURE(std::string(sink.name));
    const std::vector<Event> events = SampleEvents();
    const std::string request = Encode(kind, events);
    CHECK(Encode(kind, events) == request);
    std::size_t sum = 0;
    Records records(sink);
    for (const Event& event : events) sum += records.Add(SampleResource(), event);
    CHECK(request.size() + 1 >= sum);
    CHECK(request.size() <= sum + sink.envelope_bytes);
    for (const Event& event : events) CHECK(request.find(IdText(event.id)) != std::string::npos);
  }
}

TEST_CASE("every sink: a request of some of a batch's records is the request of those events") {
  const std::vector<Event> events = SampleEvents();
  for (const EventSink kind : {EventSink::kOtlp, EventSink::kSegment, EventSink::kPostHog, EventSink::kNdjson}) {
    const Sink& sink = SinkOf(kind);
    CAPTURE(std::string(sink.name));
    Records records(sink);
    for (const Event& event : events) (void)records.Add(SampleResource(), event);
    for (std::size_t from = 0; from < events.size(); ++from) {
      for (std::size_t to = from + 1; to <= events.size(); ++to) {
        const std::string expected = EncodeRequest(sink, SampleResource(), &events[from], to - from);
        CHECK(records.ToRequest(SampleResource(), from, to) == expected);
      }
    }
    records.Keep(2);
    CHECK(records.count() == 2);
    CHECK(records.Add(SampleResource(), events[2]) == records.BytesOf(2));
    CHECK(records.ToRequest(SampleResource(), 0, 3) == EncodeRequest(sink, SampleResource(), events.data(), 3));
  }
}

TEST_CASE("every sink: an evaluation summary lists what was evaluated, and is about nobody but the installation") {
  Event event;
  event.id = HashId("summary");
  event.fact.kind = EventKind::kEvaluationSummary;
  event.fact.name = "guidon.evaluation_summary";
  event.fact.properties.emplace_back(
      "evaluations", List{Object{{"flag", "composer"}, {"reason", "experiment"}, {"variant", "labelled"}},
                          Object{{"flag", "gone"}, {"reason", "flag_not_found"}}});
  const std::string plain = R"("evaluations":[{"flag":"composer","reason":"experiment","variant":"labelled"},)"
                            R"({"flag":"gone","reason":"flag_not_found"}])";
  const std::string otlp =
      R"({"key":"guidon.evaluations","value":{"arrayValue":{"values":[{"kvlistValue":{"values":[)"
      R"({"key":"flag","value":{"stringValue":"composer"}},{"key":"reason","value":{"stringValue":"experiment"}},)"
      R"({"key":"variant","value":{"stringValue":"labelled"}}]}},{"kvlistValue":{"values":[)"
      R"({"key":"flag","value":{"stringValue":"gone"}},{"key":"reason","value":{"stringValue":"flag_not_found"}}]}}]}}})";
  struct Row {
    EventSink sink;
    std::string name, evaluations;
  };
  for (const Row& row : {Row{EventSink::kOtlp, R"("eventName":"guidon.evaluation_summary")", otlp},
                         Row{EventSink::kSegment, R"("event":"Guidon Evaluation Summary")", plain},
                         Row{EventSink::kPostHog, R"("event":"guidon_evaluation_summary")", plain},
                         Row{EventSink::kNdjson, R"("type":"evaluation_summary")", plain}}) {
    CAPTURE(row.name);
    const std::string request = Encode(row.sink, {event});
    CAPTURE(request);
    CHECK(request.find(row.name) != std::string::npos);
    CHECK(request.find(row.evaluations) != std::string::npos);
    for (const char* unit : {"unit.device", "unit_device", "units", "userId"}) {
      CHECK(request.find(unit) == std::string::npos);
    }
  }
}

TEST_CASE("a collector's URL without a path gets the sink's") {
  struct Row {
    std::string given, otlp, segment;
  };
  for (const Row& row :
       {Row{"https://c.example", "https://c.example/v1/logs", "https://c.example/v1/batch"},
        Row{"https://c.example/", "https://c.example/v1/logs", "https://c.example/v1/batch"},
        Row{"https://c.example:4318", "https://c.example:4318/v1/logs", "https://c.example:4318/v1/batch"},
        Row{"https://c.example/x", "https://c.example/x", "https://c.example/x"},
        Row{"https://c.example/x/", "https://c.example/x/", "https://c.example/x/"},
        Row{"https://c.example?a=1", "https://c.example?a=1", "https://c.example?a=1"},
        Row{"nonsense", "nonsense", "nonsense"}}) {
    CAPTURE(row.given);
    CHECK(RequestUrl(row.given, SinkOf(EventSink::kOtlp)) == row.otlp);
    CHECK(RequestUrl(row.given, SinkOf(EventSink::kSegment)) == row.segment);
  }
}

}  // namespace
}  // namespace guidon::events::test
