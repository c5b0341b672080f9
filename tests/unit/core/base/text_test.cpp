#include "sdk/core/base/text.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "tests/unit/core/dice.h"

using namespace guidon;
using namespace guidon::text;

TEST_CASE("UTF-8 is what the standard's table of well-formed sequences says") {
  const struct {
    std::string text;
    std::size_t length;
  } rows[] = {
      {"", 0},
      {std::string(1, '\0'), 1},
      {"\x7F", 1},
      {"\x80", 0},
      {"\xBF", 0},
      {"\xC0\x80", 0},
      {"\xC1\xBF", 0},
      {"\xC2", 0},
      {"\xC2\x7F", 0},
      {"\xC2\x80", 2},
      {"\xDF\xBF", 2},
      {"\xDF\xC0", 0},
      {"\xE0\x9F\xBF", 0},
      {"\xE0\xA0\x80", 3},
      {"\xE0\xA0", 0},
      {"\xEC\xBF\xBF", 3},
      {"\xED\x9F\xBF", 3},
      {"\xED\xA0\x80", 0},
      {"\xED\xBF\xBF", 0},
      {"\xEE\x80\x80", 3},
      {"\xEF\xBF\xBF", 3},
      {"\xF0\x8F\xBF\xBF", 0},
      {"\xF0\x90\x80\x80", 4},
      {"\xF0\x90\x80", 0},
      {"\xF4\x8F\xBF\xBF", 4},
      {"\xF4\x90\x80\x80", 0},
      {"\xF5\x80\x80\x80", 0},
      {"\xFF", 0},
      {"\xE2\x82\xACrest", 3},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CHECK(Utf8Length(row.text) == row.length);
    CHECK(IsUtf8("a" + row.text) == (row.length > 0 || row.text.empty()));
    CHECK(IsUtf8(row.text + "a") == (row.length > 0 || row.text.empty()));
    CHECK(IsUtf8("sixteen letters." + row.text + "sixteen letters.") == (row.length > 0 || row.text.empty()));
  }
}

TEST_CASE("trimming takes spaces, tabs and line ends from both ends and nothing from within") {
  const struct {
    std::string text;
    std::string trimmed;
  } rows[] = {
      {"", ""}, {" \t\r\n", ""}, {"a", "a"}, {" a\r\n", "a"}, {"\t a \n b ", "a \n b"}, {"\va\f", "\va\f"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CHECK(Trim(row.text) == row.trimmed);
  }
}

TEST_CASE("times read as RFC 3339 has them, and as nothing else") {
  const struct {
    std::string text;
    std::optional<std::int64_t> ms;
  } rows[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"1970-01-01", 0},
      {"2026-12-01T10:00:00Z", 1'796'119'200'000},
      {"2026-12-01t10:00:00z", 1'796'119'200'000},
      {"2026-12-01T10:00:00.5Z", 1'796'119'200'500},
      {"2026-12-01T10:00:00.123456789Z", 1'796'119'200'123},
      {"2026-12-01T10:00:00+02:00", 1'796'112'000'000},
      {"2026-12-01T10:00:00-00:30", 1'796'121'000'000},
      {"2026-12-01T23:59:60Z", 1'796'169'600'000},
      {"2000-02-29", 951'782'400'000},
      {"2024-02-29T00:00:00Z", 1'709'164'800'000},
      {"9999-12-31T23:59:59.999Z", 253'402'300'799'999},
      {"1970-01-01T00:00:00+01:00", -3'600'000},
      {"2023-02-29", std::nullopt},
      {"2100-02-29", std::nullopt},
      {"2026-04-31", std::nullopt},
      {"2026-00-10", std::nullopt},
      {"2026-13-10", std::nullopt},
      {"2026-12-00", std::nullopt},
      {"2026-12-32", std::nullopt},
      {"1969-12-31", std::nullopt},
      {"2026-12-01T24:00:00Z", std::nullopt},
      {"2026-12-01T10:60:00Z", std::nullopt},
      {"2026-12-01T10:00:61Z", std::nullopt},
      {"2026-12-01T10:00:00", std::nullopt},
      {"2026-12-01T10:00:00.Z", std::nullopt},
      {"2026-12-01T10:00:00.1234567890Z", std::nullopt},
      {"2026-12-01T10:00:00+2:00", std::nullopt},
      {"2026-12-01T10:00:00+24:00", std::nullopt},
      {"2026-12-01T10:00:00+02:60", std::nullopt},
      {"2026-12-01T10:00Z", std::nullopt},
      {"2026-12-01 10:00:00Z", std::nullopt},
      {"2026-12-01T10:00:00Z ", std::nullopt},
      {"2026-12-1", std::nullopt},
      {"26-12-01", std::nullopt},
      {"+2026-12-01", std::nullopt},
      {"", std::nullopt},
      {"1796119200000", std::nullopt},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto time = ParseTimestamp(row.text);
    REQUIRE(time.has_value() == row.ms.has_value());
    if (time) CHECK(ToMs(*time) == *row.ms);
  }
}

TEST_CASE("every time that is written reads back as itself") {
  for (std::uint64_t seed = 1; seed <= 5'000; ++seed) {
    CAPTURE(seed);
    testing::Dice dice(seed);
    const auto ms = static_cast<std::int64_t>(dice.Next() % 253'402'300'800'000u);
    const Timestamp time = TimestampFromMs(dice.Chance(50) ? ms : ms / 1'000 * 1'000);
    const std::string text = FormatTimestamp(time);
    CAPTURE(text);
    CHECK(ParseTimestamp(text) == time);
  }
  CHECK(FormatTimestamp(TimestampFromMs(1'796'119'200'000)) == "2026-12-01T10:00:00Z");
  CHECK(FormatTimestamp(TimestampFromMs(1'796'119'200'007)) == "2026-12-01T10:00:00.007Z");
  CHECK(FormatTimestamp(TimestampFromMs(951'782'399'999)) == "2000-02-28T23:59:59.999Z");
  CHECK(FormatTimestamp(TimestampFromMs(-1)) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("durations are a whole number above 0 and a unit, ten years at most") {
  const struct {
    std::string text;
    std::int64_t ms;  // 0: refused
  } rows[] = {
      {"90s", 90'000},
      {"15m", 900'000},
      {"12h", 43'200'000},
      {"7d", 604'800'000},
      {"2w", 1'209'600'000},
      {"1s", 1'000},
      {"3650d", 315'360'000'000},
      {"3651d", 0},
      {"521w", 315'100'800'000},
      {"522w", 0},
      {"315360000s", 315'360'000'000},
      {"315360001s", 0},
      {"999999999s", 0},
      {"0d", 0},
      {"d", 0},
      {"7", 0},
      {"", 0},
      {"-7d", 0},
      {"7.5d", 0},
      {"7 d", 0},
      {"7D", 0},
      {"7dd", 0},
      {"99999999999d", 0},
      {"1y", 0},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto duration = ParseDuration(row.text);
    CHECK(duration.value_or(Duration(0)).count() == row.ms);
  }
}

TEST_CASE("a UTC day begins at midnight, before 1970 as well") {
  CHECK(UtcDay(TimestampFromMs(0)) == 0);
  CHECK(UtcDay(TimestampFromMs(86'399'999)) == 0);
  CHECK(UtcDay(TimestampFromMs(86'400'000)) == 1);
  CHECK(UtcDay(TimestampFromMs(-1)) == -1);
  CHECK(UtcDay(TimestampFromMs(-86'400'000)) == -1);
  CHECK(UtcDay(TimestampFromMs(-86'400'001)) == -2);
  CHECK(UtcDay(TimestampFromMs(INT64_MIN)) == -106'751'991'168);
  CHECK(FormatTimestamp(TimestampFromMs(INT64_MIN)) == "-292275055-05-16T16:47:04.192Z");
  CHECK(FormatTimestamp(TimestampFromMs(INT64_MAX)) == "292278994-08-17T07:12:55.807Z");
}

TEST_CASE("a UUID carries its version and variant and the other bits as given") {
  CHECK(FormatUuid(0, 0, 8) == "00000000-0000-8000-8000-000000000000");
  CHECK(FormatUuid(~std::uint64_t{0}, ~std::uint64_t{0}, 4) == "ffffffff-ffff-4fff-bfff-ffffffffffff");
  CHECK(FormatUuid(0x0123456789ABCDEFu, 0x0123456789ABCDEFu, 7) == "01234567-89ab-7def-8123-456789abcdef");
}
