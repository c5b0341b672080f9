// The decisions of the current State for bool, int and double flags, one 16-byte cell each, read without waiting for
// anybody: what `Get` costs.
//
// A cell is two atomic words: `meta` (a sequence number, the type, and bits that send the reader on the long way) and
// `value`. The writer marks meta busy, writes the value, writes meta; the reader reads meta, the value, meta, and takes
// the long way when the two differ. No fences, no read-modify-write, so readers never write a line.
//
// A key gets a cell when a ruleset first has it and keeps it until the client is gone, so a cell found is valid for
// good.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/core/ruleset/value.h"

namespace guidon::client {

class Cell {
 public:
  // What the reader wants in meta's low bits: the type's number plus kServes, and none of the others.
  static constexpr std::uint64_t kTypeMask = 0x7;
  static constexpr std::uint64_t kServes = 0x08;  // it has a value; otherwise the fallback is due
  static constexpr std::uint64_t kArmed = 0x10;   // exposures are due, or it is to be noted for the summary
  static constexpr std::uint64_t kTimed = 0x20;   // it changes by time alone: ask the clock
  static constexpr std::uint64_t kBusy = 0x40;    // being written
  static constexpr std::uint64_t kLowMask = 0xFF;
  static constexpr int kSequenceShift = 8;

  static constexpr std::uint64_t Wanted(ruleset::ValueType type) noexcept {
    return static_cast<std::uint64_t>(type) | kServes;
  }

  // True when the value could be had at once; `bits` are then the value's.
  bool Read(ruleset::ValueType type, std::uint64_t* bits) const noexcept {
    const std::uint64_t before = meta_.load(std::memory_order_acquire);
    *bits = value_.load(std::memory_order_acquire);
    const std::uint64_t after = meta_.load(std::memory_order_relaxed);
    return before == after && (before & kLowMask) == Wanted(type);
  }

  // One writer at a time, with a `sequence` that is another one each time: the State's. `low` is of the bits above.
  void Write(std::uint64_t sequence, std::uint64_t low, std::uint64_t bits) noexcept {
    const std::uint64_t next = sequence << kSequenceShift;
    meta_.store(next | kBusy, std::memory_order_relaxed);
    value_.store(bits, std::memory_order_release);
    meta_.store(next | low, std::memory_order_release);
  }

  static bool IsArmed(std::uint64_t meta) noexcept { return (meta & kArmed) != 0; }
  // Whether it was written, whole, for the State of that sequence.
  static bool IsOf(std::uint64_t meta, std::uint64_t sequence) noexcept {
    return meta >> kSequenceShift == sequence && (meta & kBusy) == 0;
  }

  // As written last, to be handed to Disarm once the exposures are appended: it does nothing when a writer came
  // between, which will have judged for itself what is due.
  std::uint64_t meta() const noexcept { return meta_.load(std::memory_order_acquire); }
  void Disarm(std::uint64_t seen) noexcept {
    meta_.compare_exchange_strong(seen, seen & ~kArmed, std::memory_order_acq_rel, std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> meta_{0};
  std::atomic<std::uint64_t> value_{0};
};

class CellTable {
 public:
  CellTable();
  CellTable(const CellTable&) = delete;
  CellTable& operator=(const CellTable&) = delete;

  // Any thread, any time. Null when no ruleset so far had the key, or when it has no cell.
  Cell* Find(std::string_view key, std::uint64_t hash) const noexcept;

  // One writer at a time. Null once there are as many keys as fit (twice the flags of a full datafile), and for keys
  // whose place in the table is too crowded, as a datafile could make it on purpose: a flag without a cell is decided
  // by the State.
  Cell* FindOrAdd(std::string_view key, std::uint64_t hash);

  // Every cell there is.
  template <class F>
  void ForEach(F f) {
    for (Named& named : cells_) f(named.key, &named.cell);
  }

 private:
  struct Named {
    std::string key;
    std::uint64_t hash = 0;
    Cell cell;
  };
  // Open addressing, at most half full. Entries are only ever added; a table that is outgrown is kept, because a reader
  // may still be in it.
  struct Table {
    explicit Table(std::size_t size) : mask(size - 1), entries(new std::atomic<Named*>[size]()) {}
    std::uint64_t mask;
    std::unique_ptr<std::atomic<Named*>[]> entries;
  };
  // False when the place is too crowded.
  static bool Insert(Table* table, Named* named) noexcept;

  // Of 10,000 keys that nobody chose none is so far from its place.
  static constexpr std::uint64_t kMostLooks = 128;

  std::atomic<Table*> table_{nullptr};
  std::vector<std::unique_ptr<Table>> tables_;
  std::deque<Named> cells_;  // never moves them
};

inline Cell* CellTable::Find(std::string_view key, std::uint64_t hash) const noexcept {
  const Table* table = table_.load(std::memory_order_acquire);
  for (std::uint64_t looks = 0; looks < kMostLooks; ++looks) {
    Named* named = table->entries[(hash + looks) & table->mask].load(std::memory_order_acquire);
    if (named == nullptr) return nullptr;
    if (named->hash == hash && named->key == key) return &named->cell;
  }
  return nullptr;
}

}  // namespace guidon::client
