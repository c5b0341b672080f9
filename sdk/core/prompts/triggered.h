// What an event starts, before any gate is asked: which campaigns, and in which order they are offered.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/context.h"
#include "guidon/time.h"
#include "guidon/value.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/prepared_context.h"
#include "sdk/core/prompts/trigger_watch.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::prompts {

// One of a rule's conditions by itself.
bool IsTrue(const ruleset::Ruleset& rules, const evaluation::PreparedContext& prepared, Timestamp now,
            const evaluation::Forced* forced, std::uint32_t condition);

// Puts what may start in the order in which it is offered, each campaign once.
void PutInOrder(const ruleset::Ruleset& rules, const evaluation::PreparedContext& prepared, std::vector<Fired>* fired);

// The campaigns that an event of that name may start by itself, in the order in which they are offered: priority, then
// a hash of campaign and unit, so that equals take turns among people. Indexes of Ruleset::campaigns; whether they run,
// and whether the trigger's condition is true, is not asked.
std::vector<std::uint32_t> TriggeredBy(const ruleset::Ruleset& rules, const evaluation::PreparedContext& prepared,
                                       std::string_view event);

// The context with the event's properties as attributes of the kind ruleset::kEventKind.
Context WithEvent(const Context& context, const std::vector<std::pair<std::string, Value>>& properties);

}  // namespace guidon::prompts
