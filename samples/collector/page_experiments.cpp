// The experiments and holdouts of the results page.
#include "samples/collector/format.h"
#include "samples/collector/page_parts.h"

namespace guidon::collector {
namespace {

void WriteSplitTable(const Comparison& comparison, const char* weights, Html* html) {
  html->Raw(
      "<table><thead><tr><th scope=\"col\">Variant</th><th scope=\"col\">Units</th><th scope=\"col\">Share</th>"
      "<th scope=\"col\">");
  html->Raw(weights).Raw("</th></tr></thead><tbody>");
  for (const ArmResult& arm : comparison.arms) {
    const double share =
        comparison.units > 0 ? static_cast<double>(arm.units) / static_cast<double>(comparison.units) : 0;
    html->Raw("<tr><th scope=\"row\">").Text(arm.variant).Raw("</th><td>").Number(arm.units).Raw("</td><td>");
    html->Raw(comparison.units > 0 ? Percent(share) : "–").Raw("</td><td>").Raw(Percent(arm.weight));
    html->Raw("</td></tr>");
  }
  html->Raw("</tbody></table>");
}

void WriteArm(const Comparison& comparison, const GoalResult& goal, std::size_t i, double reach, Html* html) {
  const GoalArm& arm = goal.arms[i];
  const int decimals = DecimalsFor(arm.rate_interval);
  html->Raw("<div class=\"arm ").Raw(VerdictName(arm.verdict)).Raw("\"><div class=\"name\">");
  html->Text(comparison.arms[i].variant).Raw("</div><div class=\"rate\">");
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
  if (i > 0) html->Raw("<p class=\"text\">").Sentence(VerdictSentence(comparison, goal, i)).Raw("</p>");
  html->Raw("</div>");
}

// Over audiences: a difference, and no rates that it could be taken for the difference of.
void WriteOverallArm(const Comparison& comparison, const GoalResult& goal, std::size_t i, double reach, Html* html) {
  const GoalArm& arm = goal.arms[i];
  const int decimals = DecimalsFor(arm.difference_interval);
  html->Raw("<div class=\"arm overall ").Raw(VerdictName(arm.verdict)).Raw("\"><div class=\"name\">");
  html->Text(comparison.arms[i].variant).Raw("<span class=\"small soft\">to ").Text(comparison.arms[0].variant);
  html->Raw("</span></div><div class=\"rate\">").Raw(arm.difference ? Points(*arm.difference, decimals) : "–");
  html->Raw("</div><div class=\"count small soft\">");
  if (arm.difference) {
    html->Raw("<span>points, all audiences</span> <span>95 %: ").Raw(Points(arm.difference_interval.lower, decimals));
    html->Raw(" to ").Raw(Points(arm.difference_interval.upper, decimals)).Raw("</span>");
  }
  html->Raw("</div><div class=\"plotbox\">");
  if (arm.difference) WritePlot(arm, reach, html);
  html->Raw("</div><p class=\"text\">").Sentence(VerdictSentence(comparison, goal, i)).Raw("</p></div>");
}

void WriteGoal(const Comparison& comparison, const GoalResult& goal, Html* html) {
  const double reach = ReachOf(goal);
  html->Raw("<div class=\"goal\"><div class=\"goalhead\"><h4>").Text(goal.event);
  html->Raw("</h4><span class=\"soft small\">");
  if (goal.within.empty()) {
    html->Raw("any time after the first exposure");
  } else {
    html->Raw("within ").Text(goal.within).Raw(" of the first exposure");
  }
  html->Raw("</span></div>");
  for (std::size_t i = 0; i < goal.arms.size(); ++i) {
    if (!goal.is_stratified) WriteArm(comparison, goal, i, reach, html);
    if (goal.is_stratified && i > 0) WriteOverallArm(comparison, goal, i, reach, html);
  }
  html->Raw("</div>");
}

void WriteAudience(const AudienceResult& audience, Html* html) {
  html->Raw("<section class=\"audience\"><div class=\"head\"><h4>");
  audience.name.empty() ? html->Raw("Everybody else") : html->Text(audience.name);
  html->Raw("</h4>");
  WriteChip(Plural(audience.units, "unit", "units"), html);
  html->Raw("</div>");
  WriteSplitAlarm(audience, html);
  WriteSplitTable(audience, "Planned", html);
  WriteSplitLine(audience, {}, html);
  if (audience.units > 0) {
    for (const GoalResult& goal : audience.goals) WriteGoal(audience, goal, html);
  }
  html->Raw("</section>");
}

// What becomes of the units of an experiment that does not run, or runs no more.
void WriteState(const ExperimentResult& experiment, Html* html) {
  const PublishedShip& ship = experiment.ship;
  if (experiment.status == "paused") {
    html->Raw("<p class=\"state\">Paused: whoever was exposed keeps the variant, nobody new enters.</p>");
  } else if (!ship.variant.empty()) {
    html->Raw("<p class=\"state\">Ended. <b>").Text(ship.variant).Raw("</b> is shipped: ");
    if (ship.share >= 1) {
      html->Raw("everybody gets it.");
    } else {
      html->Raw("whoever had it keeps it, and ").Sentence(Percent(ship.share)).Raw(" of all others get it.");
    }
    html->Raw("</p>");
  } else if (experiment.status == "ended") {
    html->Raw("<p class=\"state\">Ended: nobody has a variant any more.</p>");
  }
}

void WriteAssignments(const AssignmentCheck& check, Html* html) {
  if (check.exposures == 0) return;
  const std::uint64_t wrong = check.mismatched + check.unbacked;
  std::string sentence = Plural(check.exposures, "exposure", "exposures") + " computed again from the salts: ";
  if (wrong == 0) {
    sentence += "all agree.";
  } else {
    sentence +=
        Thousands(wrong) + " wrong (" + Percent(check.wrong_share(), check.is_alarming() ? 1 : 2) + "), left out" +
        (check.is_alarming() ? ". Over 0.1 %: events are forged, or devices decide otherwise than they should." : ".");
  }
  WriteLight(wrong == 0 ? Light::kGood : check.is_alarming() ? Light::kWarning : Light::kNeutral, sentence, html);
  if (check.sticky == 0) return;
  sentence = Plural(check.sticky, "exposure", "exposures") +
             " by units that keep their variant, checked against their first" +
             (check.unbacked_units == 0 ? ": all agree."
                                        : "; " + Plural(check.unbacked_units, "unit keeps", "units keep") +
                                              " one that nobody saw them enter, left out.");
  WriteLight(check.unbacked_units == 0 ? Light::kGood : Light::kNeutral, sentence, html);
}

void WriteExperiment(const ExperimentResult& experiment, Html* html) {
  const bool has_audiences = !experiment.audiences.empty();
  html->Raw("<section class=\"card\">");
  WriteCardHead(experiment.key, experiment.status, experiment.iteration, experiment.unit, experiment.kpi, html);
  WriteState(experiment, html);
  WriteSplitAlarm(experiment, html);
  WriteSplitTable(experiment, has_audiences ? "Planned, all audiences" : "Planned", html);
  WriteSplitLine(experiment, TwoArmSentence(experiment), html);
  WriteAssignments(experiment.assignments, html);
  if (experiment.moved_units > 0) {
    WriteLight(Light::kNeutral,
               Plural(experiment.moved_units, "unit was", "units were") +
                   " seen in another audience later on; the first counts.",
               html);
  }
  if (experiment.units > 0) {
    for (const GoalResult& goal : experiment.goals) WriteGoal(experiment, goal, html);
  }
  for (const AudienceResult& audience : experiment.audiences) WriteAudience(audience, html);
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
