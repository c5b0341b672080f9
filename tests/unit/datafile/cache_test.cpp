#include "sdk/datafile/cache.h"

#include <doctest/doctest.h>

#include "guidon/limits.h"
#include "tests/support/memory_files.h"

using namespace guidon;
using namespace guidon::datafile;
using guidon::test::MemoryFiles;

namespace {

constexpr std::string_view kUrl = "https://cdn.example.com/notes.datafile";

}  // namespace

TEST_CASE("what is kept is read back by the next start") {
  struct Row {
    std::string name;
    std::string bytes;
    std::string etag;
  };
  const Row rows[] = {{"plain", "{}", "\"v1\""},
                      {"no ETag", "{}", ""},
                      {"binary", std::string("GUIDON\x00\x01\xFF\x00", 10), "W/\"a\x80\""},
                      {"long ETag", "{}", std::string(256, 'e')}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto files = std::make_shared<MemoryFiles>();
    REQUIRE(Cache(files, kUrl).Keep(row.bytes, row.etag).ok());
    const Result<CachedDatafile> cached = Cache(files, kUrl).Read();
    REQUIRE(cached.ok());
    CHECK(cached->bytes == row.bytes);
    CHECK(cached->etag == row.etag);
  }
}

TEST_CASE("the largest datafile fits, one byte more is refused and the old one stays") {
  const auto files = std::make_shared<MemoryFiles>();
  Cache cache(files, kUrl);
  const std::string largest(limits::kDatafileBytes, 'x');
  REQUIRE(cache.Keep(largest, std::string(256, 'e')).ok());
  CHECK(cache.Keep(largest + "x", "").code() == StatusCode::kTooLarge);
  CHECK(cache.Read()->bytes.size() == largest.size());
}

TEST_CASE("an ETag means nothing to another address, the datafile does") {
  const auto files = std::make_shared<MemoryFiles>();
  REQUIRE(Cache(files, kUrl).Keep("{}", "\"v1\"").ok());
  const Result<CachedDatafile> cached = Cache(files, "https://other.example.com/notes.datafile").Read();
  REQUIRE(cached.ok());
  CHECK(cached->bytes == "{}");
  CHECK(cached->etag.empty());
}

TEST_CASE("an ETag that is too long is left out") {
  const auto files = std::make_shared<MemoryFiles>();
  Cache cache(files, kUrl);
  REQUIRE(cache.Keep("{}", std::string(257, 'e')).ok());
  CHECK(cache.Read()->etag.empty());
  CHECK(cache.Read()->bytes == "{}");
}

TEST_CASE("a file that was not written here is corrupt and stays until a good one comes") {
  const auto files = std::make_shared<MemoryFiles>();
  Cache cache(files, kUrl);
  REQUIRE(cache.Keep("{\"flags\":{}}", "\"v1\"").ok());
  const std::string good = files->Content("datafile");
  const std::size_t header = good.size() - std::string("{\"flags\":{}}").size();

  struct Row {
    std::string name;
    std::string content;
  };
  std::string long_etag = good;
  long_etag[10] = '\x7F';
  const Row rows[] = {{"empty", ""},
                      {"a bare datafile", "{\"flags\":{}}"},
                      {"another format", "\x02" + good.substr(1)},
                      {"nothing behind the header", good.substr(0, header)},
                      {"an ETag longer than the file", long_etag}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    files->Put("datafile", row.content);
    const Result<CachedDatafile> cached = cache.Read();
    CHECK(cached.status().code() == StatusCode::kCorrupt);
    CHECK(files->Content("datafile") == row.content);
  }
  for (std::size_t size = 0; size <= header; ++size) {
    CAPTURE(size);
    files->Put("datafile", good.substr(0, size));
    CHECK(cache.Read().status().code() == StatusCode::kCorrupt);
  }
  REQUIRE(cache.Keep("{}", "").ok());
  CHECK(cache.Read()->bytes == "{}");
}

TEST_CASE("faults of the files come through, and a failed write leaves the old datafile") {
  const auto files = std::make_shared<MemoryFiles>();
  Cache cache(files, kUrl);
  CHECK(cache.Read().status().code() == StatusCode::kNotFound);
  REQUIRE(cache.Keep("{\"version\":1}", "\"v1\"").ok());
  files->FailReplaces(Status(StatusCode::kOutOfSpace, "full"));
  CHECK(cache.Keep("{\"version\":2}", "\"v2\"").code() == StatusCode::kOutOfSpace);
  CHECK(cache.Read()->bytes == "{\"version\":1}");
  CHECK(cache.Read()->etag == "\"v1\"");
  files->FailReads(Status(StatusCode::kPermissionDenied, "no"));
  CHECK(cache.Read().status().code() == StatusCode::kPermissionDenied);
}

TEST_CASE("a platform without files keeps nothing and says so") {
  Cache cache(nullptr, kUrl);
  CHECK(cache.Keep("{}", "").code() == StatusCode::kUnsupported);
  CHECK(cache.Read().status().code() == StatusCode::kNotFound);
}
