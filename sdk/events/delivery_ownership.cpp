// Delivery among other processes on the same state folder: being elected, following, and reading along as the owner.
#include <algorithm>
#include <utility>

#include "sdk/events/delivery_impl.h"

namespace guidon::events {
namespace {

constexpr Duration kLookAgain = std::chrono::milliseconds(100);

bool IsOneOf(const std::vector<std::uint64_t>& births, std::uint64_t birth) {
  return std::find(births.begin(), births.end(), birth) != births.end();
}

}  // namespace

bool Delivery::Impl::IsOwner() const {
  return disk_ == nullptr || !ports_.journal || ownership_.role.load(std::memory_order_relaxed) == Role::kOwner;
}

bool Delivery::Impl::IsFollower() const { return ownership_.role.load(std::memory_order_relaxed) == Role::kFollower; }

// Before the store is opened. A follower asks again now and then, and at once where somebody waits.
bool Delivery::Impl::StepElect() {
  if (IsOwner() || (!WantsStore() && erase_waiters_.empty())) return false;
  if (IsFollower() && Now() < ownership_.try_at) return false;
  is_busy_ = true;
  auto lock = std::make_shared<Result<std::shared_ptr<void>>>(Status());
  auto back = Back([this, lock] {
    ownership_.tried_at = Now();
    if (lock->ok()) {
      TakeOver(std::move(**lock));
    } else if (lock->status().code() == StatusCode::kUnavailable) {
      Follow();
    } else {
      TakeOver(nullptr);
    }
  });
  lanes_->PostDisk([lock, port = ports_.journal, lanes = lanes_, back] {
    *lock = port->TryLock(kOwnerLock);
    lanes->PostLogic(back);
  });
  return true;
}

void Delivery::Impl::TakeOver(std::shared_ptr<void> lock) {
  ownership_.role.store(Role::kOwner, std::memory_order_relaxed);
  ownership_.lock = std::move(lock);
  ownership_.living.clear();
  ownership_.look_at = Now();
  ownership_.poll.Reset();
  open_not_before_ = MonoTime();
}

// What the store said while this process was its owner is the next owner's to say; what is remembered is still the best
// that is known.
void Delivery::Impl::Follow() {
  if (!IsFollower()) {
    ownership_.role.store(Role::kFollower, std::memory_order_relaxed);
    LoseSession();
    ownership_.progress_at = Now();
    ownership_.follow.Reset();
    ownership_.living.clear();
    State fresh;
    fresh.identity = state_.identity;
    fresh.scopes = std::move(state_.scopes);
    fresh.enrollments = std::move(state_.enrollments);
    state_ = std::move(fresh);
    store_status_ = Status();
  }
  const bool is_stuck = HasUnsettled() && Now() - ownership_.progress_at >= Ownership::kTryWhenStuck;
  ownership_.try_at = Now() + (is_stuck ? Ownership::kTryWhenStuck : Ownership::kTryWhenIdle);
}

// Once the store is closed, so that another process may open it.
void Delivery::Impl::Disown() {
  if (ownership_.role.load(std::memory_order_relaxed) != Role::kOwner) return;
  ownership_.role.store(Role::kNone, std::memory_order_relaxed);
  ownership_.living.clear();
  lanes_->PostDisk([lock = std::exchange(ownership_.lock, nullptr)]() mutable { lock.reset(); });
}

void Delivery::Impl::AskForLock() {
  if (!IsFollower()) return;
  ownership_.try_at = std::min(ownership_.try_at, ownership_.tried_at + Ownership::kLeastTry);
  ownership_.follow.Reset();
  ownership_.follow_at = MonoTime();
}

void Delivery::Impl::WakeForOthers(MonoTime when) {
  if (ownership_.wake_at > Now() && ownership_.wake_at <= when) return;
  ownership_.wake_at = when;
  WakeAt(when);
}

// What waits in memory goes into the journal as soon as that has room; the owner takes it from there.
void Delivery::Impl::JournalWaiting() {
  if (!HasJournal() || is_journal_clear_ || journal_.is_stopped()) return;
  for (Inbox::Waiting& waiting : inbox_.Take()) waiting_.push_back(std::move(waiting));
  const std::uint64_t settled_before = settled_;
  while (!waiting_.empty()) {
    Inbox::Waiting& waiting = waiting_.front();
    if (journal_.Append(EncodeFact(waiting.fact)) != FactJournal::Took::kYes) break;
    if (!waiting.fact.identity) notices_.fetch_add(kOneNotice, std::memory_order_acq_rel);
    if (waiting.has_place) {
      inbox_.Release(1, waiting.weight);
      ++settled_;
    }
    waiting_.pop_front();
  }
  if (settled_ == settled_before) return;
  // Whoever waits for one of these waits for its place in the journal now.
  for (CommitWaiter& waiter : commit_waiters_) {
    if (waiter.appended > settled_before) waiter.journal = std::max(waiter.journal, journal_.end());
  }
}

// How far the owner has committed what is in this process's journal, and room for more of it.
bool Delivery::Impl::StepFollow() {
  if (!IsFollower() || !Granted()) return false;
  JournalWaiting();
  // The journal has no room.
  if (inbox_.size() > 0) ownership_.try_at = std::min(ownership_.try_at, ownership_.tried_at + Ownership::kLeastTry);
  if (HasJournal() && !is_journal_clear_) {
    const Position before = journal_.read_to();
    SettleUpTo(journal_.CommittedByOwner());
    if (journal_.read_to() != before) {
      ownership_.progress_at = Now();
      ownership_.follow.Reset();
      ownership_.follow_at = MonoTime();
    }
    journal_.Recycle();
    GrowJournal();
  }
  if (!HasUnsettled()) {
    ownership_.progress_at = Now();
    ownership_.follow.Reset();
    // What is told from now on calls again.
    notices_.fetch_and(~(kCallComes | kCallComesAtOnce), std::memory_order_acq_rel);
  }
  const bool waits = HasUnsettled();
  if (!waits) commit_due_ = false;
  if (waits && Now() >= ownership_.follow_at) ownership_.follow_at = Now() + ownership_.follow.Next();
  if (waits) {
    const MonoTime since = std::max(ownership_.tried_at, ownership_.progress_at);
    ownership_.try_at = std::min(ownership_.try_at, since + Ownership::kTryWhenStuck);
  }
  if (WantsStore()) {
    WakeForOthers(waits ? std::min(ownership_.follow_at, ownership_.try_at) : ownership_.try_at);
  }
  return false;
}

// Records of this process's journal that another one has committed.
void Delivery::Impl::SettleUpTo(Position committed) {
  JournalRecord record;
  while (journal_.read_to() < committed && journal_.Next(&record)) {
    journal_settled_ += record.damaged;
    if (IsEncodedEvent(record.bytes)) ++journal_settled_;
    const std::optional<Fact> fact = DecodeFact(record.bytes);
    if (fact && fact->identity) state_.identity = std::max(state_.identity, fact->identity->number);
  }
  journal_.Skip(committed);
}

// Which other journals there are, and which of their processes have ended.
bool Delivery::Impl::StepLook() {
  if (!IsOwner() || !ports_.journal || phase_ != Phase::kReady || in_memory_ || !Granted() || erase_due_) return false;
  if (!taken_.empty() || taken_damaged_ > 0) return false;
  if (Now() < ownership_.look_at) {
    WakeForOthers(ownership_.look_at);
    return false;
  }
  struct Looked {
    std::vector<std::uint64_t> known;
    std::vector<DeadJournal> dead;
    std::vector<std::uint64_t> births;  // of those that live
    std::vector<std::uint64_t> left;    // of those that a later version left
    std::map<std::uint64_t, std::shared_ptr<LivingJournal>> living;
    Cursors cursors;
  };
  auto looked = std::make_shared<Looked>();
  if (HasJournal()) looked->known.push_back(journal_.birth());
  for (const DeadJournal& dead : dead_) looked->known.push_back(dead.birth());
  looked->living = ownership_.living;
  looked->cursors = state_.cursors;
  is_busy_ = true;
  auto back = Back([this, looked] {
    ownership_.looked_at = Now();
    // This process's own may have been made meanwhile, and is none of them.
    if (journal_state_.load(std::memory_order_acquire) == JournalState::kOpening) return AskAgain();
    if (HasJournal()) looked->living.erase(journal_.birth());
    ownership_.living = std::move(looked->living);
    // Who died before a denial is dealt with; of those who died since it is known what they may.
    if (is_adopted_ && dead_.empty()) withheld_.dead = Purposes();
    TakeDeadJournals(std::move(looked->dead));
    for (auto cursor = state_.cursors.begin(); cursor != state_.cursors.end();) {
      const bool is_there = ownership_.living.count(cursor->first) != 0 || IsOneOf(looked->known, cursor->first) ||
                            IsOneOf(looked->left, cursor->first) ||
                            std::any_of(dead_.begin(), dead_.end(),
                                        [&](const DeadJournal& dead) { return dead.birth() == cursor->first; });
      cursor = is_there ? std::next(cursor) : ForgetCursor(cursor);
    }
    is_adopted_ = true;
    TellOthers();
    const bool is_alone = ownership_.living.empty();
    if (!is_alone) ownership_.poll_at = Now();
    ownership_.look_at = Now() + (is_alone ? Ownership::kLookWhenAlone : Ownership::kLookAmongOthers);
  });
  lanes_->PostDisk([looked, port = ports_.journal, lanes = lanes_, back] {
    looked->dead = DeadJournal::Adopt(port, looked->known, &looked->births);
    const auto left = std::stable_partition(looked->dead.begin(), looked->dead.end(),
                                            [](const DeadJournal& dead) { return !dead.is_of_later_version(); });
    for (auto journal = left; journal != looked->dead.end(); ++journal) looked->left.push_back(journal->birth());
    looked->dead.erase(left, looked->dead.end());
    for (auto journal = looked->living.begin(); journal != looked->living.end();) {
      journal = IsOneOf(looked->births, journal->first) ? std::next(journal) : looked->living.erase(journal);
    }
    for (const std::uint64_t birth : looked->births) {
      std::shared_ptr<LivingJournal>& journal = looked->living[birth];
      const auto cursor = looked->cursors.find(birth);
      const Position committed = cursor == looked->cursors.end() ? 0 : cursor->second;
      if (journal == nullptr) journal = std::make_shared<LivingJournal>(port, birth, committed);
      journal->Look();
    }
    lanes->PostLogic(back);
  });
  return true;
}

void Delivery::Impl::TakeDeadJournals(std::vector<DeadJournal> dead) {
  for (DeadJournal& each : dead) {
    const auto cursor = state_.cursors.find(each.birth());
    if (cursor != state_.cursors.end()) each.Skip(cursor->second);
    dead_events_ += each.Count(IsEncodedEvent);
    dead_.push_back(std::move(each));
  }
  if (!dead_.empty()) commit_due_ = true;
}

// Only while there are others.
void Delivery::Impl::PollOthers() {
  if (ownership_.living.empty() || phase_ != Phase::kReady || in_memory_ || !Granted()) return;
  if (Now() >= ownership_.poll_at) {
    commit_due_ = true;
    ownership_.poll_at = Now() + ownership_.poll.Next();
  }
  WakeForOthers(std::min(ownership_.poll_at, ownership_.look_at));
}

// Up to `most` facts are taken then.
void Delivery::Impl::TakeLiving(std::size_t most) {
  if (in_memory_) return;
  for (auto& [birth, journal] : ownership_.living) {
    JournalRecord record;
    while (taken_.size() < most && journal->Next(&record)) {
      taken_damaged_ += record.damaged;
      if (IsEncodedEvent(record.bytes)) ++sources_.living_events;
      sources_.cursors[birth] = journal->read_to();
      TakeRecord(record, birth, true);
      ownership_.poll.Reset();
    }
    if (journal->NeedsLook()) ownership_.look_at = std::min(ownership_.look_at, ownership_.looked_at + kLookAgain);
  }
}

// A follower erases what is its own; the rest is the owner's to erase.
bool Delivery::Impl::StepEraseOwn() {
  if (erase_waiters_.empty() || !SealJournal()) return false;
  DropFacts(nullptr);
  PassOverIdentityChanges(0);
  const std::uint64_t identity = state_.identity;
  state_ = State();
  state_.identity = identity;
  knows_disk_ = false;
  is_busy_ = true;
  auto back = Back([this] {
    is_clear_due_ = false;
    is_journal_clear_ = HasJournal();
    journal_settled_ = std::max(journal_settled_, JournaledEvents());
    // Without consent the debt stays, should this process take over.
    erase_due_ = ownership_.owes_erasure = !Granted();
    EndErase(Status(StatusCode::kUnavailable,
                    "this process's journal is erased; the store is another process's, which owns this folder now"));
  });
  lanes_->PostDisk([self = shared_from_this(), back] {
    if (self->HasJournal()) self->journal_.Clear();
    self->lanes_->PostLogic(back);
  });
  return true;
}

// The same for what is denied in part. The debt stays, should this process take over.
bool Delivery::Impl::StepPurgeOwn() {
  if (is_own_purge_due_) {
    if (!SealJournal()) return false;
    DropFacts(&refused_consent_);
    is_own_purge_due_ = false;
    is_busy_ = true;
    lanes_->PostDisk([self = shared_from_this(), back = Back([this] { JournalCleared(); })] {
      self->journal_.Clear();
      self->lanes_->PostLogic(back);
    });
    return true;
  }
  FailPurge(Status(StatusCode::kUnavailable,
                   "this process's journal is erased; the store is another process's, which owns this folder now"));
  return false;
}

// What the disk's store has of their journals, once it has it.
void Delivery::Impl::TellOthers() {
  if (ownership_.living.empty() || phase_ != Phase::kReady || in_memory_) return;
  for (auto& [birth, journal] : ownership_.living) {
    const auto cursor = state_.cursors.find(birth);
    if (cursor != state_.cursors.end()) journal->Tell(cursor->second);
  }
}

}  // namespace guidon::events
