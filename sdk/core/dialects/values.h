// What other vendors' payloads have in common: JSON as JavaScript reads it, and flags whose values are of any type.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sdk/core/base/json.h"
#include "sdk/core/dialects/loaded.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::dialects {

// With longer texts and lists than our own datafile has.
json::Limits PayloadLimits();

// Nothing, and the problem in `loaded`, where the payload is too large or no JSON.
std::optional<json::Document> ParsePayload(std::string_view payload, Loaded* loaded);

// Of Ruleset::values: of the type that it is written in; null, what is missing, lists and objects as JSON.
std::uint32_t AddValue(json::Node node, ruleset::Ruleset* rules);

}  // namespace guidon::dialects
