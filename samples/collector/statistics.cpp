#include "samples/collector/statistics.h"

#include <algorithm>
#include <cmath>

namespace guidon::collector {
namespace {

// The regularised upper incomplete gamma function Q(a, x), by the series for P where that converges fast (NIST DLMF
// 8.11.4) and by the continued fraction elsewhere (DLMF 8.9.2, evaluated from the front by Lentz's method).
double UpperGamma(double a, double x) {
  if (!(x > 0)) return 1;
  if (std::isinf(x)) return 0;
  constexpr int kMostTerms = 10'000;
  constexpr double kEnough = 1e-16;
  const double scale = std::exp(a * std::log(x) - x - std::lgamma(a));
  if (x < a + 1) {
    double term = 1 / a;
    double sum = term;
    for (int n = 1; n < kMostTerms && term > sum * kEnough; ++n) {
      term *= x / (a + n);
      sum += term;
    }
    return std::max(0.0, 1 - scale * sum);
  }
  constexpr double kTiny = 1e-300;
  double b = x + 1 - a;
  double c = 1 / kTiny;
  double d = 1 / b;
  double fraction = d;
  for (int n = 1; n < kMostTerms; ++n) {
    const double numerator = -n * (n - a);
    b += 2;
    d = numerator * d + b;
    d = 1 / (std::fabs(d) < kTiny ? kTiny : d);
    c = b + numerator / c;
    if (std::fabs(c) < kTiny) c = kTiny;
    const double factor = d * c;
    fraction *= factor;
    if (std::fabs(factor - 1) < kEnough) break;
  }
  return scale * fraction;
}

}  // namespace

double NormalQuantile(double p) {
  const double tail = std::min(p, 1 - p);
  // Abramowitz and Stegun 26.2.23 is right to 4.5e-4; Newton's method on the exact tail does the rest.
  const double t = std::sqrt(-2 * std::log(tail));
  double x = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  for (int i = 0; i < 4; ++i) {
    const double excess = 0.5 * std::erfc(x / std::sqrt(2.0)) - tail;
    const double density = std::exp(-x * x / 2) / std::sqrt(2 * std::acos(-1.0));
    if (density <= 0) break;
    x += excess / density;
  }
  return p < 0.5 ? -x : x;
}

double ChiSquareTail(double x, int degrees) { return UpperGamma(degrees / 2.0, x / 2); }

ChiSquare SplitChiSquare(const std::vector<std::uint64_t>& units, const std::vector<double>& weights) {
  double all_units = 0;
  double all_weights = 0;
  int arms = 0;
  const std::size_t count = std::min(units.size(), weights.size());
  for (std::size_t i = 0; i < count; ++i) {
    if (weights[i] <= 0) continue;
    all_units += static_cast<double>(units[i]);
    all_weights += weights[i];
    ++arms;
  }
  ChiSquare result;
  if (arms < 2 || all_units <= 0) return result;
  result.degrees = arms - 1;
  for (std::size_t i = 0; i < count; ++i) {
    if (weights[i] <= 0) continue;
    const double expected = all_units * weights[i] / all_weights;
    const double off = static_cast<double>(units[i]) - expected;
    result.statistic += off * off / expected;
  }
  return result;
}

double SplitPValue(const std::vector<std::uint64_t>& units, const std::vector<double>& weights) {
  return SplitChiSquare(units, weights).P();
}

Interval WilsonInterval(std::uint64_t successes, std::uint64_t n, double confidence) {
  if (n == 0) return {0, 1};
  const double z = NormalQuantile(0.5 + confidence / 2);
  const double count = static_cast<double>(n);
  const double share = static_cast<double>(successes) / count;
  const double denominator = 1 + z * z / count;
  const double centre = (share + z * z / (2 * count)) / denominator;
  const double half = z / denominator * std::sqrt(share * (1 - share) / count + z * z / (4 * count * count));
  // The ends are exact at the borders, where rounding would leave 1e-17 or 1.0000000000000002.
  return {successes == 0 ? 0 : std::max(0.0, centre - half), successes >= n ? 1 : std::min(1.0, centre + half)};
}

Interval NewcombeInterval(std::uint64_t x1, std::uint64_t n1, std::uint64_t x2, std::uint64_t n2, double confidence) {
  const double p1 = static_cast<double>(x1) / static_cast<double>(n1);
  const double p2 = static_cast<double>(x2) / static_cast<double>(n2);
  const Interval one = WilsonInterval(x1, n1, confidence);
  const Interval two = WilsonInterval(x2, n2, confidence);
  const double difference = p1 - p2;
  return {std::max(-1.0, difference - std::hypot(p1 - one.lower, two.upper - p2)),
          std::min(1.0, difference + std::hypot(one.upper - p1, p2 - two.lower))};
}

// The adjusted Wald interval of B. Rocks, The American Statistician 70 (2016) 365-372, which of those tried there holds
// best for few answers and for lopsided ones: three answers are added, shared out 1:2:1.
Interval NetScoreInterval(std::uint64_t promoters, std::uint64_t passives, std::uint64_t detractors,
                          double confidence) {
  if (promoters + passives + detractors == 0) return {-1, 1};
  const double up = static_cast<double>(promoters) + 0.75;
  const double down = static_cast<double>(detractors) + 0.75;
  const double n = up + down + static_cast<double>(passives) + 1.5;
  const double score = (up - down) / n;
  const double variance = (up + down) / n - score * score;
  const double half = NormalQuantile(0.5 + confidence / 2) * std::sqrt(variance / n);
  return {std::max(-1.0, score - half), std::min(1.0, score + half)};
}

// N. Mantel and W. Haenszel, Journal of the National Cancer Institute 22 (1959) 719-748; the difference and its weights
// as in S. Greenland and J. Robins, Biometrics 41 (1985) 55-68; the variance as in T. Sato, S. Greenland and J. Robins,
// Biometrics 45 (1989) 1323-1324, good for few large strata and for many small ones alike.
std::optional<Difference> MantelHaenszel(const std::vector<Stratum>& strata, double confidence) {
  double weights = 0;
  double differences = 0;
  double p = 0;
  double q = 0;
  for (const Stratum& stratum : strata) {
    if (stratum.units == 0 || stratum.control_units == 0) continue;
    const auto a = static_cast<double>(stratum.successes);
    const auto c = static_cast<double>(stratum.control_successes);
    const auto n1 = static_cast<double>(stratum.units);
    const auto n0 = static_cast<double>(stratum.control_units);
    const double n = n1 + n0;
    weights += n1 * n0 / n;
    differences += (a * n0 - c * n1) / n;
    p += (n1 * n1 * c - n0 * n0 * a + n1 * n0 * (n0 - n1) / 2) / (n * n);
    q += (a * (n0 - c) + c * (n1 - a)) / (2 * n);
  }
  if (weights <= 0) return std::nullopt;
  const double difference = differences / weights;
  const double variance = (difference * p + q) / (weights * weights);
  if (!(variance > 0)) return std::nullopt;
  const double half = NormalQuantile(0.5 + confidence / 2) * std::sqrt(variance);
  return Difference{difference, {std::max(-1.0, difference - half), std::min(1.0, difference + half)}};
}

}  // namespace guidon::collector
