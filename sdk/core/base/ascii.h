// Letters A to Z and their small ones. Others, such as É, are left alone: folding those depends on the version of
// Unicode.
#pragma once

#include <algorithm>
#include <string_view>

namespace guidon::text {

inline char LowerAscii(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline bool HasUpperAscii(std::string_view text) noexcept {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace guidon::text
