#include "sdk/core/base/javascript.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <utility>

#include "sdk/core/base/json.h"
#include "tests/unit/core/dice.h"

namespace guidon::javascript {

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
    CHECK(ToText(number) == text);
  }
}

TEST_CASE("any number reads back as itself") {
  testing::Dice dice(1);
  for (int i = 0; i < 20'000; ++i) {
    const double number = static_cast<double>(static_cast<std::int64_t>(dice.Next() >> dice.Below(60))) /
                          static_cast<double>(1 + (dice.Next() >> dice.Below(64)));
    CAPTURE(number);
    CHECK(std::strtod(ToText(number).c_str(), nullptr) == number);
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
    CHECK(ToText(document->root().ToValue()) == text);
  }
  CHECK(ToText(Value()) == "null");
  std::string deep;
  for (int i = 0; i < 60; ++i) deep = "[" + deep + "]";
  const auto document = json::Document::Parse(deep, nullptr);
  if (document) CHECK(ToText(document->root().ToValue()).empty());
}

TEST_CASE("a text is read as JavaScript reads a number") {
  const std::pair<const char*, double> rows[] = {{"", 0},
                                                 {"  ", 0},
                                                 {"12", 12},
                                                 {" \u00a0\n12.5\ufeff ", 12.5},
                                                 {"+5", 5},
                                                 {"-5", -5},
                                                 {".5", 0.5},
                                                 {"5.", 5},
                                                 {"-.5e1", -5},
                                                 {"007", 7},
                                                 {"00.5", 0.5},
                                                 {"1e3", 1000},
                                                 {"1E-3", 0.001},
                                                 {"0x1F", 31},
                                                 {"0b101", 5},
                                                 {"0o17", 15},
                                                 {"1e400", HUGE_VAL},
                                                 {"-1e400", -HUGE_VAL},
                                                 {"1e-400", 0},
                                                 {"Infinity", HUGE_VAL},
                                                 {"-Infinity", -HUGE_VAL},
                                                 {"123456789012345678901234567890", 123456789012345678901234567890.0}};
  for (const auto& [text, number] : rows) {
    CAPTURE(text);
    CHECK(ToNumber(std::string_view(text)) == number);
  }
  for (const char* text :
       {".", "e5", "1e", "1e+", "1x", "- 5", "1 2", "0x", "0xg", "0b2", "-0x10", "infinity", "NaN", "1_000", "１"}) {
    CAPTURE(text);
    CHECK(std::isnan(ToNumber(std::string_view(text))));
  }
}

TEST_CASE("a value's number, truth and JSON are JavaScript's") {
  struct Row {
    const char* json;
    double number;
    bool is_truthy;
    const char* text;
  };
  const double none = std::numeric_limits<double>::quiet_NaN();
  const Row rows[] = {{"null", 0, false, "null"},
                      {"true", 1, true, "true"},
                      {"false", 0, false, "false"},
                      {"0.0", 0, false, "0"},
                      {"12.50", 12.5, true, "12.5"},
                      {R"("")", 0, false, R"("")"},
                      {R"("0")", 0, true, R"("0")"},
                      {R"("a\"\u000a")", none, true, R"("a\"\n")"},
                      {"[]", 0, true, "[]"},
                      {"[5]", 5, true, "[5]"},
                      {"[1, [2.0, null]]", none, true, "[1,[2,null]]"},
                      {"{}", none, true, "{}"},
                      {R"({"b": 1, "a": {"c": []}})", none, true, R"({"b":1,"a":{"c":[]}})"}};
  for (const Row& row : rows) {
    CAPTURE(row.json);
    const auto document = json::Document::Parse(row.json, nullptr);
    REQUIRE(document);
    const Value value = document->root().ToValue();
    CHECK((std::isnan(row.number) ? std::isnan(ToNumber(value)) : ToNumber(value) == row.number));
    CHECK(IsTruthy(value) == row.is_truthy);
    CHECK(ToJson(value) == row.text);
  }
  CHECK_FALSE(IsTruthy(Value(none)));
  CHECK(ToJson(Value(none)) == "null");
}

TEST_CASE("texts are in the order of their UTF-16 units") {
  // U+1F600 begins with the unit D83D, which is before U+FFFD; its bytes are behind.
  const std::string face = "\U0001F600", replacement = "\uFFFD";
  CHECK(face > replacement);
  CHECK(OrderKey(face) < OrderKey(replacement));
  CHECK(OrderKey("a\u00e9\uFFFD") == "a\u00e9\uFFFD");
  CHECK(OrderKey("a") < OrderKey(face));
  CHECK(OrderKey("\U0001F600") < OrderKey("\U0001F601"));
  CHECK(HasOrderKey("x" + face));
  CHECK_FALSE(HasOrderKey(replacement));
}

}  // namespace guidon::javascript
