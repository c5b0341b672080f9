#include "samples/collector/page.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "samples/collector/format.h"
#include "samples/collector/page_style.h"

namespace guidon::collector {
namespace {

// The plot of a difference: 0 in the middle, `reach` at both ends.
constexpr double kPlotWidth = 320;
constexpr double kPlotHeight = 22;

std::string Number(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f", value);
  return text;
}

double PlotX(double difference, double reach) {
  return kPlotWidth / 2 * (1 + std::clamp(difference / reach, -1.0, 1.0));
}

// The next of 1, 2, 5, 10, 20, … percent that holds all intervals of the goal.
double ReachOf(const GoalResult& goal) {
  double most = 0.001;
  for (const GoalArm& arm : goal.arms) {
    if (!arm.difference) continue;
    most = std::max({most, std::fabs(arm.difference_interval.lower), std::fabs(arm.difference_interval.upper)});
  }
  double reach = 0.001;
  for (int step = 0; reach < most && step < 30; ++step) reach *= step % 3 == 1 ? 2.5 : 2;
  return std::min(reach, 1.0);
}

class Page {
 public:
  Page(const Results& results, std::string_view nonce) : results_(results), nonce_(nonce) {}

  std::string Write() {
    Head();
    out_ += "<main>";
    Experiments();
    Holdouts();
    Health();
    out_ += "</main>";
    Footer();
    out_ += "</body></html>\n";
    return std::move(out_);
  }

 private:
  Page& Raw(std::string_view html) {
    out_ += html;
    return *this;
  }
  Page& Text(std::string_view text) {
    out_ += Escape(text);
    return *this;
  }

  void Head() {
    const std::string title = results_.project.empty() ? "Results" : results_.project + " / " + results_.environment;
    Raw("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" "
        "content=\"");
    Text(ContentSecurityPolicy(nonce_));
    Raw("\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"referrer\" "
        "content=\"no-referrer\">"
        "<link rel=\"icon\" href=\"data:,\"><title>");
    Text(title).Raw(" – Guidon results</title><style nonce=\"").Text(nonce_).Raw("\">").Raw(kPageStyle);
    Raw("</style></head><body><header class=\"top\"><div class=\"brand\"><svg viewBox=\"0 0 20 20\" "
        "aria-hidden=\"true\">"
        "<path d=\"M3 1h2v18H3zM6 2h12l-4 4 4 4H6z\"/></svg>Guidon results</div><h1>");
    Text(title).Raw("</h1><p class=\"soft\">");
    if (results_.project.empty()) {
      Raw("No datafile was served yet. ");
    } else {
      Raw("Datafile ").Raw(std::to_string(results_.epoch) + "." + std::to_string(results_.version)).Raw(" · ");
    }
    if (results_.last_event_ms) Raw("last event ").Raw(Minute(*results_.last_event_ms)).Raw(" · ");
    Raw("counted ").Raw(Minute(results_.generated_ms)).Raw("</p><div class=\"tiles\">");
    Tile(results_.events, "events, each once");
    Tile(results_.installations, "installations");
    Tile(results_.duplicates, "duplicates dropped");
    Tile(Sum(results_.quarantined), "quarantined");
    Tile(Sum(results_.losses), "reported lost");
    Raw("</div></header>");
  }

  void Tile(std::uint64_t n, const char* label) {
    Raw("<div class=\"tile\"><b>").Raw(Thousands(n)).Raw("</b><span>").Raw(label).Raw("</span></div>");
  }

  void Experiments() {
    Raw("<h2>Experiments</h2>");
    if (results_.experiments.empty()) Raw("<p class=\"soft\">The datafile has none.</p>");
    for (const ExperimentResult& experiment : results_.experiments) Experiment(experiment);
  }

  void Experiment(const ExperimentResult& experiment) {
    Raw("<section class=\"card\"><div class=\"head\"><h3>").Text(experiment.key).Raw("</h3><span class=\"chip");
    Raw(experiment.status == "running" ? " on" : "").Raw("\">").Text(experiment.status);
    Raw("</span><span class=\"chip\">iteration ").Raw(std::to_string(experiment.iteration));
    Raw("</span><span class=\"chip\">by ").Text(experiment.unit).Raw("</span></div>");
    SplitTable(experiment);
    if (experiment.units > 0) {
      for (const GoalResult& goal : experiment.goals) Goal(experiment, goal);
    }
    Raw("</section>");
  }

  void SplitTable(const ExperimentResult& experiment) {
    SplitAlarm(experiment);
    Raw("<table><thead><tr><th scope=\"col\">Variant</th><th scope=\"col\">Units</th><th scope=\"col\">Share</th>"
        "<th scope=\"col\">Planned</th></tr></thead><tbody>");
    for (const ArmResult& arm : experiment.arms) {
      const double share =
          experiment.units > 0 ? static_cast<double>(arm.units) / static_cast<double>(experiment.units) : 0;
      Raw("<tr><th scope=\"row\">").Text(arm.variant).Raw("</th><td>").Raw(Thousands(arm.units)).Raw("</td><td>");
      Raw(experiment.units > 0 ? Percent(share) : "–").Raw("</td><td>").Raw(Percent(arm.weight)).Raw("</td></tr>");
    }
    Raw("</tbody></table><p class=\"split");
    Raw(experiment.split == Split::kGood ? " good" : "").Raw("\">");
    if (experiment.split == Split::kGood) {
      Raw("<i></i>The split looks right (p = ").Raw(PValue(experiment.split_p)).Raw("). ");
    } else if (experiment.split == Split::kTooFew) {
      Raw("<i></i>Too few units to check the split yet. ");
    }
    Raw("Left out: ").Raw(Thousands(experiment.forced_units)).Raw(experiment.forced_units == 1 ? " unit" : " units");
    Raw(" ever forced, ").Raw(Thousands(experiment.two_arm_units)).Raw(" seen in two arms.</p>");
  }

  void SplitAlarm(const ExperimentResult& experiment) {
    if (experiment.split == Split::kBroken) {
      Raw("<p class=\"alarm\" role=\"alert\">The split looks broken (p = ").Raw(PValue(experiment.split_p));
      Raw("): don’t trust the result. Something loses or adds units in one arm.</p>");
    } else if (experiment.split == Split::kZeroWeight) {
      Raw("<p class=\"alarm\" role=\"alert\">There are units in an arm that should have none: don’t trust the "
          "result.</p>");
    }
  }

  void Goal(const ExperimentResult& experiment, const GoalResult& goal) {
    const double reach = ReachOf(goal);
    Raw("<div class=\"goal\"><div class=\"goalhead\"><h4>").Text(goal.event);
    Raw("</h4><span class=\"soft small\">");
    if (goal.within.empty()) {
      Raw("any time after the first exposure");
    } else {
      Raw("within ").Text(goal.within).Raw(" of the first exposure");
    }
    Raw("</span></div>");
    for (std::size_t i = 0; i < goal.arms.size(); ++i) Arm(experiment, goal, i, reach);
    Raw("</div>");
  }

  void Arm(const ExperimentResult& experiment, const GoalResult& goal, std::size_t i, double reach) {
    const GoalArm& arm = goal.arms[i];
    const int decimals = DecimalsFor(arm.rate_interval);
    Raw("<div class=\"arm ")
        .Raw(VerdictName(arm.verdict))
        .Raw("\"><div class=\"name\">")
        .Text(experiment.arms[i].variant);
    Raw("</div><div class=\"rate\">").Raw(arm.units > 0 ? Percent(arm.rate, decimals) : "–");
    Raw("</div><div class=\"count small soft\"><span>")
        .Raw(Thousands(arm.converted))
        .Raw(" of ")
        .Raw(Thousands(arm.units))
        .Raw("</span>");
    if (arm.units > 0) {
      Raw(" <span>95 %: ").Raw(Percent(arm.rate_interval.lower, decimals)).Raw(" to ");
      Raw(Percent(arm.rate_interval.upper, decimals)).Raw("</span>");
    }
    Raw("</div><div class=\"plotbox\">");
    if (arm.difference) {
      Plot(arm, reach);
    } else if (i == 0) {
      Raw("<span class=\"small soft\">what the others are compared with</span>");
    }
    Raw("</div>");
    if (i > 0) Raw("<p class=\"text\">").Text(VerdictSentence(experiment, goal, i)).Raw("</p>");
    Raw("</div>");
  }

  void Plot(const GoalArm& arm, double reach) {
    const std::string middle = Number(kPlotHeight / 2);
    const double from = PlotX(arm.difference_interval.lower, reach);
    const double to = PlotX(arm.difference_interval.upper, reach);
    const int decimals = reach < 0.01 ? 1 : 0;
    Raw("<svg class=\"plot\" viewBox=\"0 0 ").Raw(Number(kPlotWidth)).Raw(" ").Raw(Number(kPlotHeight));
    Raw("\" role=\"img\" aria-label=\"difference ").Raw(Points(*arm.difference)).Raw(" points, 95 % interval ");
    Raw(Points(arm.difference_interval.lower)).Raw(" to ").Raw(Points(arm.difference_interval.upper));
    Raw("\"><line class=\"track\" x1=\"0\" x2=\"")
        .Raw(Number(kPlotWidth))
        .Raw("\" y1=\"")
        .Raw(middle)
        .Raw("\" y2=\"")
        .Raw(middle);
    Raw("\"/><rect class=\"bar\" x=\"").Raw(Number(from)).Raw("\" width=\"").Raw(Number(std::max(1.0, to - from)));
    Raw("\" y=\"7\" height=\"8\" rx=\"4\"/><line class=\"zero\" x1=\"160\" x2=\"160\" y1=\"0\" y2=\"22\"/><circle "
        "class=\"dot\" r=\"6\" cx=\"");
    Raw(Number(PlotX(*arm.difference, reach)))
        .Raw("\" cy=\"")
        .Raw(middle)
        .Raw("\"/></svg><div class=\"axis\" aria-hidden=\"true\"><span>");
    Raw(Points(-reach, decimals))
        .Raw("</span><span>0</span><span>")
        .Raw(Points(reach, decimals))
        .Raw(" points</span></div>");
  }

  void Holdouts() {
    if (results_.holdouts.empty()) return;
    Raw("<h2>Holdouts</h2><section class=\"card\"><table><thead><tr><th scope=\"col\">Holdout</th><th "
        "scope=\"col\">Held out</th>"
        "<th scope=\"col\">Comparison</th><th scope=\"col\">Left out</th></tr></thead><tbody>");
    for (const HoldoutResult& holdout : results_.holdouts) {
      Raw("<tr><th scope=\"row\">").Text(holdout.key).Raw(" <span class=\"soft small\">by ").Text(holdout.unit);
      Raw("</span></th><td>").Raw(Thousands(holdout.held_out)).Raw("</td><td>").Raw(Thousands(holdout.comparison));
      Raw("</td><td>").Raw(Thousands(holdout.left_out)).Raw("</td></tr>");
    }
    Raw("</tbody></table></section>");
  }

  void Health() {
    Raw("<h2>Events</h2><div class=\"columns\">");
    Counts("By name", "Event", results_.events_by_name, "No events yet.");
    Counts("Quarantined, by reason", "Reason", results_.quarantined, "None: every event made sense.");
    Counts("Reported lost by clients, by cause", "Cause", results_.losses, "None.");
    Gaps();
    Raw("</div>");
  }

  void Counts(const char* title, const char* column, const std::vector<Counted>& counts, const char* none) {
    Raw("<section class=\"card\"><h4>").Raw(title).Raw("</h4>");
    if (counts.empty()) {
      Raw("<p class=\"soft small\">").Raw(none).Raw("</p></section>");
      return;
    }
    Raw("<table><thead><tr><th scope=\"col\">")
        .Raw(column)
        .Raw("</th><th scope=\"col\">Count</th></tr></thead><tbody>");
    for (const Counted& count : counts) {
      Raw("<tr><td>").Text(count.name).Raw("</td><td>").Raw(Thousands(count.n)).Raw("</td></tr>");
    }
    Raw("</tbody></table></section>");
  }

  void Gaps() {
    Raw("<section class=\"card\"><h4>Gaps in sequence numbers</h4><p class=\"soft small\">");
    if (results_.gaps.empty()) {
      Raw("None: nothing is missing between the first and the last event of any installation.</p></section>");
      return;
    }
    Raw(Thousands(results_.missing)).Raw(" missing, from ").Raw(Thousands(results_.installations_with_gaps));
    Raw(results_.installations_with_gaps == 1 ? " installation" : " installations");
    Raw(": still on their way, or lost.</p><table class=\"ids\"><thead><tr><th scope=\"col\">Installation</th><th "
        "scope=\"col\">Arrived</th>"
        "<th scope=\"col\">Missing</th></tr></thead><tbody>");
    for (const Gap& gap : results_.gaps) {
      Raw("<tr><td>").Text(gap.installation).Raw("</td><td>").Raw(Thousands(gap.arrived)).Raw("</td><td>");
      Raw(Thousands(gap.missing)).Raw("</td></tr>");
    }
    Raw("</tbody></table></section>");
  }

  void Footer() {
    Raw("<footer><p>A unit counts from its first exposure. It converts when the goal’s event happens to it at or after "
        "that, within "
        "the goal’s window. Units that were ever forced and units seen in two arms are left out.</p><p>Each interval "
        "holds for one "
        "comparison looked at once: among twenty, one looks clear by chance. Decide how long to run before "
        "looking.</p></footer>");
  }

  const Results& results_;
  std::string nonce_;
  std::string out_;
};

}  // namespace

std::string ContentSecurityPolicy(std::string_view nonce) {
  return "default-src 'none'; style-src 'nonce-" + std::string(nonce) +
         "'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
}

std::string ResultsPage(const Results& results, std::string_view nonce) { return Page(results, nonce).Write(); }

}  // namespace guidon::collector
