// How long to leave a server alone. What looks random is a hash, so that fleets spread and tests repeat.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

#include "guidon/time.h"
#include "sdk/core/hash/hash.h"

namespace guidon::datafile {

// A pseudo-random share of `whole`: the same for the same seed and draw.
inline Duration JitterPart(const std::string& seed, std::uint64_t draw, Duration whole) {
  const std::uint64_t hash = HashBytes64(seed + "/" + std::to_string(draw));
  const double fraction = static_cast<double>(hash >> 11) / static_cast<double>(std::uint64_t{1} << 53);
  return Duration(static_cast<Duration::rep>(static_cast<double>(whole.count()) * fraction));
}

inline constexpr Duration kMostBackoff = std::chrono::minutes(5);

// Full jitter is anything from none to all of this, which doubles with each failure in a row.
inline Duration BackoffBound(int failures, Duration most = kMostBackoff) {
  return failures < 24 ? std::min<Duration>(most, std::chrono::seconds(1) * (1 << failures)) : most;
}

}  // namespace guidon::datafile
