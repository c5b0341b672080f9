// Loads GrowthBook's payload, as its SDKs fetch it from api/features/KEY: SDK specification 0.8.0. The evaluator knows
// nothing of the vendor; what its SDKs do differently is said in docs/dialects.md.
#pragma once

#include <string_view>

#include "guidon/ports/patterns.h"
#include "sdk/core/dialects/loaded.h"

namespace guidon::dialects::growthbook {

struct LoadOptions {
  Patterns* patterns = nullptr;  // null: a condition that matches one is false
  // Who met a variation stays in it, as with a sticky bucket service, and what `fallbackAttribute` names counts where
  // the context lacks the attribute that is hashed.
  bool is_sticky = false;
};

// Each feature is a flag, each experiment rule an experiment of its key; the payload's own experiments, which no
// feature leads to, are asked for by their key. Units are named by attributes.
Loaded Load(std::string_view payload, const LoadOptions& options = {});

}  // namespace guidon::dialects::growthbook
