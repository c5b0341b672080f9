// Delivery's way from the outbox to the collector.
#include <algorithm>
#include <utility>

#include "sdk/events/delivery_impl.h"

namespace guidon::events {
namespace {

constexpr Duration kThriftyInterval = std::chrono::minutes(5);

}  // namespace

bool Delivery::Impl::MaySend() const { return MayGoOn() && !landed_; }

// Once the answer that has landed is settled.
bool Delivery::Impl::MayGoOn() const {
  return phase_ == Phase::kReady && Allows(Purpose::kAnalytics) && !is_background_ && ports_.http != nullptr &&
         !settings_.collector_url.empty() && pseudonyms_.status().ok() && stop_ != Stop::kKeep &&
         network_ != NetworkCost::kOffline && sender_.is_idle() && Now() >= sender_.not_before();
}

bool Delivery::Impl::SendsAll() const {
  return network_ != NetworkCost::kRoaming && power_ != PowerSource::kLowBattery;
}

bool Delivery::Impl::IsThrifty() const { return network_ != NetworkCost::kUnmetered || !SendsAll(); }

// How many events may go as things stand. A batch that was begun is ended.
std::uint64_t Delivery::Impl::Sendable() const {
  const Counters& counters = state_.counters;
  if (SendsAll()) return counters.pending();
  const std::uint64_t first = counters.queued[kExposures].events + counters.queued[kConversions].events;
  return state_.frozen ? std::max<std::uint64_t>(first, 1) : first;
}

// From when on what waits is to be sent without being asked for.
std::optional<MonoTime> Delivery::Impl::SendAt() const {
  if (!due_since_) return std::nullopt;
  if (IsThrifty()) return *due_since_ + std::max(settings_.batch_interval, kThriftyInterval);
  if (state_.counters.pending() >= limits::kBatchEvents) return Now();
  return *due_since_ + settings_.batch_interval;
}

// What comes while a batch is under way waits for company, as what came before did.
bool Delivery::Impl::IsDraining(const Counters& counters) const {
  return drain_.birth == state_.birth && counters.accepted - counters.pending() < drain_.accepted;
}

void Delivery::Impl::ScheduleSend() {
  if (!Allows(Purpose::kAnalytics) || Sendable() == 0 || settings_.collector_url.empty() || due_since_) return;
  due_since_ = Now();
  WakeAt(*SendAt());
}

void Delivery::Impl::SetNetwork(NetworkCost network) {
  if (network == network_) return;
  network_ = network;
  ScheduleSend();
  if (const std::optional<MonoTime> at = SendAt()) WakeAt(*at);
}

void Delivery::Impl::SetPower(PowerSource power) {
  if (power == power_) return;
  power_ = power;
  ScheduleSend();
  if (const std::optional<MonoTime> at = SendAt()) WakeAt(*at);
}

Resource Delivery::Impl::Who() const {
  return {settings_.app_name,      settings_.app_version, pseudonyms_.Of("device", settings_.install_id),
          settings_.collector_key, pseudonyms_.hashes(),  settings_.os_name};
}

// The event as it leaves the device. Returns what it adds to a request.
std::size_t Delivery::Impl::AddRecord(const Resource& who, const Timing& timing, const Event& event,
                                      Records* records) const {
  if (!pseudonyms_.hashes() && timing.session.empty()) return records->Add(who, event);
  Event outgoing = event;
  pseudonyms_.Replace(&outgoing.fact);
  SetRight(timing, &outgoing);
  return records->Add(who, outgoing);
}

// Records of some sinks name it.
void Delivery::Impl::SetInstallId(std::string install_id) {
  if (install_id != settings_.install_id) batch_.reset();
  settings_.install_id = std::move(install_id);
}

void Delivery::Impl::StopSending() {
  sender_.Cancel();
  landed_.reset();
  due_since_.reset();
  drain_ = Drain();
}

bool Delivery::Impl::StepSend() {
  if (!MaySend()) return false;
  if (Sendable() == 0) {
    drain_ = Drain();
    // What may not go now waits on: a network that comes and goes does not start its wait anew.
    if (state_.counters.pending() == 0) due_since_.reset();
    return false;
  }
  const std::optional<MonoTime> send_at = SendAt();
  if (!deliver_waiters_.empty() || (send_at && Now() >= *send_at)) {
    drain_ = {state_.birth, state_.counters.accepted};
    due_since_.reset();
  }
  if (!IsDraining(state_.counters)) return false;
  if (stop_ == Stop::kErase) {
    Commit(DropAll(state_, kStopped), [this] { batch_.reset(); });
  } else if (!state_.frozen) {
    if (!SendsAll() || !StepReport()) Gather();
  } else if (batch_ == nullptr) {
    ReadBatch(0, std::string(), std::make_shared<std::vector<Row>>());
  } else if (IsBatchExpired()) {
    Commit(ExpireFrozen(state_, batch_->events), [this] { batch_.reset(); });
  } else if (!StepOversize()) {
    Launch();
  }
  return true;
}

// What the sink would not take is refused here, so that it costs no request.
bool Delivery::Impl::StepOversize() {
  const Frozen::Interval interval = state_.frozen->open.front();
  std::size_t bytes = sink_.envelope_bytes;
  bool is_over = false;
  for (std::uint32_t i = interval.from; i < interval.to; ++i) {
    bytes += batch_->records.BytesOf(i);
    is_over = is_over || batch_->records.BytesOf(i) > sink_.event_bytes;
  }
  const bool is_one = interval.to - interval.from == 1;
  if (!is_over && (is_one || bytes <= sink_.request_bytes)) return false;
  Commit(Refuse(state_, batch_->events, kTooLarge, 0), [this] {
    if (!state_.frozen) batch_.reset();
  });
  return true;
}

// Losses travel as an event of their own, one at a time, so that their report is as safe as what it reports on.
std::optional<Event> Delivery::Impl::DueReport() {
  const Counters& counters = state_.counters;
  if (counters.queued[kReports].events > 0) return std::nullopt;
  Event event;
  event.fact = MakeLossReport(counters.lost, counters.refused, counters.reported);
  if (event.fact.name.empty()) return std::nullopt;
  return event;
}

bool Delivery::Impl::StepReport() {
  std::optional<Event> due = DueReport();
  if (!due) return false;
  Event& event = *due;
  event.fact.wall = ports_.clock->Now();
  event.fact.mono = Now();
  event.fact.boot = settings_.boot;
  event.id = ids_->Next(event.fact.wall);
  Applied applied = Apply(state_, settings_.install_id, {event});
  std::vector<std::string> ids = {applied.records.front().id};
  Commit(
      std::move(applied.update),
      [this, record = applied.records.front()] {
        drain_.accepted = state_.counters.accepted;
        if (accepted_ && !is_muted_.load(std::memory_order_acquire)) accepted_(record);
      },
      std::move(ids));
  return true;
}

// The next batch: read, set right what is not as it should be, freeze.
void Delivery::Impl::Gather() {
  const StorageBatch::Range range = SendsAll() ? StorageBatch::Range{"o/", "o0"} : ChunkRange(kExposures, kConversions);
  Read(range, [this](std::vector<Row> rows) {
    if (rows.empty()) {
      const auto& queued = state_.counters.queued;
      const auto vanished =
          std::find_if(queued.begin(), queued.end(), [](const auto& each) { return each.events > 0; });
      return Commit(WriteOff(state_, static_cast<EventClass>(vanished - queued.begin())), [] {});
    }
    Front front = ReadFront(std::move(rows), batch_events_);
    if (!front.unreadable.empty()) return Commit(SetAside(state_, front.unreadable), [] {});
    const std::optional<Timestamp> oldest = OldestKept();
    if (oldest && HasExpired(front, *oldest)) return Commit(Expire(state_, front, *oldest), [] {});
    Update update = state_.Begin();
    const std::shared_ptr<const Batch> batch = FreezeFront(std::move(front), &update);
    Commit(std::move(update), [this, batch] { TakeUp(batch); });
  });
}

// Adds the freezing of what `front` begins with. The batch is the one once that is committed.
std::shared_ptr<const Delivery::Impl::Batch> Delivery::Impl::FreezeFront(Front front, Update* update) const {
  auto batch = std::make_shared<Batch>(Batch{{}, Records(sink_)});
  const BatchBounds bounds{batch_events_, sink_.request_bytes - sink_.envelope_bytes, sink_.event_bytes};
  const Timing timing = server_clock_.TimingOf(settings_.session, ports_.clock->Now(), Now(), settings_.boot);
  const auto size = [this, who = Who(), &timing, &batch](const Event& event) {
    return AddRecord(who, timing, event, &batch->records);
  };
  std::vector<std::size_t> sizes;
  FreezeNext(state_, std::move(front), bounds, size, &batch->events, &sizes, update);
  batch->records.Keep(batch->events.size());
  if (!timing.session.empty()) {
    update->frozen->timing = timing;
    update->batch.put.push_back({std::string(kFrozenKey), EncodeFrozen(*update->frozen)});
  }
  return batch;
}

void Delivery::Impl::TakeUp(std::shared_ptr<const Batch> batch) {
  batch_ = std::move(batch);
  gathered_events_ = batch_events_;
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
  auto batch = std::make_shared<Batch>(Batch{{}, Records(sink_)});
  for (Front::Chunk& chunk : front.chunks) {
    std::move(chunk.events.begin(), chunk.events.end(), std::back_inserter(batch->events));
  }
  if (!front.unreadable.empty() || batch->events.size() != state_.frozen->events) {
    return Commit(Unfreeze(state_), [] {});
  }
  const Resource who = Who();
  for (const Event& event : batch->events) (void)AddRecord(who, state_.frozen->timing, event, &batch->records);
  TakeUp(std::move(batch));
}

bool Delivery::Impl::IsBatchExpired() const {
  const std::optional<Timestamp> oldest = OldestKept();
  return oldest && std::all_of(batch_->events.begin(), batch_->events.end(),
                               [oldest](const Event& event) { return event.fact.wall < *oldest; });
}

void Delivery::Impl::Launch() {
  Sender::Request request;
  request.url = RequestUrl(settings_.collector_url, sink_);
  request.headers = settings_.headers;
  request.idempotency_key = IdempotencyKey(*state_.frozen, sink_.name);
  request.content_type = sink_.content_type;
  const Frozen::Interval interval = state_.frozen->open.front();
  request.body = batch_->records.ToRequest(Who(), interval.from, interval.to);
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
  if (!state_.frozen || IdempotencyKey(*state_.frozen, sink_.name) != landed_->key) {
    landed_.reset();
    return true;
  }
  if (batch_ == nullptr) {
    ReadBatch(0, std::string(), std::make_shared<std::vector<Row>>());
    return true;
  }
  const Judgement judgement = Judge(landed_->answer, landed_->was_compressed, sink_);
  sender_status_ = judgement.status;
  stop_ = std::max(stop_, judgement.stop);
  switch (judgement.verdict) {
    case Verdict::kDelivered:
      NoteDate(landed_->answer.date, landed_->answer.sent, landed_->answer.received);
      sender_.ResetBackoff();
      CommitDelivered(judgement.rejected);
      break;
    case Verdict::kSplit: {
      const int http_status = landed_->answer.http_status;
      if (http_status == 413) LearnBatchSize();
      CommitAnswer(Refuse(state_, batch_->events, kRejected, http_status));
      break;
    }
    case Verdict::kResendPlain:
      sender_.StopCompressing();
      landed_.reset();
      break;
    case Verdict::kRetryLater:
    case Verdict::kProbe:
      sender_.Wait(landed_->answer, judgement.verdict == Verdict::kProbe, settings_.install_id + landed_->key);
      WakeAt(sender_.not_before());
      landed_.reset();
      break;
    case Verdict::kStop: landed_.reset(); break;
  }
  return true;
}

// Where more goes at once, one commit acknowledges a batch and freezes the next.
void Delivery::Impl::CommitDelivered(std::uint64_t rejected) {
  Update acknowledged = Acknowledge(state_, batch_->events, rejected);
  const bool goes_on = !acknowledged.frozen && rejected == 0 && stop_ == Stop::kNo && MayGoOn() && SendsAll() &&
                       acknowledged.counters.pending() > 0 && IsDraining(acknowledged.counters) && !DueReport();
  if (!goes_on) return CommitAnswer(std::move(acknowledged));
  Read({AfterFrozen(*state_.frozen), "o0"}, [this](std::vector<Row> rows) {
    if (!landed_ || batch_ == nullptr) return;  // it was stopped meanwhile; or it has to be read again
    Update update = Acknowledge(state_, batch_->events, 0);
    Front front = ReadFront(std::move(rows), batch_events_);
    const std::optional<Timestamp> oldest = OldestKept();
    // What has to be set right first is what Gather does.
    if (front.chunks.empty() || !front.unreadable.empty() || (oldest && HasExpired(front, *oldest))) {
      return CommitAnswer(std::move(update));
    }
    const std::shared_ptr<const Batch> next = FreezeFront(std::move(front), &update);
    Commit(std::move(update), [this, next] {
      landed_.reset();
      TakeUp(next);
    });
  });
}

void Delivery::Impl::CommitAnswer(Update update) {
  Commit(std::move(update), [this] {
    landed_.reset();
    if (!state_.frozen) batch_.reset();
  });
}

// The batch was too large for the collector: the next are half as large. Unless it was one event alone: then it was not
// the others' fault.
void Delivery::Impl::LearnBatchSize() {
  const Frozen::Interval refused = state_.frozen->open.front();
  const std::size_t events = refused.to - refused.from;
  batch_events_ = events == 1 ? std::max(batch_events_, gathered_events_) : std::min(batch_events_, events / 2);
}

}  // namespace guidon::events
