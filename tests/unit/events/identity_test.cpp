// Who is logged in changes: what moves, what stays, in every direction and whatever the store does meanwhile.
#include <doctest/doctest.h>

#include <functional>

#include "guidon/limits.h"
#include "sdk/events/inbox.h"
#include "sdk/events/remembered.h"
#include "tests/unit/events/world.h"

namespace guidon::events::test {
namespace {

using prompts::What;
using Told = std::vector<std::string>;

std::vector<Row> RowsOf(Storage& storage, const std::string& from, const std::string& to) {
  std::vector<Row> rows;
  storage.Read(from, to, SIZE_MAX / 2, [&rows](Result<std::vector<Row>> result) { rows = *result; });
  return rows;
}

void ExposeAccount(World* world, const std::string& experiment, const std::string& variant) {
  Fact fact = world->MakeFact(EventKind::kExposure, experiment);
  fact.variant = variant;
  fact.unit_kind = "account";
  fact.unit_id = world->account;
  fact.iteration = 1;
  world->delivery->Append(std::move(fact));
}

// Nobody did `a` twice, ann three times, bob five times, each saw one prompt; ann is in x and y, bob in y.
void Live(World* world) {
  const auto live = [world](const std::string& account, int times) {
    world->account = account;
    for (int i = 0; i < times; ++i) world->Track("a");
    world->Prompt(What::kExposure, "shown to " + (account.empty() ? "nobody" : account));
    world->Prompt(What::kImpression, "shown to " + (account.empty() ? "nobody" : account));
  };
  live("", 2);
  world->Expose("of the device", "on");
  live("ann", 3);
  ExposeAccount(world, "x", "ann's");
  ExposeAccount(world, "y", "ann's");
  live("bob", 5);
  ExposeAccount(world, "y", "bob's");
  world->Commit();
}

struct Direction {
  std::string name, from, to;
  Carry carry;
  // What nobody, ann, bob and eve did, and saw, afterwards.
  std::uint64_t did[4];
  std::uint64_t saw[4];
  std::string in_x, in_y;  // the new one's variants
};

const Direction kDirections[] = {
    {"nobody to a new account, nothing", "", "eve", Carry::kNothing, {2, 3, 5, 0}, {1, 1, 1, 0}, "", ""},
    {"nobody to a new account", "", "eve", Carry::kAnonymous, {0, 3, 5, 2}, {0, 1, 1, 1}, "", ""},
    {"nobody to a new account, previous", "", "eve", Carry::kPrevious, {0, 3, 5, 2}, {0, 1, 1, 1}, "", ""},
    {"nobody to a known account, nothing", "", "ann", Carry::kNothing, {2, 3, 5, 0}, {1, 1, 1, 0}, "ann's", "ann's"},
    {"nobody to a known account", "", "ann", Carry::kAnonymous, {0, 5, 5, 0}, {0, 2, 1, 0}, "ann's", "ann's"},
    {"nobody to a known account, previous", "", "ann", Carry::kPrevious, {0, 5, 5, 0}, {0, 2, 1, 0}, "ann's", "ann's"},
    {"known to another, nothing", "ann", "bob", Carry::kNothing, {2, 3, 5, 0}, {1, 1, 1, 0}, "", "bob's"},
    {"known to another", "ann", "bob", Carry::kAnonymous, {2, 3, 5, 0}, {1, 1, 1, 0}, "", "bob's"},
    {"two are one", "ann", "bob", Carry::kPrevious, {2, 0, 8, 0}, {1, 0, 2, 0}, "ann's", "bob's"},
    {"known to a new one, who is the same",
     "ann",
     "eve",
     Carry::kPrevious,
     {2, 0, 5, 3},
     {1, 0, 1, 1},
     "ann's",
     "ann's"},
    {"known to nobody, nothing", "ann", "", Carry::kNothing, {2, 3, 5, 0}, {1, 1, 1, 0}, "", ""},
    {"known to nobody", "ann", "", Carry::kAnonymous, {2, 3, 5, 0}, {1, 1, 1, 0}, "", ""},
    {"known to nobody, who is the same", "ann", "", Carry::kPrevious, {5, 0, 5, 0}, {2, 0, 1, 0}, "", ""},
    {"to oneself", "ann", "ann", Carry::kAnonymous, {2, 3, 5, 0}, {1, 1, 1, 0}, "ann's", "ann's"},
    {"to oneself, previous", "ann", "ann", Carry::kPrevious, {2, 3, 5, 0}, {1, 1, 1, 0}, "ann's", "ann's"},
};

void Check(const World& world, const Direction& row) {
  const std::string accounts[] = {"", "ann", "bob", "eve"};
  for (std::size_t i = 0; i < 4; ++i) {
    CAPTURE(accounts[i]);
    CHECK(world.Did("a", accounts[i]) == row.did[i]);
    CHECK(world.Shown(accounts[i])->made == row.saw[i]);
  }
  REQUIRE((world.remembered.enrollments != nullptr));
  const enrollment::Enrollments& enrollments = *world.remembered.enrollments;
  const auto variant = [&](const std::string& id, const std::string& experiment) {
    const enrollment::Enrollment* found = enrollments.Find("account", id, experiment);
    return found == nullptr ? std::string() : found->variant;
  };
  CHECK(variant(row.to, "x") == row.in_x);
  CHECK(variant(row.to, "y") == row.in_y);
  // Nobody loses any.
  CHECK(variant("ann", "x") == "ann's");
  CHECK(variant("bob", "y") == "bob's");
  CHECK(enrollments.Find("device", world.settings.install_id, "of the device") != nullptr);
}

// How the change comes to pass: `change` is done somewhere in it.
struct Way {
  std::string name;
  bool is_stored;
  std::function<void(World*, const std::function<void()>& change)> go;
};

const Way kWays[] = {
    {"at once", true, [](World*, const std::function<void()>& change) { change(); }},
    {"in memory, without a store", false, [](World*, const std::function<void()>& change) { change(); }},
    {"while the store is down", true,
     [](World* world, const std::function<void()>& change) {
       world->storage->FailAll(Status(StatusCode::kOutOfSpace, "disk full"));
       change();
       world->Run();
       world->storage->FailAll(Status());
       world->RunFor(std::chrono::minutes(10));
     }},
    {"before the store could be read", true,
     [](World* world, const std::function<void()>& change) {
       world->Kill();
       world->storage->FailAll(Status(StatusCode::kUnavailable, "locked"));
       world->Begin();
       change();
       world->Run();
       world->storage->FailAll(Status());
       world->RunFor(std::chrono::minutes(10));
     }},
    {"in the background", true,
     [](World* world, const std::function<void()>& change) {
       world->delivery->Background(nullptr);
       world->Run();
       change();
       world->Run();
       world->delivery->Foreground();
     }},
    {"while consent is withdrawn", true,
     [](World* world, const std::function<void()>& change) {
       world->delivery->SetConsent(Consent::kDenied);
       change();
       world->Run();
       CHECK(world->remembered.identity == 0);
       CHECK(world->Mine() == nullptr);
       world->delivery->SetConsent(Consent::kGranted);
     }},
    {"withdrawn before its commit", true,
     [](World* world, const std::function<void()>& change) {
       world->Track("never stored");
       change();
       world->delivery->SetConsent(Consent::kUnknown);
       world->Run();
       world->delivery->SetConsent(Consent::kGranted);
     }},
};

TEST_CASE("what is carried moves, once, in every direction and whatever the store does meanwhile; nothing else does") {
  for (const Way& way : kWays) {
    for (const Direction& row : kDirections) {
      CAPTURE(way.name);
      CAPTURE(row.name);
      World world;
      if (!way.is_stored) world.ports.storage = nullptr;
      world.settings.collector_url.clear();
      world.Begin();
      Live(&world);
      const std::uint64_t accepted = world.delivery->ledger().accepted;
      world.account = row.from;
      way.go(&world, [&] { CHECK(world.Identify(row.to, row.carry)); });
      world.Run();
      CHECK(world.remembered.identity == 1);
      Check(world, row);
      CHECK(world.delivery->ledger().accepted == accepted);  // it is no event
      CHECK(world.Balances());
      if (!way.is_stored) continue;
      world.Restart();
      world.Run();
      CHECK(world.remembered.identity == 0);
      Check(world, row);
      // Told again, by a process that does not know: there is nothing left to move.
      world.account = row.from;
      world.Identify(row.to, row.carry);
      world.Commit();
      CHECK(world.remembered.identity == 1);
      Check(world, row);
      CHECK(world.Mine()->behavior->forgotten_before() == Timestamp::min());
      CHECK(world.Mine("eve")->behavior->forgotten_before() == Timestamp::min());
    }
  }
}

TEST_CASE("a change takes its turn among the facts, and does not wait for the commit that is due later") {
  World world;
  world.settings.collector_url.clear();
  world.Begin();
  world.Run();
  world.Track("a");
  world.Track("a");
  world.Identify("ann", Carry::kAnonymous);
  world.Track("a");
  world.account = "";  // a thread that does not know yet
  world.Track("a");
  world.Run();
  CHECK(world.accepted.size() == 4);
  CHECK(world.Did("a", "ann") == 3);
  CHECK(world.Did("a") == 1);
  CHECK(world.remembered.identity == 1);
  // In one commit, so the memory of the old identity is never told under the new number.
  CHECK(world.told == Told{"memory", "memory", "a", "a", "a", "a"});
  world.account = "ann";
  world.Identify("bob", Carry::kNothing);
  world.Identify("", Carry::kNothing);
  world.Commit();
  CHECK(world.remembered.identity == 3);
  CHECK(world.Did("a", "ann") == 3);
}

TEST_CASE("what becomes of a prompt is found where its showing is, in the same commit and later") {
  for (const bool is_one_commit : {true, false}) {
    CAPTURE(is_one_commit);
    World world;
    world.settings.collector_url.clear();
    world.Begin();
    const auto step = [&](What what, const std::string& account) {
      world.account = account;
      world.Prompt(what, "p1");
      if (!is_one_commit) world.Commit();
    };
    step(What::kExposure, "");
    world.Identify("ann", Carry::kAnonymous);
    step(What::kImpression, "");  // by a lease that knows the old identity alone
    world.account = "ann";
    world.Identify("bob", Carry::kNothing);
    step(What::kAction, "bob");
    step(What::kDismissal, "bob");  // the first end is the end
    world.Commit();
    CHECK(world.accepted.size() == 3);
    REQUIRE(world.Shown("ann")->list.size() == 1);
    CHECK(world.Shown("ann")->list[0].was_seen);
    CHECK(world.Shown("ann")->list[0].end == What::kAction);
    CHECK(world.Shown()->made == 0);
    CHECK(world.Shown("bob")->made == 0);
  }
}

TEST_CASE("beyond eight accounts the one used longest ago is erased, and not taken for new when it comes back") {
  auto store = std::make_shared<MemoryStore>();
  World world(store);
  world.settings.collector_url.clear();
  world.Begin();
  const auto name = [](std::size_t i) { return "account " + std::to_string(i); };
  Timestamp gone{};
  for (std::size_t i = 0; i < limits::kScopes; ++i) {
    world.Identify(name(i), Carry::kNothing);
    world.Track("a");
    world.Prompt(What::kExposure, name(i));
    if (i == 1) gone = world.clock.Now();
    world.Commit();
    world.clock.Advance(std::chrono::hours(24));
  }
  world.Identify(name(0), Carry::kNothing);  // used again, so it is another one's turn
  world.Commit();
  CHECK(world.remembered.scopes->accounts().size() == limits::kScopes);
  world.Identify("one more", Carry::kNothing);
  world.Track("a");
  world.Commit();
  for (int process = 0; process < 2; ++process) {
    CAPTURE(process);
    CHECK(world.remembered.scopes->accounts().size() == limits::kScopes);
    CHECK(world.Did("a", name(0)) == 1);
    CHECK(world.Did("a", name(1)) == 0);
    CHECK(world.Did("a", name(2)) == 1);
    CHECK(world.Did("a", "one more") == 1);
    CHECK(RowsOf(*store, BehaviorRows(ScopeOf(name(1))).from, BehaviorRows(ScopeOf(name(1))).to).empty());
    CHECK(RowsOf(*store, ShowingsRows(ScopeOf(name(1))).from, ShowingsRows(ScopeOf(name(1))).to).empty());
    for (const std::string& account : {name(1), std::string("one more"), std::string("never seen")}) {
      CAPTURE(account);
      CHECK((world.Mine(account)->behavior->forgotten_before() == gone + Duration(1)));
      CHECK((world.Mine(account)->showings->Of("any")->forgotten_before == gone + Duration(1)));
    }
    CHECK(world.Mine()->behavior->forgotten_before() == Timestamp::min());
    CHECK(world.Mine(name(0))->behavior->forgotten_before() == Timestamp::min());
    world.Restart();
    world.Run();
  }
}

TEST_CASE("an account that is erased for another one in the same commit is erased with what it just did") {
  auto store = std::make_shared<MemoryStore>();
  World world(store);
  world.settings.collector_url.clear();
  world.Begin();
  for (std::size_t i = 0; i <= limits::kScopes; ++i) {
    world.account = "account " + std::to_string(i);
    world.Track("a");
    world.Prompt(What::kExposure, "p" + std::to_string(i));
  }
  world.Commit();
  for (int process = 0; process < 2; ++process) {
    CHECK(world.remembered.scopes->accounts().size() == limits::kScopes);
    CHECK(world.remembered.scopes->kept().size() == limits::kScopes + 1);
    CHECK(world.Did("a", "account 0") == 0);
    CHECK((world.remembered.scopes->forgotten_before() == world.clock.Now() + Duration(1)));
    CHECK(world.Did("a", "account 1") == 1);
    CHECK(world.Shown("account 8")->made == 1);
    CHECK(RowsOf(*store, "h/", "h0").size() == limits::kScopes + 1);  // of one it is said what is forgotten
    world.Restart();
    world.Run();
  }
}

TEST_CASE("what was lost of one identity is lost of the one it moves to, and of the other no more") {
  auto store = std::make_shared<MemoryStore>();
  World world(store);
  world.settings.collector_url.clear();
  world.Begin();
  world.account = "ann";
  world.Track("a");
  world.Commit();
  world.Kill();
  StorageBatch batch;
  batch.put.push_back({BehaviorKey("b"), "junk"});
  batch.put.push_back({ShowingsKey("c"), "junk"});
  store->Commit(std::move(batch), [](Status) {});
  const Timestamp lost_at = world.clock.Now();
  world.Begin();
  world.account = "";
  world.Run();
  CHECK(world.Mine()->behavior->forgotten_before() == lost_at);
  world.Identify("ann", Carry::kAnonymous);
  world.Commit();
  for (int process = 0; process < 2; ++process) {
    CHECK(world.Mine()->behavior->forgotten_before() == Timestamp::min());
    CHECK(world.Mine()->showings->forgotten_before() == Timestamp::min());
    CHECK(world.Mine("ann")->behavior->forgotten_before() == lost_at);
    CHECK(world.Mine("ann")->behavior->Find("a")->forgotten_before == lost_at);
    CHECK(world.Mine("ann")->showings->forgotten_before() == lost_at);
    world.Restart();
    world.Run();
  }
}

TEST_CASE("rows of a scope that are damaged cost that scope; the list of scopes costs all accounts") {
  struct Case {
    std::string name, key, value;
    bool costs_nobody, costs_ann, costs_bob;
  };
  const Case cases[] = {
      {"a series", BehaviorKey("a", ScopeOf("ann")), "junk", false, true, false},
      {"what is forgotten", BehaviorKey("", ScopeOf("ann")), "junk", false, true, false},
      {"the list", std::string(kScopesKey), "junk", false, true, true},
      {"an empty list", std::string(kScopesKey), "", false, true, true},
  };
  for (const Case& row : cases) {
    CAPTURE(row.name);
    auto store = std::make_shared<MemoryStore>();
    World world(store);
    world.settings.collector_url.clear();
    world.Begin();
    Live(&world);
    world.Kill();
    StorageBatch batch;
    batch.put.push_back({row.key, row.value});
    store->Commit(std::move(batch), [](Status) {});
    const Timestamp lost_at = world.clock.Now();
    for (int process = 0; process < 2; ++process) {
      world.Begin();
      world.Run();
      const auto forgotten = [&](const std::string& account) {
        return world.Mine(account)->behavior->forgotten_before();
      };
      CHECK(forgotten("") == (row.costs_nobody ? lost_at : Timestamp::min()));
      CHECK(forgotten("ann") == (row.costs_ann ? lost_at : Timestamp::min()));
      CHECK(forgotten("bob") == (row.costs_bob ? lost_at : Timestamp::min()));
      CHECK(world.Did("a") == 2);
      CHECK(world.Did("a", "bob") == (row.costs_bob ? 0 : 5));
      CHECK(RowsOf(*store, BehaviorRows(ScopeOf("bob")).from, BehaviorRows(ScopeOf("bob")).to).empty() ==
            row.costs_bob);
      CHECK(RowsOf(*store, "q/", "q0").size() == 1);
      world.Kill();
      world.clock.Advance(std::chrono::hours(1));
    }
  }
}

TEST_CASE("changes have places of their own when the inbox is full, and as many wait for consent") {
  World world;
  world.settings.collector_url.clear();
  world.Begin();
  world.Run();
  world.TrackMany(static_cast<int>(limits::kInboxFacts));
  CHECK_FALSE(world.Track("no room"));
  CHECK(world.Identify("ann", Carry::kAnonymous));
  world.Commit();
  CHECK(world.Refused("inbox_full") == 1);
  CHECK(world.remembered.identity == 1);
  CHECK(world.Mine("ann")->behavior->series().size() == limits::kBehaviorEvents);

  world.delivery->SetConsent(Consent::kDenied);
  world.Run();
  for (std::size_t i = 0; i < kIdentityChanges + 5; ++i) {
    CHECK(world.Identify(i % 2 == 0 ? "bob" : "ann", Carry::kPrevious));
    world.Run();
  }
  const std::string last = world.account;
  world.delivery->SetConsent(Consent::kGranted);
  world.Run();
  CHECK(world.remembered.identity == world.identifies);
  CHECK(world.delivery->ledger().refused.size() == 1);
  CHECK(world.Mine(last)->behavior->series().size() +
            world.Mine(last == "ann" ? "bob" : "ann")->behavior->series().size() ==
        limits::kBehaviorEvents);
}

TEST_CASE("an erasure takes the changes with it that waited, and says that they are over") {
  for (const bool has_store : {true, false}) {
    CAPTURE(has_store);
    auto store = std::make_shared<MemoryStore>();
    World world(store);
    if (!has_store) world.ports.storage = nullptr;
    world.settings.collector_url.clear();
    world.Begin();
    Live(&world);
    world.delivery->SetConsent(Consent::kDenied);
    world.Identify("eve", Carry::kAnonymous);
    world.Run();
    CHECK(world.Erase().ok());
    world.delivery->SetConsent(Consent::kGranted);
    world.Run();
    CHECK(world.remembered.identity == 1);
    CHECK(world.Did("a") + world.Did("a", "eve") + world.Did("a", "ann") == 0);
    CHECK(world.remembered.scopes->accounts().empty());
    CHECK(world.remembered.enrollments->empty());
    CHECK(RowsOf(*store, "y/", "y0").empty());
    CHECK(RowsOf(*store, "h/", "h0").empty());
  }
}

}  // namespace
}  // namespace guidon::events::test
