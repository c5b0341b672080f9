// What was shown of each group of campaigns: all that a group's caps and its gap are asked of. Drawn from all showings
// whenever those or the rules change, so that each campaign of a group asks one sum.
#pragma once

#include <cstdint>
#include <vector>

#include "guidon/time.h"
#include "sdk/core/prompts/showings.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::prompts {

struct GroupShowings {
  // When those began that count in caps with a window; sorted. No more than a cap can ask for, the latest ones.
  std::vector<Timestamp> began;
  std::uint64_t ever = 0;  // how many count in caps without one
  // When the last of its prompts was gone. One that is open, or held out, is as gone as it began. min(): there was
  // none.
  Timestamp last = Timestamp::min();
};

// Parallel to Ruleset::groups. What was lost of a group's campaigns is taken for one showing at that time, as with a
// campaign's own caps.
std::vector<GroupShowings> ShowingsByGroup(const ruleset::Ruleset& rules, const Showings& showings);

}  // namespace guidon::prompts
