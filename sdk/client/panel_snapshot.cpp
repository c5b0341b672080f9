// What a panel shows of the client: of one State, row by row.

#include <algorithm>
#include <utility>

#include "sdk/client/client_impl.h"
#include "sdk/core/evaluation/bucketing.h"
#include "sdk/core/evaluation/explain.h"
#include "sdk/core/evaluation/explanation_parts.h"
#include "sdk/core/prompts/explain_prompt.h"

namespace guidon {
namespace {

using client::State;
using evaluation::Explanation;
using evaluation::UnitValue;

double ShareOf(std::uint64_t slots, std::uint64_t of) {
  return of == 0 ? 0 : static_cast<double>(slots) / static_cast<double>(of);
}

std::uint64_t SlotsIn(const std::vector<ruleset::SlotRange>& ranges) {
  std::uint64_t slots = 0;
  for (const ruleset::SlotRange& range : ranges) slots += range.end - range.begin;
  return slots;
}

Value ValueOf(const std::optional<ruleset::FlagValue>& value) { return value ? ruleset::ToValue(*value) : Value(); }

PanelFlag FlagRow(const Explanation& explanation, bool is_protected) {
  PanelFlag row;
  row.key = explanation.flag;
  row.value = ValueOf(explanation.result.value);
  row.variant = explanation.result.variant;
  row.reason = explanation.result.reason;
  row.experiment = explanation.result.experiment;
  row.why = evaluation::ToWords(explanation);
  row.is_protected = is_protected;
  const evaluation::ExplainedResult& natural = explanation.natural ? *explanation.natural : explanation.result;
  const bool has_natural = explanation.natural || !explanation.is_forced;
  if (has_natural) row.natural_value = ValueOf(natural.value);
  if (has_natural) row.natural_variant = natural.variant;
  row.is_forced = row.reason == Reason::kForced || row.natural_value != row.value || row.natural_variant != row.variant;
  return row;
}

// Forced by anybody, and with effect.
const Override* FindApplied(const State& state, Override::Kind kind, std::string_view key) {
  for (const client::HeldOverride& each : state.inputs.overrides) {
    if (each.what.applied && each.what.kind == kind && each.what.key == key) return &each.what;
  }
  return nullptr;
}

// Of what its flags give: one that is held for the session stays what it was.
std::string VariantOf(const State& state, const ruleset::Experiment& experiment, const std::vector<PanelFlag>& flags) {
  for (const std::uint32_t index : experiment.flags) {
    const auto row = std::lower_bound(flags.begin(), flags.end(), state.rules()->flags[index].key,
                                      [](const PanelFlag& flag, const std::string& key) { return flag.key < key; });
    if (row != flags.end() && row->key == state.rules()->flags[index].key && row->experiment == experiment.key) {
      return row->variant;
    }
  }
  return "";
}

PanelExperiment ExperimentRow(const State& state, const ruleset::Experiment& experiment,
                              const std::vector<PanelFlag>& flags, Timestamp now) {
  const ruleset::Ruleset& rules = *state.rules();
  PanelExperiment row;
  row.key = experiment.key;
  row.status = experiment.is_valid ? std::string(ruleset::ExperimentStatusName(experiment.status)) : "invalid";
  row.is_protected = experiment.is_protected;
  if (!experiment.is_valid) return row;
  row.iteration = experiment.iteration;
  row.unit_kind = rules.unit_kinds[experiment.unit];
  row.share = ShareOf(SlotsIn(experiment.slots), ruleset::kSlots);
  const std::uint64_t split = SlotsIn(experiment.split);
  for (std::uint32_t i = 0; i < experiment.variants.size(); ++i) {
    const ruleset::Variant& variant = experiment.variants[i];
    PanelExperiment::Variant out{variant.name, 0, {}};
    for (const ruleset::SlotRange& range : experiment.split) {
      if (range.target == i) out.share += ShareOf(range.end - range.begin, split);
    }
    for (std::size_t at = 0; at < variant.values.size(); ++at) {
      out.flags.emplace_back(rules.flags[experiment.flags[at]].key, ruleset::ToValue(rules.values[variant.values[at]]));
    }
    row.variants.push_back(std::move(out));
  }
  const Override* forced = FindApplied(state, Override::Kind::kExperiment, experiment.key);
  row.is_forced = forced != nullptr;
  row.variant = row.is_forced ? forced->variant : VariantOf(state, experiment, flags);
  row.natural_variant = !state.is_anything_forced() ? row.variant
                                                    : client::NaturalVariant(rules, experiment, state.natural(), now,
                                                                             state.overrides.Unforced());
  return row;
}

PanelHoldout HoldoutRow(const State& state, const ruleset::Holdout& holdout) {
  PanelHoldout row;
  row.key = holdout.key;
  row.unit_kind = state.rules()->unit_kinds[holdout.unit];
  row.share = ShareOf(holdout.size, ruleset::kSlots);
  const UnitValue& unit = state.prepared->unit(holdout.unit);
  if (unit.state == UnitValue::State::kValid) {
    const char purpose = static_cast<char>(evaluation::Purpose::kHoldout);
    row.natural = evaluation::Slot(purpose, holdout.salt, unit.id) < holdout.size;
  }
  const auto index = static_cast<std::uint32_t>(&holdout - state.rules()->holdouts.data());
  const bool* forced = state.overrides.forced.FindHoldout(index);
  row.is_forced = forced != nullptr;
  row.is_held_out = forced != nullptr ? std::optional<bool>(*forced) : row.natural;
  return row;
}

// The part because of which all of it is not true; null: it is.
const evaluation::ExplainedCondition* Decider(const evaluation::ExplainedCondition& condition) {
  if (condition.decides) return &condition;
  for (const evaluation::ExplainedCondition& part : condition.of) {
    if (const evaluation::ExplainedCondition* found = Decider(part)) return found;
  }
  return nullptr;
}

std::string TextOf(const prompts::GateLine& line, const prompts::ExplainedGate& gate) {
  std::string text = line.text;
  if (text.empty() && gate.condition) {
    const evaluation::ExplainedCondition* decider = Decider(*gate.condition);
    text = decider == nullptr ? gate.condition->text : decider->text + ": " + evaluation::SeenText(*decider);
    if (text.empty()) text = "true";  // and too long to read
  }
  if (!line.note.empty()) text += (text.empty() ? "" : ", ") + line.note;
  return text;
}

PanelPrompt PromptRow(const prompts::PromptExplanation& explanation, bool is_protected) {
  PanelPrompt row;
  row.key = explanation.campaign;
  row.kind = explanation.content().kind;
  row.may_show = explanation.may_show();
  row.why = std::string(prompts::WhyName(explanation.why));
  row.is_forced = explanation.forcing != prompts::Forcing::kNone;
  row.natural_why = row.is_forced ? std::string(prompts::WhyName(explanation.natural)) : row.why;
  row.client_says = prompts::ClientText(explanation);
  for (const prompts::ExplainedGate& gate : explanation.gates) {
    const std::optional<prompts::GateLine> line = prompts::LineOf(explanation, gate);
    if (line) row.gates.push_back({line->name, TextOf(*line, gate), gate.result.passed, line->is_unknown});
  }
  if (!explanation.gates.empty() && explanation.next != ruleset::kNever) row.next_possible = explanation.next;
  row.needs_trigger = explanation.needs_trigger;
  row.shown = explanation.shown;
  row.is_on_screen = explanation.on_screen == explanation.campaign;
  row.is_held_out = explanation.is_held_out;
  row.is_protected = is_protected;
  return row;
}

bool IsPrivate(const State& state, const Context::Attribute& attribute) {
  const auto& names = state.inputs.private_attributes;
  return std::find(names.begin(), names.end(), attribute.name) != names.end();
}

std::vector<PanelAttribute> AttributeRows(const State& state) {
  std::vector<PanelAttribute> rows;
  const auto& forced = state.overrides.attributes;
  for (const Context::Attribute& attribute : state.context.attributes()) {
    PanelAttribute row;
    row.kind = attribute.kind;
    row.name = attribute.name;
    row.is_private = IsPrivate(state, attribute);
    if (!row.is_private) row.value = attribute.value;
    row.is_forced = row.kind.empty() && std::any_of(forced.begin(), forced.end(),
                                                    [&row](const auto& each) { return each.first == row.name; });
    rows.push_back(std::move(row));
  }
  return rows;
}

// Whether there is anything that may be forced by whoever holds the device.
Status MayForceHere(const State& state) {
  if (state.entitlement.is_free() || state.entitlement.token() != nullptr) return Status();
  return state.entitlement.MayForce(Override(), false);
}

template <class Rows>
void SortByKey(Rows* rows) {
  std::sort(rows->begin(), rows->end(), [](const auto& a, const auto& b) { return a.key < b.key; });
}

}  // namespace

PanelSnapshot Client::Impl::TakeSnapshot() const {
  PanelSnapshot out;
  out.status = status();
  out.problems = Problems();
  const Timestamp now = platform.clock->Now();
  const client::Pins::Pin pin = pins->Acquire();
  const State& state = *pin;
  out.time = state.At(now);
  out.clock_shift = state.shift();
  out.device_code = state.inputs.qa.device_code;
  if (state.inputs.qa.token != nullptr) {
    out.token = *state.inputs.qa.token;
    out.token->status = state.entitlement.token_status();
  }
  out.may_force = MayForceHere(state);
  out.is_anything_forced = state.is_anything_forced();
  out.overrides = ListOf(state);
  for (Override& each : out.overrides) {
    const bool is_private = each.kind == Override::Kind::kAttribute && IsPrivate(state, {"", each.key, Value()});
    if (is_private) each.natural_value = Value();
  }
  out.units = state.context.units();
  out.attributes = AttributeRows(state);
  for (const auto& unknown : state.overrides.unknown_flags) {
    out.flags.push_back(FlagRow(ExplanationOf(state, unknown.first), false));
  }
  const ruleset::Ruleset* rules = state.rules();
  if (rules == nullptr) return out;
  for (const ruleset::Flag& flag : rules->flags) {
    out.flags.push_back(FlagRow(ExplanationOf(state, flag.key), flag.is_protected));
  }
  SortByKey(&out.flags);
  for (const ruleset::Experiment& each : rules->experiments) {
    out.experiments.push_back(ExperimentRow(state, each, out.flags, now));
  }
  SortByKey(&out.experiments);
  for (const ruleset::Holdout& each : rules->holdouts) out.holdouts.push_back(HoldoutRow(state, each));
  SortByKey(&out.holdouts);
  for (const ruleset::Campaign& each : rules->campaigns) {
    if (prompter_ == nullptr) break;
    out.prompts.push_back(PromptRow(prompter_->Explain(each.key, false, LastFetch()), each.is_protected));
  }
  SortByKey(&out.prompts);
  return out;
}

std::uint64_t Client::Impl::PanelVersion() const noexcept {
  const std::uint64_t state = pins->Acquire()->sequence;
  const std::uint64_t notes = prompter_ == nullptr ? 0 : prompter_->notes_version();
  return state + notes + status_version_.load(std::memory_order_acquire);
}

// On the logic lane at once, so that the list of events knows before the ledger does.
void Client::Impl::TellFates() {
  if (delivery_ == nullptr) return;
  delivery_->SetToldFates([this](const std::vector<events::EventFate>& told) {
    for (const auto& watch : fates.All()) watch->Call(told);
  });
}

void Client::Impl::Refetch() {
  pump->PostLogic([self = weak()] {
    const auto impl = self.lock();
    if (impl != nullptr && impl->refresher_ != nullptr) impl->refresher_->Announced();
  });
}

void Client::Impl::Deliver() {
  delivery_->Commit([self = weak()] {
    const auto impl = self.lock();
    if (impl != nullptr && !impl->is_closed()) impl->delivery_->Deliver([] {});
  });
}

}  // namespace guidon
