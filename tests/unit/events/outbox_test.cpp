#include "sdk/events/outbox.h"

#include <doctest/doctest.h>

#include "guidon/limits.h"
#include "sdk/events/apply.h"
#include "sdk/events/memory_store.h"
#include "sdk/events/sinks/sink.h"

namespace guidon::events {
namespace {

std::size_t SizeOf(const Event& event) { return Records(SinkOf(EventSink::kOtlp)).Add(Resource(), event); }

// A state and its store, kept in step.
struct Pair {
  State state;
  MemoryStore store;

  void Do(Update update) {
    state.Finish(&update);
    store.Commit(update.batch, [](Status status) { REQUIRE(status.ok()); });
    state.Install(std::move(update));
  }
  std::vector<Row> Rows(const std::string& from = "o/", const std::string& to = "o0") {
    std::vector<Row> rows;
    store.Read(from, to, SIZE_MAX / 2, [&rows](Result<std::vector<Row>> result) { rows = *result; });
    return rows;
  }
  void Queue(EventKind kind, int count, std::int64_t wall_ms = 1'000) {
    std::vector<Event> events;
    for (int i = 0; i < count; ++i) {
      Event event;
      event.fact.kind = kind;
      event.fact.name = "e" + std::to_string(++made);
      event.fact.variant = "on";
      event.fact.wall = TimestampFromMs(wall_ms);
      event.id = {1, made};
      events.push_back(std::move(event));
    }
    Do(Apply(state, "install", events).update);
    state.tails = {};  // every call makes a chunk of its own
  }
  std::vector<Event> FreezeAll(std::size_t most_events = 500) {
    std::vector<Event> events;
    std::vector<std::size_t> sizes;
    Do(Freeze(state, ReadFront(Rows()), {most_events, 1u << 20, SIZE_MAX}, &SizeOf, &events, &sizes));
    return events;
  }
  std::uint64_t lost(std::string_view cause) {
    const auto found = state.counters.lost.find(cause);
    return found == state.counters.lost.end() ? 0 : found->second;
  }
  bool Balances() {
    return state.counters.accepted == state.counters.delivered + state.counters.pending() + Sum(state.counters.lost);
  }
  std::uint64_t made = 0;
};

TEST_CASE("acknowledging erases the chunks, the batch and their bytes") {
  Pair pair;
  pair.Queue(EventKind::kTracked, 3);
  pair.Queue(EventKind::kExposure, 2);
  const std::vector<Event> events = pair.FreezeAll();
  REQUIRE(events.size() == 5);
  CHECK(events[0].fact.kind == EventKind::kExposure);
  pair.Do(Acknowledge(pair.state, events, 1));
  CHECK(pair.Rows().empty());
  CHECK(pair.Rows("b/", "c/").empty());
  CHECK(pair.state.counters.delivered == 4);
  CHECK(pair.lost(kRejected) == 1);
  CHECK(pair.state.counters.pending() == 0);
  CHECK(pair.state.counters.pending_bytes() == 0);
  CHECK(pair.Balances());
}

TEST_CASE("a refused batch is halved until one event is left, which is kept for study") {
  Pair pair;
  pair.Queue(EventKind::kTracked, 4);
  const std::vector<Event> events = pair.FreezeAll();
  pair.Do(Refuse(pair.state, events, kRejected, 400));
  REQUIRE(pair.state.frozen->open.size() == 2);
  const std::string key = IdempotencyKey(*pair.state.frozen, "otlp");
  pair.Do(Refuse(pair.state, events, kRejected, 400));
  CHECK(IdempotencyKey(*pair.state.frozen, "otlp") != key);
  pair.Do(Refuse(pair.state, events, kRejected, 400));
  CHECK(pair.lost(kRejected) == 1);
  CHECK(pair.Rows("d/", "d0").size() == 1);
  CHECK(DecodeFrozen(pair.Rows("b/", "c/").at(0).value)->open.size() == 2);
  pair.Do(Acknowledge(pair.state, events, 0));
  pair.Do(Acknowledge(pair.state, events, 0));
  CHECK_FALSE(pair.state.frozen);
  CHECK(pair.Rows().empty());
  CHECK(pair.state.counters.delivered == 3);
  CHECK(pair.Balances());
}

TEST_CASE("at most 100 dead events are kept") {
  Pair pair;
  for (int i = 0; i < 120; ++i) {
    pair.Queue(EventKind::kTracked, 1);
    const std::vector<Event> events = pair.FreezeAll();
    pair.Do(Refuse(pair.state, events, kRejected, 422));
  }
  CHECK(pair.Rows("d/", "d0").size() == 100);
  CHECK(pair.lost(kRejected) == 120);
}

TEST_CASE("there is room up to the bound of events and up to that of bytes") {
  const OutboxBounds bounds{limits::kOutboxEvents, limits::kOutboxBytes, kOutboxFull};
  Counters counters;
  counters.queued[kTracked] = {limits::kOutboxEvents - 10, limits::kOutboxBytes - 20};
  const struct {
    const char* name;
    std::uint64_t events;
    std::uint64_t bytes;
    bool is_over;
  } rows[] = {{"below", 9, 19, false}, {"all events", 10, 19, false},   {"all bytes", 9, 20, false},
              {"both", 10, 20, false}, {"one event more", 11, 1, true}, {"one byte more", 1, 21, true}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CHECK(IsOver(counters, bounds, row.events, row.bytes) == row.is_over);
  }
}

TEST_CASE("what is frozen is neither dropped nor joined by later events") {
  Pair pair;
  pair.Queue(EventKind::kTracked, 3);
  const std::vector<Event> events = pair.FreezeAll();
  pair.Queue(EventKind::kTracked, 2);
  const StorageBatch::Range range = Droppable(pair.state, kTracked);
  CHECK(pair.Rows(range.from, range.to).size() == 1);
  pair.Do(MakeRoom(pair.state, pair.Rows(range.from, range.to), {0, 0, kOutboxFull}, 1, 1));
  CHECK(pair.lost(kOutboxFull) == 2);
  pair.Do(Acknowledge(pair.state, events, 0));
  CHECK(pair.state.counters.delivered == 3);
  CHECK(pair.state.counters.pending_bytes() == 0);
  CHECK(pair.Balances());
}

TEST_CASE("a chunk goes when all its events are too old, not before") {
  Pair pair;
  pair.Queue(EventKind::kTracked, 2, 1'000);
  pair.Queue(EventKind::kTracked, 2, 5'000);
  const Timestamp oldest = TimestampFromMs(5'000);
  REQUIRE(HasExpired(ReadFront(pair.Rows()), oldest));
  pair.Do(Expire(pair.state, ReadFront(pair.Rows()), oldest));
  CHECK(pair.lost(kExpired) == 2);
  CHECK_FALSE(HasExpired(ReadFront(pair.Rows()), oldest));
  CHECK(pair.state.counters.pending() == 2);
  CHECK(pair.Balances());
}

TEST_CASE("a chunk that is over the bounds by itself goes in several requests") {
  Pair pair;
  pair.Queue(EventKind::kTracked, 10);
  const std::vector<Event> events = pair.FreezeAll(4);
  CHECK(events.size() == 10);
  REQUIRE(pair.state.frozen->open.size() == 3);
  for (int i = 0; i < 3; ++i) pair.Do(Acknowledge(pair.state, events, 0));
  CHECK(pair.state.counters.delivered == 10);
  CHECK(pair.Rows().empty());
}

TEST_CASE("a batch that was answered in part and is damaged loses its rest and nothing else") {
  Pair pair;
  pair.Queue(EventKind::kTracked, 10);
  const std::vector<Event> events = pair.FreezeAll(4);
  pair.Do(Acknowledge(pair.state, events, 0));
  pair.Queue(EventKind::kTracked, 1);
  pair.Do(Unfreeze(pair.state));
  CHECK(pair.lost(kCorrupt) == 6);
  CHECK(pair.state.counters.delivered == 4);
  CHECK(pair.state.counters.pending() == 1);
  CHECK(pair.Rows().size() == 1);
  CHECK(pair.Balances());
}

TEST_CASE("the ledger adds up after a damaged batch, whichever classes its rest was of") {
  Pair pair;
  pair.Queue(EventKind::kExposure, 1);
  pair.Queue(EventKind::kTracked, 4);
  std::vector<Event> events = pair.FreezeAll();
  pair.Do(Refuse(pair.state, events, kRejected, 400));
  pair.Do(Acknowledge(pair.state, events, 0));
  pair.Queue(EventKind::kExposure, 3);
  pair.Do(Unfreeze(pair.state));  // two tracked events, taken for exposures
  CHECK(pair.lost(kCorrupt) == 2);
  events = pair.FreezeAll();
  REQUIRE(events.size() == 3);
  SUBCASE("the others are delivered") {
    pair.Do(Acknowledge(pair.state, events, 0));
    CHECK(pair.state.counters.delivered == 6);
  }
  SUBCASE("the others are refused") {
    while (pair.state.frozen) pair.Do(Refuse(pair.state, events, kRejected, 400));
    CHECK(pair.lost(kRejected) == 3);
  }
  SUBCASE("the others expire") {
    pair.Do(ExpireFrozen(pair.state, events));
    CHECK(pair.lost(kExpired) == 3);
  }
  CHECK(pair.state.counters.pending() == 0);
  CHECK(pair.Balances());
}

TEST_CASE("a row whose key promises other events than it holds is unreadable") {
  Pair pair;
  pair.Queue(EventKind::kTracked, 2);
  std::vector<Row> rows = pair.Rows();
  rows[0].key = ChunkKey({kTracked, 1, 3});
  CHECK(ReadFront(rows).unreadable.size() == 1);
  rows[0].key = ChunkKey({kExposures, 1, 2});
  CHECK(ReadFront(rows).unreadable.size() == 1);
  rows[0].key = "o/junk";
  CHECK(ReadFront(rows).unreadable.size() == 1);
  CHECK(ReadFront(pair.Rows()).chunks.size() == 1);
}

TEST_CASE("at most 20 rows are set aside, and each is counted") {
  Pair pair;
  for (int i = 0; i < 30; ++i) {
    pair.Queue(EventKind::kTracked, 2);
    pair.Do(SetAside(pair.state, pair.Rows()));
  }
  CHECK(pair.Rows("q/", "q0").size() == 20);
  CHECK(pair.lost(kCorrupt) == 60);
  CHECK(pair.Balances());
}

}  // namespace
}  // namespace guidon::events
