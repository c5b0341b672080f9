// A flag as the app declares it, once: key, type and the value to fall back on.
//
//   inline constexpr guidon::Flag<bool> kFileSharing{"file-sharing", false};
//   inline constexpr guidon::Flag<std::string> kComposer{"composer", "icon"};
//
// Declaring costs nothing at run time; the key is hashed by the compiler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "guidon/value.h"

namespace guidon {

// The type of flags whose values are JSON. `Client::Get` returns them as a Value.
struct Json;

// 64-bit hash of a flag's key, eight bytes a step; finds the flag in the client's table, which compares the key too.
// It never leaves the process, so it may change.
constexpr std::uint64_t HashKey(std::string_view key) noexcept {
  constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15u;
  constexpr auto byte = [](std::string_view text, std::size_t at) {
    return static_cast<std::uint64_t>(static_cast<unsigned char>(text[at]));
  };
  std::uint64_t hash = key.size() * kMultiplier;
  std::size_t at = 0;
  for (; at + 8 <= key.size(); at += 8) {
    // Spelled out so that compilers make one load of it.
    const std::uint64_t word = byte(key, at) | byte(key, at + 1) << 8 | byte(key, at + 2) << 16 |
                               byte(key, at + 3) << 24 | byte(key, at + 4) << 32 | byte(key, at + 5) << 40 |
                               byte(key, at + 6) << 48 | byte(key, at + 7) << 56;
    hash = (hash ^ word) * kMultiplier;
    hash ^= hash >> 32;
  }
  std::uint64_t rest = 0;
  for (int shift = 0; at < key.size(); shift += 8, ++at) rest |= byte(key, at) << shift;
  hash = (hash ^ rest) * kMultiplier;
  hash ^= hash >> 32;
  hash *= kMultiplier;
  return hash ^ (hash >> 29);
}

template <class T>
struct FlagTraits;  // bool, std::int64_t, double, std::string, Json

template <>
struct FlagTraits<bool> {
  using Fallback = bool;
  using Result = bool;
};
template <>
struct FlagTraits<std::int64_t> {
  using Fallback = std::int64_t;
  using Result = std::int64_t;
};
template <>
struct FlagTraits<double> {
  using Fallback = double;
  using Result = double;
};
template <>
struct FlagTraits<std::string> {
  using Fallback = std::string_view;
  using Result = std::string;
};
template <>
struct FlagTraits<Json> {
  using Fallback = std::string_view;  // JSON text; not checked before it is used
  using Result = Value;
};

template <class T>
struct Flag {
  using Fallback = typename FlagTraits<T>::Fallback;

  // Both texts must outlive the flag, as literals do.
  constexpr Flag(std::string_view flag_key, Fallback fallback_value) noexcept
      : key(flag_key), fallback(fallback_value), hash(HashKey(flag_key)) {}

  std::string_view key;
  Fallback fallback;
  std::uint64_t hash;
};

}  // namespace guidon
