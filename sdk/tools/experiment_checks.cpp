// Experiments against flags, and against each other.
#include <algorithm>
#include <map>

#include "sdk/tools/source_reader.h"

namespace guidon::tools {
namespace {

void CheckValues(const Members& members, const Source& source, const SourceExperiment& experiment) {
  std::vector<std::string_view> names;
  for (const SourceFlag& flag : source.flags) names.push_back(flag.name);
  for (const SourceVariant& variant : experiment.variants) {
    if (variant.at->items.empty()) {
      members.problems().Error("variant-without-flags", *variant.at, "the variant '" + variant.name + "' sets no flag",
                               "write { \"flag\": value }, also for what changes nothing");
    }
    for (const Located& value : variant.at->items) {
      const SourceFlag* flag = FindNamed(source.flags, value.name);
      if (flag == nullptr) {
        members.problems().ErrorAtName("unknown-flag", value, "there is no flag '" + value.name + "'",
                                       Suggest(value.name, names, "add it to \"flags\""));
      } else if (!flag->type.empty() && !AsFlagValue(value, flag->type)) {
        ReportFlagValue(members, value, *flag);
      }
    }
  }
}

void CheckSameFlags(const Members& members, const SourceExperiment& experiment) {
  if (experiment.variants.empty()) return;
  const SourceVariant& first = experiment.variants[0];
  for (const SourceVariant& variant : experiment.variants) {
    for (const Located& value : first.at->items) {
      if (variant.at->Find(value.name) != nullptr || variant.at->items.empty()) continue;
      members.problems().Error(
          "variants-differ", *variant.at,
          "the variant '" + variant.name + "' does not set '" + value.name + "', and '" + first.name + "' does",
          "every variant sets the same flags: say what '" + value.name + "' is here");
    }
    for (const Located& value : variant.at->items) {
      if (first.at->Find(value.name) != nullptr || first.at->items.empty()) continue;
      members.problems().ErrorAtName(
          "variants-differ", value, "'" + value.name + "' is set here and not by '" + first.name + "'",
          "every variant sets the same flags: say what '" + value.name + "' is in '" + first.name + "'");
    }
  }
}

void CheckAllTheSame(const Members& members, const SourceExperiment& experiment) {
  if (experiment.variants.size() < 2 || experiment.variants[0].at->items.empty()) return;
  const auto values = [](const SourceVariant& variant) {
    std::map<std::string, Value> out;
    for (const Located& value : variant.at->items) out.emplace(value.name, value.ToValue());
    return out;
  };
  const auto first = values(experiment.variants[0]);
  for (const SourceVariant& variant : experiment.variants) {
    if (values(variant) != first) return;
  }
  members.problems().Note("variants-same", *experiment.at->Find("variants"),
                          "all variants do the same, as in a test of the measuring itself", "");
}

// Two live experiments of different layers that set one flag overlap; of one layer they exclude each other.
void CheckOverlaps(const Members& members, const Source& source) {
  for (const SourceFlag& flag : source.flags) {
    std::vector<const SourceExperiment*> setting;
    for (const SourceRule& rule : flag.rules) {
      const SourceExperiment* experiment = FindNamed(source.experiments, rule.experiment);
      if (rule.kind == RuleKind::kExperiment && experiment != nullptr && experiment->IsLive())
        setting.push_back(experiment);
    }
    for (const SourceExperiment& experiment : source.experiments) {
      const bool sets =
          experiment.IsLive() && !experiment.variants.empty() && experiment.variants[0].at->Find(flag.name) != nullptr;
      if (sets && std::find(setting.begin(), setting.end(), &experiment) == setting.end())
        setting.push_back(&experiment);
    }
    for (std::size_t i = 1; i < setting.size(); ++i) {
      if (setting[i]->layer == setting[0]->layer || setting[i] == setting[0]) continue;
      members.problems().Warning("experiments-overlap", *setting[i]->at,
                                 "'" + setting[0]->name + "' and '" + setting[i]->name + "' both set '" + flag.name +
                                     "' and may meet the same people; then '" + setting[0]->name +
                                     "' wins and the other's result is off",
                                 "put both into one layer, so that nobody is in both");
    }
  }
}

void CheckProtection(const Members& members, const Source& source, const SourceExperiment& experiment) {
  if (experiment.variants.empty()) return;
  for (const Located& value : experiment.variants[0].at->items) {
    const SourceFlag* flag = FindNamed(source.flags, value.name);
    if (flag == nullptr || flag->is_protected == experiment.is_protected || !experiment.IsLive()) continue;
    members.problems().Warning(
        "protected-by-half", experiment.is_protected ? *experiment.at->Find("protected") : *experiment.at,
        flag->is_protected
            ? "'" + flag->name +
                  "' is protected, and this experiment that sets it is not, so a tester can still change it"
            : "the experiment is protected, and its flag '" + flag->name + "' is not, so a tester can still change it",
        "write \"protected\": true in both, or in neither");
  }
}

}  // namespace

void CheckExperiments(const Members& members, const Source& source) {
  for (const SourceExperiment& experiment : source.experiments) {
    CheckValues(members, source, experiment);
    CheckSameFlags(members, experiment);
    CheckAllTheSame(members, experiment);
    CheckProtection(members, source, experiment);
    if (experiment.LayerSize() == 0 && experiment.at->Find("percent") != nullptr &&
        experiment.status == RunStatus::kRunning) {
      members.problems().Note("nobody-in-it", *experiment.at->Find("percent"), "at 0 % nobody is in it", "");
    }
  }
  CheckOverlaps(members, source);
}

}  // namespace guidon::tools
