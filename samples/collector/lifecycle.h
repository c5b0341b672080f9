// People week by week: who is new, who stays, who comes back, who is gone.
#pragma once

#include <cstdint>
#include <vector>

#include "samples/collector/database.h"
#include "samples/collector/people.h"

namespace guidon::collector {

struct LifecycleWeek {
  std::int64_t start_ms = 0;
  bool is_over = false;          // the last event is of a later week
  std::uint64_t new_people = 0;  // their first event ever
  std::uint64_t active = 0;      // not new, and active the week before, too
  std::uint64_t back = 0;        // not new, and not active the week before
  std::uint64_t lapsed = 0;      // active the week before, and not in this one
  std::uint64_t people() const { return new_people + active + back; }
};

// For every week but the first: lapsed = people of the week before - active.
std::vector<LifecycleWeek> ComputeLifecycle(Database* database, const People& people);

}  // namespace guidon::collector
