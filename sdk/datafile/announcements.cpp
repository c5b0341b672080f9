#include "sdk/datafile/announcements.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <utility>

#include "guidon/version.h"
#include "sdk/core/base/retry_after.h"
#include "sdk/datafile/event_stream.h"
#include "sdk/datafile/jitter.h"

namespace guidon::datafile {
namespace {

// As of the fetcher; "strm" in ASCII.
constexpr std::uint64_t kFirstStreamId = std::uint64_t{0x7374726D} << 32;
// A stream that was open for so long did not fail: what ends it then is a server that restarts, or a proxy's limit.
constexpr Duration kSteady = std::chrono::seconds(30);
// Servers write a comment more often than that, so a stream that is silent for longer is dead.
constexpr Duration kSilence = std::chrono::seconds(60);
// Within so long at least a fleet spreads whose streams all ended in one moment, as when their server restarts.
constexpr Duration kLeastBound = std::chrono::seconds(10);

}  // namespace

// On any thread.
class Announcements::Sink final : public HttpSink {
 public:
  Sink(std::uint64_t id, std::weak_ptr<Announcements*> owner, std::shared_ptr<Lanes> lanes, Timestamp now)
      : id_(id), owner_(std::move(owner)), lanes_(std::move(lanes)), now_(now) {}

  void Head(int http_status, const HttpHeaders& headers) override {
    http_status_ = http_status;
    const std::string_view type = FindHeader(headers, "content-type");
    is_stream_ = http_status == 200 && type.substr(0, kType.size()) == kType;
    if (is_stream_) return Tell([id = id_](Announcements& owner) { owner.Opened(id); });
    const auto wait = ParseRetryAfter(FindHeader(headers, "retry-after"), FindHeader(headers, "date"), now_);
    wait_ = std::max(wait_, wait.value_or(Duration(0)));
  }

  bool Body(std::string_view bytes) override {
    if (!is_stream_) return false;
    bool has_heard = false;
    parser_.Feed(bytes, [&has_heard](const StreamEvent&) { has_heard = true; });
    // However many come before the lane gets to it, they say the same.
    if (!has_heard || is_told_->exchange(true)) return true;
    Tell([id = id_, is_told = is_told_](Announcements& owner) {
      is_told->store(false);
      owner.Heard(id);
    });
    return true;
  }

  void Done(HttpEnd end) override {
    Status status = std::move(end.status);
    if (!is_stream_ && http_status_ != 0) {
      status = Status(StatusCode::kUnavailable, http_status_ == 200
                                                    ? std::string("stream: the server answered with something else")
                                                    : "stream: the server answered " + std::to_string(http_status_));
    } else if (status.ok()) {
      status = Status(StatusCode::kUnavailable, "stream: the server closed it");
    }
    const Duration wait = std::max(wait_, parser_.retry().value_or(Duration(0)));
    // 204: "no more", in the words of the standard.
    Tell([id = id_, status, wait, is_final = http_status_ == 204](Announcements& owner) {
      owner.Ended(id, status, wait, is_final);
    });
  }

 private:
  static constexpr std::string_view kType = "text/event-stream";

  template <class F>
  void Tell(F what) {
    lanes_->PostLogic([owner = owner_, what = std::move(what)] {
      if (const auto self = owner.lock()) what(**self);
    });
  }

  const std::uint64_t id_;
  const std::weak_ptr<Announcements*> owner_;
  const std::shared_ptr<Lanes> lanes_;
  const Timestamp now_;
  const std::shared_ptr<std::atomic<bool>> is_told_ = std::make_shared<std::atomic<bool>>(false);
  EventStreamParser parser_;
  int http_status_ = 0;
  bool is_stream_ = false;
  Duration wait_{0};
};

Announcements::Announcements(AnnouncementsSettings settings, AnnouncementsCallbacks callbacks,
                             std::shared_ptr<Http> http, std::shared_ptr<Clock> clock, std::shared_ptr<Lanes> lanes)
    : settings_(std::move(settings)),
      callbacks_(std::move(callbacks)),
      http_(std::move(http)),
      clock_(std::move(clock)),
      lanes_(std::move(lanes)),
      self_(std::make_shared<Announcements*>(this)),
      id_(kFirstStreamId) {}

Announcements::~Announcements() { Stop(); }

void Announcements::Start() {
  if (phase_ == Phase::kNew) Connect();
}

void Announcements::Foreground() {
  if (phase_ != Phase::kAway) return;
  phase_ = Phase::kWaiting;
  next_ = std::max(clock_->Monotonic(), next_);
  Arm();
}

void Announcements::Background() {
  if (phase_ == Phase::kStopped || phase_ == Phase::kAway) return;
  const bool has_request = phase_ == Phase::kConnecting || phase_ == Phase::kOpen;
  phase_ = Phase::kAway;
  // Its end is heard of, and means nothing any more.
  if (has_request) http_->Cancel(id_++);
}

void Announcements::Stop() {
  if (phase_ == Phase::kStopped) return;
  const bool has_request = phase_ == Phase::kConnecting || phase_ == Phase::kOpen;
  phase_ = Phase::kStopped;
  self_.reset();
  if (has_request) http_->Cancel(id_);
}

void Announcements::Connect() {
  phase_ = Phase::kConnecting;
  HttpRequest request;
  request.url = settings_.url;
  request.headers = settings_.headers;
  request.headers.emplace_back("Accept", "text/event-stream");
  request.headers.emplace_back("Cache-Control", "no-store");
  request.headers.emplace_back("User-Agent", "guidon/" GUIDON_VERSION);
  request.connect_timeout = std::chrono::seconds(5);
  request.idle_timeout = kSilence;
  request.total_timeout = Duration(0);
  request.most_bytes = std::numeric_limits<std::size_t>::max();
  request.redirects = 3;
  ++id_;
  http_->Start(id_, std::move(request), std::make_shared<Sink>(id_, self_, lanes_, clock_->Now()));
}

void Announcements::Opened(std::uint64_t id) {
  if (id != id_ || phase_ != Phase::kConnecting) return;
  phase_ = Phase::kOpen;
  opened_ = clock_->Monotonic();
  callbacks_.on_state(Status());
  // What changed while nobody listened.
  if (self_ != nullptr) callbacks_.on_change();
}

void Announcements::Heard(std::uint64_t id) {
  if (id == id_ && phase_ == Phase::kOpen) callbacks_.on_change();
}

void Announcements::Ended(std::uint64_t id, Status status, Duration least_wait, bool is_final) {
  if (id != id_ || (phase_ != Phase::kConnecting && phase_ != Phase::kOpen)) return;
  const MonoTime now = clock_->Monotonic();
  if (phase_ == Phase::kOpen && now - opened_ >= kSteady) failures_ = 0;
  const Duration bound = std::max(kLeastBound, BackoffBound(failures_++));
  phase_ = is_final ? Phase::kStopped : Phase::kWaiting;
  next_ = now + least_wait + JitterPart(settings_.install_id + "/stream", draws_++, bound);
  if (!is_final) Arm();
  callbacks_.on_state(std::move(status));
}

// Sees to it that a timer goes off at `next_` at the latest.
void Announcements::Arm() {
  if (armed_ && *armed_ <= next_) return;
  armed_ = next_;
  lanes_->PostLogicAt(next_, [weak = std::weak_ptr<Announcements*>(self_), when = next_] {
    if (const auto self = weak.lock()) (*self)->TimerWentOff(when);
  });
}

void Announcements::TimerWentOff(MonoTime when) {
  if (armed_ != when) return;
  armed_.reset();
  if (phase_ != Phase::kWaiting) return;
  if (next_ <= clock_->Monotonic()) {
    Connect();
  } else {
    Arm();
  }
}

}  // namespace guidon::datafile
