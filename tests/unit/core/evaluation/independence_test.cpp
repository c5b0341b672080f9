// That slots are uniform and that separate questions get separate answers. Inputs are fixed, so nothing here is left to
// chance; thresholds are chi-square values that a fair hash exceeds once in a million. Binning is by integers.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "sdk/core/evaluation/bucketing.h"
#include "tests/unit/core/dice.h"

using namespace guidon;
using namespace guidon::evaluation;

namespace {

constexpr std::size_t kUnits = 20'000;

// The value that a chi-square of that many degrees of freedom exceeds once in a million (Wilson and Hilferty).
double ChiSquareBound(double degrees) {
  const double z = 4.7534;
  const double a = 2.0 / (9.0 * degrees);
  return degrees * std::pow(1.0 - a + z * std::sqrt(a), 3);
}

// The kinds of id that apps have.
std::vector<std::vector<std::string>> IdFamilies() {
  std::vector<std::vector<std::string>> families(6);
  testing::Dice dice(7);
  char text[64];
  for (std::size_t i = 0; i < kUnits; ++i) {
    families[0].push_back(std::to_string(i));
    std::snprintf(text, sizeof text, "%010zu", i);
    families[1].push_back(text);
    const std::uint64_t high = dice.Next();
    const std::uint64_t low = dice.Next();
    std::snprintf(text, sizeof text, "%08llx-%04llx-4%03llx-9%03llx-%012llx",
                  static_cast<unsigned long long>(high >> 32), static_cast<unsigned long long>((high >> 16) & 0xFFFF),
                  static_cast<unsigned long long>(high & 0xFFF), static_cast<unsigned long long>(low >> 52),
                  static_cast<unsigned long long>(low & 0xFFFF'FFFF'FFFFu));
    families[2].push_back(text);
    families[3].push_back("user" + std::to_string(i) + "@example.com");
    std::snprintf(text, sizeof text, "%016llX%016llX", static_cast<unsigned long long>(high),
                  static_cast<unsigned long long>(low));
    families[4].push_back(text);
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(low));
    families[5].push_back(text);
  }
  return families;
}

std::vector<std::uint32_t> Slots(char purpose, const std::string& salt, const std::vector<std::string>& ids) {
  std::vector<std::uint32_t> slots;
  for (const std::string& id : ids) slots.push_back(Slot(purpose, salt, id));
  return slots;
}

double ChiSquare(const std::vector<std::size_t>& observed, const std::vector<double>& expected) {
  double sum = 0;
  for (std::size_t i = 0; i < observed.size(); ++i) {
    const double difference = static_cast<double>(observed[i]) - expected[i];
    sum += difference * difference / expected[i];
  }
  return sum;
}

// Of a 10 × 10 table of two questions: 81 degrees of freedom once both margins are given.
void CheckIndependent(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b) {
  std::array<std::array<double, 10>, 10> table{};
  std::array<double, 10> rows{};
  std::array<double, 10> columns{};
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::size_t row = a[i] / 100'000;
    const std::size_t column = b[i] / 100'000;
    table[row][column] += 1;
    rows[row] += 1;
    columns[column] += 1;
  }
  const auto n = static_cast<double>(a.size());
  double sum = 0;
  double upper_both = 0;
  for (std::size_t row = 0; row < 10; ++row) {
    for (std::size_t column = 0; column < 10; ++column) {
      const double expected = rows[row] * columns[column] / n;
      sum += (table[row][column] - expected) * (table[row][column] - expected) / expected;
      if (row >= 5 && column >= 5) upper_both += table[row][column];
    }
  }
  CHECK(sum < ChiSquareBound(81));
  // The correlation of "in the upper half": five sigma.
  const double upper_row = rows[5] + rows[6] + rows[7] + rows[8] + rows[9];
  const double upper_column = columns[5] + columns[6] + columns[7] + columns[8] + columns[9];
  const double phi = (n * upper_both - upper_row * upper_column) /
                     std::sqrt(upper_row * (n - upper_row) * upper_column * (n - upper_column));
  CHECK(std::abs(phi) <= 5.0 / std::sqrt(n));
}

}  // namespace

TEST_CASE("slots are uniform for every kind of id and for salts that differ in one character") {
  const auto families = IdFamilies();
  for (std::size_t family = 0; family < families.size(); ++family) {
    CAPTURE(family);
    for (int salt = 0; salt < 10; ++salt) {
      CAPTURE(salt);
      std::vector<std::size_t> bins(200, 0);
      for (const std::uint32_t slot : Slots('s', "exp-" + std::to_string(salt), families[family])) {
        REQUIRE(slot < kSlots);
        ++bins[slot / 5'000];
      }
      CHECK(ChiSquare(bins, std::vector<double>(200, kUnits / 200.0)) < ChiSquareBound(199));
    }
  }
}

TEST_CASE("splits have the shares they say, within five sigma") {
  const std::vector<std::vector<std::uint32_t>> splits = {
      {500'000, 800'000, 950'000, 1'000'000},
      {990'000, 1'000'000},
      {333'333, 666'666, 1'000'000},
      {100, 1'000'000},
  };
  const auto families = IdFamilies();
  for (std::size_t family = 0; family < families.size(); ++family) {
    CAPTURE(family);
    const std::vector<std::uint32_t> slots = Slots('s', "exp-7", families[family]);
    for (std::size_t s = 0; s < splits.size(); ++s) {
      CAPTURE(s);
      std::uint32_t begin = 0;
      for (const std::uint32_t end : splits[s]) {
        double count = 0;
        for (const std::uint32_t slot : slots) count += slot >= begin && slot < end ? 1 : 0;
        const double share = (end - begin) / 1e6;
        const double sigma = std::sqrt(kUnits * share * (1 - share));
        CHECK(std::abs(count - kUnits * share) <= 5 * sigma + 1);
        begin = end;
      }
    }
  }
}

TEST_CASE("two salts, or two purposes of one salt, are independent of each other") {
  const auto families = IdFamilies();
  for (std::size_t family = 0; family < families.size(); ++family) {
    CAPTURE(family);
    std::vector<std::vector<std::uint32_t>> questions;
    for (int salt = 0; salt < 8; ++salt)
      questions.push_back(Slots('s', "exp-" + std::to_string(salt), families[family]));
    for (const char purpose : {'h', 'l', 'r'}) questions.push_back(Slots(purpose, "exp-0", families[family]));
    // Salts that are the beginning of others.
    for (const char* salt : {"a", "aa", "exp", "exp-01"}) questions.push_back(Slots('s', salt, families[family]));
    for (std::size_t a = 0; a < questions.size(); ++a) {
      for (std::size_t b = 0; b < a; ++b) {
        CAPTURE(a);
        CAPTURE(b);
        CheckIndependent(questions[a], questions[b]);
      }
    }
  }
}

TEST_CASE("neighbouring ids are not neighbours in their slots") {
  const auto families = IdFamilies();
  for (std::size_t family = 0; family < families.size(); ++family) {
    CAPTURE(family);
    const std::vector<std::uint32_t> slots = Slots('s', "exp-0", families[family]);
    for (const std::size_t lag : {1u, 2u, 5u}) {
      CAPTURE(lag);
      double sum = 0;
      const std::size_t pairs = slots.size() - lag;
      for (std::size_t i = 0; i < pairs; ++i) sum += (slots[i] - 499'999.5) * (slots[i + lag] - 499'999.5);
      const double variance = 1e12 / 12.0;
      CHECK(std::abs(sum / (variance * static_cast<double>(pairs))) * std::sqrt(static_cast<double>(pairs)) < 5);
    }
  }
}
