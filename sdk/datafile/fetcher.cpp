#include "sdk/datafile/fetcher.h"

#include <algorithm>
#include <array>
#include <utility>

#include "guidon/limits.h"
#include "guidon/version.h"
#include "sdk/core/base/text.h"

namespace guidon::datafile {
namespace {

// Requests of this room are told from others at the same port by the upper half of their ids ("data" in ASCII).
constexpr std::uint64_t kFirstId = std::uint64_t{0x64617461} << 32;
constexpr std::size_t kMostEtagBytes = 256;
constexpr Duration kMostRetryAfter = std::chrono::hours(24);

// "Sun, 06 Nov 1994 08:49:37 GMT", the one form that senders may use today.
std::optional<Timestamp> ParseHttpDate(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT") return std::nullopt;
  const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  if (month == kMonths.end() || text[7] != ' ' || text[11] != ' ' || text[16] != ' ') return std::nullopt;
  const auto number = month - kMonths.begin() + 1;
  std::string plain(text.substr(12, 4));
  plain += number < 10 ? "-0" : "-";
  plain += std::to_string(number);
  plain += '-';
  plain += text.substr(5, 2);
  plain += 'T';
  plain += text.substr(17, 8);
  plain += 'Z';
  return text::ParseTimestamp(plain);
}

// What may stand in a header line; an ETag may come from a file that somebody wrote into.
bool IsSafeEtag(std::string_view etag) {
  return etag.size() <= kMostEtagBytes && std::all_of(etag.begin(), etag.end(), [](char c) {
           return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F;
         });
}

Status StatusOf(int http_status, bool asked_with_etag) {
  const std::string said = "datafile: the server answered " + std::to_string(http_status);
  switch (http_status) {
    case 200: return Status();
    case 304:
      return asked_with_etag ? Status()
                             : Status(StatusCode::kUnavailable, said + " though it was asked for any datafile");
    case 401:
    case 403: return Status(StatusCode::kPermissionDenied, said);
    case 404:
    case 410: return Status(StatusCode::kNotFound, said);
    default: return Status(StatusCode::kUnavailable, said);
  }
}

class DatafileSink final : public HttpSink {
 public:
  DatafileSink(bool asked_with_etag, std::shared_ptr<Clock> clock, std::function<void(FetchAnswer)> done)
      : asked_with_etag_(asked_with_etag), clock_(std::move(clock)), done_(std::move(done)) {}

  void Head(int http_status, const HttpHeaders& headers) override {
    http_status_ = http_status;
    answer_.status = StatusOf(http_status, asked_with_etag_);
    answer_.not_modified = http_status == 304;
    if (http_status == 200) {
      const std::string_view etag = FindHeader(headers, "etag");
      if (IsSafeEtag(etag)) answer_.etag = etag;
    }
    if (!answer_.status.ok()) {
      answer_.retry_after =
          ParseRetryAfter(FindHeader(headers, "retry-after"), FindHeader(headers, "date"), clock_->Now());
    }
  }

  bool Body(std::string_view bytes) override {
    if (http_status_ != 200) return false;  // an error's page is of no use
    if (bytes.size() > limits::kDatafileBytes - answer_.bytes.size()) {
      too_large_ = true;
      return false;
    }
    answer_.bytes += bytes;
    return true;
  }

  void Done(HttpEnd end) override {
    const auto done = std::exchange(done_, nullptr);
    if (!done) return;
    if (too_large_ || end.status.code() == StatusCode::kTooLarge) {
      answer_.status =
          Status(StatusCode::kTooLarge, "datafile: over " + std::to_string(limits::kDatafileBytes) + " bytes");
    } else if (answer_.status.ok() && !end.status.ok()) {
      answer_.status = std::move(end.status);
    } else if (http_status_ == 0) {
      answer_.status = Status(StatusCode::kUnavailable, "datafile: no answer");
    }
    if (!answer_.status.ok()) {
      answer_.not_modified = false;
      answer_.bytes.clear();
      answer_.etag.clear();
    }
    done(std::move(answer_));
  }

 private:
  const bool asked_with_etag_;
  std::shared_ptr<Clock> clock_;
  std::function<void(FetchAnswer)> done_;
  FetchAnswer answer_;
  int http_status_ = 0;
  bool too_large_ = false;
};

}  // namespace

std::optional<Duration> ParseRetryAfter(std::string_view retry_after, std::string_view date, Timestamp now) {
  if (retry_after.empty()) return std::nullopt;
  if (retry_after.find_first_not_of("0123456789") == std::string_view::npos) {
    std::int64_t seconds = 0;
    for (const char digit : retry_after) {
      seconds = seconds * 10 + (digit - '0');
      if (seconds > kMostRetryAfter / std::chrono::seconds(1)) return kMostRetryAfter;
    }
    return std::chrono::seconds(seconds);
  }
  const std::optional<Timestamp> until = ParseHttpDate(retry_after);
  if (!until) return std::nullopt;
  return std::clamp(*until - ParseHttpDate(date).value_or(now), Duration(0), kMostRetryAfter);
}

Fetcher::Fetcher(std::shared_ptr<Http> http, std::shared_ptr<Clock> clock, std::string url, HttpHeaders headers)
    : http_(std::move(http)),
      clock_(std::move(clock)),
      url_(std::move(url)),
      headers_(std::move(headers)),
      id_(kFirstId) {}

void Fetcher::Start(std::string etag, std::function<void(FetchAnswer)> done) {
  HttpRequest request;
  request.url = url_;
  request.headers = headers_;
  request.headers.emplace_back("Accept", "application/octet-stream, application/json");
  request.headers.emplace_back("User-Agent", "guidon/" GUIDON_VERSION);
  const bool has_etag = !etag.empty() && IsSafeEtag(etag);
  if (has_etag) request.headers.emplace_back("If-None-Match", std::move(etag));
  request.connect_timeout = std::chrono::seconds(5);
  request.idle_timeout = std::chrono::seconds(15);
  request.total_timeout = std::chrono::seconds(15);
  request.most_bytes = limits::kDatafileBytes;
  request.redirects = 3;
  http_->Start(++id_, std::move(request), std::make_shared<DatafileSink>(has_etag, clock_, std::move(done)));
}

void Fetcher::Cancel() { http_->Cancel(id_); }

}  // namespace guidon::datafile
