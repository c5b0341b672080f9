#include "samples/collector/results.h"

#include "samples/collector/people.h"
#include "sdk/collector/record.h"
#include "samples/collector/versions.h"

namespace guidon::collector {
namespace {

std::uint64_t CountOf(const Statement& row, int column) { return static_cast<std::uint64_t>(row.ColumnInt(column)); }

class Computation {
 public:
  Computation(Database* database, Results* results) : database_(*database), results_(*results) {}

  void Run() {
    results_.qa = ComputeQa(&database_);
    ReadTotals();
    ReadEventsByName();
    ReadCounters("quarantined", &results_.quarantined);
    ReadCounters("lost", &results_.losses);
    ReadGaps();
    Versions versions(&database_);
    const Published* newest = versions.newest();
    const People people = ComputePeople(&database_);
    results_.people = people.count;
    results_.adoption = ComputeAdoption(&database_, newest, people);
    results_.lifecycle = ComputeLifecycle(&database_, people);
    results_.kpis = ComputeKpis(&database_, newest, people);
    results_.flags = ComputeFlags(&database_, newest, people);
    if (newest == nullptr) return;
    results_.project = newest->project;
    results_.environment = newest->environment;
    results_.epoch = newest->epoch;
    results_.version = newest->version;
    results_.campaigns = ComputeCampaigns(&database_, &versions, people.last_ms.value_or(0));
    results_.experiments = ComputeExperiments(&database_, &versions);
    results_.holdouts = ComputeHoldouts(&database_, *newest);
  }

 private:
  void ReadTotals() {
    Statement totals = database_.Prepare("SELECT name, n, last_ms FROM counters WHERE topic = 'total'");
    while (totals.Row()) {
      if (totals.ColumnText(0) == "duplicates") results_.duplicates = CountOf(totals, 1);
      if (totals.ColumnText(0) != "events") continue;
      results_.stored_events = CountOf(totals, 1);
      results_.last_event_ms = totals.ColumnInt(2);
    }
    results_.events = results_.stored_events - results_.qa.events;
    Statement installations = database_.Prepare(
        "SELECT COUNT(DISTINCT i.installation) FROM installed AS i JOIN people AS p ON p.id = i.person "
        "WHERE i.installation <> '' AND NOT " +
        IsLeftOut());
    if (installations.Row()) results_.installations = CountOf(installations, 0);
  }

  void ReadEventsByName() {
    Statement names = database_.Prepare(
        "SELECT d.name, SUM(d.n) AS n FROM daily AS d JOIN people AS p ON p.id = d.person "
        "WHERE d.kind > 0 AND NOT " +
        IsLeftOut() + " GROUP BY d.name ORDER BY n DESC, d.name LIMIT 50");
    while (names.Row()) {
      results_.events_by_name.push_back({std::string(names.ColumnText(0)), CountOf(names, 1)});
    }
  }

  void ReadCounters(std::string_view topic, std::vector<Counted>* counts) {
    Statement counters = database_.Prepare("SELECT name, n FROM counters WHERE topic = ? ORDER BY n DESC, name");
    counters.Text(topic);
    while (counters.Row()) counts->push_back({std::string(counters.ColumnText(0)), CountOf(counters, 1)});
  }

  void ReadGaps() {
    constexpr char kHoles[] =
        "SELECT installation, SUM(last - first + 1) AS arrived, MAX(last) - SUM(last - first + 1) AS missing "
        "FROM sequences GROUP BY installation HAVING missing > 0";
    Statement sum = database_.Prepare(std::string("SELECT COUNT(*), COALESCE(SUM(missing), 0) FROM (") + kHoles + ")");
    if (sum.Row()) {
      results_.installations_with_gaps = CountOf(sum, 0);
      results_.missing = CountOf(sum, 1);
    }
    Statement largest = database_.Prepare(std::string(kHoles) + " ORDER BY missing DESC, installation LIMIT 20");
    while (largest.Row()) {
      results_.gaps.push_back({std::string(largest.ColumnText(0)), CountOf(largest, 1), CountOf(largest, 2)});
    }
  }

  Database& database_;
  Results& results_;
};

}  // namespace

Result<Results> ComputeResults(Database* database, std::int64_t now_ms) {
  Results results;
  results.generated_ms = now_ms;
  database->Begin(false);
  Computation(database, &results).Run();
  const Status status = database->Commit();
  if (!status.ok()) return status;
  return results;
}

std::uint64_t Sum(const std::vector<Counted>& counts) {
  std::uint64_t sum = 0;
  for (const Counted& count : counts) sum += count.n;
  return sum;
}

}  // namespace guidon::collector
