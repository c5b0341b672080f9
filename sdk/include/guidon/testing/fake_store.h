// A store in memory that outlives the client, as a disk does, and fails when the test says so.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "guidon/ports/storage.h"

namespace guidon::testing {

// A commit is a write, and so is erasing all.
class FakeStore final : public Storage {
 public:
  // The n-th write from now on (1: the next) fails and changes nothing; those around it get through.
  void FailWrite(std::size_t n, Status why = Status(StatusCode::kOutOfSpace, "the disk is full"));
  // All of them fail from now on, and opening does, until it is ok again.
  void FailAll(Status why);

  // How often it was written, failures included.
  std::size_t writes() const noexcept { return writes_; }

  void Open(std::function<void(Result<StorageOpened>)> done) override;
  void Commit(StorageBatch batch, std::function<void(Status)> done) override;
  void Read(std::string from, std::string to, std::size_t most_bytes,
            std::function<void(Result<std::vector<Row>>)> done) override;
  void EraseAll(std::function<void(Status)> done) override;
  void Close(std::function<void()> done) override;

 private:
  Status NextWrite();

  bool is_open_ = false;
  std::map<std::string, std::string> rows_;
  std::size_t writes_ = 0;
  std::size_t fail_at_ = 0;  // 0: none
  Status fail_;
  Status fail_all_;
};

}  // namespace guidon::testing
