// Rules in: from bytes to a datafile that may be put in force, or the reason why not.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "guidon/options.h"
#include "guidon/ports/crypto.h"
#include "guidon/ports/patterns.h"
#include "guidon/status.h"
#include "guidon/time.h"
#include "sdk/client/state.h"
#include "sdk/datafile/verify.h"

namespace guidon::client {

class Intake : public std::enable_shared_from_this<Intake> {
 public:
  // A key that cannot be read is reported by every Consider; until the app mends it no signed datafile is taken.
  Intake(const Options& options, std::shared_ptr<Crypto> crypto, std::shared_ptr<Patterns> patterns = nullptr);

  // Those of the options; empty where they cannot be read.
  const std::vector<datafile::VerificationKey>& keys() const noexcept { return keys_; }
  // One of the app's keys signs releases, or they cannot be read: then nothing is free to be forced without a datafile.
  bool trusts_release_key() const noexcept;

  // Verifies and loads; keeps itself alive until `done` was called. `problems` are those of the payload, also when it
  // is refused. `done` is called once, in here or later from any thread, as the platform's cryptography does.
  using Done = std::function<void(Result<std::shared_ptr<const Datafile>> datafile, std::vector<Problem> problems)>;
  void Consider(std::shared_ptr<const std::string> bytes, DatafileSource source, Timestamp now, Done done) const;

  // Whether `candidate` may replace `newest` (null: none), which is in force or waits: never an older one, nor the same
  // version with other content. kNotFound stands for "the same already": nothing to do and nothing wrong.
  static Status MayReplace(const Datafile& candidate, const Datafile* newest, bool waits = false);

 private:
  Status CheckHeader(const ruleset::Header& header, DatafileSource source, Timestamp now) const;

  std::string project_;
  std::string environment_;
  bool allow_unsigned_;
  std::shared_ptr<Crypto> crypto_;
  std::shared_ptr<Patterns> patterns_;
  std::vector<datafile::VerificationKey> keys_;
  Status keys_status_;
};

}  // namespace guidon::client
