#include "sdk/tools/edits.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "sdk/core/expression/render.h"
#include "sdk/tools/event_condition.h"
#include "sdk/tools/members.h"

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

std::string ConditionText(json::Node when) {
  if (!when.exists()) return "everybody";
  std::optional<expression::Tree> tree = expression::FromJson(when);
  if (!tree) tree = EventConditionFromJson(when);
  return Cut(tree ? expression::ToText(*tree) : when.ToText());
}

std::string MemberText(json::Node node) {
  if (!node.exists()) return "none";
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
  for (json::Node rule : before["rules"]) {
    const std::string id = MemberText(rule["id"]);
    const json::Node now = FindRule(after, id);
    if (!now.exists()) {
      out->Say(id + " gone: " + RuleText(rule));
    } else if (!Same(rule, now)) {
      if (RuleText(rule) != RuleText(now)) {
        out->Add(id, RuleText(rule), RuleText(now));
      } else {
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

std::string SplitText(json::Node variants) {
  std::string text;
  for (json::Node variant : variants) {
    text += (text.empty() ? "" : ", ") + std::string(variant.name()) + " " + ShareText(SlotsIn(variant["slots"]));
  }
  return text;
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
  if (SplitText(before["variants"]) != SplitText(after["variants"])) {
    out->Add("split", SplitText(before["variants"]), SplitText(after["variants"]));
  } else if (!Same(before["variants"], after["variants"])) {
    out->Say("its variants set other values");
  }
  out->Condition("only", before["when"], after["when"]);
  out->Member("starts", before["starts_at"], after["starts_at"]);
  out->Member("ends", before["ends_at"], after["ends_at"]);
}

void CompareCampaigns(json::Node before, json::Node after, Changes* out) {
  out->Member("iteration", before["iteration"], after["iteration"]);
  out->Member("", before["status"], after["status"]);
  const std::int64_t was = before["holdout"].AsInt().value_or(0);
  const std::int64_t is = after["holdout"].AsInt().value_or(0);
  if (was != is) out->Add("held out", ShareText(was), ShareText(is));
  out->Member("unit", before["unit"], after["unit"]);
  out->Member("trigger", before["trigger"]["event"], after["trigger"]["event"]);
  out->Condition("where", before["trigger"]["where"], after["trigger"]["where"]);
  out->Condition("audience", before["when"], after["when"]);
  out->Member("caps", before["caps"], after["caps"]);
  out->Member("waits", before["waits"], after["waits"]);
  out->Member("priority", before["priority"], after["priority"]);
  if (!Same(before["show"], after["show"])) out->Say("the prompt says something else");
  out->Member("starts", before["starts_at"], after["starts_at"]);
  out->Member("ends", before["ends_at"], after["ends_at"]);
}

void CompareHoldouts(json::Node before, json::Node after, Changes* out) {
  const std::int64_t was = before["size"].AsInt().value_or(0);
  const std::int64_t is = after["size"].AsInt().value_or(0);
  if (was != is) out->Add("", ShareText(was), ShareText(is));
  out->Member("from", before["experiments"], after["experiments"]);
}

void CompareSegments(json::Node before, json::Node after, Changes* out) { out->Condition("", before, after); }

struct Section {
  const char* member;
  const char* what;
  void (*compare)(json::Node, json::Node, Changes*);
};

constexpr Section kSections[] = {{"flags", "flag", CompareFlags},
                                 {"experiments", "experiment", CompareExperiments},
                                 {"campaigns", "campaign", CompareCampaigns},
                                 {"holdouts", "holdout", CompareHoldouts},
                                 {"segments", "segment", CompareSegments}};

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
