// The experiments and holdouts of the results page.
#include <algorithm>

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

std::string NameOf(const AudienceResult& audience) {
  return audience.name.empty() ? std::string("Everybody else") : audience.name;
}

// A line of a forest plot: the difference of a variant, over all audiences or in one. `rates` is a sentence for the
// side; over audiences there are no rates that the difference could be taken for the difference of.
void WriteDifference(const std::string& name, const std::string& than, const GoalArm& arm, const std::string& rates,
                     double reach, Html* html) {
  const int decimals = DecimalsFor(arm.difference_interval);
  html->Raw("<div class=\"arm ").Raw(than.empty() ? "part " : "").Raw(VerdictName(arm.verdict));
  html->Raw("\"><div class=\"name\">").Text(name);
  if (!than.empty()) html->Raw("<span class=\"small soft\">to ").Text(than).Raw("</span>");
  html->Raw("</div><div class=\"rate\">").Raw(arm.difference ? Points(*arm.difference, decimals) : "–");
  html->Raw("</div><div class=\"count small soft\"><span>").Sentence(rates).Raw("</span>");
  if (arm.difference) {
    html->Raw(" <span>")
        .Raw(Percent(arm.confidence, 0))
        .Raw(": ")
        .Raw(Points(arm.difference_interval.lower, decimals))
        .Raw(" to ");
    html->Raw(Points(arm.difference_interval.upper, decimals)).Raw("</span>");
  }
  html->Raw("</div><div class=\"plotbox\">");
  if (arm.difference) WritePlot(arm, reach, html);
  html->Raw("</div>");
}

std::string RatesOf(const GoalArm& arm, const GoalArm& control) {
  if (!arm.difference) return "nothing to compare with yet";
  const std::string rates = Percent(arm.rate, DecimalsFor(arm.rate_interval)) + " vs " +
                            Percent(control.rate, DecimalsFor(control.rate_interval));
  return arm.verdict == Verdict::kTooFew ? rates + ", too few conversions" : rates;
}

// One scale for the whole and for the parts of it that can say something.
double ReachOfAll(const ExperimentResult& experiment, std::size_t goal) {
  double reach = ReachOf(experiment.goals[goal]);
  for (const AudienceResult& audience : experiment.audiences) {
    GoalResult telling;
    for (const GoalArm& arm : audience.goals[goal].arms) {
      if (arm.verdict != Verdict::kTooFew) telling.arms.push_back(arm);
    }
    reach = std::max(reach, ReachOf(telling));
  }
  return reach;
}

void WriteStrata(const ExperimentResult& experiment, std::size_t goal_index, Html* html) {
  const GoalResult& goal = experiment.goals[goal_index];
  const double reach = ReachOfAll(experiment, goal_index);
  for (std::size_t i = 1; i < goal.arms.size(); ++i) {
    WriteDifference(experiment.arms[i].variant, experiment.arms[0].variant, goal.arms[i], "points, all audiences",
                    reach, html);
    html->Raw("<p class=\"text\">").Sentence(VerdictSentence(experiment, goal, i)).Raw("</p></div>");
    for (const AudienceResult& audience : experiment.audiences) {
      const std::vector<GoalArm>& arms = audience.goals[goal_index].arms;
      WriteDifference(NameOf(audience), {}, arms[i], RatesOf(arms[i], arms[0]), reach, html);
      html->Raw("</div>");
    }
  }
}

void WriteGoal(const ExperimentResult& experiment, std::size_t goal_index, Html* html) {
  const GoalResult& goal = experiment.goals[goal_index];
  html->Raw("<div class=\"goal\">");
  WriteGoalTitle(goal, html);
  html->Raw("<span class=\"soft small\">");
  if (goal.within.empty()) {
    html->Raw("any time after the first exposure");
  } else {
    html->Raw("within ").Text(goal.within).Raw(" of the first exposure");
  }
  html->Raw("</span></div>");
  if (goal.is_stratified) {
    WriteStrata(experiment, goal_index, html);
  } else {
    const double reach = ReachOf(goal);
    for (std::size_t i = 0; i < goal.arms.size(); ++i) WriteArm(experiment, goal, i, reach, html);
  }
  html->Raw("</div>");
}

void WriteSplitCell(const Comparison& comparison, Html* html) {
  switch (comparison.split) {
    case Split::kTooFew: html->Raw("<span class=\"soft\">too few units</span>"); break;
    case Split::kGood: html->Raw("right (p = ").Raw(PValue(comparison.split_chi_square.P())).Raw(")"); break;
    case Split::kBroken:
      html->Raw("<b class=\"wrong\">broken (p = ").Raw(PValue(comparison.split_chi_square.P())).Raw(")</b>");
      break;
    case Split::kZeroWeight: html->Raw("<b class=\"wrong\">units without a share</b>"); break;
  }
}

// Each audience with its own shares.
void WriteAudiences(const ExperimentResult& experiment, Html* html) {
  html->Raw(
      "<div class=\"scroll\" tabindex=\"0\"><table class=\"audiences\"><thead><tr><th scope=\"col\">Audience</th>");
  html->Raw("<th scope=\"col\">Units</th>");
  for (const ArmResult& arm : experiment.arms) html->Raw("<th scope=\"col\">").Text(arm.variant).Raw("</th>");
  html->Raw("<th scope=\"col\">Split</th></tr></thead><tbody>");
  for (const AudienceResult& audience : experiment.audiences) {
    html->Raw("<tr><th scope=\"row\">").Text(NameOf(audience)).Raw("</th><td>").Number(audience.units).Raw("</td>");
    for (const ArmResult& arm : audience.arms) {
      const double share =
          static_cast<double>(arm.units) / static_cast<double>(std::max<std::uint64_t>(audience.units, 1));
      html->Raw("<td>").Number(arm.units).Raw("<span class=\"line soft\">");
      if (audience.units > 0) html->Raw(Percent(share)).Raw(", ");
      html->Raw("planned ").Raw(Percent(arm.weight)).Raw("</span></td>");
    }
    html->Raw("<td>");
    WriteSplitCell(audience, html);
    html->Raw("</td></tr>");
  }
  html->Raw("</tbody></table></div>");
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
        Thousands(wrong) + " wrong (" + Percent(check.wrong_share(), 2) + "), left out" +
        (check.is_alarming() ? ". Over 0.1 %: events are forged or lost, or devices decide otherwise than they should."
                             : ".");
  }
  WriteLight(wrong == 0 ? Light::kGood : check.is_alarming() ? Light::kWarning : Light::kNeutral, sentence, html);
  if (check.sticky == 0) return;
  sentence =
      Plural(check.sticky, "exposure", "exposures") + " by units that keep their variant, checked against their first";
  sentence += check.unbacked_units == 0
                  ? ": all agree."
                  : "; " +
                        Plural(check.unbacked_units, "unit keeps one that it was not seen to enter",
                               "units keep one that they were not seen to enter") +
                        ", left out.";
  WriteLight(check.unbacked_units == 0 ? Light::kGood : Light::kNeutral, sentence, html);
}

void WriteExperiment(const ExperimentResult& experiment, Html* html) {
  const bool has_audiences = !experiment.audiences.empty();
  html->Raw("<section class=\"card\">");
  WriteCardHead(experiment.key, experiment.status, experiment.iteration, experiment.unit, experiment.kpi, html);
  WriteState(experiment, html);
  WriteSplitAlarm(experiment, html);
  WriteGuardrailAlarm(experiment, html);
  WriteSplitTable(experiment, has_audiences ? "Planned, all audiences" : "Planned", html);
  WriteSplitLine(experiment, TwoArmSentence(experiment), html);
  WriteAssignments(experiment.assignments, html);
  if (has_audiences) WriteAudiences(experiment, html);
  if (experiment.moved_units > 0) {
    WriteLight(Light::kNeutral,
               Plural(experiment.moved_units, "unit was", "units were") +
                   " seen in another audience later on; the first counts.",
               html);
  }
  if (experiment.units > 0) {
    for (std::size_t goal = 0; goal < experiment.goals.size(); ++goal) WriteGoal(experiment, goal, html);
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
