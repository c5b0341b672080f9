#include "sdk/core/evaluation/prepared_context.h"

#include <algorithm>
#include <cmath>

#include "guidon/limits.h"
#include "sdk/core/base/ascii.h"
#include "sdk/core/base/local_time.h"
#include "sdk/core/base/text.h"
#include "sdk/core/base/type_names.h"
#include "sdk/core/evaluation/bucketing.h"

namespace guidon::evaluation {
namespace {

// Leaves the tag of what no condition compares.
void FillPlain(const ruleset::Ruleset& rules, const Value& value, bool is_equated, SlotValue* slot) {
  using Tag = SlotValue::Tag;
  if (const std::string* text = value.AsString()) {
    slot->tag = Tag::kText;
    slot->text = *text;
    slot->index = is_equated ? rules.text_index.Find(*text) : ruleset::kNone;
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

void FillVersion(std::string_view text, SlotValue* slot) noexcept {
  const std::optional<ruleset::VersionView> version = ruleset::ReadVersion(text);
  if (!version) return;
  slot->tag = SlotValue::Tag::kVersion;
  slot->version = version->parts;
  slot->text = version->prerelease;
}

void FillTime(const Value& value, SlotValue* slot) noexcept {
  std::optional<Timestamp> time;
  if (value.AsString() != nullptr) time = text::ParseTimestamp(*value.AsString());
  if (value.AsInt() != nullptr) time = TimestampFromMs(*value.AsInt());
  if (!time) return;
  slot->tag = SlotValue::Tag::kTime;
  slot->integer = ToMs(*time);
}

void FillAddress(std::string_view text, SlotValue* slot) noexcept {
  const std::optional<network::Address> address = network::ReadAddress(text);
  if (!address) return;
  slot->tag = SlotValue::Tag::kAddress;
  slot->boolean = address->is_v4;
  slot->address = address->bits;
}

// What a pattern says of a text is asked here, once, however many conditions match it.
void FillPattern(const Pattern& pattern, std::string_view text, SlotValue* slot) noexcept {
  if (text.size() > limits::kPatternTextBytes) return;
  slot->tag = SlotValue::Tag::kBool;
  slot->boolean = pattern.Matches(text);
}

// The first half of SHA-256(salt 0x1F text). Part of the datafile format.
void FillDigest(const std::string& salt, const std::string& text, Crypto* crypto, SlotValue* slot) {
  constexpr std::size_t kSha256Bytes = 32;
  std::string bytes;
  if (crypto == nullptr || !crypto->Digest(DigestAlgorithm::kSha256, salt + '\x1F' + text, &bytes)) return;
  if (bytes.size() != kSha256Bytes) return;
  slot->tag = SlotValue::Tag::kDigest;
  slot->digest = {};
  for (std::size_t i = 0; i < 16; ++i) {
    std::uint64_t& half = slot->digest[i / 8];
    half = half << 8 | static_cast<unsigned char>(bytes[i]);
  }
}

void FillUnit(const ruleset::Ruleset& rules, const ruleset::AttributeSlot& unit, const Context& context, Crypto* crypto,
              SlotValue* slot) {
  const std::string* id = context.FindUnit(unit.name);
  slot->tag = id == nullptr ? SlotValue::Tag::kMissing : SlotValue::Tag::kOther;
  if (id == nullptr || !IsValidUnitId(*id)) return;
  if (unit.conversion == ruleset::Conversion::kDigest) return FillDigest(rules.salts[unit.detail], *id, crypto, slot);
  slot->tag = SlotValue::Tag::kText;
  slot->text = *id;
  slot->index = rules.text_index.Find(*id);
}

}  // namespace

const Value* FindAttribute(const Context& context, const ruleset::AttributeSlot& wanted) {
  for (const Context::Attribute& attribute : context.attributes()) {
    if (attribute.name == wanted.name && attribute.kind == wanted.kind) return &attribute.value;
  }
  if (wanted.name.find('.') == std::string::npos) return nullptr;
  const Context::Attribute* root = nullptr;
  for (const Context::Attribute& attribute : context.attributes()) {
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
                                 const Surroundings& surroundings, Timestamp now, Preparation preparation)
    : rules_(rules),
      context_(context),
      crypto_(surroundings.crypto),
      expires_at_(surroundings.expires_at.value_or(rules.header.expires_at)),
      enrolled_count_(now >= expires_at_ ? rules.remembered.size() : rules.always_remembered),
      slots_(slot_room_.For(rules.slots.size())),
      units_(unit_room_.For(rules.unit_kinds.size())),
      totals_(total_room_.For(rules.behavior_terms.size())),
      enrolled_(enrolled_room_.For(enrolled_count_)),
      local_times_(local_time_room_.For(rules.local_times.size())) {
  for (std::uint32_t i = 0; i < rules.slots.size(); ++i) slots_[i].tag = SlotValue::Tag::kUnread;
  for (std::uint32_t i = 0; i < rules.unit_kinds.size(); ++i) units_[i].is_read = false;
  if (preparation == Preparation::kAtOnce) {
    for (std::uint32_t i = 0; i < rules.slots.size(); ++i) ReadSlot(i);
    for (std::uint32_t i = 0; i < rules.unit_kinds.size(); ++i) ReadUnit(i);
  }
  const behavior::Behavior* behavior = surroundings.behavior;
  for (std::size_t i = 0; i < rules.behavior_terms.size(); ++i) {
    totals_[i] = behavior == nullptr
                     ? behavior::Behavior::Unknown()
                     : behavior->Ask(rules.behavior_terms[i], now, surroundings.utc_offset, surroundings.session);
  }
  if (enrolled_count_ > 0) FillEnrolled(surroundings.enrollments);
  for (std::size_t i = 0; i < rules.local_times.size(); ++i) {
    local_times_[i] = WhenClockReads(rules.local_times[i], surroundings.utc_offset);
  }
}

void PreparedContext::ReadUnit(std::uint32_t index) const {
  const std::string* id = context_.FindUnit(rules_.unit_kinds[index]);
  UnitValue& unit = units_[index];
  unit.is_read = true;
  unit.state = UnitValue::State::kMissing;
  unit.id = {};
  if (id == nullptr) return;
  unit.id = *id;
  unit.state = IsValidUnitId(*id) ? UnitValue::State::kValid : UnitValue::State::kInvalid;
}

void PreparedContext::FillEnrolled(const enrollment::Enrollments* enrollments) {
  const ruleset::Ruleset& rules = rules_;
  std::fill_n(enrolled_, enrolled_count_, Enrolled{ruleset::kNone, ruleset::kNone});
  if (enrollments == nullptr || enrollments->empty()) return;
  for (std::size_t i = 0; i < enrolled_count_; ++i) {
    const ruleset::Experiment& experiment = rules.experiments[rules.remembered[i]];
    const UnitValue& unit = this->unit(experiment.unit);
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

void PreparedContext::ReadSlot(std::uint32_t index) const {
  using ruleset::Conversion;
  using Tag = SlotValue::Tag;
  const ruleset::AttributeSlot& attribute = rules_.slots[index];
  SlotValue* const slot = &slots_[index];
  if (attribute.is_unit) return FillUnit(rules_, attribute, context_, crypto_, slot);
  const Value* value = FindAttribute(context_, attribute);
  if (attribute.conversion == Conversion::kType) {
    slot->tag = Tag::kInt;
    slot->integer = static_cast<std::int64_t>(TypeIndex(value));
    return;
  }
  slot->tag = value == nullptr || value->is_null() ? Tag::kMissing : Tag::kOther;
  if (slot->tag == Tag::kMissing) return;
  const std::string* text = value->AsString();
  if (text != nullptr && text->size() > limits::kAttributeBytes) return;
  switch (attribute.conversion) {
    case Conversion::kPlain: FillPlain(rules_, *value, attribute.is_equated, slot); break;
    case Conversion::kVersion:
      if (text != nullptr) FillVersion(*text, slot);
      break;
    case Conversion::kTime: FillTime(*value, slot); break;
    case Conversion::kList: FillList(*value, slot); break;
    case Conversion::kLower:
      if (text != nullptr) FillLower(*text, slot);
      break;
    case Conversion::kAddress:
      if (text != nullptr) FillAddress(*text, slot);
      break;
    case Conversion::kDigest:
      if (text != nullptr) FillDigest(rules_.salts[attribute.detail], *text, crypto_, slot);
      break;
    case Conversion::kPattern:
      if (text != nullptr) FillPattern(*rules_.patterns[attribute.detail].pattern, *text, slot);
      break;
    case Conversion::kType: break;
  }
}

void PreparedContext::FillLower(const std::string& text, SlotValue* slot) const {
  slot->tag = SlotValue::Tag::kText;
  slot->text = text;
  if (text::HasUpperAscii(text)) {
    std::string& lowered = lowered_.emplace_front(text);
    std::transform(lowered.begin(), lowered.end(), lowered.begin(), text::LowerAscii);
    slot->text = lowered;
  }
  slot->index = rules_.text_index.Find(slot->text);
}

// What no condition compares is left out: lists and objects within, null, NaN, texts that are too long.
void PreparedContext::FillList(const Value& value, SlotValue* slot) const {
  const List* list = value.AsList();
  if (list == nullptr || list->size() > limits::kAttributeElements) return;
  slot->tag = SlotValue::Tag::kList;
  slot->list.first = static_cast<std::uint32_t>(elements_.size());
  slot->list.size = static_cast<std::uint32_t>(list->size());
  for (const Value& element : *list) {
    SlotValue filled;
    filled.tag = SlotValue::Tag::kOther;
    const std::string* text = element.AsString();
    if (text == nullptr || text->size() <= limits::kAttributeBytes) FillPlain(rules_, element, true, &filled);
    if (filled.tag != SlotValue::Tag::kOther) elements_.push_back(filled);
  }
  slot->list.count = static_cast<std::uint32_t>(elements_.size()) - slot->list.first;
}

}  // namespace guidon::evaluation
