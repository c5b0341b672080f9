// Loads what Unleash's SDKs fetch from client/features, or the events of client/delta: client specification 6.1.0,
// https://github.com/Unleash/client-specification.
#pragma once

#include <string>
#include <string_view>

#include "guidon/ports/patterns.h"
#include "sdk/core/dialects/loaded.h"

namespace guidon::dialects::unleash {

struct LoadOptions {
  Patterns* patterns = nullptr;  // null: constraints on patterns and versions are false
};

// Each feature is a flag, true or false. One with variants has another beside it, VariantFlag(name), which is the
// variant as JSON: {"name", "payload", "enabled", "feature_enabled"}.
Loaded Load(std::string_view payload, const LoadOptions& options = {});

std::string VariantFlag(std::string_view feature);

}  // namespace guidon::dialects::unleash
