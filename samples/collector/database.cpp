#include "samples/collector/database.h"

#include <sqlite3.h>

#include <utility>

namespace guidon::collector {
namespace {

StatusCode CodeOf(int sqlite_code) {
  switch (sqlite_code & 0xff) {
    case SQLITE_FULL: return StatusCode::kOutOfSpace;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR: return StatusCode::kUnavailable;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN: return StatusCode::kPermissionDenied;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return StatusCode::kCorrupt;
    default: return StatusCode::kInternal;
  }
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)), bound_(other.bound_) {}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::Text(std::string_view value) {
  // An empty view may have a null pointer, which SQLite would take for NULL.
  sqlite3_bind_text64(statement_, ++bound_, value.empty() ? "" : value.data(), value.size(), SQLITE_TRANSIENT,
                      SQLITE_UTF8);
  return *this;
}

Statement& Statement::Int(std::int64_t value) {
  sqlite3_bind_int64(statement_, ++bound_, value);
  return *this;
}

Statement& Statement::Real(double value) {
  sqlite3_bind_double(statement_, ++bound_, value);
  return *this;
}

Statement& Statement::Null() {
  sqlite3_bind_null(statement_, ++bound_);
  return *this;
}

bool Statement::Row() {
  if (statement_ == nullptr || !database_->status_.ok()) {
    Reset();
    return false;
  }
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) database_->Fail(code);
  Reset();
  return false;
}

bool Statement::Run() {
  if (statement_ == nullptr || !database_->status_.ok()) {
    Reset();
    return false;
  }
  const sqlite3_int64 before = sqlite3_total_changes(database_->handle_);
  while (Row()) {
  }
  return sqlite3_total_changes(database_->handle_) != before;
}

void Statement::Reset() {
  bound_ = 0;
  sqlite3_reset(statement_);
}

std::string_view Statement::ColumnText(int column) const {
  const unsigned char* text = sqlite3_column_text(statement_, column);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::int64_t Statement::ColumnInt(int column) const { return sqlite3_column_int64(statement_, column); }

double Statement::ColumnReal(int column) const { return sqlite3_column_double(statement_, column); }

bool Statement::IsNull(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

Result<std::unique_ptr<Database>> Database::Open(const std::string& path, Mode mode) {
  int flags = SQLITE_OPEN_NOMUTEX;
  switch (mode) {
    case Mode::kCreate: flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE; break;
    case Mode::kReadWrite: flags |= SQLITE_OPEN_READWRITE; break;
    case Mode::kReadOnly: flags |= SQLITE_OPEN_READONLY; break;
  }
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Database> database(new Database(handle));
  if (code != SQLITE_OK) return Status(CodeOf(code), path + ": " + sqlite3_errstr(code));
  sqlite3_busy_timeout(handle, 10'000);
  return database;
}

Database::~Database() { sqlite3_close_v2(handle_); }

Statement Database::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement, nullptr);
  if (code != SQLITE_OK) Fail(code);
  return Statement(this, statement);
}

void Database::Execute(const char* sql) {
  if (!status_.ok()) return;
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) Fail(code);
}

void Database::Begin(bool for_writing) {
  status_ = Status();
  // IMMEDIATE takes the lock for writing at once: a transaction that reads first and writes later could not get it when
  // another process wrote in between.
  Execute(for_writing ? "BEGIN IMMEDIATE" : "BEGIN");
}

Status Database::Commit() {
  if (status_.ok()) Execute("COMMIT");
  if (!status_.ok() && sqlite3_get_autocommit(handle_) == 0)
    sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
  return status_;
}

void Database::Fail(int code) {
  if (status_.ok()) status_ = Status(CodeOf(code), std::string("database: ") + sqlite3_errmsg(handle_));
}

}  // namespace guidon::collector
