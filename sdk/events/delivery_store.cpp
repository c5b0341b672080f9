// Delivery's dealings with the store: opening, closing, erasing, failing, going on in memory and coming back.
#include <algorithm>
#include <utility>

#include "sdk/events/delivery_impl.h"
#include "sdk/events/remembered.h"

namespace guidon::events {
namespace {

Duration StoreRetryDelay(std::uint32_t failures) {
  return std::min<Duration>(kMostBackoff, std::chrono::seconds(1) * (1 << std::min<std::uint32_t>(failures, 9)));
}

bool IsOpen(const Frozen& frozen, std::uint32_t event) {
  return std::any_of(frozen.open.begin(), frozen.open.end(), [event](const Frozen::Interval& interval) {
    return interval.from <= event && event < interval.to;
  });
}

// The events in rows of the stand-in that nobody has acknowledged, in order.
std::vector<Event> Unanswered(const State& state, const std::vector<Row>& rows) {
  std::vector<Event> pending;
  std::uint32_t index = 0;
  for (const Row& row : rows) {
    const std::optional<ChunkName> name = ParseChunkKey(row.key);
    std::optional<std::vector<Event>> events = DecodeChunk(row.value);
    if (!name || !events) continue;
    const Frozen::Chunks frozen = state.frozen ? state.frozen->chunks[name->event_class] : Frozen::Chunks();
    const bool is_frozen = frozen.first != 0 && frozen.first <= name->number && name->number <= frozen.last;
    for (Event& event : *events) {
      if (!is_frozen || IsOpen(*state.frozen, index++)) pending.push_back(std::move(event));
    }
  }
  return pending;
}

// What `now` has beyond `before`.
Counts Since(const Counts& before, const Counts& now) {
  Counts since;
  for (const auto& entry : now) {
    const auto found = before.find(entry.first);
    const std::uint64_t known = found == before.end() ? 0 : found->second;
    if (entry.second > known) Add(&since, entry.first, entry.second - known);
  }
  return since;
}

void TakeFrom(std::uint64_t count, Counts* counts) {
  for (auto& entry : *counts) {
    const std::uint64_t taken = std::min(count, entry.second);
    entry.second -= taken;
    count -= taken;
  }
}

// Another state of the same process.
State Following(State state, std::uint64_t identity) {
  state.identity = identity;
  return state;
}

}  // namespace

bool Delivery::Impl::HasWork() const { return commit_due_ && HasUnsettled(); }

bool Delivery::Impl::WantsStore() const {
  if (!is_started_) return false;
  return IsPurging() || ((Granted() || erase_due_) && (!is_background_ || HasWork()));
}

bool Delivery::Impl::StepClose() {
  const bool is_open = phase_ == Phase::kReady && !in_memory_;
  if (is_closing_) {
    phase_ = Phase::kClosed;
    CloseJournal();
    if (is_open || (disk_ && close_waiter_)) {
      is_busy_ = true;
      disk_->Close([self = shared_from_this()] {
        self->is_busy_ = false;
        self->Disown();
        if (self->close_waiter_) std::exchange(self->close_waiter_, nullptr)();
      });
    } else if (close_waiter_) {
      std::exchange(close_waiter_, nullptr)();
    }
    return false;
  }
  if (!is_open || WantsStore()) return false;
  phase_ = Phase::kClosed;
  batch_.reset();
  is_busy_ = true;
  disk_->Close(Back([this] {
    if (taken_.empty() && taken_damaged_ == 0) Disown();
  }));
  return true;
}

void Delivery::Impl::Erase(std::function<void(Status)> done) {
  DropFacts(nullptr);
  PassOverIdentityChanges(0);
  StopSending();
  erase_due_ = true;
  purge_status_ = Status(StatusCode::kUnavailable, "it is being erased");
  erase_waiters_.push_back(std::move(done));
  AskForLock();
}

// Also without consent, and before `Start`. Once nobody waits any more, opening the store tries again.
bool Delivery::Impl::StepErase() {
  if (IsFollower()) return StepEraseOwn();
  if (!IsOwner()) return false;
  if ((erase_waiters_.empty() && !ownership_.owes_erasure) || !SealJournal()) return false;
  ownership_.owes_erasure = false;
  ownership_.living.clear();
  DropFacts(nullptr);
  PassOverIdentityChanges(0);
  phase_ = Phase::kClosed;
  in_memory_ = false;
  state_ = Following(State(), state_.identity);
  knows_disk_ = true;  // that it holds nothing, before it is used again
  changes_unread_.clear();
  behind_ = Counters();
  purge_due_ = memory_purge_due_ = Purposes();
  is_own_purge_due_ = is_dead_purge_due_ = false;
  refused_folded_ = RefusedHere();
  doubt_ = Doubt();
  moved_.clear();
  batch_.reset();
  memory_facts_ = 0;
  memory_ = std::make_shared<Store>(std::make_shared<MemoryStore>(), lanes_);
  if (disk_ == nullptr) {
    erase_due_ = false;
    EndErase(Status());
    return true;
  }
  is_busy_ = true;
  auto erased = std::make_shared<Status>();
  auto dead = std::make_shared<std::vector<DeadJournal>>();
  for (DeadJournal& each : dead_) dead->push_back(std::move(each));
  dead_.clear();
  dead_at_ = 0;
  dead_events_ = 0;
  lanes_->PostDisk([self = shared_from_this(), erased, dead] { *erased = self->EraseJournals(std::move(*dead)); });
  disk_->Close(Back([this, erased] {
    is_clear_due_ = false;
    is_journal_clear_ = HasJournal();
    journal_settled_ = std::max(journal_settled_, JournaledEvents());
    is_adopted_ = true;
    is_busy_ = true;
    Load(disk_, true, NewBirth(), ports_.clock->Now(), Back([this, erased](Result<Loaded> loaded) {
           if (loaded.ok()) {
             Opened(std::move(*loaded));
           } else {
             Fail(loaded.status());
           }
           journals_erased_ = *erased;
           EndErase(loaded.ok() ? *erased : loaded.status());
         }));
  }));
  return true;
}

void Delivery::Impl::EndErase(const Status& status) {
  if (status.ok()) {
    purge_status_ = status;
  } else {
    FailPurge(status);
  }
  for (auto& done : std::exchange(erase_waiters_, {})) {
    if (done && !is_muted_.load(std::memory_order_acquire)) done(status);
  }
}

bool Delivery::Impl::StepOpen() {
  if (phase_ == Phase::kReady || !WantsStore() || !IsOwner()) return false;
  if (disk_ == nullptr) {
    GoOnInMemory();
    return true;
  }
  if (Now() < open_not_before_) return false;
  is_busy_ = true;
  Load(disk_, erase_due_, NewBirth(), ports_.clock->Now(), Back([this](Result<Loaded> loaded) {
         if (loaded.ok()) {
           Opened(std::move(*loaded));
         } else {
           Fail(loaded.status());
         }
       }));
  return true;
}

void Delivery::Impl::Opened(Loaded loaded) {
  state_ = Following(std::move(loaded.state), state_.identity);
  knows_disk_ = true;
  durability_ = loaded.opened.durability;
  was_reset_ = was_reset_ || loaded.opened.was_reset;
  store_status_ = Status();
  phase_ = Phase::kReady;
  in_memory_ = false;
  erase_due_ = false;
  if (state_.purged.begun.any() && purge_status_.ok()) {
    purge_status_ = Status(StatusCode::kUnavailable, "it is being erased");
  }
  batch_.reset();
  // What another process has committed of this one's journal meanwhile.
  const auto own = state_.cursors.find(HasJournal() ? journal_.birth() : 0);
  if (own != state_.cursors.end() && !is_journal_clear_) SettleUpTo(own->second);
  MakeIds();
  Doubt doubt = std::exchange(doubt_, Doubt());
  if (doubt.commits != 0 && doubt.commits == state_.counters.commits) {
    refused_folded_ = std::move(doubt.refused);
    state_.identity = std::max(state_.identity, doubt.identity);
    TellRemembered();
    doubt.then();
  }
  expire_at_ = Now();
  ScheduleSend();
}

// Once is bad luck: at once again. Twice: in memory, and again later.
void Delivery::Impl::Fail(const Status& status) {
  store_status_ = status;
  durability_ = Durability::kNone;
  phase_ = Phase::kClosed;
  ++store_failures_;
  batch_.reset();
  is_taken_committing_ = false;
  FailPurge(status);
  if (!Granted()) DropFacts(&refused_consent_);
  if (ports_.log) ports_.log->Write(LogLevel::kWarning, "events: the store failed: " + status.message());
  is_busy_ = true;
  disk_->Close(Back([this] {
    if (store_failures_ < 2) return;
    TryStoreLater();
    if (Granted()) GoOnInMemory();
  }));
}

void Delivery::Impl::TryStoreLater() {
  open_not_before_ = Now() + StoreRetryDelay(store_failures_ - 1);
  WakeAt(open_not_before_);
}

void Delivery::Impl::GoOnInMemory() {
  behind_ = std::exchange(state_.counters, Counters());
  State fresh = Following(State(), state_.identity);
  fresh.birth = NewBirth();
  fresh.is_durable = false;
  fresh.knows_past = knows_disk_;
  fresh.seen = std::move(state_.seen);
  fresh.enrollments = std::move(state_.enrollments);
  fresh.cursors = std::move(state_.cursors);
  memory_purge_due_ = purge_due_;
  if (knows_disk_) {
    fresh.scopes = std::move(state_.scopes);
  } else {
    auto scopes = std::make_shared<Scopes>();
    scopes->ForgetBefore(first_wall_);
    scopes->Set(kThisInstallation, scopes->fresh());
    fresh.scopes = std::move(scopes);
  }
  state_ = std::move(fresh);
  memory_ = std::make_shared<Store>(std::make_shared<MemoryStore>(), lanes_);
  in_memory_ = true;
  phase_ = Phase::kReady;
  StopSending();
  batch_.reset();
  MakeIds();
}

bool Delivery::Impl::StepReturn() {
  const bool may = in_memory_ && disk_ != nullptr && WantsStore() && Now() >= open_not_before_;
  if (!may || !sender_.is_idle() || landed_ || !taken_.empty()) return false;
  is_busy_ = true;
  Load(disk_, erase_due_, NewBirth(), ports_.clock->Now(), Back([this](Result<Loaded> loaded) {
         if (!loaded.ok()) {
           asks_for_move_ = false;
           return MoveFailed(loaded.status());
         }
         MoveOver(std::make_shared<Loaded>(std::move(*loaded)), "o/", std::make_shared<std::vector<Row>>());
       }));
  return true;
}

void Delivery::Impl::MoveOver(std::shared_ptr<Loaded> loaded, std::string from,
                              std::shared_ptr<std::vector<Row>> rows) {
  is_busy_ = true;
  memory_->Read({std::move(from), "o0"}, kPageBytes, Back([this, loaded, rows](Result<std::vector<Row>> page) {
                  if (!page.ok() || page->empty()) return CommitMove(loaded, *rows);
                  std::string next = page->back().key + '\0';
                  rows->insert(rows->end(), page->begin(), page->end());
                  MoveOver(loaded, std::move(next), rows);
                }));
}

// Of what is in memory nothing moves that `before` has moved already. `moving` becomes what is there after it.
Update Delivery::Impl::BuildMove(const State& to, const std::vector<Row>& rows, const Moved& before,
                                 Moved* moving) const {
  const Counters& memory = state_.counters;
  std::vector<Event> pending = Unanswered(state_, rows);
  moving->commits = to.counters.commits + 1;
  moving->counters = memory;
  for (const Event& event : pending) moving->pending.insert(IdText(event.id));
  // What moved before and is not in memory any more was answered or lost there; the store will do so once more.
  const auto has_moved = [&before](const Event& event) { return before.pending.count(IdText(event.id)) != 0; };
  const auto moved = std::remove_if(pending.begin(), pending.end(), has_moved);
  const std::uint64_t still_here = static_cast<std::uint64_t>(pending.end() - moved);
  pending.erase(moved, pending.end());
  const std::uint64_t delivered_here = memory.delivered - before.counters.delivered;
  const std::uint64_t gone = before.pending.size() - still_here;
  const std::uint64_t delivered_twice = std::min(gone, delivered_here);
  Counts lost = Since(before.counters.lost, memory.lost);
  TakeFrom(gone - delivered_twice, &lost);
  // The commit that failed last may have taken place after all; what was in it is there already.
  std::uint64_t answered_twice = 0;
  if (doubt_.commits != 0 && doubt_.commits == to.counters.commits) {
    for (const std::string& id : doubt_.ids) {
      const auto found =
          std::find_if(pending.begin(), pending.end(), [&id](const Event& event) { return IdText(event.id) == id; });
      if (found != pending.end()) {
        pending.erase(found);
      } else {
        ++answered_twice;
      }
    }
  }
  Update update = ApplyMoved(to, settings_.install_id, pending).update;
  update.scopes = state_.scopes;
  update.enrollments = state_.enrollments;
  update.identity = state_.identity;
  for (const auto& entry : state_.cursors) {
    std::uint64_t& cursor = update.cursors[entry.first];
    cursor = std::max(cursor, entry.second);
  }
  Counters& counters = update.counters;
  answered_twice = std::min(answered_twice, delivered_here - delivered_twice);
  counters.accepted += memory.accepted - before.counters.accepted - (memory.pending() - still_here) - answered_twice;
  counters.delivered += delivered_here - delivered_twice - answered_twice;
  AddAll(lost, &counters.lost);
  AddAll(Since(before.counters.refused, memory.refused), &counters.refused);
  AddAll(Since(before.counters.reported, memory.reported), &counters.reported);
  for (const auto& entry : state_.seen) {
    if (to.seen.count(entry.first) == 0 && to.seen.size() + update.seen.size() < limits::kSeenExposures) {
      const auto known = std::find_if(update.seen.begin(), update.seen.end(), [&entry](const auto& fresh) {
        return !(fresh.first < entry.first) && !(entry.first < fresh.first);
      });
      if (known == update.seen.end()) update.seen.emplace_back(entry.first, entry.second);
    }
  }
  to.Finish(&update);
  return update;
}

// Once: from then on the state knows all that the disk does. Whoever was logged in and out meanwhile, what the disk has
// moves as what came since has moved, and then both are added up: the order does not matter to sums.
void Delivery::Impl::JoinHistory(const State& disk) {
  if (knows_disk_) return;
  auto scopes = std::make_shared<Scopes>(*disk.scopes);
  auto enrollments = std::make_shared<enrollment::Enrollments>(*disk.enrollments);
  for (const IdentityChange& change : std::exchange(changes_unread_, {})) {
    scopes->Change(change);
    CopyEnrollments(change, enrollments.get());
  }
  Merge(*state_.scopes, first_wall_, scopes.get());
  enrollments->Merge(*state_.enrollments);
  state_.scopes = std::move(scopes);
  state_.enrollments = std::move(enrollments);
  knows_disk_ = true;
  memory_purge_due_.personalization = memory_purge_due_.personalization || purge_due_.personalization;
}

void Delivery::Impl::CommitMove(std::shared_ptr<Loaded> loaded, const std::vector<Row>& rows) {
  JoinHistory(loaded->state);
  // A move that failed may have taken place after all.
  Moved before;
  for (Moved& moved : std::exchange(moved_, {})) {
    if (moved.commits == loaded->state.counters.commits) before = std::move(moved);
  }
  const bool is_asking = std::exchange(asks_for_move_, false);
  if (before.commits != 0 && EncodeCounters(before.counters) == EncodeCounters(state_.counters)) {
    return EndMove(std::move(*loaded));
  }
  auto moving = std::make_shared<Moved>();
  auto update = std::make_shared<Update>(BuildMove(loaded->state, rows, before, moving.get()));
  if (before.commits != 0) moved_.push_back(std::move(before));
  is_busy_ = true;
  if (is_asking) return disk_->Close(Back([this] { TryStoreLater(); }));
  disk_->Commit(update->batch, Back([this, loaded, update, moving](Status status) {
                  if (!status.ok()) {
                    moved_.push_back(std::move(*moving));
                    asks_for_move_ = true;
                    return MoveFailed(status);
                  }
                  loaded->state.Install(std::move(*update));
                  store_failures_ = 0;
                  EndMove(std::move(*loaded));
                }));
}

void Delivery::Impl::EndMove(Loaded loaded) {
  moved_.clear();
  doubt_ = Doubt();
  behind_ = Counters();
  memory_facts_ = 0;
  memory_ = std::make_shared<Store>(std::make_shared<MemoryStore>(), lanes_);
  Opened(std::move(loaded));
}

bool Delivery::Impl::StepRepair() {
  if (phase_ != Phase::kReady || in_memory_ || !Granted() || !state_.is_repair_due) return false;
  Commit(state_.Begin(), [] {});
  return true;
}

void Delivery::Impl::MoveFailed(const Status& status) {
  store_status_ = status;
  FailPurge(status);
  ++store_failures_;
  is_busy_ = true;
  disk_->Close(Back([this] {
    if (!asks_for_move_) TryStoreLater();  // else at once, before more happens in memory
  }));
}

void Delivery::Impl::Commit(Update update, Then then, std::vector<std::string> ids) {
  Counts refused = RefusedHere();
  refused.erase(std::string(kNoConsent));
  for (const auto& entry : refused) {
    const auto folded = refused_folded_.find(entry.first);
    Add(&update.counters.refused, entry.first, entry.second - (folded == refused_folded_.end() ? 0 : folded->second));
  }
  state_.Finish(&update);
  is_busy_ = true;
  StorageBatch batch = std::move(update.batch);
  struct UnderWay {
    Update update;
    Doubt doubt;
  };
  auto under_way = std::make_shared<UnderWay>();
  under_way->doubt = {update.counters.commits, std::move(then), std::move(ids), std::move(refused), update.identity};
  under_way->update = std::move(update);
  auto back = [this, under_way](const Status& status) {
    Doubt& doubt = under_way->doubt;
    if (!status.ok()) {
      doubt_ = std::move(doubt);
      return Fail(status);
    }
    if (!in_memory_) {
      store_failures_ = 0;
      store_status_ = Status();
    }
    refused_folded_ = std::move(doubt.refused);
    state_.Install(std::move(under_way->update));
    TellOthers();
    TellRemembered();
    doubt.then();
  };
  (in_memory_ ? memory_ : disk_)->Commit(std::move(batch), Back(std::move(back)));
}

void Delivery::Impl::Read(StorageBatch::Range range, std::function<void(std::vector<Row>)> then) {
  is_busy_ = true;
  auto back = [this, then = std::move(then)](Result<std::vector<Row>> rows) {
    if (!rows.ok()) return Fail(rows.status());
    then(std::move(*rows));
  };
  (in_memory_ ? memory_ : disk_)->Read(std::move(range), kPageBytes, Back(std::move(back)));
}

// The seed differs between any two runs: the system's entropy, the clocks, and how far the store had come.
void Delivery::Impl::MakeIds() {
  ByteWriter seed;
  seed.Text(settings_.install_id);
  seed.Fixed(NewBirth());
  seed.Fixed(state_.birth);
  seed.Number(state_.counters.commits);
  const std::uint64_t last_ms = std::max(state_.counters.last_id_ms, ids_ ? ids_->last_ms() : 0);
  ids_.emplace(seed.bytes(), RaiseIdTime(last_ms));
}

std::uint64_t Delivery::Impl::NewBirth() {
  ByteWriter what;
  unsigned char random[16] = {};
  if (ports_.entropy && ports_.entropy->Fill(random, sizeof random)) {
    what.Raw(std::string_view(reinterpret_cast<const char*>(random), sizeof random));
  }
  what.Text(settings_.install_id);
  what.Signed(ToMs(ports_.clock->Now()));
  what.Signed(ToMs(Now()));
  what.Text(ports_.clock->BootId());
  what.Number(++births_);
  return HashBytes64(what.bytes());
}

}  // namespace guidon::events
