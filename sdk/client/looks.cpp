#include "sdk/client/looks.h"

#include <optional>
#include <string>

#include "guidon/limits.h"
#include "sdk/core/evaluation/looks.h"
#include "sdk/core/prompts/survey.h"
#include "sdk/core/prompts/triggered.h"
#include "sdk/events/event.h"

namespace guidon::client {
namespace {

bool HasCounts(const State& state, std::string_view event) {
  return state.rules() != nullptr && state.rules()->CountsOf(event).first != nullptr;
}

class Carried {
 public:
  void Add(std::string_view name, const Value& value) {
    if (room_ == 0 || !events::MayBeProperty(name, value)) return;
    --room_;
    context_.SetFor(ruleset::kEventKind, std::string(name), value);
  }
  const Context& context() const noexcept { return context_; }

 private:
  Context context_;
  std::size_t room_ = limits::kEventProperties;
};

}  // namespace

std::vector<behavior::Look> LooksAt(const State& state, std::string_view event, const Properties& properties) {
  if (!HasCounts(state, event)) return {};
  Carried carried;
  for (const Property& property : properties) carried.Add(property.name, property.value);
  return evaluation::LookAt(*state.rules(), event, carried.context());
}

std::vector<behavior::Look> LooksAt(const State& state, const events::Fact& fact) {
  if (fact.kind == EventKind::kTracked) {
    if (!HasCounts(state, fact.name)) return {};
    Carried carried;
    for (const auto& [name, value] : fact.properties) carried.Add(name, value);
    return evaluation::LookAt(*state.rules(), fact.name, carried.context());
  }
  const bool is_answer = fact.prompt && fact.prompt->what == prompts::What::kAnswer;
  if (!is_answer || !HasCounts(state, prompts::kAnsweredEvent)) return {};
  events::Event event;
  event.fact = fact;
  const std::optional<EventRecord> answered = prompts::AnsweredEvent(events::ToRecord(event));
  if (!answered) return {};
  return evaluation::LookAt(*state.rules(), answered->name, prompts::WithEvent(Context(), answered->properties));
}

}  // namespace guidon::client
