#include "sdk/core/base/json_writer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "sdk/core/base/json.h"
#include "tests/unit/core/dice.h"

using namespace guidon;
using namespace guidon::json;

namespace {

double RandomDouble(testing::Dice* dice) {
  const std::uint64_t bits = dice->Next();
  double number = 0;
  std::memcpy(&number, &bits, sizeof number);
  return std::isfinite(number) ? number : 0.1;
}

std::string RandomText(testing::Dice* dice) {
  static const char* const kParts[] = {"a",
                                       "\"",
                                       "\\",
                                       "/",
                                       "\n",
                                       "\x7f",
                                       "\x1f",
                                       "\t",
                                       "\xC3\xA9",
                                       "\xE2\x82\xAC",
                                       "\xF0\x9F\x98\x80",
                                       "\xEF\xBF\xBF",
                                       "<",
                                       "\xEE\x80\x80"};
  std::string text;
  for (std::size_t i = dice->Below(12); i > 0; --i) text += dice->Pick(kParts);
  if (dice->Chance(10)) text += '\0';
  return text;
}

Value RandomValue(testing::Dice* dice, std::size_t depth) {
  switch (dice->Below(depth > 5 ? 5 : 7)) {
    case 0: return Value();
    case 1: return Value(dice->Chance(50));
    case 2: return Value(static_cast<std::int64_t>(dice->Next() >> dice->Below(64)));
    case 3: return Value(RandomDouble(dice));
    case 4: return Value(RandomText(dice));
    case 5: {
      List list;
      for (std::size_t i = dice->Below(5); i > 0; --i) list.push_back(RandomValue(dice, depth + 1));
      return Value(std::move(list));
    }
    default: {
      Object object;
      for (std::size_t i = dice->Below(5); i > 0; --i) {
        object.push_back({std::to_string(i) + (dice->Chance(50) ? "\xC3\xA9~/" : ""), RandomValue(dice, depth + 1)});
      }
      return Value(std::move(object));
    }
  }
}

// The writer's layouts of a value.
std::string Indented(const Value& value) {
  std::string text;
  Writer(&text, 2).Any(value);
  return text;
}

}  // namespace

TEST_CASE("whatever is written reads back the same, compact and laid out") {
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    CAPTURE(seed);
    testing::Dice dice(seed);
    const Value value = RandomValue(&dice, 0);
    for (const std::string& text : {ToText(value), Indented(value)}) {
      CAPTURE(text);
      Error error;
      const auto document = Document::Parse(text, &error);
      REQUIRE_MESSAGE(document.has_value(), error.ToText());
      CHECK(document->root().ToValue() == value);
      CHECK(document->root().ToText() == ToText(value));
    }
  }
}

TEST_CASE("commas, colons and line breaks stand where they belong") {
  std::string text;
  Writer writer(&text);
  writer.BeginObject().Key("a").BeginArray().Int(1).Null().BeginObject().End().End();
  writer.Key("b").Raw("[2]").Key("c").Uint(std::numeric_limits<std::uint64_t>::max()).End();
  CHECK(text == R"({"a":[1,null,{}],"b":[2],"c":18446744073709551615})");

  std::string laid_out;
  Writer(&laid_out, 2).BeginObject().Key("a").BeginArray().Int(1).End().Key("b").BeginObject().End().End();
  CHECK(laid_out == "{\n  \"a\": [\n    1\n  ],\n  \"b\": {}\n}");
}

TEST_CASE("numbers are written so that they read back as the same type and value") {
  const struct {
    double number;
    const char* text;
  } rows[] = {
      {1, "1.0"},
      {-0.0, "-0.0"},
      {0.1, "0.1"},
      {1e21, "1e+21"},
      {5e-324, "5e-324"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {100000, "1e+05"},
      {NAN, "null"},
      {HUGE_VAL, "null"},
      {-HUGE_VAL, "null"},
      {9007199254740993.0, "9007199254740992.0"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.number);
    CHECK(ToText(Value(row.number)) == row.text);
  }
}

TEST_CASE("control characters are escaped and bytes that are not UTF-8 replaced") {
  CHECK(ToText(Value("a\"\\\n\r\t\b\x01\x1f/")) == R"("a\"\\\n\r\t\u0008\u0001\u001f/")");
  CHECK(ToText(Value(std::string("\xFFx\xC0\xAFy\xE2\x82", 7))) ==
        "\"\xEF\xBF\xBDx\xEF\xBF\xBD\xEF\xBF\xBDy\xEF\xBF\xBD\xEF\xBF\xBD\"");
}
