// Of which counts an event is, asked where it is told, of the rules in force there.
#pragma once

#include <string_view>
#include <vector>

#include "guidon/event.h"
#include "sdk/client/state.h"
#include "sdk/core/behavior/series.h"
#include "sdk/events/fact.h"

namespace guidon::client {

// Told by what the event would carry of its properties. An event that has no counts costs no allocation.
std::vector<behavior::Look> LooksAt(const State& state, std::string_view event, const Properties& properties);
// Of a tracked event or an answer; of all others none.
std::vector<behavior::Look> LooksAt(const State& state, const events::Fact& fact);

}  // namespace guidon::client
