#include "sdk/datafile/fetcher.h"

#include <doctest/doctest.h>

#include "guidon/limits.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scripted_http.h"

using namespace guidon;
using namespace guidon::datafile;
using guidon::test::FakeClock;
using guidon::test::ScriptedAnswer;
using guidon::test::ScriptedHttp;

namespace {

struct World {
  std::shared_ptr<ScriptedHttp> http = std::make_shared<ScriptedHttp>();
  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  Fetcher fetcher{http, clock, "https://cdn.example.com/d", {{"X-Api-Key", "secret"}}};

  FetchAnswer Fetch(const std::string& etag, ScriptedAnswer answer) {
    http->Push(std::move(answer));
    std::vector<FetchAnswer> answers;
    fetcher.Start(etag, [&](FetchAnswer got) { answers.push_back(std::move(got)); });
    CHECK(answers.empty());
    http->Deliver();
    REQUIRE(answers.size() == 1);
    return answers.front();
  }
};

ScriptedAnswer Cut(std::string body) {
  ScriptedAnswer answer = ScriptedAnswer::Of(200, std::move(body), {{"etag", "\"v1\""}});
  answer.failure = Status(StatusCode::kUnavailable, "connection cut");
  return answer;
}

}  // namespace

TEST_CASE("the request asks for what is newer, within bounds") {
  World world;
  world.Fetch("\"v1\"", ScriptedAnswer::Of(304));
  const HttpRequest request = world.http->requests().at(0);
  CHECK(request.method == "GET");
  CHECK(request.url == "https://cdn.example.com/d");
  CHECK(FindHeader(request.headers, "If-None-Match") == "\"v1\"");
  CHECK(FindHeader(request.headers, "X-Api-Key") == "secret");
  CHECK(request.connect_timeout == std::chrono::seconds(5));
  CHECK(request.total_timeout == std::chrono::seconds(15));
  CHECK(request.most_bytes == limits::kDatafileBytes);
  CHECK(request.redirects == 3);
  CHECK(request.body.empty());
}

TEST_CASE("without an ETag, or with one that could break out of its line, the datafile is asked for whatever it is") {
  const std::string rows[] = {"", "\"a\"\r\nHost: evil.example.com", std::string("a\0b", 3), std::string(257, 'e')};
  for (const std::string& etag : rows) {
    CAPTURE(etag);
    World world;
    world.Fetch(etag, ScriptedAnswer::Of(200, "{}"));
    const HttpRequest request = world.http->requests().at(0);
    for (const auto& header : request.headers) CHECK(header.first != "If-None-Match");
  }
}

TEST_CASE("each answer has its meaning") {
  struct Row {
    std::string name;
    const char* etag;
    ScriptedAnswer answer;
    StatusCode code;
    bool not_modified;
    const char* bytes;
    const char* new_etag;
  };
  const Row rows[] = {
      {"datafile", "", ScriptedAnswer::Of(200, "{}", {{"etag", "\"v2\""}}), StatusCode::kOk, false, "{}", "\"v2\""},
      {"no ETag", "\"v1\"", ScriptedAnswer::Of(200, "{}"), StatusCode::kOk, false, "{}", ""},
      {"nothing newer", "\"v1\"", ScriptedAnswer::Of(304), StatusCode::kOk, true, "", ""},
      {"304 without a cache", "", ScriptedAnswer::Of(304), StatusCode::kUnavailable, false, "", ""},
      {"a page", "", ScriptedAnswer::Of(200, "<html>"), StatusCode::kOk, false, "<html>", ""},
      {"no content", "", ScriptedAnswer::Of(204), StatusCode::kUnavailable, false, "", ""},
      {"a part", "", ScriptedAnswer::Of(206, "{"), StatusCode::kUnavailable, false, "", ""},
      {"redirect not followed", "", ScriptedAnswer::Of(302), StatusCode::kUnavailable, false, "", ""},
      {"unauthorized", "", ScriptedAnswer::Of(401, "no"), StatusCode::kPermissionDenied, false, "", ""},
      {"forbidden", "", ScriptedAnswer::Of(403), StatusCode::kPermissionDenied, false, "", ""},
      {"not there", "", ScriptedAnswer::Of(404, "{}", {{"etag", "\"v\""}}), StatusCode::kNotFound, false, "", ""},
      {"gone", "", ScriptedAnswer::Of(410), StatusCode::kNotFound, false, "", ""},
      {"too many", "", ScriptedAnswer::Of(429), StatusCode::kUnavailable, false, "", ""},
      {"broken", "\"v1\"", ScriptedAnswer::Of(500, "{}"), StatusCode::kUnavailable, false, "", ""},
      {"offline", "", ScriptedAnswer::Failed(), StatusCode::kUnavailable, false, "", ""},
      {"bad address", "", ScriptedAnswer::Failed(StatusCode::kInvalidArgument, "not https"),
       StatusCode::kInvalidArgument, false, "", ""},
      {"cut half-way", "", Cut("{\"fla"), StatusCode::kUnavailable, false, "", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    World world;
    const FetchAnswer answer = world.Fetch(row.etag, row.answer);
    CHECK(answer.status.code() == row.code);
    CHECK(answer.status.message().empty() == (row.code == StatusCode::kOk));
    CHECK(answer.not_modified == row.not_modified);
    CHECK(answer.bytes == row.bytes);
    CHECK(answer.etag == row.new_etag);
    CHECK_FALSE(answer.retry_after.has_value());
  }
}

TEST_CASE("a body over the limit is refused even when the port lets it through") {
  World world;
  ScriptedAnswer largest = ScriptedAnswer::Of(200, std::string(limits::kDatafileBytes, 'x'));
  largest.chunk = 60'000;
  CHECK(world.Fetch("", largest).bytes.size() == limits::kDatafileBytes);
  largest.body += 'x';
  const FetchAnswer answer = world.Fetch("", largest);
  CHECK(answer.status.code() == StatusCode::kTooLarge);
  CHECK(answer.bytes.empty());
}

TEST_CASE("a cancelled request still answers, once") {
  World world;
  int answers = 0;
  world.fetcher.Start("", [&](const FetchAnswer& answer) {
    ++answers;
    CHECK_FALSE(answer.status.ok());
  });
  world.fetcher.Cancel();
  world.http->Deliver();
  CHECK(answers == 1);
}

TEST_CASE("a failing server's wish to be left alone is read, its date by the server's own clock") {
  World world;
  const auto wait = [&](int http_status, HttpHeaders headers) {
    return world.Fetch("", ScriptedAnswer::Of(http_status, "{}", std::move(headers))).retry_after;
  };
  CHECK(wait(503, {{"retry-after", "120"}}) == std::chrono::seconds(120));
  CHECK(wait(503, {{"retry-after", "Sun, 06 Nov 1994 08:49:47 GMT"}, {"date", "Sun, 06 Nov 1994 08:49:37 GMT"}}) ==
        std::chrono::seconds(10));
  CHECK(wait(503, {{"retry-after", "Sat, 21 Nov 2026 10:02:00 GMT"}}) ==  // FakeClock shows 10:00
        std::chrono::seconds(120));
  CHECK_FALSE(wait(503, {}).has_value());
  CHECK_FALSE(wait(200, {{"retry-after", "120"}}).has_value());
}
