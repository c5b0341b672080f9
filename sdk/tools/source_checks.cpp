// What holds between the parts of a source: names that must be there, rules that can be reached, layers that are not
// over-full.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "guidon/limits.h"
#include "sdk/tools/source_reader.h"

namespace guidon::tools {
namespace {

template <class Item>
std::vector<std::string_view> NamesOf(const std::vector<Item>& items) {
  std::vector<std::string_view> names;
  for (const Item& item : items) names.push_back(item.name);
  return names;
}

void CheckSegmentNames(const Members& members, const Source& source, const Located& at, const expression::Tree& tree,
                       std::set<std::string>* used) {
  expression::ForEachLeaf(tree, [&](const expression::Tree& leaf) {
    if (leaf.kind != expression::Kind::kSegment) return;
    used->insert(leaf.name);
    if (FindNamed(source.segments, leaf.name) != nullptr) return;
    std::vector<std::string_view> names = NamesOf(source.segments);
    for (const std::string_view name : ReadyMadeSegments()) names.push_back(name);
    members.problems().Error("unknown-segment", at, "there is no segment '" + leaf.name + "'",
                             Suggest(leaf.name, names, "add it to \"segments\""));
  });
}

void CheckSegments(const Members& members, const Source& source) {
  std::set<std::string> used;
  for (const PlacedCondition& condition : ConditionsOf(source)) {
    CheckSegmentNames(members, source, *condition.at, *condition.tree, &used);
  }
  for (const SourceSegment& segment : source.segments) {
    if (used.count(segment.name) > 0) continue;
    members.problems().Note("unused-segment", *segment.at, "no rule uses the segment '" + segment.name + "'",
                            "remove it if nothing will");
  }
}

bool ShipsToAll(const SourceExperiment* experiment) {
  return experiment != nullptr && experiment->status == RunStatus::kEnded && experiment->ship &&
         experiment->ship->size == kSlots;
}

bool IsUnconditional(const Source& source, const SourceRule& rule) {
  if (rule.has_when) return false;
  if (rule.kind == RuleKind::kExperiment) return ShipsToAll(FindNamed(source.experiments, rule.experiment));
  if (rule.kind == RuleKind::kServe) return true;
  std::int64_t sum = 0;
  for (const SourcePart& part : rule.parts) sum += part.size;
  return sum == kSlots;
}

void CheckRules(const Members& members, const Source& source, const SourceFlag& flag) {
  const bool draws = std::any_of(flag.rules.begin(), flag.rules.end(),
                                 [](const SourceRule& rule) { return rule.kind == RuleKind::kRollout; });
  if (draws && flag.name.size() > kNameInSaltBytes && flag.name.size() <= limits::kKeyBytes) {
    members.problems().ErrorAtName("name-too-long", *flag.at,
                                   "the name of a flag with a rollout is part of its salt and has at most 53 bytes",
                                   "shorten it");
  }
  std::set<std::string> ids;
  const SourceRule* last_word = nullptr;
  for (const SourceRule& rule : flag.rules) {
    if (!rule.id.empty() && !ids.insert(rule.id).second) {
      members.problems().Error("duplicate-rule-id", *rule.at->Find("id"),
                               "the rule id '" + rule.id + "' stands twice in this flag", "rename one");
    }
    if (last_word != nullptr) {
      members.problems().Warning(
          "unreachable-rule", *rule.at,
          "this rule is never reached: the one at " + last_word->at->pointer + " decides for everybody",
          last_word->kind == RuleKind::kExperiment
              ? "make what '" + last_word->experiment + "' ships the default, and remove the experiment"
              : std::string("move it up, or give that one a \"when\""));
    } else if (IsUnconditional(source, rule)) {
      last_word = &rule;
    }
    if (rule.kind != RuleKind::kExperiment) continue;
    const Located& at = *rule.at->Find("experiment");
    const SourceExperiment* experiment = FindNamed(source.experiments, rule.experiment);
    if (experiment == nullptr) {
      members.problems().Error("unknown-experiment", at, "there is no experiment '" + rule.experiment + "'",
                               Suggest(rule.experiment, NamesOf(source.experiments), "add it to \"experiments\""));
    } else if (!experiment->variants.empty() && experiment->variants[0].at->Find(flag.name) == nullptr) {
      members.problems().Error("experiment-without-flag", at,
                               "the experiment '" + rule.experiment + "' does not set '" + flag.name + "'",
                               "add the flag to each of its variants, or remove this rule");
    }
  }
  if (flag.kill && flag.default_value.AsBool() != nullptr && *flag.default_value.AsBool()) {
    members.problems().Warning(
        "killed-but-on", *flag.at->Find("kill"),
        "the kill switch is on, and the flag stays true, because that is its default",
        "let the default be false, and add the rule { \"serve\": true } for when it is not killed");
  }
  if (flag.kill && !flag.rules.empty()) {
    members.problems().Note("killed-with-rules", *flag.at->Find("kill"),
                            "the kill switch is on: everybody gets the default and the rules wait", "");
  }
  if (last_word == nullptr) return;
  for (const SourceExperiment& experiment : source.experiments) {
    if (!experiment.IsLive() || experiment.variants.empty() || experiment.variants[0].at->Find(flag.name) == nullptr)
      continue;
    const bool is_named = std::any_of(flag.rules.begin(), flag.rules.end(),
                                      [&](const SourceRule& rule) { return rule.experiment == experiment.name; });
    if (is_named) continue;
    members.problems().Warning("unreachable-experiment", *experiment.at,
                               "the experiment never reaches '" + flag.name + "': the rule at " +
                                   last_word->at->pointer + " decides for everybody before it",
                               "name it in a rule above: { \"experiment\": \"" + experiment.name + "\" }");
  }
}

void CheckLayers(const Members& members, const Source& source) {
  for (const SourceLayer& layer : source.layers) {
    std::int64_t sum = 0;
    std::string holders;
    const SourceExperiment* last = nullptr;
    for (const SourceExperiment& experiment : source.experiments) {
      if (experiment.layer != layer.name || !experiment.IsLive()) continue;
      sum += experiment.LayerSize();
      holders +=
          (holders.empty() ? "" : ", ") + ("'" + experiment.name + "' " + PercentText(experiment.LayerSize()) + " %");
      last = &experiment;
    }
    if (sum <= kSlots) continue;
    const Located* percent = last->at->Find("percent");
    members.problems().Error("layer-over-full", percent != nullptr ? *percent : *last->at,
                             "the layer '" + layer.name + "' is asked for " + PercentText(sum) + " %: " + holders,
                             "lower a percentage, end an experiment, or use another layer for one that may overlap");
  }
}

// An experiment or a campaign, as far as holdouts are concerned.
struct Governable {
  std::string name;
  std::string unit;  // empty: not known
  const Located* at = nullptr;
  std::size_t governed = 0;  // by so many
};

// `what` they are: "experiment" or "campaign".
void CheckGoverned(const Members& members, const SourceHoldout& holdout, const SourceHoldout::Governed& governed,
                   const std::string& what, std::vector<Governable>* all) {
  for (Governable& each : *all) {
    if (!governed.is_all) break;
    if (each.unit.empty() || each.unit == holdout.unit) {
      ++each.governed;
      continue;
    }
    members.problems().Note(
        "holdout-of-other-unit", *holdout.at,
        "'" + each.name + "' is by " + each.unit + ", so this holdout by " + holdout.unit + " does not cover it",
        "add a holdout with \"unit\": \"" + each.unit + "\" if it should be held out, too");
  }
  for (const Located* at : governed.names) {
    const auto found =
        std::find_if(all->begin(), all->end(), [at](const Governable& each) { return each.name == at->Text(); });
    if (found == all->end()) {
      std::vector<std::string_view> names;
      for (const Governable& each : *all) names.push_back(each.name);
      const char* code = what == "campaign" ? "unknown-campaign" : "unknown-experiment";
      members.problems().Error(code, *at, "there is no " + what + " '" + std::string(at->Text()) + "'",
                               Suggest(at->Text(), names, "remove it from the list"));
      continue;
    }
    ++found->governed;
    if (found->unit.empty() || found->unit == holdout.unit) continue;
    members.problems().Error("unit-mismatch", *at,
                             "the holdout is by " + holdout.unit + ", and '" + found->name + "' is by " + found->unit,
                             "give the holdout \"unit\": \"" + found->unit + "\", or remove it from the list");
  }
}

// What a campaign changed is told by those it is kept from: its own, or those of a holdout over several.
void CheckHasHoldout(const Members& members, const SourceCampaign& campaign, bool is_governed) {
  const Located* at = campaign.at->Find("holdout");
  if (at == nullptr || campaign.holdout > 0 || is_governed || !campaign.IsLive()) return;
  members.problems().Warning("no-holdout", *at,
                             "nobody is held out, so nothing tells what the campaign changed: those who share anyway "
                             "count as its success",
                             "write \"holdout\": 10, or leave it out, which means 10; for several that belong "
                             "together, one of \"holdouts\" with their names in \"campaigns\"");
}

void CheckHoldouts(const Members& members, const Source& source) {
  std::vector<Governable> experiments, campaigns;
  for (const SourceExperiment& each : source.experiments) {
    const SourceLayer* layer = FindNamed(source.layers, each.layer);
    experiments.push_back({each.name, layer == nullptr ? "" : layer->unit, each.at});
  }
  for (const SourceCampaign& each : source.campaigns) campaigns.push_back({each.name, each.unit, each.at});
  for (const SourceHoldout& holdout : source.holdouts) {
    CheckGoverned(members, holdout, holdout.experiments, "experiment", &experiments);
    CheckGoverned(members, holdout, holdout.campaigns, "campaign", &campaigns);
  }
  for (std::size_t i = 0; i < campaigns.size(); ++i) {
    CheckHasHoldout(members, source.campaigns[i], campaigns[i].governed > 0);
  }
  for (const auto* all : {&experiments, &campaigns}) {
    for (const Governable& each : *all) {
      if (each.governed <= limits::kHoldoutsPerExperiment) continue;
      members.problems().Error("too-many", *each.at, "more than 4 holdouts govern '" + each.name + "'",
                               "end some of them");
    }
  }
}

// Every layer that is used is there; the one called default needs no declaration.
void AddDefaultLayer(const Members& members, Source* source) {
  for (const SourceExperiment& experiment : source->experiments) {
    if (FindNamed(source->layers, experiment.layer) != nullptr) continue;
    if (experiment.layer == "default") {
      source->layers.push_back({"default", "device", std::nullopt, experiment.at});
      continue;
    }
    const Located* at = experiment.at->Find("layer");
    members.problems().Error("unknown-layer", at != nullptr ? *at : *experiment.at,
                             "there is no layer '" + experiment.layer + "'",
                             Suggest(experiment.layer, NamesOf(source->layers),
                                     "add it: \"layers\": { \"" + experiment.layer + "\": { \"unit\": \"device\" } }"));
  }
}

}  // namespace

void CheckSource(const Members& members, Source* source) {
  AddDefaultLayer(members, source);
  CheckSegments(members, *source);
  for (const SourceFlag& flag : source->flags) CheckRules(members, *source, flag);
  CheckLayers(members, *source);
  CheckHoldouts(members, *source);
}

}  // namespace guidon::tools
