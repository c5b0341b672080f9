// SQLite as the collector uses it; database.cpp is the only file that names it.
//
// Errors stick: after the first failure a Database does nothing more until `Begin`, and `Commit` returns what it was.
// So a transaction reads from top to bottom and is checked once, at its end. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "guidon/status.h"

struct sqlite3;
struct sqlite3_stmt;

namespace guidon::collector {

class Database;

// A prepared statement. Bind in order, then `Run`, or `Row` until it says no; both leave it ready to be bound again.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  // Texts are copied.
  Statement& Text(std::string_view value);
  Statement& Int(std::int64_t value);
  Statement& Real(double value);
  Statement& Null();

  // One row further; false at the end and after an error.
  bool Row();
  // To the end. True when it changed a row.
  bool Run();
  // Gives up the rows that are left.
  void Reset();

  // Columns of the current row, from 0. The view lives until the next call of Row, Run or Reset.
  std::string_view ColumnText(int column) const;
  std::int64_t ColumnInt(int column) const;
  double ColumnReal(int column) const;
  bool IsNull(int column) const;

 private:
  friend class Database;
  Statement(Database* database, sqlite3_stmt* statement) : database_(database), statement_(statement) {}
  Database* database_;
  sqlite3_stmt* statement_;
  int bound_ = 0;
};

class Database {
 public:
  enum class Mode { kCreate, kReadWrite, kReadOnly };
  static Result<std::unique_ptr<Database>> Open(const std::string& path, Mode mode);
  ~Database();
  Database(const Database&) = delete;  // statements point at it
  Database& operator=(const Database&) = delete;

  Statement Prepare(std::string_view sql);
  // One or more statements without parameters or rows.
  void Execute(const char* sql);

  // Clears what went wrong before.
  void Begin(bool for_writing);
  // Commits, or rolls back when anything failed since Begin and says what.
  Status Commit();
  const Status& status() const { return status_; }

 private:
  friend class Statement;
  explicit Database(sqlite3* handle) : handle_(handle) {}
  void Fail(int code);

  sqlite3* handle_;
  Status status_;
};

}  // namespace guidon::collector
