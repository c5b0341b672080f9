// Faults 11 to 15 over real sockets: a whole client, SQLite and curl against servers that hang, drip, reset, cut, die,
// and pretend. After each: the ledger, each event once, repeats only where an answer was lost, and the next start
// without a network.
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>

#include "tests/ports/certificates.h"
#include "tests/ports/http_calls.h"
#include "tests/ports/real_collector.h"
#include "tests/support/loopback_server.h"

namespace guidon::test {
namespace {

using std::chrono::seconds;
using Reply = FactsAudit::Reply;

constexpr int kEvents = 200;

int All() { return 100; }

// As the port within, with a hundredth of every timeout: what takes 30 s takes 300 ms.
class HastyHttp final : public Http {
 public:
  explicit HastyHttp(std::shared_ptr<Http> inner) : inner_(std::move(inner)) {}
  void Start(std::uint64_t id, HttpRequest request, std::shared_ptr<HttpSink> sink) override {
    CHECK(request.connect_timeout == seconds(5));
    CHECK(request.idle_timeout == seconds(15));
    CHECK(request.total_timeout == seconds(30));
    request.connect_timeout /= 100;
    request.idle_timeout /= 100;
    request.total_timeout /= 100;
    inner_->Start(id, std::move(request), std::move(sink));
  }
  void Cancel(std::uint64_t id) noexcept override { inner_->Cancel(id); }
  bool Stop(MonoTime deadline) noexcept override { return inner_->Stop(deadline); }

 private:
  const std::shared_ptr<Http> inner_;
};

std::vector<std::string> OtlpIds(const TcpServer::Request& request) { return EventIds(EventSink::kOtlp, request.body); }

TEST_CASE("fault 11: a server that never answers, or a byte at a time, costs its timeouts; then all goes") {
  struct Row {
    std::string name;
    TcpServer::Manner manner;
  };
  for (const Row& row :
       {Row{"mute", {100, "", false, true}},
        Row{"drips", {100, HttpReply(200, "{\"a\":\"" + std::string(5'000, ' ') + "\"}"), true, false}},
        Row{"drips its head", {100, "HTTP/1.1 200 OK\r\n" + std::string(5'000, 'x'), true, false}}}) {
    CAPTURE(row.name);
    RealClient life("");
    auto bad = std::make_unique<TcpServer>(All, [&](const TcpServer::Request& request) {
      life.audit.Received(OtlpIds(request), Reply::kLost);
      return row.manner;
    });
    life.options.collector_url = bad->Url();
    life.Open(std::make_shared<HastyHttp>(CurlHttp(life.clock)));
    life.Track(kEvents);
    for (int i = 0; i < 2; ++i) {
      life.Flush();
      CHECK(life.client().status().ledger.delivered == 0);
      CHECK_FALSE(life.client().status().sender.ok());
      life.clock->Skip(std::chrono::minutes(6));
    }
    bad.reset();
    TcpServer good(All, [&](const TcpServer::Request& request) {
      life.audit.Received(OtlpIds(request), Reply::kGiven);
      return TcpServer::Manner{100, HttpReply(200, "{}")};
    });
    life.options.collector_url = good.Url();
    life.Open();
    life.Drain();
    CHECK(life.client().status().ledger.delivered == kEvents);
    life.Check();
  }
}

TEST_CASE("fault 11: Close is over by its deadline though the server is mute, and has saved first") {
  MuteServer server;
  RealClient life(server.Url());
  life.Open();
  life.Track(kEvents);
  const auto begin = std::chrono::steady_clock::now();
  const FlushReport report = life.client().Close(seconds(1));
  // The request's own timeouts would be 15 and 30 s.
  CHECK(std::chrono::steady_clock::now() - begin < seconds(10));
  CHECK(report.kept == kEvents);
  CHECK(report.volatile_lost == 0);
  TcpServer good(All, [&](const TcpServer::Request& request) {
    life.audit.Received(OtlpIds(request), Reply::kGiven);
    return TcpServer::Manner{100, HttpReply(200, "{}")};
  });
  life.options.collector_url = good.Url();
  life.Open();
  life.Drain();
  CHECK(life.client().status().ledger.delivered == kEvents);
  life.Check();
}

TEST_CASE("fault 12: a connection reset in the request's body is a failure, and the same request goes again") {
  for (const int percent : {0, 50, 99}) {
    CAPTURE(percent);
    std::atomic<int> requests{0};
    std::mutex mutex;
    std::vector<std::string> keys;
    RealClient life("");
    TcpServer server([&] { return requests == 0 ? percent : 100; },
                     [&](const TcpServer::Request& request) {
                       ++requests;
                       const std::size_t at = request.head.find("Idempotency-Key: ");
                       const std::lock_guard<std::mutex> lock(mutex);
                       keys.push_back(request.head.substr(at, 17 + 36));
                       if (request.is_whole) life.audit.Received(OtlpIds(request), Reply::kGiven);
                       return TcpServer::Manner{100, HttpReply(200, "{}")};
                     });
    life.options.collector_url = server.Url();
    life.Open();
    life.Track(kEvents);
    life.Drain();
    CHECK(life.client().status().ledger.delivered == kEvents);
    REQUIRE(keys.size() == 2);
    CHECK(keys[0] == keys[1]);
    CHECK(life.audit.With([](FactsAudit& audit) { return audit.repeats(); }) == 0);
    life.Check();
  }
}

TEST_CASE(
    "faults 12 and 13: an answer that is cut anywhere is none; what the server has it gets again, and it counts once") {
  const std::string good = HttpReply(200, R"({"partialSuccess":{}})");
  const std::string chunked =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"par";
  struct Row {
    std::string name, reply;
  };
  for (const Row& row :
       {Row{"closed at once", ""}, Row{"in the status line", good.substr(0, 7)},
        Row{"in the status", good.substr(0, 11)}, Row{"in the head", good.substr(0, 40)},
        Row{"in the head's end", good.substr(0, good.find("\r\n\r\n") + 2)},
        Row{"in the body", good.substr(0, good.size() - 3)}, Row{"in a chunk", chunked.substr(0, chunked.size() - 2)},
        Row{"between chunks", chunked + "\r\n"}, Row{"no HTTP", "220 mail.example ready\r\n"}}) {
    CAPTURE(row.name);
    std::atomic<int> requests{0};
    RealClient life("");
    TcpServer server(All, [&](const TcpServer::Request& request) {
      const bool is_good = ++requests > 1;
      life.audit.Received(OtlpIds(request), is_good ? Reply::kGiven : Reply::kLost);
      return TcpServer::Manner{100, is_good ? good : row.reply};
    });
    life.options.collector_url = server.Url();
    life.Open();
    life.Track(kEvents);
    life.Flush();
    CHECK(life.client().status().ledger.delivered == 0);
    life.Drain();
    CHECK(requests == 2);
    CHECK(life.client().status().ledger.delivered == kEvents);
    CHECK(life.audit.With([](FactsAudit& audit) { return audit.repeats(); }) == kEvents);
    life.Check();
  }
}

TEST_CASE("fault 14: a server that dies after a success acknowledges nothing more until it is back") {
  RealClient life("");
  const auto answer = [&](const LoopbackRequest& request) {
    life.audit.Received(EventIds(EventSink::kOtlp, request.body), Reply::kGiven);
    return LoopbackAnswer{200, {}, "{}", "application/json"};
  };
  const ReservedPort port;
  auto server = std::make_unique<LoopbackServer>(answer, LoopbackTls(), port.port());
  life.options.collector_url = server->Url("/v1/logs");
  life.Open();
  life.Track(kEvents);
  life.Drain();
  CHECK(life.client().status().ledger.delivered == kEvents);
  server.reset();
  for (int i = 0; i < 5; ++i) {
    life.Track(kEvents);
    life.Flush();
    CHECK(life.client().status().ledger.delivered == kEvents);
    life.clock->Skip(std::chrono::minutes(6));
  }
  CHECK(life.client().status().ledger.pending == 5 * kEvents);
  server = std::make_unique<LoopbackServer>(answer, LoopbackTls(), port.port());
  life.Drain();
  CHECK(life.client().status().ledger.delivered == 6 * kEvents);
  CHECK(life.audit.With([](FactsAudit& audit) { return audit.repeats(); }) == 0);
  life.Check();
}

// Nothing is acknowledged by what `url` leads to; all is by a good collector afterwards.
void CheckNothingAcknowledged(RealClient* life, const std::string& url) {
  life->options.collector_url = url;
  life->Open();
  life->Track(20);
  for (int i = 0; i < 3; ++i) {
    life->Flush();
    life->clock->Skip(std::chrono::minutes(6));
  }
  CHECK(life->client().status().ledger.delivered == 0);
  CHECK(life->client().status().ledger.pending == 20);
  CHECK_FALSE(life->client().status().sender.ok());
  LoopbackServer good([&](const LoopbackRequest& request) {
    life->audit.Received(EventIds(EventSink::kOtlp, request.body), Reply::kGiven);
    return LoopbackAnswer{200, {}, "{}", "application/json"};
  });
  life->curl = CurlOptions();
  life->options.collector_url = good.Url("/v1/logs");
  life->Open();
  life->Drain();
  CHECK(life->client().status().ledger.delivered == 20);
  CHECK(life->audit.With([](FactsAudit& audit) { return audit.repeats(); }) == 0);
  life->Check();
}

TEST_CASE("fault 15: nothing is acknowledged where the server's certificate is not good, or the handshake is cut") {
  const TempFolder certificates;
  Authority authority(certificates, "ca");
  struct Row {
    std::string name;
    CertificatePlan plan;
  };
  for (const Row& row :
       {Row{"expired", {kGoodPlan.names, -2 * kHour, -kHour}}, Row{"of another host", {"DNS:example.com"}},
        Row{"self-signed", {kGoodPlan.names, -kHour, kHour, true}}}) {
    CAPTURE(row.name);
    LoopbackServer server(
        [](const LoopbackRequest&) {
          return LoopbackAnswer{200, {}, "{}", "application/json"};
        },
        authority.Issue(row.plan));
    RealClient life("");
    life.curl.ca_file = authority.file();
    CheckNothingAcknowledged(&life, server.Url("/v1/logs"));
  }
  TcpServer cutting(All, [](const TcpServer::Request&) { return TcpServer::Manner{100, "no TLS"}; });
  RealClient life("");
  CheckNothingAcknowledged(&life, "https://127.0.0.1:" + std::to_string(cutting.port()) + "/v1/logs");
}

TEST_CASE("fault 15: nor where a name leads nowhere, a proxy refuses, or a portal or a redirect answers") {
  SUBCASE("a name that is nobody's") {
    RealClient life("");
    CheckNothingAcknowledged(&life, "https://collector.invalid/v1/logs");
  }
  SUBCASE("a proxy that answers 407") {
    TcpServer proxy(All, [](const TcpServer::Request&) { return TcpServer::Manner{100, HttpReply(407, "")}; });
    RealClient life("");
    life.curl.proxy = "http://127.0.0.1:" + std::to_string(proxy.port());
    CheckNothingAcknowledged(&life, "https://collector.invalid/v1/logs");
  }
  SUBCASE("a portal") {
    LoopbackServer portal([](const LoopbackRequest&) {
      return LoopbackAnswer{200, {}, "<html>Log in</html>", "text/html"};
    });
    RealClient life("");
    CheckNothingAcknowledged(&life, portal.Url("/v1/logs"));
  }
  for (const int status : {301, 302, 307}) {
    DOCTEST_SUBCASE(("a redirect by " + std::to_string(status)).c_str()) {
      std::atomic<int> followed{0};
      LoopbackServer server([&](const LoopbackRequest& request) {
        if (request.target == "/elsewhere") ++followed;
        return LoopbackAnswer{status, {{"Location", "/elsewhere"}}, ""};
      });
      RealClient life("");
      CheckNothingAcknowledged(&life, server.Url("/v1/logs"));
      CHECK(followed == 0);
    }
  }
}

}  // namespace
}  // namespace guidon::test
