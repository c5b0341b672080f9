// Faults 4 and 5: the disk is full, refuses, cannot be written, is gone. Facts go on in memory, the status says so, and
// once the disk is well again they are in the store without a restart.
#include <doctest/doctest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "guidon/default_platform.h"
#include "guidon/limits.h"
#include "tests/ports/faults/disk_world.h"
#include "tests/ports/small_files.h"
#include "tests/ports/temp_folder.h"
#include "tests/support/memory_journal.h"

namespace guidon::test {
namespace {

namespace fs = std::filesystem;

// A disk of eight megabytes, until it goes out of scope.
class SmallDisk {
 public:
  SmallDisk() : folder_(FastFolder()) {
    is_mounted_ = geteuid() == 0 && mount("none", folder_.c_str(), "tmpfs", 0, "size=8m") == 0;
    if (!is_mounted_) MESSAGE("no tmpfs may be mounted here: not tried");
  }
  ~SmallDisk() {
    if (is_mounted_) CHECK(umount(folder_.c_str()) == 0);
    fs::remove_all(folder_);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool is_mounted() const { return is_mounted_; }
  const std::string& folder() const { return folder_; }
  void Fill() {
    std::ofstream filler(folder_ + "/filler", std::ios::binary);
    const std::string block(4096, 'x');
    while (filler.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  void Leave() { fs::remove(folder_ + "/filler"); }

 private:
  const std::string folder_;
  bool is_mounted_ = false;
};

// After the fault: everything told is in a store that works, and arrives once.
void CheckWell(DiskWorld* world) {
  world->RunFor(std::chrono::minutes(20));
  CHECK(world->delivery->store_status().ok());
  CHECK(world->delivery->durability() == Durability::kMachine);
  CHECK(world->Balances());
  CHECK(world->ledger().pending == 0);
  CHECK(world->ledger().accepted == static_cast<std::uint64_t>(world->next));
  CHECK(world->Names().size() == static_cast<std::size_t>(world->next));
  CHECK(world->told_all);
  world->Tell(1);
  world->Commit();
  CHECK(world->delivery->at_risk() == 0);
  const Ledger before = world->ledger();
  world->answer = [](const HttpRequest&) { return ScriptedAnswer::Failed(); };
  world->Restart();
  world->Run();
  CHECK(world->ledger().accepted == before.accepted);
  CHECK(world->ledger().delivered == before.delivered);
}

TEST_CASE("fault 4: no room for the journal, for a commit, for the log's way into the database; then there is") {
  struct Row {
    std::string name;
    rlim_t most;
    int before, during;
  };
  for (const Row& row : {Row{"nothing can be made", 0, 0, 50}, Row{"the journal cannot", 256u << 10, 0, 50},
                         Row{"the store can be opened, not written", 40u << 10, 300, 300},
                         Row{"only so much can be written", 100u << 10, 100, 3'000}}) {
    CAPTURE(row.name);
    const std::string base = FastFolder();
    DiskWorld world(base);
    world.answer = [](const HttpRequest&) { return ScriptedAnswer::Failed(); };
    if (row.before > 0) {
      world.Begin();
      world.Tell(row.before);
      world.Commit();
    }
    {
      const SmallFiles small(row.most);
      if (row.before == 0) world.Begin();
      bool was_told_of = false;
      for (int i = 0; i < 10; ++i) {
        world.Tell(row.during / 10);
        world.Commit();
        world.RunFor(std::chrono::seconds(5));
        const bool is_bad = !world.delivery->store_status().ok() || !world.delivery->journal_status().ok();
        was_told_of = was_told_of || is_bad;
        CHECK(world.Balances());
      }
      CHECK(was_told_of);
    }
    world.answer = nullptr;
    CheckWell(&world);
    fs::remove_all(base);
  }
}

TEST_CASE(
    "fault 4: on a disk of eight megabytes that somebody else has filled facts wait, and go in once he has left") {
  SmallDisk disk;
  if (!disk.is_mounted()) return;
  DiskWorld world(disk.folder());
  world.answer = [](const HttpRequest&) { return ScriptedAnswer::Failed(); };
  world.Begin();
  world.Tell(100);
  world.Commit();
  CHECK(world.delivery->store_status().ok());
  disk.Fill();
  for (int i = 0; i < 20; ++i) {
    world.Tell(200);
    world.Commit();
    world.RunFor(std::chrono::seconds(2));
  }
  CHECK_FALSE(world.delivery->store_status().ok());
  CHECK(world.delivery->durability() == Durability::kNone);
  CHECK(world.Balances());
  disk.Leave();
  world.answer = nullptr;
  CheckWell(&world);
}

TEST_CASE("fault 4: what consent was denied for is gone at once on a full disk, and no later process sends it") {
  for (const bool is_open : {true, false}) {
    CAPTURE(is_open);
    SmallDisk disk;
    if (!disk.is_mounted()) return;
    DiskWorld world(disk.folder());
    world.answer = [](const HttpRequest&) { return ScriptedAnswer::Failed(); };
    world.Begin();
    world.Tell(100);
    world.Commit();
    if (!is_open) world.Restart();
    disk.Fill();
    CHECK(world.Erase().ok());
    disk.Leave();
    world.answer = nullptr;
    world.Restart();
    world.RunFor(std::chrono::minutes(20));
    CHECK(world.Names().empty());
    CHECK(world.ledger().accepted == 0);
    world.Tell(1);
    world.Commit();
    world.Deliver();
    CHECK(world.Names().size() == 1);
  }
}

TEST_CASE("fault 4: what memory has no room for while the disk is full is dropped and counted, exactly") {
  events::test::World world;
  world.settings.collector_url.clear();
  const auto journal = std::make_shared<MemoryJournal>();
  journal->FailCreates(Status(StatusCode::kOutOfSpace, "full"));
  world.ports.journal = journal;
  world.storage->FailAll(Status(StatusCode::kOutOfSpace, "full"));
  world.Begin();
  world.Run();
  std::uint64_t told = 0;
  world.Expose("x");
  for (int i = 0; i < 24; ++i) {
    for (int k = 0; k < 500; ++k) told += world.Track("e") ? 1u : 0u;
    world.Commit();
  }
  CHECK(told == 24 * 500);
  CHECK(world.delivery->store_status().code() == StatusCode::kOutOfSpace);
  CHECK(world.delivery->journal_status().code() == StatusCode::kOutOfSpace);
  CHECK(world.delivery->durability() == Durability::kNone);
  CHECK(world.delivery->at_risk() == world.delivery->ledger().pending);
  const Ledger down = world.delivery->ledger();
  CHECK(down.accepted == told + 1);
  CHECK(down.pending <= limits::kInboxFacts);
  CHECK(world.Lost("store_down") == told + 1 - down.pending);
  journal->FailCreates(Status());
  world.storage->FailAll(Status());
  world.settings.collector_url.clear();
  world.RunFor(std::chrono::minutes(20));
  CHECK(world.delivery->store_status().ok());
  CHECK(world.delivery->ledger().pending == down.pending);
  CHECK(world.Lost("store_down") == told + 1 - down.pending);
  CHECK(world.Balances());
}

TEST_CASE("fault 5: a disk that refuses once, for an hour, or from then on: facts arrive, and the status says why") {
  for (const StatusCode code : {StatusCode::kUnavailable, StatusCode::kInternal, StatusCode::kPermissionDenied}) {
    for (const int minutes : {0, 60, 100'000}) {
      CAPTURE(static_cast<int>(code));
      CAPTURE(minutes);
      const std::string base = FastFolder();
      DiskWorld world(base);
      world.Begin();
      world.Tell(20);
      world.Commit();
      const Status fault(code, "the disk refuses");
      if (minutes == 0) {
        world.storage->FailCall(world.storage->calls() + 1, fault);
      } else {
        world.storage->FailAll(fault);
      }
      world.Tell(20);
      world.RunFor(std::chrono::minutes(minutes == 0 ? 0 : 60));
      world.Commit();
      if (minutes > 0) {
        CHECK(world.delivery->store_status().code() == code);
        CHECK(world.delivery->durability() == Durability::kNone);
        CHECK(world.Names().size() == 20);  // the others are on the disk
      }
      CHECK(world.Balances());
      if (minutes == 100'000) {
        // The next process finds in the journal what it cannot know to be delivered; the collector tells by the ids.
        world.Kill();
        world.storage->FailAll(Status());
        world.Begin();
      }
      world.storage->FailAll(Status());
      CheckWell(&world);
      fs::remove_all(base);
    }
  }
}

TEST_CASE("fault 5: a folder that may only be read: facts go on in memory; writable again, they are in the store") {
  const TempFolder folder;
  DiskWorld world(folder.path());
  world.answer = [](const HttpRequest&) { return ScriptedAnswer::Failed(); };
  {
    const ReadOnlyFolder read_only(folder);
    world.Begin();
    world.Tell(30);
    world.Commit();
    world.RunFor(std::chrono::minutes(2));
    CHECK(world.delivery->store_status().code() == StatusCode::kPermissionDenied);
    CHECK_FALSE(world.delivery->journal_status().ok());
    CHECK(world.delivery->at_risk() == 30);
    CHECK(world.Balances());
  }
  world.answer = nullptr;
  CheckWell(&world);
}

TEST_CASE("fault 5: the state folder is deleted underneath: this process goes on, and the next begins anew") {
  const std::string base = FastFolder();
  DiskWorld world(base + "/state");
  fs::create_directories(base + "/state");
  world.Begin();
  world.Tell(50);
  world.Commit();
  fs::remove_all(base + "/state");
  for (int i = 0; i < 20; ++i) {
    world.Tell(100);
    world.Commit();
    world.RunFor(std::chrono::minutes(1));
  }
  world.RunFor(std::chrono::minutes(20));
  CHECK(world.told_all);
  CHECK(world.Balances());
  CHECK(world.Names().size() == 2'050);
  CHECK(world.ledger().delivered == 2'050);
  world.Kill();
  fs::create_directories(base + "/state");
  DiskWorld next(base + "/state");
  next.Begin();
  next.Tell(5);
  CheckWell(&next);
  fs::remove_all(base);
}

}  // namespace
}  // namespace guidon::test
