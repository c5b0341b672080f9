#include "sdk/core/hash/fnv1a.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace guidon {

TEST_CASE("FNV-1a takes UTF-16 code units, so that of ASCII it is that of the bytes") {
  // The first four: the reference's own, http://www.isthe.com/chongo/src/fnv/test_fnv.c
  const std::pair<std::string, std::uint32_t> rows[] = {{"", 0x811c9dc5},         {"a", 0xe40c292c},
                                                        {"foobar", 0xbf9cf968},   {"chongo was here!\n", 0xd49930d5},
                                                        {"\xC3\xA9", 0x6c0b6c44}, {"\xF0\x9F\x98\x80", 0xcb31c4b8}};
  for (const auto& [text, hash] : rows) {
    CAPTURE(text);
    CHECK(Fnv1aOfUtf16(text) == hash);
  }
}

TEST_CASE("texts are hashed one behind the other as they would be together") {
  const std::string text = "a\xC3\xA9\xE6\x97\xA5\xF0\x9F\x98\x80z";
  for (const std::size_t at : {0u, 1u, 3u, 6u, 10u, 11u}) {
    CHECK(Fnv1aOfUtf16(text.substr(at), Fnv1aOfUtf16(text.substr(0, at))) == Fnv1aOfUtf16(text));
  }
}

TEST_CASE("bytes that are no UTF-8 are read to their end, each by its value") {
  const std::uint32_t prime = 0x01000193;
  CHECK(Fnv1aOfUtf16("\xFF") == (kFnv1aBasis ^ 0xFFu) * prime);
  CHECK(Fnv1aOfUtf16("\xC3") == (kFnv1aBasis ^ 0xC3u) * prime);
  CHECK(Fnv1aOfUtf16("\xE6\x97") == Fnv1aOfUtf16("\x97", (kFnv1aBasis ^ 0xE6u) * prime));
  for (int lead = 0; lead < 256; ++lead) {
    for (int next = 0; next < 256; next += 5) {
      (void)Fnv1aOfUtf16(std::string({static_cast<char>(lead), static_cast<char>(next)}));
    }
  }
}

}  // namespace guidon
