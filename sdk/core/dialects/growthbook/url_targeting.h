// Which pages an experiment of GrowthBook runs on, and where it leads from there: SDK specification 0.8.0.
#pragma once

#include <string>
#include <string_view>

#include "guidon/ports/patterns.h"
#include "sdk/core/base/json.h"

namespace guidon::dialects::growthbook {

// `targets`: [{type, include, pattern}]. True when no excluding one matches, and an including one does or there is
// none. A pattern of type "regex" matches nothing without `patterns`.
bool IsUrlTargeted(std::string_view url, json::Node targets, Patterns* patterns);

// `target` with the query of `url`, but for what its own query has.
std::string WithQueryOf(std::string_view url, std::string_view target);

}  // namespace guidon::dialects::growthbook
