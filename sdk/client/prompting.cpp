// Prompts in the client: how the prompter hangs together with delivery, the State and the host.

#include <algorithm>
#include <utility>

#include "sdk/client/client_impl.h"

namespace guidon {
namespace {

// Whether what the rules ask of behavior has another answer now than in `state`.
bool AsksAnew(const client::State& state, const behavior::Behavior* now_known, Timestamp now) {
  if (state.rules() == nullptr) return false;
  const behavior::Behavior* known = state.inputs.behavior.get();
  const auto& terms = state.rules()->behavior_terms;
  if (!terms.empty() && (known == nullptr || now_known == nullptr)) return known != now_known;
  for (std::uint32_t i = 0; i < terms.size(); ++i) {
    const bool is_same = known->Find(terms[i].event) == now_known->Find(terms[i].event) &&
                         known->forgotten_before() == now_known->forgotten_before();
    if (is_same) continue;
    const behavior::Total total = now_known->Ask(terms[i], now);
    const behavior::Total& decided = state.prepared->total(i);
    if (total.value != decided.value || total.is_exact != decided.is_exact) return true;
  }
  return false;
}

}  // namespace

void Client::Impl::OpenPrompter() {
  client::Prompter::Ports ports;
  ports.clock = platform.clock;
  ports.lanes = pump;
  ports.pins = pins;
  ports.append = [self = weak()](events::Fact fact) {
    const auto impl = self.lock();
    return impl != nullptr && !impl->is_closed() && impl->delivery_->Append(std::move(fact));
  };
  ports.commit = [self = weak()](std::function<void()> done) {
    if (const auto impl = self.lock()) impl->delivery_->Commit(std::move(done));
  };
  ports.durability = [self = weak()] {
    const auto impl = self.lock();
    return impl == nullptr ? Durability::kNone : impl->delivery_->durability();
  };
  prompter_ = std::make_shared<client::Prompter>(std::move(ports));
  delivery_->SetRemembered([this](const events::Memory& memory) { OnRemembered(memory); });
}

// The State is made anew only for what its rules ask; the next one has the newest anyway.
void Client::Impl::OnRemembered(const events::Memory& memory) {
  {
    const Lock lock(writer_mutex_);
    if (is_closed()) return;
    const events::Remembered* remembered = memory.Of(events::kThisInstallation);
    inputs_.behavior = remembered == nullptr ? nullptr : remembered->behavior;
    const client::Pins::Pin pin = pins->Acquire();
    if (AsksAnew(*pin, inputs_.behavior.get(), platform.clock->Now())) Publish(lock);
  }
  prompter_->OnMemory(memory);
}

std::string Client::Impl::ExplainPrompt(std::string_view campaign, bool as_json) const {
  return prompter_ == nullptr ? std::string() : prompter_->Explain(campaign, as_json);
}

}  // namespace guidon
