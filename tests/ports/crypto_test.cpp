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
    {"1024", "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e",
     "08b8b2b733424243760fe426a4b54908632110a66c2f6591eabd3345e3e4eb98fa6e264bf09efe12ee50f8f54e9f77b1e355f6c50544e2"
     "3fb1433ddf73be84d879de7c0046dc4996d9e773f4bc9efe5738829adb26c81b37c93a1b270b20329d658675fc6ea534e0810a4432826b"
     "f58c941efb65d57a338bbd2e26640f89ffbc1a858efcb8550ee3a5e1998bd177e93a7363c344fe6b199ee5d02e82d522c4feba15452f80"
     "288a821a579116ec6dad2b3b310da903401aa62100ab5d1a36553e06203b33890cc9b832f79ef80560ccb9a39ce767967ed628c6ad573c"
     "b116dbefefd75499da96bd68a8a97b928a8bbc103b6621fcde2beca1231d206be6cd9ec7aff6f6c94fcd7204ed3455c68c83f4a41da4af"
     "2b74ef5c53f1d8ac70bdcb7ed185ce81bd84359d44254d95629e9855a94a7c1958d1f8ada5d0532ed8a5aa3fb2d17ba70eb6248e594e1a"
     "2297acbbb39d502f1a8c6eb6f1ce22b3de1a1f40cc24554119a831a9aad6079cad88425de6bde1a9187ebb6092cf67bf2b13fd65f27088"
     "d78b7e883c8759d2c4f5c65adb7553878ad575f9fad878e80a0c9ba63bcbcc2732e69485bbc9c90bfbd62481d9089beccf80cfe2df16a2"
     "cf65bd92dd597b0707e0917af48bbb75fed413d238f5555a7a569d80c3414a8d0859dc65a46128bab27af87a71314f318c782b23ebfe80"
     "8b82b0ce26401d2e22f04d83d1255dc51addd3b75a2b1ae0784504df543af8969be3ea7082ff7fc9888c144da2af58429ec96031dbcad3"
     "dad9af0dcbaaaf268cb8fcffead94f3c7ca495e056a9b47acdb751fb73e666c6c655ade8297297d07ad1ba5e43f1bca32301651339e229"
     "04cc8c42f58c30c04aafdb038dda0847dd988dcda6f3bfd15c4b4c4525004aa06eeff8ca61783aacec57fb3d1f92b0fe2fd1a85f672451"
     "7b65e614ad6808d6f6ee34dff7310fdc82aebfd904b01e1dc54b2927094b2db68d6f903b68401adebf5a7e08d78ff4ef5d63653a65040c"
     "f9bfd4aca7984a74d37145986780fc0b16ac451649de6188a7dbdf191f64b5fc5e2ab47b57f7f7276cd419c17a3ca8e1b939ae49e488ac"
     "ba6b965610b5480109c8b17b80e1b7b750dfc7598d5d5011fd2dcc5600a32ef5b52a1ecc820e308aa342721aac0943bf6686b64b257937"
     "6504ccc493d97e6aed3fb0f9cd71a43dd497f01f17c0e2cb3797aa2a2f256656168e6c496afc5fb93246f6b1116398a346f1a641f3b041"
     "e989f7914f90cc2c7fff357876e506b50d334ba77c225bc307ba537152f3f1610e4eafe595f6d9d90d11faa933a15ef1369546868a7f3a"
     "45a96768d40fd9d03412c091c6315cf4fde7cb68606937380db2eaaa707b4c4185c32eddcdd306705e4dc1ffc872eeee475a64dfac86ab"
     "a41c0618983f8741c5ef68d3a101e8a3b8cac60c905c15fc910840b94c00a0b9d0",
     "0aab4c900501b3e24d7cdf4663326a3a87df5e4843b2cbdb67cbf6e460fec350aa5371b1508f9f4528ecea23c436d94b5e8fcd4f681e30a6a"
     "c"
     "00a9704a188a03"},
    {"SHA(abc)", "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2"
     "a"
     "9ac94fa54ca49f",
     "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad"
     "9"
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
