// Forwards to the implementation; nothing else. Deciding is in decide.cpp.

#include "guidon/client.h"

#include "sdk/client/client_impl.h"

namespace guidon {

std::unique_ptr<Client> Client::Open(Options options, Platform platform) {
  auto impl = std::make_shared<Impl>(std::move(options), std::move(platform));
  impl->pump->UseNetwork(impl->platform.http);
  impl->Open();
  return std::unique_ptr<Client>(new Client(std::move(impl)));
}

Client::Client(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() {
  (void)impl_->Close(impl_->options.close_deadline);
  // What a copy has is its parent's: threads that are not here, a database, locks. So it is left as it is.
  if (impl_->is_copy()) (void)new std::shared_ptr<Impl>(std::move(impl_));
}

void Client::Identify(Context context, Carry carry) { impl_->Identify(std::move(context), carry); }
void Client::Logout() { impl_->Identify(Context(), Carry::kAnonymous); }

void Client::SetConsent(Consents consents) { impl_->SetConsent(std::nullopt, consents, nullptr); }
void Client::SetConsent(Purpose purpose, Consent consent) { impl_->SetConsent(purpose, consent, nullptr); }
Status Client::SetConsent(Consents consents, Duration deadline) {
  return impl_->SetConsentWithin(std::nullopt, consents, deadline);
}
Status Client::SetConsent(Purpose purpose, Consent consent, Duration deadline) {
  return impl_->SetConsentWithin(purpose, consent, deadline);
}
Consents Client::consent() const noexcept { return impl_->consent_.load(std::memory_order_relaxed); }
Status Client::Erase(Duration deadline) { return impl_->Erase(deadline); }
Status Client::RequestDeletion(Duration deadline) { return impl_->RequestDeletion(deadline); }

void Client::Track(std::string_view name, Properties properties) noexcept {
  impl_->Track(name, std::nullopt, properties);
}
void Client::Track(std::string_view name, double value, Properties properties) noexcept {
  impl_->Track(name, value, properties);
}
Status Client::TrackDurable(std::string_view name, Properties properties, Duration deadline) {
  return impl_->TrackDurable(name, properties, deadline);
}
FlushReport Client::Flush(Duration deadline) { return impl_->Flush(deadline); }

Subscription Client::OnEvent(Executor* executor, std::function<void(const EventRecord&)> seen) {
  if (impl_->is_copy()) return Subscription();
  return impl_->events.Add(std::string(), executor, std::move(seen));
}

bool Client::WaitUntilReady(Duration deadline) { return impl_->WaitUntilReady(deadline); }

Subscription Client::OnChange(std::string_view flag, Executor* executor, std::function<void(const Change&)> changed) {
  if (impl_->is_copy()) return Subscription();
  return impl_->changes.Add(std::string(flag), executor, std::move(changed));
}

Subscription Client::Record(Executor* executor, std::function<void(std::string_view lines)> lines,
                            PrivateAttributes privates) {
  if (impl_->is_copy()) return Subscription();
  return impl_->Record(executor, std::move(lines), privates);
}

void Client::OnForeground() { impl_->OnForeground(); }
void Client::OnBackground() { impl_->OnBackground(); }
void Client::SetNetwork(NetworkCost network) { impl_->SetNetwork(network); }
void Client::SetPower(PowerSource power) { impl_->SetPower(power); }
void Client::SetScreen(std::string_view name) { impl_->SetScreen(name); }
void Client::NoteActivity() { impl_->NoteActivity(); }

void Client::SetPromptHost(PromptHost* host, Executor* executor) {
  // A client that was never opened has no prompter.
  if (impl_->prompter_ != nullptr && !impl_->is_copy()) impl_->prompter_->SetHost(host, executor);
}
std::string Client::ExplainPrompt(std::string_view campaign) const { return impl_->ExplainPrompt(campaign, false); }
std::string Client::ExplainPromptJson(std::string_view campaign) const { return impl_->ExplainPrompt(campaign, true); }
Overrides& Client::overrides() noexcept { return *impl_; }
ClientStatus Client::status() const { return impl_->status(); }
std::vector<Problem> Client::Problems() const { return impl_->Problems(); }
void Client::SetLogLevel(LogLevel level) noexcept { impl_->log.SetLevel(level); }

MonoTime Client::Pump(Lane lane, Duration budget) {
  if (impl_->is_copy()) return MonoTime::max();
  const auto impl = impl_;  // a callback may drop the client
  return impl->pump->Turn(lane == Lane::kDisk, budget);
}

FlushReport Client::Close(Duration deadline) { return impl_->Close(deadline); }

}  // namespace guidon
