#include "sdk/core/dialects/growthbook/bucketing.h"

#include <doctest/doctest.h>

#include <string>

namespace guidon::dialects::growthbook {

TEST_CASE("a unit's bucket is that of the version asked for, and of no other") {
  struct Row {
    const char* seed;
    const char* value;
    std::uint32_t first, second;  // thousandths, ten thousandths
  };
  const Row rows[] = {{"my-test", "user-1", 401, 323}, {"my-test", "\xC3\xA9", 265, 8961}};
  for (const Row& row : rows) {
    CAPTURE(row.value);
    const auto first = BucketOf(row.seed, row.value, 1);
    const auto second = BucketOf(row.seed, row.value, 2);
    REQUIRE(first);
    REQUIRE(second);
    CHECK(first->number == row.first);
    CHECK(first->of == 1'000);
    CHECK(second->number == row.second);
    CHECK(second->of == 10'000);
  }
  CHECK(BucketOf("s", "\xF0\x9F\x98\x80", 1)->share() == 0.001);
  CHECK(BucketOf("s", "\xE6\x97\xA5\xE6\x9C\xAC", 2)->share() == 0.0984);
  for (const std::int64_t version : {0, -1, 3, 99}) CHECK_FALSE(BucketOf("s", "v", version));
}

TEST_CASE("variations share out the units by their weights, as far as coverage goes") {
  const auto half = RangesOf(2, 0.5, {0.2, 0.8});
  REQUIRE(half.size() == 2);
  CHECK(half[0].end == doctest::Approx(0.1));
  CHECK(half[1].begin == doctest::Approx(0.2));
  CHECK(half[1].end == doctest::Approx(0.6));
  CHECK(RangesOf(2, 1, {0.3, 0.3, 0.4})[1].begin == 0.5);  // as many weights as variations, or none
  CHECK(RangesOf(2, 1, {0.5, 0.6})[1].begin == 0.5);
  CHECK(RangesOf(2, 7, {})[1].end == 1.0);
  CHECK(RangesOf(2, -1, {})[1].end == 0.5);
  CHECK(RangesOf(0, 1, {}).empty());
  CHECK(RangesOf(-3, 1, {}).empty());
  CHECK(RangesOf(INT64_MAX, 1, {}).size() <= 10'000);  // whatever a payload says
}

TEST_CASE("a share is in the first range that has it; a range's end is outside") {
  const std::vector<ShareRange> ranges = {{0, 0.25}, {0.2, 0.5}};
  CHECK(VariationAt(0, ranges) == 0u);
  CHECK(VariationAt(0.2, ranges) == 0u);
  CHECK(VariationAt(0.25, ranges) == 1u);
  CHECK_FALSE(VariationAt(0.5, ranges));
  CHECK_FALSE(VariationAt(0.5, {}));
}

TEST_CASE("a query asks for a variation by the experiment's key and a number that is one of them") {
  struct Row {
    const char* url;
    int index;  // -1: none
  };
  const Row rows[] = {{"https://a.example/?exp=1", 1},
                      {"https://a.example/?x=0&exp=0&exp=1", 0},  // the first one counts
                      {"https://a.example/?exp=1.9#exp=0", 1},
                      {"https://a.example/?exp=+1", 1},
                      {"https://a.example/?exp=-0", 0},
                      {"https://a.example/?exp=1abc", 1},
                      {"https://a.example/?exp=3", -1},
                      {"https://a.example/?exp=99999999999999999999", -1},
                      {"https://a.example/?exp=", -1},
                      {"https://a.example/?exp", -1},
                      {"https://a.example/?exp2=1", -1},
                      {"https://a.example/#?exp=1", 1},  // as their SDK reads it: from the first question mark
                      {"", -1}};
  for (const Row& row : rows) {
    CAPTURE(row.url);
    const auto index = QueryOverride("exp", row.url, 3);
    CHECK((index ? static_cast<int>(*index) : -1) == row.index);
  }
}

}  // namespace guidon::dialects::growthbook
