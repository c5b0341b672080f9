// The statistics of the results page: pure functions of counts.
#pragma once

#include <cstdint>
#include <vector>

namespace guidon::collector {

struct Interval {
  double lower = 0;
  double upper = 0;
};

// The x with P(Z <= x) = p for a standard normal Z; p strictly between 0 and 1.
double NormalQuantile(double p);

// P(X >= x) for a chi-square X with that many degrees of freedom (1 or more). Computed from its own end, so that values
// far below 1e-16 survive.
double ChiSquareTail(double x, int degrees);

// Sample ratio mismatch: how likely units spread over the arms at least this unevenly when `weights` are the odds (they
// need not add up to 1). Arms of weight 0 take no part. 1 when fewer than two arms take part, or there are no units.
double SplitPValue(const std::vector<std::uint64_t>& units, const std::vector<double>& weights);

// Wilson's score interval for the share that `successes` of `n` estimates. The whole of 0 to 1 when n is 0.
Interval WilsonInterval(std::uint64_t successes, std::uint64_t n, double confidence = 0.95);

// Newcombe's hybrid score interval (without continuity correction) for x1/n1 - x2/n2. Both n above 0.
Interval NewcombeInterval(std::uint64_t x1, std::uint64_t n1, std::uint64_t x2, std::uint64_t n2,
                          double confidence = 0.95);

}  // namespace guidon::collector
