// The journal of a process that has ended: read once, and removed when all of it is committed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/events/journal.h"

namespace guidon::events {

// What a process that has ended left. Holds its lock.
class DeadJournal {
 public:
  // All of them but those in `known`. Those of living processes are not among them but in `living`, by birth. May
  // block.
  static std::vector<DeadJournal> Adopt(const std::shared_ptr<Journal>& port, const std::vector<std::uint64_t>& known,
                                        std::vector<std::uint64_t>* living = nullptr);

  std::uint64_t birth() const noexcept { return birth_; }
  // Not to be read, nor removed but by an erasure: the version that wrote it may come back.
  bool is_of_later_version() const noexcept { return is_of_later_version_; }
  // Nothing before it is read. Before the first read.
  void Skip(Position before);
  // How many records that `counts` are left to be read, with those that are missing among them. Null: all do.
  std::uint64_t Count(bool (*counts)(std::string_view bytes) = nullptr) const;
  // False at the end; `record.damaged` is then what is missing after the last. What damage hides is counted once for
  // each stretch of it.
  bool Next(JournalRecord* record);
  Position read_to() const noexcept { return read_; }
  // Once all is committed. May block.
  Status Remove();

 private:
  struct Part {
    std::uint64_t generation;
    JournalSegment segment;
  };

  bool ReadPart(const Part& part, JournalRecord* record);

  std::shared_ptr<Journal> port_;
  std::shared_ptr<void> lock_;
  std::uint64_t birth_ = 0;
  bool is_of_later_version_ = false;
  std::vector<std::string> names_;
  std::vector<Part> parts_;       // by generation
  std::uint64_t unreadable_ = 0;  // segments whose header is gone, and not counted yet
  Position read_ = 0;
};

}  // namespace guidon::events
