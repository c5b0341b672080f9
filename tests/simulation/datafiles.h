// The datafiles that are published while a story goes on, and what devices may do under any of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/time.h"

namespace guidon::simulation {

// Salts and sizes are the same in every version, so a unit is held out for good, or never.
inline constexpr std::string_view kHoldoutSalt = "quiet";
inline constexpr std::uint32_t kHoldoutSize = 150'000;
inline constexpr std::string_view kExperiment = "attach-button";

struct CampaignRules {
  std::string_view key;
  std::string_view trigger;
  std::string_view salt;
  std::uint32_t holdout;
  std::uint64_t most_ever;
  std::uint64_t most_within;
  Duration window;
  bool is_once_per_day = false;  // of the device's calendar
  bool is_once_per_session = false;
  int opens_at = 0;  // hours of the device's clock, from and until which it may be shown
  int closes_at = 24;
};
// Of all campaigns together.
inline constexpr std::uint64_t kMostOfAll = 3;
inline constexpr Duration kWindowOfAll = std::chrono::hours(24);
inline constexpr Duration kGapOfAll = std::chrono::minutes(20);
inline constexpr int kQuietFrom = 23;  // hours of the device's clock
inline constexpr int kQuietUntil = 6;
const std::vector<CampaignRules>& Campaigns();
const CampaignRules* FindCampaign(std::string_view key);

// Versions begin at 1. What some of them change: the flag `sharing` is killed, a campaign is paused, another value
// served. `without`: a part that is left out wherever it stands, so that devices do not know of it.
std::string DatafileText(std::int64_t version, std::string_view without = {});
bool IsSharingKilled(std::int64_t version);

bool IsHeldOutOfExperiments(std::string_view device);
bool IsHeldOutOf(const CampaignRules& campaign, std::string_view device);

}  // namespace guidon::simulation
