// Datafiles over TLS from servers that misbehave: a whole client, curl and OpenSSL; time is a test's own. Whatever
// comes, what was good goes on, the status says why, and the server is asked again later, each time after another wait.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <zlib.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "guidon/guidon.h"
#include "guidon/platform_parts.h"
#include "tests/ports/certificates.h"
#include "tests/ports/temp_folder.h"
#include "tests/ports/tls_server.h"
#include "tests/support/fake_clock.h"
#include "tests/support/memory_files.h"
#include "tests/support/signer.h"

namespace guidon::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Flag<bool> kSharing{"file-sharing", false};
constexpr int kFailures = 6;

std::string Payload(int version) {
  return R"({"format":"guidon/1","project":"notes","environment":"test","epoch":1,"version":)" +
         std::to_string(version) +
         R"(,"issued_at":"2026-11-20T10:00:00Z","flags":{"file-sharing":{"type":"bool","default":true}}})";
}

std::string Reply(const std::string& body, const std::string& headers = {}, const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status + "\r\nConnection: close\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string Zip(std::string_view bytes) {
  std::string out;
  REQUIRE(ZlibCodec()->Gzip(bytes, &out));
  return out;
}

// The same bytes in every run, so that jitter is the same.
class SameEntropy final : public Entropy {
 public:
  bool Fill(unsigned char* out, std::size_t size) noexcept override {
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<unsigned char>(++state_ * 37);
    return true;
  }

 private:
  unsigned state_ = 0;
};

// As the port within; counts requests and those that ended, and can shorten what a silent server may take.
class WatchedHttp final : public Http {
 public:
  explicit WatchedHttp(std::shared_ptr<Http> inner) : inner_(std::move(inner)) {}
  void Start(std::uint64_t id, HttpRequest request, std::shared_ptr<HttpSink> sink) override {
    CHECK(request.total_timeout == seconds(15));
    CHECK(request.redirects == 3);
    if (is_hasty) request.total_timeout /= 20;
    ++started;
    inner_->Start(id, std::move(request), std::make_shared<Sink>(std::move(sink), &ended));
  }
  void Cancel(std::uint64_t id) noexcept override { inner_->Cancel(id); }
  bool Stop(MonoTime deadline) noexcept override { return inner_->Stop(deadline); }

  std::atomic<bool> is_hasty{false};
  std::atomic<int> started{0};
  std::atomic<int> ended{0};

 private:
  class Sink final : public HttpSink {
   public:
    Sink(std::shared_ptr<HttpSink> inner, std::atomic<int>* ended) : inner_(std::move(inner)), ended_(ended) {}
    void Head(int http_status, const HttpHeaders& headers) override { inner_->Head(http_status, headers); }
    bool Body(std::string_view bytes) override { return inner_->Body(bytes); }
    void Done(HttpEnd end) override {
      inner_->Done(std::move(end));
      ++*ended_;
    }

   private:
    const std::shared_ptr<HttpSink> inner_;
    std::atomic<int>* const ended_;
  };

  const std::shared_ptr<Http> inner_;
};

// Has the datafile 1.1 from its server, without an ETag.
class App {
 public:
  App() : authority_(folder_, "ca"), tls(authority_.Issue(kGoodPlan)), server(tls) {
    CurlOptions curl;
    curl.ca_file = authority_.file();
    curl.pinned_keys["127.0.0.1"] = {PinOf(authority_.Issue(kGoodPlan)), PinOf(tls)};
    Platform platform;
    platform.clock = clock_;
    platform.entropy = std::make_shared<SameEntropy>();
    platform.http = http = std::make_shared<WatchedHttp>(CurlHttp(nullptr, curl));
    platform.storage = MemoryStorage();
    platform.files = files_;
    platform.crypto = OpenSslCrypto();
    Options options;
    options.datafile_url = server.Url("/notes");
    options.trusted_keys = {signer.trusted()};
    server.Behave({Reply(signer.Sign(Payload(1)))});
    client = Client::Open(options, platform);
    AwaitAnswer(1);
    REQUIRE(client->status().datafile_version == 1);
  }
  ~App() { (void)client->Close(seconds(10)); }

  LoopbackTls Issue(const CertificatePlan& plan) { return authority_.Issue(plan); }

  // Fails `kFailures` times in a row, each time with this status of `fetch`, or of `datafile` where a whole answer
  // came.
  void CheckMisbehavior(StatusCode code, std::string_view reason) {
    std::vector<Duration> waits;
    AwaitRequest();
    for (int i = 0; i < kFailures; ++i) {
      CAPTURE(i);
      const ClientStatus status = client->status();
      CAPTURE(status.fetch.message());
      CHECK(status.fetch.code() == code);
      CHECK(status.fetch.message().find(reason) != std::string::npos);
      CheckServes(1);
      waits.push_back(AwaitRequest());
      // One more try soon, and then the pace of polling.
      CHECK(waits.back() >= (i == 0 ? Duration(0) : Duration(seconds(150))));
      CHECK(waits.back() <= (i == 0 ? seconds(30) : seconds(450)) + kStep);
    }
    const auto [least, most] = std::minmax_element(waits.begin() + 1, waits.end());
    CHECK(*most - *least > seconds(60));  // of full jitter
  }

  // The server is itself again, and heard within the longest wait.
  void CheckRecovers() {
    CertificatePlan renewed = kGoodPlan;
    renewed.key_file = tls.key_file;
    server.Present(authority_.Issue(renewed));
    server.Behave({Reply(signer.Sign(Payload(2)))});
    AwaitRequest();
    CheckServes(2);
    CHECK(client->status().fetch.ok());
  }

  void CheckServes(std::uint64_t version) {
    CHECK(client->status().datafile_version == version);
    CHECK(client->Get(kSharing));
  }

  // Lets time pass until the next request, and turns the client until it has been answered.
  Duration AwaitRequest() {
    const int before = http->started;
    Duration waited(0);
    while (http->started == before && waited < minutes(10)) {
      clock_->Advance(kStep);
      waited += kStep;
      Turn();
    }
    AwaitAnswer(before + 1);
    return waited;
  }

  Signer signer;
  std::shared_ptr<WatchedHttp> http;

 private:
  static constexpr Duration kStep = milliseconds(250);

  const TempFolder folder_;
  Authority authority_;
  const std::shared_ptr<FakeClock> clock_ = std::make_shared<FakeClock>();
  const std::shared_ptr<MemoryFiles> files_ = std::make_shared<MemoryFiles>();

  void Turn() {
    for (bool is_idle = false; !is_idle;) {
      const MonoTime logic = client->Pump(Lane::kLogic, seconds(1));
      const MonoTime disk = client->Pump(Lane::kDisk, seconds(1));
      is_idle = logic > clock_->Monotonic() && disk > clock_->Monotonic();
    }
  }
  void AwaitAnswer(int count) {
    while (http->ended < count) {
      Turn();
      std::this_thread::yield();
    }
    Turn();
  }

 public:
  const LoopbackTls tls;
  TlsServer server;
  std::unique_ptr<Client> client;
};

TEST_CASE("input 25: a gzip bomb of a gigabyte is left at 4 MiB, and takes no memory") {
  // A mebibyte of zeros as one deflate block that refers to nothing before it, a thousand times.
  std::string block(64 << 10, '\0');
  const std::string zeros(1 << 20, '\0');
  z_stream stream = {};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zeros.data()));
  stream.avail_in = static_cast<uInt>(zeros.size());
  stream.next_out = reinterpret_cast<Bytef*>(&block[0]);
  stream.avail_out = static_cast<uInt>(block.size());
  REQUIRE(deflate(&stream, Z_FULL_FLUSH) == Z_OK);
  block.resize(block.size() - stream.avail_out);
  deflateEnd(&stream);
  std::string bomb("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
  for (int i = 0; i < 1'024; ++i) bomb += block;

  App app;
  app.server.Behave({Reply(bomb, "Content-Encoding: gzip\r\n")});
  struct rusage before = {};
  struct rusage after = {};
  getrusage(RUSAGE_SELF, &before);
  app.CheckMisbehavior(StatusCode::kTooLarge, "over 4194304 bytes");
  getrusage(RUSAGE_SELF, &after);
  CHECK(after.ru_maxrss - before.ru_maxrss < 64 << 10);  // KiB
  app.CheckRecovers();
}

TEST_CASE("input 26: gzip that is cut short, or has a second member") {
  App app;
  const std::string good = Zip(app.signer.Sign(Payload(2)));
  const std::string gzip = "Content-Encoding: gzip\r\n";
  SUBCASE("cut short") {
    app.server.Behave({Reply(good.substr(0, good.size() / 2), gzip)});
    app.CheckMisbehavior(StatusCode::kCorrupt, "bytes where the envelope says");
  }
  SUBCASE("two members") {
    app.server.Behave({Reply(good + good, gzip)});
    app.CheckMisbehavior(StatusCode::kCorrupt, "gzip that goes on behind its end");
  }
  SUBCASE("a byte behind it") {
    app.server.Behave({Reply(good + "x", gzip)});
    app.CheckMisbehavior(StatusCode::kCorrupt, "gzip that goes on behind its end");
  }
  app.CheckRecovers();
}

TEST_CASE("input 27: the page of a captive portal") {
  App app;
  app.server.Behave({Reply("<!doctype html><html>Log in to the café's network</html>", "Content-Type: text/html\r\n")});
  app.CheckMisbehavior(StatusCode::kCorrupt, "neither a signed datafile nor JSON");
  app.CheckRecovers();
}

TEST_CASE("input 28: a redirect to http, or to another host") {
  App app;
  SUBCASE("http") {
    app.server.Behave({Reply("", "Location: http://127.0.0.1:1/notes\r\n", "302 Found")});
    app.CheckMisbehavior(StatusCode::kUntrusted,
                         "redirects to http://127.0.0.1:1, which is refused: not the same scheme, host and port");
  }
  SUBCASE("another host") {
    app.server.Behave({Reply("", "Location: https://evil.example/notes\r\n", "302 Found")});
    app.CheckMisbehavior(StatusCode::kUntrusted,
                         "redirects to https://evil.example:443, which is refused: not the same scheme, host and port");
  }
  app.CheckRecovers();
}

TEST_CASE("input 29: a body of a byte at a time") {
  App app;
  app.http->is_hasty = true;
  app.server.Behave({Reply(app.signer.Sign(Payload(2))), /*drips=*/true});
  app.CheckMisbehavior(StatusCode::kUnavailable, "imed out");
  app.http->is_hasty = false;
  app.CheckRecovers();
}

TEST_CASE("input 30: 304 where no ETag was sent") {
  App app;
  app.server.Behave({Reply("", "", "304 Not Modified")});
  app.CheckMisbehavior(StatusCode::kUnavailable, "answered 304 though it was asked for any datafile");
  CHECK(app.server.head().find("If-None-Match") == std::string::npos);
  app.CheckRecovers();
}

TEST_CASE("inputs 25 to 30, further: a certificate that is not good, and connections that end early") {
  App app;
  SUBCASE("expired") {
    app.server.Present(app.Issue({kGoodPlan.names, -2 * kHour, -kHour}));
    app.CheckMisbehavior(StatusCode::kUnavailable, "certificate has expired");
  }
  SUBCASE("of another host") {
    app.server.Present(app.Issue({"DNS:other.example"}));
    app.CheckMisbehavior(StatusCode::kUnavailable, "certificate subject name");
  }
  SUBCASE("good, and of another key than those pinned") {
    app.server.Present(app.Issue(kGoodPlan));
    app.CheckMisbehavior(StatusCode::kUntrusted, "the server's public key is none of those in pinned_keys");
  }
  SUBCASE("cut in the handshake") {
    app.server.Behave({"", false, false, /*cuts_handshake=*/true});
    app.CheckMisbehavior(StatusCode::kUnavailable, "");
  }
  SUBCASE("reset in the body") {
    const std::string whole = Reply(app.signer.Sign(Payload(2)));
    app.server.Behave({whole.substr(0, whole.size() - 100), false, /*resets=*/true});
    app.CheckMisbehavior(StatusCode::kUnavailable, "");
  }
  app.CheckRecovers();
}

}  // namespace
}  // namespace guidon::test
