// Runs all simulated people in processes of their own, a few at a time, and kills some of them in mid-work.
#pragma once

#include <functional>
#include <map>

#include "samples/terminal/simulate/life.h"

namespace notes::simulate {

struct CrowdResult {
  int victims = 0;  // people whose app was killed at least once
  std::map<Stage, int> killed_while;
};

// `progress` is called with the number of people who are done.
guidon::Result<CrowdResult> RunCrowd(const Simulation& simulation, const std::function<void(int)>& progress);

}  // namespace notes::simulate
