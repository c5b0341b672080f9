#include "sdk/core/ruleset/version.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

using namespace guidon::ruleset;

TEST_CASE("versions are in the order of semver.org, each below the next") {
  // Semantic Versioning 2.0, section 11, and its neighbours.
  const char* const ascending[] = {
      "0.0.0",
      "0.0.1",
      "0.1.0",
      "1.0.0-0",
      "1.0.0-1",
      "1.0.0-9",
      "1.0.0-10",
      "1.0.0-99999999999999999999",
      "1.0.0--",
      "1.0.0-A",
      "1.0.0-alpha",
      "1.0.0-alpha.1",
      "1.0.0-alpha.beta",
      "1.0.0-alpha0",
      "1.0.0-beta",
      "1.0.0-beta.2",
      "1.0.0-beta.11",
      "1.0.0-rc.1",
      "1.0.0",
      "1.0.1",
      "1.2.0-rc.1",
      "1.2.0",
      "1.10.0",
      "2.0.0",
      "4294967295.0.0",
  };
  const std::size_t count = sizeof ascending / sizeof ascending[0];
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < count; ++k) {
      CAPTURE(ascending[i]);
      CAPTURE(ascending[k]);
      const auto a = ParseVersion(ascending[i]);
      const auto b = ParseVersion(ascending[k]);
      REQUIRE(a);
      REQUIRE(b);
      const int order = CompareVersions(*a, *b);
      CHECK((order < 0) == (i < k));
      CHECK((order > 0) == (i > k));
    }
  }
}

TEST_CASE("a leading v, missing parts and build metadata make no difference") {
  const struct {
    std::string text;
    const char* same;
  } rows[] = {
      {"v4.2.0", "4.2.0"},    {"V4.2.0", "4.2.0"},        {"4.2", "4.2.0"},
      {"v4", "4.0.0"},        {"4.2-beta", "4.2.0-beta"}, {"4-beta.1", "4.0.0-beta.1"},
      {"4.2.0+007", "4.2.0"}, {"4.2+a.b-c", "4.2.0"},     {"4.2.0-rc.1+x", "4.2.0-rc.1"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto version = ParseVersion(row.text);
    REQUIRE(version);
    CHECK(CompareVersions(*version, *ParseVersion(row.same)) == 0);
  }
}

TEST_CASE("what is no version is refused") {
  const std::string rows[] = {
      "",
      "v",
      "vv1",
      "1.",
      ".1",
      "1..2",
      "1.2.3.4",
      "01.2.3",
      "1.02.3",
      "1.2.03",
      "00.0.0",
      " 1.2.3",
      "1.2.3 ",
      "1.2.x",
      "a.b.c",
      "-1.2.3",
      "+1.2.3",
      "1.2.3-",
      "1.2.3-a..b",
      "1.2.3-01",
      "1.2.3-a.01",
      "1.2.3-\xC3\xA9",
      "1.2.3-a_b",
      "1.2.3+",
      "1.2.3+a+b",
      "1.2.3+a..b",
      "1,2,3",
      "4294967296.0.0",
      "999999999999999999999.0.0",
      "1.2.99999999999",
      "1.2.3-" + std::string(251, 'a'),
  };
  for (const std::string& text : rows) {
    CAPTURE(text);
    CHECK_FALSE(ParseVersion(text));
  }
  CHECK(ParseVersion("1.2.3-" + std::string(250, 'a')));
}

TEST_CASE("999999999999999999999.0.0, 1.2 and 01.2.3 are read in one way: no number overflows") {
  CHECK_FALSE(ParseVersion("999999999999999999999.0.0"));
  CHECK_FALSE(ParseVersion("4294967296.0.0"));
  CHECK(ParseVersion("4294967295.4294967295.4294967295"));
  const auto short_one = ParseVersion("1.2");
  REQUIRE(short_one);
  CHECK(short_one->parts == std::array<std::uint32_t, 3>{1, 2, 0});
  CHECK_FALSE(ParseVersion("01.2.3"));
  // In a pre-release numbers have no bound, and are compared by their length first.
  const auto long_one = ParseVersion("1.0.0-999999999999999999999");
  REQUIRE(long_one);
  CHECK(CompareVersions(*long_one, *ParseVersion("1.0.0-1000000000000000000000")) < 0);
  CHECK(CompareVersions(*long_one, *ParseVersion("1.0.0-18446744073709551616")) > 0);
}
