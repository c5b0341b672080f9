// The gates about what is shown: whether the host can draw it, do what its buttons ask and ask its questions, and
// whether every place in it is filled. The same of every arm: whoever is held out would have seen it, too.
#pragma once

#include <functional>

#include "sdk/core/prompts/consider.h"

namespace guidon::prompts {

// In order, until `add` says that no further one is asked; then false.
bool AskContent(const Question& question, const ruleset::CampaignVariant& variant,
                const std::function<bool(const GateResult& result)>& add);

}  // namespace guidon::prompts
