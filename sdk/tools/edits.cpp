#include "sdk/tools/edits.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "sdk/core/expression/render.h"
#include "sdk/tools/event_condition.h"
#include "sdk/tools/members.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {
namespace {

// Names in both, sorted.
std::set<std::string> NamesOf(json::Node before, json::Node after) {
  std::set<std::string> names;
  for (json::Node member : before) names.emplace(member.name());
  for (json::Node member : after) names.emplace(member.name());
  return names;
}

std::int64_t SlotsIn(json::Node ranges) {
  std::int64_t size = 0;
  for (json::Node range : ranges) {
    size += range.First().Next().AsInt().value_or(0) - range.First().AsInt().value_or(0);
  }
  return size;
}

std::string Cut(std::string text) {
  if (text.size() <= 200) return text;
  std::size_t end = 197;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

// Of a list that no expression says: "3 ids of account", "12 hashed values of mail".
std::string ListText(json::Node list) {
  const bool is_of_unit = list["unit"].exists();
  const std::string what = std::string(list["hashed"].exists() ? "hashed " : "") + (is_of_unit ? "id" : "value");
  return Count(list["values"].size(), what) + " of " +
         std::string(list[is_of_unit ? "unit" : "attribute"].AsString().value_or("?"));
}

std::string ConditionText(json::Node when) {
  if (!when.exists()) return "everybody";
  if (when["op"].AsString() == "in" && (when["unit"].exists() || when["hashed"].exists())) return ListText(when);
  std::optional<expression::Tree> tree = expression::FromJson(when);
  if (!tree) tree = EventConditionFromJson(when);
  return Cut(tree ? expression::ToText(*tree) : when.ToText());
}

std::string MemberText(json::Node node) {
  if (!node.exists()) return "none";
  if (node["local"].is(json::Type::kString)) return std::string(*node["local"].AsString()) + " local";
  return node.is(json::Type::kString) ? std::string(*node.AsString()) : Cut(node.ToText());
}

bool Same(json::Node before, json::Node after) {
  return before.exists() == after.exists() && before.ToText() == after.ToText();
}

// "10 % 512, 20 % 1024 by device"
std::string RolloutText(json::Node rollout) {
  std::string text;
  for (json::Node part : rollout["split"]) {
    text += (text.empty() ? "" : ", ") + ShareText(SlotsIn(part["slots"])) + " " + Shown(part["serve"].ToValue());
  }
  return text + " by " + MemberText(rollout["unit"]);
}

std::string RuleText(json::Node rule) {
  const std::string when = rule["when"].exists() ? ConditionText(rule["when"]) + ": " : "";
  if (rule["serve"].exists()) return when + Shown(rule["serve"].ToValue());
  if (rule["experiment"].exists()) return "experiment " + MemberText(rule["experiment"]);
  return when + RolloutText(rule["rollout"]);
}

// "1 per 7d, 3 ever, with group nudge"
std::string LimitsText(json::Node caps) {
  std::string text;
  for (json::Node limit : caps) {
    if (!limit["count"].exists() && !limit["group"].exists()) continue;
    text += text.empty() ? "" : ", ";
    if (limit["group"].exists()) {
      text += "with group " + MemberText(limit["group"]);
    } else {
      text += MemberText(limit["count"]) + (limit["per"].exists() ? " per " + MemberText(limit["per"]) : " ever");
    }
  }
  return text.empty() ? "none" : text;
}

std::string HoursText(json::Node caps) {
  for (json::Node limit : caps) {
    if (!limit["hours"].exists()) continue;
    std::string text;
    for (json::Node day : limit["days"]) text += MemberText(day) + " ";
    return text + MemberText(limit["hours"]) + " " + MemberText(limit["zone"]);
  }
  return "always";
}

std::string UntilText(json::Node caps) {
  for (json::Node limit : caps) {
    if (limit["until"].exists()) return ConditionText(limit["until"]);
  }
  return "never";
}

// Whether the same people get the same. What the tool remembers beside it is nobody's.
bool DrawsSame(json::Node before, json::Node after) {
  if (!Same(before["salt"], after["salt"])) return false;
  json::Node was = before["split"].First();
  for (json::Node is : after["split"]) {
    if (!Same(was["slots"], is["slots"])) return false;
    was = was.Next();
  }
  return true;
}

// Gathers what is said of one object.
class Changes {
 public:
  void Add(const std::string& what, const std::string& from, const std::string& to) {
    edits_.push_back({Edit::Sign::kChanged, "", "", what, from, to});
  }
  void Say(const std::string& text) { edits_.push_back({Edit::Sign::kChanged, "", "", text, "", ""}); }
  void Member(const std::string& what, json::Node before, json::Node after) {
    if (!Same(before, after)) Add(what, MemberText(before), MemberText(after));
  }
  void Texts(const std::string& what, const std::string& before, const std::string& after) {
    if (before != after) Add(what, before, after);
  }
  void Condition(const std::string& what, json::Node before, json::Node after) {
    if (!Same(before, after)) Add(what, ConditionText(before), ConditionText(after));
  }
  std::vector<Edit>& edits() { return edits_; }

 private:
  std::vector<Edit> edits_;
};

json::Node FindRule(json::Node flag, std::string_view id) {
  for (json::Node rule : flag["rules"]) {
    if (rule["id"].AsString() == id) return rule;
  }
  return json::Node();
}

std::string OrderOf(json::Node flag, json::Node other) {
  std::string order;
  for (json::Node rule : flag["rules"]) {
    const std::string_view id = rule["id"].AsString().value_or("");
    if (FindRule(other, id).exists()) order += (order.empty() ? "" : ", ") + std::string(id);
  }
  return order;
}

void CompareFlags(json::Node before, json::Node after, Changes* out) {
  out->Member("type", before["type"], after["type"]);
  out->Member("default", before["default"], after["default"]);
  const bool was_killed = before["kill"].AsBool().value_or(false);
  const bool is_killed = after["kill"].AsBool().value_or(false);
  if (was_killed != is_killed) out->Say(is_killed ? "killed: everybody gets the default" : "no longer killed");
  out->Member("holds for", before["hold"], after["hold"]);
  out->Member("when expired", before["when_expired"], after["when_expired"]);
  for (json::Node rule : before["rules"]) {
    const std::string id = MemberText(rule["id"]);
    const json::Node now = FindRule(after, id);
    if (!now.exists()) {
      out->Say(id + " gone: " + RuleText(rule));
    } else if (!Same(rule, now)) {
      if (RuleText(rule) != RuleText(now)) {
        out->Add(id, RuleText(rule), RuleText(now));
      } else if (!DrawsSame(rule["rollout"], now["rollout"])) {
        out->Say(id + " draws other people for the same share");
      }
    }
  }
  for (json::Node rule : after["rules"]) {
    const std::string id = MemberText(rule["id"]);
    if (!FindRule(before, id).exists()) out->Say(id + " new: " + RuleText(rule));
  }
  const std::string order = OrderOf(before, after);
  if (order != OrderOf(after, before)) out->Add("order", order, OrderOf(after, before));
}

// Of an experiment, where a variant has slots among other things, or of an audience, where it is slots.
std::string SplitText(json::Node variants) {
  std::string text;
  for (json::Node variant : variants) {
    const json::Node slots = variant.is(json::Type::kArray) ? variant : variant["slots"];
    text += (text.empty() ? "" : ", ") + std::string(variant.name()) + " " + ShareText(SlotsIn(slots));
  }
  return text;
}

// "100 %: control 20 %, b 80 %; if plan == 'pro'"
std::string AudienceText(json::Node audience) {
  return ShareText(SlotsIn(audience["slots"])) + ": " + SplitText(audience["variants"]) + "; if " +
         ConditionText(audience["when"]);
}

json::Node FindAudience(json::Node audiences, std::string_view name) {
  for (json::Node audience : audiences) {
    if (audience["name"].AsString() == name) return audience;
  }
  return json::Node();
}

// The names of those that `other` has, too.
std::string NamesAlsoIn(json::Node audiences, json::Node other) {
  std::string names;
  for (json::Node audience : audiences) {
    const std::string name = MemberText(audience["name"]);
    if (FindAudience(other, name).exists()) names += (names.empty() ? "" : ", ") + name;
  }
  return names;
}

void CompareAudiences(json::Node before, json::Node after, Changes* out) {
  for (json::Node audience : before) {
    const std::string name = MemberText(audience["name"]);
    const json::Node now = FindAudience(after, name);
    if (!now.exists()) {
      out->Say("audience " + name + " gone: " + AudienceText(audience));
    } else if (AudienceText(audience) != AudienceText(now)) {
      out->Add("audience " + name, AudienceText(audience), AudienceText(now));
    } else if (!Same(audience["slots"], now["slots"]) || !Same(audience["variants"], now["variants"])) {
      out->Say("audience " + name + " draws other people for the same shares");
    }
  }
  for (json::Node audience : after) {
    const std::string name = MemberText(audience["name"]);
    if (!FindAudience(before, name).exists()) out->Say("audience " + name + " new: " + AudienceText(audience));
  }
  const std::string order = NamesAlsoIn(before, after);
  if (order != NamesAlsoIn(after, before)) out->Add("audiences", order, NamesAlsoIn(after, before));
}

std::string ShipText(json::Node ship) {
  if (!ship.exists()) return "nothing";
  return MemberText(ship["variant"]) + " to " + ShareText(SlotsIn(ship["slots"])) + " of all others";
}

// "file_shared within 7d, opened", "no more error_shown within 10m".
std::string MeasuresText(json::Node measures) {
  std::string text;
  for (json::Node measure : measures) {
    text += text.empty() ? "" : ", ";
    if (measure["no"].exists()) text += "no " + MemberText(measure["no"]) + " ";
    text += MemberText(measure["event"]);
    if (measure["by"].exists()) text += " by " + MemberText(measure["by"]);
    if (measure["within"].exists()) text += " within " + MemberText(measure["within"]);
  }
  return text.empty() ? "none" : text;
}

void CompareExperiments(json::Node before, json::Node after, Changes* out) {
  out->Member("iteration", before["iteration"], after["iteration"]);
  out->Member("", before["status"], after["status"]);
  out->Member("layer", before["layer"], after["layer"]);
  const std::int64_t was = SlotsIn(before["slots"]);
  const std::int64_t is = SlotsIn(after["slots"]);
  if (was != is) {
    out->Add("", ShareText(was), ShareText(is) + " of layer " + MemberText(after["layer"]));
  } else if (!Same(before["slots"], after["slots"])) {
    out->Say("another part of its layer, of the same size");
  }
  CompareAudiences(before["audiences"], after["audiences"], out);
  out->Member("sticky", before["sticky"], after["sticky"]);
  if (ShipText(before["ship"]) != ShipText(after["ship"])) {
    out->Add("ships", ShipText(before["ship"]), ShipText(after["ship"]));
  }
  if (SplitText(before["variants"]) != SplitText(after["variants"])) {
    out->Add("split", SplitText(before["variants"]), SplitText(after["variants"]));
  } else if (!Same(before["variants"], after["variants"])) {
    out->Say("its variants set other values");
  }
  out->Condition("only", before["when"], after["when"]);
  out->Texts("goals", MeasuresText(before["goals"]), MeasuresText(after["goals"]));
  out->Texts("guardrails", MeasuresText(before["guardrails"]), MeasuresText(after["guardrails"]));
  out->Member("starts", before["starts_at"], after["starts_at"]);
  out->Member("ends", before["ends_at"], after["ends_at"]);
}

void CompareShows(json::Node before, json::Node after, Changes* out) {
  const auto split = [](json::Node campaign) {
    const json::Node variants = campaign["variants"];
    return variants.exists() ? SplitText(variants) : std::string("one content");
  };
  out->Texts("shows", split(before), split(after));
  if (!Same(before["show"], after["show"]) && before["show"].exists() && after["show"].exists()) {
    out->Say("the prompt says something else");
  }
  for (json::Node variant : after["variants"]) {
    const json::Node was = before["variants"][variant.name()];
    if (!was.exists()) continue;
    if (!Same(was["show"], variant["show"]))
      out->Say("the variant " + std::string(variant.name()) + " says something else");
  }
}

void CompareCampaigns(json::Node before, json::Node after, Changes* out) {
  out->Member("iteration", before["iteration"], after["iteration"]);
  out->Member("", before["status"], after["status"]);
  const std::int64_t was = before["holdout"].AsInt().value_or(0);
  const std::int64_t is = after["holdout"].AsInt().value_or(0);
  if (was != is) out->Add("held out", ShareText(was), ShareText(is));
  out->Member("unit", before["unit"], after["unit"]);
  if (before["triggers"].exists() || after["triggers"].exists()) {
    const auto joined = [](json::Node campaign) {
      std::string text;
      for (const std::string& each : PublishedTriggers(campaign)) text += (text.empty() ? "" : " or ") + each;
      return text;
    };
    if (joined(before) != joined(after)) out->Add("trigger", joined(before), joined(after));
  } else {
    out->Member("trigger", before["trigger"]["event"], after["trigger"]["event"]);
    out->Condition("where", before["trigger"]["where"], after["trigger"]["where"]);
  }
  out->Member("delay", before["delay"], after["delay"]);
  out->Member("cancelled by", before["cancel_on"], after["cancel_on"]);
  out->Condition("audience", before["when"], after["when"]);
  out->Texts("caps", LimitsText(before["caps"]), LimitsText(after["caps"]));
  out->Texts("hours", HoursText(before["caps"]), HoursText(after["caps"]));
  out->Texts("until", UntilText(before["caps"]), UntilText(after["caps"]));
  out->Member("waits", before["waits"], after["waits"]);
  out->Member("priority", before["priority"], after["priority"]);
  out->Texts("goals", MeasuresText(before["goals"]), MeasuresText(after["goals"]));
  out->Texts("guardrails", MeasuresText(before["guardrails"]), MeasuresText(after["guardrails"]));
  CompareShows(before, after, out);
  out->Member("starts", before["starts_at"], after["starts_at"]);
  out->Member("ends", before["ends_at"], after["ends_at"]);
}

void CompareCampaignGroups(json::Node before, json::Node after, Changes* out) {
  out->Texts("caps", LimitsText(before["caps"]), LimitsText(after["caps"]));
  out->Member("gap", before["gap"], after["gap"]);
  out->Member("quiet hours", before["quiet_hours"], after["quiet_hours"]);
  out->Member("zone", before["zone"], after["zone"]);
}

void CompareHoldouts(json::Node before, json::Node after, Changes* out) {
  const std::int64_t was = before["size"].AsInt().value_or(0);
  const std::int64_t is = after["size"].AsInt().value_or(0);
  if (was != is) out->Add("", ShareText(was), ShareText(is));
  out->Member("from", before["experiments"], after["experiments"]);
  out->Member("from campaigns", before["campaigns"], after["campaigns"]);
}

void CompareSegments(json::Node before, json::Node after, Changes* out) { out->Condition("", before, after); }

// Devices begin anew with either.
void CompareCounts(json::Node before, json::Node after, Changes* out) {
  out->Member("event", before["event"], after["event"]);
  out->Condition("where", before["where"], after["where"]);
}

struct Section {
  const char* member;
  const char* what;
  void (*compare)(json::Node, json::Node, Changes*);
};

constexpr Section kSections[] = {{"flags", "flag", CompareFlags},
                                 {"experiments", "experiment", CompareExperiments},
                                 {"campaigns", "campaign", CompareCampaigns},
                                 {"groups", "group", CompareCampaignGroups},
                                 {"holdouts", "holdout", CompareHoldouts},
                                 {"segments", "segment", CompareSegments},
                                 {"counts", "count", CompareCounts}};

}  // namespace

std::string ShareText(std::int64_t slots) { return PercentText(slots) + " %"; }

std::vector<Edit> FindEdits(json::Node before, json::Node after) {
  std::vector<Edit> edits;
  for (const Section& section : kSections) {
    const json::Node was = before[section.member];
    const json::Node is = after[section.member];
    for (const std::string& name : NamesOf(was, is)) {
      if (!was[name].exists()) {
        edits.push_back({Edit::Sign::kAdded, section.what, name, "", "", ""});
      } else if (!is[name].exists()) {
        edits.push_back({Edit::Sign::kRemoved, section.what, name, "", "", ""});
      } else if (!Same(was[name], is[name])) {
        Changes changes;
        section.compare(was[name], is[name], &changes);
        for (Edit& edit : changes.edits()) {
          edit.what = section.what;
          edit.key = name;
          edits.push_back(std::move(edit));
        }
      }
    }
  }
  return edits;
}

}  // namespace guidon::tools
