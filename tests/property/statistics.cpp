#include "tests/property/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace guidon::property {

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
  return collector::ChiSquareTail(sum, 81);
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

collector::ChiSquare IndependenceChiSquare(const std::vector<std::vector<std::uint64_t>>& table) {
  std::vector<double> rows;
  std::vector<double> columns(table.empty() ? 0 : table.front().size(), 0);
  for (const auto& row : table) {
    rows.push_back(static_cast<double>(std::accumulate(row.begin(), row.end(), std::uint64_t{0})));
    for (std::size_t i = 0; i < row.size(); ++i) columns[i] += static_cast<double>(row[i]);
  }
  const auto is_met = [](double count) { return count > 0; };
  const auto met_rows = std::count_if(rows.begin(), rows.end(), is_met);
  const auto met_columns = std::count_if(columns.begin(), columns.end(), is_met);
  collector::ChiSquare result;
  if (met_rows < 2 || met_columns < 2) return result;
  result.degrees = static_cast<int>((met_rows - 1) * (met_columns - 1));
  const double total = std::accumulate(rows.begin(), rows.end(), 0.0);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t column = 0; column < columns.size(); ++column) {
      const double expected = rows[row] * columns[column] / total;
      if (expected <= 0) continue;
      const double off = static_cast<double>(table[row][column]) - expected;
      result.statistic += off * off / expected;
    }
  }
  return result;
}

}  // namespace guidon::property
