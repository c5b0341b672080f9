// The ordered map as one SQLite table. The file's format is permanent: kApplicationId, kFormat and the table's
// definition may be added to, never changed.
//
// No mutex: the client makes one call at a time.
#include <fcntl.h>
#include <sqlite3.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/platform_parts.h"
#include "platform/hosts/posix/errors.h"
#include "platform/hosts/posix/file.h"
#include "platform/storage/set_aside.h"

namespace guidon {
namespace {

constexpr std::int64_t kApplicationId = 0x67756964;  // "guid"
constexpr std::int64_t kFormat = 1;
constexpr int kBusyMs = 2'000;  // how long another process may hold the lock

constexpr char kNewFile[] = "PRAGMA auto_vacuum=INCREMENTAL";
// FULL: a commit that returned survives a power cut, in WAL mode, too.
constexpr char kConfigure[] =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA fullfsync=ON; PRAGMA checkpoint_fullfsync=ON;"
    "PRAGMA journal_size_limit=4194304; PRAGMA temp_store=MEMORY; PRAGMA cell_size_check=ON; PRAGMA trusted_schema=OFF";
constexpr char kCreate[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS kv(k BLOB PRIMARY KEY, v BLOB) WITHOUT ROWID;"
    "PRAGMA application_id=1735747940;"
    "PRAGMA user_version=1;"
    "COMMIT";
constexpr char kErase[] = "DELETE FROM kv WHERE k>=?1 AND k<?2";
constexpr char kPut[] = "INSERT INTO kv(k,v) VALUES(?1,?2) ON CONFLICT(k) DO UPDATE SET v=excluded.v";
constexpr char kSelect[] = "SELECT k,v FROM kv WHERE k>=?1 AND k<?2 ORDER BY k";

struct CloseDatabase {
  void operator()(sqlite3* database) const noexcept { sqlite3_close(database); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Prepared = std::unique_ptr<sqlite3_stmt, Finalize>;

// A statement that was not reset holds a read lock, and with it the WAL.
class Reset {
 public:
  explicit Reset(const Prepared& statement) noexcept : statement_(statement.get()) {}
  ~Reset() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  Reset(const Reset&) = delete;
  Reset& operator=(const Reset&) = delete;

 private:
  sqlite3_stmt* statement_;
};

// The bytes must stay where they are until the statement is reset.
int Bind(const Prepared& statement, int index, const std::string& bytes) {
  return sqlite3_bind_blob64(statement.get(), index, bytes.data(), bytes.size(), SQLITE_STATIC);
}

std::string Column(const Prepared& statement, int column) {
  const void* bytes = sqlite3_column_blob(statement.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement.get(), column));
  return bytes == nullptr ? std::string() : std::string(static_cast<const char*>(bytes), size);
}

// Of a file that is to be read as it is: no locks, no log, nothing written.
std::string UntouchedUri(const std::string& path) {
  std::string uri = path.compare(0, 1, "/") == 0 ? "file://" : "file:";
  for (const char each : path) {
    switch (each) {
      case '%': uri.append("%25"); break;
      case '?': uri.append("%3f"); break;
      case '#': uri.append("%23"); break;
      default: uri.push_back(each);
    }
  }
  return uri + "?immutable=1";
}

StatusCode CodeOf(int result, int system_error) noexcept {
  switch (result & 0xff) {
    case SQLITE_FULL: return StatusCode::kOutOfSpace;
    case SQLITE_IOERR:
      return CodeOfErrno(system_error) == StatusCode::kOutOfSpace ? StatusCode::kOutOfSpace : StatusCode::kInternal;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return StatusCode::kCorrupt;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_INTERRUPT: return StatusCode::kUnavailable;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH: return StatusCode::kPermissionDenied;
    case SQLITE_CANTOPEN: return system_error == 0 ? StatusCode::kNotFound : CodeOfErrno(system_error);
    case SQLITE_TOOBIG: return StatusCode::kTooLarge;
    default: return StatusCode::kInternal;
  }
}

class SqliteStore final : public Storage {
 public:
  explicit SqliteStore(std::string path) : path_(std::move(path)) {}

  void Open(std::function<void(Result<StorageOpened>)> done) override { done(OpenOrBeginAnew()); }

  void Commit(StorageBatch batch, std::function<void(Status)> done) override {
    if (!database_) return done(NotOpen());
    Status status = Noted(CommitBatch(batch));
    if (status.ok() && batch.leaves_no_trace) status = Noted(RemoveTraces());
    done(std::move(status));
  }

  void Read(std::string from, std::string to, std::size_t most_bytes,
            std::function<void(Result<std::vector<Row>>)> done) override {
    if (!database_) return done(NotOpen());
    std::vector<Row> rows;
    if (Status status = Noted(ReadRows(from, to, most_bytes, &rows)); !status.ok()) return done(std::move(status));
    done(std::move(rows));
  }

  void EraseAll(std::function<void(Status)> done) override {
    ReleaseUntouched();
    Status status = CheckMayErase();
    if (!status.ok()) return done(std::move(status));
    status = EraseDatabase(path_);
    Status aside = EraseSetAside(path_);
    done(status.ok() ? std::move(aside) : std::move(status));
  }

  void Close(std::function<void()> done) override {
    // What was erased gives its room back, a little at a time.
    if (database_) sqlite3_exec(database_.get(), "PRAGMA incremental_vacuum(256)", nullptr, nullptr, nullptr);
    Release();
    done();
  }

 private:
  static Status NotOpen() { return Status(StatusCode::kClosed, "the store is not open"); }

  static Status NoFile() { return Status(StatusCode::kInvalidArgument, "no file was named to keep the store in"); }

  // After a commit or a read that met damage, the next Open looks at the whole file.
  Status Noted(Status status) {
    if (status.code() == StatusCode::kCorrupt) suspect_ = true;
    return status;
  }

  void Release() {
    erase_.reset();
    put_.reset();
    select_.reset();
    database_.reset();
  }

  Status Failed(int result, std::string_view action) const {
    const int system_error = database_ ? sqlite3_system_errno(database_.get()) : 0;
    std::string message = FileName(path_);
    message.append(": cannot ").append(action).append(": ");
    message.append(database_ ? sqlite3_errmsg(database_.get()) : sqlite3_errstr(result));
    message.append(" (SQLite ").append(std::to_string(result)).append(")");
    return Status(CodeOf(result, system_error), std::move(message));
  }

  Status Run(const char* sql, std::string_view action) {
    const int result = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
    return result == SQLITE_OK ? Status() : Failed(result, action);
  }

  Status Prepare(const char* sql, Prepared* statement) {
    sqlite3_stmt* raw = nullptr;
    const int result = sqlite3_prepare_v3(database_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
    statement->reset(raw);
    if ((result & 0xff) == SQLITE_ERROR) {
      return Status(StatusCode::kCorrupt,
                    FileName(path_) + ": not laid out as it should: " + sqlite3_errmsg(database_.get()));
    }
    return result == SQLITE_OK ? Status() : Failed(result, "read its layout");
  }

  // The first row's first column.
  Status Ask(const char* sql, std::string* answer) {
    Prepared statement;
    if (Status status = Prepare(sql, &statement); !status.ok()) return status;
    const int result = sqlite3_step(statement.get());
    if (result != SQLITE_ROW) return Failed(result, "read");
    *answer = Column(statement, 0);
    return Status();
  }
  Status AskNumber(const char* sql, std::int64_t* answer) {
    Prepared statement;
    if (Status status = Prepare(sql, &statement); !status.ok()) return status;
    const int result = sqlite3_step(statement.get());
    if (result != SQLITE_ROW) return Failed(result, "read");
    *answer = sqlite3_column_int64(statement.get(), 0);
    return Status();
  }

  Result<StorageOpened> OpenOrBeginAnew() {
    Release();
    if (path_.empty()) return NoFile();
    StorageOpened opened;
    opened.durability = Durability::kMachine;
    Status status = OpenDatabase();
    if (status.code() == StatusCode::kCorrupt) {
      ReleaseUntouched();
      const auto now = std::chrono::system_clock::now().time_since_epoch();
      status = SetDatabaseAside(path_, std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
      if (!status.ok()) return status;
      opened.was_reset = true;
      status = OpenDatabase();
    }
    if (!status.ok()) {
      ReleaseUntouched();
      return status;
    }
    suspect_ = false;
    return opened;
  }

  // Closing the last connection would move the WAL into the database.
  void ReleaseUntouched() {
    if (database_) sqlite3_db_config(database_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    Release();
  }

  Status OpenDatabase() {
    // For its owner alone, which SQLite would leave to the umask; the -wal and -shm take after it. Only ever a new
    // file: closing another descriptor of an open database would drop its locks.
    if (!OpenFile(path_, O_RDWR | O_CREAT | O_EXCL) && errno != EEXIST) {
      return ErrnoStatus(FileName(path_), "cannot create", errno);
    }
    sqlite3* raw = nullptr;
    const int result = sqlite3_open_v2(path_.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    database_.reset(raw);
    if (result != SQLITE_OK) return Failed(result, "open");
    sqlite3_extended_result_codes(database_.get(), 1);
    sqlite3_busy_timeout(database_.get(), kBusyMs);

    bool is_new = false;
    if (Status status = CheckOwner(&is_new); !status.ok()) return status;
    if (sqlite3_db_readonly(database_.get(), "main") != 0) {
      return Status(StatusCode::kPermissionDenied, FileName(path_) + ": cannot open: the file may not be written");
    }
    if (is_new) {
      if (Status status = Run(kNewFile, "begin"); !status.ok()) return status;
    }
    if (Status status = Run(kConfigure, "configure"); !status.ok()) return status;
    if (Status status = SyncLog(); !status.ok()) return status;
    if (is_new) {
      if (Status status = Create(); !status.ok()) return status;
    }
    if (suspect_) {
      if (Status status = QuickCheck(); !status.ok()) return status;
    }
    if (Status status = Prepare(kErase, &erase_); !status.ok()) return status;
    if (Status status = Prepare(kPut, &put_); !status.ok()) return status;
    return Prepare(kSelect, &select_);
  }

  // What a process had written when it was killed reads as committed, synced or not.
  Status SyncLog() {
    sqlite3_file* log = nullptr;
    sqlite3_file_control(database_.get(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (log == nullptr || log->pMethods == nullptr) return Status();
    const int result = log->pMethods->xSync(log, SQLITE_SYNC_FULL);
    return result == SQLITE_OK ? Status() : Failed(result, "sync its log");
  }

  // Nothing is written before it is known whose file this is.
  Status CheckOwner(bool* is_new) {
    std::int64_t application_id = 0;
    std::int64_t format = 0;
    std::int64_t tables = 0;
    if (Status status = AskNumber("PRAGMA application_id", &application_id); !status.ok()) return status;
    if (Status status = AskNumber("PRAGMA user_version", &format); !status.ok()) return status;
    if (Status status = AskNumber("SELECT count(*) FROM sqlite_master", &tables); !status.ok()) return status;
    *is_new = application_id == 0 && format == 0 && tables == 0;
    if (*is_new) return Status();
    if (application_id != kApplicationId) {
      return Status(StatusCode::kInvalidArgument, FileName(path_) + ": is another program's database");
    }
    if (format > kFormat) {
      return Status(StatusCode::kUnsupported, FileName(path_) + ": was written by a newer version, in format " +
                                                  std::to_string(format) + "; this one knows up to " +
                                                  std::to_string(kFormat));
    }
    return Status();
  }

  // Without the database's log, for which there may be no room: who owns it is in the first page, or there is no table.
  Status CheckMayErase() {
    if (path_.empty()) return NoFile();
    sqlite3* raw = nullptr;
    const int result = sqlite3_open_v2(UntouchedUri(path_).c_str(), &raw,
                                       SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
    database_.reset(raw);
    bool is_new = false;
    Status status = result == SQLITE_OK ? CheckOwner(&is_new) : Failed(result, "open");
    Release();
    switch (status.code()) {
      case StatusCode::kNotFound:     // there is none
      case StatusCode::kCorrupt:      // as `Open` would set aside
      case StatusCode::kUnsupported:  // a newer version's, of the same app
        return Status();
      default: return status;
    }
  }

  Status Create() {
    Status status = Run(kCreate, "begin");
    if (!status.ok()) RollBack();
    return status;
  }

  Status QuickCheck() {
    std::string answer;
    if (Status status = Ask("PRAGMA quick_check(1)", &answer); !status.ok()) return status;
    if (answer == "ok") return Status();
    return Status(StatusCode::kCorrupt, FileName(path_) + ": damaged: " + answer);
  }

  void RollBack() {
    // SQLite has rolled back by itself after some failures.
    if (sqlite3_get_autocommit(database_.get()) == 0) {
      sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
  }

  Status CommitBatch(const StorageBatch& batch) {
    if (batch.leaves_no_trace) {
      if (Status status = Run("PRAGMA secure_delete=ON", "begin to erase"); !status.ok()) return status;
    }
    if (Status status = Run("BEGIN IMMEDIATE", "begin a commit"); !status.ok()) return status;
    Status status = Apply(batch);
    if (status.ok()) status = Run("COMMIT", "commit");
    if (!status.ok()) RollBack();
    return status;
  }

  Status Apply(const StorageBatch& batch) {
    for (const StorageBatch::Range& range : batch.erase) {
      if (Status status = Execute(erase_, range.from, range.to, "erase"); !status.ok()) return status;
    }
    for (const Row& row : batch.put) {
      if (Status status = Execute(put_, row.key, row.value, "write"); !status.ok()) return status;
    }
    return Status();
  }

  Status Execute(const Prepared& statement, const std::string& first, const std::string& second,
                 std::string_view action) {
    const Reset reset(statement);
    int result = Bind(statement, 1, first);
    if (result == SQLITE_OK) result = Bind(statement, 2, second);
    if (result == SQLITE_OK) result = sqlite3_step(statement.get());
    return result == SQLITE_DONE ? Status() : Failed(result, action);
  }

  Status ReadRows(const std::string& from, const std::string& to, std::size_t most_bytes, std::vector<Row>* rows) {
    const Reset reset(select_);
    int result = Bind(select_, 1, from);
    if (result == SQLITE_OK) result = Bind(select_, 2, to);
    if (result != SQLITE_OK) return Failed(result, "read");
    std::size_t bytes = 0;
    while ((result = sqlite3_step(select_.get())) == SQLITE_ROW) {
      // Sizes first: a row that does not fit is not copied.
      bytes += static_cast<std::size_t>(sqlite3_column_bytes(select_.get(), 0));
      bytes += static_cast<std::size_t>(sqlite3_column_bytes(select_.get(), 1));
      if (bytes > most_bytes && !rows->empty()) return Status();
      rows->push_back({Column(select_, 0), Column(select_, 1)});
    }
    return result == SQLITE_DONE ? Status() : Failed(result, "read");
  }

  // After erasing with zeros over every freed page: they are moved into the database and out of the WAL; then a
  // database rebuilt without the pages that were freed earlier, and the WAL emptied once more. What was set aside goes,
  // too.
  Status RemoveTraces() {
    Status status = EmptyWal();
    if (status.ok()) status = Run("VACUUM; PRAGMA secure_delete=OFF", "rebuild");
    if (status.ok()) status = EmptyWal();
    Status aside = EraseSetAside(path_);
    return status.ok() ? std::move(aside) : std::move(status);
  }

  Status EmptyWal() {
    std::int64_t is_busy = 0;
    if (Status status = AskNumber("PRAGMA wal_checkpoint(TRUNCATE)", &is_busy); !status.ok()) return status;
    if (is_busy == 0) return Status();
    return Status(StatusCode::kUnavailable, FileName(path_) + ": cannot empty its log: another process is reading");
  }

  const std::string path_;
  bool suspect_ = false;
  Database database_;
  // Behind the database, so that they are finalized before it is closed.
  Prepared erase_;
  Prepared put_;
  Prepared select_;
};

}  // namespace

std::shared_ptr<Storage> SqliteStorage(std::string path) { return std::make_shared<SqliteStore>(std::move(path)); }

}  // namespace guidon
