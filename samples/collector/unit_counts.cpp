#include "samples/collector/unit_counts.h"

namespace guidon::collector {

void CountUnits(Statement* rows, UnitCounts* counts,
                const std::function<void(const Statement& row, std::uint64_t units)>& analyse) {
  while (rows->Row()) {
    const auto units = static_cast<std::uint64_t>(rows->ColumnInt(2));
    if (rows->ColumnInt(1) != 0) {
      counts->forced_units += units;
    } else if (rows->ColumnInt(0) > 1) {
      counts->two_arm_units += units;
    } else {
      counts->units += units;
      analyse(*rows, units);
    }
  }
}

}  // namespace guidon::collector
