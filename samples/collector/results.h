// The numbers of the results page, computed from the store. The page and results.json show the same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "guidon/status.h"
#include "samples/collector/adoption.h"
#include "samples/collector/campaign_results.h"
#include "samples/collector/database.h"
#include "samples/collector/experiment_results.h"
#include "samples/collector/flag_results.h"
#include "samples/collector/kpis.h"
#include "samples/collector/lifecycle.h"
#include "samples/collector/qa.h"

namespace guidon::collector {

struct Counted {
  std::string name;
  std::uint64_t n = 0;
};

struct Gap {
  std::string installation;
  std::uint64_t arrived = 0;
  std::uint64_t missing = 0;  // sequence numbers below the highest that arrived
};

// Whoever was ever forced is in `qa` and in `stored_events`, and in no other count of units or of what they did.
struct Results {
  std::int64_t generated_ms = 0;
  std::string project;
  std::string environment;
  std::int64_t epoch = 0;
  std::int64_t version = 0;
  std::uint64_t stored_events = 0;  // each once
  std::uint64_t events = 0;         // of those, not of people who were forced
  std::uint64_t people = 0;
  std::uint64_t installations = 0;  // with an event that counts
  std::uint64_t duplicates = 0;
  std::optional<std::int64_t> last_event_ms;
  Adoption adoption;
  std::vector<LifecycleWeek> lifecycle;
  std::vector<CampaignResult> campaigns;
  std::vector<ExperimentResult> experiments;
  std::vector<HoldoutResult> holdouts;
  FlagResults flags;
  std::vector<KpiResult> kpis;
  std::vector<Counted> events_by_name;  // the 50 most frequent
  std::vector<Counted> quarantined;     // by reason
  std::vector<Counted> losses;          // as reported by clients, by cause
  std::uint64_t missing = 0;            // over all installations
  std::uint64_t installations_with_gaps = 0;
  std::vector<Gap> gaps;  // the 20 largest
  Qa qa;
};

// Reads everything from one state of the database.
Result<Results> ComputeResults(Database* database, std::int64_t now_ms);

std::string ResultsJson(const Results& results);

std::uint64_t Sum(const std::vector<Counted>& counts);

}  // namespace guidon::collector
