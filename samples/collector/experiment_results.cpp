#include "samples/collector/experiment_results.h"

#include <algorithm>

#include "samples/collector/format.h"
#include "samples/collector/record.h"

namespace guidon::collector {
namespace {

// One row a unit that met an iteration of an experiment (or a holdout): who was ever forced, and who met two arms, is
// told apart here and nowhere else.
std::string OverUnits(const char* select, const char* rest) {
  return std::string(select) +
         " FROM (SELECT unit_id, MIN(variant) AS variant, MIN(first_ms) AS first_ms, "
         "COUNT(DISTINCT variant) AS variants, EXISTS(SELECT 1 FROM forced_units AS f WHERE f.unit_kind = ?4 "
         "AND f.unit_id = arms.unit_id) AS forced "
         "FROM arms WHERE kind = ?1 AND name = ?2 AND iteration = ?3 GROUP BY unit_id) AS met " +
         rest;
}

// An arm that an earlier version of the datafile had and the newest has not becomes one of weight 0.
ArmResult& ArmOf(std::string_view variant, ExperimentResult* result) {
  for (ArmResult& arm : result->arms) {
    if (arm.variant == variant) return arm;
  }
  result->arms.push_back({std::string(variant), 0, 0});
  return result->arms.back();
}

GoalResult ComputeGoal(Database* database, const PublishedGoal& published, const ExperimentResult& result) {
  GoalResult goal;
  goal.event = published.event;
  goal.within = published.within;
  goal.arms.resize(result.arms.size());
  Statement converted = database->Prepare(
      OverUnits("SELECT variant, COUNT(*)",
                "WHERE variants = 1 AND NOT forced AND EXISTS (SELECT 1 FROM happened WHERE name = ?5 "
                "AND unit_kind = ?4 AND unit_id = met.unit_id AND time_ms >= met.first_ms "
                "AND (?6 = 0 OR time_ms < met.first_ms + ?6)) GROUP BY variant"));
  converted.Int(static_cast<int>(RecordKind::kExposure)).Text(result.key).Int(result.iteration).Text(result.unit);
  converted.Text(published.event).Int(published.window_ms);
  while (converted.Row()) {
    for (std::size_t i = 0; i < result.arms.size(); ++i) {
      if (result.arms[i].variant != converted.ColumnText(0)) continue;
      goal.arms[i].converted = static_cast<std::uint64_t>(converted.ColumnInt(1));
    }
  }
  CompareArms(result.arms, result.split, &goal);
  return goal;
}

ExperimentResult ComputeExperiment(Database* database, const std::string& key, const PublishedExperiment& published,
                                   bool is_current) {
  ExperimentResult result;
  result.key = key;
  result.iteration = published.iteration;
  result.status = is_current ? published.status : "past";
  result.unit = published.unit;
  result.kpi = published.kpi;
  result.is_current = is_current;
  double slots = 0;
  for (const PublishedVariant& variant : published.variants) slots += variant.weight;
  for (const PublishedVariant& variant : published.variants) {
    result.arms.push_back({variant.name, slots > 0 ? variant.weight / slots : 0, 0});
  }
  Statement units = database->Prepare(OverUnits("SELECT variants, forced, COUNT(*), variant", "GROUP BY 1, 2, 4"));
  units.Int(static_cast<int>(RecordKind::kExposure)).Text(key).Int(result.iteration).Text(result.unit);
  CountUnits(&units, &result,
             [&](const Statement& row, std::uint64_t n) { ArmOf(row.ColumnText(3), &result).units += n; });
  const SplitCheck check = CheckSplit(result.arms);
  result.split = check.state;
  result.split_p = check.p;
  for (const PublishedGoal& goal : published.goals) result.goals.push_back(ComputeGoal(database, goal, result));
  return result;
}

}  // namespace

std::vector<ExperimentResult> ComputeExperiments(Database* database, Versions* versions) {
  std::vector<ExperimentResult> results;
  Statement iterations = database->Prepare(
      "SELECT experiment, iteration, epoch, version FROM iterations ORDER BY experiment, iteration DESC");
  while (iterations.Row()) {
    const std::string key(iterations.ColumnText(0));
    const Published* published = versions->Find(iterations.ColumnInt(2), iterations.ColumnInt(3));
    if (published == nullptr) continue;
    const auto found = published->experiments.find(key);
    if (found == published->experiments.end()) continue;
    const bool is_current = versions->IsNewest(published->epoch, published->version);
    results.push_back(ComputeExperiment(database, key, found->second, is_current));
  }
  std::stable_sort(results.begin(), results.end(),
                   [](const auto& a, const auto& b) { return a.is_current > b.is_current; });
  return results;
}

std::vector<HoldoutResult> ComputeHoldouts(Database* database, const Published& newest) {
  std::vector<HoldoutResult> results;
  for (const auto& [key, holdout] : newest.holdouts) {
    HoldoutResult result;
    result.key = key;
    result.unit = holdout.unit;
    Statement units = database->Prepare(OverUnits("SELECT variants, forced, COUNT(*), variant", "GROUP BY 1, 2, 4"));
    units.Int(static_cast<int>(RecordKind::kHoldoutExposure)).Text(key).Int(0).Text(holdout.unit);
    UnitCounts counts;
    CountUnits(&units, &counts, [&](const Statement& row, std::uint64_t n) {
      (row.ColumnText(3) == "held_out" ? result.held_out : result.comparison) += n;
    });
    result.both = counts.two_arm_units;
    result.forced_units = counts.forced_units;
    results.push_back(std::move(result));
  }
  return results;
}

std::string VerdictSentence(const ExperimentResult& experiment, const GoalResult& goal, std::size_t arm) {
  const GoalArm& it = goal.arms[arm];
  const std::string& name = experiment.arms[arm].variant;
  if (it.units == 0) return name + ": no units yet";
  if (arm == 0) {
    const int decimals = DecimalsFor(it.rate_interval);
    return name + ": " + Percent(it.rate, decimals) + " (95 %: " + Percent(it.rate_interval.lower, decimals) + " to " +
           Percent(it.rate_interval.upper, decimals) + ")";
  }
  if (!it.difference) return name + ": nothing to compare with yet";
  const int decimals = DecimalsFor(it.difference_interval);
  return name + ": " + Percent(it.rate, decimals) + " vs " + Percent(goal.arms[0].rate, decimals) + ": " +
         DifferenceText(it) + VerdictReservation(it.verdict);
}

}  // namespace guidon::collector
