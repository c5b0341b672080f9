#include <algorithm>
#include <iterator>

#include "guidon/limits.h"
#include "sdk/core/dialects/native/native_loader.h"

namespace guidon::dialects {
namespace {

// Else only once nobody new is let in, the datafile having expired.
bool AlwaysRemembers(const ruleset::Experiment& experiment) {
  return experiment.is_sticky || experiment.status == ruleset::ExperimentStatus::kPaused ||
         experiment.ship.variant != ruleset::kNone;
}

}  // namespace

void NativeLoader::LoadExperiments(const Place& experiments) {
  rules_->experiments.reserve(experiments.node().size());
  for (const json::Node node : experiments.node()) {
    const Place place = experiments.Child(node);
    ruleset::Experiment experiment;
    experiment.key = std::string(node.name());
    if (!IsName(experiment.key, limits::kKeyBytes)) {
      place.Error("has a name that is not 1 to 128 letters, digits, dots, underscores or dashes");
    } else if (place.IsObject()) {
      experiment.is_valid = LoadExperiment(place, &experiment);
    }
    experiments_.emplace(experiment.key, static_cast<std::uint16_t>(rules_->experiments.size()));
    rules_->experiments.push_back(std::move(experiment));
  }
  Remember(true);
  rules_->always_remembered = rules_->remembered.size();
  Remember(false);
}

void NativeLoader::Remember(bool always) {
  for (std::size_t i = 0; i < rules_->experiments.size(); ++i) {
    ruleset::Experiment& experiment = rules_->experiments[i];
    if (!experiment.is_valid || AlwaysRemembers(experiment) != always) continue;
    experiment.memory = static_cast<std::uint32_t>(rules_->remembered.size());
    rules_->remembered.push_back(static_cast<std::uint16_t>(i));
  }
}

bool NativeLoader::LoadExperiment(const Place& place, ruleset::Experiment* experiment) {
  const auto iteration = place.Member("iteration").Int(1, static_cast<std::int64_t>(limits::kMaxVersion));
  const auto salt = place.Member("salt").Name(ruleset::kSaltBytes);
  bool ok = iteration && salt;
  if (ok) {
    experiment->iteration = *iteration;
    experiment->salt = *salt;
  }
  experiment->is_protected = place.Member("protected").BoolOr(false);
  ok = LoadSchedule(place, experiment) && ok;
  ok = LoadVariants(place.Member("variants"), experiment) && ok;
  if (place.Member("when").exists()) {
    const auto condition = conditions_.Load(place.Member("when"));
    ok = condition && ok;
    if (condition) experiment->condition = *condition;
  }
  ok = LoadSticky(place.Member("sticky"), experiment) && ok;
  ok = LoadAudiences(place.Member("audiences"), experiment) && ok;
  ok = LoadShip(place.Member("ship"), experiment) && ok;
  return LoadLayerSlots(place, experiment) && ok && ClaimSlots(place, *experiment);
}

bool NativeLoader::LoadSticky(const Place& place, ruleset::Experiment* experiment) {
  if (!place.exists()) return true;
  const auto name = place.Text();
  if (!name) return false;
  if (*name != "none" && *name != "exposed") {
    place.Error("must be none or exposed, not \"" + *name + "\"");
    return false;
  }
  experiment->is_sticky = *name == "exposed";
  return true;
}

bool NativeLoader::LoadAudiences(const Place& list, ruleset::Experiment* experiment) {
  if (!list.exists()) return true;
  if (!list.IsArray() || !list.HasAtMost(limits::kAudiences, "audiences")) return false;
  bool ok = true;
  for (const json::Node node : list.node()) {
    const Place place = list.Child(node);
    ruleset::Audience audience;
    if (!place.IsObject() || !LoadAudience(place, *experiment, &audience)) {
      ok = false;
      continue;
    }
    for (const ruleset::Audience& other : experiment->audiences) {
      if (other.name != audience.name) continue;
      place.Member("name").Error("is the name of two audiences");
      ok = false;
    }
    experiment->audiences.push_back(std::move(audience));
  }
  return ok;
}

bool NativeLoader::LoadAudience(const Place& place, const ruleset::Experiment& experiment,
                                ruleset::Audience* audience) {
  const auto name = place.Member("name").Name(limits::kKeyBytes);
  const Place when = place.Member("when");
  if (!when.exists()) when.Error("is missing");
  const auto condition = when.exists() ? conditions_.Load(when) : std::nullopt;
  bool ok = LoadRanges(place.Member("slots"), 0, &audience->slots);
  const Place variants = place.Member("variants");
  if (!name || !condition || !variants.IsObject() || !ok) return false;
  audience->name = *name;
  audience->condition = *condition;
  for (const json::Node node : variants.node()) {
    const Place ranges = variants.Child(node);
    const auto at = std::find_if(experiment.variants.begin(), experiment.variants.end(),
                                 [&](const ruleset::Variant& each) { return each.name == node.name(); });
    if (at == experiment.variants.end()) {
      ranges.Error("there is no variant \"" + std::string(node.name()) + "\"");
      return false;
    }
    ok = LoadRanges(ranges, static_cast<std::uint32_t>(at - experiment.variants.begin()), &audience->split) && ok;
  }
  return ok && SharesOut(variants, &audience->split);
}

bool NativeLoader::LoadShip(const Place& place, ruleset::Experiment* experiment) {
  if (!place.exists()) return true;
  if (!place.IsObject()) return false;
  if (experiment->status != ruleset::ExperimentStatus::kEnded) {
    place.Error("is for an experiment that has ended");
    return false;
  }
  const Place variant = place.Member("variant");
  const auto name = variant.Text();
  if (!name || !LoadRanges(place.Member("slots"), 0, &experiment->ship.slots)) return false;
  for (std::uint32_t i = 0; i < experiment->variants.size(); ++i) {
    if (experiment->variants[i].name == *name) experiment->ship.variant = i;
  }
  if (experiment->ship.variant != ruleset::kNone) return true;
  variant.Error("there is no variant \"" + *name + "\"");
  return false;
}

bool NativeLoader::LoadSchedule(const Place& place, ruleset::Experiment* experiment) {
  const Place status = place.Member("status");
  const auto name = status.Text();
  bool ok = name.has_value();
  if (ok && *name == "running") {
    experiment->status = ruleset::ExperimentStatus::kRunning;
  } else if (ok && *name == "paused") {
    experiment->status = ruleset::ExperimentStatus::kPaused;
  } else if (ok && *name == "ended") {
    experiment->status = ruleset::ExperimentStatus::kEnded;
  } else if (ok) {
    status.Error("must be running, paused or ended, not \"" + *name + "\"");
    ok = false;
  }
  ok = LoadMoment(place.Member("starts_at"), &experiment->starts_at) && ok;
  return LoadMoment(place.Member("ends_at"), &experiment->ends_at) && ok;
}

bool NativeLoader::LoadLayerSlots(const Place& place, ruleset::Experiment* experiment) {
  const Place layer_place = place.Member("layer");
  const auto name = layer_place.Text();
  if (!name) return false;
  const auto layer = layers_.find(*name);
  if (layer == layers_.end()) {
    layer_place.Error("there is no layer \"" + *name + "\"");
    return false;
  }
  experiment->layer = layer->second;
  experiment->unit = rules_->layers[layer->second].unit;
  return LoadRanges(place.Member("slots"), 0, &experiment->slots);
}

// Audiences of one experiment may share slots, as a unit is in one of them; experiments may not. One that has ended
// keeps its slots only to know who was in it.
bool NativeLoader::ClaimSlots(const Place& place, const ruleset::Experiment& experiment) {
  if (experiment.status == ruleset::ExperimentStatus::kEnded) return true;
  auto& claims = claims_[experiment.layer];
  const auto find = [&claims](const std::vector<ruleset::SlotRange>& slots) -> const Claim* {
    for (const ruleset::SlotRange& range : slots) {
      const auto after = claims.lower_bound(range.end);  // begins behind it
      if (after != claims.begin() && std::prev(after)->second.end > range.begin) return &std::prev(after)->second;
    }
    return nullptr;
  };
  if (const Claim* claim = find(experiment.slots)) {
    place.Member("slots").Error("shares slots of the layer with the experiment \"" + claim->experiment + "\"");
    return false;
  }
  for (const ruleset::Audience& audience : experiment.audiences) {
    const Claim* claim = find(audience.slots);
    if (claim == nullptr) continue;
    place.Member("audiences")
        .Error("the audience \"" + audience.name + "\" shares slots of the layer with the experiment \"" +
               claim->experiment + "\"");
    return false;
  }
  std::vector<ruleset::SlotRange> all = experiment.slots;
  for (const ruleset::Audience& audience : experiment.audiences) {
    all.insert(all.end(), audience.slots.begin(), audience.slots.end());
  }
  std::sort(all.begin(), all.end(),
            [](const ruleset::SlotRange& a, const ruleset::SlotRange& b) { return a.begin < b.begin; });
  std::uint32_t end = 0;
  for (const ruleset::SlotRange& range : all) {
    if (range.end <= end) continue;
    claims.emplace(std::max(range.begin, end), Claim{range.end, experiment.key});
    end = range.end;
  }
  return true;
}

bool NativeLoader::LoadVariants(const Place& place, ruleset::Experiment* experiment) {
  if (!place.IsObject() || !place.HasAtMost(limits::kVariants, "variants")) return false;
  if (place.node().size() == 0) {
    place.Error("is empty");
    return false;
  }
  bool ok = true;
  std::size_t i = 0;
  for (const json::Node node : place.node()) {
    const Place variant = place.Child(node);
    if (!variant.IsObject()) return false;
    const bool is_reserved = node.name() == "off" || node.name() == "unassigned";  // what QA forces
    if (!IsName(node.name(), limits::kKeyBytes) || is_reserved) {
      variant.Error(
          "has a name that is not 1 to 128 letters, digits, dots, underscores or dashes, or is \"off\" or "
          "\"unassigned\"");
      ok = false;
    }
    experiment->variants.push_back({std::string(node.name()), {}});
    ok = LoadRanges(variant.Member("slots"), static_cast<std::uint32_t>(i), &experiment->split) && ok;
    ok = LoadVariantValues(variant.Member("flags"), experiment, i == 0) && ok;
    ++i;
  }
  return ok && SharesOut(place, &experiment->split);
}

// Sorts it.
bool NativeLoader::SharesOut(const Place& place, std::vector<ruleset::SlotRange>* split) {
  std::sort(split->begin(), split->end(),
            [](const ruleset::SlotRange& a, const ruleset::SlotRange& b) { return a.begin < b.begin; });
  std::uint32_t covered = 0;
  for (const ruleset::SlotRange& range : *split) {
    if (range.begin != covered) break;
    covered = range.end;
  }
  if (covered == ruleset::kSlots) return true;
  place.Error("do not share out the slots 0 to 1000000 exactly: slot " + std::to_string(covered) +
              " belongs to none of them, or to two");
  return false;
}

bool NativeLoader::LoadVariantValues(const Place& place, ruleset::Experiment* experiment, bool is_first) {
  if (!place.IsObject()) return false;
  std::map<std::uint32_t, std::uint32_t> values;
  for (const json::Node node : place.node()) {
    const Place value_place = place.Child(node);
    const auto flag = named_.flags.find(node.name());
    if (flag == named_.flags.end()) {
      value_place.Error("there is no flag \"" + std::string(node.name()) + "\", or it has an error");
      return false;
    }
    const auto value = LoadValue(value_place, rules_->flags[flag->second].type);
    if (!value) return false;
    values[flag->second] = *value;
  }
  if (is_first) {
    for (const auto& [flag, value] : values) experiment->flags.push_back(flag);
  }
  bool same = values.size() == experiment->flags.size();
  for (const auto& [flag, value] : values) {
    same = same && std::binary_search(experiment->flags.begin(), experiment->flags.end(), flag);
    experiment->variants.back().values.push_back(value);
  }
  if (same && !values.empty()) return true;
  place.Error(values.empty() ? "sets no flag" : "must set the same flags as the other variants");
  return false;
}

}  // namespace guidon::dialects
