#include <algorithm>

#include "guidon/limits.h"
#include "sdk/core/dialects/native/native_loader.h"

namespace guidon::dialects {
namespace {

using ruleset::StepKind;

std::optional<ruleset::ValueType> ParseType(std::string_view name) noexcept {
  static constexpr ruleset::ValueType kAll[] = {ruleset::ValueType::kBool, ruleset::ValueType::kInt,
                                                ruleset::ValueType::kDouble, ruleset::ValueType::kString,
                                                ruleset::ValueType::kJson};
  for (const ruleset::ValueType type : kAll) {
    if (ruleset::ValueTypeName(type) == name) return type;
  }
  return std::nullopt;
}

}  // namespace

void NativeLoader::LoadFlagTypes(const Place& flags) {
  std::vector<json::Node> sorted;
  for (const json::Node node : flags.node()) sorted.push_back(node);
  std::sort(sorted.begin(), sorted.end(), [](json::Node a, json::Node b) { return a.name() < b.name(); });
  rules_->flags.resize(sorted.size());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const Place place = flags.Child(sorted[i]);
    ruleset::Flag& flag = rules_->flags[i];
    flag.key = std::string(sorted[i].name());
    if (!IsName(flag.key, limits::kKeyBytes)) {
      place.Error("has a name that is not 1 to 128 letters, digits, dots, underscores or dashes");
    } else if (place.IsObject()) {
      LoadFlagType(place, &flag);
      if (flag.is_valid) named_.flags.emplace(flag.key, static_cast<std::uint32_t>(i));
    }
  }
}

void NativeLoader::LoadFlagType(const Place& place, ruleset::Flag* flag) {
  const Place type_place = place.Member("type");
  const auto name = type_place.Text();
  if (!name) return;
  const auto type = ParseType(*name);
  if (!type) {
    type_place.Error("must be bool, int, double, string or json, not \"" + *name + "\"");
    return;
  }
  flag->type = *type;
  const auto value = LoadValue(place.Member("default"), *type);
  if (!value) return;
  flag->default_value = *value;
  flag->is_killed = place.Member("kill").BoolOr(false);
  flag->is_protected = place.Member("protected").BoolOr(false);
  if (!LoadExpiry(place.Member("when_expired"), flag)) return;
  const Place hold = place.Member("hold");
  if (hold.exists()) {
    const auto span = hold.Text();
    if (!span) return;
    flag->holds_for_session = *span == "session";
    if (!flag->holds_for_session) hold.Warning("is not known here, so it is not held: only \"session\" is");
  }
  flag->is_valid = true;
}

bool NativeLoader::LoadExpiry(const Place& place, ruleset::Flag* flag) {
  if (!place.exists()) return true;
  const auto what = place.Text();
  if (!what) return false;
  flag->ends_with_datafile = *what == "default";
  if (!flag->ends_with_datafile) place.Warning("is not known here, so its rules go on: only \"default\" is");
  return true;
}

void NativeLoader::LoadRules(const Place& flags) {
  for (const json::Node node : flags.node()) {
    const auto at = named_.flags.find(node.name());
    if (at == named_.flags.end()) continue;
    ruleset::Flag& flag = rules_->flags[at->second];
    flag.is_valid = LoadFlagRules(flags.Child(node), &flag);
  }
}

bool NativeLoader::LoadFlagRules(const Place& place, ruleset::Flag* flag) {
  const Place rules = place.Member("rules");
  flag->first_step = static_cast<std::uint32_t>(rules_->steps.size());
  if (rules.exists() && (!rules.IsArray() || !rules.HasAtMost(limits::kRulesPerFlag, "rules"))) return false;
  bool ok = true;
  std::size_t i = 0;
  for (const json::Node node : rules.node()) {
    const Place rule_place = rules.Child(node);
    const std::size_t first = rules_->steps.size();
    rule_index_ = static_cast<std::uint16_t>(i++);
    flag->rules.emplace_back();
    ok = rule_place.IsObject() && LoadRule(rule_place, *flag, &flag->rules.back()) && ok;
    // Whatever does not let a unit through leads to the next rule.
    for (std::size_t s = first; s < rules_->steps.size(); ++s) {
      std::uint32_t& otherwise = rules_->steps[s].otherwise;
      if (otherwise == ruleset::kNone) otherwise = static_cast<std::uint32_t>(rules_->steps.size());
    }
  }
  AddStep(StepKind::kDefault);
  return ok;
}

bool NativeLoader::LoadRule(const Place& place, const ruleset::Flag& flag, ruleset::Rule* rule) {
  const Place id = place.Member("id");
  const auto name = id.Name(limits::kKeyBytes);
  if (!name) return false;
  for (const ruleset::Rule& other : flag.rules) {
    if (&other != rule && other.id == *name) {
      id.Error("is the id of two rules of this flag");
      return false;
    }
  }
  rule->id = *name;
  const Place when = place.Member("when");
  if (when.exists()) {
    const auto condition = conditions_.Load(when);
    if (!condition) return false;
    AddStep(StepKind::kGate).index = *condition;
  }
  const Place serve = place.Member("serve");
  const Place rollout = place.Member("rollout");
  const Place experiment = place.Member("experiment");
  if (static_cast<int>(serve.exists()) + static_cast<int>(rollout.exists()) + static_cast<int>(experiment.exists()) !=
      1) {
    place.Error("must have exactly one of serve, rollout and experiment");
    return false;
  }
  if (rollout.exists()) return LoadRollout(rollout, flag);
  if (experiment.exists()) return LoadExperimentRule(experiment, flag, rule);
  const auto value = LoadValue(serve, flag.type);
  if (!value) return false;
  AddStep(StepKind::kServe).index = *value;
  return true;
}

bool NativeLoader::LoadRollout(const Place& place, const ruleset::Flag& flag) {
  if (!place.IsObject()) return false;
  const auto unit = UnitKind(place.Member("unit"));
  const auto salt = place.Member("salt").Name(ruleset::kSaltBytes);
  const Place split = place.Member("split");
  if (!unit || !salt || !split.IsArray() || !split.HasAtMost(limits::kVariants, "parts")) return false;
  const auto first_value = static_cast<std::uint32_t>(rules_->values.size());
  std::vector<ruleset::SlotRange> ranges;
  std::size_t i = 0;
  for (const json::Node node : split.node()) {
    const Place part = split.Child(node);
    if (!part.IsObject() || !LoadRanges(part.Member("slots"), static_cast<std::uint32_t>(i), &ranges) ||
        !LoadValue(part.Member("serve"), flag.type)) {
      return false;
    }
    ++i;
  }
  std::sort(ranges.begin(), ranges.end(),
            [](const ruleset::SlotRange& a, const ruleset::SlotRange& b) { return a.begin < b.begin; });
  for (std::size_t k = 1; k < ranges.size(); ++k) {
    if (ranges[k].begin < ranges[k - 1].end) {
      split.Error("has two parts that share the slot " + std::to_string(ranges[k].begin));
      return false;
    }
  }
  AddStep(StepKind::kUnit).object = *unit;
  ruleset::Step& step = AddStep(StepKind::kRollout);
  step.object = *unit;
  step.index = first_value;
  step.salt = static_cast<std::uint32_t>(rules_->salts.size());
  step.first_range = static_cast<std::uint32_t>(rules_->ranges.size());
  step.range_count = static_cast<std::uint32_t>(ranges.size());
  rules_->salts.push_back(*salt);
  rules_->ranges.insert(rules_->ranges.end(), ranges.begin(), ranges.end());
  return true;
}

bool NativeLoader::LoadExperimentRule(const Place& place, const ruleset::Flag& flag, ruleset::Rule* rule) {
  const auto name = place.Text();
  if (!name) return false;
  const auto at = experiments_.find(*name);
  if (at == experiments_.end() || !rules_->experiments[at->second].is_valid) {
    place.Error(at == experiments_.end() ? "there is no experiment \"" + *name + "\""
                                         : "the experiment \"" + *name + "\" has an error");
    return false;
  }
  const ruleset::Experiment& experiment = rules_->experiments[at->second];
  if (!std::binary_search(experiment.flags.begin(), experiment.flags.end(), rules_->IndexOf(flag))) {
    place.Error("the experiment \"" + *name + "\" does not set this flag");
    return false;
  }
  rule->experiment = at->second;
  LayOutExperiment(at->second);
  return true;
}

// Its steps in the order in which they are asked.
void NativeLoader::LayOutExperiment(std::uint16_t index) {
  const ruleset::Experiment& experiment = rules_->experiments[index];
  const bool ships = experiment.ship.variant != ruleset::kNone;
  AddStep(StepKind::kRunning).object = index;
  AddStep(StepKind::kUnit).object = experiment.unit;
  for (const std::uint16_t holdout : experiment.holdouts) AddStep(StepKind::kHold).object = holdout;
  if (ships || experiment.is_sticky) AddStep(ships ? StepKind::kKept : StepKind::kEnrolled).object = index;
  const std::size_t first = rules_->steps.size();
  if (experiment.condition != ruleset::kNone) {
    ruleset::Step& gate = AddStep(StepKind::kGate);
    gate.index = experiment.condition;
    gate.object = static_cast<std::uint16_t>(index + 1);  // whose targeting it is, for the explanation
  }
  const auto layer = static_cast<std::uint32_t>(rules_->steps.size() + experiment.audiences.size());
  for (std::size_t i = 0; i < experiment.audiences.size(); ++i) {
    ruleset::Step& audience = AddStep(StepKind::kAudience);
    audience.object = index;
    audience.part = static_cast<std::uint16_t>(i);
    audience.index = experiment.audiences[i].condition;
    audience.otherwise = layer;
  }
  AddStep(StepKind::kLayer).object = index;
  AddStep(ships ? StepKind::kWinner : StepKind::kSplit).object = index;
  if (!ships) return;
  // Who was not in the winning variant may be shipped it all the same.
  const auto ship = static_cast<std::uint32_t>(rules_->steps.size());
  for (std::size_t s = first; s < ship; ++s) {
    if (rules_->steps[s].otherwise == ruleset::kNone) rules_->steps[s].otherwise = ship;
  }
  AddStep(StepKind::kShip).object = index;
}

// Once more by itself, for each that a condition asks for: variant() is answered whatever flags' rules say.
void NativeLoader::LayOutAskedExperiments() {
  rule_index_ = 0;
  for (const ruleset::Node& node : rules_->nodes) {
    if (node.op != ruleset::Op::kVariant) continue;
    ruleset::Experiment& experiment = rules_->experiments[node.slot];
    if (!experiment.is_valid || experiment.first_step != ruleset::kNone) continue;
    experiment.first_step = static_cast<std::uint32_t>(rules_->steps.size());
    LayOutExperiment(node.slot);
  }
}

ruleset::Step& NativeLoader::AddStep(StepKind kind) {
  ruleset::Step step;
  step.kind = kind;
  step.rule = rule_index_;
  step.otherwise = ruleset::kNone;
  rules_->steps.push_back(step);
  return rules_->steps.back();
}

}  // namespace guidon::dialects
