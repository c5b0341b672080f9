// The units that the proofs are made with: the kinds of id that apps have, always the same ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace guidon::property {

inline constexpr std::uint64_t kSeed = 20'261'118;

// 100,000, or a million with GUIDON_LONG, or as many as GUIDON_UNITS says.
std::size_t UnitCount();

struct Family {
  std::string name;
  std::vector<std::string> ids;
};

// Sequential numbers, padded ones, UUIDs, mail addresses, advertising ids, device ids; UnitCount() of each.
const std::vector<Family>& Families();

// exp-0 to exp-49: they differ in one or two characters on purpose.
const std::vector<std::string>& Salts();

}  // namespace guidon::property
