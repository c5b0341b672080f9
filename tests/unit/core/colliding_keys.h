// Keys as an attacker would choose them: names a datafile may have, all with the same HashKey.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "guidon/flag.h"

namespace guidon::testing {

// At most 390,625, each of 128 bytes. HashKey takes eight bytes a step. In each step a block chosen freely is followed
// by the one that brings the hash to the same state whatever stood before, where that one is made of letters allowed.
inline std::vector<std::string> CollidingKeys(std::size_t count) {
  static constexpr char kLetters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
  static constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15u;
  const auto step = [](std::uint64_t hash, std::uint64_t word) {
    hash = (hash ^ word) * kMultiplier;
    return hash ^ (hash >> 32);
  };
  const auto to_text = [](std::uint64_t word) {
    std::string text;
    for (int shift = 0; shift < 64; shift += 8) text += static_cast<char>((word >> shift) & 0xFF);
    return text;
  };
  std::vector<std::string> keys = {""};
  std::uint64_t state = 128 * kMultiplier;
  for (std::uint64_t part = 0; part < 8; ++part) {
    const std::uint64_t met = 0x0123456789ABCDEFu + part;  // what the second block has to bring the hash to
    std::vector<std::string> choices;
    for (std::uint64_t n = 0; choices.size() < 5; ++n) {
      std::uint64_t first = 0;
      for (int i = 0; i < 8; ++i) {
        first |= static_cast<std::uint64_t>(kLetters[i < 4 ? (n >> (6 * i)) % 64 : part]) << (8 * i);
      }
      const std::string second = to_text(step(state, first) ^ met);
      if (second.find('\0') != std::string::npos) continue;
      if (std::strspn(second.c_str(), kLetters) == 8) choices.push_back(to_text(first) + second);
    }
    std::vector<std::string> longer;
    for (const std::string& key : keys) {
      for (const std::string& choice : choices) {
        if (longer.size() < count) longer.push_back(key + choice);
      }
    }
    keys = std::move(longer);
    state = step(0, met);
  }
  return keys;
}

}  // namespace guidon::testing
