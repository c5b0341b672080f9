// What may not change between one published file and the next, or people would move and results would mean nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sdk/tools/previous.h"
#include "sdk/tools/problems.h"
#include "sdk/tools/source.h"

namespace guidon::tools {

// The lowest epoch at which the layer's slots bring back nobody: as before, or above all that it had when it is by
// another unit or was gone.
std::int64_t LeastEpochOf(const SourceLayer& layer, const Previous* previous);

// The split of variants, in their order.
template <class Variant>
std::vector<Ranges> SplitOf(const std::vector<Variant>& variants) {
  std::vector<double> weights;
  for (const SourceVariant& variant : variants) weights.push_back(variant.weight);
  return SplitByWeight(weights);
}

// Reports that the set of its variants, or their weights, are others than `before`. `noun`: "experiment", "campaign".
void CheckSplitChange(const SourceRun& run, const std::string& noun, const std::vector<SourceVariant>& variants,
                      const std::vector<PreviousVariant>& before, const std::string& raise, Problems* problems);

void CheckChanges(const Source& source, const Previous& previous, Problems* problems);
// Its part about experiments.
void CheckExperimentChanges(const Source& source, const Previous& previous, Problems* problems);

}  // namespace guidon::tools
