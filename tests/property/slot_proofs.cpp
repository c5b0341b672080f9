// That the slots of one question are uniform. Binning is by integers: binning fractions moves units over the edges.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "samples/collector/statistics.h"
#include "sdk/core/base/json.h"
#include "sdk/core/hash/hash.h"
#include "sdk/tools/allocation.h"
#include "tests/property/proof.h"
#include "tests/property/statistics.h"
#include "tests/property/units.h"

namespace guidon::property {
namespace {

using ruleset::kSlots;

std::string Text(json::Node node) { return std::string(node.AsString().value_or("")); }
std::uint64_t Hex(json::Node node) { return std::strtoull(Text(node).c_str(), nullptr, 16); }

// The worst of many p-values, and whether together they look like p-values.
struct Worst {
  std::vector<double> all;

  double least() const { return *std::min_element(all.begin(), all.end()); }
  double meta() const { return UniformP(all); }
};

std::string CheckVectors(const BucketingUnderTest& bucketing, json::Node root) {
  for (const json::Node row : root["raw"]) {
    if (HashBytes64(Text(row["input"])) != Hex(row["hash"])) return "XXH64 of " + Text(row["input"]);
  }
  for (const json::Node row : root["edges"]) {
    if (bucketing.slot_of(Hex(row["hash"])) != row["slot"].AsInt().value_or(-1)) return "slot of " + Text(row["hash"]);
  }
  for (const json::Node row : root["vectors"]) {
    const std::string salt = Text(row["salt"]);
    const std::uint64_t hash = bucketing.hash(Text(row["purpose"])[0], salt, Text(row["id"]));
    if (hash != Hex(row["hash"]) || bucketing.slot_of(hash) != row["slot"].AsInt().value_or(-1))
      return "vector " + Text(row["purpose"]) + "|" + salt + "|" + Text(row["id"]);
  }
  return "";
}

// By counting: there are few slots, and sorting would take the most of the time.
double SmoothP(const std::vector<std::uint32_t>& slots) {
  std::vector<std::uint32_t> counts(kSlots, 0);
  for (const std::uint32_t slot : slots) ++counts[std::min(slot, kSlots - 1)];
  const auto n = static_cast<double>(slots.size());
  std::size_t below = 0;
  double distance = 0;
  for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
    if (counts[slot] == 0) continue;
    const double at = (slot + 0.5) / kSlots;
    distance = std::max(distance, at - static_cast<double>(below) / n);
    below += counts[slot];
    distance = std::max(distance, static_cast<double>(below) / n - at);
  }
  return KolmogorovP(distance, slots.size());
}

// Empty when all shares are as they should be.
std::string CheckShares(const BucketingUnderTest& bucketing, const std::vector<std::uint32_t>& slots,
                        const std::vector<tools::Ranges>& split, Worst* worst) {
  std::vector<std::uint64_t> counts(split.size(), 0);
  std::vector<double> shares;
  for (std::size_t part = 0; part < split.size(); ++part) {
    shares.push_back(static_cast<double>(tools::SizeOf(split[part])) / kSlots);
    for (const tools::Range& range : split[part]) {
      const auto begin = static_cast<std::uint32_t>(range.begin);
      const auto end = static_cast<std::uint32_t>(range.end);
      for (const std::uint32_t slot : slots) counts[part] += bucketing.contains(begin, end, slot) ? 1u : 0u;
    }
  }
  std::size_t total = 0;
  for (const std::uint64_t count : counts) total += static_cast<std::size_t>(count);
  if (total != slots.size()) return Line("%zu places for %zu units", total, slots.size());
  const auto n = static_cast<double>(slots.size());
  for (std::size_t part = 0; part < split.size(); ++part) {
    const double sigmas =
        (static_cast<double>(counts[part]) - n * shares[part]) / std::sqrt(n * shares[part] * (1 - shares[part]));
    if (std::abs(sigmas) > 5) return Line("part %zu is %.2f sigma off", part, sigmas);
  }
  worst->all.push_back(collector::SplitPValue(counts, shares));
  return worst->all.back() > 1e-6 ? "" : Line("p %.3g", worst->all.back());
}

}  // namespace

Finding ProveVectors(const BucketingUnderTest& bucketing) {
  std::ifstream file(GUIDON_BUCKETING_VECTORS, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  json::Error error;
  const auto document = json::Document::Parse(text, &error);
  if (!document) return {"the vectors cannot be read: " + error.ToText(), ""};
  const json::Node root = document->root();
  if (root["vectors"].size() != 23 || root["raw"].size() != 4 || root["edges"].size() != 4)
    return {"not all vectors are there", ""};
  return {CheckVectors(bucketing, root), "23 vectors, 4 hashes, 4 edges\n"};
}

Finding ProveUniform(const BucketingUnderTest& bucketing) {
  Finding finding;
  for (const Family& family : Families()) {
    Worst worst;
    for (const std::string& salt : Salts()) {
      std::vector<std::uint64_t> bins(1000, 0);
      for (const std::string& id : family.ids) {
        const std::uint32_t slot = bucketing.Slot('s', salt, id);
        if (slot >= kSlots) return {Line("slot %u of %s with %s", slot, id.c_str(), salt.c_str()), ""};
        ++bins[slot / 1000];
      }
      worst.all.push_back(collector::SplitPValue(bins, std::vector<double>(1000, 0.001)));
      if (!(worst.all.back() > 1e-6))
        return {Line("%s with %s: p %.3g", family.name.c_str(), salt.c_str(), worst.all.back()), ""};
    }
    finding.statistics +=
        Line("%-15s 50 salts: least p %.2g, p of the p %.2g\n", family.name.c_str(), worst.least(), worst.meta());
    if (!(worst.meta() > 1e-4)) return {Line("%s: p of the p %.3g", family.name.c_str(), worst.meta()), ""};
  }
  return finding;
}

Finding ProveSmooth(const BucketingUnderTest& bucketing) {
  Finding finding;
  for (const Family& family : Families()) {
    Worst worst;
    for (const std::string& salt : Salts()) {
      std::vector<std::uint32_t> slots;
      slots.reserve(family.ids.size());
      for (const std::string& id : family.ids) slots.push_back(bucketing.Slot('s', salt, id));
      worst.all.push_back(SmoothP(slots));
      if (!(worst.all.back() > 1e-6))
        return {Line("%s with %s: p %.3g", family.name.c_str(), salt.c_str(), worst.all.back()), ""};
    }
    finding.statistics += Line("%-15s 50 salts: least p %.2g\n", family.name.c_str(), worst.least());
  }
  return finding;
}

Finding ProveShares(const BucketingUnderTest& bucketing) {
  const struct {
    std::string name;
    std::vector<double> weights;
  } rows[] = {{"50/30/15/5", {50, 30, 15, 5}}, {"99/1", {99, 1}}, {"thirds", {1, 1, 1}}, {"0.01 %", {0.01, 99.99}}};
  Finding finding;
  for (const auto& row : rows) {
    const std::vector<tools::Ranges> split = tools::SplitByWeight(row.weights);
    Worst worst;
    for (const Family& family : Families()) {
      for (std::size_t s = 0; s < 10; ++s) {
        std::vector<std::uint32_t> slots;
        slots.reserve(family.ids.size());
        for (const std::string& id : family.ids) slots.push_back(bucketing.Slot('s', Salts()[s], id));
        const std::string wrong = CheckShares(bucketing, slots, split, &worst);
        if (!wrong.empty()) return {row.name + " of " + family.name + " with " + Salts()[s] + ": " + wrong, ""};
      }
    }
    finding.statistics += Line("%-15s %zu draws: least p %.2g\n", row.name.c_str(), worst.all.size(), worst.least());
  }
  return finding;
}

}  // namespace guidon::property
