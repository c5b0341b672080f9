// The store as the logic lane sees it: calls of the port are made on the disk lane, and answered on the logic lane.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "guidon/ports/storage.h"
#include "guidon/time.h"
#include "sdk/core/base/lanes.h"
#include "sdk/events/state.h"

namespace guidon::events {

// Of rows that are read at once.
inline constexpr std::size_t kPageBytes = 256u << 10;

class Store {
 public:
  Store(std::shared_ptr<Storage> storage, std::shared_ptr<Lanes> lanes)
      : storage_(std::move(storage)), lanes_(std::move(lanes)) {}

  void Open(std::function<void(Result<StorageOpened>)> done);
  void Commit(StorageBatch batch, std::function<void(Status)> done);
  void Read(StorageBatch::Range range, std::size_t most_bytes, std::function<void(Result<std::vector<Row>>)> done);
  void EraseAll(std::function<void(Status)> done);  // closed afterwards
  void Close(std::function<void()> done);

  // What it held was lost, and nothing has been committed since. Logic lane.
  bool is_lost() const noexcept { return is_lost_; }
  void set_lost(bool is_lost) noexcept { is_lost_ = is_lost; }

 private:
  std::shared_ptr<Storage> storage_;
  std::shared_ptr<Lanes> lanes_;
  bool is_lost_ = false;
};

struct Loaded {
  StorageOpened opened;
  State state;
};

// Opens the store and reads what must be at hand. `birth` names the store if it is new.
// What is damaged is set aside by the first commit (State::repairs); a store of a later format fails with kUnsupported.
// Behavior and showings that were lost, in part or with the whole store, are forgotten before now.
void Load(std::shared_ptr<Store> store, std::uint64_t birth, const ClockReading& now,
          std::function<void(Result<Loaded>)> done);

}  // namespace guidon::events
