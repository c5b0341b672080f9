#include "samples/terminal/commands.h"

#include <doctest/doctest.h>

using namespace notes;
using guidon::Value;

TEST_CASE("typed values are what they look like") {
  struct Row {
    const char* text;
    Value value;
  };
  const Row rows[] = {{"true", true},
                      {"false", false},
                      {"12", 12},
                      {"-3", -3},
                      {"1.5", 1.5},
                      {"1e3", 1000.0},
                      {"pro", "pro"},
                      {"12 apes", "12 apes"},
                      {"nan", "nan"},
                      {"0x10", "0x10"},
                      {"infinity", "infinity"},
                      {"9223372036854775807", INT64_MAX}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK((ParseValue(row.text) == row.value));
  }
}

TEST_CASE("a value reads as people say it") {
  CHECK(ValueText(true) == "on");
  CHECK(ValueText(false) == "off");
  CHECK(ValueText(256) == "256");
  CHECK(ValueText(0.5) == "0.5");
  CHECK(ValueText("icon") == "icon");
  CHECK(ValueText(Value()) == "none");
  CHECK(ValueText(guidon::List{}) == "(json)");
}
