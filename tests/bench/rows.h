// The groups of rows. Each measures the rows whose names `wanted` takes.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/bench/report.h"

namespace guidon::bench {

struct Wish {
  std::function<bool(const std::string& name)> wanted;
  bool is_timed = true;  // false: only allocations are counted
  bool is_long = false;  // rows that take minutes, too
};

std::vector<Row> CoreRows(const Wish& wish);
std::vector<Row> ClientRows(const Wish& wish);
std::vector<Row> DialectRows(const Wish& wish);
std::vector<Row> LoadingRows(const Wish& wish);
std::vector<Row> TrackRows(const Wish& wish);
std::vector<Row> WireRows(const Wish& wish);
std::vector<Row> DeliveryRows(const Wish& wish);
std::vector<Row> SimulationRows(const Wish& wish);

}  // namespace guidon::bench
