// Runs a story, checks at every step, and makes one that fails shorter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "tests/simulation/device.h"
#include "tests/simulation/findings.h"
#include "tests/simulation/story.h"

namespace guidon::simulation {

struct Outcome {
  std::optional<Finding> finding;
  std::size_t step = 0;  // after which it was found; the number of steps: at the end
  Device::Totals totals;
};

struct RunOptions {
  const Plant* plant = nullptr;
  // The real collector takes part in one story of so many; 0: in none. By itself it takes longer than all the rest.
  std::uint64_t real_collector_in = 0;
};

Outcome Run(const Story& story, const RunOptions& options = {});

// Leaves out devices, days, kinds of trouble and single steps, as long as the same check fails. Runs at most
// `most_runs` stories.
Story Shrink(const Story& story, const std::string& check, int most_runs, const RunOptions& options = {});

// All of it for a person: the seed, the step, what is wrong, and how to see it again.
std::string Report(const Story& story, const Outcome& outcome);
// The steps, a line each.
std::string Tell(const Story& story);

}  // namespace guidon::simulation
