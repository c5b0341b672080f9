#include "sdk/core/evaluation/bucketing.h"

#include <cstring>
#include <string>

#include "guidon/limits.h"
#include "sdk/core/base/text.h"
#include "sdk/core/hash/fnv1a.h"
#include "sdk/core/hash/hash.h"
#include "sdk/core/hash/murmur3.h"

namespace guidon::evaluation {
namespace {

constexpr std::size_t kMostMessage = 3 + ruleset::kSaltBytes + limits::kUnitIdBytes;
constexpr char kSeparator = '\x1F';
constexpr std::size_t kWord = sizeof(std::uint64_t);

bool IsLittleEndian() noexcept {
  constexpr std::uint16_t kOne = 1;
  unsigned char first = 0;
  std::memcpy(&first, &kOne, 1);
  return first == 1;
}

std::uint64_t LoadWord(const char* from) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, from, kWord);
  return word;
}

void StoreWord(std::uint64_t word, char* to) noexcept { std::memcpy(to, &word, kWord); }

// Puts `text` behind the `size` bytes of a message, and says how many it has then. The hash reads whole words, and
// words that were written in pieces make the processor wait for longer than hashing takes; so whole words are written,
// up to two beyond the text's end.
inline std::size_t Append(std::string_view text, std::size_t size, char* message) noexcept {
  const auto filled = static_cast<unsigned>(8 * (size % kWord));
  char* to = message + (size & ~(kWord - 1));
  const char* from = text.data();
  const char* const end = from + text.size();
  std::uint64_t open = LoadWord(to) & ((std::uint64_t{1} << filled) - 1);
  for (; end - from >= static_cast<std::ptrdiff_t>(kWord); from += kWord, to += kWord) {
    const std::uint64_t word = LoadWord(from);
    StoreWord(open | word << filled, to);
    open = word >> 1 >> (63 - filled);
  }
  std::uint64_t rest = 0;
  if (text.size() >= kWord) {
    rest = LoadWord(end - kWord) >> 1 >> (8 * (kWord - static_cast<std::size_t>(end - from)) - 1);
  } else {
    for (std::size_t i = 0; i < text.size(); ++i) rest |= std::uint64_t{static_cast<unsigned char>(text[i])} << 8 * i;
  }
  StoreWord(open | rest << filled, to);
  StoreWord(rest >> 1 >> (63 - filled), to + kWord);
  return size + text.size();
}

}  // namespace

std::uint32_t SlotOfHash(std::uint64_t hash) noexcept {
  // The high 64 bits of hash * kSlots by 32-bit halves: every product stays below 2^52.
  const std::uint64_t high = hash >> 32;
  const std::uint64_t low = hash & 0xFFFF'FFFFu;
  return static_cast<std::uint32_t>((high * kSlots + ((low * kSlots) >> 32)) >> 32);
}

std::uint64_t BucketHash(char purpose, std::string_view salt, std::string_view id) noexcept {
  if (3 + salt.size() + id.size() > kMostMessage) {
    // A salt or an id beyond the format's bounds comes here only where loaders and IsValidUnitId were not asked.
    std::string text{purpose, kSeparator};
    text.append(salt).append(1, kSeparator).append(id);
    return HashBytes64(text);
  }
  alignas(kWord) char message[kMostMessage + 2 * kWord];
  std::size_t size = 2;
  if (IsLittleEndian()) {
    StoreWord(std::uint64_t{static_cast<unsigned char>(purpose)} | std::uint64_t{kSeparator} << 8, message);
    size = Append(salt, size, message);
    char* const open = message + (size - size % kWord);
    StoreWord(LoadWord(open) | std::uint64_t{kSeparator} << 8 * (size % kWord), open);
    size = Append(id, size + 1, message);
  } else {
    message[0] = purpose;
    message[1] = kSeparator;
    size += salt.copy(message + size, salt.size());
    message[size++] = kSeparator;
    size += id.copy(message + size, id.size());
  }
  return HashBytes64({message, size});
}

std::uint32_t PlaceIn(const ruleset::Bucket& bucket, std::string_view id) noexcept {
  if (bucket.hash == ruleset::Bucket::Hash::kMurmur3) {
    Murmur3 hash(bucket.seed);
    hash.Add(bucket.before);
    hash.Add(id);
    hash.Add(bucket.after);
    return hash.Hash() % bucket.places;
  }
  const std::uint32_t hash = Fnv1aOfUtf16(bucket.after, Fnv1aOfUtf16(id, Fnv1aOfUtf16(bucket.before)));
  if (bucket.hash == ruleset::Bucket::Hash::kFnv1a) return hash % bucket.places;
  return Fnv1aOfUtf16(std::to_string(hash)) % bucket.places;
}

bool IsValidUnitId(std::string_view id) noexcept {
  return !id.empty() && id.size() <= limits::kUnitIdBytes && text::IsUtf8(id);
}

}  // namespace guidon::evaluation
