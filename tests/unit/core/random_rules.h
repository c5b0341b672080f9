// Datafiles and contexts at random, from a seed: everything the format has, with few names, so that things meet.
#pragma once

#include <functional>
#include <string>

#include "guidon/context.h"
#include "sdk/core/behavior/behavior.h"
#include "sdk/core/enrollment/enrollments.h"
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

// Of the context's units in the experiments of `rules`: some of another iteration, or in a variant that is not there.
enrollment::Enrollments RandomEnrollments(const ruleset::Ruleset& rules, const Context& context, Dice* dice);

// Of a clock that changes once, near kNow; empty: one that shows UTC.
std::function<Duration(Timestamp)> RandomOffset(Dice* dice);

// Overrides of some flags and experiments of `rules`.
evaluation::Forced RandomForced(const ruleset::Ruleset& rules, Dice* dice);

}  // namespace guidon::testing
