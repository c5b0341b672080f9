// A body for each variant, and for each pair of them.
#include "guidon/testing/variants.h"

#include <doctest/doctest.h>

#include <set>

#include "guidon/testing.h"
#include "tests/unit/testing/heard.h"

namespace guidon::testing {
namespace {

Datafile WithExperiments(std::size_t count, std::size_t variants) {
  Datafile datafile;
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<TestVariant> all;
    for (std::size_t v = 0; v < variants; ++v) {
      all.push_back({"v" + std::to_string(v), {{"flag-" + std::to_string(i), static_cast<std::int64_t>(v)}}});
    }
    datafile.Experiment("e" + std::to_string(i), all);
  }
  return datafile;
}

TEST_CASE("each variant runs the body once, with a client of its own, and is named where it fails") {
  Heard heard;
  std::vector<std::int64_t> values;
  ForEachVariant(WithExperiments(1, 3), "e0", [&](TestClient& test) {
    values.push_back(test.client().Get(guidon::Flag<std::int64_t>("flag-0", -1)));
    CHECK(test.events().Exposed("e0", "v" + std::to_string(values.back()), kOnce));
    CHECK(test.events().All().size() == 1);
    CHECK(test.name() == heard.places.back());
  });
  CHECK(values == std::vector<std::int64_t>{0, 1, 2});
  CHECK(heard.places == std::vector<std::string>{"e0: v0", "e0: v1", "e0: v2"});
  CHECK(heard.failures.empty());
}

TEST_CASE("what the kit finds is told with the variant in which it was, and an unknown experiment fails") {
  Heard heard;
  ForEachVariant(WithExperiments(1, 2), "e0",
                 [](TestClient& test) { (void)test.client().Get(guidon::Flag<bool>("typo", false)); });
  REQUIRE(heard.failures.size() == 2);
  CHECK(heard.failures[1].rfind("e0: v1: the flag \"typo\"", 0) == 0);
  ForEachVariant(Datafile(), "none", [](TestClient&) { FAIL("there is nothing to run"); });
  CHECK(heard.failures.back() == "there is no experiment \"none\" to try the variants of");
}

TEST_CASE("all pairs meet, in few rows, whatever the sizes") {
  const struct {
    std::vector<std::size_t> sizes;
    std::size_t most_rows;
  } rows[] = {{{}, 0},
              {{4}, 4},
              {{2, 2}, 4},
              {{1, 1, 1}, 1},
              {{2, 2, 2, 2}, 6},
              {{3, 3, 3, 3, 3}, 14},
              {{5, 2, 3, 4}, 20},
              {{2, 2, 2, 2, 2, 2, 2, 2, 2, 2}, 11},
              {{8, 8, 8}, 64}};
  for (const auto& row : rows) {
    CAPTURE(row.sizes.size());
    const auto pairs = PairRows(row.sizes);
    CHECK(pairs.size() <= row.most_rows);
    CHECK(pairs == PairRows(row.sizes));
    std::set<std::vector<std::size_t>> met;
    for (const auto& each : pairs) {
      REQUIRE(each.size() == row.sizes.size());
      for (std::size_t a = 0; a < each.size(); ++a) {
        CHECK(each[a] < row.sizes[a]);
        for (std::size_t b = a + 1; b < each.size(); ++b) met.insert({a, each[a], b, each[b]});
      }
    }
    std::size_t wanted = 0;
    for (std::size_t a = 0; a < row.sizes.size(); ++a) {
      for (std::size_t b = a + 1; b < row.sizes.size(); ++b) wanted += row.sizes[a] * row.sizes[b];
    }
    CHECK(met.size() == wanted);
  }
  CHECK(PairRows({3, 0, 2}).empty());
}

TEST_CASE("clients meet each pair of variants") {
  std::set<std::string> met;
  ForAllPairs(WithExperiments(3, 2), {"e0", "e1", "e2"}, [&](TestClient& test) {
    std::string values;
    for (const char* flag : {"flag-0", "flag-1", "flag-2"}) {
      values += std::to_string(test.client().Get(guidon::Flag<std::int64_t>(flag, -1)));
    }
    for (std::size_t a = 0; a < 3; ++a) {
      for (std::size_t b = a + 1; b < 3; ++b) {
        met.insert(std::to_string(a) + values[a] + std::to_string(b) + values[b]);
      }
    }
  });
  CHECK(met.size() == 12);
}

}  // namespace
}  // namespace guidon::testing
