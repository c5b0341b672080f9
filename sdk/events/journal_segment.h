// One segment of a journal: records one after the other in words that may end anywhere, since their process may. Layout
// in docs/formats/storage.md, permanent.
//
// A record's first word is its tag. It is free until somebody reserves it with a compare-and-swap, which writes how
// long the record will be: so a process that dies in the middle leaves a gap that can be stepped over, and hides
// nothing behind it. Example: [free] → [busy, 3 words] x x x [free] → [done, 3 words, sum] a b c [free].
// Counter-example: to take room with an addition and to write the length later; whoever dies in between leaves a gap
// nobody knows the end of. Tests: journal_test.cpp, journal_kill_test.cpp.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "guidon/ports/journal.h"

namespace guidon::events {

inline constexpr std::size_t kSegmentWords = std::size_t{1} << 17;  // 1 MiB
inline constexpr std::size_t kHeaderWords = 16;
// Of the header: a place in the journal before which another process, which owns the store, has committed all. Only
// that one stores it; making the segment ready leaves it.
inline constexpr std::size_t kCommittedWord = 8;
inline constexpr std::size_t kRecordBytes = 192u << 10;  // the most of one record

// Of a generation's segment: what its words are told from any other's by.
struct SegmentKey {
  std::uint64_t birth = 0;       // of the journal
  std::uint64_t generation = 0;  // 1, 2, 3… within the journal; 0: none
};

using Words = std::atomic<std::uint64_t>*;

// The tag of a record that nobody has begun yet, of one that is being written, and of the end of a segment that is
// full.
std::uint64_t FreeTag(const SegmentKey& key) noexcept;
std::uint64_t BusyTag(const SegmentKey& key, std::size_t bytes) noexcept;
std::uint64_t SealedTag(const SegmentKey& key) noexcept;
// Of a record that is whole, at word `at`.
std::uint64_t DoneTag(const SegmentKey& key, std::size_t at, std::string_view bytes) noexcept;

inline std::size_t WordsOf(std::size_t bytes) noexcept { return 1 + (bytes + 7) / 8; }
// What a tag says of its record, whosever tag it is: 0 when it is neither busy nor done.
std::size_t TaggedBytes(std::uint64_t tag) noexcept;

// Every word is free, then the header. While it is being done the segment has no header, so nothing of it counts.
void Prepare(const SegmentKey& key, Words words) noexcept;
// Nothing where there is no header, or it cannot be read.
std::optional<SegmentKey> ReadHeader(Words words) noexcept;
// Of a version that came after this one: nobody here can tell what is in it.
bool IsOfLaterVersion(Words words) noexcept;
// Whether it was being made ready.
inline bool IsUnused(Words words) noexcept { return words[0].load(std::memory_order_relaxed) == 0; }

// The word kCommittedWord, by one store. 0 is read where there is none, or not what was written.
void StoreCommitted(std::uint64_t birth, std::uint64_t place, Words words) noexcept;
std::uint64_t ReadCommitted(std::uint64_t birth, Words words) noexcept;

void StoreBytes(std::string_view bytes, Words words) noexcept;

enum class Found {
  kRecord,  // whole, and what was written
  kBusy,    // begun
  kFree,
  kSealed,
  kDamaged,  // nothing that was ever written here
};
struct Look {
  Found found = Found::kFree;
  std::size_t next = 0;  // where what follows it is; of kDamaged: where something that was written begins, or free room
};
// What is at word `at`, below kSegmentWords. Fills `bytes` with a record.
Look LookAt(const SegmentKey& key, Words words, std::size_t at, std::string* bytes);

}  // namespace guidon::events
