// Who may force what on this device: decided by the key that signed the datafile in force, and where that is a release
// key by the QA token, if there is one. The only place that decides it, for all sources alike.
#pragma once

#include <memory>
#include <string>

#include "guidon/overrides.h"
#include "guidon/status.h"
#include "guidon/time.h"

namespace guidon::client {

struct Datafile;

// What the device knows of who may test on it.
struct QaInputs {
  std::shared_ptr<const QaToken> token;  // whose signature was found good; null: none
  std::string device_code;               // empty: not known
  bool trusts_release_key = false;       // of the app's keys; decides while no datafile is in force
  // It is as late as this at least, also by a clock that is set back: what is to end does.
  Timestamp least_now = Timestamp::min();
};

class Entitlement {
 public:
  // As of `now`, a device's clock, but not before `least_now` and the datafile's issue. `datafile` null: none is in
  // force. Both live as long as this.
  Entitlement(const Datafile* datafile, const QaInputs& qa, Timestamp now);

  // Why not, in words that say what would help; ok.
  Status MayForce(const Override& what, bool is_protected) const;

  // Everything may be forced, by all means.
  bool is_free() const noexcept { return is_free_; }
  // The token that permits what is permitted; null: there is no need, or none does.
  const QaToken* token() const noexcept { return !is_free_ && token_status_.ok() ? token_ : nullptr; }
  // Of the token that is held: ok, or why it is of no use just now.
  const Status& token_status() const noexcept { return token_status_; }
  // When this changes by itself: the token begins, or ends. Timestamp::max(): never.
  Timestamp valid_until() const noexcept { return valid_until_; }

 private:
  Status CheckToken(const Datafile& datafile, Timestamp now, Timestamp least_now);

  bool is_free_ = false;
  const QaToken* token_;
  const std::string& device_code_;
  Status token_status_;
  Timestamp valid_until_ = Timestamp::max();
};

}  // namespace guidon::client
