// What comes to the prompter from outside: States, hosts, and what the device remembers.

#include <algorithm>
#include <utility>

#include "guidon/limits.h"
#include "sdk/client/prompter.h"

namespace guidon::client {
namespace {

constexpr std::size_t kShiftedSteps = 1'000;

}  // namespace

void Prompter::SetHost(PromptHost* host, Executor* executor) {
  std::shared_ptr<HostSeat> seat;
  if (host != nullptr && !is_stopped_) seat = std::make_shared<HostSeat>(host, executor);
  {
    const std::lock_guard<std::mutex> lock(seat_mutex_);
    set_seat_.swap(seat);
  }
  if (seat != nullptr) seat->Mute();
  ports_.lanes->PostLogic([self = weak_from_this()] {
    if (const auto prompter = self.lock()) prompter->OnSeat();
  });
}

std::shared_ptr<HostSeat> Prompter::set_seat() const {
  const std::lock_guard<std::mutex> lock(seat_mutex_);
  return set_seat_;
}

void Prompter::MuteUntil(std::chrono::steady_clock::time_point deadline) {
  if (const auto seat = set_seat()) seat->MuteUntil(deadline);
}

bool Prompter::IsCallingHere() const {
  const auto seat = set_seat();
  return seat != nullptr && seat->IsCallingHere();
}

void Prompter::OnSeat() {
  auto seat = set_seat();
  if (is_stopped_ || seat == seat_) return;
  seat_ = std::move(seat);
  host_.reset();
  {
    const PromptNotes::Writing noting(&notes_);
    notes_.has_host = seat_ != nullptr;
    notes_.host.reset();
  }
  if (stage_ == Stage::kAsking) Rest();
  // The one before has got up, so there is no calling it; what it draws it takes down itself.
  if (stage_ == Stage::kShowing && shown_->Withdraw("retracted")) AwaitEnd();
  if (seat_ == nullptr) return;
  seat_->Post([self = weak_from_this(), lanes = ports_.lanes, of = seat_.get()](PromptHost& host) {
    lanes->PostLogic([self, of, able = prompts::HostAbilities{host.Kinds(), host.Actions(), host.Questions()}] {
      const auto prompter = self.lock();
      if (prompter == nullptr || prompter->seat_.get() != of) return;
      prompter->host_ = able;
      {
        const PromptNotes::Writing noting(&prompter->notes_);
        prompter->notes_.host = able;
      }
      prompter->AdvanceLater();
    });
  });
}

void Prompter::StateChanged() {
  if (state_is_posted_.exchange(true)) return;
  ports_.lanes->PostLogic([self = weak_from_this()] {
    const auto prompter = self.lock();
    if (prompter == nullptr) return;
    prompter->state_is_posted_ = false;
    prompter->OnState();
  });
}

void Prompter::OnState() {
  if (is_stopped_) return;
  const Pins::Pin pin = ports_.pins->Acquire();
  if (std::exchange(identity_, pin->inputs.identity) != pin->inputs.identity) {
    opportunities_.RemoveIf([](const Opportunity& one) { return !one.is_forced(); });
    ForgetHalfWay();
  }
  UseMemory(*pin);
  // What is being reserved looks by itself before it is presented.
  if (stage_ == Stage::kShowing && MustWithdraw(*pin)) {
    Withdraw(pin->inputs.consent.Allows(Purpose::kFunctional));
  }
  TakeForced(*pin);
  ForgetNotes(*pin);
  AdvanceLater();
}

bool Prompter::MustWithdraw(const State& state) const {
  if (!state.inputs.consent.Allows(Purpose::kFunctional) || state.rules() == nullptr) return true;
  const ruleset::Ruleset& rules = *state.rules();
  const ruleset::Campaign* campaign = rules.FindCampaign(shown_->prompt().campaign);
  if (campaign == nullptr || !campaign->is_valid) return true;
  const events::Fact& begun = shown_->begun();
  if (begun.scope != state.inputs.scope) return true;
  const evaluation::UnitValue& unit = state.prepared->unit(campaign->unit);
  if (unit.state != evaluation::UnitValue::State::kValid) {
    if (!begun.unit_kind.empty()) return true;
  } else if (rules.unit_kinds[campaign->unit] != begun.unit_kind || unit.id != begun.unit_id) {
    return true;
  }
  if (shown_->prompt().forced) return false;
  const ForcedPrompt* forced = FindForced(state, *campaign);
  const bool is_forced_off = forced != nullptr && !forced->is_shown;
  const bool may_fit = state.inputs.consent.Allows(Purpose::kPersonalization);
  if (may_hang_on_behavior_ && !may_fit && HangsOnBehavior(state)) return true;
  const bool is_over = state.At(Time()) >= state.prepared->When(campaign->ends_at);
  return campaign->status != ruleset::CampaignStatus::kRunning || is_over || is_forced_off;
}

// What is shown would not be, behavior being unknown.
bool Prompter::HangsOnBehavior(const State& state) const {
  return showings_ != nullptr && LookAt(state, offered_).verdict.why == prompts::Why::kUnknown;
}

void Prompter::Withdraw(bool is_told) {
  if (!shown_->Withdraw("retracted", is_told)) return;
  const auto seat = seat_;
  std::string id = shown_->prompt().id;
  AwaitEnd();
  seat->Post([id = std::move(id)](PromptHost& host) { host.Retract(id); });
}

void Prompter::TakeForced(const State& state) {
  const auto wanted = [&state](std::string_view campaign) -> const ForcedPrompt* {
    const ruleset::Campaign* found = state.rules() == nullptr ? nullptr : state.rules()->FindCampaign(campaign);
    return found == nullptr ? nullptr : FindForced(state, *found);
  };
  opportunities_.RemoveIf([&](const Opportunity& one) {
    if (!one.is_forced()) return false;
    const ForcedPrompt* forced = wanted(one.campaign);
    return forced == nullptr || !forced->is_shown;
  });
  for (const ForcedPrompt& forced : state.overrides.prompts) {
    const std::string& campaign = state.rules()->campaigns[forced.campaign].key;
    if (!forced.is_shown || forced.serial <= forced_shown_[campaign]) continue;
    const Opportunity* waiting = opportunities_.Find(campaign, true);
    if (waiting != nullptr && waiting->serial >= forced.serial) continue;
    Opportunity opportunity;
    opportunity.campaign = campaign;
    opportunity.serial = forced.serial;
    (void)opportunities_.Add(std::move(opportunity));
  }
}

// What is known of other datafiles' campaigns and triggers would only grow.
void Prompter::ForgetNotes(const State& state) {
  const ruleset::Ruleset* rules = state.rules();
  if (rules == nullptr) return;
  const PromptNotes::Writing noting(&notes_);
  for (auto at = notes_.events.begin(); at != notes_.events.end();) {
    at = rules->IsTrigger(at->first) ? std::next(at) : notes_.events.erase(at);
  }
  for (auto at = notes_.said.begin(); at != notes_.said.end();) {
    at = rules->FindCampaign(at->first) != nullptr ? std::next(at) : notes_.said.erase(at);
  }
  for (auto at = notes_.completed.begin(); at != notes_.completed.end();) {
    at = rules->FindCampaign(at->first) != nullptr ? std::next(at) : notes_.completed.erase(at);
  }
  for (auto at = forced_shown_.begin(); at != forced_shown_.end();) {
    at = rules->FindCampaign(at->first) != nullptr ? std::next(at) : forced_shown_.erase(at);
  }
}

void Prompter::OnMemory(const events::Memory& memory) {
  if (is_stopped_) return;
  memory_ = memory;
  KeepSession();
  if (memory_.scopes == nullptr) {
    // Nobody is there any more who could be told what became of it.
    opportunities_.Clear();
    ForgetHalfWay();
    if (stage_ == Stage::kShowing) Withdraw(false);
  }
  UseMemory(*ports_.pins->Acquire());
  AdvanceLater();
}

// Until the last change of identity is in what is remembered, nothing is known of the one that is here.
void Prompter::UseMemory(const State& state) {
  const bool is_current = memory_.identity >= state.inputs.identity;
  const events::Remembered* remembered = is_current ? memory_.Of(state.inputs.scope) : nullptr;
  const bool may_fit = state.inputs.consent.Allows(Purpose::kPersonalization);
  auto showings = WithShifted(state, remembered == nullptr ? nullptr : remembered->showings);
  const bool is_other = showings != showings_;
  behavior_ = remembered == nullptr || !may_fit ? nullptr : remembered->behavior;
  showings_ = std::move(showings);
  if (is_other && showings_ != nullptr) TellLeftOpen();
  const PromptNotes::Writing noting(&notes_);
  notes_.behavior = behavior_;
  notes_.session = memory_.session;
  notes_.showings = showings_;
}

// While the clock is forced, what is shown counts at the forced time, for as long as it is.
std::shared_ptr<const prompts::Showings> Prompter::WithShifted(const State& state,
                                                               std::shared_ptr<const prompts::Showings> real) {
  const bool is_theirs = shifted_.scope == state.inputs.scope;
  if (real == nullptr || state.shift() == Duration(0) || !is_theirs) shifted_ = {};
  shifted_.scope = state.inputs.scope;
  if (real == nullptr || shifted_.steps.empty()) return real;
  if (shifted_.real != real) {
    auto both = std::make_shared<prompts::Showings>(*real);
    for (const prompts::Step& step : shifted_.steps) (void)both->Fold(step);
    shifted_.real = std::move(real);
    shifted_.both = std::move(both);
  }
  return shifted_.both;
}

void Prompter::FoldShifted(prompts::Step step) {
  const Pins::Pin pin = ports_.pins->Acquire();
  if (is_stopped_ || pin->shift() == Duration(0) || showings_ == nullptr) return;
  step.when = pin->At(Time());
  shifted_.steps.push_back(std::move(step));
  if (shifted_.steps.size() > kShiftedSteps) shifted_.steps.erase(shifted_.steps.begin());
  shifted_.real.reset();
  UseMemory(*pin);
}

std::function<bool(events::Fact)> Prompter::ShiftedAppender() {
  return [append = Appender(), self = weak_from_this(), lanes = ports_.lanes](events::Fact fact) {
    prompts::Step step;
    step.what = fact.prompt->what;
    step.campaign = fact.name;
    step.prompt = fact.prompt->id;
    step.is_held_out = fact.variant == ruleset::kHeldOutArm;
    step.snooze = fact.prompt->snooze;
    lanes->PostLogic([self, step = std::move(step)] {
      if (const auto prompter = self.lock()) prompter->FoldShifted(step);
    });
    return append(std::move(fact));
  };
}

std::function<bool(events::Fact)> Prompter::Appender() const {
  return [clock = ports_.clock, append = ports_.append](events::Fact fact) {
    if (fact.prompt->what != prompts::What::kExposure) {
      fact.wall = clock->Now();
      fact.mono = clock->Monotonic();
    }
    return append(std::move(fact));
  };
}

// Showings that an earlier process began and did not end: what became of them nobody will say.
void Prompter::TellLeftOpen() {
  if (ports_.is_follower && ports_.is_follower()) return;  // it may be on the other process's screen
  const Pins::Pin pin = ports_.pins->Acquire();
  std::set<std::string, std::less<>> still_open;
  for (const auto& [campaign, showings] : showings_->all()) {
    std::uint64_t ordinal = showings->made - std::min<std::uint64_t>(showings->made, showings->list.size());
    for (const prompts::Showing& showing : showings->list) {
      ++ordinal;
      if (!showing.is_open()) continue;
      if (told_.count(showing.prompt) == 0) {
        events::Fact fact = LeftOpenFact(*pin, campaign);
        fact.prompt->id = showing.prompt;
        fact.prompt->ordinal = ordinal;
        fact.wall = ports_.clock->Now();
        fact.mono = Now();
        if (!ports_.append(std::move(fact))) continue;
      }
      still_open.insert(showing.prompt);
    }
  }
  if (shown_ != nullptr) still_open.insert(shown_->prompt().id);
  told_ = std::move(still_open);
}

events::Fact Prompter::LeftOpenFact(const State& state, const std::string& campaign) const {
  const ruleset::Ruleset* rules = state.rules();
  const ruleset::Campaign* known = rules == nullptr ? nullptr : rules->FindCampaign(campaign);
  events::Fact fact = MakeFact(state, state.context, Timestamp(), MonoTime());
  fact.kind = EventKind::kPrompt;
  fact.name = campaign;
  fact.variant = ruleset::kPromptArm;
  fact.unit_kind = "device";
  fact.unit_id = state.inputs.install_id;
  if (known != nullptr && known->is_valid) {
    const std::string* id = state.context.FindUnit(rules->unit_kinds[known->unit]);
    if (id != nullptr) {
      fact.unit_kind = rules->unit_kinds[known->unit];
      fact.unit_id = *id;
    }
    if (known->has_variants()) {
      fact.variant = known->variants[known->VariantAt(prompts::ContentSlot(*known, fact.unit_id))].name;
    }
    fact.iteration = known->iteration;
  }
  fact.is_urgent = true;
  fact.prompt.emplace().what = prompts::What::kUnknown;
  return fact;
}

}  // namespace guidon::client
