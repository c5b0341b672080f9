#include "sdk/core/evaluation/condition_text.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/limits.h"
#include "sdk/core/base/text.h"
#include "sdk/core/base/type_names.h"
#include "sdk/core/evaluation/prerequisites.h"
#include "sdk/core/expression/render.h"

namespace guidon::evaluation {
namespace {

using ruleset::Comparison;
using ruleset::ConstantType;
using ruleset::Node;
using ruleset::Op;

constexpr std::size_t kLiteralBytes = 80;
constexpr std::size_t kSeenBytes = 200;
constexpr std::size_t kGroupBytes = 400;
constexpr std::uint32_t kListedValues = 6;

// The two enums list the six comparisons in the same order.
static_assert(static_cast<int>(expression::Op::kEqual) == static_cast<int>(Comparison::kEqual));
static_assert(static_cast<int>(expression::Op::kNotEqual) == static_cast<int>(Comparison::kNotEqual));
static_assert(static_cast<int>(expression::Op::kLess) == static_cast<int>(Comparison::kLess));
static_assert(static_cast<int>(expression::Op::kLessEqual) == static_cast<int>(Comparison::kLessOrEqual));
static_assert(static_cast<int>(expression::Op::kGreater) == static_cast<int>(Comparison::kGreater));
static_assert(static_cast<int>(expression::Op::kGreaterEqual) == static_cast<int>(Comparison::kGreaterOrEqual));

// The beginning of `text`, with … where something is missing.
std::string Cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  return std::string(text.substr(0, most)) + "…";
}

std::string VersionText(const ruleset::Version& version) {
  std::string text = std::to_string(version.parts[0]) + "." + std::to_string(version.parts[1]) + "." +
                     std::to_string(version.parts[2]);
  if (!version.prerelease.empty()) text += "-" + version.prerelease;
  return text;
}

Value CutValue(const Value& value) {
  if (value.AsString() != nullptr) return Value(Cut(*value.AsString(), kSeenBytes));
  if (value.AsList() != nullptr) return Value(List());
  if (value.AsObject() != nullptr) return Value(Object());
  return value;
}

// Lists keep whole numbers as doubles, up to 2^53.
Value NumberLiteral(double number) {
  constexpr double kExact = 9007199254740992.0;
  if (number < -kExact || number > kExact || number != std::floor(number)) return Value(number);
  return Value(static_cast<std::int64_t>(number));
}

// A text, number or bool.
Value ConstantOf(const ruleset::Ruleset& rules, const Node& node) {
  switch (node.type) {
    case ConstantType::kBool: return Value(node.boolean);
    case ConstantType::kInt: return Value(node.integer);
    case ConstantType::kDouble: return Value(node.number);
    case ConstantType::kText: return Value(Cut(rules.texts[node.index], kLiteralBytes));
    default: return Value();
  }
}

bool ReadsSlot(Op op) noexcept {
  return op != Op::kSegment && op != Op::kBehavior && op != Op::kSince && op != Op::kBefore && op != Op::kFlag &&
         op != Op::kVariant && op != Op::kUnsupported;
}

bool ListsBool(const Node& node, bool truth) noexcept { return (node.integer & (truth ? 2 : 1)) != 0; }

// "a text, a number, true or false"
std::string ExpectedInList(const Node& node) {
  std::vector<std::string_view> words;
  if (node.count > 0) words.emplace_back("a text");
  if (node.number_count > 0) words.emplace_back("a number");
  if (node.integer != 0) words.emplace_back("true or false");
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool is_last = i + 1 == words.size() && node.integer == 0;
    text.append(i == 0 ? "" : is_last ? " or " : ", ").append(words[i]);
  }
  return text;
}

std::string ExpectedElements() { return "a list of at most " + std::to_string(limits::kAttributeElements); }

std::string Expected(const Node& node) {
  switch (node.op) {
    case Op::kContains:
    case Op::kStartsWith:
    case Op::kEndsWith:
    case Op::kMatchesGlob:
    case Op::kInDigests: return "a text";
    case Op::kMatches: return "a text of at most " + std::to_string(limits::kPatternTextBytes) + " bytes";
    case Op::kIn: return ExpectedInList(node);
    case Op::kCidr: return "an address";
    case Op::kContainsAny:
    case Op::kContainsAll:
    case Op::kContainsNone: return ExpectedElements();
    default: break;
  }
  switch (node.type) {
    case ConstantType::kBool: return "true or false";
    case ConstantType::kInt:
    case ConstantType::kDouble: return "a number";
    case ConstantType::kOrderedText:
    case ConstantType::kText: return "a text";
    case ConstantType::kVersion: return "a version";
    case ConstantType::kTime: return "a date";
    case ConstantType::kSize: return ExpectedElements();
    case ConstantType::kType:
    case ConstantType::kNone: break;
  }
  return "";
}

bool IsGroup(Op op) noexcept { return op == Op::kAnd || op == Op::kOr; }
bool IsNot(Op op) noexcept { return op == Op::kNot || op == Op::kNotTrue; }

// As expression::ToText writes the tree. Empty when it would be too long, or a part of it is.
std::string GroupText(const ExplainedCondition& group) {
  std::string text;
  if (group.more > 0) return text;
  if (IsNot(group.op)) {
    const ExplainedCondition& inner = group.of[0];
    const bool is_call = inner.op == Op::kExists || inner.op == Op::kSegment || inner.op == Op::kNot ||
                         inner.op == Op::kContains || inner.op == Op::kStartsWith || inner.op == Op::kEndsWith ||
                         inner.op == Op::kMatchesGlob || inner.op == Op::kMatches || inner.op == Op::kCidr ||
                         inner.op == Op::kContainsAll || inner.op == Op::kContainsNone ||
                         (inner.op == Op::kContainsAny && inner.text.back() == ')') ||
                         (inner.op == Op::kFlag && inner.text.back() == ')');
    if (inner.text.empty()) return text;
    text = is_call ? "!" + inner.text : "!(" + inner.text + ")";
    return text.size() > kGroupBytes ? std::string() : text;
  }
  for (const ExplainedCondition& part : group.of) {
    if (part.text.empty()) return std::string();
    if (!text.empty()) text += group.op == Op::kAnd ? " && " : " || ";
    const bool has_brackets = group.op == Op::kAnd && part.op == Op::kOr && part.of.size() > 1;
    text += has_brackets ? "(" + part.text + ")" : part.text;
    if (text.size() > kGroupBytes) return std::string();
  }
  return text;
}

bool IsOneLeaf(const ExplainedCondition& condition) noexcept { return condition.of.empty(); }

// Down to the first leaf whose truth made its parents' truth: false of an `and` is its first false part, and so on.
void MarkDeciding(ExplainedCondition* condition) {
  while (!condition->of.empty()) {
    ExplainedCondition* next = nullptr;
    for (ExplainedCondition& part : condition->of) {
      if (!IsGroup(condition->op) || part.truth == condition->truth) {
        next = &part;
        break;
      }
    }
    if (next == nullptr) return;  // it is among those that are not listed
    condition = next;
  }
  condition->decides = true;
}

}  // namespace

ExplainedCondition ConditionExplainer::Explain(std::uint32_t node) {
  ExplainedCondition condition = Build(node);
  if (condition.truth != Truth::kTrue && !IsOneLeaf(condition)) MarkDeciding(&condition);
  return condition;
}

// Recursion is bounded as in Targeting::Evaluate.
ExplainedCondition ConditionExplainer::Build(std::uint32_t index) {
  const Node& node = rules_.nodes[index];
  if (left_ > 0) --left_;
  ExplainedCondition condition;
  condition.op = node.op;
  const Question question{rules_, prepared_, now_, forced_};
  Prerequisites prerequisites(question);
  condition.truth = prerequisites.targeting().Evaluate(index);
  // Formats that come with words of their own know no third truth.
  if (!rules_.words.empty() && condition.truth == Truth::kUnknown) condition.truth = Truth::kFalse;
  if (const ruleset::ConditionWords* words = rules_.FindWords(index)) {
    condition.op = Op::kCompare;
    condition.text = Cut(words->text, kGroupBytes);
    if (words->slot != ruleset::kNoSlot) SeeAttribute(rules_.slots[words->slot], &condition);
    if (node.op == Op::kOfFlag && node.slot != ruleset::kNoFlag) {
      condition.attribute = rules_.flags[node.slot].key;
      const ruleset::FlagValue* value = prerequisites.FlagOf(node.slot);
      if (value != nullptr) condition.seen = CutValue(ruleset::ToValue(*value));
    }
    return condition;
  }
  if (IsGroup(node.op) || IsNot(node.op)) {
    for (std::uint32_t child = index + 1; child < node.end; child = rules_.nodes[child].end) AddPart(child, &condition);
    condition.text = GroupText(condition);
    return condition;
  }
  condition.text = LeafText(node);
  if (node.op == Op::kSegment) {
    AddPart(rules_.segments[node.segment].condition, &condition);
  } else {
    AddSeen(node, &prerequisites, &condition);
  }
  return condition;
}

void ConditionExplainer::AddPart(std::uint32_t index, ExplainedCondition* parent) {
  if (left_ == 0) {
    ++parent->more;
  } else {
    parent->of.push_back(Build(index));
  }
}

// Expressions cannot say the kind of thing an attribute is of; here it stands in front.
std::string ConditionExplainer::AttributeName(const ruleset::AttributeSlot& slot) const {
  if (slot.is_unit) return "unit:" + slot.name;
  return slot.kind.empty() || slot.kind == own_kind_ ? slot.name : slot.kind + ":" + slot.name;
}

// Of a leaf that reads no attribute.
std::string ConditionExplainer::NamedText(const Node& node) const {
  expression::Tree tree;
  tree.op = static_cast<expression::Op>(node.comparison);
  switch (node.op) {
    case Op::kSegment:
      tree.kind = expression::Kind::kSegment;
      tree.name = rules_.segments[node.segment].key;
      break;
    case Op::kBehavior: {
      const behavior::Term& term = rules_.behavior_terms[node.slot];
      tree.kind = expression::Kind::kBehavior;
      tree.measure = term.measure;
      tree.name = term.event;
      tree.window = term.window;
      tree.value =
          behavior::IsElapsed(term.measure) ? Value(text::FormatDuration(Duration(node.integer))) : Value(node.integer);
      break;
    }
    case Op::kSince:
    case Op::kBefore:
      tree.kind = expression::Kind::kNow;
      tree.op = node.op == Op::kSince ? expression::Op::kGreaterEqual : expression::Op::kLess;
      tree.value = Value(text::FormatTimestamp(TimestampFromMs(node.integer)));
      break;
    case Op::kFlag:
      tree.kind = expression::Kind::kFlag;
      tree.name = rules_.flags[node.slot].key;
      tree.value = ConstantOf(rules_, node);
      break;
    case Op::kVariant: return VariantText(node);
    default: return "an operator that this version does not know";
  }
  return expression::ToText(tree);
}

std::string ConditionExplainer::VariantText(const Node& node) const {
  const ruleset::Experiment& experiment = rules_.experiments[node.slot];
  expression::Tree tree;
  tree.kind = expression::Kind::kVariantIn;
  tree.op = static_cast<expression::Op>(node.comparison);
  tree.name = experiment.key;
  for (std::size_t i = 0; i < experiment.variants.size(); ++i) {
    if (((node.integer >> i) & 1) != 0) tree.values.emplace_back(experiment.variants[i].name);
  }
  if (tree.values.size() == 1) {
    tree.kind = expression::Kind::kVariant;
    tree.value = std::move(tree.values[0]);
  }
  return expression::ToText(tree);
}

std::string ConditionExplainer::LeafText(const Node& node) const {
  if (!ReadsSlot(node.op)) return NamedText(node);
  expression::Tree tree;
  tree.name = AttributeName(rules_.slots[node.slot]);
  tree.lower = rules_.slots[node.slot].conversion == ruleset::Conversion::kLower;
  tree.op = static_cast<expression::Op>(node.comparison);
  switch (node.op) {
    case Op::kExists: tree.kind = expression::Kind::kExists; return expression::ToText(tree);
    case Op::kContains:
    case Op::kStartsWith:
    case Op::kEndsWith:
    case Op::kMatchesGlob:
      tree.kind = expression::Kind::kText;
      tree.op = node.op == Op::kContains     ? expression::Op::kContains
                : node.op == Op::kStartsWith ? expression::Op::kStartsWith
                : node.op == Op::kEndsWith   ? expression::Op::kEndsWith
                                             : expression::Op::kMatchesGlob;
      tree.value = ConstantOf(rules_, node);
      return expression::ToText(tree);
    case Op::kMatches:
      tree.kind = expression::Kind::kText;
      tree.op = expression::Op::kMatches;
      tree.value = Value(Cut(rules_.patterns[rules_.slots[node.slot].detail].text, kLiteralBytes));
      return expression::ToText(tree);
    case Op::kInDigests: {
      const std::string count = std::to_string(node.count);
      return tree.name + " in [" + count + (node.count == 1 ? " hashed value]" : " hashed values]");
    }
    case Op::kIn: tree.kind = expression::Kind::kIn; return ListText(node, std::move(tree));
    case Op::kCidr: tree.kind = expression::Kind::kCidr; return ListText(node, std::move(tree));
    case Op::kContainsAny:
    case Op::kContainsAll:
    case Op::kContainsNone:
      tree.kind = expression::Kind::kList;
      tree.op = node.op == Op::kContainsAny   ? expression::Op::kContainsAny
                : node.op == Op::kContainsAll ? expression::Op::kContainsAll
                                              : expression::Op::kContainsNone;
      return ListText(node, std::move(tree));
    default: break;
  }
  tree.kind = expression::Kind::kCompare;
  switch (node.type) {
    case ConstantType::kBool:
    case ConstantType::kInt:
    case ConstantType::kDouble:
    case ConstantType::kText: tree.value = ConstantOf(rules_, node); break;
    case ConstantType::kVersion:
      tree.kind = expression::Kind::kVersion;
      tree.value = Value(VersionText(rules_.versions[node.index]));
      break;
    case ConstantType::kTime:
      tree.kind = expression::Kind::kDate;
      tree.value = Value(text::FormatTimestamp(TimestampFromMs(node.integer)));
      break;
    case ConstantType::kSize:
      tree.kind = expression::Kind::kSize;
      tree.value = Value(node.integer);
      break;
    case ConstantType::kType:
      tree.kind = expression::Kind::kType;
      tree.value = Value(kTypeNames[static_cast<std::size_t>(node.integer)]);
      break;
    case ConstantType::kOrderedText:
    case ConstantType::kNone: break;
  }
  return expression::ToText(tree);
}

std::string ConditionExplainer::ListText(const Node& node, expression::Tree tree) const {
  const std::uint32_t first = node.op == Op::kCidr ? node.first_number : node.first;
  for (std::uint32_t i = 0; i < node.count && i < kListedValues; ++i) {
    tree.values.emplace_back(Cut(rules_.texts[rules_.list_texts[first + i]], kLiteralBytes));
  }
  for (std::uint32_t i = 0; i < node.number_count && tree.values.size() < kListedValues; ++i) {
    tree.values.push_back(NumberLiteral(rules_.list_numbers[node.first_number + i]));
  }
  std::size_t count = std::size_t{node.count} + node.number_count;
  for (const bool truth : {false, true}) {
    if (!ListsBool(node, truth)) continue;
    ++count;
    if (tree.values.size() < kListedValues) tree.values.emplace_back(truth);
  }
  std::string text = expression::ToText(tree);
  const std::size_t more = count - tree.values.size();
  if (more > 0) text.insert(text.rfind(']'), ", … " + std::to_string(more) + " more");
  return text;
}

void ConditionExplainer::AddSeen(const Node& node, Decider* decider, ExplainedCondition* leaf) const {
  if (node.op == Op::kBehavior) {
    const behavior::Total& total = prepared_.total(node.slot);
    leaf->measure = rules_.behavior_terms[node.slot].measure;
    leaf->is_of_session = rules_.behavior_terms[node.slot].window.unit == behavior::Window::Unit::kSession;
    leaf->is_exact = total.is_exact;
    if (!behavior::IsElapsed(leaf->measure)) {
      if (total.is_known) leaf->seen = Value(total.value);
    } else if (total.is_known && total.has_happened) {
      // The event that is known: those that may be forgotten were after the last and before the first.
      const bool is_last = leaf->measure == behavior::Measure::kSinceLast;
      const std::int64_t elapsed = behavior::NearMs(now_) - (is_last ? total.value : total.latest);
      leaf->seen = Value(std::max<std::int64_t>(0, elapsed));
    }
  } else if (node.op == Op::kSince || node.op == Op::kBefore) {
    leaf->attribute = "now";
    leaf->seen = Value(text::FormatTimestamp(now_));
  } else if (node.op == Op::kFlag) {
    const ruleset::FlagValue* value = decider->FlagOf(node.slot);
    if (value != nullptr) leaf->seen = CutValue(ruleset::ToValue(*value));
  } else if (node.op == Op::kVariant) {
    const Decider::Met met = decider->VariantOf(node.slot);
    if (met.variant != ruleset::kNone) leaf->seen = Value(rules_.experiments[node.slot].variants[met.variant].name);
  } else if (ReadsSlot(node.op)) {
    AddSeenAttribute(node, leaf);
  }
}

void ConditionExplainer::AddSeenAttribute(const Node& node, ExplainedCondition* leaf) const {
  const ruleset::AttributeSlot& slot = rules_.slots[node.slot];
  SeeAttribute(slot, leaf);
  const bool is_other = leaf->seen && !leaf->seen->is_null() && !slot.is_unit;
  if (leaf->truth == Truth::kUnknown && is_other) leaf->expected = Expected(node);
}

void ConditionExplainer::SeeAttribute(const ruleset::AttributeSlot& slot, ExplainedCondition* leaf) const {
  leaf->attribute = AttributeName(slot);
  if (slot.is_unit) {
    const std::string* id = context_.FindUnit(slot.name);
    if (id != nullptr) leaf->seen = CutValue(Value(*id));
    return;
  }
  const Value* value = slot.is_local ? nullptr : FindAttribute(context_, slot);
  if (value != nullptr) leaf->seen = CutValue(*value);
}

}  // namespace guidon::evaluation
