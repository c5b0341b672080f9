#include "sdk/core/dialects/growthbook/decrypt.h"

#include <doctest/doctest.h>

#include <string>

#include "guidon/platform_parts.h"
#include "sdk/core/dialects/growthbook/load.h"

namespace guidon::dialects::growthbook {
namespace {

// Made with openssl enc -aes-128-cbc.
constexpr char kKey[] = "ABEiM0RVZneImaq7zN3u/w==";
const std::string kIv = "AQIDBAUGBwgJCgsMDQ4PEA==.";
const std::string kFeatures = kIv + "tuCgAHW2NFNs3qoZv5f4pb23WroYYpWsMdT3jA+8kWg=";  // {"a":{"defaultValue":"ä"}}
const std::string kGroups = kIv + "l3qr/xgyu5+u07ezNxBRkA==";                        // {"g":[1,2]}

}  // namespace

TEST_CASE("what came encrypted is decrypted, and what cannot be is nothing") {
  const auto crypto = OpenSslCrypto();
  CHECK(Decrypt(kFeatures, kKey, *crypto) == R"({"a":{"defaultValue":"ä"}})");
  const std::string bad[] = {"",
                             "no dot",
                             kIv,
                             kIv + "tuCgAHW2NFNs3qoZv5f4pb23WroYYpWsMdT3jA+8kWg",  // base64 without its padding
                             kIv + "tuCgAHW2NFNs3qoZv5f4pQ==",                     // the first block alone: bad padding
                             "AQID.tuCgAHW2NFNs3qoZv5f4pb23WroYYpWsMdT3jA+8kWg=",  // a short vector
                             kIv + "s5cYyi2WmEsbtHAKsknUmQ=="};                    // the byte FF, which is no UTF-8
  for (const std::string& text : bad) {
    CAPTURE(text);
    CHECK_FALSE(Decrypt(text, kKey, *crypto));
  }
  for (const char* key : {"", "AAAA", "ABEiM0RVZneImaq7zN3u/g==", "ABEiM0RVZneImaq7zN3u/wA="}) {
    CAPTURE(key);
    CHECK_FALSE(Decrypt(kFeatures, key, *crypto));
  }
}

TEST_CASE("a payload has what came encrypted in its place") {
  const auto crypto = OpenSslCrypto();
  const std::string payload = R"({"status":200,"features":{},"encryptedFeatures":")" + kFeatures +
                              R"(","encryptedSavedGroups":")" + kGroups + R"(","dateUpdated":"2026-01-01T00:00:00Z"})";
  const auto plain = DecryptPayload(payload, kKey, *crypto);
  REQUIRE(plain.ok());
  CHECK(
      *plain ==
      R"({"features":{"a":{"defaultValue":"ä"}},"savedGroups":{"g":[1,2]},"status":200,"dateUpdated":"2026-01-01T00:00:00Z"})");
  CHECK(Load(*plain).rules->flags.size() == 1);

  const std::string open = R"({"features":{"a":{}},"encryptedExperiments":""})";
  CHECK(*DecryptPayload(open, kKey, *crypto) == open);
  CHECK(DecryptPayload("[", kKey, *crypto).status().message() ==
        "line 1, column 2 (/0): unexpected end of input; expected '[', '{', or a literal");
  const auto wrong = DecryptPayload(payload, "AAAAAAAAAAAAAAAAAAAAAA==", *crypto);
  CHECK(wrong.status().message() ==
        "/encryptedFeatures cannot be decrypted: the key is another one, or the text is broken");
}

TEST_CASE("a payload encrypted twice, or of no JSON, is refused") {
  const auto crypto = OpenSslCrypto();
  const std::string payload = R"({"encryptedFeatures":")" + kIv + R"(+Hpt/3qEiYByFq1zpBZZUg=="})";  // x
  CHECK_FALSE(DecryptPayload(payload, kKey, *crypto).ok());
}

}  // namespace guidon::dialects::growthbook
