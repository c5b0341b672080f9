#include "tests/support/memory_files.h"

#include <utility>

namespace guidon::test {
namespace {

Status CheckName(std::string_view name) {
  bool good = !name.empty() && name.size() <= 100 && name.front() != '.';
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    good = good && (letter || (c >= '0' && c <= '9') || c == '.' || c == '-');
  }
  return good ? Status() : Status(StatusCode::kInvalidArgument, "not a plain file name");
}

}  // namespace

Result<std::string> MemoryFiles::Read(std::string_view name, std::size_t most) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!read_fault_.ok()) return read_fault_;
  if (Status status = CheckName(name); !status.ok()) return status;
  const auto found = files_.find(name);
  if (found == files_.end()) return Status(StatusCode::kNotFound, std::string(name) + ": no such file");
  if (found->second.size() > most) return Status(StatusCode::kTooLarge, std::string(name) + ": too large");
  return found->second;
}

Status MemoryFiles::Replace(std::string_view name, std::string_view content) {
  std::lock_guard<std::mutex> lock(mutex_);
  ++replaces_;
  if (!replace_fault_.ok()) return replace_fault_;
  if (Status status = CheckName(name); !status.ok()) return status;
  files_.insert_or_assign(std::string(name), std::string(content));
  return Status();
}

Status MemoryFiles::Create(std::string_view name, std::string_view content) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!replace_fault_.ok()) return replace_fault_;
  if (Status status = CheckName(name); !status.ok()) return status;
  if (files_.find(name) != files_.end()) return Status(StatusCode::kUnavailable, std::string(name) + ": is there");
  files_.emplace(std::string(name), std::string(content));
  return Status();
}

Status MemoryFiles::Remove(std::string_view name) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!remove_fault_.ok()) return remove_fault_;
  if (Status status = CheckName(name); !status.ok()) return status;
  files_.erase(std::string(name));
  return Status();
}

void MemoryFiles::FailReads(Status status) {
  std::lock_guard<std::mutex> lock(mutex_);
  read_fault_ = std::move(status);
}

void MemoryFiles::FailReplaces(Status status) {
  std::lock_guard<std::mutex> lock(mutex_);
  replace_fault_ = std::move(status);
}

void MemoryFiles::FailRemoves(Status status) {
  std::lock_guard<std::mutex> lock(mutex_);
  remove_fault_ = std::move(status);
}

bool MemoryFiles::Has(std::string_view name) const {
  std::lock_guard<std::mutex> lock(mutex_);
  return files_.find(name) != files_.end();
}

std::string MemoryFiles::Content(std::string_view name) const {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = files_.find(name);
  return found == files_.end() ? std::string() : found->second;
}

void MemoryFiles::Put(std::string_view name, std::string content) {
  std::lock_guard<std::mutex> lock(mutex_);
  files_.insert_or_assign(std::string(name), std::move(content));
}

std::size_t MemoryFiles::size() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return files_.size();
}

std::size_t MemoryFiles::replaces() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return replaces_;
}

}  // namespace guidon::test
