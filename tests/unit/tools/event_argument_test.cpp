#include "sdk/tools/event_argument.h"

#include <doctest/doctest.h>

#include <string>

using namespace guidon;
using namespace guidon::tools;

TEST_CASE("an event on the command line is a name and properties of the types that they look like") {
  const Result<prompts::TriggerEvent> event = ReadEventArgument(
      "message_sent chars=1812  ratio=2.5 draft=true title='a long one' plan=pro code=\"12\" empty= list=[1] "
      "at=2026-11-21");
  REQUIRE(event.ok());
  CHECK(event->name == "message_sent");
  const std::pair<std::string, Value> expected[] = {
      {"chars", Value(1812)},         {"ratio", Value(2.5)},  {"draft", Value(true)},
      {"title", Value("a long one")}, {"plan", Value("pro")}, {"code", Value("12")},
      {"empty", Value("")},           {"list", Value("[1]")}, {"at", Value("2026-11-21")}};
  REQUIRE(event->properties.size() == std::size(expected));
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    CAPTURE(expected[i].first);
    CHECK(event->properties[i].first == expected[i].first);
    CHECK(event->properties[i].second == expected[i].second);
  }
  CHECK(ReadEventArgument("app_open")->properties.empty());
  CHECK(ReadEventArgument("screen editor ")->name == "screen editor");
  CHECK(ReadEventArgument("screen id=4")->name == "screen");
}

TEST_CASE("an event that cannot be read is refused with the reason") {
  const struct {
    const char* text;
    const char* message;
  } rows[] = {{"", "begins with no name"},
              {"chars=12", "begins with no name"},
              {"a b", "has 'b' where NAME=VALUE should be"},
              {"a b c=1", "has 'b' where NAME=VALUE should be"},
              {"a =1", "has '' where NAME=VALUE should be"},
              {"a b='c", "has a quote that is not closed"},
              {"a b='c'd=1", "has something right behind the value of 'b'"}};
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const Result<prompts::TriggerEvent> event = ReadEventArgument(row.text);
    REQUIRE_FALSE(event.ok());
    CHECK(event.status().message().find(row.message) != std::string::npos);
  }
}
