#include "sdk/events/apply.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <set>

#include "guidon/limits.h"
#include "sdk/core/base/text.h"
#include "sdk/events/remembered.h"
#include "sdk/events/scopes.h"

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

Event PromptEvent(prompts::What what, std::string prompt, std::int64_t ms, bool is_held_out = false) {
  Event event;
  event.fact.kind = EventKind::kPrompt;
  event.fact.wall = TimestampFromMs(ms);
  event.fact.name = "try-file-share";
  event.fact.variant = is_held_out ? "held_out" : "prompt";
  event.fact.prompt = FactPrompt();
  event.fact.prompt->what = what;
  event.fact.prompt->id = std::move(prompt);
  return event;
}

Event Done(std::string name, std::int64_t ms, std::uint64_t id) {
  Event event = Tracked(id);
  event.fact.name = std::move(name);
  event.fact.wall = TimestampFromMs(ms);
  return event;
}

// One that is of the part 7, or not, or where nobody looked.
Event LookedAt(std::int64_t ms, std::uint64_t id, std::vector<behavior::Look> looks) {
  Event event = Done("message_sent", ms, id);
  event.fact.looks = std::move(looks);
  return event;
}

std::vector<std::string> KeysPut(const State& state, Update update, std::string_view prefix) {
  state.Finish(&update);
  std::vector<std::string> keys;
  for (const guidon::Row& row : update.batch.put) {
    if (row.key.substr(0, prefix.size()) == prefix) keys.push_back(row.key);
  }
  return keys;
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

TEST_CASE("what is tracked counts as behavior in the same commit, forced or not; nothing else does") {
  State state;
  Event forced = Done("a", 7, 2);
  forced.fact.forced = true;
  Event report = Done("a", 7, 3);
  report.fact.kind = EventKind::kLossReport;
  Event summary = Done("a", 8, 5);
  summary.fact.kind = EventKind::kEvaluationSummary;
  const auto before = state.scopes->Of(0).behavior;
  Applied applied =
      Apply(state, "install", {Done("a", 5, 1), forced, report, summary, Exposure("u", 3), Done("b", 9, 4)});
  CHECK((state.scopes->Of(0).behavior == before));
  CHECK(KeysPut(state, applied.update, "h/") == std::vector<std::string>{BehaviorKey("a"), BehaviorKey("b")});
  CHECK(KeysPut(state, applied.update, "c/").empty());
  state.Install(std::move(applied.update));
  REQUIRE(state.scopes->Of(0).behavior->Find("a") != nullptr);
  CHECK(state.scopes->Of(0).behavior->Find("a")->ever == 2);
  CHECK(state.scopes->Of(0).behavior->Find("b")->last == TimestampFromMs(9));
  CHECK(state.scopes->Of(0).behavior->series().size() == 2);
  // Only what changed is written again.
  CHECK(KeysPut(state, Apply(state, "install", {Done("b", 9, 5)}).update, "h/") ==
        std::vector<std::string>{BehaviorKey("b")});
  CHECK(KeysPut(state, Apply(state, "install", {Exposure("v", 3)}).update, "h/").empty());
}

TEST_CASE("a name that is forgotten for a new one is forgotten by the store") {
  State state;
  for (std::size_t i = 0; i < limits::kBehaviorEvents; ++i) {
    ApplyTo(&state, {Done("e" + std::to_string(i), static_cast<std::int64_t>(1'000 + i), i + 1)});
  }
  Applied applied = Apply(state, "install", {Done("new", 9'000, 9'000)});
  state.Finish(&applied.update);
  const auto erased = std::find_if(applied.update.batch.erase.begin(), applied.update.batch.erase.end(),
                                   [](const StorageBatch::Range& range) { return range.from == BehaviorKey("e0"); });
  CHECK(erased != applied.update.batch.erase.end());
  CHECK(KeysPut(state, Apply(state, "install", {Done("new", 9'000, 9'000)}).update, "h/") ==
        std::vector<std::string>{BehaviorKey(""), BehaviorKey("new")});
}

TEST_CASE("a prompt fact becomes an event and a showing, or neither") {
  using prompts::What;
  struct Row {
    std::string name;
    std::vector<Event> run;
    std::size_t events;
    std::uint64_t made;
    What end;
  };
  Event forced = PromptEvent(What::kExposure, "f", 10);
  forced.fact.forced = true;
  forced.fact.prompt->is_forced = true;
  Event marked = PromptEvent(What::kExposure, "m", 10);  // while something else is forced
  marked.fact.forced = true;
  const Row rows[] = {
      {"reserved", {PromptEvent(What::kExposure, "p", 10)}, 1, 1, What::kExposure},
      {"held out", {PromptEvent(What::kExposure, "p", 10, true)}, 1, 1, What::kExposure},
      {"reserved twice",
       {PromptEvent(What::kExposure, "p", 10), PromptEvent(What::kExposure, "p", 10)},
       1,
       1,
       What::kExposure},
      {"seen twice",
       {PromptEvent(What::kExposure, "p", 10), PromptEvent(What::kImpression, "p", 11),
        PromptEvent(What::kImpression, "p", 12)},
       2,
       1,
       What::kImpression},
      {"first outcome",
       {PromptEvent(What::kExposure, "p", 10), PromptEvent(What::kAction, "p", 12),
        PromptEvent(What::kUnknown, "p", 13)},
       2,
       1,
       What::kAction},
      {"outcome of nothing", {PromptEvent(What::kDismissal, "p", 10)}, 0, 0, What::kExposure},
      {"held out has no outcome",
       {PromptEvent(What::kExposure, "p", 10, true), PromptEvent(What::kDismissal, "p", 11)},
       1,
       1,
       What::kExposure},
      {"forced is not remembered", {forced}, 1, 0, What::kExposure},
      {"what is marked is", {marked}, 1, 1, What::kExposure},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    State state;
    Applied applied = Apply(state, "install", row.run);
    CHECK(applied.records.size() == row.events);
    CHECK(applied.update.counters.next_sequence == row.events + 1);
    CHECK(applied.update.counters.accepted == row.events);
    CHECK(applied.update.counters.queued[kExposures].events == row.events);
    CHECK(KeysPut(state, applied.update, "c/").size() == (row.made == 0 ? 0 : 1));
    state.Finish(&applied.update);
    state.Install(std::move(applied.update));
    const auto showings = state.scopes->Of(0).showings->Of("try-file-share");
    CHECK(showings->made == row.made);
    if (row.made > 0) CHECK(showings->list.at(0).end == row.end);
    // Told once more, in a later commit.
    const auto told = state.scopes->Of(0).showings;
    if (row.made > 0) CHECK(ApplyTo(&state, row.run) == 0);
    CHECK((state.scopes->Of(0).showings == told));
  }
}

TEST_CASE("the id of a showing says what it states, and those of its events follow from it") {
  Fact base = PromptEvent(prompts::What::kExposure, "", 10).fact;
  base.unit_kind = "device";
  base.unit_id = "d";
  const std::string id = PromptId("install", base);
  CHECK(id == "8bb72c6a-016f-8007-80e5-40f56b66e25a");
  struct Row {
    const char* name;
    void (*change)(Fact*);
    bool is_same;
  };
  const Row rows[] = {
      {"id it holds", [](Fact* fact) { fact->prompt->id = "x"; }, true},
      {"session", [](Fact* fact) { fact->session = "other"; }, true},
      {"unit", [](Fact* fact) { fact->unit_id = "v"; }, false},
      {"unit kind", [](Fact* fact) { fact->unit_kind = "account"; }, false},
      {"campaign", [](Fact* fact) { fact->name = "other"; }, false},
      {"iteration", [](Fact* fact) { fact->iteration = 2; }, false},
      {"ordinal", [](Fact* fact) { fact->prompt->ordinal = 2; }, false},
      {"beginning", [](Fact* fact) { fact->wall += Duration(1); }, false},
      {"forced", [](Fact* fact) { fact->forced = true; }, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Fact fact = base;
    row.change(&fact);
    CHECK((PromptId("install", fact) == id) == row.is_same);
  }
  CHECK(PromptId("another", base) != id);

  State state;
  Applied applied = Apply(state, "install", {PromptEvent(prompts::What::kExposure, "p", 10)});
  CHECK(applied.records.at(0).id == "ba4e54ac-d2ef-8d80-abbc-026c41f70054");
  CHECK(applied.update.counters.last_id_ms == 0);
}

TEST_CASE("of which counts an event is, is counted in its commit, moves with it, and is not sent") {
  const auto chunks = [](const State& state, const std::vector<Event>& events) {
    Applied applied = Apply(state, "install", events);
    state.Finish(&applied.update);
    std::string bytes;
    for (const guidon::Row& row : applied.update.batch.put) bytes += row.key.substr(0, 2) == "o/" ? row.value : "";
    return bytes;
  };
  State state;
  const std::vector<Event> told = {LookedAt(10, 1, {{7, true}}), LookedAt(20, 2, {{7, false}})};
  CHECK(chunks(state, told) == chunks(state, {Done("message_sent", 10, 1), Done("message_sent", 20, 2)}));
  CHECK(ApplyTo(&state, told) == 2);
  const auto part = [&state](std::uint64_t scope) {
    return state.scopes->Of(scope).behavior->Find("message_sent")->parts.at(7);
  };
  CHECK(part(0).ever == 1);
  CHECK(part(0).seen == 2);

  // Somebody logs in who did it before, with an event that nobody looked at behind.
  const std::uint64_t anna = ScopeOf("anna");
  Event before = LookedAt(5, 3, {{7, true}});
  before.fact.scope = anna;
  Event behind = Done("message_sent", 8, 4);
  behind.fact.scope = anna;
  Event change;
  change.fact.identity = std::make_shared<const IdentityChange>(IdentityChange{"", "anna", Carry::kAnonymous, 1});
  ApplyTo(&state, {before, behind, change});
  CHECK(part(anna).ever == 2);
  CHECK(part(anna).seen == 4);
  CHECK(ToMs(part(anna).forgotten_before) == 9);

  // Without consent to personalization none of it counts.
  Event withheld = LookedAt(30, 5, {{7, true}});
  withheld.fact.scope = anna;
  withheld.fact.is_counted = false;
  ApplyTo(&state, {withheld});
  CHECK(part(anna).ever == 2);
}

TEST_CASE("events that were folded before they moved are queued, and change nothing else") {
  State state;
  const Event impression = PromptEvent(prompts::What::kImpression, "p", 10);
  Applied applied = ApplyMoved(state, "install", {Done("a", 5, 1), impression});
  CHECK(applied.update.counters.queued[kTracked].events == 1);
  CHECK(applied.update.counters.queued[kExposures].events == 1);
  CHECK((applied.update.scopes == state.scopes));
}

}  // namespace
}  // namespace guidon::events
