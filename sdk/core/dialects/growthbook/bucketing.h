// How GrowthBook's SDKs draw units into variations: SDK specification 0.8.0. Its numbers are doubles from 0 to 1, and
// what a loader makes of them are cuts between whole numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace guidon::dialects::growthbook {

// `number` of `of`: the share of units before it is number / of.
struct Bucket {
  std::uint32_t number = 0;
  std::uint32_t of = 1;

  double share() const noexcept { return static_cast<double>(number) / of; }
};

// The unit's, by the hash of version 1 or 2. Nothing for any other version: then the unit is in nothing.
std::optional<Bucket> BucketOf(std::string_view seed, std::string_view value, std::int64_t version) noexcept;

// From `begin` up to `end`, which is outside.
struct ShareRange {
  double begin = 0;
  double end = 0;

  bool Has(double share) const noexcept { return begin <= share && share < end; }
};

// None for a count below 1.
std::vector<double> EqualWeights(std::int64_t count);

// Of each variation. `coverage` is taken as 0 or 1 beyond them. Weights that are not as many, or do not come to 1
// within a hundredth, count as equal ones.
std::vector<ShareRange> RangesOf(std::int64_t count, double coverage, std::vector<double> weights);

// The first range that has it; nothing: none has.
std::optional<std::size_t> VariationAt(double share, const std::vector<ShareRange>& ranges) noexcept;

// Experiments of one namespace share out its units among them.
bool IsInNamespace(std::string_view value, std::string_view name, ShareRange range) noexcept;

// Which variation the query of a URL asks for: "?my-test=1". Nothing when it does not, or not for one of `count`.
std::optional<std::size_t> QueryOverride(std::string_view experiment, std::string_view url,
                                         std::int64_t count) noexcept;

}  // namespace guidon::dialects::growthbook
