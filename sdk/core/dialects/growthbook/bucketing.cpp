#include "sdk/core/dialects/growthbook/bucketing.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "sdk/core/hash/fnv1a.h"

namespace guidon::dialects::growthbook {
namespace {

constexpr std::int64_t kMostVariations = 10'000;

// The number that a text begins with; nothing when it begins with none. Beyond what fits it is the largest.
std::optional<std::int64_t> LeadingNumber(std::string_view text) noexcept {
  const bool is_negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  std::int64_t number = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    number = std::min<std::int64_t>(number * 10 + (text[digits] - '0'), INT32_MAX);
  }
  if (digits == 0) return std::nullopt;
  return is_negative ? -number : number;
}

}  // namespace

std::optional<Bucket> BucketOf(std::string_view seed, std::string_view value, std::int64_t version) noexcept {
  if (version == 1) return Bucket{Fnv1aOfUtf16(seed, Fnv1aOfUtf16(value)) % 1'000, 1'000};
  if (version != 2) return std::nullopt;
  const std::string first = std::to_string(Fnv1aOfUtf16(value, Fnv1aOfUtf16(seed)));
  return Bucket{Fnv1aOfUtf16(first) % 10'000, 10'000};
}

std::vector<double> EqualWeights(std::int64_t count) {
  const auto shares = static_cast<std::size_t>(std::clamp<std::int64_t>(count, 0, kMostVariations));
  return std::vector<double>(shares, shares == 0 ? 0.0 : 1.0 / static_cast<double>(shares));
}

std::vector<ShareRange> RangesOf(std::int64_t count, double coverage, std::vector<double> weights) {
  coverage = coverage > 0 ? std::min(coverage, 1.0) : 0.0;
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  const bool is_whole = sum >= 0.99 && sum <= 1.01;
  if (static_cast<std::int64_t>(weights.size()) != count || !is_whole) weights = EqualWeights(count);
  std::vector<ShareRange> ranges;
  double begin = 0;
  for (const double weight : weights) {
    ranges.push_back({begin, begin + coverage * weight});
    begin += weight;
  }
  return ranges;
}

std::optional<std::size_t> VariationAt(double share, const std::vector<ShareRange>& ranges) noexcept {
  const auto found =
      std::find_if(ranges.begin(), ranges.end(), [share](const ShareRange& range) { return range.Has(share); });
  if (found == ranges.end()) return std::nullopt;
  return static_cast<std::size_t>(found - ranges.begin());
}

bool IsInNamespace(std::string_view value, std::string_view name, ShareRange range) noexcept {
  const std::uint32_t hash = Fnv1aOfUtf16(name, Fnv1aOfUtf16("__", Fnv1aOfUtf16(value)));
  return range.Has(Bucket{hash % 1'000, 1'000}.share());
}

std::optional<std::size_t> QueryOverride(std::string_view experiment, std::string_view url,
                                         std::int64_t count) noexcept {
  const std::size_t question = url.find('?');
  if (question == std::string_view::npos) return std::nullopt;
  std::string_view query = url.substr(question + 1);
  query = query.substr(0, query.find('#'));
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) != experiment) continue;
    const auto index = equals == std::string_view::npos ? std::nullopt : LeadingNumber(pair.substr(equals + 1));
    if (!index || *index < 0 || *index >= count) return std::nullopt;
    return static_cast<std::size_t>(*index);
  }
  return std::nullopt;
}

}  // namespace guidon::dialects::growthbook
