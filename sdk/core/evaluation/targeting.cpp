#include "sdk/core/evaluation/targeting.h"

#include <algorithm>
#include <cmath>

namespace guidon::evaluation {
namespace {

using ruleset::Comparison;
using ruleset::ConstantType;
using ruleset::Node;
using ruleset::Op;
using Tag = SlotValue::Tag;

Truth FromBool(bool value) noexcept { return value ? Truth::kTrue : Truth::kFalse; }

bool Holds(Comparison comparison, int order) noexcept {
  switch (comparison) {
    case Comparison::kEqual: return order == 0;
    case Comparison::kNotEqual: return order != 0;
    case Comparison::kLess: return order < 0;
    case Comparison::kLessOrEqual: return order <= 0;
    case Comparison::kGreater: return order > 0;
    case Comparison::kGreaterOrEqual: return order >= 0;
  }
  return false;
}

template <class T>
int Order(T a, T b) noexcept {
  return a < b ? -1 : static_cast<int>(a > b);
}

// Exact also where an int64 has no double: 2^53 + 1 is not 2^53.
int OrderMixed(std::int64_t a, double b) noexcept {
  constexpr double kTwo63 = 9223372036854775808.0;
  if (b >= kTwo63) return -1;
  if (b < -kTwo63) return 1;
  const double whole = std::floor(b);
  const int order = Order(a, static_cast<std::int64_t>(whole));
  if (order != 0) return order;
  return whole < b ? -1 : 0;
}

Truth Compare(const ruleset::Ruleset& rules, const Node& node, const SlotValue& slot) noexcept {
  const Comparison comparison = node.comparison;
  switch (node.type) {
    case ConstantType::kText:
      // Only == and != come here; the loader refuses an order of texts.
      if (slot.tag != Tag::kText) return Truth::kUnknown;
      return FromBool((slot.index == node.index) == (comparison == Comparison::kEqual));
    case ConstantType::kBool:
      if (slot.tag != Tag::kBool) return Truth::kUnknown;
      return FromBool((slot.boolean == node.boolean) == (comparison == Comparison::kEqual));
    case ConstantType::kInt:
      if (slot.tag == Tag::kInt) return FromBool(Holds(comparison, Order(slot.integer, node.integer)));
      if (slot.tag == Tag::kDouble) return FromBool(Holds(comparison, -OrderMixed(node.integer, slot.number)));
      return Truth::kUnknown;
    case ConstantType::kDouble:
      if (slot.tag == Tag::kDouble) return FromBool(Holds(comparison, Order(slot.number, node.number)));
      if (slot.tag == Tag::kInt) return FromBool(Holds(comparison, OrderMixed(slot.integer, node.number)));
      return Truth::kUnknown;
    case ConstantType::kVersion:
      if (slot.tag != Tag::kVersion) return Truth::kUnknown;
      return FromBool(Holds(comparison, CompareVersions({slot.version, slot.text}, rules.versions[node.index])));
    case ConstantType::kTime:
      if (slot.tag != Tag::kTime) return Truth::kUnknown;
      return FromBool(Holds(comparison, Order(slot.integer, node.integer)));
    case ConstantType::kNone: return Truth::kUnknown;
  }
  return Truth::kUnknown;
}

Truth In(const ruleset::Ruleset& rules, const Node& node, const SlotValue& slot) noexcept {
  if (slot.tag == Tag::kText && node.count > 0) {
    if (slot.index == ruleset::kNone) return Truth::kFalse;
    const std::uint32_t* first = rules.list_texts.data() + node.first;
    if (node.count > 32) return FromBool(std::binary_search(first, first + node.count, slot.index));
    bool found = false;
    for (std::uint32_t i = 0; i < node.count; ++i) found |= first[i] == slot.index;
    return FromBool(found);
  }
  if ((slot.tag == Tag::kInt || slot.tag == Tag::kDouble) && node.number_count > 0) {
    const double* first = rules.list_numbers.data() + node.first_number;
    const double* last = first + node.number_count;
    if (slot.tag == Tag::kDouble) return FromBool(std::binary_search(first, last, slot.number));
    const double* at = std::lower_bound(first, last, static_cast<double>(slot.integer));
    return FromBool(at != last && OrderMixed(slot.integer, *at) == 0);
  }
  if (slot.tag == Tag::kBool && node.integer != 0) return FromBool((node.integer & (slot.boolean ? 2 : 1)) != 0);
  return Truth::kUnknown;
}

Truth MatchText(const Node& node, std::string_view constant, const SlotValue& slot) noexcept {
  if (slot.tag != Tag::kText) return Truth::kUnknown;
  const std::string_view text = slot.text;
  if (node.op == Op::kContains) return FromBool(text.find(constant) != std::string_view::npos);
  if (text.size() < constant.size()) return Truth::kFalse;
  const std::size_t at = node.op == Op::kStartsWith ? 0 : text.size() - constant.size();
  return FromBool(text.compare(at, constant.size(), constant) == 0);
}

}  // namespace

bool Targeting::HasCome(Timestamp moment) noexcept {
  if (now_ >= moment) return true;
  valid_until_ = std::min(valid_until_, moment);
  return false;
}

// A total that is at least so much answers where every greater one would answer the same.
Truth Targeting::Behavior(const Node& node) noexcept {
  const behavior::Total& total = context_.total(node.slot);
  if (!total.is_known) return Truth::kUnknown;
  valid_until_ = std::min(valid_until_, total.valid_until);
  const int order = Order(total.value, node.integer);
  const bool holds = Holds(node.comparison, order);
  if (total.is_exact) return FromBool(holds);
  const bool holds_above = Holds(node.comparison, 1);
  return order < 0 || holds != holds_above ? Truth::kUnknown : FromBool(holds);
}

Truth Targeting::Leaf(const Node& node) noexcept {
  if (node.op == Op::kBehavior) return Behavior(node);
  const SlotValue& slot = context_.slot(node.slot);
  switch (node.op) {
    case Op::kCompare: return Compare(rules_, node, slot);
    case Op::kIn: return In(rules_, node, slot);
    case Op::kContains:
    case Op::kStartsWith:
    case Op::kEndsWith: return MatchText(node, rules_.texts[node.index], slot);
    case Op::kExists: return FromBool(slot.tag != Tag::kMissing);
    case Op::kSince: return FromBool(HasCome(TimestampFromMs(node.integer)));
    case Op::kBefore: return FromBool(!HasCome(TimestampFromMs(node.integer)));
    default: return Truth::kUnknown;
  }
}

// Recursion is bounded: the loader bounds the depth of a condition and that of segments within segments.
Truth Targeting::Evaluate(std::uint32_t index) noexcept {
  const Node& node = rules_.nodes[index];
  if (++visited_ > kStepBudget) return Truth::kUnknown;
  switch (node.op) {
    case Op::kAnd:
    case Op::kOr: {
      const Truth decisive = node.op == Op::kAnd ? Truth::kFalse : Truth::kTrue;
      Truth result = node.op == Op::kAnd ? Truth::kTrue : Truth::kFalse;
      for (std::uint32_t child = index + 1; child < node.end; child = rules_.nodes[child].end) {
        const Truth truth = Evaluate(child);
        if (truth == decisive) return decisive;
        if (truth == Truth::kUnknown) result = Truth::kUnknown;
      }
      return result;
    }
    case Op::kNot: {
      const Truth truth = Evaluate(index + 1);
      if (truth == Truth::kUnknown) return truth;
      return truth == Truth::kTrue ? Truth::kFalse : Truth::kTrue;
    }
    case Op::kSegment: return Evaluate(rules_.segments[node.segment].condition);
    default: return Leaf(node);
  }
}

}  // namespace guidon::evaluation
