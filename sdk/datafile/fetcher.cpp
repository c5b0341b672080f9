#include "sdk/datafile/fetcher.h"

#include <algorithm>
#include <utility>

#include "guidon/limits.h"
#include "guidon/version.h"
#include "sdk/core/base/retry_after.h"
#include "sdk/datafile/cache.h"

namespace guidon::datafile {
namespace {

// Requests of this room are told from others at the same port by the upper half of their ids ("data" in ASCII).
constexpr std::uint64_t kFirstId = std::uint64_t{0x64617461} << 32;

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
    // What a cache on the way gives once more has the date it had then.
    const std::string_view age = FindHeader(headers, "age");
    if (answer_.status.ok() && (age.empty() || age == "0")) answer_.date = FindHeader(headers, "date");
    answer_.came = clock_->Monotonic();
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
