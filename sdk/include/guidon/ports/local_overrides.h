// Where QA says from outside the app what to force: a text in the environment and a file. The formats are the
// library's (docs/guide/qa.md); the port only fetches the bytes.
#pragma once

#include <cstddef>
#include <string>

#include "guidon/status.h"

namespace guidon {

// Belongs to one client. `Environment` and `HasFile` are called once, while it opens, as is the first `ReadFile`; all
// further ones come one at a time from the disk lane, about once a second.
class LocalOverrides {
 public:
  virtual ~LocalOverrides() = default;

  // The text of GUIDON_FORCE; empty when there is none.
  virtual std::string Environment() = 0;

  // Whether a file is named at all, be it there or not. Without one nothing is ever read.
  virtual bool HasFile() = 0;

  // All of it. kNotFound when it is not there, which takes back what it forced; kTooLarge when it has more than `most`
  // bytes. May block.
  virtual Result<std::string> ReadFile(std::size_t most) = 0;
};

}  // namespace guidon
