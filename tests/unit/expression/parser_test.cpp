#include "sdk/core/expression/parser.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

#include "guidon/limits.h"
#include "sdk/core/expression/render.h"

using namespace guidon;
using namespace guidon::expression;

namespace {

std::string Publish(std::string_view text) {
  Error error;
  const std::optional<Tree> tree = Parse(text, &error);
  return tree ? ToJson(*tree) : "error at " + std::to_string(error.offset) + ": " + error.reason;
}

}  // namespace

TEST_CASE("every form of condition is published as the format says") {
  const struct {
    const char* text;
    const char* published;
  } rows[] = {
      {"plan == 'pro'", R"({"op":"==","attribute":"plan","value":"pro"})"},
      {"plan != \"pro\"", R"({"op":"!=","attribute":"plan","value":"pro"})"},
      {"seats < 5", R"({"op":"<","attribute":"seats","value":5})"},
      {"seats >= -2.5", R"({"op":">=","attribute":"seats","value":-2.5})"},
      {"5 < seats", R"({"op":">","attribute":"seats","value":5})"},
      {"'pro' == plan", R"({"op":"==","attribute":"plan","value":"pro"})"},
      {"tester == true", R"({"op":"==","attribute":"tester","value":true})"},
      {"size == 9223372036854775807", R"({"op":"==","attribute":"size","value":9223372036854775807})"},
      {"upload-speed > 3", R"({"op":">","attribute":"upload-speed","value":3})"},
      {"version(app.version) >= version('4.2.0')", R"({"op":">=","attribute":"app.version","version":"4.2.0"})"},
      {"version(app.version) != '4.2'", R"({"op":"!=","attribute":"app.version","version":"4.2.0"})"},
      {"version('4') <= version(v)", R"({"op":">=","attribute":"v","version":"4.0.0"})"},
      {"version(v) == '4.2.0-beta.1+7'", R"({"op":"==","attribute":"v","version":"4.2.0-beta.1+7"})"},
      {"date(born) < date('2026-12-01')", R"({"op":"<","attribute":"born","date":"2026-12-01T00:00:00Z"})"},
      {"date(born) > '2026-12-01T10:00:00+02:00'", R"({"op":">","attribute":"born","date":"2026-12-01T08:00:00Z"})"},
      {"now >= date('2026-12-01')", R"({"op":"since","date":"2026-12-01T00:00:00Z"})"},
      {"now < date('2026-12-01T12:00:00.5Z')", R"({"op":"before","date":"2026-12-01T12:00:00.500Z"})"},
      {"date('2026-12-01') <= now", R"({"op":"since","date":"2026-12-01T00:00:00Z"})"},
      {"plan in ['pro', 3, true,]", R"({"op":"in","attribute":"plan","values":["pro",3,true]})"},
      {"mail.contains('@')", R"({"op":"contains","attribute":"mail","value":"@"})"},
      {"a.b.startsWith('x')", R"({"op":"starts_with","attribute":"a.b","value":"x"})"},
      {"mail.endsWith('.org')", R"({"op":"ends_with","attribute":"mail","value":".org"})"},
      {"has(app.version)", R"({"op":"exists","attribute":"app.version"})"},
      {"segment('beta')", R"({"op":"segment","segment":"beta"})"},
      {"!has(a)", R"({"op":"not","of":[{"op":"exists","attribute":"a"}]})"},
      {"has(a)&&has(b)||has(c)",
       R"({"op":"or","of":[{"op":"and","of":[{"op":"exists","attribute":"a"},{"op":"exists","attribute":"b"}]},)"
       R"({"op":"exists","attribute":"c"}]})"},
      {"has(a) && (has(b) && has(c))",
       R"({"op":"and","of":[{"op":"exists","attribute":"a"},{"op":"exists","attribute":"b"},)"
       R"({"op":"exists","attribute":"c"}]})"},
      {"name == 'it\\'s \\u00e9\\n'", "{\"op\":\"==\",\"attribute\":\"name\",\"value\":\"it's \xc3\xa9\\n\"}"},
      {"name == 'Größe'", R"({"op":"==","attribute":"name","value":"Größe"})"},
      {"\n ( plan\t== 'a' ) ", R"({"op":"==","attribute":"plan","value":"a"})"},
      {"now.playing == 'x'", R"({"op":"==","attribute":"now.playing","value":"x"})"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CHECK(Publish(row.text) == row.published);
  }
}

TEST_CASE("a mistake is answered with its place, what was found and what would be right") {
  const struct {
    const char* text;
    std::size_t offset;
    const char* reason;
    const char* advice;
  } rows[] = {
      {"", 0, "is empty", "leave `when` out"},
      {"plan == 'pro", 8, "expected a closing '", "where the text ends"},
      {"plan = 'pro'", 5, "'=' is not known", "=="},
      {"plan === 'pro'", 5, "'===' is not known", "write =="},
      {"a == 1 and b == 2", 7, "'and' is not known", "write &&"},
      {"a == 1 or b == 2", 7, "'or' is not known", "write ||"},
      {"not (a == 1)", 0, "'not' is not known", "write !"},
      {"a == 1 & b == 2", 7, "'&' is not known", "write &&"},
      {"a => 1", 2, "'=>' is not known", "write >="},
      {"a <> 1", 2, "'<>' is not known", "write !="},
      {"plan == \u2018pro\u2019", 8, "word processors", "write '"},
      {"a \u2265 3", 2, "word processors", "write >="},
      {"versoin(app) >= '1'", 0, "unknown function 'versoin'", "did you mean version?"},
      {"frobnicate(app)", 0, "unknown function 'frobnicate'", "there are version(x)"},
      {"count('open', '7d') > 3", 0, "count() needs behaviour history, which this version does not have", ""},
      {"since_last('open') > 3", 0, "since_last() needs behaviour history", ""},
      {"flag('x') == true", 0, "flag() is not supported", ""},
      {"a.startswith('x')", 2, "unknown method 'startswith'", "did you mean startsWith?"},
      {"a.matches('x')", 2, "matches() is not supported", "contains"},
      {"contains(a, 'x')", 0, "contains needs an attribute before it", "x.contains('text')"},
      {"a.contains(b)", 11, "contains needs a text in quotes", "a.contains('text')"},
      {"version(app) >= 4", 16, "a version cannot be compared with a number", "version('4')"},
      {"version(app) >= 4.2", 16, "a version cannot be compared with a number", "version('4.2')"},
      {"version(app) >= 4.2.0", 16, "'4.2.0' is not a number", "version('4.2.0')"},
      {"version(app) >= 'v4'", 16, "'v4' is not a version", "without a leading v"},
      {"version(app) >= '4.2.0-01'", 16, "'4.2.0-01' is not a version", "4.2.0-beta.1"},
      {"version(app) >= '4.2.0+a+b'", 16, "'4.2.0+a+b' is not a version", "4.2.0-beta.1"},
      {"version(app) >= '4.2.0.1'", 16, "'4.2.0.1' is not a version", "4.2.0-beta.1"},
      {"version(app) >= '4.2.0-a..b'", 16, "'4.2.0-a..b' is not a version", "4.2.0-beta.1"},
      {"version(app) >= version('4.x')", 24, "'4.x' is not a version", "4.2.0"},
      {"version(a) >= version(b)", 14, "two attributes cannot be compared", "version('4.2.0')"},
      {"app >= version('4')", 0, "a version is compared with something else", "version(app)"},
      {"app < '4.2'", 6, "< compares numbers, and this is a text", "version(app) < version('4.2.0')"},
      {"app < true", 6, "and this is a yes/no", "=="},
      {"date(a) < date('soon')", 15, "'soon' is not a date", "2026-12-01"},
      {"date(a) < date('2026-02-30')", 15, "'2026-02-30' is not a date", "2026-12-01"},
      {"date(a) == date('2026-12-01')", 8, "dates are compared with <", "one day"},
      {"now > date('2026-12-01')", 4, "with now, > is not known", "now >="},
      {"plan == pro", 8, "two attributes cannot be compared", "put the text in quotes"},
      {"'a' == 'b'", 0, "both sides are constants", "compare an attribute"},
      {"plan == null", 8, "null cannot be compared", "has(x)"},
      {"plan", 4, "expected a comparison of 'plan', found the end", "has(plan)"},
      {"plan is 'pro'", 5, "'is' is not known", "write =="},
      {"plan not in ['a']", 5, "'not' is not known", "!(plan in [...])"},
      {"plan in ('a', 'b')", 8, "expected '[' behind `in`", "plan in ['a', 'b']"},
      {"plan in []", 5, "the list is empty", "put values in it"},
      {"plan in ['a' 'b']", 13, "expected , or ] in the list", "commas"},
      {"plan in ['a',", 13, "this list is not closed", "]"},
      {"plan in [pro]", 9, "expected a value in the list", "quotes"},
      {"(a == 1", 0, "this ( is not closed", "put a )"},
      {"a == 1)", 6, "this ) closes nothing", "remove it"},
      {"1 < x < 5", 6, "one comparison follows another", "1 < x && x < 5"},
      {"a == 1 &&", 9, "expected an attribute or a value, found the end", "missing at the end"},
      {"a == 1 b == 2", 7, "expected && or || or the end", "join"},
      {"has('plan')", 4, "has() needs an attribute", "without quotes"},
      {"segment(beta)", 8, "segment() needs a segment's name in quotes", "segment('beta')"},
      {"has(a) == true", 7, "one comparison follows another", ""},
      {"true == has(a)", 8, "a condition stands where a value is expected", "by itself"},
      {"a == 99999999999999999999", 5, "too large", "5, -3 or 2.5"},
      {"a == 'x\\q'", 7, "a backslash", "\\\\"},
      {"a. == 1", 1, "the name ends with a dot", "app.version"},
      {"a + 1 == 2", 2, "'+' is not known", "do not calculate"},
      {"a == 1 # note", 7, "'#' is not known", ""},
      {"gr\u00f6\u00dfe == 1", 2, "cannot stand outside quotes", "attribute names"},
      {"a == \xff", 5, "not UTF-8", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    Error error;
    REQUIRE_FALSE(Parse(row.text, &error));
    CAPTURE(error.reason);
    CAPTURE(error.advice);
    CHECK(error.offset == row.offset);
    CHECK(error.reason.find(row.reason) != std::string::npos);
    CHECK(error.advice.find(row.advice) != std::string::npos);
  }
}

TEST_CASE("the caret stands below what is wrong") {
  Error error;
  const std::string text = "größe == 1";
  REQUIRE_FALSE(Parse(text, &error));
  CHECK(PointAt(text, error) == "größe == 1\n  ^");
  const std::string word = "plan == 'a' && versoin(x) > '1'";
  REQUIRE_FALSE(Parse(word, &error));
  CHECK(PointAt(word, error) == word + "\n               ^~~~~~~");
  const std::string distant = std::string(200, ' ') + "= 3" + std::string(200, ' ');
  REQUIRE_FALSE(Parse(distant, &error));
  const std::string drawn = PointAt(distant, error);
  const std::size_t line = drawn.find('\n');
  CHECK(drawn[drawn.find('^') - line - 1] == '=');
  CHECK(drawn.size() < 160);
}

TEST_CASE("what is over a bound is refused, what is at it is taken") {
  const auto chain = [](std::size_t count) {
    std::string text = "has(a)";
    for (std::size_t i = 1; i < count; ++i) text += " && has(a)";
    return text;
  };
  CHECK(Parse(chain(limits::kConditionsPerRule), nullptr));
  CHECK_FALSE(Parse(chain(limits::kConditionsPerRule + 1), nullptr));

  const auto nots = [](std::size_t count) { return std::string(count, '!') + "has(a)"; };
  CHECK(Parse(nots(limits::kConditionDepth), nullptr));
  CHECK_FALSE(Parse(nots(limits::kConditionDepth + 1), nullptr));

  // Plain brackets nest nothing.
  CHECK(Parse(std::string(40, '(') + "has(a)" + std::string(40, ')'), nullptr));
  Error error;
  CHECK_FALSE(Parse(std::string(16'000, '('), &error));
  CHECK(error.reason == "nested too deeply");
  CHECK_FALSE(Parse(std::string(16'000, '!'), &error));
  CHECK(error.reason == "nested too deeply");
  CHECK_FALSE(Parse("a == '" + std::string(limits::kJsonStringBytes, 'x') + "'", &error));
  CHECK(error.reason == "the condition has more than 16 KiB");

  const std::string name(limits::kAttributeNameBytes, 'n');
  CHECK(Parse("has(" + name + ")", nullptr));
  CHECK_FALSE(Parse("has(" + name + "n)", nullptr));
}

TEST_CASE("any bytes end in a tree or an error that points into the text") {
  const char* pieces[] = {"plan",   " ",    "==",       "&&",        "||",          "!",     "(",     ")",
                          "[",      "]",    "'a'",      "'",         "\"",          "5",     "-",     "1.2.3",
                          ",",      "in",   "now",      "has(",      "version(",    "date(", "\\u00", "\xc3",
                          "\u2019", ".",    "segment(", "contains(", "x.contains(", "1e999", "\n",    "not",
                          "=",      "true", "null",     "\xf0\x9f"};
  constexpr std::size_t kPieces = sizeof pieces / sizeof *pieces;
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    CAPTURE(seed);
    std::uint64_t state = seed * 0x9E3779B97F4A7C15u;
    std::string text;
    const std::size_t count = 1 + seed % 17;
    for (std::size_t i = 0; i < count; ++i) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      text += pieces[state % kPieces];
    }
    CAPTURE(text);
    Error error;
    const std::optional<Tree> tree = Parse(text, &error);
    if (tree) {
      const std::optional<Tree> again = Parse(ToText(*tree), &error);
      REQUIRE(again);
      REQUIRE(*again == *tree);
    } else {
      REQUIRE(error.offset <= text.size());
      REQUIRE(error.offset + error.size <= text.size());
      REQUIRE_FALSE(error.reason.empty());
      REQUIRE_FALSE(PointAt(text, error).empty());
    }
  }
}
