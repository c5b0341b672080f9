// What conditions of every format are made of: constants, slots and patterns, each of which a ruleset has once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "guidon/ports/patterns.h"
#include "guidon/status.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::dialects {

// Which rules may read at most.
inline constexpr std::size_t kSlots = UINT16_MAX;

// Sorts what stands from `first` on, and drops what is there twice.
template <class T>
void SortFrom(std::size_t first, std::vector<T>* all) {
  const auto begin = all->begin() + static_cast<std::ptrdiff_t>(first);
  std::sort(begin, all->end());
  all->erase(std::unique(begin, all->end()), all->end());
}

// A comparison without its constant.
inline ruleset::Node CompareNode(ruleset::Comparison comparison, ruleset::ConstantType type) {
  ruleset::Node node;
  node.op = ruleset::Op::kCompare;
  node.comparison = comparison;
  node.type = type;
  return node;
}

class ConditionParts {
 public:
  // Borrows both. Without `patterns` none can be had.
  ConditionParts(ruleset::Ruleset* rules, Patterns* patterns) : rules_(*rules), patterns_port_(patterns) {}

  // Of Ruleset::texts.
  std::uint32_t Text(std::string_view text);
  // Of Ruleset::slots; nothing where there are kSlots.
  std::optional<std::uint16_t> Slot(ruleset::AttributeSlot slot);
  // Of Ruleset::salts.
  std::uint32_t Salt(const std::string& salt);

  bool has_patterns() const noexcept { return patterns_port_ != nullptr; }
  // Of Ruleset::patterns. An error says in words what is wrong with it.
  Result<std::uint32_t> Pattern(const std::string& text);

  // Puts down a node with what `body` puts down below it; its index.
  template <class Body>
  std::uint32_t Group(ruleset::Op op, Body body) {
    const auto at = static_cast<std::uint32_t>(rules_.nodes.size());
    rules_.nodes.emplace_back().op = op;
    body();
    rules_.nodes[at].end = static_cast<std::uint32_t>(rules_.nodes.size());
    return at;
  }
  // A node that has none below it yet, with its slot. False when there are kSlots already.
  bool Leaf(ruleset::Node node, ruleset::AttributeSlot slot);

  // Behind all conditions: makes the texts findable, and marks the slots whose texts are looked up among them.
  void BuildIndexes();

 private:
  using SlotKey =
      std::tuple<std::string, std::string, ruleset::Conversion, bool, std::uint32_t, std::size_t, bool, bool>;

  ruleset::Ruleset& rules_;
  Patterns* patterns_port_;
  std::map<SlotKey, std::uint16_t> slots_;
  std::unordered_map<std::string, std::uint32_t> texts_;
  std::map<std::string, std::uint32_t> patterns_;
  std::map<std::string, std::uint32_t> salts_;  // of hashed lists
};

}  // namespace guidon::dialects
