#include "samples/collector/gunzip.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/unit/collector/gzip.h"

namespace guidon::collector {
namespace {

TEST_CASE("what was packed comes back") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{65536}, std::size_t{200000}}) {
    CAPTURE(size);
    const std::string text(size, 'x');
    const Result<std::string> out = Gunzip(Gzip(text), 1u << 20, 10'000);
    REQUIRE(out.ok());
    CHECK(*out == text);
  }
}

TEST_CASE("a body that unpacks to too much is refused, whatever bound it breaks") {
  const std::string packed = Gzip(std::string(64u << 20, '0'));
  REQUIRE(packed.size() < 100'000);
  CHECK(Gunzip(packed, 4u << 20, 1'000'000).status().code() == StatusCode::kTooLarge);
  CHECK(Gunzip(packed, std::size_t{1} << 40, 200).status().code() == StatusCode::kTooLarge);
  CHECK(Gunzip(Gzip(std::string(1001, 'x')), 1000, 200).status().code() == StatusCode::kTooLarge);
}

TEST_CASE("damaged bodies are corrupt") {
  const std::string packed = Gzip("a body of some length, a body of some length");
  const struct {
    const char* name;
    std::string bytes;
  } rows[] = {{"empty", ""},
              {"not gzip", "{\"resourceLogs\":[]}"},
              {"cut short", packed.substr(0, packed.size() - 1)},
              {"header only", packed.substr(0, 10)},
              {"something behind", packed + "x"},
              {"two members", packed + packed},
              {"another checksum", packed.substr(0, packed.size() - 8) + std::string(8, '\1')}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CHECK(Gunzip(row.bytes, 1u << 20, 200).status().code() == StatusCode::kCorrupt);
  }
}

}  // namespace
}  // namespace guidon::collector
