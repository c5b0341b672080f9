// Results for programs: docs/guide/collector.md says what each number is.
#include "samples/collector/results_json.h"
#include "samples/collector/results.h"
#include "sdk/core/base/json_writer.h"

namespace guidon::collector {
namespace {

using json::Writer;

void WriteCounts(const char* name, const std::vector<Counted>& counts, Writer* writer) {
  writer->Key(name).BeginArray();
  for (const Counted& count : counts) {
    writer->BeginObject().Key("name").String(count.name).Key("count").Uint(count.n).End();
  }
  writer->End();
}

void WriteInterval(const char* name, const Interval& interval, Writer* writer) {
  writer->Key(name).BeginArray().Double(interval.lower).Double(interval.upper).End();
}

void WriteSplit(const Comparison& comparison, Writer* writer) {
  const ChiSquare& chi_square = comparison.split_chi_square;
  writer->Key("split").BeginObject().Key("state").String(SplitName(comparison.split));
  if (comparison.split != Split::kTooFew) {
    writer->Key("p").Double(chi_square.P()).Key("chi_square").Double(chi_square.statistic);
    writer->Key("degrees").Int(chi_square.degrees);
  }
  writer->End();
}

// The members of an object that has begun.
void WriteMeasure(const GoalResult& goal, Writer* writer) {
  if (goal.is_guardrail()) writer->Key("no").String(goal.guard == Guard::kNoMore ? "more" : "less");
  writer->Key("event").String(goal.event).Key("within").String(goal.within);
}

void WriteGoal(const Comparison& comparison, const GoalResult& goal, Writer* writer) {
  writer->BeginObject();
  WriteMeasure(goal, writer);
  writer->Key("variants").BeginArray();
  for (std::size_t i = 0; i < goal.arms.size(); ++i) {
    const GoalArm& arm = goal.arms[i];
    writer->BeginObject().Key("name").String(comparison.arms[i].variant);
    writer->Key("units").Uint(arm.units).Key("converted").Uint(arm.converted);
    if (!goal.is_stratified) {
      writer->Key("rate").Double(arm.rate);
      WriteInterval("rate_interval", arm.rate_interval, writer);
    }
    if (arm.difference) {
      writer->Key("difference").Double(*arm.difference);
      WriteInterval("difference_interval", arm.difference_interval, writer);
    }
    writer->Key("verdict").String(VerdictName(arm.verdict));
    writer->Key("text").String(VerdictSentence(comparison, goal, i)).End();
  }
  writer->End().End();
}

bool HasGuardrails(const Comparison& comparison) {
  return !comparison.goals.empty() && comparison.goals.back().is_guardrail();
}

// `write` one of the goals; then the guardrails, where there are any.
template <class Write>
void WriteGoalsBy(const Comparison& comparison, const Write& write, Writer* writer) {
  const auto write_those = [&](const char* name, bool are_guardrails) {
    writer->Key(name).BeginArray();
    for (const GoalResult& goal : comparison.goals) {
      if (goal.is_guardrail() == are_guardrails) write(goal);
    }
    writer->End();
  };
  write_those("goals", false);
  if (HasGuardrails(comparison)) write_those("guardrails", true);
}

void WriteGoals(const Comparison& comparison, Writer* writer) {
  WriteGoalsBy(
      comparison, [&](const GoalResult& goal) { WriteGoal(comparison, goal, writer); }, writer);
}

void WriteComparison(const Comparison& comparison, Writer* writer) {
  WriteSplit(comparison, writer);
  writer->Key("variants").BeginArray();
  for (const ArmResult& arm : comparison.arms) {
    writer->BeginObject().Key("name").String(arm.variant).Key("weight").Double(arm.weight);
    writer->Key("units").Uint(arm.units).End();
  }
  writer->End();
  WriteGoals(comparison, writer);
}

void WriteAssignments(const AssignmentCheck& check, Writer* writer) {
  writer->Key("assignments").BeginObject().Key("exposures").Uint(check.exposures);
  writer->Key("mismatched").Uint(check.mismatched).Key("sticky").Uint(check.sticky);
  writer->Key("unbacked").Uint(check.unbacked).Key("unbacked_units").Uint(check.unbacked_units);
  writer->Key("wrong_share").Double(check.wrong_share()).Key("alarming").Bool(check.is_alarming()).End();
}

void WriteExperiment(const ExperimentResult& experiment, Writer* writer) {
  writer->BeginObject().Key("key").String(experiment.key).Key("iteration").Int(experiment.iteration);
  writer->Key("status").String(experiment.status).Key("current").Bool(experiment.is_current);
  writer->Key("unit").String(experiment.unit).Key("kpi").String(experiment.kpi).Key("units").Uint(experiment.units);
  writer->Key("forced_units").Uint(experiment.forced_units).Key("two_arm_units").Uint(experiment.two_arm_units);
  if (!experiment.ship.variant.empty()) {
    writer->Key("ship").BeginObject().Key("variant").String(experiment.ship.variant);
    writer->Key("share").Double(experiment.ship.share).End();
  }
  WriteAssignments(experiment.assignments, writer);
  WriteComparison(experiment, writer);
  if (!experiment.audiences.empty()) {
    writer->Key("moved_units").Uint(experiment.moved_units).Key("audiences").BeginArray();
    for (const AudienceResult& audience : experiment.audiences) {
      writer->BeginObject().Key("name").String(audience.name).Key("units").Uint(audience.units);
      WriteComparison(audience, writer);
      writer->End();
    }
    writer->End();
  }
  writer->End();
}

void WriteCampaignGoal(const CampaignResult& campaign, const GoalResult& goal, Writer* writer) {
  writer->BeginObject();
  WriteMeasure(goal, writer);
  for (const std::size_t i : {CampaignResult::kFirst, CampaignResult::kHeldOut}) {
    const GoalArm& arm = goal.arms[i];
    writer->Key(campaign.arms[i].variant).BeginObject();
    writer->Key("units").Uint(arm.units).Key("converted").Uint(arm.converted).Key("rate").Double(arm.rate);
    WriteInterval("rate_interval", arm.rate_interval, writer);
    writer->End();
  }
  const GoalArm& prompt = goal.arms[CampaignResult::kFirst];
  if (prompt.difference) {
    writer->Key("difference").Double(*prompt.difference).Key("low").Double(prompt.difference_interval.lower);
    writer->Key("high").Double(prompt.difference_interval.upper);
  }
  writer->Key("open").Uint(goal.open_units).Key("verdict").String(VerdictName(prompt.verdict));
  writer->Key("text").String(CampaignSentence(campaign, goal, CampaignResult::kFirst)).End();
}

void WriteShownArm(const CampaignResult& campaign, std::size_t arm, Writer* writer) {
  const PromptFunnel& funnel = campaign.funnels[arm];
  writer->Key(campaign.arms[arm].variant).BeginObject().Key("units").Uint(campaign.arms[arm].units);
  writer->Key("weight").Double(campaign.arms[arm].weight);
  writer->Key("showings").Uint(funnel.showings).Key("seen").Uint(funnel.seen).Key("viewable").Uint(funnel.viewable);
  writer->Key("clicked").Uint(funnel.clicked);
  writer->Key("dismissed").Uint(funnel.dismissed).Key("snoozed").Uint(funnel.snoozed);
  if (funnel.answered > 0) writer->Key("answered").Uint(funnel.answered).Key("completed").Uint(funnel.completed);
  writer->Key("failed").Uint(funnel.failed).Key("unknown").Uint(funnel.unknown);
  if (campaign.surveys[arm]) WriteSurvey(*campaign.surveys[arm], writer);
  writer->End();
}

void WriteBrought(const BroughtResult& brought, Writer* writer) {
  writer->BeginObject().Key("event").String(brought.event).Key("within").String(brought.within);
  writer->Key("arms").BeginObject();
  for (const BroughtArm& arm : brought.arms) {
    writer->Key(arm.variant).BeginObject().Key("showings").Uint(arm.showings).Key("events").Uint(arm.events);
    writer->Key("showings_with").Uint(arm.showings_with).Key("units_with").Uint(arm.units_with);
    writer->Key("per_showing").Double(arm.PerShowing()).End();
  }
  writer->End().Key("open").Uint(brought.open_showings).End();
}

void WriteCampaign(const CampaignResult& campaign, Writer* writer) {
  writer->BeginObject().Key("key").String(campaign.key).Key("iteration").Int(campaign.iteration);
  writer->Key("status").String(campaign.status).Key("current").Bool(campaign.is_current);
  writer->Key("unit").String(campaign.unit).Key("kpi").String(campaign.kpi).Key("units").Uint(campaign.units);
  writer->Key("forced_units").Uint(campaign.forced_units).Key("two_arm_units").Uint(campaign.two_arm_units);
  WriteSplit(campaign, writer);
  writer->Key("arms").BeginObject();
  for (std::size_t i = CampaignResult::kFirst; i < campaign.arms.size(); ++i) WriteShownArm(campaign, i, writer);
  writer->Key("held_out").BeginObject().Key("units").Uint(campaign.arms[CampaignResult::kHeldOut].units);
  writer->Key("weight").Double(campaign.arms[CampaignResult::kHeldOut].weight).End().End();
  if (!campaign.brought.empty()) {
    writer->Key("brought").BeginArray();
    for (const BroughtResult& brought : campaign.brought) WriteBrought(brought, writer);
    writer->End();
  }
  if (campaign.has_variants()) {
    WriteGoals(campaign, writer);
    writer->Key("among").BeginObject();
    WriteGoals(campaign.among, writer);
    writer->End();
  } else {
    WriteGoalsBy(
        campaign, [&](const GoalResult& goal) { WriteCampaignGoal(campaign, goal, writer); }, writer);
  }
  writer->End();
}

void WriteHealth(const Results& results, Writer* writer) {
  WriteCounts("events_by_name", results.events_by_name, writer);
  WriteCounts("quarantined", results.quarantined, writer);
  WriteCounts("lost", results.losses, writer);
  writer->Key("gaps").BeginObject().Key("missing").Uint(results.missing);
  writer->Key("installations").Uint(results.installations_with_gaps).Key("largest").BeginArray();
  for (const Gap& gap : results.gaps) {
    writer->BeginObject().Key("installation").String(gap.installation).Key("arrived").Uint(gap.arrived);
    writer->Key("missing").Uint(gap.missing).End();
  }
  writer->End().End();
}

}  // namespace

std::string ResultsJson(const Results& results) {
  std::string out;
  Writer writer(&out, 2);
  writer.BeginObject().Key("generated_ms").Int(results.generated_ms);
  writer.Key("project").String(results.project).Key("environment").String(results.environment);
  writer.Key("datafile").BeginObject().Key("epoch").Int(results.epoch).Key("version").Int(results.version).End();
  writer.Key("events").Uint(results.events).Key("stored_events").Uint(results.stored_events);
  writer.Key("people").Uint(results.people).Key("installations").Uint(results.installations);
  writer.Key("duplicates").Uint(results.duplicates).Key("last_event_ms");
  results.last_event_ms ? writer.Int(*results.last_event_ms) : writer.Null();
  WriteAdoption(results.adoption, &writer);
  WriteLifecycle(results.lifecycle, &writer);
  writer.Key("campaigns").BeginArray();
  for (const CampaignResult& campaign : results.campaigns) WriteCampaign(campaign, &writer);
  writer.End().Key("experiments").BeginArray();
  for (const ExperimentResult& experiment : results.experiments) WriteExperiment(experiment, &writer);
  writer.End().Key("holdouts").BeginArray();
  for (const HoldoutResult& holdout : results.holdouts) {
    writer.BeginObject().Key("key").String(holdout.key).Key("unit").String(holdout.unit);
    writer.Key("held_out").Uint(holdout.held_out).Key("comparison").Uint(holdout.comparison);
    writer.Key("both").Uint(holdout.both).Key("forced_units").Uint(holdout.forced_units).End();
  }
  writer.End();
  WriteFlags(results.flags, &writer);
  WriteKpis(results.kpis, &writer);
  WriteHealth(results, &writer);
  WriteQa(results.qa, &writer);
  writer.End();
  out += '\n';
  return out;
}

}  // namespace guidon::collector
