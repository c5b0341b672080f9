#include "sdk/tools/qa_maker.h"

#include <memory>
#include <optional>
#include <utility>

#include "sdk/client/overrides_text.h"
#include "sdk/client/qa_token.h"
#include "sdk/client/state.h"
#include "sdk/core/base/base64.h"
#include "sdk/core/base/text.h"
#include "sdk/datafile/envelope.h"

namespace guidon::tools {
namespace {

using client::HeldOverride;

// As entries of the environment, so that they are checked like them: "experiment:KEY" alone stands for each variant.
Result<std::vector<HeldOverride>> ReadForced(const std::string& text, const char* option) {
  std::vector<Status> problems;
  std::vector<HeldOverride> list = client::ReadEnvironment(text, &problems);
  if (problems.empty()) return list;
  return Status(StatusCode::kInvalidArgument, std::string(option) + ": " + problems.front().message());
}

std::string ObjectOf(const Override& what) {
  const std::string entry = client::EntryText(what);
  return entry.substr(0, entry.find('='));
}

// Scopes that name an object: it has to be there, and free to be forced.
Status CheckScope(const std::string& scope, const ruleset::Ruleset& rules, const client::Datafile& datafile,
                  const client::Entitlement& free) {
  const std::string why = client::WhyNoScope(scope);
  if (!why.empty()) return Status(StatusCode::kInvalidArgument, "--allow: " + why);
  if (scope.back() == '*' || scope == "clock") return Status();
  const std::size_t colon = scope.find(':');
  const std::string kind = scope.substr(0, colon);
  const std::string key = scope.substr(colon + 1, scope.find('=') - colon - 1);
  HeldOverride held;
  held.what.key = key;
  if (kind == "flag") {
    // A flag that the datafile does not have may be forced, but nobody asks for a permission to mistype.
    if (rules.FindFlag(key) != nullptr) return Status();
    return Status(StatusCode::kNotFound, "--allow: flag \"" + key + "\" is not in the datafile");
  }
  if (kind == "attribute") return Status();  // an app sets what it likes
  if (kind == "experiment") held.what.kind = Override::Kind::kExperiment, held.what.variant = "off";
  if (kind == "prompt") held.what.kind = Override::Kind::kPrompt, held.what.variant = "show";
  if (kind == "holdout") held.what.kind = Override::Kind::kHoldout, held.what.variant = "in";
  if (const std::size_t equals = scope.find('='); equals != std::string::npos) {
    held.what.variant = scope.substr(equals + 1);
  }
  const Status status = client::CheckOverride(&datafile, free, held);
  return status.ok() ? status : Status(status.code(), "--allow: " + status.message());
}

bool IsProtected(const Override& what, const ruleset::Ruleset& rules) {
  if (what.kind == Override::Kind::kFlag) {
    const ruleset::Flag* flag = rules.FindFlag(what.key);
    return flag != nullptr && flag->is_protected;
  }
  if (what.kind == Override::Kind::kExperiment) {
    const ruleset::Experiment* experiment = rules.FindExperiment(what.key);
    return experiment != nullptr && experiment->is_protected;
  }
  const ruleset::Campaign* campaign = rules.FindCampaign(what.key);
  return campaign != nullptr && campaign->is_protected;
}

}  // namespace

Result<std::string> MakeToken(const QaWish& wish, const ruleset::Ruleset& rules, const KeyPair& key) {
  QaToken token;
  token.id = wish.id;
  token.key = datafile::KeyIdText(KeyIdOf(key.public_key));
  token.issuer = wish.issuer;
  token.project = rules.header.project;
  token.environment = rules.header.environment;
  token.device = wish.device;
  token.not_before = wish.not_before;
  token.expires_at = wish.not_before + wish.lasts;
  token.allow = wish.allow;
  token.allows_local = wish.allows_local;
  token.force = wish.force;
  token.note = wish.note;

  const Result<std::vector<HeldOverride>> forced = ReadForced(wish.force, "--force");
  if (!forced.ok()) return forced.status();
  // Not owned: the rules are the caller's.
  client::Datafile datafile;
  datafile.rules = std::shared_ptr<const ruleset::Ruleset>(std::shared_ptr<void>(), &rules);
  const client::QaInputs nothing;
  const client::Entitlement free(&datafile, nothing, wish.not_before);
  for (const HeldOverride& each : *forced) {
    if (wish.allow.empty()) token.allow.push_back(ObjectOf(each.what));
    HeldOverride settled = each;  // a time is that far away when the device takes the token
    client::SettleShift(wish.not_before, &settled);
    Status status = client::CheckOverride(&datafile, free, settled);
    if (status.ok() && each.what.kind == Override::Kind::kFlag && rules.FindFlag(each.what.key) == nullptr) {
      status = Status(StatusCode::kNotFound, "flag \"" + each.what.key + "\" is not in the datafile");
    }
    if (status.ok() && IsProtected(each.what, rules)) {
      status = Status(StatusCode::kPermissionDenied, "the datafile protects " + ObjectOf(each.what));
    }
    if (status.ok() && !wish.allow.empty() && !client::Covers(wish.allow, each.what)) {
      status = Status(StatusCode::kInvalidArgument, "--allow does not cover " + client::EntryText(each.what));
    }
    if (!status.ok()) return Status(status.code(), "--force: " + status.message());
  }
  for (const std::string& scope : wish.allow) {
    if (const Status status = CheckScope(scope, rules, datafile, free); !status.ok()) return status;
  }
  if (token.id.empty()) {
    const std::string digest = EncodeBase64Url(Sha256(client::TokenPayload(token)));
    token.id = "qa-" + text::FormatTimestamp(wish.not_before).substr(0, 10) + "-" + digest.substr(0, 6);
  }
  const std::string payload = client::TokenPayload(token);
  const Result<std::string> signature = Sign(key, client::SignedTokenMessage(payload));
  if (!signature.ok()) return signature.status();
  std::string text = client::TokenText(payload, *signature);
  // With the eyes of a device.
  const auto read = client::ParseToken(text);
  if (!read.ok()) return read.status();
  return text;
}

}  // namespace guidon::tools
