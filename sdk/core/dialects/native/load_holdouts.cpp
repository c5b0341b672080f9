// Holdouts, and what they keep people out of: experiments and campaigns.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "guidon/limits.h"
#include "sdk/core/dialects/native/native_loader.h"

namespace guidon::dialects {

// An experiment or a campaign, as far as holdouts are concerned.
struct NativeLoader::Governed {
  std::string_view key;
  std::uint16_t unit = 0;
  bool* is_valid = nullptr;
  std::vector<std::uint16_t>* holdouts = nullptr;
};

void NativeLoader::LoadHoldouts(const Place& holdouts) {
  for (const json::Node node : holdouts.node()) {
    const Place place = holdouts.Child(node);
    ruleset::Holdout holdout;
    holdout.key = std::string(node.name());
    if (!IsName(holdout.key, limits::kKeyBytes)) {
      place.Error("has a name that is not 1 to 128 letters, digits, dots, underscores or dashes");
    } else if (place.IsObject()) {
      const auto unit = UnitKind(place.Member("unit"));
      const auto salt = place.Member("salt").Name(ruleset::kSaltBytes);
      // Twice the size: the comparison group needs as many slots again.
      const auto size = place.Member("size").Int(1, ruleset::kSlots / 2);
      if (unit && salt && size) {
        holdout.unit = *unit;
        holdout.salt = *salt;
        holdout.size = static_cast<std::uint32_t>(*size);
      }
    }
    rules_->holdouts.push_back(std::move(holdout));  // size 0: broken, see Govern
  }
}

// Before rules are laid down: who is held out is a step of theirs.
void NativeLoader::GovernExperiments(const Place& holdouts) {
  std::vector<Governed> all;
  for (ruleset::Experiment& each : rules_->experiments) {
    all.push_back({each.key, each.unit, &each.is_valid, &each.holdouts});
  }
  std::uint16_t index = 0;
  for (const json::Node node : holdouts.node()) {
    Govern(holdouts.Child(node).Member("experiments"), index++, "experiment", all);
  }
}

void NativeLoader::GovernCampaigns(const Place& holdouts) {
  std::vector<Governed> all;
  for (ruleset::Campaign& each : rules_->campaigns) {
    all.push_back({each.key, each.unit, &each.is_valid, &each.holdouts});
  }
  std::uint16_t index = 0;
  for (const json::Node node : holdouts.node()) {
    // Holdouts of before know experiments alone.
    const Place campaigns = holdouts.Child(node).Member("campaigns");
    if (campaigns.exists()) Govern(campaigns, index, "campaign", all);
    ++index;
  }
}

void NativeLoader::Govern(const Place& list, std::uint16_t index, const std::string& what,
                          const std::vector<Governed>& all) {
  const ruleset::Holdout& holdout = rules_->holdouts[index];
  const bool is_all = list.node().AsString() == std::optional<std::string_view>("*");
  if (!is_all && !list.IsArray()) return;
  // Rather nobody in an experiment than people who should be held out.
  const bool is_broken = holdout.size == 0;
  std::vector<const Governed*> governed;
  for (const Governed& each : all) {
    // "*" passes over what is by another kind of unit: their units cannot be compared.
    if (is_all && (is_broken || each.unit == holdout.unit)) governed.push_back(&each);
  }
  for (const json::Node item : list.node()) {
    const Place place = list.Child(item);
    const auto name = place.Text();
    if (!name) continue;
    const auto at = std::find_if(all.begin(), all.end(), [&](const Governed& each) { return each.key == *name; });
    if (at == all.end()) {
      place.Error("there is no " + what + " \"" + *name + "\"");
    } else if (!is_broken && at->unit != holdout.unit) {
      place.Error((what == "experiment" ? "is an " : "is a ") + what + " on another kind of unit than the holdout's");
      *at->is_valid = false;
    } else {
      governed.push_back(&*at);
    }
  }
  for (const Governed* each : governed) {
    std::vector<std::uint16_t>& own = *each->holdouts;
    if (is_broken) *each->is_valid = false;
    if (is_broken || (!own.empty() && own.back() == index)) continue;  // named twice
    if (own.size() < limits::kHoldoutsPerExperiment) {
      own.push_back(index);
    } else {
      list.Error("makes a fifth holdout that governs \"" + std::string(each->key) + "\"; four are the most");
      *each->is_valid = false;
    }
  }
}

}  // namespace guidon::dialects
