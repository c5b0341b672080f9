// Loads Guidon's own published datafile (docs/formats/datafile.md): JSON text to ruleset, with all that is wrong with
// it.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "guidon/ports/patterns.h"
#include "guidon/problem.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::dialects {

struct Loaded {
  // Null when the file as a whole cannot be used: not JSON, another format, no version, over a bound of the whole.
  std::shared_ptr<const ruleset::Ruleset> rules;
  // Everything found, at most limits::kProblems; an error has cost the flag or experiment it stands under and no other.
  std::vector<Problem> problems;
  std::size_t more_problems = 0;
};

// Without `patterns`, conditions that match some are unknown, with a warning for each.
Loaded LoadNative(std::string_view payload, Patterns* patterns = nullptr);

}  // namespace guidon::dialects
