// Delivery's dealings with the store: opening, closing, erasing, failing.
#include <algorithm>
#include <utility>

#include "sdk/events/delivery_impl.h"
#include "sdk/events/remembered.h"

namespace guidon::events {
namespace {

Duration StoreRetryDelay(std::uint32_t failures) {
  return std::min<Duration>(kMostBackoff, std::chrono::seconds(1) * (1 << std::min<std::uint32_t>(failures, 9)));
}

// Another state of the same process. What its store says of this boot may be newer: other processes write there, too.
State Following(State state, const State& before) {
  state.identity = before.identity;
  const bool is_of_boot = before.time.boot() != 0 && state.time.boot() == before.time.boot();
  if (before.time.is_begun() && !is_of_boot) state.time = before.time;
  return state;
}

// What is known of a store that was erased.
State Empty() {
  State state;
  auto scopes = std::make_shared<Scopes>();
  scopes->Set(kThisInstallation, scopes->fresh());
  state.scopes = std::move(scopes);
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
  state_ = Following(Empty(), state_);
  knows_disk_ = true;
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
  disk_->EraseAll(Back([this, erased](const Status& status) {
    is_clear_due_ = false;
    is_journal_clear_ = HasJournal();
    journal_settled_ = std::max(journal_settled_, JournaledEvents());
    is_adopted_ = true;
    StoreErased(status);
    journals_erased_ = *erased;
    EndErase(status.ok() ? *erased : status);
  }));
  return true;
}

// What could not be erased while somebody waited.
bool Delivery::Impl::StepEraseStore() {
  if (!erase_due_ || disk_ == nullptr || !WantsStore() || !IsOwner() || Now() < open_not_before_) return false;
  is_busy_ = true;
  disk_->EraseAll(Back([this](const Status& status) { StoreErased(status); }));
  return true;
}

void Delivery::Impl::StoreErased(const Status& status) {
  if (!status.ok()) return in_memory_ ? MoveFailed(status) : Fail(status);
  erase_due_ = false;
  disk_->set_lost(false);
  store_failures_ = 0;
  store_status_ = Status();
  if (!WantsStore()) Disown();
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
  Load(disk_, NewBirth(), Reading(), Back([this](Result<Loaded> loaded) {
         if (loaded.ok()) {
           Opened(std::move(*loaded));
         } else {
           Fail(loaded.status());
         }
       }));
  return true;
}

void Delivery::Impl::Opened(Loaded loaded) {
  if (knows_session_) {
    auto scopes = std::make_shared<Scopes>(*loaded.state.scopes);
    scopes->KeepSession(*state_.scopes);
    loaded.state.scopes = std::move(scopes);
  }
  state_ = Following(std::move(loaded.state), state_);
  knows_disk_ = true;
  durability_ = loaded.opened.durability;
  was_reset_ = was_reset_ || loaded.opened.was_reset;
  store_status_ = Status();
  phase_ = Phase::kReady;
  in_memory_ = false;
  if (state_.purged.begun.any() && purge_status_.ok()) {
    purge_status_ = Status(StatusCode::kUnavailable, "it is being erased");
  }
  batch_.reset();
  is_time_due_ = true;
  // What another process has committed of this one's journal meanwhile.
  const auto own = state_.cursors.find(HasJournal() ? journal_.birth() : 0);
  if (own != state_.cursors.end() && !is_journal_clear_) {
    if (own->second > journal_.read_to()) LoseSession();
    SettleUpTo(own->second);
  }
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

bool Delivery::Impl::StepRepair() {
  if (phase_ != Phase::kReady || in_memory_ || !Granted() || !state_.is_repair_due) return false;
  Commit(state_.Begin(), [] {});
  return true;
}

void Delivery::Impl::Commit(Update update, Then then, std::vector<std::string> ids) {
  Counts refused = RefusedHere();
  refused.erase(std::string(kNoConsent));
  for (const auto& entry : refused) {
    const auto folded = refused_folded_.find(entry.first);
    Add(&update.counters.refused, entry.first, entry.second - (folded == refused_folded_.end() ? 0 : folded->second));
  }
  state_.Finish(&update);
  if (told_fates_ && !update.fates.empty()) {
    then = [this, fates = std::move(update.fates), then = std::move(then)] {
      if (told_fates_ && !is_muted_.load(std::memory_order_acquire)) told_fates_(fates);
      then();
    };
  }
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
    PublishTime();
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
