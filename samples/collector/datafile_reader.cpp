#include "samples/collector/datafile_reader.h"

#include <algorithm>
#include <optional>

#include "guidon/limits.h"
#include "sdk/core/base/json.h"
#include "sdk/core/base/text.h"
#include "sdk/core/evaluation/bucketing.h"
#include "sdk/core/ruleset/campaign.h"
#include "sdk/datafile/envelope.h"

namespace guidon::collector {
namespace {

using json::Node;
using json::Type;

std::string TextOf(Node node) { return std::string(node.AsString().value_or(std::string_view())); }

// False when they are not sorted, disjoint and within the slots.
bool ReadRanges(Node node, SlotRanges* ranges) {
  if (!node.is(Type::kArray)) return false;
  std::int64_t behind = 0;
  for (Node range : node) {
    if (!range.is(Type::kArray) || range.size() != 2) return false;
    const std::optional<std::int64_t> from = range.First().AsInt();
    const std::optional<std::int64_t> to = range.First().Next().AsInt();
    if (!from || !to || *from < behind || *to < *from || *to > evaluation::kSlots) return false;
    ranges->emplace_back(static_cast<std::uint32_t>(*from), static_cast<std::uint32_t>(*to));
    behind = *to;
  }
  return true;
}

double CountOf(const SlotRanges& ranges) {
  double count = 0;
  for (const auto& [from, to] : ranges) count += to - from;
  return count;
}

bool AddVariant(std::string_view name, Node slots, std::vector<PublishedVariant>* variants) {
  PublishedVariant variant;
  variant.name = name;
  if (!ReadRanges(slots, &variant.slots)) return false;
  variant.weight = CountOf(variant.slots);
  variants->push_back(std::move(variant));
  return true;
}

bool ReadVariants(Node node, std::vector<PublishedVariant>* variants) {
  if (!node.is(Type::kObject)) return false;
  for (Node item : node) {
    if (!AddVariant(item.name(), item["slots"], variants)) return false;
  }
  return !variants->empty();
}

bool ReadAudiences(Node node, std::vector<PublishedShares>* audiences) {
  if (!node.exists()) return true;
  if (!node.is(Type::kArray) || node.size() > limits::kAudiences) return false;
  for (Node item : node) {
    PublishedShares shares;
    shares.audience = TextOf(item["name"]);
    if (shares.audience.empty() || !ReadRanges(item["slots"], &shares.layer_slots)) return false;
    if (!item["variants"].is(Type::kObject)) return false;
    for (Node variant : item["variants"]) {
      if (!AddVariant(variant.name(), variant, &shares.variants)) return false;
    }
    audiences->push_back(std::move(shares));
  }
  return true;
}

bool ReadShip(Node node, PublishedShip* ship) {
  if (!node.exists()) return true;
  SlotRanges slots;
  ship->variant = TextOf(node["variant"]);
  if (ship->variant.empty() || !ReadRanges(node["slots"], &slots)) return false;
  ship->share = CountOf(slots) / evaluation::kSlots;
  return true;
}

bool ReadGoal(Node node, PublishedGoal* goal) {
  goal->event = TextOf(node["event"]);
  if (goal->event.empty()) return false;
  goal->within = TextOf(node["within"]);
  goal->is_by_prompt = node["by"].AsString() == "prompt";
  const std::optional<Duration> window = text::ParseDuration(goal->within);
  goal->window_ms = window ? window->count() : 0;
  return window || goal->within.empty();
}

std::vector<PublishedGoal> ReadGoals(Node node) {
  std::vector<PublishedGoal> goals;
  if (!node.is(Type::kArray)) return goals;
  for (Node item : node) {
    PublishedGoal goal;
    if (ReadGoal(item, &goal)) goals.push_back(std::move(goal));
  }
  return goals;
}

// One that cannot be read is left out, as devices leave it out.
std::vector<PublishedGoal> ReadGuardrails(Node node) {
  std::vector<PublishedGoal> guardrails;
  if (!node.is(Type::kArray)) return guardrails;
  for (Node item : node) {
    PublishedGoal guardrail;
    const std::string no = TextOf(item["no"]);
    if (!ReadGoal(item, &guardrail) || guardrail.window_ms == 0 || (no != "more" && no != "less")) continue;
    guardrail.is_by_prompt = false;
    guardrail.guard = no == "more" ? Guard::kNoMore : Guard::kNoLess;
    guardrails.push_back(std::move(guardrail));
  }
  return guardrails;
}

bool ReadExperiment(Node node, Node layers, PublishedExperiment* experiment) {
  const std::optional<std::int64_t> iteration = node["iteration"].AsInt();
  const Node layer = layers[node["layer"].AsString().value_or(std::string_view())];
  if (!iteration || *iteration < 0 || !layer.is(Type::kObject)) return false;
  experiment->iteration = *iteration;
  experiment->status = TextOf(node["status"]);
  experiment->unit = TextOf(layer["unit"]);
  experiment->layer_salt = TextOf(layer["salt"]);
  experiment->salt = TextOf(node["salt"]);
  experiment->goals = ReadGoals(node["goals"]);
  experiment->guardrails = ReadGuardrails(node["guardrails"]);
  experiment->kpi = TextOf(node["kpi"]);
  experiment->is_sticky = node["sticky"].AsString() == "exposed";
  return !experiment->unit.empty() && ReadRanges(node["slots"], &experiment->own.layer_slots) &&
         ReadVariants(node["variants"], &experiment->own.variants) &&
         ReadAudiences(node["audiences"], &experiment->audiences) && ReadShip(node["ship"], &experiment->ship);
}

bool ReadHoldout(Node node, PublishedHoldout* holdout) {
  const std::optional<std::int64_t> size = node["size"].AsInt();
  if (!size || *size < 0 || *size > evaluation::kSlots / 2) return false;
  holdout->size = static_cast<std::uint32_t>(*size);
  holdout->unit = TextOf(node["unit"]);
  holdout->salt = TextOf(node["salt"]);
  return !holdout->unit.empty();
}

bool ReadCampaign(Node node, PublishedCampaign* campaign) {
  const std::optional<std::int64_t> iteration = node["iteration"].AsInt();
  const std::optional<std::int64_t> holdout = node["holdout"].AsInt();
  if (!iteration || *iteration < 0 || !holdout || *holdout < 0 || *holdout > evaluation::kSlots / 2) return false;
  campaign->iteration = *iteration;
  campaign->holdout = static_cast<std::uint32_t>(*holdout);
  campaign->status = TextOf(node["status"]);
  campaign->unit = TextOf(node["unit"]);
  campaign->salt = TextOf(node["salt"]);
  campaign->goals = ReadGoals(node["goals"]);
  campaign->guardrails = ReadGuardrails(node["guardrails"]);
  campaign->kpi = TextOf(node["kpi"]);
  if (!node["variants"].exists()) {
    campaign->variants = {{std::string(ruleset::kPromptArm), {{0, evaluation::kSlots}}, evaluation::kSlots}};
  } else if (!ReadVariants(node["variants"], &campaign->variants) || !campaign->has_variants()) {
    return false;
  }
  for (const PublishedVariant& variant : campaign->variants) {
    const Node show = node["variants"].exists() ? node["variants"][variant.name]["show"] : node["show"];
    std::vector<PublishedQuestion> questions = ReadQuestions(show["questions"]);
    if (!questions.empty()) campaign->questions.emplace(variant.name, std::move(questions));
  }
  return !campaign->unit.empty();
}

// Never says no: devices ask for the flag, whatever they make of its rules.
bool ReadFlag(Node node, PublishedFlag* flag) {
  if (!node["rules"].is(Type::kArray)) return true;
  for (Node rule : node["rules"]) {
    if (rule["rollout"]["split"].size() > 1) flag->mixed_rules.push_back(TextOf(rule["id"]));
  }
  return true;
}

template <class Item>
void ReadNamed(Node node, bool (*read)(Node, Item*), std::map<std::string, Item, std::less<>>* items) {
  if (!node.is(Type::kObject)) return;
  for (Node member : node) {
    Item item;
    if (read(member, &item)) items->emplace(member.name(), std::move(item));
  }
}

}  // namespace

bool Holds(const SlotRanges& ranges, std::uint32_t slot) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [slot](const auto& range) { return range.first <= slot && slot < range.second; });
}

const PublishedVariant* PublishedShares::FindVariant(std::string_view name) const {
  for (const PublishedVariant& variant : variants) {
    if (variant.name == name) return &variant;
  }
  return nullptr;
}

const PublishedVariant* PublishedCampaign::FindVariant(std::string_view name) const {
  for (const PublishedVariant& variant : variants) {
    if (variant.name == name) return &variant;
  }
  return nullptr;
}

const PublishedShares* PublishedExperiment::SharesOf(std::string_view audience) const {
  if (audience.empty()) return &own;
  for (const PublishedShares& shares : audiences) {
    if (shares.audience == audience) return &shares;
  }
  return nullptr;
}

Result<Published> ReadDatafile(std::string_view bytes) {
  Result<datafile::Envelope> envelope = datafile::ParseEnvelope(bytes);
  if (!envelope) return envelope.status();
  json::Error error;
  const std::optional<json::Document> document = json::Document::Parse(envelope->payload, &error);
  if (!document) return Status(StatusCode::kCorrupt, "the datafile is not JSON: " + error.ToText());
  const Node root = document->root();
  if (root["format"].AsString() != std::string_view("guidon/1")) {
    return Status(StatusCode::kUnsupported, "/format is not \"guidon/1\": is this a published datafile?");
  }
  const std::optional<std::int64_t> epoch = root["epoch"].AsInt();
  const std::optional<std::int64_t> version = root["version"].AsInt();
  if (!epoch || !version || *epoch < 0 || *version < 0) {
    return Status(StatusCode::kCorrupt, "/epoch and /version must be whole numbers of 0 or more");
  }
  Published published;
  published.project = TextOf(root["project"]);
  published.environment = TextOf(root["environment"]);
  published.epoch = *epoch;
  published.version = *version;
  if (root["experiments"].is(Type::kObject)) {
    for (Node node : root["experiments"]) {
      PublishedExperiment experiment;
      if (ReadExperiment(node, root["layers"], &experiment))
        published.experiments.emplace(node.name(), std::move(experiment));
    }
  }
  ReadNamed(root["holdouts"], ReadHoldout, &published.holdouts);
  ReadNamed(root["campaigns"], ReadCampaign, &published.campaigns);
  ReadNamed(root["flags"], ReadFlag, &published.flags);
  ReadNamed(root["kpis"], ReadGoal, &published.kpis);
  if (root["event_attributes"].is(Type::kArray)) {
    for (Node name : root["event_attributes"]) {
      if (!TextOf(name).empty()) published.event_attributes.push_back(TextOf(name));
    }
  }
  return published;
}

}  // namespace guidon::collector
