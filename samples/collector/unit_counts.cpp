#include "samples/collector/unit_counts.h"

namespace guidon::collector {

void CountUnits(Statement* rows, LeftOut* left_out,
                const std::function<void(const Statement& row, std::uint64_t units)>& analyse) {
  while (rows->Row()) {
    const auto units = static_cast<std::uint64_t>(rows->ColumnInt(2));
    if (rows->ColumnInt(1) != 0) {
      left_out->forced_units += units;
    } else if (rows->ColumnInt(0) > 1) {
      left_out->two_arm_units += units;
    } else {
      analyse(*rows, units);
    }
  }
}

}  // namespace guidon::collector
