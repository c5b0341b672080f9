#include "sdk/events/scopes.h"

#include <algorithm>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/hash/hash.h"
#include "sdk/events/remembered.h"

namespace guidon::events {
namespace {

Timestamp After(Timestamp time) { return time == Timestamp::max() ? time : time + Duration(1); }

// Nothing of it happened then or later.
Timestamp EndOf(const Remembered& remembered) {
  Timestamp last = std::max(remembered.behavior->forgotten_before(), remembered.showings->forgotten_before());
  for (const auto& entry : remembered.behavior->series()) {
    last = std::max({last, After(entry.second->last), entry.second->forgotten_before});
  }
  for (const auto& entry : remembered.showings->all()) {
    last = std::max(last, entry.second->forgotten_before);
    if (!entry.second->list.empty()) last = std::max(last, After(entry.second->list.back().began));
  }
  return last;
}

}  // namespace

std::uint64_t ScopeOf(std::string_view account_id) {
  if (account_id.empty()) return kThisInstallation;
  std::string what(kAccountUnit);
  what += '\x1F';
  what += account_id;
  return std::max<std::uint64_t>(HashBytes128(what).high, 1);
}

const Remembered& Scopes::Of(std::uint64_t scope) const noexcept {
  const auto at = kept_.find(scope);
  return at == kept_.end() ? fresh_ : at->second;
}

void Scopes::ForgetBefore(Timestamp since) {
  if (since <= forgotten_before_) return;
  forgotten_before_ = since;
  behavior::Behavior behavior;
  prompts::Showings showings;
  behavior.ForgetBefore(since);
  showings.ForgetBefore(since);
  fresh_.behavior = std::make_shared<const behavior::Behavior>(std::move(behavior));
  fresh_.showings = std::make_shared<const prompts::Showings>(std::move(showings));
}

bool Scopes::Use(std::uint64_t scope) {
  if (scope == kThisInstallation || (!accounts_.empty() && accounts_.back() == scope)) return false;
  const auto at = std::find(accounts_.begin(), accounts_.end(), scope);
  if (at != accounts_.end()) {
    std::rotate(at, at + 1, accounts_.end());
    return true;
  }
  if (accounts_.size() >= limits::kScopes) EraseStalest();
  kept_.emplace(scope, fresh_);
  accounts_.push_back(scope);
  return true;
}

void Scopes::EraseStalest() {
  const auto stalest = kept_.find(accounts_.front());
  ForgetBefore(EndOf(stalest->second));
  kept_.erase(stalest);
  accounts_.erase(accounts_.begin());
}

void Scopes::Set(std::uint64_t scope, Remembered remembered) { kept_[scope] = std::move(remembered); }

void Scopes::KeepSession(const Scopes& before) {
  for (auto& [scope, remembered] : kept_) {
    auto kept = std::make_shared<behavior::Behavior>(*remembered.behavior);
    kept->KeepSession(*before.Of(scope).behavior);
    remembered.behavior = std::move(kept);
  }
}

void Scopes::Move(const SteadyTime::Correction& correction) {
  for (auto& entry : kept_) {
    auto moved = std::make_shared<prompts::Showings>(*entry.second.showings);
    moved->Move(correction);
    entry.second.showings = std::move(moved);
  }
}

void Scopes::EraseBehavior() {
  for (auto& entry : kept_) entry.second.behavior = std::make_shared<const behavior::Behavior>();
}

bool Scopes::HasBehavior() const noexcept {
  return std::any_of(kept_.begin(), kept_.end(),
                     [](const auto& entry) { return !entry.second.behavior->series().empty(); });
}

void Scopes::Change(const IdentityChange& change) {
  const std::uint64_t from = ScopeOf(change.from);
  const std::uint64_t to = ScopeOf(change.to);
  if (from != to && change.carry == Carry::kPrevious) Move(from, to);
  if (from == kThisInstallation && change.carry == Carry::kAnonymous) Move(from, to);
  Use(to);
}

void CopyEnrollments(const IdentityChange& change, enrollment::Enrollments* enrollments) {
  const bool are_accounts = !change.from.empty() && !change.to.empty();
  if (are_accounts && change.carry == Carry::kPrevious) enrollments->Copy(kAccountUnit, change.from, change.to);
}

void Scopes::Move(std::uint64_t from, std::uint64_t to) {
  if (from == to) return;
  const Remembered moved = Of(from);
  // First, so that it is not erased for the other.
  if (from == kThisInstallation) {
    kept_[from] = Remembered();
  } else {
    kept_.erase(from);
    accounts_.erase(std::remove(accounts_.begin(), accounts_.end(), from), accounts_.end());
  }
  Use(to);
  Merge(moved, Timestamp::min(), &kept_[to]);
}

}  // namespace guidon::events
