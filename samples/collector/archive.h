// Every version of the datafile that was ever served, so that exposures under older versions can still be checked.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

#include "samples/collector/datafile_reader.h"
#include "samples/collector/store.h"

namespace guidon::collector {

// Any thread.
class Archive {
 public:
  explicit Archive(Store* store) : store_(store) {}

  // Keeps the version. The first content of a version stays; other content for it later is kInvalidArgument, as devices
  // refuse it, too.
  Status Add(std::string_view bytes, std::int64_t now_ms);

  // By "epoch.version"; null when it was never served. An error when the database cannot tell now.
  Result<std::shared_ptr<const Published>> Find(std::string_view version);

 private:
  static constexpr std::size_t kMostInMemory = 32;
  using Key = std::pair<std::int64_t, std::int64_t>;

  Store* store_;
  std::mutex mutex_;
  std::map<Key, std::shared_ptr<const Published>> in_memory_;
};

}  // namespace guidon::collector
