// Every call to the store fails once, and every call is once the last: whatever happens, an accepted event reaches the
// collector, once per id, and the ledger balances; and what the device remembers is what these events say.
#include <doctest/doctest.h>

#include <map>
#include <set>

#include "tests/unit/events/outage.h"
#include "tests/unit/events/world.h"

namespace guidon::events::test {
namespace {

using guidon::test::FaultyStorage;
using guidon::test::ScriptedAnswer;

using prompts::What;

// Commits of tracked events, exposures and prompt facts, some told twice, a refusal to be split, a lost answer, a batch
// that waits while the app is in the background, and deliveries.
void Story(World* world) {
  int requests = 0;
  world->answer = [world, &requests](const HttpRequest& request) {
    ++requests;
    if (requests == 1) return ScriptedAnswer::Of(400);
    if (requests == 6) return ScriptedAnswer::Of(503, "", {{"retry-after", "60"}});
    if (requests == 3) {
      world->collector.Take(request);
      return ScriptedAnswer::Failed();  // taken, but the answer was lost
    }
    return world->collector.Take(request);
  };
  for (int i = 0; i < 5; ++i) {
    for (int k = 0; k < 3; ++k) world->Track("e" + std::to_string(i) + std::to_string(k));
    world->Expose("x" + std::to_string(i));
    world->Expose("x0");
    world->Track("again", i);
    const std::string prompt = "p" + std::to_string(i);
    if (i > 0) world->Prompt(What::kDismissal, "p" + std::to_string(i - 1));
    world->Prompt(What::kExposure, prompt, i == 2 ? "held_out" : "prompt");
    world->Prompt(What::kImpression, prompt);  // nothing for who is held out
    world->RunFor(std::chrono::milliseconds(500));
    world->Prompt(What::kImpression, prompt);
    world->RunFor(std::chrono::seconds(1));
    if (i != 1) world->RunFor(std::chrono::seconds(20));
    if (i == 3) {
      world->delivery->Background(nullptr);
      world->RunFor(std::chrono::seconds(20));
      world->delivery->Foreground();
    }
  }
  world->RunFor(std::chrono::minutes(20));
  world->answer = nullptr;
}

constexpr std::size_t kEvents = 20 + 5 + 5 + 4 + 3;

// Behavior and showings are what the collector's events say, neither more nor less. It has all events by now.
void CheckRemembered(World& world) {
  std::map<std::string, std::uint64_t> counts;
  std::map<std::string, std::set<std::string>> showings;  // prompt id to what is known of it
  for (auto& entry : world.collector.events) {
    Received& event = entry.second;
    if (!event["guidon.event.name"].empty()) ++counts[event["guidon.event.name"]];
    if (!event["guidon.prompt.id"].empty()) showings[event["guidon.prompt.id"]].insert(event["guidon.prompt.what"]);
  }
  std::set<std::string> exposed;
  for (auto& entry : world.collector.events) {
    if (!entry.second["guidon.experiment.key"].empty()) exposed.insert(entry.second["guidon.experiment.key"]);
  }
  REQUIRE((world.Mine() != nullptr));
  const enrollment::Enrollments& enrollments = *world.remembered.enrollments;
  CHECK(enrollments.all().size() == exposed.size());
  for (const std::string& experiment : exposed) {
    CAPTURE(experiment);
    const enrollment::Enrollment* found = enrollments.Find("device", world.settings.install_id, experiment);
    REQUIRE(found != nullptr);
    CHECK(found->variant == "on");
  }
  CHECK(world.Mine()->behavior->series().size() == counts.size());
  for (const auto& entry : counts) {
    CAPTURE(entry.first);
    CHECK(world.Did(entry.first) == entry.second);
  }
  const auto shown = world.Shown();
  CHECK(shown->made == showings.size());
  CHECK(shown->list.size() == showings.size());
  for (const prompts::Showing& showing : shown->list) {
    CAPTURE(showing.prompt);
    std::set<std::string> expected = {"exposure"};
    if (showing.was_seen) expected.insert("impression");
    if (showing.end != What::kExposure) expected.insert(std::string(prompts::WhatName(showing.end)));
    CHECK((showings[showing.prompt] == expected));
  }
}

// What was accepted arrived, no two of them under one id, and nothing else did.
void CheckDelivered(World& world) {
  std::set<std::string> accepted;
  for (const EventRecord& record : world.accepted) {
    if (record.kind != EventKind::kLossReport) accepted.insert(record.id);
  }
  for (const std::string& id : accepted) {
    CAPTURE(id);
    CHECK(world.collector.events.count(id) == 1);
  }
  std::set<std::string> told;
  for (auto& entry : world.collector.events) {
    std::string name = entry.second["guidon.event.name"] + entry.second["guidon.event.value"] +
                       entry.second["guidon.experiment.key"] + entry.second["guidon.prompt.id"] +
                       entry.second["guidon.prompt.what"];
    CAPTURE(name);
    CHECK(told.insert(name).second);
  }
}

std::size_t CallsOfStory() {
  World world;
  world.Begin();
  Story(&world);
  REQUIRE(world.collector.events.size() == kEvents);
  CheckDelivered(world);
  CheckRemembered(world);
  return world.storage->calls();
}

TEST_CASE("a store that fails any one call loses nothing, and nothing arrives under two ids") {
  const std::size_t calls = CallsOfStory();
  REQUIRE(calls > 20);
  for (std::size_t n = 1; n <= calls; ++n) {
    for (const StatusCode code : {StatusCode::kOutOfSpace, StatusCode::kCorrupt}) {
      CAPTURE(n);
      World world;
      world.storage->FailCall(n, Status(code, "fault"));
      world.Begin();
      Story(&world);
      CHECK(world.Balances());
      CHECK(world.delivery->store_status().ok());
      world.RunFor(std::chrono::hours(1));
      CHECK(world.collector.events.size() == kEvents);
      CheckDelivered(world);
      const Ledger ledger = world.delivery->ledger();
      CHECK(ledger.accepted == kEvents);
      CHECK(ledger.delivered == kEvents);
      CHECK(world.accepted.size() == kEvents);
      CheckRemembered(world);
      std::uint64_t sequence = 0;
      for (const EventRecord& record : world.accepted) CHECK(record.sequence == ++sequence);
      world.Restart();
      world.Run();
      CheckRemembered(world);
    }
  }
}

TEST_CASE("fault 1: a process that is killed at any call to the store loses nothing it accepted") {
  const std::size_t calls = CallsOfStory();
  for (const auto how : {FaultyStorage::Crash::kBefore, FaultyStorage::Crash::kAfter}) {
    for (std::size_t n = 1; n <= calls; ++n) {
      CAPTURE(n);
      CAPTURE(static_cast<int>(how));
      World world;
      world.Begin();
      // The dead process has no network either, so it cannot go on in memory.
      world.storage->CrashAt(n, how);
      int requests = 0;
      world.answer = [&world, &requests](const HttpRequest& request) {
        if (world.storage->crashed()) return ScriptedAnswer::Hanging();
        return ++requests == 2 ? ScriptedAnswer::Of(503) : world.collector.Take(request);
      };
      std::vector<EventRecord> durable;
      for (int i = 0; i < 6 && !world.storage->crashed(); ++i) {
        world.Track("e" + std::to_string(i));
        world.Expose("x" + std::to_string(i % 2));
        world.Track("again", i);
        if (i > 0) world.Prompt(What::kDismissal, "p" + std::to_string(i - 1));
        world.Prompt(What::kExposure, "p" + std::to_string(i));
        world.Prompt(What::kImpression, "p" + std::to_string(i));
        world.Run();
        while (!world.storage->crashed() && world.delivery->ledger().pending == 0 &&
               world.lanes->AdvanceToNextTimer()) {
        }
        if (!world.storage->crashed()) durable = world.accepted;
        for (int turns = 0; turns < 20 && !world.storage->crashed(); ++turns) world.lanes->AdvanceToNextTimer();
        if (!world.storage->crashed()) durable = world.accepted;
      }
      world.answer = nullptr;
      world.Restart();
      world.RunFor(std::chrono::minutes(10));
      CHECK(world.Balances());
      CHECK(world.delivery->ledger().pending == 0);
      for (const EventRecord& record : durable) {
        CAPTURE(record.id);
        CHECK(world.collector.events.count(record.id) == 1);
      }
      CheckRemembered(world);
      std::set<std::string> sequences;
      for (const auto& entry : world.collector.events) CHECK(sequences.insert(entry.second.at("guidon.seq")).second);
    }
  }
}

TEST_CASE("a store that is down for a while remembers each thing once when it is back, and what it held before") {
  const std::size_t calls = CallsOfStory();
  for (const bool is_first_done : {false, true}) {
    for (std::size_t n = 1; n <= calls; ++n) {
      CAPTURE(is_first_done);
      CAPTURE(n);
      auto store = std::make_shared<Outage>();
      World world(store);
      world.Begin();
      world.Track("again", 77);
      world.Track("before");
      world.Prompt(What::kExposure, "before");
      world.Commit();
      world.Deliver();
      world.Kill();
      store->Begin(n, 5, is_first_done);
      world.Begin();
      Story(&world);
      world.RunFor(std::chrono::hours(1));
      CHECK(world.delivery->store_status().ok());
      CHECK(world.delivery->ledger().pending == 0);
      CHECK(world.Balances());
      CheckDelivered(world);
      CheckRemembered(world);
      world.Restart();
      world.Run();
      CheckRemembered(world);
      CHECK(world.Mine()->behavior->forgotten_before() == Timestamp::min());
      CHECK(world.Mine()->showings->forgotten_before() == Timestamp::min());
      CHECK(world.Did("again") == 6);
    }
  }
}

TEST_CASE("an acknowledged batch whose forgetting is undone by a power cut is sent again under the same ids") {
  World world;
  world.Begin();
  world.TrackMany(3);
  world.Commit();
  const std::size_t before = world.storage->calls();
  // Gather, freeze, acknowledge; then the machine goes down, and the last commit was not on the disk.
  world.storage->CrashAt(before + 4, FaultyStorage::Crash::kLosingLastCommit);
  world.Deliver();
  REQUIRE(world.collector.events.size() == 3);
  world.Track("never stored");
  world.RunFor(std::chrono::seconds(1));
  REQUIRE(world.storage->crashed());
  world.Restart();
  world.RunFor(std::chrono::minutes(1));
  CHECK(world.collector.received == 6);
  CHECK(world.collector.events.size() == 3);
  CHECK(world.delivery->ledger().delivered == 3);
  CHECK(world.Balances());
}

}  // namespace
}  // namespace guidon::events::test
