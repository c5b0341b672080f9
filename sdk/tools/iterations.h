// Iterations of experiments and campaigns from one published file to the next.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sdk/tools/previous.h"
#include "sdk/tools/problems.h"
#include "sdk/tools/source.h"

namespace guidon::tools {

// What it runs as: as written, else as before, else the first that nothing ran as.
std::int64_t IterationOf(const SourceExperiment& experiment, const Previous* previous);
std::int64_t IterationOf(const SourceCampaign& campaign, const Previous* previous);

// What ran before as the same iteration, or null when nothing that it did binds this. Says what is wrong with the
// iteration itself.
const PreviousExperiment* FindSameIteration(const SourceExperiment& experiment, const Previous& previous,
                                            Problems* problems);
const PreviousCampaign* FindSameIteration(const SourceCampaign& campaign, const Previous& previous, Problems* problems);

// The way out of what may not change within this iteration.
std::string RaiseAdvice(std::int64_t iteration);

// Where the member stands, or would.
const Located& Place(const SourceRun& run, std::string_view member);

}  // namespace guidon::tools
