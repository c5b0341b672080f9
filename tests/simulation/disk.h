// A device's disk: rows and files that survive the process, or the machine, or neither.
//
// What a commit wrote is the system's at once, so it survives the process; it survives the machine once a commit that
// came after it was confirmed. Processes reach the disk through ports of their own, which a kill cuts off.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/ports/files.h"
#include "guidon/ports/storage.h"

namespace guidon::simulation {

// Shared by the ports of one process. Once it is dead, nothing that it does reaches anything.
struct Life {
  bool is_dead = false;
};

enum class DiskFault : std::uint8_t {
  kFull,      // kOutOfSpace; nothing is written
  kBroken,    // kInternal, as of EIO; nothing is written
  kDoubtful,  // a commit that took place, and is reported as failed
};

class Disk {
 public:
  enum class Crash : std::uint8_t {
    kBefore,  // the call does nothing
    kAmid,    // written, and not synced
    kAfter,   // done, and nobody hears of it
  };

  // What a bug planted for a test of the simulator does to commits on their way; else null.
  std::function<void(StorageBatch*)> tamper;
  // Another such bug: commits are confirmed and not synced.
  bool lies_about_syncing = false;

  void KillAtCall(std::uint64_t n, Crash how);  // the n-th from now
  void FailCalls(std::uint64_t n, DiskFault how);
  void FailUntil(std::int64_t mono_ms, DiskFault how);
  void FailFilesUntil(std::int64_t mono_ms);
  void EndFaults();
  void Now(std::int64_t mono_ms) { now_ = mono_ms; }

  // Damages a row whose key begins with `prefix`; false when there is none.
  bool CorruptRow(std::string_view prefix, std::uint64_t salt);
  // The next Open finds nothing readable, and begins anew.
  void CorruptStore() { is_unreadable_ = true; }

  void LosePower();

  const std::map<std::string, std::string>& rows() const { return rows_; }
  // All that is there would survive a power cut.
  bool is_synced() const { return unsynced_.empty() || lies_about_syncing; }
  std::uint64_t commits() const { return commits_; }
  std::uint64_t writes() const { return commits_ + file_writes_; }
  // How often all of it was erased or lost: what is counted by store begins anew with each.
  std::uint64_t generation() const { return generation_; }
  bool has_fault() const { return fail_calls_ > 0 || now_ < fail_until_; }
  // Nothing can be written or removed.
  bool is_broken() const {
    return (fail_calls_ > 0 && call_fault_ == DiskFault::kBroken) ||
           (now_ < fail_until_ && time_fault_ == DiskFault::kBroken);
  }

 private:
  friend class DiskStorage;
  friend class DiskFiles;
  struct Change {
    std::string key;
    bool had = false;
    std::string before;
  };

  // What becomes of the call that begins now.
  struct Outcome {
    Status status;
    bool takes_place = true;
    bool dies_amid = false;
    bool dies_after = false;
  };
  Outcome Begin(bool is_commit);
  void Apply(StorageBatch batch);
  void Put(const std::string& key, const std::string* value);
  void Sync();

  std::map<std::string, std::string> rows_;   // as the system has them
  std::vector<Change> unsynced_;              // in order; undone from behind
  std::map<std::string, std::string> files_;  // each replaced whole, and synced
  std::int64_t now_ = 0;
  std::uint64_t kill_in_ = 0;
  Crash crash_ = Crash::kBefore;
  std::uint64_t fail_calls_ = 0;
  DiskFault call_fault_ = DiskFault::kFull;
  std::int64_t fail_until_ = 0;
  DiskFault time_fault_ = DiskFault::kFull;
  std::int64_t files_fail_until_ = 0;
  bool is_unreadable_ = false;
  std::uint64_t commits_ = 0;
  std::uint64_t file_writes_ = 0;
  std::uint64_t generation_ = 1;
};

// The ports of one process. `disk` outlives them.
std::shared_ptr<Storage> MakeStorage(Disk* disk, std::shared_ptr<Life> life);
std::shared_ptr<Files> MakeFiles(Disk* disk, std::shared_ptr<Life> life);

}  // namespace guidon::simulation
