#include "sdk/events/deletions.h"

#include <algorithm>
#include <utility>

#include "sdk/core/base/bytes.h"

namespace guidon::events {
namespace {

constexpr std::string_view kFile = "deletion-requests";
constexpr std::uint8_t kRequestsVersion = 1;
constexpr std::size_t kMostFileBytes = 256u << 10;
constexpr std::uint64_t kFirstRequest = std::uint64_t{3} << 61;  // far from the outbox's

// The same for the same request, so that a collector takes it once.
Hash128 IdOf(std::string_view install_id, const Fact& fact) {
  ByteWriter what;
  what.Byte('x');
  what.Text(install_id);
  for (const Context::UnitId& unit : fact.units) {
    what.Text(unit.kind);
    what.Text(unit.id);
  }
  what.Signed(ToMs(fact.wall));
  return HashId(what.bytes());
}

}  // namespace

Deletions::Deletions(DeliverySettings settings, const Platform& ports, std::shared_ptr<Lanes> lanes)
    : settings_(std::move(settings)),
      sink_(SinkOf(settings_.sink)),
      clock_(ports.clock),
      http_(ports.http),
      files_(ports.files),
      lanes_(lanes),
      sender_(ports, lanes, kFirstRequest) {}

std::string Deletions::Encode(const Requests& requests) {
  ByteWriter out;
  out.Byte(kRequestsVersion);
  for (const Request& request : requests) {
    out.Text(request.install_id);
    out.Text(EncodeEvent(request.event));
  }
  return out.Take();
}

// As far as it can be read.
Deletions::Requests Deletions::Decode(std::string_view bytes) {
  Requests requests;
  ByteReader in(bytes);
  if (in.Byte() != kRequestsVersion) return requests;
  while (in.ok() && !in.at_end() && requests.size() < kMostDeletions) {
    Request request;
    request.install_id = in.Text();
    std::optional<Event> event = DecodeEvent(in.Text());
    if (!in.ok() || !event || event->fact.kind != EventKind::kDeletionRequest) break;
    request.event = std::move(*event);
    requests.push_back(std::move(request));
  }
  return requests;
}

Deletions::Requests Deletions::Read(Files* files) {
  if (files == nullptr) return {};
  const Result<std::string> bytes = files->Read(kFile, kMostFileBytes);
  return bytes.ok() ? Decode(*bytes) : Requests();
}

Status Deletions::Write(Files* files, const Requests& requests) {
  if (files == nullptr) return Status();
  return requests.empty() ? files->Remove(kFile) : files->Replace(kFile, Encode(requests));
}

void Deletions::Start() {
  lanes_->PostDisk([weak = weak_from_this(), files = files_, lanes = lanes_] {
    auto read = std::make_shared<Requests>(Read(files.get()));
    lanes->PostLogic([weak, read] {
      const std::shared_ptr<Deletions> self = weak.lock();
      if (self == nullptr) return;
      self->kept_ = std::move(*read);
      self->is_read_ = true;
      self->Count();
      for (auto& ask : std::exchange(self->asks_, {})) ask();
      self->Turn();
    });
  });
}

void Deletions::Ask(std::string install_id, std::vector<Context::UnitId> units, std::function<void(Status)> done) {
  if (http_ == nullptr || settings_.collector_url.empty()) {
    return done(Status(StatusCode::kUnsupported, "there is no collector to ask"));
  }
  if (!is_read_) {
    asks_.push_back([this, install_id = std::move(install_id), units = std::move(units), done = std::move(done)] {
      Ask(install_id, units, done);
    });
    return;
  }
  if (kept_.size() >= kMostDeletions) {
    return done(Status(StatusCode::kTooLarge, "eight deletion requests wait to be sent already"));
  }
  Request request;
  request.install_id = std::move(install_id);
  Fact& fact = request.event.fact;
  fact.kind = EventKind::kDeletionRequest;
  fact.wall = clock_->Now();
  fact.units = std::move(units);
  request.event.id = IdOf(request.install_id, fact);
  const Hash128 id = request.event.id;
  kept_.push_back(std::move(request));
  is_held_ = true;
  Count();
  lanes_->PostDisk([weak = weak_from_this(), files = files_, lanes = lanes_, kept = kept_, id, done = std::move(done)] {
    lanes->PostLogic([weak, done, id, status = Write(files.get(), kept)] {
      const std::shared_ptr<Deletions> self = weak.lock();
      if (self != nullptr && !status.ok()) self->TakeBack(id);
      done(status);
    });
  });
}

void Deletions::TakeBack(const Hash128& id) {
  const auto is_it = [&](const Request& each) { return each.event.id.high == id.high && each.event.id.low == id.low; };
  kept_.erase(std::remove_if(kept_.begin(), kept_.end(), is_it), kept_.end());
  is_held_ = false;
  Count();
}

void Deletions::Send() {
  is_held_ = false;
  Turn();
}

void Deletions::Deliver(std::function<void()> done) {
  deliver_waiters_.push_back(std::move(done));
  Turn();
}

void Deletions::SetNetwork(NetworkCost network) {
  is_offline_ = network == NetworkCost::kOffline;
  Turn();
}

void Deletions::SetBackground(bool is_background) {
  is_background_ = is_background;
  Turn();
}

void Deletions::Close() {
  is_stopped_ = true;
  sender_.Cancel();
  Turn();
}

bool Deletions::MaySend() const {
  return kept_.size() > (is_held_ ? 1u : 0u) && !is_stopped_ && !is_offline_ && !is_background_ &&
         clock_->Monotonic() >= sender_.not_before();
}

void Deletions::Turn() {
  if (!sender_.is_idle()) return;
  if (MaySend()) return Launch();
  if (!is_read_ && !is_stopped_) return;
  for (const auto& done : std::exchange(deliver_waiters_, {})) done();
}

void Deletions::Launch() {
  const Request& first = kept_.front();
  Sender::Request request;
  request.url = RequestUrl(settings_.collector_url, sink_);
  request.headers = settings_.headers;
  request.idempotency_key = IdText(first.event.id);
  const Resource resource{settings_.app_name, settings_.app_version, first.install_id, settings_.collector_key,
                          !settings_.unit_key.empty()};
  request.content_type = sink_.content_type;
  request.body = EncodeRequest(sink_, resource, &first.event, 1);
  sender_.Send(std::move(request), [weak = weak_from_this()](const Answer& answer, bool was_compressed) {
    if (const std::shared_ptr<Deletions> self = weak.lock()) self->Land(answer, was_compressed);
  });
}

void Deletions::Land(const Answer& answer, bool was_compressed) {
  const Judgement judgement = Judge(answer, was_compressed, sink_);
  if (judgement.stop != Stop::kNo) is_stopped_ = true;  // until the next start
  switch (judgement.verdict) {
    case Verdict::kDelivered:
      sender_.ResetBackoff();
      Forget();
      break;
    case Verdict::kSplit: Forget(); break;  // refused alone: it would be refused again
    case Verdict::kResendPlain: sender_.StopCompressing(); break;
    case Verdict::kRetryLater:
    case Verdict::kProbe:
      sender_.Wait(answer, judgement.verdict == Verdict::kProbe, IdText(kept_.front().event.id));
      lanes_->PostLogicAt(sender_.not_before(), [weak = weak_from_this()] {
        if (const std::shared_ptr<Deletions> self = weak.lock()) self->Turn();
      });
      break;
    case Verdict::kStop: is_stopped_ = true; break;
  }
  Turn();
}

void Deletions::Forget() {
  kept_.erase(kept_.begin());
  Count();
  // Where it cannot be removed it is sent again at the next start, under the same id.
  lanes_->PostDisk([files = files_, kept = kept_] { (void)Write(files.get(), kept); });
}

}  // namespace guidon::events
