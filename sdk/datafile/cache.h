// The last datafile that was found good, in one small file of its own, so that the next start has it before any
// database or network. Whoever reads it verifies it again: a file on a device is no more to be trusted than a server.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "guidon/ports/files.h"
#include "guidon/status.h"

namespace guidon::datafile {

// Longer ones are taken for none.
inline constexpr std::size_t kMostEtagBytes = 256;

struct CachedDatafile {
  std::string bytes;
  std::string etag;  // empty when there was none, or when it is another address's
};

class Cache {
 public:
  // `url` is where datafiles come from: an ETag means nothing to another address.
  Cache(std::shared_ptr<Files> files, std::string_view url);

  // Replaces the file as a whole; a failure leaves the old one. May block. An ETag that is too long is left out.
  Status Keep(std::string_view bytes, std::string_view etag);

  // kNotFound when nothing was kept yet. kCorrupt when the file is not one that `Keep` wrote; it stays until `Keep`
  // replaces it.
  Result<CachedDatafile> Read();

 private:
  std::shared_ptr<Files> files_;  // null: nothing is kept
  std::string source_;            // eight bytes that stand for the address
};

}  // namespace guidon::datafile
