// A datafile and a context to try it out with: what eval and explain start from.
#pragma once

#include <memory>

#include "guidon/context.h"
#include "guidon/time.h"
#include "sdk/core/ruleset/ruleset.h"
#include "sdk/tools/arguments.h"

namespace guidon::tools {

struct Trial {
  std::shared_ptr<const ruleset::Ruleset> rules;
  Context context;
  Timestamp now{};
};

// Reads the datafile named, --context, --at and --key. What is wrong with single flags goes to stderr as warnings. False
// when there is nothing to try, which has been printed; the command then ends with `exit_code`.
bool OpenTrial(const Arguments& arguments, Trial* out, int* exit_code);

}  // namespace guidon::tools
