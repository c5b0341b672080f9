// Port: memory that outlives the process, though not the machine. What happened is written into it before a call
// returns, without any call to the system, so that a process that is killed loses nothing it was told. Files mapped
// into memory by default.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/status.h"

namespace guidon {

// Words that all who map the segment see, and that are there after a crash as they were stored last. They can be read
// and stored, also once the segment was removed, for as long as `mapping` is held.
struct JournalSegment {
  std::atomic<std::uint64_t>* words = nullptr;
  std::size_t size = 0;  // in words
  std::shared_ptr<void> mapping;
};

// Names are plain: letters, digits, dots and dashes. Any thread may call any method. Calls may block.
class Journal {
 public:
  virtual ~Journal() = default;

  // A new segment, all zeros. Its room is really there: storing never fails later for want of it. Fails when the name
  // is taken, and where the room or such memory is not to be had.
  virtual Result<JournalSegment> Create(std::string_view name, std::size_t words) = 0;
  // One that is there; kNotFound when it is not.
  virtual Result<JournalSegment> Map(std::string_view name) = 0;
  // Names of all segments, sorted.
  virtual Result<std::vector<std::string>> List() = 0;
  // Erases the content and forgets the name. None there is fine.
  virtual Status Remove(std::string_view name) = 0;

  // Held until what is returned is dropped or the process ends, however it does, copies of it that fork made
  // notwithstanding. kUnavailable while anybody else, in this process or another, holds a lock of that name; and in a
  // copy, by fork, of a process that held it then: what the lock guards was copied with it.
  virtual Result<std::shared_ptr<void>> TryLock(std::string_view name) = 0;
};

}  // namespace guidon
