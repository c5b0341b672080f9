// The experiments and holdouts of the results page.
#include "samples/collector/format.h"
#include "samples/collector/page_parts.h"

namespace guidon::collector {
namespace {

void WriteSplitTable(const ExperimentResult& experiment, Html* html) {
  WriteSplitAlarm(experiment.split, experiment.split_p, html);
  html->Raw(
      "<table><thead><tr><th scope=\"col\">Variant</th><th scope=\"col\">Units</th><th scope=\"col\">Share</th>"
      "<th scope=\"col\">Planned</th></tr></thead><tbody>");
  for (const ArmResult& arm : experiment.arms) {
    const double share =
        experiment.units > 0 ? static_cast<double>(arm.units) / static_cast<double>(experiment.units) : 0;
    html->Raw("<tr><th scope=\"row\">").Text(arm.variant).Raw("</th><td>").Number(arm.units).Raw("</td><td>");
    html->Raw(experiment.units > 0 ? Percent(share) : "–").Raw("</td><td>").Raw(Percent(arm.weight));
    html->Raw("</td></tr>");
  }
  html->Raw("</tbody></table>");
  WriteSplitLine(experiment.split, experiment.split_p, experiment.two_arm_units, html);
}

void WriteArm(const ExperimentResult& experiment, const GoalResult& goal, std::size_t i, double reach, Html* html) {
  const GoalArm& arm = goal.arms[i];
  const int decimals = DecimalsFor(arm.rate_interval);
  html->Raw("<div class=\"arm ").Raw(VerdictName(arm.verdict)).Raw("\"><div class=\"name\">");
  html->Text(experiment.arms[i].variant).Raw("</div><div class=\"rate\">");
  html->Raw(arm.units > 0 ? Percent(arm.rate, decimals) : "–").Raw("</div><div class=\"count small soft\"><span>");
  html->Number(arm.converted).Raw(" of ").Number(arm.units).Raw("</span>");
  if (arm.units > 0) {
    html->Raw(" <span>95 %: ").Raw(Percent(arm.rate_interval.lower, decimals)).Raw(" to ");
    html->Raw(Percent(arm.rate_interval.upper, decimals)).Raw("</span>");
  }
  html->Raw("</div><div class=\"plotbox\">");
  if (arm.difference) {
    WritePlot(arm, reach, html);
  } else if (i == 0) {
    html->Raw("<span class=\"small soft\">what the others are compared with</span>");
  }
  html->Raw("</div>");
  if (i > 0) html->Raw("<p class=\"text\">").Sentence(VerdictSentence(experiment, goal, i)).Raw("</p>");
  html->Raw("</div>");
}

void WriteGoal(const ExperimentResult& experiment, const GoalResult& goal, Html* html) {
  const double reach = ReachOf(goal);
  html->Raw("<div class=\"goal\"><div class=\"goalhead\"><h4>").Text(goal.event);
  html->Raw("</h4><span class=\"soft small\">");
  if (goal.within.empty()) {
    html->Raw("any time after the first exposure");
  } else {
    html->Raw("within ").Text(goal.within).Raw(" of the first exposure");
  }
  html->Raw("</span></div>");
  for (std::size_t i = 0; i < goal.arms.size(); ++i) WriteArm(experiment, goal, i, reach, html);
  html->Raw("</div>");
}

void WriteExperiment(const ExperimentResult& experiment, Html* html) {
  html->Raw("<section class=\"card\">");
  WriteCardHead(experiment.key, experiment.status, experiment.iteration, experiment.unit, experiment.kpi, html);
  WriteSplitTable(experiment, html);
  if (experiment.units > 0) {
    for (const GoalResult& goal : experiment.goals) WriteGoal(experiment, goal, html);
  }
  html->Raw("</section>");
}

void WriteHoldouts(const std::vector<HoldoutResult>& holdouts, Html* html) {
  if (holdouts.empty()) return;
  html->Raw(
      "<section class=\"card\"><h4>Holdouts</h4><table><thead><tr><th scope=\"col\">Holdout</th><th scope=\"col\">Held "
      "out</th><th scope=\"col\">Comparison</th><th scope=\"col\">In both</th></tr></thead><tbody>");
  for (const HoldoutResult& holdout : holdouts) {
    html->Raw("<tr><th scope=\"row\">").Text(holdout.key).Raw(" <span class=\"soft small\">by ").Text(holdout.unit);
    html->Raw("</span></th><td>").Number(holdout.held_out).Raw("</td><td>").Number(holdout.comparison);
    html->Raw("</td><td>").Number(holdout.both).Raw("</td></tr>");
  }
  html->Raw("</tbody></table></section>");
}

}  // namespace

void WriteExperimentSection(const Results& results, Html* html) {
  WriteHeading("experiment", "Experiment", "Experiments",
               "A unit counts from its first exposure, in the arm of that exposure, and converts when the goal’s event "
               "happens to it from then on, within the goal’s window.",
               html);
  if (results.experiments.empty()) html->Raw("<p class=\"soft\">The datafile has none.</p>");
  for (const ExperimentResult& experiment : results.experiments) WriteExperiment(experiment, html);
  WriteHoldouts(results.holdouts, html);
}

}  // namespace guidon::collector
