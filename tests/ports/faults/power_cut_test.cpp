// Fault 2: the machine loses its power at any write or sync of the database. What was written and not synced is there,
// or not, in any mix; of the journal's pages some are there, some are older, some were never written.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>

#include "tests/ports/faults/cut_disk.h"
#include "tests/ports/faults/disk_world.h"
#include "tests/ports/storage_calls.h"

namespace guidon::test {
namespace {

namespace fs = std::filesystem;
using events::test::Collector;

constexpr std::size_t kPage = 4096;

std::map<std::string, std::string> Segments(const std::string& state) {
  std::map<std::string, std::string> segments;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(state + "/journal", none)) {
    std::ifstream in(entry.path(), std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (!bytes.empty()) segments[entry.path().filename().string()] = std::move(bytes);
  }
  return segments;
}

enum class Pages { kAll, kMixed, kNone };

struct Cut {
  std::set<std::string> durable;  // names whose commit had returned
  int told = 0;
  Collector collector;
};

void Live(DiskWorld* world, std::mt19937* random, std::map<std::string, std::string>* older) {
  for (int i = 0; i < 8; ++i) {
    world->Tell(1 + static_cast<int>((*random)() % 40));
    if ((*random)() % 3 == 0) world->Expose("x" + std::to_string(i));
    world->RunFor(std::chrono::milliseconds(10 * static_cast<int>((*random)() % 30)));
    if ((*random)() % 4 == 0) world->RunFor(std::chrono::seconds(31));
    if ((*random)() % 3 == 0) *older = Segments(world->folder);
  }
}

// The life of a process up to the cut, and what a machine finds that has power again.
Cut LiveAndCut(unsigned seed, std::size_t at, Pages pages, const std::string& state, const std::string& copy,
               std::size_t* calls) {
  std::mt19937 random(seed);
  std::mt19937 dice(seed + 1);
  CutDisk disk;
  Cut cut;
  std::map<std::string, std::string> older;
  DiskWorld world(state);
  disk.CutAt(at, [&] {
    fs::create_directories(copy + "/journal");
    disk.Copy(state + "/state.db", copy + "/state.db", &dice);
    for (auto& [name, bytes] : Segments(state)) {
      if (pages == Pages::kNone) continue;
      const std::string before = older.count(name) != 0 ? older[name] : std::string(bytes.size(), '\0');
      for (std::size_t page = 0; page < bytes.size() && pages == Pages::kMixed; page += kPage) {
        const std::size_t die = dice() % 4;
        if (die == 0) bytes.replace(page, kPage, before, page, kPage);
        if (die == 1) bytes.replace(page, kPage, kPage, '\0');
      }
      std::ofstream(copy + "/journal/" + name, std::ios::binary) << bytes;
    }
    for (const EventRecord& record : world.accepted) cut.durable.insert(record.name);
    cut.told = world.next;
    cut.collector = world.collector;
  });
  world.Begin();
  Live(&world, &random, &older);
  CHECK(world.told_all);
  world.Kill();
  disk.CutAt(0, nullptr);  // what closing writes is none of it
  *calls = disk.calls();
  return cut;
}

void CheckCut(const Cut& cut, Pages pages, const std::string& copy) {
  DiskWorld world(copy);
  world.collector = cut.collector;
  world.Begin();
  world.RunFor(std::chrono::minutes(10));
  CHECK(world.delivery->store_status().ok());
  CHECK_FALSE(world.delivery->store_was_reset());
  CHECK(world.Balances());
  CHECK(world.ledger().pending == 0);
  const std::set<std::string> names = world.Names();
  for (const std::string& name : cut.durable) {
    if (name[0] != 'n') continue;
    CAPTURE(name);
    CHECK(names.count(name) == 1);
  }
  CHECK(names.size() <= static_cast<std::size_t>(cut.told));
  if (pages == Pages::kAll) CHECK(names.size() == static_cast<std::size_t>(cut.told));
  if (pages == Pages::kNone) {
    // A prefix of what was told.
    for (std::size_t i = 0; i < names.size(); ++i) CHECK(names.count("n" + std::to_string(i)) == 1);
  }
  const Ledger before = world.ledger();
  world.Track("after");
  world.Commit();
  world.answer = [](const HttpRequest&) { return ScriptedAnswer::Failed(); };
  world.Restart();
  world.Run();
  CHECK(world.ledger().accepted == before.accepted + 1);
  CHECK(world.ledger().delivered == before.delivered);
}

TEST_CASE("fault 2: without power nothing is lost that was durable, and else no more than the last commit's interval") {
  const unsigned seeds = std::getenv("GUIDON_LONG") != nullptr ? 300 : 30;
  const std::string base = FastFolder();
  std::size_t lost = 0, told = 0, calls = 0, cuts = 0;
  for (unsigned seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed * 7919 + 1);
    const auto pages = static_cast<Pages>(random() % 3);
    const std::size_t at = 1 + random() % 120;
    CAPTURE(at);
    CAPTURE(static_cast<int>(pages));
    const std::string state = base + "/state", copy = base + "/copy";
    fs::create_directories(state);
    const Cut cut = LiveAndCut(seed, at, pages, state, copy, &calls);
    if (fs::exists(copy)) {
      ++cuts;
      CheckCut(cut, pages, copy);
      told += static_cast<std::size_t>(cut.told);
      std::size_t durable = 0;
      for (const std::string& name : cut.durable) durable += name[0] == 'n' ? 1u : 0u;
      lost += static_cast<std::size_t>(cut.told) - durable;
    }
    fs::remove_all(state);
    fs::remove_all(copy);
  }
  MESSAGE(cuts << " cuts, the last life's calls " << calls << ", " << told << " events told, " << lost
               << " not durable yet at the cut");
  CHECK(cuts > seeds / 2);
  CHECK(lost > 0);
  fs::remove_all(base);
}

// Opens a store in which a process was killed before the n-th write or sync of its second commit, then cuts the power.
// False when there is no n-th.
bool KillOpenAndCut(std::size_t n, unsigned seed, const std::string& base) {
  CutDisk disk;
  const std::string state = base + "/state", killed = base + "/killed", copy = base + "/copy";
  for (const std::string& folder : {state, killed, copy}) fs::create_directories(folder);
  bool was_killed = false;
  {
    const auto storage = SqliteStorage(state + "/state.db");
    REQUIRE(Open(*storage).ok());
    REQUIRE(Put(*storage, {"a"}).ok());
    disk.CutAt(disk.calls() + n, [&] {
      was_killed = true;
      for (const char* name : {"/state.db", "/state.db-wal"}) {
        fs::copy(state + name, killed + name);
        *disk.Unsynced(killed + name) = *disk.Unsynced(state + name);
      }
    });
    REQUIRE(Put(*storage, {"b"}).ok());
    disk.CutAt(0, nullptr);
  }
  if (was_killed) {
    const auto storage = SqliteStorage(killed + "/state.db");
    REQUIRE(Open(*storage).ok());
    const std::vector<std::string> there = Keys(*storage, "a", "z");
    std::mt19937 dice(seed);
    disk.Copy(killed + "/state.db", copy + "/state.db", &dice);
    const auto after = SqliteStorage(copy + "/state.db");
    REQUIRE(Open(*after).ok());
    CHECK(Keys(*after, "a", "z") == there);
  }
  for (const std::string& folder : {state, killed, copy}) fs::remove_all(folder);
  return was_killed;
}

TEST_CASE("fault 2: what a killed process wrote and did not sync is durable once the next one has opened the store") {
  const std::string base = FastFolder();
  std::size_t n = 1;
  for (bool was_killed = true; was_killed; ++n) {
    CAPTURE(n);
    for (unsigned seed = 0; seed < 20 && was_killed; ++seed) {
      CAPTURE(seed);
      was_killed = KillOpenAndCut(n, seed, base);
    }
  }
  CHECK(n > 3);
  fs::remove_all(base);
}

}  // namespace
}  // namespace guidon::test
