// Prompts in the client: how the prompter hangs together with delivery, the State and the host.

#include <algorithm>
#include <utility>

#include "sdk/client/client_impl.h"
#include "sdk/client/looks.h"

namespace guidon {
namespace {

// Whether what the rules ask of behavior has another answer now than in `state`.
bool AsksAnew(const client::State& state, const client::Inputs& inputs, Timestamp wall) {
  if (state.rules() == nullptr) return false;
  const behavior::Behavior* known = state.inputs.behavior.get();
  const behavior::Behavior* now_known = inputs.behavior.get();
  const auto& terms = state.rules()->behavior_terms;
  if (!terms.empty() && (known == nullptr || now_known == nullptr)) return known != now_known;
  const Timestamp now = state.At(wall);
  const behavior::UtcOffset utc_offset = client::SurroundingsOf(inputs, wall, state.shift()).utc_offset;
  const bool is_same_session = state.inputs.behavior_session.number == inputs.behavior_session.number;
  for (std::uint32_t i = 0; i < terms.size(); ++i) {
    const bool is_same = known->Find(terms[i].tracked()) == now_known->Find(terms[i].tracked()) &&
                         known->forgotten_before() == now_known->forgotten_before();
    if (is_same && (is_same_session || terms[i].window.unit != behavior::Window::Unit::kSession)) continue;
    const behavior::Total total = now_known->Ask(terms[i], now, utc_offset, inputs.behavior_session);
    if (!behavior::AreAlike(total, state.prepared->total(i))) return true;
  }
  return false;
}

// Whether what the units are enrolled in, where it matters to the rules, is other than it was. Cheap: it is asked after
// every commit that met an experiment.
bool HasMet(const client::State& state, const enrollment::Enrollments* before, const enrollment::Enrollments* now) {
  if (state.rules() == nullptr || before == now) return false;
  const ruleset::Ruleset& rules = *state.rules();
  const auto find = [&](const enrollment::Enrollments* enrollments, const ruleset::Experiment& experiment) {
    const std::string_view id = state.prepared->unit(experiment.unit).id;
    return enrollments == nullptr ? nullptr : enrollments->Find(rules.unit_kinds[experiment.unit], id, experiment.key);
  };
  const auto end = rules.remembered.begin() + static_cast<std::ptrdiff_t>(state.prepared->enrolled_count());
  return std::any_of(rules.remembered.begin(), end, [&](std::uint16_t index) {
    const ruleset::Experiment& experiment = rules.experiments[index];
    const enrollment::Enrollment* was = find(before, experiment);
    const enrollment::Enrollment* is = find(now, experiment);
    if (was == nullptr || is == nullptr) return was != is;
    return was->iteration != is->iteration || was->variant != is->variant || was->audience != is->audience;
  });
}

// Whether flags waited for what is remembered before they hold for the session.
bool MayHoldNow(const client::State& state, const client::Inputs& inputs) {
  if (state.rules() == nullptr || state.inputs.is_memory_read() || !inputs.is_memory_read()) return false;
  const auto& flags = state.rules()->flags;
  return std::any_of(flags.begin(), flags.end(), [](const ruleset::Flag& flag) { return flag.holds_for_session; });
}

// Whether any flag comes out otherwise than in `state`, or at another time, with what is remembered now. First
// exposures are rare, and seldom change what is decided.
bool DecidesAnew(const client::State& state, const client::Inputs& inputs, Timestamp wall) {
  const ruleset::Ruleset& rules = *state.rules();
  const Timestamp now = state.At(wall);
  const evaluation::PreparedContext prepared(rules, state.context, client::SurroundingsOf(inputs, wall, state.shift()),
                                             now);
  const auto outcomes = evaluation::EvaluateAll(rules, prepared, now, &state.overrides.forced);
  return !std::equal(outcomes.begin(), outcomes.end(), state.outcomes.begin(),
                     [](const evaluation::Outcome& a, const evaluation::Outcome& b) {
                       return a.value == b.value && a.reason == b.reason && a.experiment == b.experiment &&
                              a.variant == b.variant && a.valid_until == b.valid_until &&
                              a.exposure_count == b.exposure_count;
                     });
}

}  // namespace

void Client::Impl::OpenPrompter() {
  client::Prompter::Ports ports;
  ports.clock = platform.clock;
  ports.lanes = pump;
  ports.pins = pins;
  ports.time = [self = weak(), clock = platform.clock] {
    const auto impl = self.lock();
    return impl == nullptr ? clock->Now() : impl->delivery_->SteadyNow();
  };
  ports.begin_session = [self = weak()](MonoTime began) {
    if (const auto impl = self.lock()) impl->delivery_->BeginSession(began);
  };
  ports.append = [self = weak()](events::Fact fact) {
    const auto impl = self.lock();
    if (impl == nullptr || impl->is_closed()) return false;
    fact.looks = client::LooksAt(*impl->pins->Acquire(), fact);
    return impl->delivery_->Append(std::move(fact));
  };
  ports.track = [self = weak()](std::string_view event, const std::string& prompt) {
    if (const auto impl = self.lock()) impl->Track(event, std::nullopt, {{"prompt", prompt}});
  };
  ports.commit = [self = weak()](std::function<void()> done) {
    if (const auto impl = self.lock()) impl->delivery_->Commit(std::move(done));
  };
  ports.durability = [self = weak()] {
    const auto impl = self.lock();
    return impl == nullptr ? Durability::kNone : impl->delivery_->durability();
  };
  ports.is_follower = [self = weak()] {
    const auto impl = self.lock();
    return impl != nullptr && impl->delivery_->role() == events::Role::kFollower;
  };
  ports.presence = presence;
  prompter_ = std::make_shared<client::Prompter>(std::move(ports));
  delivery_->SetHeard([this](const EventRecord& record) {
    if (!record.earlier_process) prompter_->OnAccepted(record);
  });
  delivery_->SetRemembered([this](const events::Memory& memory) { OnRemembered(memory); });
}

// The State is made anew only for what its rules ask; the next one has the newest anyway.
void Client::Impl::OnRemembered(const events::Memory& memory) {
  {
    const Lock lock(writer_mutex_);
    if (is_closed()) return;
    memory_ = memory;
    const auto is_read = [&](const events::IdentityChange& change) { return change.number <= memory.identity; };
    unread_changes_.erase(std::remove_if(unread_changes_.begin(), unread_changes_.end(), is_read),
                          unread_changes_.end());
    const auto enrollments_before = inputs_.enrollments;
    UseMemory(lock);
    const client::Pins::Pin pin = pins->Acquire();
    const Timestamp now = platform.clock->Now();
    const bool asks_anew =
        AsksAnew(*pin, inputs_, now) ||
        (HasMet(*pin, enrollments_before.get(), inputs_.enrollments.get()) && DecidesAnew(*pin, inputs_, now));
    if (asks_anew || MayHoldNow(*pin, inputs_)) Publish(lock);
  }
  prompter_->OnMemory(memory);
}

std::string Client::Impl::ExplainPrompt(std::string_view campaign, bool as_json) const {
  if (prompter_ == nullptr) return std::string();
  const prompts::PromptExplanation explanation = prompter_->Explain(campaign, is_copy(), LastFetch());
  return as_json ? prompts::ToJson(explanation) : prompts::ToText(explanation);
}

}  // namespace guidon
