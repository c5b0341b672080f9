// Shows prompts: from an event that was accepted to a host that draws, and no further without a durable record of it.
//
//   event → opportunity → the gates → the host admits → reserved (a fact, committed) → presented, or held out
//
// One prompt at a time; what loses its turn waits while it is timely, and the gates are asked again each time. Whatever
// can fail on the way fails to the quiet side: what cannot be remembered is not shown.
//
// Lives on the logic lane but for what says otherwise. Calls the host through its seat, never under a lock.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/client.h"
#include "guidon/ports/clock.h"
#include "sdk/client/host_seat.h"
#include "sdk/client/opportunities.h"
#include "sdk/client/pins.h"
#include "sdk/client/presence.h"
#include "sdk/client/prompt_notes.h"
#include "sdk/client/shown_prompt.h"
#include "sdk/client/state.h"
#include "sdk/core/base/lanes.h"
#include "sdk/core/base/steady_time.h"
#include "sdk/core/prompts/consider.h"
#include "sdk/events/delivery.h"

namespace guidon::client {

// What QA wants of a campaign, one of the State's rules; null for nothing.
const ForcedPrompt* FindForced(const State& state, const ruleset::Campaign& campaign);

// What became of a campaign that was triggered, for whoever watches (`guidon simulate`). From kOpened to one of the
// ends it waits; when it opens again meanwhile the newer one takes the other's place.
struct PromptStep {
  enum class What : std::uint8_t {
    kOpened,   // it waits for its turn; `why`: what keeps it so far, kMayShow for nothing
    kWaits,    // its turn came, and `why` keeps it
    kDropped,  // the end: for `why`
    kRefused,  // it does not even wait, for `why`; what waits since before goes on doing so
    kHeldOut,  // the end: the others see it here
    kShown,    // the end: the host is asked to draw it
  };
  What what = What::kOpened;
  std::string_view campaign;
  prompts::Why why = prompts::Why::kMayShow;
  const prompts::GateResult* gate = nullptr;  // that did not pass; null where it was none
};

class Prompter : public std::enable_shared_from_this<Prompter> {
 public:
  // All functions may be called from any thread, also when the client is gone.
  struct Ports {
    std::shared_ptr<Clock> clock;
    std::shared_ptr<Lanes> lanes;
    std::shared_ptr<Pins> pins;
    std::function<Timestamp()> time;                    // that caps, waits and schedules go by; null: the clock's
    std::function<void(MonoTime began)> begin_session;  // what is told from then on is of it; null: nobody cares
    std::function<bool(events::Fact fact)> append;
    std::function<void(std::string_view event, const std::string& prompt)> track;  // as the app would
    std::function<void(std::function<void()> done)> commit;                        // `done` on the logic lane
    std::function<Durability()> durability;
    std::function<bool()> is_follower;            // another process on the state folder shows prompts; null: none does
    std::function<void(const PromptStep&)> told;  // on the logic lane; null: nobody watches
    Presence presence{nullptr};
  };

  explicit Prompter(Ports ports);

  // What is remembered has changed; before OnAccepted of the events that changed it.
  void OnMemory(const events::Memory& memory);
  void OnAccepted(const EventRecord& record);

  // --- Any thread ---
  // The app goes away, or is back. After half an hour or more another session begins.
  void Background();
  void Foreground();
  // Another State is published.
  void StateChanged();
  void SetHost(PromptHost* host, Executor* executor);
  // Something happened in the app; without a lock.
  void NoteActivity();
  void SetScreen(std::string_view name);
  // Nothing is begun any more.
  void Stop() { is_stopped_ = true; }
  // After Stop: waits for a call to the host that is running, not longer than that.
  void MuteUntil(std::chrono::steady_clock::time_point deadline);
  bool IsCallingHere() const;
  // `checked` as ClientStatus::last_fetch.
  prompts::PromptExplanation Explain(std::string_view campaign, bool is_closed = false, Timestamp checked = {}) const;
  // Higher than before when what `Explain` tells of is noted.
  std::uint64_t notes_version() const noexcept { return notes_.version; }

 private:
  enum class Stage {
    kIdle,
    kAsking,     // the host is being asked
    kReserving,  // the reservation is being committed
    kShowing,    // presented, and not ended
    kEnding,     // what became of it is being committed: until then the gates do not know of it
  };
  // What was shown of each group, kept until rules or showings are others.
  struct Groups {
    std::shared_ptr<const Datafile> datafile;
    std::shared_ptr<const prompts::Showings> showings;
    std::vector<prompts::GroupShowings> shown;
  };
  // What is shown while the clock is forced: folded over what is remembered, and never kept.
  struct ShiftedShowings {
    std::uint64_t scope = 0;  // whose
    std::vector<prompts::Step> steps;
    std::shared_ptr<const prompts::Showings> real, both;  // `both` is `real` with the steps
  };
  // An opportunity and its campaign, looked at in one State at one moment.
  struct Look {
    const ruleset::Campaign* campaign = nullptr;
    prompts::Verdict verdict;
    Timestamp at{};                             // that moment, as the gates have it
    std::string unit_kind, unit_id;             // empty: there is none, which QA alone gets past
    Context context;                            // with the event; of LookAt
    std::optional<prompts::GateResult> failed;  // the first gate that did not pass, where somebody watches

    const ruleset::CampaignVariant& variant() const { return campaign->variants[verdict.variant]; }
  };

  // prompter.cpp
  void OnHappened(const EventRecord& record);
  void CancelBy(const ruleset::Ruleset& rules, std::string_view event);
  // What triggered something.
  struct Cause {
    std::string name;
    std::uint64_t trigger = 0;                                               // ruleset::Trigger::id
    const std::vector<std::pair<std::string, Value>>* properties = nullptr;  // null: none
    MonoTime since{};
  };
  void Open(const State& state, const ruleset::Campaign& campaign, const evaluation::PreparedContext& prepared,
            const evaluation::LocalClock& clock, const Cause& cause);
  void AdvanceLater();
  void Advance();
  void DropStale(const State& state, MonoTime now);
  bool OfferNext(const State& state, MonoTime now);
  void Ask(const State& state, const Opportunity& opportunity, const Look& look);
  void OnAdmission(std::uint64_t turn, Admission admission);
  void Reserve(const State& state, const Opportunity& opportunity, const Look& look);
  void OnReserved(std::uint64_t turn);
  void Present();
  void OnEnded(std::string_view prompt);
  void AwaitEnd();
  void Rest();
  void ArmTimer(const State& state);
  void Say(std::string_view campaign, prompts::Why why, std::string_view event = {}, Duration delay = Duration(0));
  void Tell(PromptStep::What what, std::string_view campaign, prompts::Why why = prompts::Why::kMayShow,
            const Look* look = nullptr) const;
  Look LookAt(const State& state, const Opportunity& opportunity) const;
  evaluation::Surroundings SurroundingsOf(const State& state, Timestamp now) const;
  Look Judge(const State& state, const ruleset::Campaign& campaign, const evaluation::PreparedContext& prepared,
             const evaluation::LocalClock& clock, std::string_view event, std::uint64_t trigger, bool is_busy) const;
  void BeginSession(MonoTime at);
  void KeepSession();
  const std::vector<prompts::GroupShowings>& GroupsOf(const State& state) const;
  bool AwaitTurn(const Look& look, MonoTime now, Opportunity* opportunity) const;
  PromptStart StartOf(const Opportunity& opportunity, const Look& look) const;
  MonoTime Now() const { return ports_.clock->Monotonic(); }
  Timestamp Time() const { return ports_.time ? ports_.time() : Wall(); }
  Timestamp Wall() const { return SteadyTime::Bounded(ports_.clock->Now()); }
  Duration Line() const { return Time().time_since_epoch() - Now().time_since_epoch(); }

  // prompter_watch.cpp
  void SetForeground(bool is_foreground);
  void TakeRules(const State& state);
  void OpenCompleted(const State& state, std::vector<prompts::Fired> fired, MonoTime since, const EventRecord* record);
  void Watch(const State& state, MonoTime now);
  void ForgetHalfWay();
  MonoTime NextWatched(const State& state) const;
  template <class Change>
  void ChangeWatch(MonoTime when, Change change);

  // prompter_state.cpp
  void OnState();
  void UseMemory(const State& state);
  void OnSeat();
  void TakeForced(const State& state);
  bool MustWithdraw(const State& state) const;
  bool HangsOnBehavior(const State& state) const;
  void Withdraw(bool is_told);
  void ForgetNotes(const State& state);
  void TellLeftOpen();
  events::Fact LeftOpenFact(const State& state, const std::string& campaign) const;
  std::shared_ptr<HostSeat> set_seat() const;
  // Of one showing's facts: stamps and appends.
  std::function<bool(events::Fact)> Appender() const;
  std::function<bool(events::Fact)> ShiftedAppender();
  void FoldShifted(prompts::Step step);
  std::shared_ptr<const prompts::Showings> WithShifted(const State& state,
                                                       std::shared_ptr<const prompts::Showings> real);

  const Ports ports_;
  mutable PromptNotes notes_;  // for Explain
  std::atomic<bool> is_stopped_{false};
  std::atomic<bool> state_is_posted_{false};
  std::atomic<std::int64_t> active_at_ms_;    // when something happened last
  std::atomic<bool> awaits_activity_{false};  // whose next moment somebody waits for
  mutable std::mutex seat_mutex_;             // nothing is locked under it
  std::shared_ptr<HostSeat> set_seat_;

  // Logic lane from here on.
  std::shared_ptr<HostSeat> seat_;
  std::optional<prompts::HostAbilities> host_;  // of the one in the seat, once it said so
  events::Memory memory_;
  std::uint64_t identity_ = 0;                          // of the State seen last
  std::shared_ptr<const behavior::Behavior> behavior_;  // of who is here; null: unknown
  std::shared_ptr<const prompts::Showings> showings_;   // as the gates have them
  ShiftedShowings shifted_;
  mutable Groups groups_;
  Timestamp session_began_{};
  Duration session_line_{0};  // of the time it is told by
  std::optional<MonoTime> away_since_;
  Opportunities opportunities_;
  std::weak_ptr<const Datafile> watched_;                           // whose rules the watch took
  std::optional<MonoTime> session_since_;                           // one that began and started nothing yet
  std::map<std::string, std::uint64_t, std::less<>> forced_shown_;  // campaign to the last serial
  std::set<std::string, std::less<>> told_;  // showings not to be told unknown: begun here, or told already
  bool advance_is_posted_ = false;
  MonoTime timer_ = MonoTime::max();

  Stage stage_ = Stage::kIdle;
  std::uint64_t turn_ = 0;  // counts up with each change of the stage, so that late answers are told apart
  Opportunity offered_;     // kAsking
  Timestamp asked_at_{};
  MonoTime asked_at_mono_{};
  std::shared_ptr<ShownPrompt> shown_;    // kReserving, kShowing
  std::shared_ptr<HostSeat> shown_seat_;  // who was asked
  bool may_hang_on_behavior_ = false;     // `shown_`, with consent to that
};

}  // namespace guidon::client
