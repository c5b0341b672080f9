// Of which counts an event is, told by its properties when it happens.
#pragma once

#include <string_view>
#include <vector>

#include "guidon/context.h"
#include "sdk/core/behavior/series.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::evaluation {

// Each part of that event's series that this version can tell, once and in order; whatever is not true does not match.
// `properties`: attributes of the kind ruleset::kEventKind. Nothing is allocated for events that have no counts.
std::vector<behavior::Look> LookAt(const ruleset::Ruleset& rules, std::string_view event, const Context& properties);

}  // namespace guidon::evaluation
