// A server that cannot prove who it is gets neither a request nor a secret.
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "guidon/platform_parts.h"
#include "tests/ports/certificates.h"
#include "tests/ports/http_calls.h"
#include "tests/ports/temp_folder.h"
#include "tests/support/loopback_server.h"

namespace guidon::test {
namespace {

HttpRequest Get(const std::string& url) {
  HttpRequest request;
  request.url = url;
  request.most_bytes = 1u << 20;
  return request;
}

std::shared_ptr<Http> Trusting(const std::string& ca_file) {
  CurlOptions options;
  options.ca_file = ca_file;
  return CurlHttp(nullptr, options);
}

LoopbackAnswer SayHello(const LoopbackRequest&) { return {200, {}, "hello"}; }

// Hangs up on the first words of whoever comes.
class HangsUp final : public MuteServer {
 public:
  HangsUp() {
    thread_ = std::thread([this] {
      const int connection = accept(socket_, nullptr, nullptr);
      if (connection < 0) return;
      char first = 0;
      heard_ = recv(connection, &first, 1, 0) == 1;
      close(connection);
    });
  }
  ~HangsUp() {
    shutdown(socket_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
  }
  bool Heard() {
    thread_.join();
    return heard_;
  }

 private:
  bool heard_ = false;
  std::thread thread_;
};

TEST_CASE("only a certificate that is in force, for this host and by a trusted authority lets a request through") {
  const TempFolder folder;
  Authority trusted(folder, "trusted");
  Authority stranger(folder, "stranger");
  CertificatePlan expired = kGoodPlan;
  expired.from_seconds = -2 * kHour;
  expired.until_seconds = -kHour;
  CertificatePlan not_yet = kGoodPlan;
  not_yet.from_seconds = kHour;
  not_yet.until_seconds = 2 * kHour;
  CertificatePlan self_signed = kGoodPlan;
  self_signed.is_self_signed = true;
  const struct {
    std::string name;
    LoopbackTls tls;
    std::string host;
    std::string ca_file;
    const char* why;  // null: it gets through
  } rows[] = {
      {"good, by address", trusted.Issue(kGoodPlan), "127.0.0.1", trusted.file(), nullptr},
      {"good, by name", trusted.Issue(kGoodPlan), "localhost", trusted.file(), nullptr},
      {"expired", trusted.Issue(expired), "127.0.0.1", trusted.file(), "certificate has expired"},
      {"not in force yet", trusted.Issue(not_yet), "127.0.0.1", trusted.file(), "certificate is not yet valid"},
      {"for another host", trusted.Issue({"DNS:other.example"}), "localhost", trusted.file(),
       "certificate subject name"},
      {"for the name, by address", trusted.Issue({"DNS:localhost"}), "127.0.0.1", trusted.file(),
       "certificate subject name"},
      {"self-signed", trusted.Issue(self_signed), "127.0.0.1", trusted.file(), "certificate"},
      {"by a stranger", stranger.Issue(kGoodPlan), "127.0.0.1", trusted.file(), "certificate"},
      {"by an authority the system does not know", trusted.Issue(kGoodPlan), "127.0.0.1", "", "certificate"},
      {"trusted are those in a file that is not there", trusted.Issue(kGoodPlan), "127.0.0.1", folder.Path("gone.pem"),
       "gone.pem"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    std::atomic<int> hits{0};
    LoopbackServer server(
        [&hits](const LoopbackRequest& request) {
          ++hits;
          return SayHello(request);
        },
        row.tls);
    REQUIRE(server.port() != 0);
    const Answer answer =
        Ask(*Trusting(row.ca_file), Get("https://" + row.host + ":" + std::to_string(server.port()) + "/"));
    CAPTURE(answer.status.message());
    if (row.why == nullptr) {
      CHECK(answer.status.ok());
      CHECK(answer.http_status == 200);
      CHECK(answer.body == "hello");
      CHECK(hits == 1);
      continue;
    }
    CHECK(answer.status.code() == StatusCode::kUnavailable);
    CHECK(answer.status.message().find(row.why) != std::string::npos);
    CHECK(answer.heads == 0);
    CHECK(answer.bodies == 0);
    CHECK(hits == 0);
  }
}

TEST_CASE("a handshake that is cut, or answered without TLS, is no connection") {
  const TempFolder folder;
  const Authority trusted(folder, "trusted");
  SUBCASE("cut") {
    HangsUp server;
    const Answer answer =
        Ask(*Trusting(trusted.file()), Get("https://127.0.0.1:" + std::to_string(server.port()) + "/"));
    CHECK(answer.status.code() == StatusCode::kUnavailable);
    CHECK(answer.heads == 0);
    CHECK(server.Heard());
  }
  SUBCASE("without TLS") {
    LoopbackServer server(SayHello);
    const Answer answer =
        Ask(*Trusting(trusted.file()), Get("https://127.0.0.1:" + std::to_string(server.port()) + "/"));
    CHECK(answer.status.code() == StatusCode::kUnavailable);
    CHECK(answer.heads == 0);
    CHECK(server.connections() == 1);
  }
}

TEST_CASE("a redirect that leaves https is refused before anybody connects to where it leads") {
  const TempFolder folder;
  Authority trusted(folder, "trusted");
  LoopbackServer plain(SayHello);
  LoopbackServer server(
      [&plain](const LoopbackRequest&) {
        return LoopbackAnswer{302, {{"Location", plain.Url("/")}}, ""};
      },
      trusted.Issue(kGoodPlan));
  HttpRequest request = Get(server.Url());
  request.redirects = 3;
  const Answer answer = Ask(*Trusting(trusted.file()), request);
  CHECK(answer.status.code() == StatusCode::kUntrusted);
  CHECK(answer.heads == 0);
  CHECK(server.connections() == 1);
  CHECK(plain.connections() == 0);
}

TEST_CASE("a compressed body of many TLS records arrives whole") {
  const TempFolder folder;
  Authority trusted(folder, "trusted");
  std::string body;
  for (std::uint32_t state = 1; body.size() < 400'000; state = state * 1664525u + 1013904223u) {
    body += std::to_string(state);  // digits in no order: gzip saves half, and no more
  }
  std::string zipped;
  REQUIRE(ZlibCodec()->Gzip(body, &zipped));
  REQUIRE(zipped.size() > 100'000);
  LoopbackRequest seen;
  LoopbackServer server(
      [&seen](const LoopbackRequest& from) {
        seen = from;
        return LoopbackAnswer{200, {}, "{}"};
      },
      trusted.Issue(kGoodPlan));
  HttpRequest request = Get(server.Url("/v1/logs"));
  request.method = "POST";
  request.headers = {{"Content-Type", "application/json"}, {"Content-Encoding", "gzip"}};
  request.body = zipped;
  const Answer answer = Ask(*Trusting(trusted.file()), request);
  REQUIRE(answer.status.ok());
  CHECK(answer.body == "{}");
  CHECK(seen.method == "POST");
  CHECK(FindHeader(seen.headers, "content-encoding") == "gzip");
  CHECK(FindHeader(seen.headers, "content-length") == std::to_string(zipped.size()));
  CHECK((seen.body == body));
}

TEST_CASE("requests one after the other share one connection, and one handshake") {
  const TempFolder folder;
  Authority trusted(folder, "trusted");
  LoopbackServer server(SayHello, trusted.Issue(kGoodPlan));
  const auto http = Trusting(trusted.file());
  for (int i = 0; i < 3; ++i) CHECK(Ask(*http, Get(server.Url())).body == "hello");
  CHECK(server.connections() == 1);
  CHECK(Ask(*Trusting(trusted.file()), Get(server.Url())).body == "hello");
  CHECK(server.connections() == 2);
}

TEST_CASE("requests to elsewhere go through the proxy that is set, as a tunnel; those to this device do not") {
  RawServer proxy("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
  LoopbackServer server(SayHello);
  CurlOptions options;
  options.proxy = "http://127.0.0.1:" + std::to_string(proxy.port());
  const auto http = CurlHttp(nullptr, options);
  CHECK(Ask(*http, Get(server.Url())).body == "hello");
  HttpRequest request = Get("https://flags.example/notes?key=secret");
  request.headers = {{"Authorization", "secret"}};
  const Answer answer = Ask(*http, request);
  CHECK(answer.status.code() == StatusCode::kUnavailable);
  CHECK(answer.heads == 0);
  const std::string head = proxy.AwaitHead();
  CHECK(head.substr(0, head.find("\r\n")) == "CONNECT flags.example:443 HTTP/1.1");
  CHECK(head.find("secret") == std::string::npos);
}

}  // namespace
}  // namespace guidon::test
