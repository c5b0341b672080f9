// A trigger's condition as published: each attribute has the kind "event", so that devices look for it among the
// properties of the event.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sdk/core/base/json.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/expression/expression.h"

namespace guidon::tools {

void EventConditionToJson(const expression::Tree& tree, json::Writer& out);

// As expression::FromJson, for such a condition.
std::optional<expression::Tree> EventConditionFromJson(json::Node condition);

// A published campaign's triggers as people write them, in order.
std::vector<std::string> PublishedTriggers(json::Node campaign);

}  // namespace guidon::tools
