#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "guidon/platform_parts.h"

namespace guidon {
namespace {

Status NotOpen() { return Status(StatusCode::kClosed, "the store is not open"); }

class MapStorage final : public Storage {
 public:
  void Open(std::function<void(Result<StorageOpened>)> done) override {
    open_ = true;
    done(StorageOpened());
  }

  void Commit(StorageBatch batch, std::function<void(Status)> done) override {
    if (!open_) return done(NotOpen());
    for (const StorageBatch::Range& range : batch.erase) {
      if (range.from < range.to) rows_.erase(rows_.lower_bound(range.from), rows_.lower_bound(range.to));
    }
    for (Row& row : batch.put) rows_.insert_or_assign(std::move(row.key), std::move(row.value));
    done(Status());
  }

  void Read(std::string from, std::string to, std::size_t most_bytes,
            std::function<void(Result<std::vector<Row>>)> done) override {
    if (!open_) return done(NotOpen());
    std::vector<Row> rows;
    std::size_t bytes = 0;
    for (auto row = rows_.lower_bound(from); row != rows_.end() && row->first < to; ++row) {
      bytes += row->first.size() + row->second.size();
      if (bytes > most_bytes && !rows.empty()) break;
      rows.push_back({row->first, row->second});
    }
    done(std::move(rows));
  }

  void EraseAll(std::function<void(Status)> done) override {
    open_ = false;
    rows_.clear();
    done(Status());
  }

  void Close(std::function<void()> done) override {
    open_ = false;
    done();
  }

 private:
  bool open_ = false;
  std::map<std::string, std::string> rows_;  // char_traits<char> compares as unsigned bytes
};

}  // namespace

std::shared_ptr<Storage> MemoryStorage() { return std::make_shared<MapStorage>(); }

}  // namespace guidon
