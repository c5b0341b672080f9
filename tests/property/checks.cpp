#include "tests/property/checks.h"

#include <algorithm>
#include <numeric>

#include "samples/collector/statistics.h"
#include "tests/property/statistics.h"

namespace guidon::property {
namespace {

// Below so many expected units in a cell the distribution of chi-square is too far from the one computed.
constexpr double kLeastExpected = 5;

std::uint64_t Sum(const std::vector<std::uint64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

}  // namespace

void Checks::Refute(const std::string& why) {
  if (!refutation_.empty()) return;
  refutation_ = why[0] == ' ' ? part_ + "," + why.substr(1) : why;
}

void Checks::Note(const std::string& line) {
  part_ = line.substr(0, line.find(':'));
  statistics_ += line + "\n";
}

void Checks::Share(const std::string& of, std::uint64_t count, std::uint64_t total, double share) {
  if (share > 0 && share < 1) return Split(of, {count, total - count}, {share, 1 - share});
  if (total == 0) return Refute(of + ": nobody to look at");
  if (count != (share > 0 ? total : 0))
    Refute(of + Line(": %llu of %llu", static_cast<unsigned long long>(count), static_cast<unsigned long long>(total)));
}

void Checks::Split(const std::string& of, const std::vector<std::uint64_t>& units, const std::vector<double>& weights) {
  const double all = std::accumulate(weights.begin(), weights.end(), 0.0);
  const std::uint64_t total = Sum(units);
  if (!HasEnough(of, static_cast<double>(total) * *std::min_element(weights.begin(), weights.end()) / all)) return;
  const collector::ChiSquare chi_square = collector::SplitChiSquare(units, weights);
  Take(of, total, chi_square.degrees, chi_square.P());
}

void Checks::Independent(const std::string& of, const std::vector<std::vector<std::uint64_t>>& table) {
  const collector::ChiSquare chi_square = IndependenceChiSquare(table);
  std::uint64_t total = 0;
  std::uint64_t least_row = UINT64_MAX;
  std::vector<std::uint64_t> columns(table.front().size(), 0);
  for (const auto& row : table) {
    least_row = std::min(least_row, Sum(row));
    total += Sum(row);
    for (std::size_t i = 0; i < row.size(); ++i) columns[i] += row[i];
  }
  const double least_column = static_cast<double>(*std::min_element(columns.begin(), columns.end()));
  if (!HasEnough(of, total == 0 ? 0 : static_cast<double>(least_row) * least_column / static_cast<double>(total)))
    return;
  Take(of, total, chi_square.degrees, chi_square.P());
}

bool Checks::HasEnough(const std::string& of, double least_expected) {
  if (least_expected >= kLeastExpected) return true;
  Refute(of + Line(": %.1f units expected where there are fewest", least_expected));
  return false;
}

void Checks::Take(const std::string& of, std::uint64_t units, int degrees, double p) {
  ++taken_;
  statistics_ +=
      Line("%-62s %7llu units, %2d df, p %.2g\n", of.c_str(), static_cast<unsigned long long>(units), degrees, p);
  if (!(p > kFalseAlarm)) Refute(of + Line(": p %.3g", p));
}

Finding Checks::finding() const {
  const std::string bound =
      Line("%zu chi-squares, each refuted at p %.0e or below: a false alarm in %.1e of such runs at most\n", taken_,
           kFalseAlarm, static_cast<double>(taken_) * kFalseAlarm);
  return {refutation_, statistics_ + bound};
}

}  // namespace guidon::property
