#include "sdk/core/hash/hash.h"

#include <doctest/doctest.h>

#include <cstdint>

using namespace guidon;

// Origin: Cyan4973/xxHash, cli/xsum_sanity_check.c (the empty input), the others made with xxHash 0.8.1.
TEST_CASE("XXH64 with seed 0 gives its published values") {
  CHECK(HashBytes64("") == 0xEF46DB3751D8E999u);
  CHECK(HashBytes64("a") == 0xD24EC4F1A98C6E5Bu);
  CHECK(HashBytes64("abc") == 0x44BC2CF5AD770999u);
  CHECK(HashBytes64("123456789") == 0x8CB841DB40E6AE83u);
}

// Origin: as above, XXH3_128bits of nothing.
TEST_CASE("the 128-bit hash is XXH3") {
  const Hash128 hash = HashBytes128("");
  CHECK(hash.high == 0x99AA06D3014798D8u);
  CHECK(hash.low == 0x6001C324468D497Fu);
  CHECK(HashBytes128("a").low != HashBytes128("b").low);
}
