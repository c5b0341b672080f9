#include "sdk/core/hash/fnv1a.h"

#include <cstddef>

namespace guidon {
namespace {

constexpr std::uint32_t kPrime = 0x01000193;

// The code point at the front, and how many bytes it takes; one byte where it is no UTF-8.
std::uint32_t CodePointAt(std::string_view text, std::size_t* length) noexcept {
  const auto byte = [&text](std::size_t at) -> std::uint32_t { return static_cast<unsigned char>(text[at]); };
  const std::uint32_t lead = byte(0);
  *length = lead < 0x80 ? 1 : lead >> 5 == 0x6 ? 2 : lead >> 4 == 0xE ? 3 : lead >> 3 == 0x1E ? 4 : 1;
  if (*length == 1 || *length > text.size()) {
    *length = 1;
    return lead;
  }
  std::uint32_t point = lead & (0xFFu >> (*length + 1));
  for (std::size_t i = 1; i < *length; ++i) {
    if (byte(i) >> 6 != 0x2) {
      *length = 1;
      return lead;
    }
    point = point << 6 | (byte(i) & 0x3F);
  }
  return point;
}

}  // namespace

std::uint32_t Fnv1aOfUtf16(std::string_view utf8, std::uint32_t state) noexcept {
  const auto take = [&state](std::uint32_t unit) { state = (state ^ unit) * kPrime; };
  while (!utf8.empty()) {
    std::size_t length = 0;
    const std::uint32_t point = CodePointAt(utf8, &length);
    utf8.remove_prefix(length);
    if (point < 0x10000) {
      take(point);
    } else {
      take(0xD800 + ((point - 0x10000) >> 10));
      take(0xDC00 + ((point - 0x10000) & 0x3FF));
    }
  }
  return state;
}

}  // namespace guidon
