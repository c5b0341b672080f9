#include "qt_ports.h"

#include <QHostAddress>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QThread>
#include <QUrl>
#include <algorithm>
#include <cctype>
#include <string>
#include <utility>
#include <vector>

using guidon::Duration;
using guidon::MonoTime;
using guidon::Status;
using guidon::StatusCode;

QtWaker::QtWaker(std::shared_ptr<guidon::Clock> clock) : clock_(std::move(clock)) {
  timer_.setSingleShot(true);
  timer_.setTimerType(Qt::PreciseTimer);
  QObject::connect(&timer_, &QTimer::timeout, &timer_, [this] { Turn(); });
}

QtWaker::~QtWaker() { Stop(); }

void QtWaker::Start(std::function<MonoTime()> turn) {
  const std::lock_guard<std::recursive_mutex> turning(turning_);
  turn_ = std::move(turn);
}

void QtWaker::WakeAt(MonoTime when) noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (is_stopped_ || when >= wish_) return;
  wish_ = when;
  QMetaObject::invokeMethod(
      &timer_, [this] { Arm(); }, Qt::QueuedConnection);
}

void QtWaker::Arm() {
  constexpr Duration kLongest = std::chrono::minutes(1);  // the timer stands still while the device sleeps
  const std::lock_guard<std::mutex> lock(mutex_);
  if (is_stopped_ || wish_ == MonoTime::max()) return timer_.stop();
  const MonoTime now = clock_->Monotonic();
  const Duration left = wish_ <= now ? Duration(0) : std::min<Duration>(wish_ - now, kLongest);
  timer_.start(static_cast<int>(left.count()));
}

void QtWaker::Turn() {
  const std::lock_guard<std::recursive_mutex> turning(turning_);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (is_stopped_ || is_turning_) return;
    const bool is_due = wish_ <= clock_->Monotonic();
    if (is_due) wish_ = MonoTime::max();
    if (!is_due)
      return (void)QMetaObject::invokeMethod(
          &timer_, [this] { Arm(); }, Qt::QueuedConnection);
  }
  is_turning_ = true;
  const MonoTime next = turn_();
  is_turning_ = false;
  WakeAt(next);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (is_stopped_) turn_ = nullptr;
}

void QtWaker::Stop() noexcept {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_stopped_ = true;
  }
  const std::lock_guard<std::recursive_mutex> turning(turning_);  // waits for a turn on another thread
  if (!is_turning_) turn_ = nullptr;
}

// One request. Lives on the manager's thread from Begin on.
class QtHttp::Transfer {
 public:
  Transfer(guidon::HttpRequest the_request, std::shared_ptr<guidon::HttpSink> the_sink)
      : request(std::move(the_request)), sink(std::move(the_sink)) {}

  // False when the request is to end, for `failure`.
  bool Take() {
    const int status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (status == 0) return true;
    if (!std::exchange(is_head_given, true)) {
      guidon::HttpHeaders headers;
      for (const auto& [name, value] : reply->rawHeaderPairs()) {
        headers.emplace_back(name.toLower().toStdString(), value.toStdString());
      }
      sink->Head(status, headers);
    }
    while (reply->bytesAvailable() > 0) {
      const QByteArray bytes = reply->read(16 << 10);
      taken += static_cast<std::size_t>(bytes.size());
      if (taken > request.most_bytes)
        failure = Status(StatusCode::kTooLarge, "the answer has more bytes than asked for");
      if (failure.ok() && !sink->Body({bytes.data(), static_cast<std::size_t>(bytes.size())})) {
        failure = Status(StatusCode::kClosed, "enough");
      }
      if (!failure.ok()) return false;
    }
    return true;
  }

  // An answer, whatever its status, or none.
  Status Ended() const {
    const int error = reply->error();
    const bool is_answer = error == QNetworkReply::NoError ||
                           (is_head_given && error > QNetworkReply::ProxyAuthenticationRequiredError - 1 &&
                            error != QNetworkReply::ProtocolFailure && error != QNetworkReply::UnknownProxyError);
    if (is_answer && is_head_given) return Status();
    return Status(StatusCode::kUnavailable, reply->errorString().toStdString());
  }

  const guidon::HttpRequest request;
  const std::shared_ptr<guidon::HttpSink> sink;
  QNetworkReply* reply = nullptr;
  bool is_head_given = false;
  std::size_t taken = 0;
  Status failure;
};

namespace {

bool IsAllowed(const QUrl& url) {
  if (!url.isValid() || url.host().isEmpty() || !url.userInfo().isEmpty()) return false;
  if (url.scheme() == "https") return true;
  return url.scheme() == "http" && (url.host() == "localhost" || QHostAddress(url.host()).isLoopback());
}

bool IsWord(const std::string& text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
}

bool IsOneLine(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool IsAllowed(const guidon::HttpRequest& request) {
  bool is_good = IsAllowed(QUrl(QString::fromStdString(request.url), QUrl::StrictMode)) && IsWord(request.method);
  for (const auto& [name, value] : request.headers) is_good = is_good && IsWord(name) && IsOneLine(value);
  return is_good;
}

}  // namespace

QtHttp::QtHttp(std::shared_ptr<guidon::Clock> clock) : clock_(std::move(clock)) {}

QtHttp::~QtHttp() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_stopped_ = true;
  }
  EndAll();
}

void QtHttp::Start(std::uint64_t id, guidon::HttpRequest request, std::shared_ptr<guidon::HttpSink> sink) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (is_stopped_) return;
  transfers_[id] = std::make_shared<Transfer>(std::move(request), std::move(sink));
  QMetaObject::invokeMethod(
      &manager_, [this, id] { Begin(id); }, Qt::QueuedConnection);
}

void QtHttp::Cancel(std::uint64_t id) noexcept {
  const auto end = [this, id] { End(id, Status(StatusCode::kClosed, "cancelled")); };
  QMetaObject::invokeMethod(&manager_, end, Qt::QueuedConnection);
}

bool QtHttp::Stop(MonoTime deadline) noexcept {
  bool is_called = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_stopped_ = true;
    is_called = calls_ > 0;
  }
  if (QThread::currentThread() != manager_.thread() || is_called) {
    QMetaObject::invokeMethod(
        &manager_, [this] { EndAll(); }, Qt::QueuedConnection);
    if (QThread::currentThread() == manager_.thread()) return false;  // from within a sink
    const Duration left = std::clamp<Duration>(deadline - clock_->Monotonic(), Duration(0), std::chrono::hours(1));
    std::unique_lock<std::mutex> lock(mutex_);
    return ended_.wait_for(lock, left, [this] { return transfers_.empty() && calls_ == 0; });
  }
  EndAll();
  return true;
}

std::shared_ptr<QtHttp::Transfer> QtHttp::Find(std::uint64_t id) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = transfers_.find(id);
  return found == transfers_.end() ? nullptr : found->second;
}

void QtHttp::Begin(std::uint64_t id) {
  const std::shared_ptr<Transfer> transfer = Find(id);
  if (transfer == nullptr) return;
  const guidon::HttpRequest& request = transfer->request;
  if (!IsAllowed(request)) {
    return End(id, Status(StatusCode::kInvalidArgument, "url: a URL, method or header that may not be sent"));
  }
  QNetworkRequest asked(QUrl(QString::fromStdString(request.url), QUrl::StrictMode));
  asked.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
  asked.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
  asked.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
  asked.setTransferTimeout(static_cast<int>(request.idle_timeout.count()));
  for (const auto& [name, value] : request.headers) {
    asked.setRawHeader(QByteArray::fromStdString(name), QByteArray::fromStdString(value));
  }
  const QByteArray body = QByteArray::fromStdString(request.body);
  const QByteArray method = QByteArray::fromStdString(request.method);
  if (method == "GET" && body.isEmpty()) {
    transfer->reply = manager_.get(asked);
  } else if (method == "HEAD") {
    transfer->reply = manager_.head(asked);
  } else if (method == "POST") {
    transfer->reply = manager_.post(asked, body);
  } else {
    transfer->reply = manager_.sendCustomRequest(asked, method, body);
  }
  QNetworkReply* const reply = transfer->reply;
  reply->setReadBufferSize(64 << 10);
  // Looks the request up each time: it may have ended.
  const auto take = [this, id, reply](bool is_finished) {
    const std::shared_ptr<Transfer> found = Find(id);
    if (found == nullptr || found->reply != reply) return;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ++calls_;
    }
    const bool goes_on = found->Take();
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      --calls_;
    }
    if (!goes_on || is_finished) End(id, goes_on ? found->Ended() : found->failure);
  };
  QObject::connect(reply, &QNetworkReply::readyRead, reply, [take] { take(false); });
  QObject::connect(reply, &QNetworkReply::finished, reply, [take] { take(true); });
  if (request.total_timeout > Duration(0)) {
    QTimer::singleShot(request.total_timeout, reply,
                       [this, id] { End(id, Status(StatusCode::kUnavailable, "timed out")); });
  }
}

// Last of all that its sink hears.
void QtHttp::End(std::uint64_t id, Status status) {
  std::shared_ptr<Transfer> ended;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = transfers_.find(id);
    if (found == transfers_.end()) return;
    ended = std::move(found->second);
    transfers_.erase(found);
    ++calls_;
  }
  if (ended->reply != nullptr) {
    ended->reply->disconnect();
    ended->reply->abort();
    ended->reply->deleteLater();
  }
  ended->sink->Done({std::move(status)});
  ended.reset();
  const std::lock_guard<std::mutex> lock(mutex_);
  --calls_;
  ended_.notify_all();
}

void QtHttp::EndAll() {
  std::vector<std::uint64_t> ids;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& each : transfers_) ids.push_back(each.first);
  }
  for (const std::uint64_t id : ids) End(id, Status(StatusCode::kClosed, "stopped"));
}
