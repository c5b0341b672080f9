#include "samples/collector/statistics.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "sdk/core/base/json.h"

namespace guidon::collector {
namespace {

// The published cases, with where each comes from.
const json::Document& Cases() {
  static const json::Document document = [] {
    std::ifstream file(GUIDON_COLLECTOR_DATA "/statistics.json");
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    json::Error error;
    auto parsed = json::Document::Parse(text, &error);
    REQUIRE_MESSAGE(parsed.has_value(), error.ToText());
    return *std::move(parsed);
  }();
  return document;
}

template <class Check>
int ForEachCase(std::string_view topic, Check check) {
  int count = 0;
  for (json::Node node : Cases().root()["cases"]) {
    if (node["topic"].AsString() != topic) continue;
    const std::string id(*node["id"].AsString());
    CAPTURE(id);
    check(node["inputs"], node["expected"], *node["abs_tol"].AsNumber());
    ++count;
  }
  return count;
}

std::uint64_t Whole(json::Node node) { return static_cast<std::uint64_t>(*node.AsInt()); }

TEST_CASE("the split's p-value agrees with the published cases") {
  const int count = ForEachCase("srm", [](json::Node inputs, json::Node expected, double tolerance) {
    std::vector<std::uint64_t> units;
    std::vector<double> weights;
    for (json::Node node : inputs["users"]) units.push_back(Whole(node));
    for (json::Node node : inputs["weights"]) weights.push_back(*node.AsNumber());
    const double p = SplitPValue(units, weights);
    if (const auto value = expected["p_value"].AsNumber()) {
      CHECK(std::fabs(p - *value) <= tolerance);
    } else {
      CHECK(p < 1e-4);  // the origin states a bound only
    }
  });
  CHECK(count == 11);
}

TEST_CASE("Wilson's interval agrees with the published cases") {
  const int count = ForEachCase("proportion_ci", [](json::Node inputs, json::Node expected, double tolerance) {
    const Interval interval =
        WilsonInterval(Whole(inputs["successes"]), Whole(inputs["n"]), *inputs["confidence"].AsNumber());
    CHECK(std::fabs(interval.lower - *expected["lower"].AsNumber()) <= tolerance);
    CHECK(std::fabs(interval.upper - *expected["upper"].AsNumber()) <= tolerance);
  });
  CHECK(count == 4);
}

TEST_CASE("Newcombe's interval agrees with the published cases") {
  const int count = ForEachCase("proportion_diff_ci", [](json::Node inputs, json::Node expected, double tolerance) {
    const Interval interval = NewcombeInterval(Whole(inputs["x1"]), Whole(inputs["n1"]), Whole(inputs["x2"]),
                                               Whole(inputs["n2"]), *inputs["confidence"].AsNumber());
    CHECK(std::fabs(interval.lower - *expected["lower"].AsNumber()) <= tolerance);
    CHECK(std::fabs(interval.upper - *expected["upper"].AsNumber()) <= tolerance);
  });
  CHECK(count == 8);
}

TEST_CASE("the difference over strata agrees with the published cases") {
  const int count = ForEachCase("proportion_diff_strata", [](json::Node inputs, json::Node expected, double tolerance) {
    std::vector<Stratum> strata;
    for (json::Node node : inputs["strata"]) {
      std::vector<std::uint64_t> numbers;
      for (json::Node number : node) numbers.push_back(Whole(number));
      REQUIRE(numbers.size() == 4);
      strata.push_back({numbers[0], numbers[1], numbers[2], numbers[3]});
    }
    const auto difference = MantelHaenszel(strata, *inputs["confidence"].AsNumber());
    REQUIRE(difference);
    CHECK(std::fabs(difference->value - *expected["difference"].AsNumber()) <= tolerance);
    CHECK(std::fabs(difference->interval.lower - *expected["lower"].AsNumber()) <= tolerance);
    CHECK(std::fabs(difference->interval.upper - *expected["upper"].AsNumber()) <= tolerance);
    const double deviation =
        (difference->interval.upper - difference->value) / NormalQuantile(0.5 + *inputs["confidence"].AsNumber() / 2);
    if (const auto z = expected["z"].AsNumber()) CHECK(std::fabs(difference->value / deviation - *z) <= 5e-5);
  });
  CHECK(count == 2);
}

TEST_CASE("strata that cannot be compared say nothing") {
  CHECK(!MantelHaenszel({}));
  CHECK(!MantelHaenszel({{3, 10, 0, 0}, {0, 0, 3, 10}}));
  CHECK(!MantelHaenszel({{0, 10, 0, 10}, {0, 5, 0, 5}}));  // nobody did: the interval is unknown
  const auto with = MantelHaenszel({{30, 100, 20, 100}, {5, 7, 0, 0}});
  const auto without = MantelHaenszel({{30, 100, 20, 100}});
  REQUIRE(with);
  REQUIRE(without);
  CHECK(with->value == without->value);
  CHECK(with->interval.lower == without->interval.lower);
}

// 2,000 experiments over two strata of other rates and other shares, b better by 3 points in either.
TEST_CASE(
    "the interval over strata holds the true difference as often as it says, that of all thrown together does not") {
  std::mt19937 random(1959);
  const auto draw = [&random](std::uint64_t n, double rate) {
    const auto below = static_cast<std::uint32_t>(rate * 4294967296.0);
    std::uint64_t count = 0;
    for (std::uint64_t i = 0; i < n; ++i) count += random() < below ? 1u : 0u;
    return count;
  };
  constexpr int kExperiments = 2000;
  int held = 0;
  int pooled_held = 0;
  for (int i = 0; i < kExperiments; ++i) {
    const std::vector<Stratum> strata = {{draw(240, 0.53), 240, draw(60, 0.5), 60},
                                         {draw(150, 0.13), 150, draw(150, 0.1), 150}};
    const auto difference = MantelHaenszel(strata);
    REQUIRE(difference);
    held += difference->interval.lower <= 0.03 && 0.03 <= difference->interval.upper;
    const Interval pooled = NewcombeInterval(strata[0].successes + strata[1].successes, 390,
                                             strata[0].control_successes + strata[1].control_successes, 210);
    pooled_held += pooled.lower <= 0.03 && 0.03 <= pooled.upper;
  }
  CAPTURE(held);
  CAPTURE(pooled_held);
  // Five standard deviations about 95 %.
  CHECK(held >= 1852);
  CHECK(held <= 1948);
  CHECK(pooled_held < kExperiments / 10);
}

TEST_CASE("chi-squares of independent groups add up with their degrees") {
  ChiSquare sum = SplitChiSquare({60, 40}, {1, 1});
  CHECK(sum.statistic == doctest::Approx(4));
  sum += SplitChiSquare({30, 20, 10}, {1, 1, 1});
  CHECK(sum.statistic == doctest::Approx(14));
  CHECK(sum.degrees == 3);
  CHECK(sum.P() == ChiSquareTail(sum.statistic, 3));
  CHECK(ChiSquare().P() == 1);
}

TEST_CASE("normal quantiles are exact to twelve digits") {
  const struct {
    double p, x;
  } rows[] = {{0.5, 0.0},
              {0.975, 1.959963984540054},
              {0.025, -1.959963984540054},
              {0.995, 2.575829303548901},
              {0.9, 1.2815515655446004},
              {1e-10, -6.361340902404056}};
  for (const auto& row : rows) {
    CAPTURE(row.p);
    CHECK(std::fabs(NormalQuantile(row.p) - row.x) < 1e-12);
  }
}

TEST_CASE("chi-square tails keep their digits far out") {
  // With two degrees of freedom the tail is exp(-x/2); with one it is erfc(sqrt(x/2)).
  for (const double x : {0.01, 0.5, 1.9, 2.1, 10.0, 98.0, 400.0, 1300.0}) {
    CAPTURE(x);
    CHECK(std::fabs(ChiSquareTail(x, 2) / std::exp(-x / 2) - 1) < 1e-11);
    CHECK(std::fabs(ChiSquareTail(x, 1) / std::erfc(std::sqrt(x / 2)) - 1) < 1e-11);
  }
  CHECK(ChiSquareTail(0, 3) == 1);
}

// Of even degrees the tail is a finite sum: exp(-x/2) * (1 + x/2 + (x/2)^2/2! + …).
TEST_CASE("the tail of many degrees is the sum that it is for even ones, on both sides of the middle") {
  for (const int degrees : {2, 18, 82, 998}) {
    for (const double factor : {0.5, 0.9, 1.0, 1.1, 1.5}) {
      CAPTURE(degrees);
      CAPTURE(factor);
      const double x = degrees * factor / 2;
      double sum = 0;
      for (int k = 0; k < degrees / 2; ++k) sum += std::exp(k * std::log(x) - x - std::lgamma(k + 1.0));
      CHECK(ChiSquareTail(2 * x, degrees) == doctest::Approx(sum).epsilon(1e-9));
    }
  }
}

TEST_CASE("intervals at the borders stay within the borders") {
  CHECK(WilsonInterval(0, 0).upper == 1);
  CHECK(WilsonInterval(0, 9).lower == 0);
  CHECK(WilsonInterval(9, 9).upper == 1);
}

}  // namespace
}  // namespace guidon::collector
