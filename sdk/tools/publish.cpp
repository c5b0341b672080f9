#include "sdk/tools/publish.h"

#include <algorithm>

#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"
#include "sdk/core/expression/render.h"
#include "sdk/core/ruleset/campaign.h"
#include "sdk/tools/iterations.h"
#include "sdk/tools/source_reader.h"

namespace guidon::tools {
namespace {

class Publisher {
 public:
  Publisher(const Source& source, const Previous* previous, const Issue& issue, std::string* out)
      : source_(source), previous_(previous), issue_(issue), plan_(MakePlan(source, previous)), json_(out) {}

  void Run() {
    json_.BeginObject().Key("format").String("guidon/1");
    json_.Key("project").String(source_.project).Key("environment").String(source_.environment);
    json_.Key("epoch").Int(previous_ != nullptr ? previous_->epoch : 1);
    json_.Key("version").Int(previous_ != nullptr ? previous_->version + 1 : 1);
    if (previous_ != nullptr) json_.Key("previous").String(previous_->hash);
    json_.Key("issued_at").String(text::FormatTimestamp(issue_.issued_at));
    json_.Key("expires_at").String(text::FormatTimestamp(issue_.expires_at));
    if (!source_.event_attributes.empty()) {
      json_.Key("event_attributes").BeginArray();
      for (const std::string& name : source_.event_attributes) json_.String(name);
      json_.End();
    }
    if (!source_.link_hosts.empty()) {
      json_.Key("link_hosts").BeginArray();
      for (const std::string& host : source_.link_hosts) json_.String(host);
      json_.End();
    }
    if (!source_.revoked_tokens.empty()) {
      json_.Key("revoked_tokens").BeginArray();
      for (const std::string& id : source_.revoked_tokens) json_.String(id);
      json_.End();
    }
    WriteLayers();
    WriteHoldouts();
    if (!source_.segments.empty()) {
      json_.Key("segments").BeginObject();
      for (const SourceSegment& segment : source_.segments) {
        json_.Key(segment.name);
        PublishSegment(segment, source_.project, json_);
      }
      json_.End();
    }
    PublishCounts(source_, json_);
    WriteExperiments();
    PublishKpis(source_, json_);
    PublishGroups(source_, json_);
    WriteCampaigns();
    json_.Key("flags").BeginObject();
    for (const SourceFlag& flag : source_.flags) WriteFlag(flag);
    json_.End();
    PublishRetired("retired", plan_.retired, json_);
    PublishRetired("retired_campaigns", plan_.retired_campaigns, json_);
    PublishRetired("retired_layers", plan_.retired_layers, json_);
    PublishRetired("retired_flags", plan_.retired_flags, json_);
    if (!plan_.retired_holdouts.empty()) {
      json_.Key("retired_holdouts").BeginArray();
      for (const std::string& name : plan_.retired_holdouts) json_.String(name);
      json_.End();
    }
    json_.End();
  }

 private:
  void WriteRanges(const Ranges& ranges) { PublishRanges(ranges, json_); }

  void WriteLayers() {
    if (source_.layers.empty()) return;
    json_.Key("layers").BeginObject();
    for (const SourceLayer& layer : source_.layers) {
      const PlannedLayer& planned = plan_.layers[layer.name];
      json_.Key(layer.name).BeginObject().Key("unit").String(layer.unit);
      json_.Key("salt").String(layer.name + "." + std::to_string(planned.epoch));
      json_.Key("fresh").Int(planned.fresh);
      if (!planned.freed.empty()) {
        json_.Key("freed");
        WriteRanges(planned.freed);
      }
      json_.End();
    }
    json_.End();
  }

  std::string UnitOf(const SourceExperiment& experiment) const {
    const SourceLayer* layer = FindNamed(source_.layers, experiment.layer);
    return layer == nullptr ? "" : layer->unit;
  }
  const std::string& UnitOf(const SourceCampaign& campaign) const { return campaign.unit; }

  // As names where "*" would say more than is meant.
  template <class Run>
  void WriteGoverned(const SourceHoldout& holdout, const SourceHoldout::Governed& governed,
                     const std::vector<Run>& all) {
    const bool all_of_unit =
        std::all_of(all.begin(), all.end(), [&](const Run& each) { return UnitOf(each) == holdout.unit; });
    if (governed.is_all && all_of_unit) {
      json_.String("*");
      return;
    }
    json_.BeginArray();
    for (const Run& each : all) {
      if (each.status == RunStatus::kDraft) continue;
      const bool is_listed = std::any_of(governed.names.begin(), governed.names.end(),
                                         [&](const Located* at) { return at->Text() == each.name; });
      if (is_listed || (governed.is_all && UnitOf(each) == holdout.unit)) json_.String(each.name);
    }
    json_.End();
  }

  void WriteHoldouts() {
    if (source_.holdouts.empty()) return;
    json_.Key("holdouts").BeginObject();
    for (const SourceHoldout& holdout : source_.holdouts) {
      json_.Key(holdout.name).BeginObject().Key("unit").String(holdout.unit).Key("salt").String(holdout.name);
      json_.Key("size").Int(holdout.size).Key("experiments");
      WriteGoverned(holdout, holdout.experiments, source_.experiments);
      if (holdout.campaigns.is_all || !holdout.campaigns.names.empty()) {
        json_.Key("campaigns");
        WriteGoverned(holdout, holdout.campaigns, source_.campaigns);
      }
      json_.End();
    }
    json_.End();
  }

  void WriteExperiments() {
    if (plan_.experiments.empty()) return;
    json_.Key("experiments").BeginObject();
    for (const SourceExperiment& experiment : source_.experiments) {
      if (experiment.status != RunStatus::kDraft) WriteExperiment(experiment);
    }
    json_.End();
  }

  void WriteExperiment(const SourceExperiment& experiment) {
    const PlannedExperiment& planned = plan_.experiments[experiment.name];
    json_.Key(experiment.name).BeginObject().Key("iteration").Int(planned.iteration);
    json_.Key("status").String(StatusName(experiment.status)).Key("layer").String(experiment.layer).Key("slots");
    WriteRanges(planned.slots);
    if (!planned.held.empty() && !(planned.held == planned.slots)) {
      json_.Key("held");
      WriteRanges(planned.held);
    }
    json_.Key("salt").String(experiment.name + "." + std::to_string(planned.iteration));
    if (experiment.when) {
      json_.Key("when");
      expression::ToJson(*experiment.when, json_);
    }
    PublishDates(experiment, json_);
    if (experiment.is_protected) json_.Key("protected").Bool(true);
    if (experiment.is_sticky) json_.Key("sticky").String("exposed");
    json_.Key("variants").BeginObject();
    for (std::size_t i = 0; i < experiment.variants.size(); ++i) {
      WriteVariant(experiment.variants[i], planned.split[i]);
    }
    json_.End();
    WriteAudiences(experiment, planned);
    if (experiment.ship) {
      json_.Key("ship").BeginObject().Key("variant").String(experiment.ship->variant).Key("slots");
      // Always from the first slot on: more is a superset.
      WriteRanges(FirstOf({{0, kSlots}}, experiment.ship->size));
      json_.End();
    }
    PublishGoals(experiment, json_);
    json_.End();
  }

  void WriteAudiences(const SourceExperiment& experiment, const PlannedExperiment& planned) {
    if (experiment.audiences.empty()) return;
    json_.Key("audiences").BeginArray();
    for (std::size_t i = 0; i < experiment.audiences.size(); ++i) {
      json_.BeginObject().Key("name").String(experiment.audiences[i].name).Key("when");
      expression::ToJson(*experiment.audiences[i].when, json_);
      json_.Key("slots");
      WriteRanges(planned.audiences[i].slots);
      json_.Key("variants").BeginObject();
      for (std::size_t j = 0; j < experiment.variants.size(); ++j) {
        json_.Key(experiment.variants[j].name);
        WriteRanges(planned.audiences[i].split[j]);
      }
      json_.End().End();
    }
    json_.End();
  }

  void WriteCampaigns() {
    const auto is_published = [](const SourceCampaign& campaign) { return campaign.status != RunStatus::kDraft; };
    if (std::none_of(source_.campaigns.begin(), source_.campaigns.end(), is_published)) return;
    const bool has_group_of_all = FindNamed(source_.groups, ruleset::kGroupOfAll) != nullptr;
    json_.Key("campaigns").BeginObject();
    for (const SourceCampaign& campaign : source_.campaigns) {
      if (!is_published(campaign)) continue;
      const auto split = plan_.campaign_splits.find(campaign.name);
      PublishCampaign(campaign, IterationOf(campaign, previous_), has_group_of_all,
                      split == plan_.campaign_splits.end() ? nullptr : &split->second, json_);
    }
    json_.End();
  }

  void WriteVariant(const SourceVariant& variant, const Ranges& slots) {
    json_.Key(variant.name).BeginObject().Key("slots");
    WriteRanges(slots);
    json_.Key("flags").BeginObject();
    for (const Located& value : variant.at->items) {
      const SourceFlag* flag = FindNamed(source_.flags, value.name);
      json_.Key(value.name).Any(AsFlagValue(value, flag->type).value_or(Value()));
    }
    json_.End().End();
  }

  void WriteFlag(const SourceFlag& flag) {
    const PlannedFlag& planned = plan_.flags[flag.name];
    json_.Key(flag.name).BeginObject().Key("type").String(flag.type).Key("default").Any(flag.default_value);
    if (flag.kill) json_.Key("kill").Bool(true);
    if (flag.is_protected) json_.Key("protected").Bool(true);
    if (flag.holds_session) json_.Key("hold").String("session");
    if (flag.ends_with_datafile) json_.Key("when_expired").String("default");
    std::size_t in_use = 0;
    if (!planned.rules.empty()) {
      json_.Key("rules").BeginArray();
      for (const PlannedRule& rule : planned.rules) {
        WriteRule(rule);
        if (!rule.salt.empty()) ++in_use;
      }
      json_.End();
    }
    // Salts of rollouts that are gone must not come back for others.
    if (planned.rollouts > static_cast<std::int64_t>(in_use)) json_.Key("rollouts").Int(planned.rollouts);
    json_.End();
  }

  void WriteRule(const PlannedRule& planned) {
    const SourceRule* rule = planned.rule;
    json_.BeginObject().Key("id").String(planned.id);
    if (rule != nullptr && rule->when) {
      json_.Key("when");
      expression::ToJson(*rule->when, json_);
    }
    if (!planned.experiment.empty()) {
      json_.Key("experiment").String(planned.experiment);
    } else if (planned.salt.empty()) {
      json_.Key("serve").Any(rule->serve);
    } else {
      json_.Key("rollout").BeginObject().Key("unit").String(rule->unit).Key("salt").String(planned.salt);
      json_.Key("split").BeginArray();
      for (std::size_t i = 0; i < rule->parts.size(); ++i) {
        const Ranges slots = Sorted(FirstOf(planned.parts[i], rule->parts[i].size));
        json_.BeginObject().Key("slots");
        WriteRanges(slots);
        json_.Key("serve").Any(rule->parts[i].serve);
        if (!(planned.parts[i] == slots)) {
          json_.Key("held");
          WriteRanges(planned.parts[i]);
        }
        json_.End();
      }
      json_.End().End();
    }
    json_.End();
  }

  const Source& source_;
  const Previous* previous_;
  const Issue& issue_;
  Plan plan_;
  json::Writer json_;
};

}  // namespace

void PublishRanges(const Ranges& ranges, json::Writer& out) {
  out.BeginArray();
  for (const Range& range : ranges) out.BeginArray().Int(range.begin).Int(range.end).End();
  out.End();
}

std::string Publish(const Source& source, const Previous* previous, const Issue& issue) {
  std::string out;
  Publisher(source, previous, issue, &out).Run();
  return out;
}

}  // namespace guidon::tools
