// The datafiles that were served, as results ask for them: the newest, and the last that had an iteration.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "samples/collector/database.h"
#include "samples/collector/datafile_reader.h"

namespace guidon::collector {

class Versions {
 public:
  // Within a transaction of the caller's, which outlives it.
  explicit Versions(Database* database);

  // Null when none was served yet.
  const Published* newest() const { return newest_ ? &*newest_ : nullptr; }
  bool IsNewest(std::int64_t epoch, std::int64_t version) const {
    return newest_ && newest_->epoch == epoch && newest_->version == version;
  }
  // Valid until the next call; null when there is none.
  const Published* Find(std::int64_t epoch, std::int64_t version);

 private:
  Database& database_;
  std::optional<Published> newest_;
  std::optional<Published> other_;
};

}  // namespace guidon::collector
