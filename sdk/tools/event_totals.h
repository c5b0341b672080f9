// What counts of one event can be, all of its windows together, and a history that gives them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sdk/tools/judge.h"
#include "sdk/tools/sample_values.h"

namespace guidon::tools {

struct EventTotal {
  behavior::Measure measure = behavior::Measure::kCount;
  behavior::Window window;
  std::int64_t value = 0;
};

// One way for the comparisons of one event's counts to come out.
struct EventWay {
  std::vector<Truths> truths;  // by comparison, in the order given
  std::vector<EventTotal> totals;
  bool is_known = true;  // false: nothing was read yet
  bool is_exact = true;  // false: at least so many; then no history tells it
};

// Every way there is, and maybe more: a total over a part of the time, or of days instead of times, is never above the
// total over all of it, and nothing else is taken for granted.
std::vector<EventWay> EventWaysOf(const std::vector<const expression::Tree*>& leaves);

// Events that give these totals at that moment, if the sum of what is asked can be spread over the windows so.
std::vector<HistoryEntry> HistoryOf(const std::string& event, const std::vector<EventTotal>& totals, Timestamp now);

}  // namespace guidon::tools
