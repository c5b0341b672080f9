// The doubles that other suites stand on keep their own promises.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "guidon/platform_parts.h"
#include "tests/ports/storage_calls.h"
#include "tests/support/faulty_storage.h"
#include "tests/support/manual_lanes.h"

namespace guidon::test {
namespace {

using Names = std::vector<std::string>;

TEST_CASE("logic goes before disk, each lane in order, and timers by their time") {
  FakeClock clock;
  ManualLanes lanes(&clock);
  std::string order;
  const auto add = [&order](char c) { return [&order, c] { order += c; }; };
  const MonoTime start = clock.Monotonic();
  lanes.PostDisk(add('4'));
  lanes.PostDisk(add('5'));
  lanes.PostLogicAt(start + Duration(20), add('8'));
  lanes.PostLogicAt(start + Duration(10), add('6'));
  lanes.PostLogicAt(start + Duration(10), add('7'));
  lanes.PostLogicAt(start, add('3'));
  lanes.PostLogic(add('1'));
  lanes.PostLogic(add('2'));
  CHECK(lanes.RunReady() == 5);
  CHECK(order == "12345");
  CHECK(clock.Monotonic() == start);
  CHECK(lanes.AdvanceToNextTimer());
  CHECK(order == "1234567");
  lanes.RunFor(Duration(9));
  CHECK(order == "1234567");
  lanes.RunFor(Duration(100));
  CHECK(order == "12345678");
  CHECK(clock.Monotonic() == start + Duration(119));
  CHECK(!lanes.AdvanceToNextTimer());
}

TEST_CASE("a timer that posts its next one is idle never, and stopped at the bound") {
  FakeClock clock;
  ManualLanes lanes(&clock);
  int runs = 0;
  std::function<void()> again = [&] {
    ++runs;
    lanes.PostLogicAt(clock.Monotonic() + Duration(10), again);
  };
  lanes.PostLogic(again);
  CHECK(!lanes.RunUntilIdle(Duration(100)));
  CHECK(runs == 11);
}

TEST_CASE("closed lanes drop what they hold and what comes") {
  FakeClock clock;
  ManualLanes lanes(&clock);
  int runs = 0;
  lanes.PostLogic([&] { ++runs; });
  lanes.PostDisk([&] { ++runs; });
  lanes.PostLogicAt(clock.Monotonic(), [&] { ++runs; });
  lanes.Close();
  lanes.PostLogic([&] { ++runs; });
  CHECK(lanes.RunReady() == 0);
  CHECK(runs == 0);
}

TEST_CASE("the n-th call fails, alone, and does nothing") {
  FaultyStorage storage(MemoryStorage());
  storage.FailCall(3, Status(StatusCode::kOutOfSpace, "full"));
  REQUIRE(Open(storage).ok());
  CHECK(Put(storage, {"a"}).ok());
  CHECK(Put(storage, {"b"}).code() == StatusCode::kOutOfSpace);
  CHECK(Put(storage, {"c"}).ok());
  CHECK(Keys(storage, "", "z") == Names{"a", "c"});
  CHECK(storage.calls() == 5);
  CHECK(storage.commits() == 2);
}

TEST_CASE("a crash keeps what was stored before it, and what more is its kind's affair") {
  struct Case {
    FaultyStorage::Crash how;
    Names keys;
  };
  const Case cases[] = {
      {FaultyStorage::Crash::kBefore, {"a", "b"}},
      {FaultyStorage::Crash::kAfter, {"a", "b", "c"}},
      {FaultyStorage::Crash::kLosingLastCommit, {"a"}},
  };
  for (const Case& each : cases) {
    CAPTURE(static_cast<int>(each.how));
    FaultyStorage storage(MemoryStorage());
    storage.CrashAt(4, each.how);
    REQUIRE(Open(storage).ok());
    REQUIRE(Put(storage, {"a"}).ok());
    REQUIRE(Put(storage, {"b"}).ok());
    CHECK(Put(storage, {"c"}).code() == StatusCode::kUnavailable);
    CHECK(storage.crashed());
    CHECK(Put(storage, {"d"}).code() == StatusCode::kUnavailable);
    CHECK(Read(storage, "", "z", 1).status().code() == StatusCode::kUnavailable);
    Close(storage);
    storage.Restart();
    REQUIRE(Open(storage).ok());
    CHECK(Keys(storage, "", "z") == each.keys);
  }
}

TEST_CASE("the commit that is lost gives back what it erased and replaced") {
  FaultyStorage storage(MemoryStorage());
  storage.CrashAt(4, FaultyStorage::Crash::kLosingLastCommit);
  REQUIRE(Open(storage).ok());
  REQUIRE(Put(storage, {"a", "b", "c"}).ok());
  StorageBatch batch;
  batch.erase = {{"a", "b"}};
  batch.put = {{"b", "new"}, {"x", "new"}};
  REQUIRE(Commit(storage, batch).ok());
  CHECK(Read(storage, "", "z", 1).status().code() == StatusCode::kUnavailable);
  storage.Restart();
  CHECK(Keys(storage, "", "z") == Names{"a", "b", "c"});
  CHECK(Rows(storage, "b", "c").front().value == "value of b");
}

}  // namespace
}  // namespace guidon::test
