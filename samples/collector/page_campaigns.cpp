// The campaigns of the results page: what became of each prompt, and what it moved.
#include "samples/collector/format.h"
#include "samples/collector/page_parts.h"

namespace guidon::collector {
namespace {

double ShareOf(std::uint64_t n, std::uint64_t all) {
  return all > 0 ? static_cast<double>(n) / static_cast<double>(all) : 0;
}

void WriteStep(const char* name, const char* style, std::uint64_t n, std::uint64_t all, Html* html) {
  const double share = ShareOf(n, all);
  html->Raw("<div class=\"funnelrow\"><span>").Raw(name).Raw("</span>");
  WriteBar(share, style, html);
  html->Raw("<b>").Number(n).Raw("</b><span class=\"soft small\">").Raw(all > 0 ? Percent(share) : "–");
  html->Raw("</span></div>");
}

// Ends the paragraph.
void WriteHeldOut(const CampaignResult& campaign, Html* html) {
  const ArmResult& held_out = campaign.arms[CampaignResult::kHeldOut];
  html->Raw("Held out at the same point: ").Raw(Plural(held_out.units, "unit", "units")).Raw(", ");
  html->Raw(Percent(ShareOf(held_out.units, campaign.units))).Raw(" (planned ");
  html->Raw(Percent(held_out.weight)).Raw(").</p>");
}

void WriteFunnel(const CampaignResult& campaign, std::size_t arm, Html* html) {
  const PromptFunnel& funnel = campaign.funnels[arm];
  const std::uint64_t reached = campaign.arms[arm].units;
  if (campaign.has_variants()) html->Raw("<h4>").Text(campaign.arms[arm].variant).Raw("</h4>");
  html->Raw("<div class=\"funnel\">");
  WriteStep("reached the prompt", "main", reached, reached, html);
  WriteStep("saw it", "main", funnel.seen, reached, html);
  WriteStep("had it in sight for a second", "main", funnel.viewable, reached, html);
  WriteStep("clicked", "main", funnel.clicked, reached, html);
  if (funnel.answered > 0) {
    WriteStep("answered a question", "main", funnel.answered, reached, html);
    WriteStep("completed the survey", "main", funnel.completed, reached, html);
  }
  WriteStep("dismissed", "calm", funnel.dismissed, reached, html);
  WriteStep("snoozed", "calm", funnel.snoozed, reached, html);
  if (funnel.failed > 0) WriteStep("could not be shown", "bad", funnel.failed, reached, html);
  if (funnel.unknown > 0) WriteStep("outcome unknown", "bad", funnel.unknown, reached, html);
  html->Raw("</div><p class=\"small soft after\">").Raw(Plural(funnel.showings, "showing", "showings"));
  html->Raw(" to ").Raw(Plural(reached, "unit", "units"));
  if (campaign.has_variants()) {
    html->Raw(", ").Raw(Percent(ShareOf(reached, campaign.units))).Raw(" (planned ");
    html->Raw(Percent(campaign.arms[arm].weight)).Raw(").</p>");
    return;
  }
  html->Raw(". ");
  WriteHeldOut(campaign, html);
}

void WriteRate(const char* name, const char* style, const GoalArm& arm, Html* html) {
  const int decimals = DecimalsFor(arm.rate_interval);
  html->Raw("<div class=\"funnelrow\"><span>").Raw(name).Raw("</span>");
  WriteBar(arm.rate, style, html);
  html->Raw("<b>").Raw(arm.units > 0 ? Percent(arm.rate, decimals) : "–").Raw("</b><span class=\"soft small\">");
  html->Number(arm.converted).Raw(" of ").Number(arm.units).Raw("</span></div>");
}

void WriteGoalHead(const GoalResult& goal, Html* html) {
  WriteGoalTitle(goal, html);
  html->Raw("<span class=\"soft small\">");
  if (!goal.within.empty()) html->Raw("within ").Text(goal.within).Raw(" of ");
  html->Raw("reaching the prompt first");
  if (goal.open_units > 0)
    html->Raw(" · ").Raw(Plural(goal.open_units, "unit still has", "units still have")).Raw(" time");
  html->Raw("</span></div>");
}

// Each variant beside the held out, and then beside the first of them.
void WriteVariantsGoal(const CampaignResult& campaign, std::size_t index, Html* html) {
  const GoalResult& goal = campaign.goals[index];
  html->Raw("<div class=\"goal\">");
  WriteGoalHead(goal, html);
  const double reach = ReachOf(goal);
  for (std::size_t i = 0; i < goal.arms.size(); ++i) WriteArm(campaign, goal, i, reach, html);
  if (goal.is_guardrail()) {
    html->Raw("</div>");
    return;
  }
  const GoalResult& among = campaign.among.goals[index];
  html->Raw("<p class=\"small soft after\">Among themselves</p>");
  const double reach_among = ReachOf(among);
  for (std::size_t i = 0; i < among.arms.size(); ++i) WriteArm(campaign.among, among, i, reach_among, html);
  html->Raw("</div>");
}

void WriteGoal(const CampaignResult& campaign, const GoalResult& goal, Html* html) {
  const GoalArm& prompt = goal.arms[CampaignResult::kFirst];
  html->Raw("<div class=\"goal ").Raw(VerdictName(prompt.verdict)).Raw("\">");
  WriteGoalHead(goal, html);
  html->Raw("<p class=\"text\">").Sentence(CampaignSentence(campaign, goal, CampaignResult::kFirst));
  html->Raw(".</p><div class=\"compared\"><div class=\"funnel\">");
  WriteRate("prompt", "main", prompt, html);
  WriteRate("held out", "calm", goal.arms[CampaignResult::kHeldOut], html);
  html->Raw("</div><div class=\"plotbox\">");
  if (prompt.difference) WritePlot(prompt, ReachOf(goal), html);
  html->Raw("</div></div></div>");
}

void WriteBrought(const BroughtResult& brought, Html* html) {
  html->Raw("<div class=\"goal\"><div class=\"goalhead\"><h4>").Text(brought.event);
  html->Raw("</h4><span class=\"soft small\">by prompt");
  if (!brought.within.empty()) html->Raw(", within ").Text(brought.within).Raw(" of the showing");
  if (brought.open_showings > 0) {
    html->Raw(" · ").Raw(Plural(brought.open_showings, "showing still has", "showings still have")).Raw(" time");
  }
  html->Raw("</span></div>");
  for (const BroughtArm& arm : brought.arms) {
    html->Raw("<p class=\"text\">").Text(brought.arms.size() > 1 ? arm.variant + ": " : std::string());
    html->Number(arm.events).Raw(" in all, ").Raw(Plain(arm.PerShowing())).Raw(" per showing (K-factor).");
    html->Raw("</p><div class=\"funnel\">");
    WriteStep("showings", "main", arm.showings, arm.showings, html);
    WriteStep("brought somebody", "main", arm.showings_with, arm.showings, html);
    html->Raw("</div>");
  }
  html->Raw("<p class=\"small soft after\">");
  html->Raw(brought.arms.empty() ? "Nothing was shown yet. " : "");
  html->Raw("There is nothing to compare with: who is held out has no link that could bring anybody.</p></div>");
}

}  // namespace

void WriteCampaignSection(const std::vector<CampaignResult>& campaigns, Html* html) {
  WriteHeading(
      "nudge", "Nudge", "Campaigns",
      "A share of the audience is held out: it reaches the point where the prompt would show, and sees nothing. "
      "Both arms count from there, whether or not the prompt was then seen.",
      html);
  if (campaigns.empty()) html->Raw("<p class=\"soft\">The datafile has none.</p>");
  for (const CampaignResult& campaign : campaigns) {
    html->Raw("<section class=\"card\">");
    WriteCardHead(campaign.key, campaign.status, campaign.iteration, campaign.unit, campaign.kpi, html);
    WriteSplitAlarm(campaign, html);
    WriteGuardrailAlarm(campaign, html);
    for (std::size_t i = CampaignResult::kFirst; i < campaign.arms.size(); ++i) {
      WriteFunnel(campaign, i, html);
      if (campaign.surveys[i]) WriteSurveyPart(*campaign.surveys[i], html);
    }
    if (campaign.has_variants()) {
      html->Raw("<p class=\"small soft after\">");
      WriteHeldOut(campaign, html);
    }
    WriteSplitLine(campaign, TwoArmSentence(campaign), html);
    for (const BroughtResult& brought : campaign.brought) WriteBrought(brought, html);
    if (campaign.units > 0) {
      for (std::size_t i = 0; i < campaign.goals.size(); ++i) {
        campaign.has_variants() ? WriteVariantsGoal(campaign, i, html) : WriteGoal(campaign, campaign.goals[i], html);
      }
    }
    html->Raw("</section>");
  }
}

}  // namespace guidon::collector
