#include "samples/collector/page_parts.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "samples/collector/format.h"

namespace guidon::collector {
namespace {

// The plot of a difference: 0 in the middle, `reach` at both ends.
constexpr double kPlotWidth = 320;
constexpr double kPlotHeight = 22;

double PlotX(double difference, double reach) {
  return kPlotWidth / 2 * (1 + std::clamp(difference / reach, -1.0, 1.0));
}

std::string Replace(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

}  // namespace

std::string Tenths(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f", value);
  return text;
}

Html& Html::Sentence(std::string_view text) { return Raw(Replace(Escape(text), " %", "&nbsp;%")); }
Html& Html::Name(std::string_view name) { return Raw(Replace(Escape(name), "_", "_<wbr>")); }
Html& Html::Text(std::string_view text) { return Raw(Escape(text)); }
Html& Html::Number(std::uint64_t n) { return Raw(Thousands(n)); }

void WriteHeading(const char* id, const char* step, const char* title, const char* answers, Html* html) {
  html->Raw("<h2 id=\"").Raw(id).Raw("\"><span class=\"step\">").Raw(step).Raw("</span>").Raw(title);
  html->Raw("</h2><p class=\"soft lead\">").Raw(answers).Raw("</p>");
}

void WriteChip(std::string_view text, Html* html) { html->Raw("<span class=\"chip\">").Text(text).Raw("</span>"); }

void WriteCardHead(const std::string& key, const std::string& status, std::int64_t iteration, const std::string& unit,
                   const std::string& kpi, Html* html) {
  html->Raw("<div class=\"head\"><h3>").Text(key).Raw("</h3><span class=\"chip");
  html->Raw(status == "running" ? " on" : "").Raw("\">").Text(status).Raw("</span>");
  WriteChip("iteration " + std::to_string(iteration), html);
  WriteChip("by " + unit, html);
  if (!kpi.empty()) WriteChip("for " + kpi, html);
  html->Raw("</div>");
}

void WriteSplitAlarm(const Comparison& comparison, Html* html) {
  if (comparison.split == Split::kBroken) {
    html->Raw("<p class=\"alarm\" role=\"alert\">The split looks broken (p = ");
    html->Raw(PValue(comparison.split_chi_square.P()));
    html->Raw("): don’t trust the result. Something loses or adds units in one arm.</p>");
  } else if (comparison.split == Split::kZeroWeight) {
    html->Raw(
        "<p class=\"alarm\" role=\"alert\">There are units in an arm that should have none: don’t trust the "
        "result.</p>");
  }
}

void WriteGuardrailAlarm(const Comparison& comparison, Html* html) {
  for (const GoalResult& goal : comparison.goals) {
    std::string variants;
    bool is_broken = false;
    for (std::size_t i = 0; i < goal.arms.size(); ++i) {
      if (goal.arms[i].verdict != Verdict::kBroken) continue;
      is_broken = true;
      if (goal.arms.size() > 2) variants += (variants.empty() ? ", by " : ", ") + comparison.arms[i].variant;
    }
    if (!is_broken) continue;
    html->Raw("<p class=\"alarm\" role=\"alert\">A guardrail is broken: ").Text(goal.Title());
    html->Raw(" within ").Text(goal.within).Text(variants).Raw(".</p>");
  }
}

void WriteGoalTitle(const GoalResult& goal, Html* html) {
  html->Raw("<div class=\"goalhead\"><h4>").Text(goal.Title());
  if (goal.is_guardrail()) {
    Verdict worst = goal.arms.size() > 1 ? Verdict::kHolds : Verdict::kTooFew;
    for (std::size_t i = 1; i < goal.arms.size(); ++i) {
      const Verdict verdict = goal.arms[i].verdict;
      if (worst != Verdict::kBroken && verdict != Verdict::kHolds) worst = verdict;
    }
    const char* style = worst == Verdict::kBroken ? " off" : worst == Verdict::kHolds ? " on" : "";
    html->Raw(" <span class=\"chip").Raw(style).Raw("\">").Raw(GuardWords(worst)).Raw("</span>");
  }
  html->Raw("</h4>");
}

void WriteLight(Light light, const std::string& sentence, Html* html) {
  html->Raw("<p class=\"split").Raw(light == Light::kGood ? " good" : light == Light::kWarning ? " warn" : "");
  html->Raw("\"><i></i>").Sentence(sentence).Raw("</p>");
}

void WriteSplitLine(const Comparison& comparison, const std::string& more, Html* html) {
  const bool is_good = comparison.split == Split::kGood;
  std::string sentence;
  if (is_good) {
    sentence = "The split looks right (p = " + PValue(comparison.split_chi_square.P()) + ").";
  } else if (comparison.split == Split::kTooFew) {
    sentence = "Too few units to check the split yet.";
  }
  if (!more.empty()) sentence += (sentence.empty() ? "" : " ") + more;
  if (!sentence.empty()) WriteLight(is_good ? Light::kGood : Light::kNeutral, sentence, html);
}

std::string TwoArmSentence(const LeftOut& left_out) {
  return "Left out: " + Plural(left_out.two_arm_units, "unit", "units") + " seen in two arms.";
}

void WriteBar(double share, const char* style, Html* html) {
  html->Raw("<svg class=\"meter ").Raw(style).Raw("\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" ");
  html->Raw("aria-hidden=\"true\"><rect class=\"rail\" width=\"100\" height=\"10\"/><rect class=\"fill\" width=\"");
  html->Raw(Tenths(100 * std::clamp(share, 0.0, 1.0))).Raw("\" height=\"10\"/></svg>");
}

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

void WritePlot(const GoalArm& arm, double reach, Html* html) {
  const std::string middle = Tenths(kPlotHeight / 2);
  const double from = PlotX(arm.difference_interval.lower, reach);
  const double to = PlotX(arm.difference_interval.upper, reach);
  const int decimals = reach < 0.01 ? 1 : 0;
  html->Raw("<svg class=\"plot\" viewBox=\"0 0 ").Raw(Tenths(kPlotWidth)).Raw(" ").Raw(Tenths(kPlotHeight));
  html->Raw("\" role=\"img\" aria-label=\"difference ").Raw(Points(*arm.difference)).Raw(" points, ");
  html->Raw(Percent(arm.confidence, 0)).Raw(" interval ");
  html->Raw(Points(arm.difference_interval.lower)).Raw(" to ").Raw(Points(arm.difference_interval.upper));
  html->Raw("\"><line class=\"track\" x1=\"0\" x2=\"").Raw(Tenths(kPlotWidth)).Raw("\" y1=\"").Raw(middle);
  html->Raw("\" y2=\"").Raw(middle).Raw("\"/><rect class=\"bar\" x=\"").Raw(Tenths(from)).Raw("\" width=\"");
  html->Raw(Tenths(std::max(1.0, to - from)));
  html->Raw("\" y=\"7\" height=\"8\" rx=\"4\"/><line class=\"zero\" x1=\"160\" x2=\"160\" y1=\"0\" y2=\"22\"/>");
  html->Raw("<circle class=\"dot\" r=\"6\" cx=\"").Raw(Tenths(PlotX(*arm.difference, reach))).Raw("\" cy=\"");
  html->Raw(middle).Raw("\"/></svg><div class=\"axis\" aria-hidden=\"true\"><span>").Raw(Points(-reach, decimals));
  html->Raw("</span><span>0</span><span>").Raw(Points(reach, decimals)).Raw(" points</span></div>");
}

}  // namespace guidon::collector
