// The collector over real HTTP on loopback.
#include "samples/collector/server.h"

#include <doctest/doctest.h>
#include <httplib.h>

#include <thread>

#include "sdk/core/base/json.h"
#include "tests/unit/collector/gzip.h"
#include "tests/unit/collector/running_server.h"
#include "tests/unit/collector/world.h"

namespace guidon::collector {
namespace {

TEST_CASE("events arrive plain and packed, and the results show them") {
  Running running;
  const auto plain = running.Post(Body({Tracked("t1", "unit-1", "shared")}));
  REQUIRE(plain);
  CHECK(plain->status == 200);
  CHECK(plain->body == R"({"partialSuccess":{}})");
  CHECK(plain->get_header_value("Content-Type") == "application/json");
  const auto packed = running.Post(Gzip(Body({Tracked("t2", "unit-1", "shared")})), {{"Content-Encoding", "gzip"}});
  REQUIRE(packed);
  CHECK(packed->body == R"({"partialSuccess":{}})");
  const auto results = running.client->Get("/results.json");
  REQUIRE(results);
  const auto document = json::Document::Parse(results->body, nullptr);
  REQUIRE(document.has_value());
  CHECK(document->root()["events"].AsInt() == 2);
  CHECK(document->root()["project"].AsString() == std::string_view("notes"));
}

TEST_CASE("posts that arrive together keep each event once") {
  Running running;
  std::vector<Event> events;
  for (int i = 0; i < 100; ++i) events.push_back(Tracked(std::to_string(i), "unit-1", "shared"));
  const std::string body = Body(events);
  std::vector<std::thread> threads;
  std::vector<int> statuses(6);
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    threads.emplace_back([&, i] {
      httplib::Client client("127.0.0.1", running.port());
      const auto answer = client.Post("/v1/logs", body, "application/json");
      statuses[i] = answer ? answer->status : -1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int status : statuses) CHECK(status == 200);
  const auto results = running.client->Get("/results.json");
  REQUIRE(results);
  const auto document = json::Document::Parse(results->body, nullptr);
  REQUIRE(document.has_value());
  CHECK(document->root()["events"].AsInt() == 100);
  CHECK(document->root()["duplicates"].AsInt() == 500);
}

TEST_CASE("requests that no client of ours sends are refused") {
  Running running;
  const std::string body = Body({Tracked("t1", "unit-1", "shared")});
  const std::string bomb = Gzip(R"({"resourceLogs":[)" + std::string(40u << 20, ' ') + "]}");
  const struct {
    const char* name;
    std::string body;
    httplib::Headers headers;
    const char* type;
    int status;
  } rows[] = {{"a form of another page", body, {}, "text/plain", 415},
              {"an unknown encoding", body, {{"Content-Encoding", "br"}}, "application/json", 415},
              {"a bomb", bomb, {{"Content-Encoding", "gzip"}}, "application/json", 413},
              {"no gzip", body, {{"Content-Encoding", "gzip"}}, "application/json", 400},
              {"no JSON", "{", {}, "application/json", 400},
              {"a name that was pointed here", body, {{"Host", "evil.example"}}, "application/json", 403},
              {"with a type's parameter", body, {}, "application/json; charset=utf-8", 200}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto answer = running.Post(row.body, row.headers, row.type);
    REQUIRE(answer);
    CHECK(answer->status == row.status);
  }
}

TEST_CASE("the datafile has a tag, and is sent again only when it changed") {
  Running running;
  const auto first = running.client->Get("/datafile");
  REQUIRE(first);
  CHECK(first->status == 200);
  CHECK(first->body == Datafile());
  CHECK(first->get_header_value("Cache-Control") == "no-cache");
  const std::string etag = first->get_header_value("ETag");
  CHECK(etag.front() == '"');
  const auto same = running.client->Get("/datafile", {{"If-None-Match", "\"other\", W/" + etag}});
  REQUIRE(same);
  CHECK(same->status == 304);
  CHECK(same->body.empty());
  running.folder.Write("datafile", Datafile(2));
  const auto newer = running.client->Get("/datafile", {{"If-None-Match", etag}});
  REQUIRE(newer);
  CHECK(newer->status == 200);
  CHECK(newer->body == Datafile(2));
  CHECK(newer->get_header_value("ETag") != etag);
  SUBCASE("a half-written file changes nothing but the health") {
    running.folder.Write("datafile", Datafile(3).substr(0, 200));
    CHECK(running.client->Get("/datafile")->body == Datafile(2));
    CHECK(running.client->Get("/healthz")->status == 503);
    running.folder.Write("datafile", Datafile(3));
    CHECK(running.client->Get("/datafile")->body == Datafile(3));
    CHECK(running.client->Get("/healthz")->status == 200);
  }
  SUBCASE("a version that nobody fetched yet is known to the next request") {
    running.folder.Write("datafile", Datafile(3));
    const auto answer = running.Post(Body({Exposure("3", "unit-1").Text("feature_flag.version", "1.3")}));
    REQUIRE(answer);
    CHECK(answer->body == R"({"partialSuccess":{}})");
  }
  SUBCASE("exposures under both versions are good") {
    const auto answer =
        running.Post(Body({Exposure("1", "unit-1"), Exposure("2", "unit-1").Text("feature_flag.version", "1.2")}));
    REQUIRE(answer);
    CHECK(answer->body == R"({"partialSuccess":{}})");
  }
}

TEST_CASE("the page brings its policy and is not kept") {
  Running running;
  const auto page = running.client->Get("/");
  REQUIRE(page);
  CHECK(page->status == 200);
  CHECK(page->get_header_value("Content-Security-Policy").find("default-src 'none'") == 0);
  CHECK(page->get_header_value("X-Content-Type-Options") == "nosniff");
  CHECK(page->get_header_value("Cache-Control") == "no-store");
  CHECK(page->body.find("notes / test") != std::string::npos);
  const auto again = running.client->Get("/");
  REQUIRE(again);
  CHECK(page->get_header_value("Content-Security-Policy") != again->get_header_value("Content-Security-Policy"));
  CHECK(running.client->Get("/nothing")->status == 404);
}

TEST_CASE("with a token the results need it, and devices do not") {
  Running running("s3cret");
  const struct {
    const char* path;
    httplib::Headers headers;
    int status;
  } rows[] = {{"/", {}, 401},
              {"/results.json", {}, 401},
              {"/?token=wrong!", {}, 401},
              {"/?token=", {}, 401},
              {"/", {{"Authorization", "Bearer s3creT"}}, 401},
              {"/", {{"Authorization", "Bearer s3cret"}}, 200},
              {"/results.json?token=s3cret", {}, 200},
              {"/datafile", {}, 200},
              {"/healthz", {}, 200}};
  for (const auto& row : rows) {
    CAPTURE(row.path);
    const auto answer = running.client->Get(row.path, row.headers);
    REQUIRE(answer);
    CHECK(answer->status == row.status);
  }
  CHECK(running.Post(Body({Tracked("t1", "unit-1", "shared")}))->status == 200);
}

TEST_CASE("a collector does not start on what it cannot serve") {
  Folder folder;
  folder.Write("good", Datafile());
  folder.Write("bad", "<html>");
  const struct {
    const char* name;
    const char* datafile;
    const char* host;
    const char* says;
  } rows[] = {{"an address of the network, without a token", "good", "0.0.0.0", "--token"},
              {"no datafile", "missing", "127.0.0.1", "missing"},
              {"a web page", "bad", "127.0.0.1", "bad"}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    ServerOptions options;
    options.database_path = folder / "events.db";
    options.datafile_path = folder / row.datafile;
    options.host = row.host;
    const auto opened = Server::Open(std::move(options));
    REQUIRE(!opened.ok());
    CHECK(opened.status().message().find(row.says) != std::string::npos);
  }
}

TEST_CASE("only names of this machine's loopback pass") {
  const struct {
    const char* host;
    bool is_loopback;
  } rows[] = {{"127.0.0.1", true},       {"127.0.0.1:8080", true}, {"localhost:1", true}, {"[::1]:80", true},
              {"127.1.2.3", true},       {"evil.example", false},  {"", false},           {"127.evil.example", false},
              {"localhost.evil", false}, {"10.0.0.1", false},      {"[::2]", false},      {"evil:127.0.0.1", false}};
  for (const auto& row : rows) {
    CAPTURE(row.host);
    CHECK(IsLoopbackHost(row.host) == row.is_loopback);
  }
}

}  // namespace
}  // namespace guidon::collector
