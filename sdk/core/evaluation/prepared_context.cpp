#include "sdk/core/evaluation/prepared_context.h"

#include <algorithm>
#include <cmath>

#include "guidon/limits.h"
#include "sdk/core/base/ascii.h"
#include "sdk/core/base/text.h"
#include "sdk/core/base/type_names.h"
#include "sdk/core/evaluation/bucketing.h"
#include "sdk/core/evaluation/local_time.h"

namespace guidon::evaluation {
namespace {

// Leaves the tag of what no condition compares.
void FillPlain(const ruleset::Ruleset& rules, const Value& value, SlotValue* slot) {
  using Tag = SlotValue::Tag;
  if (const std::string* text = value.AsString()) {
    slot->tag = Tag::kText;
    slot->text = *text;
    slot->index = rules.text_index.Find(*text);
  } else if (value.AsBool() != nullptr) {
    slot->tag = Tag::kBool;
    slot->boolean = *value.AsBool();
  } else if (value.AsInt() != nullptr) {
    slot->tag = Tag::kInt;
    slot->integer = *value.AsInt();
  } else if (value.AsDouble() != nullptr && !std::isnan(*value.AsDouble())) {
    slot->tag = Tag::kDouble;
    slot->number = *value.AsDouble();
  }
}

}  // namespace

const Value* FindAttribute(const Context& context, const ruleset::AttributeSlot& wanted) {
  const std::size_t count = std::min(context.attributes().size(), limits::kContextAttributes);
  const Context::Attribute* root = nullptr;
  for (std::size_t i = 0; i < count; ++i) {
    const Context::Attribute& attribute = context.attributes()[i];
    if (attribute.name == wanted.name && attribute.kind == wanted.kind) return &attribute.value;
  }
  if (wanted.name.find('.') == std::string::npos) return nullptr;
  for (std::size_t i = 0; i < count; ++i) {
    const Context::Attribute& attribute = context.attributes()[i];
    if (attribute.kind != wanted.kind) continue;
    const bool is_prefix = attribute.name.size() < wanted.name.size() && wanted.name[attribute.name.size()] == '.' &&
                           wanted.name.compare(0, attribute.name.size(), attribute.name) == 0;
    if (is_prefix && (root == nullptr || attribute.name.size() > root->name.size())) root = &attribute;
  }
  if (root == nullptr) return nullptr;
  const Value* value = &root->value;
  std::string_view path = std::string_view(wanted.name).substr(root->name.size() + 1);
  while (value != nullptr) {
    const std::size_t dot = path.find('.');
    value = value->Find(path.substr(0, dot));
    if (dot == std::string_view::npos) break;
    path.remove_prefix(dot + 1);
  }
  return value;
}

PreparedContext::PreparedContext(const ruleset::Ruleset& rules, const Context& context,
                                 const Surroundings& surroundings, Timestamp now) {
  const behavior::Behavior* behavior = surroundings.behavior;
  if (rules.slots.size() > few_slots_.size()) {
    many_slots_.resize(rules.slots.size());
    slots_ = many_slots_.data();
  }
  if (rules.unit_kinds.size() > few_units_.size()) {
    many_units_.resize(rules.unit_kinds.size());
    units_ = many_units_.data();
  }
  if (rules.behavior_terms.size() > few_totals_.size()) {
    many_totals_.resize(rules.behavior_terms.size());
    totals_ = many_totals_.data();
  }
  for (std::size_t i = 0; i < rules.slots.size(); ++i) Fill(rules, rules.slots[i], context, &slots_[i]);
  for (std::size_t i = 0; i < rules.behavior_terms.size(); ++i) {
    totals_[i] = behavior == nullptr ? behavior::Behavior::Unknown() : behavior->Ask(rules.behavior_terms[i], now);
  }
  for (std::size_t i = 0; i < rules.unit_kinds.size(); ++i) {
    const std::string* id = context.FindUnit(rules.unit_kinds[i]);
    if (id == nullptr) continue;
    units_[i].id = *id;
    units_[i].state = IsValidUnitId(*id) ? UnitValue::State::kValid : UnitValue::State::kInvalid;
  }
  if (!rules.remembered.empty()) FillEnrolled(rules, surroundings.enrollments);
  if (rules.local_times.size() > few_local_times_.size()) {
    many_local_times_.resize(rules.local_times.size());
    local_times_ = many_local_times_.data();
  }
  for (std::size_t i = 0; i < rules.local_times.size(); ++i) {
    local_times_[i] = WhenClockReads(rules.local_times[i], surroundings.utc_offset);
  }
}

// Without enrollments everybody's is the one of an experiment that does not remember.
void PreparedContext::FillEnrolled(const ruleset::Ruleset& rules, const enrollment::Enrollments* enrollments) {
  if (rules.remembered.size() > few_enrolled_.size()) {
    many_enrolled_.resize(rules.remembered.size());
    enrolled_ = many_enrolled_.data();
  }
  if (enrollments == nullptr || enrollments->empty()) return;
  for (std::size_t i = 0; i < rules.remembered.size(); ++i) {
    const ruleset::Experiment& experiment = rules.experiments[rules.remembered[i]];
    const UnitValue& unit = units_[experiment.unit];
    if (unit.state != UnitValue::State::kValid) continue;
    const enrollment::Enrollment* found = enrollments->Find(rules.unit_kinds[experiment.unit], unit.id, experiment.key);
    if (found == nullptr || found->iteration != experiment.iteration) continue;
    for (std::uint32_t variant = 0; variant < experiment.variants.size(); ++variant) {
      if (experiment.variants[variant].name == found->variant) enrolled_[i].variant = variant;
    }
    for (std::uint32_t audience = 0; audience < experiment.audiences.size(); ++audience) {
      if (experiment.audiences[audience].name == found->audience) enrolled_[i].audience = audience;
    }
  }
}

void PreparedContext::Fill(const ruleset::Ruleset& rules, const ruleset::AttributeSlot& attribute,
                           const Context& context, SlotValue* slot) {
  using Tag = SlotValue::Tag;
  const Value* value = FindAttribute(context, attribute);
  if (attribute.conversion == ruleset::Conversion::kType) {
    slot->tag = Tag::kInt;
    slot->integer = static_cast<std::int64_t>(TypeIndex(value));
    return;
  }
  slot->tag = value == nullptr || value->is_null() ? Tag::kMissing : Tag::kOther;
  if (slot->tag == Tag::kMissing) return;
  const std::string* text = value->AsString();
  if (text != nullptr && text->size() > limits::kAttributeBytes) return;
  if (attribute.conversion == ruleset::Conversion::kVersion) {
    std::optional<ruleset::VersionView> version;
    if (text != nullptr) version = ruleset::ReadVersion(*text);
    if (!version) return;
    slot->tag = Tag::kVersion;
    slot->version = version->parts;
    slot->text = version->prerelease;
  } else if (attribute.conversion == ruleset::Conversion::kTime) {
    std::optional<Timestamp> time;
    if (text != nullptr) time = text::ParseTimestamp(*text);
    if (value->AsInt() != nullptr) time = TimestampFromMs(*value->AsInt());
    if (!time) return;
    slot->tag = Tag::kTime;
    slot->integer = ToMs(*time);
  } else if (attribute.conversion == ruleset::Conversion::kList) {
    FillList(rules, *value, slot);
  } else if (attribute.conversion == ruleset::Conversion::kAddress) {
    std::optional<network::Address> address;
    if (text != nullptr) address = network::ReadAddress(*text);
    if (!address) return;
    slot->tag = Tag::kAddress;
    slot->boolean = address->is_v4;
    slot->address = address->bits;
  } else if (attribute.conversion == ruleset::Conversion::kLower) {
    if (text != nullptr) FillLower(rules, *text, slot);
  } else {
    FillPlain(rules, *value, slot);
  }
}

void PreparedContext::FillLower(const ruleset::Ruleset& rules, const std::string& text, SlotValue* slot) {
  slot->tag = SlotValue::Tag::kText;
  slot->text = text;
  if (text::HasUpperAscii(text)) {
    std::string& lowered = lowered_.emplace_front(text);
    std::transform(lowered.begin(), lowered.end(), lowered.begin(), text::LowerAscii);
    slot->text = lowered;
  }
  slot->index = rules.text_index.Find(slot->text);
}

// What no condition compares is left out: lists and objects within, null, NaN, texts that are too long.
void PreparedContext::FillList(const ruleset::Ruleset& rules, const Value& value, SlotValue* slot) {
  const List* list = value.AsList();
  if (list == nullptr || list->size() > limits::kAttributeElements) return;
  slot->tag = SlotValue::Tag::kList;
  slot->list.first = static_cast<std::uint32_t>(elements_.size());
  slot->list.size = static_cast<std::uint32_t>(list->size());
  for (const Value& element : *list) {
    SlotValue filled;
    filled.tag = SlotValue::Tag::kOther;
    const std::string* text = element.AsString();
    if (text == nullptr || text->size() <= limits::kAttributeBytes) FillPlain(rules, element, &filled);
    if (filled.tag != SlotValue::Tag::kOther) elements_.push_back(filled);
  }
  slot->list.count = static_cast<std::uint32_t>(elements_.size()) - slot->list.first;
}

}  // namespace guidon::evaluation
