#include "sdk/tools/changes.h"

#include <algorithm>
#include <map>
#include <string>

#include "sdk/tools/members.h"
#include "sdk/tools/publish.h"
#include "sdk/tools/source_reader.h"

namespace guidon::tools {
namespace {

const Located& Place(const SourceRun& run, std::string_view member) {
  const Located* at = run.at->Find(member);
  return at != nullptr ? *at : *run.at;
}

// As written, else as before, else 1.
template <class Before>
std::int64_t Iteration(const SourceRun& run, const std::vector<Before>& previous) {
  const Before* before = FindNamed(previous, run.name);
  return run.iteration.value_or(before != nullptr ? before->iteration : 1);
}

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
    for (const SourceExperiment& experiment : source_.experiments) {
      if (experiment.status != RunStatus::kDraft) CheckExperiment(experiment);
    }
    for (const SourceCampaign& campaign : source_.campaigns) {
      if (campaign.status != RunStatus::kDraft) CheckCampaign(campaign);
    }
    for (const SourceHoldout& holdout : source_.holdouts) CheckHoldout(holdout);
    for (const SourceLayer& layer : source_.layers) CheckLayer(layer);
    for (const SourceFlag& flag : source_.flags) CheckFlag(flag);
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

  // What ran before as the same iteration, or null when nothing that it did binds this. Sets `raise_`.
  template <class Before>
  const Before* FindSameIteration(const SourceRun& run, const std::vector<Before>& previous,
                                  const std::map<std::string, std::int64_t>& gone) {
    const std::int64_t iteration = Iteration(run, previous);
    const Before* before = FindNamed(previous, run.name);
    const auto retired = gone.find(run.name);
    const std::int64_t used = before != nullptr ? before->iteration : retired != gone.end() ? retired->second : 0;
    if (iteration < used || (before == nullptr && iteration == used)) {
      problems_.Error("salt-reused", Place(run, "iteration"),
                      "'" + run.name + "' has run as iteration " + std::to_string(used) + " already, and iteration " +
                          std::to_string(iteration) + " would bring back its old groups",
                      "write \"iteration\": " + std::to_string(used + 1));
      return nullptr;
    }
    if (before == nullptr || iteration > before->iteration) return nullptr;
    raise_ = "write \"iteration\": " + std::to_string(iteration + 1) + ": new groups are drawn and results start anew";
    if (before->status == "ended" && run.IsLive()) {
      problems_.Error("ended-restarted", Place(run, "status"),
                      "'" + run.name + "' has ended and would run again in the same iteration", raise_);
    }
    return before;
  }

  void CheckCampaign(const SourceCampaign& campaign) {
    const PreviousCampaign* before = FindSameIteration(campaign, previous_.campaigns, previous_.retired_campaigns);
    if (before == nullptr) return;
    if (before->holdout != campaign.holdout) {
      problems_.Error("holdout-changed", Place(campaign, "holdout"),
                      campaign.holdout > before->holdout
                          ? "the holdout grows, and those it would add have already seen the prompt"
                          : "the holdout shrinks, and those it would let go are part of the group it is compared with",
                      "leave it at " + PercentText(before->holdout) + ", or " + raise_);
    }
    if (before->unit != campaign.unit) {
      problems_.Error(
          "unit-changed", Place(campaign, "unit"),
          "'" + campaign.name + "' was by " + before->unit + ", and by " + campaign.unit + " others would be held out",
          raise_);
    }
    if (before->show != PublishedContent(campaign.show)) {
      problems_.Warning("content-changed", Place(campaign, "show"),
                        "what people see changes while the campaign runs: results before and after are of two prompts",
                        raise_ + "; for a slip of the pen leave it");
    }
  }

  void CheckExperiment(const SourceExperiment& experiment) {
    const PreviousExperiment* before = FindSameIteration(experiment, previous_.experiments, previous_.retired);
    if (before == nullptr) return;
    if (before->layer != experiment.layer) {
      problems_.Error(
          "layer-changed", Place(experiment, "layer"),
          "'" + experiment.name + "' was in layer '" + before->layer + "', and a move would change who is in it",
          raise_);
    }
    CheckSplit(experiment, *before);
    CheckValues(experiment, *before);
  }

  void CheckSplit(const SourceExperiment& experiment, const PreviousExperiment& before) {
    std::vector<double> weights;
    for (const PreviousVariant& variant : before.variants) {
      const SourceVariant* now = experiment.FindVariant(variant.name);
      if (now == nullptr) {
        problems_.Error(
            "split-changed", Place(experiment, "variants"),
            "the variant '" + variant.name + "' is gone while the experiment runs, so its people would move to others",
            raise_);
        return;
      }
      weights.push_back(now->weight);
    }
    for (const SourceVariant& variant : experiment.variants) {
      if (FindNamed(before.variants, variant.name) != nullptr) continue;
      problems_.Error(
          "split-changed", *variant.at,
          "the variant '" + variant.name + "' is new while the experiment runs, so people would move to it from others",
          raise_);
      return;
    }
    if (std::all_of(weights.begin(), weights.end(), [](double weight) { return weight <= 0; })) return;
    const std::vector<Ranges> split = SplitByWeight(weights);
    for (std::size_t i = 0; i < split.size(); ++i) {
      if (split[i] == before.variants[i].slots) continue;
      problems_.Error("split-changed", Place(experiment, "weights"),
                      "the weights change while the experiment runs: results before and after may not be added up",
                      raise_);
      return;
    }
  }

  void CheckValues(const SourceExperiment& experiment, const PreviousExperiment& before) {
    for (const PreviousVariant& variant : before.variants) {
      const SourceVariant* now = experiment.FindVariant(variant.name);
      if (now == nullptr) continue;
      for (const Located& value : now->at->items) {
        const SourceFlag* flag = FindNamed(source_.flags, value.name);
        const std::optional<Value> converted = flag != nullptr ? AsFlagValue(value, flag->type) : std::nullopt;
        const auto old = variant.flags.find(value.name);
        if (!converted || (old != variant.flags.end() && old->second == *converted)) continue;
        problems_.Warning("variant-changed", value,
                          "what '" + variant.name + "' does changes while the experiment runs", raise_);
      }
    }
  }

  void CheckHoldout(const SourceHoldout& holdout) {
    const PreviousHoldout* before = FindNamed(previous_.holdouts, holdout.name);
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

  // Whether an experiment of the last file goes on in this layer.
  bool IsOccupied(const std::string& layer) const {
    return std::any_of(source_.experiments.begin(), source_.experiments.end(), [&](const SourceExperiment& experiment) {
      const PreviousExperiment* before = FindNamed(previous_.experiments, experiment.name);
      return experiment.IsLive() && experiment.layer == layer && before != nullptr && before->layer == layer &&
             before->HoldsSlots() && before->iteration == IterationOf(experiment, &previous_);
    });
  }

  void CheckLayer(const SourceLayer& layer) {
    const PreviousLayer* before = FindNamed(previous_.layers, layer.name);
    if (before == nullptr) return;
    if (layer.epoch && *layer.epoch < before->epoch) {
      problems_.Error("salt-reused", *layer.at->Find("epoch"),
                      "the layer has been at epoch " + std::to_string(before->epoch) + " already",
                      "write \"epoch\": " + std::to_string(before->epoch) + " or more");
    }
    const bool reshuffles = layer.epoch && *layer.epoch > before->epoch;
    if ((!reshuffles && layer.unit == before->unit) || !IsOccupied(layer.name)) return;
    problems_.Error("layer-occupied", *layer.at,
                    std::string(reshuffles ? "a new epoch" : "another unit") +
                        " would reshuffle the layer while experiments run in it",
                    "end them first, raise their iteration, or use another layer");
  }

  void CheckFlag(const SourceFlag& flag) {
    const PreviousFlag* before = FindNamed(previous_.flags, flag.name);
    if (before == nullptr || flag.type.empty() || before->type == flag.type) return;
    problems_.Warning("type-changed", *flag.at,
                      "'" + flag.name + "' was of type " + before->type + " and becomes " + flag.type +
                          ": apps in the wild that ask for " + before->type + " get their fallback",
                      "give the new type a new flag");
  }

  const Source& source_;
  const Previous& previous_;
  Problems& problems_;
  std::string raise_;
};

}  // namespace

std::int64_t IterationOf(const SourceExperiment& experiment, const Previous* previous) {
  return Iteration(experiment, previous != nullptr ? previous->experiments : std::vector<PreviousExperiment>());
}

std::int64_t IterationOf(const SourceCampaign& campaign, const Previous* previous) {
  return Iteration(campaign, previous != nullptr ? previous->campaigns : std::vector<PreviousCampaign>());
}

std::vector<Ranges> SplitOf(const SourceExperiment& experiment) {
  std::vector<double> weights;
  for (const SourceVariant& variant : experiment.variants) weights.push_back(variant.weight);
  return SplitByWeight(weights);
}

void CheckChanges(const Source& source, const Previous& previous, Problems* problems) {
  ChangeCheck(source, previous, problems).Run();
}

}  // namespace guidon::tools
