#include "frame_http.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <utility>

using guidon::Status;
using guidon::StatusCode;

struct FrameHttp::Transfer {
  ~Transfer() {
    curl_easy_cleanup(easy);
    curl_slist_free_all(lines);
  }

  std::uint64_t id = 0;
  guidon::HttpRequest request;
  std::shared_ptr<guidon::HttpSink> sink;
  CURL* easy = nullptr;
  curl_slist* lines = nullptr;
  guidon::HttpHeaders headers;
  std::size_t head_bytes = 0;
  std::size_t body_bytes = 0;
  bool is_head_given = false;
  Status failure;  // what ended it on our side

  void GiveHead() {
    if (std::exchange(is_head_given, true)) return;
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    sink->Head(static_cast<int>(status), headers);
  }

  static std::size_t OnHeader(char* bytes, std::size_t, std::size_t size, void* self) {
    Transfer& transfer = *static_cast<Transfer*>(self);
    std::string_view line(bytes, size);
    if (line.substr(0, 5) == "HTTP/") transfer.headers.clear();
    transfer.head_bytes += size;
    if (transfer.head_bytes > (64u << 10)) {
      transfer.failure = Status(StatusCode::kTooLarge, "the answer's head is too large");
      return 0;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return size;
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    line.remove_prefix(colon + 1);
    const std::size_t first = line.find_first_not_of(" \t\r\n");
    const std::size_t last = line.find_last_not_of(" \t\r\n");
    if (first != std::string_view::npos) line = line.substr(first, last - first + 1);
    transfer.headers.emplace_back(std::move(name), first == std::string_view::npos ? "" : line);
    return size;
  }

  static std::size_t OnBody(char* bytes, std::size_t, std::size_t size, void* self) {
    Transfer& transfer = *static_cast<Transfer*>(self);
    transfer.GiveHead();
    transfer.body_bytes += size;  // decoded
    if (transfer.body_bytes > transfer.request.most_bytes) {
      transfer.failure = Status(StatusCode::kTooLarge, "the answer has more bytes than asked for");
      return 0;
    }
    if (transfer.sink->Body({bytes, size})) return size;
    transfer.failure = Status(StatusCode::kClosed, "enough");
    return 0;
  }
};

namespace {

// https, or http to this device.
bool IsAllowed(const std::string& text) {
  CURLU* const url = curl_url();
  char* scheme = nullptr;
  char* host = nullptr;
  const bool is_read = curl_url_set(url, CURLUPART_URL, text.c_str(), CURLU_DISALLOW_USER) == CURLUE_OK &&
                       curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                       curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK;
  const std::string_view name = is_read ? host : "";
  const bool is_loopback = name == "127.0.0.1" || name == "localhost" || name == "[::1]";
  const bool is_allowed =
      is_read && (scheme == std::string_view("https") || (scheme == std::string_view("http") && is_loopback));
  curl_free(scheme);
  curl_free(host);
  curl_url_cleanup(url);
  return is_allowed && text.find('\0') == std::string::npos;
}

// Nothing in it can end a line and begin another.
bool IsOneLine(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool IsWord(const std::string& text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
}

}  // namespace

FrameHttp::FrameHttp(std::shared_ptr<guidon::Clock> clock) : clock_(std::move(clock)), multi_(curl_multi_init()) {}

FrameHttp::~FrameHttp() {
  is_stopped_ = true;
  EndAll();
  curl_multi_cleanup(multi_);
}

void FrameHttp::Start(std::uint64_t id, guidon::HttpRequest request, std::shared_ptr<guidon::HttpSink> sink) {
  auto transfer = std::make_unique<Transfer>();
  transfer->id = id;
  transfer->request = std::move(request);
  transfer->sink = std::move(sink);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!is_stopped_) started_.push_back(std::move(transfer));
}

void FrameHttp::Cancel(std::uint64_t id) noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  cancelled_.push_back(id);
}

bool FrameHttp::Stop(guidon::MonoTime deadline) noexcept {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_stopped_ = true;
  }
  std::unique_lock<std::recursive_timed_mutex> turning(turning_, std::defer_lock);
  const guidon::Duration left =
      std::clamp<guidon::Duration>(deadline - clock_->Monotonic(), guidon::Duration(0), std::chrono::hours(1));
  if (!turning.try_lock_for(left) || is_turning_) return false;  // a sink is being called, here or on another thread
  EndAll();
  return true;
}

void FrameHttp::Turn() {
  const std::lock_guard<std::recursive_timed_mutex> turning(turning_);
  if (std::exchange(is_turning_, true)) return;  // from within a sink
  std::vector<std::unique_ptr<Transfer>> started;
  std::vector<std::uint64_t> cancelled;
  bool is_stopped = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    started.swap(started_);
    cancelled.swap(cancelled_);
    is_stopped = is_stopped_;
  }
  for (auto& each : started) {
    transfers_.push_back(std::move(each));
    Begin(transfers_.back().get());
  }
  for (const std::uint64_t id : cancelled) {
    const auto found =
        std::find_if(transfers_.begin(), transfers_.end(), [id](const auto& each) { return each->id == id; });
    if (found != transfers_.end()) End(found->get(), Status(StatusCode::kClosed, "cancelled"));
  }
  if (is_stopped) EndAll();
  int running = 0;
  curl_multi_perform(multi_, &running);
  while (const CURLMsg* message = curl_multi_info_read(multi_, &running)) {
    char* self = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &self);
    Transfer* const transfer = reinterpret_cast<Transfer*>(self);
    const CURLcode result = message->data.result;
    if (result == CURLE_OK) transfer->GiveHead();
    Status status = transfer->failure;
    if (status.ok() && result != CURLE_OK) status = Status(StatusCode::kUnavailable, curl_easy_strerror(result));
    End(transfer, std::move(status));
  }
  is_turning_ = false;
}

void FrameHttp::Begin(Transfer* transfer) {
  const guidon::HttpRequest& request = transfer->request;
  bool is_good = IsAllowed(request.url) && IsWord(request.method);
  for (const auto& [name, value] : request.headers) is_good = is_good && IsWord(name) && IsOneLine(value);
  if (!is_good)
    return End(transfer, Status(StatusCode::kInvalidArgument, "url: a URL, method or header that may not be sent"));
  CURL* const easy = transfer->easy = curl_easy_init();
  transfer->lines = curl_slist_append(curl_slist_append(nullptr, "Expect:"), "Content-Type:");
  for (const auto& [name, value] : request.headers) {
    transfer->lines = curl_slist_append(transfer->lines, (name + (value.empty() ? ";" : ": " + value)).c_str());
  }
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->lines);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.total_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, request.idle_timeout.count() > 0 ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>((request.idle_timeout.count() + 999) / 1000));
  curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::OnHeader);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::OnBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
  if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else if (request.method != "GET" || !request.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  curl_multi_add_handle(multi_, easy);
}

// Last of all that its sink hears.
void FrameHttp::End(const Transfer* transfer, Status status) {
  const auto found =
      std::find_if(transfers_.begin(), transfers_.end(), [&](const auto& each) { return each.get() == transfer; });
  const std::unique_ptr<Transfer> ended = std::move(*found);
  transfers_.erase(found);
  if (ended->easy != nullptr) curl_multi_remove_handle(multi_, ended->easy);
  ended->sink->Done({std::move(status)});
}

void FrameHttp::EndAll() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto& each : started_) transfers_.push_back(std::move(each));
    started_.clear();
  }
  while (!transfers_.empty()) End(transfers_.back().get(), Status(StatusCode::kClosed, "stopped"));
}
