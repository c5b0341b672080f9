// What was measured beside what it may cost.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace guidon::bench {

struct Row {
  std::string name;
  std::optional<double> value;  // nothing: not timed
  std::string unit;
  std::optional<double> allocations;
  std::optional<double> budget;            // of the value; not kept is only marked
  std::optional<double> most_allocations;  // not kept fails
  bool is_least = false;                   // the budget is the least that is wanted
};

bool IsOverBudget(const Row& row);
bool HasTooManyAllocations(const Row& row);

// At most 100 columns.
std::string ToTable(const std::vector<Row>& rows);
std::string ToJson(const std::vector<Row>& rows);

}  // namespace guidon::bench
