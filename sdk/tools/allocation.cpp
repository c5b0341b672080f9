#include "sdk/tools/allocation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sdk/tools/source.h"

namespace guidon::tools {
namespace {

// Behind the others, joined with the last where they touch.
void Append(Range range, Ranges* to) {
  if (range.begin == range.end) return;
  if (!to->empty() && to->back().end == range.begin) {
    to->back().end = range.end;
  } else {
    to->push_back(range);
  }
}

// Moves up to `most` slots from the front of `from`; how many it were.
std::int64_t TakeFront(Ranges* from, std::int64_t most, Ranges* to) {
  std::int64_t taken = 0;
  std::size_t used_up = 0;
  for (Range& range : *from) {
    const std::int64_t size = std::min(range.end - range.begin, most - taken);
    Append({range.begin, range.begin + size}, to);
    range.begin += size;
    taken += size;
    if (range.begin < range.end) break;
    ++used_up;
  }
  from->erase(from->begin(), from->begin() + static_cast<std::ptrdiff_t>(used_up));
  return taken;
}

}  // namespace

std::int64_t SizeOf(const Ranges& ranges) {
  std::int64_t size = 0;
  for (const Range& range : ranges) size += range.end - range.begin;
  return size;
}

Ranges Sorted(Ranges ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.begin < b.begin; });
  Ranges out;
  for (const Range& range : ranges) Append(range, &out);
  return out;
}

Ranges FirstOf(const Ranges& ranges, std::int64_t size) {
  Ranges rest = ranges;
  Ranges out;
  TakeFront(&rest, size, &out);
  return out;
}

Ranges Gaps(const Ranges& ranges, std::int64_t end) {
  Ranges out;
  std::int64_t at = 0;
  for (const Range& range : Sorted(ranges)) {
    if (range.begin > at) Append({at, std::min(range.begin, end)}, &out);
    at = std::max(at, range.end);
    if (at >= end) return out;
  }
  Append({at, end}, &out);
  return out;
}

void LayerSlots::Release(const Ranges& held) {
  for (const Range& range : held) Append(range, &freed);
}

void LayerSlots::Allocate() {
  for (Claim& claim : claims) Grow(&claim);
}

void LayerSlots::Grow(Claim* claim) {
  std::int64_t missing = claim->size - SizeOf(claim->held);
  if (missing <= 0) return;
  const std::int64_t new_ones = std::min(missing, kSlots - fresh);
  Append({fresh, fresh + new_ones}, &claim->held);
  fresh += new_ones;
  missing -= new_ones;
  missing -= TakeFront(&freed, missing, &claim->held);
  for (auto other = claims.rbegin(); other != claims.rend() && missing > 0; ++other) {
    const std::int64_t reserve = SizeOf(other->held) - other->size;
    if (&*other == claim || reserve <= 0) continue;
    // The end of a reserve goes first: it is what its owner would need last.
    const std::int64_t keep = other->size + std::max<std::int64_t>(0, reserve - missing);
    Ranges rest = other->held;
    Ranges kept;
    TakeFront(&rest, keep, &kept);
    missing -= TakeFront(&rest, missing, &claim->held);
    other->held = kept;
  }
}

std::vector<Ranges> SplitByWeight(const std::vector<double>& weights) {
  double total = 0;
  for (double weight : weights) total += weight;
  std::vector<Ranges> out;
  double sum = 0;
  std::int64_t begin = 0;
  for (double weight : weights) {
    sum += weight;
    const std::int64_t end = std::llround(static_cast<double>(kSlots) * (sum / total));
    Ranges part;
    Append({begin, end}, &part);
    out.push_back(part);
    begin = end;
  }
  return out;
}

// The last ones of those it uses now and will not use then, so that the first come back to it first.
std::int64_t Part::GiveUp(std::int64_t size, std::int64_t most, Ranges* to) {
  const std::int64_t given = std::min(used - size, most);
  if (given <= 0) return 0;
  Ranges rest = std::move(held);
  held.clear();
  TakeFront(&rest, used - given, &held);
  TakeFront(&rest, given, to);
  for (const Range& range : rest) Append(range, &held);
  used -= given;
  return given;
}

std::vector<Part> ResizeParts(std::vector<Part> before, const std::vector<std::int64_t>& sizes) {
  LayerSlots layer;
  Ranges taken;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    std::int64_t wanted = sizes[i] - SizeOf(before[i].held);
    for (std::size_t j = 0; j < sizes.size() && wanted > 0; ++j) {
      wanted -= before[j].GiveUp(sizes[j], wanted, &before[i].held);
    }
  }
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    taken.insert(taken.end(), before[i].held.begin(), before[i].held.end());
    layer.claims.push_back({"", sizes[i], std::move(before[i].held)});
  }
  // What no part holds, from the lowest on, whether or not somebody had it before a part went away.
  layer.freed = Gaps(taken, kSlots);
  layer.fresh = kSlots;
  layer.Allocate();
  for (std::size_t i = 0; i < sizes.size(); ++i) before[i] = {std::move(layer.claims[i].held), sizes[i]};
  return before;
}

}  // namespace guidon::tools
