#include "guidon/stderr_log.h"

#include <cstdio>
#include <memory>
#include <string_view>

namespace guidon {
namespace {

const char* Name(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::kDebug: return "debug";
    case LogLevel::kInfo: return "info";
    case LogLevel::kWarning: return "warning";
    case LogLevel::kError: return "error";
    case LogLevel::kOff: break;
  }
  return "off";
}

class Stderr final : public Log {
 public:
  void Write(LogLevel level, std::string_view message) noexcept override {
    // One call, so that stdio's own lock keeps the line whole.
    std::fprintf(stderr, "guidon %s: %.*s\n", Name(level), static_cast<int>(message.size()), message.data());
  }
};

}  // namespace

std::shared_ptr<Log> StderrLog() { return std::make_shared<Stderr>(); }

}  // namespace guidon
