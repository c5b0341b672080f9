// Experiments: of a feature's rules, and the payload's own.
#include "guidon/limits.h"
#include "sdk/core/base/javascript.h"
#include "sdk/core/dialects/growthbook/loader.h"

namespace guidon::dialects::growthbook {
namespace {

using ruleset::StepKind;

// As many contexts of a bandit.
constexpr std::size_t kContexts = 254;

}  // namespace

// What has neither a value nor variations decides nothing.
bool Loader::LoadExperimentRule(const Place& place, const ruleset::Flag& flag) {
  const bool has_variations = place.Member("contextualVariations").exists() || place.Member("variations").exists();
  return !has_variations || LoadExperiment(place, &flag, TextOr(place.node().Find("key"), flag.key));
}

void Loader::LoadExperiments(const Place& list) {
  rule_index_ = 0;
  for (const json::Node node : list.node()) {
    const Place place = list.Child(node);
    const auto key = place.IsObject() ? place.Member("key").Text() : std::nullopt;
    if (key) LoadExperiment(place, nullptr, *key);
  }
}

bool Loader::LoadExperiment(const Place& place, const ruleset::Flag* flag, std::string key) {
  if (rules_->experiments.size() >= limits::kExperiments) {
    place.Error("is one experiment too many: " + std::to_string(limits::kExperiments) + " are allowed");
    return false;
  }
  ruleset::Experiment experiment;
  experiment.key = std::move(key);
  experiment.is_valid = true;
  const auto hashing = LoadHashing(place, experiment.key);
  if (!hashing) return false;
  experiment.unit = hashing->unit;
  experiment.fallback = hashing->fallback;
  if (flag != nullptr) experiment.flags.push_back(rules_->IndexOf(*flag));
  const Place contextual = place.Member("contextualVariations");
  const Place variations = contextual.exists() ? contextual : place.Member("variations");
  if (!LoadVariants(variations, place.Member("meta"), &experiment)) return false;
  const std::size_t count = experiment.variants.size();
  if (!LoadSplit(place, count, place.Member("weights"), *hashing, &experiment.split)) return false;
  if (!LoadBandit(place, count, *hashing, &experiment) || !LoadSticky(place, &experiment)) return false;

  const auto index = static_cast<std::uint16_t>(rules_->experiments.size());
  const auto first = static_cast<std::uint32_t>(rules_->steps.size());
  if (flag == nullptr) {
    experiment.first_step = first;
  } else {
    rules_->flags[rules_->IndexOf(*flag)].rules.back().experiment = index;
  }
  if (experiment.is_sticky) {
    experiment.memory = static_cast<std::uint32_t>(rules_->remembered.size());
    rules_->remembered.push_back(index);
  }
  rules_->experiments.push_back(std::move(experiment));
  if (LayOut(place, index, *hashing)) return true;
  rules_->experiments[index].is_valid = false;  // its steps do not come to an end
  rules_->experiments[index].first_step = ruleset::kNone;
  return false;
}

bool Loader::LoadVariants(const Place& variations, const Place& meta, ruleset::Experiment* experiment) {
  if (!variations.IsArray() || !variations.HasAtMost(limits::kVariants, "variations")) return false;
  json::Node about = meta.node().is(json::Type::kArray) ? meta.node().First() : json::Node();
  for (const json::Node node : variations.node()) {
    ruleset::Variant variant;
    variant.name = TextOr(about.Find("key"), std::to_string(experiment->variants.size()));
    variant.passes_through = javascript::IsTruthy(about.Find("passthrough").ToValue());
    variant.values.push_back(AddValue(node, rules_.get()));
    experiment->variants.push_back(std::move(variant));
    about = about.Next();
  }
  return true;
}

bool Loader::LoadSplit(const Place& place, std::size_t count, const Place& weights, const Hashing& hashing,
                       std::vector<ruleset::SlotRange>* split) {
  std::vector<ShareRange> ranges;
  const Place own = place.Member("ranges");
  if (own.exists()) {
    if (!own.IsArray()) return false;
    for (const json::Node node : own.node()) {
      const auto range = LoadRange(own.Child(node));
      if (!range) return false;
      ranges.push_back(*range);
    }
  } else {
    std::vector<double> shares;
    for (const json::Node node : weights.node()) shares.push_back(node.AsNumber().value_or(0));
    const Place coverage = place.Member("coverage");
    const double covered = coverage.exists() ? coverage.node().AsNumber().value_or(0) : 1;
    ranges = RangesOf(static_cast<std::int64_t>(count), covered, std::move(shares));
  }
  // A forced variation takes whoever is in any.
  const Place force = place.Member("force");
  const std::int64_t forced = force.exists() ? force.node().AsInt().value_or(-1) : -1;
  if (force.exists() && (forced < 0 || forced >= static_cast<std::int64_t>(count))) return true;
  for (std::size_t i = 0; i < ranges.size() && i < count; ++i) {
    const auto target = static_cast<std::uint32_t>(force.exists() ? static_cast<std::size_t>(forced) : i);
    split->push_back(PlacesOf(ranges[i], hashing.version, target));
  }
  return true;
}

// The first context of a bandit whose condition holds has the weights.
bool Loader::LoadBandit(const Place& place, std::size_t count, const Hashing& hashing,
                        ruleset::Experiment* experiment) {
  const std::string name = TextOr(place.node().Find("contextualBanditRef"), "");
  const json::Node contexts = root_.node().Find("contextualBandits").Find(name).Find("contexts");
  if (name.empty() || !contexts.is(json::Type::kArray)) return true;
  if (contexts.size() > kContexts) {
    place.Error("has a bandit of more than " + std::to_string(kContexts) + " contexts");
    return false;
  }
  for (const json::Node node : contexts) {
    const Place context = place.Child(node);
    ruleset::Audience audience;
    audience.name = TextOr(node.Find("leafId"), "0");
    const Place condition = context.Member("condition");
    const auto root = condition.exists() ? conditions_.Load(condition) : std::nullopt;
    if (!root) return false;
    audience.condition = *root;
    if (!LoadSplit(place, count, context.Member("weights"), hashing, &audience.split)) return false;
    experiment->audiences.push_back(std::move(audience));
  }
  return true;
}

bool Loader::LoadSticky(const Place& place, ruleset::Experiment* experiment) {
  experiment->iteration = place.node().Find("bucketVersion").AsInt().value_or(0);
  experiment->least_iteration = place.node().Find("minBucketVersion").AsInt().value_or(0);
  const bool is_disabled = javascript::IsTruthy(place.node().Find("disableStickyBucketing").ToValue());
  experiment->is_sticky = options_.is_sticky && !is_disabled;
  return true;
}

// In the order in which GrowthBook asks. Whoever is enrolled stays, whatever its conditions say by now.
bool Loader::LayOut(const Place& place, std::uint16_t index, const Hashing& hashing) {
  const ruleset::Experiment& experiment = rules_->experiments[index];
  const bool is_own = experiment.first_step != ruleset::kNone;
  if (experiment.variants.size() < 2) AddShare(hashing, {});
  AddStep(StepKind::kRunning).object = index;
  const json::Node active = place.node().Find("active");
  const std::string status = TextOr(place.node().Find("status"), "");
  const bool is_over = is_own && (status == "draft" || status == "stopped" || active.AsBool() == false);
  if (is_over || !hashing.is_known()) AddShare(hashing, {});
  if (experiment.is_sticky) AddStep(StepKind::kEnrolled).object = index;

  const Place filters = place.Member("filters");
  const Place space = place.Member("namespace");
  if (is_own && !LoadFilters(filters)) return false;
  if (!filters.exists() && space.exists() && !LoadNamespace(space, hashing)) return false;
  const Place condition = place.Member("condition");
  if (condition.exists() && !LoadGate(condition, static_cast<std::uint16_t>(index + 1))) return false;
  if (is_own && !LoadParents(place.Member("parentConditions"))) return false;

  const std::size_t audiences = rules_->experiments[index].audiences.size();
  const auto draw = static_cast<std::uint32_t>(rules_->steps.size() + audiences);
  for (std::size_t i = 0; i < audiences; ++i) {
    ruleset::Step& audience = AddStep(StepKind::kAudience);
    audience.object = index;
    audience.part = static_cast<std::uint16_t>(i);
    audience.index = rules_->experiments[index].audiences[i].condition;
    audience.otherwise = draw;
  }
  AddBucket(StepKind::kDraw, hashing).object = index;
  return true;
}

// [name, begin, end]: experiments of one namespace share out its units among them.
bool Loader::LoadNamespace(const Place& place, const Hashing& hashing) {
  if (!place.IsArray()) return false;
  const json::Node name = place.node().First();
  const auto begin = name.Next().AsNumber();
  const auto end = name.Next().Next().AsNumber();
  if (!name.AsString() || !begin || !end) {
    place.Error("must be a name and two numbers, the first share and the one behind the last");
    return false;
  }
  Hashing space = hashing;
  space.version = 1;
  space.seed = "__" + std::string(*name.AsString());
  AddShare(space, {PlacesOf({*begin, *end}, space.version, 0)});
  return true;
}

}  // namespace guidon::dialects::growthbook
