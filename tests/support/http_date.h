// A moment as servers write it in `Date`.
#pragma once

#include <ctime>
#include <string>

#include "guidon/time.h"

namespace guidon::test {

inline std::string HttpDate(Timestamp when) {
  const auto seconds = static_cast<std::time_t>(ToMs(when) / 1'000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  const std::size_t size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return std::string(text, size);
}

}  // namespace guidon::test
