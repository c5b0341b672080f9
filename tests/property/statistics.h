// The few tests of distribution that the proofs rest on. Checked by statistics_test.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace guidon::property {

// How likely a chi-square of so many degrees of freedom is at least `value`. The upper tail itself, so that small
// probabilities keep their digits.
double ChiSquareTail(double value, double degrees);

// Of counts against the shares expected, which add up to 1; parts of share 0 are left out. 1 when nothing was counted.
double ChiSquareP(const std::vector<std::size_t>& counts, const std::vector<double>& shares);

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

}  // namespace guidon::property
