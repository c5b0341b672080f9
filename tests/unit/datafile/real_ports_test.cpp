// The room on the default platform: a datafile that another program signed, and HTTP over a socket.
#include <doctest/doctest.h>

#include <future>
#include <optional>

#include "guidon/platform_parts.h"
#include "sdk/datafile/base64.h"
#include "sdk/datafile/envelope.h"
#include "sdk/datafile/fetcher.h"
#include "sdk/datafile/verify.h"
#include "tests/support/loopback_server.h"

using namespace guidon;
using namespace guidon::datafile;
using guidon::test::LoopbackAnswer;
using guidon::test::LoopbackRequest;
using guidon::test::LoopbackServer;

namespace {

// Made with `openssl pkeyutl -sign`; the private key was thrown away.
constexpr std::string_view kPublicKey = "iKF0JTgtpRBmiZ+iMhBFfWO+4UVaIaCnMXfyipdD5lQ=";
constexpr std::string_view kSignedDatafile =
    "R1VJRE9OAAEB5ToEkyMzfnljYDoJCjFuQL5ZWkpekiOYW+F88x1rKTOuPOEtLu54txs5LfpVqBZOWT9O/"
    "gNHAH6xBznGQVPxTr04jTFvnOoPYwAAAHsi"
    "Zm9ybWF0IjoiZ3VpZG9uLzEiLCJwcm9qZWN0Ijoibm90ZXMiLCJlbnZpcm9ubWVudCI6InByb2R1Y3Rpb24iLCJlcG9jaCI6MSwidmVyc2lvbiI6MS"
    "wi"
    "ZmxhZ3MiOnt9fQ==";

Result<Verified> Verify(const std::string& bytes) {
  const std::shared_ptr<Crypto> crypto = OpenSslCrypto();
  const auto keys = DecodeKeys({{std::string(kPublicKey), TrustedKey::Role::kRelease}}, crypto.get());
  REQUIRE(keys.ok());
  std::optional<Result<Verified>> answer;
  VerifyEnvelope(std::make_shared<const std::string>(bytes), *keys, false, Timestamp(), crypto.get(),
                 [&](Result<Verified> verified) { answer.emplace(std::move(verified)); });
  REQUIRE(answer.has_value());
  return *std::move(answer);
}

FetchAnswer Fetch(Fetcher* fetcher, const std::string& etag) {
  std::promise<FetchAnswer> answer;
  fetcher->Start(etag, [&](FetchAnswer got) { answer.set_value(std::move(got)); });
  return answer.get_future().get();
}

}  // namespace

TEST_CASE("a datafile signed by OpenSSL's own command is good, and no other bit pattern is") {
  const std::string good = DecodeBase64(kSignedDatafile).value();
  const Result<Verified> verified = Verify(good);
  REQUIRE(verified.ok());
  CHECK(KeyIdText(verified->key_id) == "e53a049323337e79");
  CHECK(verified->role == TrustedKey::Role::kRelease);
  CHECK(verified->payload.substr(0, 10) == "{\"format\":");
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    CAPTURE(bit);
    std::string changed = good;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    CHECK_FALSE(Verify(changed).ok());
  }
}

TEST_CASE("a server that speaks HTTP is asked conditionally, and its failures have their meaning") {
  const std::string datafile = DecodeBase64(kSignedDatafile).value();
  LoopbackServer server([&](const LoopbackRequest& request) {
    LoopbackAnswer answer;
    if (request.target == "/down") {
      answer.status = 503;
      answer.headers = {{"Retry-After", "7"}};
    } else if (request.target == "/moved") {
      answer.status = 302;
      answer.headers = {{"Location", "/d"}};
    } else if (FindHeader(request.headers, "if-none-match") == "\"v1\"") {
      answer.status = 304;
    } else {
      answer.headers = {{"ETag", "\"v1\""}};
      answer.body = datafile;
    }
    return answer;
  });
  const std::shared_ptr<Http> http = CurlHttp();
  const std::shared_ptr<Clock> clock = SystemClock();
  Fetcher fetcher(http, clock, server.Url("/d"), {});

  const FetchAnswer first = Fetch(&fetcher, "");
  REQUIRE(first.status.ok());
  CHECK(first.bytes == datafile);
  CHECK(first.etag == "\"v1\"");

  const FetchAnswer second = Fetch(&fetcher, first.etag);
  CHECK(second.status.ok());
  CHECK(second.not_modified);
  CHECK(second.bytes.empty());

  Fetcher moved(http, clock, server.Url("/moved"), {});
  CHECK(Fetch(&moved, "").bytes == datafile);

  Fetcher down(http, clock, server.Url("/down"), {});
  const FetchAnswer failed = Fetch(&down, "");
  CHECK(failed.status.code() == StatusCode::kUnavailable);
  CHECK(failed.retry_after == std::chrono::seconds(7));
  CHECK(http->Stop(clock->Monotonic() + std::chrono::seconds(30)));
}
