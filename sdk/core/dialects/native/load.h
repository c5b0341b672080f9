// Loads Guidon's own published datafile (docs/formats/datafile.md): JSON text to ruleset, with all that is wrong with
// it.
#pragma once

#include <string_view>

#include "guidon/ports/patterns.h"
#include "sdk/core/dialects/loaded.h"

namespace guidon::dialects {

// Without `patterns`, conditions that match some are unknown, with a warning for each.
Loaded LoadNative(std::string_view payload, Patterns* patterns = nullptr);

}  // namespace guidon::dialects
