// The stand-in while there is no durable store: a Storage in memory, gone with the process.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "guidon/ports/storage.h"

namespace guidon::events {

class MemoryStore final : public Storage {
 public:
  void Open(std::function<void(Result<StorageOpened>)> done) override { done(StorageOpened()); }

  void Commit(StorageBatch batch, std::function<void(Status)> done) override {
    for (const StorageBatch::Range& range : batch.erase) {
      if (range.from < range.to) rows_.erase(rows_.lower_bound(range.from), rows_.lower_bound(range.to));
    }
    for (Row& row : batch.put) rows_[std::move(row.key)] = std::move(row.value);
    done(Status());
  }

  void Read(std::string from, std::string to, std::size_t most_bytes,
            std::function<void(Result<std::vector<Row>>)> done) override {
    std::vector<Row> rows;
    std::size_t bytes = 0;
    for (auto row = rows_.lower_bound(from); row != rows_.end() && row->first < to && bytes <= most_bytes; ++row) {
      rows.push_back({row->first, row->second});
      bytes += row->first.size() + row->second.size();
    }
    done(std::move(rows));
  }

  void EraseAll(std::function<void(Status)> done) override {
    rows_.clear();
    done(Status());
  }

  void Close(std::function<void()> done) override { done(); }

 private:
  std::map<std::string, std::string> rows_;
};

}  // namespace guidon::events
