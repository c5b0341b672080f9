// The room's owner on the logic lane. Everything is a step: `Turn` takes the first step that can be taken, a step makes
// at most one call to the store, and the call's end turns again. So calls never overlap, and whatever fails leaves its
// cause where it was (facts untaken, an answer unsettled, a batch frozen) to be tried again once the store is back.
//
// The store fails once: it is closed, opened and read again. It fails twice: the room goes on in memory, where events
// have no sequence numbers, and moves what is pending over in one commit as soon as the store takes one.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sdk/core/base/lanes.h"
#include "sdk/events/apply.h"
#include "sdk/events/dead_journal.h"
#include "sdk/events/delivery.h"
#include "sdk/events/inbox.h"
#include "sdk/events/journal.h"
#include "sdk/events/memory_store.h"
#include "sdk/events/outbox.h"
#include "sdk/events/ownership.h"
#include "sdk/events/pseudonyms.h"
#include "sdk/events/sender.h"
#include "sdk/events/sinks/sink.h"
#include "sdk/events/store.h"

namespace guidon::events {

class Delivery::Impl : public std::enable_shared_from_this<Delivery::Impl> {
 public:
  Impl(DeliverySettings settings, const Platform& ports, std::shared_ptr<Lanes> lanes,
       std::function<void(const EventRecord&)> accepted);

  // Any thread.
  enum class Taken { kYes, kUnreported, kIsClosed, kHasNoConsent, kIsInvalid, kIsFull };
  Taken Append(Fact fact) noexcept;
  bool AppendRecord(std::string_view record, Timestamp wall, bool is_urgent) noexcept;
  void AppendDurable(Fact fact, std::function<void(Status)> done);
  bool ChangeIdentity(IdentityChange change);
  void OpenJournal();  // may block
  void SetCommitInterval(Duration interval) { commit_interval_.store(interval.count(), std::memory_order_relaxed); }
  std::uint64_t JournaledEvents() const;
  std::size_t InInbox() const noexcept { return inbox_.size(); }
  Status JournalStatus() const;
  void PostTask(std::function<void(Impl&)> task);
  void MakeTurn();
  bool Withdraw(Consents consents);  // whether there was consent to keep anything, and is none now
  void Mute();
  struct Published {
    Ledger ledger;          // without what this process refused
    Counts refused_before;  // by earlier ones
    Durability durability = Durability::kNone;
    Status store_status;
    Status sender_status;
    Status purge_status;
    bool store_was_reset = false;
    std::uint64_t at_risk = 0;          // besides what is in the inbox
    std::uint64_t journal_settled = 0;  // of the events in this process's journal: what became of them is in the ledger
    std::uint64_t dead_events = 0;      // of dead processes' journals: what becomes of them is not
  };
  std::shared_ptr<const Published> published() const { return std::atomic_load(&published_); }
  Counts RefusedHere() const;
  Timestamp SteadyNow() const;
  Duration ClockAhead() const;

  // Logic lane.
  void SetRemembered(std::function<void(const Memory&)> remembered) { remembered_ = std::move(remembered); }
  void SetHeard(std::function<void(const EventRecord&)> heard) { heard_ = std::move(heard); }
  void SetToldFates(ToldFates told) { told_fates_ = std::move(told); }
  void Start();
  void SetInstallId(std::string install_id);
  void ObeyConsent(Consents consents);
  void Purge(Purposes purposes, std::function<void(Status)> done);
  void Erase(std::function<void(Status)> done);
  void Commit(std::function<void(Status)> done);
  void Deliver(std::function<void()> done);
  void SetNetwork(NetworkCost network);
  void SetPower(PowerSource power);
  void BeginSession(MonoTime began);
  void NoteDate(std::string_view date, MonoTime sent, MonoTime received);
  void Foreground();
  void Background(std::function<void()> done);
  void Leave();
  void LetGo() { ownership_.lock.reset(); }
  void Close(std::function<void()> done);
  Role role() const { return ownership_.role.load(std::memory_order_relaxed); }  // any thread

 private:
  enum class Phase { kClosed, kReady };
  struct CommitWaiter {
    std::uint64_t appended;  // to the inbox
    Position journal;
    std::uint64_t drops;
    std::function<void(Status)> done;
  };
  using Then = std::function<void()>;

  // delivery.cpp
  void Turn();
  bool Step();
  void Settle();
  void Publish();
  void TellRemembered();
  void WakeAt(MonoTime when);
  void AskAgain();
  MonoTime Now() const { return ports_.clock->Monotonic(); }
  bool Allows(Purpose purpose) const { return consent_.load(std::memory_order_acquire).Allows(purpose); }
  bool Granted() const { return Allows(Purpose::kFunctional); }
  void WakeToCommit(Duration delay);
  Duration CommitInterval() const { return Duration(commit_interval_.load(std::memory_order_relaxed)); }
  void DropFacts(std::atomic<std::uint64_t>* counted);
  void PassOverIdentityChanges(std::size_t most);
  // A call that is back: nothing happens when the room was closed meanwhile.
  template <class F>
  auto Back(F f);

  // delivery_store.cpp
  bool HasWork() const;
  bool WantsStore() const;
  bool StepClose();
  bool StepErase();
  bool StepEraseStore();
  void StoreErased(const Status& status);
  bool StepOpen();
  bool StepRepair();
  void EndErase(const Status& status);
  void Opened(Loaded loaded);
  void Fail(const Status& status);
  void TryStoreLater();
  void Commit(Update update, Then then, std::vector<std::string> ids = {});
  void Read(StorageBatch::Range range, std::function<void(std::vector<Row>)> then);
  void MakeIds();
  std::uint64_t NewBirth();

  // delivery_memory.cpp
  void GoOnInMemory();
  bool StepReturn();
  void MoveOver(std::shared_ptr<Loaded> loaded, std::string from, std::shared_ptr<std::vector<Row>> rows);
  void JoinHistory(const State& disk);
  void CommitMove(std::shared_ptr<Loaded> loaded, const std::vector<Row>& rows);
  struct Moved;
  Update BuildMove(const State& to, const std::vector<Row>& rows, const Moved& before, Moved* moving) const;
  void EndMove(Loaded loaded);
  void MoveFailed(const Status& status);

  // delivery_purge.cpp
  void Withhold(Purposes purposes);
  void WithholdRead(std::optional<Position> at, Fact* fact);
  bool StepPurge();
  void PurgedTo(Purposes purposes);
  bool StepPurgeJournal();
  void JournalCleared();
  bool IsPurging() const;
  void FailPurge(const Status& status);
  void EndPurge();
  void SettlePurge();

  // delivery_journal.cpp
  bool HasJournal() const { return journal_state_.load(std::memory_order_acquire) == JournalState::kOpen; }
  std::uint64_t JournalBirth() const;
  std::uint64_t RaiseIdTime(std::uint64_t ms) noexcept;
  void NoticeJournaled(bool is_event, bool is_urgent);
  bool HasUnsettled() const;
  Position SettledAt() const;
  bool SealJournal();
  std::uint64_t DrainJournal();
  bool StepJournal();
  bool StepRecycle();
  Cursors::iterator ForgetCursor(Cursors::iterator cursor);
  Status EraseJournals(std::vector<DeadJournal> dead);
  void CloseJournal();
  Status StatusOf(const CommitWaiter& waiter, bool is_settled) const;
  std::uint64_t AtRiskInStore() const;

  void GrowJournal();

  // delivery_ownership.cpp
  bool IsOwner() const;
  bool IsFollower() const;
  bool StepElect();
  void TakeOver(std::shared_ptr<void> lock);
  void Follow();
  void Disown();
  void AskForLock();
  void WakeForOthers(MonoTime when);
  void JournalWaiting();
  bool StepFollow();
  void SettleUpTo(Position committed);
  bool StepLook();
  void TakeDeadJournals(std::vector<DeadJournal> dead);
  void PollOthers();
  void TakeLiving(std::size_t most);
  void TellOthers();
  bool StepEraseOwn();
  bool StepPurgeOwn();

  // delivery_session.cpp
  std::uint32_t SessionOf(MonoTime when) const;
  behavior::Session SessionNow() const;
  void LoseSession();

  // delivery_time.cpp
  ClockReading Reading() const { return {ports_.clock->Now(), Now(), settings_.boot}; }
  bool StepTime();
  void PublishTime();
  Timestamp Steady(Timestamp wall) const;  // any thread

  // delivery_facts.cpp
  bool StepFacts();
  void TakeFacts();
  bool TakeDead();
  bool TakeJournaled(Position limit);
  void TakeWaiting();
  void TakeRecord(const JournalRecord& record, std::uint64_t journal, bool is_dead);
  void SettleTaken();
  void NoteUnread();
  bool StepRoom();
  bool StepExpire();
  OutboxBounds Bounds() const;
  std::optional<Timestamp> OldestKept() const;

  // delivery_sending.cpp
  bool MaySend() const;
  bool MayGoOn() const;
  bool IsThrifty() const;
  bool IsDraining(const Counters& counters) const;
  bool SendsAll() const;
  std::uint64_t Sendable() const;
  std::optional<MonoTime> SendAt() const;
  Resource Who() const;
  std::size_t AddRecord(const Resource& who, const Timing& timing, const Event& event, Records* records) const;
  bool StepAnswer();
  bool StepSend();
  std::optional<Event> DueReport();
  bool StepReport();
  bool StepOversize();
  void ReadBatch(std::size_t event_class, std::string from, std::shared_ptr<std::vector<Row>> rows);
  void TakeBatch(std::vector<Row> rows);
  bool IsBatchExpired() const;
  void Gather();
  struct Batch;
  std::shared_ptr<const Batch> FreezeFront(Front front, Update* update) const;
  void TakeUp(std::shared_ptr<const Batch> batch);
  void CommitDelivered(std::uint64_t rejected);
  void Launch();
  void CommitAnswer(Update update);
  void LearnBatchSize();
  void ScheduleSend();
  void StopSending();

  DeliverySettings settings_;
  const Platform ports_;
  const std::shared_ptr<Lanes> lanes_;
  const std::function<void(const EventRecord&)> accepted_;

  // Any thread.
  Inbox inbox_;
  FactJournal journal_;
  enum class JournalState { kNone, kOpening, kFailed, kOpen };
  std::atomic<JournalState> journal_state_{JournalState::kNone};
  const std::uint64_t journal_birth_;
  std::shared_ptr<const Status> journal_status_;  // why it could not be opened; by atomic_load and atomic_store
  static constexpr std::uint64_t kCallComes = 1;
  static constexpr std::uint64_t kCallComesAtOnce = 2;
  static constexpr std::uint64_t kOneNotice = 4;
  std::atomic<std::uint64_t> notices_{0};
  std::atomic<std::uint64_t> newest_id_ms_{0};      // of ids that were made, or are told by what was accepted
  std::shared_ptr<const Lanes::Task> commit_turn_;  // made once, so that whoever tells need not
  std::atomic<Duration::rep> commit_interval_{100};
  std::atomic<Consents> consent_{Consents(Consent::kUnknown)};
  std::atomic<bool> is_muted_{false};
  static constexpr Duration::rep kNoOffset = std::numeric_limits<Duration::rep>::min();
  std::atomic<Duration::rep> steady_offset_{kNoOffset};  // SteadyTime::offset, once it has begun
  std::atomic<std::uint64_t> refused_full_{0}, refused_invalid_{0}, refused_consent_{0}, properties_dropped_{0};
  std::shared_ptr<const Published> published_;  // by atomic_load and atomic_store

  // Logic lane from here on.
  bool is_started_ = false;
  bool is_background_ = false;
  bool is_closing_ = false;
  bool is_busy_ = false;  // a call to a store is under way
  Phase phase_ = Phase::kClosed;
  bool in_memory_ = false;
  std::shared_ptr<Store> disk_;  // null: the host has no storage
  std::shared_ptr<Store> memory_;
  State state_;
  Counters behind_;  // in memory: what the store said last
  // What the state remembers includes what the disk's store holds. Then it is all there is to know, so that moving it
  // over again after a commit in doubt changes nothing.
  bool knows_disk_ = false;
  std::vector<IdentityChange> changes_unread_;  // while it does not: what has to be done to the disk's scopes, too
  std::function<void(const Memory&)> remembered_;
  std::function<void(const EventRecord&)> heard_;
  ToldFates told_fates_;
  Memory told_;
  Durability durability_ = Durability::kNone;
  Status store_status_;
  bool was_reset_ = false;
  std::uint32_t store_failures_ = 0;
  MonoTime open_not_before_{};
  // The commit that was under way when the store failed. Whether it took place is read from the store's counters.
  struct Doubt {
    std::uint64_t commits = 0;  // 0: none
    Then then;
    std::vector<std::string> ids;  // of the events in it
    Counts refused;
    std::uint64_t identity = 0;
  };
  Doubt doubt_;
  // A move from memory of which it is not known whether it took place: what was in memory then.
  struct Moved {
    std::uint64_t commits = 0;  // of the store that has it; 0: none
    Counters counters;
    std::set<std::string> pending;  // ids
  };
  std::vector<Moved> moved_;    // two, where one that took place was followed by another in doubt
  bool asks_for_move_ = false;  // the store is opened only to see whether it took place
  Counts refused_folded_;       // of what this process refused: already in the counters
  bool erase_due_ = false;
  std::vector<std::function<void(Status)>> erase_waiters_;
  // Of purposes that were denied: what is still to be erased, and what is not to be used of what was told before.
  Purposes purge_due_;         // of the disk's store, or of the one in memory where there is no disk
  Purposes memory_purge_due_;  // of what is in memory while the disk's store is down
  bool is_own_purge_due_ = false;
  bool is_dead_purge_due_ = false;
  struct Withheld {
    Position unreported_before = 0;
    Position uncounted_before = 0;
    Purposes dead;
  } withheld_;
  Status purge_status_;
  Status journals_erased_;
  std::vector<std::function<void(Status)>> purge_waiters_;
  std::vector<std::function<void()>> purge_ended_;
  std::vector<std::function<void()>> background_waiters_;
  std::function<void()> close_waiter_;

  std::optional<IdMaker> ids_;
  std::uint64_t births_ = 0;
  bool commit_due_ = false;
  std::deque<Inbox::Waiting> waiting_;
  std::vector<Event> taken_;  // of the commit that is next or under way
  // Of them: what has to be settled besides, and where the journals were read to.
  struct Sources {
    std::size_t inbox_facts = 0;
    std::size_t inbox_bytes = 0;
    std::uint64_t journal_events = 0;
    std::uint64_t dead_events = 0;
    std::uint64_t living_events = 0;  // of other processes' journals
    Cursors cursors;
  } sources_;
  std::uint64_t taken_damaged_ = 0;  // records that are missing among them
  Position taken_after_ = 0;         // where this process's journal had been read to before
  bool is_taken_committing_ = false;
  std::size_t taken_bytes_ = 0;                              // about
  bool is_clear_due_ = false;                                // the journal is to be erased
  bool is_journal_clear_ = false;                            // it was, and takes nothing
  Position journal_clear_to_ = PositionOf(1, kHeaderWords);  // it holds nothing from before that
  bool refill_failed_ = false;
  bool is_growing_ = false;
  bool is_asking_ = false;
  bool is_adopted_ = false;   // what dead processes left was looked for
  bool is_replayed_ = false;  // and applied, once
  Ownership ownership_;
  std::deque<DeadJournal> dead_;
  std::size_t dead_at_ = 0;  // those before are read
  std::uint64_t dead_events_ = 0;
  std::uint64_t journal_settled_ = 0;
  std::uint64_t memory_facts_ = 0;  // that came by the inbox and are in memory since the store is down
  std::uint64_t drops_ = 0;
  std::size_t room_class_ = 0;
  std::uint64_t settled_ = 0;  // facts of the inbox whose fate is known
  std::vector<CommitWaiter> commit_waiters_;
  std::size_t expire_class_ = kClasses;  // below: being looked through
  MonoTime expire_at_{};
  Timestamp first_wall_{};
  MonoTime first_mono_{};

  const Sink& sink_;
  const Pseudonyms pseudonyms_;
  ServerClock server_clock_;
  bool is_date_news_ = false;
  bool is_time_due_ = false;    // the store was read
  std::uint32_t sessions_ = 0;  // that have begun
  bool knows_session_ = false;  // all of the last one's events were or will be applied here
  MonoTime session_began_{};
  Sender sender_;
  Status sender_status_;
  Stop stop_ = Stop::kNo;  // as the collector ordered
  NetworkCost network_ = NetworkCost::kUnmetered;
  PowerSource power_ = PowerSource::kMains;
  struct Landed {
    Answer answer;
    bool was_compressed;
    std::string key;
  };
  std::optional<Landed> landed_;
  // The frozen batch's events, once they were read, as they are and as they leave.
  struct Batch {
    std::vector<Event> events;
    Records records;
  };
  std::shared_ptr<const Batch> batch_;
  std::size_t batch_events_;           // a collector that finds batches too large lowers it
  std::size_t gathered_events_ = 0;    // what it was when the batch was frozen
  std::optional<MonoTime> due_since_;  // something waits to be sent
  // What was accepted by the store of that birth up to then is being sent without a pause.
  struct Drain {
    std::uint64_t birth = 0;
    std::uint64_t accepted = 0;
  };
  Drain drain_;
  std::vector<std::function<void()>> deliver_waiters_;
};

template <class F>
auto Delivery::Impl::Back(F f) {
  return [weak = weak_from_this(), f = std::move(f)](auto&&... results) {
    const std::shared_ptr<Impl> self = weak.lock();
    if (self == nullptr) return;
    self->is_busy_ = false;
    if (!self->is_closing_) f(std::forward<decltype(results)>(results)...);
    self->Turn();
  };
}

}  // namespace guidon::events
