// What a loader makes of a payload.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "guidon/problem.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::dialects {

struct Loaded {
  // Null when the payload as a whole cannot be used: not JSON, another format, no version, over a bound of the whole.
  std::shared_ptr<const ruleset::Ruleset> rules;
  // Everything found, at most limits::kProblems; an error has cost the flag or experiment it stands under and no other.
  std::vector<Problem> problems;
  std::size_t more_problems = 0;
};

}  // namespace guidon::dialects
