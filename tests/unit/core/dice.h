// Numbers that look random and are the same on every machine: a property test prints its seed and can be run again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace guidon::testing {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  // A fuzzer's: the bytes are what is thrown, four at a time, as long as there are any. They must outlive the dice.
  explicit Dice(std::string_view bytes) : state_(bytes.size()), bytes_(bytes) {}

  // SplitMix64.
  std::uint64_t Next() {
    if (!bytes_.empty()) return Take();
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  std::size_t Below(std::size_t bound) { return static_cast<std::size_t>(Next() % bound); }
  bool Chance(std::size_t percent) { return Below(100) < percent; }

  template <class T, std::size_t N>
  const T& Pick(const T (&of)[N]) {
    return of[Below(N)];
  }

 private:
  std::uint64_t Take() {
    std::uint64_t taken = 0;
    for (int i = 0; i < 4 && !bytes_.empty(); ++i) {
      taken = (taken << 8) | static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
    }
    return taken;
  }

  std::uint64_t state_;
  std::string_view bytes_;
};

}  // namespace guidon::testing
