#pragma once

#include <optional>
#include <string>

#include "sdk/core/base/json.h"

namespace guidon::conformance {

// Nothing: `why` says why not.
std::optional<json::Document> ReadJson(const std::string& path, std::string* why);

}  // namespace guidon::conformance
