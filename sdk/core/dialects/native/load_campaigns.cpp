#include <algorithm>
#include <set>
#include <string>

#include "guidon/limits.h"
#include "sdk/core/base/text.h"
#include "sdk/core/dialects/native/load_content.h"
#include "sdk/core/dialects/native/native_loader.h"
#include "sdk/core/hash/hash.h"

namespace guidon::dialects {
namespace {

constexpr std::size_t kGoals = 16;
constexpr std::int64_t kMostPriority = 1'000;
constexpr Bounds kWaitBounds{Duration(0), kLongestWindow, "from 0s to 400d"};
constexpr Bounds kSequenceBounds{Duration(1'000), Duration(24 * 3'600'000), "from 1s to 24h"};
constexpr Bounds kScreenBounds{Duration(0), Duration(600'000), "from 0s to 10m"};
constexpr Bounds kIdleBounds{Duration(5'000), Duration(1'800'000), "from 5s to 30m"};
constexpr Bounds kDelayBounds{Duration(0), Duration(3'600'000), "from 0s to 1h"};
constexpr Bounds kValidBounds{Duration(1'000), Duration(3'600'000), "from 1s to 1h"};

std::optional<std::string> LoadEventName(const Place& place) { return LoadText(place, 1, limits::kEventNameBytes); }

// {"event": …, "within": …}: the collector's; only its shape matters here.
bool CheckGoal(const Place& place, bool needs_window) {
  if (!place.IsObject() || !LoadEventName(place.Member("event"))) return false;
  const Place within = place.Member("within");
  return (!within.exists() && !needs_window) || LoadDuration(within, kWindowBounds).has_value();
}

bool CheckGoals(const Place& place) {
  const Place kpi = place.Member("kpi");
  bool ok = !kpi.exists() || kpi.Name(limits::kKeyBytes);
  const Place goals = place.Member("goals");
  if (!goals.exists()) return ok;
  if (!goals.IsArray() || !goals.HasAtMost(kGoals, "goals")) return false;
  for (const json::Node node : goals.node()) ok = CheckGoal(goals.Child(node), true) && ok;
  return ok;
}

// {"no": "more" or "less", "event": …, "within": …}: the collector's alone, so that a bad one costs nothing else.
void CheckGuardrails(const Place& guardrails) {
  if (!guardrails.exists()) return;
  if (!guardrails.node().is(json::Type::kArray) || guardrails.node().size() > kGoals) {
    return guardrails.Warning("is no list of at most 16 guardrails");
  }
  for (const json::Node node : guardrails.node()) {
    const auto no = node["no"].AsString();
    const auto event = node["event"].AsString();
    const auto within = node["within"].AsString();
    const bool is_event = event && !event->empty() && event->size() <= limits::kEventNameBytes;
    if (is_event && within && text::ParseDuration(*within) && (no == "more" || no == "less")) continue;
    guardrails.Child(node).Warning("is no guardrail, such as {\"no\": \"more\", \"event\": …, \"within\": \"10m\"}");
  }
}

bool LoadWaits(const Place& waits, ruleset::Campaign* campaign) {
  if (!waits.exists()) return true;
  if (!waits.IsObject()) return false;
  bool ok = true;
  const auto load = [&](const char* name, Duration* wait) {
    const Place place = waits.Member(name);
    if (!place.exists()) return;
    const auto time = LoadDuration(place, kWaitBounds);
    ok = time && ok;
    if (time) *wait = *time;
  };
  load("dismissal", &campaign->wait_after_dismissal);
  load("dismissal_up_to", &campaign->longest_wait_after_dismissal);
  const Duration longest = campaign->longest_wait_after_dismissal;
  if (longest > Duration(0) &&
      (campaign->wait_after_dismissal == Duration(0) || longest < campaign->wait_after_dismissal)) {
    waits.Member("dismissal_up_to").Error("is not above \"dismissal\", which it doubles");
    ok = false;
  }
  load("action", &campaign->wait_after_action);
  if (waits.Member("completion").exists()) load("completion", &campaign->wait_after_completion.emplace());
  return ok;
}

}  // namespace

// Nothing here is kept: what a number is called by is the collector's business.
void NativeLoader::LoadKpis(const Place& kpis) {
  if (!kpis.exists() || !kpis.IsObject()) return;
  for (const json::Node node : kpis.node()) CheckGoal(kpis.Child(node), false);
}

// What a goal or a guardrail is measured by matters to the device only in that such events are precious. So nothing is
// wrong with one that cannot be read, but where the loader of its object says so.
void NativeLoader::LoadConversions(const Place& root) {
  std::set<std::string> names;
  const auto add = [&names](json::Node goal) {
    const auto name = goal["event"].AsString();
    if (name && !name->empty() && name->size() <= limits::kEventNameBytes) names.emplace(*name);
  };
  for (const char* runs : {"experiments", "campaigns"}) {
    for (const json::Node run : root.node()[runs]) {
      for (const json::Node goal : run["goals"]) add(goal);
      for (const json::Node guardrail : run["guardrails"]) add(guardrail);
    }
  }
  for (const json::Node kpi : root.node()["kpis"]) add(kpi);
  rules_->conversions.assign(names.begin(), names.end());
}

void NativeLoader::LoadCampaigns(const Place& campaigns) {
  std::vector<json::Node> sorted;
  for (const json::Node node : campaigns.node()) sorted.push_back(node);
  std::sort(sorted.begin(), sorted.end(), [](json::Node a, json::Node b) { return a.name() < b.name(); });
  rules_->campaigns.reserve(sorted.size());
  for (const json::Node node : sorted) {
    const Place place = campaigns.Child(node);
    ruleset::Campaign campaign;
    campaign.key = std::string(node.name());
    if (!IsName(campaign.key, limits::kKeyBytes)) {
      place.Error("has a name that is not 1 to 128 letters, digits, dots, underscores or dashes");
    } else if (place.IsObject()) {
      campaign.is_valid = LoadCampaign(place, &campaign);
    }
    rules_->campaigns.push_back(std::move(campaign));
  }
}

bool NativeLoader::LoadCampaign(const Place& place, ruleset::Campaign* campaign) {
  const auto iteration = place.Member("iteration").Int(1, static_cast<std::int64_t>(limits::kMaxVersion));
  const auto unit = UnitKind(place.Member("unit"));
  const auto salt = place.Member("salt").Name(ruleset::kSaltBytes);
  // Half of the people at most, so that a campaign is there for somebody.
  const auto holdout = place.Member("holdout").Int(0, ruleset::kSlots / 2);
  bool ok = iteration && unit && salt && holdout;
  if (ok) {
    campaign->iteration = *iteration;
    campaign->unit = *unit;
    campaign->salt = *salt;
    campaign->holdout = static_cast<std::uint32_t>(*holdout);
  }
  campaign->is_protected = place.Member("protected").BoolOr(false);
  if (place.Member("priority").exists()) {
    const auto priority = place.Member("priority").Int(-kMostPriority, kMostPriority);
    ok = priority && ok;
    if (priority) campaign->priority = static_cast<std::int32_t>(*priority);
  }
  if (place.Member("valid_for").exists()) {
    const auto valid_for = LoadDuration(place.Member("valid_for"), kValidBounds);
    ok = valid_for && ok;
    if (valid_for) campaign->valid_for = *valid_for;
  }
  ok = LoadCampaignSchedule(place, campaign) && ok;
  ok = LoadTriggers(place, campaign) && ok;
  if (place.Member("when").exists()) {
    const auto condition = conditions_.Load(place.Member("when"));
    ok = condition && ok;
    if (condition) campaign->condition = *condition;
  }
  ok = LoadLimits(place.Member("caps"), campaign) && ok;
  ok = LoadWaits(place.Member("waits"), campaign) && ok;
  ok = CheckGoals(place) && ok;
  CheckGuardrails(place.Member("guardrails"));
  return LoadContents(place, campaign) && ok;
}

// A device of before there were several contents looks for `show` alone: where there are variants, the campaign is not
// valid there.
bool NativeLoader::LoadContents(const Place& place, ruleset::Campaign* campaign) {
  const Place variants = place.Member("variants");
  if (!variants.exists()) {
    return LoadContent(place.Member("show"), rules_->link_hosts, &campaign->variants.front().content);
  }
  if (!variants.IsObject() || !variants.HasAtMost(limits::kPromptVariants, "variants")) return false;
  bool ok = variants.node().size() > 1;
  if (!ok) variants.Error("has less than two variants");
  campaign->variants.clear();
  for (const json::Node node : variants.node()) {
    const Place variant = variants.Child(node);
    ruleset::CampaignVariant& loaded = campaign->variants.emplace_back();
    loaded.name = std::string(node.name());
    if (!variant.IsObject()) return false;
    if (!IsName(loaded.name, limits::kKeyBytes) || ruleset::IsReservedArm(loaded.name)) {
      variant.Error(
          "has a name that is not 1 to 128 letters, digits, dots, underscores or dashes, or is prompt, held_out, show "
          "or off");
      ok = false;
    }
    const auto index = static_cast<std::uint32_t>(campaign->variants.size() - 1);
    ok = LoadRanges(variant.Member("slots"), index, &campaign->split) && ok;
    ok = LoadContent(variant.Member("show"), rules_->link_hosts, &loaded.content) && ok;
  }
  return ok && SharesOut(variants, &campaign->split);
}

bool NativeLoader::LoadCampaignSchedule(const Place& place, ruleset::Campaign* campaign) {
  const Place status = place.Member("status");
  const auto name = status.Text();
  bool is_known = false;
  for (const auto each :
       {ruleset::CampaignStatus::kRunning, ruleset::CampaignStatus::kPaused, ruleset::CampaignStatus::kEnded}) {
    if (!name || ruleset::CampaignStatusName(each) != *name) continue;
    campaign->status = each;
    is_known = true;
  }
  if (name && !is_known) status.Error("must be running, paused or ended, not \"" + *name + "\"");
  bool ok = is_known;
  ok = LoadMoment(place.Member("starts_at"), &campaign->starts_at) && ok;
  return LoadMoment(place.Member("ends_at"), &campaign->ends_at) && ok;
}

// Devices of before know `trigger` alone, and neither a delay nor what cancels: a campaign that has more stands in
// `triggers`, so that there it is not valid.
bool NativeLoader::LoadTriggers(const Place& place, ruleset::Campaign* campaign) {
  bool ok = true;
  const Place triggers = place.Member("triggers");
  if (!triggers.exists()) {
    ok = LoadTrigger(place.Member("trigger"), campaign);
  } else {
    if (!triggers.IsArray() || !triggers.HasAtMost(limits::kTriggersPerCampaign, "triggers")) return false;
    if (triggers.node().size() == 0) triggers.Error("is empty, so nothing would ever start it");
    ok = triggers.node().size() > 0;
    for (const json::Node node : triggers.node()) ok = LoadTrigger(triggers.Child(node), campaign) && ok;
  }
  if (place.Member("delay").exists()) {
    const auto delay = LoadDuration(place.Member("delay"), kDelayBounds);
    ok = delay && ok;
    if (delay) campaign->delay = *delay;
  }
  const Place cancel_on = place.Member("cancel_on");
  if (!cancel_on.exists()) return ok;
  if (!cancel_on.IsArray() || !cancel_on.HasAtMost(limits::kCancelEvents, "events")) return false;
  for (const json::Node node : cancel_on.node()) {
    const auto event = LoadEventName(cancel_on.Child(node));
    ok = event && ok;
    const auto& known = campaign->cancel_on;
    if (event && std::find(known.begin(), known.end(), *event) == known.end()) campaign->cancel_on.push_back(*event);
  }
  return ok;
}

bool NativeLoader::LoadTrigger(const Place& place, ruleset::Campaign* campaign) {
  using ruleset::TriggerKind;
  if (!place.IsObject()) return false;
  ruleset::Trigger trigger;
  const auto has = [&place](const char* name) { return place.Member(name).exists(); };
  bool ok = true;
  if (has("then") || has("all")) {
    trigger.kind = has("then") ? TriggerKind::kThen : TriggerKind::kAll;
    ok = LoadSteps(place.Member(has("then") ? "then" : "all"), &trigger);
  } else if (has("screen")) {
    trigger.kind = TriggerKind::kScreen;
    const auto screen = LoadText(place.Member("screen"), 1, limits::kKeyBytes);
    const auto time = LoadDuration(place.Member("for"), kScreenBounds);
    if (!screen || !time) return false;
    trigger.screen = *screen;
    trigger.time = *time;
  } else if (has("idle")) {
    trigger.kind = TriggerKind::kIdle;
    const auto time = LoadDuration(place.Member("idle"), kIdleBounds);
    if (!time) return false;
    trigger.time = *time;
  } else if (has("on")) {
    trigger.kind = TriggerKind::kSessionStart;
    const auto on = place.Member("on").Text();
    if (on && *on != "session_start") place.Member("on").Error("must be session_start, not \"" + *on + "\"");
    if (on != "session_start") return false;
  } else {
    ok = LoadStep(place, &trigger.steps.emplace_back());
    if (has("and_not")) {
      trigger.kind = TriggerKind::kAbsent;
      ok = LoadStep(place.Member("and_not"), &trigger.steps.emplace_back()) && ok;
    }
  }
  const bool is_sequence =
      trigger.kind == TriggerKind::kThen || trigger.kind == TriggerKind::kAll || trigger.kind == TriggerKind::kAbsent;
  if (is_sequence) {
    const auto within = LoadDuration(place.Member("within"), kSequenceBounds);
    ok = within && ok;
    if (within) trigger.time = *within;
  }
  if (trigger.kind != TriggerKind::kEvent) trigger.id = std::max<std::uint64_t>(1, HashBytes64(place.node().ToText()));
  if (ok) campaign->triggers.push_back(std::move(trigger));
  return ok;
}

bool NativeLoader::LoadSteps(const Place& place, ruleset::Trigger* trigger) {
  if (!place.IsArray() || !place.HasAtMost(ruleset::kTriggerSteps, "steps")) return false;
  if (place.node().size() < 2) {
    place.Error("has less than two steps");
    return false;
  }
  bool ok = true;
  for (const json::Node node : place.node()) ok = LoadStep(place.Child(node), &trigger->steps.emplace_back()) && ok;
  return ok;
}

bool NativeLoader::LoadStep(const Place& place, ruleset::TriggerStep* step) {
  if (!place.IsObject()) return false;
  const auto event = LoadEventName(place.Member("event"));
  if (event) step->event = *event;
  const Place where = place.Member("where");
  if (!where.exists()) return event.has_value();
  const auto condition = conditions_.Load(where);
  if (condition) step->condition = *condition;
  return event && condition;
}

}  // namespace guidon::dialects
