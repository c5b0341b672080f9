#include "sdk/events/journal_segment.h"

#include <algorithm>
#include <bitset>
#include <cstring>

#include "sdk/core/hash/hash.h"

namespace guidon::events {
namespace {

// A tag, from its most significant bit: what it is (2), bytes of the record (20), and of done a check of where and how
// long it is (10), so that most of what is no tag is told without a look at what would follow, and the sum (32); of
// busy the mark's bits (42). Free and sealed have the mark in all the rest.
constexpr std::uint64_t kKind = std::uint64_t{3} << 62;
constexpr std::uint64_t kFreeKind = 0;
constexpr std::uint64_t kBusyKind = std::uint64_t{1} << 62;
constexpr std::uint64_t kDoneKind = std::uint64_t{2} << 62;
constexpr std::uint64_t kSealedKind = std::uint64_t{3} << 62;
constexpr int kBytesShift = 42;
constexpr std::uint64_t kRest = (std::uint64_t{1} << kBytesShift) - 1;
constexpr std::uint64_t kBytesMask = (std::uint64_t{1} << 20) - 1;
constexpr int kCheckShift = 32;
static_assert(kRecordBytes <= kBytesMask, "a tag tells the length");

constexpr std::uint64_t kMagic = 0x4755'4944'4F4E'4A01u;  // "GUIDONJ", version 1
constexpr int kVersionBits = 8;
constexpr int kPlaceBits = 48;
constexpr std::size_t kHeaderCopyWords = 4;  // a header is there twice
constexpr std::size_t kHeaderCopies = 2;
static_assert(kHeaderCopies * kHeaderCopyWords <= kCommittedWord && kCommittedWord < kHeaderWords, "header's words");

std::uint64_t Mix(std::uint64_t x) noexcept {
  x = (x ^ (x >> 32)) * 0x9E37'79B9'7F4A'7C15u;
  x = (x ^ (x >> 29)) * 0xBF58'476D'1CE4'E5B9u;
  return x ^ (x >> 32);
}

std::uint64_t MarkOf(const SegmentKey& key) noexcept { return Mix(key.birth + Mix(key.generation)) & ~kKind; }

std::uint64_t HeaderSum(std::uint64_t birth, std::uint64_t generation) noexcept {
  return Mix(kMagic ^ Mix(birth ^ Mix(generation)));
}

// A bit that flipped where nobody wrote anything is no loss.
bool IsNearly(std::uint64_t word, std::uint64_t tag) noexcept { return std::bitset<64>(word ^ tag).count() <= 1; }

constexpr std::size_t kWord = sizeof(std::uint64_t);

// The first byte is the least significant one, on every machine.
std::uint64_t InOrder(std::uint64_t word) noexcept {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  std::uint64_t turned = 0;
  for (std::size_t i = 0; i < kWord; ++i, word >>= 8) turned = turned << 8 | (word & 0xFF);
  return turned;
#else
  return word;
#endif
}

void LoadBytes(Words words, std::size_t size, std::string* bytes) {
  bytes->resize(size);
  for (std::size_t done = 0; done < size; done += kWord, ++words) {
    const std::uint64_t word = InOrder(words->load(std::memory_order_relaxed));
    std::memcpy(&(*bytes)[done], &word, std::min(kWord, size - done));
  }
}

// A done tag but for its sum.
std::uint64_t PlaceOf(const SegmentKey& key, std::size_t at, std::size_t size) noexcept {
  const std::uint64_t said = kDoneKind | std::uint64_t{size} << kBytesShift;
  return said | (Mix(MarkOf(key) ^ Mix(said + at)) & (kRest >> kCheckShift)) << kCheckShift;
}

bool IsRecord(const SegmentKey& key, Words words, std::size_t at, std::uint64_t tag, std::string* bytes) {
  const std::size_t size = TaggedBytes(tag);
  if (size > kRecordBytes || at + WordsOf(size) > kSegmentWords) return false;
  if (tag >> kCheckShift != PlaceOf(key, at, size) >> kCheckShift) return false;
  LoadBytes(words + at + 1, size, bytes);
  return DoneTag(key, at, *bytes) == tag;
}

bool IsBusy(const SegmentKey& key, std::size_t at, std::uint64_t tag) {
  return (tag & kKind) == kBusyKind && tag == BusyTag(key, TaggedBytes(tag)) &&
         at + WordsOf(TaggedBytes(tag)) <= kSegmentWords;
}

bool IsWhole(const SegmentKey& key, Words words, std::size_t at, std::string* scratch) {
  const std::uint64_t tag = words[at].load(std::memory_order_acquire);
  return tag == FreeTag(key) || tag == SealedTag(key) || IsBusy(key, at, tag) || IsRecord(key, words, at, tag, scratch);
}

}  // namespace

std::uint64_t FreeTag(const SegmentKey& key) noexcept { return kFreeKind | MarkOf(key); }
std::uint64_t SealedTag(const SegmentKey& key) noexcept { return kSealedKind | MarkOf(key); }

std::uint64_t BusyTag(const SegmentKey& key, std::size_t bytes) noexcept {
  return kBusyKind | std::uint64_t{bytes} << kBytesShift | (MarkOf(key) & kRest);
}

std::uint64_t DoneTag(const SegmentKey& key, std::size_t at, std::string_view bytes) noexcept {
  const std::uint64_t sum = Mix(HashBytes64(bytes) ^ Mix(MarkOf(key) + at));
  return PlaceOf(key, at, bytes.size()) | sum >> kCheckShift;
}

std::size_t TaggedBytes(std::uint64_t tag) noexcept {
  const bool has_bytes = (tag & kKind) == kBusyKind || (tag & kKind) == kDoneKind;
  return has_bytes ? static_cast<std::size_t>(tag >> kBytesShift & kBytesMask) : 0;
}

// A process may die at any store, and what it stored before is there: so the header goes first and comes last.
void Prepare(const SegmentKey& key, Words words) noexcept {
  for (std::size_t i = 0; i < kHeaderCopies * kHeaderCopyWords; ++i) words[i].store(0, std::memory_order_release);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  const std::uint64_t free = FreeTag(key);
  for (std::size_t i = kHeaderWords; i < kSegmentWords; ++i) words[i].store(free, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  // Word 0 comes last of all: while it is 0 there is no header.
  for (const std::size_t copy : {kHeaderCopyWords, std::size_t{0}}) {
    words[copy + 1].store(key.birth, std::memory_order_relaxed);
    words[copy + 2].store(key.generation, std::memory_order_relaxed);
    words[copy + 3].store(HeaderSum(key.birth, key.generation), std::memory_order_release);
    words[copy].store(kMagic, std::memory_order_release);
  }
}

std::optional<SegmentKey> ReadHeader(Words words) noexcept {
  for (std::size_t copy = 0; copy < kHeaderCopies * kHeaderCopyWords; copy += kHeaderCopyWords) {
    const bool is_ours = words[copy].load(std::memory_order_acquire) == kMagic;
    const SegmentKey key{words[copy + 1].load(std::memory_order_relaxed),
                         words[copy + 2].load(std::memory_order_relaxed)};
    const std::uint64_t sum = words[copy + 3].load(std::memory_order_relaxed);
    if (is_ours && key.generation != 0 && sum == HeaderSum(key.birth, key.generation)) return key;
  }
  return std::nullopt;
}

bool IsOfLaterVersion(Words words) noexcept {
  const std::uint64_t magic = words[0].load(std::memory_order_acquire);
  const bool is_twice = words[kHeaderCopyWords].load(std::memory_order_acquire) == magic;
  return is_twice && magic >> kVersionBits == kMagic >> kVersionBits && magic > kMagic;
}

// The place's 48 bits, and before them 16 of a check.
void StoreCommitted(std::uint64_t birth, std::uint64_t place, Words words) noexcept {
  const std::uint64_t check = Mix(birth ^ Mix(place)) << kPlaceBits;
  words[kCommittedWord].store(check | place, std::memory_order_release);
}

std::uint64_t ReadCommitted(std::uint64_t birth, Words words) noexcept {
  const std::uint64_t word = words[kCommittedWord].load(std::memory_order_acquire);
  const std::uint64_t place = word & ((std::uint64_t{1} << kPlaceBits) - 1);
  return word >> kPlaceBits == Mix(birth ^ Mix(place)) << kPlaceBits >> kPlaceBits ? place : 0;
}

void StoreBytes(std::string_view bytes, Words words) noexcept {
  for (; bytes.size() >= kWord; bytes.remove_prefix(kWord), ++words) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), kWord);
    words->store(InOrder(word), std::memory_order_relaxed);
  }
  if (bytes.empty()) return;
  std::uint64_t word = 0;
  std::memcpy(&word, bytes.data(), bytes.size());
  words->store(InOrder(word), std::memory_order_relaxed);
}

Look LookAt(const SegmentKey& key, Words words, std::size_t at, std::string* bytes) {
  const std::uint64_t tag = words[at].load(std::memory_order_acquire);
  if (IsRecord(key, words, at, tag, bytes)) return {Found::kRecord, at + WordsOf(TaggedBytes(tag))};
  if (IsBusy(key, at, tag)) return {Found::kBusy, at + WordsOf(TaggedBytes(tag))};
  const std::uint64_t free = FreeTag(key);
  if (IsNearly(tag, SealedTag(key))) return {Found::kSealed, kSegmentWords};
  if (IsNearly(tag, free)) return {Found::kFree, at};
  std::string scratch;
  // A record whose bytes changed still says where the next one is, if that is there.
  std::size_t next = at + WordsOf(TaggedBytes(tag));
  if (tag >> kCheckShift == PlaceOf(key, at, TaggedBytes(tag)) >> kCheckShift && next < kSegmentWords) {
    const bool is_end = IsNearly(words[next].load(std::memory_order_acquire), free);
    if (is_end || IsWhole(key, words, next, &scratch)) return {Found::kDamaged, next};
  }
  for (next = at + 1; next < kSegmentWords; ++next) {
    if (IsWhole(key, words, next, &scratch)) break;
  }
  return {Found::kDamaged, next};
}

}  // namespace guidon::events
