#include "tests/property/bucketing_under_test.h"

#include <array>
#include <functional>
#include <limits>

#include "sdk/core/hash/hash.h"

namespace guidon::property {
namespace {

using ruleset::kSlots;

std::string Message(char purpose, std::string_view salt, std::string_view id) {
  std::string message{purpose, '\x1F'};
  return message.append(salt).append(1, '\x1F').append(id);
}

bool HalfOpen(std::uint32_t begin, std::uint32_t end, std::uint32_t slot) { return begin <= slot && slot < end; }

bool Closed(std::uint32_t begin, std::uint32_t end, std::uint32_t slot) { return begin <= slot && slot <= end; }

// Id first and salt behind it, as the first versions of several SDKs did.
std::uint64_t Fnv1a32(char purpose, std::string_view salt, std::string_view id) {
  std::uint32_t hash = 2166136261u;
  const auto feed = [&hash](std::string_view bytes) {
    for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  };
  feed(id);
  feed({&purpose, 1});
  feed(salt);
  return hash;
}

std::array<std::uint32_t, 256> MakeCrcTable() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB8'8320u : 0u);
    table[byte] = crc;
  }
  return table;
}

std::uint64_t Crc32(char purpose, std::string_view salt, std::string_view id) {
  static const std::array<std::uint32_t, 256> table = MakeCrcTable();
  std::uint32_t crc = 0xFFFF'FFFFu;
  const auto feed = [&crc](std::string_view bytes) {
    for (const char c : bytes) crc = (crc >> 8) ^ table[(crc ^ static_cast<unsigned char>(c)) & 0xFF];
  };
  feed({&purpose, 1});
  feed(salt);
  feed(id);
  return crc ^ 0xFFFF'FFFFu;
}

std::uint64_t SaltDropped(char purpose, std::string_view, std::string_view id) {
  return evaluation::BucketHash(purpose, "", id);
}

// One hash for inclusion, split and all else.
std::uint64_t PurposeDropped(char, std::string_view salt, std::string_view id) {
  return evaluation::BucketHash('s', salt, id);
}

// Purpose and salt as a seed that is too narrow for them: what stands behind the fourth byte is lost.
std::uint64_t NarrowSeed(char purpose, std::string_view salt, std::string_view id) {
  std::string seed{purpose, '\x1F'};
  seed.append(salt).resize(4, '\0');
  return HashBytes64(seed.append(id));
}

std::uint64_t StandardHash(char purpose, std::string_view salt, std::string_view id) {
  return std::hash<std::string>{}(Message(purpose, salt, id));
}

// A thousand parts, the middle of each.
std::uint32_t Modulo1000(std::uint64_t hash) { return static_cast<std::uint32_t>(hash % 1000) * 1000 + 500; }

std::uint32_t ModuloOneLess(std::uint64_t hash) { return static_cast<std::uint32_t>(hash % (kSlots - 1)); }

// As if the hash were a signed number: half of all slots are below 0.
std::uint32_t SignedShift(std::uint64_t hash) {
  const std::uint32_t slot = evaluation::SlotOfHash(hash);
  const bool is_negative = hash > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return is_negative ? slot - kSlots : slot;
}

}  // namespace

const BucketingUnderTest& OurBucketing() {
  static const BucketingUnderTest ours{"ours", evaluation::BucketHash, evaluation::SlotOfHash, HalfOpen, true};
  return ours;
}

const std::vector<BucketingUnderTest>& Mutants() {
  const auto& slot_of = evaluation::SlotOfHash;
  const auto& hash = evaluation::BucketHash;
  static const std::vector<BucketingUnderTest> mutants = {
      {"FNV-1a, salt behind the id", Fnv1a32, Modulo1000, HalfOpen},
      {"CRC-32 without separators", Crc32, Modulo1000, HalfOpen},
      {"salt dropped", SaltDropped, slot_of, HalfOpen},
      {"one hash for inclusion and split", PurposeDropped, slot_of, HalfOpen},
      {"ranges closed at their end", hash, slot_of, Closed},
      {"modulo of one slot less", hash, ModuloOneLess, HalfOpen},
      {"signed shift", hash, SignedShift, HalfOpen},
      {"std::hash", StandardHash, slot_of, HalfOpen},
      {"salt as too narrow a seed", NarrowSeed, slot_of, HalfOpen},
  };
  return mutants;
}

}  // namespace guidon::property
