// What may not change in an experiment between one published file and the next.
#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "sdk/core/expression/render.h"
#include "sdk/tools/changes.h"
#include "sdk/tools/iterations.h"
#include "sdk/tools/members.h"
#include "sdk/tools/publish.h"
#include "sdk/tools/source_reader.h"

namespace guidon::tools {
namespace {

// Whether `slots` are what these weights give, in the order in which they were given out once: another order in the
// source has changed the order in the file since.
bool IsSplit(const std::vector<PreviousVariant>& variants, const std::vector<double>& weights) {
  if (std::all_of(weights.begin(), weights.end(), [](double weight) { return weight <= 0; })) return true;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    if (variants[i].slots.empty() != (weights[i] <= 0)) return false;
    if (!variants[i].slots.empty()) order.push_back(i);
  }
  std::sort(order.begin(), order.end(),
            [&](std::size_t x, std::size_t y) { return variants[x].slots[0].begin < variants[y].slots[0].begin; });
  std::vector<double> parts;
  for (std::size_t i : order) parts.push_back(weights[i]);
  const std::vector<Ranges> split = SplitByWeight(parts);
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (!(split[i] == variants[order[i]].slots)) return false;
  }
  return true;
}

class ExperimentCheck {
 public:
  ExperimentCheck(const Source& source, const Previous& previous, Problems* problems)
      : source_(source), previous_(previous), problems_(*problems) {}

  void Run() {
    for (const SourceExperiment& experiment : source_.experiments) {
      if (experiment.status != RunStatus::kDraft) CheckExperiment(experiment);
    }
    for (const PreviousExperiment& before : previous_.experiments) CheckShipped(before);
  }

 private:
  void CheckExperiment(const SourceExperiment& experiment) {
    const PreviousExperiment* before = FindSameIteration(experiment, previous_, &problems_);
    if (before == nullptr) return;
    raise_ = RaiseAdvice(before->iteration);
    if (before->layer != experiment.layer) {
      problems_.Error(
          "layer-changed", Place(experiment, "layer"),
          "'" + experiment.name + "' was in layer '" + before->layer + "', and a move would change who is in it",
          raise_);
    }
    CheckSplitChange(experiment, "experiment", experiment.variants, before->variants, raise_, &problems_);
    CheckAudiences(experiment, *before);
    CheckSticky(experiment, *before);
    CheckValues(experiment, *before);
  }

  void CheckAudiences(const SourceExperiment& experiment, const PreviousExperiment& before) {
    const Located& all = Place(experiment, "audiences");
    for (const PreviousAudience& audience : before.audiences) {
      if (FindNamed(experiment.audiences, audience.name) != nullptr) continue;
      problems_.Error("audiences-changed", all,
                      "the audience '" + audience.name +
                          "' is gone while the experiment runs, so its people get the shares "
                          "of others",
                      raise_);
      return;
    }
    for (std::size_t i = 0; i < experiment.audiences.size(); ++i) {
      const SourceAudience& audience = experiment.audiences[i];
      const PreviousAudience* was = FindNamed(before.audiences, audience.name);
      if (was == nullptr) {
        problems_.Error("audiences-changed", *audience.at,
                        "the audience '" + audience.name +
                            "' is new while the experiment runs, so its people would get "
                            "other shares",
                        raise_);
        return;
      }
      if (before.audiences[i].name != audience.name) {
        problems_.Error(
            "audiences-changed", all,
            "the audiences change places while the experiment runs: whoever is in two gets the first, and that "
            "would be another one",
            "leave '" + before.audiences[i].name + "' before '" + audience.name + "', or " + raise_);
        return;
      }
      CheckAudience(experiment, audience, *was);
    }
  }

  void CheckAudience(const SourceExperiment& experiment, const SourceAudience& audience,
                     const PreviousAudience& before) {
    if (audience.when && expression::ToJson(*audience.when) != before.when) {
      problems_.Error("audiences-changed", *audience.at->Find("when"),
                      "who is in the audience '" + audience.name +
                          "' changes while the experiment runs, so people would get "
                          "other shares",
                      raise_);
    } else if (audience.when) {
      CheckSegmentsOf(audience);
    }
    std::vector<double> weights;
    for (const PreviousVariant& variant : before.variants) {
      const SourceVariant* now = experiment.FindVariant(variant.name);
      if (now == nullptr) return;  // reported
      const std::size_t index = static_cast<std::size_t>(now - experiment.variants.data());
      weights.push_back(audience.weights.empty() ? now->weight : audience.weights[index]);
    }
    if (weights.size() != experiment.variants.size() || IsSplit(before.variants, weights)) return;
    const Located* at = audience.at->Find("weights");
    problems_.Error("split-changed", at != nullptr ? *at : *audience.at,
                    "the weights of the audience '" + audience.name +
                        "' change while the experiment runs: results before and after may not be added up",
                    raise_);
  }

  // An audience may ask a segment, and segments segments, which may be edited for another reason.
  void CheckSegmentsOf(const SourceAudience& audience) {
    std::set<std::string> seen;
    std::vector<std::string> open;
    const auto collect = [&](const expression::Tree& tree) {
      expression::ForEachLeaf(tree, [&](const expression::Tree& leaf) {
        if (leaf.kind == expression::Kind::kSegment && seen.insert(leaf.name).second) open.push_back(leaf.name);
      });
    };
    collect(*audience.when);
    while (!open.empty()) {
      const SourceSegment* segment = FindNamed(source_.segments, open.back());
      open.pop_back();
      if (segment == nullptr || (!segment->when && !segment->list)) continue;
      if (segment->when) collect(*segment->when);
      const auto before = previous_.segments.find(segment->name);
      std::string now;
      json::Writer out(&now);
      PublishSegment(*segment, source_.project, out);
      if (before == previous_.segments.end() || before->second == now) continue;
      problems_.Warning("audience-shifts", *audience.at->Find("when"),
                        "the segment '" + segment->name + "' changes, and people move into the audience '" +
                            audience.name + "' and out of it while the experiment runs",
                        raise_ + ", or ask a segment of its own");
    }
  }

  void CheckSticky(const SourceExperiment& experiment, const PreviousExperiment& before) {
    if (!before.is_sticky || experiment.is_sticky || !experiment.IsLive()) return;
    problems_.Warning(
        "sticky-off", Place(experiment, "sticky"),
        "'" + experiment.name + "' was sticky: whoever kept a variant only by having been exposed loses it now",
        "leave \"sticky\": \"exposed\" until the experiment has ended");
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
        problems_.Warning(
            "variant-changed", value,
            "what '" + variant.name + "' does changes while the experiment " + (experiment.ship ? "ships it" : "runs"),
            experiment.ship ? "for a slip of the pen leave it; else add a rule above the experiment's" : raise_);
      }
    }
  }

  // What became of the winner that an experiment gave to people.
  void CheckShipped(const PreviousExperiment& before) {
    if (!before.ship) return;
    const SourceExperiment* now = FindNamed(source_.experiments, before.name);
    const bool is_gone = now == nullptr || now->status == RunStatus::kDraft;
    const std::string ships = "'" + before.name + "' ships '" + before.ship->variant + "'";
    if (is_gone || !now->ship || IterationOf(*now, &previous_) != before.iteration) {
      if (is_gone && IsDefault(before)) return;
      const std::string lose =
          "about " + PercentText(ShippedSize(before, before.ship->size)) + " % of the units have it and lose it";
      const Located& at = is_gone ? (now != nullptr ? *now->at : *source_.at) : *now->at;
      if (is_gone) {
        problems_.Warning("shipped-removed", at, ships + " and goes away: " + lose,
                          "first make what '" + before.ship->variant + "' sets the default of each flag");
      } else if (!now->ship && now->status == RunStatus::kEnded) {
        problems_.Warning("shipped-removed", at, ships + " no more: " + lose, "leave \"ship\" in place");
      } else {
        problems_.Warning("shipped-removed", at, ships + " and is drawn anew: " + lose,
                          "to test something else begin another experiment, with another name");
      }
      return;
    }
    if (now->ship->variant != before.ship->variant) {
      const Located* at = now->ship->at->Find("variant");
      problems_.Error("ship-changed", at != nullptr ? *at : *now->ship->at,
                      ships + " to people already, and another winner would take it from them",
                      "leave it at '" + before.ship->variant + "'; to test again raise the iteration");
    } else if (now->ship->size < before.ship->size) {
      const std::int64_t fewer = ShippedSize(before, before.ship->size) - ShippedSize(before, now->ship->size);
      problems_.Warning("ship-shrinks", Place(*now, "ship"),
                        ships + " to " + PercentText(before.ship->size) + " %, and at " + PercentText(now->ship->size) +
                            " % about " + PercentText(fewer) + " % of the units lose it",
                        "leave it at " + PercentText(before.ship->size) + " or more");
    }
  }

  // Of a million units, how many have the winner when `size` of those who were not in it get it. Audiences and holdouts
  // are left out of account, so it is about right.
  static std::int64_t ShippedSize(const PreviousExperiment& experiment, std::int64_t size) {
    const PreviousVariant* winner = FindNamed(experiment.variants, experiment.ship->variant);
    const double split = winner == nullptr ? 0 : static_cast<double>(SizeOf(winner->slots)) / kSlots;
    const double had = split * static_cast<double>(SizeOf(experiment.slots)) / kSlots;
    const double have = had + (1 - had) * static_cast<double>(size) / kSlots;
    return std::llround(have * 1000) * (kSlots / 1000);
  }

  // Whether people have what the winner sets without it, too.
  bool IsDefault(const PreviousExperiment& before) const {
    const PreviousVariant* winner = FindNamed(before.variants, before.ship->variant);
    return winner != nullptr && std::all_of(winner->flags.begin(), winner->flags.end(), [&](const auto& value) {
             const SourceFlag* flag = FindNamed(source_.flags, value.first);
             return flag == nullptr || flag->default_value == value.second;
           });
  }

  const Source& source_;
  const Previous& previous_;
  Problems& problems_;
  std::string raise_;
};

}  // namespace

void CheckSplitChange(const SourceRun& run, const std::string& noun, const std::vector<SourceVariant>& variants,
                      const std::vector<PreviousVariant>& before, const std::string& raise, Problems* problems) {
  std::vector<double> weights;
  for (const PreviousVariant& variant : before) {
    const SourceVariant* now = FindNamed(variants, variant.name);
    if (now == nullptr) {
      problems->Error(
          "split-changed", Place(run, "variants"),
          "the variant '" + variant.name + "' is gone while the " + noun + " runs, so its people would move to others",
          raise);
      return;
    }
    weights.push_back(now->weight);
  }
  for (const SourceVariant& variant : variants) {
    if (FindNamed(before, variant.name) != nullptr) continue;
    problems->Error(
        "split-changed", *variant.at,
        "the variant '" + variant.name + "' is new while the " + noun + " runs, so people would move to it from others",
        raise);
    return;
  }
  if (IsSplit(before, weights)) return;
  problems->Error("split-changed", Place(run, "weights"),
                  "the weights change while the " + noun + " runs: results before and after may not be added up",
                  raise);
}

void CheckExperimentChanges(const Source& source, const Previous& previous, Problems* problems) {
  ExperimentCheck(source, previous, problems).Run();
}

}  // namespace guidon::tools
