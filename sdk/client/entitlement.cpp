#include "sdk/client/entitlement.h"

#include <algorithm>

#include "sdk/client/qa_token.h"
#include "sdk/client/state.h"
#include "sdk/core/base/text.h"

namespace guidon::client {
namespace {

// A device's clock may be a little behind the one that the token was made by.
constexpr Duration kTokenSkew = std::chrono::minutes(5);

Status Denied(std::string reason) { return Status(StatusCode::kPermissionDenied, std::move(reason)); }

}  // namespace

Entitlement::Entitlement(const Datafile* datafile, const QaInputs& qa, Timestamp now)
    : token_(qa.token.get()), device_code_(qa.device_code) {
  if (datafile == nullptr) {
    is_free_ = !qa.trusts_release_key;
  } else {
    is_free_ = !datafile->is_signed || datafile->role == TrustedKey::Role::kDevelopment;
  }
  if (token_ == nullptr || datafile == nullptr) {
    token_status_ =
        token_ == nullptr ? Denied("there is none") : Status(StatusCode::kUnavailable, "no datafile is in force");
    return;
  }
  token_status_ = CheckToken(*datafile, now, qa.least_now);
}

Status Entitlement::CheckToken(const Datafile& datafile, Timestamp now, Timestamp least_now) {
  const ruleset::Header& header = datafile.rules->header;
  if (token_->project != header.project) return Denied("it is for the project \"" + token_->project + "\"");
  if (token_->environment != header.environment) {
    return Denied("it is for the environment \"" + token_->environment + "\", and this is \"" + header.environment +
                  "\"");
  }
  if (token_->device != "*" && token_->device != device_code_) {
    return Denied("it is for another device; this one's code is " +
                  (device_code_.empty() ? "not known" : device_code_));
  }
  const auto& revoked = datafile.rules->revoked_tokens;
  if (std::binary_search(revoked.begin(), revoked.end(), token_->id)) return Denied("it was revoked");
  const Timestamp when = std::max({now, least_now, header.issued_at});
  if (when >= token_->expires_at) {
    return Denied("it ended at " + text::FormatTimestamp(token_->expires_at));
  }
  if (when + kTokenSkew < token_->not_before) {
    valid_until_ = token_->not_before - kTokenSkew - (when - now);
    return Denied("it begins at " + text::FormatTimestamp(token_->not_before));
  }
  valid_until_ = token_->expires_at - (when - now);
  return Status();
}

Status Entitlement::MayForce(const Override& what, bool is_protected) const {
  if (is_free_) return Status();
  if (is_protected) return Denied("the datafile protects it, and a release key signed that");
  if (token_ == nullptr) {
    return Denied("a release key signed the datafile, so this takes a QA token" +
                  (device_code_.empty() ? std::string() : " for the device " + device_code_));
  }
  if (!token_status_.ok())
    return Denied("the QA token " + token_->id + " does not permit it: " + token_status_.message());
  const bool is_local = what.source == Override::Source::kFile || what.source == Override::Source::kEnvironment;
  if (is_local && !token_->allows_local) {
    return Denied("the QA token " + token_->id + " does not permit what file and environment force");
  }
  if (!Covers(token_->allow, what)) return Denied("the QA token " + token_->id + " does not cover it");
  return Status();
}

}  // namespace guidon::client
