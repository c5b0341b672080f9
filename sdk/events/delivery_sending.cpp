// Delivery's way from the outbox to the collector.
#include <algorithm>
#include <utility>

#include "sdk/events/delivery_impl.h"

namespace guidon::events {

bool Delivery::Impl::MaySend() const {
  return phase_ == Phase::kReady && Granted() && !is_background_ && ports_.http != nullptr &&
         !settings_.collector_url.empty() && sender_.is_idle() && !landed_ && Now() >= sender_.not_before();
}

void Delivery::Impl::ScheduleSend() {
  const std::uint64_t pending = state_.counters.pending();
  if (pending == 0 || settings_.collector_url.empty()) return;
  if (pending >= limits::kBatchEvents) {
    send_at_ = Now();
  } else if (!send_at_) {
    send_at_ = Now() + settings_.batch_interval;
    WakeAt(*send_at_);
  }
}

void Delivery::Impl::StopSending() {
  sender_.Cancel();
  landed_.reset();
  send_at_.reset();
  is_draining_ = false;
}

bool Delivery::Impl::StepSend() {
  if (!MaySend()) return false;
  if (state_.counters.pending() == 0) {
    is_draining_ = false;
    send_at_.reset();
    return false;
  }
  if (deliver_waiters_.empty() && !is_draining_ && !(send_at_ && Now() >= *send_at_)) return false;
  is_draining_ = true;
  send_at_.reset();
  if (!state_.frozen) {
    if (!StepReport()) Gather();
  } else if (batch_ == nullptr) {
    ReadBatch(0, std::string(), std::make_shared<std::vector<Row>>());
  } else if (IsBatchExpired()) {
    Commit(ExpireFrozen(state_, *batch_), [this] { batch_.reset(); });
  } else {
    Launch();
  }
  return true;
}

// Losses travel as an event of their own, one at a time, so that their report is as safe as what it reports on.
bool Delivery::Impl::StepReport() {
  const Counters& counters = state_.counters;
  if (counters.queued[kReports].events > 0) return false;
  Event event;
  event.fact = MakeLossReport(counters.lost, counters.refused, counters.reported);
  if (event.fact.name.empty()) return false;
  event.fact.wall = ports_.clock->Now();
  event.fact.mono = Now();
  event.id = ids_->Next(event.fact.wall);
  Applied applied = Apply(state_, settings_.install_id, {event});
  std::vector<std::string> ids = {applied.records.front().id};
  Commit(
      std::move(applied.update),
      [this, record = applied.records.front()] {
        if (accepted_ && !is_muted_.load(std::memory_order_acquire)) accepted_(record);
      },
      std::move(ids));
  return true;
}

// The next batch: read, set right what is not as it should be, freeze.
void Delivery::Impl::Gather() {
  Read({"o/", "o0"}, [this](std::vector<Row> rows) {
    if (rows.empty()) return Commit(WriteOff(state_), [] {});
    Front front = ReadFront(std::move(rows));
    if (!front.unreadable.empty()) return Commit(SetAside(state_, front.unreadable), [] {});
    const std::optional<Timestamp> oldest = OldestKept();
    if (oldest && HasExpired(front, *oldest)) return Commit(Expire(state_, front, *oldest), [] {});
    auto events = std::make_shared<std::vector<Event>>();
    const BatchBounds bounds{batch_events_, limits::kBatchBytes - otlp::kEnvelopeBytes};
    Update update = Freeze(state_, std::move(front), bounds, &otlp::RecordBytes, events.get());
    Commit(std::move(update), [this, events] { batch_ = events; });
  });
}

// After a restart the frozen batch is known, but not its events.
void Delivery::Impl::ReadBatch(std::size_t event_class, std::string from, std::shared_ptr<std::vector<Row>> rows) {
  while (event_class < kClasses && state_.frozen->chunks[event_class].first == 0) ++event_class;
  if (event_class == kClasses) return TakeBatch(std::move(*rows));
  const Frozen::Chunks& chunks = state_.frozen->chunks[event_class];
  StorageBatch::Range range = ChunkRange(static_cast<EventClass>(event_class), chunks.first, chunks.last);
  if (!from.empty()) range.from = std::move(from);
  Read(std::move(range), [this, event_class, rows](std::vector<Row> page) {
    if (page.empty()) return ReadBatch(event_class + 1, std::string(), rows);
    std::string next = page.back().key + '\0';
    std::move(page.begin(), page.end(), std::back_inserter(*rows));
    ReadBatch(event_class, std::move(next), rows);
  });
}

void Delivery::Impl::TakeBatch(std::vector<Row> rows) {
  Front front = ReadFront(std::move(rows));
  auto events = std::make_shared<std::vector<Event>>();
  for (Front::Chunk& chunk : front.chunks) {
    std::move(chunk.events.begin(), chunk.events.end(), std::back_inserter(*events));
  }
  if (!front.unreadable.empty() || events->size() != state_.frozen->events) {
    return Commit(Unfreeze(state_), [] {});
  }
  batch_ = std::move(events);
}

bool Delivery::Impl::IsBatchExpired() const {
  const std::optional<Timestamp> oldest = OldestKept();
  return oldest && std::all_of(batch_->begin(), batch_->end(),
                               [oldest](const Event& event) { return event.fact.wall < *oldest; });
}

void Delivery::Impl::Launch() {
  Sender::Request request;
  request.url = settings_.collector_url;
  request.headers = settings_.headers;
  request.idempotency_key = IdempotencyKey(*state_.frozen);
  request.resource = {settings_.app_name, settings_.app_version, settings_.install_id};
  request.events = batch_;
  request.from = state_.frozen->open.front().from;
  request.to = state_.frozen->open.front().to;
  const std::string key = request.idempotency_key;
  sender_.Send(std::move(request), [weak = weak_from_this(), key](Answer answer, bool was_compressed) {
    const std::shared_ptr<Impl> self = weak.lock();
    if (self == nullptr) return;
    self->landed_ = Landed{std::move(answer), was_compressed, key};
    self->Turn();
  });
}

// What the answer means, settled in a commit before it is forgotten.
bool Delivery::Impl::StepAnswer() {
  if (!landed_ || phase_ != Phase::kReady) return false;
  if (!state_.frozen || IdempotencyKey(*state_.frozen) != landed_->key) {
    landed_.reset();
    return true;
  }
  if (batch_ == nullptr) {
    ReadBatch(0, std::string(), std::make_shared<std::vector<Row>>());
    return true;
  }
  const Judgement judgement = Judge(landed_->answer, landed_->was_compressed);
  sender_status_ = judgement.status;
  auto settled = [this] {
    landed_.reset();
    if (!state_.frozen) batch_.reset();
  };
  switch (judgement.verdict) {
    case Verdict::kDelivered:
      sender_.ResetBackoff();
      Commit(Acknowledge(state_, *batch_, judgement.rejected), std::move(settled));
      break;
    case Verdict::kSplit: {
      const int http_status = landed_->answer.http_status;
      const Frozen::Interval refused = state_.frozen->open.front();
      if (http_status == 413) batch_events_ = std::max<std::size_t>(1, (refused.to - refused.from) / 2);
      Commit(Refuse(state_, *batch_, http_status), std::move(settled));
      break;
    }
    case Verdict::kResendPlain:
      sender_.StopCompressing();
      landed_.reset();
      break;
    case Verdict::kRetryLater:
    case Verdict::kProbe:
      sender_.Wait(landed_->answer, judgement.verdict == Verdict::kProbe, settings_.install_id);
      WakeAt(sender_.not_before());
      landed_.reset();
      break;
  }
  return true;
}

}  // namespace guidon::events
