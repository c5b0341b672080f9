#include "sdk/core/prompts/trigger_watch.h"

#include <algorithm>
#include <utility>

namespace guidon::prompts {

using ruleset::Ruleset;
using ruleset::Trigger;
using ruleset::TriggerKind;

namespace {

const Trigger& TriggerOf(const Ruleset& rules, const ruleset::TriggerUse& use) {
  return rules.campaigns[use.campaign].triggers[use.trigger];
}

bool IsWithin(MonoTime since, MonoTime now, Duration time) noexcept {
  return since != MonoTime::min() && now - since <= time;
}

}  // namespace

void TriggerWatch::TakeRules(const Ruleset& rules) {
  std::vector<State> before = std::exchange(states_, {});
  const std::vector<std::string> campaigns_before = std::exchange(campaigns_, {});
  for (const ruleset::TriggerUse& use : rules.watched) {
    State& state = states_.emplace_back();
    campaigns_.push_back(rules.campaigns[use.campaign].key);
    state.id = TriggerOf(rules, use).id;
    state.at.fill(kNotYet);
    // Both are in the order of the campaigns' keys.
    const auto [from, to] = std::equal_range(campaigns_before.begin(), campaigns_before.end(), campaigns_.back());
    for (auto at = from; at != to; ++at) {
      const State& known = before[static_cast<std::size_t>(at - campaigns_before.begin())];
      if (known.id == state.id) state = known;
    }
  }
}

// True when it was the last step, in time.
bool TriggerWatch::TakeThen(const Trigger& trigger, std::uint32_t step, MonoTime now, State* state) const {
  if (step == 0) {
    state->at[0] = now;
    return false;
  }
  const MonoTime began = state->at[step - 1];
  if (!IsWithin(began, now, trigger.time)) return false;
  if (step + 1 == trigger.steps.size()) return true;
  state->at[step] = std::max(state->at[step], began);
  return false;
}

bool TriggerWatch::TakeAll(const Trigger& trigger, std::uint32_t step, MonoTime now, State* state) const {
  state->at[step] = now;
  for (std::size_t i = 0; i < trigger.steps.size(); ++i) {
    if (!IsWithin(state->at[i], now, trigger.time)) return false;
  }
  return true;
}

void TriggerWatch::OnEvent(const Ruleset& rules, std::string_view event, MonoTime now, const IsTrue& is_true,
                           std::vector<Fired>* fired) {
  OnTime(rules, now, fired);
  OnActivity(now);
  const std::vector<ruleset::TriggerUse>* uses = rules.FindTriggerUses(event);
  if (uses == nullptr) return;
  // From the last step to the first, so that one event is not two steps of a sequence, and what an event must not
  // follow begins behind it.
  std::uint32_t done = ruleset::kNone;  // of Ruleset::watched: fired by this event
  for (auto use = uses->rbegin(); use != uses->rend(); ++use) {
    if (use->trigger == ruleset::kNone) continue;
    const Trigger& trigger = TriggerOf(rules, *use);
    if (trigger.watch == ruleset::kNone || trigger.watch == done) continue;
    const std::uint32_t condition = trigger.steps[use->step].condition;
    if (condition != ruleset::kNone && !is_true(condition)) continue;
    State& state = states_[trigger.watch];
    bool fires = false;
    switch (trigger.kind) {
      case TriggerKind::kThen: fires = TakeThen(trigger, use->step, now, &state); break;
      case TriggerKind::kAll: fires = TakeAll(trigger, use->step, now, &state); break;
      case TriggerKind::kAbsent:
        if (use->step == 1) state.at[0] = kNotYet;
        if (use->step == 0 && state.at[0] == kNotYet) state.at[0] = now;
        break;
      default: break;
    }
    if (!fires) continue;
    fired->push_back({use->campaign, use->trigger});
    state.at.fill(kNotYet);
    done = trigger.watch;
  }
}

MonoTime TriggerWatch::DueAt(const Trigger& trigger, const State& state) const {
  switch (trigger.kind) {
    case TriggerKind::kAbsent: return state.at[0] == kNotYet ? MonoTime::max() : state.at[0] + trigger.time;
    case TriggerKind::kScreen:
      if (!is_foreground_ || screen_ != trigger.screen || state.at[0] == screen_since_) break;
      return screen_since_ + trigger.time;
    case TriggerKind::kIdle:
      if (!is_foreground_ || active_since_ == kNotYet || state.at[0] == active_since_) break;
      return active_since_ + trigger.time;
    default: break;
  }
  return MonoTime::max();
}

void TriggerWatch::OnTime(const Ruleset& rules, MonoTime now, std::vector<Fired>* fired) {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const ruleset::TriggerUse& use = rules.watched[i];
    const Trigger& trigger = TriggerOf(rules, use);
    if (now < DueAt(trigger, states_[i])) continue;
    fired->push_back({use.campaign, use.trigger});
    states_[i].at.fill(kNotYet);
    if (trigger.kind == TriggerKind::kScreen) states_[i].at[0] = screen_since_;
    if (trigger.kind == TriggerKind::kIdle) states_[i].at[0] = active_since_;
  }
}

void TriggerWatch::OnSession(const Ruleset& rules, std::vector<Fired>* fired) const {
  for (const ruleset::TriggerUse& use : rules.watched) {
    if (TriggerOf(rules, use).kind == TriggerKind::kSessionStart) fired->push_back({use.campaign, use.trigger});
  }
}

void TriggerWatch::OnActivity(MonoTime when) { active_since_ = std::max(active_since_, when); }

void TriggerWatch::SetScreen(std::string_view name, MonoTime now) {
  OnActivity(now);
  if (name == screen_) return;
  screen_ = std::string(name);
  screen_since_ = now;
}

void TriggerWatch::SetForeground(bool is_foreground, MonoTime now) {
  if (is_foreground && !is_foreground_) screen_since_ = active_since_ = now;
  is_foreground_ = is_foreground;
}

void TriggerWatch::Forget(MonoTime now) {
  for (State& state : states_) state.at.fill(kNotYet);
  screen_since_ = active_since_ = now;
}

MonoTime TriggerWatch::NextMoment(const Ruleset& rules) const {
  MonoTime next = MonoTime::max();
  for (std::size_t i = 0; i < states_.size(); ++i) {
    next = std::min(next, DueAt(TriggerOf(rules, rules.watched[i]), states_[i]));
  }
  return next;
}

bool TriggerWatch::AwaitsActivity(const Ruleset& rules) const {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const bool is_idle = TriggerOf(rules, rules.watched[i]).kind == TriggerKind::kIdle;
    if (is_idle && states_[i].at[0] == active_since_) return true;
  }
  return false;
}

TriggerWatch::Progress TriggerWatch::ProgressOf(const Trigger& trigger, MonoTime now) const {
  Progress progress;
  if (trigger.watch >= states_.size() || states_[trigger.watch].id != trigger.id) return progress;
  const State& state = states_[trigger.watch];
  progress.until = DueAt(trigger, state);
  if (trigger.kind == TriggerKind::kAbsent) progress.done = state.at[0] == kNotYet ? 0 : 1;
  if (trigger.kind != TriggerKind::kThen && trigger.kind != TriggerKind::kAll) return progress;
  MonoTime began = MonoTime::max();
  for (std::size_t i = 0; i < trigger.steps.size(); ++i) {
    if (!IsWithin(state.at[i], now, trigger.time)) continue;
    began = trigger.kind == TriggerKind::kThen ? state.at[i] : std::min(began, state.at[i]);
    progress.done = trigger.kind == TriggerKind::kThen ? i + 1 : progress.done + 1;
  }
  if (progress.done > 0) progress.until = began + trigger.time;
  return progress;
}

}  // namespace guidon::prompts
