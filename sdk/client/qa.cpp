// QA tokens, from text to what they permit and force, and what QA does that outlives the process.

#include <algorithm>
#include <utility>

#include "sdk/client/client_impl.h"
#include "sdk/client/overrides_text.h"
#include "sdk/client/qa_kept.h"
#include "sdk/client/qa_token.h"

namespace guidon {
namespace {

using client::HeldOverride;
using Source = Override::Source;

Status OfToken(const QaToken& token, const Status& status) {
  return Status(status.code(), "QA token " + token.id + ": " + status.message());
}

}  // namespace

// --- Tokens ---

Status Client::Impl::CheckToken(const Lock&, const QaToken& token, std::vector<HeldOverride>* list) const {
  client::QaInputs qa = inputs_.qa;
  qa.token = std::make_shared<const QaToken>(token);
  const client::Datafile* datafile = inputs_.datafile.get();
  const client::Entitlement entitlement(datafile, qa, platform.clock->Now());
  // Without a datafile it is held until one says whether it is of use.
  if (datafile != nullptr && !entitlement.token_status().ok()) return OfToken(token, entitlement.token_status());
  std::vector<Status> problems;
  *list = client::ReadEnvironment(token.force, &problems);
  if (!problems.empty()) return OfToken(token, problems.front());
  for (HeldOverride& each : *list) {
    each.what.source = Source::kToken;
    client::SettleShift(platform.clock->Now(), &each);
    if (datafile == nullptr) continue;
    const Status status = client::CheckOverride(datafile, entitlement, each);
    if (!status.ok()) return OfToken(token, status);
  }
  return Status();
}

void Client::Impl::ReadToken(std::string_view text, std::function<void(Result<QaToken>)> done) {
  if (is_closed()) return done(Status(StatusCode::kClosed, "the client was closed"));
  const auto verified = [self = weak(), done = std::move(done)](Result<QaToken> token) {
    const auto impl = self.lock();
    if (impl == nullptr || impl->is_closed()) return;
    if (token.ok()) {
      const Lock lock(impl->writer_mutex_);
      std::vector<HeldOverride> list;
      token->status = impl->CheckToken(lock, *token, &list);
    }
    done(token.ok() && !token->status.ok() ? Result<QaToken>(token->status) : std::move(token));
  };
  client::VerifyToken(text, intake_->keys(), platform.crypto.get(), verified);
}

void Client::Impl::UseToken(std::string_view text, std::function<void(Status)> done) {
  if (done == nullptr) done = [](const Status&) {};
  if (is_closed()) return done(Status(StatusCode::kClosed, "the client was closed"));
  std::string found(client::FindToken(text));
  const auto verified = [self = weak(), found, done = std::move(done)](const Result<QaToken>& token) {
    const auto impl = self.lock();
    if (impl == nullptr || impl->is_closed()) return;
    Status status = token.status();
    if (status.ok()) {
      const Lock lock(impl->writer_mutex_);
      std::vector<HeldOverride> list;
      status = impl->is_closed() ? Status(StatusCode::kClosed, "the client was closed")
                                 : impl->CheckToken(lock, *token, &list);
      if (status.ok()) impl->TakeToken(lock, *token, found, std::move(list));
    }
    if (status.ok()) impl->KeepQa();
    done(std::move(status));
  };
  client::VerifyToken(found.empty() ? text : found, intake_->keys(), platform.crypto.get(), verified);
}

void Client::Impl::TakeToken(const Lock& writer, const QaToken& token, std::string text,
                             std::vector<HeldOverride> list) {
  for (HeldOverride& each : list) {
    if (each.serial != 0) each.serial = ++prompt_serial_;
  }
  inputs_.qa.token = std::make_shared<const QaToken>(token);
  qa_token_text_ = std::move(text);
  HoldOverrides(writer, Source::kToken, std::move(list));
  Publish(writer);
}

void Client::Impl::DropToken() {
  if (is_copy()) return;
  {
    const Lock lock(writer_mutex_);
    if (is_closed() || inputs_.qa.token == nullptr) return;
    inputs_.qa.token = nullptr;
    qa_token_text_.clear();
    HoldOverrides(lock, Source::kToken, {});
    Publish(lock);
  }
  KeepQa();
}

std::optional<QaToken> Client::Impl::Token() const {
  if (is_copy()) return std::nullopt;
  const client::Pins::Pin pin = pins->Acquire();
  if (pin->inputs.qa.token == nullptr) return std::nullopt;
  QaToken token = *pin->inputs.qa.token;
  token.status = pin->entitlement.token_status();
  return token;
}

std::string Client::Impl::DeviceCode() const {
  if (is_copy()) return std::string();
  return pins->Acquire()->inputs.qa.device_code;
}

// --- What is kept ---

// Before the first State, like the file and the environment.
void Client::Impl::OpenQa() {
  inputs_.qa.trusts_release_key = intake_->trusts_release_key();
  if (platform.files == nullptr || !options.consent.Allows(Purpose::kFunctional)) return;
  const Result<std::string> content = platform.files->Read(client::kQaFile, client::kQaFileBytes);
  if (!content.ok()) return;
  Result<client::KeptQa> kept = client::ReadKeptQa(*content);
  if (!kept.ok()) return log(LogLevel::kWarning, [&] { return "guidon: " + kept.status().message(); });
  {
    const Lock lock(writer_mutex_);
    inputs_.overrides = std::move(kept->overrides);
  }
  if (kept->token.empty()) return;
  // It is held again whatever it permits by now: the status says why, where it permits nothing.
  const auto verified = [self = weak(), text = kept->token](const Result<QaToken>& token) {
    const auto impl = self.lock();
    if (impl == nullptr || impl->is_closed()) return;
    if (!token.ok()) return impl->log(LogLevel::kWarning, [&] { return "guidon: " + token.status().message(); });
    std::vector<Status> problems;
    std::vector<HeldOverride> list = client::ReadEnvironment(token->force, &problems);
    for (HeldOverride& each : list) each.what.source = Source::kToken;
    const Lock lock(impl->writer_mutex_);
    impl->TakeToken(lock, *token, text, std::move(list));
  };
  client::VerifyToken(kept->token, intake_->keys(), platform.crypto.get(), verified);
}

void Client::Impl::LookAtQa(const Lock&) {
  const Timestamp now = platform.clock->Now();
  inputs_.qa.least_now = std::max(now, delivery_->SteadyNow());
  if (device_code_of_ != inputs_.install_id) {
    device_code_of_ = inputs_.install_id;
    inputs_.qa.device_code = client::DeviceCodeOf(platform.crypto.get(), inputs_.install_id);
  }
  auto& list = inputs_.overrides;
  const auto end = std::remove_if(list.begin(), list.end(), [&](const HeldOverride& each) {
    return each.what.until && inputs_.qa.least_now >= *each.what.until;
  });
  if (end == list.end()) return;
  list.erase(end, list.end());
  KeepQa();
}

void Client::Impl::ForgetQa(const Lock& writer) {
  const auto is_kept = [](const HeldOverride& each) { return each.what.until.has_value(); };
  auto& list = inputs_.overrides;
  if (inputs_.qa.token == nullptr && std::none_of(list.begin(), list.end(), is_kept)) return;
  inputs_.qa.token = nullptr;
  qa_token_text_.clear();
  HoldOverrides(writer, Source::kToken, {});
  list.erase(std::remove_if(list.begin(), list.end(), is_kept), list.end());
  KeepQa();
}

void Client::Impl::KeepQa() {
  if (platform.files == nullptr) return;
  pump->PostDisk([self = weak()] {
    const auto impl = self.lock();
    if (impl == nullptr) return;
    client::KeptQa kept;
    {
      const Lock lock(impl->writer_mutex_);
      kept.token = impl->qa_token_text_;
      for (const HeldOverride& each : impl->inputs_.overrides) {
        if (each.what.until) kept.overrides.push_back(each);
      }
    }
    const bool is_kept =
        !(kept.token.empty() && kept.overrides.empty()) && impl->consent_.load().Allows(Purpose::kFunctional);
    const Status status = is_kept ? impl->platform.files->Replace(client::kQaFile, client::WriteKeptQa(kept))
                                  : impl->platform.files->Remove(client::kQaFile);
    if (status.ok()) return;
    impl->log(LogLevel::kWarning, [&] { return "guidon: kept for QA: " + status.message(); });
  });
}

}  // namespace guidon
