#include "sdk/datafile/weak_keys.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "sdk/core/base/base64.h"
#include "sdk/datafile/verify.h"
#include "tests/unit/datafile/pretend_crypto.h"

using namespace guidon;
using namespace guidon::datafile;

namespace {

std::string FromHex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  }
  return bytes;
}

std::string WithSign(std::string key) {
  key.back() = static_cast<char>(key.back() ^ 0x80);
  return key;
}

// Of the points whose order divides eight.
const char* const kSmall[] = {"0000000000000000000000000000000000000000000000000000000000000000",
                              "0100000000000000000000000000000000000000000000000000000000000000",
                              "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                              "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                              "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"};

}  // namespace

TEST_CASE("no public key of small order is trusted, with either sign") {
  test::PretendCrypto crypto;
  for (const char* hex : kSmall) {
    CAPTURE(hex);
    for (const std::string& key : {FromHex(hex), WithSign(FromHex(hex))}) {
      CHECK(WhyWeak(key) == "a point of small order, in whose name anybody can sign");
      const Status status = DecodeKeys({{EncodeBase64(key), TrustedKey::Role::kRelease}}, &crypto).status();
      CHECK(status.code() == StatusCode::kInvalidArgument);
      CHECK(status.message() == "trusted_keys[0]: a point of small order, in whose name anybody can sign");
    }
  }
}

TEST_CASE("no public key that could be spelled in another way is trusted") {
  // y from p = 2^255 - 19 on is y - p, too.
  for (int low = 0xed; low <= 0xff; ++low) {
    CAPTURE(low);
    std::string key(32, '\xff');
    key.front() = static_cast<char>(low);
    CHECK(WhyWeak(key) == "not the one spelling that an Ed25519 public key has");
    CHECK(WhyWeak(WithSign(key)) == "not the one spelling that an Ed25519 public key has");
  }
  std::string below(32, '\xff');
  below.front() = static_cast<char>(0xeb);  // p - 2: one less than the point of order two
  CHECK(WhyWeak(below).empty());
}

TEST_CASE("the public keys of RFC 8032 are fine") {
  for (const char* hex : {"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                          "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                          "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"}) {
    CAPTURE(hex);
    CHECK(WhyWeak(FromHex(hex)).empty());
  }
}
