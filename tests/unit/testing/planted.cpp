// Fails on purpose, in three ways, under whichever framework it is built with: CMakeLists.txt looks for what is
// printed.
#if defined(PLANTED_GTEST)
#include <gtest/gtest.h>
#define PLANTED_CASE() TEST(Planted, Fails)
#define CHECK(what) EXPECT_TRUE(what)
#define CHECK_FALSE(what) EXPECT_FALSE(what)
#elif defined(PLANTED_CATCH2)
#include <catch2/catch.hpp>
#define PLANTED_CASE() TEST_CASE("fails")
#else
#include <doctest/doctest.h>
#define PLANTED_CASE() TEST_CASE("fails")
#endif

#include "guidon/testing.h"

#if defined(PLANTED_GTEST)
GUIDON_TESTING_WITH_GTEST();
#elif defined(PLANTED_CATCH2)
GUIDON_TESTING_WITH_CATCH2();
#else
GUIDON_TESTING_WITH_DOCTEST();
#endif

namespace guidon::testing {

PLANTED_CASE() {
  const Datafile datafile = Datafile().Experiment("color", {{"red", {{"tint", 1}}}, {"blue", {{"tint", 2}}}});
  ForEachVariant(datafile, "color", [](TestClient& test) {
    (void)test.client().Get(guidon::Flag<std::int64_t>("tint", 0));
    CHECK(test.events().Exposed("color", "blue"));
    CHECK_FALSE(test.events().Exposed("color", "red"));
    CHECK_FALSE(test.client().Get(guidon::Flag<bool>("typo", false)));
  });
}

}  // namespace guidon::testing
