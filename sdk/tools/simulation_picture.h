// What a simulation found, as a picture: an SVG with a panel for each campaign, day by day.
#pragma once

#include <string>

#include "sdk/tools/simulation_report.h"

namespace guidon::tools {

std::string ToSvg(const SimulationReport& report);

}  // namespace guidon::tools
