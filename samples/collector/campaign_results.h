// Campaigns: who reached the prompt, what became of it, and whether it moved the goals. Everything is by what a unit
// reached first, whether or not it then saw anything (intent to treat).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "samples/collector/brought.h"
#include "samples/collector/comparison.h"
#include "samples/collector/database.h"
#include "samples/collector/survey_results.h"
#include "samples/collector/unit_counts.h"
#include "samples/collector/versions.h"

namespace guidon::collector {

// Units of an arm that is shown a prompt to which that happened at least once.
struct PromptFunnel {
  std::uint64_t seen = 0;
  std::uint64_t viewable = 0;  // at least half of it for a second
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
  static constexpr std::size_t kFirst = 1;    // of those that are shown something: "prompt", or a variant

  std::string key;
  std::int64_t iteration = 0;
  std::string status;
  std::string unit;
  std::string kpi;
  bool is_current = false;
  std::vector<PromptFunnel> funnels;                 // parallel to `arms`; of the held out nothing
  std::vector<std::optional<SurveyResult>> surveys;  // parallel to `arms`; of those that ask something
  std::vector<BroughtResult> brought;                // of the goals by prompt
  // The variants among themselves, where there are several: the others are compared with the first.
  Comparison among;

  bool has_variants() const { return arms.size() > 2; }
};

// Those of the newest datafile first. `end_ms`: of the last event that counts.
std::vector<CampaignResult> ComputeCampaigns(Database* database, Versions* versions, std::int64_t end_ms);

// Of one of those that are shown something: "43.1 % of those who reached the prompt did file_shared within 7d, 18.2 %
// of those held out: +24.9 points (95 %: +9.0 to +38.1)". Of a variant "reached news".
std::string CampaignSentence(const CampaignResult& campaign, const GoalResult& goal, std::size_t arm);

}  // namespace guidon::collector
