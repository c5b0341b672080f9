#include "sdk/events/apply.h"

#include <doctest/doctest.h>

#include <set>

#include "guidon/limits.h"
#include "sdk/core/base/text.h"

namespace guidon::events {
namespace {

constexpr std::int64_t kDayMs = 24 * 3'600'000;

Event Exposure(std::string unit, std::int64_t day) {
  Event event;
  event.fact.kind = EventKind::kExposure;
  event.fact.wall = TimestampFromMs(day * kDayMs + 5);
  event.fact.name = "attach-button";
  event.fact.variant = "on";
  event.fact.unit_kind = "device";
  event.fact.unit_id = std::move(unit);
  event.fact.iteration = 1;
  return event;
}

Event Tracked(std::uint64_t id, std::size_t bytes = 0) {
  Event event;
  event.id = {id, id};
  event.fact.name = "e";
  if (bytes > 0) event.fact.properties = {{"p", std::string(bytes, 'x')}};
  return event;
}

std::size_t ApplyTo(State* state, const std::vector<Event>& events) {
  Applied applied = Apply(*state, "install", events);
  state->Finish(&applied.update);
  state->Install(std::move(applied.update));
  return applied.records.size();
}

TEST_CASE("applying twice from the same state gives the same batch and leaves the state alone") {
  State state;
  ApplyTo(&state, {Tracked(1), Exposure("u", 3)});
  const std::vector<Event> run = {Tracked(2), Exposure("u", 3), Exposure("v", 3), Tracked(3)};
  const std::string before = EncodeCounters(state.counters);
  Applied first = Apply(state, "install", run);
  Applied second = Apply(state, "install", run);
  state.Finish(&first.update);
  state.Finish(&second.update);
  REQUIRE(first.update.batch.put.size() == second.update.batch.put.size());
  for (std::size_t i = 0; i < first.update.batch.put.size(); ++i) {
    CHECK(first.update.batch.put[i].key == second.update.batch.put[i].key);
    CHECK(first.update.batch.put[i].value == second.update.batch.put[i].value);
  }
  CHECK(EncodeCounters(state.counters) == before);
  CHECK(first.records.size() == 3);
}

TEST_CASE("an exposure's id says what it states and nothing else") {
  const Event base = Exposure("u", 3);
  const Hash128 id = ExposureId("install", base.fact, 3);
  CHECK(IdText(id) == IdText(ExposureId("install", base.fact, 3)));
  struct Row {
    const char* name;
    void (*change)(Fact*);
    bool is_same;
  };
  const Row rows[] = {
      {"time of the day", [](Fact* fact) { fact->wall += Duration(1'000); }, true},
      {"flag", [](Fact* fact) { fact->flag = "other"; }, true},
      {"session", [](Fact* fact) { fact->session = "other"; }, true},
      {"unit", [](Fact* fact) { fact->unit_id = "v"; }, false},
      {"unit kind", [](Fact* fact) { fact->unit_kind = "account"; }, false},
      {"experiment", [](Fact* fact) { fact->name = "other"; }, false},
      {"kind", [](Fact* fact) { fact->kind = EventKind::kHoldoutExposure; }, false},
      {"iteration", [](Fact* fact) { fact->iteration = 2; }, false},
      {"variant", [](Fact* fact) { fact->variant = "off"; }, false},
      {"forced", [](Fact* fact) { fact->forced = true; }, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Fact fact = base.fact;
    row.change(&fact);
    CHECK((IdText(ExposureId("install", fact, 3)) == IdText(id)) == row.is_same);
  }
  CHECK(IdText(ExposureId("another", base.fact, 3)) != IdText(id));
  CHECK(IdText(ExposureId("install", base.fact, 4)) != IdText(id));
  CHECK(IdText(id)[14] == '8');
}

TEST_CASE("the id of an exposure never changes") {
  CHECK(IdText(ExposureId("install", Exposure("u", 3).fact, 3)) == "26f6e2de-29fa-8c38-ad60-fcd5be589426");
}

TEST_CASE("records of exposures are bounded, the oldest day goes first") {
  State state;
  ApplyTo(&state, {Exposure("yesterday", 9)});
  std::vector<Event> run;
  for (std::size_t i = 0; i < limits::kSeenExposures + 10; ++i) {
    run.push_back(Exposure("u" + std::to_string(i), 10));
    if (run.size() < 500) continue;
    ApplyTo(&state, run);
    run.clear();
  }
  ApplyTo(&state, run);
  // The last run may be over by itself: it is forgotten by the next.
  ApplyTo(&state, {Exposure("last", 10)});
  CHECK(state.seen.size() == limits::kSeenExposures);
  CHECK(state.seen.begin()->first.day == 10);
  CHECK(state.counters.accepted == limits::kSeenExposures + 12);
}

TEST_CASE(
    "a clock that goes back a year and comes again re-sends an exposure under its id, and forgets what is far away") {
  State state;
  ApplyTo(&state, {Exposure("u", 400)});
  ApplyTo(&state, {Exposure("u", 35)});
  CHECK(state.seen.size() == 1);
  ApplyTo(&state, {Exposure("u", 400)});
  CHECK(state.counters.accepted == 3);
}

TEST_CASE("a small chunk is continued by the next commit, a big one is not") {
  State state;
  ApplyTo(&state, {Tracked(1)});
  Applied next = Apply(state, "install", {Tracked(2)});
  REQUIRE(next.update.batch.put.size() == 1);
  const auto name = ParseChunkKey(next.update.batch.put[0].key);
  REQUIRE(name);
  CHECK(name->number == 1);
  CHECK(name->events == 2);
  CHECK(DecodeChunk(next.update.batch.put[0].value)->size() == 2);
  REQUIRE(next.update.batch.erase.size() == 1);
  CHECK(next.update.batch.erase[0].from == ChunkKey({kTracked, 1, 1}));
  CHECK(next.update.counters.queued[kTracked].bytes == next.update.batch.put[0].value.size());

  ApplyTo(&state, {Tracked(3, kTailBytes)});
  Applied after = Apply(state, "install", {Tracked(4)});
  CHECK(ParseChunkKey(after.update.batch.put[0].key)->number == 2);
  CHECK(after.update.batch.erase.empty());
}

TEST_CASE("chunks stay below their bytes and their number of events, and the counters know both") {
  State state;
  std::vector<Event> run;
  for (std::uint64_t i = 0; i < 499; ++i) run.push_back(Tracked(i + 1, i % 7 * 500));
  run.push_back(Tracked(1'000, 100'000));
  for (int round = 0; round < 4; ++round) {
    Applied applied = Apply(state, "install", run);
    for (const Row& row : applied.update.batch.put) {
      const auto name = ParseChunkKey(row.key);
      REQUIRE(name);
      const auto events = DecodeChunk(row.value);
      REQUIRE(events);
      CHECK(events->size() == name->events);
      CHECK(name->events <= limits::kBatchEvents);
      CHECK((row.value.size() <= kChunkBytes + 16 || name->events == 1));
    }
    state.Finish(&applied.update);
    state.Install(std::move(applied.update));
  }
  CHECK(state.counters.queued[kTracked].events == 2'000);
  CHECK(state.counters.next_sequence == 2'001);
}

TEST_CASE("ten thousand ids of one millisecond are unique and in order") {
  IdMaker maker("seed", 0);
  std::string last;
  for (int i = 0; i < 10'000; ++i) {
    const std::string id = IdText(maker.Next(TimestampFromMs(1'000)));
    CHECK(id > last);
    CHECK(id[14] == '7');
    last = id;
  }
  CHECK(maker.last_ms() == 1'002);
  CHECK(IdText(IdMaker("other", maker.last_ms()).Next(TimestampFromMs(-1))) > last);
}

}  // namespace
}  // namespace guidon::events
