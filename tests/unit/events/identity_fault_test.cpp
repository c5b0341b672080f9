// People log in and out while every call to the store fails once, and every call is once the last: what was done is
// counted once, for one identity, and for the right one wherever the process lived to see it.
#include <doctest/doctest.h>

#include <map>

#include "tests/unit/events/outage.h"
#include "tests/unit/events/world.h"

namespace guidon::events::test {
namespace {

using guidon::test::FaultyStorage;
using prompts::What;

struct Step {
  std::string to;
  Carry carry;
};
const Step kSteps[] = {{"ann", Carry::kAnonymous}, {"", Carry::kNothing},      {"ann", Carry::kAnonymous},
                       {"bob", Carry::kPrevious},  {"eve", Carry::kAnonymous}, {"", Carry::kPrevious}};

// Did and saw something as each of them, and as who came before: two `a` and one prompt each.
void Act(World* world, int step) {
  world->Track("a");
  world->Track("a");
  world->Prompt(What::kExposure, "p" + std::to_string(step));
  Fact fact = world->MakeFact(EventKind::kExposure, "x" + std::to_string(step));
  fact.variant = "on";
  fact.iteration = 1;
  fact.unit_kind = world->account.empty() ? "device" : "account";
  fact.unit_id = world->account.empty() ? world->settings.install_id : world->account;
  world->delivery->Append(std::move(fact));
}

void Story(World* world) {
  world->account.clear();
  Act(world, 0);
  int number = 0;
  for (const Step& step : kSteps) {
    // Some changes have a commit of their own, some share it with what was done before and after.
    if (number % 2 == 1) world->RunFor(std::chrono::seconds(1));
    world->Identify(step.to, step.carry);
    if (number % 3 == 1) world->RunFor(std::chrono::seconds(1));
    Act(world, ++number);
  }
  world->RunFor(std::chrono::minutes(20));
}

using Counts = std::map<std::string, std::pair<std::uint64_t, std::uint64_t>>;  // account to `a` and showings

Counts Now(const World& world) {
  Counts counts;
  for (const std::string account : {"", "ann", "bob", "eve"}) {
    counts[account] = {world.Did("a", account), world.Shown(account)->made};
  }
  return counts;
}

// Nobody: 2, to ann. Out: 2, to ann again, who has 2 of her own each time; all of that to bob, and so on to eve who
// only gets what nobody did; then eve's to nobody.
const Counts kExpected = {{"", {4, 2}}, {"ann", {0, 0}}, {"bob", {10, 5}}, {"eve", {0, 0}}};

void CheckStory(const World& world) {
  CHECK((Now(world) == kExpected));
  REQUIRE((world.remembered.enrollments != nullptr));
  const enrollment::Enrollments& enrollments = *world.remembered.enrollments;
  CHECK(enrollments.Find("device", world.settings.install_id, "x0") != nullptr);
  for (const std::string id : {"ann", "bob"}) {
    CHECK(enrollments.Find("account", id, "x1") != nullptr);
    CHECK(enrollments.Find("account", id, "x3") != nullptr);
  }
  CHECK(enrollments.Find("account", "eve", "x1") == nullptr);
  CHECK(enrollments.Find("account", "eve", "x5") != nullptr);
  CHECK(enrollments.all().size() == 9);
}

std::size_t CallsOfStory() {
  World world;
  world.settings.collector_url.clear();
  world.Begin();
  Story(&world);
  CheckStory(world);
  return world.storage->calls();
}

TEST_CASE("a store that fails any one call moves each thing once, to the same identity") {
  const std::size_t calls = CallsOfStory();
  REQUIRE(calls > 10);
  for (std::size_t n = 1; n <= calls; ++n) {
    for (const auto how : {0, 1, 2}) {
      CAPTURE(n);
      CAPTURE(how);
      World world;
      world.settings.collector_url.clear();
      if (how == 0) world.storage->FailCall(n, Status(StatusCode::kOutOfSpace, "fault"));
      if (how == 1) world.storage->CrashAt(n, FaultyStorage::Crash::kBefore);
      if (how == 2) world.storage->CrashAt(n, FaultyStorage::Crash::kAfter);
      world.Begin();
      Story(&world);
      // The process lived on in memory; what it knows moves over.
      CheckStory(world);
      CHECK(world.remembered.identity == 6);
      if (how != 0) world.storage->Restart();
      world.RunFor(std::chrono::hours(1));
      REQUIRE(world.delivery->store_status().ok());
      CheckStory(world);
      CHECK(world.Balances());
      world.Restart();
      world.Run();
      CheckStory(world);
    }
  }
}

TEST_CASE("a commit that took place and reported a failure is not done again, however long the store is down") {
  const std::size_t calls = CallsOfStory();
  for (std::size_t n = 1; n <= calls; ++n) {
    for (const std::size_t length : {std::size_t{1}, std::size_t{3}, std::size_t{6}}) {
      CAPTURE(n);
      CAPTURE(length);
      auto store = std::make_shared<Outage>();
      World world(store);
      world.settings.collector_url.clear();
      store->Begin(n, length, true);
      world.Begin();
      Story(&world);
      world.RunFor(std::chrono::hours(1));
      REQUIRE(world.delivery->store_status().ok());
      CheckStory(world);
      CHECK(world.remembered.identity == 6);
      CHECK(world.Balances());
      world.Restart();
      world.Run();
      CheckStory(world);
    }
  }
}

TEST_CASE("a process that is killed at any call leaves each thing that it accepted with one identity, enrolled") {
  const std::size_t calls = CallsOfStory();
  for (const auto how : {FaultyStorage::Crash::kBefore, FaultyStorage::Crash::kAfter}) {
    for (std::size_t n = 1; n <= calls; ++n) {
      CAPTURE(n);
      CAPTURE(static_cast<int>(how));
      World world;
      world.Begin();
      world.storage->CrashAt(n, how);
      world.account.clear();
      Act(&world, 0);
      int number = 0;
      for (const Step& step : kSteps) {
        world.Run();
        for (int turns = 0; turns < 2 && !world.storage->crashed(); ++turns) world.lanes->AdvanceToNextTimer();
        if (world.storage->crashed()) break;
        world.Identify(step.to, step.carry);
        Act(&world, ++number);
      }
      world.Restart();
      world.RunFor(std::chrono::minutes(10));
      CHECK(world.delivery->ledger().pending == 0);
      // What reached the collector is what was accepted, and is what is remembered.
      std::uint64_t did = 0, saw = 0, enrolled = 0;
      for (auto& entry : world.collector.events) {
        if (entry.second["guidon.event.name"] == "a") ++did;
        if (!entry.second["guidon.prompt.id"].empty()) ++saw;
        if (entry.second["guidon.experiment.key"].empty()) continue;
        ++enrolled;
        CHECK(world.remembered.enrollments->Find(entry.second["guidon.unit.kind"],
                                                 entry.second["feature_flag.context.id"],
                                                 entry.second["guidon.experiment.key"]) != nullptr);
      }
      std::uint64_t did_now = 0, saw_now = 0;
      for (const auto& entry : Now(world)) {
        did_now += entry.second.first;
        saw_now += entry.second.second;
      }
      CHECK(did == did_now);
      CHECK(saw == saw_now);
      if (number < 4) CHECK(world.remembered.enrollments->all().size() == enrolled);  // none were copied yet
    }
  }
}

}  // namespace
}  // namespace guidon::events::test
