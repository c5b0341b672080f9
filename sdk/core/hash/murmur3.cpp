#include "sdk/core/hash/murmur3.h"

namespace guidon {
namespace {

std::uint32_t Rotate(std::uint32_t value, unsigned bits) noexcept { return value << bits | value >> (32 - bits); }

std::uint32_t Scrambled(std::uint32_t block) noexcept { return Rotate(block * 0xcc9e2d51u, 15) * 0x1b873593u; }

}  // namespace

void Murmur3::Add(std::string_view bytes) noexcept {
  const auto byte_at = [&bytes](std::size_t at) { return std::uint32_t{static_cast<unsigned char>(bytes[at])}; };
  for (; size_ % 4 == 0 && bytes.size() >= 4; bytes.remove_prefix(4), size_ += 4) {
    const std::uint32_t block = byte_at(0) | byte_at(1) << 8 | byte_at(2) << 16 | byte_at(3) << 24;
    hash_ = Rotate(hash_ ^ Scrambled(block), 13) * 5 + 0xe6546b64u;
  }
  for (const char byte : bytes) {
    block_ |= std::uint32_t{static_cast<unsigned char>(byte)} << 8 * (size_ % 4);
    if (++size_ % 4 != 0) continue;
    hash_ = Rotate(hash_ ^ Scrambled(block_), 13) * 5 + 0xe6546b64u;
    block_ = 0;
  }
}

std::uint32_t Murmur3::Hash() const noexcept {
  std::uint32_t hash = hash_;
  if (size_ % 4 != 0) hash ^= Scrambled(block_);
  hash ^= static_cast<std::uint32_t>(size_);
  hash = (hash ^ hash >> 16) * 0x85ebca6bu;
  hash = (hash ^ hash >> 13) * 0xc2b2ae35u;
  return hash ^ hash >> 16;
}

}  // namespace guidon
