// The hashes of the library. XXH64 is what units are bucketed with; its value is part of the datafile format and never
// changes. Not cryptographic: nothing secret may rest on them.
#pragma once

#include <cstdint>
#include <string_view>

namespace guidon {

// XXH64 with seed 0, https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md. The same number on every machine,
// whatever its byte order.
std::uint64_t HashBytes64(std::string_view bytes) noexcept;

struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
};

// XXH3, 128 bits, seed 0: ids that must not collide by chance.
Hash128 HashBytes128(std::string_view bytes) noexcept;

}  // namespace guidon
