// The statistics of the results page: pure functions of counts.
#pragma once

#include <cstdint>
#include <optional>
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

// How far counts are from what was expected of them. Those of independent groups add up, part by part.
struct ChiSquare {
  double statistic = 0;
  int degrees = 0;

  double P() const { return degrees > 0 ? ChiSquareTail(statistic, degrees) : 1; }
  ChiSquare& operator+=(const ChiSquare& other) {
    statistic += other.statistic;
    degrees += other.degrees;
    return *this;
  }
};

// Of units over arms when `weights` are the odds (they need not add up to 1). Arms of weight 0 take no part. Without
// degrees of freedom when fewer than two arms take part, or there are no units.
ChiSquare SplitChiSquare(const std::vector<std::uint64_t>& units, const std::vector<double>& weights);

// Sample ratio mismatch: how likely units spread over the arms at least this unevenly; 1 without degrees of freedom.
double SplitPValue(const std::vector<std::uint64_t>& units, const std::vector<double>& weights);

// Wilson's score interval for the share that `successes` of `n` estimates. The whole of 0 to 1 when n is 0.
Interval WilsonInterval(std::uint64_t successes, std::uint64_t n, double confidence = 0.95);

// Newcombe's hybrid score interval (without continuity correction) for x1/n1 - x2/n2. Both n above 0.
Interval NewcombeInterval(std::uint64_t x1, std::uint64_t n1, std::uint64_t x2, std::uint64_t n2,
                          double confidence = 0.95);

// For the share of promoters minus that of detractors; see the source for the method. -1 to 1 when there are no
// answers.
Interval NetScoreInterval(std::uint64_t promoters, std::uint64_t passives, std::uint64_t detractors,
                          double confidence = 0.95);

// Two arms within one group of units, such as an audience.
struct Stratum {
  std::uint64_t successes = 0;
  std::uint64_t units = 0;
  std::uint64_t control_successes = 0;
  std::uint64_t control_units = 0;
};

struct Difference {
  double value = 0;
  Interval interval;
};

// The difference of the shares over all strata, each compared within itself, so that strata which share their units out
// in other ways do not mix up the comparison: the risk difference of Mantel and Haenszel with the variance of Sato,
// Greenland and Robins. A stratum weighs n1 n0 / (n1 + n0): by its size, and by how much its arms can tell. None when
// no stratum has units in both arms, or when all do or none does, which leaves the interval unknown.
std::optional<Difference> MantelHaenszel(const std::vector<Stratum>& strata, double confidence = 0.95);

}  // namespace guidon::collector
