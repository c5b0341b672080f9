// Sinks in use: their bounds never jam the outbox and never lose more than the one event that is too large.
#include <doctest/doctest.h>

#include <algorithm>

#include "sdk/core/base/json.h"
#include "sdk/events/losses.h"
#include "sdk/events/sinks/sink.h"
#include "tests/support/facts_audit.h"
#include "tests/unit/events/world.h"

namespace guidon::events::test {
namespace {

using guidon::test::FactsAudit;
using guidon::test::ScriptedAnswer;
using std::chrono::minutes;
using std::chrono::seconds;

std::string Unpacked(const HttpRequest& request) { return request.body.substr(5); }  // as PrefixCodec packs

// The ids in a batch of Segment's.
std::vector<std::string> MessageIds(const std::string& body) {
  json::Limits limits;
  limits.nodes = 1'000'000;
  const auto document = json::Document::Parse(body, nullptr, limits);
  REQUIRE(document);
  std::vector<std::string> ids;
  for (const json::Node event : document->root()["batch"]) ids.emplace_back(*event["messageId"].AsString());
  return ids;
}

// `kilobytes` of properties.
void TrackLong(World* world, const std::string& name, int kilobytes, char of = 'x') {
  Fact fact = world->MakeFact(EventKind::kTracked, name);
  for (int i = 0; i < kilobytes; ++i) fact.properties.emplace_back("p" + std::to_string(i), std::string(1'000, of));
  world->delivery->Append(std::move(fact));
}

struct SegmentWorld {
  SegmentWorld() {
    world.settings.sink = EventSink::kSegment;
    world.settings.collector_url = "https://api.example.com";
    world.answer = [this](const HttpRequest& request) {
      requests.push_back(request);
      if (status != 200) return ScriptedAnswer::Of(status);
      audit.Received(MessageIds(Unpacked(request)));
      return ScriptedAnswer::Of(200, R"({"success":true})", {{"content-type", "application/json"}});
    };
  }
  void Check() {
    for (const EventRecord& record : world.accepted) audit.Accepted(record.id);
    audit.Check(world.delivery->ledger(), [this] {
      status = 503;
      world.Restart();
      world.Run();
      return world.delivery->ledger();
    });
  }
  World world;
  FactsAudit audit;
  std::vector<HttpRequest> requests;
  int status = 200;
};

TEST_CASE("a request goes to the sink's path in the sink's type, and a retry has the same bytes") {
  SegmentWorld segment;
  segment.status = 503;
  segment.world.Begin();
  segment.world.TrackMany(3);
  segment.world.RunFor(minutes(1));
  segment.status = 200;
  segment.world.RunFor(minutes(5));
  REQUIRE(segment.requests.size() > 2);
  for (const HttpRequest& request : segment.requests) {
    CHECK(request.url == "https://api.example.com/v1/batch");
    CHECK(Header(request, "Content-Type") == "application/json");
    CHECK(Header(request, "Authorization") == "key");
    CHECK(request.body == segment.requests[0].body);
    CHECK(Header(request, "Idempotency-Key") == Header(segment.requests[0], "Idempotency-Key"));
  }
  CHECK(segment.world.delivery->ledger().delivered == 3);
  segment.Check();
}

TEST_CASE("PostHog's key goes in the body, and NDJSON goes as lines") {
  World world;
  std::string body, type;
  world.answer = [&](const HttpRequest& request) {
    body = Unpacked(request);
    type = Header(request, "Content-Type");
    return ScriptedAnswer::Of(200, "1", {{"content-type", "text/plain"}});
  };
  world.settings.sink = EventSink::kPostHog;
  world.settings.collector_key = "phc_1";
  world.Begin();
  world.TrackMany(2);
  world.RunFor(minutes(1));
  CHECK(body.substr(0, 18) == R"({"api_key":"phc_1")");
  CHECK(type == "application/json");
  CHECK(world.delivery->ledger().delivered == 2);
  world.settings.sink = EventSink::kNdjson;
  world.Restart();
  world.TrackMany(2);
  world.RunFor(minutes(1));
  CHECK(std::count(body.begin(), body.end(), '\n') == 2);
  CHECK(type == "application/x-ndjson");
  CHECK(world.delivery->ledger().delivered == 4);
  CHECK(world.Balances());
}

TEST_CASE("an event over the sink's bound costs itself and no request; the others of its batch arrive") {
  SegmentWorld segment;
  segment.world.Begin();
  for (int i = 0; i < 20; ++i) {
    if (i == 0 || i == 7 || i == 8 || i == 19) TrackLong(&segment.world, "long", 40);
    segment.world.Track("short" + std::to_string(i));
  }
  segment.world.RunFor(minutes(2));
  CHECK(segment.world.Lost(kTooLarge) == 4);
  CHECK(segment.world.delivery->ledger().delivered == 20);
  CHECK(segment.world.delivery->ledger().pending == 0);
  CHECK(segment.requests.size() == 4);  // what lies between them
  for (const HttpRequest& request : segment.requests) CHECK(Unpacked(request).find("\"long\"") == std::string::npos);
  segment.Check();
}

TEST_CASE("no request is over the sink's bytes") {
  SegmentWorld segment;
  segment.world.Begin();
  for (int i = 0; i < 600; ++i) TrackLong(&segment.world, "e", 4);
  segment.world.RunFor(minutes(2));
  CHECK(segment.world.delivery->ledger().delivered == 600);
  for (const HttpRequest& request : segment.requests) CHECK(Unpacked(request).size() <= 500'000);
  segment.Check();
}

TEST_CASE("a batch that was frozen for another sink is cut to what the new one takes") {
  SegmentWorld segment;
  segment.status = 503;
  segment.world.settings.sink = EventSink::kOtlp;
  segment.world.Begin();
  // Six bytes each, in JSON.
  for (int i = 0; i < 200; ++i) TrackLong(&segment.world, "e", i == 20 ? 40 : 4, '\x01');
  segment.world.RunFor(seconds(20));
  REQUIRE(segment.requests.size() >= 1);
  CHECK(Unpacked(segment.requests[0]).size() > 500'000);
  const std::string key = Header(segment.requests[0], "Idempotency-Key");
  segment.requests.clear();
  segment.status = 200;
  segment.world.settings.sink = EventSink::kSegment;
  segment.world.Restart();
  segment.world.RunFor(minutes(2));
  CHECK(segment.world.Lost(kTooLarge) == 1);
  CHECK(segment.world.delivery->ledger().delivered == 199 + 1);
  for (const HttpRequest& request : segment.requests) {
    CHECK(Unpacked(request).size() <= 500'000);
    CHECK(Header(request, "Idempotency-Key") != key);
  }
  segment.Check();
}

}  // namespace
}  // namespace guidon::events::test
