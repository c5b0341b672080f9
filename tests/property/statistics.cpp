#include "tests/property/statistics.h"

#include <algorithm>
#include <cmath>

namespace guidon::property {
namespace {

constexpr double kPrecision = 1e-15;
constexpr int kRounds = 10'000;

// The lower tail of the gamma distribution by its series, good below a + 1.
double LowerBySeries(double a, double x, double scale) {
  double term = 1 / a;
  double sum = term;
  for (int k = 1; k < kRounds && term > sum * kPrecision; ++k) {
    term *= x / (a + k);
    sum += term;
  }
  return sum * scale;
}

// The upper tail by Lentz's continued fraction, good above a + 1.
double UpperByFraction(double a, double x, double scale) {
  constexpr double kTiny = 1e-300;
  double b = x + 1 - a;
  double c = 1 / kTiny;
  double d = 1 / b;
  double fraction = d;
  for (int k = 1; k < kRounds; ++k) {
    const double numerator = -k * (k - a);
    b += 2;
    d = numerator * d + b;
    if (std::abs(d) < kTiny) d = kTiny;
    c = b + numerator / c;
    if (std::abs(c) < kTiny) c = kTiny;
    d = 1 / d;
    fraction *= d * c;
    if (std::abs(d * c - 1) < kPrecision) break;
  }
  return fraction * scale;
}

}  // namespace

double ChiSquareTail(double value, double degrees) {
  if (value <= 0 || degrees <= 0) return 1;
  const double a = degrees / 2;
  const double x = value / 2;
  const double scale = std::exp(a * std::log(x) - x - std::lgamma(a));
  return x < a + 1 ? 1 - LowerBySeries(a, x, scale) : UpperByFraction(a, x, scale);
}

double ChiSquareP(const std::vector<std::size_t>& counts, const std::vector<double>& shares) {
  double total = 0;
  double parts = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (shares[i] <= 0) continue;
    total += static_cast<double>(counts[i]);
    parts += 1;
  }
  if (total <= 0) return 1;
  double sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (shares[i] <= 0) continue;
    const double expected = total * shares[i];
    const double off = static_cast<double>(counts[i]) - expected;
    sum += off * off / expected;
  }
  return ChiSquareTail(sum, parts - 1);
}

double KolmogorovP(double distance, std::size_t n) {
  const double root = std::sqrt(static_cast<double>(n));
  const double lambda = (root + 0.12 + 0.11 / root) * distance;
  if (lambda < 0.2) return 1;
  double sum = 0;
  for (int k = 1; k <= 100; ++k) sum += (k % 2 == 1 ? 2 : -2) * std::exp(-2.0 * k * k * lambda * lambda);
  return std::clamp(sum, 0.0, 1.0);
}

double UniformP(std::vector<double> numbers) {
  std::sort(numbers.begin(), numbers.end());
  const auto n = static_cast<double>(numbers.size());
  double distance = 0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto below = static_cast<double>(i);
    distance = std::max({distance, (below + 1) / n - numbers[i], numbers[i] - below / n});
  }
  return KolmogorovP(distance, numbers.size());
}

double Table::IndependenceP() const {
  std::array<double, 10> rows{};
  std::array<double, 10> columns{};
  double total = 0;
  for (std::size_t row = 0; row < 10; ++row) {
    for (std::size_t column = 0; column < 10; ++column) {
      rows[row] += cells[row][column];
      columns[column] += cells[row][column];
      total += cells[row][column];
    }
  }
  double sum = 0;
  for (std::size_t row = 0; row < 10; ++row) {
    for (std::size_t column = 0; column < 10; ++column) {
      const double expected = rows[row] * columns[column] / total;
      // A part that is never met says nothing of dependence; that it is empty is for the proofs of uniformity.
      if (expected <= 0) continue;
      const double off = cells[row][column] - expected;
      sum += off * off / expected;
    }
  }
  return ChiSquareTail(sum, 81);
}

double Table::Phi() const {
  double quarter[2][2] = {};
  for (std::size_t row = 0; row < 10; ++row) {
    for (std::size_t column = 0; column < 10; ++column) quarter[row / 5][column / 5] += cells[row][column];
  }
  const double low_row = quarter[0][0] + quarter[0][1];
  const double high_row = quarter[1][0] + quarter[1][1];
  const double low_column = quarter[0][0] + quarter[1][0];
  const double high_column = quarter[0][1] + quarter[1][1];
  const double scale = std::sqrt(low_row * high_row * low_column * high_column);
  return scale <= 0 ? 0 : (quarter[0][0] * quarter[1][1] - quarter[0][1] * quarter[1][0]) / scale;
}

}  // namespace guidon::property
