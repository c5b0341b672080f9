// Faults 7 to 16 on the way to the collector, as far as they are about what answers mean and when the next request
// goes. After each: the ledger, each event once, repeats only where an answer was lost, and the next start without a
// network. What is about sockets is in tests/unit/client/sending_faults_test.cpp.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "sdk/events/losses.h"
#include "sdk/events/retry.h"
#include "tests/unit/events/faulty_collector.h"

namespace guidon::events::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration kBatchInterval = seconds(10);

TEST_CASE("fault 7: a storm of 500, 502 and 503 for ten minutes is met with at most 20 requests, ever further apart") {
  std::set<Duration::rep> thirds;
  for (int install = 1; install <= 10; ++install) {
    CAPTURE(install);
    FaultyCollector collector(install);
    collector.Begin();
    int answered = 0;
    collector.answer = [&answered](const HttpRequest&) {
      constexpr int kStatuses[] = {500, 502, 503};
      return ScriptedAnswer::Of(kStatuses[answered++ % 3]);
    };
    for (int minute = 0; minute < 10; ++minute) {
      collector.world.TrackMany(30);
      collector.world.RunFor(minutes(1));
    }
    CHECK(collector.sent.size() <= 20);
    REQUIRE(collector.sent.size() >= 4);
    for (std::size_t i = 1; i < collector.sent.size(); ++i) {
      const Duration gap = collector.sent[i].at - collector.sent[i - 1].at;
      CHECK(gap <= std::min<Duration>(kMostBackoff, seconds(1) * (1 << std::min<std::size_t>(i, 9))));
      CHECK(collector.sent[i].key == collector.sent[0].key);
      CHECK(collector.sent[i].body == collector.sent[0].body);
    }
    thirds.insert((collector.sent[3].at - collector.sent[2].at).count());
    collector.answer = nullptr;
    collector.world.RunFor(minutes(10));
    CHECK(collector.world.delivery->ledger().delivered == 300);
    CHECK(collector.audit.repeats() == 0);
    collector.Check();
  }
  CHECK(thirds.size() >= 9);  // each waits as long as its own dice say
}

TEST_CASE("fault 7: only a 2xx makes the next pause short again, no other answer and no time without requests") {
  // Of ten installations some draw a pause over 2 s, which the first failure after a success never does.
  Duration longest(0);
  Duration longest_after_success(0);
  for (int install = 1; install <= 10; ++install) {
    FaultyCollector collector(install);
    collector.Begin();
    collector.answer = [&collector](const HttpRequest&) {
      const std::size_t n = collector.sent.size();
      if (n == 8) return ScriptedAnswer::Of(400);  // halves the batch at once
      return ScriptedAnswer::Of(503);
    };
    collector.world.TrackMany(2);
    while (collector.sent.size() < 10) collector.world.RunFor(seconds(1));
    longest = std::max<Duration>(longest, collector.sent[9].at - collector.sent[8].at);

    collector.answer = nullptr;
    collector.world.RunFor(minutes(10));
    CHECK(collector.world.delivery->ledger().pending == 0);
    const std::size_t before = collector.sent.size();
    collector.answer = [](const HttpRequest&) { return ScriptedAnswer::Of(503); };
    collector.world.Track("later");
    collector.world.RunFor(kBatchInterval + seconds(5));
    REQUIRE(collector.sent.size() >= before + 2);
    longest_after_success =
        std::max<Duration>(longest_after_success, collector.sent[before + 1].at - collector.sent[before].at);
    collector.answer = nullptr;
    collector.world.RunFor(minutes(10));
    collector.Check();
  }
  CHECK(longest > seconds(2));
  CHECK(longest_after_success <= seconds(2));
}

TEST_CASE("fault 8: 429 is not asked again before Retry-After, in each of its forms, by the clock that nobody sets") {
  struct Row {
    std::string name;
    HttpHeaders headers;
    Duration least, most;
  };
  const HttpHeaders date = {{"date", "Sat, 21 Nov 2099 10:00:00 GMT"}};
  const auto with_date = [&date](const char* until) {
    HttpHeaders headers = date;
    headers.emplace_back("retry-after", until);
    return headers;
  };
  const Row rows[] = {
      {"30", {{"retry-after", "30"}}, seconds(30), seconds(30)},
      {"spaces around", {{"retry-after", " 30 "}}, seconds(30), seconds(30)},
      {"a date by the collector's clock", with_date("Sat, 21 Nov 2099 10:00:45 GMT"), seconds(45), seconds(45)},
      {"a date in the past", with_date("Sat, 21 Nov 2099 09:00:00 GMT"), Duration(0), seconds(2)},
      {"a date in a year", with_date("Sun, 21 Nov 2100 10:00:00 GMT"), hours(24), hours(24)},
      {"0", {{"retry-after", "0"}}, Duration(0), seconds(2)},
      {"-5", {{"retry-after", "-5"}}, Duration(0), seconds(2)},
      {"1e12", {{"retry-after", "1e12"}}, Duration(0), seconds(2)},
      {"a million million", {{"retry-after", "1000000000000"}}, hours(24), hours(24)},
      {"beyond 64 bits", {{"retry-after", "99999999999999999999999"}}, hours(24), hours(24)},
      {"garbage", {{"retry-after", "soon"}}, Duration(0), seconds(2)},
      {"a date that is none", {{"retry-after", "Sat, 99 Foo 2099 10:00:45 GMT"}}, Duration(0), seconds(2)},
      {"absent", {}, Duration(0), seconds(2)},
  };
  for (const int status : {429, 503}) {
    for (const Row& row : rows) {
      CAPTURE(status);
      CAPTURE(row.name);
      FaultyCollector collector;
      collector.Begin();
      collector.answer = [&](const HttpRequest& request) {
        return collector.sent.size() == 1 ? ScriptedAnswer::Of(status, "", row.headers) : collector.Keep(request);
      };
      collector.world.TrackMany(3);
      collector.world.RunFor(kBatchInterval + seconds(1));
      REQUIRE(collector.sent.size() >= 1);
      // Neither a clock that is set, nor more events, nor an app that asks to deliver makes it sooner.
      collector.world.clock.AdvanceWall(hours(40));
      collector.world.TrackMany(1);
      collector.world.Deliver();
      collector.world.RunFor(hours(25));
      REQUIRE(collector.sent.size() >= 2);
      CHECK(collector.sent[1].at - collector.sent[0].at >= row.least);
      CHECK(collector.sent[1].at - collector.sent[0].at <= row.most);
      CHECK(collector.world.delivery->ledger().delivered == 4);
      collector.Check();
    }
  }
}

TEST_CASE(
    "fault 9: one poison event in 500 costs itself and 18 more requests, and what follows goes in whole batches") {
  for (const int status : {400, 413, 422}) {
    for (const int poison : {0, 1, 250, 333, 499}) {
      CAPTURE(status);
      CAPTURE(poison);
      FaultyCollector collector;
      collector.Begin();
      const std::string name = "\"e" + std::to_string(poison) + "\"";
      collector.answer = [&](const HttpRequest& request) {
        return request.body.find(name) != std::string::npos ? ScriptedAnswer::Of(status) : collector.Keep(request);
      };
      collector.world.TrackMany(500);
      collector.world.RunFor(minutes(1));
      CHECK(collector.world.Lost(kRejected) == 1);
      CHECK(collector.world.delivery->ledger().pending == 0);
      CHECK(collector.world.delivery->ledger().delivered == 499);
      CHECK(collector.sent.size() <= 1 + 18);
      CHECK(collector.audit.repeats() == 0);
      // One event that was too large is no reason to send others one by one.
      collector.answer = nullptr;
      const std::size_t before = collector.sent.size();
      collector.world.TrackMany(400);
      collector.world.RunFor(minutes(1));
      CHECK(collector.sent.size() == before + 1);
      CHECK(collector.world.delivery->ledger().delivered == 499 + 400 + 1);  // and the report of the loss
      collector.Check();
    }
  }
}

TEST_CASE("fault 9: a collector that answers 413 to more than 100 events is sent fewer from then on, and loses none") {
  FaultyCollector collector;
  collector.Begin();
  int too_large = 0;
  collector.answer = [&](const HttpRequest& request) {
    if (IdsOf(request).size() <= 100) return collector.Keep(request);
    ++too_large;
    return ScriptedAnswer::Of(413);
  };
  collector.world.TrackMany(500);
  collector.world.RunFor(minutes(1));
  CHECK(too_large == 1 + 2 + 4);  // 500; two of 250; four of 125
  too_large = 0;
  const std::size_t before = collector.sent.size();
  collector.world.TrackMany(500);
  collector.world.RunFor(minutes(1));
  CHECK(too_large == 0);
  for (std::size_t i = before; i < collector.sent.size(); ++i) CHECK(collector.sent[i].events <= 62);
  CHECK(collector.world.delivery->ledger().delivered == 1000);
  CHECK(collector.world.delivery->ledger().lost.empty());
  collector.Check();
}

TEST_CASE("fault 10: 401, 403 and 404 for an hour drop nothing and are asked again every 15 minutes") {
  for (const int status : {401, 403, 404}) {
    CAPTURE(status);
    FaultyCollector collector;
    collector.Begin();
    collector.answer = [status](const HttpRequest&) { return ScriptedAnswer::Of(status); };
    for (int minute = 0; minute < 60; ++minute) {
      collector.world.TrackMany(20);
      collector.world.RunFor(minutes(1));
    }
    REQUIRE(collector.sent.size() == 4);
    for (std::size_t i = 1; i < 4; ++i) CHECK(collector.sent[i].at - collector.sent[i - 1].at == kProbeInterval);
    CHECK_FALSE(collector.world.delivery->sender_status().ok());
    CHECK(collector.world.delivery->ledger().pending == 1'200);
    collector.answer = nullptr;
    collector.world.RunFor(minutes(15));
    CHECK(collector.world.delivery->ledger().delivered == 1'200);
    CHECK(collector.world.delivery->sender_status().ok());
    collector.Check();
  }
}

TEST_CASE("fault 10: 403 with a longer Retry-After is asked again after that") {
  FaultyCollector collector;
  collector.Begin();
  collector.answer = [&](const HttpRequest& request) {
    return collector.sent.size() == 1 ? ScriptedAnswer::Of(403, "", {{"retry-after", "7200"}})
                                      : collector.Keep(request);
  };
  collector.world.TrackMany(1);
  collector.world.RunFor(hours(3));
  REQUIRE(collector.sent.size() == 2);
  CHECK(collector.sent[1].at - collector.sent[0].at == hours(2));
  collector.Check();
}

TEST_CASE("fault 11: every request is bounded: 5 s to connect, 15 s of silence, 30 s in all, and an answer's bytes") {
  FaultyCollector collector;
  collector.Begin();
  collector.world.TrackMany(3);
  collector.world.RunFor(kBatchInterval + seconds(1));
  const std::vector<HttpRequest> requests = collector.world.http->requests();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].connect_timeout == seconds(5));
  CHECK(requests[0].idle_timeout == seconds(15));
  CHECK(requests[0].total_timeout == seconds(30));
  CHECK(requests[0].most_bytes == limits::kAnswerBytes);
  CHECK(requests[0].redirects == 0);
  collector.Check();
}

TEST_CASE("fault 12: an answer that is cut anywhere is a failure, and the same bytes go again under the same key") {
  struct Row {
    std::string name;
    ScriptedAnswer end;
  };
  ScriptedAnswer in_body = ScriptedAnswer::Of(200, "{\"partialSuc", {{"content-type", "application/json"}});
  in_body.failure = Status(StatusCode::kUnavailable, "cut");
  ScriptedAnswer after_head = in_body;
  after_head.body.clear();
  ScriptedAnswer whole_but_cut = in_body;
  whole_but_cut.body = "{}";
  for (const Row& row : {Row{"before the answer", ScriptedAnswer::Failed()}, Row{"after the head", after_head},
                         Row{"in the body", in_body}, Row{"at its end", whole_but_cut}}) {
    CAPTURE(row.name);
    FaultyCollector collector;
    collector.Begin();
    collector.answer = [&](const HttpRequest& request) {
      return collector.sent.size() <= 3 ? row.end : collector.Keep(request);
    };
    collector.world.TrackMany(7);
    collector.world.RunFor(minutes(2));
    REQUIRE(collector.sent.size() == 4);
    for (const FaultyCollector::Sent& sent : collector.sent) {
      CHECK(sent.key == collector.sent[0].key);
      CHECK(sent.body == collector.sent[0].body);
    }
    CHECK(collector.world.delivery->ledger().delivered == 7);
    collector.Check();
  }
}

TEST_CASE("fault 12: an error whose page is endless is still that error") {
  FaultyCollector collector;
  collector.Begin();
  collector.answer = [&](const HttpRequest& request) {
    if (collector.sent.size() > 1) return collector.Keep(request);
    return ScriptedAnswer::Of(400, std::string(limits::kAnswerBytes + 1, 'x'), {{"content-type", "text/html"}});
  };
  collector.world.TrackMany(2);
  collector.world.RunFor(kBatchInterval + seconds(1));
  CHECK(collector.sent.size() == 3);  // halved at once
  CHECK(collector.world.delivery->ledger().delivered == 2);
  collector.Check();
}

TEST_CASE("fault 13: events whose acknowledgement was lost come again, are the same, and count once") {
  FaultyCollector collector;
  collector.Begin();
  collector.answer = [&](const HttpRequest& request) {
    return collector.sent.size() <= 2 ? collector.KeepUnheard(request) : collector.Keep(request);
  };
  collector.world.TrackMany(40);
  collector.world.RunFor(minutes(2));
  CHECK(collector.audit.received() == 40);
  CHECK(collector.audit.repeats() == 80);
  CHECK(collector.world.delivery->ledger().delivered == 40);
  collector.Check();
}

TEST_CASE("fault 13: a process that is killed before the answer sends the same request again") {
  FaultyCollector collector;
  collector.Begin();
  collector.answer = [&](const HttpRequest& request) {
    return collector.KeepUnheard(request, ScriptedAnswer::Hanging());
  };
  collector.world.TrackMany(40);
  collector.world.RunFor(minutes(2));
  REQUIRE(collector.sent.size() == 1);
  collector.world.Restart();
  collector.answer = nullptr;
  collector.world.RunFor(minutes(2));
  REQUIRE(collector.sent.size() == 2);
  CHECK(collector.sent[1].key == collector.sent[0].key);
  CHECK(collector.sent[1].body == collector.sent[0].body);
  CHECK(collector.world.delivery->ledger().delivered == 40);
  collector.Check();
}

TEST_CASE("fault 14: a collector that dies after a success acknowledges nothing more until it is back") {
  FaultyCollector collector;
  collector.Begin();
  bool is_up = true;
  collector.answer = [&](const HttpRequest& request) {
    return is_up ? collector.Keep(request) : ScriptedAnswer::Failed(StatusCode::kUnavailable, "refused");
  };
  collector.world.TrackMany(10);
  collector.world.RunFor(minutes(1));
  CHECK(collector.world.delivery->ledger().delivered == 10);
  is_up = false;
  for (int i = 0; i < 30; ++i) {
    collector.world.TrackMany(100);
    collector.world.RunFor(minutes(1));
  }
  CHECK(collector.world.delivery->ledger().delivered == 10);
  CHECK(collector.world.delivery->ledger().pending == 3'000);
  is_up = true;
  collector.world.RunFor(minutes(10));
  CHECK(collector.world.delivery->ledger().delivered == 3'010);
  CHECK(collector.audit.repeats() == 0);
  collector.Check();
}

TEST_CASE("fault 15: a portal's page, a redirect and a proxy's refusal acknowledge nothing and are asked again") {
  struct Row {
    std::string name;
    ScriptedAnswer answer;
  };
  const HttpHeaders html = {{"content-type", "text/html; charset=utf-8"}};
  const HttpHeaders elsewhere = {{"location", "https://login.example.com/"}};
  for (const Row& row : {
           Row{"page", ScriptedAnswer::Of(200, "<html>Log in</html>", html)},
           Row{"page of no type", ScriptedAnswer::Of(200, "<html>Log in</html>")},
           Row{"empty page", ScriptedAnswer::Of(200, "", html)},
           Row{"page that says it is JSON", ScriptedAnswer::Of(200, "<html>", {{"content-type", "application/json"}})},
           Row{"endless page", ScriptedAnswer::Of(200, std::string(limits::kAnswerBytes + 1, ' '), html)},
           Row{"301", ScriptedAnswer::Of(301, "", elsewhere)},
           Row{"302", ScriptedAnswer::Of(302, "", elsewhere)},
           Row{"307", ScriptedAnswer::Of(307, "{}", elsewhere)},
           Row{"407", ScriptedAnswer::Of(407)},
           Row{"511", ScriptedAnswer::Of(511, "<html>", html)},
       }) {
    CAPTURE(row.name);
    FaultyCollector collector;
    collector.Begin();
    collector.answer = [&row](const HttpRequest&) { return row.answer; };
    collector.world.TrackMany(5);
    collector.world.RunFor(minutes(10));
    CHECK(collector.sent.size() > 2);
    CHECK(collector.sent.size() <= 20);
    CHECK(collector.world.delivery->ledger().pending == 5);
    CHECK_FALSE(collector.world.delivery->sender_status().ok());
    collector.answer = nullptr;
    collector.world.RunFor(minutes(5));
    CHECK(collector.world.delivery->ledger().delivered == 5);
    CHECK(collector.audit.repeats() == 0);
    collector.Check();
  }
}

TEST_CASE(
    "fault 16: a partial success counts what was rejected and sends nothing again; so does an answer of its own "
    "type that cannot be read") {
  FaultyCollector collector;
  collector.Begin();
  collector.answer = [&](const HttpRequest& request) {
    if (collector.sent.size() > 1) return collector.Keep(request);
    const std::vector<std::string> ids = IdsOf(request);
    (void)collector.Keep(request, {ids[1], ids[4], ids[7]});
    return ScriptedAnswer::Of(200, R"({"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"too old"}})",
                              {{"content-type", "application/json"}});
  };
  collector.world.TrackMany(10);
  collector.world.RunFor(minutes(5));
  CHECK(collector.world.Lost(kRejected) == 3);
  CHECK(collector.world.delivery->ledger().delivered == 7);
  CHECK(collector.audit.repeats() == 0);
  collector.Check();

  FaultyCollector unclear;
  unclear.Begin();
  unclear.answer = [&](const HttpRequest& request) {
    (void)unclear.Keep(request);
    return ScriptedAnswer::Of(200, "{\"partialSuccess\":{\"rejec", {{"content-type", "application/json"}});
  };
  unclear.world.TrackMany(10);
  unclear.world.RunFor(minutes(5));
  CHECK(unclear.sent.size() == 1);
  CHECK(unclear.world.delivery->ledger().delivered == 10);
  unclear.Check();
}

TEST_CASE("a collector that is gone, or orders to keep, is asked no more until the next start, and nothing is lost") {
  struct Row {
    std::string name;
    int status;
    HttpHeaders headers;
    std::uint64_t delivered;
  };
  for (const Row& row : {Row{"410", 410, {}, 0}, Row{"an order with a success", 200, {{"guidon-stop", "keep"}}, 10},
                         Row{"an order with an error", 503, {{"guidon-stop", "keep"}}, 0}}) {
    CAPTURE(row.name);
    FaultyCollector collector;
    collector.Begin();
    collector.answer = [&](const HttpRequest& request) {
      if (row.status == 200) (void)collector.Keep(request);
      return ScriptedAnswer::Of(row.status, "", row.headers);
    };
    collector.world.TrackMany(10);
    collector.world.RunFor(minutes(5));
    CHECK(collector.sent.size() == 1);
    collector.world.TrackMany(10);
    collector.world.Commit();
    collector.world.Deliver();
    collector.world.RunFor(hours(48));
    CHECK(collector.sent.size() == 1);
    CHECK_FALSE(collector.world.delivery->sender_status().ok());
    CHECK(collector.world.delivery->ledger().delivered == row.delivered);
    CHECK(collector.world.delivery->ledger().pending == 20 - row.delivered);
    collector.Check();
    collector.world.RunFor(minutes(15));
    CHECK(collector.world.delivery->ledger().delivered == 20);
  }
}

TEST_CASE(
    "a collector that orders to erase is sent nothing more; what is pending and what comes is dropped and counted") {
  FaultyCollector collector;
  collector.Begin();
  collector.answer = [](const HttpRequest&) { return ScriptedAnswer::Of(410, "", {{"guidon-stop", "erase"}}); };
  collector.world.TrackMany(700);
  collector.world.Expose("x");
  collector.world.RunFor(minutes(5));
  CHECK(collector.sent.size() == 1);
  CHECK(collector.world.Lost(kStopped) == 701);
  collector.world.TrackMany(10);
  collector.world.RunFor(minutes(5));
  CHECK(collector.sent.size() == 1);
  CHECK(collector.world.Lost(kStopped) == 711);
  CHECK(collector.world.delivery->ledger().pending == 0);
  std::vector<Row> rows;
  collector.world.storage->Read("o/", "o0", 1u << 20, [&rows](Result<std::vector<Row>> read) { rows = *read; });
  CHECK(rows.empty());
  collector.Check();
  // The next start asks again, and tells of the loss.
  collector.world.TrackMany(1);
  collector.world.RunFor(minutes(1));
  CHECK(collector.world.delivery->ledger().delivered == 2);
}

}  // namespace
}  // namespace guidon::events::test
