// How often a campaign's prompt may be shown: its caps, the groups it shares some with, and what ends it for a person.
#include <algorithm>
#include <string>

#include "sdk/core/dialects/native/native_loader.h"
#include "sdk/core/dialects/reader.h"

namespace guidon::dialects {

namespace {

constexpr Bounds kGapBounds{Duration(1'000), Duration(24 * 3'600'000), "from 1s to 1d"};
// Of one campaign: caps, groups and the one that holds all, hours, and `until`.
constexpr std::size_t kLimits = limits::kCapsPerCampaign + limits::kGroupsPerCampaign + 3;

bool LoadZone(const Place& zone, ruleset::OpenHours* out) {
  if (!zone.exists()) return true;
  const auto text = zone.Text();
  if (!text || ruleset::ReadZone(*text, &out->zone)) return text.has_value();
  zone.Error("must be device, UTC or an offset such as +02:00, not \"" + *text + "\"");
  return false;
}

bool LoadHourSpan(const Place& hours, ruleset::OpenHours* out) {
  const auto text = hours.Text();
  if (!text || ruleset::ReadHours(*text, out)) return text.has_value();
  hours.Error("must be hours such as \"09:00-18:00\", not \"" + *text + "\"");
  return false;
}

bool LoadDays(const Place& days, ruleset::OpenHours* out) {
  if (!days.IsArray() || !days.HasAtMost(7, "days")) return false;
  out->days = 0;
  for (const json::Node node : days.node()) {
    const Place place = days.Child(node);
    const auto name = place.Text();
    if (!name) return false;
    const std::uint8_t day = ruleset::ReadDay(*name);
    if (day == 7) {
      place.Error("must be mon, tue, wed, thu, fri, sat or sun, not \"" + *name + "\"");
      return false;
    }
    out->days = static_cast<std::uint8_t>(out->days | 1u << day);
  }
  if (out->days == 0) days.Error("is empty, so it would never be shown");
  return out->days != 0;
}

// {"count": …, "per": …}
bool LoadCap(const Place& place, std::vector<ruleset::Cap>* caps) {
  const auto count = place.Member("count").Int(1, limits::kCapCount);
  const Place per = place.Member("per");
  const auto word = per.exists() ? per.Text() : std::string();
  if (!word) return false;
  if (count && (*word == "day" || *word == "session")) {
    const auto kind = *word == "day" ? ruleset::Cap::Per::kDay : ruleset::Cap::Per::kSession;
    caps->push_back({static_cast<std::uint32_t>(*count), Duration(0), kind});
    return true;
  }
  const auto window = per.exists() ? LoadDuration(per, kWindowBounds) : Duration(0);
  if (count && window) caps->push_back({static_cast<std::uint32_t>(*count), *window});
  return count && window;
}

}  // namespace

void NativeLoader::LoadGroups(const Place& groups) {
  for (const json::Node node : groups.node()) {
    const Place place = groups.Child(node);
    ruleset::CampaignGroup group;
    group.key = std::string(node.name());
    bool ok = IsName(group.key, limits::kKeyBytes);
    if (!ok) place.Error("has a name that is not 1 to 128 letters, digits, dots, underscores or dashes");
    ok = ok && place.IsObject();
    const Place caps = place.Member("caps");
    if (ok && caps.exists()) {
      ok = caps.IsArray() && caps.HasAtMost(limits::kCapsPerCampaign, "caps");
      for (const json::Node cap : caps.node()) ok = LoadCap(caps.Child(cap), &group.caps) && ok;
    }
    const Place gap = place.Member("gap");
    if (ok && gap.exists()) {
      const auto time = LoadDuration(gap, kGapBounds);
      ok = time.has_value();
      group.gap = time.value_or(Duration(0));
    }
    const Place quiet = place.Member("quiet_hours");
    if (ok && quiet.exists()) {
      ruleset::OpenHours hours;
      ok = LoadHourSpan(quiet, &hours) && LoadZone(place.Member("zone"), &hours);
      group.quiet = hours;
    }
    group.is_valid = ok;
    rules_->groups.push_back(std::move(group));
  }
}

// Every item is one limit, of a kind that its member tells. One of a later kind makes the campaign invalid here, so
// that it is not shown where it should not be.
bool NativeLoader::LoadLimits(const Place& caps, ruleset::Campaign* campaign) {
  if (!caps.IsArray() || !caps.HasAtMost(kLimits, "caps")) return false;
  bool ok = true;
  for (const json::Node node : caps.node()) {
    const Place place = caps.Child(node);
    if (!place.IsObject()) return false;
    const Place until = place.Member("until");
    if (place.Member("group").exists()) {
      ok = LoadGroupOf(place.Member("group"), campaign) && ok;
    } else if (until.exists()) {
      const auto condition = conditions_.Load(until);
      if (campaign->until != ruleset::kNone) until.Error("is said twice");
      ok = condition && campaign->until == ruleset::kNone && ok;
      if (condition) campaign->until = *condition;
    } else if (place.Member("days").exists() || place.Member("hours").exists()) {
      ok = LoadHours(place, campaign) && ok;
    } else {
      ok = LoadCap(place, &campaign->caps) && ok;
    }
  }
  std::sort(campaign->groups.begin(), campaign->groups.end());
  if (!ok) return false;
  if (campaign->caps.empty()) {
    caps.Error(std::string(caps.node().size() == 0 ? "is empty" : "has no count") +
               ", so it would be shown without end");
  } else if (campaign->caps.size() > limits::kCapsPerCampaign) {
    caps.Error("has " + std::to_string(campaign->caps.size()) + " caps; at most " +
               std::to_string(limits::kCapsPerCampaign) + " are allowed");
  } else {
    return true;
  }
  return false;
}

bool NativeLoader::LoadHours(const Place& place, ruleset::Campaign* campaign) {
  if (campaign->hours) {
    place.Error("says hours twice");
    return false;
  }
  ruleset::OpenHours hours;
  const Place days = place.Member("days");
  const Place span = place.Member("hours");
  bool ok = !days.exists() || LoadDays(days, &hours);
  ok = (!span.exists() || LoadHourSpan(span, &hours)) && ok;
  ok = LoadZone(place.Member("zone"), &hours) && ok;
  campaign->hours = hours;
  return ok;
}

bool NativeLoader::LoadGroupOf(const Place& place, ruleset::Campaign* campaign) {
  const auto name = place.Text();
  if (!name) return false;
  const auto& groups = rules_->groups;
  const auto at = std::find_if(groups.begin(), groups.end(),
                               [&](const ruleset::CampaignGroup& group) { return group.key == *name; });
  if (at == groups.end()) {
    place.Error("is no group of this datafile: \"" + *name + "\"");
    return false;
  }
  const auto index = static_cast<std::uint16_t>(at - groups.begin());
  if (std::find(campaign->groups.begin(), campaign->groups.end(), index) != campaign->groups.end()) {
    place.Error("is said twice");
    return false;
  }
  campaign->groups.push_back(index);
  if (!at->is_valid) place.Error("has an error: " + *name);
  return at->is_valid;
}

}  // namespace guidon::dialects
