#include "sdk/tools/context_file.h"

#include <doctest/doctest.h>

#include "sdk/core/base/text.h"

using namespace guidon;
using namespace guidon::tools;

TEST_CASE("a context file gives units, attributes and the time") {
  const Result<ContextFile> file = ReadContextFile(
      R"({"units":{"device":"d-1","account":42},"attributes":{"plan":"pro","app":{"version":"4.2.0"}},"now":"2026-12-01"})");
  REQUIRE(file.ok());
  CHECK(*file->context.FindUnit("device") == "d-1");
  CHECK(*file->context.FindUnit("account") == "42");
  REQUIRE(file->context.attributes().size() == 2);
  CHECK(*file->context.attributes()[1].value.Find("version") == Value("4.2.0"));
  CHECK(text::FormatTimestamp(*file->now) == "2026-12-01T00:00:00Z");
  REQUIRE(ReadContext("{}").ok());
}

TEST_CASE("a bad context file is refused with place and reason") {
  const struct {
    const char* text;
    const char* message;
  } rows[] = {{"{\n\"units\": {},\n}", "line 2, column 12: a comma stands before }"},
              {"{\"unit\": {}}", "line 1, column 2 (/unit): 'unit' is not known"},
              {"{\"units\": {\"device\": true}}", "line 1, column 22 (/units/device): expected a text, found true"},
              {"{\"now\": \"soon\"}", "\"soon\" is not a date"},
              {"[]", "expected an object, found a list"},
              {"", "line 1, column 1: the file is empty: begin with { \"units\""},
              {"{\"units\": {}, \"units\": {}}", "a second time"}};
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const Result<ContextFile> file = ReadContextFile(row.text);
    REQUIRE_FALSE(file.ok());
    CAPTURE(file.status().message());
    CHECK(file.status().message().find(row.message) != std::string::npos);
  }
}
