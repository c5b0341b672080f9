#include "sdk/events/retry.h"

#include <doctest/doctest.h>

#include <set>

namespace guidon::events {
namespace {

const Sink& kOtlp = SinkOf(EventSink::kOtlp);

Answer Of(int http_status, std::string body = std::string(), std::string content_type = std::string()) {
  Answer answer;
  answer.http_status = http_status;
  answer.body = std::move(body);
  answer.content_type = std::move(content_type);
  return answer;
}

TEST_CASE("what every status means") {
  struct Row {
    int http_status;
    bool was_compressed;
    Verdict verdict;
    StatusCode code;
  };
  const Row rows[] = {
      {200, true, Verdict::kDelivered, StatusCode::kOk},
      {202, true, Verdict::kDelivered, StatusCode::kOk},
      {204, false, Verdict::kDelivered, StatusCode::kOk},
      {301, true, Verdict::kRetryLater, StatusCode::kUnavailable},
      {302, true, Verdict::kRetryLater, StatusCode::kUnavailable},
      {307, true, Verdict::kRetryLater, StatusCode::kUnavailable},
      {400, true, Verdict::kSplit, StatusCode::kInvalidArgument},
      {401, true, Verdict::kProbe, StatusCode::kPermissionDenied},
      {402, true, Verdict::kProbe, StatusCode::kInvalidArgument},
      {403, true, Verdict::kProbe, StatusCode::kPermissionDenied},
      {404, true, Verdict::kProbe, StatusCode::kNotFound},
      {407, true, Verdict::kRetryLater, StatusCode::kPermissionDenied},
      {408, true, Verdict::kRetryLater, StatusCode::kUnavailable},
      {410, true, Verdict::kStop, StatusCode::kNotFound},
      {413, true, Verdict::kSplit, StatusCode::kInvalidArgument},
      {415, true, Verdict::kResendPlain, StatusCode::kUnsupported},
      {415, false, Verdict::kProbe, StatusCode::kInvalidArgument},
      {422, true, Verdict::kSplit, StatusCode::kInvalidArgument},
      {425, true, Verdict::kRetryLater, StatusCode::kUnavailable},
      {429, true, Verdict::kRetryLater, StatusCode::kUnavailable},
      {500, true, Verdict::kRetryLater, StatusCode::kUnavailable},
      {501, true, Verdict::kResendPlain, StatusCode::kUnsupported},
      {501, false, Verdict::kRetryLater, StatusCode::kUnavailable},
      {502, true, Verdict::kRetryLater, StatusCode::kUnavailable},
      {503, true, Verdict::kRetryLater, StatusCode::kUnavailable},
      {511, true, Verdict::kRetryLater, StatusCode::kUnavailable},
      {0, true, Verdict::kRetryLater, StatusCode::kUnavailable},
  };
  for (const EventSink sink : {EventSink::kOtlp, EventSink::kSegment, EventSink::kPostHog, EventSink::kNdjson}) {
    for (const Row& row : rows) {
      CAPTURE(row.http_status);
      const Judgement judgement = Judge(Of(row.http_status), row.was_compressed, SinkOf(sink));
      CHECK(judgement.verdict == row.verdict);
      CHECK(judgement.rejected == 0);
      CHECK(judgement.status.code() == row.code);
    }
  }
}

TEST_CASE("a 2xx acknowledges only what the sink's collector would say, and a page is none of it") {
  struct Row {
    std::string body, type;
    bool otlp, others;
    std::uint64_t rejected;
  };
  const Row rows[] = {
      {"", "", true, true, 0},
      {" \r\n", "", true, true, 0},
      {"{}", "", true, true, 0},
      {"{}", "application/json; charset=utf-8", true, true, 0},
      {R"({"success":true})", "application/json", true, true, 0},
      {R"({"status":1})", "application/json", true, true, 0},
      {"{\"partialSuccess\":{}}", "", true, true, 0},
      {R"({"partialSuccess":{"rejectedLogRecords":"3"}})", "", true, true, 3},
      {R"({"partialSuccess":{"rejectedLogRecords":4}})", "", true, true, 4},
      {R"({"partialSuccess":{"rejectedLogRecords":-4}})", "", true, true, 0},
      {R"({"partialSuccess":{"rejectedLogRecords":"x"}})", "", true, true, 0},
      // Its own type, though it cannot be read.
      {"{\"partial", "application/json", true, true, 0},
      {std::string("\x0A\x02\x08\x03", 4), "application/x-protobuf", true, true, 0},
      {"OK", "text/plain; charset=utf-8", false, true, 0},
      // Something in between.
      {"OK", "", false, false, 0},
      {"{\"partial", "", false, false, 0},
      {"<html>", "", false, false, 0},
      {"<html>", "text/html", false, false, 0},
      {"<html>", "text/plain", false, false, 0},
      {"<html>", "application/json", false, false, 0},
      {"", "text/html; charset=utf-8", false, false, 0},
      {"{}", "text/html", false, false, 0},
      {"<?xml", "application/xhtml+xml", false, false, 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.body);
    CAPTURE(row.type);
    for (const EventSink sink : {EventSink::kOtlp, EventSink::kSegment, EventSink::kPostHog, EventSink::kNdjson}) {
      const bool is_otlp = sink == EventSink::kOtlp;
      const Judgement judgement = Judge(Of(200, row.body, row.type), true, SinkOf(sink));
      CHECK(judgement.verdict == ((is_otlp ? row.otlp : row.others) ? Verdict::kDelivered : Verdict::kRetryLater));
      CHECK(judgement.rejected == (is_otlp ? row.rejected : 0));
    }
  }
}

TEST_CASE("an answer that did not come whole is none, whatever its status says") {
  for (const int http_status : {200, 400, 410, 503}) {
    Answer answer = Of(http_status);
    answer.transport = Status(StatusCode::kUnavailable, "cut");
    answer.stop = "erase";
    const Judgement judgement = Judge(answer, true, kOtlp);
    CHECK(judgement.verdict == Verdict::kRetryLater);
    CHECK((judgement.stop == Stop::kNo));
  }
}

TEST_CASE("an error whose page is too long to be read is that error; a 2xx with such a page is none") {
  struct Row {
    int http_status;
    Verdict verdict;
  };
  for (const Row& row : {Row{200, Verdict::kRetryLater}, Row{400, Verdict::kSplit}, Row{404, Verdict::kProbe},
                         Row{503, Verdict::kRetryLater}, Row{0, Verdict::kRetryLater}}) {
    CAPTURE(row.http_status);
    Answer answer = Of(row.http_status, "{}");
    answer.transport = Status(StatusCode::kTooLarge, "too long");
    CHECK(Judge(answer, true, kOtlp).verdict == row.verdict);
  }
}

TEST_CASE("Guidon-Stop is obeyed whatever the status, by its two words only; 410 keeps") {
  struct Row {
    int http_status;
    std::string header;
    Stop stop;
  };
  for (const Row& row : {Row{200, "", Stop::kNo}, Row{200, "keep", Stop::kKeep}, Row{200, " erase ", Stop::kErase},
                         Row{503, "keep", Stop::kKeep}, Row{410, "", Stop::kKeep}, Row{410, "erase", Stop::kErase},
                         Row{200, "yes", Stop::kNo}, Row{410, "no", Stop::kKeep}}) {
    CAPTURE(row.header);
    Answer answer = Of(row.http_status);
    answer.stop = row.header;
    const Judgement judgement = Judge(answer, true, kOtlp);
    CHECK((judgement.stop == row.stop));
    CHECK(judgement.status.ok() == (row.stop == Stop::kNo && row.http_status == 200));
  }
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
