#include "tests/support/memory_journal.h"

#include <algorithm>
#include <utility>

namespace guidon::test {
namespace {

Status Check(std::string_view name) {
  bool is_good = !name.empty() && name.size() <= 100 && name.front() != '.';
  for (const char c : name) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    is_good = is_good && (is_letter || (c >= '0' && c <= '9') || c == '.' || c == '-');
  }
  return is_good ? Status() : Status(StatusCode::kInvalidArgument, "not a plain name");
}

}  // namespace

Result<JournalSegment> MemoryJournal::Create(std::string_view name, std::size_t words) {
  if (before_create_) before_create_();
  const std::lock_guard<std::mutex> lock(mutex_);
  if (Status status = Check(name); !status.ok()) return status;
  if (!create_fault_.ok()) return create_fault_;
  if (words == 0) return Status(StatusCode::kInvalidArgument, "a segment of no words");
  if (segments_.count(name) != 0) return Status(StatusCode::kInternal, std::string(name) + ": is there already");
  auto made = std::make_shared<Words_>(words);
  for (auto& word : *made) word.store(0, std::memory_order_relaxed);
  segments_.emplace(std::string(name), made);
  return JournalSegment{made->data(), words, made};
}

Result<JournalSegment> MemoryJournal::Map(std::string_view name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (Status status = Check(name); !status.ok()) return status;
  const auto found = segments_.find(name);
  if (found == segments_.end()) return Status(StatusCode::kNotFound, std::string(name) + ": no such segment");
  return JournalSegment{found->second->data(), found->second->size(), found->second};
}

Result<std::vector<std::string>> MemoryJournal::List() {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<std::string> names;
  for (const auto& entry : segments_) names.push_back(entry.first);
  return names;
}

Status MemoryJournal::Remove(std::string_view name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (Status status = Check(name); !status.ok()) return status;
  const auto found = segments_.find(name);
  if (found == segments_.end()) return Status();
  for (auto& word : *found->second) word.store(0, std::memory_order_relaxed);
  segments_.erase(found);
  return Status();
}

Result<std::shared_ptr<void>> MemoryJournal::TryLock(std::string_view name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (Status status = Check(name); !status.ok()) return status;
  if (!lock_fault_.ok()) return lock_fault_;
  std::weak_ptr<void>& held = locks_[std::string(name)];
  if (!held.expired()) return Status(StatusCode::kUnavailable, std::string(name) + ": locked by another");
  std::shared_ptr<void> fresh = std::make_shared<int>(0);
  held = fresh;
  return fresh;
}

void MemoryJournal::Crash() {
  const std::lock_guard<std::mutex> lock(mutex_);
  locks_.clear();
  for (auto& entry : segments_) {
    auto copy = std::make_shared<Words_>(entry.second->size());
    for (std::size_t i = 0; i < copy->size(); ++i) {
      (*copy)[i].store((*entry.second)[i].load(std::memory_order_relaxed), std::memory_order_relaxed);
    }
    entry.second = std::move(copy);
  }
}

void MemoryJournal::FailCreates(Status status) {
  const std::lock_guard<std::mutex> lock(mutex_);
  create_fault_ = std::move(status);
}

void MemoryJournal::FailLocks(Status status) {
  const std::lock_guard<std::mutex> lock(mutex_);
  lock_fault_ = std::move(status);
}

std::shared_ptr<std::vector<std::atomic<std::uint64_t>>> MemoryJournal::Words(std::string_view name) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = segments_.find(name);
  return found == segments_.end() ? nullptr : found->second;
}

bool MemoryJournal::Holds(std::string_view text) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& entry : segments_) {
    std::string bytes;
    bytes.reserve(entry.second->size() * 8);
    for (const auto& word : *entry.second) {
      std::uint64_t value = word.load(std::memory_order_relaxed);
      for (int i = 0; i < 8; ++i, value >>= 8) bytes.push_back(static_cast<char>(value & 0xFF));
    }
    if (bytes.find(text) != std::string::npos) return true;
  }
  return false;
}

}  // namespace guidon::test
