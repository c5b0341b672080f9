// The work behind Load: features in the order of their keys, so that a rule can name any; their rules; the payload's
// experiments.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sdk/core/dialects/condition_parts.h"
#include "sdk/core/dialects/growthbook/bucketing.h"
#include "sdk/core/dialects/growthbook/conditions.h"
#include "sdk/core/dialects/growthbook/load.h"
#include "sdk/core/dialects/reader.h"
#include "sdk/core/dialects/values.h"

namespace guidon::dialects::growthbook {

class Loader {
 public:
  Loader(const Place& root, const LoadOptions& options)
      : root_(root),
        options_(options),
        rules_(std::make_unique<ruleset::Ruleset>()),
        parts_(rules_.get(), options.patterns),
        conditions_(rules_.get(), &parts_, root.node().Find("savedGroups")) {}

  std::unique_ptr<ruleset::Ruleset> Load();

 private:
  // How a rule or an experiment hashes units.
  struct Hashing {
    std::uint16_t unit = 0;
    std::uint16_t fallback = ruleset::Bucket::kNoUnit;
    std::string seed;
    std::int64_t version = 1;

    bool is_known() const noexcept { return version == 1 || version == 2; }
  };

  void LoadHeader();
  void IndexExperiments();
  void NameFeatures(const Place& features);
  void LoadFeature(const Place& place, ruleset::Flag* flag);
  bool LoadRules(const Place& rules, ruleset::Flag* flag);
  bool LoadRule(const Place& place, const ruleset::Flag& flag);
  bool LoadForce(const Place& place, const ruleset::Flag& flag);
  bool LoadParents(const Place& parents);
  bool LoadFilters(const Place& filters);
  bool LoadGate(const Place& condition, std::uint16_t experiment);
  // The steps that a rule adds lead to the next one where they do not let a unit through.
  void LeadOn(std::size_t first);

  // load_experiments.cpp
  bool LoadExperimentRule(const Place& place, const ruleset::Flag& flag);
  void LoadExperiments(const Place& list);
  // Without a flag it is one of the payload's own.
  bool LoadExperiment(const Place& place, const ruleset::Flag* flag, std::string key);
  bool LoadVariants(const Place& variations, const Place& meta, ruleset::Experiment* experiment);
  bool LoadSplit(const Place& place, std::size_t count, const Place& weights, const Hashing& hashing,
                 std::vector<ruleset::SlotRange>* split);
  bool LoadBandit(const Place& place, std::size_t count, const Hashing& hashing, ruleset::Experiment* experiment);
  bool LoadSticky(const Place& place, ruleset::Experiment* experiment);
  bool LayOut(const Place& place, std::uint16_t index, const Hashing& hashing);
  bool LoadNamespace(const Place& place, const Hashing& hashing);

  std::optional<Hashing> LoadHashing(const Place& place, const std::string& default_seed);
  std::optional<std::uint16_t> UnitKind(const Place& place);
  ruleset::Step& AddStep(ruleset::StepKind kind);
  ruleset::Step& AddBucket(ruleset::StepKind kind, const Hashing& hashing);
  // A unit's place is in one of them, or goes otherwise; none: every unit does.
  void AddShare(const Hashing& hashing, const std::vector<ruleset::SlotRange>& ranges);

  const Place root_;
  const LoadOptions& options_;
  std::unique_ptr<ruleset::Ruleset> rules_;
  ConditionParts parts_;
  Conditions conditions_;
  std::vector<json::Node> features_;                            // parallel to Ruleset::flags
  std::uint16_t rule_index_ = 0;                                // of the rule whose steps are being laid down
  std::vector<std::pair<std::uint32_t, std::uint16_t>> gates_;  // steps that end the decision, and their rules
};

// Texts and numbers as JavaScript takes them: a missing member, null and what is falsy are the fallback.
std::string TextOr(json::Node node, std::string fallback);

// [begin, end] of two numbers; reports.
std::optional<ShareRange> LoadRange(const Place& place);
// Places whose share is in the range.
ruleset::SlotRange PlacesOf(const ShareRange& range, std::int64_t version, std::uint32_t target);
std::uint32_t PlacesOfVersion(std::int64_t version) noexcept;

}  // namespace guidon::dialects::growthbook
