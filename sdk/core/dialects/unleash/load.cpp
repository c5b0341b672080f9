#include "sdk/core/dialects/unleash/load.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "guidon/limits.h"
#include "sdk/core/base/javascript.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/dialects/reader.h"
#include "sdk/core/dialects/unleash/constraints.h"
#include "sdk/core/dialects/values.h"

namespace guidon::dialects::unleash {
namespace {

using ruleset::StepKind;

constexpr std::uint32_t kVariantSeed = 86028157;
constexpr std::size_t kUnitKinds = 64;
constexpr std::size_t kVariants = 1'000;     // of one feature
constexpr std::size_t kConstraints = 1'000;  // of one feature, with those of its segments
constexpr double kMostWeight = 1'000'000;

std::string TextOf(json::Node node, std::string fallback = "") {
  return node.exists() && !node.is(json::Type::kNull) ? javascript::ToText(node.ToValue()) : std::move(fallback);
}

std::uint32_t WeightOf(json::Node variant) {
  const double weight = variant.Find("weight").AsNumber().value_or(0);
  return weight > 0 ? static_cast<std::uint32_t>(std::min(std::floor(weight), kMostWeight)) : 0;
}

class Loader {
 public:
  Loader(Problems* problems, const LoadOptions& options)
      : problems_(*problems), parts_(rules_.get(), options.patterns), constraints_(rules_.get(), &parts_) {}

  std::shared_ptr<const ruleset::Ruleset> Run(json::Node root) {
    const Place place(root, &problems_);
    if (!place.IsObject()) return nullptr;
    if (root.Find("events").exists()) {
      for (const json::Node event : root.Find("events")) TakeEvent(event);
    } else {
      TakeAll(root);
    }
    if (features_.size() > limits::kFlags / 2) {
      problems_.Error("/features", "has more than " + std::to_string(limits::kFlags / 2) + " features");
      return nullptr;
    }
    rules_->header.project = "unleash";
    rules_->header.epoch = rules_->header.version = 1;
    rules_->units_are_attributes = true;
    NameFlags();
    for (const auto& [name, feature] : features_) {
      LoadFlag(name, feature, false);
      if (HasVariants(feature)) LoadFlag(VariantFlag(name), feature, true);
    }
    parts_.BuildIndexes();
    std::vector<std::string_view> keys;
    for (const ruleset::Flag& flag : rules_->flags) keys.push_back(flag.key);
    rules_->flag_index.Build(keys);
    return std::move(rules_);
  }

 private:
  void TakeAll(json::Node state) {
    features_.clear();
    segments_.clear();
    for (const json::Node each : state.Find("features")) TakeFeature(each);
    for (const json::Node each : state.Find("segments")) segments_[TextOf(each.Find("id"))] = each;
  }

  void TakeFeature(json::Node feature) {
    const std::string name = TextOf(feature.Find("name"));
    if (name.empty() || name.size() > limits::kKeyBytes) {
      Place(feature, &problems_)
          .Error("has a name that is not 1 to " + std::to_string(limits::kKeyBytes) + " bytes long");
    } else {
      features_[name] = feature;
    }
  }

  void TakeEvent(json::Node event) {
    const std::string type = TextOf(event.Find("type"));
    if (type == "hydration") TakeAll(event);
    if (type == "feature-updated") TakeFeature(event.Find("feature"));
    if (type == "feature-removed") features_.erase(TextOf(event.Find("featureName")));
    if (type == "segment-updated") {
      segments_[TextOf(event.Find("segment").Find("id"))] = event.Find("segment");
    }
    if (type == "segment-removed") segments_.erase(TextOf(event.Find("segmentId")));
  }

  static bool HasVariants(json::Node feature) {
    if (feature.Find("variants").size() > 0) return true;
    for (const json::Node strategy : feature.Find("strategies")) {
      if (strategy.Find("variants").size() > 0) return true;
    }
    return false;
  }

  void NameFlags() {
    for (const auto& [name, feature] : features_) {
      rules_->flags.emplace_back().key = name;
      if (HasVariants(feature)) rules_->flags.emplace_back().key = VariantFlag(name);
    }
    std::sort(rules_->flags.begin(), rules_->flags.end(),
              [](const ruleset::Flag& a, const ruleset::Flag& b) { return a.key < b.key; });
  }

  std::uint16_t FlagAt(const std::string& key) const {
    const auto at =
        std::lower_bound(rules_->flags.begin(), rules_->flags.end(), key,
                         [](const ruleset::Flag& each, const std::string& wanted) { return each.key < wanted; });
    const bool is_there = at != rules_->flags.end() && at->key == key;
    return is_there ? static_cast<std::uint16_t>(at - rules_->flags.begin()) : ruleset::kNoFlag;
  }

  // The steps of both flags of a feature are the same but for what is served.
  void LoadFlag(const std::string& key, json::Node feature, bool is_variant) {
    ruleset::Flag& flag = rules_->flags[FlagAt(key)];
    flag.first_step = static_cast<std::uint32_t>(rules_->steps.size());
    flag.type = is_variant ? ruleset::ValueType::kJson : ruleset::ValueType::kBool;
    flag.default_value = is_variant ? AddVariant(json::Node(), false, &flag) : AddBool(false);
    flag.default_variant = is_variant ? 0 : ruleset::kNone;
    constraint_count_ = 0;
    is_broken_ = false;
    const json::Node strategies = feature.Find("strategies");
    if (feature.Find("enabled").AsBool().value_or(false)) {
      const auto rest = static_cast<std::uint32_t>(rules_->steps.size());
      LoadDependencies(feature);
      const auto depends = static_cast<std::uint32_t>(rules_->steps.size());
      for (const json::Node strategy : strategies) {
        Rule(&flag, TextOf(strategy.Find("name")), [&] { LoadStrategy(feature, strategy, is_variant, &flag); });
      }
      if (strategies.size() == 0) {
        Rule(&flag, "on", [&] { Serve(feature, json::Node(), is_variant, &flag); });
      }
      // Without what it depends on it is off.
      for (std::uint32_t i = rest; i < depends; ++i) {
        rules_->steps[i].otherwise = static_cast<std::uint32_t>(rules_->steps.size());
      }
    }
    AddStep(StepKind::kDefault);
    flag.is_valid = !is_broken_ && flag.variants.size() <= kVariants;
    if (!flag.is_valid) {
      Place(feature, &problems_)
          .Error(is_broken_ ? "has more than " + std::to_string(kConstraints) + " constraints"
                            : "has more than " + std::to_string(kVariants) + " variants");
    }
  }

  // Whatever does not let a context through leads to the next rule.
  void Rule(ruleset::Flag* flag, const std::string& id, const std::function<void()>& body) {
    rule_ = static_cast<std::uint16_t>(flag->rules.size());
    flag->rules.emplace_back().id = id;
    const std::size_t first = rules_->steps.size();
    body();
    for (std::size_t i = first; i < rules_->steps.size(); ++i) {
      std::uint32_t& otherwise = rules_->steps[i].otherwise;
      if (otherwise == ruleset::kNone) otherwise = static_cast<std::uint32_t>(rules_->steps.size());
    }
  }

  void LoadDependencies(json::Node feature) {
    for (const json::Node dependency : feature.Find("dependencies")) {
      const std::string name = TextOf(dependency.Find("feature"));
      const auto parent = features_.find(name);
      // Chains are off, and so circles are.
      if (parent == features_.end() || parent->second.Find("dependencies").size() > 0) {
        Gate(constraints_.LoadNever());
        continue;
      }
      const bool is_enabled = dependency.Find("enabled").AsBool().value_or(true);
      Gate(constraints_.LoadEnabled(FlagAt(name), is_enabled));
      const json::Node names = dependency.Find("variants");
      if (names.size() == 0 || !is_enabled) continue;
      const std::uint16_t variant = FlagAt(VariantFlag(name));
      const std::vector<std::string> wanted = TextsOf(names);
      const bool has_none = variant == ruleset::kNoFlag;  // then its variant is called that
      if (has_none && std::find(wanted.begin(), wanted.end(), "disabled") != wanted.end()) continue;
      Gate(variant == ruleset::kNoFlag ? constraints_.LoadNever() : constraints_.LoadVariant(variant, names));
    }
  }

  void LoadStrategy(json::Node feature, json::Node strategy, bool is_variant, ruleset::Flag* flag) {
    for (const json::Node constraint : strategy.Find("constraints")) LoadConstraint(constraint);
    for (const json::Node id : strategy.Find("segments")) {
      const auto segment = segments_.find(TextOf(id));
      if (segment == segments_.end()) {
        Gate(constraints_.LoadNever());
        continue;
      }
      for (const json::Node constraint : segment->second.Find("constraints")) LoadConstraint(constraint);
    }
    LoadFunction(feature, TextOf(strategy.Find("name")), strategy.Find("parameters"));
    Serve(feature, strategy, is_variant, flag);
  }

  void LoadConstraint(json::Node constraint) {
    is_broken_ = is_broken_ || ++constraint_count_ > kConstraints;
    if (!is_broken_) Gate(constraints_.Load(constraint));
  }

  void LoadFunction(json::Node feature, const std::string& name, json::Node parameters) {
    const auto parameter = [&](const char* key) { return TextOf(parameters.Find(key)); };
    if (name == "default") return;
    if (name == "userWithId") return Gate(constraints_.LoadIn("userId", SplitTexts(parameter("userIds"))));
    if (name == "remoteAddress") return Gate(constraints_.LoadWithin("remoteAddress", SplitTexts(parameter("IPs"))));
    if (name == "applicationHostname") {
      return Gate(constraints_.LoadIn("hostname", SplitTexts(parameter("hostNames"))));
    }
    const std::string group = parameter("groupId");
    if (name == "gradualRolloutUserId") return Share(group, "userId", parameter("percentage"));
    if (name == "gradualRolloutSessionId") return Share(group, "sessionId", parameter("percentage"));
    if (name == "gradualRolloutRandom") return Share(group, "random", parameter("percentage"));
    if (name != "flexibleRollout") return Gate(constraints_.LoadNever());
    const std::string stickiness = parameter("stickiness");
    Share(TextOf(parameters.Find("groupId"), TextOf(feature.Find("name"))), stickiness.empty() ? "default" : stickiness,
          parameter("rollout"));
  }

  void Share(const std::string& group, const std::string& stickiness, const std::string& percentage) {
    const double number = javascript::ToNumber(std::string_view(percentage));
    const double most = std::isnan(number) ? 0 : std::clamp(std::floor(number), 0.0, 100.0);
    AddShare(group, stickiness, 0, 100, {0, static_cast<std::uint32_t>(most), 0});
  }

  // `default` is the user, else the session, else anything; `random` is anything: the device.
  void AddShare(const std::string& group, const std::string& stickiness, std::uint32_t seed, std::uint32_t places,
                ruleset::SlotRange range) {
    ruleset::Bucket bucket;
    bucket.hash = ruleset::Bucket::Hash::kMurmur3;
    bucket.seed = seed;
    bucket.places = places;
    bucket.before = group + ":";
    bucket.counts_without = stickiness == "default" || stickiness == "random";
    bucket.unit = UnitKind(stickiness == "default" ? "userId" : stickiness == "random" ? "device" : stickiness);
    if (stickiness == "default") {
      bucket.fallback = UnitKind("sessionId");
      bucket.last = UnitKind("device");
    }
    ruleset::Step& step = AddStep(StepKind::kShare);
    step.index = static_cast<std::uint32_t>(rules_->buckets.size());
    step.first_range = static_cast<std::uint32_t>(rules_->ranges.size());
    step.range_count = 1;
    rules_->buckets.push_back(std::move(bucket));
    rules_->ranges.push_back(range);
  }

  // The first kinds have room; more of them, which no payload has, hash nobody.
  std::uint16_t UnitKind(const std::string& name) {
    auto& kinds = rules_->unit_kinds;
    const auto at = std::find(kinds.begin(), kinds.end(), name);
    if (at != kinds.end()) return static_cast<std::uint16_t>(at - kinds.begin());
    if (kinds.size() >= kUnitKinds) {
      problems_.Error("/features", "hash by more than " + std::to_string(kUnitKinds) + " fields");
      return 0;
    }
    kinds.push_back(name);
    return static_cast<std::uint16_t>(kinds.size() - 1);
  }

  void Serve(json::Node feature, json::Node strategy, bool is_variant, ruleset::Flag* flag) {
    if (!is_variant) {
      AddStep(StepKind::kServe).index = AddBool(true);
      return;
    }
    const json::Node parameters = strategy.Find("parameters");
    const bool is_own = strategy.Find("variants").size() > 0;
    const json::Node variants = is_own ? strategy.Find("variants") : feature.Find("variants");
    const std::string name = TextOf(feature.Find("name"));
    std::uint32_t total = 0;
    std::size_t count = 0;
    for (const json::Node variant : variants) {
      if (++count <= kVariants) total += WeightOf(variant);
    }
    if (total > 0) {
      for (const json::Node variant : variants) ServeOverrides(variant, flag);
      const std::string own = TextOf(variants.First().Find("stickiness"));
      const std::string strategys = is_own ? TextOf(parameters.Find("stickiness")) : "";
      const std::string stickiness = !own.empty() ? own : !strategys.empty() ? strategys : "default";
      const std::string group = is_own ? TextOf(parameters.Find("groupId"), name) : name;
      std::uint32_t begin = 0;
      for (const json::Node variant : variants) {
        const std::uint32_t weight = WeightOf(variant);
        if (weight == 0 || begin + weight > total) continue;
        const std::size_t share = rules_->steps.size();
        AddShare(group, stickiness, kVariantSeed, total, {begin, begin + weight, 0});
        ServeNamed(AddVariant(variant, true, flag), flag);
        rules_->steps[share].otherwise = static_cast<std::uint32_t>(rules_->steps.size());
        begin += weight;
      }
    }
    ServeNamed(AddVariant(json::Node(), true, flag), flag);
  }

  // Who has one of an override's values gets its variant.
  void ServeOverrides(json::Node variant, ruleset::Flag* flag) {
    for (const json::Node override : variant.Find("overrides")) {
      const std::size_t gate = rules_->steps.size();
      Gate(constraints_.LoadIn(TextOf(override.Find("contextName")), TextsOf(override.Find("values"))));
      ServeNamed(AddVariant(variant, true, flag), flag);
      rules_->steps[gate].otherwise = static_cast<std::uint32_t>(rules_->steps.size());
    }
  }

  void ServeNamed(std::uint32_t value, ruleset::Flag* flag) {
    ruleset::Step& step = AddStep(StepKind::kServe);
    step.index = value;
    step.part = static_cast<std::uint16_t>(std::min<std::size_t>(flag->variants.size(), UINT16_MAX));
  }

  // A variant as Unleash's SDKs return it; a node that does not exist: none.
  std::uint32_t AddVariant(json::Node variant, bool is_feature_enabled, ruleset::Flag* flag) {
    ruleset::FlagValue value;
    value.type = ruleset::ValueType::kJson;
    const std::string name = variant.exists() ? TextOf(variant.Find("name")) : "disabled";
    json::Writer json(&value.text);
    json.BeginObject().Key("name").String(name);
    if (variant.Find("payload").exists()) json.Key("payload").Raw(variant.Find("payload").ToText());
    json.Key("enabled").Bool(variant.exists()).Key("feature_enabled").Bool(is_feature_enabled).End();
    rules_->values.push_back(std::move(value));
    const auto index = static_cast<std::uint32_t>(rules_->values.size() - 1);
    flag->variants.push_back({name, index});
    return index;
  }

  std::uint32_t AddBool(bool truth) {
    rules_->values.emplace_back().boolean = truth;
    return static_cast<std::uint32_t>(rules_->values.size() - 1);
  }

  void Gate(std::uint32_t condition) { AddStep(StepKind::kGate).index = condition; }

  ruleset::Step& AddStep(StepKind kind) {
    ruleset::Step& step = rules_->steps.emplace_back();
    step.kind = kind;
    step.rule = rule_;
    step.otherwise = ruleset::kNone;
    return step;
  }

  Problems& problems_;
  std::unique_ptr<ruleset::Ruleset> rules_ = std::make_unique<ruleset::Ruleset>();
  ConditionParts parts_;
  Constraints constraints_;
  std::map<std::string, json::Node> features_;
  std::map<std::string, json::Node> segments_;  // by id
  std::uint16_t rule_ = 0;
  std::size_t constraint_count_ = 0;
  bool is_broken_ = false;
};

}  // namespace

std::string VariantFlag(std::string_view feature) { return std::string(feature) + "#variant"; }

Loaded Load(std::string_view payload, const LoadOptions& options) {
  Loaded loaded;
  const auto document = ParsePayload(payload, &loaded);
  if (!document) return loaded;
  Problems problems;
  loaded.rules = Loader(&problems, options).Run(document->root());
  loaded.more_problems = problems.more();
  loaded.problems = problems.Take();
  return loaded;
}

}  // namespace guidon::dialects::unleash
