// Delivery's dealings with the journals: this process's own, and those that dead ones left.
#include <algorithm>
#include <utility>

#include "sdk/events/delivery_impl.h"

namespace guidon::events {
namespace {

constexpr Duration kAskAgain = std::chrono::milliseconds(2);  // somebody is in the middle of an append

}  // namespace

std::uint64_t Delivery::Impl::JournalBirth() const {
  ByteWriter what;
  unsigned char random[16] = {};
  if (ports_.entropy && ports_.entropy->Fill(random, sizeof random)) {
    what.Raw(std::string_view(reinterpret_cast<const char*>(random), sizeof random));
  }
  what.Text("journal");
  what.Text(settings_.install_id);
  what.Signed(ToMs(ports_.clock->Now()));
  what.Signed(ToMs(ports_.clock->Monotonic()));
  what.Text(ports_.clock->BootId());
  return HashBytes64(what.bytes());
}

void Delivery::Impl::OpenJournal() {
  if (!ports_.journal || !disk_) return;
  for (const JournalState from : {JournalState::kNone, JournalState::kFailed}) {
    JournalState state = from;
    if (!journal_state_.compare_exchange_strong(state, JournalState::kOpening)) continue;
    Status status = journal_.Open(ports_.journal, journal_birth_);
    // Two that began alike, on a clock and an entropy that stand still: the second is another journal.
    for (std::uint64_t more = 1; more < 8 && status.code() == StatusCode::kUnavailable; ++more) {
      status = journal_.Open(ports_.journal, journal_birth_ + more);
    }
    const JournalState to = status.ok() ? JournalState::kOpen : JournalState::kFailed;
    std::atomic_store(&journal_status_, std::make_shared<const Status>(std::move(status)));
    journal_state_.store(to, std::memory_order_release);
    return;
  }
}

std::uint64_t Delivery::Impl::JournaledEvents() const { return notices_.load(std::memory_order_acquire) / kOneNotice; }

// Somebody has to take what is in the journal: at the latest after the interval, and at once when it is urgent or a
// whole run of facts waits. `notices_` says in its last bits that a call is on its way, and whether one is that does
// not wait for the interval, and counts events in the rest.
void Delivery::Impl::NoticeJournaled(bool is_event, bool is_urgent) {
  const std::uint64_t call = kCallComes | (is_urgent ? kCallComesAtOnce : 0);
  const std::uint64_t before = notices_.fetch_add(is_event ? kOneNotice : 0, std::memory_order_acq_rel);
  const bool is_first = (before & call) != call && (notices_.fetch_or(call, std::memory_order_acq_rel) & call) != call;
  const bool is_run = is_event && (before / kOneNotice + 1) % kRunFacts == 0;
  if (is_first || is_run) WakeToCommit(is_urgent || is_run ? Duration(0) : CommitInterval());
}

bool Delivery::Impl::HasUnsettled() const {
  if (!taken_.empty() || inbox_.size() > 0 || dead_at_ < dead_.size()) return true;
  return HasJournal() && journal_.read_to() < journal_.end();
}

Position Delivery::Impl::SettledAt() const {
  if (!HasJournal()) return 0;
  return taken_.empty() && taken_damaged_ == 0 ? journal_.read_to() : taken_after_;
}

// Nothing can be appended any more, and all that was can be read. Asks again by itself.
bool Delivery::Impl::SealJournal() {
  if (!HasJournal() || is_journal_clear_) return true;
  journal_.Stop();
  if (journal_.Seal()) return true;
  AskAgain();
  return false;
}

void Delivery::Impl::AskAgain() {
  if (std::exchange(is_asking_, true)) return;
  lanes_->PostLogicAt(Now() + kAskAgain, [weak = weak_from_this()] {
    const std::shared_ptr<Impl> self = weak.lock();
    if (self == nullptr) return;
    self->is_asking_ = false;
    self->Turn();
  });
}

// What is left of the journal, unread and uncounted; but identity changes wait on.
std::uint64_t Delivery::Impl::DrainJournal() {
  std::uint64_t events = 0;
  JournalRecord record;
  while (HasJournal() && !is_journal_clear_ && journal_.Next(&record)) {
    std::optional<Fact> fact = DecodeFact(record.bytes);
    if (fact && fact->identity) {
      waiting_.push_back({std::move(*fact), 0, 0, false});
    } else {
      events += IsEncodedEvent(record.bytes) ? 1u : 0u;
    }
  }
  return events;
}

// Without consent nothing is left of it; with consent back it goes on.
bool Delivery::Impl::StepJournal() {
  if (HasJournal() && is_clear_due_) {
    if (!SealJournal()) return false;
    DropFacts(&refused_consent_);
    is_busy_ = true;
    lanes_->PostDisk([self = shared_from_this(), back = Back([this] { JournalCleared(); })] {
      self->journal_.Clear();
      self->lanes_->PostLogic(back);
    });
    return true;
  }
  if (StepPurgeJournal()) return true;
  if (HasJournal() && is_journal_clear_ && Granted() && !refill_failed_) {
    is_busy_ = true;
    auto result = std::make_shared<Status>();
    lanes_->PostDisk([self = shared_from_this(), result, back = Back([this, result] {
                                                           refill_failed_ = !result->ok();
                                                           if (refill_failed_) return;
                                                           is_journal_clear_ = false;
                                                           journal_.Go();
                                                           journal_clear_to_ = journal_.read_to();
                                                           if (!Granted() || is_clear_due_) journal_.Stop();
                                                         })] {
      *result = self->journal_.Refill();
      self->lanes_->PostLogic(back);
    });
    return true;
  }
  return false;
}

Cursors::iterator Delivery::Impl::ForgetCursor(Cursors::iterator cursor) {
  state_.repairs.erase.push_back(OneKey(NumberedKey(kCursorPrefix, cursor->first)));
  return state_.cursors.erase(cursor);
}

// What the disk's store has need not be kept twice.
bool Delivery::Impl::StepRecycle() {
  if (phase_ != Phase::kReady || in_memory_ || !taken_.empty() || taken_damaged_ > 0) return false;
  if (HasJournal() && !is_journal_clear_) {
    journal_.Recycle();
    GrowJournal();
  }
  if (dead_at_ == 0) return false;
  is_busy_ = true;
  auto dead = std::make_shared<DeadJournal>(std::move(dead_.front()));
  dead_.pop_front();
  --dead_at_;
  auto removed = std::make_shared<Status>();
  lanes_->PostDisk([dead, removed, lanes = lanes_, back = Back([this, dead, removed] {
                                                     // What stays is applied already, and its cursor says so.
                                                     const auto cursor = state_.cursors.find(dead->birth());
                                                     if (removed->ok() && cursor != state_.cursors.end()) {
                                                       ForgetCursor(cursor);
                                                     }
                                                   })] {
    *removed = dead->Remove();
    lanes->PostLogic(back);
  });
  return true;
}

void Delivery::Impl::GrowJournal() {
  if (!journal_.NeedsRoom() || !journal_.IsHalfFull() || is_growing_) return;
  is_growing_ = true;
  lanes_->PostDisk([weak = weak_from_this()] {
    const std::shared_ptr<Impl> self = weak.lock();
    if (self == nullptr) return;
    (void)self->journal_.Grow();
    self->PostTask([](Impl& impl) { impl.is_growing_ = false; });
  });
}

// Erases what is in journals. Disk lane; after SealJournal.
Status Delivery::Impl::EraseJournals(std::vector<DeadJournal> dead) {
  Status status;
  if (HasJournal()) journal_.Clear();
  if (!ports_.journal) return status;
  const std::vector<std::uint64_t> own = {HasJournal() ? journal_.birth() : 0};
  std::vector<std::uint64_t> living;
  for (DeadJournal& more : DeadJournal::Adopt(ports_.journal, own, &living)) dead.push_back(std::move(more));
  for (const std::uint64_t birth : living) LivingJournal(ports_.journal, birth, 0).PassOver();
  for (DeadJournal& each : dead) {
    const Status removed = each.Remove();
    if (status.ok()) status = removed;
  }
  return status;
}

// For good. Nothing stays where the disk's store has all of it; else the next process finds it.
void Delivery::Impl::CloseJournal() {
  if (!HasJournal()) return;
  journal_.Stop();
  if (!is_journal_clear_ && !journal_.Seal()) return;  // let go of with this object
  const bool is_read = is_journal_clear_ || journal_.read_to() >= journal_.end();
  const bool is_in_store = IsFollower() || (!in_memory_ && knows_disk_);
  const bool is_committed = is_read && taken_.empty() && taken_damaged_ == 0 && is_in_store;
  lanes_->PostDisk([self = shared_from_this(), is_committed] { self->journal_.Close(is_committed); });
}

// Any thread. Why what is told now would be in memory only; ok: it is not.
Status Delivery::Impl::JournalStatus() const {
  if (!ports_.journal) return Status(StatusCode::kUnsupported, "the host has no journal");
  if (!disk_) return Status(StatusCode::kUnsupported, "the host has no storage, so nothing is kept");
  switch (journal_state_.load(std::memory_order_acquire)) {
    case JournalState::kNone: return Status(StatusCode::kUnavailable, "nothing is kept without consent");
    case JournalState::kOpening: return Status(StatusCode::kUnavailable, "the journal is being opened");
    case JournalState::kFailed: return *std::atomic_load(&journal_status_);
    case JournalState::kOpen: break;
  }
  if (!Granted()) return Status(StatusCode::kUnavailable, "nothing is kept without consent");
  if (journal_.is_stopped()) return Status(StatusCode::kUnavailable, "the journal is being erased");
  return journal_.Trouble();
}

Status Delivery::Impl::StatusOf(const CommitWaiter& waiter, bool is_settled) const {
  if (!is_settled && IsFollower()) {
    return Status(StatusCode::kUnavailable, "in the journal only, until the process that owns the store commits it");
  }
  if (!is_settled || waiter.drops != drops_) return Status(StatusCode::kUnavailable, "erased before it was committed");
  if (IsFollower()) return Status();  // whoever owns the store has said so
  if (in_memory_ || disk_ == nullptr || !store_status_.ok()) {
    return Status(StatusCode::kUnavailable, "in memory only: " + store_status_.message());
  }
  if (durability_ != Durability::kNone) return Status();
  return Status(StatusCode::kUnsupported, "the store does not outlive the process");
}

// Events that were committed where they die with the process, and that no journal has.
std::uint64_t Delivery::Impl::AtRiskInStore() const {
  const std::uint64_t pending = state_.counters.pending();
  if (in_memory_) return HasJournal() ? std::min(pending, memory_facts_) : pending;
  return durability_ == Durability::kNone ? pending : 0;
}

}  // namespace guidon::events
