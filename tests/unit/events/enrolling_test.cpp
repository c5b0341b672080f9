// Whoever is exposed to an experiment is enrolled in it, in the same commit.
#include <doctest/doctest.h>

#include <algorithm>

#include "guidon/limits.h"
#include "sdk/events/apply.h"
#include "sdk/events/remembered.h"
#include "tests/unit/events/world.h"

namespace guidon::events::test {
namespace {

constexpr std::int64_t kDayMs = 24 * 3'600'000;

Event Exposure(std::int64_t ms) {
  Event event;
  event.fact.kind = EventKind::kExposure;
  event.fact.wall = TimestampFromMs(ms);
  event.fact.name = "x";
  event.fact.variant = "on";
  event.fact.audience = "vips";
  event.fact.unit_kind = "device";
  event.fact.unit_id = "d";
  event.fact.iteration = 2;
  return event;
}

// How many rows under y/ the run puts.
std::size_t Run(State* state, const std::vector<Event>& run) {
  Applied applied = Apply(*state, "install", run);
  state->Finish(&applied.update);
  const auto is_enrollment = [](const Row& row) { return row.key.substr(0, 2) == "y/"; };
  const auto& put = applied.update.batch.put;
  const auto rows = static_cast<std::size_t>(std::count_if(put.begin(), put.end(), is_enrollment));
  state->Install(std::move(applied.update));
  return rows;
}

TEST_CASE("an exposure enrolls the unit, unless anything is forced or it is a holdout's") {
  struct Case {
    std::string name;
    void (*change)(Fact*);
    bool enrolls;
  };
  const Case cases[] = {
      {"as it is", [](Fact*) {}, true},
      {"served by an enrollment", [](Fact* fact) { fact->sticky = true; }, true},
      {"while anything is forced", [](Fact* fact) { fact->forced = true; }, false},
      {"of a holdout", [](Fact* fact) { fact->kind = EventKind::kHoldoutExposure; }, false},
      {"no exposure", [](Fact* fact) { fact->kind = EventKind::kTracked; }, false},
  };
  for (const Case& row : cases) {
    CAPTURE(row.name);
    State state;
    Event event = Exposure(5);
    row.change(&event.fact);
    CHECK(Run(&state, {event}) == (row.enrolls ? 1 : 0));
    const enrollment::Enrollment* found = state.enrollments->Find("device", "d", "x");
    REQUIRE((found != nullptr) == row.enrolls);
    if (found == nullptr) continue;
    CHECK(found->iteration == 2);
    CHECK(found->variant == "on");
    CHECK(found->audience == "vips");
    CHECK(found->first == TimestampFromMs(5));
    CHECK(found->last == TimestampFromMs(5));
  }
}

TEST_CASE("a row is written when an enrollment changes, at most once per UTC day") {
  struct Case {
    std::string name;
    std::vector<std::int64_t> at_ms;
    std::size_t rows;
    std::int64_t last_ms;
  };
  const Case cases[] = {
      {"again at once", {5, 5}, 0, 5},
      {"again the same day", {kDayMs - 1}, 0, 5},
      {"the next day", {kDayMs}, 1, kDayMs},
      {"several times the next day", {kDayMs + 7, kDayMs + 8, kDayMs + 9}, 1, kDayMs + 7},
      {"several days", {kDayMs, 2 * kDayMs}, 1, 2 * kDayMs},
      {"the day before", {-5}, 0, 5},
  };
  for (const Case& row : cases) {
    CAPTURE(row.name);
    State state;
    CHECK(Run(&state, {Exposure(5)}) == 1);
    std::vector<Event> run;
    for (const std::int64_t ms : row.at_ms) run.push_back(Exposure(ms));
    const auto before = state.enrollments;
    CHECK(Run(&state, run) == row.rows);
    CHECK((state.enrollments == before) == (row.rows == 0));
    const enrollment::Enrollment* found = state.enrollments->Find("device", "d", "x");
    CHECK(found->first == TimestampFromMs(5));
    CHECK(found->last == TimestampFromMs(row.last_ms));
  }
}

TEST_CASE("the first variant of an iteration stays enrolled, and a newer iteration's replaces it") {
  State state;
  Event other = Exposure(kDayMs);
  other.fact.variant = "off";
  CHECK(Run(&state, {Exposure(5), other}) == 1);
  CHECK(state.enrollments->Find("device", "d", "x")->variant == "on");
  CHECK(state.enrollments->Find("device", "d", "x")->last == TimestampFromMs(kDayMs));
  other.fact.iteration = 3;
  CHECK(Run(&state, {other}) == 1);
  CHECK(state.enrollments->Find("device", "d", "x")->variant == "off");
  other.fact.iteration = 1;
  CHECK(Run(&state, {other}) == 0);
}

// Which of the run's exposures, as stored, say that they were the first.
std::string FirstOf(State* state, const std::vector<Event>& run) {
  Applied applied = Apply(*state, "install", run);
  state->Finish(&applied.update);
  std::string firsts;
  for (const Row& row : applied.update.batch.put) {
    if (row.key.substr(0, 2) != "o/") continue;
    const std::optional<std::vector<Event>> events = DecodeChunk(row.value);
    REQUIRE(events);
    for (const Event& event : *events) firsts += event.fact.first ? '1' : '0';
  }
  state->Install(std::move(applied.update));
  state->tails = {};
  return firsts;
}

TEST_CASE("the first exposure of a unit in an iteration says so, whatever variant and day follow") {
  State state;
  Event forced = Exposure(5);
  forced.fact.forced = true;
  CHECK(FirstOf(&state, {forced}) == "0");
  Event other_variant = Exposure(6);
  other_variant.fact.variant = "off";
  Event other_unit = Exposure(6);
  other_unit.fact.unit_id = "e";
  CHECK(FirstOf(&state, {Exposure(5), Exposure(6), other_variant, other_unit}) == "101");
  CHECK(FirstOf(&state, {Exposure(kDayMs)}) == "0");
  Event holdout = Exposure(kDayMs);
  holdout.fact.kind = EventKind::kHoldoutExposure;
  CHECK(FirstOf(&state, {holdout}) == "0");
  Event next_iteration = Exposure(kDayMs);
  next_iteration.fact.iteration = 3;
  CHECK(FirstOf(&state, {next_iteration}) == "1");
  next_iteration.fact.iteration = 1;
  CHECK(FirstOf(&state, {next_iteration}) == "0");
}

TEST_CASE("while the store was never read nothing is known to be the first, also once it is moved there") {
  for (const bool was_read : {true, false}) {
    CAPTURE(was_read);
    World world;
    if (!was_read) world.storage->FailAll(Status(StatusCode::kUnavailable, "locked"));
    world.Begin();
    world.Run();
    world.storage->FailAll(Status(StatusCode::kUnavailable, "locked"));
    world.delivery->SetNetwork(NetworkCost::kOffline);
    world.Expose("x");
    world.RunFor(std::chrono::seconds(5));
    world.storage->FailAll(Status());
    world.RunFor(std::chrono::hours(1));
    world.delivery->SetNetwork(NetworkCost::kUnmetered);
    world.Deliver();
    REQUIRE(world.collector.events.size() == 1);
    CHECK(world.collector.events.begin()->second.count("guidon.first") == (was_read ? 1 : 0));
  }
}

TEST_CASE("the enrollment that goes for another one goes from the store, too") {
  State state;
  std::vector<Event> run;
  for (std::size_t i = 0; i <= limits::kEnrollments; ++i) {
    run.push_back(Exposure(static_cast<std::int64_t>(i)));
    run.back().fact.name = "x" + std::to_string(i);
  }
  CHECK(Run(&state, {run.begin(), run.end() - 1}) == limits::kEnrollments);
  Applied applied = Apply(state, "install", {run.back()});
  state.Finish(&applied.update);
  const std::string gone = "y/" + state.enrollments->all().begin()->first.substr(0, 16) + "x0";
  const auto& erased = applied.update.batch.erase;
  CHECK(std::count_if(erased.begin(), erased.end(), [&](const auto& range) { return range.from == gone; }) == 1);
}

TEST_CASE("enrollments outlive the process, go with an erasure, and are not told without consent") {
  World world;
  world.settings.collector_url.clear();
  world.Begin();
  world.Expose("x", "on");
  world.Commit();
  const auto is_in = [&world] {
    return world.remembered.enrollments != nullptr &&
           world.remembered.enrollments->Find("device", world.settings.install_id, "x") != nullptr;
  };
  CHECK(is_in());
  world.Restart();
  CHECK((world.remembered.enrollments == nullptr));
  world.Run();
  CHECK(is_in());
  world.delivery->SetConsent(Consent::kDenied);
  world.Run();
  CHECK((world.remembered.enrollments == nullptr));
  world.delivery->SetConsent(Consent::kGranted);
  world.Run();
  CHECK(is_in());
  CHECK(world.Erase().ok());
  CHECK_FALSE(is_in());
  world.Restart();
  world.Run();
  CHECK_FALSE(is_in());
  CHECK(world.remembered.enrollments->empty());
}

TEST_CASE("an enrollment that is damaged is set aside, and the others stay") {
  for (const std::string& value : {std::string("junk"), std::string()}) {
    for (const bool is_name_bad : {false, true}) {
      CAPTURE(value);
      CAPTURE(is_name_bad);
      auto store = std::make_shared<MemoryStore>();
      World world(store);
      world.settings.collector_url.clear();
      world.Begin();
      world.Expose("x");
      world.Expose("z");
      world.Commit();
      const auto& all = world.remembered.enrollments->all();
      const std::string key = is_name_bad ? "y/short" : "y/" + all.begin()->first;
      const std::string good = enrollment::EncodeEnrollment(*all.begin()->second);
      world.Kill();
      StorageBatch batch;
      batch.put.push_back({key, is_name_bad ? good : value});
      store->Commit(std::move(batch), [](Status) {});
      world.Begin();
      world.Track("a");
      world.Commit();
      CHECK(world.remembered.enrollments->all().size() == (is_name_bad ? 2 : 1));
      std::vector<Row> aside, rows;
      store->Read("q/", "q0", SIZE_MAX / 2, [&](Result<std::vector<Row>> read) { aside = *read; });
      store->Read("y/", "y0", SIZE_MAX / 2, [&](Result<std::vector<Row>> read) { rows = *read; });
      REQUIRE(aside.size() == 1);
      CHECK(aside[0].value.find(key) != std::string::npos);
      CHECK(rows.size() == (is_name_bad ? 2 : 1));
      CHECK(world.Mine()->behavior->forgotten_before() == Timestamp::min());
    }
  }
}

TEST_CASE("while the store cannot be read the variant met then counts, until the store says that another was first") {
  auto store = std::make_shared<MemoryStore>();
  World world(store);
  world.settings.collector_url.clear();
  world.Begin();
  world.Expose("x", "first");
  world.Commit();
  world.Kill();
  world.storage->FailAll(Status(StatusCode::kUnavailable, "locked"));
  world.Begin();
  world.Expose("x", "second");
  world.Expose("z", "new");
  world.Commit();
  const auto variant = [&world](const std::string& experiment) {
    return world.remembered.enrollments->Find("device", world.settings.install_id, experiment)->variant;
  };
  CHECK(variant("x") == "second");
  world.storage->FailAll(Status());
  world.RunFor(std::chrono::minutes(10));
  for (int process = 0; process < 2; ++process) {
    CHECK(variant("x") == "first");
    CHECK(variant("z") == "new");
    world.Restart();
    world.Run();
  }
}

}  // namespace
}  // namespace guidon::events::test
