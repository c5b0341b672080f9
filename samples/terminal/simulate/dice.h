// Chance that is the same on every machine: numbers from a seed and a name, by SplitMix64 (Steele, Lea and Flood,
// 2014).
#pragma once

#include <cstdint>
#include <string_view>

namespace notes::simulate {

class Dice {
 public:
  Dice(std::uint64_t seed, std::uint64_t person, std::string_view purpose) : state_(seed) {
    state_ = Next() ^ person;
    for (char c : purpose) state_ = Next() ^ static_cast<unsigned char>(c);
  }

  std::uint64_t Next() {
    state_ += 0x9E3779B97F4A7C15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

  // In [0, 1).
  double Uniform() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }

  // In [0, below).
  int Below(int below) { return static_cast<int>(Uniform() * below); }

  bool Happens(double chance) { return Uniform() < chance; }

 private:
  std::uint64_t state_;
};

}  // namespace notes::simulate
