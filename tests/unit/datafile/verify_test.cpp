#include "sdk/datafile/verify.h"

#include <doctest/doctest.h>

#include <optional>

#include "sdk/core/base/base64.h"
#include "sdk/datafile/envelope.h"
#include "tests/unit/datafile/pretend_crypto.h"

using namespace guidon;
using namespace guidon::datafile;
using guidon::test::PretendCrypto;

namespace {

constexpr std::string_view kPayload = R"({"format":"guidon/1","version":7})";
const std::string kRelease(32, 'R');
const std::string kSpare(32, 'S');
const std::string kDevelopment(32, 'D');
const std::string kStranger(32, 'X');

std::vector<VerificationKey> Keys(PretendCrypto* crypto) {
  Result<std::vector<VerificationKey>> keys = DecodeKeys({{EncodeBase64(kDevelopment), TrustedKey::Role::kDevelopment},
                                                          {EncodeBase64(kRelease), TrustedKey::Role::kRelease},
                                                          {EncodeBase64(kSpare), TrustedKey::Role::kRelease}},
                                                         crypto);
  REQUIRE(keys.ok());
  return *keys;
}

Signature SignedBy(const std::string& key, std::string_view payload = kPayload) {
  PretendCrypto crypto;
  return {KeyId(crypto, key), PretendCrypto::Sign(key, SignedMessage(payload))};
}

Signature Spoilt(Signature signature) {
  signature.signature[63] = static_cast<char>(signature.signature[63] ^ 1);
  return signature;
}

// The answer, when there is one at once; fails the test when there are two.
std::optional<Result<Verified>> Verify(const std::string& bytes, bool allow_unsigned, PretendCrypto* crypto) {
  std::optional<Result<Verified>> answer;
  VerifyEnvelope(std::make_shared<const std::string>(bytes), Keys(crypto), allow_unsigned, Timestamp(), crypto,
                 [&](Result<Verified> verified) {
                   CHECK_FALSE(answer.has_value());
                   answer.emplace(std::move(verified));
                 });
  return answer;
}

}  // namespace

TEST_CASE("a good signature by any trusted key is enough, and its key's role is told") {
  struct Row {
    std::string name;
    std::vector<Signature> signatures;
    std::string key;
    TrustedKey::Role role;
  };
  const Row rows[] = {
      {"release", {SignedBy(kRelease)}, kRelease, TrustedKey::Role::kRelease},
      {"development", {SignedBy(kDevelopment)}, kDevelopment, TrustedKey::Role::kDevelopment},
      {"stranger first", {SignedBy(kStranger), SignedBy(kSpare)}, kSpare, TrustedKey::Role::kRelease},
      {"old key spoilt", {Spoilt(SignedBy(kRelease)), SignedBy(kSpare)}, kSpare, TrustedKey::Role::kRelease},
      {"the release key's counts", {SignedBy(kDevelopment), SignedBy(kRelease)}, kRelease, TrustedKey::Role::kRelease},
      {"one key twice", {Spoilt(SignedBy(kRelease)), SignedBy(kRelease)}, kRelease, TrustedKey::Role::kRelease},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    PretendCrypto crypto;
    const auto answer = Verify(WriteEnvelope(row.signatures, kPayload), false, &crypto);
    REQUIRE(answer.has_value());
    REQUIRE(answer->ok());
    CHECK((*answer)->is_signed);
    CHECK((*answer)->payload == kPayload);
    CHECK((*answer)->role == row.role);
    CHECK((*answer)->key_id == KeyId(crypto, row.key));
  }
}

TEST_CASE("what is not signed by a trusted key is refused with its reason") {
  PretendCrypto namer;
  struct Row {
    std::string name;
    std::string bytes;
    bool allow_unsigned;
    StatusCode code;
    std::string reason;
  };
  const Row rows[] = {
      {"no signature", std::string(kPayload), false, StatusCode::kUntrusted, "no signature"},
      {"stranger", WriteEnvelope({SignedBy(kStranger)}, kPayload), false, StatusCode::kUntrusted,
       "key " + KeyIdText(KeyId(namer, kStranger)) + ", which the app does not trust"},
      {"stranger, unsigned allowed", WriteEnvelope({SignedBy(kStranger)}, kPayload), true, StatusCode::kUntrusted,
       "does not trust"},
      {"spoilt", WriteEnvelope({Spoilt(SignedBy(kRelease))}, kPayload), false, StatusCode::kUntrusted,
       "the signature by key " + KeyIdText(KeyId(namer, kRelease)) + " is not good"},
      {"of another payload", WriteEnvelope({SignedBy(kRelease, "{}")}, kPayload), false, StatusCode::kUntrusted,
       "is not good"},
      {"under another's key id", WriteEnvelope({{KeyId(namer, kRelease), SignedBy(kStranger).signature}}, kPayload),
       false, StatusCode::kUntrusted, "is not good"},
      {"all spoilt", WriteEnvelope({Spoilt(SignedBy(kRelease)), Spoilt(SignedBy(kDevelopment))}, kPayload), false,
       StatusCode::kUntrusted, "is not good"},
      {"no envelope", "<html>", true, StatusCode::kCorrupt, "neither"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    PretendCrypto crypto;
    const auto answer = Verify(row.bytes, row.allow_unsigned, &crypto);
    REQUIRE(answer.has_value());
    REQUIRE_FALSE(answer->ok());
    CHECK(answer->status().code() == row.code);
    CAPTURE(answer->status().message());
    CHECK(answer->status().message().find(row.reason) != std::string::npos);
  }
}

TEST_CASE("no bit of a signed datafile can be flipped") {
  const std::string good = WriteEnvelope({SignedBy(kRelease)}, kPayload);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    CAPTURE(bit);
    std::string changed = good;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    PretendCrypto crypto;
    const auto answer = Verify(changed, true, &crypto);
    REQUIRE(answer.has_value());
    CHECK_FALSE(answer->ok());
  }
}

TEST_CASE("an unsigned datafile is taken only where the options say so") {
  PretendCrypto crypto;
  const auto answer = Verify(std::string(kPayload), true, &crypto);
  REQUIRE(answer.has_value());
  REQUIRE(answer->ok());
  CHECK_FALSE((*answer)->is_signed);
  CHECK((*answer)->role == TrustedKey::Role::kDevelopment);
  CHECK((*answer)->payload == kPayload);
  CHECK(crypto.verified.empty());
}

TEST_CASE("cryptography may answer later, and the bytes stay alive until it has") {
  PretendCrypto crypto;
  crypto.answers_later = true;
  std::optional<Result<Verified>> answer;
  VerifyEnvelope(std::make_shared<const std::string>(
                     WriteEnvelope({Spoilt(SignedBy(kRelease)), SignedBy(kDevelopment)}, kPayload)),
                 Keys(&crypto), false, Timestamp(), &crypto,
                 [&](Result<Verified> verified) { answer.emplace(std::move(verified)); });
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK_FALSE(answer.has_value());
    REQUIRE(crypto.later.size() == i + 1);
    const auto next = crypto.later[i];
    next();
  }
  REQUIRE(answer.has_value());
  REQUIRE(answer->ok());
  CHECK((*answer)->payload == kPayload);
  CHECK((*answer)->role == TrustedKey::Role::kDevelopment);
}

TEST_CASE("without cryptography nothing signed is taken") {
  std::optional<Result<Verified>> answer;
  VerifyEnvelope(std::make_shared<const std::string>(WriteEnvelope({SignedBy(kRelease)}, kPayload)), {}, true,
                 Timestamp(), nullptr, [&](Result<Verified> verified) { answer.emplace(std::move(verified)); });
  REQUIRE(answer.has_value());
  CHECK(answer->status().code() == StatusCode::kUnsupported);
}

TEST_CASE("a key that cannot be used is named") {
  const auto key = [](const std::string& bytes) { return TrustedKey{EncodeBase64(bytes), TrustedKey::Role::kRelease}; };
  struct Row {
    std::string name;
    std::vector<TrustedKey> keys;
    const char* message;
  };
  const Row rows[] = {
      {"not base64", {key(kRelease), {"???", TrustedKey::Role::kRelease}}, "trusted_keys[1]: not base64"},
      {"short", {key(std::string(31, 'R'))}, "trusted_keys[0]: an Ed25519 public key has 32 bytes"},
      {"long", {key(std::string(33, 'R'))}, "trusted_keys[0]: an Ed25519 public key has 32 bytes"},
      {"empty", {{"", TrustedKey::Role::kRelease}}, "trusted_keys[0]: an Ed25519 public key has 32 bytes"},
      {"twice", {key(kRelease), {EncodeBase64(kRelease), TrustedKey::Role::kDevelopment}}, "trusted_keys[1]: the same"},
      {"five",
       {key(kRelease), key(kSpare), key(kDevelopment), key(kStranger), key(std::string(32, 'Y'))},
       "trusted_keys[4]: more than four"},
  };
  PretendCrypto crypto;
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Status status = DecodeKeys(row.keys, &crypto).status();
    CHECK(status.code() == StatusCode::kInvalidArgument);
    CAPTURE(status.message());
    CHECK(status.message().find(row.message) == 0);
  }
  CHECK(DecodeKeys({}, nullptr).ok());
  CHECK(DecodeKeys({key(kRelease)}, nullptr).status().code() == StatusCode::kUnsupported);
  crypto.has_digest = false;
  CHECK(DecodeKeys({key(kRelease)}, &crypto).status().code() == StatusCode::kUnsupported);
}
