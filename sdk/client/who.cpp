// Who is here: identity, consent and erasure, and what of the device's memory is theirs.

#include <algorithm>
#include <utility>

#include "guidon/limits.h"
#include "sdk/client/client_impl.h"
#include "sdk/client/qa_kept.h"

namespace guidon {
namespace {

// Without consent nothing is read, so they would only grow.
constexpr std::size_t kUnreadChanges = 64;

std::string AccountOf(const Context& context) {
  const std::string* account = context.FindUnit(events::kAccountUnit);
  return account == nullptr ? std::string() : *account;
}

bool HasSameUnits(const Context& a, const Context& b) {
  return a.units().size() == b.units().size() &&
         std::all_of(a.units().begin(), a.units().end(), [&](const Context::UnitId& unit) {
           const std::string* other = b.FindUnit(unit.kind);
           return other != nullptr && *other == unit.id;
         });
}

}  // namespace

void Client::Impl::Identify(Context context, Carry carry) {
  if (is_copy()) return;
  const Lock lock(writer_mutex_);
  if (is_closed()) return;
  TakeContext(lock, std::move(context), carry);
  Publish(lock);
}

void Client::Impl::TakeContext(const Lock& writer, Context context, Carry carry) {
  const Context before = client::WithDevice(inputs_.context, inputs_.install_id);
  inputs_.context = std::move(context);
  if (!HasSameUnits(before, client::WithDevice(inputs_.context, inputs_.install_id))) inputs_.holds.clear();
  events::IdentityChange change{AccountOf(before), AccountOf(inputs_.context), carry, inputs_.identity + 1};
  if (change.from == change.to) return;
  inputs_.scope = events::ScopeOf(change.to);
  // Refused, it is as if nothing was to be carried: the scope has what it had.
  if (delivery_->ChangeIdentity(change)) {
    inputs_.identity = change.number;
    unread_changes_.push_back(std::move(change));
    if (unread_changes_.size() > kUnreadChanges) unread_changes_.erase(unread_changes_.begin());
  }
  UseMemory(writer);
}

// Behavior and caps are unknown until the last change is in what is remembered, so that a late answer for the identity
// before is not taken for this one's. Enrollments are by unit, so they are good whenever they were read.
void Client::Impl::UseMemory(const Lock&) {
  const bool is_current = memory_.identity >= inputs_.identity;
  const events::Remembered* remembered = is_current ? memory_.Of(inputs_.scope) : nullptr;
  const bool may_fit = inputs_.consent.Allows(Purpose::kPersonalization);
  inputs_.behavior = remembered == nullptr || !may_fit ? nullptr : remembered->behavior;
  inputs_.behavior_session = memory_.session;
  inputs_.enrollments = inputs_.consent.Allows(Purpose::kFunctional) ? memory_.enrollments : nullptr;
  if (inputs_.enrollments == nullptr || unread_changes_.empty()) return;
  auto enrollments = std::make_shared<enrollment::Enrollments>(*memory_.enrollments);
  for (const events::IdentityChange& change : unread_changes_) events::CopyEnrollments(change, enrollments.get());
  inputs_.enrollments = std::move(enrollments);
}

// At once, should consent come back before it is erased.
void Client::Impl::ForgetBehavior(const Lock&) {
  if (memory_.scopes == nullptr) return;
  auto scopes = std::make_shared<events::Scopes>(*memory_.scopes);
  scopes->EraseBehavior();
  memory_.scopes = std::move(scopes);
}

// One step for all to see: what is posted to the lanes is posted under the lock, too, so that the last call wins.
void Client::Impl::SetConsent(std::optional<Purpose> purpose, Consents consents, std::function<void(Status)> done) {
  const auto log_failure = [self = weak()](const Status& status) {
    const auto impl = self.lock();
    if (impl == nullptr || status.ok()) return;
    impl->log(LogLevel::kWarning, [&] { return "guidon: consent: " + status.message(); });
  };
  Lock lock(writer_mutex_);
  // Asked under the lock, which Close takes before it returns: from then on nothing of the host's is called.
  if (is_closed()) {
    lock.unlock();
    if (done != nullptr) done(Status(StatusCode::kClosed, "the client was closed"));
    return;
  }
  if (done == nullptr) done = log_failure;
  const Consents before = inputs_.consent;
  const Consents now = purpose ? before.With(*purpose, consents.Of(*purpose)) : consents;
  const auto is_said = [&](Purpose each) { return !purpose || *purpose == each; };
  const auto is_denied = [&](Purpose each) { return is_said(each) && now.Of(each) == Consent::kDenied; };
  consent_.store(now);
  delivery_->SetConsent(now);
  inputs_.consent = now;
  // What no event was made of is due to make one.
  if (now.Allows(Purpose::kAnalytics) && !before.Allows(Purpose::kAnalytics)) ForgetTold(lock);
  if (!now.Allows(Purpose::kAnalytics)) notes_.Forget();
  if (is_denied(Purpose::kPersonalization)) {
    inputs_.holds.clear();
    ForgetBehavior(lock);
  }
  if (is_denied(Purpose::kFunctional) && before.Of(Purpose::kFunctional) != Consent::kDenied) {
    // What was known under the old id ends here; should consent come back, it is another installation's.
    inputs_.install_id = identity_.Draw();
    inputs_.holds.clear();
    ForgetTold(lock);
    ForgetQa(lock);
  }
  // Another process may have kept one meanwhile. Nothing was told under this one's.
  const bool is_first = before.Of(Purpose::kFunctional) == Consent::kUnknown;
  if (is_first && is_said(Purpose::kFunctional) && now.Of(Purpose::kFunctional) == Consent::kGranted) {
    inputs_.install_id = identity_.ReadOrKeep(inputs_.install_id);
  }
  const std::string id = inputs_.install_id;
  UseMemory(lock);
  Publish(lock);
  if (is_denied(Purpose::kFunctional)) {
    KeepInstallId(Consent::kDenied, id, log_failure);
    return EraseAll(id, std::move(done));
  }
  delivery_->SetInstallId(id);
  const events::Purposes denied{is_denied(Purpose::kAnalytics), is_denied(Purpose::kPersonalization)};
  if (denied.any()) {
    PurgeDenied(denied, std::exchange(done, log_failure));
  }
  const bool is_kept = is_said(Purpose::kFunctional) && now.Of(Purpose::kFunctional) == Consent::kGranted;
  if (is_kept) return KeepInstallId(Consent::kGranted, id, std::move(done));
  done(Status());
}

// Erased first: nothing that was told under the old id may go out under the new one. What is told before the erasure
// has run goes with it, should consent come back meanwhile; so exposures are due again then.
void Client::Impl::EraseAll(const std::string& new_id, std::function<void(Status)> done) {
  delivery_->Erase([self = weak(), new_id, done = std::move(done)](const Status& erased) {
    const auto impl = self.lock();
    if (impl == nullptr) return;
    impl->TellAgain();
    const bool is_granted = impl->consent_.load().Allows(Purpose::kFunctional);
    const Consent consent = is_granted ? Consent::kGranted : Consent::kDenied;
    impl->KeepInstallId(consent, new_id,
                        [erased, done](const Status& forgotten) { done(erased.ok() ? forgotten : erased); });
  });
  delivery_->SetInstallId(new_id);
}

void Client::Impl::PurgeDenied(events::Purposes purposes, std::function<void(Status)> done) {
  delivery_->Purge(purposes, [self = weak(), purposes, done = std::move(done)](const Status& purged) {
    const auto impl = self.lock();
    if (impl == nullptr) return;
    // As above: what was told before it had run makes no event.
    const bool is_due = purposes.analytics && impl->consent_.load().Allows(Purpose::kAnalytics);
    if (is_due) impl->TellAgain();
    done(purged);
  });
}

void Client::Impl::KeepInstallId(Consent consent, const std::string& id, std::function<void(Status)> done) {
  pump->PostDisk([self = weak(), consent, id, done = std::move(done)] {
    const auto impl = self.lock();
    if (impl == nullptr) return;
    Status status = consent == Consent::kGranted ? impl->identity_.Keep(id) : impl->identity_.Forget();
    const bool is_denied = consent != Consent::kGranted && impl->platform.files != nullptr;
    if (is_denied && status.ok()) status = impl->platform.files->Remove(client::kQaFile);
    impl->pump->PostLogic([done, status = std::move(status)] { done(status); });
  });
}

Status Client::Impl::SetConsentWithin(std::optional<Purpose> purpose, Consents consents, Duration deadline) {
  if (is_closed()) return Status(StatusCode::kClosed, "the client was closed");
  auto result = std::make_shared<Status>();
  const bool in_time = RunAndWait(DeadlineAfter(deadline), [&](std::function<void()> done) {
    SetConsent(purpose, consents, [result, done = std::move(done)](Status status) {
      *result = std::move(status);
      done();
    });
  });
  return in_time ? *result : Status(StatusCode::kUnavailable, "not erased in time; it goes on");
}

Status Client::Impl::RequestDeletion(Duration deadline) {
  if (is_closed()) return Status(StatusCode::kClosed, "the client was closed");
  if (!pseudonyms_->status().ok()) return pseudonyms_->status();
  if (delivery_->role() == events::Role::kFollower) {
    return Status(StatusCode::kUnavailable, "another process owns the state folder: it has to ask; nothing is erased");
  }
  const MonoTime end = DeadlineAfter(deadline);
  std::string install_id;
  std::vector<Context::UnitId> units;
  {
    const Lock lock(writer_mutex_);
    install_id = inputs_.install_id;
    units = client::WithDevice(inputs_.context, install_id).units();
  }
  auto result = std::make_shared<Status>();
  const auto cannot_leave = [](const Context::UnitId& unit) {
    return unit.id.empty() || unit.id.size() > limits::kUnitIdBytes || unit.kind.size() > limits::kKeyBytes;
  };
  units.erase(std::remove_if(units.begin(), units.end(), cannot_leave), units.end());
  for (Context::UnitId& unit : units) unit.id = pseudonyms_->Of(unit.kind, unit.id);
  const bool is_granted = consent_.load().Allows(Purpose::kAnalytics);
  const bool in_time = RunAndWait(end, [&](std::function<void()> done) {
    pump->PostDisk([self = weak(), install_id, units, is_granted, result, done = std::move(done)] {
      const auto impl = self.lock();
      if (impl == nullptr) return;
      const bool was_granted = is_granted || impl->identity_.IsKept(install_id);
      impl->pump->PostLogic([self, install_id, units, was_granted, result, done] {
        const auto asker = self.lock();
        if (asker == nullptr) return;
        const auto kept = [result, done](Status status) {
          *result = std::move(status);
          done();
        };
        if (!was_granted) return kept(Status(StatusCode::kNotFound, "consent was not given, so nothing was sent"));
        asker->deletions_->Ask(asker->pseudonyms_->Of("device", install_id), units, kept);
      });
    });
  });
  if (!in_time) return Status(StatusCode::kUnavailable, "not kept in time; nothing is erased, but it may be asked for");
  if (!result->ok()) return *result;
  Status erased = Erase(end - platform.clock->Monotonic());
  pump->PostLogic([self = weak()] {
    if (const auto impl = self.lock()) impl->deletions_->Send();
  });
  return erased;
}

Status Client::Impl::Erase(Duration deadline) {
  if (is_closed()) return Status(StatusCode::kClosed, "the client was closed");
  if (delivery_->role() == events::Role::kFollower) {
    const MonoTime end = DeadlineAfter(deadline);
    auto own = std::make_shared<Status>(StatusCode::kUnavailable, "not erased in time; it goes on");
    const bool is_answered = RunAndWait(end, [this, own](std::function<void()> done) {
      delivery_->Erase([own, done](Status erased) {
        *own = std::move(erased);
        done();
      });
    });
    // Ok: it has become the owner over that, and erases as such.
    if (!is_answered) return Status(StatusCode::kUnavailable, "not erased in time; it goes on");
    if (!own->ok()) return *own;
    deadline = end - platform.clock->Monotonic();
  }
  std::string id;
  {
    const Lock lock(writer_mutex_);
    inputs_.install_id = identity_.Draw();
    inputs_.holds.clear();
    id = inputs_.install_id;
    ForgetTold(lock);
    ForgetQa(lock);
    Publish(lock);
  }
  auto result = std::make_shared<Status>();
  const bool in_time = RunAndWait(DeadlineAfter(deadline), [this, id, result](std::function<void()> done) {
    EraseAll(id, [result, done = std::move(done)](Status status) {
      *result = std::move(status);
      done();
    });
  });
  return in_time ? *result : Status(StatusCode::kUnavailable, "not erased in time; it goes on");
}

}  // namespace guidon
