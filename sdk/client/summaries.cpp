// Summaries of what was evaluated: noted as it is decided, told within the hour.

#include <utility>

#include "sdk/client/client_impl.h"

namespace guidon {
namespace {

constexpr Duration kHour = std::chrono::hours(1);

}  // namespace

// What is forced is no news of anybody, so a device that tests tells nothing.
bool Client::Impl::HasSummaries(const client::State& state) const noexcept {
  return options.evaluation_summaries && state.inputs.consent.Allows(Purpose::kAnalytics) &&
         !state.is_anything_forced() && !state.inputs.is_closed;
}

void Client::Impl::Note(const client::State& state, std::string_view flag, const Answer& answer) noexcept {
  if (!HasSummaries(state) || answer.reason == Reason::kClosed) return;
  const std::string_view variant = answer.VariantIn(state);
  const std::uint64_t hash = client::EvaluationNotes::HashOf(flag, variant, answer.reason);
  if (notes_.Has(hash) || !notes_.Add(hash, flag, variant, answer.reason)) return;
  pump->PostLogicAt(platform.clock->Monotonic() + kHour, [self = weak()] {
    if (const auto impl = self.lock()) impl->EndHour();
  });
}

std::uint64_t Client::Impl::TellEvaluations() {
  std::uint64_t told = 0;
  const client::Pins::Pin pin = pins->Acquire();
  for (guidon::List notes = notes_.Take(); !notes.empty(); notes = notes_.Take()) {
    if (!consent_.load().Allows(Purpose::kAnalytics)) break;
    events::Fact fact;
    fact.kind = EventKind::kEvaluationSummary;
    fact.name = "guidon.evaluation_summary";
    fact.wall = platform.clock->Now();
    fact.mono = platform.clock->Monotonic();
    fact.boot = pin->inputs.boot;
    fact.session = pin->inputs.session;
    fact.properties.emplace_back("evaluations", Value(std::move(notes)));
    if (delivery_->Append(std::move(fact))) ++told;  // what was refused is in the ledger
  }
  return told;
}

// From here on all of it is to be noted again.
void Client::Impl::EndHour() {
  if (is_closed()) return;
  (void)TellEvaluations();
  const Lock lock(writer_mutex_);
  notes_.EndHour();
  Publish(lock);
}

}  // namespace guidon
