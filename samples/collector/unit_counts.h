// Who of the units that met an arm is compared, and who is left out.
#pragma once

#include <cstdint>
#include <functional>

#include "samples/collector/database.h"

namespace guidon::collector {

struct LeftOut {
  std::uint64_t forced_units = 0;   // ever forced, in whatever
  std::uint64_t two_arm_units = 0;  // never forced, met more than one arm
};

// Of rows that say of some units how many arms they met, whether they were ever forced, and how many units they are;
// what follows in the row is for `analyse`, which gets those that are not left out.
void CountUnits(Statement* rows, LeftOut* left_out,
                const std::function<void(const Statement& row, std::uint64_t units)>& analyse);

}  // namespace guidon::collector
