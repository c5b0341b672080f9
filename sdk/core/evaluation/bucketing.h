// Unit and salt to slot. The formula is part of the datafile format and permanent:
//
//   h    = XXH64(purpose 0x1F salt 0x1F id), seed 0
//   slot = (h * 1,000,000) >> 64
//
// Integers only, so it is exact on every machine. Multiply-shift keeps the order of h: finer slots would reshuffle
// nobody. Purpose and salt cannot hold 0x1F, so no two (purpose, salt, id) give the same message. Proven by the vectors
// in tests/unit/core/evaluation/bucketing_test.cpp.
#pragma once

#include <cstdint>
#include <string_view>

#include "sdk/core/ruleset/steps.h"

namespace guidon::evaluation {

using ruleset::kSlots;

// What a hash decides. One letter of the message; separate questions never share one. kCampaign: who is held out of a
// campaign; kContent: which of its contents a unit gets; kTurn: in which order a person is offered campaigns of one
// priority.
enum class Purpose : char {
  kHoldout = 'h',
  kLayer = 'l',
  kSplit = 's',
  kRollout = 'r',
  kShip = 'w',  // who gets an ended experiment's winner
  kCampaign = 'c',
  kContent = 'v',
  kTurn = 't',
};

std::uint32_t SlotOfHash(std::uint64_t hash) noexcept;

std::uint64_t BucketHash(char purpose, std::string_view salt, std::string_view id) noexcept;

inline std::uint32_t Slot(char purpose, std::string_view salt, std::string_view id) noexcept {
  return SlotOfHash(BucketHash(purpose, salt, id));
}

// The place of a unit in a bucket of another format, below Bucket::places.
std::uint32_t PlaceIn(const ruleset::Bucket& bucket, std::string_view id) noexcept;

// 1 to 256 bytes of UTF-8.
bool IsValidUnitId(std::string_view id) noexcept;

}  // namespace guidon::evaluation
