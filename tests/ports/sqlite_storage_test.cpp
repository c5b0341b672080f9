#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "guidon/platform_parts.h"
#include "tests/ports/small_files.h"
#include "tests/ports/storage_calls.h"
#include "tests/ports/temp_folder.h"

namespace guidon::test {
namespace {

using Names = std::vector<std::string>;

// A connection past the port, as another process would have one.
class Outsider {
 public:
  explicit Outsider(const std::string& path) { REQUIRE(sqlite3_open(path.c_str(), &database_) == SQLITE_OK); }
  ~Outsider() { sqlite3_close(database_); }
  void Run(const char* sql) { REQUIRE(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) == SQLITE_OK); }

 private:
  sqlite3* database_ = nullptr;
};

// A closed store in state.db, with `rows` rows of a kilobyte.
void MakeStore(const TempFolder& folder, int rows) {
  const auto storage = SqliteStorage(folder.Path("state.db"));
  REQUIRE(Open(*storage).ok());
  StorageBatch batch;
  for (int i = 0; i < rows; ++i) batch.put.push_back({"key " + std::to_string(1000 + i), std::string(1000, 'v')});
  REQUIRE(Commit(*storage, batch).ok());
  Close(*storage);
}

// From its 4th page on, which the table's rows are in, but none of what is read when it is opened.
std::string Damaged(std::string file) {
  for (std::size_t i = 3 * 4096; i < file.size(); ++i) file[i] = '\x5a';
  return file;
}

Names SetAside(const TempFolder& folder) {
  Names names = folder.Names();
  names.erase(std::remove_if(names.begin(), names.end(),
                             [](const std::string& name) { return name.rfind("state.db.corrupt-", 0) != 0; }),
              names.end());
  return names;
}

TEST_CASE("a new file is for its owner alone, and so is its log") {
  const TempFolder folder;
  const auto storage = SqliteStorage(folder.Path("state.db"));
  REQUIRE(Open(*storage).ok());
  REQUIRE(Put(*storage, {"a"}).ok());
  CHECK(folder.Mode("state.db") == 0600);
  CHECK(folder.Mode("state.db-wal") == 0600);
}

TEST_CASE("Close leaves no lock, no log and no descriptor") {
  const TempFolder folder;
  const auto storage = SqliteStorage(folder.Path("state.db"));
  REQUIRE(Open(*storage).ok());
  REQUIRE(Put(*storage, {"a", "b"}).ok());
  REQUIRE(Read(*storage, "a", "z", 1).ok());  // stops in the midst
  Close(*storage);
  CHECK(folder.Names() == Names{"state.db"});
#if defined(__linux__)
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string target = std::filesystem::read_symlink(entry.path(), gone).string();
    CHECK(target.find(folder.path()) == std::string::npos);
  }
#endif
  Outsider(folder.Path("state.db")).Run("BEGIN EXCLUSIVE; COMMIT");
}

TEST_CASE("a commit survives a process that ends without closing") {
  const TempFolder folder;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto storage = SqliteStorage(folder.Path("state.db"));
    bool good = false;
    storage->Open([](Result<StorageOpened>) {});
    StorageBatch batch;
    batch.put = {{"a", "1"}};
    storage->Commit(batch, [&good](Status status) { good = status.ok(); });
    _exit(good ? 0 : 1);
  }
  int result = 0;
  REQUIRE(waitpid(child, &result, 0) == child);
  REQUIRE(result == 0);
  const auto storage = SqliteStorage(folder.Path("state.db"));
  const auto opened = Open(*storage);
  REQUIRE(opened.ok());
  CHECK(!opened->was_reset);
  CHECK(Keys(*storage, "", "z") == Names{"a"});
}

TEST_CASE("a file that is no database is set aside whole, and a new store begun") {
  const std::string contents[] = {"this is not a database, whatever its name says", std::string(8192, '\0'),
                                  std::string("SQLite format 3\0", 16) + std::string(5000, 'x')};
  for (const std::string& content : contents) {
    CAPTURE(content.size());
    const TempFolder folder;
    folder.Write("state.db", content);
    const auto storage = SqliteStorage(folder.Path("state.db"));
    const auto opened = Open(*storage);
    REQUIRE(opened.ok());
    CHECK(opened->was_reset);
    REQUIRE(Put(*storage, {"a"}).ok());
    const Names aside = SetAside(folder);
    REQUIRE(aside.size() == 1);
    CHECK((folder.Read(aside.front()) == content));
    Close(*storage);
    CHECK(!Open(*storage)->was_reset);
  }
}

TEST_CASE("each damaged store is set aside under a name of its own") {
  const TempFolder folder;
  const auto storage = SqliteStorage(folder.Path("state.db"));
  for (std::size_t i = 1; i <= 3; ++i) {
    folder.Write("state.db", "not a database, nor was the one before");
    REQUIRE(Open(*storage).ok());
    Close(*storage);
    CHECK(SetAside(folder).size() == i);
  }
}

TEST_CASE("damage met by a read is told, and the next Open sets the store aside") {
  const TempFolder folder;
  MakeStore(folder, 100);
  const std::string damaged = Damaged(folder.Read("state.db"));
  folder.Write("state.db", damaged);
  const auto storage = SqliteStorage(folder.Path("state.db"));
  REQUIRE(Open(*storage).ok());
  const auto rows = Read(*storage, "", "z", 1u << 20);
  CHECK(rows.status().code() == StatusCode::kCorrupt);
  CHECK(rows.status().message().find("state.db: cannot read: ") == 0);
  Close(*storage);
  const auto opened = Open(*storage);
  REQUIRE(opened.ok());
  CHECK(opened->was_reset);
  CHECK(Keys(*storage, "", "z").empty());
  REQUIRE(!SetAside(folder).empty());
  CHECK((folder.Read(SetAside(folder).front()).substr(3 * 4096) == damaged.substr(3 * 4096)));
}

TEST_CASE("damage met by a commit is told, and nothing of the commit is there") {
  const TempFolder folder;
  MakeStore(folder, 100);
  folder.Write("state.db", Damaged(folder.Read("state.db")));
  const auto storage = SqliteStorage(folder.Path("state.db"));
  REQUIRE(Open(*storage).ok());
  StorageBatch batch;
  batch.erase = {{"", "z"}};
  CHECK(Commit(*storage, batch).code() == StatusCode::kCorrupt);
  Close(*storage);
  CHECK(Open(*storage)->was_reset);
}

TEST_CASE("a store whose damage has passed is kept") {
  const TempFolder folder;
  MakeStore(folder, 100);
  const std::string good = folder.Read("state.db");
  folder.Write("state.db", Damaged(good));
  const auto storage = SqliteStorage(folder.Path("state.db"));
  REQUIRE(Open(*storage).ok());
  REQUIRE(Read(*storage, "", "z", 1u << 20).status().code() == StatusCode::kCorrupt);
  Close(*storage);
  folder.Write("state.db", good);
  const auto opened = Open(*storage);
  REQUIRE(opened.ok());
  CHECK(!opened->was_reset);
  CHECK(Keys(*storage, "", "z").size() == 100);
}

TEST_CASE("a store without its table is set aside") {
  const TempFolder folder;
  MakeStore(folder, 1);
  Outsider(folder.Path("state.db")).Run("DROP TABLE kv");
  const auto opened = Open(*SqliteStorage(folder.Path("state.db")));
  REQUIRE(opened.ok());
  CHECK(opened->was_reset);
}

TEST_CASE("a newer version's store and another program's database are refused and not touched") {
  struct Case {
    const char* sql;
    StatusCode code;
  };
  const Case cases[] = {
      {"PRAGMA user_version=2", StatusCode::kUnsupported},
      {"PRAGMA application_id=7", StatusCode::kInvalidArgument},
      {"PRAGMA application_id=0; PRAGMA user_version=0", StatusCode::kInvalidArgument},
  };
  for (const Case& each : cases) {
    CAPTURE(std::string(each.sql));
    const TempFolder folder;
    MakeStore(folder, 10);
    Outsider(folder.Path("state.db")).Run(each.sql);
    const std::string before = folder.Read("state.db");
    const auto storage = SqliteStorage(folder.Path("state.db"));
    for (int i = 0; i < 2; ++i) CHECK(Open(*storage).status().code() == each.code);
    CHECK(Put(*storage, {"a"}).code() == StatusCode::kClosed);
    CHECK((folder.Read("state.db") == before));
    CHECK(SetAside(folder).empty());
  }
}

TEST_CASE("a lock that another process holds is told as unavailable, and passes") {
  const TempFolder folder;
  const auto storage = SqliteStorage(folder.Path("state.db"));
  REQUIRE(Open(*storage).ok());
  Outsider outsider(folder.Path("state.db"));
  outsider.Run("BEGIN IMMEDIATE");
  CHECK(Put(*storage, {"a"}).code() == StatusCode::kUnavailable);
  outsider.Run("COMMIT");
  CHECK(Put(*storage, {"b"}).ok());
  CHECK(Keys(*storage, "", "z") == Names{"b"});
}

TEST_CASE("a write that the system refuses costs that commit alone") {
  const TempFolder folder;
  const auto storage = SqliteStorage(folder.Path("state.db"));
  REQUIRE(Open(*storage).ok());
  REQUIRE(Put(*storage, {"a"}).ok());
  StorageBatch batch;
  batch.put = {{"b", std::string(200'000, 'v')}};
  Status status;
  {
    const SmallFiles small(64u << 10);
    status = Commit(*storage, batch);
  }
  CHECK(status.code() == StatusCode::kInternal);
  CHECK(status.message().find("state.db: cannot ") == 0);
  CHECK(Keys(*storage, "", "z") == Names{"a"});
  CHECK(Commit(*storage, batch).ok());
  CHECK(Keys(*storage, "", "z") == Names{"a", "b"});
}

TEST_CASE("a place that cannot be used is told by its own code") {
  const TempFolder folder;
  folder.Write("plain", "a file");
  CHECK(Open(*SqliteStorage("")).status().code() == StatusCode::kInvalidArgument);
  CHECK(Open(*SqliteStorage(folder.Path("missing/state.db"))).status().code() == StatusCode::kNotFound);
  CHECK(Open(*SqliteStorage(folder.Path("plain/state.db"))).status().code() == StatusCode::kNotFound);
  const ReadOnlyFolder read_only(folder);
  const Status status = Open(*SqliteStorage(folder.Path("state.db"))).status();
  CHECK(status.code() == StatusCode::kPermissionDenied);
  CHECK(status.message().find(folder.path()) == std::string::npos);
}

TEST_CASE("a store in a folder that became read-only is refused and kept") {
  const TempFolder folder;
  MakeStore(folder, 1);
  {
    const ReadOnlyFolder read_only(folder);
    CHECK(Open(*SqliteStorage(folder.Path("state.db"))).status().code() == StatusCode::kPermissionDenied);
  }
  const auto storage = SqliteStorage(folder.Path("state.db"));
  CHECK(!Open(*storage)->was_reset);
  CHECK(Keys(*storage, "", "z").size() == 1);
}

TEST_CASE("after EraseAll no file of the folder holds a trace, whatever was erased or set aside earlier") {
  const TempFolder folder;
  const std::string secret = "Erika Mustermann";
  folder.Write("state.db", "no database, but it speaks of " + secret);
  const auto storage = SqliteStorage(folder.Path("state.db"));
  REQUIRE(Open(*storage)->was_reset);
  for (int i = 0; i < 20; ++i) {
    StorageBatch batch;
    for (int row = 0; row < 50; ++row) {
      batch.put.push_back({"key " + std::to_string(i * 50 + row) + secret, std::string(300, 'x') + secret});
    }
    if (i % 2 == 1) batch.erase = {{"key", "key 5"}};
    REQUIRE(Commit(*storage, batch).ok());
  }
  REQUIRE(EraseAll(*storage).ok());
  for (const std::string& name : folder.Names()) {
    CAPTURE(name);
    CHECK(folder.Read(name).find(secret) == std::string::npos);
  }
  CHECK(SetAside(folder).empty());
  REQUIRE(Open(*storage).ok());
  CHECK(Put(*storage, {"a"}).ok());
}

TEST_CASE("EraseAll erases a store that cannot be opened: for want of room, damaged, or a newer version's") {
  for (const char* name : {"state.db", "50%20 of a state?x#y.db"}) {
    CAPTURE(std::string(name));
    const TempFolder folder;
    const auto storage = SqliteStorage(folder.Path(name));
    REQUIRE(Open(*storage).ok());
    REQUIRE(Put(*storage, {"a"}).ok());
    Close(*storage);
    const SmallFiles small(30u << 10);  // less than the index of the log takes
    CHECK_FALSE(Open(*storage).ok());
    CHECK(EraseAll(*storage).ok());
    CHECK(folder.Names().empty());
  }
  for (const char* sql : {"PRAGMA user_version=2", "DROP TABLE kv"}) {
    CAPTURE(std::string(sql));
    const TempFolder folder;
    MakeStore(folder, 10);
    Outsider(folder.Path("state.db")).Run(sql);
    CHECK(EraseAll(*SqliteStorage(folder.Path("state.db"))).ok());
    CHECK(folder.Names().empty());
  }
  const TempFolder folder;
  folder.Write("state.db", "no database");
  CHECK(EraseAll(*SqliteStorage(folder.Path("state.db"))).ok());
  CHECK(folder.Names().empty());
}

TEST_CASE("EraseAll makes nothing where there is nothing, and leaves another program's database alone") {
  const TempFolder folder;
  CHECK(EraseAll(*SqliteStorage(folder.Path("state.db"))).ok());
  CHECK(EraseAll(*SqliteStorage(folder.Path("missing/state.db"))).ok());
  CHECK(EraseAll(*SqliteStorage("")).code() == StatusCode::kInvalidArgument);
  CHECK(folder.Names().empty());
  for (const char* sql : {"PRAGMA application_id=7", "PRAGMA application_id=0; PRAGMA user_version=0"}) {
    CAPTURE(std::string(sql));
    const TempFolder theirs;
    MakeStore(theirs, 10);
    Outsider(theirs.Path("state.db")).Run(sql);
    const std::string before = theirs.Read("state.db");
    CHECK(EraseAll(*SqliteStorage(theirs.Path("state.db"))).code() == StatusCode::kInvalidArgument);
    CHECK((theirs.Read("state.db") == before));
  }
}

TEST_CASE("a commit that is to leave no trace leaves none of what it and earlier ones erased, and all else") {
  const TempFolder folder;
  const std::string secret = "Erika Mustermann";
  folder.Write("state.db", "no database, but it speaks of " + secret);
  const auto storage = SqliteStorage(folder.Path("state.db"));
  REQUIRE(Open(*storage)->was_reset);
  for (int i = 0; i < 10; ++i) {
    StorageBatch batch;
    for (int row = 0; row < 50; ++row) {
      const std::string number = std::to_string(i * 50 + row);
      batch.put.push_back({"a/" + number + secret, std::string(300, 'x') + secret});
      batch.put.push_back({"b/" + number, "kept " + number});
    }
    batch.put.push_back({"c", i < 9 ? secret : "replaced"});
    if (i == 5) batch.erase = {{"a/", "a/5"}};
    REQUIRE(Commit(*storage, batch).ok());
  }
  StorageBatch last;
  last.leaves_no_trace = true;
  last.erase = {{"a/", "a0"}};
  last.put = {{"d", "done"}};
  REQUIRE(Commit(*storage, last).ok());
  for (const std::string& name : folder.Names()) {
    CAPTURE(name);
    CHECK(folder.Read(name).find(secret) == std::string::npos);
  }
  CHECK(SetAside(folder).empty());
  CHECK(Keys(*storage, "b/", "b0").size() == 500);
  CHECK(Rows(*storage, "c", "e").size() == 2);
  CHECK(Rows(*storage, "c", "d").at(0).value == "replaced");
  CHECK(Put(*storage, {"e"}).ok());
}

TEST_CASE("room that was erased is given back over time") {
  const TempFolder folder;
  MakeStore(folder, 300);
  const std::size_t full = folder.Read("state.db").size();
  const auto storage = SqliteStorage(folder.Path("state.db"));
  REQUIRE(Open(*storage).ok());
  StorageBatch batch;
  batch.erase = {{"", "z"}};
  REQUIRE(Commit(*storage, batch).ok());
  Close(*storage);
  const std::size_t later = folder.Read("state.db").size();
  CHECK(later < full);
  REQUIRE(Open(*storage).ok());
  Close(*storage);
  CHECK(folder.Read("state.db").size() < later);
}

}  // namespace
}  // namespace guidon::test
