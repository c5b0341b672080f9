// A store that is down for a while.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sdk/events/memory_store.h"

namespace guidon::events::test {

// Fails some calls in a row, the first of them perhaps after it has been done.
class Outage final : public Storage {
 public:
  void Begin(std::size_t first, std::size_t calls, bool is_first_done) {
    calls_ = 0;
    first_ = first;
    last_ = first + calls;
    is_first_done_ = is_first_done;
  }
  void Open(std::function<void(Result<StorageOpened>)> done) override {
    if (Fails()) return done(Status(StatusCode::kUnavailable, "outage"));
    store_.Open(std::move(done));
  }
  void Commit(StorageBatch batch, std::function<void(Status)> done) override {
    if (!Fails()) return store_.Commit(std::move(batch), std::move(done));
    if (is_first_done_ && calls_ == first_) store_.Commit(std::move(batch), [](Status) {});
    done(Status(StatusCode::kUnavailable, "outage"));
  }
  void Read(std::string from, std::string to, std::size_t most_bytes,
            std::function<void(Result<std::vector<Row>>)> done) override {
    if (Fails()) return done(Status(StatusCode::kUnavailable, "outage"));
    store_.Read(std::move(from), std::move(to), most_bytes, std::move(done));
  }
  void EraseAll(std::function<void(Status)> done) override { store_.EraseAll(std::move(done)); }
  void Close(std::function<void()> done) override { store_.Close(std::move(done)); }

 private:
  bool Fails() {
    ++calls_;
    return calls_ >= first_ && calls_ < last_;
  }
  MemoryStore store_;
  std::size_t calls_ = 0, first_ = 0, last_ = 0;
  bool is_first_done_ = false;
};

}  // namespace guidon::events::test
