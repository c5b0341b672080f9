// Exposures that a collector counted, decided again by the rules that were signed, and counted again.
//
// What can be decided again is what follows from the datafile, the unit's id and the salts. Conditions, dates and what
// a device remembers cannot: events carry few attributes. docs/guide/collector.md lists both.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "guidon/status.h"
#include "sdk/tools/chain.h"

namespace guidon::tools {

// Takes 16 bytes of memory each.
inline constexpr std::size_t kMostExposures = 20'000'000;
inline constexpr std::size_t kMostIterations = 100'000;

// Exposures that are wrong in one way.
struct ExposureFault {
  std::string what;  // "of another variant than the split gives"
  std::uint64_t count = 0;
  std::string example;  // what the first one says
  std::string event;    // its id and unit; of a line that cannot be read its number
};

struct ExposureCounts {
  std::vector<std::pair<std::string, std::uint64_t>> units;  // by variant; of a variant that is not there: none
  std::uint64_t exposures = 0;
};
bool operator==(const ExposureCounts& a, const ExposureCounts& b);

// An iteration of an experiment.
struct RecountedExperiment {
  std::string key;
  std::int64_t iteration = 0;
  ExposureCounts derived;              // from the exposures that are as the rules say
  std::optional<ExposureCounts> said;  // by the collector; empty: it says nothing of it
  std::uint64_t forced_units = 0;      // left out, as from the results
  std::uint64_t two_variant_units = 0;
  std::uint64_t unbacked_units = 0;  // keep a variant that they were not seen to enter

  bool agrees() const { return said && *said == derived; }
};

struct ExposureAudit {
  std::uint64_t exposures = 0;  // that no override made
  std::uint64_t undecided = 0;  // of those: ids are hashed, and no slots are there; the rest of them was checked
  std::vector<ExposureFault> faults;
  std::vector<RecountedExperiment> experiments;  // in the order of the file

  std::uint64_t wrong() const;        // exposures, over all faults
  std::size_t disagreements() const;  // experiments
  bool is_good() const { return faults.empty() && disagreements() == 0; }
};

// `path` as LineFile::Open takes it. Lines that cannot be read are a fault.
Result<ExposureAudit> AuditExposures(const Chain& chain, const std::string& path);

}  // namespace guidon::tools
