// The tests of distribution that the proofs rest on, beside the chi-square that the results page uses, too.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "samples/collector/statistics.h"

namespace guidon::property {

// How likely n fair numbers are at least so far from uniform as the largest distance says (Kolmogorov, Stephens).
double KolmogorovP(double distance, std::size_t n);

// Of numbers that should be uniform in 0 to 1.
double UniformP(std::vector<double> numbers);

// Ten parts of one question against ten of another.
struct Table {
  std::array<std::array<std::uint32_t, 10>, 10> cells{};

  double IndependenceP() const;  // 81 degrees of freedom
  double Phi() const;            // of "in the upper half"
};

// Of the same for any number of rows and columns; all rows have as many. Those that are empty count for nothing.
collector::ChiSquare IndependenceChiSquare(const std::vector<std::vector<std::uint64_t>>& table);

}  // namespace guidon::property
