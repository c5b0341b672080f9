#include "sdk/events/sinks/otlp.h"

#include <doctest/doctest.h>

#include <map>

#include "guidon/version.h"
#include "sdk/core/base/json.h"

namespace guidon::events::otlp {
namespace {

// Attributes as "type:text", so that a number in the wrong clothes shows.
using Attributes = std::map<std::string, std::string>;

std::string Typed(json::Node any) {
  const json::Node value = any.First();
  if (!value.exists()) return "empty";
  const auto text = value.AsString();
  return std::string(value.name()) + ":" + (text ? std::string(*text) : value.ToText());
}

Attributes Read(json::Node array) {
  Attributes attributes;
  for (json::Node attribute : array) {
    CHECK(attribute.size() == 2);
    CHECK(attributes.emplace(*attribute["key"].AsString(), Typed(attribute["value"])).second);
  }
  return attributes;
}

json::Document Parse(const std::vector<Event>& events) {
  const std::string text =
      EncodeRequest(SinkOf(EventSink::kOtlp), {"notes", "4.2.0", "install-1", ""}, events.data(), events.size());
  json::Error error;
  auto document = json::Document::Parse(text, &error);
  REQUIRE_MESSAGE(document, error.ToText());
  return std::move(*document);
}

json::Node Records(const json::Document& document) {
  return document.root()["resourceLogs"].First()["scopeLogs"].First()["logRecords"];
}

Event Base(EventKind kind, std::string name) {
  Event event;
  event.id = {0x0198'F3A2'7C11'7ABCu, 0x8123'4567'89AB'CDEFu};
  event.sequence = 812;
  event.fact.kind = kind;
  event.fact.name = std::move(name);
  event.fact.wall = TimestampFromMs(1'787'400'000'123);
  event.fact.session = "session-1";
  event.fact.units = {{"device", "d"}, {"account", "u-42"}};
  event.fact.attributes = {
      {"plan", "pro"}, {"seats", 12}, {"teams", List{"a", 2}}, {"where", Object{{"city", "Köln"}}}};
  return event;
}

const Attributes kCommon = {
    {"log.record.uid", "stringValue:0198f3a2-7c11-7abc-8123-456789abcdef"},
    {"guidon.seq", "intValue:812"},
    {"guidon.unit.device", "stringValue:d"},
    {"guidon.unit.account", "stringValue:u-42"},
    {"guidon.context.plan", "stringValue:pro"},
    {"guidon.context.seats", "intValue:12"},
    {"guidon.context.teams", "arrayValue:{\"values\":[{\"stringValue\":\"a\"},{\"intValue\":\"2\"}]}"},
    {"guidon.context.where", "kvlistValue:{\"values\":[{\"key\":\"city\",\"value\":{\"stringValue\":\"Köln\"}}]}"},
    {"session.id", "stringValue:session-1"},
};

Attributes With(Attributes more) {
  more.insert(kCommon.begin(), kCommon.end());
  return more;
}

TEST_CASE("the resource and the scope say who speaks") {
  const json::Document document = Parse({Base(EventKind::kTracked, "a")});
  const json::Node resource = document.root()["resourceLogs"].First();
  CHECK(Read(resource["resource"]["attributes"]) ==
        Attributes{{"service.name", "stringValue:notes"},
                   {"service.version", "stringValue:4.2.0"},
                   {"app.installation.id", "stringValue:install-1"},
                   {"telemetry.sdk.name", "stringValue:guidon"},
                   {"telemetry.sdk.language", "stringValue:cpp"},
                   {"telemetry.sdk.version", "stringValue:" GUIDON_VERSION}});
  CHECK(resource["scopeLogs"].First()["scope"].ToText() == R"({"name":"guidon.events","version":"1"})");
}

TEST_CASE("the resource names the device's system where it is known") {
  const Event event = Base(EventKind::kTracked, "a");
  const std::string text =
      EncodeRequest(SinkOf(EventSink::kOtlp), {"notes", "4.2.0", "install-1", "", false, "Android"}, &event, 1);
  const std::optional<json::Document> document = json::Document::Parse(text, nullptr);
  REQUIRE(document);
  const Attributes read = Read(document->root()["resourceLogs"].First()["resource"]["attributes"]);
  CHECK(read.at("os.name") == "stringValue:Android");
}

TEST_CASE("every record carries its times, its severity and its name") {
  const json::Document document = Parse({Base(EventKind::kTracked, "a"), Base(EventKind::kExposure, "b")});
  const json::Node record = Records(document).First();
  CHECK(record["timeUnixNano"].AsString() == "1787400000123000000");
  CHECK_FALSE(record["observedTimeUnixNano"].exists());  // the same: it would cost 4 bytes an event, compressed
  CHECK(record["severityNumber"].AsInt() == 9);
  CHECK(record["eventName"].AsString() == "guidon.event");
  CHECK(record.Next()["eventName"].AsString() == "feature_flag.evaluation");
  CHECK(Records(document).size() == 2);
}

TEST_CASE("a tracked event has its name, value and properties, each of its type") {
  Event event = Base(EventKind::kTracked, "file_shared");
  event.fact.value = 49.5;
  event.fact.properties = {{"kind", "pdf"}, {"pages", -3}, {"big", INT64_MAX},
                           {"ratio", 2.0},  {"ok", false}, {"none", Value()}};
  const json::Document document = Parse({event});
  CHECK(Read(Records(document).First()["attributes"]) == With({{"event.name", "stringValue:guidon.event"},
                                                               {"guidon.event.name", "stringValue:file_shared"},
                                                               {"guidon.event.value", "doubleValue:49.5"},
                                                               {"guidon.property.kind", "stringValue:pdf"},
                                                               {"guidon.property.pages", "intValue:-3"},
                                                               {"guidon.property.big", "intValue:9223372036854775807"},
                                                               {"guidon.property.ratio", "doubleValue:2.0"},
                                                               {"guidon.property.ok", "boolValue:false"},
                                                               {"guidon.property.none", "empty"}}));
}

Event Exposure(EventKind kind, std::string name) {
  Event event = Base(kind, std::move(name));
  event.fact.flag = "composer";
  event.fact.variant = "labelled";
  event.fact.unit_kind = "account";
  event.fact.unit_id = "u-42";
  event.fact.datafile_set = "notes/production";
  event.fact.datafile_version = "1.1187";
  event.fact.iteration = 2;
  event.fact.layer_slot = 0;
  event.fact.slot = 999'999;
  return event;
}

const Attributes kExposure = {
    {"event.name", "stringValue:feature_flag.evaluation"},
    {"feature_flag.key", "stringValue:composer"},
    {"feature_flag.result.variant", "stringValue:labelled"},
    {"feature_flag.result.reason", "stringValue:split"},
    {"feature_flag.provider.name", "stringValue:guidon"},
    {"feature_flag.context.id", "stringValue:u-42"},
    {"feature_flag.set.id", "stringValue:notes/production"},
    {"feature_flag.version", "stringValue:1.1187"},
    {"guidon.unit.kind", "stringValue:account"},
};

TEST_CASE("an exposure has all attributes of the convention and ours") {
  Event event = Exposure(EventKind::kExposure, "attach-button");
  event.repeated = 37;
  event.fact.forced = true;
  const json::Document document = Parse({event});
  Attributes expected = With({{"guidon.experiment.key", "stringValue:attach-button"},
                              {"guidon.experiment.iteration", "intValue:2"},
                              {"guidon.layer_slot", "intValue:0"},
                              {"guidon.slot", "intValue:999999"},
                              {"guidon.dedup.count", "intValue:37"},
                              {"guidon.forced", "boolValue:true"}});
  expected.insert(kExposure.begin(), kExposure.end());
  CHECK(Read(Records(document).First()["attributes"]) == expected);
}

TEST_CASE("an exposure says in which audience it was, and that an enrollment served it, only where it is so") {
  struct Row {
    std::string name, audience;
    bool sticky;
  };
  for (const Row& row : {Row{"audience", "vips", false}, Row{"enrolled", "", true}, Row{"both", "vips", true}}) {
    CAPTURE(row.name);
    Event event = Exposure(EventKind::kExposure, "attach-button");
    event.fact.audience = row.audience;
    event.fact.sticky = row.sticky;
    const json::Document document = Parse({event});
    const Attributes read = Read(Records(document).First()["attributes"]);
    CHECK(read.count("guidon.audience") == (row.audience.empty() ? 0 : 1));
    if (!row.audience.empty()) CHECK(read.at("guidon.audience") == "stringValue:vips");
    CHECK(read.count("guidon.sticky") == (row.sticky ? 1 : 0));
    if (row.sticky) CHECK(read.at("guidon.sticky") == "boolValue:true");
  }
}

TEST_CASE("an exposure says that it was the unit's first, and how likely its variant was, only where that is known") {
  Event event = Exposure(EventKind::kExposure, "attach-button");
  event.fact.first = true;
  event.fact.propensity = std::uint64_t{200'000} * 333'333;
  Event again = event;
  again.fact.first = false;
  again.fact.propensity = 0;
  const json::Document document = Parse({event, again});
  const Attributes read = Read(Records(document).First()["attributes"]);
  CHECK(read.at("guidon.first") == "boolValue:true");
  CHECK(read.at("guidon.propensity") == "doubleValue:0.0666666");
  const Attributes bare = Read(Records(document).First().Next()["attributes"]);
  CHECK(bare.count("guidon.first") == 0);
  CHECK(bare.count("guidon.propensity") == 0);
}

TEST_CASE("an exposure of a holdout names the holdout and one slot") {
  const json::Document document = Parse({Exposure(EventKind::kHoldoutExposure, "2026q4")});
  Attributes expected = With({{"guidon.holdout.key", "stringValue:2026q4"}, {"guidon.slot", "intValue:999999"}});
  expected.insert(kExposure.begin(), kExposure.end());
  CHECK(Read(Records(document).First()["attributes"]) == expected);
}

TEST_CASE("a forced event says who forced it, and what it would have been, be that nothing") {
  Event event = Exposure(EventKind::kExposure, "attach-button");
  event.fact.forced = true;
  event.fact.forced_by = "api,file";
  event.fact.overrides = "experiment:attach-button=off";
  event.fact.natural_variant = "";
  const json::Document document = Parse({event});
  Attributes read = Read(Records(document).First()["attributes"]);
  CHECK(read["guidon.forced"] == "boolValue:true");
  CHECK(read["guidon.forced_by"] == "stringValue:api,file");
  CHECK(read["guidon.overrides"] == "stringValue:experiment:attach-button=off");
  CHECK(read.count("guidon.natural_variant") == 1);
  CHECK(read["guidon.natural_variant"] == "stringValue:");
}

TEST_CASE("a prompt's event says which step of which showing of which campaign it is") {
  Event event = Exposure(EventKind::kPrompt, "try-file-share");
  event.fact.variant = "prompt";
  event.fact.prompt = FactPrompt{
      prompts::What::kAction, "7c3f6f5e-0000-8000-8000-000000000001", 3, "b1", "timeout", "message_sent", Duration(0)};
  event.fact.prompt->visible = Duration(1812);
  Event bare = event;
  bare.fact.variant = "held_out";
  bare.fact.prompt = FactPrompt{prompts::What::kExposure, "p", 1, "", "", "", Duration(0)};
  bare.fact.unit_kind.clear();
  bare.fact.unit_id.clear();
  bare.fact.slot = -1;
  const json::Document document = Parse({event, bare});
  CHECK(Records(document).First()["eventName"].AsString() == "guidon.prompt");
  CHECK(Read(Records(document).First()["attributes"]) ==
        With({{"event.name", "stringValue:guidon.prompt"},
              {"guidon.prompt.what", "stringValue:action"},
              {"guidon.prompt.id", "stringValue:7c3f6f5e-0000-8000-8000-000000000001"},
              {"guidon.prompt.ordinal", "intValue:3"},
              {"guidon.prompt.button", "stringValue:b1"},
              {"guidon.prompt.cause", "stringValue:timeout"},
              {"guidon.prompt.trigger", "stringValue:message_sent"},
              {"guidon.prompt.visible_ms", "intValue:1812"},
              {"guidon.campaign.key", "stringValue:try-file-share"},
              {"guidon.campaign.iteration", "intValue:2"},
              {"guidon.campaign.variant", "stringValue:prompt"},
              {"guidon.unit.kind", "stringValue:account"},
              {"feature_flag.context.id", "stringValue:u-42"},
              {"guidon.slot", "intValue:999999"},
              {"feature_flag.set.id", "stringValue:notes/production"},
              {"feature_flag.version", "stringValue:1.1187"}}));
  CHECK(Read(Records(document).First().Next()["attributes"]) ==
        With({{"event.name", "stringValue:guidon.prompt"},
              {"guidon.prompt.what", "stringValue:exposure"},
              {"guidon.prompt.id", "stringValue:p"},
              {"guidon.prompt.ordinal", "intValue:1"},
              {"guidon.campaign.key", "stringValue:try-file-share"},
              {"guidon.campaign.iteration", "intValue:2"},
              {"guidon.campaign.variant", "stringValue:held_out"},
              {"feature_flag.set.id", "stringValue:notes/production"},
              {"feature_flag.version", "stringValue:1.1187"}}));
}

TEST_CASE("a loss report counts by cause; what has no number or session says none") {
  Event event;
  event.fact.kind = EventKind::kLossReport;
  event.fact.name = "guidon.loss_report";
  event.fact.properties = {{"expired", 7}, {"outbox_full", 2}};
  const json::Document document = Parse({event});
  CHECK(Read(Records(document).First()["attributes"]) ==
        Attributes{{"event.name", "stringValue:guidon.loss_report"},
                   {"log.record.uid", "stringValue:00000000-0000-0000-8000-000000000000"},
                   {"guidon.lost.expired", "intValue:7"},
                   {"guidon.lost.outbox_full", "intValue:2"}});
}

TEST_CASE("the size of a request is known before it is made") {
  std::vector<Event> events = {Base(EventKind::kTracked, "a"), Exposure(EventKind::kExposure, "b")};
  events[0].fact.properties = {{"p", std::string(1'000, '\x01')}};
  const Resource resource{"notes", "4.2.0", "install-1", ""};
  std::size_t sum = 0;
  events::Records records(SinkOf(EventSink::kOtlp));
  for (const Event& event : events) sum += records.Add(resource, event);
  const std::size_t whole = records.ToRequest(resource, 0, events.size()).size();
  CHECK(whole >= sum - 1);
  CHECK(whole <= sum + kEnvelopeBytes);
}

}  // namespace
}  // namespace guidon::events::otlp
