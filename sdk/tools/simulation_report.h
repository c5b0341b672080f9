// What a simulation found, for people and for programs.
#pragma once

#include <string>

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

}  // namespace guidon::tools
