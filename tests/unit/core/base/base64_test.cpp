#include "sdk/core/base/base64.h"

#include <doctest/doctest.h>

using guidon::DecodeBase64;
using guidon::EncodeBase64;

TEST_CASE("the vectors of RFC 4648 encode and decode") {
  struct Row {
    std::string bytes;
    std::string text;
  };
  const Row rows[] = {{"", ""},
                      {"f", "Zg=="},
                      {"fo", "Zm8="},
                      {"foo", "Zm9v"},
                      {"foob", "Zm9vYg=="},
                      {"fooba", "Zm9vYmE="},
                      {"foobar", "Zm9vYmFy"},
                      {std::string("\xFB\xFF\xFE\x00", 4), "+//+AA=="}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(EncodeBase64(row.bytes) == row.text);
    CHECK(DecodeBase64(row.text) == row.bytes);
  }
}

TEST_CASE("every byte survives at every length") {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    CHECK(DecodeBase64(EncodeBase64(bytes)) == bytes);
    bytes += static_cast<char>(i * 7);
  }
}

TEST_CASE("a second spelling of a value is refused") {
  const std::string rows[] = {"Zg",       "Zg=",    "Zh==",  "Zm9=",     "Zm8",  "Zm9v=", "Zm9v====", "====",   "=",
                              "Zg==Zg==", "Zm9v\n", " Zm9v", "Zm9v    ", "Zm-_", "Z===",  "Zm=v",     "Zm9\xC3"};
  for (const std::string& row : rows) {
    CAPTURE(row);
    CHECK_FALSE(DecodeBase64(row).has_value());
  }
}
