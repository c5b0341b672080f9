#include "sdk/events/retry.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "sdk/core/base/json.h"
#include "sdk/core/base/text.h"
#include "sdk/core/hash/hash.h"

namespace guidon::events {
namespace {

Judgement Later(std::string why) { return {Verdict::kRetryLater, 0, Status(StatusCode::kUnavailable, std::move(why))}; }

std::uint64_t RejectedRecords(const json::Document& answer) {
  const json::Node count = answer.root()["partialSuccess"]["rejectedLogRecords"];
  std::int64_t rejected = 0;
  if (const auto number = count.AsInt()) {
    rejected = *number;
  } else if (const auto text = count.AsString()) {
    std::from_chars(text->data(), text->data() + text->size(), rejected);
  }
  return rejected > 0 ? static_cast<std::uint64_t>(rejected) : 0;
}

// A captive portal answers 200 as well, in HTML.
Judgement JudgeSuccess(const Answer& answer) {
  const std::string_view body = text::Trim(answer.body);
  if (body.empty()) return {Verdict::kDelivered, 0, Status()};
  const std::optional<json::Document> document = json::Document::Parse(body, nullptr);
  if (!document) {
    return Later("the collector's answer " + std::to_string(answer.http_status) +
                 " is neither empty nor JSON; is something in between?");
  }
  return {Verdict::kDelivered, RejectedRecords(*document), Status()};
}

}  // namespace

Judgement Judge(const Answer& answer, bool was_compressed) {
  if (!answer.transport.ok()) return Later("no answer from the collector: " + answer.transport.message());
  const int code = answer.http_status;
  if (code >= 200 && code < 300) return JudgeSuccess(answer);
  const std::string why = "the collector answered " + std::to_string(code);
  if (was_compressed && (code == 415 || code == 501)) {
    return {Verdict::kResendPlain, 0, Status(StatusCode::kUnsupported, why)};
  }
  switch (code) {
    case 408:
    case 425:
    case 429: return Later(why);
    case 400:
    case 413:
    case 422: return {Verdict::kSplit, 0, Status(StatusCode::kInvalidArgument, why)};
    case 401:
    case 403:
    case 407: return {Verdict::kProbe, 0, Status(StatusCode::kPermissionDenied, why)};
    case 404:
    case 410: return {Verdict::kProbe, 0, Status(StatusCode::kNotFound, why)};
    default: break;
  }
  if (code >= 400 && code < 500) return {Verdict::kProbe, 0, Status(StatusCode::kInvalidArgument, why)};
  return Later(why);  // 5xx; and 1xx, 3xx and whatever else is no answer of a collector
}

Duration RetryDelay(std::string_view install_id, std::uint32_t failures, std::optional<Duration> retry_after) {
  const std::uint32_t doublings = std::min<std::uint32_t>(failures, 9);
  const Duration most = std::min<Duration>(kMostBackoff, std::chrono::seconds(1) * (1 << doublings));
  std::string what = "retry\x1F";
  what.append(install_id).append("\x1F").append(std::to_string(failures));
  const auto span = static_cast<std::uint64_t>(most.count()) + 1;
  const Duration jitter(static_cast<Duration::rep>(HashBytes64(what) % span));
  return std::max(jitter, retry_after.value_or(Duration(0)));
}

}  // namespace guidon::events
