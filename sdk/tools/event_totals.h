// What counts of one event can be, all of its windows together, and how long ago it was; and a history that gives them.
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

// How long ago the last or first event was that is remembered, in ms.
struct EventAges {
  std::optional<std::int64_t> last;  // nothing: not asked, or it never happened
  std::optional<std::int64_t> first;
};

// One way for the comparisons of one event's counts to come out.
struct EventWay {
  std::vector<Truths> truths;  // by comparison, in the order given
  std::vector<EventTotal> totals;
  EventAges ages;
  bool is_known = true;  // false: nothing was read yet
  bool is_exact = true;  // false: at least so many; then no history tells it
};

// Every way there is, and maybe more: a total over a part of the time, or of days instead of times, is never above the
// total over all of it; the first event was no later than the last; a window that reaches back to one of them has an
// event, and one that ends after the last has none. Nothing else is taken for granted.
std::vector<EventWay> EventWaysOf(const std::vector<const expression::Tree*>& leaves);

// Events that give this at that moment, if the sum of what is asked can be spread over the windows so.
std::vector<HistoryEntry> HistoryOf(const std::string& event, const EventWay& way, Timestamp now);

}  // namespace guidon::tools
