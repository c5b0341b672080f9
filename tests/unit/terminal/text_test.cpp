#include "samples/terminal/text.h"

#include <doctest/doctest.h>

using namespace notes;

TEST_CASE("clean text cannot steer the terminal") {
  struct Row {
    const char* name;
    std::string text;
    std::string clean;
  };
  const Row rows[] = {
      {"plain", "Grüße, 日本", "Grüße, 日本"},
      {"escape sequence", "a\x1b[2Jb", "a [2Jb"},
      {"newline and tab", "a\nb\tc", "a b c"},
      {"C1 control, as UTF-8",
       "a\xC2\x9B"
       "b",
       "a b"},
      {"text that runs backwards",
       "a\xE2\x80\xAE"
       "b",
       "a b"},
      {"lonely byte",
       "a\xFF"
       "b",
       "a\xEF\xBF\xBD"
       "b"},
      {"overlong", "\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"cut short", "a\xE6\x97", "a\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"surrogate", "\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(Clean(row.text) == row.clean);
  }
}

TEST_CASE("text fits its columns exactly") {
  struct Row {
    const char* text;
    std::size_t columns;
    const char* fitted;
  };
  const Row rows[] = {
      {"abc", 5, "abc  "},
      {"abc", 3, "abc"},
      {"abcdef", 4, "abc…"},
      {"", 2, "  "},
      {"日本語", 5, "日本…"},
      {"日本語", 4, "日… "},
      {"e\xCC\x81"
       "a",
       2,
       "e\xCC\x81"
       "a"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(Fit(row.text, row.columns, "…") == row.fitted);
    CHECK(Columns(Fit(row.text, row.columns, "…")) == row.columns);
  }
}

TEST_CASE("long text is broken at spaces, and inside words only where it must be") {
  CHECK(Wrap("one two three", 8) == std::vector<std::string>{"one two", "three"});
  CHECK(Wrap("one two three", 7) == std::vector<std::string>{"one two", "three"});
  CHECK(Wrap("abcdefgh", 3) == std::vector<std::string>{"abc", "def", "gh"});
  CHECK(Wrap("  abcdef", 5) == std::vector<std::string>{"  abc", "def"});
  CHECK(Wrap("", 5).empty());
}

TEST_CASE("backspace takes a whole character") {
  std::string text = "aé日";
  CHECK(DropLastCharacter(&text));
  CHECK(text == "aé");
  CHECK(DropLastCharacter(&text));
  CHECK(text == "a");
  CHECK(DropLastCharacter(&text));
  CHECK_FALSE(DropLastCharacter(&text));
}
