// What may not change between one published file and the next, or people would move and results would mean nothing.
#pragma once

#include <cstdint>

#include "sdk/tools/previous.h"
#include "sdk/tools/problems.h"
#include "sdk/tools/source.h"

namespace guidon::tools {

// The lowest epoch at which the layer's slots bring back nobody: as before, or above all that it had when it is by
// another unit or was gone.
std::int64_t LeastEpochOf(const SourceLayer& layer, const Previous* previous);

// The split of its variants, in their order.
std::vector<Ranges> SplitOf(const SourceExperiment& experiment);

void CheckChanges(const Source& source, const Previous& previous, Problems* problems);
// Its part about experiments.
void CheckExperimentChanges(const Source& source, const Previous& previous, Problems* problems);

}  // namespace guidon::tools
