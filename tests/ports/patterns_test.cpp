#include <doctest/doctest.h>

#include <string>

#include "guidon/platform_parts.h"

namespace guidon {
namespace {

std::shared_ptr<const Pattern> Compiled(std::string_view pattern) {
  const auto patterns = Re2Patterns();
  REQUIRE(patterns.get() != nullptr);
  auto compiled = patterns->Compile(pattern);
  CAPTURE(compiled.status().message());
  REQUIRE(compiled.ok());
  return *compiled;
}

}  // namespace

TEST_CASE("a pattern matches where some part of the text does") {
  const struct {
    const char* pattern;
    const char* text;
    bool matches;
  } rows[] = {
      {"b", "abc", true},
      {"^b", "abc", false},
      {"^a.*z$", "a to z", true},
      {"^a.*z$", "a to z, and on", false},
      {"A", "a", false},
      {"(?i)GR\u00dcN", "gr\u00fcn", true},
      {"^.$", "\u00fc", true},
      {"^\\d{3}-\\d+$", "123-4", true},
      {"^\\d{3}-\\d+$", "12-4", false},
      {"^$", "", true},
      {"a|b", "xbx", true},
      {"\\x00", "a", false},
      {"a",
       "\xff"
       "a",
       true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.pattern);
    CAPTURE(row.text);
    CHECK(Compiled(row.pattern)->Matches(row.text) == row.matches);
  }
}

TEST_CASE("what is no pattern is refused in words") {
  const struct {
    const char* pattern;
    const char* reason;
  } rows[] = {
      {"(a", "missing )"},
      {"[a", "missing ]"},
      {"a**", "bad repetition operator"},
      {"a(?=b)", "cannot look ahead or behind"},
      {"a(?!b)", "cannot look ahead or behind"},
      {"(?<=a)b", "cannot look ahead or behind"},
      {"(?<!a)b", "cannot look ahead or behind"},
      {"(a)\\1", "cannot refer back to what a group matched"},
      {"\xff", "invalid UTF-8"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.pattern);
    const auto compiled = Re2Patterns()->Compile(row.pattern);
    REQUIRE_FALSE(compiled.ok());
    CAPTURE(compiled.status().message());
    CHECK(compiled.status().code() == StatusCode::kInvalidArgument);
    CHECK(compiled.status().message().find(row.reason) != std::string::npos);
  }
}

TEST_CASE("a short pattern with a long program is refused") {
  const auto compiled = Re2Patterns()->Compile("((a{100}){100}){10}");
  REQUIRE_FALSE(compiled.ok());
  const auto wide = Re2Patterns()->Compile("((\\pL{30}){30})");
  REQUIRE_FALSE(wide.ok());
  CHECK(wide.status().code() == StatusCode::kTooLarge);
}

TEST_CASE("a pattern outlives what compiled it") {
  auto patterns = Re2Patterns();
  const auto compiled = patterns->Compile("^a");
  patterns.reset();
  REQUIRE(compiled.ok());
  CHECK((*compiled)->Matches("abc"));
}

}  // namespace guidon
