// What the collector keeps: each event once, and beside the events what the results page needs, so that it never has to
// read them all. Written by one thread at a time, in one transaction a request.
//
// schema.cpp says what the tables are; what computes results, and audit.cpp, read them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/status.h"
#include "samples/collector/database.h"
#include "samples/collector/datafile_reader.h"
#include "sdk/collector/record.h"

namespace guidon::collector {

// Any thread.
class Store {
 public:
  // Creates the file when there is none. It never grows beyond `most_mb`; then `Add` says kOutOfSpace.
  static Result<std::unique_ptr<Store>> Open(const std::string& path, std::int64_t most_mb);
  ~Store();

  struct Added {
    std::uint64_t stored = 0;
    std::uint64_t duplicates = 0;                           // ids that were there already
    std::map<std::string_view, std::uint64_t> quarantined;  // by reason; also those that were there already
  };
  // All of it, on the disk, or nothing.
  Result<Added> Add(const std::vector<Record>& records, std::int64_t now_ms);

  // kInvalidArgument when that version is kept with other content.
  Status SaveDatafile(const Published& published, std::string_view payload, std::int64_t now_ms);
  // kNotFound when there is no such version.
  Result<std::string> LoadDatafile(std::int64_t epoch, std::int64_t version);

 private:
  struct Statements;
  struct Tally;
  explicit Store(std::unique_ptr<Database> database);
  bool AddGood(const Record& record, std::int64_t now_ms);
  void AddToResults(const Record& record);
  void AddAnswer(const Record& record);
  void AddIterations(const Published& published);
  bool IsKept(const Record& record);
  void Quarantine(const Record& record, std::int64_t now_ms, Tally* tally);
  void AddTally(const Tally& tally, std::int64_t now_ms);
  void Count(std::string_view topic, std::string_view name, std::uint64_t n, std::int64_t last_ms);
  void AddSequences(std::string_view installation, std::vector<std::int64_t> numbers);
  void AddRun(std::string_view installation, std::int64_t first, std::int64_t last);

  std::mutex mutex_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Statements> statements_;
};

}  // namespace guidon::collector
