#define XXH_INLINE_ALL
#include <xxhash.h>

#include "sdk/core/hash/hash.h"

namespace guidon {

std::uint64_t HashBytes64(std::string_view bytes) noexcept { return XXH64(bytes.data(), bytes.size(), 0); }

Hash128 HashBytes128(std::string_view bytes) noexcept {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

}  // namespace guidon
