// What a simulation found, for people and for programs.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sdk/core/ruleset/ruleset.h"
#include "sdk/tools/simulation.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {

struct SimulationReport {
  const ruleset::Ruleset& rules;
  const Simulation& simulation;
};

std::string ToText(const SimulationReport& report, const Style& style);
std::string ToJson(const SimulationReport& report);

// --- What pictures say in the same words ---
// Days since 1970: the first and the last one.
std::pair<std::int64_t, std::int64_t> CalendarOf(const Simulation& simulation);
std::string DayText(std::int64_t day);
// Why a campaign's chances came to nothing, the most frequent reason first.
std::vector<std::pair<std::uint64_t, std::string>> ReasonsOf(const CampaignTally& tally);

}  // namespace guidon::tools
