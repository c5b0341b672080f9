// Whose behavior and showings: those of the account that is logged in, or of the installation while nobody is. What is
// remembered belongs to one scope each, and moves when the app says that two identities are one person.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/context.h"
#include "guidon/time.h"
#include "sdk/core/behavior/behavior.h"
#include "sdk/core/enrollment/enrollments.h"
#include "sdk/core/prompts/showings.h"

namespace guidon::events {

inline constexpr std::uint64_t kThisInstallation = 0;
inline constexpr std::string_view kAccountUnit = "account";

// 0 for "", which is nobody; never 0 for an account. Permanent: part of keys.
std::uint64_t ScopeOf(std::string_view account_id);

// Somebody else is logged in from now on, or nobody.
struct IdentityChange {
  std::string from;  // account ids; empty: nobody
  std::string to;
  // kAnonymous: what nobody did is the new account's. kPrevious: what the identity before did is the new one's; between
  // accounts its enrollments are, too, where the new one has none. Nothing moves from an identity to itself.
  Carry carry = Carry::kAnonymous;
  std::uint64_t number = 0;  // 1, 2, 3… in this process
};

// Of one scope. Neither is ever null.
struct Remembered {
  std::shared_ptr<const behavior::Behavior> behavior = std::make_shared<const behavior::Behavior>();
  std::shared_ptr<const prompts::Showings> showings = std::make_shared<const prompts::Showings>();
};

// All scopes. A value: copying it shares what each remembers. This installation's is always kept, and of the accounts'
// limits::kScopes: beyond, the one used longest ago is erased. When it comes back it is not taken for one that has no
// history, nor is any other that was not there then.
class Scopes {
 public:
  Scopes() { kept_[kThisInstallation]; }

  // Of one that is not kept: what it begins with.
  const Remembered& Of(std::uint64_t scope) const noexcept;
  const Remembered& fresh() const noexcept { return fresh_; }
  const std::map<std::uint64_t, Remembered>& kept() const noexcept { return kept_; }
  // Those kept besides this installation's, the one used longest ago first.
  const std::vector<std::uint64_t>& accounts() const noexcept { return accounts_; }
  // What was before is lost, of scopes that are not kept.
  Timestamp forgotten_before() const noexcept { return forgotten_before_; }
  void ForgetBefore(Timestamp since);  // never back

  // From now on it is kept, and the one used last. False when it was.
  bool Use(std::uint64_t scope);
  // Of one that is kept.
  void Set(std::uint64_t scope, Remembered remembered);
  // What was read anew keeps what `before` knew of the session.
  void KeepSession(const Scopes& before);
  // Showings, of every scope: caps and waits are to be as long as they would have been.
  void Move(const SteadyTime::Correction& correction);
  // What was done, of every scope. Nothing is forgotten by it: a new life begins.
  void EraseBehavior();
  bool HasBehavior() const noexcept;
  // The new identity's scope is used, and gets what is carried; where that was, nothing is left and nothing is lost.
  void Change(const IdentityChange& change);

 private:
  void Move(std::uint64_t from, std::uint64_t to);
  void EraseStalest();

  std::map<std::uint64_t, Remembered> kept_;
  std::vector<std::uint64_t> accounts_;
  Remembered fresh_;
  Timestamp forgotten_before_ = Timestamp::min();
};

// As `change` says, of the unit "account".
void CopyEnrollments(const IdentityChange& change, enrollment::Enrollments* enrollments);

}  // namespace guidon::events
