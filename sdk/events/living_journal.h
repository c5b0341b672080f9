// Another process's journal, read by the owner of the store while that process appends to it. What its facts became is
// told by a word in a segment's header, so that the other one can use its segments again.
//
// One thread at a time; `Look` may block.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "guidon/ports/journal.h"
#include "sdk/events/journal.h"

namespace guidon::events {

class LivingJournal {
 public:
  // Nothing before `committed` is read.
  LivingJournal(std::shared_ptr<Journal> port, std::uint64_t birth, Position committed);

  std::uint64_t birth() const noexcept { return birth_; }
  // Maps the segments that were made since the last time.
  void Look();
  // The next record is in a segment that a look may find.
  bool NeedsLook() const noexcept { return is_missing_; }

  // The next record, and the reader moves on. False when there is none for now. A segment that is erased meanwhile has
  // no more records; that is no damage.
  bool Next(JournalRecord* record);
  Position read_to() const noexcept { return read_; }

  // Looks, and nothing that is there is ever read. May block.
  void PassOver();

  // All before it is committed. Stores nothing that was stored already.
  void Tell(Position committed) noexcept;

 private:
  struct Part {
    std::string name;
    JournalSegment segment;
  };

  const Part* Find(std::uint64_t generation) const noexcept;
  std::uint64_t FirstAfter(std::uint64_t generation) const noexcept;

  const std::shared_ptr<Journal> port_;
  const std::uint64_t birth_;
  std::vector<Part> parts_;
  Position read_;
  Position told_ = 0;
  std::uint64_t damaged_ = 0;  // before the next record
  bool is_missing_ = true;     // the generation that is to be read
  // A later generation was there, and a look after that did not find the one that is missing: it was erased.
  std::uint64_t skips_ = 0;  // the generation for which that is to be found out
  bool may_skip_ = false;
};

}  // namespace guidon::events
