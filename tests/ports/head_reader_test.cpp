#include "platform/http/head_reader.h"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>

#include "platform/http/request_rules.h"

namespace guidon {
namespace {

using Seen = HeadReader::Seen;

Seen ReadAll(HeadReader* head, std::initializer_list<const char*> lines) {
  Seen seen = Seen::kMore;
  for (const char* line : lines) {
    REQUIRE(seen == Seen::kMore);
    seen = head->Line(line);
  }
  return seen;
}

TEST_CASE("names are lower-cased, values trimmed, and what is no header is passed over") {
  HeadReader head;
  CHECK(ReadAll(&head, {"HTTP/1.1 200 OK\r\n", "ETag:  \"a b\" \r\n", "no colon\r\n", ": no name\r\n", "X-Empty:\r\n",
                        "\r\n"}) == Seen::kEnd);
  CHECK(head.http_status() == 200);
  CHECK(head.headers() == HttpHeaders{{"etag", "\"a b\""}, {"x-empty", ""}});
}

TEST_CASE("interim answers leave nothing behind") {
  HeadReader head;
  CHECK(ReadAll(&head, {"HTTP/1.1 103 Early Hints\r\n", "Link: </a>\r\n", "\r\n", "HTTP/2 204 \r\n", "a: b\r\n",
                        "\r\n"}) == Seen::kEnd);
  CHECK(head.http_status() == 204);
  CHECK(head.headers() == HttpHeaders{{"a", "b"}});
}

TEST_CASE("trailers are no headers") {
  HeadReader head;
  REQUIRE(ReadAll(&head, {"HTTP/1.1 200 OK\r\n", "\r\n"}) == Seen::kEnd);
  CHECK(head.Line("location: https://elsewhere/\r\n") == Seen::kExtra);
  CHECK(head.Line("HTTP/1.1 500 Oh\r\n") == Seen::kExtra);
  CHECK(head.http_status() == 200);
  CHECK(head.headers().empty());
}

TEST_CASE("a head that does not end is cut off") {
  HeadReader long_lines;
  REQUIRE(long_lines.Line("HTTP/1.1 200 OK\r\n") == Seen::kMore);
  Seen seen = Seen::kMore;
  int lines = 0;
  for (; seen == Seen::kMore && lines < 10'000; ++lines)
    seen = long_lines.Line("a: " + std::string(1000, 'x') + "\r\n");
  CHECK(seen == Seen::kTooLarge);
  CHECK(lines == 66);
  HeadReader many_lines;
  REQUIRE(many_lines.Line("HTTP/1.1 200 OK\r\n") == Seen::kMore);
  for (lines = 0, seen = Seen::kMore; seen == Seen::kMore && lines < 10'000; ++lines)
    seen = many_lines.Line("a: b\r\n");
  CHECK(seen == Seen::kTooLarge);
  CHECK(lines == 201);
}

TEST_CASE("one gzip is taken, and every other encoding refused by name") {
  struct Case {
    HttpHeaders headers;
    bool good;
    bool is_gzip;
  };
  const Case cases[] = {
      {{}, true, false},
      {{{"content-encoding", "identity"}}, true, false},
      {{{"content-encoding", "GZIP"}}, true, true},
      {{{"content-encoding", "x-gzip"}}, true, true},
      {{{"content-encoding", "br"}}, false, false},
      {{{"content-encoding", "deflate"}}, false, false},
      {{{"content-encoding", "gzip, gzip"}}, false, false},
      {{{"content-encoding", "gzip"}, {"content-encoding", "gzip"}}, false, false},
  };
  for (const Case& each : cases) {
    HeadReader head;
    head.Line("HTTP/1.1 200 OK\r\n");
    for (const auto& header : each.headers) head.Line(header.first + ": " + header.second + "\r\n");
    CAPTURE(each.headers.size());
    bool is_gzip = false;
    const Status status = head.CheckEncoding(&is_gzip);
    CHECK(status.ok() == each.good);
    if (each.good) CHECK(is_gzip == each.is_gzip);
    if (!each.good) CHECK(status.code() == StatusCode::kUnsupported);
  }
}

TEST_CASE("only this device is loopback") {
  const std::string yes[] = {"localhost", "127.0.0.1", "127.255.0.3", "[::1]"};
  const std::string no[] = {
      "",    "localhost.", "localhost.example.com", "127.0.0.1.example.com", "128.0.0.1", "127.1", "0.0.0.0", "[::2]",
      "::1", "10.0.0.1"};
  for (const std::string& host : yes) {
    CAPTURE(host);
    CHECK(IsLoopback(host));
  }
  for (const std::string& host : no) {
    CAPTURE(host);
    CHECK(!IsLoopback(host));
  }
}

}  // namespace
}  // namespace guidon
