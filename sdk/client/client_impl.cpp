#include "sdk/client/client_impl.h"

#include <algorithm>
#include <chrono>

#include "sdk/client/looks.h"
#include "sdk/core/base/base64.h"
#include "sdk/core/base/text.h"

namespace guidon {
namespace {

// What must be there for a client to do anything at all.
bool IsComplete(const Platform& platform) noexcept { return platform.clock != nullptr && platform.entropy != nullptr; }

// Stands in for a clock that was not handed in, so that a client which can do nothing can at least say so.
class StoppedClock final : public Clock {
 public:
  Timestamp Now() noexcept override { return Timestamp(); }
  MonoTime Monotonic() noexcept override { return MonoTime(); }
  std::string BootId() override { return std::string(); }
  Duration UtcOffset(Timestamp) noexcept override { return Duration(0); }
};

Platform WithClock(Platform platform) {
  if (platform.clock == nullptr) platform.clock = std::make_shared<StoppedClock>();
  return platform;
}

// Segment's key is a user's name without a password; who sets the header himself knows better.
HttpHeaders CollectorHeaders(const Options& options) {
  HttpHeaders headers = options.collector_headers;
  const bool is_set = std::any_of(headers.begin(), headers.end(), [](const auto& header) {
    return header.first == "Authorization" || header.first == "authorization";
  });
  if (options.sink == EventSink::kSegment && !options.collector_key.empty() && !is_set) {
    headers.emplace_back("Authorization", "Basic " + EncodeBase64(options.collector_key + ":"));
  }
  return headers;
}

bool IsConversion(const client::State& state, std::string_view name, const std::optional<double>& value) {
  return value.has_value() || (state.rules() != nullptr && state.rules()->IsConversion(name));
}

// A prompt may hang on it.
bool IsTrigger(const client::State& state, std::string_view name) {
  return state.rules() != nullptr && state.rules()->IsTrigger(name);
}

}  // namespace

Client::Impl::Impl(Options given, Platform ports)
    : options(std::move(given)),
      platform(WithClock(std::move(ports))),
      presence(platform.fork_guard),
      pump(std::make_shared<client::Pump>(platform.clock, platform.waker)),
      pins(std::make_shared<client::Pins>(std::make_unique<const client::State>(client::Inputs(), Timestamp()))),
      log(platform.log, options.log_level),
      consent_(options.consent),
      identity_(platform.files, platform.entropy),
      intake_(std::make_shared<client::Intake>(options, platform.crypto, platform.patterns)),
      cache_(platform.files, options.datafile_url) {}

Client::Impl::~Impl() = default;

void Client::Impl::Open() {
  if (!IsComplete(platform)) {
    open_status_ = Status(StatusCode::kInvalidArgument, "the platform needs a clock and entropy");
    is_closed_.store(true, std::memory_order_release);
    return;
  }
  inputs_.consent = options.consent;
  switch (options.consent.Of(Purpose::kFunctional)) {
    case Consent::kGranted: inputs_.install_id = identity_.ReadOrKeep(); break;
    case Consent::kUnknown: inputs_.install_id = identity_.ReadOrDraw(); break;
    case Consent::kDenied: inputs_.install_id = identity_.Draw(); break;
  }
  inputs_.session = identity_.Draw();
  inputs_.boot = events::BootOf(platform.clock->BootId());
  inputs_.crypto = platform.crypto;
  inputs_.clock = platform.clock;
  inputs_.private_attributes = options.private_attributes;

  events::DeliverySettings delivery;
  delivery.collector_url = options.collector_url;
  delivery.sink = options.sink;
  delivery.headers = CollectorHeaders(options);
  if (options.sink == EventSink::kPostHog) delivery.collector_key = options.collector_key;
  delivery.batch_interval = options.batch_interval;
  delivery.outbox_events =
      std::clamp<std::uint64_t>(options.outbox_events, limits::kBatchEvents, limits::kMostOutboxEvents);
  delivery.outbox_bytes =
      std::clamp<std::uint64_t>(options.outbox_bytes, limits::kBatchBytes, limits::kMostOutboxBytes);
  delivery.app_name = options.app_name;
  delivery.app_version = options.app_version;
  delivery.os_name = platform.os_name;
  delivery.install_id = inputs_.install_id;
  delivery.session = inputs_.session;
  delivery.boot = inputs_.boot;
  delivery.unit_key = options.unit_key;
  deletions_ = std::make_shared<events::Deletions>(delivery, platform, pump);
  pseudonyms_.emplace(options.unit_key, platform.crypto);
  delivery_ = std::make_unique<events::Delivery>(delivery, platform, pump, [this](const EventRecord& record) {
    for (const auto& watch : events.All()) client::CallLater(watch, record, *pump);
    if (!record.earlier_process) prompter_->OnAccepted(record);  // what came before is no moment any more
  });
  OpenPrompter();
  OpenRefresher();

  // First: with consent to it the journal is made, which keeps whose memory is carried over where the store is down.
  delivery_->SetConsent(options.consent);
  {
    const Lock lock(writer_mutex_);
    TakeContext(lock, options.context, options.carry);
  }
  OpenQa();
  OpenOverrides();
  OpenDatafiles();
  {
    const Lock lock(writer_mutex_);
    publishes_ = true;
    Publish(lock);
  }
  delivery_->Start();
  deletions_->Start();
  SetConsent(std::nullopt, options.consent, nullptr);
  if (platform.waker == nullptr) return;
  platform.waker->Start([self = weak(), lanes = pump] {
    const auto impl = self.lock();  // lives until this turn is over, also when the host drops the client in it
    return impl == nullptr ? MonoTime::max() : lanes->TurnAll();
  });
}

events::Fact Client::Impl::TrackedFact(const client::State& state, std::string_view name, std::optional<double> value,
                                       Properties properties) const {
  events::Fact fact = client::MakeFact(state, state.context, platform.clock->Now(), platform.clock->Monotonic());
  fact.kind = EventKind::kTracked;
  fact.name = std::string(name);
  fact.value = value;
  fact.is_conversion = IsConversion(state, name, value);
  fact.is_trigger = IsTrigger(state, name);
  fact.is_urgent = fact.is_conversion || fact.is_trigger;
  fact.properties.reserve(properties.size());
  for (const Property& property : properties) fact.properties.emplace_back(property.name, property.value);
  fact.looks = client::LooksAt(state, fact);
  return fact;
}

void Client::Impl::Track(std::string_view name, std::optional<double> value, Properties properties) {
  if (is_closed()) return;
  const client::Pins::Pin pin = pins->Acquire();
  if (pin->rules() != nullptr && pin->rules()->watches_idle) prompter_->NoteActivity();
  events::PreparedFact::Record record;
  const bool is_conversion = IsConversion(*pin, name, value);
  const Timestamp wall = platform.clock->Now();
  const bool is_plain = pin->prepared_fact.Write(wall, platform.clock->Monotonic(), name, value, properties,
                                                 client::LooksAt(*pin, name, properties), is_conversion, &record);
  if (is_plain && delivery_->AppendRecord(record.bytes().view(), wall, is_conversion || IsTrigger(*pin, name))) return;
  (void)delivery_->Append(TrackedFact(*pin, name, value, properties));  // what was refused is in the ledger
}

Status Client::Impl::TrackDurable(std::string_view name, Properties properties, Duration deadline) {
  if (is_closed()) return Status(StatusCode::kClosed, "the client was closed");
  auto result = std::make_shared<Status>();
  const bool in_time = RunAndWait(DeadlineAfter(deadline), [&](std::function<void()> done) {
    const client::Pins::Pin pin = pins->Acquire();
    if (pin->rules() != nullptr && pin->rules()->watches_idle) prompter_->NoteActivity();
    delivery_->AppendDurable(TrackedFact(*pin, name, std::nullopt, properties), [result, done](Status status) {
      *result = std::move(status);
      done();
    });
  });
  return in_time ? *result : Status(StatusCode::kUnavailable, "not committed in time; it goes on");
}

MonoTime Client::Impl::DeadlineAfter(Duration duration) const {
  const Duration bounded = std::clamp(duration, Duration(0), Duration(std::chrono::hours(24)));
  return platform.clock->Monotonic() + bounded;
}

bool Client::Impl::RunAndWait(MonoTime deadline, const std::function<void(std::function<void()>)>& step) {
  auto is_done = std::make_shared<std::atomic<bool>>(false);
  step([is_done, lanes = pump] {
    is_done->store(true, std::memory_order_release);
    lanes->Notify();
  });
  return pump->WaitUntil(deadline, [&] { return is_done->load(std::memory_order_acquire); });
}

// Saves first, then uses what time is left for the network.
FlushReport Client::Impl::CommitAndDeliver(MonoTime deadline, std::uint64_t patient) {
  FlushReport report;
  report.in_time = RunAndWait(deadline, [this](auto done) { delivery_->Commit(std::move(done)); });
  // Not before: what earlier processes delivered is known as soon as the store was read.
  const Ledger committed = delivery_->ledger();
  const std::uint64_t delivered_before = committed.delivered;
  if (report.in_time && (patient == 0 || committed.pending > patient)) {
    report.in_time = RunAndWait(deadline, [this](auto done) { delivery_->Deliver(std::move(done)); });
  }
  if (report.in_time && deletions_->waiting() > 0) {
    report.in_time = RunAndWait(deadline, [this](auto done) {
      pump->PostLogic([deletions = deletions_, done = std::move(done)] { deletions->Deliver(done); });
    });
  }
  const Ledger ledger = delivery_->ledger();
  report.delivered = ledger.delivered - delivered_before;
  report.kept = ledger.pending;
  report.volatile_lost = delivery_->at_risk();
  return report;
}

FlushReport Client::Impl::Flush(Duration deadline) {
  if (is_closed()) return FlushReport();
  (void)TellEvaluations();
  FlushReport report = CommitAndDeliver(DeadlineAfter(deadline));
  report.volatile_lost = 0;  // nothing ended: what is in memory is still there
  return report;
}

bool Client::Impl::WaitUntilReady(Duration deadline) {
  if (is_closed()) return false;
  return pump->WaitUntil(DeadlineAfter(deadline), [this] {
    return is_ready_.load(std::memory_order_acquire) && has_asked_.load(std::memory_order_acquire);
  });
}

ClientStatus Client::Impl::status() const {
  ClientStatus status;
  if (is_copy()) {
    status.datafile = Status(StatusCode::kClosed, "this process was forked from the one that opened the client");
    return status;
  }
  {
    const client::Pins::Pin pin = pins->Acquire();
    status.install_id = pin->inputs.install_id;
    status.consent = pin->inputs.consent;
    const client::Datafile* datafile = pin->inputs.datafile.get();
    if (datafile != nullptr) {
      status.ready = !pin->inputs.is_closed;
      status.datafile_source = datafile->source;
      status.datafile_epoch = datafile->rules->header.epoch;
      status.datafile_version = datafile->rules->header.version;
      status.datafile_signed = datafile->is_signed;
      status.datafile_issued_at = datafile->rules->header.issued_at;
      status.datafile_expires_at = datafile->rules->header.expires_at;
      status.datafile_expired = pin->is_stale(platform.clock->Now());
    }
    if (const client::Datafile* waiting = pin->inputs.waiting.get()) {
      status.datafile_waiting_epoch = waiting->rules->header.epoch;
      status.datafile_waiting_version = waiting->rules->header.version;
    }
  }
  {
    const std::lock_guard<std::mutex> lock(status_mutex_);
    status.fetch = fetch_status_;
    status.stream = stream_status_;
    status.stream_open = is_stream_open_;
    status.datafile = open_status_.ok() ? datafile_status_ : open_status_;
    status.last_fetch = last_fetch_;
  }
  status.overrides = OverridesStatus();
  if (delivery_ == nullptr) return status;
  switch (delivery_->role()) {
    case events::Role::kNone: status.role = ProcessRole::kNone; break;
    case events::Role::kOwner: status.role = ProcessRole::kOwner; break;
    case events::Role::kFollower: status.role = ProcessRole::kFollower; break;
  }
  status.durability = delivery_->durability();
  status.store = delivery_->store_status();
  status.journal = delivery_->journal_status();
  status.at_risk = delivery_->at_risk();
  status.sender = delivery_->sender_status();
  status.purge = delivery_->purge_status();
  status.store_was_reset = delivery_->store_was_reset();
  status.ledger = delivery_->ledger();
  status.deletion_requests = deletions_->waiting();
  status.clock_ahead = delivery_->ClockAhead();
  return status;
}

std::vector<Problem> Client::Impl::Problems() const {
  if (is_copy()) return {};
  const std::lock_guard<std::mutex> lock(status_mutex_);
  return problems_;
}

void Client::Impl::OnForeground() {
  if (is_closed()) return;
  ComeBack();
  if (prompter_ != nullptr)
    prompter_->Foreground();  // first: a session may begin, and what is told from now on is of it
  delivery_->Foreground();
  pump->PostLogic([self = weak()] {
    const auto impl = self.lock();
    if (impl == nullptr) return;
    impl->deletions_->SetBackground(false);
    if (impl->refresher_ != nullptr) impl->refresher_->Foreground();
    if (impl->announcements_ != nullptr) impl->announcements_->Foreground();
  });
}

void Client::Impl::OnBackground() {
  if (is_closed()) return;
  {
    const Lock lock(writer_mutex_);
    is_background_ = true;
  }
  (void)TellEvaluations();
  if (prompter_ != nullptr) prompter_->Background();
  pump->PostLogic([self = weak()] {
    const auto impl = self.lock();
    if (impl == nullptr) return;
    impl->deletions_->SetBackground(true);
    if (impl->refresher_ != nullptr) impl->refresher_->Background();
    if (impl->announcements_ != nullptr) impl->announcements_->Background();
  });
  delivery_->Background([] {});
}

void Client::Impl::SetNetwork(NetworkCost network) {
  if (is_closed()) return;
  delivery_->SetNetwork(network);
  pump->PostLogic([self = weak(), network] {
    if (const auto impl = self.lock()) impl->deletions_->SetNetwork(network);
  });
}

void Client::Impl::SetScreen(std::string_view name) {
  if (!is_closed()) prompter_->SetScreen(name);
}

void Client::Impl::NoteActivity() {
  if (!is_closed()) prompter_->NoteActivity();
}

void Client::Impl::SetPower(PowerSource power) {
  if (!is_closed()) delivery_->SetPower(power);
}

FlushReport Client::Impl::Close(Duration duration) {
  if (delivery_ == nullptr || is_copy()) return FlushReport();  // never opened, here
  const MonoTime deadline = DeadlineAfter(duration);
  const auto real_deadline = std::chrono::steady_clock::now() + (deadline - platform.clock->Monotonic());
  if (is_closed_.exchange(true)) {
    FlushReport late;
    late.in_time = false;
    // In a callback there is no waiting for whoever closes: it may be waiting for the callback.
    if (pump->IsTurning() || changes.IsCallingHere() || events.IsCallingHere() || recordings.IsCallingHere() ||
        prompter_->IsCallingHere())
      return late;
    std::unique_lock<std::mutex> lock(close_mutex_);
    close_done_.wait_until(lock, real_deadline, [this] { return close_report_.has_value(); });
    return close_report_.value_or(late);
  }

  prompter_->Stop();
  const std::uint64_t summaries = TellEvaluations();
  delivery_->Leave();
  FlushReport report = CommitAndDeliver(deadline, summaries);
  const bool is_let_go = RunAndWait(deadline, [this](auto done) {
    pump->PostLogic([self = weak(), done = std::move(done)] {
      const auto impl = self.lock();
      if (impl == nullptr) return;
      if (impl->refresher_ != nullptr) impl->refresher_->Stop();
      if (impl->announcements_ != nullptr) impl->announcements_->Stop();
      impl->deletions_->Close();
      impl->delivery_->Close(done);
    });
  });
  report.in_time = report.in_time && is_let_go;

  changes.MuteAll(real_deadline);
  events.MuteAll(real_deadline);
  recordings.MuteAll(real_deadline);
  prompter_->MuteUntil(real_deadline);
  {
    const Lock lock(writer_mutex_);
    inputs_.is_closed = true;
    inputs_.overrides.clear();
    Publish(lock);
    cells.ForEach([this](const std::string&, client::Cell* cell) { cell->Write(++sequence_, 0, 0); });
  }
  pump->Close();
  if (platform.http != nullptr) (void)platform.http->Stop(deadline);
  if (platform.waker != nullptr) {
    platform.waker->Stop();
    if (!pump->IsTurning()) delivery_->LetGo();
  }
  {
    const std::lock_guard<std::mutex> lock(close_mutex_);
    close_report_ = report;
  }
  close_done_.notify_all();
  return report;
}

}  // namespace guidon
