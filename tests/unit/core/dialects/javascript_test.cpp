#include "sdk/core/dialects/javascript.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <limits>
#include <string>
#include <utility>

#include "tests/unit/core/dice.h"

namespace guidon::dialects {

TEST_CASE("a number is written as JavaScript writes it") {
  const std::pair<double, const char*> rows[] = {
      {0, "0"},
      {-0.0, "0"},
      {42, "42"},
      {-1, "-1"},
      {0.1, "0.1"},
      {-12.5, "-12.5"},
      {100, "100"},
      {123456789, "123456789"},
      {1e20, "100000000000000000000"},
      {123456789012345680000.0, "123456789012345680000"},
      {1e21, "1e+21"},
      {1.5e300, "1.5e+300"},
      {0.000001, "0.000001"},
      {0.0000012, "0.0000012"},
      {1e-7, "1e-7"},
      {1.25e-7, "1.25e-7"},
      {5e-324, "5e-324"},
      {9007199254740993.0, "9007199254740992"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {std::numeric_limits<double>::quiet_NaN(), "NaN"},
      {std::numeric_limits<double>::infinity(), "Infinity"},
      {-std::numeric_limits<double>::infinity(), "-Infinity"},
  };
  for (const auto& [number, text] : rows) {
    CAPTURE(text);
    CHECK(JavaScriptText(number) == text);
  }
}

TEST_CASE("any number reads back as itself") {
  testing::Dice dice(1);
  for (int i = 0; i < 20'000; ++i) {
    const double number = static_cast<double>(static_cast<std::int64_t>(dice.Next() >> dice.Below(60))) /
                          static_cast<double>(1 + (dice.Next() >> dice.Below(64)));
    CAPTURE(number);
    CHECK(std::strtod(JavaScriptText(number).c_str(), nullptr) == number);
  }
}

TEST_CASE("a value's text is JavaScript's") {
  const std::pair<const char*, const char*> rows[] = {{R"("a b")", "a b"},
                                                      {"null", "null"},
                                                      {"true", "true"},
                                                      {"1.50", "1.5"},
                                                      {"12", "12"},
                                                      {"[]", ""},
                                                      {R"([1,"a",null,true,[2,3]])", "1,a,,true,2,3"},
                                                      {R"([null])", ""},
                                                      {R"({"a":1})", "[object Object]"},
                                                      {R"([{}, "x"])", "[object Object],x"}};
  for (const auto& [json, text] : rows) {
    CAPTURE(json);
    const auto document = json::Document::Parse(json, nullptr);
    REQUIRE(document);
    CHECK(JavaScriptText(document->root()) == text);
  }
  CHECK(JavaScriptText(json::Node()) == "null");
  std::string deep;
  for (int i = 0; i < 60; ++i) deep = "[" + deep + "]";
  const auto document = json::Document::Parse(deep, nullptr);
  if (document) CHECK(JavaScriptText(document->root()).empty());
}

}  // namespace guidon::dialects
