#include "sdk/tools/located_json.h"

#include <doctest/doctest.h>

#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;

TEST_CASE("what is not JSON is reported with line, column and the way out") {
  const struct {
    const char* text;
    std::size_t line;
    std::size_t column;
    const char* reason;
    const char* advice;
  } rows[] = {
      {"", 1, 1, "the file is empty", "begin with { \"format\""},
      {"{\n  \"a\": 1,\n}", 2, 9, "a comma stands before }", "remove this comma"},
      {"{\"a\": 1\n \"b\": 2}", 2, 2, "expected , or }, found '\"'", "a comma missing"},
      {"{\"a\": [1,]}", 1, 9, "a comma stands before ]", "remove"},
      {"{\n// note\n\"a\": 1}", 2, 1, "expected a name in double quotes", "JSON has no comments"},
      {"{'a': 1}", 1, 2, "expected a name in double quotes, found '''", "\"name\""},
      {"{\"a\": True}", 1, 7, "expected a value, found 'T'", "small letters"},
      {"{\"a\": pro}", 1, 7, "expected a value, found 'p'", "double quotes"},
      {"{\"a\" 1}", 1, 6, "expected : behind \"a\"", "\"name\": value"},
      {"{\"a\": \"x\n}", 1, 7, "a text is not closed", "closing"},
      {"{\"ä\": \"x\", }", 1, 10, "a comma stands before }", "remove"},
      {"{\"a\": 1} x", 1, 10, "something follows", "a } too many"},
      {"{\"a\": {", 1, 8, "the file ends", "cut short"},
      {"{\"a\": 01}", 1, 7, "", ""},
      {"{\"a\": \"\\x\"}", 1, 7, "", ""},
      {"\xEF\xBB\xBF{}", 1, 1, "byte order mark", "without BOM"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    Located root;
    std::vector<JsonFault> faults;
    REQUIRE_FALSE(ReadLocated(row.text, &root, &faults));
    REQUIRE(faults.size() == 1);
    CAPTURE(faults[0].reason);
    CAPTURE(faults[0].advice);
    CHECK(faults[0].reason.find(row.reason) != std::string::npos);
    CHECK(faults[0].advice.find(row.advice) != std::string::npos);
    const LineColumn place = PlaceOf(row.text, faults[0].offset);
    CHECK(place.line == row.line);
    if (row.reason[0] != '\0') CHECK(place.column == row.column);
  }
}

TEST_CASE("deep nesting costs an error and no stack") {
  Located root;
  std::vector<JsonFault> faults;
  CHECK_FALSE(ReadLocated(std::string(200'000, '['), &root, &faults));
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].reason == "nested deeper than 32 levels");
}

TEST_CASE("every value knows its place, its pointer and what it is") {
  const std::string text = "{\n  \"a/b\": [1, 2.5, \"x\"],\n  \"c\": {\"d\": null}, \"big\": 99999999999999999999\n}";
  Located root;
  std::vector<JsonFault> faults;
  REQUIRE(ReadLocated(text, &root, &faults));
  REQUIRE(faults.empty());
  const Located& list = *root.Find("a/b");
  CHECK(list.items[2].pointer == "/a~1b/2");
  CHECK(text.substr(list.items[2].offset, list.items[2].size) == "\"x\"");
  CHECK(list.items[1].Number() == 2.5);
  CHECK(PlaceOf(text, root.Find("c")->Find("d")->offset).line == 3);
  CHECK(PlaceOf(text, root.Find("c")->Find("d")->offset).column == 14);
  CHECK(root.Find("big")->is_out_of_range);
}

TEST_CASE("any bytes are read to an end or an error that points into them") {
  const char* pieces[] = {"{", "}", "[",    "]",   ",", ":",  "\"a\"", "\"",    "\\",
                          "1", "-", "true", "nul", " ", "\n", "\xff",  "\\u12", "1e5"};
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    std::string text;
    for (std::size_t i = random.Below(14) + 1; i > 0; --i) text += pieces[random.Below(18)];
    CAPTURE(text);
    Located root;
    std::vector<JsonFault> faults;
    const bool is_read = ReadLocated(text, &root, &faults);
    // The strict reader is the judge; only a duplicate name is taken here and refused there.
    if (is_read && faults.empty()) REQUIRE(json::Document::Parse(text, nullptr));
    if (!is_read) REQUIRE_FALSE(json::Document::Parse(text, nullptr));
    for (const JsonFault& fault : faults) REQUIRE(fault.offset <= text.size());
  }
}
