// Port: where messages for developers go.
#pragma once

#include <string_view>

namespace guidon {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };

class Log {
 public:
  virtual ~Log() = default;
  // One line, no newline at its end, without personal data. Any thread; must not call into the client.
  virtual void Write(LogLevel level, std::string_view message) noexcept = 0;
};

}  // namespace guidon
