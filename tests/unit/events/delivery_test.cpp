#include "sdk/events/delivery.h"

#include <doctest/doctest.h>

#include <set>

#include "guidon/limits.h"
#include "tests/unit/events/world.h"

namespace guidon::events::test {
namespace {

using guidon::test::ScriptedAnswer;

TEST_CASE("an event is accepted after 100 ms, delivered after the batch interval, and then forgotten") {
  World world;
  world.Begin();
  world.Run();
  CHECK(world.Track("file_shared", 1.5));
  world.RunFor(Duration(99));
  CHECK(world.accepted.empty());
  world.RunFor(Duration(1));
  REQUIRE(world.accepted.size() == 1);
  CHECK(world.accepted[0].sequence == 1);
  CHECK(world.accepted[0].value == 1.5);
  CHECK(world.delivery->ledger().pending == 1);

  world.RunFor(Duration(9'999));
  CHECK(world.http->request_count() == 0);
  world.RunFor(Duration(1));
  REQUIRE(world.collector.events.count(world.accepted[0].id) == 1);
  CHECK(world.collector.events[world.accepted[0].id]["guidon.seq"] == "1");
  const Ledger ledger = world.delivery->ledger();
  CHECK(ledger.accepted == 1);
  CHECK(ledger.delivered == 1);
  CHECK(ledger.pending == 0);
  CHECK(world.delivery->sender_status().ok());
  world.RunFor(std::chrono::hours(48));
  CHECK(world.http->request_count() == 1);
}

TEST_CASE("a request says who sends it, how it is packed and which batch it is") {
  World world;
  world.Begin();
  world.Track("a");
  world.Commit();
  world.Deliver();
  const HttpRequest request = world.http->requests().at(0);
  CHECK(request.method == "POST");
  CHECK(request.url == world.settings.collector_url);
  CHECK(Header(request, "Authorization") == "key");
  CHECK(Header(request, "Content-Type") == "application/json");
  CHECK(Header(request, "Content-Encoding") == "gzip");
  CHECK(Header(request, "Idempotency-Key").size() == 36);
  CHECK(request.redirects == 0);
  CHECK(request.most_bytes == limits::kAnswerBytes);
}

TEST_CASE("more than one batch goes out in requests of at most 500, each event once, in order of sequence") {
  World world;
  world.Begin();
  world.TrackMany(1'234);
  world.Commit();
  world.Deliver();
  CHECK(world.collector.events.size() == 1'234);
  CHECK(world.collector.received == 1'234);
  std::uint64_t last = 0;
  for (const HttpRequest& request : world.http->requests()) {
    const std::vector<Received> events = Collector::Read(request);
    CHECK(events.size() <= limits::kBatchEvents);
    for (const Received& event : events) {
      CHECK(std::stoull(event.at("guidon.seq")) == last + 1);
      last = std::stoull(event.at("guidon.seq"));
    }
  }
  CHECK(world.Balances());
}

TEST_CASE("a batch of long events stays below its bytes") {
  World world;
  world.Begin();
  for (int i = 0; i < 60; ++i) {
    Fact fact = world.MakeFact(EventKind::kTracked, "long");
    for (int p = 0; p < 10; ++p) fact.properties.emplace_back("p" + std::to_string(p), std::string(4'000, '\x01'));
    REQUIRE(world.delivery->Append(std::move(fact)));
  }
  world.Commit();
  world.Deliver();
  CHECK(world.collector.events.size() == 60);
  for (const HttpRequest& request : world.http->requests()) CHECK(request.body.size() <= limits::kBatchBytes + 5);
}

TEST_CASE(
    "a retry has the same bytes and the same key, also after a restart, and so has what joined meanwhile no part in "
    "it") {
  World world;
  world.Begin();
  world.TrackMany(3);
  world.Commit();
  world.answer = [](const HttpRequest&) { return ScriptedAnswer::Of(503); };
  world.Deliver();
  REQUIRE(world.http->request_count() == 1);
  const HttpRequest first = world.http->requests().at(0);
  world.Track("later");
  world.RunFor(std::chrono::minutes(10));
  REQUIRE(world.http->request_count() > 1);
  for (const HttpRequest& request : world.http->requests()) {
    CHECK(request.body == first.body);
    CHECK(Header(request, "Idempotency-Key") == Header(first, "Idempotency-Key"));
  }
  world.Restart();
  world.Run();
  world.answer = nullptr;
  world.Deliver();
  const std::vector<HttpRequest> requests = world.http->requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].body == first.body);
  CHECK(Header(requests[0], "Idempotency-Key") == Header(first, "Idempotency-Key"));
  CHECK(Collector::Read(requests[1]).size() == 1);
  CHECK(world.delivery->ledger().delivered == 4);
}

TEST_CASE("a storm of errors is met with pauses that grow, and loses nothing") {
  World world;
  world.Begin();
  world.TrackMany(10);
  world.Commit();
  world.answer = [](const HttpRequest&) { return ScriptedAnswer::Of(500); };
  world.Deliver();
  world.RunFor(std::chrono::minutes(10));
  CHECK(world.http->request_count() <= 20);
  CHECK(world.http->request_count() >= 4);
  CHECK(world.delivery->sender_status().code() == StatusCode::kUnavailable);
  world.answer = nullptr;
  world.RunFor(std::chrono::minutes(6));
  CHECK(world.collector.events.size() == 10);
  CHECK(world.delivery->ledger().pending == 0);
  CHECK(world.delivery->sender_status().ok());
}

TEST_CASE("Retry-After is kept to the second, a date by the collector's own clock") {
  HttpHeaders headers;
  SUBCASE("seconds") { headers = {{"retry-after", "3600"}}; }
  SUBCASE("a date") {
    headers = {{"retry-after", "Sun, 06 Nov 1994 09:49:37 GMT"}, {"date", "Sun, 06 Nov 1994 08:49:37 GMT"}};
  }
  World world;
  world.Begin();
  world.Track("a");
  world.Commit();
  world.http->Push(ScriptedAnswer::Of(429, "", headers));
  world.Deliver();
  world.RunFor(std::chrono::seconds(3'599));
  CHECK(world.http->request_count() == 1);
  world.RunFor(std::chrono::seconds(1));
  CHECK(world.http->request_count() == 2);
  CHECK(world.delivery->ledger().delivered == 1);
}

TEST_CASE("nothing counts as delivered without a 2xx answer that a collector would give") {
  struct Row {
    const char* name;
    ScriptedAnswer answer;
  };
  ScriptedAnswer cut = ScriptedAnswer::Of(200, "{}");
  cut.failure = Status(StatusCode::kUnavailable, "cut");
  const Row rows[] = {
      {"connection refused", ScriptedAnswer::Failed()},
      {"cut half-way", cut},
      {"captive portal", ScriptedAnswer::Of(200, "<html>Welcome</html>", {{"content-type", "text/html"}})},
      {"redirect", ScriptedAnswer::Of(302, "", {{"location", "https://portal.example.com"}})},
      {"an answer without end", ScriptedAnswer::Of(200, "{}" + std::string(limits::kAnswerBytes - 1, ' '))},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    World world;
    world.Begin();
    world.Track("a");
    world.Commit();
    world.http->Push(row.answer);
    world.Deliver();
    CHECK(world.delivery->ledger().delivered == 0);
    CHECK(world.delivery->ledger().pending == 1);
    CHECK_FALSE(world.delivery->sender_status().ok());
    world.RunFor(std::chrono::minutes(1));
    CHECK(world.delivery->ledger().delivered == 1);
  }
}

TEST_CASE("an answer may be as long as 64 KiB") {
  for (const std::size_t bytes : {limits::kAnswerBytes - 1, limits::kAnswerBytes}) {
    World world;
    world.Begin();
    world.Track("a");
    world.Commit();
    world.http->Push(ScriptedAnswer::Of(200, "{}" + std::string(bytes - 2, ' ')));
    world.Deliver();
    CHECK(world.delivery->ledger().delivered == 1);
  }
}

TEST_CASE("a request takes 500 events and not one more") {
  for (const std::size_t count : {limits::kBatchEvents - 1, limits::kBatchEvents, limits::kBatchEvents + 1}) {
    CAPTURE(count);
    World world;
    world.Begin();
    world.TrackMany(static_cast<int>(count));
    world.Commit();
    world.Deliver();
    CHECK(world.http->requests().size() == (count > limits::kBatchEvents ? 2 : 1));
    CHECK(world.collector.events.size() == count);
  }
}

TEST_CASE("401, 403 and 404 keep everything and ask again every 15 minutes") {
  for (const int code : {401, 403, 404}) {
    CAPTURE(code);
    World world;
    world.Begin();
    world.Track("a");
    world.Commit();
    world.answer = [code](const HttpRequest&) { return ScriptedAnswer::Of(code); };
    world.Deliver();
    world.RunFor(std::chrono::hours(1) - Duration(1));
    CHECK(world.http->request_count() == 4);
    CHECK_FALSE(world.delivery->sender_status().ok());
    CHECK(world.delivery->ledger().pending == 1);
    world.answer = nullptr;
    world.RunFor(std::chrono::minutes(15));
    CHECK(world.delivery->ledger().delivered == 1);
  }
}

TEST_CASE("where compression is refused the batch goes plain, at once and from then on") {
  for (const int code : {415, 501}) {
    CAPTURE(code);
    World world;
    world.Begin();
    world.Track("a");
    world.Commit();
    world.http->Push(ScriptedAnswer::Of(code));
    world.Deliver();
    world.Track("b");
    world.Commit();
    world.Deliver();
    const std::vector<HttpRequest> requests = world.http->requests();
    REQUIRE(requests.size() == 3);
    CHECK(Header(requests[1], "Content-Encoding").empty());
    CHECK(requests[1].body == requests[0].body.substr(5));
    CHECK(Header(requests[2], "Content-Encoding").empty());
    CHECK(world.delivery->ledger().delivered == 2);
  }
}

TEST_CASE("partial success counts the rejected and sends nothing again") {
  World world;
  world.Begin();
  world.TrackMany(5);
  world.Commit();
  world.http->Push(
      ScriptedAnswer::Of(200, R"({"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"too old"}})"));
  world.Deliver();
  CHECK(world.delivery->ledger().delivered == 3);
  CHECK(world.Lost("rejected_by_collector") == 2);
  CHECK(world.delivery->ledger().pending == 0);
  CHECK(world.Balances());
}

TEST_CASE("one poison event in 500 costs itself alone and at most 2 log2(500) + 1 more requests") {
  for (const int code : {400, 413, 422}) {
    for (const char* poison : {"e0", "e250", "e499"}) {
      CAPTURE(code);
      CAPTURE(poison);
      World world;
      world.Begin();
      world.answer = [&world, code, poison](const HttpRequest& request) {
        for (const Received& event : Collector::Read(request)) {
          if (event.at("guidon.event.name") == poison) return ScriptedAnswer::Of(code);
        }
        return world.collector.Take(request);
      };
      world.TrackMany(500);
      world.Commit();
      world.Deliver();
      CHECK(world.http->request_count() <= 1 + 18);
      CHECK(world.collector.received == 499);
      CHECK(world.delivery->ledger().delivered == 499);
      CHECK(world.Lost("rejected_by_collector") == 1);
      CHECK(world.Balances());
    }
  }
}

TEST_CASE("a loss is reported with the next batch, once") {
  World world;
  world.Begin();
  world.TrackMany(5);
  world.Commit();
  world.http->Push(ScriptedAnswer::Of(200, R"({"partialSuccess":{"rejectedLogRecords":2}})"));
  world.Deliver();
  CHECK_FALSE(world.Track(""));
  for (int i = 0; i < 2; ++i) {
    world.Track("next");
    world.Commit();
    world.Deliver();
  }
  std::vector<Received> reports;
  for (const auto& entry : world.collector.events) {
    if (entry.second.at("event.name") == "guidon.loss_report") reports.push_back(entry.second);
  }
  REQUIRE(reports.size() == 1);
  CHECK(reports[0]["guidon.lost.rejected_by_collector"] == "2");
  CHECK(reports[0]["guidon.lost.invalid"] == "1");
  CHECK(world.Balances());
}

TEST_CASE("a loss report that is not acknowledged is told again by the next") {
  World world;
  world.Begin();
  world.TrackMany(2);
  world.Commit();
  world.http->Push(ScriptedAnswer::Of(200, R"({"partialSuccess":{"rejectedLogRecords":2}})"));
  world.Deliver();
  const auto poison = [&world](const HttpRequest& request) {
    for (const Received& event : Collector::Read(request)) {
      if (event.at("event.name") == "guidon.loss_report") return ScriptedAnswer::Of(400);
    }
    return world.collector.Take(request);
  };
  world.answer = poison;
  world.Track("next");
  world.Commit();
  world.Deliver();
  CHECK(world.Lost("rejected_by_collector") == 3);
  world.answer = nullptr;
  world.Restart();
  world.Track("last");
  world.Commit();
  world.Deliver();
  std::string told;
  for (const auto& entry : world.collector.events) {
    if (entry.second.at("event.name") == "guidon.loss_report")
      told += entry.second.at("guidon.lost.rejected_by_collector");
  }
  CHECK(told == "3");
}

TEST_CASE("without consent nothing is taken, stored or opened") {
  for (const Consent consent : {Consent::kUnknown, Consent::kDenied}) {
    World world;
    world.Begin(consent);
    CHECK_FALSE(world.Track("a"));
    CHECK_FALSE(world.Expose("x"));
    world.Commit();
    world.Deliver();
    CHECK(world.Refused("no_consent") == 2);
    CHECK(world.storage->calls() == 0);
    CHECK(world.http->request_count() == 0);
    world.delivery->SetConsent(Consent::kGranted);
    CHECK(world.Track("b"));
    world.Commit();
    world.Deliver();
    CHECK(world.collector.events.size() == 1);
  }
}

TEST_CASE("consent withdrawn: nothing leaves any more, not even what was under way, and nothing new is stored") {
  World world;
  world.Begin();
  world.TrackMany(3);
  world.Commit();
  world.answer = [](const HttpRequest&) { return ScriptedAnswer::Hanging(); };
  world.delivery->Deliver(nullptr);
  world.Run();
  REQUIRE(world.http->under_way() == 1);
  world.Track("in the inbox");
  const std::size_t commits = world.storage->commits();
  world.delivery->SetConsent(Consent::kUnknown);
  CHECK_FALSE(world.Track("too late"));
  world.Run();
  CHECK(world.http->under_way() == 0);
  CHECK(world.storage->commits() == commits);
  world.answer = nullptr;
  world.RunFor(std::chrono::hours(1));
  CHECK(world.http->request_count() == 1);
  CHECK(world.delivery->ledger().pending == 3);
  CHECK(world.Refused("no_consent") == 2);

  world.delivery->SetConsent(Consent::kGranted);
  world.RunFor(std::chrono::minutes(1));
  CHECK(world.collector.events.size() == 3);
}

TEST_CASE("what is not right with a fact refuses it or costs a property, and is counted") {
  World world;
  world.Begin();
  CHECK_FALSE(world.Track(std::string(129, 'x')));
  CHECK_FALSE(world.Track("nan", std::numeric_limits<double>::quiet_NaN()));
  Fact fact = world.MakeFact(EventKind::kTracked, "ok");
  fact.properties = {{"list", List{1}}, {"good", "text"}, {"long", std::string(limits::kEventPropertyBytes + 1, 'x')}};
  CHECK(world.delivery->Append(std::move(fact)));
  world.Commit();
  REQUIRE(world.accepted.size() == 1);
  REQUIRE(world.accepted[0].properties.size() == 1);
  CHECK(world.accepted[0].properties[0].first == "good");
  CHECK(world.Refused("invalid") == 2);
  CHECK(world.Refused("property_dropped") == 2);
  world.Restart();
  world.Run();
  CHECK(world.Refused("invalid") == 2);
}

TEST_CASE("the inbox refuses what it has no room for, and says so") {
  World world;
  world.settings.collector_url.clear();
  world.Begin();
  for (std::size_t i = 0; i < limits::kInboxFacts + 5; ++i) world.Track("e");
  CHECK(world.Refused("inbox_full") == 5);
  world.Commit();
  CHECK(world.delivery->ledger().accepted == limits::kInboxFacts);
  CHECK(world.Track("again"));
}

TEST_CASE("background commits, lets go of the store and sends nothing; foreground goes on") {
  World world;
  world.Begin();
  world.TrackMany(2);
  int done = 0;
  world.delivery->Background([&done] { ++done; });
  world.Run();
  CHECK(done == 1);
  CHECK(world.delivery->ledger().accepted == 2);
  const std::size_t calls = world.storage->calls();
  world.RunFor(std::chrono::hours(1));
  CHECK(world.storage->calls() == calls);
  CHECK(world.http->request_count() == 0);

  world.Track("meanwhile");
  world.RunFor(Duration(100));
  CHECK(world.delivery->ledger().accepted == 3);
  world.delivery->Foreground();
  world.RunFor(std::chrono::minutes(1));
  CHECK(world.collector.events.size() == 3);
}

TEST_CASE("after Close nothing is called back and the store is closed") {
  World world;
  world.Begin();
  world.TrackMany(2);
  world.Commit();
  world.Track("late");
  int closed = 0;
  int others = 0;
  world.delivery->Commit([&others] { ++others; });
  world.delivery->Deliver([&others] { ++others; });
  world.delivery->Close([&closed] { ++closed; });
  world.Run();
  world.RunFor(std::chrono::hours(1));
  CHECK(closed == 1);
  CHECK(others == 0);
  CHECK(world.accepted.size() == 2);
  CHECK(world.http->request_count() == 0);
  CHECK_FALSE(world.Track("too late"));
}

}  // namespace
}  // namespace guidon::events::test
