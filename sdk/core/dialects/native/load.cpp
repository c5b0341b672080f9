#include "sdk/core/dialects/native/load.h"

#include <algorithm>
#include <map>

#include "guidon/limits.h"
#include "sdk/core/base/link.h"
#include "sdk/core/base/text.h"
#include "sdk/core/dialects/native/cycles.h"
#include "sdk/core/dialects/native/native_loader.h"

namespace guidon::dialects {
namespace {

constexpr std::size_t kUnitKinds = 64;
constexpr std::size_t kEventAttributes = 64;

std::vector<std::string_view> KeysOf(const std::vector<ruleset::Flag>& flags) {
  std::vector<std::string_view> keys;
  for (const ruleset::Flag& flag : flags) keys.push_back(flag.key);
  return keys;
}

}  // namespace

Loaded LoadNative(std::string_view payload, Patterns* patterns) {
  Loaded loaded;
  if (payload.size() > limits::kDatafileBytes) {
    loaded.problems.push_back({"", "is larger than " + std::to_string(limits::kDatafileBytes) + " bytes", true});
    return loaded;
  }
  json::Error error;
  const auto document = json::Document::Parse(payload, &error);
  if (!document) {
    loaded.problems.push_back({error.pointer, error.ToText(), true});
    return loaded;
  }
  Problems problems;
  loaded.rules = NativeLoader(&problems, patterns).Load(Place(document->root(), &problems));
  loaded.more_problems = problems.more();
  loaded.problems = problems.Take();
  return loaded;
}

std::unique_ptr<ruleset::Ruleset> NativeLoader::Load(const Place& root) {
  if (!root.IsObject() || !LoadHeader(root) || !CheckSizes(root)) return nullptr;
  LoadEventAttributes(root);
  LoadLinkHosts(root);
  LoadRevokedTokens(root);
  LoadLayers(root.Member("layers"));
  LoadHoldouts(root.Member("holdouts"));
  LoadFlagTypes(root.Member("flags"));
  NameExperiments(root.Member("experiments"));
  LoadCounts(root.Member("counts"));
  LoadSegments(root.Member("segments"));
  LoadExperiments(root.Member("experiments"));
  GovernExperiments(root.Member("holdouts"));
  LoadRules(root.Member("flags"));
  LoadKpis(root.Member("kpis"));
  LoadGroups(root.Member("groups"));
  LoadCampaigns(root.Member("campaigns"));
  GovernCampaigns(root.Member("holdouts"));
  LoadConversions(root);
  RefuseCycles(root);
  LayOutAskedExperiments();
  BuildIndexes();
  return std::move(rules_);
}

bool NativeLoader::LoadHeader(const Place& root) {
  const Place format = root.Member("format");
  const auto name = format.Text();
  if (!name) return false;
  if (*name != "guidon/1") {
    format.Error(*name == "guidon-source/1" ? "is a source; devices read what `guidon build` makes of it"
                                            : "must be \"guidon/1\", not \"" + *name + "\"");
    return false;
  }
  const auto project = root.Member("project").Name(limits::kKeyBytes);
  const auto environment = root.Member("environment").Name(limits::kKeyBytes);
  const auto most = static_cast<std::int64_t>(limits::kMaxVersion);
  const auto epoch = root.Member("epoch").Int(1, most);
  const auto version = root.Member("version").Int(1, most);
  const auto issued_at = root.Member("issued_at").Time();
  std::optional<Timestamp> expires_at = ruleset::kNever;
  if (root.Member("expires_at").exists()) expires_at = root.Member("expires_at").Time();
  if (!project || !environment || !epoch || !version || !issued_at || !expires_at) return false;
  rules_->header = {*project,   *environment, static_cast<std::uint64_t>(*epoch), static_cast<std::uint64_t>(*version),
                    *issued_at, *expires_at};
  return true;
}

bool NativeLoader::CheckSizes(const Place& root) {
  struct Row {
    const char* name;
    std::size_t most;
  };
  static constexpr Row kRows[] = {{"flags", limits::kFlags},
                                  {"experiments", limits::kExperiments},
                                  {"layers", limits::kLayers},
                                  {"holdouts", limits::kHoldouts},
                                  {"segments", limits::kSegments},
                                  {"campaigns", limits::kCampaigns},
                                  {"groups", limits::kCampaignGroups},
                                  {"counts", limits::kCounts},
                                  {"event_attributes", kEventAttributes},
                                  {"link_hosts", limits::kLinkHosts},
                                  {"revoked_tokens", limits::kRevokedTokens}};
  bool ok = true;
  for (const Row& row : kRows) {
    const Place place = root.Member(row.name);
    if (!place.exists()) continue;
    const std::string_view name = row.name;
    const bool is_list = name == "event_attributes" || name == "link_hosts" || name == "revoked_tokens";
    ok = (is_list ? place.IsArray() : place.IsObject()) && place.HasAtMost(row.most, row.name) && ok;
  }
  return ok;
}

void NativeLoader::LoadEventAttributes(const Place& root) {
  const Place list = root.Member("event_attributes");
  for (const json::Node item : list.node()) {
    auto name = list.Child(item).Text();
    if (name) rules_->event_attributes.push_back(std::move(*name));
  }
}

void NativeLoader::LoadRevokedTokens(const Place& root) {
  const Place list = root.Member("revoked_tokens");
  for (const json::Node item : list.node()) {
    auto id = list.Child(item).Text();
    if (id) rules_->revoked_tokens.push_back(std::move(*id));
  }
  std::sort(rules_->revoked_tokens.begin(), rules_->revoked_tokens.end());
}

// With one that is no host's name the list still holds, and allows less.
void NativeLoader::LoadLinkHosts(const Place& root) {
  const Place list = root.Member("link_hosts");
  if (!list.exists()) return;
  if (!list.IsArray()) rules_->link_hosts.emplace_back();
  for (const json::Node item : list.node()) {
    const Place place = list.Child(item);
    auto host = place.Text();
    if (host && !text::IsHostName(*host)) {
      place.Error("must be a host's name in small letters, such as \"notes.example\", not \"" + *host + "\"");
      host.reset();
    }
    rules_->link_hosts.push_back(host.value_or(std::string()));
  }
}

void NativeLoader::LoadLayers(const Place& layers) {
  for (const json::Node node : layers.node()) {
    const Place place = layers.Child(node);
    if (!IsName(node.name(), limits::kKeyBytes)) {
      place.Error("has a name that is not 1 to 128 letters, digits, dots, underscores or dashes");
      continue;
    }
    if (!place.IsObject()) continue;
    const auto unit = UnitKind(place.Member("unit"));
    const auto salt = place.Member("salt").Name(ruleset::kSaltBytes);
    if (!unit || !salt) continue;
    layers_.emplace(node.name(), static_cast<std::uint16_t>(rules_->layers.size()));
    rules_->layers.push_back({std::string(node.name()), *salt, *unit});
  }
}

void NativeLoader::LoadSegments(const Place& segments) {
  for (const json::Node node : segments.node()) {
    named_.segments.emplace(node.name(), static_cast<std::uint16_t>(rules_->segments.size()));
    rules_->segments.push_back({std::string(node.name()), ruleset::kNone});
  }
  std::size_t i = 0;
  for (const json::Node node : segments.node()) {
    const Place place = segments.Child(node);
    if (!IsName(node.name(), limits::kKeyBytes)) {
      place.Error("has a name that is not 1 to 128 letters, digits, dots, underscores or dashes");
    } else if (const auto condition = conditions_.Load(place)) {
      rules_->segments[i].condition = *condition;
    }
    ++i;
  }
  if (i == 0) return;
  const Cycles cycles(*rules_);
  i = 0;
  for (const json::Node node : segments.node()) {
    const std::string why = cycles.WhyNotSegment(static_cast<std::uint32_t>(i));
    if (!why.empty()) segments.Child(node).Error(why);
    if (!why.empty() || rules_->segments[i].condition == ruleset::kNone) named_.segments.erase(rules_->segments[i].key);
    ++i;
  }
}

// Conditions may name experiments that are loaded after them.
void NativeLoader::NameExperiments(const Place& experiments) {
  std::uint16_t i = 0;
  for (const json::Node node : experiments.node())
    named_.experiments[std::string(node.name())] = {i++, node["variants"]};
}

// What leads back to itself has no value, nor has what leads to such a thing.
void NativeLoader::RefuseCycles(const Place& root) {
  const bool asks = std::any_of(rules_->nodes.begin(), rules_->nodes.end(), [](const ruleset::Node& node) {
    return node.op == ruleset::Op::kFlag || node.op == ruleset::Op::kVariant;
  });
  if (!asks) return;  // segments were looked at before
  const Cycles cycles(*rules_);
  const Place segments = root.Member("segments");
  for (const json::Node node : segments.node()) {
    const auto at = named_.segments.find(node.name());
    const std::string why = at == named_.segments.end() ? std::string() : cycles.WhyNotSegment(at->second);
    if (!why.empty()) segments.Child(node).Error(why);
  }
  const Place flags = root.Member("flags");
  for (const json::Node node : flags.node()) {
    const auto at = named_.flags.find(node.name());
    const std::string why = at == named_.flags.end() ? std::string() : cycles.WhyNotFlag(at->second);
    if (why.empty()) continue;
    flags.Child(node).Error(why);
    rules_->flags[at->second].is_valid = false;
  }
  const Place experiments = root.Member("experiments");
  for (const json::Node node : experiments.node()) {
    const std::uint16_t index = named_.experiments.find(node.name())->second.index;
    const std::string why = cycles.WhyNotExperiment(index);
    if (why.empty()) continue;
    experiments.Child(node).Error(why);
    rules_->experiments[index].is_valid = false;
  }
  const Place campaigns = root.Member("campaigns");
  for (const json::Node node : campaigns.node()) {
    const auto at = std::find_if(rules_->campaigns.begin(), rules_->campaigns.end(),
                                 [&](const ruleset::Campaign& each) { return each.key == node.name(); });
    if (at == rules_->campaigns.end() || !at->is_valid) continue;
    std::vector<std::uint32_t> conditions = {at->condition, at->until};
    for (const ruleset::Trigger& trigger : at->triggers) {
      for (const ruleset::TriggerStep& step : trigger.steps) conditions.push_back(step.condition);
    }
    for (const std::uint32_t condition : conditions) {
      const std::string why = condition == ruleset::kNone ? std::string() : cycles.WhyNotCondition(condition);
      if (why.empty()) continue;
      campaigns.Child(node).Error(why);
      at->is_valid = false;
    }
  }
}

std::optional<std::uint16_t> NativeLoader::UnitKind(const Place& place) {
  const auto name = place.Name(limits::kKeyBytes);
  if (!name) return std::nullopt;
  auto& kinds = rules_->unit_kinds;
  const auto at = std::find(kinds.begin(), kinds.end(), *name);
  if (at != kinds.end()) return static_cast<std::uint16_t>(at - kinds.begin());
  if (kinds.size() >= kUnitKinds) {
    place.Error("is one kind of unit too many: at most 64 are allowed");
    return std::nullopt;
  }
  kinds.push_back(*name);
  return static_cast<std::uint16_t>(kinds.size() - 1);
}

std::optional<std::uint32_t> NativeLoader::LoadValue(const Place& place, ruleset::ValueType type) {
  if (!place.exists()) {
    place.Error("is missing");
    return std::nullopt;
  }
  ruleset::FlagValue value;
  if (!ruleset::FromValue(place.node().ToValue(), type, &value)) {
    place.Error("must be of the flag's type, " + std::string(ruleset::ValueTypeName(type)) + ", not " +
                std::string(json::TypeName(place.node().type())));
    return std::nullopt;
  }
  rules_->values.push_back(std::move(value));
  return static_cast<std::uint32_t>(rules_->values.size() - 1);
}

// Absent: as it is.
bool NativeLoader::LoadMoment(const Place& place, ruleset::Moment* moment) {
  if (!place.exists()) return true;
  if (place.node().is(json::Type::kString)) {
    const auto time = place.Time();
    if (time) *moment = {*time};
    return time.has_value();
  }
  const Place local = place.Member("local");
  if (!place.node().is(json::Type::kObject) || !local.exists()) {
    place.Error("must be a time such as 2026-12-01T10:00:00Z, or {\"local\": \"2026-12-01T10:00:00\"}");
    return false;
  }
  const auto text = local.Text();
  if (!text) return false;
  constexpr std::size_t kLength = sizeof("2026-12-01T10:00:00") - 1;
  const auto reading = text->size() == kLength ? text::ParseTimestamp(*text + "Z") : std::nullopt;
  if (!reading) {
    local.Error("must be a date and time without an offset such as 2026-12-01T10:00:00, not \"" + *text + "\"");
    return false;
  }
  auto& times = rules_->local_times;
  const auto at = std::find(times.begin(), times.end(), *reading);
  *moment = {*reading, static_cast<std::uint32_t>(at - times.begin())};
  if (at == times.end()) times.push_back(*reading);
  return true;
}

bool NativeLoader::LoadRanges(const Place& place, std::uint32_t target, std::vector<ruleset::SlotRange>* ranges) {
  if (!place.IsArray()) return false;
  std::uint32_t last_end = 0;
  for (const json::Node node : place.node()) {
    const Place range = place.Child(node);
    if (!range.IsArray()) return false;
    const auto begin = node.First().AsInt();
    const auto end = node.First().Next().AsInt();
    if (node.size() != 2 || !begin || !end || *begin < 0 || *begin >= *end || *end > ruleset::kSlots) {
      range.Error("must be [first, behind the last] with whole numbers from 0 to 1000000, the first one lower");
      return false;
    }
    if (*begin < last_end) {
      range.Error("begins before the range ahead of it ends");
      return false;
    }
    last_end = static_cast<std::uint32_t>(*end);
    ranges->push_back({static_cast<std::uint32_t>(*begin), last_end, target});
  }
  return true;
}

void NativeLoader::BuildIndexes() {
  rules_->flag_index.Build(KeysOf(rules_->flags));
  conditions_.BuildIndexes();
  std::vector<std::string_view> texts;
  for (const ruleset::Experiment& experiment : rules_->experiments) texts.push_back(experiment.key);
  rules_->experiment_index.Build(texts);
  BuildTriggerIndex();
  BuildCountIndex();
  rules_->conversion_index.Build({rules_->conversions.begin(), rules_->conversions.end()});
}

void NativeLoader::BuildTriggerIndex() {
  std::map<std::string_view, std::vector<ruleset::TriggerUse>> uses;
  for (std::uint32_t i = 0; i < rules_->campaigns.size(); ++i) {
    ruleset::Campaign& campaign = rules_->campaigns[i];
    if (!campaign.is_valid) continue;
    for (std::uint32_t trigger = 0; trigger < campaign.triggers.size(); ++trigger) {
      ruleset::Trigger& each = campaign.triggers[trigger];
      if (each.kind != ruleset::TriggerKind::kEvent) {
        each.watch = static_cast<std::uint32_t>(rules_->watched.size());
        rules_->watched.push_back({i, trigger});
        rules_->watches_idle |= each.kind == ruleset::TriggerKind::kIdle;
      }
      const auto& steps = each.steps;
      for (std::uint32_t step = 0; step < steps.size(); ++step) uses[steps[step].event].push_back({i, trigger, step});
    }
    for (const std::string& event : campaign.cancel_on) uses[event].push_back({i});
  }
  std::vector<std::string_view> names;
  rules_->trigger_uses.clear();
  for (auto& [name, of] : uses) {
    names.push_back(name);
    rules_->trigger_uses.push_back(std::move(of));
  }
  rules_->trigger_index.Build(names);
}

}  // namespace guidon::dialects
