// The engine that moves bytes with curl: one multi handle, which keeps connections open between requests. Redirects are
// followed here and not by curl, so that where one leads is known before anybody connects to it.
#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/platform_parts.h"
#include "platform/http/head_reader.h"
#include "platform/http/pinned_keys.h"
#include "platform/http/request_rules.h"
#include "platform/http/request_thread.h"

namespace guidon {
namespace {

using Steady = std::chrono::steady_clock;

constexpr long kKeptConnections = 4;
constexpr std::size_t kMostRedirectBytes = 64u << 10;  // of a body nobody reads
constexpr Duration kLongestPoll = std::chrono::seconds(60);

struct CleanUpEasy {
  void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
struct CleanUpMulti {
  void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
};
struct CleanUpUrl {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
struct FreeList {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, CleanUpEasy>;
using Multi = std::unique_ptr<CURLM, CleanUpMulti>;
using Url = std::unique_ptr<CURLU, CleanUpUrl>;
using List = std::unique_ptr<curl_slist, FreeList>;

// Where a request goes, as curl itself reads the URL, so that what is checked is what is connected to.
struct Target {
  std::string url;
  std::string scheme;
  std::string host;
  std::string port;
};

bool SameOrigin(const Target& a, const Target& b) {
  return a.scheme == b.scheme && a.host == b.host && a.port == b.port;
}

std::string Part(CURLU* url, CURLUPart part, unsigned flags) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return std::string();
  std::string copy(text);
  curl_free(text);
  std::transform(copy.begin(), copy.end(), copy.begin(), [part](char c) {
    return part != CURLUPART_URL && c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return copy;
}

// `base` is empty, or what a relative reference is relative to.
Result<Target> ReadUrl(const std::string& base, const std::string& text) {
  const Url url(curl_url());
  if (!url) return Status(StatusCode::kInternal, "url: out of memory");
  constexpr unsigned kFlags = CURLU_NON_SUPPORT_SCHEME | CURLU_DISALLOW_USER;
  if ((!base.empty() && curl_url_set(url.get(), CURLUPART_URL, base.c_str(), kFlags) != CURLUE_OK) ||
      text.find('\0') != std::string::npos ||
      curl_url_set(url.get(), CURLUPART_URL, text.c_str(), kFlags) != CURLUE_OK) {
    return Status(StatusCode::kInvalidArgument, "url: cannot be read as one without a user's name");
  }
  Target target;
  target.url = Part(url.get(), CURLUPART_URL, 0);
  target.scheme = Part(url.get(), CURLUPART_SCHEME, 0);
  target.host = Part(url.get(), CURLUPART_HOST, 0);
  target.port = Part(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  if (target.scheme == "https" && !target.host.empty()) return target;
  if (target.scheme == "http" && IsLoopback(target.host)) return target;
  return Status(StatusCode::kInvalidArgument,
                "url: must be https, or http to a loopback address, not " + target.scheme + " to " + target.host);
}

StatusCode CodeOf(CURLcode result) noexcept {
  switch (result) {
    case CURLE_OK: return StatusCode::kOk;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL: return StatusCode::kInvalidArgument;
    case CURLE_BAD_CONTENT_ENCODING: return StatusCode::kCorrupt;
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH: return StatusCode::kUntrusted;
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_UNKNOWN_OPTION:
    case CURLE_NOT_BUILT_IN: return StatusCode::kInternal;
    // Names that do not resolve, certificates that are not good (as behind a café's login page), connections refused,
    // cut or timed out: another attempt may fare better.
    default: return StatusCode::kUnavailable;
  }
}

// One request on its way. Lives on the thread, from the start to its sink's Done.
class Transfer {
 public:
  // `options` and `pinned` outlive it.
  Transfer(std::uint64_t id, HttpRequest request, std::shared_ptr<HttpSink> sink, const CurlOptions& options,
           const Result<PinnedKeys>& pinned)
      : id_(id), request_(std::move(request)), sink_(std::move(sink)), options_(options), pinned_(pinned) {}

  std::uint64_t id() const noexcept { return id_; }
  CURL* easy() const noexcept { return easy_.get(); }

  Status Begin(CURLM* multi) {
    if (Status status = CheckRequest(request_); !status.ok()) return status;
    Result<Target> target = ReadUrl(std::string(), request_.url);
    if (!target.ok()) return target.status();
    target_ = std::move(*target);
    redirects_left_ = request_.redirects;
    began_ = touched_ = Steady::now();
    easy_.reset(curl_easy_init());
    if (!easy_ || multi == nullptr || !SetUp()) return Status(StatusCode::kInternal, "http: curl cannot be set up");
    if (Status status = Pin(); !status.ok()) return status;
    return Add(multi);
  }

  // The answer led elsewhere, to where it may: begins anew. False when there is nothing to follow or it went wrong.
  bool Follow(CURLM* multi, CURLcode result) {
    if (!is_redirecting_ || (result != CURLE_OK && result != CURLE_WRITE_ERROR)) return false;
    is_redirecting_ = false;
    --redirects_left_;
    target_ = std::move(next_);
    head_.Clear();
    body_bytes_ = 0;
    touched_ = Steady::now();
    status_ = Add(multi);
    return status_.ok();
  }

  // When the request is to end for want of a byte, as things stand. Connecting has a timeout of its own.
  Steady::time_point IdleAt() {
    if (request_.idle_timeout <= Duration(0)) return Steady::time_point::max();
    curl_off_t connected = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_PRETRANSFER_TIME_T, &connected);
    const std::int64_t moved = Moved();
    if (connected == 0 || moved != moved_) touched_ = Steady::now();
    moved_ = moved;
    return touched_ + request_.idle_timeout;
  }
  Status IdleStatus() const {
    return Failed(StatusCode::kUnavailable, "not a byte for " + std::to_string(request_.idle_timeout.count()) + " ms");
  }

  // How it ended: as a callback said, or else as curl does.
  Status Ended(CURLcode result) const {
    if (!status_.ok()) return status_;
    // curl makes nothing of a connection that ends within the head.
    if (result == CURLE_OK && !is_head_given_)
      return Failed(StatusCode::kUnavailable, "hung up within the answer's head");
    if (result == CURLE_OK) return Status();
    // No callback refused what it got, so it is curl's gunzip that could not go on.
    if (result == CURLE_WRITE_ERROR && is_gzip_)
      return Failed(StatusCode::kCorrupt, "gzip that goes on behind its end");
    if (result == CURLE_SSL_PINNEDPUBKEYNOTMATCH)
      return Failed(CodeOf(result), "the server's public key is none of those in pinned_keys");
    return Failed(CodeOf(result), error_[0] != '\0' ? error_ : curl_easy_strerror(result));
  }

  // Last of all.
  void Done(Status status) { sink_->Done({std::move(status)}); }

 private:
  bool SetUp() {
    CURL* const easy = easy_.get();
    bool good = SetHeaders() && SetTrust();
    const auto set = [&good, easy](CURLoption option, auto value) {
      good = good && curl_easy_setopt(easy, option, value) == CURLE_OK;
    };
    set(CURLOPT_NOSIGNAL, 1L);
#if CURL_AT_LEAST_VERSION(7, 85, 0)
    set(CURLOPT_PROTOCOLS_STR, "http,https");
#else
    set(CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
#if CURL_AT_LEAST_VERSION(7, 87, 0)
    set(CURLOPT_QUICK_EXIT, 1L);  // ending a request does not wait for its name to be resolved
#endif
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_ACCEPT_ENCODING, "gzip");
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (IsLoopback(target_.host)) {
      set(CURLOPT_PROXY, "");
    } else if (!options_.proxy.empty()) {
      set(CURLOPT_PROXY, options_.proxy.c_str());
      set(CURLOPT_NOPROXY, "");  // the environment's exceptions are from the environment's proxy
    }
    set(CURLOPT_CONNECTTIMEOUT_MS, std::max(1L, static_cast<long>(request_.connect_timeout.count())));
    set(CURLOPT_ERRORBUFFER, error_);
    set(CURLOPT_PRIVATE, static_cast<void*>(this));
    set(CURLOPT_HEADERFUNCTION, &Transfer::OnHeader);
    set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    set(CURLOPT_WRITEFUNCTION, &Transfer::OnBody);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    if (request_.method == "HEAD") {
      set(CURLOPT_NOBODY, 1L);
    } else if (request_.method != "GET" || !request_.body.empty()) {
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
      set(CURLOPT_POSTFIELDS, request_.body.data());
      set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    }
    return good;
  }

  bool SetTrust() {
    CURL* const easy = easy_.get();
    bool good = true;
    const auto set = [&good, easy](CURLoption option, auto value) {
      good = good && curl_easy_setopt(easy, option, value) == CURLE_OK;
    };
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (options_.ca_file.empty()) return good;
    set(CURLOPT_CAINFO, options_.ca_file.c_str());
    // Where curl has no proxies by https, or no folder of trusted certificates, it refuses these, and nothing is lost.
    const auto set_if_known = [&good, easy](CURLoption option, const char* value) {
      const CURLcode result = curl_easy_setopt(easy, option, value);
      good = good && (result == CURLE_OK || result == CURLE_NOT_BUILT_IN || result == CURLE_UNKNOWN_OPTION);
    };
    set_if_known(CURLOPT_PROXY_CAINFO, options_.ca_file.c_str());
    // Otherwise the system's folder would be asked besides the file.
    set_if_known(CURLOPT_CAPATH, nullptr);
    set_if_known(CURLOPT_PROXY_CAPATH, nullptr);
    return good;
  }

  // Redirects stay on the host, so what is set holds for them, too.
  Status Pin() {
    if (!pinned_.ok()) return pinned_.status();
    if (pinned_->empty()) return Status();
    const std::string* const keys = pinned_->Of(target_.host);
    if (target_.scheme != "https") {
      if (keys == nullptr) return Status();
      return Failed(StatusCode::kInvalidArgument, "pinned_keys lists it, so it is asked by https only");
    }
    if (keys == nullptr) return Failed(StatusCode::kInvalidArgument, "is not in pinned_keys, so it is not asked");
    const CURLcode result = curl_easy_setopt(easy_.get(), CURLOPT_PINNEDPUBLICKEY, keys->c_str());
    if (result == CURLE_OK) return Status();
    return Failed(StatusCode::kUnsupported,
                  "is not asked, as this curl cannot check pinned_keys: " + std::string(curl_easy_strerror(result)));
  }

  bool SetHeaders() {
    // No "Expect: 100-continue", and no type of curl's own choice.
    if (!AddHeader("Expect:") || !AddHeader("Content-Type:")) return false;
    for (const auto& header : request_.headers) {
      // curl's way to write a header without a value ends in a semicolon.
      if (!AddHeader(header.first + (header.second.empty() ? ";" : ": " + header.second))) return false;
    }
    return curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, headers_.get()) == CURLE_OK;
  }
  bool AddHeader(const std::string& line) {
    curl_slist* const longer = curl_slist_append(headers_.get(), line.c_str());
    if (longer == nullptr) return false;
    headers_.release();
    headers_.reset(longer);
    return true;
  }

  Status Add(CURLM* multi) {
    long most_ms = 0;  // no limit
    if (request_.total_timeout > Duration(0)) {
      const auto spent = std::chrono::duration_cast<Duration>(Steady::now() - began_);
      most_ms = static_cast<long>((request_.total_timeout - spent).count());
      if (most_ms <= 0) return Failed(StatusCode::kUnavailable, "timed out");
    }
    error_[0] = '\0';
    if (curl_easy_setopt(easy_.get(), CURLOPT_URL, target_.url.c_str()) != CURLE_OK ||
        curl_easy_setopt(easy_.get(), CURLOPT_TIMEOUT_MS, most_ms) != CURLE_OK ||
        curl_multi_add_handle(multi, easy_.get()) != CURLM_OK) {
      return Status(StatusCode::kInternal, "http: curl cannot begin");
    }
    return Status();
  }

  // Grows with every byte of a body and every line of the head.
  std::int64_t Moved() {
    curl_off_t sent = 0;
    curl_off_t received = 0;
    long head = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_SIZE_UPLOAD_T, &sent);
    curl_easy_getinfo(easy_.get(), CURLINFO_SIZE_DOWNLOAD_T, &received);
    curl_easy_getinfo(easy_.get(), CURLINFO_HEADER_SIZE, &head);
    return sent + received + head;
  }

  Status Failed(StatusCode code, const std::string& why) const { return Status(code, target_.host + ": " + why); }

  static std::size_t OnHeader(char* bytes, std::size_t size, std::size_t count, void* self) noexcept {
    return static_cast<Transfer*>(self)->TakeHeader({bytes, size * count}) ? size * count : 0;
  }
  static std::size_t OnBody(char* bytes, std::size_t size, std::size_t count, void* self) noexcept {
    return static_cast<Transfer*>(self)->TakeBody({bytes, size * count}) ? size * count : 0;
  }

  bool TakeHeader(std::string_view line) {
    switch (head_.Line(line)) {
      case HeadReader::Seen::kMore:
      case HeadReader::Seen::kExtra: return true;
      case HeadReader::Seen::kTooLarge:
        status_ = Failed(StatusCode::kTooLarge, "the answer's head is too large");
        return false;
      case HeadReader::Seen::kEnd: break;
    }
    const std::string location(FindHeader(head_.headers(), "location"));
    if (request_.redirects > 0 && !location.empty() && MayRedirect(head_.http_status(), request_.method)) {
      status_ = Redirect(location);
      return status_.ok();
    }
    if (Status status = head_.CheckEncoding(&is_gzip_); !status.ok()) {
      status_ = Failed(status.code(), status.message());
      return false;
    }
    if (is_gzip_) head_.ForgetEncoding();
    is_head_given_ = true;
    sink_->Head(head_.http_status(), head_.headers());
    return true;
  }

  Status Redirect(const std::string& location) {
    if (redirects_left_ <= 0) return Failed(StatusCode::kUnavailable, "redirects again and again");
    Result<Target> next = ReadUrl(target_.url, location);
    if (!next.ok())
      return Failed(StatusCode::kUntrusted, "redirects elsewhere, which is refused: " + next.status().message());
    if (!SameOrigin(target_, *next)) {
      return Failed(StatusCode::kUntrusted, "redirects to " + next->scheme + "://" + next->host + ":" + next->port +
                                                ", which is refused: not the same scheme, host and port");
    }
    next_ = std::move(*next);
    is_redirecting_ = true;
    return Status();
  }

  bool TakeBody(std::string_view bytes) {
    if (bytes.empty()) return true;
    body_bytes_ += bytes.size();
    if (is_redirecting_) return body_bytes_ <= kMostRedirectBytes;
    if (body_bytes_ > request_.most_bytes) {
      status_ =
          Failed(StatusCode::kTooLarge, "answers with more than " + std::to_string(request_.most_bytes) + " bytes");
      return false;
    }
    if (sink_->Body(bytes)) return true;
    status_ = Failed(StatusCode::kClosed, "ended by its receiver");
    return false;
  }

  const std::uint64_t id_;
  const HttpRequest request_;
  const std::shared_ptr<HttpSink> sink_;
  const CurlOptions& options_;
  const Result<PinnedKeys>& pinned_;
  Target target_;
  Target next_;
  bool is_redirecting_ = false;
  int redirects_left_ = 0;
  HeadReader head_;
  bool is_head_given_ = false;
  bool is_gzip_ = false;
  std::size_t body_bytes_ = 0;  // decoded
  Status status_;               // why a callback ended it
  Steady::time_point began_;
  Steady::time_point touched_;
  std::int64_t moved_ = 0;
  char error_[CURL_ERROR_SIZE] = {};
  List headers_;
  Easy easy_;
};

// Once in a process, and never undone: other libraries of the host may use curl, too.
bool CurlIsReady() {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return ready;
}

class CurlEngine final : public HttpEngine {
 public:
  explicit CurlEngine(CurlOptions options)
      : options_(std::move(options)),
        pinned_(PinnedKeys::Read(options_.pinned_keys)),
        multi_(CurlIsReady() ? curl_multi_init() : nullptr) {
    if (multi_) curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, kKeptConnections);
  }
  ~CurlEngine() override { CancelAll(); }

  void Begin(std::uint64_t id, HttpRequest request, std::shared_ptr<HttpSink> sink) override {
    auto transfer = std::make_unique<Transfer>(id, std::move(request), std::move(sink), options_, pinned_);
    Status status = transfer->Begin(multi_.get());
    if (!status.ok()) return transfer->Done(std::move(status));
    transfers_.push_back(std::move(transfer));
  }

  void Cancel(std::uint64_t id) override {
    for (const auto& transfer : transfers_) {
      if (transfer->id() == id) return End(transfer.get(), Status(StatusCode::kClosed, "cancelled"));
    }
  }

  void CancelAll() override {
    while (!transfers_.empty()) End(transfers_.back().get(), Status(StatusCode::kClosed, "stopped"));
  }

  bool Turn() override {
    if (transfers_.empty()) return false;
    int running = 0;
    if (curl_multi_perform(multi_.get(), &running) != CURLM_OK) return Broken();
    TakeResults();
    const Steady::time_point idle_at = EndIdle();
    if (transfers_.empty()) return false;
    // Rounded up, or the last millisecond would be spent in a busy loop.
    const auto left = std::chrono::ceil<Duration>(std::min(idle_at - Steady::now(), Steady::duration(kLongestPoll)));
    const int most_ms = static_cast<int>(std::max<Duration::rep>(left.count(), 0));
    if (curl_multi_poll(multi_.get(), nullptr, 0, most_ms, nullptr) != CURLM_OK) return Broken();
    return true;
  }

  void Wake() noexcept override {
    if (multi_) curl_multi_wakeup(multi_.get());
  }

 private:
  void TakeResults() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode result = message->data.result;  // gone with the handle's removal
      char* self = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &self);
      auto* const transfer = reinterpret_cast<Transfer*>(self);
      curl_multi_remove_handle(multi_.get(), transfer->easy());
      if (!transfer->Follow(multi_.get(), result)) End(transfer, transfer->Ended(result));
    }
  }

  // Ends the requests that have been idle for too long; returns when the next will have been.
  Steady::time_point EndIdle() {
    const Steady::time_point now = Steady::now();
    Steady::time_point next = Steady::time_point::max();
    for (std::size_t i = transfers_.size(); i-- > 0;) {
      const Steady::time_point idle_at = transfers_[i]->IdleAt();
      if (idle_at <= now) {
        End(transfers_[i].get(), transfers_[i]->IdleStatus());
      } else {
        next = std::min(next, idle_at);
      }
    }
    return next;
  }

  void End(Transfer* transfer, Status status) {
    const auto found = std::find_if(transfers_.begin(), transfers_.end(),
                                    [transfer](const auto& each) { return each.get() == transfer; });
    const std::unique_ptr<Transfer> ended = std::move(*found);
    transfers_.erase(found);
    curl_multi_remove_handle(multi_.get(), ended->easy());
    ended->Done(std::move(status));
  }

  bool Broken() {
    while (!transfers_.empty()) End(transfers_.back().get(), Status(StatusCode::kInternal, "http: curl cannot go on"));
    return false;
  }

  const CurlOptions options_;
  const Result<PinnedKeys> pinned_;
  const Multi multi_;
  std::vector<std::unique_ptr<Transfer>> transfers_;  // freed before the multi handle
};

}  // namespace

std::shared_ptr<Http> CurlHttp(std::shared_ptr<Clock> clock, CurlOptions options) {
  return OnRequestThread(std::make_unique<CurlEngine>(std::move(options)), clock ? std::move(clock) : SystemClock());
}

}  // namespace guidon
