#include "sdk/events/retry.h"

#include <doctest/doctest.h>

#include <set>

namespace guidon::events {
namespace {

TEST_CASE("what every answer means") {
  struct Row {
    int http_status;
    const char* body;
    bool was_compressed;
    Verdict verdict;
    std::uint64_t rejected;
    StatusCode code;
  };
  const Row rows[] = {
      {200, "", true, Verdict::kDelivered, 0, StatusCode::kOk},
      {200, " \r\n", true, Verdict::kDelivered, 0, StatusCode::kOk},
      {202, "{}", true, Verdict::kDelivered, 0, StatusCode::kOk},
      {204, "", false, Verdict::kDelivered, 0, StatusCode::kOk},
      {200, "{\"partialSuccess\":{}}", true, Verdict::kDelivered, 0, StatusCode::kOk},
      {200, "{\"partialSuccess\":{\"rejectedLogRecords\":\"3\"}}", true, Verdict::kDelivered, 3, StatusCode::kOk},
      {200, "{\"partialSuccess\":{\"rejectedLogRecords\":4}}", true, Verdict::kDelivered, 4, StatusCode::kOk},
      {200, "{\"partialSuccess\":{\"rejectedLogRecords\":-4}}", true, Verdict::kDelivered, 0, StatusCode::kOk},
      {200, "{\"partialSuccess\":{\"rejectedLogRecords\":\"x\"}}", true, Verdict::kDelivered, 0, StatusCode::kOk},
      {200, "<html>", true, Verdict::kRetryLater, 0, StatusCode::kUnavailable},
      {200, "{\"partial", true, Verdict::kRetryLater, 0, StatusCode::kUnavailable},
      {301, "", true, Verdict::kRetryLater, 0, StatusCode::kUnavailable},
      {400, "", true, Verdict::kSplit, 0, StatusCode::kInvalidArgument},
      {401, "", true, Verdict::kProbe, 0, StatusCode::kPermissionDenied},
      {402, "", true, Verdict::kProbe, 0, StatusCode::kInvalidArgument},
      {403, "", true, Verdict::kProbe, 0, StatusCode::kPermissionDenied},
      {404, "", true, Verdict::kProbe, 0, StatusCode::kNotFound},
      {407, "", true, Verdict::kProbe, 0, StatusCode::kPermissionDenied},
      {408, "", true, Verdict::kRetryLater, 0, StatusCode::kUnavailable},
      {410, "", true, Verdict::kProbe, 0, StatusCode::kNotFound},
      {413, "", true, Verdict::kSplit, 0, StatusCode::kInvalidArgument},
      {415, "", true, Verdict::kResendPlain, 0, StatusCode::kUnsupported},
      {415, "", false, Verdict::kProbe, 0, StatusCode::kInvalidArgument},
      {422, "", true, Verdict::kSplit, 0, StatusCode::kInvalidArgument},
      {425, "", true, Verdict::kRetryLater, 0, StatusCode::kUnavailable},
      {429, "", true, Verdict::kRetryLater, 0, StatusCode::kUnavailable},
      {500, "", true, Verdict::kRetryLater, 0, StatusCode::kUnavailable},
      {501, "", true, Verdict::kResendPlain, 0, StatusCode::kUnsupported},
      {501, "", false, Verdict::kRetryLater, 0, StatusCode::kUnavailable},
      {503, "", true, Verdict::kRetryLater, 0, StatusCode::kUnavailable},
      {511, "", true, Verdict::kRetryLater, 0, StatusCode::kUnavailable},
      {0, "", true, Verdict::kRetryLater, 0, StatusCode::kUnavailable},
  };
  for (const Row& row : rows) {
    CAPTURE(row.http_status);
    CAPTURE(std::string(row.body));
    Answer answer;
    answer.http_status = row.http_status;
    answer.body = row.body;
    const Judgement judgement = Judge(answer, row.was_compressed);
    CHECK(judgement.verdict == row.verdict);
    CHECK(judgement.rejected == row.rejected);
    CHECK(judgement.status.code() == row.code);
  }
}

TEST_CASE("an answer that did not come whole is none, whatever its status says") {
  Answer answer;
  answer.http_status = 200;
  answer.transport = Status(StatusCode::kUnavailable, "cut");
  CHECK(Judge(answer, true).verdict == Verdict::kRetryLater);
}

TEST_CASE(
    "pauses lie in a range that doubles up to five minutes, differ between installations, and are never shorter than "
    "asked") {
  std::set<std::int64_t> first;
  for (std::uint32_t failures = 1; failures < 40; ++failures) {
    const Duration most = std::min<Duration>(kMostBackoff, std::chrono::seconds(1) * (1 << std::min(failures, 9u)));
    Duration longest(0);
    for (int install = 0; install < 50; ++install) {
      const Duration delay = RetryDelay("install-" + std::to_string(install), failures, std::nullopt);
      CHECK(delay >= Duration(0));
      CHECK(delay <= most);
      longest = std::max(longest, delay);
      if (failures == 9) first.insert(delay.count());
    }
    CHECK(longest > most / 2);
  }
  CHECK(first.size() == 50);
  CHECK(RetryDelay("a", 3, std::chrono::hours(2)) == Duration(std::chrono::hours(2)));
  CHECK(RetryDelay("a", 3, std::nullopt) == RetryDelay("a", 3, Duration(0)));
}

}  // namespace
}  // namespace guidon::events
