// What a person did before, as a context file tells it:
//
//   "history": [ { "at": "2026-11-12", "event": "app_open", "times": 3 },
//                { "at": "2026-11-20T09:00:00Z", "prompt": "try-file-share", "what": "snooze", "snooze": "1d" } ]
//
// Each entry with a prompt is a showing of its own, which was seen unless it failed.
#pragma once

#include <string>
#include <vector>

#include "guidon/time.h"
#include "sdk/core/behavior/behavior.h"
#include "sdk/core/prompts/showings.h"
#include "sdk/tools/members.h"

namespace guidon::tools {

inline constexpr std::int64_t kHistoryTimes = 10'000;   // of one entry
inline constexpr std::size_t kHistoryEvents = 100'000;  // of all together

struct HistoryEntry {
  Timestamp at{};
  std::string event;  // or
  std::int64_t times = 1;
  std::string prompt;  // the campaign
  prompts::What what = prompts::What::kImpression;
  Duration snooze{0};
};

// Reports what is wrong with the list.
std::vector<HistoryEntry> ReadHistory(const Members& members, const Located& list);

// As the device would have remembered it, whose clock is so far ahead of UTC.
void Remember(const std::vector<HistoryEntry>& history, Duration utc_offset, behavior::Behavior* behavior,
              prompts::Showings* showings);

}  // namespace guidon::tools
