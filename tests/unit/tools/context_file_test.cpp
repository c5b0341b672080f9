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

TEST_CASE("a context file tells what happened before, and what happens now") {
  const Result<ContextFile> file = ReadContextFile(R"({"history":[
      {"at":"2026-11-12","event":"app_open","times":3},{"at":"2026-11-13","event":"app_open"},
      {"at":"2026-11-14","prompt":"try"},{"at":"2026-11-15","prompt":"try","what":"failure"},
      {"at":"2026-11-16","prompt":"try","what":"snooze","snooze":"1d"}],
      "event":{"name":"message_sent","properties":{"chars":1812}}})");
  REQUIRE_MESSAGE(file.ok(), file.status().message());
  REQUIRE(file->history.has_value());
  behavior::Behavior behavior;
  prompts::Showings showings;
  Remember(*file->history, {}, Duration(0), {}, &behavior, &showings);
  const Timestamp now = *text::ParseTimestamp("2026-11-20");
  CHECK(behavior.Ask({behavior::Measure::kCount, "app_open", {}}, now).value == 4);
  CHECK(behavior.Ask({behavior::Measure::kActiveDays, "app_open", {}}, now).value == 2);
  const auto tried = showings.Of("try");
  REQUIRE(tried->list.size() == 3);
  CHECK(tried->list[0].end == prompts::What::kImpression);
  CHECK(tried->list[0].is_open());
  CHECK_FALSE(tried->list[1].counts_ever());
  CHECK(tried->list[2].snooze == Duration(24 * 3'600'000));
  CHECK(tried->list[2].was_seen);
  REQUIRE(file->event.has_value());
  CHECK(file->event->name == "message_sent");
  CHECK(file->event->properties[0].second == Value(1812));
  CHECK(ReadContextFile("{}")->history == std::nullopt);
  CHECK(ReadContextFile(R"({"history":[]})")->history->empty());
}

TEST_CASE("a context file that says when the session began tells what was done in it") {
  const Result<ContextFile> file = ReadContextFile(R"({"session_began":"2026-11-20T09:00:00Z","history":[
      {"at":"2026-11-20T08:59:59Z","event":"app_open","times":3},{"at":"2026-11-20T09:00:00Z","event":"app_open","times":2}]})");
  REQUIRE_MESSAGE(file.ok(), file.status().message());
  CHECK(ReadContextFile("{}")->session.number == 0);
  behavior::Behavior behavior;
  prompts::Showings showings;
  Remember(*file->history, {}, Duration(0), file->session, &behavior, &showings);
  behavior::Term term{behavior::Measure::kCount, "app_open", *behavior::ParseWindow("session")};
  const Timestamp now = *text::ParseTimestamp("2026-11-20T10:00:00Z");
  CHECK(behavior.Ask(term, now, nullptr, file->session).value == 2);
  CHECK_FALSE(behavior.Ask(term, now).is_known);
}

TEST_CASE("a session that began after the moment that is tried is refused") {
  const Result<ContextFile> file = ReadContextFile(R"({"session_began":"2026-11-20T09:00:00Z"})");
  REQUIRE(file.ok());
  CHECK(CheckSession(*file, *text::ParseTimestamp("2026-11-20T09:00:00Z")).ok());
  CHECK(CheckSession(*file, *text::ParseTimestamp("2026-11-20T08:59:59Z")).message() ==
        "/session_began: 2026-11-20T09:00:00Z is after now, which is 2026-11-20T08:59:59Z");
}

TEST_CASE("a bad context file is refused with place and reason") {
  const struct {
    const char* text;
    const char* message;
  } rows[] = {
      {"{\n\"units\": {},\n}", "line 2, column 12: a comma stands before }"},
      {"{\"unit\": {}}", "line 1, column 2 (/unit): 'unit' is not known"},
      {"{\"units\": {\"device\": true}}", "line 1, column 22 (/units/device): expected a text, found true"},
      {"{\"now\": \"soon\"}", "\"soon\" is not a date"},
      {"[]", "expected an object, found a list"},
      {"", "line 1, column 1: the file is empty: begin with { \"units\""},
      {"{\"units\": {}, \"units\": {}}", "a second time"},
      {"{\"history\": {}}", "(/history): expected a list, found an object"},
      {"{\"history\": [{\"event\": \"a\"}]}", "(/history/0): does not say when"},
      {"{\"history\": [{\"at\": \"2026-11-12\"}]}", "(/history/0): needs either an event or a prompt"},
      {"{\"history\": [{\"at\": \"2026-11-12\", \"event\": \"a\", \"prompt\": \"b\"}]}", "needs either"},
      {"{\"history\": [{\"at\": \"2026-11-12\", \"event\": \"a\", \"times\": 0}]}", "/history/0/times"},
      {"{\"history\": [{\"at\": \"2026-11-12\", \"event\": \"\"}]}", "a name of an event has 1 to 128 bytes"},
      {"{\"history\": [{\"at\": \"2026-11-12\", \"prompt\": \"b\", \"what\": \"closed\"}]}",
       "(/history/0/what): there is no outcome 'closed'"},
      {"{\"history\": [{\"at\": \"2026-11-12\", \"prompt\": \"b\", \"what\": \"snooze\"}]}", "the snooze has no time"},
      {"{\"history\": [{\"at\": \"2026-11-12\", \"prompt\": \"b\", \"snooze\": \"1d\"}]}",
       "only \"what\": \"snooze\" has a time"},
      {"{\"event\": {\"properties\": {}}}", "(/event): the event has no name"}};
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const Result<ContextFile> file = ReadContextFile(row.text);
    REQUIRE_FALSE(file.ok());
    CAPTURE(file.status().message());
    CHECK(file.status().message().find(row.message) != std::string::npos);
  }
}
