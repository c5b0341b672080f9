#include "tests/support/scripted_http.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace guidon::test {
namespace {

// As the real port behaves: head, body up to the bound, end.
void Play(const HttpRequest& request, const ScriptedAnswer& answer, HttpSink* sink) {
  if (!answer.failure.ok() && answer.status == 0) return sink->Done({answer.failure});
  sink->Head(answer.status, answer.headers);
  const std::string_view body = answer.body;
  const std::size_t chunk = answer.chunk == 0 ? std::max<std::size_t>(body.size(), 1) : answer.chunk;
  for (std::size_t at = 0; at < body.size(); at += chunk) {
    const std::string_view piece = body.substr(at, chunk);
    if (at + piece.size() > request.most_bytes) {
      return sink->Done({Status(StatusCode::kTooLarge, "the answer has more than the bytes asked for at most")});
    }
    if (!sink->Body(piece)) return sink->Done({Status(StatusCode::kClosed, "ended by its receiver")});
  }
  sink->Done({answer.failure});
}

}  // namespace

ScriptedAnswer ScriptedAnswer::Of(int status, std::string body, HttpHeaders headers) {
  ScriptedAnswer answer;
  answer.status = status;
  answer.body = std::move(body);
  answer.headers = std::move(headers);
  return answer;
}

ScriptedAnswer ScriptedAnswer::Failed(StatusCode code, std::string message) {
  ScriptedAnswer answer;
  answer.status = 0;
  answer.failure = Status(code, std::move(message));
  return answer;
}

ScriptedAnswer ScriptedAnswer::Hanging() {
  ScriptedAnswer answer;
  answer.hangs = true;
  return answer;
}

ScriptedHttp::~ScriptedHttp() { Stop(MonoTime()); }

void ScriptedHttp::Push(ScriptedAnswer answer) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    answers_.push_back(std::move(answer));
  }
  PostTurn();
}

void ScriptedHttp::SetHandler(Handler handler) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    handler_ = std::move(handler);
  }
  PostTurn();
}

void ScriptedHttp::PostTurn() {
  if (lanes_ == nullptr) return;
  lanes_->PostLogic([this, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired()) Deliver();
  });
}

bool ScriptedHttp::TakeReady(Pending* pending, ScriptedAnswer* answer) {
  Handler handler;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    auto ready = std::find_if(pending_.begin(), pending_.end(), [this](const Pending& each) {
      return each.cancelled || (!each.hangs && (!answers_.empty() || handler_));
    });
    if (ready == pending_.end()) return false;
    *pending = std::move(*ready);
    pending_.erase(ready);
    if (pending->cancelled) {
      *answer = ScriptedAnswer::Failed(StatusCode::kClosed, "cancelled");
      return true;
    }
    if (!answers_.empty()) {
      *answer = std::move(answers_.front());
      answers_.pop_front();
      return true;
    }
    handler = handler_;
  }
  *answer = handler(pending->request);
  return true;
}

bool ScriptedHttp::DeliverOne() {
  Pending pending;
  ScriptedAnswer answer;
  while (TakeReady(&pending, &answer)) {
    if (!answer.hangs) {
      Play(pending.request, answer, pending.sink.get());
      return true;
    }
    pending.hangs = true;
    std::lock_guard<std::mutex> lock(mutex_);
    pending_.push_back(std::move(pending));
    pending = Pending();
  }
  return false;
}

std::size_t ScriptedHttp::Deliver() {
  std::size_t count = 0;
  while (DeliverOne()) ++count;
  return count;
}

std::vector<HttpRequest> ScriptedHttp::requests() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return requests_;
}

std::size_t ScriptedHttp::request_count() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return requests_.size();
}

std::size_t ScriptedHttp::under_way() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return pending_.size();
}

std::size_t ScriptedHttp::pushed() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return answers_.size();
}

bool ScriptedHttp::is_stopped() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return stopped_;
}

void ScriptedHttp::Start(std::uint64_t id, HttpRequest request, std::shared_ptr<HttpSink> sink) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (stopped_) return;
    requests_.push_back(request);
    Pending pending;
    pending.id = id;
    pending.request = std::move(request);
    pending.sink = std::move(sink);
    pending_.push_back(std::move(pending));
  }
  PostTurn();
}

void ScriptedHttp::Cancel(std::uint64_t id) noexcept {
  bool found = false;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    for (Pending& pending : pending_) {
      if (pending.id != id) continue;
      pending.cancelled = true;
      found = true;
    }
  }
  if (found) PostTurn();
}

bool ScriptedHttp::Stop(MonoTime) noexcept {
  std::deque<Pending> ended;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
    ended.swap(pending_);
  }
  for (Pending& pending : ended) pending.sink->Done({Status(StatusCode::kClosed, "stopped")});
  return true;
}

}  // namespace guidon::test
