// What QA does that outlives the process: the token, and overrides with a time until which they are kept. One small
// file beside the install id; docs/formats/storage.md.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/status.h"
#include "sdk/client/overrides_held.h"

namespace guidon::client {

inline constexpr std::string_view kQaFile = "qa";
inline constexpr std::size_t kQaFileBytes = 256u << 10;

struct KeptQa {
  std::string token;                    // the text of it; empty: none
  std::vector<HeldOverride> overrides;  // of API and panel, each with `until`; sorted by source
};

std::string WriteKeptQa(const KeptQa& kept);
// All or nothing: what cannot be read whole forces nothing.
Result<KeptQa> ReadKeptQa(std::string_view content);

}  // namespace guidon::client
