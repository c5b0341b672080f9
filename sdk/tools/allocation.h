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

struct Part {
  Ranges held;            // in the order it got them
  std::int64_t used = 0;  // the first of them, so many

  // Moves at most `most` of the slots that it would not use any more at `size` to `to`; how many it were.
  std::int64_t GiveUp(std::int64_t size, std::int64_t most, Ranges* to);
};

// A rollout's parts, as experiments share a layer: each uses the first of what it holds. One that grows takes what
// others give up at the same time, since whoever had that has to move anyway; then slots that no part held so far, then
// reserves of others. `before` has as many entries as `sizes`; an empty one is a new part. The sizes must add up to at
// most a million.
std::vector<Part> ResizeParts(std::vector<Part> before, const std::vector<std::int64_t>& sizes);

}  // namespace guidon::tools
