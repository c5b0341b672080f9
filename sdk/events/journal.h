// Where facts are accepted: records in memory that outlives the process, in segments that are used again once what they
// held is committed. Appended to from any thread without a lock, read in order by the logic lane.
//
// The compare-and-swap of a free tag reserves the room (journal_segment.h), so threads that append at once lose nothing
// to each other, and one that stalls meets tags of another generation and begins anew. Memory is never unmapped while
// this object lives, for the same reason.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/ports/journal.h"
#include "sdk/events/journal_segment.h"

namespace guidon::events {

inline constexpr std::size_t kJournalSegments = 8;      // of one process
inline constexpr std::size_t kAllJournalSegments = 32;  // of all that wait for a store; no new ones beyond

// A place in a journal; grows with every record. 0: before the first.
using Position = std::uint64_t;
inline constexpr int kGenerationShift = 17;
inline Position PositionOf(std::uint64_t generation, std::size_t word) noexcept {
  return generation << kGenerationShift | word;
}
inline std::uint64_t GenerationOf(Position at) noexcept { return at >> kGenerationShift; }
inline std::size_t WordOf(Position at) noexcept { return at & (kSegmentWords - 1); }

// The name of a journal's lock, and what names of its segments begin with.
std::string JournalName(std::uint64_t birth);
// The journal that a segment of that name is of; nothing when it is none of ours.
std::optional<std::uint64_t> JournalOf(std::string_view segment);

struct JournalRecord {
  Position at = 0;
  Position end = 0;
  std::string bytes;
  std::uint64_t damaged = 0;  // that are missing before it, as far as can be told
};

class FactJournal {
 public:
  enum class Took { kYes, kFull, kNotNow };

  FactJournal() = default;
  FactJournal(const FactJournal&) = delete;  // appending threads point here
  FactJournal& operator=(const FactJournal&) = delete;

  // Takes the lock and makes the first segment. Once, before anything else; again after a failure. May block.
  Status Open(std::shared_ptr<Journal> port, std::uint64_t birth);
  std::uint64_t birth() const noexcept { return birth_; }

  // --- Any thread ---
  // When it returns kYes the record is in the journal. kFull: no segment has room; kNotNow: stopped, or never opened. A
  // call to the system only where a segment is full and no other was made ready.
  Took Append(std::string_view bytes) noexcept;
  // All that was appended before the call lies before it.
  Position end() const noexcept { return end_.load(std::memory_order_acquire); }
  // What is appended from now on is not taken.
  void Stop() noexcept { active_.store(0, std::memory_order_release); }
  bool is_stopped() const noexcept { return active_.load(std::memory_order_relaxed) == 0; }
  // Makes a segment ready, so that no appending thread has to. May block. False when there was nothing to do.
  bool Grow() noexcept;
  bool NeedsRoom() const noexcept;
  // Whether the segment that is appended to has room for less than half of itself.
  bool IsHalfFull() const noexcept;

  // --- Logic lane ---
  // The next record, and the reader moves on. False when there is none for now.
  bool Next(JournalRecord* record);
  Position read_to() const noexcept { return read_; }
  // All that was read is committed; segments that are read to their end are used again.
  void Recycle();
  // How far another process, which owns the store, says to have committed it; never beyond the end.
  Position CommittedByOwner() const noexcept;
  // Nothing before it is read any more. For what another process has committed.
  void Skip(Position before) noexcept { read_ = std::max(read_, std::min(before, end())); }
  // Why there is no room to be had; ok when there is.
  Status Trouble() const;

  // After Stop: nothing can be appended any more, and what was is all to be read. False while somebody is still
  // appending; to be asked again.
  bool Seal();
  // After Seal, and once everything was read: nothing of what was told is left. May block.
  void Clear() noexcept;
  // After Clear: makes a segment ready. May block. Not ok when there is no room.
  Status Refill();
  // After Refill: goes on.
  void Go() noexcept;
  // After Seal: removes the segments, where all was committed. Then lets go of the lock; the segments that stay are the
  // next process's. May block.
  void Close(bool is_committed);

 private:
  struct Slot {
    JournalSegment segment;  // once mapped, for good
    std::string name;
    std::atomic<std::uint64_t> generation{0};  // 0: not in use
  };

  SegmentKey KeyOf(std::uint64_t generation) const noexcept { return {birth_, generation}; }
  const Slot* Find(std::uint64_t generation) const noexcept;
  bool Advance(std::uint64_t active) noexcept;
  void MoveEnd(Position to) noexcept;
  Status MapSlot(Slot* slot);
  bool TryGrow() noexcept;  // with `growing_` held

  std::shared_ptr<Journal> port_;
  std::shared_ptr<void> lock_;
  std::uint64_t birth_ = 0;
  std::array<Slot, kJournalSegments> slots_;
  std::atomic<std::uint64_t> active_{0};  // generation << 3 | slot; 0: stopped
  std::atomic<Position> end_{0};

  // Whoever has it set makes segments, and owns what follows.
  mutable std::atomic<bool> growing_{false};
  std::uint64_t last_generation_ = 0;
  Status trouble_;
  std::atomic<bool> is_blocked_{false};  // no room was to be had; not again before something has changed

  Position read_ = 0;
};

}  // namespace guidon::events
