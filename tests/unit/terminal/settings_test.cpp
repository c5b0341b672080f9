#include "samples/terminal/settings.h"

#include <doctest/doctest.h>

#include "samples/terminal/simulate/simulation.h"

using namespace notes;

TEST_CASE("a datafile is a file or a URL, or one of each") {
  const auto settings = ParseSettings({"--datafile", "http://127.0.0.1:1/datafile", "--datafile", "notes.datafile"});
  REQUIRE(settings.ok());
  CHECK(settings->datafile_url == "http://127.0.0.1:1/datafile");
  CHECK(settings->datafile_file == "notes.datafile");
}

TEST_CASE("options that cannot be are refused by name") {
  struct Row {
    std::vector<std::string> arguments;
    const char* message;
  };
  const Row rows[] = {
      {{"--colour", "x"}, "unknown option --colour"},
      {{"--nope"}, "unknown option --nope"},
      {{"notes"}, "unknown argument notes"},
      {{"--key"}, "--key needs a value"},
      {{"--key", ""}, "--key needs a value"},
      {{"--poll", "0"}, "--poll: whole seconds, 1 to 86400"},
      {{"--now", "yesterday"}, "--now: a time such as 2026-01-05T10:00:00Z"},
      {{"--seed", "-1"}, "--seed: a whole number from 0 on"},
      {{"--poll", "1s"}, "--poll: whole seconds, 1 to 86400"},
      {{"--person", "../me"}, "--person: 1 to 64 letters, digits, dots, dashes or underscores"},
      {{"--person", ".."}, "--person: 1 to 64 letters, digits, dots, dashes or underscores"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.message);
    const auto settings = ParseSettings(row.arguments);
    REQUIRE_FALSE(settings.ok());
    CHECK(settings.status().message() == row.message);
  }
}

TEST_CASE("a script can have its own time and its own install id") {
  const auto settings = ParseSettings({"--now", "2026-01-05T10:00:00Z", "--seed", "7"});
  REQUIRE(settings.ok());
  CHECK(settings->now == guidon::TimestampFromMs(1767607200000));
  CHECK(settings->seed == std::uint64_t{7});
}

TEST_CASE("a datafile that is not there keeps the app from starting") {
  TerminalSettings settings;
  settings.datafile_file = "no-such.datafile";
  CHECK(ClientOptions(settings).status().code() == guidon::StatusCode::kNotFound);
}

TEST_CASE("a simulation says which option is wrong or missing") {
  struct Row {
    std::vector<std::string> arguments;
    const char* message;
  };
  const std::vector<std::string> needed = {"--datafile-url", "u", "--collector", "c", "--state", "s", "--ledger", "l"};
  const Row rows[] = {
      {{"--people", "0"}, "--people: a whole number from 1 to 9999"},
      {{"--days", "many"}, "--days: a whole number from 1 to 366"},
      {{"--start", "2026-13-01"}, "--start: a day such as 2026-01-05"},
      {{"--effect", "colour=3"},
       "--effect: people react to attach-button, onboarding and try-file-share, not to colour"},
      {{"--effect", "attach-button"}, "--effect: EXPERIMENT=POINTS, -25 to 40, such as attach-button=12"},
      {{"--effect", "attach-button=nan"}, "--effect: EXPERIMENT=POINTS, -25 to 40, such as attach-button=12"},
      {{"--people"}, "--people needs a value"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.message);
    std::vector<std::string> arguments = needed;
    arguments.insert(arguments.end(), row.arguments.begin(), row.arguments.end());
    const auto simulation = simulate::ParseSimulation(arguments);
    REQUIRE_FALSE(simulation.ok());
    CHECK(simulation.status().message() == row.message);
  }
  CHECK(simulate::ParseSimulation({"--state", "s"}).status().message() == "--datafile-url is needed");
  REQUIRE(simulate::ParseSimulation(needed).ok());
}

TEST_CASE("the first day is counted in the Gregorian calendar") {
  struct Row {
    const char* day;
    std::int64_t ms;
  };
  const Row rows[] = {{"2026-01-05", 1767571200000},
                      {"2024-02-29", 1709164800000},
                      {"2024-03-01", 1709251200000},
                      {"1971-01-01", 31536000000}};
  for (const Row& row : rows) {
    CAPTURE(row.day);
    const auto simulation = simulate::ParseSimulation(
        {"--datafile-url", "u", "--collector", "c", "--state", "s", "--ledger", "l", "--start", row.day});
    REQUIRE(simulation.ok());
    CHECK(guidon::ToMs(simulation->start) == row.ms);
  }
}

TEST_CASE("the victims are the asked share of the people") {
  simulate::Simulation simulation;
  int victims = 0;
  for (int number = 1; number <= 600; ++number) victims += simulation.IsVictim(number) ? 1 : 0;
  CHECK(victims == 60);
  simulation.killed_percent = 0;
  for (int number = 1; number <= 600; ++number) CHECK_FALSE(simulation.IsVictim(number));
}
