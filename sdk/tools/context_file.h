// A context as JSON, for trying out a datafile:
//
//   { "units": { "device": "d-1" }, "attributes": { "plan": "pro", "app": { "version": "4.2.0" } },
//     "now": "2026-12-01T10:00:00Z", "utc_offset": "+01:00", "history": [ … ], "session_began": "2026-12-01T09:40:00Z",
//     "event": { "name": "message_sent", "properties": { "chars": 1812 } } }
//
// The history is in history.h; the event is what happens now.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "guidon/context.h"
#include "guidon/status.h"
#include "guidon/time.h"
#include "sdk/core/prompts/explain_prompt.h"
#include "sdk/tools/history.h"

namespace guidon::tools {

struct ContextFile {
  Context context;
  std::optional<Timestamp> now;
  Duration utc_offset{0};                            // of the device's clock
  behavior::Session session;                         // number 0: it is not told
  std::optional<std::vector<HistoryEntry>> history;  // nothing: not known, which is not the same as an empty one
  std::optional<prompts::TriggerEvent> event;
};

// All members are optional, unknown ones an error. An error says where and why.
Result<ContextFile> ReadContextFile(std::string_view text);
// No session began after the moment that is tried.
Status CheckSession(const ContextFile& file, Timestamp now);
Result<Context> ReadContext(std::string_view text);

}  // namespace guidon::tools
