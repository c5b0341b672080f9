#include "sdk/core/ruleset/ruleset.h"

#include <algorithm>

#include "sdk/core/base/json.h"
#include "sdk/core/base/json_writer.h"

namespace guidon::ruleset {

std::string_view ValueTypeName(ValueType type) noexcept {
  switch (type) {
    case ValueType::kBool: return "bool";
    case ValueType::kInt: return "int";
    case ValueType::kDouble: return "double";
    case ValueType::kString: return "string";
    case ValueType::kJson: return "json";
  }
  return "json";
}

std::string_view ComparisonName(Comparison comparison) noexcept {
  switch (comparison) {
    case Comparison::kEqual: return "==";
    case Comparison::kNotEqual: return "!=";
    case Comparison::kLess: return "<";
    case Comparison::kLessOrEqual: return "<=";
    case Comparison::kGreater: return ">";
    case Comparison::kGreaterOrEqual: return ">=";
  }
  return "==";
}

bool IsReservedArm(std::string_view name) noexcept {
  return name == kPromptArm || name == kHeldOutArm || name == "show" || name == "off";
}

std::uint32_t Campaign::VariantAt(std::uint32_t slot) const noexcept {
  for (const SlotRange& range : split) {
    if (slot >= range.begin && slot < range.end) return range.target;
  }
  return 0;
}

std::uint32_t Campaign::ShareOf(std::uint32_t variant) const noexcept {
  std::uint32_t slots = 0;
  for (const SlotRange& range : split) slots += range.target == variant ? range.end - range.begin : 0;
  return has_variants() ? slots : kSlots;
}

std::string_view CampaignStatusName(CampaignStatus status) noexcept {
  switch (status) {
    case CampaignStatus::kRunning: return "running";
    case CampaignStatus::kPaused: return "paused";
    case CampaignStatus::kEnded: return "ended";
  }
  return "ended";
}

std::string_view ExperimentStatusName(ExperimentStatus status) noexcept {
  switch (status) {
    case ExperimentStatus::kRunning: return "running";
    case ExperimentStatus::kPaused: return "paused";
    case ExperimentStatus::kEnded: return "ended";
  }
  return "ended";
}

bool operator==(const FlagValue& a, const FlagValue& b) noexcept {
  return a.type == b.type && a.boolean == b.boolean && a.integer == b.integer && a.number == b.number &&
         a.text == b.text;
}

Value ToValue(const FlagValue& value) {
  switch (value.type) {
    case ValueType::kBool: return Value(value.boolean);
    case ValueType::kInt: return Value(value.integer);
    case ValueType::kDouble: return Value(value.number);
    case ValueType::kString: return Value(value.text);
    case ValueType::kJson: {
      const auto document = json::Document::Parse(value.text, nullptr);
      return document ? document->root().ToValue() : Value();
    }
  }
  return Value();
}

bool FromValue(const Value& value, ValueType type, FlagValue* out) {
  *out = FlagValue();
  out->type = type;
  switch (type) {
    case ValueType::kBool:
      if (value.AsBool() == nullptr) return false;
      out->boolean = *value.AsBool();
      return true;
    case ValueType::kInt:
      if (value.AsInt() == nullptr) return false;
      out->integer = *value.AsInt();
      out->number = static_cast<double>(out->integer);
      return true;
    case ValueType::kDouble:
      if (value.AsInt() != nullptr) {
        out->number = static_cast<double>(*value.AsInt());
      } else if (value.AsDouble() != nullptr) {
        out->number = *value.AsDouble();
      } else {
        return false;
      }
      return true;
    case ValueType::kString:
      if (value.AsString() == nullptr) return false;
      out->text = *value.AsString();
      return true;
    case ValueType::kJson: out->text = json::ToText(value); return true;
  }
  return false;
}

const Flag* Ruleset::FindFlag(std::string_view key) const noexcept {
  const std::uint32_t index = flag_index.Find(key);
  return index == kNone ? nullptr : &flags[index];
}

const Campaign* Ruleset::FindCampaign(std::string_view key) const noexcept {
  const auto at = std::lower_bound(campaigns.begin(), campaigns.end(), key,
                                   [](const Campaign& each, std::string_view wanted) { return each.key < wanted; });
  return at != campaigns.end() && at->key == key ? &*at : nullptr;
}

std::string Trigger::name() const {
  switch (kind) {
    case TriggerKind::kSessionStart: return "session_start";
    case TriggerKind::kScreen: return "screen " + screen;
    case TriggerKind::kIdle: return "idle";
    case TriggerKind::kAbsent: return steps.front().event;
    case TriggerKind::kEvent:
    case TriggerKind::kThen:
    case TriggerKind::kAll: break;
  }
  return steps.back().event;
}

const std::vector<TriggerUse>* Ruleset::FindTriggerUses(std::string_view event) const noexcept {
  const std::uint32_t index = trigger_index.Find(event);
  return index == kNone ? nullptr : &trigger_uses[index];
}

const ConditionWords* Ruleset::FindWords(std::uint32_t node) const noexcept {
  const auto at = std::lower_bound(words.begin(), words.end(), node,
                                   [](const ConditionWords& each, std::uint32_t wanted) { return each.node < wanted; });
  return at != words.end() && at->node == node ? &*at : nullptr;
}

const Count* Ruleset::FindCount(std::string_view name) const noexcept {
  const auto at = std::find_if(counts.begin(), counts.end(), [name](const Count& each) { return each.name == name; });
  return at == counts.end() ? nullptr : &*at;
}

std::pair<const Count*, const Count*> Ruleset::CountsOf(std::string_view event) const noexcept {
  const std::uint32_t index = counts.empty() ? kNone : count_index.Find(event);
  if (index == kNone) return {nullptr, nullptr};
  return {counts.data() + count_ranges[index].first, counts.data() + count_ranges[index].second};
}

const Experiment* Ruleset::FindExperiment(std::string_view key) const noexcept {
  const std::uint32_t index = experiment_index.Find(key);
  return index == kNone ? nullptr : &experiments[index];
}

}  // namespace guidon::ruleset
