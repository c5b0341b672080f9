// Loads flagd's flags, as a provider reads them: https://flagd.dev/reference/schema. What their targeting says is
// JsonLogic with operators of flagd's own (sdk/core/logic).
#pragma once

#include <string_view>
#include <vector>

#include "sdk/core/dialects/loaded.h"
#include "sdk/core/logic/program.h"

namespace guidon::dialects::flagd {

struct LoadOptions {
  // By which definition `fractional` shares out; that of today's flagd.
  logic::Fractional fractional = logic::Fractional::kV2;
};

// One set of all sources: of two flags with one key the later counts, and evaluators are everybody's. A flag whose
// targeting cannot be compiled is not valid.
Loaded Load(const std::vector<std::string_view>& sources, const LoadOptions& options = {});

}  // namespace guidon::dialects::flagd
