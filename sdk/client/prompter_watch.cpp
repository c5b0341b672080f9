// Triggers that take more than an event: what happened goes into the watch, and what it completes becomes an
// opportunity.

#include <algorithm>
#include <utility>

#include "guidon/limits.h"
#include "sdk/client/prompter.h"
#include "sdk/core/prompts/triggered.h"

namespace guidon::client {

using prompts::Fired;
using prompts::Why;

namespace {

MonoTime MonoFromMs(std::int64_t ms) { return MonoTime(Duration(ms)); }

}  // namespace

void Prompter::NoteActivity() {
  const MonoTime now = Now();
  active_at_ms_ = ToMs(now);
  if (!awaits_activity_ || !awaits_activity_.exchange(false)) return;
  ChangeWatch(now, [](prompts::TriggerWatch*) {});
}

// On the logic lane, then looks what follows. It may come there late, so time fires only what it did up to `when`.
template <class Change>
void Prompter::ChangeWatch(MonoTime when, Change change) {
  ports_.lanes->PostLogic([self = weak_from_this(), when, change = std::move(change)] {
    const auto prompter = self.lock();
    if (prompter == nullptr || prompter->is_stopped_) return;
    {
      const Pins::Pin pin = prompter->ports_.pins->Acquire();
      prompter->Watch(*pin, when);
      const PromptNotes::Writing noting(&prompter->notes_);
      change(&prompter->notes_.watch);
    }
    prompter->Advance();
  });
}

void Prompter::SetScreen(std::string_view name) {
  const MonoTime now = Now();
  active_at_ms_ = ToMs(now);
  ChangeWatch(now, [name = std::string(name.substr(0, limits::kKeyBytes)), now](prompts::TriggerWatch* watch) {
    watch->SetScreen(name, now);
  });
}

void Prompter::SetForeground(bool is_foreground) {
  const MonoTime now = Now();
  if (is_foreground) active_at_ms_ = ToMs(now);
  ChangeWatch(now, [is_foreground, now](prompts::TriggerWatch* watch) { watch->SetForeground(is_foreground, now); });
}

void Prompter::TakeRules(const State& state) {
  const auto& datafile = state.inputs.datafile;
  if (datafile == nullptr || (!watched_.owner_before(datafile) && !datafile.owner_before(watched_))) return;
  watched_ = datafile;
  const PromptNotes::Writing noting(&notes_);
  notes_.watch.TakeRules(*datafile->rules);
}

// `record`: the event that did it; null: time.
void Prompter::OpenCompleted(const State& state, std::vector<Fired> fired, MonoTime since, const EventRecord* record) {
  if (fired.empty()) return;
  const ruleset::Ruleset& rules = *state.rules();
  const std::vector<std::pair<std::string, Value>> none;
  const auto& properties = record == nullptr ? none : record->properties;
  const Context context = prompts::WithEvent(state.context, properties);
  const Timestamp now = state.At(Time());
  const evaluation::Surroundings surroundings = SurroundingsOf(state, Time());
  const evaluation::PreparedContext prepared(rules, context, surroundings, now);
  const evaluation::LocalClock clock(surroundings.utc_offset, now);
  prompts::PutInOrder(rules, prepared, &fired);
  for (const Fired& each : fired) {
    const ruleset::Campaign& campaign = rules.campaigns[each.campaign];
    const ruleset::Trigger& trigger = campaign.triggers[each.trigger];
    {
      const Timestamp when = Time() - (Now() - since);
      const PromptNotes::Writing noting(&notes_);
      notes_.completed[campaign.key] = {trigger.name(), properties, when, trigger.id};
    }
    Open(state, campaign, prepared, clock, {trigger.name(), trigger.id, &properties, since});
  }
}

// What time alone completes. Without consent, or while nothing is known of who is here, it starts nothing; a session
// waits for that as long as its campaigns are timely.
void Prompter::Watch(const State& state, MonoTime now) {
  const ruleset::Ruleset* rules = state.rules();
  if (rules == nullptr || rules->watched.empty()) return;
  TakeRules(state);
  const bool may_open = showings_ != nullptr && state.inputs.consent.Allows(Purpose::kFunctional);
  std::vector<Fired> fired;
  std::vector<Fired> of_session;
  {
    const PromptNotes::Writing noting(&notes_);
    prompts::TriggerWatch& watch = notes_.watch;
    watch.OnActivity(MonoFromMs(active_at_ms_));
    watch.OnTime(*rules, now, &fired);
    awaits_activity_ = watch.AwaitsActivity(*rules);
    // It may have come just now, and nobody was told.
    if (awaits_activity_) watch.OnActivity(MonoFromMs(active_at_ms_));
    if (may_open && session_since_) watch.OnSession(*rules, &of_session);
  }
  if (!may_open) return;
  OpenCompleted(state, std::move(fired), now, nullptr);
  if (session_since_)
    OpenCompleted(state, std::move(of_session), *std::exchange(session_since_, std::nullopt), nullptr);
}

void Prompter::ForgetHalfWay() {
  const PromptNotes::Writing noting(&notes_);
  notes_.watch.Forget(Now());
  notes_.completed.clear();
}

MonoTime Prompter::NextWatched(const State& state) const {
  const ruleset::Ruleset* rules = state.rules();
  if (rules == nullptr || rules->watched.empty()) return MonoTime::max();
  const std::lock_guard<std::mutex> lock(notes_.mutex);
  return notes_.watch.NextMoment(*rules);
}

}  // namespace guidon::client
