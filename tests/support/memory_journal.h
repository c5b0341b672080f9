// A journal in memory. It outlives the clients of it as a mapped one outlives processes: hand the same object to the
// next. `Crash` stands for the death of a process.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/ports/journal.h"

namespace guidon::test {

class MemoryJournal final : public Journal {
 public:
  Result<JournalSegment> Create(std::string_view name, std::size_t words) override;
  Result<JournalSegment> Map(std::string_view name) override;
  Result<std::vector<std::string>> List() override;
  Status Remove(std::string_view name) override;
  Result<std::shared_ptr<void>> TryLock(std::string_view name) override;

  // Whoever uses it is dead from now on: its locks are free, and what it still stores is stored in copies nobody sees.
  void Crash();

  // Until set to an ok Status again, every such call fails with it and changes nothing.
  void FailCreates(Status status);
  void FailLocks(Status status);

  // What happens in other threads while a segment is being made.
  void BeforeCreate(std::function<void()> call) { before_create_ = std::move(call); }

  // A test's own look and damage. Null when there is none.
  std::shared_ptr<std::vector<std::atomic<std::uint64_t>>> Words(std::string_view name) const;
  // Whether `text` is anywhere in it.
  bool Holds(std::string_view text) const;

 private:
  using Words_ = std::vector<std::atomic<std::uint64_t>>;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Words_>, std::less<>> segments_;
  std::map<std::string, std::weak_ptr<void>, std::less<>> locks_;
  Status create_fault_;
  Status lock_fault_;
  std::function<void()> before_create_;
};

}  // namespace guidon::test
