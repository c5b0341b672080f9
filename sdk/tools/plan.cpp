#include <algorithm>
#include <set>
#include <utility>

#include "sdk/core/expression/render.h"
#include "sdk/tools/changes.h"
#include "sdk/tools/iterations.h"
#include "sdk/tools/publish.h"

namespace guidon::tools {
namespace {

// --- Layers ---

// What of the layer's state the last file says, or what follows from it.
LayerSlots StateOf(const PreviousLayer& layer, const Previous& previous) {
  LayerSlots state;
  Ranges held;
  for (const PreviousExperiment& experiment : previous.experiments) {
    if (experiment.layer != layer.name || !experiment.HoldsSlots()) continue;
    held.insert(held.end(), experiment.held.begin(), experiment.held.end());
  }
  for (const Range& range : held) state.fresh = std::max(state.fresh, range.end);
  for (const Range& range : layer.freed) state.fresh = std::max(state.fresh, range.end);
  state.fresh = std::max(state.fresh, layer.fresh);
  // What is neither held nor fresh is free, listed or not; the listed order counts as far as it goes.
  const Ranges taken = held;
  for (const Range& range : layer.freed) {
    for (const Range& gap : Gaps(taken, state.fresh)) {
      const Range both{std::max(gap.begin, range.begin), std::min(gap.end, range.end)};
      if (both.begin >= both.end) continue;
      state.Release({both});
      held.push_back(both);
    }
  }
  state.Release(Gaps(held, state.fresh));
  return state;
}

void PlanLayer(const Source& source, const SourceLayer& layer, const Previous* previous, Plan* plan) {
  PlannedLayer& planned = plan->layers[layer.name];
  const PreviousLayer* before = previous != nullptr ? FindNamed(previous->layers, layer.name) : nullptr;
  planned.epoch = layer.epoch.value_or(LeastEpochOf(layer, previous));
  const bool goes_on = before != nullptr && before->epoch == planned.epoch && before->unit == layer.unit;
  LayerSlots state = goes_on ? StateOf(*before, *previous) : LayerSlots();

  std::set<std::string> kept;
  std::vector<Claim> new_ones;
  for (const SourceExperiment& experiment : source.experiments) {
    if (experiment.layer != layer.name || !experiment.IsLive()) continue;
    Claim claim{experiment.name, experiment.LayerSize(), {}};
    const PreviousExperiment* held = goes_on ? FindNamed(previous->experiments, experiment.name) : nullptr;
    if (held != nullptr && held->layer == layer.name && held->HoldsSlots() &&
        held->iteration == IterationOf(experiment, previous)) {
      claim.held = held->held;
      kept.insert(claim.name);
      state.claims.push_back(std::move(claim));
    } else {
      new_ones.push_back(std::move(claim));
    }
  }
  if (goes_on) {
    for (const PreviousExperiment& gone : previous->experiments) {
      if (gone.layer == layer.name && gone.HoldsSlots() && kept.count(gone.name) == 0) state.Release(gone.held);
    }
  }
  // Those that run already choose first.
  for (Claim& claim : new_ones) state.claims.push_back(std::move(claim));
  state.Allocate();
  planned.fresh = state.fresh;
  planned.freed = state.freed;
  for (Claim& claim : state.claims) plan->experiments[claim.name].held = std::move(claim.held);
  if (!goes_on) return;
  // Who was in one that has ended is known by these slots from then on. Others may get them.
  for (const SourceExperiment& experiment : source.experiments) {
    if (experiment.layer != layer.name || experiment.status != RunStatus::kEnded) continue;
    const PreviousExperiment* ended = FindNamed(previous->experiments, experiment.name);
    if (ended == nullptr || ended->iteration != IterationOf(experiment, previous)) continue;
    PlannedExperiment& over = plan->experiments[experiment.name];
    over.slots = ended->slots;
    for (const SourceAudience& audience : experiment.audiences) {
      const PreviousAudience* was = FindNamed(ended->audiences, audience.name);
      over.audiences.push_back({was != nullptr ? was->slots : Ranges(), {}});
    }
  }
}

// By name, so that another order in the source moves nobody.
template <class Variant>
void KeepSplit(const std::vector<Variant>& variants, const std::vector<PreviousVariant>& before,
               std::vector<Ranges>* split) {
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const PreviousVariant* variant = FindNamed(before, variants[i].name);
    if (variant != nullptr) (*split)[i] = variant->slots;
  }
}

// Behind the layers, which give out slots.
void PlanExperiment(const SourceExperiment& experiment, const Previous* previous, Plan* plan) {
  PlannedExperiment& planned = plan->experiments[experiment.name];
  planned.iteration = IterationOf(experiment, previous);
  planned.split = SplitOf(experiment.variants);
  planned.audiences.resize(experiment.audiences.size());
  const PreviousExperiment* before = previous != nullptr ? FindNamed(previous->experiments, experiment.name) : nullptr;
  if (before != nullptr && before->iteration != planned.iteration) before = nullptr;
  if (before != nullptr) KeepSplit(experiment.variants, before->variants, &planned.split);
  if (experiment.IsLive()) planned.slots = Sorted(FirstOf(planned.held, experiment.size));
  for (std::size_t i = 0; i < experiment.audiences.size(); ++i) {
    const SourceAudience& audience = experiment.audiences[i];
    PlannedAudience& shares = planned.audiences[i];
    // From the same first slot on as all others of the experiment, so each ramps by itself within what it holds.
    if (experiment.IsLive()) shares.slots = Sorted(FirstOf(planned.held, audience.size));
    shares.split = audience.weights.empty() ? planned.split : SplitByWeight(audience.weights);
    const PreviousAudience* was = before != nullptr ? FindNamed(before->audiences, audience.name) : nullptr;
    if (was != nullptr) KeepSplit(experiment.variants, was->variants, &shares.split);
  }
}

void PlanCampaign(const SourceCampaign& campaign, const Previous* previous, Plan* plan) {
  if (!campaign.has_variants()) return;
  std::vector<Ranges>& split = plan->campaign_splits[campaign.name];
  split = SplitOf(campaign.shows);
  const PreviousCampaign* before = previous != nullptr ? FindNamed(previous->campaigns, campaign.name) : nullptr;
  if (before == nullptr || before->iteration != IterationOf(campaign, previous)) return;
  KeepSplit(campaign.shows, before->variants, &split);
}

// --- What is gone ---

bool IsPublished(const SourceRun& run) { return run.status != RunStatus::kDraft; }
bool IsPublished(const SourceLayer&) { return true; }
bool IsPublished(const SourceFlag&) { return true; }

// What was used and is not there any more, with the last number of its salt.
template <class Before, class Now>
Retired Retire(Retired retired, const std::vector<Before>& before, std::int64_t Before::*number,
               const std::vector<Now>& now) {
  for (const Before& gone : before) retired.Add(gone.name, gone.*number);
  for (const Now& item : now) {
    if (IsPublished(item)) retired.names.erase(item.name);
  }
  retired.Bound();
  return retired;
}

void RetireAll(const Source& source, const Previous& previous, Plan* plan) {
  plan->retired = Retire(previous.retired, previous.experiments, &PreviousExperiment::iteration, source.experiments);
  plan->retired_campaigns =
      Retire(previous.retired_campaigns, previous.campaigns, &PreviousCampaign::iteration, source.campaigns);
  plan->retired_layers = Retire(previous.retired_layers, previous.layers, &PreviousLayer::epoch, source.layers);
  plan->retired_flags = Retire(previous.retired_flags, previous.flags, &PreviousFlag::rollouts, source.flags);
  plan->retired_holdouts = previous.retired_holdouts;
  for (const PreviousHoldout& before : previous.holdouts) {
    if (FindNamed(source.holdouts, before.name) == nullptr) plan->retired_holdouts.insert(before.name);
  }
}

// --- Rules ---

std::string WhenOf(const SourceRule& rule) { return rule.when ? expression::ToJson(*rule.when) : std::string(); }

bool HasValues(const SourceRule& rule, const PreviousRule& before) {
  if (rule.parts.size() != before.parts.size()) return false;
  return std::all_of(rule.parts.begin(), rule.parts.end(), [&](const SourcePart& part) {
    return std::any_of(before.parts.begin(), before.parts.end(),
                       [&](const PreviousPart& old) { return old.serve == part.serve; });
  });
}

// How sure it is that `before` is what became `rule`; from 0, the surest, to kTries - 1. A changed percentage is no
// change of the rule: the people in it stay.
constexpr int kTries = 4;
bool Matches(const SourceRule& rule, const PreviousRule& before, int attempt) {
  const bool is_rollout = rule.kind == RuleKind::kRollout;
  if (attempt == 0) return !rule.id.empty() && rule.id == before.id;
  if (!rule.id.empty() || is_rollout != before.is_rollout || rule.experiment != before.experiment) return false;
  const bool same_when = WhenOf(rule) == before.when;
  const bool same_values =
      is_rollout ? rule.unit == before.unit && HasValues(rule, before) : rule.serve == before.serve;
  if (attempt == 1) return same_when && same_values;
  if (attempt == 2) return is_rollout ? same_values : same_when;
  return is_rollout && same_when && rule.unit == before.unit;
}

std::int64_t RuleNumber(const std::string& id) {
  if (id.size() < 2 || id.size() > 9 || id[0] != 'r') return 0;
  std::int64_t number = 0;
  for (char c : id.substr(1)) {
    if (c < '0' || c > '9') return 0;
    number = number * 10 + (c - '0');
  }
  return number;
}

class FlagPlanner {
 public:
  FlagPlanner(const SourceFlag& flag, const Source& source, const Previous* previous)
      : flag_(flag), source_(source), before_(previous != nullptr ? FindNamed(previous->flags, flag.name) : nullptr) {
    if (previous != nullptr) used_ = previous->retired_flags.LastOf(flag.name);
    // Only what is remembered of this name is carried on; the rest counts when a number is given out.
    if (before_ != nullptr) {
      planned_.rollouts = before_->rollouts;
    } else if (previous != nullptr && previous->retired_flags.names.count(flag.name) > 0) {
      planned_.rollouts = used_;
    }
  }

  PlannedFlag Run() {
    CollectRules();
    std::vector<const PreviousRule*> matches = Match();
    std::int64_t number = 0;
    if (before_ != nullptr) {
      for (const PreviousRule& rule : before_->rules) number = std::max(number, RuleNumber(rule.id));
    }
    for (const SourceRule& rule : rules_) number = std::max(number, RuleNumber(rule.id));
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      PlannedRule& planned = planned_.rules[i];
      planned.experiment = rules_[i].experiment;
      planned.id = !rules_[i].id.empty()   ? rules_[i].id
                   : matches[i] != nullptr ? matches[i]->id
                                           : "r" + std::to_string(++number);
      if (rules_[i].kind == RuleKind::kRollout) PlanRollout(rules_[i], matches[i], &planned);
    }
    return std::move(planned_);
  }

 private:
  // Those of the source without drafts, then one for each experiment that none of them names.
  void CollectRules() {
    std::set<std::string> named;
    for (const SourceRule& rule : flag_.rules) {
      const SourceExperiment* experiment = FindNamed(source_.experiments, rule.experiment);
      if (experiment != nullptr && experiment->status == RunStatus::kDraft) continue;
      named.insert(rule.experiment);
      rules_.push_back(rule);
      planned_.rules.push_back({&rule, "", "", "", {}});
    }
    for (const SourceExperiment& experiment : source_.experiments) {
      if (experiment.status == RunStatus::kDraft || named.count(experiment.name) > 0) continue;
      if (experiment.variants.empty() || experiment.variants[0].at->Find(flag_.name) == nullptr) continue;
      SourceRule rule;
      rule.kind = RuleKind::kExperiment;
      rule.experiment = experiment.name;
      rules_.push_back(std::move(rule));
      planned_.rules.push_back({nullptr, "", "", "", {}});
    }
  }

  std::vector<const PreviousRule*> Match() const {
    std::vector<const PreviousRule*> matches(rules_.size(), nullptr);
    if (before_ == nullptr) return matches;
    std::set<std::string> given;
    for (const SourceRule& rule : rules_) given.insert(rule.id);
    std::set<const PreviousRule*> taken;
    for (int attempt = 0; attempt < kTries; ++attempt) {
      for (std::size_t i = 0; i < rules_.size(); ++i) {
        if (matches[i] != nullptr) continue;
        for (const PreviousRule& before : before_->rules) {
          // An id that another rule was given is no longer to be had.
          if (attempt > 0 && given.count(before.id) > 0) continue;
          if (taken.count(&before) > 0 || !Matches(rules_[i], before, attempt)) continue;
          matches[i] = &before;
          taken.insert(&before);
          break;
        }
      }
    }
    return matches;
  }

  void PlanRollout(const SourceRule& rule, const PreviousRule* before, PlannedRule* planned) {
    // Another unit has other ids: nobody would be the same.
    if (before != nullptr && (!before->is_rollout || before->unit != rule.unit)) before = nullptr;
    if (before == nullptr) planned_.rollouts = std::max(planned_.rollouts, used_) + 1;
    planned->salt = before != nullptr ? before->salt : flag_.name + "." + std::to_string(planned_.rollouts);
    std::vector<Part> parts;
    std::vector<std::int64_t> sizes;
    for (std::size_t i = 0; i < rule.parts.size(); ++i) {
      Part part;
      for (std::size_t j = 0; before != nullptr && j < before->parts.size(); ++j) {
        // A rollout of one value keeps its people when the value changes.
        const bool only_one = before->parts.size() == 1 && rule.parts.size() == 1;
        if (only_one || before->parts[j].serve == rule.parts[i].serve) part = before->parts[j].part;
      }
      parts.push_back(std::move(part));
      sizes.push_back(rule.parts[i].size);
    }
    for (Part& part : ResizeParts(std::move(parts), sizes)) planned->parts.push_back(std::move(part.held));
  }

  const SourceFlag& flag_;
  const Source& source_;
  const PreviousFlag* before_;
  std::int64_t used_ = 0;  // no new rollout gets this number or a lower one
  std::vector<SourceRule> rules_;
  PlannedFlag planned_;
};

}  // namespace

Plan MakePlan(const Source& source, const Previous* previous) {
  Plan plan;
  for (const SourceLayer& layer : source.layers) PlanLayer(source, layer, previous, &plan);
  for (const SourceExperiment& experiment : source.experiments) {
    if (experiment.status != RunStatus::kDraft) PlanExperiment(experiment, previous, &plan);
  }
  for (const SourceCampaign& campaign : source.campaigns) {
    if (campaign.status != RunStatus::kDraft) PlanCampaign(campaign, previous, &plan);
  }
  for (const SourceFlag& flag : source.flags) {
    plan.flags[flag.name] = FlagPlanner(flag, source, previous).Run();
  }
  if (previous != nullptr) RetireAll(source, *previous, &plan);
  return plan;
}

}  // namespace guidon::tools
