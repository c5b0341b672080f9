#include "tests/support/faulty_storage.h"

namespace guidon::test {
namespace {

// The first key after `key`.
std::string After(const std::string& key) { return key + std::string(1, '\0'); }

Status Crashed() { return Status(StatusCode::kUnavailable, "the process was killed"); }

// All rows of a range. Only for inner stores that answer inside the call.
void ReadAll(Storage* storage, std::string from, const std::string& to, std::vector<Row>* rows) {
  for (bool more = true; more;) {
    more = false;
    storage->Read(from, to, 1u << 20, [&](Result<std::vector<Row>> result) {
      if (!result.ok() || result->empty()) return;
      from = After(result->back().key);
      rows->insert(rows->end(), result->begin(), result->end());
      more = true;
    });
  }
}

}  // namespace

void FaultyStorage::FailCall(std::size_t n, Status status) {
  fail_at_ = n;
  fail_status_ = std::move(status);
}

void FaultyStorage::FailAll(Status status) { all_status_ = std::move(status); }

void FaultyStorage::CrashAt(std::size_t n, Crash how) {
  crash_at_ = n;
  crash_ = how;
}

void FaultyStorage::Restart() {
  calls_ = 0;
  commits_ = 0;
  fail_at_ = 0;
  crash_at_ = 0;
  all_status_ = Status();
  crashed_ = false;
  undo_.reset();
}

FaultyStorage::Fate FaultyStorage::NextCall() {
  ++calls_;
  if (crashed_) return {Crashed(), false};
  if (crash_at_ != 0 && calls_ >= crash_at_) {
    crashed_ = true;
    if (crash_ == Crash::kLosingLastCommit) UndoLastCommit();
    return {Crashed(), crash_ == Crash::kAfter};
  }
  if (calls_ == fail_at_) return {fail_status_, false};
  return {all_status_, all_status_.ok()};
}

StorageBatch FaultyStorage::UndoOf(const StorageBatch& batch) {
  StorageBatch undo;
  for (const StorageBatch::Range& range : batch.erase) ReadAll(inner_.get(), range.from, range.to, &undo.put);
  for (const Row& row : batch.put) {
    ReadAll(inner_.get(), row.key, After(row.key), &undo.put);
    undo.erase.push_back({row.key, After(row.key)});
  }
  return undo;
}

void FaultyStorage::UndoLastCommit() {
  if (undo_) inner_->Commit(std::move(*undo_), [](Status) {});
  undo_.reset();
}

void FaultyStorage::Open(std::function<void(Result<StorageOpened>)> done) {
  const Fate fate = NextCall();
  if (!fate.gets_through) return done(fate.status);
  inner_->Open([status = fate.status, done = std::move(done)](Result<StorageOpened> result) {
    if (status.ok()) return done(std::move(result));
    done(status);
  });
}

void FaultyStorage::Commit(StorageBatch batch, std::function<void(Status)> done) {
  const Fate fate = NextCall();
  if (!fate.gets_through) return done(fate.status);
  if (crash_at_ != 0 && crash_ == Crash::kLosingLastCommit) undo_ = UndoOf(batch);
  inner_->Commit(std::move(batch), [this, status = fate.status, done = std::move(done)](Status inner) {
    if (!status.ok()) return done(status);
    if (inner.ok()) ++commits_;
    done(std::move(inner));
  });
}

void FaultyStorage::Read(std::string from, std::string to, std::size_t most_bytes,
                         std::function<void(Result<std::vector<Row>>)> done) {
  const Fate fate = NextCall();
  if (!fate.gets_through || !fate.status.ok()) return done(fate.status);
  inner_->Read(std::move(from), std::move(to), most_bytes, std::move(done));
}

void FaultyStorage::EraseAll(std::function<void(Status)> done) {
  const Fate fate = NextCall();
  if (!fate.gets_through) return done(fate.status);
  undo_.reset();
  inner_->EraseAll(
      [status = fate.status, done = std::move(done)](Status inner) { done(status.ok() ? std::move(inner) : status); });
}

void FaultyStorage::Close(std::function<void()> done) {
  undo_.reset();
  inner_->Close(std::move(done));
}

}  // namespace guidon::test
