#include "sdk/tools/arms.h"

#include <vector>

#include "sdk/core/prompts/consider.h"

namespace guidon::tools {

std::uint32_t ArmOf(const ruleset::Ruleset& rules, const ruleset::Campaign* campaign,
                    const evaluation::PreparedContext& prepared, Timestamp now) {
  if (campaign == nullptr || !campaign->is_valid) return ruleset::kNone;
  static const prompts::CampaignShowings kNothingShown;
  std::vector<prompts::GateResult> gates;
  prompts::Consider({rules, *campaign, prepared, {}, kNothingShown, now}, &gates);
  for (const prompts::GateResult& gate : gates) {
    const bool must_pass = gate.gate == prompts::Gate::kStatus || gate.gate == prompts::Gate::kUnit;
    if (must_pass && !gate.passed) return ruleset::kNone;
    if (gate.gate == prompts::Gate::kHoldout && gate.is_held_out) return kHeldOutOfCampaign;
    if (gate.gate == prompts::Gate::kArm) return gate.is_held_out ? kHeldOutOfCampaign : gate.variant;
  }
  return ruleset::kNone;
}

std::string ArmText(const ruleset::Campaign& campaign, std::uint32_t arm) {
  return arm == kHeldOutOfCampaign ? "held out" : campaign.variants[arm].name;
}

}  // namespace guidon::tools
