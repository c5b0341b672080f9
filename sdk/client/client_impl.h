// The wiring. Five flows, each through rooms in order:
//   rules in    refresher (or bundle, or cache) → intake → Adopt → Publish → State; the cache keeps what was adopted
//   decision    State → Get, Decide: on the caller's thread, from cells or a pin
//   facts out   Track, Expose → delivery (inbox, commit, batch, send) → OnEvent
//   changes     Publish compares two States → OnChange
//   prompts     what delivery accepted → prompter → the host; its lease → delivery
//   panels      State, prompter, status() → TakeSnapshot; delivery's fates → the panel's list of events
//
// Locks: writer_mutex_, then watches', then the pump's. Readers take none.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/client.h"
#include "guidon/panel.h"
#include "sdk/client/cells.h"
#include "sdk/client/evaluation_notes.h"
#include "sdk/client/exposure_memory.h"
#include "sdk/client/identity.h"
#include "sdk/client/intake.h"
#include "sdk/client/logger.h"
#include "sdk/client/pins.h"
#include "sdk/client/presence.h"
#include "sdk/client/prompter.h"
#include "sdk/client/pump.h"
#include "sdk/client/state.h"
#include "sdk/client/watches.h"
#include "sdk/datafile/announcements.h"
#include "sdk/datafile/cache.h"
#include "sdk/datafile/refresher.h"
#include "sdk/events/deletions.h"
#include "sdk/events/delivery.h"
#include "sdk/events/pseudonyms.h"

namespace guidon {

class GUIDON_HIDDEN Client::Impl final : public Overrides, public std::enable_shared_from_this<Impl> {
 public:
  Impl(Options options, Platform platform);
  ~Impl() override;
  void Open();

  // --- Deciding (decide.cpp) ---
  // What a flag is at this moment, within one pinned State.
  struct Answer {
    const ruleset::FlagValue* value = nullptr;  // null: the fallback, for `reason`
    Reason reason = Reason::kNotReady;
    const ruleset::Flag* flag = nullptr;
    const client::Hold* hold = nullptr;  // of the State: it is what it was first in the session, whatever `outcome` is
    evaluation::Outcome outcome;

    bool has_exposures() const noexcept {
      return hold != nullptr ? !hold->exposures.empty() : outcome.exposure_count != 0;
    }
    // As Decision::variant.
    std::string_view VariantIn(const client::State& state) const noexcept;
    void Refuse(Reason why) noexcept {  // the value: the fallback is due
      value = nullptr;
      reason = why;
      hold = nullptr;
      outcome.exposure_count = 0;
    }
  };
  Answer Ask(const client::State& state, std::string_view key) const;
  // The same for a context of the caller's own.
  Answer AskFor(const client::State& state, std::string_view key, const evaluation::PreparedContext& prepared) const;
  // Appends the exposures that are due. False when one could not be appended.
  bool Expose(const client::State& state, const Answer& answer, const evaluation::PreparedContext& prepared,
              const Context& context) const noexcept;
  // For the next summary, where there is one to be.
  void Note(const client::State& state, std::string_view flag, const Answer& answer) noexcept;
  // What the cells could not answer: evaluates, exposes, and reports whether the value has the type.
  template <class F>
  void GetSlowly(std::string_view key, std::uint64_t hash, F take);
  // For the recording that goes on, if any (record.cpp). `context`: of the caller's own, or null.
  void NoteDecision(const client::State& state, std::string_view flag, const Answer& answer,
                    const Context* context = nullptr) const noexcept;
  Subscription Record(Executor* executor, std::function<void(std::string_view)> lines, PrivateAttributes privates);
  std::string ExplainFlag(std::string_view flag, bool as_json) const;
  evaluation::Explanation ExplanationOf(const client::State& state, std::string_view flag) const;

  // --- Who (who.cpp) ---
  void Identify(Context context, Carry carry);
  // Without a purpose: of all. `done` once what is denied is gone, or with the reason why not; null: logged.
  void SetConsent(std::optional<Purpose> purpose, Consents consents, std::function<void(Status)> done);
  Status SetConsentWithin(std::optional<Purpose> purpose, Consents consents, Duration deadline);
  Status Erase(Duration deadline);
  Status RequestDeletion(Duration deadline);

  // --- Telling ---
  void Track(std::string_view name, std::optional<double> value, Properties properties);
  Status TrackDurable(std::string_view name, Properties properties, Duration deadline);
  FlushReport Flush(Duration deadline);

  // --- Prompts ---
  std::string ExplainPrompt(std::string_view campaign, bool as_json) const;

  bool WaitUntilReady(Duration deadline);
  ClientStatus status() const;
  Timestamp LastFetch() const {
    const std::lock_guard<std::mutex> lock(status_mutex_);
    return last_fetch_;
  }
  std::vector<Problem> Problems() const;
  void OnForeground();
  void OnBackground();
  void SetNetwork(NetworkCost network);
  void SetPower(PowerSource power);
  void SetScreen(std::string_view name);
  void NoteActivity();
  FlushReport Close(Duration deadline);

  // --- Overrides (overrides.cpp) ---
  Status Force(Override what) override;
  void Clear(Override::Kind kind, std::string_view key) override;
  void ClearAll() override;
  std::vector<Override> List() const override;

  std::vector<Override> ListOf(const client::State& state) const;

  // --- QA tokens (qa.cpp) ---
  void ReadToken(std::string_view text, std::function<void(Result<QaToken>)> done) override;
  void UseToken(std::string_view text, std::function<void(Status)> done) override;
  void DropToken() override;
  std::optional<QaToken> Token() const override;
  std::string DeviceCode() const override;

  // --- Panels (panel_snapshot.cpp) ---
  // But for the events.
  PanelSnapshot TakeSnapshot() const;
  std::uint64_t PanelVersion() const noexcept;
  void TellFates();  // from now on, to `fates`
  void Refetch();
  void Deliver();

  bool is_closed() const noexcept { return is_closed_.load(std::memory_order_acquire) || is_copy(); }
  // In a process that was forked from the one that opened it. Asked before anything is locked.
  bool is_copy() const noexcept { return presence.IsCopy(); }

  const Options options;
  const Platform platform;
  const client::Presence presence;
  const std::shared_ptr<client::Pump> pump;
  const std::shared_ptr<client::Pins> pins;
  mutable client::CellTable cells;
  client::Watches<Change> changes{presence};
  client::Watches<EventRecord> events{presence};
  client::Watches<std::vector<events::EventFate>> fates{presence};
  client::Watches<client::LinesDue> recordings{presence};
  client::Logger log;

 private:
  using Lock = std::unique_lock<std::mutex>;

  events::Fact TrackedFact(const client::State& state, std::string_view name, std::optional<double> value,
                           Properties properties) const;
  // --- Publishing (publish.cpp) ---
  void Publish(const Lock& writer);  // makes the next State of inputs_
  void Sweep(Duration wait);         // logic lane
  void WriteCells(const client::State& state);
  void TellChanges(const client::State& before, const client::State& after);
  void ArmBoundary(const client::State& state);
  void ReachBoundary();
  bool IsOver(const client::State& state) const;  // by the clock or the zone
  void ForgetTold(const Lock& writer);            // all of it is due again
  void TellAgain();                               // since what was told is erased

  // --- Summaries (summaries.cpp) ---
  bool HasSummaries(const client::State& state) const noexcept;
  std::uint64_t TellEvaluations();  // that were noted; how many events it took
  void EndHour();                   // logic lane

  // --- Overrides (overrides.cpp) ---
  void OpenOverrides();
  void ReadOverridesFile();   // while opening, then on the disk lane
  void WatchOverridesFile();  // once a second
  // Of that source, in the place of those before.
  void HoldOverrides(const Lock& writer, Override::Source source, std::vector<client::HeldOverride> list);
  void ReplaceOverrides(Override::Source source, std::vector<client::HeldOverride> list, std::vector<Status> problems);
  void RemoveOverrides(const std::function<bool(const Override&)>& doomed);
  std::vector<Status> OverrideProblems() const;
  Status OverridesStatus() const;
  void LogOverrides();

  // --- QA tokens and what is kept (qa.cpp) ---
  void OpenQa();
  void LookAtQa(const Lock& writer);  // what has ended goes, before a State is made
  // Why it cannot be used; `list` is what it forces itself.
  Status CheckToken(const Lock& writer, const QaToken& token, std::vector<client::HeldOverride>* list) const;
  void TakeToken(const Lock& writer, const QaToken& token, std::string text, std::vector<client::HeldOverride> list);
  void ForgetQa(const Lock& writer);  // but what API and panel force for as long as the client lives
  void KeepQa();                      // as it is when the disk lane comes to it

  // --- Rules in (rules_in.cpp) ---
  void OpenRefresher();
  void OpenDatafiles();
  void OnDatafile(std::string bytes, std::string etag);  // logic lane
  Status Adopt(const Result<std::shared_ptr<const client::Datafile>>& candidate, std::vector<Problem> problems);
  // In force, or waiting, or the reason why neither.
  Status TakeIn(const Lock& writer, const std::shared_ptr<const client::Datafile>& datafile, bool* waits);
  void ComeBack();                      // the app is back
  void OnAnswer(const Status& status);  // logic lane

  // --- Prompts (prompting.cpp) ---
  void OpenPrompter();
  void OnRemembered(const events::Memory& memory);  // logic lane

  // --- Who (who.cpp) ---
  void TakeContext(const Lock& writer, Context context, Carry carry);
  void UseMemory(const Lock& writer);  // as far as it is the current identity's
  void ForgetBehavior(const Lock& writer);
  // Of what was denied, once its State is published.
  void EraseAll(const std::string& new_id, std::function<void(Status)> done);
  void PurgeDenied(events::Purposes purposes, std::function<void(Status)> done);
  void KeepInstallId(Consent consent, const std::string& id, std::function<void(Status)> done);

  std::weak_ptr<Impl> weak() { return weak_from_this(); }
  // Runs `step(done)` on the logic lane and waits for `done` or the deadline. False when it was late.
  bool RunAndWait(MonoTime deadline, const std::function<void(std::function<void()> done)>& step);
  // Does not wait for the network for the sake of the last `patient` events alone.
  FlushReport CommitAndDeliver(MonoTime deadline, std::uint64_t patient = 0);
  MonoTime DeadlineAfter(Duration duration) const;

  // Inputs of the next State, and whoever publishes it.
  mutable std::mutex writer_mutex_;
  client::Inputs inputs_;
  events::Memory memory_;                               // as the device has it last
  std::vector<events::IdentityChange> unread_changes_;  // that are not in it yet, the first one first
  std::uint64_t sequence_ = 0;                          // of the newest State
  std::uint64_t prompt_serial_ = client::kTextSerial;
  MonoTime boundary_ = MonoTime::max();  // of the timer that is set
  bool sweep_is_set_ = false;            // replaced States are to be freed
  bool retry_is_set_ = false;            // a State waits for a slot
  bool is_background_ = false;           // and not back yet
  std::string qa_token_text_;            // of inputs_.qa.token, to be kept
  std::string device_code_of_;           // the install id that inputs_.qa.device_code stands for
  bool publishes_ = false;               // not while opening: the first State is made at the end of it

  mutable client::ExposureMemory exposed_;
  client::EvaluationNotes notes_;
  std::atomic<bool> is_closed_{false};
  std::atomic<bool> has_asked_{false};  // the datafile's server has answered once, or there is none to ask
  std::atomic<bool> is_ready_{false};
  std::atomic<Consents> consent_;

  client::Identity identity_;
  const std::shared_ptr<const client::Intake> intake_;  // its answers may come late
  datafile::Cache cache_;
  std::unique_ptr<datafile::Refresher> refresher_;          // logic lane; null when nothing is fetched
  std::unique_ptr<datafile::Announcements> announcements_;  // logic lane; null when nothing is listened to
  std::unique_ptr<events::Delivery> delivery_;
  std::shared_ptr<events::Deletions> deletions_;  // its answers may come late
  std::optional<events::Pseudonyms> pseudonyms_;
  std::shared_ptr<client::Prompter> prompter_;   // its leases outlive the client
  std::optional<std::uint64_t> overrides_file_;  // a hash of what was read last; while opening, then on the disk lane
  std::set<std::string> logged_overrides_;       // disk lane

  // What status() tells beyond the rooms' own.
  mutable std::mutex status_mutex_;  // nothing is locked under it
  std::atomic<std::uint64_t> status_version_{0};
  Status open_status_;
  Status fetch_status_;
  Status stream_status_;
  bool is_stream_open_ = false;
  Status datafile_status_;
  Timestamp last_fetch_{};
  std::vector<Problem> problems_;
  std::vector<Status> override_text_problems_[2];  // of the file, of the environment

  std::mutex close_mutex_;  // of the report only: one thread closes, others wait for it
  std::condition_variable close_done_;
  std::optional<FlushReport> close_report_;

  friend class Client;
};

// A decision in hand: holds the State it came from, so its texts stay.
struct Decision::Rep {
  std::weak_ptr<Client::Impl> client;
  std::shared_ptr<client::Pins> pins;  // outlives the pin
  std::shared_ptr<client::Pins::Pin> pin;
  Client::Impl::Answer answer;
  Value fallback;
  std::string key;
  // Of a caller's own context.
  std::optional<Context> context;
  std::optional<evaluation::PreparedContext> prepared;
};

}  // namespace guidon
