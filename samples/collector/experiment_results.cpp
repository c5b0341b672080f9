#include "samples/collector/experiment_results.h"

#include <algorithm>
#include <map>
#include <utility>

#include "samples/collector/format.h"
#include "sdk/collector/record.h"

namespace guidon::collector {
namespace {

constexpr double kMostWrong = 0.001;

using Cell = std::pair<std::string, std::string>;  // audience, variant
using Cells = std::map<Cell, std::uint64_t>;

// One row a unit that met an iteration of an experiment (or a holdout): who was ever forced, who met two arms, and who
// says to keep a variant that it was not seen to enter (`unbacked` exposures) is told apart here and nowhere else.
std::string OverUnits(const char* select, const char* rest) {
  return std::string(select) +
         " FROM (SELECT unit_id, MIN(variant) AS variant, MIN(first_ms) AS first_ms, MIN(audience) AS audience, "
         "COUNT(DISTINCT variant) AS variants, SUM(exposures) AS exposures, SUM(sticky) AS sticky, "
         "SUM(CASE WHEN sticky = exposures THEN exposures ELSE 0 END) AS unbacked, "
         "MAX(other_audience) AS moved, EXISTS(SELECT 1 FROM forced_units AS f WHERE f.unit_kind = ?4 "
         "AND f.unit_id = arms.unit_id) AS forced "
         "FROM arms WHERE kind = ?1 AND name = ?2 AND iteration = ?3 GROUP BY unit_id) AS met " +
         rest;
}

Statement OverUnitsOf(const ExperimentResult& result, Database* database, const char* select, const char* rest) {
  Statement statement = database->Prepare(OverUnits(select, rest));
  statement.Int(static_cast<int>(RecordKind::kExposure)).Text(result.key).Int(result.iteration).Text(result.unit);
  return statement;
}

std::uint64_t CountOf(const Statement& row, int column) { return static_cast<std::uint64_t>(row.ColumnInt(column)); }

Cells CountArms(Database* database, ExperimentResult* result) {
  Cells cells;
  Statement units = OverUnitsOf(*result, database, "SELECT variants, forced, COUNT(*), variant, audience, SUM(moved)",
                                "WHERE forced OR unbacked = 0 GROUP BY 1, 2, 4, 5");
  CountUnits(&units, result, [&](const Statement& row, std::uint64_t n) {
    cells[{std::string(row.ColumnText(4)), std::string(row.ColumnText(3))}] += n;
    result->ArmOf(row.ColumnText(3)).units += n;
    result->units += n;
    result->moved_units += CountOf(row, 5);
  });
  return cells;
}

void CheckAssignments(Database* database, ExperimentResult* result) {
  AssignmentCheck& check = result->assignments;
  Statement exposures = OverUnitsOf(*result, database,
                                    "SELECT COALESCE(SUM(exposures), 0), COALESCE(SUM(sticky), 0), "
                                    "COALESCE(SUM(unbacked), 0), COUNT(NULLIF(unbacked, 0))",
                                    "WHERE NOT forced");
  if (exposures.Row()) {
    check.exposures = CountOf(exposures, 0);
    check.sticky = CountOf(exposures, 1);
    check.unbacked = CountOf(exposures, 2);
    check.unbacked_units = CountOf(exposures, 3);
  }
  Statement mismatches = database->Prepare("SELECT n FROM mismatches WHERE experiment = ? AND iteration = ?");
  if (mismatches.Text(result->key).Int(result->iteration).Row()) check.mismatched = CountOf(mismatches, 0);
  check.exposures += check.mismatched;
}

Cells CountConverted(Database* database, const PublishedGoal& goal, const ExperimentResult& result) {
  Cells cells;
  Statement converted =
      OverUnitsOf(result, database, "SELECT audience, variant, COUNT(*)",
                  "WHERE variants = 1 AND unbacked = 0 AND NOT forced AND EXISTS (SELECT 1 FROM happened "
                  "WHERE name = ?5 AND unit_kind = ?4 AND unit_id = met.unit_id AND time_ms >= met.first_ms "
                  "AND (?6 = 0 OR time_ms < met.first_ms + ?6)) GROUP BY 1, 2");
  converted.Text(goal.event).Int(goal.window_ms);
  while (converted.Row()) {
    cells[{std::string(converted.ColumnText(0)), std::string(converted.ColumnText(1))}] = CountOf(converted, 2);
  }
  return cells;
}

GoalResult GoalOf(const PublishedGoal& published) {
  GoalResult goal;
  goal.event = published.event;
  goal.within = published.within;
  goal.guard = published.guard;
  return goal;
}

std::vector<PublishedGoal> GoalsAndGuardrails(const PublishedExperiment& published) {
  std::vector<PublishedGoal> all = published.goals;
  all.insert(all.end(), published.guardrails.begin(), published.guardrails.end());
  return all;
}

void AddGoal(const PublishedGoal& published, const Cells& converted, const std::string& audience,
             Comparison* comparison) {
  GoalResult goal = GoalOf(published);
  for (const ArmResult& arm : comparison->arms) {
    const auto found = converted.find({audience, arm.variant});
    goal.arms.emplace_back().converted = found == converted.end() ? 0 : found->second;
  }
  CompareArms(*comparison, &goal);
  comparison->goals.push_back(std::move(goal));
}

void SetWeights(const PublishedShares& shares, Comparison* comparison) {
  double slots = 0;
  for (const PublishedVariant& variant : shares.variants) slots += variant.weight;
  for (const PublishedVariant& variant : shares.variants) {
    comparison->ArmOf(variant.name).weight = slots > 0 ? variant.weight / slots : 0;
  }
}

// With the arms of `all`, in its order. Without `shares`, of an audience that the newest version has no more, they have
// no weight.
AudienceResult AudienceOf(const std::string& name, const PublishedShares* shares, const ExperimentResult& all,
                          const Cells& units) {
  AudienceResult audience;
  audience.name = name;
  for (const ArmResult& arm : all.arms) audience.arms.push_back({arm.variant, 0, 0});
  if (shares != nullptr) SetWeights(*shares, &audience);
  for (ArmResult& arm : audience.arms) {
    const auto found = units.find({name, arm.variant});
    if (found == units.end()) continue;
    arm.units = found->second;
    audience.units += found->second;
  }
  CheckSplit(&audience);
  return audience;
}

void SplitByAudience(const PublishedExperiment& published, const Cells& units, ExperimentResult* result) {
  // Of all audiences first, so that every audience has the same arms.
  for (const PublishedShares& shares : published.audiences) {
    for (const PublishedVariant& variant : shares.variants) result->ArmOf(variant.name);
  }
  for (const PublishedShares& shares : published.audiences) {
    result->audiences.push_back(AudienceOf(shares.audience, &shares, *result, units));
  }
  const auto is_known = [result](const std::string& name) {
    return std::any_of(result->audiences.begin(), result->audiences.end(),
                       [&name](const AudienceResult& audience) { return audience.name == name; });
  };
  for (const auto& [cell, n] : units) {
    if (!cell.first.empty() && !is_known(cell.first))
      result->audiences.push_back(AudienceOf(cell.first, nullptr, *result, units));
  }
  AudienceResult rest = AudienceOf({}, &published.own, *result, units);
  if (rest.units > 0 || !published.own.layer_slots.empty()) result->audiences.push_back(std::move(rest));
}

void CompareByAudience(Database* database, const PublishedExperiment& published, ExperimentResult* result) {
  std::vector<const Comparison*> strata;
  for (const AudienceResult& audience : result->audiences) strata.push_back(&audience);
  if (result->units > 0) {
    for (std::size_t i = 0; i < result->arms.size(); ++i) {
      double expected = 0;
      for (const Comparison* stratum : strata)
        expected += stratum->arms[i].weight * static_cast<double>(stratum->units);
      result->arms[i].weight = expected / static_cast<double>(result->units);
    }
  }
  CheckSplit(strata, result);
  for (const PublishedGoal& goal : GoalsAndGuardrails(published)) {
    const Cells converted = CountConverted(database, goal, *result);
    for (AudienceResult& audience : result->audiences) AddGoal(goal, converted, audience.name, &audience);
    GoalResult overall = GoalOf(goal);
    CompareStrata(strata, result->goals.size(), *result, &overall);
    result->goals.push_back(std::move(overall));
  }
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
  if (is_current && published.status == "ended") result.ship = published.ship;
  SetWeights(published.own, &result);
  const Cells units = CountArms(database, &result);
  CheckAssignments(database, &result);
  const bool has_audiences =
      !published.audiences.empty() ||
      std::any_of(units.begin(), units.end(), [](const auto& cell) { return !cell.first.first.empty(); });
  if (has_audiences) {
    SplitByAudience(published, units, &result);
    CompareByAudience(database, published, &result);
    return result;
  }
  CheckSplit(&result);
  for (const PublishedGoal& goal : GoalsAndGuardrails(published)) {
    AddGoal(goal, CountConverted(database, goal, result), {}, &result);
  }
  return result;
}

}  // namespace

double AssignmentCheck::wrong_share() const {
  return exposures > 0 ? static_cast<double>(mismatched + unbacked) / static_cast<double>(exposures) : 0;
}

bool AssignmentCheck::is_alarming() const { return wrong_share() > kMostWrong; }

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
    LeftOut left_out;
    CountUnits(&units, &left_out, [&](const Statement& row, std::uint64_t n) {
      (row.ColumnText(3) == "held_out" ? result.held_out : result.comparison) += n;
    });
    result.both = left_out.two_arm_units;
    result.forced_units = left_out.forced_units;
    results.push_back(std::move(result));
  }
  return results;
}

std::string VerdictSentence(const Comparison& comparison, const GoalResult& goal, std::size_t arm) {
  const GoalArm& it = goal.arms[arm];
  const std::string& name = comparison.arms[arm].variant;
  if (it.units == 0) return name + ": no units yet";
  if (arm == 0) {
    if (goal.is_stratified) return name + ": what the others are compared with, in each audience by itself";
    const int decimals = DecimalsFor(it.rate_interval);
    return name + ": " + Percent(it.rate, decimals) + " (95 %: " + Percent(it.rate_interval.lower, decimals) + " to " +
           Percent(it.rate_interval.upper, decimals) + ")";
  }
  if (!it.difference) return name + ": nothing to compare with yet";
  if (goal.is_stratified) {
    return name + ": " + DifferenceText(it) + " over all audiences, each compared within itself" +
           VerdictReservation(it.verdict);
  }
  const int decimals = DecimalsFor(it.difference_interval);
  return name + ": " + Percent(it.rate, decimals) + " vs " + Percent(goal.arms[0].rate, decimals) + ": " +
         DifferenceText(it) + VerdictReservation(it.verdict);
}

}  // namespace guidon::collector
