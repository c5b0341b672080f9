#include "sdk/tools/keys.h"

#include <doctest/doctest.h>

#include "sdk/core/base/base64.h"
#include "sdk/datafile/envelope.h"
#include "sdk/tools/published_file.h"

using namespace guidon;
using namespace guidon::tools;

TEST_CASE("a key pair survives its PEM file, signs, and its signature is good for exactly that message") {
  const Result<KeyPair> pair = MakeKeyPair();
  REQUIRE(pair.ok());
  const Result<KeyPair> read = ReadPrivateKey(pair->private_pem);
  REQUIRE(read.ok());
  CHECK(read->public_key == pair->public_key);
  const Result<std::string> signature = Sign(*read, "message");
  REQUIRE(signature.ok());
  CHECK(VerifySignature(pair->public_key, "message", *signature));
  CHECK_FALSE(VerifySignature(pair->public_key, "messagf", *signature));
  CHECK_FALSE(VerifySignature(MakeKeyPair()->public_key, "message", *signature));
  CHECK_FALSE(VerifySignature(pair->public_key, "message", signature->substr(1)));
  CHECK(KeyIdOf(pair->public_key).size() == datafile::kKeyIdBytes);
}

TEST_CASE("signatures are those of RFC 8032, test 1") {
  const Result<KeyPair> pair = ReadPrivateKey(
      "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE "
      "KEY-----\n");
  REQUIRE(pair.ok());
  CHECK(EncodeBase64(pair->public_key) == "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
  CHECK(EncodeBase64(*Sign(*pair, "")) ==
        "5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc+bRr0lv18FlbviRlUUFDjnoQCw==");
}

TEST_CASE("what is no usable key is refused with the reason") {
  const struct {
    const char* pem;
    const char* message;
  } rows[] = {
      {"", "no private key in PEM"},
      {"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n", "this is a public key"},
      {"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGb\n-----END ENCRYPTED PRIVATE KEY-----\n", "the key is encrypted"}};
  for (const auto& row : rows) {
    CAPTURE(row.pem);
    const Result<KeyPair> key = ReadPrivateKey(row.pem);
    REQUIRE_FALSE(key.ok());
    CHECK(key.status().message().find(row.message) != std::string::npos);
  }
}

TEST_CASE("a datafile is signed by each key, and by at most four") {
  const Result<KeyPair> a = MakeKeyPair();
  const Result<KeyPair> b = MakeKeyPair();
  REQUIRE((a.ok() && b.ok()));
  const Result<std::string> bytes = WrapPayload("{}", {*a, *b});
  REQUIRE(bytes.ok());
  const Result<datafile::Envelope> envelope = datafile::ParseEnvelope(*bytes);
  REQUIRE(envelope.ok());
  PublishedFile file{*bytes, std::string(envelope->payload), {}};
  for (const auto& signature : envelope->signatures) file.signatures.push_back({signature.key_id, signature.signature});
  CHECK(CheckSignature(file, a->public_key) == SignedState::kGood);
  CHECK(CheckSignature(file, b->public_key) == SignedState::kGood);
  CHECK(CheckSignature(file, MakeKeyPair()->public_key) == SignedState::kNotByThisKey);
  file.payload = "{ }";
  CHECK(CheckSignature(file, a->public_key) == SignedState::kBad);
  CHECK(*WrapPayload("{}", {}) == "{}");
  CHECK_FALSE(WrapPayload("{}", {*a, *a, *a, *a, *a}).ok());
}
