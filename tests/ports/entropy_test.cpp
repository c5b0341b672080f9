#include <doctest/doctest.h>

#include <set>
#include <string>

#include "guidon/platform_parts.h"

namespace guidon {
namespace {

TEST_CASE("random bytes differ at every call, whatever their number") {
  const auto entropy = OsEntropy();
  for (const std::size_t size : {std::size_t{16}, std::size_t{300}, std::size_t{70'000}}) {
    CAPTURE(size);
    std::set<std::string> seen;
    for (int i = 0; i < 8; ++i) {
      std::string bytes(size, '\0');
      REQUIRE(entropy->Fill(reinterpret_cast<unsigned char*>(&bytes[0]), size));
      // The end, too: it was filled to the last byte.
      seen.insert(bytes);
      seen.insert(bytes.substr(size - 8));
    }
    CHECK(seen.size() == 16);
  }
}

TEST_CASE("nothing is asked for and nothing is written") {
  unsigned char byte = 7;
  CHECK(OsEntropy()->Fill(&byte, 0));
  CHECK(byte == 7);
}

}  // namespace
}  // namespace guidon
