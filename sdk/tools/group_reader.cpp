// How often prompts may be shown: a campaign's own caps, and what groups of campaigns share.
#include <algorithm>
#include <string>

#include "guidon/limits.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"
#include "sdk/core/ruleset/campaign.h"
#include "sdk/tools/short_forms.h"
#include "sdk/tools/source_reader.h"

namespace guidon::tools {
namespace {

constexpr const char* kGroupExample = "{ \"caps\": [\"1 per 7d\"], \"gap\": \"90s\" }";

bool IsEver(const SourceCap& cap) { return cap.per == ruleset::Cap::Per::kTime && cap.window.count() == 0; }

std::string CapText(const SourceCap& cap) {
  return std::to_string(cap.count) + (IsEver(cap) ? " ever" : " per " + PerText(cap));
}

// The most showings that `cap` lets through in any stretch of time that `of` counts. Days and sessions are as long as
// they are.
std::int64_t MostWithin(const SourceCap& cap, const SourceCap& of) {
  if (IsEver(cap)) return cap.count;
  if (cap.per != of.per || IsEver(of)) return INT64_MAX;
  if (cap.per != ruleset::Cap::Per::kTime) return cap.count;
  return cap.count * ((of.window.count() + cap.window.count() - 1) / cap.window.count());
}

// "hours" or "quiet_hours"; false when it is wrong.
bool ReadHourSpan(const Members& members, const Located& at, ruleset::OpenHours* out) {
  if (!members.Want(at, json::Type::kString, "\"09:00-18:00\"")) return false;
  if (ruleset::ReadHours(at.Text(), out)) return true;
  members.problems().Error("bad-hours", at, Shown(at.value) + " are no hours",
                           "write when they begin and end with two digits each, such as \"09:00-18:00\"; "
                           "\"21:00-08:00\" passes midnight");
  return false;
}

bool ReadZoneOf(const Members& members, const Located& object, ruleset::OpenHours* out) {
  const Located* at = object.Find("zone");
  if (at == nullptr) return true;
  if (!members.Want(*at, json::Type::kString, "\"device\", \"UTC\" or \"+02:00\"")) return false;
  if (ruleset::ReadZone(at->Text(), &out->zone)) return true;
  members.problems().Error("bad-zone", *at, Shown(at->value) + " is no zone here",
                           "write \"device\" for the person's own clock, \"UTC\", or an offset such as \"+02:00\"");
  return false;
}

bool ReadDays(const Members& members, const Located& at, ruleset::OpenHours* out) {
  if (!members.Want(at, json::Type::kArray, "[\"mon\", \"tue\"]")) return false;
  bool ok = !at.items.empty();
  if (!ok) members.problems().Error("no-days", at, "without days it is never shown", "write [\"mon\", \"tue\"]");
  out->days = 0;
  for (const Located& item : at.items) {
    if (!members.Want(item, json::Type::kString, "\"mon\"")) return false;
    const std::uint8_t day = ruleset::ReadDay(item.Text());
    if (day == 7) {
      members.problems().Error("bad-day", item, Shown(item.value) + " is no day",
                               "write mon, tue, wed, thu, fri, sat or sun");
      ok = false;
    } else if ((out->days >> day & 1) != 0) {
      members.problems().Error("listed-twice", item, Shown(item.value) + " is listed twice", "remove one");
      ok = false;
    } else {
      out->days = static_cast<std::uint8_t>(out->days | 1u << day);
    }
  }
  return ok;
}

void ReadQuietHours(const Members& members, const Located& at, SourceGroup* out) {
  const Located* hours = at.Find("quiet_hours");
  ruleset::OpenHours quiet;
  if (hours == nullptr) {
    if (const Located* zone = at.Find("zone")) {
      members.problems().Error("zone-without-hours", *zone, "the zone is of \"quiet_hours\", and there are none",
                               "write \"quiet_hours\": \"21:00-08:00\", or remove it");
    }
    return;
  }
  if (ReadHourSpan(members, *hours, &quiet) && ReadZoneOf(members, at, &quiet)) out->quiet = quiet;
}

SourceGroup ReadGroup(const Members& members, const Located& at) {
  SourceGroup group;
  group.name = at.name;
  group.at = &at;
  members.CheckName(at.name, at, true, "group");
  if (!members.Want(at, json::Type::kObject, kGroupExample)) return group;
  members.CheckKnown(at, {"about", "caps", "gap", "quiet_hours", "zone"}, "a group",
                     {{"campaigns", "a campaign says it itself: \"group\": \"" + at.name + "\""},
                      {"frequency", "write \"caps\": [\"1 per 7d\"]"},
                      {"cap", "write \"caps\": [\"1 per 7d\"]"},
                      {"pause", "write \"gap\": \"90s\""}});
  members.Text(at, "about");
  const Located* caps = at.Find("caps");
  if (caps != nullptr) ReadCaps(members, *caps, &group.caps);
  group.gap =
      ReadTime(members, at, "gap", Duration(1'000), Duration(kDayMs), "1s to 1d, such as 90s").value_or(group.gap);
  ReadQuietHours(members, at, &group);
  const bool has_none = caps == nullptr || (caps->is(json::Type::kArray) && caps->items.empty());
  if (has_none && at.Find("gap") == nullptr && at.Find("quiet_hours") == nullptr) {
    members.problems().Error("empty-group", at,
                             "the group says no \"caps\", \"gap\" or \"quiet_hours\", so it limits nothing",
                             std::string("write ") + kGroupExample);
  }
  return group;
}

// The groups that a campaign names, each with its place.
void CheckNamed(const Members& members, const Source& source, const SourceCampaign& campaign) {
  std::vector<std::string_view> names;
  for (const SourceGroup& group : source.groups) names.push_back(group.name);
  for (std::size_t i = 0; i < campaign.groups.size(); ++i) {
    const Located& at = *campaign.groups[i];
    const std::string name(at.Text());
    const bool is_twice = std::any_of(campaign.groups.begin(), campaign.groups.begin() + static_cast<std::ptrdiff_t>(i),
                                      [&](const Located* other) { return other->Text() == name; });
    if (is_twice) {
      members.problems().Error("listed-twice", at, "'" + name + "' is listed twice", "remove one");
    } else if (name == ruleset::kGroupOfAll) {
      members.problems().Error("group-of-all", at, "every campaign is in the group 'all' anyway", "remove it");
    } else if (FindNamed(source.groups, name) == nullptr) {
      members.problems().Error("unknown-group", at, "there is no group '" + name + "'",
                               Suggest(name, names, "write \"groups\": { \"" + name + "\": " + kGroupExample + " }"));
    }
  }
}

}  // namespace

std::optional<Duration> ReadTime(const Members& members, const Located& object, std::string_view member, Duration least,
                                 Duration most, std::string_view range) {
  const Located* at = object.Find(member);
  if (at == nullptr || !members.Want(*at, json::Type::kString, "a time in quotes: " + std::string(range)))
    return std::nullopt;
  const bool is_none = least.count() == 0 && (at->Text() == "0s" || at->Text() == "0d" || at->Text() == "0");
  const std::optional<Duration> time = is_none ? Duration(0) : text::ParseDuration(at->Text());
  if (time && *time >= least && *time <= most) return time;
  members.problems().Error(
      "bad-time", *at,
      Shown(at->value) + (time ? " is out of range" : " is no time: a whole number and s, m, h, d or w"),
      "write " + std::string(range));
  return std::nullopt;
}

void ReadCaps(const Members& members, const Located& at, std::vector<SourceCap>* out) {
  const std::string example = at.is(json::Type::kString) ? json::ToText(at.value) : "\"1 per 7d\", \"3 ever\"";
  if (!members.Want(at, json::Type::kArray, "[" + example + "]")) return;
  if (at.items.size() > limits::kCapsPerCampaign) {
    members.problems().Error("too-many", at, "more than 8 caps", "two or three say it all");
  }
  for (const Located& item : at.items) {
    if (item.IsNumber()) {
      members.problems().Error(
          "bad-cap", item, "a number does not say in which time",
          "write \"" + json::ToText(item.value) + " ever\", or \"" + json::ToText(item.value) + " per 7d\"");
      continue;
    }
    if (!members.Want(item, json::Type::kString, "\"1 per 7d\" or \"3 ever\"")) continue;
    expression::Error error;
    if (const std::optional<CapForm> cap = ParseCap(item.Text(), &error)) {
      out->push_back({cap->count, cap->window, &item, cap->per});
    } else {
      members.ErrorWithin("bad-cap", item, error);
    }
  }
}

std::string PerText(const SourceCap& cap) {
  if (cap.per == ruleset::Cap::Per::kTime) return DurationText(cap.window);
  return cap.per == ruleset::Cap::Per::kDay ? "day" : "session";
}

void ReadOpenHours(const Members& members, const Located& at, std::optional<ruleset::OpenHours>* out) {
  const Located* days = at.Find("days");
  const Located* hours = at.Find("hours");
  if (days == nullptr && hours == nullptr) {
    if (const Located* zone = at.Find("zone")) {
      members.problems().Error("zone-without-hours", *zone, "the zone is of \"days\" and \"hours\", and there are none",
                               "write \"hours\": \"09:00-18:00\", or remove it");
    }
    return;
  }
  ruleset::OpenHours open;
  bool ok = days == nullptr || ReadDays(members, *days, &open);
  ok = (hours == nullptr || ReadHourSpan(members, *hours, &open)) && ok;
  ok = ReadZoneOf(members, at, &open) && ok;
  if (ok) *out = open;
}

void CheckCaps(const Members& members, const std::vector<SourceCap>& caps, const std::vector<SourceCap>& others,
               const std::string& by) {
  const bool is_same = &caps == &others;
  for (std::size_t i = 0; i < caps.size(); ++i) {
    const SourceCap& cap = caps[i];
    if (cap.at == nullptr) continue;
    for (std::size_t j = 0; j < others.size(); ++j) {
      const SourceCap& other = others[j];
      if ((is_same && i == j) || cap.count < MostWithin(other, cap)) continue;
      // Of two that say the same, the later is too much.
      if (is_same && other.count >= MostWithin(cap, other) && i < j) continue;
      members.problems().Warning(
          "cap-never-binds", *cap.at,
          "\"" + CapText(cap) + "\" is never reached: \"" + CapText(other) + "\"" + by + " stops it before",
          "remove it, or make one of them tighter");
      break;
    }
  }
}

void ReadGroups(const Members& members, const Located& at, Source* out) {
  if (!members.Want(at, json::Type::kObject, std::string("{ \"nudge\": ") + kGroupExample + " }")) return;
  for (const Located& item : at.items) out->groups.push_back(ReadGroup(members, item));
}

void CheckGroups(const Members& members, const Source& source) {
  for (const SourceCampaign& campaign : source.campaigns) CheckNamed(members, source, campaign);
  for (const SourceGroup& group : source.groups) {
    CheckCaps(members, group.caps, group.caps, "");
    const bool is_of_all = group.name == ruleset::kGroupOfAll;
    bool is_used = is_of_all && !source.campaigns.empty();
    for (const SourceCampaign& campaign : source.campaigns) {
      const bool is_in = is_of_all || std::any_of(campaign.groups.begin(), campaign.groups.end(),
                                                  [&](const Located* at) { return at->Text() == group.name; });
      if (is_in) CheckCaps(members, campaign.caps, group.caps, " of group '" + group.name + "'");
      is_used = is_used || is_in;
    }
    if (is_used) continue;
    members.problems().Warning("unused-group", *group.at, "no campaign is in this group",
                               "write \"group\": \"" + group.name + "\" in those that are meant, or remove it");
  }
}

}  // namespace guidon::tools
