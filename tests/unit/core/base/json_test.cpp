#include "sdk/core/base/json.h"

#include <doctest/doctest.h>

#include <string>

#include "sdk/core/base/json_writer.h"

using namespace guidon;
using namespace guidon::json;

namespace {

// The text as it reads back, or where and why it was refused.
std::string Read(std::string_view text, const Limits& limits = Limits()) {
  Error error;
  const auto document = Document::Parse(text, &error, limits);
  return document ? document->root().ToText() : error.ToText();
}

std::string Repeat(std::string_view part, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += part;
  return text;
}

bool Contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

TEST_CASE("what is not JSON is refused with line, column, pointer and reason") {
  const struct {
    std::string name;
    std::string text;
    const char* error;
  } rows[] = {
      {"empty", "", "line 1, column 1: it is empty"},
      {"only white space", " \n ", "line 2, column 2: unexpected end of input"},
      {"byte order mark", "\xEF\xBB\xBF{}", "line 1, column 1: it begins with a byte order mark"},
      {"open object", "{", "line 1, column 2: unexpected end of input"},
      {"open array", "[1,", "line 1, column 4 (/1): unexpected end of input"},
      {"no comma", "[1 2]", "line 1, column 4 (/1): unexpected number"},
      {"comma at the end", "[1,]", "line 1, column 4 (/1): unexpected ']'"},
      {"comma at an object's end", R"({"a":1,})", "line 1, column 8: unexpected '}'"},
      {"half a word", "{\n  \"flags\": {\n    \"a\": tru\n  }\n}", "line 3, column 13 (/flags/a): invalid literal"},
      {"comment", "[1] // one", "line 1, column 5: invalid literal"},
      {"name without quotes", "{a:1}", "line 1, column 2: invalid literal"},
      {"single quotes", "['a']", "line 1, column 2 (/0): invalid literal"},
      {"a second value", "{} {}", "line 1, column 4: unexpected '{'"},
      {"a zero byte at the end", std::string("{}\0", 3), "line 1, column 3: a byte 0"},
      {"a zero byte and more", std::string("{}\n\0{", 5), "line 2, column 1: a byte 0"},
      {"a zero byte within", std::string("[\0]", 3), "line 1, column 2: a byte 0"},
      {"leading zero", "[01]", "line 1, column 3 (/1): "},
      {"plus sign", "[+1]", "line 1, column 2 (/0): invalid literal"},
      {"bare fraction", "[.5]", "line 1, column 2 (/0): invalid literal"},
      {"no digit behind the point", "[1.]", "line 1, column 4 (/0): invalid number"},
      {"not a number", "[NaN]", "line 1, column 2 (/0): invalid literal"},
      {"infinite", R"({"a":{"b":[1,2,1e400]}})", "line 1, column 20 (/a/b/2): a number out of range"},
      {"negative infinite", "[-1E999]", "line 1, column 7 (/0): a number out of range"},
      {"an integer above int64", "[9223372036854775808]", "line 1, column 21 (/0): an integer beyond"},
      {"an integer below int64", "[-9223372036854775809]", "line 1, column 22 (/0): an integer out of the range"},
      {"an integer of 30 digits", "[" + Repeat("9", 30) + "]", "line 1, column 32 (/0): an integer out of the range"},
      {"duplicate name", R"({"a":1,"b":{"c":1,"c":2}})", R"(line 1, column 24 (/b): the member "c" stands twice)"},
      {"duplicate by escape", R"({"a":1,"\u0061":2})", R"(line 1, column 18: the member "a" stands twice)"},
      {"duplicate empty name", R"({"":1,"":2})", R"(line 1, column 11: the member "" stands twice)"},
      {"U+0000 in a name", R"({"a\u0000b":1})", "line 1, column 11: a member name with U+0000"},
      {"newline in a text", "[\"a\nb\"]", "(/0): invalid string: control character"},
      {"unknown escape", R"(["\x41"])", "line 1, column 4 (/0): invalid string"},
      {"overlong slash", "[\"\xC0\xAF\"]", "line 1, column 3 (/0): invalid string: ill-formed UTF-8"},
      {"surrogate in UTF-8", "[\"\xED\xA0\x80\"]", "line 1, column 4 (/0): invalid string: ill-formed UTF-8"},
      {"above U+10FFFF", "[\"\xF4\x90\x80\x80\"]", "line 1, column 4 (/0): invalid string: ill-formed UTF-8"},
      {"cut in a character", "[\"\xE2\x82\"]", "line 1, column 5 (/0): invalid string: ill-formed UTF-8"},
      {"invalid UTF-8 in a name", "{\"\xFF\":1}", "line 1, column 3: invalid string: ill-formed UTF-8"},
      {"invalid UTF-8 outside", "[\xFF]", "line 1, column 2 (/0): invalid literal"},
      {"lone high surrogate", R"(["\ud800"])", "line 1, column 9 (/0): invalid string: surrogate"},
      {"lone low surrogate", R"(["\udc00"])", "line 1, column 8 (/0): invalid string: surrogate"},
      {"two high surrogates", R"(["\ud800\ud800"])", "(/0): invalid string: surrogate"},
      {"a pointer that needs escapes", R"({"a/b":{"c~d":[tru]}})", "(/a~1b/c~0d/0): invalid literal"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    Error error;
    CHECK_FALSE(Document::Parse(row.text, &error));
    CHECK_MESSAGE(Contains(error.ToText(), row.error), error.ToText());
    CHECK_FALSE(Contains(error.ToText(), "json.exception"));
    CHECK(error.offset <= row.text.size());
  }
}

TEST_CASE("what is JSON reads as what it says") {
  const struct {
    std::string text;
    const char* read;
  } rows[] = {
      {"null", "null"},
      {" [ ] ", "[]"},
      {"{}", "{}"},
      {R"({"b":1,"a":[true,false,null]})", R"({"b":1,"a":[true,false,null]})"},
      {"[-9223372036854775808,9223372036854775807]", "[-9223372036854775808,9223372036854775807]"},
      {"[9007199254740993]", "[9007199254740993]"},
      {"[1.0,1e2,-0.0,1e-400]", "[1.0,100.0,-0.0,0.0]"},
      {R"(["\u00e9\ud83d\ude00\u0000"])", "[\"\xC3\xA9\xF0\x9F\x98\x80\\u0000\"]"},
      {R"({"":{"":[]}})", R"({"":{"":[]}})"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CHECK(Read(row.text) == row.read);
  }
}

TEST_CASE("a text cut short anywhere is refused") {
  const std::string text = R"({"a":[1,-2.5e3,"x\u00e9\n"],"b":{"c":null,"d":[true,false]}})";
  REQUIRE(Document::Parse(text, nullptr));
  for (std::size_t size = 0; size < text.size(); ++size) {
    CAPTURE(size);
    Error error;
    // A copy of exactly that size, so that a sanitizer sees any read past its end.
    const std::string cut(text, 0, size);
    CHECK_FALSE(Document::Parse(cut, &error));
    CHECK(error.offset <= size);
    CHECK(error.reason != "");
  }
}

TEST_CASE("a hundred thousand nested arrays cost an error message") {
  for (const char* part : {"[", "{\"a\":", "[{\"a\":"}) {
    CAPTURE(part);
    CHECK(Contains(Read(Repeat(part, 100'000)), "nested deeper than 32 levels"));
  }
}

TEST_CASE("every bound holds at its value and is refused one above") {
  Limits limits;
  limits.depth = 3;
  limits.string_bytes = 5;
  limits.key_bytes = 4;
  limits.items = 6;
  limits.nodes = 10;
  const struct {
    std::string name;
    std::string below, at, above;
    const char* reason;
  } rows[] = {
      {"depth", "[[]]", "[[[]]]", "[[[[]]]]", "line 1, column 4 (/0/0/0): nested deeper than 3 levels"},
      {"text", R"("1234")", R"("12345")", R"("123456")", "line 1, column 8: a text of more than 5 bytes"},
      {"text in bytes, not characters", "\"\xC3\xA9\xC3\xA9\"", "\"\xC3\xA9\xC3\xA9x\"", "\"\xC3\xA9\xC3\xA9\xC3\xA9\"",
       "line 1, column 8: a text of more than 5 bytes"},
      {"name", R"({"abc":1})", R"({"abcd":1})", R"({"abcde":1})", "line 1, column 8: a member name of more than 4"},
      {"items", "[1,2,3,4,5]", "[1,2,3,4,5,6]", "[1,2,3,4,5,6,7]", "(/6): more than 6 items in one array"},
      {"members", R"({"a":1,"b":1,"c":1,"d":1,"e":1})", R"({"a":1,"b":1,"c":1,"d":1,"e":1,"f":1})",
       R"({"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1})", "(/g): more than 6 items in one object"},
      {"values", "[[1,2,3,4],[1,2]]", "[[1,2,3,4],[1,2,3]]", "[[1,2,3,4],[1,2,3,4]]", "(/1/3): more than 10 values"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CHECK(Read(row.below, limits) == row.below);
    CHECK(Read(row.at, limits) == row.at);
    const std::string above = Read(row.above, limits);
    CHECK_MESSAGE(Contains(above, row.reason), above);
  }
}

TEST_CASE("the bounds of the library hold") {
  const struct {
    const char* name;
    std::size_t most;
    std::string (*text)(std::size_t);
  } rows[] = {
      {"depth", 32, [](std::size_t n) { return Repeat("[", n) + Repeat("]", n); }},
      {"bytes of a text", 16'384, [](std::size_t n) { return "\"" + Repeat("x", n) + "\""; }},
      {"items", 10'000, [](std::size_t n) { return "[" + Repeat("1,", n - 1) + "1]"; }},
      {"bytes of a member's name", 256, [](std::size_t n) { return "{\"" + Repeat("x", n) + "\":1}"; }},
      // The array of all, 29 full ones, and one of what is left.
      {"nodes", 300'000,
       [](std::size_t n) {
         const std::string full = "[" + Repeat("1,", 9'999) + "1],";
         return "[" + Repeat(full, 29) + "[" + Repeat("1,", n - 1 - 29 * 10'001 - 2) + "1]]";
       }},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CHECK(Document::Parse(row.text(row.most - 1), nullptr));
    CHECK(Document::Parse(row.text(row.most), nullptr));
    CHECK_FALSE(Document::Parse(row.text(row.most + 1), nullptr));
  }
}

TEST_CASE("the reason of a refusal stays short, however long the text it met") {
  const std::string reason =
      Read("[" + Repeat("\"" + Repeat("x", 1'000) + "\",", 20) + "\"" + Repeat("y", 200'000) + "\n\"]");
  CHECK(reason.size() < 300);
}

TEST_CASE("nodes are walked in the order written, and what is missing is missing all the way") {
  const auto document = Document::Parse(R"({"a":[10,[20],30],"b":{"c":"x","d":1.5},"e":true})", nullptr);
  REQUIRE(document);
  const Node root = document->root();
  CHECK(root.size() == 3);
  std::string names;
  for (const Node member : root) names += member.name();
  CHECK(names == "abe");
  std::string items;
  for (const Node item : root["a"]) items += item.ToText() + ";";
  CHECK(items == "10;[20];30;");
  CHECK(root["a"].First().AsInt() == 10);
  CHECK(root["a"].First().AsNumber() == 10.0);
  CHECK(root["b"]["d"].AsNumber() == 1.5);
  CHECK_FALSE(root["b"]["d"].AsInt());
  CHECK(root["b"]["c"].AsString() == std::string_view("x"));
  CHECK_FALSE(root["b"]["c"].AsBool());
  CHECK(root["e"].AsBool() == true);
  CHECK_FALSE(root.Next().exists());

  const Node missing = root["b"]["nothing"]["at all"].First().Next();
  CHECK_FALSE(missing.exists());
  CHECK(missing.type() == Type::kNull);
  CHECK(missing.size() == 0);
  CHECK(missing.name() == "");
  CHECK_FALSE(missing.is(Type::kNull));
  CHECK_FALSE(missing.AsString());
  CHECK(root["e"].begin() != root["a"].begin());
}

TEST_CASE("read leniently, a huge integer is a double, and of members with one name the last one counts") {
  Limits lenient;
  lenient.is_lenient = true;
  const auto document = Document::Parse(
      R"({"a": 1, "b": {"x": [1, 2], "x": {"y": 1}, "z": 0, "x": 3}, "a": 2, "n": [18446744073709551616, 9223372036854775808, -9223372036854775809]})",
      nullptr, lenient);
  REQUIRE(document);
  const Node root = document->root();
  CHECK(root.ToText() ==
        R"({"b":{"z":0,"x":3},"a":2,"n":[18446744073709551616.0,9223372036854775808.0,-9223372036854775808.0]})");
  CHECK(root.size() == 3);
  CHECK(root["a"].AsInt() == 2);
  CHECK(root["b"]["x"].AsInt() == 3);
  CHECK(root.First().name() == "b");
  CHECK(root["a"].Pointer() == "/a");
  std::size_t members = 0;
  for (const Node member : root["b"]) members += member.exists() ? 1u : 0u;
  CHECK(members == 2);
  CHECK_FALSE(Document::Parse("1e400", nullptr, lenient));
  CHECK_FALSE(Document::Parse(R"({"a": 1, "a": 2})", nullptr));
}
