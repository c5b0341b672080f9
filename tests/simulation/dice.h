// Draws that are the same on every machine: what a seed means must not depend on a standard library.
#pragma once

#include <cstdint>

namespace guidon::simulation {

inline std::uint64_t Mix(std::uint64_t word) {
  word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9u;
  word = (word ^ (word >> 27)) * 0x94D049BB133111EBu;
  return word ^ (word >> 31);
}

class Dice {
 public:
  explicit Dice(std::uint64_t seed, std::uint64_t purpose = 0) : state_(Mix(seed) ^ Mix(purpose + 0x5DEECE66Du)) {}

  std::uint64_t Next() { return Mix(state_ += 0x9E3779B97F4A7C15u); }
  // 0 to `count` - 1.
  std::uint64_t Below(std::uint64_t count) { return Next() % count; }
  std::int64_t Between(std::int64_t first, std::int64_t last) {
    return first + static_cast<std::int64_t>(Below(static_cast<std::uint64_t>(last - first + 1)));
  }
  bool Chance(unsigned percent) { return Below(100) < percent; }
  bool OneIn(std::uint64_t count) { return Below(count) == 0; }

 private:
  std::uint64_t state_;
};

}  // namespace guidon::simulation
