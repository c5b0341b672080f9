#include "sdk/core/dialects/condition_parts.h"

#include <utility>
#include <vector>

#include "guidon/limits.h"

namespace guidon::dialects {

std::uint32_t ConditionParts::Text(std::string_view text) {
  const auto [at, is_new] = texts_.try_emplace(std::string(text), static_cast<std::uint32_t>(rules_.texts.size()));
  if (is_new) rules_.texts.emplace_back(text);
  return at->second;
}

std::optional<std::uint16_t> ConditionParts::Slot(ruleset::AttributeSlot slot) {
  const auto next = static_cast<std::uint16_t>(rules_.slots.size());
  const auto [at, is_new] = slots_.try_emplace({slot.kind, slot.name, slot.conversion, slot.is_unit, slot.detail,
                                                slot.path.size(), slot.is_local, slot.is_length},
                                               next);
  if (is_new && rules_.slots.size() >= kSlots) {
    slots_.erase(at);
    return std::nullopt;
  }
  const std::uint16_t index = at->second;
  if (is_new) rules_.slots.push_back(std::move(slot));
  return index;
}

bool ConditionParts::Leaf(ruleset::Node node, ruleset::AttributeSlot slot) {
  node.is_local = slot.is_local;
  const auto index = Slot(std::move(slot));
  node.slot = index.value_or(0);
  node.end = static_cast<std::uint32_t>(rules_.nodes.size()) + 1;
  rules_.nodes.push_back(node);
  return index.has_value();
}

std::uint32_t ConditionParts::Salt(const std::string& salt) {
  const auto [at, is_new] = salts_.try_emplace(salt, static_cast<std::uint32_t>(rules_.salts.size()));
  if (is_new) rules_.salts.push_back(salt);
  return at->second;
}

Result<std::uint32_t> ConditionParts::Pattern(const std::string& text) {
  const auto refuse = [](std::string why) { return Status(StatusCode::kInvalidArgument, std::move(why)); };
  if (text.size() > limits::kPatternBytes) {
    return refuse("has more than " + std::to_string(limits::kPatternBytes) + " bytes");
  }
  const auto known = patterns_.find(text);
  if (known != patterns_.end()) return known->second;
  if (patterns_port_ == nullptr) return refuse("is a pattern, and this build matches none");
  if (rules_.patterns.size() >= limits::kPatterns) {
    return refuse("is one pattern too many: rules may match " + std::to_string(limits::kPatterns) + " different ones");
  }
  std::size_t bytes = text.size();
  for (const auto& before : rules_.patterns) bytes += before.text.size();
  if (bytes > limits::kAllPatternBytes) {
    return refuse("brings the bytes of all patterns above " + std::to_string(limits::kAllPatternBytes));
  }
  auto compiled = patterns_port_->Compile(text);
  if (!compiled.ok() || *compiled == nullptr) {
    return refuse("\"" + text + "\" is no pattern: " + compiled.status().message());
  }
  const auto index = static_cast<std::uint32_t>(rules_.patterns.size());
  patterns_.emplace(text, index);
  rules_.patterns.push_back({text, *std::move(compiled)});
  return index;
}

void ConditionParts::BuildIndexes() {
  rules_.text_index.Build({rules_.texts.begin(), rules_.texts.end()});
  for (const ruleset::Node& node : rules_.nodes) {
    const bool equates =
        node.op == ruleset::Op::kIn || (node.op == ruleset::Op::kCompare && node.type == ruleset::ConstantType::kText);
    if (equates) rules_.slots[node.slot].is_equated = true;
  }
}

}  // namespace guidon::dialects
