#include "sdk/core/evaluation/bucketing.h"

#include <cstring>
#include <string>

#include "guidon/limits.h"
#include "sdk/core/base/text.h"
#include "sdk/core/hash/hash.h"

namespace guidon::evaluation {

std::uint32_t SlotOfHash(std::uint64_t hash) noexcept {
  // The high 64 bits of hash * kSlots by 32-bit halves: every product stays below 2^52.
  const std::uint64_t high = hash >> 32;
  const std::uint64_t low = hash & 0xFFFF'FFFFu;
  return static_cast<std::uint32_t>((high * kSlots + ((low * kSlots) >> 32)) >> 32);
}

std::uint64_t BucketHash(char purpose, std::string_view salt, std::string_view id) noexcept {
  char message[3 + 64 + limits::kUnitIdBytes];
  const std::size_t size = 3 + salt.size() + id.size();
  if (size > sizeof message) {
    // Only a salt or an id beyond the format's bounds comes here; loaders and IsValidUnitId keep them out.
    std::string text{purpose, '\x1F'};
    text.append(salt).append(1, '\x1F').append(id);
    return HashBytes64(text);
  }
  message[0] = purpose;
  message[1] = '\x1F';
  if (!salt.empty()) std::memcpy(message + 2, salt.data(), salt.size());
  message[2 + salt.size()] = '\x1F';
  if (!id.empty()) std::memcpy(message + 3 + salt.size(), id.data(), id.size());
  return HashBytes64(std::string_view(message, size));
}

bool IsValidUnitId(std::string_view id) noexcept {
  return !id.empty() && id.size() <= limits::kUnitIdBytes && text::IsUtf8(id);
}

}  // namespace guidon::evaluation
