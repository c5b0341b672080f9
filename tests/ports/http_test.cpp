#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "guidon/platform_parts.h"
#include "tests/ports/http_calls.h"
#include "tests/support/loopback_server.h"
#include "tests/support/manual_lanes.h"
#include "tests/support/scripted_http.h"

namespace guidon::test {
namespace {

HttpRequest Get(const std::string& url) {
  HttpRequest request;
  request.url = url;
  request.most_bytes = 1u << 20;
  return request;
}

MonoTime In(Duration wait) { return SystemClock()->Monotonic() + wait; }
const Duration kLong = std::chrono::hours(1);

std::string Zip(const std::string& in) {
  std::string out;
  REQUIRE(ZlibCodec()->Gzip(in, &out));
  return out;
}

TEST_CASE("a request arrives as it was made, and its answer as it was given") {
  LoopbackRequest seen;
  LoopbackServer server([&seen](const LoopbackRequest& request) {
    seen = request;
    return LoopbackAnswer{201, {{"X-Answer", "Yes"}}, std::string("a\0b", 3), "text/plain"};
  });
  HttpRequest request = Get(server.Url("/v1/logs?x=%20y"));
  request.method = "POST";
  request.headers = {{"Content-Type", "application/json"}, {"X-Key", "k: 1"}, {"X-Empty", ""}};
  request.body = std::string("{\0}", 3);
  const auto http = CurlHttp();
  const Answer answer = Ask(*http, request);
  CHECK(answer.status.ok());
  CHECK(answer.http_status == 201);
  CHECK((answer.body == std::string("a\0b", 3)));
  CHECK(FindHeader(answer.headers, "x-answer") == "Yes");
  CHECK(seen.method == "POST");
  CHECK(seen.target == "/v1/logs?x=%20y");
  CHECK((seen.body == request.body));
  CHECK(FindHeader(seen.headers, "content-type") == "application/json");
  CHECK(FindHeader(seen.headers, "x-key") == "k: 1");
  CHECK(FindHeader(seen.headers, "accept-encoding") == "gzip");
  CHECK(FindHeader(seen.headers, "expect").empty());
}

TEST_CASE("every method is sent as it is, and errors of the server are answers") {
  std::string seen;
  LoopbackServer server([&seen](const LoopbackRequest& request) {
    seen = request.method + ' ' + request.body + std::string(FindHeader(request.headers, "content-type"));
    return LoopbackAnswer{503, {}, "busy", "text/plain"};
  });
  struct Case {
    std::string method;
    const char* body;
    const char* seen;
    const char* answer;
  };
  const Case cases[] = {{"GET", "", "GET ", "busy"},
                        {"HEAD", "", "HEAD ", ""},
                        {"POST", "", "POST ", "busy"},
                        {"PUT", "b", "PUT b", "busy"},
                        {"DELETE", "", "DELETE ", "busy"}};
  const auto http = CurlHttp();
  for (const Case& each : cases) {
    CAPTURE(each.method);
    HttpRequest request = Get(server.Url());
    request.method = each.method;
    request.body = each.body;
    const Answer answer = Ask(*http, request);
    CHECK(answer.status.ok());
    CHECK(answer.http_status == 503);
    CHECK(answer.body == each.answer);
    CHECK(seen == each.seen);
  }
}

TEST_CASE("a gzip answer is decoded, and no longer says that it is one") {
  const std::string text(100'000, 'x');
  LoopbackServer server([&](const LoopbackRequest&) {
    return LoopbackAnswer{200, {{"Content-Encoding", "gzip"}}, Zip(text), "application/octet-stream"};
  });
  const Answer answer = Ask(*CurlHttp(), Get(server.Url()));
  CHECK(answer.status.ok());
  CHECK((answer.body == text));
  CHECK(FindHeader(answer.headers, "content-encoding").empty());
  CHECK(FindHeader(answer.headers, "content-length").empty());
}

TEST_CASE("a body over its bound ends the request, and the bound is on decoded bytes") {
  LoopbackServer server([](const LoopbackRequest& request) {
    const std::string text(50'000, 'x');
    if (request.target == "/plain") return LoopbackAnswer{200, {}, text, "application/octet-stream"};
    return LoopbackAnswer{200, {{"Content-Encoding", "gzip"}}, Zip(text), "application/octet-stream"};
  });
  for (const std::string target : {"/plain", "/gzip"}) {
    CAPTURE(target);
    HttpRequest request = Get(server.Url(target));
    request.most_bytes = 50'000;
    CHECK(Ask(*CurlHttp(), request).status.ok());
    request.most_bytes = 49'999;
    const Answer answer = Ask(*CurlHttp(), request);
    CHECK(answer.status.code() == StatusCode::kTooLarge);
    CHECK(answer.http_status == 200);
    CHECK(answer.body.size() <= 49'999);
    request.most_bytes = 0;
    CHECK(Ask(*CurlHttp(), request).status.code() == StatusCode::kTooLarge);
  }
}

TEST_CASE("answers that are not what they say end in an error") {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  struct Case {
    std::string name;
    std::string reply;
    int http_status;
    StatusCode code;
  };
  const Case cases[] = {
      {"cut off in the body", ok + "Content-Length: 10\r\n\r\nabc", 200, StatusCode::kUnavailable},
      {"cut off in a chunk", ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nab", 200, StatusCode::kUnavailable},
      {"cut off in the head", ok + "Content-Le", 0, StatusCode::kUnavailable},
      {"no answer", "", 0, StatusCode::kUnavailable},
      {"no HTTP", "220 mail.example.com\r\n\r\nhello", 0, StatusCode::kInvalidArgument},
      {"damaged gzip", ok + "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd", 200, StatusCode::kCorrupt},
      {"an encoding nobody asked for", ok + "Content-Encoding: br\r\nContent-Length: 4\r\n\r\nabcd", 0,
       StatusCode::kUnsupported},
      {"a head without end", ok + Repeat("a: " + std::string(900, 'x') + "\r\n", 90) + "\r\n", 0,
       StatusCode::kTooLarge},
  };
  for (const Case& each : cases) {
    CAPTURE(each.name);
    RawServer server(each.reply);
    const Answer answer = Ask(*CurlHttp(), Get(server.Url()));
    CHECK(answer.status.code() == each.code);
    CHECK(answer.status.message() != "");
    CHECK(answer.http_status == each.http_status);
  }
}

TEST_CASE("a URL that is neither https nor http to this device is refused, but not inside Start") {
  const std::string urls[] = {"http://192.0.2.1/",
                              "http://example.com/",
                              "http://127.0.0.1.example.com/",
                              "http://localhost.example.com/",
                              "http://127.0.0.1@192.0.2.1/",
                              "http://user:secret@127.0.0.1/",
                              "ftp://127.0.0.1/",
                              "file:///etc/passwd",
                              "127.0.0.1/",
                              "https://",
                              "https://a b/",
                              ""};
  const auto http = CurlHttp();
  for (const std::string& url : urls) {
    CAPTURE(url);
    const Answer answer = Ask(*http, Get(url));
    CHECK(answer.status.code() == StatusCode::kInvalidArgument);
    CHECK(answer.status.message().find("url: ") == 0);
    CHECK(answer.status.message().find("secret") == std::string::npos);
    CHECK(answer.thread != std::this_thread::get_id());
  }
}

TEST_CASE("nothing in a method or a header can begin a line of its own") {
  std::atomic<int> hits{0};
  LoopbackServer server([&hits](const LoopbackRequest&) {
    ++hits;
    return LoopbackAnswer{};
  });
  const HttpHeaders bad_headers[] = {{{"a", "b\r\nc: d"}}, {{"a", "b\n"}}, {{"a\r\nb", "c"}},
                                     {{"a:", "b"}},        {{"", "b"}},    {{"a", std::string("b\0", 2)}}};
  const auto http = CurlHttp();
  for (const HttpHeaders& headers : bad_headers) {
    CAPTURE(headers.front().first);
    HttpRequest request = Get(server.Url());
    request.headers = headers;
    CHECK(Ask(*http, request).status.code() == StatusCode::kInvalidArgument);
  }
  HttpRequest request = Get(server.Url());
  request.method = "GET / HTTP/1.1\r\nx: y\r\n\r\nGET";
  CHECK(Ask(*http, request).status.code() == StatusCode::kInvalidArgument);
  CHECK(hits == 0);
}

TEST_CASE("redirects are followed on the same origin, as often as asked for") {
  LoopbackServer server([](const LoopbackRequest& request) {
    const int left = std::stoi(request.target.substr(1));
    if (left == 0) return LoopbackAnswer{200, {}, request.method + ' ' + request.body, "text/plain"};
    return LoopbackAnswer{left == 1 ? 308 : 307, {{"Location", "/" + std::to_string(left - 1)}}, "moved", "text/plain"};
  });
  const auto http = CurlHttp();
  HttpRequest request = Get(server.Url("/3"));
  request.method = "POST";
  request.body = "kept";
  request.redirects = 3;
  Answer answer = Ask(*http, request);
  CHECK(answer.status.ok());
  CHECK(answer.http_status == 200);
  CHECK(answer.heads == 1);
  CHECK(answer.body == "POST kept");

  request.redirects = 2;
  answer = Ask(*http, request);
  CHECK(answer.status.code() == StatusCode::kUnavailable);
  CHECK(answer.heads == 0);

  request.redirects = 0;
  answer = Ask(*http, request);
  CHECK(answer.status.ok());
  CHECK(answer.http_status == 307);
  CHECK(answer.body == "moved");
}

TEST_CASE("a redirect that would make a GET of a POST is an answer") {
  LoopbackServer server([](const LoopbackRequest&) {
    return LoopbackAnswer{302, {{"Location", "/"}}, "", "text/plain"};
  });
  HttpRequest request = Get(server.Url());
  request.method = "POST";
  request.redirects = 3;
  const Answer answer = Ask(*CurlHttp(), request);
  CHECK(answer.status.ok());
  CHECK(answer.http_status == 302);
}

TEST_CASE("a redirect elsewhere is refused before anybody connects there") {
  std::atomic<int> hits{0};
  LoopbackServer elsewhere([&hits](const LoopbackRequest&) {
    ++hits;
    return LoopbackAnswer{};
  });
  std::string location;
  LoopbackServer server([&location](const LoopbackRequest&) {
    return LoopbackAnswer{302, {{"Location", location}}, "", "text/plain"};
  });
  const std::string port = std::to_string(server.port());
  const std::string locations[] = {elsewhere.Url(),
                                   "//127.0.0.1:" + std::to_string(elsewhere.port()) + "/",
                                   "http://localhost:" + port + "/",
                                   "https://127.0.0.1:" + port + "/",
                                   "http://example.com/",
                                   "https://example.com/",
                                   "file:///etc/passwd",
                                   "http://user@127.0.0.1:" + port + "/"};
  const auto http = CurlHttp();
  for (const std::string& each : locations) {
    CAPTURE(each);
    location = each;
    HttpRequest request = Get(server.Url());
    request.redirects = 3;
    const Answer answer = Ask(*http, request);
    CHECK(answer.status.code() == StatusCode::kUntrusted);
    CHECK(answer.heads == 0);
  }
  CHECK(hits == 0);
}

TEST_CASE("a connection refused is told") {
  int port = 0;
  { port = RawServer("").port(); }
  const Answer answer = Ask(*CurlHttp(), Get("http://127.0.0.1:" + std::to_string(port) + "/"));
  CHECK(answer.status.code() == StatusCode::kUnavailable);
  CHECK(answer.status.message().find("127.0.0.1: ") == 0);
  CHECK(answer.heads == 0);
}

TEST_CASE("a server that says nothing costs the timeouts and no more") {
  const MuteServer mute;
  HttpRequest request = Get(mute.Url());
  SUBCASE("in all") {
    request.total_timeout = Duration(50);
    request.idle_timeout = kLong;
    const Answer answer = Ask(*CurlHttp(), request);
    CHECK(answer.status.code() == StatusCode::kUnavailable);
  }
  SUBCASE("without a byte") {
    request.total_timeout = Duration(0);
    request.idle_timeout = Duration(50);
    const Answer answer = Ask(*CurlHttp(), request);
    CHECK(answer.status.code() == StatusCode::kUnavailable);
    CHECK(answer.status.message() == "127.0.0.1: not a byte for 50 ms");
  }
}

// Without timeouts, so that only a cancellation can end it.
HttpRequest ForEver(const MuteServer& mute) {
  HttpRequest request = Get(mute.Url());
  request.total_timeout = Duration(0);
  request.idle_timeout = Duration(0);
  return request;
}

TEST_CASE("Cancel ends that request and no other") {
  const MuteServer mute;
  LoopbackServer server([](const LoopbackRequest&) { return LoopbackAnswer{}; });
  const auto http = CurlHttp();
  const auto cancelled = std::make_shared<RecordingSink>();
  const auto waiting = std::make_shared<RecordingSink>();
  http->Start(1, ForEver(mute), cancelled);
  http->Start(2, ForEver(mute), waiting);
  http->Cancel(3);
  http->Cancel(1);
  CHECK(cancelled->Await().status.code() == StatusCode::kClosed);
  http->Cancel(1);
  CHECK(Ask(*http, Get(server.Url())).status.ok());
  CHECK(waiting->dones() == 0);
  CHECK(http->Stop(In(kLong)));
  CHECK(waiting->Await().status.code() == StatusCode::kClosed);
  CHECK(cancelled->dones() == 1);
  CHECK(waiting->dones() == 1);
}

TEST_CASE("Stop ends what a mute server keeps waiting, and then nothing is called any more") {
  const MuteServer mute;
  const auto http = CurlHttp();
  std::vector<std::shared_ptr<RecordingSink>> sinks;
  for (std::uint64_t id = 0; id < 5; ++id) {
    sinks.push_back(std::make_shared<RecordingSink>());
    http->Start(id, ForEver(mute), sinks.back());
  }
  REQUIRE(http->Stop(In(kLong)));
  for (const auto& sink : sinks) {
    CHECK(sink->dones() == 1);
    CHECK(sink.use_count() == 1);
  }
  const auto late = std::make_shared<RecordingSink>();
  http->Start(9, ForEver(mute), late);
  http->Cancel(9);
  CHECK(http->Stop(MonoTime()));
  CHECK(late->dones() == 0);
  CHECK(late.use_count() == 1);
}

TEST_CASE("Stop returns by its deadline though a sink does not, and says so") {
  LoopbackServer server([](const LoopbackRequest&) { return LoopbackAnswer{}; });
  Gate entered;
  Gate leave;
  const auto sink = std::make_shared<RecordingSink>();
  sink->OnHead([&] {
    entered.Open();
    leave.Await();
  });
  const auto http = CurlHttp();
  http->Start(1, Get(server.Url()), sink);
  entered.Await();
  CHECK(!http->Stop(MonoTime()));
  leave.Open();
  CHECK(http->Stop(In(kLong)));
  CHECK(sink->dones() == 1);
}

TEST_CASE("a sink may start, cancel and stop from within its calls") {
  const MuteServer mute;
  LoopbackServer server([](const LoopbackRequest&) { return LoopbackAnswer{200, {}, "body", "text/plain"}; });
  const auto http = CurlHttp();
  const auto first = std::make_shared<RecordingSink>();
  const auto second = std::make_shared<RecordingSink>();
  const auto third = std::make_shared<RecordingSink>();
  bool stopped = true;
  first->OnHead([&] {
    http->Start(2, ForEver(mute), second);
    http->Start(3, ForEver(mute), third);
    http->Cancel(2);
  });
  second->OnDone([&] { stopped = http->Stop(In(kLong)); });
  http->Start(1, Get(server.Url()), first);
  CHECK(second->Await().status.code() == StatusCode::kClosed);
  CHECK(third->Await().status.code() == StatusCode::kClosed);
  CHECK(http->Stop(In(kLong)));
  CHECK(!stopped);
  CHECK(first->dones() == 1);
}

TEST_CASE("a sink that wants no more ends its request") {
  LoopbackServer server([](const LoopbackRequest&) {
    return LoopbackAnswer{200, {}, std::string(500'000, 'x'), "application/octet-stream"};
  });
  const auto sink = std::make_shared<RecordingSink>();
  sink->TakeBodies(1);
  const auto http = CurlHttp();
  http->Start(1, Get(server.Url()), sink);
  CHECK(sink->Await().status.code() == StatusCode::kClosed);
  CHECK(sink->Await().bodies == 1);
}

#if defined(__linux__)
TEST_CASE("a connection outlives the thread, which is there only while requests are") {
  const auto threads = [] {
    const std::filesystem::directory_iterator tasks("/proc/self/task");
    return std::distance(begin(tasks), end(tasks));
  };
  std::vector<int> ports;
  LoopbackServer server([&ports](const LoopbackRequest& request) {
    ports.push_back(request.peer_port);
    return LoopbackAnswer{};
  });
  CHECK(Ask(*CurlHttp(), Get(server.Url())).status.ok());  // by now the server's own threads are all there
  const auto before = threads();
  const auto http = CurlHttp();
  ports.clear();
  for (int i = 0; i < 3; ++i) {
    CHECK(Ask(*http, Get(server.Url())).status.ok());
    while (threads() > before) std::this_thread::yield();
  }
  REQUIRE(ports.size() == 3);
  CHECK(ports[0] == ports[1]);
  CHECK(ports[1] == ports[2]);
}
#endif

TEST_CASE("many requests at once are each answered once") {
  LoopbackServer server([](const LoopbackRequest& request) {
    return LoopbackAnswer{200, {}, request.target, "text/plain"};
  });
  const auto http = CurlHttp();
  std::vector<std::shared_ptr<RecordingSink>> sinks;
  for (std::uint64_t id = 0; id < 40; ++id) {
    sinks.push_back(std::make_shared<RecordingSink>());
    http->Start(id, Get(server.Url("/" + std::to_string(id))), sinks.back());
  }
  for (std::size_t id = 0; id < sinks.size(); ++id) {
    const Answer answer = sinks[id]->Await();
    CHECK(answer.status.ok());
    CHECK(answer.body == "/" + std::to_string(id));
  }
  CHECK(http->Stop(In(kLong)));
  for (const auto& sink : sinks) CHECK(sink->dones() == 1);
}

TEST_CASE("the port may go while requests are under way") {
  const MuteServer mute;
  const auto sink = std::make_shared<RecordingSink>();
  CurlHttp()->Start(1, ForEver(mute), sink);
  CHECK(sink->Await().status.code() == StatusCode::kClosed);
}

TEST_CASE("scripted answers come when the test says so, never inside Start") {
  ScriptedHttp http;
  http.Push(ScriptedAnswer::Of(200, "hello", {{"etag", "1"}}));
  http.Push(ScriptedAnswer::Hanging());
  http.Push(ScriptedAnswer::Failed());
  std::vector<std::shared_ptr<RecordingSink>> sinks;
  for (std::uint64_t id = 0; id < 4; ++id) {
    sinks.push_back(std::make_shared<RecordingSink>());
    http.Start(id, Get("https://example.com/"), sinks.back());
    CHECK(sinks.back()->dones() == 0);
  }
  CHECK(http.Deliver() == 2);
  CHECK(sinks[0]->Await().body == "hello");
  CHECK(sinks[2]->Await().status.code() == StatusCode::kUnavailable);
  CHECK(http.under_way() == 2);
  http.Cancel(1);
  CHECK(sinks[1]->dones() == 0);
  CHECK(http.Deliver() == 1);
  CHECK(sinks[1]->Await().status.code() == StatusCode::kClosed);
  CHECK(http.Stop(MonoTime()));
  CHECK(sinks[3]->Await().status.code() == StatusCode::kClosed);
  for (const auto& sink : sinks) CHECK(sink->dones() == 1);
  CHECK(http.request_count() == 4);
}

TEST_CASE("with lanes, scripted answers come in a turn of theirs, in pieces and within the bound") {
  FakeClock clock;
  ManualLanes lanes(&clock);
  ScriptedHttp http(&lanes);
  http.SetHandler([](const HttpRequest& request) {
    ScriptedAnswer answer = ScriptedAnswer::Of(200, request.url);
    answer.chunk = 10;
    return answer;
  });
  const auto whole = std::make_shared<RecordingSink>();
  const auto bounded = std::make_shared<RecordingSink>();
  HttpRequest request = Get("https://example.com/datafile");
  http.Start(1, request, whole);
  request.most_bytes = 15;
  http.Start(2, request, bounded);
  CHECK(whole->dones() == 0);
  lanes.RunReady();
  CHECK(whole->Await().body == "https://example.com/datafile");
  CHECK(whole->Await().bodies == 3);
  CHECK(bounded->Await().status.code() == StatusCode::kTooLarge);
  CHECK(bounded->Await().body == "https://ex");
}

}  // namespace
}  // namespace guidon::test
