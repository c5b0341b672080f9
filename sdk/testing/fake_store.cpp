#include "guidon/testing/fake_store.h"

#include <utility>

namespace guidon::testing {

void FakeStore::FailWrite(std::size_t n, Status why) {
  fail_at_ = n == 0 ? 0 : writes_ + n;
  fail_ = std::move(why);
}

void FakeStore::FailAll(Status why) { fail_all_ = std::move(why); }

Status FakeStore::NextWrite() {
  ++writes_;
  return writes_ == fail_at_ ? fail_ : fail_all_;
}

void FakeStore::Open(std::function<void(Result<StorageOpened>)> done) {
  if (!fail_all_.ok()) return done(fail_all_);
  is_open_ = true;
  StorageOpened opened;
  opened.durability = Durability::kMachine;
  done(opened);
}

void FakeStore::Commit(StorageBatch batch, std::function<void(Status)> done) {
  const Status status = is_open_ ? NextWrite() : Status(StatusCode::kClosed, "the store is not open");
  if (!status.ok()) return done(status);
  for (const StorageBatch::Range& range : batch.erase) {
    if (range.from < range.to) rows_.erase(rows_.lower_bound(range.from), rows_.lower_bound(range.to));
  }
  for (Row& row : batch.put) rows_.insert_or_assign(std::move(row.key), std::move(row.value));
  done(Status());
}

void FakeStore::Read(std::string from, std::string to, std::size_t most_bytes,
                     std::function<void(Result<std::vector<Row>>)> done) {
  if (!is_open_) return done(Status(StatusCode::kClosed, "the store is not open"));
  std::vector<Row> rows;
  std::size_t bytes = 0;
  for (auto row = rows_.lower_bound(from); row != rows_.end() && row->first < to; ++row) {
    bytes += row->first.size() + row->second.size();
    if (bytes > most_bytes && !rows.empty()) break;
    rows.push_back({row->first, row->second});
  }
  done(std::move(rows));
}

void FakeStore::EraseAll(std::function<void(Status)> done) {
  const Status status = NextWrite();
  if (!status.ok()) return done(status);
  is_open_ = false;
  rows_.clear();
  done(Status());
}

void FakeStore::Close(std::function<void()> done) {
  is_open_ = false;
  done();
}

}  // namespace guidon::testing
