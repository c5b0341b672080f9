#include "sdk/datafile/event_stream.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace guidon;
using namespace guidon::datafile;

namespace {

// "type: data", newlines as "/".
std::vector<std::string> Events(EventStreamParser* parser, std::string_view bytes, std::size_t piece) {
  std::vector<std::string> events;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    parser->Feed(bytes.substr(at, piece), [&events](const StreamEvent& event) {
      std::string text = event.type + ": " + event.data;
      for (char& c : text) c = c == '\n' ? '/' : c;
      events.push_back(text);
    });
  }
  return events;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a stream is read as the standard says, however it is cut into pieces") {
  const struct {
    std::string name;
    std::string bytes;
    Texts events;
  } rows[] = {
      {"one line of data", "data: x\n\n", {"message: x"}},
      {"a type", "event: datafile\ndata: 1.7\n\n", {"datafile: 1.7"}},
      {"the type holds for its event alone", "event: a\ndata: 1\n\ndata: 2\n\n", {"a: 1", "message: 2"}},
      {"several lines of data", "data: a\ndata\ndata:b\n\n", {"message: a//b"}},
      {"no space, and more than one", "data:x\n\ndata:  y\n\n", {"message: x", "message:  y"}},
      {"carriage returns", "data: x\r\rdata: y\r\r", {"message: x", "message: y"}},
      {"both", "data: x\r\n\r\ndata: y\r\n\r\n", {"message: x", "message: y"}},
      {"comments keep it alive and say nothing", ": ping\n\n:\n\ndata: x\n: in between\n\n", {"message: x"}},
      {"no data, no event", "event: datafile\n\nid: 7\n\n", {}},
      {"data that is empty", "data\n\n", {"message: "}},
      {"unknown fields", "colour: red\ndata: x\nid: 1\n\n", {"message: x"}},
      {"a byte order mark",
       "\xEF\xBB\xBF"
       "data: x\n\n",
       {"message: x"}},
      {"cut before its end", "data: x\n", {}},
      {"not a stream at all", "<html><body>Log in</body></html>\n\n\n", {}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    for (std::size_t piece = 1; piece <= row.bytes.size(); ++piece) {
      EventStreamParser parser;
      CHECK(Events(&parser, row.bytes, piece) == row.events);
    }
  }
}

TEST_CASE("what a stream asks to wait is taken where it is a number, and a day at most") {
  const struct {
    const char* bytes;
    std::int64_t ms;  // below 0: nothing
  } rows[] = {{"retry: 2500\n", 2'500},
              {"retry: 0\n", 0},
              {"retry: -1\n", -1},
              {"retry: 1.5\n", -1},
              {"retry:\n", -1},
              {"retry: 9999999999999999999999\n", 86'400'000},
              {"retry: 10\nretry: x\n", 10},
              {"retry: 10\nretry: 20\n", 20}};
  for (const auto& row : rows) {
    CAPTURE(row.bytes);
    EventStreamParser parser;
    (void)Events(&parser, row.bytes, 100);
    CHECK(parser.retry() == (row.ms < 0 ? std::nullopt : std::optional<Duration>(row.ms)));
  }
}

TEST_CASE("what is too long is left out, and what follows is read") {
  const std::string line(EventStreamParser::kMostLineBytes - 6, 'x');  // "data: " in front
  EventStreamParser parser;
  CHECK(Events(&parser, "data: " + line + "\n\n", 1'000) == Texts{"message: " + line});
  CHECK(Events(&parser, "data: " + line + "x\n\ndata: y\n\n", 1'000) == Texts{"message: y"});
  std::string many;
  for (int i = 0; i < 5; ++i) many += "data: " + line + "\n";
  CHECK(Events(&parser, many + "\ndata: z\n\n", 1'000) == Texts{"message: z"});
  // A line that never ends takes no memory that grows.
  for (int i = 0; i < 100; ++i) CHECK(Events(&parser, std::string(100'000, 'a'), 100'000).empty());
  CHECK(Events(&parser, "\n\ndata: w\n\n", 1'000) == Texts{"message: w"});
}
