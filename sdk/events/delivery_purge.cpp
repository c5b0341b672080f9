// Delivery without what a purpose that was denied had: first it is withheld from what still waits, then erased from the
// store, in memory where that is down, and from the journals.
#include <algorithm>
#include <utility>

#include "sdk/events/delivery_impl.h"

namespace guidon::events {
namespace {

Purposes DeniedIn(Consents consents) {
  return {consents.Of(Purpose::kAnalytics) == Consent::kDenied,
          consents.Of(Purpose::kPersonalization) == Consent::kDenied};
}

// Whether an event is lost by it.
bool WithholdFrom(Fact* fact, Purposes purposes) {
  if (fact->identity) return false;
  const bool is_lost = purposes.analytics && fact->is_reported;
  if (is_lost) fact->is_reported = false;
  if (purposes.personalization) fact->is_counted = false;
  return is_lost;
}

}  // namespace

// What was told before is applied all the same: it may be enrollments and showings.
void Delivery::Impl::Withhold(Purposes purposes) {
  for (Inbox::Waiting& waiting : inbox_.Take()) waiting_.push_back(std::move(waiting));
  std::uint64_t lost = 0;
  for (Inbox::Waiting& waiting : waiting_) lost += WithholdFrom(&waiting.fact, purposes) ? 1u : 0u;
  for (Event& event : taken_) lost += WithholdFrom(&event.fact, purposes) ? 1u : 0u;
  // Those that are being committed are lost with the rows they become.
  if (is_taken_committing_) lost = 0;
  refused_consent_.fetch_add(lost, std::memory_order_relaxed);
  if (purposes.analytics) ++drops_;
  const Position end = HasJournal() ? journal_.end() : 0;
  if (purposes.analytics) withheld_.unreported_before = end;
  if (purposes.personalization) withheld_.uncounted_before = end;
  withheld_.dead.Add(purposes);
}

// Of a fact that comes from a journal: `at` its place in this process's own; nothing for a dead one's.
void Delivery::Impl::WithholdRead(std::optional<Position> at, Fact* fact) {
  Purposes purposes = DeniedIn(consent_.load(std::memory_order_acquire));
  if (at) {
    purposes.Add({*at < withheld_.unreported_before, *at < withheld_.uncounted_before});
  } else {
    purposes.Add(withheld_.dead);
  }
  if (WithholdFrom(fact, purposes)) refused_consent_.fetch_add(1, std::memory_order_relaxed);
}

void Delivery::Impl::Purge(Purposes purposes, std::function<void(Status)> done) {
  Withhold(purposes);
  if (purposes.analytics) StopSending();
  purge_due_.Add(purposes);
  if (in_memory_) memory_purge_due_.Add(purposes);
  is_own_purge_due_ = HasJournal() && !is_journal_clear_ && journal_.end() > journal_clear_to_;
  is_dead_purge_due_ = ports_.journal != nullptr && disk_ != nullptr;
  purge_status_ = Status(StatusCode::kUnavailable, "it is being erased");
  commit_due_ = true;
  open_not_before_ = std::min(open_not_before_, Now());
  if (done) purge_waiters_.push_back(std::move(done));
}

bool Delivery::Impl::StepPurge() {
  if (phase_ != Phase::kReady) return false;
  const Purposes due = in_memory_ ? memory_purge_due_ : purge_due_;
  if (!IsPurgeDue(state_, due)) {
    PurgedTo(due);
    return false;
  }
  batch_.reset();
  Commit(events::Purge(state_, due), [this, due] {
    state_.EndPurge();
    PurgedTo(due);
  });
  return true;
}

void Delivery::Impl::PurgedTo(Purposes purposes) {
  if (in_memory_) memory_purge_due_.Remove(purposes);
  if (!in_memory_ || disk_ == nullptr) purge_due_.Remove(purposes);
}

// Once what it holds is applied: a fact that makes no event any more may still say which prompts were shown. Dead ones
// go without that where there is no consent to apply them.
bool Delivery::Impl::StepPurgeJournal() {
  if (IsFollower()) return StepPurgeOwn();
  if (is_own_purge_due_ && is_journal_clear_) is_own_purge_due_ = false;
  if (is_own_purge_due_) {
    if (!SealJournal()) return false;
    const bool is_applied = journal_.read_to() >= journal_.end() && taken_.empty() && taken_damaged_ == 0;
    if (!is_applied) {
      commit_due_ = true;
      return false;
    }
    is_busy_ = true;
    lanes_->PostDisk([self = shared_from_this(), back = Back([this] { JournalCleared(); })] {
      self->journal_.Clear();
      self->lanes_->PostLogic(back);
    });
    return true;
  }
  if (!is_dead_purge_due_) return false;
  if (!is_adopted_ && !Granted()) {
    is_busy_ = true;
    auto erased = std::make_shared<Status>();
    lanes_->PostDisk([self = shared_from_this(), erased, back = Back([this, erased] {
                                                           is_adopted_ = true;
                                                           journals_erased_ = *erased;
                                                         })] {
      *erased = self->EraseJournals({});
      self->lanes_->PostLogic(back);
    });
    return true;
  }
  is_dead_purge_due_ = !is_adopted_ || !dead_.empty();
  return false;
}

void Delivery::Impl::JournalCleared() {
  is_clear_due_ = false;
  is_journal_clear_ = true;
  journal_settled_ = std::max(journal_settled_, JournaledEvents());
  if (in_memory_) memory_facts_ = state_.counters.pending();
}

bool Delivery::Impl::IsPurging() const {
  return purge_due_.any() || state_.purged.begun.any() || is_own_purge_due_ || is_dead_purge_due_;
}

// It stays due.
void Delivery::Impl::FailPurge(const Status& status) {
  if (purge_status_.ok()) return;
  purge_status_ = status;
  EndPurge();
}

// Whoever waits is told once the status is published.
void Delivery::Impl::EndPurge() {
  for (auto& done : std::exchange(purge_waiters_, {})) {
    purge_ended_.push_back([done = std::move(done), status = purge_status_] { done(status); });
  }
}

void Delivery::Impl::SettlePurge() {
  if (purge_status_.ok() || is_busy_ || IsPurging() || erase_due_) return;
  purge_status_ = journals_erased_;
  EndPurge();
}

}  // namespace guidon::events
