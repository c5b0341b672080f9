// From an opportunity to its end; what comes from outside is in prompter_state.cpp.

#include "sdk/client/prompter.h"

#include <algorithm>
#include <utility>

#include "sdk/core/prompts/survey.h"
#include "sdk/core/prompts/triggered.h"

namespace guidon::client {
namespace {

using prompts::Why;
using What = PromptStep::What;

constexpr Duration kAskAgain = std::chrono::seconds(1);
constexpr Duration kSessionBreak = std::chrono::minutes(30);

}  // namespace

const ForcedPrompt* FindForced(const State& state, const ruleset::Campaign& campaign) {
  return state.overrides.FindPrompt(static_cast<std::uint32_t>(&campaign - state.rules()->campaigns.data()));
}

Prompter::Prompter(Ports ports)
    : ports_(std::move(ports)), active_at_ms_(ToMs(ports_.clock->Monotonic())), session_since_(Now()) {
  BeginSession(Now());
}

void Prompter::BeginSession(MonoTime at) {
  session_began_ = Time() - (Now() - at);
  session_line_ = Line();
  KeepSession();
  if (ports_.begin_session) ports_.begin_session(at);
}

// A correction of the time moves it with what was shown in it. A clock that was set back a little moves it, too: what
// is shown now is still of the session.
void Prompter::KeepSession() {
  const Duration moved = Line() - std::exchange(session_line_, Line());
  if (moved > SteadyTime::kJump || moved < -SteadyTime::kJump) session_began_ += moved;
  session_began_ = std::min(session_began_, Time());
  const PromptNotes::Writing noting(&notes_);
  notes_.session_began = session_began_;
}

void Prompter::Background() {
  ports_.lanes->PostLogic([self = weak_from_this(), at = Now()] {
    const auto prompter = self.lock();
    if (prompter == nullptr || prompter->away_since_) return;
    prompter->away_since_ = at;
    if (prompter->shown_) prompter->shown_->SetAway(true, at);
  });
  SetForeground(false);
}

void Prompter::Foreground() {
  ports_.lanes->PostLogic([self = weak_from_this(), at = Now()] {
    const auto prompter = self.lock();
    if (prompter == nullptr) return;
    const auto since = std::exchange(prompter->away_since_, std::nullopt);
    if (since && prompter->shown_) prompter->shown_->SetAway(false, at);
    if (!since || at - *since < kSessionBreak) return;
    prompter->BeginSession(at);
    prompter->session_since_ = at;
  });
  SetForeground(true);
}

Prompter::Look Prompter::Judge(const State& state, const ruleset::Campaign& campaign,
                               const evaluation::PreparedContext& prepared, const evaluation::LocalClock& clock,
                               std::string_view event, std::uint64_t trigger, bool is_busy) const {
  Look look;
  look.campaign = &campaign;
  look.at = state.At(Time());
  const evaluation::UnitValue& unit = prepared.unit(campaign.unit);
  if (unit.state == evaluation::UnitValue::State::kValid) {
    look.unit_kind = state.rules()->unit_kinds[campaign.unit];
    look.unit_id = std::string(unit.id);
  }
  const auto showings = showings_->Of(campaign.key);
  const prompts::Question question{*state.rules(),
                                   campaign,
                                   prepared,
                                   event,
                                   *showings,
                                   look.at,
                                   host_ ? &*host_ : nullptr,
                                   is_busy,
                                   &state.overrides.forced,
                                   &GroupsOf(state),
                                   &clock,
                                   session_began_,
                                   trigger};
  if (!event.empty()) {
    look.verdict = prompts::Consider(question);
    if (ports_.told && !look.verdict.may_show()) look.failed = prompts::FirstFailed(question);
    const ForcedPrompt* forced = FindForced(state, campaign);
    if (forced != nullptr && !forced->is_shown) look.verdict.why = Why::kForcedOff;
    return look;
  }
  // Forced: past all gates but what the host can draw, and has words for, and what QA wants to be kept. Those that fail
  // are asked all the same, for the slot.
  const ForcedPrompt* forced = FindForced(state, campaign);
  const bool keeps_caps = forced != nullptr && forced->keeps_caps;
  std::vector<prompts::GateResult> gates;
  look.verdict = prompts::Consider(question, &gates);
  look.verdict.why = Why::kMayShow;
  for (const prompts::GateResult& gate : gates) {
    if (gate.gate == prompts::Gate::kArm) look.verdict.slot = gate.slot;
    const bool is_about_content = gate.gate == prompts::Gate::kKind || gate.gate == prompts::Gate::kActions ||
                                  gate.gate == prompts::Gate::kQuestions || gate.gate == prompts::Gate::kTexts;
    const bool is_kept = is_about_content || (keeps_caps && prompts::IsAboutFrequency(gate.gate));
    if (is_kept && !gate.passed && look.verdict.may_show()) look.verdict.why = gate.why;
  }
  return look;
}

const std::vector<prompts::GroupShowings>& Prompter::GroupsOf(const State& state) const {
  if (groups_.datafile != state.inputs.datafile || groups_.showings != showings_) {
    groups_ = {state.inputs.datafile, showings_, prompts::ShowingsByGroup(*state.rules(), *showings_)};
  }
  return groups_.shown;
}

// True when what keeps it back is over while it is still timely: then it waits.
bool Prompter::AwaitTurn(const Look& look, MonoTime now, Opportunity* opportunity) const {
  if (opportunity->is_forced() || !prompts::PassesSoon(look.verdict.why)) return false;
  if (look.verdict.why == Why::kBusy) return true;  // whoever is done with the screen says so
  const Duration wait = look.verdict.passes_at - look.at;
  if (look.verdict.passes_at == ruleset::kNever || wait >= opportunity->until - now) return false;
  opportunity->ask_at = now + std::max(wait, Duration(1));
  return true;
}

// What is remembered may be newer than the State.
evaluation::Surroundings Prompter::SurroundingsOf(const State& state, Timestamp now) const {
  evaluation::Surroundings surroundings = client::SurroundingsOf(state.inputs, now, state.shift());
  surroundings.behavior = state.inputs.consent.Allows(Purpose::kPersonalization) ? behavior_.get() : nullptr;
  surroundings.session = memory_.session;
  return surroundings;
}

// With a null campaign when the rules in force have no such one.
Prompter::Look Prompter::LookAt(const State& state, const Opportunity& opportunity) const {
  const ruleset::Campaign* campaign =
      state.rules() == nullptr ? nullptr : state.rules()->FindCampaign(opportunity.campaign);
  Look look;
  look.verdict.why = Why::kUnknownCampaign;
  if (campaign == nullptr) return look;
  look.verdict.why = Why::kInvalid;
  if (!campaign->is_valid) return look;
  Context context = prompts::WithEvent(state.context, opportunity.properties);
  {
    const Timestamp now = state.At(Time());
    const evaluation::Surroundings surroundings = SurroundingsOf(state, Time());
    const evaluation::PreparedContext prepared(*state.rules(), context, surroundings, now);
    const evaluation::LocalClock clock(surroundings.utc_offset, now);
    look = Judge(state, *campaign, prepared, clock, opportunity.event, opportunity.trigger, false);
  }
  look.context = std::move(context);
  return look;
}

void Prompter::OnAccepted(const EventRecord& record) {
  if (record.kind == EventKind::kPrompt) {
    if (const auto answered = prompts::AnsweredEvent(record)) OnHappened(*answered);
  } else if (record.kind == EventKind::kTracked) {
    OnHappened(record);
  }
}

void Prompter::OnHappened(const EventRecord& record) {
  if (is_stopped_) return;
  const Pins::Pin pin = ports_.pins->Acquire();
  const ruleset::Ruleset* rules = pin->rules();
  if (rules == nullptr || !rules->IsTrigger(record.name)) return;
  {
    const PromptNotes::Writing noting(&notes_);
    notes_.events[record.name] = {record.properties, SteadyTime::Bounded(record.time) - (Wall() - Time())};
  }
  CancelBy(*rules, record.name);
  if (showings_ == nullptr || !pin->inputs.consent.Allows(Purpose::kFunctional)) return;
  const Context context = prompts::WithEvent(pin->context, record.properties);
  const Timestamp now = pin->At(Time());
  const evaluation::Surroundings surroundings = SurroundingsOf(*pin, Time());
  const evaluation::PreparedContext prepared(*rules, context, surroundings, now);
  const evaluation::LocalClock clock(surroundings.utc_offset, now);
  KeepSession();
  const Cause cause{record.name, 0, &record.properties, Now()};
  for (const std::uint32_t index : prompts::TriggeredBy(*rules, prepared, record.name)) {
    Open(*pin, rules->campaigns[index], prepared, clock, cause);
  }
  std::vector<prompts::Fired> completed;
  {
    TakeRules(*pin);
    const auto is_true = [&](std::uint32_t condition) {
      return prompts::IsTrue(*rules, prepared, now, &pin->overrides.forced, condition);
    };
    const PromptNotes::Writing noting(&notes_);
    notes_.watch.OnActivity(MonoTime(Duration(active_at_ms_)));
    notes_.watch.OnEvent(*rules, record.name, Now(), is_true, &completed);
  }
  OpenCompleted(*pin, std::move(completed), Now(), &record);
  AdvanceLater();
}

// Before anything is triggered by it.
void Prompter::CancelBy(const ruleset::Ruleset& rules, std::string_view event) {
  for (const ruleset::TriggerUse& use : *rules.FindTriggerUses(event)) {
    const std::string& campaign = rules.campaigns[use.campaign].key;
    if (use.trigger != ruleset::kNone || opportunities_.Find(campaign, false) == nullptr) continue;
    opportunities_.Remove(campaign, false);
    Say(campaign, Why::kCancelled, event);
    Tell(What::kDropped, campaign, Why::kCancelled);
  }
}

void Prompter::Open(const State& state, const ruleset::Campaign& campaign, const evaluation::PreparedContext& prepared,
                    const evaluation::LocalClock& clock, const Cause& cause) {
  // What happens again and again would otherwise put it off again and again.
  const Opportunity* waiting = campaign.delay > Duration(0) ? opportunities_.Find(campaign.key, false) : nullptr;
  if (waiting != nullptr && waiting->until > Now()) return;
  const Look look = Judge(state, campaign, prepared, clock, cause.name, cause.trigger, stage_ != Stage::kIdle);
  const bool is_delayed = campaign.delay > Duration(0);
  Opportunity opportunity;
  opportunity.campaign = campaign.key;
  opportunity.unit_id = look.unit_id;
  opportunity.event = cause.name;
  opportunity.trigger = cause.trigger;
  if (cause.properties != nullptr) opportunity.properties = *cause.properties;
  opportunity.priority = campaign.priority;
  opportunity.until = cause.since + campaign.delay + campaign.valid_for;
  if (!look.verdict.may_show() && !AwaitTurn(look, Now(), &opportunity)) {
    return Tell(What::kRefused, campaign.key, look.verdict.why, &look);
  }
  Tell(What::kOpened, campaign.key, look.verdict.why, &look);
  if (is_delayed) opportunity.ask_at = std::max(opportunity.ask_at, cause.since + campaign.delay);
  Say(campaign.key, is_delayed ? Why::kDelayed : look.verdict.why, {}, campaign.delay);
  const std::string dropped = opportunities_.Add(std::move(opportunity));
  if (dropped.empty()) return;
  Say(dropped, Why::kExpired);
  Tell(What::kDropped, dropped, Why::kExpired);
}

// Once for all events of a commit, so that the most important of what they trigger is offered first.
void Prompter::AdvanceLater() {
  if (std::exchange(advance_is_posted_, true)) return;
  ports_.lanes->PostLogic([self = weak_from_this()] {
    const auto prompter = self.lock();
    if (prompter == nullptr) return;
    prompter->advance_is_posted_ = false;
    prompter->Advance();
  });
}

void Prompter::Advance() {
  if (is_stopped_) return;
  const Pins::Pin pin = ports_.pins->Acquire();
  Watch(*pin, Now());
  DropStale(*pin, Now());
  const bool may_offer = seat_ != nullptr && host_ && showings_ != nullptr &&
                         pin->inputs.consent.Allows(Purpose::kFunctional) && pin->rules() != nullptr;
  while (may_offer && stage_ == Stage::kIdle && OfferNext(*pin, Now())) {
  }
  ArmTimer(*pin);
}

void Prompter::DropStale(const State& state, MonoTime now) {
  if (!state.inputs.consent.Allows(Purpose::kFunctional)) opportunities_.Clear();
  opportunities_.RemoveIf([&](const Opportunity& one) {
    if (one.is_forced()) return false;
    if (now >= one.until) {
      Say(one.campaign, Why::kExpired);
      Tell(What::kDropped, one.campaign, Why::kExpired);
      return true;
    }
    const ruleset::Campaign* campaign = state.rules() == nullptr ? nullptr : state.rules()->FindCampaign(one.campaign);
    return campaign == nullptr || !campaign->is_valid || state.prepared->unit(campaign->unit).id != one.unit_id;
  });
}

// True when the next one may be tried.
bool Prompter::OfferNext(const State& state, MonoTime now) {
  Opportunity* next = opportunities_.NextAt(now);
  if (next == nullptr) return false;
  const bool is_follower = ports_.is_follower && ports_.is_follower();
  if (is_follower || (!next->is_forced() && ports_.durability() < Durability::kProcess)) {
    Say(next->campaign, is_follower ? Why::kOtherProcess : Why::kStoreDown);
    next->ask_at = now + kAskAgain;
    return true;
  }
  const Look look = LookAt(state, *next);
  if (look.verdict.may_show()) {
    Ask(state, *next, look);
    return false;
  }
  Say(next->campaign, look.verdict.why);
  if (AwaitTurn(look, now, next)) {
    Tell(What::kWaits, next->campaign, look.verdict.why, &look);
    return true;
  }
  Tell(What::kDropped, next->campaign, look.verdict.why, &look);
  if (next->is_forced()) forced_shown_[next->campaign] = next->serial;
  opportunities_.Remove(std::string(next->campaign), next->is_forced());
  return true;
}

PromptStart Prompter::StartOf(const Opportunity& opportunity, const Look& look) const {
  PromptStart start;
  start.campaign = look.campaign;
  start.unit_kind = look.unit_kind;
  start.unit_id = look.unit_id;
  start.slot = look.verdict.slot;
  start.is_held_out = look.verdict.is_held_out;
  start.is_kept_out = look.verdict.is_kept_out;
  start.variant = look.verdict.variant;
  start.ordinal = opportunity.is_forced() ? opportunity.serial : showings_->Of(opportunity.campaign)->made + 1;
  start.began = asked_at_;
  start.began_mono = asked_at_mono_;
  start.trigger = opportunity.event;
  start.is_forced = opportunity.is_forced();
  return start;
}

void Prompter::Ask(const State& state, const Opportunity& opportunity, const Look& look) {
  offered_ = opportunity;
  asked_at_ = ports_.clock->Now();
  asked_at_mono_ = Now();
  stage_ = Stage::kAsking;
  shown_seat_ = seat_;
  ++turn_;
  const events::Fact begun = MakePromptFact(state, StartOf(opportunity, look));
  Prompt prompt =
      MakePrompt(*state.rules(), *look.campaign, look.variant(), look.context, begun, opportunity.is_forced());
  // The last thing done here: the host may do anything, such as close the client.
  seat_->Post([self = weak_from_this(), lanes = ports_.lanes, turn = turn_, prompt = std::move(prompt)](auto& host) {
    const Admission admission = host.MayPresent(prompt);
    lanes->PostLogic([self, turn, admission] {
      if (const auto prompter = self.lock()) prompter->OnAdmission(turn, admission);
    });
  });
}

void Prompter::OnAdmission(std::uint64_t turn, Admission admission) {
  if (is_stopped_ || turn != turn_ || stage_ != Stage::kAsking) return;
  stage_ = Stage::kIdle;
  ++turn_;
  AdvanceLater();
  // Meanwhile another event may have taken its place, or time or a State have ended it.
  const Pins::Pin pin = ports_.pins->Acquire();
  DropStale(*pin, Now());
  Opportunity* found = opportunities_.Find(offered_.campaign, offered_.is_forced());
  if (found == nullptr) return;
  if (admission == Admission::kLater) {
    Say(found->campaign, Why::kHostLater);
    Tell(What::kWaits, found->campaign, Why::kHostLater);
    found->ask_at = Now() + kAskAgain;
    return;
  }
  const Opportunity taken = *found;
  const Look look = LookAt(*pin, taken);
  const bool may_show = admission == Admission::kNow && showings_ != nullptr && look.verdict.may_show();
  Say(taken.campaign, admission == Admission::kNow ? look.verdict.why : Why::kHostNever);
  if (taken.is_forced()) forced_shown_[taken.campaign] = taken.serial;
  opportunities_.Remove(taken.campaign, taken.is_forced());
  if (may_show) return Reserve(*pin, taken, look);
  Tell(What::kDropped, taken.campaign, admission == Admission::kNow ? look.verdict.why : Why::kHostNever, &look);
}

void Prompter::Reserve(const State& state, const Opportunity& opportunity, const Look& look) {
  const PromptStart start = StartOf(opportunity, look);
  events::Fact begun = MakePromptFact(state, start);
  Prompt prompt =
      MakePrompt(*state.rules(), *look.campaign, look.variant(), look.context, begun, opportunity.is_forced());
  ShownPrompt::Ports ports;
  ports.presence = ports_.presence;
  const bool is_shifted = state.shift() != Duration(0) && !opportunity.is_forced();
  ports.append = is_shifted ? ShiftedAppender() : Appender();
  ports.track = [track = ports_.track, id = prompt.id](std::string_view event) { track(event, id); };
  ports.ended = [self = weak_from_this(), lanes = ports_.lanes, id = prompt.id] {
    lanes->PostLogic([self, id] {
      if (const auto prompter = self.lock()) prompter->OnEnded(id);
    });
  };
  ports.now = [clock = ports_.clock] { return clock->Monotonic(); };
  std::vector<std::string> tracks;
  for (const ruleset::PromptButton& button : look.variant().content.buttons) tracks.push_back(button.track);
  shown_ = std::make_shared<ShownPrompt>(std::move(prompt), std::move(tracks), std::move(begun), std::move(ports));
  if (away_since_) shown_->SetAway(true, *away_since_);
  stage_ = Stage::kReserving;
  may_hang_on_behavior_ = state.inputs.consent.Allows(Purpose::kPersonalization);
  told_.insert(shown_->prompt().id);
  if (!start.is_forced) {
    for (const prompts::HoldoutSide& side : look.verdict.holdouts) {
      (void)ports_.append(MakeHoldoutFact(state, start, side));
    }
  }
  if (!shown_->Begin()) {
    Say(opportunity.campaign, Why::kStoreDown);
    Tell(What::kDropped, opportunity.campaign, Why::kStoreDown);
    return Rest();
  }
  ports_.commit([self = weak_from_this(), turn = ++turn_] {
    if (const auto prompter = self.lock()) prompter->OnReserved(turn);
  });
}

void Prompter::OnReserved(std::uint64_t turn) {
  if (is_stopped_ || turn != turn_ || stage_ != Stage::kReserving) return;
  const std::string& campaign = shown_->prompt().campaign;
  const bool is_kept = ports_.durability() >= Durability::kProcess && showings_ != nullptr &&
                       showings_->Of(campaign)->Find(shown_->prompt().id) != nullptr;
  const Pins::Pin pin = ports_.pins->Acquire();
  if (!is_kept && !shown_->prompt().forced) {
    // Somebody else is here, and what is remembered of them has no such showing.
    const bool is_theirs = shown_->begun().scope == pin->inputs.scope;
    if (is_theirs) Say(campaign, Why::kStoreDown);
    Tell(What::kDropped, campaign, Why::kStoreDown);
    (void)shown_->Withdraw(is_theirs ? "store_down" : "retracted", !shown_->is_held_out());
    return AwaitEnd();
  }
  if (shown_->is_held_out()) {
    Tell(What::kHeldOut, campaign);
    return Rest();
  }
  if (shown_seat_ != seat_ || MustWithdraw(*pin)) {
    (void)shown_->Withdraw("retracted");
    return AwaitEnd();
  }
  Present();
}

void Prompter::Present() {
  stage_ = Stage::kShowing;
  ++turn_;
  {
    const PromptNotes::Writing noting(&notes_);
    notes_.on_screen = shown_->prompt().campaign;
  }
  Tell(What::kShown, shown_->prompt().campaign);
  // Whoever drops the call drops the lease, which then says so.
  auto lease = std::make_shared<PromptLease>(ReceiverOf(shown_));
  seat_->Post([shown = shown_, lease](PromptHost& host) { host.Present(shown->prompt(), std::move(*lease)); });
}

void Prompter::OnEnded(std::string_view prompt) {
  if (is_stopped_ || stage_ != Stage::kShowing || shown_->prompt().id != prompt) return;
  AwaitEnd();
}

// What is next is asked for once the gates know of this one's end.
void Prompter::AwaitEnd() {
  stage_ = Stage::kEnding;
  ports_.commit([self = weak_from_this(), turn = ++turn_] {
    const auto prompter = self.lock();
    if (prompter != nullptr && prompter->turn_ == turn) prompter->Rest();
  });
}

void Prompter::Rest() {
  stage_ = Stage::kIdle;
  ++turn_;
  shown_.reset();
  shown_seat_.reset();
  {
    const PromptNotes::Writing noting(&notes_);
    notes_.on_screen.clear();
  }
  AdvanceLater();
}

void Prompter::ArmTimer(const State& state) {
  const MonoTime next = std::min(opportunities_.NextMoment(Now()), NextWatched(state));
  if (next >= timer_) return;
  timer_ = next;
  ports_.lanes->PostLogicAt(next, [self = weak_from_this(), next] {
    const auto prompter = self.lock();
    if (prompter == nullptr) return;
    if (prompter->timer_ == next) prompter->timer_ = MonoTime::max();
    prompter->Advance();
  });
}

void Prompter::Say(std::string_view campaign, Why why, std::string_view event, Duration delay) {
  const Timestamp now = Time();
  const PromptNotes::Writing noting(&notes_);
  notes_.said[std::string(campaign)] = {why, now, std::string(event),
                                        why == Why::kDelayed ? now + delay : ruleset::kNever};
}

void Prompter::Tell(What what, std::string_view campaign, Why why, const Look* look) const {
  if (!ports_.told) return;
  ports_.told({what, campaign, why, look != nullptr && look->failed ? &*look->failed : nullptr});
}

}  // namespace guidon::client
