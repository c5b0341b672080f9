#include "sdk/core/evaluation/targeting.h"

#include <algorithm>
#include <bitset>
#include <cmath>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/glob.h"
#include "sdk/core/base/javascript.h"

namespace guidon::evaluation {
namespace {

using ruleset::Comparison;
using ruleset::ConstantType;
using ruleset::Node;
using ruleset::Op;
using Tag = SlotValue::Tag;

Truth FromBool(bool value) noexcept { return value ? Truth::kTrue : Truth::kFalse; }

// `order` is -1, 0 or 1.
bool Holds(Comparison comparison, int order) noexcept {
  constexpr unsigned kLess = 1, kEqual = 2, kGreater = 4;
  constexpr unsigned kOrders[] = {kEqual, kLess | kGreater, kLess, kLess | kEqual, kGreater, kGreater | kEqual};
  return (kOrders[static_cast<std::size_t>(comparison)] >> (order + 1) & 1) != 0;
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
    case ConstantType::kSize:
      if (slot.tag != Tag::kList) return Truth::kUnknown;
      return FromBool(Holds(comparison, Order(std::int64_t{slot.list.size}, node.integer)));
    case ConstantType::kType: return FromBool((slot.integer == node.integer) == (comparison == Comparison::kEqual));
    case ConstantType::kOrderedText:
      if (slot.tag != Tag::kText) return Truth::kUnknown;
      return FromBool(Holds(comparison, Order(slot.text.compare(rules.texts[node.index]), 0)));
    case ConstantType::kNone: return Truth::kUnknown;
  }
  return Truth::kUnknown;
}

constexpr std::size_t kNowhere = SIZE_MAX;

// Where the text is among the node's, or kNowhere.
std::size_t TextAt(const ruleset::Ruleset& rules, const Node& node, std::uint32_t text) noexcept {
  const std::uint32_t* first = rules.list_texts.data() + node.first;
  const std::uint32_t* at = std::lower_bound(first, first + node.count, text);
  return at != first + node.count && *at == text ? static_cast<std::size_t>(at - first) : kNowhere;
}

// Likewise of a kInt or kDouble among the numbers.
std::size_t NumberAt(const ruleset::Ruleset& rules, const Node& node, const SlotValue& slot) noexcept {
  const double* first = rules.list_numbers.data() + node.first_number;
  const double* last = first + node.number_count;
  const bool is_int = slot.tag == Tag::kInt;
  const double* at = std::lower_bound(first, last, is_int ? static_cast<double>(slot.integer) : slot.number);
  if (at == last || !(is_int ? OrderMixed(slot.integer, *at) == 0 : slot.number == *at)) return kNowhere;
  return static_cast<std::size_t>(at - first);
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
  const bool is_number = slot.tag == Tag::kInt || slot.tag == Tag::kDouble;
  if (is_number && node.number_count > 0) return FromBool(NumberAt(rules, node, slot) != kNowhere);
  if (slot.tag == Tag::kBool && node.integer != 0) return FromBool((node.integer & (slot.boolean ? 2 : 1)) != 0);
  if (slot.tag == Tag::kMissing && (node.integer & 4) != 0) return Truth::kTrue;
  return Truth::kUnknown;
}

// The loader lets no more constants in than a list may have elements, none of them twice: all are there when as many
// different ones were met.
bool ContainsAll(const ruleset::Ruleset& rules, const Node& node, const SlotValue* elements,
                 std::size_t count) noexcept {
  std::bitset<limits::kAttributeElements> met;
  std::int64_t bools = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const SlotValue& element = elements[i];
    if (element.tag == Tag::kBool) {
      bools |= element.boolean ? 2 : 1;
      continue;
    }
    const bool is_text = element.tag == Tag::kText;
    const std::size_t at = is_text ? TextAt(rules, node, element.index) : NumberAt(rules, node, element);
    if (at != kNowhere) met.set(is_text ? at : node.count + at);
  }
  return met.count() == std::size_t{node.count} + node.number_count && (node.integer & ~bools) == 0;
}

// Elements of another type than the constants equal none of them.
Truth LookInto(const ruleset::Ruleset& rules, const Node& node, const SlotValue& slot,
               const SlotValue* elements) noexcept {
  if (node.op == Op::kContainsAll) return FromBool(ContainsAll(rules, node, elements, slot.list.count));
  bool found = false;
  for (std::size_t i = 0; i < slot.list.count && !found; ++i) found = In(rules, node, elements[i]) == Truth::kTrue;
  return FromBool(found == (node.op == Op::kContainsAny));
}

Truth IsWithin(const ruleset::Ruleset& rules, const Node& node, const SlotValue& slot) noexcept {
  if (slot.tag != Tag::kAddress) return Truth::kUnknown;
  const network::Address address{slot.address, slot.boolean};
  const network::Network* first = rules.networks.data() + node.first;
  return FromBool(std::any_of(first, first + node.count,
                              [&](const network::Network& network) { return Contains(network, address); }));
}

Truth InDigests(const ruleset::Ruleset& rules, const Node& node, const SlotValue& slot) noexcept {
  if (slot.tag != Tag::kDigest) return Truth::kUnknown;
  const ruleset::Digest128* first = rules.digests.data() + node.first;
  return FromBool(std::binary_search(first, first + node.count, slot.digest));
}

Truth MatchText(const Node& node, std::string_view constant, const SlotValue& slot) noexcept {
  if (slot.tag != Tag::kText) return Truth::kUnknown;
  const std::string_view text = slot.text;
  if (node.op == Op::kMatchesGlob) return FromBool(glob::Matches(constant, text));
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
  if (node.type == ConstantType::kTime) return Elapsed(node, total);
  valid_until_ = std::min(valid_until_, total.valid_until);
  const int order = Order(total.value, node.integer);
  const bool holds = Holds(node.comparison, order);
  if (total.is_exact) return FromBool(holds);
  const bool holds_above = Holds(node.comparison, 1);
  return order < 0 || holds != holds_above ? Truth::kUnknown : FromBool(holds);
}

// So long has elapsed since a moment when the clock has come to the one so long after it. What lies between the
// earliest and the latest that the moment can have been answers as both do where they agree.
Truth Targeting::Elapsed(const Node& node, const behavior::Total& total) noexcept {
  if (!total.has_happened) return Truth::kUnknown;
  const bool wants_less = node.comparison == Comparison::kLess || node.comparison == Comparison::kLessOrEqual;
  const bool is_beyond = node.comparison == Comparison::kGreater || node.comparison == Comparison::kLessOrEqual;
  const std::int64_t after = node.integer + (is_beyond ? 1 : 0);
  const bool has_come = HasCome(TimestampFromMs(total.value + after));
  if (HasCome(TimestampFromMs(total.latest + after)) != has_come) return Truth::kUnknown;
  return FromBool(has_come != wants_less);
}

// The loader lets in no constant that the flag's type could not equal.
Truth Targeting::FlagOf(const Node& node) noexcept {
  const ruleset::FlagValue* value = decider_ == nullptr ? nullptr : decider_->FlagOf(node.slot);
  if (value == nullptr) return Truth::kUnknown;
  const bool wants_equal = node.comparison == Comparison::kEqual;
  const bool is_int = value->type == ruleset::ValueType::kInt;
  switch (node.type) {
    case ConstantType::kBool: return FromBool((value->boolean == node.boolean) == wants_equal);
    case ConstantType::kText: return FromBool((value->text == rules_.texts[node.index]) == wants_equal);
    case ConstantType::kInt:
      return FromBool(Holds(node.comparison,
                            is_int ? Order(value->integer, node.integer) : -OrderMixed(node.integer, value->number)));
    case ConstantType::kDouble:
      return FromBool(
          Holds(node.comparison, is_int ? OrderMixed(value->integer, node.number) : Order(value->number, node.number)));
    default: return Truth::kUnknown;
  }
}

Truth Targeting::VariantOf(const Node& node) noexcept {
  const Decider::Met met = decider_ == nullptr ? Decider::Met() : decider_->VariantOf(node.slot);
  if (!met.is_known) return Truth::kUnknown;
  const bool is_listed = met.variant != ruleset::kNone && ((node.integer >> met.variant) & 1) != 0;
  return FromBool(is_listed == (node.comparison == Comparison::kEqual));
}

// Of those that read an attribute, but the most frequent ones.
Truth Targeting::OtherLeaf(const Node& node, const SlotValue& slot, const SlotValue* elements) const noexcept {
  switch (node.op) {
    case Op::kContains:
    case Op::kStartsWith:
    case Op::kEndsWith:
    case Op::kMatchesGlob: return MatchText(node, rules_.texts[node.index], slot);
    case Op::kMatches: return slot.tag == Tag::kBool ? FromBool(slot.boolean) : Truth::kUnknown;
    case Op::kInDigests: return InDigests(rules_, node, slot);
    case Op::kContainsAny:
    case Op::kContainsAll:
    case Op::kContainsNone:
      if (slot.tag != Tag::kList) return Truth::kUnknown;
      return LookInto(rules_, node, slot, elements + slot.list.first);
    case Op::kCidr: return IsWithin(rules_, node, slot);
    case Op::kExists: return FromBool(slot.tag != Tag::kMissing);
    default: return Truth::kUnknown;
  }
}

inline Truth Targeting::LeafOf(const Node& node, const SlotValue& slot, const SlotValue* elements) const noexcept {
  if (node.op == Op::kCompare) return Compare(rules_, node, slot);
  if (node.op == Op::kIn) return In(rules_, node, slot);
  return OtherLeaf(node, slot, elements);
}

inline Truth Targeting::Leaf(const Node& node) noexcept {
  if (node.is_local) return LocalLeaf(node);
  const SlotValue& slot = context_.slot(node.slot);  // first: reading it may move the elements
  return LeafOf(node, slot, context_.elements());
}

void Targeting::ReadLocal(const Node& node, SlotRoom* room, SlotValue* slot) noexcept {
  const ruleset::AttributeSlot& attribute = rules_.slots[node.slot];
  visited_ += local_cost_;
  Convert(rules_, attribute, FindAttribute(context_.context(), attribute, local_), context_.crypto(), room, slot);
}

// Of what is not known before: converted here, each time.
Truth Targeting::LocalLeaf(const Node& node) noexcept {
  SlotRoom room;
  SlotValue slot;
  ReadLocal(node, &room, &slot);
  return LeafOf(node, slot, room.elements.data());
}

Truth Targeting::ForAny(std::uint32_t index) noexcept {
  const Node& node = rules_.nodes[index];
  SlotRoom room;
  SlotValue read;
  if (node.is_local) ReadLocal(node, &room, &read);
  const SlotValue& slot = node.is_local ? read : context_.slot(node.slot);
  const List* list = slot.tag == Tag::kValue ? slot.value->AsList() : nullptr;
  if (list == nullptr) return Truth::kUnknown;
  const Value* const outer = local_;
  Truth truth = Truth::kFalse;
  for (const Value& element : *list) {
    if (truth == Truth::kTrue || ++visited_ > kStepBudget) break;
    if (node.boolean && !javascript::IsTruthy(element)) continue;
    local_ = &element;
    if (Evaluate(index + 1) == Truth::kTrue) truth = Truth::kTrue;
  }
  local_ = outer;
  return truth;
}

// Of a flag without a value it is null.
Truth Targeting::OfFlag(std::uint32_t index) noexcept {
  const Node& node = rules_.nodes[index];
  const bool may_ask = node.slot != ruleset::kNoFlag && decider_ != nullptr;
  const ruleset::FlagValue* value = may_ask ? decider_->FlagOf(node.slot) : nullptr;
  const Value local(Object{{"value", value == nullptr ? Value() : ruleset::ToValue(*value)}});
  const Value* const outer = std::exchange(local_, &local);
  constexpr std::size_t kBytesANode = 64;
  const auto cost = static_cast<std::uint32_t>(value == nullptr ? 0 : value->text.size() / kBytesANode);
  const std::uint32_t outer_cost = std::exchange(local_cost_, cost);
  visited_ += cost;
  const Truth truth = Evaluate(index + 1);
  local_ = outer;
  local_cost_ = outer_cost;
  return truth;
}

// Recursion is bounded: the loader bounds the depth of a condition and that of segments within segments.
Truth Targeting::Evaluate(std::uint32_t index) noexcept {
  const Node& node = rules_.nodes[index];
  if (++visited_ > kStepBudget) return Truth::kUnknown;
  switch (node.op) {
    case Op::kAnd: return All(index, Truth::kFalse);
    case Op::kOr: return All(index, Truth::kTrue);
    case Op::kNot: {
      const Truth truth = Evaluate(index + 1);
      if (truth == Truth::kUnknown) return truth;
      return truth == Truth::kTrue ? Truth::kFalse : Truth::kTrue;
    }
    case Op::kNotTrue: return FromBool(Evaluate(index + 1) != Truth::kTrue);
    case Op::kForAny: return ForAny(index);
    case Op::kOfFlag: return OfFlag(index);
    case Op::kSegment: return Evaluate(rules_.segments[node.segment].condition);
    case Op::kFlag: return FlagOf(node);
    case Op::kVariant: return VariantOf(node);
    case Op::kBehavior: return Behavior(node);
    case Op::kSince: return FromBool(HasCome(TimestampFromMs(node.integer)));
    case Op::kBefore: return FromBool(!HasCome(TimestampFromMs(node.integer)));
    case Op::kUnsupported: return Truth::kUnknown;
    default: return Leaf(node);
  }
}

// Of several conditions: the decisive answer where one gives it.
Truth Targeting::All(std::uint32_t index, Truth decisive) noexcept {
  const Node* const nodes = rules_.nodes.data();
  const std::uint32_t end = nodes[index].end;
  bool is_known = true;
  for (std::uint32_t child = index + 1; child < end; child = nodes[child].end) {
    const Node& node = nodes[child];
    Truth truth = Truth::kUnknown;
    if (node.op != Op::kCompare && node.op != Op::kIn) {
      truth = Evaluate(child);
    } else if (++visited_ <= kStepBudget) {
      truth = Leaf(node);
    }
    if (truth == decisive) return decisive;
    is_known = is_known && truth != Truth::kUnknown;
  }
  if (!is_known) return Truth::kUnknown;
  return decisive == Truth::kFalse ? Truth::kTrue : Truth::kFalse;
}

}  // namespace guidon::evaluation
