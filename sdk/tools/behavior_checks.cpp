#include <set>
#include <string>
#include <tuple>

#include "guidon/limits.h"
#include "sdk/tools/source_reader.h"

namespace guidon::tools {

std::vector<PlacedCondition> ConditionsOf(const Source& source) {
  std::vector<PlacedCondition> out;
  for (const SourceSegment& segment : source.segments) {
    if (segment.when) out.push_back({&*segment.when, segment.at, false});
  }
  for (const SourceCount& count : source.counts) out.push_back({&*count.where, count.at, true});
  for (const SourceFlag& flag : source.flags) {
    for (const SourceRule& rule : flag.rules) {
      if (rule.when) out.push_back({&*rule.when, rule.at->Find("when"), false});
    }
  }
  for (const SourceExperiment& experiment : source.experiments) {
    if (experiment.when) out.push_back({&*experiment.when, experiment.at->Find("when"), false});
    for (const SourceAudience& audience : experiment.audiences) {
      if (audience.when) out.push_back({&*audience.when, audience.at->Find("when"), false});
    }
  }
  for (const SourceCampaign& campaign : source.campaigns) {
    if (campaign.when) out.push_back({&*campaign.when, campaign.at->Find("when"), false});
    if (campaign.until) out.push_back({&*campaign.until, campaign.at->Find("until"), false});
    for (const SourceTrigger& trigger : campaign.triggers) {
      for (const SourceStep& step : trigger.steps) {
        if (step.where) out.push_back({&*step.where, trigger.at, true});
      }
    }
  }
  return out;
}

void CheckBehavior(const Members& members, const Source& source) {
  using expression::Tree;
  std::set<std::tuple<behavior::Measure, std::string, behavior::Window::Unit, std::uint16_t>> terms;
  for (const PlacedCondition& condition : ConditionsOf(source)) {
    expression::ForEachLeaf(*condition.tree, [&](const Tree& leaf) {
      if (leaf.kind == expression::Kind::kBehavior)
        terms.emplace(leaf.measure, leaf.name, leaf.window.unit, leaf.window.length);
    });
  }
  if (terms.size() <= limits::kBehaviorTerms) return;
  members.problems().Error("too-many", *source.at,
                           std::to_string(terms.size()) +
                               " different questions of count() and active_days(), and at most 1000 "
                               "are allowed",
                           "let rules ask for the same windows");
}

}  // namespace guidon::tools
