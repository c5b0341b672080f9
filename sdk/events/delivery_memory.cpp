// While there is no store: going on in memory, and moving what is there over once there is one again.
#include <algorithm>
#include <utility>

#include "sdk/events/delivery_impl.h"
#include "sdk/events/remembered.h"

namespace guidon::events {
namespace {

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

}  // namespace

void Delivery::Impl::GoOnInMemory() {
  behind_ = std::exchange(state_.counters, Counters());
  State fresh;
  fresh.identity = state_.identity;
  fresh.birth = NewBirth();
  fresh.is_durable = false;
  fresh.knows_past = knows_disk_;
  fresh.seen = std::move(state_.seen);
  fresh.enrollments = std::move(state_.enrollments);
  fresh.cursors = std::move(state_.cursors);
  fresh.time = state_.time;
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
  Load(disk_, NewBirth(), Reading(), Back([this](Result<Loaded> loaded) {
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
  state_.time = disk.time;
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

void Delivery::Impl::MoveFailed(const Status& status) {
  store_status_ = status;
  FailPurge(status);
  ++store_failures_;
  is_busy_ = true;
  disk_->Close(Back([this] {
    if (!asks_for_move_) TryStoreLater();  // else at once, before more happens in memory
  }));
}

}  // namespace guidon::events
