// The next State: made of the inputs under the writer's lock, published whole, and compared with the one before.

#include <algorithm>
#include <cstring>
#include <utility>

#include "guidon/flag.h"
#include "sdk/client/client_impl.h"
#include "sdk/core/base/text.h"
#include "sdk/core/evaluation/explain.h"

namespace guidon {
namespace {

using client::Cell;
using client::State;
using ruleset::FlagValue;
using ruleset::ValueType;

std::uint64_t BitsOf(const FlagValue& value) noexcept {
  std::uint64_t bits = 0;
  switch (value.type) {
    case ValueType::kBool: return value.boolean ? 1 : 0;
    case ValueType::kInt: return static_cast<std::uint64_t>(value.integer);
    case ValueType::kDouble: std::memcpy(&bits, &value.number, sizeof bits); return bits;
    case ValueType::kString:
    case ValueType::kJson: return 0;
  }
  return 0;
}

struct Seen {
  Value value;
  std::string variant;
  Reason reason;
};

Seen Look(const State& state, std::string_view key) {
  if (const FlagValue* forced = state.forced_value(key)) return {ruleset::ToValue(*forced), "", Reason::kForced};
  const ruleset::Ruleset* rules = state.rules();
  if (rules == nullptr) return {Value(), "", Reason::kNotReady};
  const ruleset::Flag* flag = rules->FindFlag(key);
  if (flag == nullptr) return {Value(), "", Reason::kFlagNotFound};
  const std::uint32_t index = rules->IndexOf(*flag);
  if (const client::Hold* hold = state.hold(index)) return {ruleset::ToValue(hold->value), hold->variant, hold->reason};
  const evaluation::Outcome& outcome = state.outcomes[index];
  if (outcome.value == nullptr) return {Value(), "", outcome.reason};
  return {ruleset::ToValue(*outcome.value), std::string(evaluation::VariantName(*rules, *flag, outcome)),
          outcome.reason};
}

constexpr Duration kFirstSweep = std::chrono::seconds(1);
constexpr Duration kLastSweep = std::chrono::minutes(1);

Timestamp NextUtcDay(Timestamp now) noexcept { return TimestampFromMs((text::UtcDay(now) + 1) * 86'400'000); }

}  // namespace

void Client::Impl::Publish(const Lock& writer) {
  if (!publishes_) return;
  LookAtQa(writer);
  auto next = std::make_unique<const State>(inputs_, platform.clock->Now(), ++sequence_);
  const State& state = *next;
  inputs_.overrides = state.inputs.overrides;  // with `applied` judged
  inputs_.holds = state.inputs.holds;
  const client::Pins::Pin before = pins->Acquire();
  if (!pins->Publish(&next)) {
    // The host keeps Decisions of 63 States; the newest waits until it lets one go.
    if (std::exchange(retry_is_set_, true)) return;
    log(LogLevel::kError, [] { return std::string("guidon: too many Decisions are being kept; drop them after use"); });
    pump->PostLogicAt(platform.clock->Monotonic() + std::chrono::milliseconds(100), [self = weak()] {
      const auto impl = self.lock();
      if (impl == nullptr) return;
      const Lock lock(impl->writer_mutex_);
      impl->retry_is_set_ = false;
      impl->Publish(lock);
    });
    return;
  }
  const client::Pins::Pin after = pins->Acquire();
  WriteCells(*after);
  is_ready_.store(state.rules() != nullptr, std::memory_order_release);
  ArmBoundary(*after);
  TellChanges(*before, *after);
  if (prompter_ != nullptr) prompter_->StateChanged();
  pump->Notify();
  if (std::exchange(sweep_is_set_, true)) return;
  pump->PostLogic([self = weak()] {
    if (const auto impl = self.lock()) impl->Sweep(kFirstSweep);
  });
}

// Frees the States that were replaced, and with them their rules, once the last reader is gone. Readers say nothing
// when they go, so whoever keeps a Decision is looked after from time to time.
void Client::Impl::Sweep(Duration wait) {
  const Lock lock(writer_mutex_);
  sweep_is_set_ = !pins->Sweep();
  if (!sweep_is_set_) return;
  pump->PostLogicAt(platform.clock->Monotonic() + wait, [self = weak(), wait] {
    if (const auto impl = self.lock()) impl->Sweep(std::min(2 * wait, kLastSweep));
  });
}

void Client::Impl::WriteCells(const State& state) {
  const ruleset::Ruleset* rules = state.inputs.is_closed ? nullptr : state.rules();
  if (rules != nullptr) {
    for (const ruleset::Flag& flag : rules->flags) cells.FindOrAdd(flag.key, HashKey(flag.key));
  }
  const std::int64_t day = text::UtcDay(state.decided_at);
  const bool may_expose = state.inputs.consent.Allows(Purpose::kFunctional);
  const bool has_summaries = HasSummaries(state);
  cells.ForEach([&](const std::string& key, Cell* cell) {
    const ruleset::Flag* flag = rules == nullptr ? nullptr : rules->FindFlag(key);
    if (flag == nullptr) return cell->Write(state.sequence, 0, 0);
    const std::uint32_t index = rules->IndexOf(*flag);
    const evaluation::Outcome& outcome = state.outcomes[index];
    const client::Hold* hold = state.hold(index);
    const FlagValue* value = hold != nullptr ? &hold->value : outcome.value;
    if (value == nullptr) return cell->Write(state.sequence, 0, 0);
    std::uint64_t low = Cell::Wanted(value->type);
    if (state.inputs.recorder != nullptr) low |= Cell::kTimed;  // so that every reader takes the long way
    const auto arm = [&](const client::NamedExposure& exposure) {
      if (may_expose && !exposed_.Has(client::ExposureHash(state, exposure, day))) low |= Cell::kArmed;
    };
    if (has_summaries) {
      const Reason reason = hold != nullptr ? hold->reason : outcome.reason;
      const std::string_view variant =
          hold != nullptr ? hold->variant : evaluation::VariantName(*rules, *flag, outcome);
      if (!notes_.Has(client::EvaluationNotes::HashOf(key, variant, reason))) low |= Cell::kArmed;
    }
    if (hold != nullptr) {
      for (const client::NamedExposure& exposure : hold->exposures) arm(exposure);
    } else {
      if (outcome.valid_until != ruleset::kNever) low |= Cell::kTimed;
      for (std::uint32_t i = 0; i < outcome.exposure_count; ++i) {
        arm(client::NameExposure(*rules, outcome.exposures[i], *state.prepared));
      }
    }
    cell->Write(state.sequence, low, BitsOf(*value));
  });
}

void Client::Impl::TellChanges(const State& before, const State& after) {
  if (after.inputs.is_closed) return;
  for (const auto& watch : changes.All()) {
    Seen was = Look(before, watch->key);
    Seen is = Look(after, watch->key);
    if (was.value == is.value && was.variant == is.variant && was.reason == is.reason) continue;
    Change change;
    change.flag = watch->key;
    change.before = std::move(was.value);
    change.after = std::move(is.value);
    change.variant = std::move(is.variant);
    change.reason = is.reason;
    client::CallLater(watch, std::move(change), *pump);
  }
}

// Sees to it that the State is made anew when time alone changes a decision or makes exposures due again.
void Client::Impl::ArmBoundary(const State& state) {
  if (state.inputs.is_closed || (state.rules() == nullptr && state.valid_until == ruleset::kNever)) return;
  const Timestamp next = std::min(state.valid_until, NextUtcDay(state.decided_at));
  // Monotonic timers do not follow a wall clock that is set; once an hour at least both are compared.
  const Duration wait = std::clamp(Duration(next - state.decided_at), Duration(1), Duration(std::chrono::hours(1)));
  const MonoTime when = platform.clock->Monotonic() + wait;
  if (boundary_ <= when) return;  // a timer that is set looks again by itself
  boundary_ = when;
  pump->PostLogicAt(when, [self = weak()] {
    if (const auto impl = self.lock()) impl->ReachBoundary();
  });
}

void Client::Impl::ReachBoundary() {
  const Lock lock(writer_mutex_);
  boundary_ = MonoTime::max();
  if (is_closed()) return;
  const client::Pins::Pin pin = pins->Acquire();
  if (IsOver(*pin)) {
    Publish(lock);
  } else {
    ArmBoundary(*pin);
  }
}

bool Client::Impl::IsOver(const State& state) const {
  const Timestamp now = platform.clock->Now();
  if (now >= state.valid_until || now < state.decided_at) return true;
  if (text::UtcDay(now) != text::UtcDay(state.decided_at)) return true;
  return state.rules() != nullptr && platform.clock->UtcOffset(now) != state.utc_offset;
}

void Client::Impl::ForgetTold(const Lock&) {
  exposed_.Clear();
  notes_.Forget();
}

void Client::Impl::TellAgain() {
  const Lock lock(writer_mutex_);
  if (is_closed()) return;
  ForgetTold(lock);
  Publish(lock);
}

}  // namespace guidon
