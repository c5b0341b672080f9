// Which rules cannot be decided for a crowd, because what they ask for is not known of it.
#pragma once

#include "sdk/tools/moves.h"

namespace guidon::tools {

Blind FindBlind(const ruleset::Ruleset& before, const ruleset::Ruleset& after, const Crowd& crowd);

}  // namespace guidon::tools
