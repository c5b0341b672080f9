// What two published datafiles say differently, in words: flags, experiments, campaigns and holdouts that come and go,
// shares, conditions, values. Read from the published JSON.
#pragma once

#include <string>
#include <vector>

#include "sdk/core/base/json.h"

namespace guidon::tools {

struct Edit {
  enum class Sign : char { kAdded = '+', kRemoved = '-', kChanged = '~' };
  Sign sign = Sign::kChanged;
  std::string what;  // "flag", "experiment", "campaign", "group", "holdout", "segment", "count"
  std::string key;
  std::string says;  // "held out", "r2 gone: …"; may be empty
  std::string from;  // of what changed from something to something; else both are empty
  std::string to;
};

// Sorted by what, in the order above, then by key.
std::vector<Edit> FindEdits(json::Node before, json::Node after);

// Slots of a million: "12.5 %".
std::string ShareText(std::int64_t slots);

}  // namespace guidon::tools
