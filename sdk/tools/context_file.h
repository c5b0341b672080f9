// A context as JSON, for trying out a datafile:
//
//   { "units": { "device": "d-1" }, "attributes": { "plan": "pro", "app": { "version": "4.2.0" } },
//     "now": "2026-12-01T10:00:00Z" }
#pragma once

#include <optional>
#include <string_view>

#include "guidon/context.h"
#include "guidon/status.h"
#include "guidon/time.h"

namespace guidon::tools {

struct ContextFile {
  Context context;
  std::optional<Timestamp> now;
};

// All members are optional, unknown ones an error. An error says where and why.
Result<ContextFile> ReadContextFile(std::string_view text);
Result<Context> ReadContext(std::string_view text);

}  // namespace guidon::tools
