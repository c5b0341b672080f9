#include "sdk/tools/changes.h"

#include <algorithm>
#include <string>

#include "sdk/tools/iterations.h"
#include "sdk/tools/members.h"
#include "sdk/tools/publish.h"

namespace guidon::tools {
namespace {

class ChangeCheck {
 public:
  ChangeCheck(const Source& source, const Previous& previous, Problems* problems)
      : source_(source), previous_(previous), problems_(*problems) {}

  void Run() {
    if (source_.project != previous_.project || source_.environment != previous_.environment) {
      problems_.Error("other-project", *source_.at,
                      "the last published file is of '" + previous_.project + "', '" + previous_.environment +
                          "', and this is of '" + source_.project + "', '" + source_.environment + "'",
                      "give the published file of this project and environment as --previous");
      return;
    }
    CheckExperimentChanges(source_, previous_, &problems_);
    for (const SourceCampaign& campaign : source_.campaigns) {
      if (campaign.status != RunStatus::kDraft) CheckCampaign(campaign);
    }
    for (const SourceHoldout& holdout : source_.holdouts) CheckHoldout(holdout);
    CheckEndedHoldouts();
    for (const SourceLayer& layer : source_.layers) CheckLayer(layer);
    for (const SourceFlag& flag : source_.flags) CheckFlag(flag);
    for (const SourceCount& count : source_.counts) CheckCountChange(count);
    CheckRemoved(previous_.experiments, source_.experiments);
    CheckRemoved(previous_.campaigns, source_.campaigns);
  }

 private:
  template <class Before, class Now>
  void CheckRemoved(const std::vector<Before>& previous, const std::vector<Now>& source) {
    for (const Before& before : previous) {
      const Now* now = FindNamed(source, before.name);
      if (before.status != "running" || (now != nullptr && now->status != RunStatus::kDraft)) continue;
      problems_.Note("running-removed", now != nullptr ? *now->at : *source_.at,
                     "'" + before.name + "' is running in the last published file and goes away",
                     "to keep its results readable, publish it once with \"status\": \"ended\"");
    }
  }

  void CheckCampaign(const SourceCampaign& campaign) {
    const PreviousCampaign* before = FindSameIteration(campaign, previous_, &problems_);
    if (before == nullptr) return;
    const std::string raise = RaiseAdvice(before->iteration);
    if (before->holdout != campaign.holdout) {
      problems_.Error("holdout-changed", Place(campaign, "holdout"),
                      campaign.holdout > before->holdout
                          ? "the holdout grows, and those it would add have already seen the prompt"
                          : "the holdout shrinks, and those it would let go are part of the group it is compared with",
                      "leave it at " + PercentText(before->holdout) + ", or " + raise);
    }
    if (before->unit != campaign.unit) {
      problems_.Error(
          "unit-changed", Place(campaign, "unit"),
          "'" + campaign.name + "' was by " + before->unit + ", and by " + campaign.unit + " others would be held out",
          raise);
    }
    CheckShows(campaign, *before, raise);
  }

  void CheckShows(const SourceCampaign& campaign, const PreviousCampaign& before, const std::string& raise) {
    const bool has_variants = campaign.has_variants();
    if (has_variants != before.has_variants()) {
      problems_.Error("split-changed", Place(campaign, has_variants ? "variants" : "show"),
                      std::string("the campaign ") +
                          (has_variants ? "had one content and gets several" : "had several contents and gets one") +
                          " while it runs: people who saw it would see something else",
                      raise);
      return;
    }
    if (has_variants) {
      const std::vector<SourceVariant> variants(campaign.shows.begin(), campaign.shows.end());
      CheckSplitChange(campaign, "campaign", variants, before.variants, raise, &problems_);
    }
    for (const SourceShow& show : campaign.shows) {
      const PreviousVariant* was = FindNamed(before.variants, show.name);
      if (was == nullptr || was->show == PublishedContent(show.content)) continue;
      problems_.Warning("content-changed", *show.at,
                        "what people see changes while the campaign runs: results before and after are of two prompts",
                        raise + "; for a slip of the pen leave it");
    }
  }

  void CheckHoldout(const SourceHoldout& holdout) {
    const PreviousHoldout* before = FindNamed(previous_.holdouts, holdout.name);
    if (before == nullptr && previous_.retired_holdouts.count(holdout.name) > 0) {
      problems_.Error("salt-reused", *holdout.at,
                      "a holdout '" + holdout.name +
                          "' has ended already, and this one would keep the same people out again, who have seen "
                          "experiments since",
                      "give it another name");
    }
    if (before == nullptr || holdout.size == 0) return;
    const Located* percent = holdout.at->Find("percent");
    if (before->size != holdout.size) {
      problems_.Error("holdout-changed", percent != nullptr ? *percent : *holdout.at,
                      holdout.size > before->size
                          ? "the holdout grows, and those it would add have already seen experiments"
                          : "the holdout shrinks, and those it would let go are part of the group it is compared with",
                      "leave it at " + PercentText(before->size) + " %, or end it and begin another with a new name");
    }
    if (before->unit != holdout.unit) {
      problems_.Error("holdout-changed", *holdout.at,
                      "the holdout was by " + before->unit + " and would hold out other people",
                      "end it and begin another with a new name");
    }
  }

  // Their salts have no number to raise, so each name has to be remembered.
  void CheckEndedHoldouts() {
    std::size_t ended = previous_.retired_holdouts.size();
    for (const PreviousHoldout& before : previous_.holdouts) {
      if (FindNamed(source_.holdouts, before.name) != nullptr || ++ended <= kRetiredNames) continue;
      const Located* holdouts = source_.at->Find("holdouts");
      problems_.Error("too-many", holdouts != nullptr ? *holdouts : *source_.at,
                      "the holdout '" + before.name + "' ends, and the names of " + std::to_string(kRetiredNames) +
                          " that have ended are remembered already",
                      "leave it in place");
    }
  }

  // Whether an experiment of the last file goes on in this layer, or gives those who were in it its winner.
  bool IsOccupied(const std::string& layer, bool is_other_unit) const {
    return std::any_of(source_.experiments.begin(), source_.experiments.end(), [&](const SourceExperiment& experiment) {
      const PreviousExperiment* before = FindNamed(previous_.experiments, experiment.name);
      if (experiment.layer != layer || before == nullptr || before->layer != layer ||
          before->iteration != IterationOf(experiment, &previous_)) {
        return false;
      }
      if (experiment.IsLive()) return before->HoldsSlots();
      return experiment.status == RunStatus::kEnded && experiment.ship &&
             (is_other_unit || experiment.ship->size < kSlots);
    });
  }

  void CheckLayer(const SourceLayer& layer) {
    const PreviousLayer* before = FindNamed(previous_.layers, layer.name);
    const bool is_other_unit = before != nullptr && layer.unit != before->unit;
    const std::int64_t least = LeastEpochOf(layer, &previous_);
    if (layer.epoch && *layer.epoch < least) {
      const std::string used = std::to_string(before != nullptr && !is_other_unit ? least : least - 1);
      problems_.Error("salt-reused", *layer.at->Find("epoch"),
                      "the layer '" + layer.name + "' has been at epoch " + used + " already" +
                          (is_other_unit ? ", by " + before->unit : ""),
                      "write \"epoch\": " + std::to_string(least) + " or more, or none");
    }
    if (before == nullptr) return;
    const bool reshuffles = layer.epoch && *layer.epoch > before->epoch;
    if ((!reshuffles && !is_other_unit) || !IsOccupied(layer.name, is_other_unit)) return;
    problems_.Error("layer-occupied", *layer.at,
                    std::string(reshuffles ? "a new epoch" : "another unit") +
                        " would reshuffle the layer while experiments run in it or ship",
                    "end them first and ship to 100, raise their iteration, or use another layer");
  }

  void CheckFlag(const SourceFlag& flag) {
    const PreviousFlag* before = FindNamed(previous_.flags, flag.name);
    if (before == nullptr || flag.type.empty() || before->type == flag.type) return;
    problems_.Warning("type-changed", *flag.at,
                      "'" + flag.name + "' was of type " + before->type + " and becomes " + flag.type +
                          ": apps in the wild that ask for " + before->type + " get their fallback",
                      "give the new type a new flag");
  }

  void CheckCountChange(const SourceCount& count) {
    const auto before = previous_.counts.find(count.name);
    if (before == previous_.counts.end() || before->second == PublishedCount(count)) return;
    problems_.Warning(
        "count-changed", *count.at,
        "'" + count.name +
            "' means something else than in the last published file: devices count anew, and know nothing "
            "of what people did before",
        "to have both, leave it and give the new one another name");
  }

  const Source& source_;
  const Previous& previous_;
  Problems& problems_;
};

}  // namespace

std::int64_t LeastEpochOf(const SourceLayer& layer, const Previous* previous) {
  if (previous == nullptr) return 1;
  const PreviousLayer* before = FindNamed(previous->layers, layer.name);
  if (before == nullptr) return previous->retired_layers.LastOf(layer.name) + 1;
  return before->unit == layer.unit ? before->epoch : before->epoch + 1;
}

void CheckChanges(const Source& source, const Previous& previous, Problems* problems) {
  ChangeCheck(source, previous, problems).Run();
}

}  // namespace guidon::tools
