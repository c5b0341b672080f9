// The few files of a client, in memory.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "guidon/ports/files.h"

namespace guidon::testing {

class MemoryFiles final : public Files {
 public:
  Result<std::string> Read(std::string_view name, std::size_t most) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = files_.find(name);
    if (found == files_.end()) return Status(StatusCode::kNotFound, std::string(name) + ": no such file");
    if (found->second.size() > most) return Status(StatusCode::kTooLarge, std::string(name) + ": too large");
    return found->second;
  }
  Status Replace(std::string_view name, std::string_view content) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    files_.insert_or_assign(std::string(name), std::string(content));
    return Status();
  }
  Status Create(std::string_view name, std::string_view content) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (files_.emplace(name, content).second) return Status();
    return Status(StatusCode::kUnavailable, std::string(name) + ": is there");
  }
  Status Remove(std::string_view name) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = files_.find(name);
    if (found != files_.end()) files_.erase(found);
    return Status();
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> files_;
};

}  // namespace guidon::testing
