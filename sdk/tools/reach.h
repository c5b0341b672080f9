// Which values a flag can serve at all, to anybody, by its rules alone: no people are tried. Conditions are taken to be
// true of some and false of others.
#pragma once

#include <string>
#include <vector>

#include "guidon/time.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::tools {

struct Reach {
  std::vector<const ruleset::FlagValue*> values;  // each once; those of `rules`
  // Of a flag that serves one value to all: why, and a word for it. Empty otherwise.
  std::string why;    // "experiment attach-button shipped labelled to everybody"
  std::string cause;  // "killed", "no_rules", "rollout", "shipped", "rule", "default", "same_value"
};

// Of a valid flag, as of `now`: an experiment that has ended by then lets nobody in.
Reach ReachOf(const ruleset::Ruleset& rules, const ruleset::Flag& flag, Timestamp now);

}  // namespace guidon::tools
