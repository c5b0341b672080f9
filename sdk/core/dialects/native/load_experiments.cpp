#include <algorithm>

#include "guidon/limits.h"
#include "sdk/core/dialects/native/native_loader.h"

namespace guidon::dialects {
namespace {

constexpr std::size_t kSaltBytes = 64;

// Both sorted.
bool Overlap(const std::vector<ruleset::SlotRange>& a, const std::vector<ruleset::SlotRange>& b) {
  auto left = a.begin();
  auto right = b.begin();
  while (left != a.end() && right != b.end()) {
    if (left->end <= right->begin) {
      ++left;
    } else if (right->end <= left->begin) {
      ++right;
    } else {
      return true;
    }
  }
  return false;
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
}

bool NativeLoader::LoadExperiment(const Place& place, ruleset::Experiment* experiment) {
  const auto iteration = place.Member("iteration").Int(1, static_cast<std::int64_t>(limits::kMaxVersion));
  const auto salt = place.Member("salt").Name(kSaltBytes);
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
  return LoadLayerSlots(place, experiment) && ok;
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
  if (place.Member("starts_at").exists()) {
    const auto time = place.Member("starts_at").Time();
    ok = time && ok;
    if (time) experiment->starts_at = *time;
  }
  if (place.Member("ends_at").exists()) {
    const auto time = place.Member("ends_at").Time();
    ok = time && ok;
    if (time) experiment->ends_at = *time;
  }
  return ok;
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
  if (!LoadRanges(place.Member("slots"), 0, &experiment->slots)) return false;
  if (experiment->status == ruleset::ExperimentStatus::kEnded) return true;
  for (const ruleset::Experiment& other : rules_->experiments) {
    const bool shares = other.is_valid && other.layer == experiment->layer &&
                        other.status != ruleset::ExperimentStatus::kEnded && Overlap(other.slots, experiment->slots);
    if (!shares) continue;
    place.Member("slots").Error("shares slots of the layer with the experiment \"" + other.key + "\"");
    return false;
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
  auto& split = experiment->split;
  std::sort(split.begin(), split.end(),
            [](const ruleset::SlotRange& a, const ruleset::SlotRange& b) { return a.begin < b.begin; });
  std::uint32_t covered = 0;
  for (const ruleset::SlotRange& range : split) {
    if (range.begin != covered) break;
    covered = range.end;
  }
  if (ok && covered != ruleset::kSlots) {
    place.Error("do not share out the slots 0 to 1000000 exactly: slot " + std::to_string(covered) +
                " belongs to none of them, or to two");
    ok = false;
  }
  return ok;
}

bool NativeLoader::LoadVariantValues(const Place& place, ruleset::Experiment* experiment, bool is_first) {
  if (!place.IsObject()) return false;
  std::map<std::uint32_t, std::uint32_t> values;
  for (const json::Node node : place.node()) {
    const Place value_place = place.Child(node);
    const auto flag = flags_.find(node.name());
    if (flag == flags_.end()) {
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

void NativeLoader::GovernByHoldouts(const Place& holdouts) {
  std::size_t i = 0;
  for (const json::Node node : holdouts.node()) {
    const auto index = static_cast<std::uint16_t>(i);
    const ruleset::Holdout& holdout = rules_->holdouts[i++];
    const Place list = holdouts.Child(node).Member("experiments");
    const bool all = list.node().AsString() == std::optional<std::string_view>("*");
    if (!all && !list.IsArray()) continue;
    // Rather nobody in an experiment than people who should be held out.
    const bool is_broken = holdout.size == 0;
    std::vector<std::uint16_t> governed;
    for (std::size_t e = 0; all && e < rules_->experiments.size(); ++e) {
      // "*" passes over experiments on another kind of unit: their units cannot be compared.
      if (is_broken || rules_->experiments[e].unit == holdout.unit) governed.push_back(static_cast<std::uint16_t>(e));
    }
    for (const json::Node item : list.node()) {
      const Place place = list.Child(item);
      const auto name = place.Text();
      const auto at = name ? experiments_.find(*name) : experiments_.end();
      if (at == experiments_.end()) {
        if (name) place.Error("there is no experiment \"" + *name + "\"");
        continue;
      }
      if (!is_broken && rules_->experiments[at->second].unit != holdout.unit) {
        place.Error("is an experiment on another kind of unit than the holdout's");
        rules_->experiments[at->second].is_valid = false;
        continue;
      }
      governed.push_back(at->second);
    }
    for (const std::uint16_t e : governed) {
      auto& own = rules_->experiments[e].holdouts;
      if (is_broken) rules_->experiments[e].is_valid = false;
      if (is_broken || (!own.empty() && own.back() == index)) continue;  // named twice
      if (own.size() < limits::kHoldoutsPerExperiment) {
        own.push_back(index);
      } else {
        list.Error("makes a fifth holdout that governs \"" + rules_->experiments[e].key + "\"; four are the most");
        rules_->experiments[e].is_valid = false;
      }
    }
  }
}

}  // namespace guidon::dialects
