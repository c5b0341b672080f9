// Messages for developers: built only when somebody listens at that level.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "guidon/ports/log.h"

namespace guidon::client {

class Logger {
 public:
  Logger(std::shared_ptr<Log> log, LogLevel level) : log_(std::move(log)), level_(level) {}

  void SetLevel(LogLevel level) noexcept { level_.store(level, std::memory_order_relaxed); }
  bool IsOn(LogLevel level) const noexcept { return log_ && level >= level_.load(std::memory_order_relaxed); }

  // `make` returns the text.
  template <class F>
  void operator()(LogLevel level, F make) const {
    if (IsOn(level)) log_->Write(level, make());
  }

 private:
  std::shared_ptr<Log> log_;
  std::atomic<LogLevel> level_;
};

}  // namespace guidon::client
