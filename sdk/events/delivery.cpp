#include "sdk/events/delivery.h"

#include <algorithm>
#include <utility>

#include "sdk/events/delivery_impl.h"

namespace guidon::events {
namespace {

constexpr Duration kMainsCommitInterval = std::chrono::milliseconds(100);
constexpr Duration kBatteryCommitInterval = std::chrono::seconds(2);

template <class Waiters>
void CallAll(Waiters* waiters) {
  for (auto& done : std::exchange(*waiters, {})) {
    if (done) done();
  }
}

}  // namespace

Delivery::Impl::Impl(DeliverySettings settings, const Platform& ports, std::shared_ptr<Lanes> lanes,
                     std::function<void(const EventRecord&)> accepted)
    : settings_(std::move(settings)),
      ports_(ports),
      lanes_(std::move(lanes)),
      accepted_(std::move(accepted)),
      journal_birth_(JournalBirth()),
      journal_status_(std::make_shared<const Status>()),
      published_(std::make_shared<const Published>()),
      memory_(std::make_shared<Store>(std::make_shared<MemoryStore>(), lanes_)),
      first_wall_(ports.clock->Now()),
      first_mono_(ports.clock->Monotonic()),
      sink_(SinkOf(settings_.sink)),
      pseudonyms_(settings_.unit_key, ports.crypto),
      sender_(ports, lanes_),
      batch_events_(limits::kBatchEvents) {
  if (ports_.storage) disk_ = std::make_shared<Store>(ports_.storage, lanes_);
}

void Delivery::Impl::PostTask(std::function<void(Impl&)> task) {
  lanes_->PostLogic([weak = weak_from_this(), task = std::move(task)] {
    const std::shared_ptr<Impl> self = weak.lock();
    if (self == nullptr || self->is_closing_) return;
    task(*self);
    self->Turn();
  });
}

bool Delivery::Impl::Withdraw(Consents consents) {
  const Consents before = consent_.exchange(consents, std::memory_order_acq_rel);
  const bool is_granted = consents.Allows(Purpose::kFunctional);
  if (!is_granted) journal_.Stop();
  return before.Allows(Purpose::kFunctional) && !is_granted;
}

void Delivery::Impl::Mute() { is_muted_.store(true, std::memory_order_release); }

Counts Delivery::Impl::RefusedHere() const {
  Counts counts;
  Add(&counts, kInboxFull, refused_full_.load(std::memory_order_relaxed));
  Add(&counts, kInvalid, refused_invalid_.load(std::memory_order_relaxed));
  Add(&counts, kNoConsent, refused_consent_.load(std::memory_order_relaxed));
  Add(&counts, kPropertyDropped, properties_dropped_.load(std::memory_order_relaxed));
  return counts;
}

void Delivery::Impl::Start() { is_started_ = true; }

void Delivery::Impl::ObeyConsent(Consents consents) {
  if (consents.Allows(Purpose::kFunctional)) {
    refill_failed_ = false;
    return consents.Allows(Purpose::kAnalytics) ? ScheduleSend() : StopSending();
  }
  is_clear_due_ = HasJournal() && !is_journal_clear_;
  DropFacts(&refused_consent_);
  StopSending();
}

void Delivery::Impl::Commit(std::function<void(Status)> done) {
  commit_due_ = true;
  commit_waiters_.push_back({inbox_.appended(), HasJournal() ? journal_.end() : 0, drops_, std::move(done)});
  AskForLock();
}

void Delivery::Impl::Deliver(std::function<void()> done) {
  ownership_.look_at = Now();
  deliver_waiters_.push_back(std::move(done));
}

void Delivery::Impl::Foreground() {
  is_background_ = false;
  refill_failed_ = false;
  ownership_.look_at = Now();
  AskForLock();
  if (Granted() && journal_state_.load(std::memory_order_acquire) == JournalState::kFailed) {
    lanes_->PostDisk([weak = weak_from_this()] {
      if (const std::shared_ptr<Impl> self = weak.lock()) self->OpenJournal();
    });
  }
  ScheduleSend();
}

void Delivery::Impl::Background(std::function<void()> done) {
  is_background_ = true;
  commit_due_ = true;
  StopSending();
  background_waiters_.push_back(std::move(done));
}

// What is in the journal is safe there: nobody waits for another process to commit it.
void Delivery::Impl::Leave() {
  ownership_.is_leaving = true;
  if (IsFollower()) ownership_.try_at = Now();
}

void Delivery::Impl::Close(std::function<void()> done) {
  is_closing_ = true;
  StopSending();
  close_waiter_ = std::move(done);
}

// Facts that are not committed yet are gone; a commit that is under way keeps its own. Identity changes stay: what is
// in the store has to follow the app's identity once it may.
void Delivery::Impl::DropFacts(std::atomic<std::uint64_t>* counted) {
  for (Inbox::Waiting& waiting : inbox_.Take()) waiting_.push_back(std::move(waiting));
  std::size_t facts = 0;
  std::deque<Inbox::Waiting> changes;
  if (!is_taken_committing_) {
    std::uint64_t events = 0;
    for (Event& event : taken_) {
      if (!event.fact.identity) {
        events += event.fact.is_reported ? 1u : 0u;
      } else if (!event.is_replayed) {
        changes.push_back({std::move(event.fact), 0, 0, false});
      }
    }
    facts += events - std::min(events, sources_.living_events);
    SettleTaken();
    // What others told is theirs, and still in their journals.
    ownership_.living.clear();
    ownership_.look_at = Now();
  }
  const std::uint64_t journaled = DrainJournal();
  journal_settled_ += journaled;
  facts += journaled;
  for (Inbox::Waiting& waiting : waiting_) {
    if (waiting.has_place) {
      inbox_.Release(1, waiting.weight);
      ++settled_;
    }
    if (waiting.fact.identity) {
      changes.push_back({std::move(waiting.fact), 0, 0, false});
    } else {
      facts += waiting.fact.is_reported ? 1u : 0u;
    }
  }
  waiting_ = std::move(changes);
  if (facts > 0) ++drops_;
  if (counted != nullptr) counted->fetch_add(facts, std::memory_order_relaxed);
  PassOverIdentityChanges(kIdentityChanges);
}

// Of `waiting_`, which holds nothing else: the first ones beyond `most`.
void Delivery::Impl::PassOverIdentityChanges(std::size_t most) {
  while (waiting_.size() > most) {
    state_.identity = waiting_.front().fact.identity->number;
    waiting_.pop_front();
  }
}

void Delivery::Impl::Turn() {
  while (!is_busy_ && Step()) {
  }
  TellRemembered();
  SettlePurge();
  Publish();
  if (!is_muted_.load(std::memory_order_acquire)) Settle();
}

bool Delivery::Impl::Step() {
  if (is_closing_) return StepClose();
  PollOthers();
  return StepElect() || StepErase() || StepJournal() || StepFollow() || StepEraseStore() || StepOpen() ||
         StepReturn() || StepPurge() || StepRepair() || StepLook() || StepTime() || StepFacts() || StepRecycle() ||
         StepAnswer() || StepExpire() || StepSend() || StepClose();
}

// Tells those who wait for what has come true.
void Delivery::Impl::Settle() {
  std::vector<std::pair<std::function<void(Status)>, Status>> done;
  for (auto waiter = commit_waiters_.begin(); waiter != commit_waiters_.end();) {
    const bool is_settled = settled_ >= waiter->appended && SettledAt() >= waiter->journal;
    const bool is_left = ownership_.is_leaving && IsFollower() && !is_busy_ && Now() < ownership_.try_at;
    if (!is_settled && WantsStore() && !is_left) {
      ++waiter;
      continue;
    }
    done.emplace_back(std::move(waiter->done), StatusOf(*waiter, is_settled));
    waiter = commit_waiters_.erase(waiter);
  }
  const bool holds_lock = phase_ == Phase::kReady && !in_memory_;
  if (!is_busy_ && !holds_lock && !WantsStore()) CallAll(&background_waiters_);
  if (!is_background_) CallAll(&background_waiters_);
  if (!is_busy_ && sender_.is_idle() && !landed_) CallAll(&deliver_waiters_);
  CallAll(&purge_ended_);
  for (auto& each : done) each.first(each.second);
}

void Delivery::Impl::Publish() {
  auto published = std::make_shared<Published>();
  Counters total = state_.counters;
  if (in_memory_) {
    total.accepted += behind_.accepted;
    total.delivered += behind_.delivered;
    for (std::size_t i = 0; i < kClasses; ++i) total.queued[i].events += behind_.queued[i].events;
    AddAll(behind_.lost, &total.lost);
    AddAll(behind_.refused, &total.refused);
  }
  published->ledger.accepted = total.accepted;
  published->ledger.delivered = total.delivered;
  published->ledger.pending = total.pending();
  published->ledger.lost = ToLosses(total.lost);
  for (const auto& entry : refused_folded_) {
    const auto found = total.refused.find(entry.first);
    if (found != total.refused.end()) found->second -= std::min(found->second, entry.second);
  }
  published->refused_before = std::move(total.refused);
  published->durability = durability_;
  published->store_status = store_status_;
  published->sender_status = pseudonyms_.status().ok() ? sender_status_ : pseudonyms_.status();
  published->purge_status = purge_status_;
  published->store_was_reset = was_reset_;
  published->at_risk = AtRiskInStore();
  published->journal_settled = journal_settled_;
  published->dead_events = dead_events_;
  std::atomic_store(&published_, std::shared_ptr<const Published>(std::move(published)));
}

void Delivery::Impl::TellRemembered() {
  Memory now;
  // Those who die later are not waited for: what is known meanwhile was true a moment ago.
  is_replayed_ = is_replayed_ || ((!ports_.journal || is_adopted_) && dead_.empty());
  const bool is_read = in_memory_ || (knows_disk_ && is_replayed_);
  if (is_started_ && is_read && Granted() && !erase_due_)
    now = {state_.scopes, state_.enrollments, state_.identity, SessionNow()};
  // What is to be erased is not known any more.
  const bool is_behavior_due = in_memory_ ? memory_purge_due_.personalization : purge_due_.personalization;
  if (now.scopes != nullptr && is_behavior_due && now.scopes->HasBehavior()) {
    auto scopes = std::make_shared<Scopes>(*now.scopes);
    scopes->EraseBehavior();
    now.scopes = std::move(scopes);
  }
  const bool is_same = now.scopes == told_.scopes && now.enrollments == told_.enrollments;
  if (is_same && now.identity == told_.identity && now.session.number == told_.session.number) return;
  told_ = now;
  if (remembered_ && !is_muted_.load(std::memory_order_acquire)) remembered_(now);
}

void Delivery::Impl::WakeAt(MonoTime when) {
  lanes_->PostLogicAt(when, [weak = weak_from_this()] {
    if (const std::shared_ptr<Impl> self = weak.lock()) self->Turn();
  });
}

Delivery::Delivery(DeliverySettings settings, const Platform& ports, std::shared_ptr<Lanes> lanes,
                   std::function<void(const EventRecord&)> accepted)
    : impl_(std::make_shared<Impl>(std::move(settings), ports, std::move(lanes), std::move(accepted))) {
  impl_->MakeTurn();
}

Delivery::~Delivery() { impl_->Mute(); }

void Delivery::SetRemembered(std::function<void(const Memory&)> remembered) {
  impl_->PostTask([remembered = std::move(remembered)](Impl& impl) { impl.SetRemembered(remembered); });
}

bool Delivery::Append(Fact fact) noexcept {
  const Impl::Taken taken = impl_->Append(std::move(fact));
  return taken == Impl::Taken::kYes || taken == Impl::Taken::kUnreported;
}

bool Delivery::AppendRecord(std::string_view record, Timestamp wall, bool is_urgent) noexcept {
  return impl_->AppendRecord(record, wall, is_urgent);
}

void Delivery::AppendDurable(Fact fact, std::function<void(Status)> done) {
  impl_->AppendDurable(std::move(fact), std::move(done));
}

bool Delivery::ChangeIdentity(IdentityChange change) { return impl_->ChangeIdentity(std::move(change)); }

void Delivery::SetToldFates(ToldFates told) {
  impl_->PostTask([told = std::move(told)](Impl& impl) { impl.SetToldFates(told); });
}
void Delivery::SetHeard(std::function<void(const EventRecord&)> heard) {
  impl_->PostTask([heard = std::move(heard)](Impl& impl) { impl.SetHeard(heard); });
}

void Delivery::Start() {
  impl_->PostTask([](Impl& impl) { impl.Start(); });
}

void Delivery::SetInstallId(std::string install_id) {
  impl_->PostTask([install_id = std::move(install_id)](Impl& impl) { impl.SetInstallId(install_id); });
}

void Delivery::SetConsent(Consents consents) {
  const bool is_withdrawn = impl_->Withdraw(consents);
  const bool is_granted = consents.Allows(Purpose::kFunctional);
  if (is_granted) impl_->OpenJournal();
  // Where there was none before there is nothing to drop; and by the time this is done there may be, with consent.
  if (!is_withdrawn && !is_granted) return;
  impl_->PostTask([consents](Impl& impl) { impl.ObeyConsent(consents); });
}

void Delivery::Purge(Purposes purposes, std::function<void(Status)> done) {
  impl_->PostTask([purposes, done = std::move(done)](Impl& impl) { impl.Purge(purposes, done); });
}

void Delivery::Erase(std::function<void(Status)> done) {
  impl_->PostTask([done = std::move(done)](Impl& impl) { impl.Erase(done); });
}

void Delivery::Commit(std::function<void()> done) {
  impl_->PostTask([done = std::move(done)](Impl& impl) { impl.Commit([done](const Status&) { done(); }); });
}

void Delivery::Deliver(std::function<void()> done) {
  impl_->PostTask([done = std::move(done)](Impl& impl) { impl.Deliver(done); });
}

void Delivery::SetNetwork(NetworkCost network) {
  impl_->PostTask([network](Impl& impl) { impl.SetNetwork(network); });
}

void Delivery::SetPower(PowerSource power) {
  impl_->SetCommitInterval(power == PowerSource::kMains ? kMainsCommitInterval : kBatteryCommitInterval);
  impl_->PostTask([power](Impl& impl) { impl.SetPower(power); });
}

void Delivery::BeginSession(MonoTime began) {
  impl_->BeginSession(began);
  impl_->PostTask([](Impl&) {});  // tells
}

void Delivery::Foreground() {
  impl_->PostTask([](Impl& impl) { impl.Foreground(); });
}

void Delivery::Background(std::function<void()> done) {
  impl_->PostTask([done = std::move(done)](Impl& impl) { impl.Background(done); });
}

void Delivery::LetGo() { impl_->LetGo(); }

void Delivery::Leave() {
  impl_->PostTask([](Impl& impl) { impl.Leave(); });
}

void Delivery::Close(std::function<void()> done) {
  impl_->Mute();
  impl_->PostTask([done = std::move(done)](Impl& impl) { impl.Close(done); });
}

Ledger Delivery::ledger() const {
  const std::shared_ptr<const Impl::Published> published = impl_->published();
  Ledger ledger = published->ledger;
  // What is in a journal is accepted, whether or not it was looked at yet.
  const std::uint64_t journaled = impl_->JournaledEvents();
  std::uint64_t waiting = published->dead_events;
  if (journaled > published->journal_settled) waiting += journaled - published->journal_settled;
  ledger.accepted += waiting;
  ledger.pending += waiting;
  Counts refused = published->refused_before;
  AddAll(impl_->RefusedHere(), &refused);
  ledger.refused = ToLosses(refused);
  return ledger;
}

Role Delivery::role() const { return impl_->role(); }
Durability Delivery::durability() const { return impl_->published()->durability; }
Status Delivery::store_status() const { return impl_->published()->store_status; }
Status Delivery::sender_status() const { return impl_->published()->sender_status; }
Status Delivery::journal_status() const { return impl_->JournalStatus(); }
std::uint64_t Delivery::at_risk() const { return impl_->InInbox() + impl_->published()->at_risk; }
Status Delivery::purge_status() const { return impl_->published()->purge_status; }
bool Delivery::store_was_reset() const { return impl_->published()->store_was_reset; }

}  // namespace guidon::events
