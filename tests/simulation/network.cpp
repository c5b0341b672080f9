#include "tests/simulation/network.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "tests/simulation/dice.h"

namespace guidon::simulation {
namespace {

HttpEnd Failed(const char* why) { return {Status(StatusCode::kUnavailable, why)}; }

bool Arrives(Fate fate) { return fate != Fate::kRefused && fate != Fate::kCutBefore && fate != Fate::kHangs; }

}  // namespace

// The port of one process.
class LinkHttp final : public Http {
 public:
  LinkHttp(Link* link, std::shared_ptr<Life> life) : link_(link), life_(std::move(life)) {}

  void Start(std::uint64_t id, HttpRequest request, std::shared_ptr<HttpSink> sink) override {
    if (life_->is_dead || is_stopped_) return;
    link_->Start(id, std::move(request), std::move(sink), life_.get());
  }
  void Cancel(std::uint64_t id) noexcept override {
    if (!life_->is_dead && !is_stopped_) link_->Cancel(id);
  }
  bool Stop(MonoTime) noexcept override {
    if (!is_stopped_ && !life_->is_dead) link_->Stop();
    is_stopped_ = true;
    return true;
  }

 private:
  Link* const link_;
  const std::shared_ptr<Life> life_;
  bool is_stopped_ = false;
};

void Link::KillAtRequest(std::uint64_t n, bool is_taken) {
  kill_in_ = n;
  kills_after_taking_ = is_taken;
}

void Link::EndFaults() {
  offline_until_ = 0;
  slow_until_ = 0;
  fates_.clear();
  kill_in_ = 0;
}

std::shared_ptr<Http> Link::Connect(std::shared_ptr<Life> life) {
  pending_.clear();
  return std::make_shared<LinkHttp>(this, std::move(life));
}

std::int64_t Link::DurationOf(Fate fate, const HttpRequest& request) {
  Dice dice(seed_, serials_);
  const bool is_slow = now_ < slow_until_;
  const std::int64_t round_trip = is_slow ? dice.Between(4'000, 25'000) : dice.Between(40, 400);
  if (fate == Fate::kRefused) return dice.Chance(50) ? round_trip : request.connect_timeout.count();
  if (fate == Fate::kHangs) return request.total_timeout.count() > 0 ? request.total_timeout.count() : 30'000;
  return round_trip;
}

void Link::Start(std::uint64_t id, HttpRequest request, std::shared_ptr<HttpSink> sink, Life* life) {
  Pending pending;
  pending.serial = ++serials_;
  pending.id = id;
  far_->OnStart(pending.serial, request);
  if (now_ < offline_until_) {
    pending.fate = Fate::kRefused;
  } else if (!fates_.empty()) {
    pending.fate = fates_.front();
    fates_.pop_front();
  }
  pending.due = now_ + DurationOf(pending.fate, request);
  if (kill_in_ > 0 && --kill_in_ == 0) {
    if (kills_after_taking_ && now_ >= offline_until_) (void)far_->OnArrival(pending.serial, request, Fate::kFine);
    life->is_dead = true;
    return;
  }
  pending.request = std::move(request);
  pending.sink = std::move(sink);
  pending_.push_back(std::move(pending));
}

void Link::Cancel(std::uint64_t id) {
  for (Pending& pending : pending_) {
    if (pending.id != id) continue;
    pending.is_cancelled = true;
    pending.due = now_;
  }
}

void Link::Stop() {
  for (Pending& pending : std::exchange(pending_, {})) {
    far_->OnEnd(pending.serial, 0);
    pending.sink->Done({Status(StatusCode::kClosed, "stopped")});
  }
}

void Link::Drop() {
  for (const Pending& pending : std::exchange(pending_, {})) {
    const bool arrives = !pending.is_cancelled && pending.fate == Fate::kFine && pending.serial % 2 == 0;
    if (arrives) (void)far_->OnArrival(pending.serial, pending.request, Fate::kFine);
  }
}

std::int64_t Link::next() const {
  std::int64_t next = std::numeric_limits<std::int64_t>::max();
  for (const Pending& pending : pending_) next = std::min(next, pending.due);
  return next;
}

std::size_t Link::posts_under_way() const {
  return static_cast<std::size_t>(std::count_if(pending_.begin(), pending_.end(), [](const Pending& pending) {
    return pending.request.method == "POST" && !pending.is_cancelled;
  }));
}

void Link::Deliver() {
  while (true) {
    const auto due =
        std::find_if(pending_.begin(), pending_.end(), [this](const Pending& each) { return each.due <= now_; });
    if (due == pending_.end()) return;
    Pending pending = std::move(*due);
    pending_.erase(due);
    End(std::move(pending));
  }
}

void Link::End(Pending pending) {
  HttpSink& sink = *pending.sink;
  const auto fail = [&](HttpEnd end) {
    far_->OnEnd(pending.serial, 0);
    sink.Done(std::move(end));
  };
  // What is cancelled may have arrived.
  if (pending.is_cancelled) {
    if (pending.fate == Fate::kFine && pending.serial % 2 == 0) {
      (void)far_->OnArrival(pending.serial, pending.request, Fate::kFine);
    }
    return fail({Status(StatusCode::kClosed, "cancelled")});
  }
  if (!Arrives(pending.fate)) return fail(Failed("no connection"));
  const bool is_cut = pending.fate == Fate::kCutAfter || pending.fate == Fate::kHalfAnswered;
  const ServerAnswer answer = far_->OnArrival(pending.serial, pending.request, is_cut ? Fate::kFine : pending.fate);
  if (pending.fate == Fate::kCutAfter) return fail(Failed("the connection was cut"));
  sink.Head(answer.status, answer.headers);
  if (pending.fate == Fate::kHalfAnswered) {
    (void)sink.Body(std::string_view(answer.body).substr(0, answer.body.size() / 2));
    return fail(Failed("the answer was cut"));
  }
  far_->OnEnd(pending.serial, answer.status);
  if (!answer.body.empty() && !sink.Body(answer.body)) return sink.Done({Status(StatusCode::kClosed, "refused")});
  sink.Done({Status()});
}

}  // namespace guidon::simulation
