#include "sdk/core/evaluation/bucketing.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>

#include "sdk/core/base/json.h"
#include "sdk/core/hash/hash.h"

using namespace guidon;
using namespace guidon::evaluation;

namespace {

std::string ReadVectors() {
  std::ifstream file(GUIDON_CORE_TEST_DATA "/bucketing_vectors.json", std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string Text(json::Node node) { return std::string(node.AsString().value_or("")); }
std::uint64_t Hex(json::Node node) { return std::stoull(Text(node), nullptr, 16); }

std::string ToHex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

}  // namespace

TEST_CASE("units land in the slots of the published vectors") {
  const std::string text = ReadVectors();
  json::Error error;
  const auto document = json::Document::Parse(text, &error);
  REQUIRE_MESSAGE(document.has_value(), error.ToText());
  const json::Node root = document->root();

  REQUIRE(root["raw"].size() == 4);
  for (const json::Node row : root["raw"]) {
    CAPTURE(Text(row["input"]));
    CHECK(HashBytes64(Text(row["input"])) == Hex(row["hash"]));
  }
  REQUIRE(root["edges"].size() == 4);
  for (const json::Node row : root["edges"]) {
    CAPTURE(Text(row["hash"]));
    CHECK(SlotOfHash(Hex(row["hash"])) == row["slot"].AsInt().value());
  }
  REQUIRE(root["vectors"].size() == 23);
  for (const json::Node row : root["vectors"]) {
    const std::string purpose = Text(row["purpose"]);
    const std::string salt = Text(row["salt"]);
    const std::string id = Text(row["id"]);
    CAPTURE(purpose);
    CAPTURE(salt);
    CAPTURE(id);
    CHECK(ToHex(purpose + '\x1F' + salt + '\x1F' + id) == Text(row["message_hex"]));
    CHECK(BucketHash(purpose[0], salt, id) == Hex(row["hash"]));
    const std::uint32_t slot = Slot(purpose[0], salt, id);
    CHECK(slot == row["slot"].AsInt().value());
    // Coarser slots are the same units, only fewer of them: making slots finer would reshuffle nobody.
    CHECK(slot / 100 == row["slot_of_10000"].AsInt().value());
  }
}

TEST_CASE("a unit id is 1 to 256 bytes of UTF-8, taken as it is") {
  const struct {
    std::string name;
    std::string id;
    bool valid;
  } rows[] = {
      {"empty", "", false},
      {"one byte", "x", true},
      {"256 bytes", std::string(256, 'x'), true},
      {"257 bytes", std::string(257, 'x'), false},
      {"not UTF-8", "a\xFFz", false},
      {"a lone surrogate", "\xED\xA0\x80", false},
      {"the separator",
       "a\x1F"
       "b",
       true},
      {"white space", " ", true},
      {"emoji", "\xF0\x9F\x98\x80", true},
      {"a zero byte", std::string(1, '\0'), true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CHECK(IsValidUnitId(row.id) == row.valid);
  }
}

TEST_CASE("the longest salt and the longest id are hashed whole") {
  const std::string salt(64, 's');
  const std::string id(256, 'i');
  const std::string message = "r\x1F" + salt + "\x1F" + id;
  CHECK(BucketHash('r', salt, id) == HashBytes64(message));
  CHECK(BucketHash('r', salt + "s", id) == HashBytes64("r\x1F" + salt + "s\x1F" + id));
  CHECK(BucketHash('r', salt, id.substr(1) + "j") != BucketHash('r', salt, id));
}

TEST_CASE("where the salt ends and the id begins makes a difference") {
  CHECK(BucketHash('s', "ab", "c") != BucketHash('s', "a", "bc"));
  CHECK(BucketHash('s', "ab", "") != BucketHash('s', "a", "b"));
  CHECK(BucketHash('s', "a", "b") != BucketHash('r', "a", "b"));
}
