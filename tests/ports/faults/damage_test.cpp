// Fault 3: what is in the state folder is torn, zeroed, flipped, gone. Fault 6: what is in the database is not ours to
// read.
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

#include "sdk/events/state.h"
#include "tests/ports/faults/disk_world.h"

namespace guidon::test {
namespace {

namespace fs = std::filesystem;

std::string ReadAll(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

void WriteAll(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// What a process leaves that is killed: a database and its log, a batch under way, and facts in the journal alone.
int Leave(const std::string& state) {
  const std::string live = state + "-live";
  fs::create_directories(live);
  DiskWorld world(live);
  world.answer = [](const HttpRequest&) { return ScriptedAnswer::Of(503); };
  world.Begin();
  world.Run();
  for (int i = 0; i < 6; ++i) {
    world.Tell(60);
    world.Expose("x" + std::to_string(i));
    world.Commit();
    if (i == 3) world.Deliver();
  }
  world.Tell(40);
  fs::copy(live, state, fs::copy_options::recursive);
  const int told = world.next;
  world.Kill();
  fs::remove_all(live);
  return told;
}

enum class What { kDatabase, kLog, kJournal, kSharedMemory, kSeveral };
enum class How { kFlip, kZeros, kNoise, kTorn, kHeader, kGone };

std::string Damaged(std::string bytes, How how, std::mt19937* random) {
  if (bytes.empty()) return bytes;
  const std::size_t at = (*random)() % bytes.size();
  const std::size_t size = std::min<std::size_t>(bytes.size() - at, 1 + (*random)() % 5'000);
  switch (how) {
    case How::kFlip: bytes[at] = static_cast<char>(bytes[at] ^ (1 << ((*random)() % 8))); break;
    case How::kZeros: std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), size, '\0'); break;
    case How::kNoise:
      for (std::size_t i = at; i < at + size; ++i) bytes[i] = static_cast<char>((*random)());
      break;
    case How::kTorn: bytes.resize(at); break;
    case How::kHeader:
      for (std::size_t i = 0; i < std::min<std::size_t>(bytes.size(), 100); ++i)
        bytes[i] = static_cast<char>((*random)());
      break;
    case How::kGone: break;
  }
  return bytes;
}

void Damage(const fs::path& path, How how, std::mt19937* random) {
  if (how == How::kGone) {
    fs::remove(path);
  } else {
    WriteAll(path, Damaged(ReadAll(path), how, random));
  }
}

fs::path Segment(const std::string& state) {
  for (const auto& entry : fs::directory_iterator(state + "/journal")) {
    const std::string name = entry.path().filename().string();
    if (name.find("_segment") != std::string::npos) return entry.path();
  }
  FAIL("no segment");
  return {};
}

void Sql(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  CAPTURE(sql);
  CHECK(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
}

struct Tally {
  std::size_t resets = 0, corrupt = 0, missing = 0;
};

void OpenDamaged(const std::string& state, int told, What what, How how, Tally* tally) {
  DiskWorld world(state);
  world.Begin();
  world.RunFor(std::chrono::minutes(10));
  CHECK(world.delivery->store_status().ok());
  CHECK(world.Balances());
  const std::set<std::string> names = world.Names();
  const std::uint64_t corrupt = world.Lost("corrupt");
  const std::size_t missing =
      static_cast<std::size_t>(told) - std::min<std::size_t>(names.size(), static_cast<std::size_t>(told));
  const bool was_reset = world.delivery->store_was_reset();
  CAPTURE(names.size());
  CAPTURE(corrupt);
  tally->resets += was_reset ? 1 : 0;
  tally->corrupt += corrupt > 0 ? 1 : 0;
  tally->missing += missing > 0 ? 1 : 0;
  if (what == What::kSharedMemory) CHECK(missing == 0);
  if (what == What::kJournal) {
    CHECK_FALSE(was_reset);
    // What was committed is in the store; a segment that is not all there never held anything.
    CHECK(names.size() >= static_cast<std::size_t>(told) - 40);
    const bool is_whole = how != How::kTorn && how != How::kGone;
    if (is_whole && missing > 0) CHECK(corrupt > 0);
    if (how == How::kFlip) CHECK(missing <= 1);
  }
  // It goes on, and so does the next.
  world.Track("after");
  world.Commit();
  world.Deliver();
  CHECK(world.Names().count("after") == 1);
  const Ledger before = world.ledger();
  world.answer = [](const HttpRequest&) { return ScriptedAnswer::Failed(); };
  world.Restart();
  world.Run();
  CHECK(world.ledger().accepted == before.accepted);
  CHECK(world.ledger().delivered == before.delivered);
}

TEST_CASE("fault 3: a state folder that is damaged in any way opens, loses what is damaged, says so, and goes on") {
  const unsigned seeds = std::getenv("GUIDON_LONG") != nullptr ? 1'000 : 60;
  const std::string base = FastFolder();
  const int told = Leave(base + "/left");
  {
    const std::string copy = base + "/whole";
    fs::copy(base + "/left", copy, fs::copy_options::recursive);
    Tally tally;
    OpenDamaged(copy, told, What::kSharedMemory, How::kGone, &tally);  // nothing is
    REQUIRE(tally.corrupt + tally.missing + tally.resets == 0);
  }
  // The same without a log: all is in the database.
  fs::copy(base + "/left", base + "/folded", fs::copy_options::recursive);
  Sql(base + "/folded/state.db", "PRAGMA wal_checkpoint(TRUNCATE)");
  Tally tally;
  for (unsigned seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed * 104'729 + 3);
    const auto what = static_cast<What>(seed % 5);
    const auto how = static_cast<How>(random() % 6);
    CAPTURE(static_cast<int>(what));
    CAPTURE(static_cast<int>(how));
    const std::string copy = base + "/copy";
    const bool is_folded = what != What::kLog && random() % 2 == 0;
    fs::copy(base + (is_folded ? "/folded" : "/left"), copy, fs::copy_options::recursive);
    const auto pick = [&](What which) {
      switch (which) {
        case What::kLog: return fs::path(copy + "/state.db-wal");
        case What::kJournal: return Segment(copy);
        case What::kSharedMemory: return fs::path(copy + "/state.db-shm");
        default: return fs::path(copy + "/state.db");
      }
    };
    if (what == What::kSeveral) {
      for (const What each : {What::kDatabase, What::kLog, What::kJournal, What::kSharedMemory}) {
        if (random() % 2 == 0) Damage(pick(each), static_cast<How>(random() % 6), &random);
      }
    } else {
      Damage(pick(what), how, &random);
    }
    OpenDamaged(copy, told, what, how, &tally);
    fs::remove_all(copy);
  }
  MESSAGE(seeds << " damaged folders: " << tally.resets << " stores set aside, " << tally.corrupt
                << " counted damage, in " << tally.missing << " something was missing");
  CHECK(tally.resets > 0);
  CHECK(tally.corrupt > 0);
  fs::remove_all(base);
}

TEST_CASE("fault 6: rows that nobody can read are set aside and counted, and the queue moves on") {
  struct Row {
    std::string name;
    std::string sql;
    std::uint64_t lost;
  };
  // Chunks are of 60 events: "o/", the class, a number (8), how many events (2).
  for (const Row& row :
       {Row{"no event at all",
            "UPDATE kv SET v = x'ff' WHERE k = (SELECT min(k) FROM kv WHERE k >= x'6f2f31' AND k < x'6f2f32')", 0},
        Row{"another version", "UPDATE kv SET v = x'02' || substr(v, 2) WHERE k >= x'6f2f31' AND k < x'6f2f32'", 0},
        Row{"empty", "UPDATE kv SET v = x'' WHERE k >= x'6f2f' AND k < x'6f30'", 0},
        Row{"a key of nothing", "INSERT INTO kv VALUES (x'6f2f3100', x'0101')", 0},
        Row{"a class that is not", "INSERT INTO kv VALUES (x'6f2f3900000000000000010001', x'0101')", 0}}) {
    CAPTURE(row.name);
    const std::string base = FastFolder();
    DiskWorld world(base);
    world.answer = [](const HttpRequest&) { return ScriptedAnswer::Of(503); };
    world.Begin();
    for (int i = 0; i < 3; ++i) {
      world.Tell(60);
      world.Expose("x" + std::to_string(i));
      world.Commit();
    }
    world.Kill();
    Sql(base + "/state.db", row.sql);
    world.answer = nullptr;
    world.Begin();
    world.Tell(1);
    world.RunFor(std::chrono::minutes(10));
    CHECK(world.delivery->store_status().ok());
    CHECK(world.Balances());
    const Ledger ledger = world.ledger();
    CHECK(ledger.pending == 0);
    CHECK(world.Names().count("n180") == 1);
    CHECK(world.collector.events.size() == ledger.delivered);
    CHECK(ledger.accepted - world.Lost("corrupt") == ledger.delivered);
    fs::remove_all(base);
  }
}

TEST_CASE("fault 6: a store of a later version is not touched: facts go on in memory and in the journal") {
  const std::string base = FastFolder();
  {
    DiskWorld world(base);
    world.settings.collector_url.clear();
    world.Begin();
    world.Tell(3);
    world.Commit();
    world.Kill();
  }
  Sql(base + "/state.db", "PRAGMA user_version=99");
  {
    DiskWorld world(base);
    world.next = 3;
    world.Begin();
    world.Tell(3);
    world.RunFor(std::chrono::minutes(2));
    CHECK_FALSE(world.delivery->store_status().ok());
    CHECK(world.delivery->durability() == Durability::kNone);
    CHECK(world.Names().size() == 3);
    CHECK(world.Balances());
    world.Kill();
  }
  Sql(base + "/state.db", "PRAGMA user_version=1");
  DiskWorld world(base);
  world.Begin();
  world.RunFor(std::chrono::minutes(2));
  CHECK(world.delivery->store_status().ok());
  CHECK_FALSE(world.delivery->store_was_reset());
  CHECK(world.Names().size() == 6);
  CHECK(world.ledger().accepted == 6);
  CHECK(world.ledger().delivered == 6);
  fs::remove_all(base);
}

TEST_CASE("fault 6: an empty database is a new one, and what is in the journal goes into it") {
  const std::string base = FastFolder();
  const int told = Leave(base + "/left");
  const std::string state = base + "/left";
  fs::remove(state + "/state.db-wal");
  fs::remove(state + "/state.db-shm");
  WriteAll(state + "/state.db", std::string());
  DiskWorld world(state);
  world.Begin();
  world.RunFor(std::chrono::minutes(2));
  CHECK(world.delivery->store_status().ok());
  CHECK(world.delivery->durability() == Durability::kMachine);
  // All that is still in segments: none was used again.
  CHECK(world.Names().size() == static_cast<std::size_t>(told));
  CHECK(world.Balances());
  fs::remove_all(base);
}

}  // namespace
}  // namespace guidon::test
