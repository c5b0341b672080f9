#include "sdk/datafile/refresher.h"

#include <algorithm>
#include <utility>

#include "sdk/datafile/envelope.h"
#include "sdk/datafile/jitter.h"

namespace guidon::datafile {
namespace {

constexpr Duration kLeastPollInterval = std::chrono::seconds(1);
constexpr Duration kMostPollInterval = std::chrono::hours(24 * 30);
constexpr Duration kLeastGap = std::chrono::seconds(1);
constexpr Duration kSpread = std::chrono::seconds(1);
constexpr Duration kSecondTry = std::chrono::seconds(30);

}  // namespace

Refresher::Refresher(RefresherSettings settings, RefresherCallbacks callbacks, std::shared_ptr<Http> http,
                     std::shared_ptr<Clock> clock, std::shared_ptr<Lanes> lanes)
    : settings_(std::move(settings)),
      callbacks_(std::move(callbacks)),
      clock_(std::move(clock)),
      lanes_(std::move(lanes)),
      fetcher_(std::move(http), clock_, settings_.url, settings_.headers),
      self_(std::make_shared<Refresher*>(this)) {
  settings_.poll_interval = std::clamp(settings_.poll_interval, kLeastPollInterval, kMostPollInterval);
}

Refresher::~Refresher() { Stop(); }

void Refresher::Start(std::string etag) {
  if (phase_ != Phase::kNew) return;
  etag_ = std::move(etag);
  phase_ = Phase::kWaiting;
  next_ = clock_->Monotonic();
  if (is_foreground_) Ask();
}

void Refresher::Accepted(std::string etag) {
  if (phase_ != Phase::kJudging) return;
  etag_ = std::move(etag);
  Succeed();
}

void Refresher::Refused() {
  if (phase_ != Phase::kJudging) return;
  if (shape_.ok()) {
    Succeed();
  } else {
    Fail(std::move(shape_), Duration(0));
  }
}

void Refresher::Foreground() {
  is_foreground_ = true;
  if (phase_ != Phase::kWaiting) return;
  const MonoTime now = clock_->Monotonic();
  const bool is_due = !last_good_ || now - *last_good_ >= settings_.poll_interval;
  if (is_due && next_ > now) next_ = std::max({now, not_before_, last_asked_ + kLeastGap});
  if (next_ <= now) {
    Ask();
  } else {
    Arm();
  }
}

void Refresher::Announced() {
  is_announced_ = phase_ == Phase::kAsking || phase_ == Phase::kJudging;
  if (phase_ != Phase::kWaiting || !is_foreground_) return;
  const MonoTime soon = Soon();
  if (soon < next_) ScheduleAt(soon);
}

MonoTime Refresher::Soon() {
  return std::max({clock_->Monotonic() + Part(kSpread), not_before_, last_asked_ + kLeastGap});
}

void Refresher::Background() { is_foreground_ = false; }

void Refresher::Stop() {
  if (phase_ == Phase::kStopped) return;
  const bool is_asking = phase_ == Phase::kAsking;
  phase_ = Phase::kStopped;
  self_.reset();
  if (is_asking) fetcher_.Cancel();
}

void Refresher::Ask() {
  phase_ = Phase::kAsking;
  is_announced_ = false;
  last_asked_ = clock_->Monotonic();
  fetcher_.Start(etag_, [lanes = lanes_, weak = std::weak_ptr<Refresher*>(self_)](FetchAnswer answer) {
    lanes->PostLogic([weak, answer = std::move(answer)]() mutable {
      if (const auto self = weak.lock()) (*self)->Answered(std::move(answer));
    });
  });
}

void Refresher::Answered(FetchAnswer answer) {
  if (!answer.date.empty() && callbacks_.on_date) callbacks_.on_date(std::move(answer.date), last_asked_, answer.came);
  if (!answer.status.ok()) {
    Fail(std::move(answer.status), answer.retry_after.value_or(Duration(0)));
  } else if (answer.not_modified) {
    Succeed();
  } else {
    phase_ = Phase::kJudging;
    shape_ = ParseEnvelope(answer.bytes).status();
    callbacks_.on_datafile(std::move(answer.bytes), std::move(answer.etag));
  }
}

// Whatever apps have in common, a start, an outage or a time to come back, the first wait after it takes them anywhere
// in a poll interval. So they come evenly from then on.
void Refresher::Succeed() {
  const bool may_be_many = !last_good_ || failures_ > 0;
  failures_ = 0;
  not_before_ = MonoTime();
  last_good_ = clock_->Monotonic();
  const Duration poll = settings_.poll_interval;
  const Duration wait = may_be_many ? poll / 10 + Part(poll) : poll - poll / 10 + Part(poll / 5);
  phase_ = Phase::kWaiting;
  ScheduleAt(is_announced_ ? Soon() : *last_good_ + wait);
  callbacks_.on_answer(Status());
}

void Refresher::Fail(Status status, Duration retry_after) {
  const MonoTime now = clock_->Monotonic();
  not_before_ = now + retry_after;
  phase_ = Phase::kWaiting;
  ScheduleAt(std::max(now + NextTry(), retry_after > Duration(0) ? not_before_ + Part(settings_.poll_interval) : now));
  ++failures_;
  callbacks_.on_answer(std::move(status));
}

// What has its rules from a good answer tries once more and then keeps to the pace of polling, so that a server that
// fails gets at most about twice as many requests as one that works. Until then full jitter: anything from none to all
// of a bound that doubles each time, and ends at five minutes, or at the poll interval where that is longer.
Duration Refresher::NextTry() {
  const Duration poll = settings_.poll_interval;
  if (!last_good_) return Part(BackoffBound(failures_, std::max(kMostBackoff, poll)));
  return failures_ == 0 ? Part(std::min(kSecondTry, poll / 2)) : poll / 2 + Part(poll);
}

void Refresher::ScheduleAt(MonoTime when) {
  next_ = when;
  if (is_foreground_) Arm();
}

// Sees to it that a timer goes off at `next_` at the latest.
void Refresher::Arm() {
  if (armed_ && *armed_ <= next_) return;
  armed_ = next_;
  lanes_->PostLogicAt(next_, [weak = std::weak_ptr<Refresher*>(self_), when = next_] {
    if (const auto self = weak.lock()) (*self)->TimerWentOff(when);
  });
}

void Refresher::TimerWentOff(MonoTime when) {
  if (armed_ != when) return;
  armed_.reset();
  if (phase_ != Phase::kWaiting || !is_foreground_) return;
  if (next_ <= clock_->Monotonic()) {
    Ask();
  } else {
    Arm();
  }
}

Duration Refresher::Part(Duration whole) { return JitterPart(settings_.install_id, draws_++, whole); }

}  // namespace guidon::datafile
