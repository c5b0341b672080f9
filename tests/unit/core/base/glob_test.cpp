#include "sdk/core/base/glob.h"

#include <doctest/doctest.h>

#include <string>

#include "guidon/limits.h"
#include "tests/unit/core/dice.h"

using namespace guidon;
using namespace guidon::testing;

namespace {

std::size_t Character(std::string_view text) {
  std::size_t size = 1;
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) ++size;
  return size;
}

// What the words say, at any cost: every length that a * may have is tried.
bool Model(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    return Model(pattern.substr(1), text) || (!text.empty() && Model(pattern, text.substr(Character(text))));
  }
  if (text.empty()) return false;
  if (pattern[0] == '?') return Model(pattern.substr(1), text.substr(Character(text)));
  if (pattern[0] == '\\') pattern.remove_prefix(1);
  return pattern[0] == text[0] && Model(pattern.substr(1), text.substr(1));
}

}  // namespace

TEST_CASE("* is any run of characters, ? one character, and a backslash takes the next as it is") {
  const struct {
    std::string pattern;
    std::string text;
    bool matches;
  } rows[] = {
      {"abc", "abc", true},
      {"abc", "abcd", false},
      {"abc", "xabc", false},
      {"abc", "ABC", false},
      {"a*", "a", true},
      {"a*", "abc", true},
      {"*c", "abc", true},
      {"*c", "abcd", false},
      {"/docs/*/edit", "/docs/a/b/edit", true},
      {"/docs/*/edit", "/docs/edit", false},
      {"a*b*c", "a-b-b-c-c", true},
      {"a**c", "ac", true},
      {"a?c", "abc", true},
      {"a?c", "ac", false},
      {"a?c",
       "a\xc3\xa9"
       "c",
       true},
      {"a??c",
       "a\xc3\xa9"
       "c",
       false},
      {"*??", "\xc3\xa9", false},
      {"?", "", false},
      {"*?", "", false},
      {"a\\*", "a*", true},
      {"a\\*", "abc", false},
      {"\\?\\\\", "?\\", true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.pattern);
    CAPTURE(row.text);
    CHECK(glob::Matches(row.pattern, row.text) == row.matches);
    CHECK(Model(row.pattern, row.text) == row.matches);
  }
}

TEST_CASE("a pattern matches what trying every length of every * finds") {
  const char* const kPieces[] = {"a", "b", "*", "*", "?", "\xc3\xa9", "\\*", "\\?"};
  const char* const kLetters[] = {"a", "b", "a", "*", "\xc3\xa9", "?"};
  std::size_t matched = 0;
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    std::string pattern;
    std::string text;
    for (std::size_t i = dice.Below(7); i > 0; --i) pattern += dice.Pick(kPieces);
    for (std::size_t i = dice.Below(9); i > 0; --i) text += dice.Pick(kLetters);
    CAPTURE(pattern);
    CAPTURE(text);
    const bool expected = Model(pattern, text);
    REQUIRE(glob::Matches(pattern, text) == expected);
    matched += expected ? 1 : 0;
  }
  CHECK(matched > 1'000);
}

TEST_CASE("many stars over a long text cost steps by their product and no more") {
  std::string pattern;
  while (pattern.size() + 2 < limits::kGlobBytes) pattern += "a*";
  const std::string text(limits::kAttributeBytes, 'a');
  CHECK(glob::Matches(pattern, text));
  std::size_t steps = 0;
  CHECK_FALSE(glob::Matches(pattern + "b", text, &steps));
  CHECK(steps <= (text.size() + 1) * (pattern.size() + 2));
  const std::string literals = "*" + std::string(limits::kGlobBytes - 2, 'a') + "b";
  CHECK_FALSE(glob::Matches(literals, text, &steps));
  CHECK(steps <= (text.size() + 1) * (literals.size() + 1));
}

TEST_CASE("*a*a*a*a*b over a text of one letter takes steps in proportion to the text") {
  std::size_t steps = 0;
  for (const std::size_t size : {1'024u, 2'048u, 16'384u}) {
    CAPTURE(size);
    CHECK_FALSE(glob::Matches("*a*a*a*a*b", std::string(size, 'a'), &steps));
    CHECK(steps <= 2 * size);
    CHECK(glob::Matches("*a*a*a*a*b", std::string(size, 'a') + "b", &steps));
    CHECK(steps <= 2 * size);
  }
}

TEST_CASE("a pattern that says nothing, or is too long, is refused with its reason") {
  CHECK(glob::WhyBad("a*b?\\*") == "");
  CHECK(glob::WhyBad("?*") == "");
  CHECK(glob::WhyBad("") == "is empty, so only an empty text would match");
  CHECK(glob::WhyBad("**") == "matches every text");
  CHECK(glob::WhyBad("a\\") == "ends with a \\ that stands before nothing");
  CHECK(glob::WhyBad("a\\\\") == "");
  CHECK(glob::WhyBad(std::string(limits::kGlobBytes, 'a')) == "");
  CHECK(glob::WhyBad(std::string(limits::kGlobBytes + 1, 'a')) == "has more than 256 bytes");
}
