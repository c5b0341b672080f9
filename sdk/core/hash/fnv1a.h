// FNV-1a with 32 bits over UTF-16 code units, as implementations in JavaScript hash texts: each unit is taken whole,
// then multiplied. For ASCII it is the ordinary FNV-1a of the bytes.
// https://datatracker.ietf.org/doc/html/draft-eastlake-fnv
#pragma once

#include <cstdint>
#include <string_view>

namespace guidon {

inline constexpr std::uint32_t kFnv1aBasis = 0x811c9dc5;

// Of the text behind what gave `state`, so that texts need not be put together. A byte that is no UTF-8 counts as the
// unit of its value.
std::uint32_t Fnv1aOfUtf16(std::string_view utf8, std::uint32_t state = kFnv1aBasis) noexcept;

}  // namespace guidon
