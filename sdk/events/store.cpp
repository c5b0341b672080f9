#include "sdk/events/store.h"

#include <algorithm>
#include <array>
#include <utility>

#include "guidon/limits.h"
#include "sdk/events/outbox.h"
#include "sdk/events/remembered.h"

namespace guidon::events {
namespace {

std::string After(std::string_view key) { return std::string(key) + '\0'; }

// Loads step by step; every step asks the store for the next rows.
class Loading : public std::enable_shared_from_this<Loading> {
 public:
  Loading(std::shared_ptr<Store> store, std::uint64_t birth, const ClockReading& clock,
          std::function<void(Result<Loaded>)> done)
      : store_(std::move(store)), clock_(clock), now_(clock.wall), done_(std::move(done)) {
    loaded_.state.birth = birth;
  }

  void Begin() {
    store_->Open([self = shared_from_this()](Result<StorageOpened> opened) {
      if (!opened.ok()) return self->done_(opened.status());
      self->loaded_.opened = *opened;
      self->loaded_.state.is_durable = true;
      if (opened->was_reset) self->store_->set_lost(true);
      self->ReadSmallRows();
    });
  }

 private:
  void ReadSmallRows() {
    Read({std::string(kCursorPrefix), "c/"}, [](Loading& self, std::vector<Row> first) {
      self.TakeCursors(first);
      self.TakeFrozen(first);
      self.Read({"m/", "o/"}, [](Loading& loading, std::vector<Row> rows) { loading.TakeSmallRows(rows); });
    });
  }

  // One that cannot be read costs that what its journal still holds is applied once more, under the same ids.
  void TakeCursors(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      if (row.key.compare(0, kCursorPrefix.size(), kCursorPrefix) != 0) continue;
      const std::optional<std::uint64_t> journal = ParseCursorKey(row.key);
      const std::optional<std::uint64_t> cursor = DecodeCursor(row.value);
      if (journal && cursor) {
        loaded_.state.cursors[*journal] = *cursor;
      } else {
        loaded_.state.repairs.erase.push_back(OneKey(row.key));
      }
    }
  }

  void TakeFrozen(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      if (row.key != kFrozenKey) continue;
      loaded_.state.frozen = DecodeFrozen(row.value);
      // Its events are gathered anew, and have the ids they had. How many of them were answered is not known any more.
      if (loaded_.state.frozen) continue;
      loaded_.state.repairs.erase.push_back(OneKey(row.key));
      is_queue_in_doubt_ = true;
    }
  }

  void TakeSmallRows(const std::vector<Row>& rows) {
    State& state = loaded_.state;
    bool has_counters = false;
    for (const Row& row : rows) {
      if (row.key == kFormatKey) {
        if (!row.value.empty() && static_cast<unsigned char>(row.value[0]) > 1) {
          return done_(Status(StatusCode::kUnsupported, "the store was written by a later version of the library"));
        }
        if (const auto birth = DecodeFormat(row.value)) {
          state.birth = *birth;
          state.is_formatted = true;
        }
      } else if (row.key == kCountersKey) {
        const std::optional<Counters> counters = DecodeCounters(row.value);
        has_counters = counters.has_value();
        if (has_counters) state.counters = *counters;
      } else if (row.key == kPurgedKey) {
        if (const auto purged = DecodePurged(row.value)) state.purged = *purged;
      } else if (row.key == kTimeKey) {
        TakeTime(row);
      }
    }
    for (const Row& row : rows) {
      if (row.key == kScopesKey) TakeScopes(row);
    }
    const bool is_new = rows.empty();
    if (has_counters && is_queue_in_doubt_) return Requeue("o/");
    if (has_counters || is_new) return ReadSeen("s/");
    state.frozen.reset();
    state.repairs.erase.push_back(OneKey(kFrozenKey));
    Recount("o/");
  }

  // One that cannot be read is written anew: until a server says otherwise the wall clock is believed.
  void TakeTime(const Row& row) {
    const std::optional<SteadyTime> time = SteadyTime::Decode(row.value);
    if (!time) return;
    loaded_.state.time = loaded_.state.stored_time = *time;
    SteadyTime begun = *time;
    (void)begun.Note(clock_);
    now_ = begun.last();
  }

  // Rows of scopes that are not in the list are nobody's, and left alone; without the list they would stay for ever.
  void TakeScopes(const Row& row) {
    State& state = loaded_.state;
    std::optional<ScopeList> list = DecodeScopes(row.value);
    if (!list) {
      state.repairs.erase.push_back({BehaviorRows().to, "h0"});
      state.repairs.erase.push_back({ShowingsRows().to, "c0"});
      KeepAside(row, &state.counters, &state.repairs);
      return ForgetScopes();
    }
    scopes_.ForgetBefore(list->forgotten_before);
    while (list->accounts.size() > limits::kScopes) {
      state.repairs.erase.push_back(BehaviorRows(list->accounts.front()));
      state.repairs.erase.push_back(ShowingsRows(list->accounts.front()));
      list->accounts.erase(list->accounts.begin());
      ForgetScopes();
    }
    unread_.insert(unread_.end(), list->accounts.begin(), list->accounts.end());
  }

  // What was answered of a batch that cannot be read goes once more, and is accepted and delivered once more.
  void Requeue(std::string from) {
    Read({std::move(from), "o0"}, [](Loading& self, std::vector<Row> rows) {
      for (const Row& row : rows) {
        const std::optional<ChunkName> name = ParseChunkKey(row.key);
        if (!name) continue;
        self.found_[name->event_class].events += name->events;
        self.found_[name->event_class].bytes += row.value.size();
      }
      if (!rows.empty()) return self.Requeue(After(rows.back().key));
      Counters& counters = self.loaded_.state.counters;
      for (std::size_t i = 0; i < kClasses; ++i) {
        if (self.found_[i].events <= counters.queued[i].events) continue;
        counters.accepted += self.found_[i].events - counters.queued[i].events;
        counters.queued[i] = self.found_[i];
      }
      self.loaded_.state.is_repair_due = true;
      self.ReadSeen("s/");
    });
  }

  // The counters are gone: begins new ones from what is queued. What was counted before is lost to the ledger.
  void Recount(std::string from) {
    Read({std::move(from), "o0"}, [](Loading& self, std::vector<Row> rows) {
      if (rows.empty()) return self.ReadSeen("s/");
      std::string next = After(rows.back().key);
      Counters& counters = self.loaded_.state.counters;
      for (const Row& row : rows) {
        const std::optional<ChunkName> name = ParseChunkKey(row.key);
        if (!name) continue;
        counters.queued[name->event_class].events += name->events;
        counters.queued[name->event_class].bytes += row.value.size();
        counters.accepted += name->events;
        counters.next_chunk = std::max(counters.next_chunk, name->number + 1);
        const std::optional<std::vector<Event>> events = DecodeChunk(row.value);
        if (!events) continue;
        for (const Event& event : *events) {
          counters.next_sequence = std::max(counters.next_sequence, event.sequence + 1);
          if (!HasUnit(event.fact.kind)) counters.last_id_ms = std::max(counters.last_id_ms, event.id.high >> 16);
        }
      }
      self.Recount(std::move(next));
    });
  }

  void ReadSeen(std::string from) {
    Read({std::move(from), "s0"}, [](Loading& self, std::vector<Row> rows) {
      if (rows.empty()) return self.ReadFirstScope();
      State& state = self.loaded_.state;
      for (const Row& row : rows) {
        const std::optional<SeenKey> key = ParseSeenRowKey(row.key);
        ByteReader in(row.value);
        const std::uint64_t repeated = in.Number();
        if (key && in.ok() && in.at_end() && state.seen.size() < limits::kSeenExposures) {
          state.seen.emplace(*key, repeated);
        } else {
          state.repairs.erase.push_back(OneKey(row.key));
        }
      }
      self.ReadSeen(After(rows.back().key));
    });
  }

  void ReadFirstScope() {
    if (loaded_.state.is_formatted) store_->set_lost(false);
    if (store_->is_lost()) {
      ForgetBehavior();
      ForgetShowings();
      ForgetScopes();
    }
    ReadBehavior(BehaviorRows().from);
  }

  void ReadBehavior(std::string from) {
    Read({std::move(from), BehaviorRows(scope()).to}, [](Loading& self, std::vector<Row> rows) {
      const std::size_t damaged = self.damaged_;
      const bool is_end = self.TakeRows(rows, limits::kBehaviorEvents, BehaviorRows(self.scope()), &self.behavior_);
      if (self.damaged_ > damaged) self.ForgetBehavior();
      if (!is_end) return self.ReadBehavior(After(rows.back().key));
      self.names_taken_ = 0;
      self.ReadShowings(ShowingsRows(self.scope()).from);
    });
  }

  void ReadShowings(std::string from) {
    Read({std::move(from), ShowingsRows(scope()).to}, [](Loading& self, std::vector<Row> rows) {
      const std::size_t damaged = self.damaged_;
      const bool is_end = self.TakeRows(rows, limits::kShownCampaigns, ShowingsRows(self.scope()), &self.showings_);
      if (self.damaged_ > damaged) self.ForgetShowings();
      if (!is_end) return self.ReadShowings(After(rows.back().key));
      self.names_taken_ = 0;
      self.ReadNextScope();
    });
  }

  // Keeps the one that was read.
  void ReadNextScope() {
    Remembered remembered;
    remembered.behavior = std::make_shared<const behavior::Behavior>(std::exchange(behavior_, {}));
    remembered.showings = std::make_shared<const prompts::Showings>(std::exchange(showings_, {}));
    scopes_.Use(scope());
    scopes_.Set(scope(), std::move(remembered));
    if (++at_ < unread_.size()) return ReadBehavior(BehaviorRows(scope()).from);
    ReadEnrollments(EnrollmentRows().from);
  }

  void ReadEnrollments(std::string from) {
    Read({std::move(from), EnrollmentRows().to}, [](Loading& self, std::vector<Row> rows) {
      if (!self.TakeRows(rows, limits::kEnrollments, EnrollmentRows(), &self.enrollments_)) {
        return self.ReadEnrollments(After(rows.back().key));
      }
      self.Finish();
    });
  }

  // True when there are no more. Those beyond `most` names are erased unread.
  template <class T>
  bool TakeRows(const std::vector<Row>& rows, std::size_t most, const StorageBatch::Range& range, T* into) {
    State& state = loaded_.state;
    for (const Row& row : rows) {
      const bool has_name = row.key != range.from;
      if (has_name && names_taken_++ == most) {
        state.repairs.erase.push_back({row.key, range.to});
        ++damaged_;
        return true;
      }
      if (ReadRow(row, into)) continue;
      ++damaged_;
      state.repairs.erase.push_back(OneKey(row.key));
      KeepAside(row, &state.counters, &state.repairs);
    }
    return rows.empty();
  }

  void ForgetBehavior() {
    behavior_.ForgetBefore(now_);
    Repair({BehaviorKey("", scope()), EncodeForgottenBefore(behavior_.forgotten_before())});
  }

  void ForgetShowings() {
    showings_.ForgetBefore(now_);
    Repair({ShowingsKey("", scope()), EncodeForgottenBefore(showings_.forgotten_before())});
  }

  void ForgetScopes() {
    scopes_.ForgetBefore(now_);
    is_list_due_ = true;
  }

  void Repair(Row row) {
    loaded_.state.repairs.put.push_back(std::move(row));
    loaded_.state.is_repair_due = true;
  }

  void Finish() {
    if (is_list_due_) Repair({std::string(kScopesKey), EncodeScopes(scopes_)});
    loaded_.state.scopes = std::make_shared<const Scopes>(std::move(scopes_));
    loaded_.state.enrollments = std::make_shared<const enrollment::Enrollments>(std::move(enrollments_));
    done_(std::move(loaded_));
  }

  void Read(StorageBatch::Range range, void (*then)(Loading&, std::vector<Row>)) {
    store_->Read(std::move(range), kPageBytes, [self = shared_from_this(), then](Result<std::vector<Row>> rows) {
      if (!rows.ok()) return self->done_(rows.status());
      then(*self, std::move(*rows));
    });
  }

  std::shared_ptr<Store> store_;
  const ClockReading clock_;
  Timestamp now_;
  std::function<void(Result<Loaded>)> done_;
  Loaded loaded_;
  std::uint64_t scope() const { return unread_[at_]; }

  std::vector<std::uint64_t> unread_ = {kThisInstallation};  // scopes, those before `at_` read
  std::size_t at_ = 0;
  behavior::Behavior behavior_;  // of the scope that is being read
  prompts::Showings showings_;
  Scopes scopes_;
  bool is_list_due_ = false;
  bool is_queue_in_doubt_ = false;
  std::array<Counters::Queued, kClasses> found_{};
  enrollment::Enrollments enrollments_;
  std::size_t names_taken_ = 0;  // of behavior, then of showings, of each scope; then of enrollments
  std::size_t damaged_ = 0;
};

}  // namespace

void Store::Open(std::function<void(Result<StorageOpened>)> done) {
  lanes_->PostDisk([storage = storage_, lanes = lanes_, done = std::move(done)] {
    storage->Open([lanes, done](Result<StorageOpened> opened) { lanes->PostLogic([done, opened] { done(opened); }); });
  });
}

void Store::Commit(StorageBatch batch, std::function<void(Status)> done) {
  lanes_->PostDisk([storage = storage_, lanes = lanes_, batch = std::move(batch), done = std::move(done)]() mutable {
    storage->Commit(std::move(batch),
                    [lanes, done](Status status) { lanes->PostLogic([done, status] { done(status); }); });
  });
}

void Store::Read(StorageBatch::Range range, std::size_t most_bytes,
                 std::function<void(Result<std::vector<Row>>)> done) {
  lanes_->PostDisk([storage = storage_, lanes = lanes_, range = std::move(range), most_bytes, done = std::move(done)] {
    storage->Read(range.from, range.to, most_bytes, [lanes, done](Result<std::vector<Row>> rows) {
      lanes->PostLogic([done, rows = std::move(rows)]() mutable { done(std::move(rows)); });
    });
  });
}

void Store::EraseAll(std::function<void(Status)> done) {
  lanes_->PostDisk([storage = storage_, lanes = lanes_, done = std::move(done)] {
    storage->EraseAll([lanes, done](Status status) { lanes->PostLogic([done, status] { done(status); }); });
  });
}

void Store::Close(std::function<void()> done) {
  lanes_->PostDisk([storage = storage_, lanes = lanes_, done = std::move(done)] {
    storage->Close([lanes, done] { lanes->PostLogic(done); });
  });
}

void Load(std::shared_ptr<Store> store, std::uint64_t birth, const ClockReading& now,
          std::function<void(Result<Loaded>)> done) {
  std::make_shared<Loading>(std::move(store), birth, now, std::move(done))->Begin();
}

}  // namespace guidon::events
