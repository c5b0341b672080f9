// Prompts as a terminal would draw them, in each of their languages and variants, with what their buttons do. Places
// that are filled in on the device stand as their fallbacks, or as they are written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sdk/core/ruleset/campaign.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {

struct Preview {
  std::string variant;   // empty: the campaign has no variants
  std::string language;  // empty: the campaign does not say
  std::string kind;
  std::vector<std::string> lines;  // 80 columns at most, where words are not longer
};

std::vector<Preview> PreviewsOf(const ruleset::Campaign& campaign, const Style& style);

}  // namespace guidon::tools
