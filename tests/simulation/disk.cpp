#include "tests/simulation/disk.h"

#include <algorithm>
#include <utility>

#include "tests/simulation/dice.h"

namespace guidon::simulation {
namespace {

Status Dead() { return Status(StatusCode::kUnavailable, "the process is gone"); }

Status StatusOf(DiskFault fault) {
  switch (fault) {
    case DiskFault::kFull: return Status(StatusCode::kOutOfSpace, "no space left on device");
    case DiskFault::kBroken: return Status(StatusCode::kInternal, "input/output error");
    case DiskFault::kDoubtful: return Status(StatusCode::kInternal, "input/output error while syncing");
  }
  return Status(StatusCode::kInternal, "input/output error");
}

}  // namespace

void Disk::KillAtCall(std::uint64_t n, Crash how) {
  kill_in_ = n;
  crash_ = how;
}

void Disk::FailCalls(std::uint64_t n, DiskFault how) {
  fail_calls_ = n;
  call_fault_ = how;
}

void Disk::FailUntil(std::int64_t mono_ms, DiskFault how) {
  fail_until_ = mono_ms;
  time_fault_ = how;
}

void Disk::FailFilesUntil(std::int64_t mono_ms) { files_fail_until_ = mono_ms; }

void Disk::EndFaults() {
  kill_in_ = 0;
  fail_calls_ = 0;
  fail_until_ = 0;
  files_fail_until_ = 0;
}

Disk::Outcome Disk::Begin(bool is_commit) {
  Outcome outcome;
  if (kill_in_ > 0 && --kill_in_ == 0) {
    outcome.takes_place = crash_ != Crash::kBefore;
    outcome.dies_amid = crash_ != Crash::kAfter;
    outcome.dies_after = crash_ == Crash::kAfter;
    return outcome;
  }
  DiskFault fault = DiskFault::kFull;
  if (now_ < fail_until_) {
    fault = time_fault_;
  } else if (fail_calls_ > 0) {
    --fail_calls_;
    fault = call_fault_;
  } else {
    return outcome;
  }
  if (fault == DiskFault::kDoubtful && !is_commit) return outcome;
  outcome.status = StatusOf(fault);
  outcome.takes_place = fault == DiskFault::kDoubtful;
  return outcome;
}

void Disk::Put(const std::string& key, const std::string* value) {
  const auto found = rows_.find(key);
  unsynced_.push_back({key, found != rows_.end(), found == rows_.end() ? std::string() : found->second});
  if (value == nullptr) {
    if (found != rows_.end()) rows_.erase(found);
  } else if (found != rows_.end()) {
    found->second = *value;
  } else {
    rows_.emplace(key, *value);
  }
}

void Disk::Apply(StorageBatch batch) {
  if (tamper) tamper(&batch);
  for (const StorageBatch::Range& range : batch.erase) {
    if (!(range.from < range.to)) continue;
    std::vector<std::string> keys;
    for (auto row = rows_.lower_bound(range.from); row != rows_.end() && row->first < range.to; ++row) {
      keys.push_back(row->first);
    }
    for (const std::string& key : keys) Put(key, nullptr);
  }
  for (const Row& row : batch.put) Put(row.key, &row.value);
}

void Disk::Sync() {
  if (!lies_about_syncing) unsynced_.clear();
}

void Disk::LosePower() {
  for (auto change = unsynced_.rbegin(); change != unsynced_.rend(); ++change) {
    if (change->had) {
      rows_[change->key] = change->before;
    } else {
      rows_.erase(change->key);
    }
  }
  unsynced_.clear();
  EndFaults();
}

bool Disk::CorruptRow(std::string_view prefix, std::uint64_t salt) {
  Dice dice(salt);
  std::vector<std::map<std::string, std::string>::iterator> found;
  for (auto row = rows_.lower_bound(std::string(prefix)); row != rows_.end(); ++row) {
    if (row->first.compare(0, prefix.size(), prefix) != 0) break;
    found.push_back(row);
  }
  if (found.empty()) return false;
  std::string& value = found[dice.Below(found.size())]->second;
  // Always one that can be noticed: there are no checksums beyond the database's own.
  value = dice.Chance(50) ? value.substr(0, value.size() / 2) : std::string(value.size(), '\xFF');
  return true;
}

class DiskStorage final : public Storage {
 public:
  DiskStorage(Disk* disk, std::shared_ptr<Life> life) : disk_(disk), life_(std::move(life)) {}

  void Open(std::function<void(Result<StorageOpened>)> done) override {
    const Status status = Enter(false);
    if (!status.ok()) return done(status);
    StorageOpened opened;
    opened.durability = Durability::kMachine;
    if (std::exchange(disk_->is_unreadable_, false)) {
      opened.was_reset = true;
      disk_->rows_.clear();
      disk_->unsynced_.clear();
      ++disk_->generation_;
    }
    disk_->Sync();
    is_open_ = true;
    done(opened);
  }

  void Commit(StorageBatch batch, std::function<void(Status)> done) override {
    if (life_->is_dead) return done(Dead());
    if (!is_open_) return done(Status(StatusCode::kClosed, "the store is not open"));
    const Disk::Outcome outcome = disk_->Begin(true);
    if (outcome.takes_place) disk_->Apply(std::move(batch));
    if (outcome.dies_amid) return Die(std::move(done));
    if (outcome.takes_place) disk_->Sync();
    if (outcome.dies_after) return Die(std::move(done));
    if (outcome.takes_place) ++disk_->commits_;
    done(outcome.status);
  }

  void Read(std::string from, std::string to, std::size_t most_bytes,
            std::function<void(Result<std::vector<Row>>)> done) override {
    const Status status = Enter(false);
    if (!status.ok()) return done(status);
    if (!is_open_) return done(Status(StatusCode::kClosed, "the store is not open"));
    std::vector<Row> rows;
    std::size_t bytes = 0;
    for (auto row = disk_->rows_.lower_bound(from); row != disk_->rows_.end() && row->first < to; ++row) {
      bytes += row->first.size() + row->second.size();
      if (bytes > most_bytes && !rows.empty()) break;
      rows.push_back({row->first, row->second});
    }
    done(std::move(rows));
  }

  void EraseAll(std::function<void(Status)> done) override {
    is_open_ = false;
    const Status status = Enter(false);
    // Removing files takes no room.
    if (!status.ok() && status.code() != StatusCode::kOutOfSpace) return done(status);
    disk_->rows_.clear();
    disk_->unsynced_.clear();
    disk_->is_unreadable_ = false;
    ++disk_->generation_;
    ++disk_->commits_;
    done(Status());
  }

  void Close(std::function<void()> done) override {
    is_open_ = false;
    done();
  }

 private:
  // Of calls other than commits: they have no middle.
  Status Enter(bool is_commit) {
    if (life_->is_dead) return Dead();
    const Disk::Outcome outcome = disk_->Begin(is_commit);
    if (outcome.dies_amid || outcome.dies_after) {
      life_->is_dead = true;
      return Dead();
    }
    return outcome.status;
  }
  void Die(std::function<void(Status)> done) {
    life_->is_dead = true;
    done(Dead());
  }

  Disk* const disk_;
  const std::shared_ptr<Life> life_;
  bool is_open_ = false;
};

class DiskFiles final : public Files {
 public:
  DiskFiles(Disk* disk, std::shared_ptr<Life> life) : disk_(disk), life_(std::move(life)) {}

  Result<std::string> Read(std::string_view name, std::size_t most) override {
    if (life_->is_dead) return Dead();
    const auto found = disk_->files_.find(std::string(name));
    if (found == disk_->files_.end()) return Status(StatusCode::kNotFound, std::string(name) + ": no such file");
    if (found->second.size() > most) return Status(StatusCode::kTooLarge, std::string(name) + ": too large");
    return found->second;
  }

  Status Replace(std::string_view name, std::string_view content) override {
    if (life_->is_dead) return Dead();
    if (disk_->now_ < disk_->files_fail_until_) return StatusOf(DiskFault::kFull);
    disk_->files_[std::string(name)] = std::string(content);
    ++disk_->file_writes_;
    return Status();
  }

  Status Remove(std::string_view name) override {
    if (life_->is_dead) return Dead();
    if (disk_->now_ < disk_->files_fail_until_) return StatusOf(DiskFault::kBroken);
    disk_->files_.erase(std::string(name));
    return Status();
  }

 private:
  Disk* const disk_;
  const std::shared_ptr<Life> life_;
};

std::shared_ptr<Storage> MakeStorage(Disk* disk, std::shared_ptr<Life> life) {
  return std::make_shared<DiskStorage>(disk, std::move(life));
}

std::shared_ptr<Files> MakeFiles(Disk* disk, std::shared_ptr<Life> life) {
  return std::make_shared<DiskFiles>(disk, std::move(life));
}

}  // namespace guidon::simulation
