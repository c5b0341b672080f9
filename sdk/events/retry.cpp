#include "sdk/events/retry.h"

#include <algorithm>
#include <string>

#include "sdk/core/base/json.h"
#include "sdk/core/base/text.h"
#include "sdk/core/hash/hash.h"

namespace guidon::events {
namespace {

Judgement Later(std::string why) { return {Verdict::kRetryLater, 0, Status(StatusCode::kUnavailable, std::move(why))}; }

bool HasType(const Answer& answer, std::string_view type) {
  return answer.content_type.compare(0, type.size(), type) == 0;
}

// A captive portal answers 200 as well, in HTML. What speaks the collector's own types is the collector, even when it
// says something that cannot be read; sending the batch again would not make it clearer.
Judgement JudgeSuccess(const Answer& answer, const Sink& sink) {
  const std::string_view body = text::Trim(answer.body);
  const bool is_page = HasType(answer, "text/html") || HasType(answer, "application/xhtml");
  const bool is_whole = answer.transport.ok();
  if (is_whole && !is_page) {
    if (body.empty()) return {Verdict::kDelivered, 0, Status()};
    if (const auto document = json::Document::Parse(body, nullptr)) {
      return {Verdict::kDelivered, sink.rejected == nullptr ? 0 : sink.rejected(document->root()), Status()};
    }
    const bool is_own_type = HasType(answer, "application/json") || HasType(answer, "application/x-protobuf") ||
                             (sink.takes_text && HasType(answer, "text/plain"));
    if (is_own_type && body.front() != '<') return {Verdict::kDelivered, 0, Status()};
  }
  return Later("the answer " + std::to_string(answer.http_status) +
               " is none that a collector gives; is something in between?");
}

Stop StopOf(const Answer& answer) {
  const std::string_view order = text::Trim(answer.stop);
  if (order == "erase") return Stop::kErase;
  return order == "keep" ? Stop::kKeep : Stop::kNo;
}

Judgement JudgeStatus(const Answer& answer, bool was_compressed, const Sink& sink) {
  const int code = answer.http_status;
  if (code >= 200 && code < 300) return JudgeSuccess(answer, sink);
  const std::string why = "the collector answered " + std::to_string(code);
  if (was_compressed && (code == 415 || code == 501)) {
    return {Verdict::kResendPlain, 0, Status(StatusCode::kUnsupported, why)};
  }
  switch (code) {
    case 407: return {Verdict::kRetryLater, 0, Status(StatusCode::kPermissionDenied, "a proxy answered 407")};
    case 408:
    case 425:
    case 429: return Later(why);
    case 400:
    case 413:
    case 422: return {Verdict::kSplit, 0, Status(StatusCode::kInvalidArgument, why)};
    case 401:
    case 403: return {Verdict::kProbe, 0, Status(StatusCode::kPermissionDenied, why)};
    case 404: return {Verdict::kProbe, 0, Status(StatusCode::kNotFound, why)};
    case 410: return {Verdict::kStop, 0, Status(StatusCode::kNotFound, why), Stop::kKeep};
    default: break;
  }
  if (code >= 400 && code < 500) return {Verdict::kProbe, 0, Status(StatusCode::kInvalidArgument, why)};
  return Later(why);  // 5xx; and 1xx, 3xx and whatever else is no answer of a collector
}

}  // namespace

Judgement Judge(const Answer& answer, bool was_compressed, const Sink& sink) {
  // An error whose page is longer than anybody reads is still that error.
  const bool has_status = answer.transport.code() == StatusCode::kTooLarge && answer.http_status != 0;
  if (!answer.transport.ok() && !has_status)
    return Later("no answer from the collector: " + answer.transport.message());
  Judgement judgement = JudgeStatus(answer, was_compressed, sink);
  judgement.stop = std::max(judgement.stop, StopOf(answer));
  if (judgement.stop != Stop::kNo && judgement.status.ok()) {
    judgement.status = Status(StatusCode::kUnavailable, "the collector wants nothing more");
  }
  return judgement;
}

Duration RetryDelay(std::string_view salt, std::uint32_t failures, std::optional<Duration> retry_after) {
  const std::uint32_t doublings = std::min<std::uint32_t>(failures, 9);
  const Duration most = std::min<Duration>(kMostBackoff, std::chrono::seconds(1) * (1 << doublings));
  std::string what = "retry\x1F";
  what.append(salt).append("\x1F").append(std::to_string(failures));
  const auto span = static_cast<std::uint64_t>(most.count()) + 1;
  const Duration jitter(static_cast<Duration::rep>(HashBytes64(what) % span));
  return std::max(jitter, retry_after.value_or(Duration(0)));
}

}  // namespace guidon::events
