// What came of a prompt elsewhere: events of other units that name the showing which brought them, as whoever accepts
// an invitation names the one in its link.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "samples/collector/database.h"
#include "samples/collector/datafile_reader.h"

namespace guidon::collector {

struct BroughtArm {
  std::string variant;
  std::uint64_t showings = 0;       // of the arm's units that are analysed
  std::uint64_t events = 0;         // that name one of them, each once
  std::uint64_t showings_with = 0;  // with at least one
  std::uint64_t units_with = 0;     // that were shown one of those

  double PerShowing() const { return showings > 0 ? static_cast<double>(events) / static_cast<double>(showings) : 0; }
};

struct BroughtResult {
  std::string event;
  std::string within;
  std::vector<BroughtArm> arms;     // that were shown something, by name; there is nothing to compare them with
  std::uint64_t open_showings = 0;  // whose window had not ended at the last event; counted like all others
};

// The showing that a tracked event names in its properties, a JSON object; empty when it names none.
std::string BroughtBy(std::string_view properties);

BroughtResult ComputeBrought(Database* database, const std::string& campaign, std::int64_t iteration,
                             const std::string& unit_kind, const PublishedGoal& goal, std::int64_t end_ms);

}  // namespace guidon::collector
