// That two questions have nothing to do with each other: by salt, by purpose, by neighbourhood, by a single bit.
#include <algorithm>
#include <bitset>
#include <cmath>

#include "tests/property/proof.h"
#include "tests/property/statistics.h"
#include "tests/property/units.h"

namespace guidon::property {
namespace {

using ruleset::kSlots;

using Tenths = std::vector<std::uint8_t>;

// Where the units stand, in tenths. Slots that are none stay in the last tenth; they are refuted elsewhere.
Tenths TenthsOf(const BucketingUnderTest& bucketing, char purpose, const std::string& salt, const Family& family) {
  Tenths tenths;
  tenths.reserve(family.ids.size());
  for (const std::string& id : family.ids)
    tenths.push_back(static_cast<std::uint8_t>(std::min(bucketing.Slot(purpose, salt, id) / (kSlots / 10), 9u)));
  return tenths;
}

// Into four tables in turn, so that one count need not wait for the one before it.
Table Count(const Tenths& a, const Tenths& b) {
  std::uint32_t counts[4][100] = {};
  const std::size_t whole = a.size() - a.size() % 4;
  for (std::size_t i = 0; i < whole; i += 4) {
    for (std::size_t k = 0; k < 4; ++k) ++counts[k][a[i + k] * 10u + b[i + k]];
  }
  for (std::size_t i = whole; i < a.size(); ++i) ++counts[0][a[i] * 10u + b[i]];
  Table table;
  for (std::size_t cell = 0; cell < 100; ++cell)
    table.cells[cell / 10][cell % 10] = counts[0][cell] + counts[1][cell] + counts[2][cell] + counts[3][cell];
  return table;
}

struct Question {
  std::string name;
  Tenths tenths;
};

// Each question against each other one.
struct Pairs {
  std::vector<double> p;
  double most_phi = 0;

  // Empty when these two are independent.
  std::string Add(const Question& a, const Question& b) {
    const Table table = Count(a.tenths, b.tenths);
    p.push_back(table.IndependenceP());
    const double phi = std::abs(table.Phi());
    most_phi = std::max(most_phi, phi);
    const bool holds = p.back() > 1e-7 && phi <= 5 / std::sqrt(static_cast<double>(a.tenths.size()));
    return holds ? "" : Line("%s and %s: p %.3g, phi %.4f", a.name.c_str(), b.name.c_str(), p.back(), phi);
  }

  std::string AddAll(const std::vector<Question>& questions) {
    for (std::size_t a = 0; a < questions.size(); ++a) {
      for (std::size_t b = 0; b < a; ++b) {
        std::string wrong = Add(questions[b], questions[a]);
        if (!wrong.empty()) return wrong;
      }
    }
    return "";
  }

  std::string Meta() const {
    const double meta = UniformP(p);
    return meta > 1e-4 ? "" : Line("p of the p %.3g", meta);
  }

  std::string Statistics(const std::string& of) const {
    return Line("%-15s %4zu pairs: least p %.2g, greatest phi %.4f, p of the p %.2g\n", of.c_str(), p.size(),
                *std::min_element(p.begin(), p.end()), most_phi, UniformP(p));
  }
};

Finding Refuted(const std::string& of, const std::string& wrong) { return {of + ": " + wrong, ""}; }

double Correlation(const std::vector<std::uint32_t>& slots, std::size_t lag) {
  double mean = 0;
  for (const std::uint32_t slot : slots) mean += slot;
  mean /= static_cast<double>(slots.size());
  double both = 0;
  double own = 0;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    own += (slots[i] - mean) * (slots[i] - mean);
    if (i >= lag) both += (slots[i - lag] - mean) * (slots[i] - mean);
  }
  return own <= 0 ? 1 : both / own;
}

}  // namespace

Finding ProveSaltsIndependent(const BucketingUnderTest& bucketing) {
  Finding finding;
  for (const Family& family : Families()) {
    std::vector<Question> questions;
    for (const std::string& salt : Salts()) questions.push_back({salt, TenthsOf(bucketing, 's', salt, family)});
    Pairs pairs;
    std::string wrong = pairs.AddAll(questions);
    if (wrong.empty()) wrong = pairs.Meta();
    if (!wrong.empty()) return Refuted(family.name, wrong);
    finding.statistics += pairs.Statistics(family.name);
  }
  return finding;
}

Finding ProvePurposesIndependent(const BucketingUnderTest& bucketing) {
  Finding finding;
  for (const Family& family : Families()) {
    Pairs pairs;
    for (const char* salt : {"exp-0", "exp-1", "exp-11"}) {
      std::vector<Question> questions;
      // Those in use, and those that are kept for later.
      for (const char purpose : {'h', 'l', 'a', 's', 'r', 'm', 'p', 'c', 't', 'w'})
        questions.push_back({std::string(1, purpose) + " of " + salt, TenthsOf(bucketing, purpose, salt, family)});
      const std::string wrong = pairs.AddAll(questions);
      if (!wrong.empty()) return Refuted(family.name, wrong);
    }
    if (!pairs.Meta().empty()) return Refuted(family.name, pairs.Meta());
    finding.statistics += pairs.Statistics(family.name);
  }
  return finding;
}

Finding ProveNeighboursIndependent(const BucketingUnderTest& bucketing) {
  Finding finding;
  for (const Family& family : Families()) {
    double worst = 0;
    for (const std::string& salt : Salts()) {
      std::vector<std::uint32_t> slots;
      slots.reserve(family.ids.size());
      for (const std::string& id : family.ids) slots.push_back(bucketing.Slot('s', salt, id));
      for (const std::size_t lag : {1u, 2u, 5u}) {
        const double z = Correlation(slots, lag) * std::sqrt(static_cast<double>(slots.size()));
        worst = std::max(worst, std::abs(z));
        if (!(std::abs(z) < 5)) return Refuted(family.name, Line("%s, lag %zu: z %.2f", salt.c_str(), lag, z));
      }
    }
    finding.statistics += Line("%-15s 50 salts, lags 1, 2, 5: greatest z %.2f\n", family.name.c_str(), worst);
  }
  return finding;
}

Finding ProveAvalanche(const BucketingUnderTest& bucketing) {
  constexpr std::size_t kIds = 4096;
  constexpr std::size_t kBits = 288;
  const Family& uuids = Families()[2];
  std::vector<std::uint32_t> flips(kBits * 64, 0);
  std::vector<std::uint32_t> crossings(kBits, 0);
  for (std::size_t i = 0; i < kIds; ++i) {
    std::string id = uuids.ids[i];
    const std::uint64_t before = bucketing.hash('s', "exp-1", id);
    const bool in_b = bucketing.slot_of(before) >= kSlots / 2;
    for (std::size_t bit = 0; bit < kBits; ++bit) {
      const char mask = static_cast<char>(1u << (bit % 8));
      id[bit / 8] = static_cast<char>(id[bit / 8] ^ mask);
      const std::uint64_t after = bucketing.hash('s', "exp-1", id);
      id[bit / 8] = static_cast<char>(id[bit / 8] ^ mask);
      crossings[bit] += (bucketing.slot_of(after) >= kSlots / 2) != in_b ? 1u : 0u;
      for (std::size_t out = 0; out < 64; ++out) flips[bit * 64 + out] += ((before ^ after) >> out) & 1;
    }
  }
  double worst = 0;
  for (std::size_t cell = 0; cell < flips.size(); ++cell) {
    const double z = (flips[cell] - kIds * 0.5) / (0.5 * std::sqrt(static_cast<double>(kIds)));
    worst = std::max(worst, std::abs(z));
    if (!(std::abs(z) < 6.6))
      return {Line("bit %zu of the id and %zu of the hash: z %.2f", cell / 64, cell % 64, z), ""};
  }
  const auto [least, most] = std::minmax_element(crossings.begin(), crossings.end());
  const double low = *least / static_cast<double>(kIds);
  const double high = *most / static_cast<double>(kIds);
  if (!(low > 0.5 - 0.039 && high < 0.5 + 0.039)) return {Line("shares that change arm: %.3f to %.3f", low, high), ""};
  return {"", Line("18,432 pairs of bits: greatest z %.2f; shares that change arm %.3f to %.3f\n", worst, low, high)};
}

Finding ProveFraming(const BucketingUnderTest& bucketing) {
  const struct {
    std::string name;
    std::string salt;
    std::string id;
    std::string other_salt;
    std::string other_id;
  } rows[] = {
      {"a byte moves from salt to id", "ab", "c", "a", "bc"},
      {"all moves to the id", "ab", "", "a", "b"},
      {"the separator in the id", "a",
       "b\x1F"
       "c",
       "a", "bc"},
      {"the separator before the id", "a",
       "\x1F"
       "b",
       "a", "b"},
      {"the salt again in the id", "a",
       "a\x1F"
       "b",
       "a", "b"},
  };
  for (const auto& row : rows) {
    for (const char purpose : {'h', 'l', 's', 'r', 'c', 't'}) {
      if (bucketing.hash(purpose, row.salt, row.id) == bucketing.hash(purpose, row.other_salt, row.other_id))
        return {row.name + ": one message", ""};
    }
  }
  Finding finding;
  for (const Family& family : Families()) {
    std::vector<Question> questions;
    for (const char* salt : {"a", "aa", "aaa", "e", "ex", "exp", "exp1", "exp11", "exp111", "exp1.1"})
      questions.push_back({salt, TenthsOf(bucketing, 's', salt, family)});
    Pairs pairs;
    std::string wrong = pairs.AddAll(questions);
    if (wrong.empty()) wrong = pairs.Meta();
    if (!wrong.empty()) return Refuted(family.name, wrong);
    finding.statistics += pairs.Statistics(family.name);
  }
  return finding;
}

}  // namespace guidon::property
