#include "sdk/events/pseudonyms.h"

#include <doctest/doctest.h>

#include "guidon/platform_parts.h"
#include "tests/unit/events/world.h"

namespace guidon::events {
namespace {

// Computed with Python's hmac over kind, 0x1F and id.
struct Case {
  std::string key;
  std::string kind;
  std::string id;
  std::string sent;
};
const Case kCases[] = {
    {"0123456789abcdef", "account", "u-42", "374ed64a75356b36367acdfe4765cc3a7d8ccaf93d1c2c9eb012bc83d16e2c44"},
    {"0123456789abcdef", "device", "u-42", "d2a7335e67a2f220e4f6e774b83908d314cb03a18adbf27af51e2ffd5293e30e"},
    {std::string(131, 'k'), "device", "0198f3a2-7c11-4000-8000-000000000001",
     "e5e05f1735154ea56096ebbd14522183b6d6b722513025d9b0ceadfe1f91b19a"},
};

class NoDigest final : public Crypto {
 public:
  bool Digest(DigestAlgorithm, std::string_view, std::string*) noexcept override { return false; }
  void Verify(std::string_view, std::string_view, std::string_view, std::function<void(bool)> done) override {
    done(false);
  }
};

TEST_CASE("ids are sent as HMAC-SHA-256 over kind and id, keys beyond a block too; permanent") {
  for (const Case& each : kCases) {
    CAPTURE(each.kind);
    const Pseudonyms pseudonyms(each.key, OpenSslCrypto());
    REQUIRE(pseudonyms.status().ok());
    CHECK(pseudonyms.Of(each.kind, each.id) == each.sent);
    CHECK(pseudonyms.Of(each.kind, "").empty());
  }
}

TEST_CASE("every id that a fact names is replaced, the bucketed one as the one among its units") {
  Fact fact;
  fact.units = {{"account", "u-42"}, {"device", "d-1"}};
  fact.unit_kind = "account";
  fact.unit_id = "u-42";
  Pseudonyms("0123456789abcdef", OpenSslCrypto()).Replace(&fact);
  CHECK(fact.units[0].id == kCases[0].sent);
  CHECK(fact.unit_id == kCases[0].sent);
  CHECK(fact.units[1].id.size() == 64);
}

TEST_CASE("without a key ids leave as they are, and need no cryptography") {
  const Pseudonyms plain("", nullptr);
  CHECK(plain.status().ok());
  CHECK_FALSE(plain.hashes());
  CHECK(plain.Of("account", "u-42") == "u-42");
}

TEST_CASE("what cannot be hashed comes out empty, never plain, and the status says why") {
  struct Bad {
    std::string key;
    std::shared_ptr<Crypto> crypto;
    StatusCode code;
  };
  const Bad bad[] = {
      {"0123456789abcde", OpenSslCrypto(), StatusCode::kInvalidArgument},
      {"0123456789abcdef", nullptr, StatusCode::kUnsupported},
      {"0123456789abcdef", std::make_shared<NoDigest>(), StatusCode::kUnsupported},
      {std::string(65, 'k'), std::make_shared<NoDigest>(), StatusCode::kUnsupported},
  };
  for (const Bad& each : bad) {
    CAPTURE(each.key);
    const Pseudonyms pseudonyms(each.key, each.crypto);
    CHECK(pseudonyms.status().code() == each.code);
    CHECK(pseudonyms.Of("account", "u-42").empty());
  }
}

TEST_CASE("whatever the sink, only hashes leave, the installation's too") {
  for (const EventSink sink : {EventSink::kOtlp, EventSink::kSegment, EventSink::kPostHog, EventSink::kNdjson}) {
    CAPTURE(static_cast<int>(sink));
    test::World world;
    world.settings.sink = sink;
    world.settings.install_id = "u-42";
    world.settings.unit_key = "0123456789abcdef";
    world.ports.crypto = OpenSslCrypto();
    world.answer = [](const HttpRequest&) { return guidon::test::ScriptedAnswer::Of(200, "{}"); };
    world.Begin();
    world.Track("e");
    world.Expose("attach-button");
    world.Prompt(prompts::What::kExposure, "p-1");
    world.Deliver();
    REQUIRE(world.http->request_count() == 1);
    const std::string body = world.http->requests()[0].body;
    CHECK(body.find("u-42") == std::string::npos);
    CHECK(body.find(kCases[1].sent) != std::string::npos);
    CHECK(world.Balances());
  }
}

}  // namespace
}  // namespace guidon::events
