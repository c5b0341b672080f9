// A Storage that passes on to another one until the test has it fail.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "guidon/ports/storage.h"

namespace guidon::test {

// Counts Open, Commit, Read and EraseAll as calls, from 1; Close always gets through. To sweep: run a story once to
// learn `calls()`, then once for every n up to that, and reopen each time.
class FaultyStorage final : public Storage {
 public:
  enum class Crash {
    kBefore,            // the n-th call does nothing
    kAfter,             // the n-th call is done, but its caller is told of a failure
    kLosingLastCommit,  // the n-th call does nothing, and the last commit confirmed since the store was opened is
                        // undone: a machine that went down, and a store only as durable as the process
  };

  // `inner` must answer inside its calls where commits are to be undone.
  explicit FaultyStorage(std::shared_ptr<Storage> inner) : inner_(std::move(inner)) {}

  // The n-th call from the first ever made fails with `status` and does nothing; the others get through.
  void FailCall(std::size_t n, Status status);
  // Every call from now on fails with `status`, until it is ok again.
  void FailAll(Status status);
  // From the n-th call on nothing is stored, and every call fails with kUnavailable.
  void CrashAt(std::size_t n, Crash how = Crash::kBefore);
  // The process starts again: faults are forgotten and the count begins anew. What was stored is still there.
  void Restart();

  std::size_t calls() const { return calls_; }
  std::size_t commits() const { return commits_; }  // that were confirmed
  bool crashed() const { return crashed_; }

  void Open(std::function<void(Result<StorageOpened>)> done) override;
  void Commit(StorageBatch batch, std::function<void(Status)> done) override;
  void Read(std::string from, std::string to, std::size_t most_bytes,
            std::function<void(Result<std::vector<Row>>)> done) override;
  void EraseAll(std::function<void(Status)> done) override;
  void Close(std::function<void()> done) override;

 private:
  // What becomes of the call that begins now.
  struct Fate {
    Status status;  // not ok: what its caller is told
    bool gets_through = true;
  };
  Fate NextCall();
  // Reads what `batch` is about to change, so that it can be undone.
  StorageBatch UndoOf(const StorageBatch& batch);
  void UndoLastCommit();

  std::shared_ptr<Storage> inner_;
  std::size_t calls_ = 0;
  std::size_t commits_ = 0;
  std::size_t fail_at_ = 0;  // 0: none
  Status fail_status_;
  Status all_status_;
  std::size_t crash_at_ = 0;  // 0: never
  Crash crash_ = Crash::kBefore;
  bool crashed_ = false;
  std::optional<StorageBatch> undo_;
};

}  // namespace guidon::test
