// Delivery's entrance: what any thread tells is accepted here, into the journal where there is one, else into the
// inbox.
#include <algorithm>
#include <utility>

#include "sdk/events/delivery_impl.h"

namespace guidon::events {

Delivery::Impl::Taken Delivery::Impl::Append(Fact fact) noexcept {
  if (is_muted_.load(std::memory_order_relaxed)) return Taken::kIsClosed;
  const Consents consents = consent_.load(std::memory_order_acquire);
  const bool may_be_reported = consents.Allows(Purpose::kAnalytics);
  fact.is_reported = fact.is_reported && may_be_reported;
  fact.is_counted = consents.Allows(Purpose::kPersonalization);
  if (!fact.is_counted) fact.looks.clear();
  if (!may_be_reported) refused_consent_.fetch_add(1, std::memory_order_relaxed);
  if (!fact.is_reported && !(consents.Allows(Purpose::kFunctional) && MattersUnreported(fact))) {
    return Taken::kHasNoConsent;
  }
  std::size_t dropped = 0;
  if (!CheckFact(&fact, &dropped)) {
    refused_invalid_.fetch_add(1, std::memory_order_relaxed);
    return Taken::kIsInvalid;
  }
  properties_dropped_.fetch_add(dropped, std::memory_order_relaxed);
  const bool is_urgent = fact.is_urgent || fact.kind == EventKind::kPrompt;
  const Taken taken = fact.is_reported ? Taken::kYes : Taken::kUnreported;
  // What triggers prompts has to be whole; where that is all it is for, it is in memory only.
  const bool is_whole = fact.is_reported || fact.is_trigger;
  if (!is_whole) Reduce(&fact);
  if (!HasUnit(fact.kind)) {
    const std::uint64_t id_ms = IdTime(fact.wall);
    const std::uint64_t no_earlier = RaiseIdTime(id_ms);
    fact.id_ms = no_earlier == id_ms ? 0 : no_earlier;
  }
  const bool may_be_kept = (fact.is_reported || !is_whole) && !journal_.is_stopped();
  if (may_be_kept && journal_.Append(EncodeFact(fact)) == FactJournal::Took::kYes) {
    NoticeJournaled(fact.is_reported, is_urgent);
    return taken;
  }
  bool was_empty = false;
  if (!inbox_.Append(std::move(fact), &was_empty, journal_.end())) {
    refused_full_.fetch_add(1, std::memory_order_relaxed);
    return Taken::kIsFull;
  }
  // A burst does not wait for the timer: the inbox would run full.
  if (was_empty || is_urgent || inbox_.size() % kRunFacts == 0) {
    WakeToCommit(was_empty && !is_urgent ? CommitInterval() : Duration(0));
  }
  return taken;
}

// The time that an id has which would have `ms` by the wall clock: none goes back behind one before it.
std::uint64_t Delivery::Impl::RaiseIdTime(std::uint64_t ms) noexcept {
  std::uint64_t newest = newest_id_ms_.load(std::memory_order_relaxed);
  while (newest < ms && !newest_id_ms_.compare_exchange_weak(newest, ms, std::memory_order_relaxed)) {
  }
  return std::max(newest, ms);
}

// False when the journal did not take it: nothing has happened, and `Append` knows what to do.
bool Delivery::Impl::AppendRecord(std::string_view record, Timestamp wall, bool is_urgent) noexcept {
  // With less consent than all less is recorded.
  const Consents consents = consent_.load(std::memory_order_acquire);
  const bool may = !is_muted_.load(std::memory_order_relaxed) && consents.Allows(Purpose::kAnalytics) &&
                   consents.Allows(Purpose::kPersonalization) && !journal_.is_stopped();
  const std::uint64_t id_ms = IdTime(wall);
  if (!may || RaiseIdTime(id_ms) != id_ms || journal_.Append(record) != FactJournal::Took::kYes) return false;
  NoticeJournaled(true, is_urgent);
  return true;
}

void Delivery::Impl::MakeTurn() {
  commit_turn_ = std::make_shared<const Lanes::Task>([weak = weak_from_this()] {
    if (const std::shared_ptr<Impl> self = weak.lock()) {
      self->commit_due_ = true;
      self->Turn();
    }
  });
}

void Delivery::Impl::WakeToCommit(Duration delay) { lanes_->PostSharedLogicAt(Now() + delay, commit_turn_); }

void Delivery::Impl::AppendDurable(Fact fact, std::function<void(Status)> done) {
  switch (Append(std::move(fact))) {
    case Taken::kYes: return PostTask([done = std::move(done)](Impl& impl) { impl.Commit(done); });
    case Taken::kUnreported:
      return done(Status(StatusCode::kPermissionDenied, "it makes no event without consent to analytics"));
    case Taken::kIsClosed: return done(Status(StatusCode::kClosed, "the client was closed"));
    case Taken::kHasNoConsent: return done(Status(StatusCode::kPermissionDenied, "nothing is kept without consent"));
    case Taken::kIsInvalid:
      return done(Status(StatusCode::kInvalidArgument, "the event's name or value may not travel"));
    case Taken::kIsFull: return done(Status(StatusCode::kOutOfSpace, "too much waits for its commit"));
  }
}

bool Delivery::Impl::ChangeIdentity(IdentityChange change) {
  if (is_muted_.load(std::memory_order_relaxed)) return false;
  Fact fact;
  fact.identity = std::make_shared<const IdentityChange>(std::move(change));
  const bool may_be_kept = Granted() && !journal_.is_stopped();
  bool was_empty = false;
  if (may_be_kept && journal_.Append(EncodeFact(fact)) == FactJournal::Took::kYes) {
    NoticeJournaled(false, false);
  } else if (!inbox_.Append(std::move(fact), &was_empty, journal_.end())) {
    refused_full_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  PostTask([](Impl& impl) {
    impl.commit_due_ = true;
    if (!impl.Granted()) impl.DropFacts(&impl.refused_consent_);
  });
  return true;
}

}  // namespace guidon::events
