// Who was forced, to what, and by what means: those whom no other number of the results counts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "samples/collector/database.h"

namespace guidon::collector {

struct ForcedArm {
  bool is_holdout = false;
  std::string key;
  std::int64_t iteration = 0;
  std::string variant;
  std::string natural_variant;  // what it would have met; empty when none, or when nobody says
};

struct ForcedUnit {
  std::string unit_kind;  // empty: an installation
  std::string unit;
  std::vector<std::string> also;       // other units that are left out with it, "account a-1"
  std::vector<std::string> means;      // api, file, environment
  std::vector<std::string> overrides;  // "experiment:attach-button=off", all that were in force at any time
  std::vector<ForcedArm> arms;         // met while forced
  std::vector<std::string> prompts;    // campaigns
  std::int64_t first_ms = 0;           // of its forced events
  std::int64_t last_ms = 0;
  std::uint64_t events = 0;         // all of them, left out
  std::uint64_t forced_events = 0;  // of those, while forced
};

struct Qa {
  static constexpr int kMostUnits = 50;
  std::uint64_t people = 0;
  std::uint64_t events = 0;       // left out: of these people, and what their devices told of themselves
  std::vector<ForcedUnit> units;  // the newest
};

Qa ComputeQa(Database* database);

}  // namespace guidon::collector
