// The room on the default platform: a datafile that another program signed, and HTTP over a socket.
#include <doctest/doctest.h>

#include <future>
#include <optional>

#include "guidon/platform_parts.h"
#include "sdk/core/base/base64.h"
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

std::string FromHex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  }
  return bytes;
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

// The twelve vectors of Chalkias, Garillot and Nikolaenko, Taming the many EdDSAs (2020), table 6c. Verifiers differ in
// what they say of them; here a key that is weak is never loaded, and a signature has one spelling. What remains are
// signatures that only whoever chose such a key for himself can make, and they are good by RFC 8032 as well.
TEST_CASE(
    "of the signatures on which verifiers differ, those are refused that could be made without the key, or twice") {
  enum class Fate { kKeyRefused, kNotGood, kGood };
  const char* const kMixed = "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43";
  const char* const kMixedToo = "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d";
  const char* const kPlain = "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623";
  const char* const kSmall = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa";
  const char* const kSpelledOtherwise = "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
  const struct {
    std::string name;
    const char* key;
    const char* message;
    const char* signature;
    Fate fate;
  } rows[] = {
      {"0: key and R of small order", kSmall, "8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6",
       "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
       "0000000000000000000000000000000000000000000000000000000000000000",
       Fate::kKeyRefused},
      {"1: key of small order", kSmall, "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
       "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43"
       "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
       Fate::kKeyRefused},
      {"2: R of small order", kMixed, "aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab",
       "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"
       "8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e",
       Fate::kGood},
      {"3: key and R of mixed order", kMixedToo, "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
       "9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f"
       "87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009",
       Fate::kGood},
      {"4: good only times eight", kMixedToo, "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
       "160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed512"
       "5ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09",
       Fate::kNotGood},
      {"5: good only times eight, before reducing", kMixedToo,
       "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
       "21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7"
       "e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405",
       Fate::kNotGood},
      {"6: S above the order", kPlain, "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
       "e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e"
       "547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514",
       Fate::kNotGood},
      {"7: S far above the order", kPlain, "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
       "8ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa1942"
       "7e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c22",
       Fate::kNotGood},
      {"8: R spelled otherwise, reduced", kMixed, "9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
       "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
       "03be9678ac102edcd92b0210bb34d7428d12ffc5df5f37e359941266a4e35f0f",
       Fate::kNotGood},
      {"9: R spelled otherwise", kMixed, "9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
       "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
       "ca8c5b64cd208982aa38d4936621a4775aa233aa0505711d8fdcfdaa943d4908",
       Fate::kNotGood},
      {"10: key spelled otherwise, reduced", kSpelledOtherwise,
       "e96b7021eb39c1a163b6da4e3093dcd3f21387da4cc4572be588fafae23c155b",
       "a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dc"
       "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
       Fate::kKeyRefused},
      {"11: key spelled otherwise", kSpelledOtherwise,
       "39a591f5321bbe07fd5a23dc2f39d025d74526615746727ceefd6e82ae65c06f",
       "a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dc"
       "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
       Fate::kKeyRefused},
  };
  const std::shared_ptr<Crypto> crypto = OpenSslCrypto();
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const std::string key = FromHex(row.key);
    const bool is_loaded = DecodeKeys({{EncodeBase64(key), TrustedKey::Role::kRelease}}, crypto.get()).ok();
    CHECK(is_loaded == (row.fate != Fate::kKeyRefused));
    if (!is_loaded) continue;
    std::optional<bool> is_good;
    crypto->Verify(key, FromHex(row.message), FromHex(row.signature), [&](bool good) { is_good = good; });
    CHECK(is_good == (row.fate == Fate::kGood));
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
