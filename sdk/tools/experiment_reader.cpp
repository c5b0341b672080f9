#include <algorithm>
#include <cmath>
#include <utility>

#include "guidon/limits.h"
#include "sdk/tools/source_reader.h"

namespace guidon::tools {
namespace {

class ExperimentReader {
 public:
  ExperimentReader(const Members& members, const Located& at, Timestamp now) : members_(members), at_(at), now_(now) {}

  SourceExperiment Run() {
    experiment_.name = at_.name;
    experiment_.at = &at_;
    if (!members_.Want(at_, json::Type::kObject, "{ \"percent\": 50, \"variants\": { … } }"))
      return std::move(experiment_);
    members_.CheckKnown(at_,
                        {"about", "hypothesis", "owner", "decide_by", "status", "layer", "iteration", "percent", "when",
                         "starts_at", "ends_at", "protected", "variants", "weights", "kpi", "goals"},
                        "an experiment");
    ReadRun(members_, at_, now_, "an experiment", "nobody is in it", &experiment_);
    experiment_.layer = members_.Text(at_, "layer").value_or("default");
    if (const Located* percent = at_.Find("percent")) {
      experiment_.size = members_.Percent(*percent).value_or(0);
    } else if (experiment_.IsLive()) {
      problems().ErrorAtName("missing-member", at_, "\"percent\" is missing",
                             "write \"percent\": the share of the layer that takes part");
    }
    ReadVariants();
    ReadWeights();
    ReadExperimentGoals();
    return std::move(experiment_);
  }

 private:
  Problems& problems() const { return members_.problems(); }

  void ReadVariants() {
    const Located* variants = at_.Find("variants");
    if (variants == nullptr) {
      problems().ErrorAtName("missing-member", at_, "\"variants\" is missing",
                             "write \"variants\": { \"control\": { \"flag\": … }, \"new\": { \"flag\": … } }");
      return;
    }
    if (!members_.Want(*variants, json::Type::kObject, "{ \"control\": { \"flag\": … }, \"new\": { \"flag\": … } }"))
      return;
    if (variants->items.size() > limits::kVariants) {
      problems().Error("too-many", *variants, "more than 32 variants", "test fewer at once");
    }
    for (const Located& item : variants->items) {
      members_.CheckName(item.name, item, true, "variant");
      if (item.name == "off" || item.name == "unassigned") {
        problems().ErrorAtName("reserved-name", item, "'" + item.name + "' is what QA forces to be in no variant",
                               "give the variant another name, such as 'control'");
      }
      if (!members_.Want(item, json::Type::kObject, "{ \"flag\": value }")) continue;
      experiment_.variants.push_back({item.name, 1, &item});
    }
    CheckVariantCount(*variants);
    // What others are compared with comes first, wherever it stands in the source.
    std::stable_partition(experiment_.variants.begin(), experiment_.variants.end(),
                          [](const SourceVariant& variant) { return variant.name == "control"; });
  }

  void CheckVariantCount(const Located& variants) {
    if (variants.items.size() < 2) {
      problems().Error("one-variant", variants,
                       variants.items.empty() ? "the experiment has no variants"
                                              : "the experiment has one variant, so there is nothing to compare",
                       "add a variant; to give one value to a share of people use a rule with \"percent\"");
    } else if (variants.Find("control") == nullptr) {
      problems().Warning(
          "no-control", variants,
          "no variant is called 'control', so the others are compared with the first, '" + variants.items[0].name + "'",
          "name the variant that changes nothing 'control'");
    }
  }

  void ReadWeights() {
    const Located* weights = at_.Find("weights");
    if (weights == nullptr || !members_.Want(*weights, json::Type::kObject, "{ \"control\": 80, \"new\": 20 }")) return;
    double sum = 0;
    bool is_even = true;
    bool is_complete = true;
    for (const Located& weight : weights->items) {
      auto variant = std::find_if(experiment_.variants.begin(), experiment_.variants.end(),
                                  [&weight](const SourceVariant& candidate) { return candidate.name == weight.name; });
      if (variant == experiment_.variants.end()) {
        std::vector<std::string_view> names;
        for (const SourceVariant& known : experiment_.variants) names.push_back(known.name);
        problems().ErrorAtName("unknown-variant", weight, "there is no variant '" + weight.name + "'",
                               Suggest(weight.name, names, ""));
      } else if (!weight.IsNumber() || weight.Number() < 0 || weight.Number() > 1'000'000) {
        problems().Error("bad-weight", weight, "a weight is a number from 0 up, and this is " + Describe(weight),
                         "write parts such as 50 and 50, or 4 and 1");
        is_complete = false;
      } else {
        variant->weight = weight.Number();
        is_even = is_even && weight.Number() == weights->items[0].Number();
        if (weight.Number() == 0)
          problems().Warning("zero-weight", weight, "nobody gets this variant",
                             "give it a share, or remove it in a new iteration");
      }
      if (weight.IsNumber()) sum += weight.Number();
    }
    for (const SourceVariant& variant : experiment_.variants) {
      if (weights->Find(variant.name) != nullptr) continue;
      problems().Error("missing-weight", *weights, "the variant '" + variant.name + "' has no weight",
                       "give every variant one, or leave \"weights\" out for equal shares");
      is_complete = false;
    }
    if (!is_complete || is_even) return;
    if (sum <= 0) {
      problems().Error("weight-sum", *weights, "the weights add up to nothing", "give at least two variants a share");
    } else if (sum > 50 && sum < 150 && std::fabs(sum - 100) > 1e-9) {
      problems().Warning("weight-sum", *weights,
                         "the weights add up to " + Shown(Value(sum)) + " and are taken as parts of that",
                         "make them add up to 100 if they are percentages");
    }
  }

  void ReadExperimentGoals() {
    const Located* goals = at_.Find("goals");
    if (goals != nullptr && !(goals->is(json::Type::kArray) && goals->items.empty())) {
      ReadGoals(members_, *goals, &experiment_);
    } else if (experiment_.IsLive()) {
      problems().Warning("no-goal", at_, "the experiment has no goal, so nothing says who won",
                         "write \"goals\": [\"file_shared within 7d\"]");
    }
  }

  const Members& members_;
  const Located& at_;
  Timestamp now_;
  SourceExperiment experiment_;
};

}  // namespace

void ReadExperiments(const Members& members, const Located& at, Timestamp now, Source* out) {
  if (!members.Want(at, json::Type::kObject, "{ \"my-test\": { \"percent\": 50, \"variants\": { … } } }")) return;
  for (const Located& item : at.items) out->experiments.push_back(ExperimentReader(members, item, now).Run());
}

}  // namespace guidon::tools
