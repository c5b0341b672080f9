#include "sdk/core/base/retry_after.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

namespace guidon {
namespace {

struct Row {
  std::string retry_after;
  std::string date;
  std::optional<std::int64_t> seconds;
};

void Check(const Row& row) {
  CAPTURE(row.retry_after);
  CAPTURE(row.date);
  const Timestamp now = TimestampFromMs(784'111'777'000);  // Sun, 06 Nov 1994 08:49:37 GMT
  const std::optional<Duration> wait = ParseRetryAfter(row.retry_after, row.date, now);
  REQUIRE(wait.has_value() == row.seconds.has_value());
  if (wait) CHECK(*wait == std::chrono::seconds(*row.seconds));
}

constexpr const char* kNow = "Sun, 06 Nov 1994 08:49:37 GMT";

TEST_CASE("Retry-After in seconds is that long, at most 24 h, whatever the server's date") {
  const Row rows[] = {
      {"0", "", 0},
      {"1", kNow, 1},
      {" 30 ", "", 30},
      {"120", "Sat, 21 Nov 2026 10:00:00 GMT", 120},
      {"86400", "", 86'400},
      {"86401", "", 86'400},
      {"1000000000000", "", 86'400},
      {"99999999999999999999999999", "", 86'400},
  };
  for (const Row& row : rows) Check(row);
}

TEST_CASE("Retry-After as a date counts from the server's date, else from the device's, clamped to 0 to 24 h") {
  const Row rows[] = {
      {"Sun, 06 Nov 1994 08:50:37 GMT", "", 60},
      {"\tSun, 06 Nov 1994 08:50:37 GMT ", "", 60},
      {"Sun, 06 Nov 1994 08:49:37 GMT", "", 0},
      {"Sun, 06 Nov 1994 08:49:36 GMT", "", 0},
      {"Tue, 06 Dec 1994 08:49:37 GMT", "", 86'400},
      {"Sun, 06 Nov 1994 08:49:47 GMT", kNow, 10},
      {"Sat, 21 Nov 2026 10:02:00 GMT", "Sat, 21 Nov 2026 10:00:00 GMT", 120},
      {"Sat, 21 Nov 2026 10:02:00 GMT", " Sat, 21 Nov 2026 10:00:00 GMT ", 120},
      {"Sun, 06 Nov 1994 08:50:37 GMT", "Sat, 21 Nov 2026 10:00:00 GMT", 0},
      {"Sun, 06 Nov 1994 08:50:37 GMT", "yesterday", 60},
  };
  for (const Row& row : rows) Check(row);
}

TEST_CASE("anything else in Retry-After asks for nothing") {
  const Row rows[] = {
      {"", "", std::nullopt},
      {" ", kNow, std::nullopt},
      {"-5", "", std::nullopt},
      {"+5", "", std::nullopt},
      {"1.5", "", std::nullopt},
      {"1 2", "", std::nullopt},
      {"soon", "", std::nullopt},
      {"1994-11-06T08:50:37Z", "", std::nullopt},
      {"Sun, 06 Nov 1994 08:50:37 CET", "", std::nullopt},
      {"Sun, 06 ovD 1994 08:50:37 GMT", "", std::nullopt},
      {"Sun, 06 Nvo 1994 08:50:37 GMT", "", std::nullopt},
      {"Sun, 99 Nov 1994 08:50:37 GMT", "", std::nullopt},
      {"Thu, 31 Feb 1994 08:50:37 GMT", "", std::nullopt},
      {"Sun, 06-Nov-1994 08:50:37 GMT", "", std::nullopt},
      {"Sunday, 06-Nov-94 08:50:37 GMT", "", std::nullopt},
  };
  for (const Row& row : rows) Check(row);
}

}  // namespace
}  // namespace guidon
