#include "samples/collector/campaign_results.h"

#include <algorithm>

#include "samples/collector/campaign_units.h"
#include "samples/collector/format.h"
#include "sdk/core/evaluation/bucketing.h"
#include "sdk/core/ruleset/campaign.h"

namespace guidon::collector {
namespace {

Statement OverUnits(Database* database, const CampaignResult& campaign, const char* sql) {
  return OverCampaignUnits(database, campaign.key, campaign.iteration, campaign.unit, sql);
}

void CountFunnel(Database* database, const CampaignResult& result, const std::string& variant, PromptFunnel* funnel) {
  const struct {
    std::string_view what;
    std::uint64_t PromptFunnel::*count;
  } steps[] = {{"impression", &PromptFunnel::seen},     {"viewable", &PromptFunnel::viewable},
               {"action", &PromptFunnel::clicked},      {"dismissal", &PromptFunnel::dismissed},
               {"snooze", &PromptFunnel::snoozed},      {"failure", &PromptFunnel::failed},
               {"unknown", &PromptFunnel::unknown},     {"answer", &PromptFunnel::answered},
               {"completion", &PromptFunnel::completed}};
  // By showing: what became of one that was left open is told by the next start, under the datafile and the unit of
  // then.
  Statement counts = OverUnits(
      database, result,
      "SELECT step.what, COUNT(DISTINCT shown.unit_id), COUNT(DISTINCT shown.prompt_id) FROM prompts AS shown "
      "JOIN prompts AS step ON step.prompt_id = shown.prompt_id AND step.campaign = ?1 "
      "WHERE shown.campaign = ?1 AND shown.iteration = ?2 AND shown.what = 'exposure' AND shown.variant = ?4 "
      "AND shown.unit_id IN (SELECT unit_id FROM analysed WHERE variant = ?4) GROUP BY step.what");
  counts.Text(variant);
  while (counts.Row()) {
    if (counts.ColumnText(0) == "exposure") funnel->showings = static_cast<std::uint64_t>(counts.ColumnInt(2));
    for (const auto& step : steps) {
      if (counts.ColumnText(0) == step.what) funnel->*step.count = static_cast<std::uint64_t>(counts.ColumnInt(1));
    }
  }
}

GoalResult ComputeGoal(Database* database, const PublishedGoal& published, std::int64_t end_ms, CampaignResult* of) {
  const CampaignResult& result = *of;
  GoalResult goal;
  goal.event = published.event;
  goal.within = published.within;
  goal.guard = published.guard;
  goal.arms.resize(result.arms.size());
  Statement converted = OverUnits(
      database, result,
      "SELECT variant, COUNT(*) FROM analysed WHERE EXISTS (SELECT 1 FROM happened WHERE name = ?4 AND unit_kind = ?3 "
      "AND unit_id = analysed.unit_id AND time_ms >= analysed.first_ms "
      "AND (?5 = 0 OR time_ms < analysed.first_ms + ?5)) GROUP BY variant");
  converted.Text(published.event).Int(published.window_ms);
  while (converted.Row()) {
    const auto arm = static_cast<std::size_t>(&of->ArmOf(converted.ColumnText(0)) - of->arms.data());
    goal.arms[arm].converted = static_cast<std::uint64_t>(converted.ColumnInt(1));
  }
  if (published.window_ms > 0) {
    Statement open = OverUnits(database, result, "SELECT COUNT(*) FROM analysed WHERE first_ms + ?4 > ?5");
    open.Int(published.window_ms).Int(end_ms);
    if (open.Row()) goal.open_units = static_cast<std::uint64_t>(open.ColumnInt(0));
  }
  CompareArms(result, &goal);
  return goal;
}

// The same goal, of the variants alone.
GoalResult AmongOf(const Comparison& among, const GoalResult& goal) {
  GoalResult out;
  out.event = goal.event;
  out.within = goal.within;
  out.open_units = goal.open_units;
  out.arms.resize(among.arms.size());
  for (std::size_t i = 0; i < out.arms.size(); ++i) {
    out.arms[i].converted = goal.arms[i + CampaignResult::kFirst].converted;
  }
  CompareArms(among, &out);
  return out;
}

void CompareVariants(CampaignResult* result) {
  if (!result->has_variants()) return;
  Comparison& among = result->among;
  among.arms.assign(result->arms.begin() + CampaignResult::kFirst, result->arms.end());
  for (const ArmResult& arm : among.arms) among.units += arm.units;
  among.split = result->split;
  for (const GoalResult& goal : result->goals) {
    if (!goal.is_guardrail()) among.goals.push_back(AmongOf(among, goal));
  }
}

CampaignResult ComputeCampaign(Database* database, const std::string& key, const PublishedCampaign& published,
                               bool is_current, std::int64_t end_ms) {
  CampaignResult result;
  result.key = key;
  result.iteration = published.iteration;
  result.status = is_current ? published.status : "past";
  result.unit = published.unit;
  result.kpi = published.kpi;
  result.is_current = is_current;
  const double held_out = static_cast<double>(published.holdout) / evaluation::kSlots;
  result.arms = {{std::string(ruleset::kHeldOutArm), held_out, 0}};
  for (const PublishedVariant& variant : published.variants) {
    result.arms.push_back({variant.name, (1 - held_out) * variant.weight / evaluation::kSlots, 0});
  }
  Statement units =
      OverUnits(database, result, "SELECT variants, forced, COUNT(*), variant FROM reached GROUP BY 1, 2, 4");
  CountUnits(&units, &result, [&](const Statement& row, std::uint64_t n) {
    result.ArmOf(row.ColumnText(3)).units += n;
    result.units += n;
  });
  result.funnels.resize(result.arms.size());
  result.surveys.resize(result.arms.size());
  for (std::size_t i = CampaignResult::kFirst; i < result.arms.size(); ++i) {
    CountFunnel(database, result, result.arms[i].variant, &result.funnels[i]);
    const auto questions = published.questions.find(result.arms[i].variant);
    if (questions == published.questions.end()) continue;
    const ShownArm arm = {result.key, result.iteration, result.unit, result.arms[i].variant};
    result.surveys[i] = ComputeSurvey(database, arm, questions->second);
  }
  CheckSplit(&result);
  for (const PublishedGoal& goal : published.goals) {
    if (goal.is_by_prompt) {
      result.brought.push_back(ComputeBrought(database, key, result.iteration, result.unit, goal, end_ms));
      continue;
    }
    result.goals.push_back(ComputeGoal(database, goal, end_ms, &result));
  }
  for (const PublishedGoal& guardrail : published.guardrails) {
    result.goals.push_back(ComputeGoal(database, guardrail, end_ms, &result));
  }
  CompareVariants(&result);
  return result;
}

}  // namespace

std::vector<CampaignResult> ComputeCampaigns(Database* database, Versions* versions, std::int64_t end_ms) {
  std::vector<CampaignResult> results;
  Statement iterations =
      database->Prepare("SELECT campaign, iteration, epoch, version FROM campaigns ORDER BY campaign, iteration DESC");
  while (iterations.Row()) {
    const std::string key(iterations.ColumnText(0));
    const Published* published = versions->Find(iterations.ColumnInt(2), iterations.ColumnInt(3));
    if (published == nullptr) continue;
    const auto found = published->campaigns.find(key);
    if (found == published->campaigns.end()) continue;
    const bool is_current = versions->IsNewest(published->epoch, published->version);
    results.push_back(ComputeCampaign(database, key, found->second, is_current, end_ms));
  }
  std::stable_sort(results.begin(), results.end(),
                   [](const auto& a, const auto& b) { return a.is_current > b.is_current; });
  return results;
}

std::string CampaignSentence(const CampaignResult& campaign, const GoalResult& goal, std::size_t arm) {
  const GoalArm& held_out = goal.arms[CampaignResult::kHeldOut];
  const GoalArm& prompt = goal.arms[arm];
  const std::string what = campaign.has_variants() ? campaign.arms[arm].variant : "the prompt";
  if (prompt.units == 0) return "Nobody reached " + what + " yet";
  const int decimals = DecimalsFor(prompt.difference ? prompt.difference_interval : prompt.rate_interval);
  const std::string reached = Percent(prompt.rate, decimals) + " of those who reached " + what + " did " + goal.event +
                              (goal.within.empty() ? "" : " within " + goal.within);
  if (!prompt.difference) return reached + "; nobody is held out to compare with";
  return reached + ", " + Percent(held_out.rate, decimals) + " of those held out: " + DifferenceText(prompt) +
         VerdictReservation(prompt.verdict);
}

}  // namespace guidon::collector
