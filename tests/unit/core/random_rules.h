// Datafiles and contexts at random, from a seed: everything the format has, with few names, so that things meet.
#pragma once

#include <string>

#include "guidon/context.h"
#include "sdk/core/behavior/behavior.h"
#include "sdk/core/evaluation/evaluate.h"
#include "tests/unit/core/dice.h"
#include "tests/unit/core/rules.h"

namespace guidon::testing {

// The members of a valid datafile.
std::string RandomMembers(Dice* dice);

// Units and attributes of the names that RandomMembers uses; some missing, some of the wrong type, some not valid.
Context RandomContext(Dice* dice);

// Events of the names that RandomMembers uses: days ago, hours ago, some ahead of the clock; a part may be forgotten.
behavior::Behavior RandomBehavior(Dice* dice);

// Overrides of some flags and experiments of `rules`.
evaluation::Forced RandomForced(const ruleset::Ruleset& rules, Dice* dice);

}  // namespace guidon::testing
