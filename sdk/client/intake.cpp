#include "sdk/client/intake.h"

#include <algorithm>

#include "sdk/core/base/text.h"
#include "sdk/core/dialects/native/load.h"
#include "sdk/core/hash/hash.h"

namespace guidon::client {
namespace {

std::string VersionText(const ruleset::Header& header) {
  return std::to_string(header.epoch) + "." + std::to_string(header.version);
}

}  // namespace

Intake::Intake(const Options& options, std::shared_ptr<Crypto> crypto, std::shared_ptr<Patterns> patterns)
    : project_(options.project),
      environment_(options.environment),
      allow_unsigned_(options.allow_unsigned),
      crypto_(std::move(crypto)),
      patterns_(std::move(patterns)) {
  auto keys = datafile::DecodeKeys(options.trusted_keys, crypto_.get());
  keys_status_ = keys.status();
  if (keys.ok()) keys_ = *std::move(keys);
}

bool Intake::trusts_release_key() const noexcept {
  return !keys_status_.ok() || std::any_of(keys_.begin(), keys_.end(), [](const datafile::VerificationKey& key) {
    return key.role == TrustedKey::Role::kRelease;
  });
}

void Intake::Consider(std::shared_ptr<const std::string> bytes, DatafileSource source, Timestamp now, Done done) const {
  if (!keys_status_.ok()) return done(keys_status_, {});
  const auto verified = [self = shared_from_this(), source, now, done](Result<datafile::Verified> result) {
    if (!result.ok()) return done(result.status(), {});
    dialects::Loaded loaded = dialects::LoadNative(result->payload, self->patterns_.get());
    if (loaded.rules == nullptr) {
      std::string reason = "the datafile cannot be used";
      for (const Problem& problem : loaded.problems) {
        if (!problem.is_error) continue;
        reason += ": " + (problem.pointer.empty() ? "" : problem.pointer + " ") + problem.reason;
        break;
      }
      return done(Status(StatusCode::kCorrupt, std::move(reason)), std::move(loaded.problems));
    }
    const Status header = self->CheckHeader(loaded.rules->header, source, now);
    if (!header.ok()) return done(header, std::move(loaded.problems));
    auto datafile = std::make_shared<Datafile>();
    datafile->rules = std::move(loaded.rules);
    datafile->source = source;
    datafile->is_signed = result->is_signed;
    datafile->role = result->role;
    datafile->payload_hash = HashBytes64(result->payload);
    datafile->problems = loaded.problems;
    done(std::shared_ptr<const Datafile>(std::move(datafile)), std::move(loaded.problems));
  };
  // A key may have ended since the app was built or this was fetched: that is no reason to be without rules.
  const Timestamp when = source == DatafileSource::kNetwork ? now : Timestamp::min();
  datafile::VerifyEnvelope(std::move(bytes), keys_, allow_unsigned_, when, crypto_.get(), verified);
}

Status Intake::CheckHeader(const ruleset::Header& header, DatafileSource source, Timestamp now) const {
  if (!project_.empty() && header.project != project_) {
    return Status(StatusCode::kUntrusted,
                  "the datafile is for the project \"" + header.project + "\", this app is \"" + project_ + "\"");
  }
  if (!environment_.empty() && header.environment != environment_) {
    return Status(StatusCode::kUntrusted, "the datafile is for the environment \"" + header.environment +
                                              "\", this app runs in \"" + environment_ + "\"");
  }
  // What came with the app or was in force before is no news from the future: then it is the device's clock that is
  // behind.
  if (source == DatafileSource::kNetwork && header.IsAheadOf(now)) {
    return Status(StatusCode::kUntrusted, "the datafile was issued at " + text::FormatTimestamp(header.issued_at) +
                                              ", more than a day ahead of this device's clock");
  }
  return Status();
}

Status Intake::MayReplace(const Datafile& candidate, const Datafile* newest, bool waits) {
  if (newest == nullptr) return Status();
  const ruleset::Header& ours = newest->rules->header;
  const ruleset::Header& theirs = candidate.rules->header;
  if (candidate.rules->IsNewerThan(*newest->rules)) return Status();
  if (newest->rules->IsNewerThan(*candidate.rules)) {
    return Status(StatusCode::kUntrusted, "version " + VersionText(theirs) + " is older than " + VersionText(ours) +
                                              (waits ? ", which waits" : ", which is in force"));
  }
  if (candidate.payload_hash == newest->payload_hash) return Status(StatusCode::kNotFound, "nothing is newer");
  return Status(StatusCode::kUntrusted,
                "version " + VersionText(theirs) +
                    (waits ? " waits already, with another content" : " is in force already, with another content"));
}

}  // namespace guidon::client
