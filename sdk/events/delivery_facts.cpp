// Delivery's way from the inbox into the outbox, and the outbox's bounds.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <utility>

#include "sdk/events/delivery_impl.h"

namespace guidon::events {
namespace {

constexpr std::uint64_t kMemoryBytes = 8u << 20;  // of the outbox while it is in memory
constexpr Duration kExpiryInterval = std::chrono::hours(1);
constexpr Duration kMostClockDrift = std::chrono::hours(1);
// Exposures outlive everything else, then conversions: they are what results are made of.
constexpr std::array<EventClass, kClasses> kFirstToGo = {kTracked, kReports, kConversions, kExposures};

}  // namespace

OutboxBounds Delivery::Impl::Bounds() const {
  if (!in_memory_) return {settings_.outbox_events, settings_.outbox_bytes, kOutboxFull};
  return {limits::kInboxFacts, kMemoryBytes, disk_ == nullptr ? kOutboxFull : kStoreDown};
}

// Fills `taken_`, in order. An event gets its id here, once, so it keeps it however often its commit is tried.
void Delivery::Impl::TakeFacts() {
  if (!taken_.empty() || taken_damaged_ > 0) return;
  const bool has_journal = HasJournal() && !is_journal_clear_;
  taken_after_ = has_journal ? journal_.read_to() : 0;
  notices_.fetch_and(~(kCallComes | kCallComesAtOnce), std::memory_order_acq_rel);
  // What a thread appended to the journal after it had something in the inbox that is not taken now lies behind this.
  const Position limit = has_journal ? journal_.end() : 0;
  for (Inbox::Waiting& waiting : inbox_.Take()) waiting_.push_back(std::move(waiting));
  // A share for other processes, however busy this one is; then what room is left.
  TakeLiving(kRunFacts / 2);
  while (taken_.size() < kRunFacts) {
    if (TakeDead()) continue;
    const bool is_its_turn = !waiting_.empty() && waiting_.front().after <= journal_.read_to();
    if (!is_its_turn && has_journal && TakeJournaled(limit)) continue;
    if (waiting_.empty()) break;
    TakeWaiting();
  }
  TakeLiving(kRunFacts);
}

bool Delivery::Impl::TakeDead() {
  while (dead_at_ < dead_.size()) {
    DeadJournal& dead = dead_[dead_at_];
    JournalRecord record;
    const bool is_found = dead.Next(&record);
    taken_damaged_ += record.damaged;
    sources_.dead_events += record.damaged;
    sources_.cursors[dead.birth()] = dead.read_to();
    if (is_found) {
      if (IsEncodedEvent(record.bytes)) ++sources_.dead_events;
      TakeRecord(record, dead.birth(), true);
      return true;
    }
    ++dead_at_;
  }
  return false;
}

bool Delivery::Impl::TakeJournaled(Position limit) {
  JournalRecord record;
  if (journal_.read_to() >= limit || !journal_.Next(&record)) return false;
  taken_damaged_ += record.damaged;
  sources_.journal_events += record.damaged;
  if (IsEncodedEvent(record.bytes)) ++sources_.journal_events;
  sources_.cursors[journal_.birth()] = journal_.read_to();
  TakeRecord(record, journal_.birth(), false);
  return true;
}

// One that cannot be decoded is as good as damaged.
void Delivery::Impl::TakeRecord(const JournalRecord& record, std::uint64_t journal, bool is_dead) {
  std::optional<Fact> fact = DecodeFact(record.bytes);
  if (!fact) {
    ++taken_damaged_;
    return;
  }
  Event event;
  event.is_replayed = is_dead;
  event.fact = std::move(*fact);
  if (HasJournal() && journal == journal_.birth()) event.session = SessionOf(event.fact.mono);
  // What others tell while they live is judged by what holds now.
  const bool is_living = ownership_.living.count(journal) != 0;
  const Position at = is_living ? std::numeric_limits<Position>::max() : record.at;
  WithholdRead(is_dead && !is_living ? std::nullopt : std::optional<Position>(at), &event.fact);
  if (event.fact.identity && is_dead) {
    // Its number is of another process.
    auto change = std::make_shared<IdentityChange>(*event.fact.identity);
    change->number = 0;
    event.fact.identity = std::move(change);
  }
  if (!HasUnit(event.fact.kind) && !event.fact.identity) {
    const std::uint64_t id_ms = std::max(IdTime(event.fact.wall), std::exchange(event.fact.id_ms, 0));
    event.id = JournalId(journal, record.at, id_ms);
    ids_->NotBefore(RaiseIdTime(id_ms));
  }
  taken_bytes_ += record.bytes.size() + sizeof(Event::id) + sizeof(Event::sequence);
  taken_.push_back(std::move(event));
}

void Delivery::Impl::TakeWaiting() {
  Inbox::Waiting& waiting = waiting_.front();
  if (waiting.has_place) {
    ++sources_.inbox_facts;
    sources_.inbox_bytes += waiting.weight;
  }
  taken_bytes_ += waiting.weight;
  Event event;
  event.fact = std::move(waiting.fact);
  event.session = SessionOf(event.fact.mono);
  event.fact.id_ms = 0;  // in a journal's records alone
  waiting_.pop_front();
  if (!HasUnit(event.fact.kind) && !event.fact.identity) event.id = ids_->Next(event.fact.wall);
  taken_.push_back(std::move(event));
}

// What was taken is committed, or dropped.
void Delivery::Impl::SettleTaken() {
  if (in_memory_) memory_facts_ += sources_.inbox_facts;
  settled_ += sources_.inbox_facts;
  inbox_.Release(sources_.inbox_facts, sources_.inbox_bytes);
  journal_settled_ += sources_.journal_events;
  dead_events_ -= std::min(dead_events_, sources_.dead_events);
  RaiseIdTime(state_.counters.last_id_ms);
  sources_ = Sources();
  taken_.clear();
  taken_bytes_ = 0;
  taken_damaged_ = 0;
}

bool Delivery::Impl::StepFacts() {
  if (phase_ != Phase::kReady || !Granted() || !commit_due_) return false;
  TakeFacts();
  if (taken_.empty() && taken_damaged_ == 0) {
    sources_ = Sources();
    commit_due_ = HasJournal() && !is_journal_clear_ && journal_.read_to() < journal_.end();
    if (commit_due_) AskAgain();  // somebody is in the middle of an append
    return false;
  }
  if (StepRoom()) return true;
  for (Event& event : taken_) {
    if (event.fact.kind == EventKind::kTracked) event.utc_offset = ports_.clock->UtcOffset(TimeOf(state_.time, event));
  }
  Applied applied = Apply(state_, settings_.install_id, taken_);
  for (const auto& cursor : sources_.cursors) applied.update.cursors[cursor.first] = cursor.second;
  applied.update.counters.accepted += taken_damaged_;
  Add(&applied.update.counters.lost, kCorrupt, taken_damaged_);
  std::vector<std::string> ids;
  for (const EventRecord& record : applied.records) ids.push_back(record.id);
  is_taken_committing_ = true;
  auto then = [this, records = std::move(applied.records), heard = std::move(applied.heard)] {
    is_taken_committing_ = false;
    room_class_ = 0;
    if (in_memory_ && !knows_disk_) NoteUnread();
    SettleTaken();
    for (const EventRecord& record : records) {
      if (accepted_ && !is_muted_.load(std::memory_order_acquire)) accepted_(record);
    }
    for (const EventRecord& record : heard) {
      if (heard_ && !is_muted_.load(std::memory_order_acquire)) heard_(record);
    }
    ownership_.look_at = std::min(ownership_.look_at, ownership_.looked_at + Ownership::kLookAmongOthers);
    ScheduleSend();
  };
  Commit(std::move(applied.update), std::move(then), std::move(ids));
  return true;
}

// Beyond the bound what the disk holds stays with the identity that did it.
void Delivery::Impl::NoteUnread() {
  for (const Event& event : taken_) {
    if (!event.fact.identity) continue;
    if (changes_unread_.size() == kIdentityChanges) changes_unread_.erase(changes_unread_.begin());
    changes_unread_.push_back(*event.fact.identity);
  }
}

bool Delivery::Impl::StepRoom() {
  const OutboxBounds bounds = Bounds();
  // What facts weigh in memory is more than what they take encoded; only near the bound it is worth knowing.
  if (!IsOver(state_.counters, bounds, taken_.size(), taken_bytes_)) return false;
  std::uint64_t bytes = 0;
  std::uint64_t events = 0;
  for (const Event& event : taken_) {
    if (event.fact.identity) continue;
    bytes += EncodeEvent(event).size() + 4;
    ++events;
  }
  if (!IsOver(state_.counters, bounds, events, bytes) || room_class_ == kClasses) return false;
  Read(Droppable(state_, kFirstToGo[room_class_]), [this, bounds, events, bytes](const std::vector<Row>& rows) {
    if (rows.empty()) {
      ++room_class_;
    } else {
      Update update = MakeRoom(state_, rows, bounds, events, bytes);
      // It drops the first ones. What was in them is read for whoever asks alone.
      const std::size_t dropped_rows = update.batch.erase.size() - state_.repairs.erase.size();
      for (std::size_t i = 0; told_fates_ && i < dropped_rows; ++i) {
        if (const auto dropped = DecodeChunk(rows[i].value)) AddLost(*dropped, bounds.cause, &update.fates);
      }
      Commit(std::move(update), [] {});
    }
  });
  return true;
}

// Nothing while the wall clock cannot be trusted: it jumped, here or before, and age by it means nothing.
std::optional<Timestamp> Delivery::Impl::OldestKept() const {
  const Timestamp now = ports_.clock->Now();
  const Duration drift = (now - first_wall_) - (Now() - first_mono_);
  if (drift > kMostClockDrift || drift < -kMostClockDrift || ClockAhead() != Duration(0)) return std::nullopt;
  return now - std::chrono::hours(24 * limits::kOutboxDays);
}

bool Delivery::Impl::StepExpire() {
  if (phase_ != Phase::kReady) return false;
  if (Now() >= expire_at_) {
    expire_at_ = Now() + kExpiryInterval;
    expire_class_ = 0;
  }
  for (; expire_class_ < kClasses; ++expire_class_) {
    const std::optional<Timestamp> oldest = OldestKept();
    if (!oldest || state_.counters.queued[expire_class_].events == 0) continue;
    Read(Droppable(state_, static_cast<EventClass>(expire_class_)), [this, oldest](std::vector<Row> rows) {
      const Front front = ReadFront(std::move(rows));
      if (!front.unreadable.empty()) {
        Commit(SetAside(state_, front.unreadable), [] {});
      } else if (HasExpired(front, *oldest)) {
        Commit(Expire(state_, front, *oldest), [] {});
      } else {
        ++expire_class_;
      }
    });
    return true;
  }
  return false;
}

}  // namespace guidon::events
