// The work behind LoadNative, in the order in which parts need each other: the header; layers and holdouts; what
// flags there are and of which type, and which experiments; counts; segments; experiments, whose variants set those
// flags; the flags' rules, which name experiments; groups; campaigns; whether what they ask of each other leads in a
// circle.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sdk/core/dialects/native/condition_loader.h"
#include "sdk/core/dialects/reader.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::dialects {

class NativeLoader {
 public:
  // Without `patterns`, conditions that match some are unknown.
  explicit NativeLoader(Problems* problems, Patterns* patterns = nullptr)
      : problems_(*problems),
        rules_(std::make_unique<ruleset::Ruleset>()),
        conditions_(rules_.get(), &named_, patterns) {}

  // Null when the file as a whole cannot be used.
  std::unique_ptr<ruleset::Ruleset> Load(const Place& root);

 private:
  using Names = std::map<std::string, std::uint16_t, std::less<>>;

  bool LoadHeader(const Place& root);
  bool CheckSizes(const Place& root);
  void LoadEventAttributes(const Place& root);
  void LoadLinkHosts(const Place& root);
  void LoadRevokedTokens(const Place& root);
  void LoadLayers(const Place& layers);
  void LoadHoldouts(const Place& holdouts);
  struct Governed;
  void GovernExperiments(const Place& holdouts);
  void GovernCampaigns(const Place& holdouts);
  // `list`: "*", or names of those in `all`, each of which is `what`.
  void Govern(const Place& list, std::uint16_t holdout, const std::string& what, const std::vector<Governed>& all);
  void LoadSegments(const Place& segments);
  void LoadCounts(const Place& counts);
  bool LoadCount(const Place& place, ruleset::Count* count);
  void NameExperiments(const Place& experiments);
  void RefuseCycles(const Place& root);

  void LoadFlagTypes(const Place& flags);
  void LoadFlagType(const Place& place, ruleset::Flag* flag);
  bool LoadExpiry(const Place& place, ruleset::Flag* flag);

  void LoadExperiments(const Place& experiments);
  void Remember(bool always);
  bool LoadExperiment(const Place& place, ruleset::Experiment* experiment);
  bool LoadSchedule(const Place& place, ruleset::Experiment* experiment);
  bool LoadSticky(const Place& place, ruleset::Experiment* experiment);
  bool LoadAudiences(const Place& list, ruleset::Experiment* experiment);
  bool LoadAudience(const Place& place, const ruleset::Experiment& experiment, ruleset::Audience* audience);
  bool LoadShip(const Place& place, ruleset::Experiment* experiment);
  bool LoadLayerSlots(const Place& place, ruleset::Experiment* experiment);
  bool ClaimSlots(const Place& place, const ruleset::Experiment& experiment);
  bool LoadVariants(const Place& place, ruleset::Experiment* experiment);
  bool SharesOut(const Place& place, std::vector<ruleset::SlotRange>* split);
  bool LoadVariantValues(const Place& place, ruleset::Experiment* experiment, bool is_first);

  void LoadRules(const Place& flags);
  bool LoadFlagRules(const Place& place, ruleset::Flag* flag);
  bool LoadRule(const Place& place, const ruleset::Flag& flag, ruleset::Rule* rule);
  bool LoadRollout(const Place& place, const ruleset::Flag& flag);
  bool LoadExperimentRule(const Place& place, const ruleset::Flag& flag, ruleset::Rule* rule);

  void LayOutExperiment(std::uint16_t index);
  void LayOutAskedExperiments();

  void LoadKpis(const Place& kpis);
  void LoadConversions(const Place& root);
  void LoadCampaigns(const Place& campaigns);
  bool LoadCampaign(const Place& place, ruleset::Campaign* campaign);
  bool LoadCampaignSchedule(const Place& place, ruleset::Campaign* campaign);
  bool LoadContents(const Place& place, ruleset::Campaign* campaign);
  void LoadGroups(const Place& groups);
  bool LoadLimits(const Place& caps, ruleset::Campaign* campaign);
  bool LoadHours(const Place& place, ruleset::Campaign* campaign);
  bool LoadGroupOf(const Place& place, ruleset::Campaign* campaign);
  bool LoadTriggers(const Place& place, ruleset::Campaign* campaign);
  bool LoadTrigger(const Place& place, ruleset::Campaign* campaign);
  bool LoadSteps(const Place& place, ruleset::Trigger* trigger);
  bool LoadStep(const Place& place, ruleset::TriggerStep* step);

  void BuildIndexes();
  void BuildTriggerIndex();
  void BuildCountIndex();

  std::optional<std::uint16_t> UnitKind(const Place& place);
  std::optional<std::uint32_t> LoadValue(const Place& place, ruleset::ValueType type);
  bool LoadMoment(const Place& place, ruleset::Moment* moment);
  // Half-open ranges, sorted and disjoint, all with `target`.
  bool LoadRanges(const Place& place, std::uint32_t target, std::vector<ruleset::SlotRange>* ranges);
  ruleset::Step& AddStep(ruleset::StepKind kind);

  Problems& problems_;
  std::unique_ptr<ruleset::Ruleset> rules_;
  Names layers_;
  Named named_;
  Names experiments_;
  struct Claim {
    std::uint32_t end = 0;
    std::string experiment;
  };
  std::map<std::uint16_t, std::map<std::uint32_t, Claim>> claims_;  // by layer, then by where they begin; disjoint
  ConditionLoader conditions_;
  std::uint16_t rule_index_ = 0;  // of the rule whose steps are being laid down
};

}  // namespace guidon::dialects
