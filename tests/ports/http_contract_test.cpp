// What every Http port promises, whoever turns it: the one that ships, and those of samples/hosts.
#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "frame_http.h"
#include "guidon/platform_parts.h"
#include "tests/ports/http_calls.h"
#include "tests/support/loopback_server.h"

#if defined(GUIDON_TEST_QT)
#include <QCoreApplication>
#include <QThread>

#include "qt_ports.h"
#endif

namespace guidon::test {
namespace {

const Duration kLong = std::chrono::hours(1);
MonoTime In(Duration wait) { return SystemClock()->Monotonic() + wait; }

HttpRequest Get(const std::string& url) {
  HttpRequest request;
  request.url = url;
  request.most_bytes = 1u << 20;
  return request;
}

// Without timeouts, so that only a cancellation can end it.
HttpRequest ForEver(const MuteServer& mute) {
  HttpRequest request = Get(mute.Url());
  request.total_timeout = Duration(0);
  request.idle_timeout = Duration(0);
  return request;
}

// A frame loop.
void OnFrames(const std::function<void(Http&)>& story) {
  FrameHttp http(SystemClock());
  std::atomic<bool> is_over{false};
  std::thread loop([&] {
    while (!is_over) {
      http.Turn();
      std::this_thread::yield();
    }
  });
  story(http);
  is_over = true;
  loop.join();
}

#if defined(GUIDON_TEST_QT)
// An event loop on a thread of its own; the port is made and destroyed there.
void OnQt(const std::function<void(Http&)>& story) {
  static int argc = 1;
  static char name[] = "http_contract_test";
  static char* argv[] = {name, nullptr};
  static QCoreApplication app(argc, argv);
  QThread thread;
  QObject there;
  there.moveToThread(&thread);
  thread.start();
  std::unique_ptr<QtHttp> http;
  QMetaObject::invokeMethod(
      &there, [&] { http = std::make_unique<QtHttp>(SystemClock()); }, Qt::BlockingQueuedConnection);
  story(*http);
  QMetaObject::invokeMethod(
      &there, [&] { http.reset(); }, Qt::BlockingQueuedConnection);
  thread.quit();
  thread.wait();
}
#endif

void OnEach(const std::function<void(Http&)>& story) {
  SUBCASE("curl, on a thread of its own") { story(*CurlHttp()); }
  SUBCASE("curl, in a frame loop") { OnFrames(story); }
#if defined(GUIDON_TEST_QT)
  SUBCASE("Qt") { OnQt(story); }
#endif
}

TEST_CASE("every port: a request arrives as it was made, and its answer as it was given") {
  LoopbackRequest seen;
  LoopbackServer server([&seen](const LoopbackRequest& request) {
    seen = request;
    return LoopbackAnswer{201, {{"X-Answer", "Yes"}}, std::string("a\0b", 3), "text/plain"};
  });
  HttpRequest request = Get(server.Url("/v1/logs?x=%20y"));
  request.method = "POST";
  request.headers = {{"Content-Type", "application/json"}, {"X-Key", "k: 1"}};
  request.body = std::string("{\0}", 3);
  OnEach([&](Http& http) {
    const Answer answer = Ask(http, request);
    CHECK(answer.status.ok());
    CHECK(answer.http_status == 201);
    CHECK((answer.body == std::string("a\0b", 3)));
    CHECK(answer.heads == 1);
    CHECK(FindHeader(answer.headers, "x-answer") == "Yes");
    CHECK(seen.method == "POST");
    CHECK(seen.target == "/v1/logs?x=%20y");
    CHECK((seen.body == request.body));
    CHECK(FindHeader(seen.headers, "content-type") == "application/json");
    CHECK(FindHeader(seen.headers, "x-key") == "k: 1");
  });
}

TEST_CASE("every port: errors of the server are answers, whatever the method") {
  int status = 0;
  std::string seen;
  LoopbackServer server([&](const LoopbackRequest& request) {
    seen = request.method + ' ' + request.body;
    return LoopbackAnswer{status, {{"Retry-After", "7"}}, status == 204 || status == 304 ? "" : "why", "text/plain"};
  });
  OnEach([&](Http& http) {
    for (const int each : {200, 204, 304, 400, 401, 403, 404, 410, 413, 422, 429, 500, 503}) {
      CAPTURE(each);
      status = each;
      HttpRequest request = Get(server.Url());
      request.headers = {{"Content-Type", "text/plain"}};
      request.method = each % 2 == 0 ? "POST" : "GET";
      request.body = each % 2 == 0 ? "body" : "";
      const Answer answer = Ask(http, request);
      CHECK(answer.status.ok());
      CHECK(answer.http_status == each);
      CHECK(FindHeader(answer.headers, "retry-after") == "7");
      CHECK(seen == request.method + ' ' + request.body);
    }
  });
}

TEST_CASE("every port: a body over its bound ends the request, and the bound is on decoded bytes") {
  const std::string text(50'000, 'x');
  std::string zipped;
  REQUIRE(ZlibCodec()->Gzip(text, &zipped));
  LoopbackServer server([&](const LoopbackRequest& request) {
    if (request.target == "/plain") return LoopbackAnswer{200, {}, text, "application/octet-stream"};
    return LoopbackAnswer{200, {{"Content-Encoding", "gzip"}}, zipped, "application/octet-stream"};
  });
  OnEach([&](Http& http) {
    for (const std::string target : {"/plain", "/gzip"}) {
      CAPTURE(target);
      HttpRequest request = Get(server.Url(target));
      request.most_bytes = 50'000;
      const Answer whole = Ask(http, request);
      CHECK(whole.status.ok());
      CHECK((whole.body == text));
      request.most_bytes = 49'999;
      const Answer cut = Ask(http, request);
      CHECK(cut.status.code() == StatusCode::kTooLarge);
      CHECK(cut.body.size() <= 49'999);
    }
  });
}

TEST_CASE("every port: what may not be sent is refused, but not inside Start") {
  std::atomic<int> hits{0};
  LoopbackServer server([&hits](const LoopbackRequest&) {
    ++hits;
    return LoopbackAnswer{};
  });
  std::vector<HttpRequest> bad;
  for (const char* url : {"http://192.0.2.1/", "http://example.com/", "http://127.0.0.1.example.com/",
                          "http://user:secret@127.0.0.1/", "ftp://127.0.0.1/", "file:///etc/passwd", "https://", ""}) {
    bad.push_back(Get(url));
  }
  for (const char* value : {"b\r\nc: d", "b\n"}) {
    bad.push_back(Get(server.Url()));
    bad.back().headers = {{"a", value}};
  }
  bad.push_back(Get(server.Url()));
  bad.back().headers = {{"a\r\nb", "c"}};
  bad.push_back(Get(server.Url()));
  bad.back().method = "GET / HTTP/1.1\r\nx: y\r\n\r\nGET";
  OnEach([&](Http& http) {
    for (const HttpRequest& request : bad) {
      CAPTURE(request.url);
      const Answer answer = Ask(http, request);
      CHECK(answer.status.code() == StatusCode::kInvalidArgument);
      CHECK(answer.status.message().find("secret") == std::string::npos);
      CHECK((answer.thread != std::this_thread::get_id()));
    }
    CHECK(hits == 0);
  });
}

TEST_CASE("every port: no connection, a cut answer and silence are told as unavailable") {
  OnEach([](Http& http) {
    const ReservedPort nobody;
    CHECK(Ask(http, Get("http://127.0.0.1:" + std::to_string(nobody.port()) + "/")).status.code() ==
          StatusCode::kUnavailable);
    const RawServer cut("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    CHECK(Ask(http, Get(cut.Url())).status.code() == StatusCode::kUnavailable);
    const MuteServer mute;
    HttpRequest request = Get(mute.Url());
    request.total_timeout = Duration(50);
    CHECK(Ask(http, request).status.code() == StatusCode::kUnavailable);
  });
}

TEST_CASE("every port: a redirect never leads elsewhere") {
  std::atomic<int> hits{0};
  LoopbackServer elsewhere([&hits](const LoopbackRequest&) {
    ++hits;
    return LoopbackAnswer{};
  });
  LoopbackServer server([&](const LoopbackRequest&) {
    return LoopbackAnswer{302, {{"Location", elsewhere.Url()}}, "", "text/plain"};
  });
  OnEach([&](Http& http) {
    HttpRequest request = Get(server.Url());
    request.redirects = 3;
    const Answer answer = Ask(http, request);
    CHECK((answer.http_status == 302 || answer.status.code() == StatusCode::kUntrusted));
    CHECK(hits == 0);
  });
}

TEST_CASE("every port: Cancel ends that request and no other, and Stop the rest; then nothing is called any more") {
  OnEach([](Http& http) {
    const MuteServer mute;
    LoopbackServer server([](const LoopbackRequest&) { return LoopbackAnswer{}; });
    const auto cancelled = std::make_shared<RecordingSink>();
    const auto waiting = std::make_shared<RecordingSink>();
    http.Start(1, ForEver(mute), cancelled);
    http.Start(2, ForEver(mute), waiting);
    http.Cancel(3);
    http.Cancel(1);
    CHECK(cancelled->Await().status.code() == StatusCode::kClosed);
    http.Cancel(1);
    CHECK(Ask(http, Get(server.Url())).status.ok());
    CHECK(waiting->dones() == 0);
    CHECK(http.Stop(In(kLong)));
    CHECK(waiting->Await().status.code() == StatusCode::kClosed);
    const auto late = std::make_shared<RecordingSink>();
    http.Start(9, ForEver(mute), late);
    CHECK(http.Stop(In(kLong)));
    CHECK(cancelled->dones() == 1);
    CHECK(waiting->dones() == 1);
    CHECK(late->dones() == 0);
  });
}

TEST_CASE("every port: a sink may start, cancel and stop from within its calls") {
  OnEach([](Http& http) {
    const MuteServer mute;
    LoopbackServer server([](const LoopbackRequest&) { return LoopbackAnswer{200, {}, "body", "text/plain"}; });
    const auto first = std::make_shared<RecordingSink>();
    const auto second = std::make_shared<RecordingSink>();
    const auto third = std::make_shared<RecordingSink>();
    bool stopped = true;
    first->OnHead([&] {
      http.Start(2, ForEver(mute), second);
      http.Start(3, ForEver(mute), third);
      http.Cancel(2);
    });
    second->OnDone([&] { stopped = http.Stop(In(kLong)); });
    http.Start(1, Get(server.Url()), first);
    CHECK(second->Await().status.code() == StatusCode::kClosed);
    CHECK(third->Await().status.code() == StatusCode::kClosed);
    CHECK(http.Stop(In(kLong)));
    CHECK(!stopped);
    CHECK(first->dones() == 1);
  });
}

TEST_CASE("every port: a sink that wants no more ends its request") {
  LoopbackServer server([](const LoopbackRequest&) {
    return LoopbackAnswer{200, {}, std::string(500'000, 'x'), "application/octet-stream"};
  });
  OnEach([&](Http& http) {
    const auto sink = std::make_shared<RecordingSink>();
    sink->TakeBodies(1);
    http.Start(1, Get(server.Url()), sink);
    CHECK(sink->Await().status.code() == StatusCode::kClosed);
    CHECK(sink->Await().bodies == 1);
  });
}

TEST_CASE("every port: many requests at once are each answered once") {
  LoopbackServer server([](const LoopbackRequest& request) {
    return LoopbackAnswer{200, {}, request.target, "text/plain"};
  });
  OnEach([&](Http& http) {
    std::vector<std::shared_ptr<RecordingSink>> sinks;
    for (std::uint64_t id = 0; id < 40; ++id) {
      sinks.push_back(std::make_shared<RecordingSink>());
      HttpRequest request = Get(server.Url("/" + std::to_string(id)));
      request.headers = {{"Connection", "close"}};  // the server has few threads, and one waits for what is kept open
      http.Start(id, std::move(request), sinks.back());
    }
    for (std::size_t id = 0; id < sinks.size(); ++id) {
      const Answer answer = sinks[id]->Await();
      CHECK(answer.status.ok());
      CHECK(answer.body == "/" + std::to_string(id));
    }
    CHECK(http.Stop(In(kLong)));
    for (const auto& sink : sinks) CHECK(sink->dones() == 1);
  });
}

}  // namespace
}  // namespace guidon::test
