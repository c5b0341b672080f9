#include "tests/property/statistics.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "tests/property/sha256.h"

using namespace guidon::property;

TEST_CASE("the chi-square test comes to published figures") {
  const struct {
    std::string name;
    std::vector<std::size_t> counts;
    std::vector<double> shares;
    double p;
    double within;
  } rows[] = {
      {"1000 and 1200", {1000, 1200}, {0.5, 0.5}, 2.00786561243e-05, 1e-15},
      {"135 and 115", {135, 115}, {0.5, 0.5}, 0.205903210732, 1e-11},
      {"three quarters", {310, 98}, {0.75, 0.25}, 0.647434185702, 1e-11},
      {"one part", {1000, 900, 800}, {1, 0, 0}, 1, 0},
      {"a part of nothing", {1000, 1200, 900}, {0.5, 0.5, 0}, 2.00786561243e-05, 1e-15},
      {"nobody", {0, 0, 0}, {0.34, 0.33, 0.33}, 1, 0},
      {"nobody in one", {0, 10, 10}, {0.34, 0.33, 0.33}, 0.00579062440342, 1e-13},
      {"three parts", {500, 500, 600}, {0.34, 0.33, 0.33}, 0.000592637931527, 1e-14},
      {"just as expected", {500, 500}, {0.5, 0.5}, 1, 0},
      {"many", {821588, 815482}, {0.5, 0.5}, 1.82179287262e-06, 1e-16},
      {"very improbable", {166080, 171180, 166300}, {1 / 3.0, 1 / 3.0, 1 / 3.0}, 3.11632986544e-22, 1e-31},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const double p = ChiSquareP(row.counts, row.shares);
    CAPTURE(p);
    CHECK(p >= row.p - row.within);
    CHECK(p <= row.p + row.within);
  }
}

// Of even degrees the tail is a finite sum: exp(-x/2) * (1 + x/2 + (x/2)^2/2! + …).
TEST_CASE("the tail of many degrees is the sum that it is for even ones, on both sides of the middle") {
  for (const int degrees : {2, 18, 82, 998}) {
    for (const double factor : {0.5, 0.9, 1.0, 1.1, 1.5}) {
      const double x = degrees * factor / 2;
      // From the greatest exponent down in logarithms: exp(-x) alone would vanish.
      double sum = 0;
      for (int k = 0; k < degrees / 2; ++k) sum += std::exp(k * std::log(x) - x - std::lgamma(k + 1.0));
      CAPTURE(degrees);
      CAPTURE(factor);
      CHECK(ChiSquareTail(2 * x, degrees) == doctest::Approx(sum).epsilon(1e-9));
    }
  }
}

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

TEST_CASE("SHA-256 comes to the standard's examples") {
  CHECK(Sha256Hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(Sha256Hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(Sha256Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(Sha256Hex(std::string(1'000'000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
