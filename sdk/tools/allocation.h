// Who gets which slots, so that a change moves nobody it needn't.
//
// An experiment holds slots in the order it got them, and the first of them are in use. Growing uses more of them and
// then takes new ones; shrinking leaves the rest in reserve. So 50 % → 20 % → 50 % brings back the same people, and
// more is always a superset. A layer hands out slots nobody ever had, then those that were given back longest ago, then
// reserves. Proven by tests/unit/tools/allocation_test.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace guidon::tools {

// Half-open.
struct Range {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};
using Ranges = std::vector<Range>;

inline bool operator==(const Range& a, const Range& b) { return a.begin == b.begin && a.end == b.end; }

std::int64_t SizeOf(const Ranges& ranges);
// Sorted and joined where they touch.
Ranges Sorted(Ranges ranges);
// The first `size` slots, in the order given.
Ranges FirstOf(const Ranges& ranges, std::int64_t size);
// What of 0 to `end` is in none of them; sorted.
Ranges Gaps(const Ranges& ranges, std::int64_t end);

struct Claim {
  std::string name;
  std::int64_t size = 0;  // wanted
  Ranges held;            // in the order of growth; at least `size` after Allocate
};

struct LayerSlots {
  std::int64_t fresh = 0;  // from here on, nobody ever had a slot
  Ranges freed;            // given back, longest ago first
  std::vector<Claim> claims;

  // Gives back all that a claim holds.
  void Release(const Ranges& held);
  // The sizes must add up to at most a million. Then every claim gets its size, first come, first served.
  void Allocate();

 private:
  void Grow(Claim* claim);
};

// The parts of a million in proportion to the weights, in order, without a gap. A weight of 0 is an empty part. The sum
// is above 0.
std::vector<Ranges> SplitByWeight(const std::vector<double>& weights);

// A rollout's parts, as experiments share a layer: each uses the first of what it holds, in the order it got it; one
// that grows takes slots that no part held so far, then reserves of others. `held` has as many entries as `sizes`; an
// empty one is a new part. The sizes must add up to at most a million. What each holds then, at least its size.
std::vector<Ranges> ResizeParts(const std::vector<Ranges>& held, const std::vector<std::int64_t>& sizes);

}  // namespace guidon::tools
