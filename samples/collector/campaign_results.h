// Campaigns: who reached the prompt, what became of it, and whether it moved the goals. Everything is by what a unit
// reached first, whether or not it then saw anything (intent to treat).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "samples/collector/comparison.h"
#include "samples/collector/database.h"
#include "samples/collector/unit_counts.h"
#include "samples/collector/versions.h"

namespace guidon::collector {

// Units of the arm that is shown the prompt to which that happened at least once.
struct PromptFunnel {
  std::uint64_t seen = 0;
  std::uint64_t clicked = 0;
  std::uint64_t dismissed = 0;
  std::uint64_t snoozed = 0;
  std::uint64_t failed = 0;
  std::uint64_t unknown = 0;
  std::uint64_t answered = 0;   // a question of a survey
  std::uint64_t completed = 0;  // a survey
  std::uint64_t showings = 0;   // not units: how many times a prompt was about to be shown to them
};

struct CampaignResult : Comparison, LeftOut {
  static constexpr std::size_t kHeldOut = 0;  // of `arms`, and of each goal's
  static constexpr std::size_t kPrompt = 1;

  std::string key;
  std::int64_t iteration = 0;
  std::string status;
  std::string unit;
  std::string kpi;
  bool is_current = false;
  PromptFunnel funnel;
};

// Those of the newest datafile first. `end_ms`: of the last event that counts.
std::vector<CampaignResult> ComputeCampaigns(Database* database, Versions* versions, std::int64_t end_ms);

// "43.1 % of those who reached the prompt did file_shared within 7d, 18.2 % of those held out: +24.9 points (95 %: +9.0
// to +38.1)".
std::string CampaignSentence(const GoalResult& goal);

}  // namespace guidon::collector
