#include "samples/collector/results.h"

#include <algorithm>
#include <utility>

#include "samples/collector/datafile_reader.h"
#include "samples/collector/record.h"

namespace guidon::collector {
namespace {

constexpr double kBrokenSplit = 0.001;
constexpr double kLeastExpected = 5;
constexpr std::uint64_t kLeastConversions = 10;

// One row a unit that met an iteration of an experiment (or a holdout): who was ever forced, and who met two arms, is
// told apart here and nowhere else.
std::string OverUnits(const char* select, const char* rest) {
  return std::string(select) +
         " FROM (SELECT unit_id, MIN(variant) AS variant, MIN(first_ms) AS first_ms, COUNT(DISTINCT variant) AS "
         "variants, "
         "MAX(forced) AS forced FROM arms WHERE kind = ?1 AND name = ?2 AND iteration = ?3 GROUP BY unit_id) AS met " +
         rest;
}

class Computation {
 public:
  Computation(Database* database, Results* results) : database_(*database), results_(*results) {}

  void Run() {
    ReadTotals();
    ReadCounters("event", " ORDER BY n DESC, name LIMIT 50", &results_.events_by_name);
    ReadCounters("quarantined", " ORDER BY n DESC, name", &results_.quarantined);
    ReadCounters("lost", " ORDER BY n DESC, name", &results_.losses);
    ReadGaps();
    Statement newest = database_.Prepare("SELECT payload FROM datafiles ORDER BY epoch DESC, version DESC LIMIT 1");
    if (!newest.Row()) return;
    Result<Published> published = ReadDatafile(newest.ColumnText(0));
    if (!published) return;
    results_.project = published->project;
    results_.environment = published->environment;
    results_.epoch = published->epoch;
    results_.version = published->version;
    ReadExperiments(*std::move(published));
  }

 private:
  using Version = std::pair<std::int64_t, std::int64_t>;

  void ReadTotals() {
    Statement totals = database_.Prepare("SELECT name, n, last_ms FROM counters WHERE topic = 'total'");
    while (totals.Row()) {
      const auto n = static_cast<std::uint64_t>(totals.ColumnInt(1));
      if (totals.ColumnText(0) == "duplicates") results_.duplicates = n;
      if (totals.ColumnText(0) != "events") continue;
      results_.events = n;
      results_.last_event_ms = totals.ColumnInt(2);
    }
    Statement installations = database_.Prepare("SELECT COUNT(*) FROM installations WHERE id <> ''");
    if (installations.Row()) results_.installations = static_cast<std::uint64_t>(installations.ColumnInt(0));
  }

  void ReadCounters(std::string_view topic, const char* order, std::vector<Counted>* counts) {
    Statement counters = database_.Prepare(std::string("SELECT name, n FROM counters WHERE topic = ?") + order);
    counters.Text(topic);
    while (counters.Row()) {
      counts->push_back({std::string(counters.ColumnText(0)), static_cast<std::uint64_t>(counters.ColumnInt(1))});
    }
  }

  void ReadGaps() {
    constexpr char kHoles[] =
        "SELECT installation, SUM(last - first + 1) AS arrived, MAX(last) - SUM(last - first + 1) AS missing "
        "FROM sequences GROUP BY installation HAVING missing > 0";
    Statement sum = database_.Prepare(std::string("SELECT COUNT(*), COALESCE(SUM(missing), 0) FROM (") + kHoles + ")");
    if (sum.Row()) {
      results_.installations_with_gaps = static_cast<std::uint64_t>(sum.ColumnInt(0));
      results_.missing = static_cast<std::uint64_t>(sum.ColumnInt(1));
    }
    Statement largest = database_.Prepare(std::string(kHoles) + " ORDER BY missing DESC, installation LIMIT 20");
    while (largest.Row()) {
      results_.gaps.push_back({std::string(largest.ColumnText(0)), static_cast<std::uint64_t>(largest.ColumnInt(1)),
                               static_cast<std::uint64_t>(largest.ColumnInt(2))});
    }
  }

  void ReadExperiments(Published newest) {
    const Version newest_version(newest.epoch, newest.version);
    for (const auto& [key, holdout] : newest.holdouts) ReadHoldout(key, holdout.unit);
    Statement iterations = database_.Prepare(
        "SELECT experiment, iteration, epoch, version FROM iterations ORDER BY experiment, iteration DESC");
    Version loaded = newest_version;
    Published published = std::move(newest);
    while (iterations.Row()) {
      const std::string key(iterations.ColumnText(0));
      const Version version(iterations.ColumnInt(2), iterations.ColumnInt(3));
      if (version != loaded) {
        Result<Published> other = Load(version);
        if (!other) continue;
        published = *std::move(other);
        loaded = version;
      }
      const auto found = published.experiments.find(key);
      if (found == published.experiments.end()) continue;
      ReadExperiment(key, found->second, version == newest_version);
    }
    std::stable_sort(results_.experiments.begin(), results_.experiments.end(),
                     [](const auto& a, const auto& b) { return a.is_current > b.is_current; });
  }

  Result<Published> Load(Version version) {
    Statement find = database_.Prepare("SELECT payload FROM datafiles WHERE epoch = ? AND version = ?");
    if (!find.Int(version.first).Int(version.second).Row()) return Status(StatusCode::kNotFound, "no such version");
    return ReadDatafile(find.ColumnText(0));
  }

  void ReadHoldout(const std::string& key, const std::string& unit) {
    HoldoutResult result;
    result.key = key;
    result.unit = unit;
    Statement units = database_.Prepare(OverUnits("SELECT variant, variants > 1 OR forced, COUNT(*)", "GROUP BY 1, 2"));
    units.Int(static_cast<int>(RecordKind::kHoldoutExposure)).Text(key).Int(0);
    while (units.Row()) {
      const auto n = static_cast<std::uint64_t>(units.ColumnInt(2));
      if (units.ColumnInt(1) != 0) {
        result.left_out += n;
      } else {
        (units.ColumnText(0) == "held_out" ? result.held_out : result.comparison) += n;
      }
    }
    results_.holdouts.push_back(std::move(result));
  }

  void ReadExperiment(const std::string& key, const PublishedExperiment& published, bool is_current) {
    ExperimentResult result;
    result.key = key;
    result.iteration = published.iteration;
    result.status = is_current ? published.status : "past";
    result.unit = published.unit;
    result.is_current = is_current;
    double slots = 0;
    for (const PublishedVariant& variant : published.variants) slots += variant.weight;
    for (const PublishedVariant& variant : published.variants) {
      result.arms.push_back({variant.name, slots > 0 ? variant.weight / slots : 0, 0});
    }
    Statement units = database_.Prepare(OverUnits("SELECT variant, variants, forced, COUNT(*)", "GROUP BY 1, 2, 3"));
    units.Int(static_cast<int>(RecordKind::kExposure)).Text(key).Int(published.iteration);
    while (units.Row()) {
      const auto n = static_cast<std::uint64_t>(units.ColumnInt(3));
      if (units.ColumnInt(2) != 0) {
        result.forced_units += n;
      } else if (units.ColumnInt(1) > 1) {
        result.two_arm_units += n;
      } else {
        ArmOf(units.ColumnText(0), &result).units += n;
        result.units += n;
      }
    }
    CheckSplit(&result);
    for (const PublishedGoal& goal : published.goals) ReadGoal(goal, &result);
    results_.experiments.push_back(std::move(result));
  }

  // An arm that an earlier version of the datafile had and the newest has not becomes one of weight 0.
  static ArmResult& ArmOf(std::string_view variant, ExperimentResult* result) {
    for (ArmResult& arm : result->arms) {
      if (arm.variant == variant) return arm;
    }
    result->arms.push_back({std::string(variant), 0, 0});
    return result->arms.back();
  }

  static void CheckSplit(ExperimentResult* result) {
    std::vector<std::uint64_t> units;
    std::vector<double> weights;
    std::uint64_t weighted_units = 0;
    double least = 1;
    for (const ArmResult& arm : result->arms) {
      units.push_back(arm.units);
      weights.push_back(arm.weight);
      if (arm.weight > 0) {
        weighted_units += arm.units;
        least = std::min(least, arm.weight);
      } else if (arm.units > 0) {
        result->split = Split::kZeroWeight;
      }
    }
    result->split_p = SplitPValue(units, weights);
    if (result->split == Split::kZeroWeight) return;
    if (static_cast<double>(weighted_units) * least < kLeastExpected) return;
    result->split = result->split_p < kBrokenSplit ? Split::kBroken : Split::kGood;
  }

  void ReadGoal(const PublishedGoal& published, ExperimentResult* result) {
    GoalResult goal;
    goal.event = published.event;
    goal.within = published.within;
    goal.arms.resize(result->arms.size());
    Statement converted = database_.Prepare(OverUnits(
        "SELECT variant, COUNT(*)",
        "WHERE variants = 1 AND forced = 0 AND EXISTS (SELECT 1 FROM happened WHERE name = ?4 AND unit_kind = ?5 "
        "AND unit_id = met.unit_id AND time_ms >= met.first_ms AND (?6 = 0 OR time_ms < met.first_ms + ?6)) GROUP BY "
        "variant"));
    converted.Int(static_cast<int>(RecordKind::kExposure)).Text(result->key).Int(result->iteration);
    converted.Text(published.event).Text(result->unit).Int(published.window_ms);
    while (converted.Row()) {
      for (std::size_t i = 0; i < result->arms.size(); ++i) {
        if (result->arms[i].variant != converted.ColumnText(0)) continue;
        goal.arms[i].converted = static_cast<std::uint64_t>(converted.ColumnInt(1));
      }
    }
    for (std::size_t i = 0; i < goal.arms.size(); ++i) Compare(*result, i, &goal);
    result->goals.push_back(std::move(goal));
  }

  static void Compare(const ExperimentResult& experiment, std::size_t i, GoalResult* goal) {
    GoalArm& arm = goal->arms[i];
    arm.units = experiment.arms[i].units;
    arm.rate = arm.units > 0 ? static_cast<double>(arm.converted) / static_cast<double>(arm.units) : 0;
    arm.rate_interval = WilsonInterval(arm.converted, arm.units);
    if (i == 0) return;
    const GoalArm& control = goal->arms[0];
    const bool is_split_bad = experiment.split == Split::kBroken || experiment.split == Split::kZeroWeight;
    arm.verdict = is_split_bad ? Verdict::kSplitBroken : Verdict::kTooFew;
    if (arm.units == 0 || control.units == 0) return;
    arm.difference = arm.rate - control.rate;
    arm.difference_interval = NewcombeInterval(arm.converted, arm.units, control.converted, control.units);
    if (is_split_bad || arm.converted < kLeastConversions || control.converted < kLeastConversions) return;
    arm.verdict = arm.difference_interval.lower > 0   ? Verdict::kHigher
                  : arm.difference_interval.upper < 0 ? Verdict::kLower
                                                      : Verdict::kNotClear;
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

}  // namespace guidon::collector
