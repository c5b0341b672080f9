// A LocalOverrides port whose texts the test writes.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "guidon/ports/local_overrides.h"

namespace guidon::test {

class LocalTexts final : public LocalOverrides {
 public:
  std::string Environment() override { return environment; }
  bool HasFile() override { return has_file; }
  Result<std::string> ReadFile(std::size_t most) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++reads_;
    if (!file_) return Status(StatusCode::kNotFound, "overrides.json: not there");
    if (file_->size() > most) return Status(StatusCode::kTooLarge, "overrides.json: too large");
    return *file_;
  }

  // Nothing: there is no such file.
  void WriteFile(std::optional<std::string> content) {
    const std::lock_guard<std::mutex> lock(mutex_);
    file_ = std::move(content);
  }
  int reads() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return reads_;
  }

  std::string environment;
  bool has_file = true;

 private:
  mutable std::mutex mutex_;
  std::optional<std::string> file_;
  int reads_ = 0;
};

}  // namespace guidon::test
