// MurmurHash3, x86, 32 bits: https://github.com/aappleby/smhasher. Of bytes that may come in pieces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace guidon {

class Murmur3 {
 public:
  explicit Murmur3(std::uint32_t seed = 0) noexcept : hash_(seed) {}
  void Add(std::string_view bytes) noexcept;
  std::uint32_t Hash() const noexcept;

 private:
  std::uint32_t hash_;
  std::uint32_t block_ = 0;  // bytes of an unfinished block, the first one lowest
  std::size_t size_ = 0;
};

inline std::uint32_t Murmur3Of(std::string_view bytes, std::uint32_t seed = 0) noexcept {
  Murmur3 hash(seed);
  hash.Add(bytes);
  return hash.Hash();
}

}  // namespace guidon
