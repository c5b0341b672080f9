// Decisions, on the caller's thread: from a cell where one can answer, else from a pinned State.

#include <cstring>

#include "sdk/client/client_impl.h"
#include "sdk/client/overrides_text.h"
#include "sdk/core/base/json.h"
#include "sdk/core/base/text.h"
#include "sdk/core/evaluation/explain.h"

namespace guidon {
namespace {

using client::Cell;
using ruleset::FlagValue;
using ruleset::ValueType;

double BitsToDouble(std::uint64_t bits) noexcept {
  double value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

ValueType TypeOf(std::uint8_t kind) noexcept { return static_cast<ValueType>(kind); }

// An int serves where a double is asked for.
bool Fits(ValueType has, ValueType wanted) noexcept {
  return has == wanted || (has == ValueType::kInt && wanted == ValueType::kDouble);
}

}  // namespace

Client::Impl::Answer Client::Impl::AskFor(const client::State& state, std::string_view key,
                                          const evaluation::PreparedContext& prepared) const {
  Answer answer;
  answer.value = state.forced_value(key);
  answer.reason = Reason::kForced;
  if (answer.value != nullptr) return answer;
  const ruleset::Ruleset& rules = *state.rules();
  answer.flag = rules.FindFlag(key);
  answer.reason = Reason::kFlagNotFound;
  if (answer.flag == nullptr) return answer;
  answer.outcome =
      evaluation::Evaluate(rules, *answer.flag, prepared, state.At(platform.clock->Now()), &state.overrides.forced);
  answer.value = answer.outcome.value;
  answer.reason = answer.outcome.reason;
  return answer;
}

Client::Impl::Answer Client::Impl::Ask(const client::State& state, std::string_view key) const {
  Answer answer;
  if (state.inputs.is_closed || is_closed()) {
    answer.reason = Reason::kClosed;
    return answer;
  }
  if (!state.overrides.unknown_flags.empty()) {
    answer.value = state.forced_value(key);
    answer.reason = Reason::kForced;
    if (answer.value != nullptr) return answer;
  }
  answer.reason = Reason::kNotReady;
  const ruleset::Ruleset* rules = state.rules();
  if (rules == nullptr) return answer;
  answer.flag = rules->FindFlag(key);
  if (answer.flag == nullptr) {
    answer.reason = Reason::kFlagNotFound;
    return answer;
  }
  const std::uint32_t index = rules->IndexOf(*answer.flag);
  answer.hold = state.hold(index);
  if (answer.hold != nullptr) {
    answer.value = &answer.hold->value;
    answer.reason = answer.hold->reason;
    return answer;
  }
  answer.outcome = state.outcomes[index];
  if (answer.outcome.valid_until != ruleset::kNever) {
    const Timestamp now = state.At(platform.clock->Now());
    if (now >= answer.outcome.valid_until || now < state.At(state.decided_at)) {
      answer.outcome = evaluation::Evaluate(*rules, *answer.flag, *state.prepared, now, &state.overrides.forced);
    }
  }
  answer.value = answer.outcome.value;
  answer.reason = answer.outcome.reason;
  return answer;
}

bool Client::Impl::Expose(const client::State& state, const Answer& answer, const evaluation::PreparedContext& prepared,
                          const Context& context) const noexcept {
  if (is_closed() || !consent_.load(std::memory_order_relaxed).Allows(Purpose::kFunctional)) return false;
  bool all = true;
  const std::size_t count = answer.hold != nullptr ? answer.hold->exposures.size() : answer.outcome.exposure_count;
  for (std::size_t i = 0; i < count; ++i) {
    const client::NamedExposure exposure =
        answer.hold != nullptr ? answer.hold->exposures[i]
                               : client::NameExposure(*state.rules(), answer.outcome.exposures[i], prepared);
    const Timestamp now = platform.clock->Now();
    const std::uint64_t hash = client::ExposureHash(state, exposure, text::UtcDay(now));
    if (exposed_.Has(hash)) continue;
    events::Fact fact =
        client::MakeExposure(state, exposure, answer.flag->key, context, now, platform.clock->Monotonic());
    const bool is_own = &context != &state.context;  // the caller's
    const evaluation::PreparedContext& natural = is_own ? prepared : state.natural();
    if ((exposure.is_forced || &natural != &prepared) && !exposure.is_holdout) {
      const ruleset::Experiment& experiment = *state.rules()->FindExperiment(exposure.key);
      fact.natural_variant =
          client::NaturalVariant(*state.rules(), experiment, natural, now, state.overrides.Unforced());
    }
    const bool is_appended = delivery_->Append(std::move(fact));
    if (is_appended) exposed_.Add(hash);
    all = all && is_appended;
  }
  return all;
}

std::string_view Client::Impl::Answer::VariantIn(const client::State& state) const noexcept {
  if (value == nullptr || flag == nullptr) return {};
  return hold != nullptr ? hold->variant : evaluation::VariantName(*state.rules(), *flag, outcome);
}

template <class F>
void Client::Impl::GetSlowly(std::string_view key, std::uint64_t hash, F take) {
  // The cell first: whatever is published after this makes Disarm do nothing.
  Cell* cell = cells.Find(key, hash);
  const std::uint64_t seen = cell == nullptr ? 0 : cell->meta();
  const client::Pins::Pin pin = pins->Acquire();
  Answer answer = Ask(*pin, key);
  NoteDecision(*pin, key, answer);
  if (answer.value != nullptr && !take(*answer.value)) answer.Refuse(Reason::kTypeMismatch);
  // The cell of this very State knows whether anything is due, unless time has changed the outcome since.
  const bool is_told = cell != nullptr && Cell::IsOf(seen, pin->sequence) && !Cell::IsArmed(seen);
  if (answer.value != nullptr && is_told && answer.outcome.valid_until == ruleset::kNever) return;
  Note(*pin, key, answer);
  if (answer.value == nullptr) return;
  const bool is_exposed = Expose(*pin, answer, *pin->prepared, pin->context);
  if (cell != nullptr && is_exposed) cell->Disarm(seen);
}

// --- Client: the values ---

bool Client::Get(const Flag<bool>& flag) const noexcept {
  std::uint64_t bits = 0;
  const Cell* cell = impl_->cells.Find(flag.key, flag.hash);
  if (cell != nullptr && !impl_->is_copy() && cell->Read(ValueType::kBool, &bits)) return bits != 0;
  bool result = flag.fallback;
  impl_->GetSlowly(flag.key, flag.hash, [&](const FlagValue& value) {
    if (value.type != ValueType::kBool) return false;
    result = value.boolean;
    return true;
  });
  return result;
}

std::int64_t Client::Get(const Flag<std::int64_t>& flag) const noexcept {
  std::uint64_t bits = 0;
  const Cell* cell = impl_->cells.Find(flag.key, flag.hash);
  if (cell != nullptr && !impl_->is_copy() && cell->Read(ValueType::kInt, &bits))
    return static_cast<std::int64_t>(bits);
  std::int64_t result = flag.fallback;
  impl_->GetSlowly(flag.key, flag.hash, [&](const FlagValue& value) {
    if (value.type != ValueType::kInt) return false;
    result = value.integer;
    return true;
  });
  return result;
}

double Client::Get(const Flag<double>& flag) const noexcept {
  std::uint64_t bits = 0;
  const Cell* cell = impl_->cells.Find(flag.key, flag.hash);
  if (cell != nullptr && !impl_->is_copy() && cell->Read(ValueType::kDouble, &bits)) return BitsToDouble(bits);
  double result = flag.fallback;
  impl_->GetSlowly(flag.key, flag.hash, [&](const FlagValue& value) {
    if (!Fits(value.type, ValueType::kDouble)) return false;
    result = value.number;
    return true;
  });
  return result;
}

std::string Client::Get(const Flag<std::string>& flag) const {
  std::string result(flag.fallback);
  impl_->GetSlowly(flag.key, flag.hash, [&](const FlagValue& value) {
    if (value.type != ValueType::kString) return false;
    result = value.text;
    return true;
  });
  return result;
}

Value Client::Get(const Flag<Json>& flag) const {
  std::optional<Value> result;
  impl_->GetSlowly(flag.key, flag.hash, [&](const FlagValue& value) {
    if (value.type != ValueType::kJson) return false;
    result = ruleset::ToValue(value);
    return true;
  });
  if (result) return *std::move(result);
  const auto fallback = json::Document::Parse(flag.fallback, nullptr);
  return fallback ? fallback->root().ToValue() : Value();
}

Decision Client::DecideKey(std::string_view flag, std::optional<Kind> kind, Value fallback,
                           const Context* context) const {
  auto rep = std::make_unique<Decision::Rep>();
  rep->client = impl_;
  rep->pins = impl_->pins;
  rep->pin = std::make_shared<client::Pins::Pin>(impl_->pins->Acquire());
  rep->key = std::string(flag);
  const client::State& state = **rep->pin;
  const bool is_closed = state.inputs.is_closed || impl_->is_copy();
  if (context != nullptr && state.rules() != nullptr && !is_closed) {
    rep->context.emplace(*context);
    if (rep->context->FindUnit("device") == nullptr && !state.inputs.install_id.empty()) {
      rep->context->Unit("device", state.inputs.install_id);
    }
    const Timestamp now = impl_->platform.clock->Now();
    rep->prepared.emplace(*state.rules(), *rep->context, client::SurroundingsOf(state.inputs, now, state.shift()),
                          state.At(now), evaluation::Preparation::kAsAsked);
    rep->answer = impl_->AskFor(state, flag, *rep->prepared);
    impl_->NoteDecision(state, flag, rep->answer, &*rep->context);
  } else {
    rep->answer = impl_->Ask(state, flag);
    impl_->NoteDecision(state, flag, rep->answer);
  }
  Impl::Answer& answer = rep->answer;
  if (answer.value != nullptr && kind && !Fits(answer.value->type, TypeOf(static_cast<std::uint8_t>(*kind)))) {
    answer.Refuse(Reason::kTypeMismatch);
  }
  if (context == nullptr) impl_->Note(state, flag, answer);
  if (answer.value == nullptr) {
    const std::string* text = fallback.AsString();
    if (kind == Kind::kJson && text != nullptr) {
      const auto document = json::Document::Parse(*text, nullptr);
      fallback = document ? document->root().ToValue() : Value();
    }
    rep->fallback = std::move(fallback);
  }
  return Decision(std::move(rep));
}

std::vector<Decision> Client::DecideAll() const {
  std::vector<Decision> all;
  const auto pin = std::make_shared<client::Pins::Pin>(impl_->pins->Acquire());
  const ruleset::Ruleset* rules = (*pin)->rules();
  if (rules == nullptr || (*pin)->inputs.is_closed || impl_->is_copy()) return all;
  all.reserve(rules->flags.size());
  for (const ruleset::Flag& flag : rules->flags) {
    auto rep = std::make_unique<Decision::Rep>();
    rep->client = impl_;
    rep->pins = impl_->pins;
    rep->pin = pin;
    rep->key = flag.key;
    rep->answer = impl_->Ask(**pin, flag.key);
    all.push_back(Decision(std::move(rep)));
  }
  return all;
}

evaluation::Explanation Client::Impl::ExplanationOf(const client::State& state, std::string_view flag) const {
  evaluation::Explanation explanation;
  explanation.flag = std::string(flag);
  explanation.at = platform.clock->Now();
  const ruleset::FlagValue* forced = state.forced_value(flag);
  if (state.inputs.is_closed || is_copy()) {
    explanation.result.reason = Reason::kClosed;
  } else if (forced != nullptr) {  // and the datafile has no such flag
    explanation.result.reason = Reason::kForced;
    explanation.result.value = *forced;
    explanation.is_forced = true;
    explanation.overrides.push_back({evaluation::ExplainedOverride::Kind::kFlag, explanation.flag, {}, *forced, {}});
  } else if (state.rules() != nullptr) {
    const Timestamp now = explanation.at;
    explanation = evaluation::Explain(*state.rules(), flag, state.context, *state.prepared, state.At(now),
                                      &state.overrides.forced, {&state.natural(), now});
    for (const auto& attribute : state.overrides.attributes) {
      explanation.overrides.push_back({evaluation::ExplainedOverride::Kind::kAttribute, attribute.first, {}, {}, {}});
    }
    if (state.shift() != Duration(0)) {
      const std::string by = client::ShiftText(state.shift());
      explanation.overrides.push_back({evaluation::ExplainedOverride::Kind::kClock, {}, by, {}, {}});
    }
    const ruleset::Flag* known = state.rules()->FindFlag(flag);
    const client::Hold* hold = known == nullptr ? nullptr : state.hold(state.rules()->IndexOf(*known));
    if (hold != nullptr) client::ExplainHold(*hold, &explanation);
  }
  if (explanation.datafile) explanation.origin = client::OriginOf(state.inputs, LastFetch());
  if (const client::Datafile* waiting = is_copy() ? nullptr : state.inputs.waiting.get()) {
    const ruleset::Flag* known = state.rules()->FindFlag(flag);
    const bool kills = known != nullptr && state.overrides.forced.FindKilled(state.rules()->IndexOf(*known)) != nullptr;
    explanation.waiting = {waiting->rules->header.epoch, waiting->rules->header.version, kills};
  }
  for (evaluation::ExplainedOverride& each : explanation.overrides) each.source = client::SourceOf(state, each);
  evaluation::HideValues(state.inputs.private_attributes, &explanation);
  return explanation;
}

std::string Client::Impl::ExplainFlag(std::string_view flag, bool as_json) const {
  const client::Pins::Pin pin = pins->Acquire();
  const evaluation::Explanation explanation = ExplanationOf(*pin, flag);
  return as_json ? evaluation::ToJson(explanation) : evaluation::ToText(explanation);
}

std::string Client::Explain(std::string_view flag) const { return impl_->ExplainFlag(flag, false); }
std::string Client::ExplainJson(std::string_view flag) const { return impl_->ExplainFlag(flag, true); }

// --- Decision ---

Decision::Decision(std::unique_ptr<Rep> rep) noexcept : rep_(std::move(rep)) {}
Decision::Decision(Decision&&) noexcept = default;
Decision& Decision::operator=(Decision&&) noexcept = default;
Decision::~Decision() = default;

std::optional<bool> Decision::AsBool() const noexcept {
  const FlagValue* value = rep_->answer.value;
  if (value != nullptr) return value->type == ValueType::kBool ? std::optional<bool>(value->boolean) : std::nullopt;
  const bool* fallback = rep_->fallback.AsBool();
  return fallback != nullptr ? std::optional<bool>(*fallback) : std::nullopt;
}

std::optional<std::int64_t> Decision::AsInt() const noexcept {
  const FlagValue* value = rep_->answer.value;
  if (value != nullptr) {
    return value->type == ValueType::kInt ? std::optional<std::int64_t>(value->integer) : std::nullopt;
  }
  const std::int64_t* fallback = rep_->fallback.AsInt();
  return fallback != nullptr ? std::optional<std::int64_t>(*fallback) : std::nullopt;
}

std::optional<double> Decision::AsDouble() const noexcept {
  const FlagValue* value = rep_->answer.value;
  if (value != nullptr) {
    return Fits(value->type, ValueType::kDouble) ? std::optional<double>(value->number) : std::nullopt;
  }
  if (const double* fallback = rep_->fallback.AsDouble()) return *fallback;
  if (const std::int64_t* fallback = rep_->fallback.AsInt()) return static_cast<double>(*fallback);
  return std::nullopt;
}

std::optional<std::string_view> Decision::AsText() const noexcept {
  const FlagValue* value = rep_->answer.value;
  if (value != nullptr) {
    const bool has_text = value->type == ValueType::kString || value->type == ValueType::kJson;
    return has_text ? std::optional<std::string_view>(value->text) : std::nullopt;
  }
  const std::string* fallback = rep_->fallback.AsString();
  return fallback != nullptr ? std::optional<std::string_view>(*fallback) : std::nullopt;
}

Value Decision::value() const {
  return rep_->answer.value != nullptr ? ruleset::ToValue(*rep_->answer.value) : rep_->fallback;
}

std::string_view Decision::flag() const noexcept { return rep_->key; }

std::string_view Decision::variant() const noexcept { return rep_->answer.VariantIn(**rep_->pin); }

std::string_view Decision::experiment() const noexcept {
  const auto& answer = rep_->answer;
  if (answer.hold != nullptr) return answer.hold->experiment;
  if (answer.value == nullptr || answer.outcome.experiment == ruleset::kNone) return {};
  return (*rep_->pin)->rules()->experiments[answer.outcome.experiment].key;
}

Reason Decision::reason() const noexcept { return rep_->answer.reason; }
bool Decision::is_fallback() const noexcept { return rep_->answer.value == nullptr; }

void Decision::Expose() const noexcept {
  if (rep_->answer.value == nullptr || !rep_->answer.has_exposures()) return;
  const auto client = rep_->client.lock();
  if (client == nullptr) return;
  const client::State& state = **rep_->pin;
  const bool is_own = rep_->prepared.has_value();
  (void)client->Expose(state, rep_->answer, is_own ? *rep_->prepared : *state.prepared,
                       is_own ? *rep_->context : state.context);
}

}  // namespace guidon
