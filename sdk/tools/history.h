// What a person did before, as a context file tells it:
//
//   "history": [ { "at": "2026-11-12", "event": "app_open", "times": 3 },
//                { "at": "2026-11-13", "event": "message_sent", "properties": { "chars": 1800 } },
//                { "at": "2026-11-20T09:00:00Z", "prompt": "try-file-share", "what": "snooze", "snooze": "1d" } ]
//
// Each entry with a prompt is a showing of its own, which was seen unless it failed.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "guidon/time.h"
#include "guidon/value.h"
#include "sdk/core/behavior/behavior.h"
#include "sdk/core/prompts/showings.h"
#include "sdk/core/ruleset/ruleset.h"
#include "sdk/tools/members.h"

namespace guidon::tools {

inline constexpr std::int64_t kHistoryTimes = 10'000;   // of one entry
inline constexpr std::size_t kHistoryEvents = 100'000;  // of all together

struct HistoryEntry {
  Timestamp at{};
  std::string event;  // or
  std::int64_t times = 1;
  std::vector<std::pair<std::string, Value>> properties = {};
  std::string prompt;  // the campaign
  prompts::What what = prompts::What::kImpression;
  Duration snooze{0};
};

// Reports what is wrong with the list.
std::vector<HistoryEntry> ReadHistory(const Members& members, const Located& list);

// As a device would have remembered it that had each of these rules and whose clock is so far ahead of UTC. An entry
// may say the name of a count: then it is an event of that count. What was since a session began that is known is of it.
void Remember(const std::vector<HistoryEntry>& history, const std::vector<const ruleset::Ruleset*>& rules,
              Duration utc_offset, const behavior::Session& session, behavior::Behavior* behavior,
              prompts::Showings* showings);

}  // namespace guidon::tools
