#include "sdk/core/dialects/growthbook/load.h"

#include <algorithm>
#include <set>

#include "guidon/decision.h"
#include "guidon/limits.h"
#include "sdk/core/base/javascript.h"
#include "sdk/core/base/text.h"
#include "sdk/core/dialects/growthbook/loader.h"

namespace guidon::dialects::growthbook {
namespace {

using ruleset::StepKind;

constexpr std::size_t kUnitKinds = 64;

}  // namespace

Loaded Load(std::string_view payload, const LoadOptions& options) {
  Loaded loaded;
  const auto document = ParsePayload(payload, &loaded);
  if (!document) return loaded;
  Problems problems;
  loaded.rules = Loader(Place(document->root(), &problems), options).Load();
  loaded.more_problems = problems.more();
  loaded.problems = problems.Take();
  return loaded;
}

std::string TextOr(json::Node node, std::string fallback) {
  const Value value = node.ToValue();
  return javascript::IsTruthy(value) ? javascript::ToText(value) : fallback;
}

std::uint32_t PlacesOfVersion(std::int64_t version) noexcept { return version == 1 ? 1'000 : 10'000; }

// Shares grow with their places, so a range of shares is one of places.
ruleset::SlotRange PlacesOf(const ShareRange& range, std::int64_t version, std::uint32_t target) {
  const std::uint32_t places = PlacesOfVersion(version);
  const auto first_from = [places](double share) {
    std::uint32_t low = 0, high = places;
    while (low < high) {
      const std::uint32_t middle = (low + high) / 2;
      if (Bucket{middle, places}.share() >= share) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  };
  return {first_from(range.begin), first_from(range.end), target};
}

std::optional<ShareRange> LoadRange(const Place& place) {
  if (!place.IsArray()) return std::nullopt;
  const auto begin = place.node().First().AsNumber();
  const auto end = place.node().First().Next().AsNumber();
  if (place.node().size() == 2 && begin && end) return ShareRange{*begin, *end};
  place.Error("must be two numbers, the first share and the one behind the last");
  return std::nullopt;
}

std::unique_ptr<ruleset::Ruleset> Loader::Load() {
  if (!root_.IsObject()) return nullptr;
  const Place features = root_.Member("features");
  const Place experiments = root_.Member("experiments");
  if (features.exists() && (!features.IsObject() || !features.HasAtMost(limits::kFlags, "features"))) return nullptr;
  if (experiments.exists() && !experiments.IsArray()) return nullptr;
  rules_->units_are_attributes = true;
  rules_->layers.emplace_back();  // the one that all experiments are in, as a whole
  LoadHeader();
  NameFeatures(features);
  for (std::size_t i = 0; i < features_.size(); ++i) LoadFeature(features.Child(features_[i]), &rules_->flags[i]);
  LoadExperiments(experiments);
  parts_.BuildIndexes();
  std::vector<std::string_view> keys;
  for (const ruleset::Flag& flag : rules_->flags) keys.push_back(flag.key);
  rules_->flag_index.Build(keys);
  IndexExperiments();
  rules_->always_remembered = rules_->remembered.size();
  return std::move(rules_);
}

// Rules of several features may share an experiment's key, by which the first is found; the others by what no key is.
void Loader::IndexExperiments() {
  std::set<std::string_view> known;
  std::vector<std::string_view> names;
  for (ruleset::Experiment& experiment : rules_->experiments) {
    experiment.salt = "\x1F" + std::to_string(names.size());
    names.push_back(known.insert(experiment.key).second ? experiment.key : experiment.salt);
  }
  rules_->experiment_index.Build(names);
}

// A payload is newer by when it was last changed.
void Loader::LoadHeader() {
  const auto text = root_.node().Find("dateUpdated").AsString();
  const Timestamp changed = (text ? text::ParseTimestamp(*text) : std::nullopt).value_or(TimestampFromMs(1));
  rules_->header.project = "growthbook";
  rules_->header.epoch = 1;
  rules_->header.version = static_cast<std::uint64_t>(std::max<std::int64_t>(ToMs(changed), 1));
  rules_->header.issued_at = changed;
}

void Loader::NameFeatures(const Place& features) {
  for (const json::Node node : features.node()) {
    const Place place = features.Child(node);
    if (node.name().empty() || node.name().size() > limits::kKeyBytes) {
      place.Error("has a key that is not 1 to " + std::to_string(limits::kKeyBytes) + " bytes long");
      continue;
    }
    features_.push_back(node);
  }
  std::sort(features_.begin(), features_.end(), [](json::Node a, json::Node b) { return a.name() < b.name(); });
  for (const json::Node node : features_) rules_->flags.emplace_back().key = std::string(node.name());
}

void Loader::LoadFeature(const Place& place, ruleset::Flag* flag) {
  if (!place.IsObject()) return;
  flag->default_value = AddValue(place.node().Find("defaultValue"), rules_.get());
  flag->type = rules_->values[flag->default_value].type;
  flag->first_step = static_cast<std::uint32_t>(rules_->steps.size());
  gates_.clear();
  const Place rules = place.Member("rules");
  flag->is_valid = !rules.exists() || LoadRules(rules, flag);
  AddStep(StepKind::kDefault);
  for (const auto& [step, rule] : gates_) {
    rules_->steps[step].otherwise = static_cast<std::uint32_t>(rules_->steps.size());
    rule_index_ = rule;
    AddStep(StepKind::kNothing).part = static_cast<std::uint16_t>(Reason::kPrerequisite);
  }
}

bool Loader::LoadRules(const Place& rules, ruleset::Flag* flag) {
  if (!rules.IsArray() || !rules.HasAtMost(limits::kRulesPerFlag, "rules")) return false;
  bool ok = true;
  for (const json::Node node : rules.node()) {
    const Place place = rules.Child(node);
    const std::size_t first = rules_->steps.size();
    rule_index_ = static_cast<std::uint16_t>(flag->rules.size());
    flag->rules.emplace_back().id = TextOr(node.Find("id"), "");
    ok = place.IsObject() && LoadRule(place, *flag) && ok;
    LeadOn(first);
  }
  return ok;
}

void Loader::LeadOn(std::size_t first) {
  for (std::size_t i = first; i < rules_->steps.size(); ++i) {
    std::uint32_t& otherwise = rules_->steps[i].otherwise;
    if (otherwise == ruleset::kNone) otherwise = static_cast<std::uint32_t>(rules_->steps.size());
  }
}

bool Loader::LoadRule(const Place& place, const ruleset::Flag& flag) {
  if (!LoadParents(place.Member("parentConditions")) || !LoadFilters(place.Member("filters"))) return false;
  if (place.Member("force").exists()) return LoadForce(place, flag);
  return LoadExperimentRule(place, flag);
}

// A force rule with a range takes who is in it, with a coverage who is below it or at it.
bool Loader::LoadForce(const Place& place, const ruleset::Flag& flag) {
  const Place condition = place.Member("condition");
  if (condition.exists() && !LoadGate(condition, 0)) return false;
  const Place coverage = place.Member("coverage");
  const Place range_place = place.Member("range");
  const auto hashing = LoadHashing(place, flag.key);
  if (!hashing) return false;
  if (range_place.exists()) {
    const auto range = LoadRange(range_place);
    if (!range) return false;
    AddShare(*hashing, {PlacesOf(*range, hashing->version, 0)});
  } else if (coverage.exists()) {
    const auto share = coverage.node().is(json::Type::kNull) ? 0.0 : coverage.node().AsNumber();
    if (!share) {
      coverage.Error("must be a number");
      return false;
    }
    ruleset::SlotRange places = PlacesOf({0, *share}, hashing->version, 0);
    const std::uint32_t all = PlacesOfVersion(hashing->version);
    if (places.end < all && Bucket{places.end, all}.share() <= *share) ++places.end;
    const bool is_nobody = coverage.node().AsNumber() == 0.0;
    AddShare(*hashing, is_nobody ? std::vector<ruleset::SlotRange>() : std::vector<ruleset::SlotRange>{places});
  }
  AddStep(StepKind::kServe).index = AddValue(place.node().Find("force"), rules_.get());
  return true;
}

bool Loader::LoadParents(const Place& parents) {
  if (!parents.exists()) return true;
  if (!parents.IsArray()) return false;
  for (const json::Node node : parents.node()) {
    const Place place = parents.Child(node);
    if (!place.IsObject()) return false;
    const auto key = place.Member("id").Text();
    if (!key) return false;
    const auto at =
        std::lower_bound(rules_->flags.begin(), rules_->flags.end(), *key,
                         [](const ruleset::Flag& each, const std::string& wanted) { return each.key < wanted; });
    const bool is_there = at != rules_->flags.end() && at->key == *key;
    const auto flag = static_cast<std::uint16_t>(is_there ? at - rules_->flags.begin() : ruleset::kNoFlag);
    const Place condition = place.Member("condition");
    if (!condition.exists()) continue;
    const auto root = conditions_.LoadOfFlag(condition, flag);
    if (!root) return false;
    AddStep(StepKind::kGate).index = *root;
    if (node.Find("gate").AsBool().value_or(false)) {
      gates_.emplace_back(static_cast<std::uint32_t>(rules_->steps.size() - 1), rule_index_);
    }
  }
  return true;
}

bool Loader::LoadFilters(const Place& filters) {
  if (!filters.exists()) return true;
  if (!filters.IsArray()) return false;
  for (const json::Node node : filters.node()) {
    const Place place = filters.Child(node);
    const Place ranges = place.Member("ranges");
    if (!place.IsObject() || !ranges.IsArray()) return false;
    const auto unit = UnitKind(place.Member("attribute"));
    if (!unit) return false;
    Hashing hashing;
    hashing.unit = *unit;
    hashing.seed = TextOr(node.Find("seed"), "");
    hashing.version = node.Find("hashVersion").AsInt().value_or(0);
    if (hashing.version == 0) hashing.version = 2;
    std::vector<ruleset::SlotRange> places;
    for (const json::Node item : ranges.node()) {
      const auto range = LoadRange(ranges.Child(item));
      if (!range) return false;
      places.push_back(PlacesOf(*range, hashing.version, 0));
    }
    AddShare(hashing, places);
  }
  return true;
}

bool Loader::LoadGate(const Place& condition, std::uint16_t experiment) {
  const auto root = conditions_.Load(condition);
  if (!root) return false;
  ruleset::Step& gate = AddStep(StepKind::kGate);
  gate.index = *root;
  gate.object = experiment;
  return true;
}

std::optional<Loader::Hashing> Loader::LoadHashing(const Place& place, const std::string& default_seed) {
  Hashing hashing;
  const auto unit = UnitKind(place.Member("hashAttribute"));
  if (!unit) return std::nullopt;
  hashing.unit = *unit;
  const Place fallback = place.Member("fallbackAttribute");
  const bool is_disabled = javascript::IsTruthy(place.node().Find("disableStickyBucketing").ToValue());
  if (options_.is_sticky && !is_disabled && !TextOr(fallback.node(), "").empty()) {
    const auto other = UnitKind(fallback);
    if (!other) return std::nullopt;
    hashing.fallback = *other;
  }
  hashing.seed = TextOr(place.node().Find("seed"), default_seed);
  const json::Node version = place.node().Find("hashVersion");
  hashing.version = javascript::IsTruthy(version.ToValue()) ? version.AsInt().value_or(-1) : 1;
  return hashing;
}

// By the attribute's name; "id" where there is none.
std::optional<std::uint16_t> Loader::UnitKind(const Place& place) {
  const std::string name = TextOr(place.node(), "id");
  auto& kinds = rules_->unit_kinds;
  const auto at = std::find(kinds.begin(), kinds.end(), name);
  if (at != kinds.end()) return static_cast<std::uint16_t>(at - kinds.begin());
  if (kinds.size() >= kUnitKinds) {
    place.Error("is one attribute to hash too many: at most 64 are allowed");
    return std::nullopt;
  }
  kinds.push_back(name);
  return static_cast<std::uint16_t>(kinds.size() - 1);
}

ruleset::Step& Loader::AddStep(StepKind kind) {
  ruleset::Step step;
  step.kind = kind;
  step.rule = rule_index_;
  step.otherwise = ruleset::kNone;
  rules_->steps.push_back(step);
  return rules_->steps.back();
}

ruleset::Step& Loader::AddBucket(StepKind kind, const Hashing& hashing) {
  ruleset::Bucket bucket;
  bucket.unit = hashing.unit;
  bucket.fallback = hashing.fallback;
  bucket.places = PlacesOfVersion(hashing.version);
  const bool is_first = hashing.version == 1;
  bucket.hash = is_first ? ruleset::Bucket::Hash::kFnv1a : ruleset::Bucket::Hash::kFnv1aTwice;
  (is_first ? bucket.after : bucket.before) = hashing.seed;
  ruleset::Step& step = AddStep(kind);
  step.index = static_cast<std::uint32_t>(rules_->buckets.size());
  rules_->buckets.push_back(std::move(bucket));
  return step;
}

void Loader::AddShare(const Hashing& hashing, const std::vector<ruleset::SlotRange>& ranges) {
  ruleset::Step& step = AddBucket(StepKind::kShare, hashing);
  step.first_range = static_cast<std::uint32_t>(rules_->ranges.size());
  if (!hashing.is_known()) return;  // no unit is in it
  step.range_count = static_cast<std::uint32_t>(ranges.size());
  rules_->ranges.insert(rules_->ranges.end(), ranges.begin(), ranges.end());
}

}  // namespace guidon::dialects::growthbook
