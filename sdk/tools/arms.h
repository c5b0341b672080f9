// Which arm of a campaign a unit is in: one of its contents, or held out.
#pragma once

#include <cstdint>
#include <string>

#include "guidon/limits.h"
#include "guidon/time.h"
#include "sdk/core/evaluation/prepared_context.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::tools {

// Beside the indexes of variants.
inline constexpr std::uint32_t kHeldOutOfCampaign = limits::kPromptVariants;

// kNone: no prompt of it can come to that unit now. The audience and what was shown before are not asked. `campaign`
// may be null.
std::uint32_t ArmOf(const ruleset::Ruleset& rules, const ruleset::Campaign* campaign,
                    const evaluation::PreparedContext& prepared, Timestamp now);

// "prompt", a variant's name, "held out".
std::string ArmText(const ruleset::Campaign& campaign, std::uint32_t arm);

}  // namespace guidon::tools
