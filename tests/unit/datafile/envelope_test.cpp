#include "sdk/datafile/envelope.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <random>

#include "guidon/limits.h"

using namespace guidon;
using namespace guidon::datafile;

namespace {

Signature SignatureOf(char key, char byte) {
  return {std::string(kKeyIdBytes, key), std::string(kSignatureBytes, byte)};
}

std::string SignedBytes(std::size_t signatures, std::string_view payload) {
  std::vector<Signature> list;
  for (std::size_t i = 0; i < signatures; ++i) {
    list.push_back(SignatureOf(static_cast<char>('a' + i), static_cast<char>('A' + i)));
  }
  return WriteEnvelope(list, payload);
}

bool Says(const Status& status, std::string_view text) { return status.message().find(text) != std::string::npos; }

}  // namespace

TEST_CASE("what is written is read back, with one to four signatures") {
  for (std::size_t count = 1; count <= 4; ++count) {
    CAPTURE(count);
    const std::string bytes = SignedBytes(count, R"({"format":"guidon/1"})");
    const Result<Envelope> envelope = ParseEnvelope(bytes);
    REQUIRE(envelope.ok());
    CHECK(envelope->is_signed);
    CHECK(envelope->payload == R"({"format":"guidon/1"})");
    REQUIRE(envelope->signatures.size() == count);
    CHECK(envelope->signatures[count - 1].key_id == std::string(8, static_cast<char>('a' + count - 1)));
    CHECK(envelope->signatures[count - 1].signature == std::string(64, static_cast<char>('A' + count - 1)));
  }
}

TEST_CASE("the bytes are the documented ones") {
  const std::string bytes = SignedBytes(1, "{}");
  CHECK(bytes == std::string("GUIDON\x00\x01\x01", 9) + std::string(8, 'a') + std::string(64, 'A') +
                     std::string("\x02\x00\x00\x00{}", 6));
  CHECK(SignedMessage("{}") == std::string("guidon/ruleset/v1\x00\x02\x00\x00\x00\x00\x00\x00\x00{}", 28));
}

TEST_CASE("JSON alone is an unsigned datafile") {
  const Result<Envelope> envelope = ParseEnvelope("{\"a\":1}");
  REQUIRE(envelope.ok());
  CHECK_FALSE(envelope->is_signed);
  CHECK(envelope->signatures.empty());
  CHECK(envelope->payload == "{\"a\":1}");
  CHECK(WriteEnvelope({}, "{\"a\":1}") == "{\"a\":1}");
}

TEST_CASE("an envelope cut short at any byte is refused") {
  for (std::size_t count = 1; count <= 4; ++count) {
    const std::string bytes = SignedBytes(count, R"({"flags":{}})");
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      CAPTURE(size);
      // A copy of just that size, so that a sanitizer sees a read behind it.
      const std::string cut = bytes.substr(0, size);
      const Result<Envelope> envelope = ParseEnvelope(cut);
      REQUIRE_FALSE(envelope.ok());
      CHECK(envelope.status().code() == StatusCode::kCorrupt);
      CHECK_FALSE(envelope.status().message().empty());
    }
  }
}

TEST_CASE("what is not a datafile is refused with its reason") {
  const std::string good = SignedBytes(2, "{}");
  const auto with = [&](std::size_t at, std::string_view bytes) {
    std::string changed = good;
    changed.replace(at, bytes.size(), bytes);
    return changed;
  };
  const std::size_t length_at = 9 + 2 * 72;
  struct Row {
    std::string name;
    std::string bytes;
    const char* reason;
  };
  const Row rows[] = {
      {"nothing", "", "empty"},
      {"web page", "<!doctype html><html>Please log in</html>", "neither a signed datafile nor JSON"},
      {"space first", " {}", "neither"},
      {"byte order mark", "\xEF\xBB\xBF{}", "neither"},
      {"array", "[]", "neither"},
      {"another version of the envelope", with(7, std::string_view("\x02", 1)), "neither"},
      {"no signature", with(8, std::string_view("\x00", 1)), "0 signatures"},
      {"five signatures", with(8, std::string_view("\x05", 1)), "5 signatures"},
      {"255 signatures", with(8, std::string_view("\xFF", 1)), "255 signatures"},
      {"more signatures than are there", with(8, std::string_view("\x04", 1)), "cut short in the signatures"},
      {"a byte behind the payload", good + "x", "has 3 bytes where the envelope says 2"},
      {"a line end behind the payload", good + "\n", "has 3 bytes"},
      {"length of 4 GiB", with(length_at, std::string_view("\xFF\xFF\xFF\xFF", 4)), "says 4294967295"},
      {"length one short", with(length_at, std::string_view("\x01", 1)), "says 1"},
      {"length in the other byte order", with(length_at, std::string_view("\x00\x00\x00\x02", 4)), "says 33554432"},
      {"empty payload", SignedBytes(1, ""), "the payload is empty"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Result<Envelope> envelope = ParseEnvelope(row.bytes);
    REQUIRE_FALSE(envelope.ok());
    CHECK(envelope.status().code() == StatusCode::kCorrupt);
    CAPTURE(envelope.status().message());
    CHECK(Says(envelope.status(), row.reason));
  }
}

TEST_CASE("whatever parses is what would be written, however the bytes were mangled") {
  const std::uint64_t seed = 20261121;
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const std::string starts[] = {SignedBytes(1, "{}"), SignedBytes(4, R"({"flags":{}})"), "{}", ""};
  int parsed = 0;
  for (int round = std::getenv("GUIDON_LONG") != nullptr ? 3'000'000 : 20'000; round > 0; --round) {
    std::string bytes = starts[random() % 4];
    for (std::uint64_t changes = random() % 4; changes > 0; --changes) {
      const std::size_t at = random() % (bytes.size() + 1);
      switch (random() % 3) {
        case 0: bytes.insert(at, 1, static_cast<char>(random())); break;
        case 1: bytes.erase(at, random() % 80); break;
        default:
          if (at < bytes.size()) bytes[at] = static_cast<char>(random());
          break;
      }
    }
    const Result<Envelope> envelope = ParseEnvelope(bytes);
    if (!envelope.ok()) continue;
    ++parsed;
    REQUIRE(WriteEnvelope(envelope->signatures, envelope->payload) == bytes);
  }
  CHECK(parsed > 1'000);
}

TEST_CASE("the size limit holds to the byte") {
  std::string bytes(limits::kDatafileBytes, ' ');
  bytes[0] = '{';
  CHECK(ParseEnvelope(bytes).ok());
  bytes += ' ';
  CHECK(ParseEnvelope(bytes).status().code() == StatusCode::kTooLarge);
}

TEST_CASE("nothing is written that could not be read") {
  CHECK(WriteEnvelope(std::vector<Signature>(5, SignatureOf('a', 'A')), "{}").empty());
  CHECK(WriteEnvelope({{"short", std::string(64, 'A')}}, "{}").empty());
  CHECK(WriteEnvelope({{std::string(8, 'a'), "short"}}, "{}").empty());
}

TEST_CASE("key ids read as hexadecimal") { CHECK(KeyIdText(std::string("\x00\x9F\xFF", 3)) == "009fff"); }
