#include "tests/property/statistics.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

using namespace guidon::property;

TEST_CASE("Kolmogorov's distribution has the quantiles of the tables") {
  const struct {
    double lambda;
    double p;
  } rows[] = {{1.2238, 0.10}, {1.3581, 0.05}, {1.5174, 0.02}, {1.6276, 0.01}, {1.9495, 0.001}};
  for (const auto& row : rows) {
    CAPTURE(row.lambda);
    // With so many numbers Stephens' correction is as good as none.
    CHECK(KolmogorovP(row.lambda / 1e6, 1'000'000'000'000) == doctest::Approx(row.p).epsilon(1e-3));
  }
  CHECK(UniformP({0.125, 0.375, 0.625, 0.875}) > 0.99);
  CHECK(UniformP(std::vector<double>(50, 0.5)) < 1e-9);
}

TEST_CASE("a table tells dependence from independence") {
  Table even;
  Table diagonal;
  for (auto& row : even.cells) row.fill(100);
  for (std::size_t i = 0; i < 10; ++i) diagonal.cells[i][i] = 1000;
  CHECK(even.IndependenceP() == 1.0);
  CHECK(even.Phi() == 0.0);
  CHECK(diagonal.IndependenceP() < 1e-300);
  CHECK(diagonal.Phi() == 1.0);
}

TEST_CASE("tables of any size are held against their rows and columns") {
  const struct {
    std::string name;
    std::vector<std::vector<std::uint64_t>> table;
    double statistic;
    int degrees;
  } rows[] = {
      {"independent", {{10, 20, 30}, {20, 40, 60}}, 0, 2},
      {"two by two", {{20, 30}, {30, 20}}, 4, 1},
      {"two by three", {{10, 20, 30}, {30, 20, 10}}, 20, 2},
      {"an empty row", {{20, 30}, {0, 0}, {30, 20}}, 4, 1},
      {"an empty column", {{20, 0, 30}, {30, 0, 20}}, 4, 1},
      {"one row", {{20, 30}}, 0, 0},
      {"nothing", {}, 0, 0},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto chi_square = IndependenceChiSquare(row.table);
    CHECK(chi_square.statistic == doctest::Approx(row.statistic));
    CHECK(chi_square.degrees == row.degrees);
  }
}
