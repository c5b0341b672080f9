#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "guidon/platform_parts.h"
#include "tests/ports/storage_calls.h"
#include "tests/ports/temp_folder.h"
#include "tests/support/faulty_storage.h"

namespace guidon::test {
namespace {

// Runs the story on every kind of store, opened.
void OnEach(const std::function<void(Storage&)>& story) {
  const TempFolder folder;
  std::shared_ptr<Storage> storage;
  SUBCASE("SQLite") { storage = SqliteStorage(folder.Path("state.db")); }
  SUBCASE("memory") { storage = MemoryStorage(); }
  SUBCASE("memory, behind faults that do not come") { storage = std::make_shared<FaultyStorage>(MemoryStorage()); }
  if (!storage) return;
  REQUIRE(Open(*storage).ok());
  story(*storage);
  Close(*storage);
}

const std::string kFirst;
const std::string kBehindAll(300, '\xff');

TEST_CASE("a new store is empty") {
  OnEach([](Storage& storage) { CHECK(Keys(storage, kFirst, kBehindAll).empty()); });
}

TEST_CASE("keys sort as unsigned bytes, and keys and values hold any byte") {
  OnEach([](Storage& storage) {
    const std::string keys[] = {"\xff", "\x80", "\x7f", "b", std::string("a\0", 2), "a", "", std::string("a\0b", 3),
                                "ab"};
    StorageBatch batch;
    for (const std::string& key : keys) batch.put.push_back({key, std::string("v\0", 2) + key});
    REQUIRE(Commit(storage, batch).ok());
    const std::vector<std::string> sorted = {
        "", "a", std::string("a\0", 2), std::string("a\0b", 3), "ab", "b", "\x7f", "\x80", "\xff"};
    CHECK((Keys(storage, kFirst, kBehindAll) == sorted));
    for (const Row& row : Rows(storage, kFirst, kBehindAll)) CHECK((row.value == std::string("v\0", 2) + row.key));
  });
}

TEST_CASE("a range holds its first key and not its last") {
  OnEach([](Storage& storage) {
    REQUIRE(Put(storage, {"a", "b", "c", "d"}).ok());
    CHECK(Keys(storage, "b", "d") == std::vector<std::string>{"b", "c"});
    CHECK(Keys(storage, "b", "b").empty());
    CHECK(Keys(storage, "d", "b").empty());
    CHECK(Keys(storage, "a", "").empty());
    CHECK(Keys(storage, "bb", "zz") == std::vector<std::string>{"c", "d"});
  });
}

TEST_CASE("a commit erases first, then puts in order") {
  OnEach([](Storage& storage) {
    REQUIRE(Put(storage, {"a", "b", "c"}).ok());
    StorageBatch batch;
    batch.erase = {{"a", "c"}, {"x", "a"}};
    batch.put = {{"b", "1"}, {"b", "2"}, {"d", "3"}};
    REQUIRE(Commit(storage, batch).ok());
    CHECK(Keys(storage, kFirst, kBehindAll) == std::vector<std::string>{"b", "c", "d"});
    CHECK(Rows(storage, "b", "c").front().value == "2");
  });
}

TEST_CASE("a commit that is to leave no trace is a commit like any other") {
  OnEach([](Storage& storage) {
    REQUIRE(Put(storage, {"a", "b", "c"}).ok());
    StorageBatch batch;
    batch.leaves_no_trace = true;
    batch.erase = {{"a", "c"}};
    batch.put = {{"b", "again"}, {"d", "more"}};
    REQUIRE(Commit(storage, std::move(batch)).ok());
    CHECK(Keys(storage, kFirst, kBehindAll) == std::vector<std::string>{"b", "c", "d"});
    CHECK(Rows(storage, "b", "c").at(0).value == "again");
    REQUIRE(Put(storage, {"e"}).ok());
    CHECK(Keys(storage, kFirst, kBehindAll).size() == 4);
  });
}

TEST_CASE("a commit of nothing is fine") {
  OnEach([](Storage& storage) { CHECK(Commit(storage, StorageBatch()).ok()); });
}

TEST_CASE("a read stops before it is over its bytes, but gives one row at least") {
  OnEach([](Storage& storage) {
    StorageBatch batch;
    batch.put = {{"a", std::string(9, 'x')}, {"b", std::string(9, 'x')}, {"c", std::string(99, 'x')}, {"d", ""}};
    REQUIRE(Commit(storage, batch).ok());
    struct Case {
      std::string from;
      std::size_t most;
      std::size_t rows;
    };
    const Case cases[] = {{"a", 0, 1},   {"a", 10, 1},  {"a", 19, 1}, {"a", 20, 2}, {"a", 119, 2},
                          {"a", 120, 3}, {"a", 121, 4}, {"c", 5, 1},  {"e", 5, 0}};
    for (const Case& each : cases) {
      CAPTURE(each.from);
      CAPTURE(each.most);
      const auto rows = Read(storage, each.from, kBehindAll, each.most);
      REQUIRE(rows.ok());
      CHECK(rows->size() == each.rows);
    }
  });
}

TEST_CASE("a value of a megabyte comes back whole") {
  OnEach([](Storage& storage) {
    const std::string value(1u << 20, '\x01');
    StorageBatch batch;
    batch.put = {{"a", value}};
    REQUIRE(Commit(storage, batch).ok());
    CHECK((Rows(storage, "a", "b").front().value == value));
  });
}

TEST_CASE("EraseAll leaves nothing, and the store closed, whether it was open or not") {
  OnEach([](Storage& storage) {
    REQUIRE(Put(storage, {"a", "b"}).ok());
    REQUIRE(EraseAll(storage).ok());
    CHECK(Put(storage, {"a"}).code() == StatusCode::kClosed);
    REQUIRE(Open(storage).ok());
    CHECK(Keys(storage, kFirst, kBehindAll).empty());
    REQUIRE(Put(storage, {"b"}).ok());
    Close(storage);
    for (int i = 0; i < 2; ++i) REQUIRE(EraseAll(storage).ok());
    const auto opened = Open(storage);
    REQUIRE(opened.ok());
    CHECK(!opened->was_reset);
    CHECK(Keys(storage, kFirst, kBehindAll).empty());
    REQUIRE(Put(storage, {"c"}).ok());
    CHECK(Keys(storage, kFirst, kBehindAll) == std::vector<std::string>{"c"});
  });
}

TEST_CASE("what was committed is there after closing and opening again") {
  OnEach([](Storage& storage) {
    REQUIRE(Put(storage, {"a"}).ok());
    Close(storage);
    Close(storage);
    const auto opened = Open(storage);
    REQUIRE(opened.ok());
    CHECK(!opened->was_reset);
    CHECK(Keys(storage, kFirst, kBehindAll) == std::vector<std::string>{"a"});
  });
}

TEST_CASE("a closed store refuses") {
  OnEach([](Storage& storage) {
    Close(storage);
    CHECK(Put(storage, {"a"}).code() == StatusCode::kClosed);
    CHECK(Read(storage, "a", "b", 10).status().code() == StatusCode::kClosed);
    REQUIRE(Open(storage).ok());
    CHECK(Keys(storage, kFirst, kBehindAll).empty());
  });
}

std::string RandomKey(std::mt19937& random) {
  std::string key;
  for (std::size_t size = random() % 4; key.size() < size;) key.push_back("\x00\x01\x7f\x80\xff"[random() % 5]);
  return key;
}

TEST_CASE("after any commits it holds what a sorted map would") {
  OnEach([](Storage& storage) {
    const unsigned seed = 20261121;
    CAPTURE(seed);
    std::mt19937 random(seed);
    std::map<std::string, std::string> model;
    for (int i = 0; i < 60; ++i) {
      CAPTURE(i);
      StorageBatch batch;
      for (std::size_t n = random() % 3; batch.erase.size() < n;)
        batch.erase.push_back({RandomKey(random), RandomKey(random)});
      for (std::size_t n = random() % 8; batch.put.size() < n;)
        batch.put.push_back({RandomKey(random), RandomKey(random)});
      for (const auto& range : batch.erase) {
        if (range.from < range.to) model.erase(model.lower_bound(range.from), model.lower_bound(range.to));
      }
      for (const Row& row : batch.put) model[row.key] = row.value;
      REQUIRE(Commit(storage, batch).ok());
      std::map<std::string, std::string> stored;
      for (const Row& row : Rows(storage, kFirst, kBehindAll)) stored[row.key] = row.value;
      REQUIRE((stored == model));
    }
  });
}

TEST_CASE("memory is durable in no way, SQLite on the machine") {
  const TempFolder folder;
  CHECK(Open(*MemoryStorage())->durability == Durability::kNone);
  CHECK(Open(*SqliteStorage(folder.Path("state.db")))->durability == Durability::kMachine);
}

}  // namespace
}  // namespace guidon::test
