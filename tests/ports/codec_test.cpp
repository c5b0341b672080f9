#include <doctest/doctest.h>

#include <random>
#include <string>

#include "guidon/platform_parts.h"

namespace guidon {
namespace {

std::string Zip(const std::string& in) {
  std::string out;
  REQUIRE(ZlibCodec()->Gzip(in, &out));
  return out;
}

std::string Noise(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string noise(size, '\0');
  for (char& c : noise) c = static_cast<char>(random() & 0xff);
  return noise;
}

TEST_CASE("what goes in comes out, and a bound of exactly its size is enough") {
  const std::string texts[] = {
      "", "a", std::string(100'000, 'a'), Noise(16u << 10, 1), Noise((16u << 10) + 1, 2), Noise(300'000, 3)};
  const auto codec = ZlibCodec();
  for (const std::string& text : texts) {
    CAPTURE(text.size());
    std::string out = "left over";
    CHECK(codec->Gunzip(Zip(text), text.size(), &out).ok());
    CHECK((out == text));
    if (!text.empty()) CHECK(codec->Gunzip(Zip(text), text.size() - 1, &out).code() == StatusCode::kTooLarge);
  }
}

TEST_CASE("the same bytes are compressed to the same bytes") { CHECK((Zip("batch") == Zip("batch"))); }

TEST_CASE("a bomb costs no more memory than its bound") {
  const std::string bomb = Zip(std::string(32u << 20, '\0'));
  std::string out;
  CHECK(ZlibCodec()->Gunzip(bomb, 1000, &out).code() == StatusCode::kTooLarge);
  CHECK(out.capacity() <= 64u << 10);
}

TEST_CASE("cut short at any byte it is corrupt") {
  const std::string whole = Zip("some text that is long enough to be cut");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    std::string out;
    CHECK(ZlibCodec()->Gunzip(std::string_view(whole).substr(0, size), 1000, &out).code() == StatusCode::kCorrupt);
  }
}

TEST_CASE("what is not exactly one good gzip member is corrupt") {
  const std::string good = Zip("text");
  std::string bad_checksum = good;
  bad_checksum[good.size() - 8] = static_cast<char>(bad_checksum[good.size() - 8] ^ 1);
  std::string bad_length = good;
  bad_length.back() = 1;
  struct Row {
    std::string name;
    std::string bytes;
  };
  const Row rows[] = {
      {"a byte behind it", good + "x"},
      {"a zero behind it", good + std::string(1, '\0')},
      {"two members", good + good},
      {"plain text", "hello"},
      {"zlib instead of gzip", std::string("\x78\x9c\x03\x00\x00\x00\x00\x01", 8)},
      {"another checksum", bad_checksum},
      {"another length", bad_length},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    std::string out;
    const Status status = ZlibCodec()->Gunzip(row.bytes, 1000, &out);
    CHECK(status.code() == StatusCode::kCorrupt);
    CHECK(status.message() != "");
  }
}

TEST_CASE("hostile bytes end in a status") {
  const std::string good = Zip(Noise(500, 4));
  const unsigned seed = 20261121;
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (int i = 0; i < 5'000; ++i) {
    std::string bytes = good;
    for (int flips = 0; flips < 3; ++flips) bytes[random() % bytes.size()] = static_cast<char>(random() & 0xff);
    std::string out;
    const Status status = ZlibCodec()->Gunzip(bytes, 10'000, &out);
    REQUIRE((status.ok() || status.code() == StatusCode::kCorrupt || status.code() == StatusCode::kTooLarge));
    REQUIRE(out.size() <= 10'000);
  }
}

}  // namespace
}  // namespace guidon
