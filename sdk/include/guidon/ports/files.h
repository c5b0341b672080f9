// Port: a few small files of the client's own, each replaced whole: the cached datafile and the install id. They can be
// read before any database is open.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "guidon/status.h"

namespace guidon {

// Names are plain: letters, digits, dots and dashes, no folders. Calls come from one thread at a time, `Read` also from
// the thread that opens the client.
class Files {
 public:
  virtual ~Files() = default;

  // kNotFound when there is none; kTooLarge when it has more than `most` bytes.
  virtual Result<std::string> Read(std::string_view name, std::size_t most) = 0;

  // All or nothing, also across a power cut: after a failure, or a crash, the old content is there. May block.
  virtual Status Replace(std::string_view name, std::string_view content) = 0;

  // The same where there is no file of that name; else kUnavailable, and nothing is changed. Of several processes that
  // call it at once one succeeds; the others may be told kUnavailable while its file is not there yet. May block.
  // Optional: without it processes that start for the first time at once may have two install ids for that run.
  virtual Status Create(std::string_view, std::string_view) {
    return Status(StatusCode::kUnsupported, "files cannot be created by one of several processes");
  }
  // Erases the file and, as far as the system lets it, its content. No file is fine. May block.
  virtual Status Remove(std::string_view name) = 0;
};

}  // namespace guidon
