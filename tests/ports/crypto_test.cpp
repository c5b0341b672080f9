#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>

#include "guidon/platform_parts.h"

namespace guidon {
namespace {

std::string FromHex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  }
  return bytes;
}

bool Verifies(std::string_view key, std::string_view message, std::string_view signature) {
  std::optional<bool> answer;
  OpenSslCrypto()->Verify(key, message, signature, [&](bool good) {
    REQUIRE(!answer.has_value());
    answer = good;
  });
  REQUIRE(answer.has_value());
  return *answer;
}

// RFC 8032, section 7.1.
struct Vector {
  std::string name;
  const char* key;
  const char* message;
  const char* signature;
};
const Vector kVectors[] = {
    {"1, the empty message", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe246"
     "55141438e7a100b"},
    {"2, one byte", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb"
     "00d291612bb0c00"},
    {"3, two bytes", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc"
     "027beceea1ec40a"},
    {"SHA(abc)", "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a"
     "9ac94fa54ca49f",
     "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9"
     "bef1177331a704"},
};

// The order of the group, little-endian.
const char kOrder[] = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

TEST_CASE("the signatures of RFC 8032 are good, and none with a single bit changed") {
  for (const Vector& vector : kVectors) {
    CAPTURE(vector.name);
    const std::string key = FromHex(vector.key);
    const std::string message = FromHex(vector.message);
    const std::string signature = FromHex(vector.signature);
    CHECK(Verifies(key, message, signature));
    CHECK(!Verifies(key, message + "x", signature));
    for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
      std::string changed = signature;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
      REQUIRE(!Verifies(key, message, changed));
    }
  }
}

TEST_CASE("a view of nothing is the empty message") {
  CHECK(Verifies(FromHex(kVectors[0].key), std::string_view(), FromHex(kVectors[0].signature)));
}

TEST_CASE("a second signature of the same message cannot be made by adding the group's order to S") {
  for (const Vector& vector : kVectors) {
    CAPTURE(vector.name);
    std::string signature = FromHex(vector.signature);
    const std::string order = FromHex(kOrder);
    int carry = 0;
    for (std::size_t i = 0; i < 32; ++i) {
      const int sum = static_cast<unsigned char>(signature[32 + i]) + static_cast<unsigned char>(order[i]) + carry;
      signature[32 + i] = static_cast<char>(sum & 0xff);
      carry = sum >> 8;
    }
    REQUIRE(carry == 0);
    CHECK(!Verifies(FromHex(vector.key), FromHex(vector.message), signature));
  }
}

// Why keys of small order are refused when they are loaded: of the neutral point every multiple is itself, so that
// R = [S]B + [h]A, what is verified, holds for any message with R the neutral point and S 0.
TEST_CASE("in the name of a key of small order anybody can sign anything") {
  std::string neutral(32, '\0');
  neutral.front() = 1;
  const std::string signature = neutral + std::string(32, '\0');
  CHECK(Verifies(neutral, "anything", signature));
  CHECK(Verifies(neutral, "at all", signature));
}

TEST_CASE("a signature whose R could be spelled in another way is not good") {
  // Of the neutral point, y = 1, the other spelling is p + 1.
  std::string neutral(32, '\0');
  neutral.front() = 1;
  std::string other(32, '\xff');
  other.front() = static_cast<char>(0xee);
  other.back() = 0x7f;
  CHECK(!Verifies(neutral, "anything", other + std::string(32, '\0')));
}

TEST_CASE("keys and signatures of another size are not good") {
  const std::string key = FromHex(kVectors[1].key);
  const std::string message = FromHex(kVectors[1].message);
  const std::string signature = FromHex(kVectors[1].signature);
  REQUIRE(Verifies(key, message, signature));
  CHECK(!Verifies(key.substr(1), message, signature));
  CHECK(!Verifies(key + "x", message, signature));
  CHECK(!Verifies("", message, signature));
  CHECK(!Verifies(key, message, signature.substr(0, 63)));
  CHECK(!Verifies(key, message, signature + "x"));
  CHECK(!Verifies(key, message, std::string_view()));
}

TEST_CASE("a key that is no point of the curve is not good") {
  CHECK(!Verifies(std::string(32, '\xff'), "message", FromHex(kVectors[1].signature)));
}

TEST_CASE("SHA-256 gives the digests that NIST publishes") {
  struct Row {
    std::string in;
    const char* digest;
  };
  const Row rows[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {std::string(1'000'000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.in.size());
    std::string out = "left over";
    CHECK(OpenSslCrypto()->Digest(DigestAlgorithm::kSha256, row.in, &out));
    CHECK((out == FromHex(row.digest)));
  }
}

}  // namespace
}  // namespace guidon
