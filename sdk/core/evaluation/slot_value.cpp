#include "sdk/core/evaluation/slot_value.h"

#include <algorithm>
#include <cmath>

#include "guidon/limits.h"
#include "sdk/core/base/ascii.h"
#include "sdk/core/base/javascript.h"
#include "sdk/core/base/padded_version.h"
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

void SetText(const ruleset::Ruleset& rules, std::string_view text, SlotValue* slot) noexcept {
  slot->tag = SlotValue::Tag::kText;
  slot->text = text;
  slot->index = rules.text_index.Find(text);
}

// A text that conversion made.
void KeepText(const ruleset::Ruleset& rules, std::string text, SlotRoom* room, SlotValue* slot) {
  SetText(rules, room->texts.emplace_front(std::move(text)), slot);
}

void FillLower(const ruleset::Ruleset& rules, const std::string& text, SlotRoom* room, SlotValue* slot) {
  if (!text::HasUpperAscii(text)) return SetText(rules, text, slot);
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(), text::LowerAscii);
  KeepText(rules, std::move(lower), room, slot);
}

void FillScriptNumber(const Value& value, SlotValue* slot) {
  const double number = javascript::ToNumber(value);
  if (std::isnan(number)) return;
  slot->tag = SlotValue::Tag::kDouble;
  slot->number = number;
}

void FillScriptPattern(const Pattern& pattern, const Value& value, SlotValue* slot) {
  if (const std::string* text = value.AsString()) return FillPattern(pattern, *text, slot);
  FillPattern(pattern, javascript::ToText(value), slot);
}

// What no condition compares is left out: lists and objects within, NaN, texts that are too long, and null but where a
// format knows it.
void FillList(const ruleset::Ruleset& rules, const ruleset::AttributeSlot& attribute, const Value& value,
              SlotRoom* room, SlotValue* slot) {
  const List* list = value.AsList();
  if (list == nullptr || list->size() > limits::kAttributeElements) return;
  slot->tag = SlotValue::Tag::kList;
  slot->list.first = static_cast<std::uint32_t>(room->elements.size());
  slot->list.size = static_cast<std::uint32_t>(list->size());
  const bool is_folded = attribute.conversion == ruleset::Conversion::kFoldedList;
  for (const Value& element : *list) {
    SlotValue filled;
    filled.tag = SlotValue::Tag::kOther;
    const std::string* text = element.AsString();
    if (text != nullptr && text->size() <= limits::kAttributeBytes && is_folded) {
      FillLower(rules, *text, room, &filled);
    } else if (text == nullptr || text->size() <= limits::kAttributeBytes) {
      FillPlain(rules, element, true, &filled);
    }
    if (element.is_null() && attribute.is_path()) filled.tag = SlotValue::Tag::kMissing;
    if (filled.tag != SlotValue::Tag::kOther) room->elements.push_back(filled);
  }
  slot->list.count = static_cast<std::uint32_t>(room->elements.size()) - slot->list.first;
}

bool IsOfScript(ruleset::Conversion conversion) noexcept {
  return conversion >= ruleset::Conversion::kScriptText && conversion <= ruleset::Conversion::kPaddedVersion;
}

void FillScript(const ruleset::Ruleset& rules, const ruleset::AttributeSlot& attribute, const Value& value,
                SlotRoom* room, SlotValue* slot) {
  using ruleset::Conversion;
  const std::string* text = value.AsString();
  switch (attribute.conversion) {
    case Conversion::kScriptText:
      if (text != nullptr) return SetText(rules, *text, slot);
      return KeepText(rules, javascript::ToText(value), room, slot);
    case Conversion::kScriptNumber: return FillScriptNumber(value, slot);
    case Conversion::kScriptTruth:
      slot->tag = value.is_null() ? SlotValue::Tag::kMissing : SlotValue::Tag::kBool;
      slot->boolean = javascript::IsTruthy(value);
      return;
    case Conversion::kScriptJson: return KeepText(rules, javascript::ToJson(value), room, slot);
    case Conversion::kScriptPattern: return FillScriptPattern(*rules.patterns[attribute.detail].pattern, value, slot);
    case Conversion::kTextOrder:
      if (text == nullptr) return;
      if (!javascript::HasOrderKey(*text)) return SetText(rules, *text, slot);
      return KeepText(rules, javascript::OrderKey(*text), room, slot);
    case Conversion::kPaddedVersion: return KeepText(rules, PaddedVersion(value), room, slot);
    default: return;
  }
}

// Which step of a list a path's step is.
std::size_t IndexIn(const List& list, const std::string& step) noexcept {
  std::size_t index = 0;
  for (const char c : step) {
    if (c < '0' || c > '9' || index > list.size()) return list.size();
    index = index * 10 + static_cast<std::size_t>(c - '0');
  }
  const bool is_canonical = !step.empty() && (step.size() == 1 || step[0] != '0');
  return is_canonical ? index : list.size();
}

const Value* FindByPath(const Context& context, const ruleset::AttributeSlot& wanted, const Value* local) noexcept {
  const Value* value = local;
  auto step = wanted.path.begin();
  if (!wanted.is_local) {
    value = nullptr;
    for (const Context::Attribute& attribute : context.attributes()) {
      if (attribute.name == *step && attribute.kind == wanted.kind) value = &attribute.value;
    }
    ++step;
  }
  for (; value != nullptr && step != wanted.path.end(); ++step) {
    const List* list = value->AsList();
    const std::size_t index = list == nullptr ? 0 : IndexIn(*list, *step);
    if (list == nullptr) {
      value = value->Find(*step);
    } else {
      value = index < list->size() ? &(*list)[index] : nullptr;
    }
  }
  return value;
}

}  // namespace

const Value* FindAttribute(const Context& context, const ruleset::AttributeSlot& wanted, const Value* local) noexcept {
  if (wanted.is_path()) return FindByPath(context, wanted, local);
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

void Convert(const ruleset::Ruleset& rules, const ruleset::AttributeSlot& attribute, const Value* value, Crypto* crypto,
             SlotRoom* room, SlotValue* slot) {
  using ruleset::Conversion;
  using Tag = SlotValue::Tag;
  Value length;
  if (attribute.is_length) {
    if (value != nullptr && value->AsList() != nullptr) length = Value(value->AsList()->size());
    value = &length;
  }
  if (attribute.conversion == Conversion::kType) {
    slot->tag = Tag::kInt;
    slot->integer = static_cast<std::int64_t>(TypeIndex(value));
    return;
  }
  slot->tag = value == nullptr || value->is_null() ? Tag::kMissing : Tag::kOther;
  if (IsOfScript(attribute.conversion)) {
    static const Value kNull;
    const std::string* long_text = value == nullptr ? nullptr : value->AsString();
    if (long_text != nullptr && long_text->size() > limits::kAttributeBytes) return;
    return FillScript(rules, attribute, value == nullptr ? kNull : *value, room, slot);
  }
  if (slot->tag == Tag::kMissing) return;
  const std::string* text = value->AsString();
  if (text != nullptr && text->size() > limits::kAttributeBytes) return;
  switch (attribute.conversion) {
    case Conversion::kPlain: FillPlain(rules, *value, attribute.is_equated, slot); break;
    case Conversion::kVersion:
      if (text != nullptr) FillVersion(*text, slot);
      break;
    case Conversion::kTime: FillTime(*value, slot); break;
    case Conversion::kList:
    case Conversion::kFoldedList: FillList(rules, attribute, *value, room, slot); break;
    case Conversion::kLower:
      if (text != nullptr) FillLower(rules, *text, room, slot);
      break;
    case Conversion::kFolded:
      if (text != nullptr) {
        FillLower(rules, *text, room, slot);
      } else {
        FillPlain(rules, *value, attribute.is_equated, slot);
      }
      break;
    case Conversion::kAddress:
      if (text != nullptr) FillAddress(*text, slot);
      break;
    case Conversion::kDigest:
      if (text != nullptr) FillDigest(rules.salts[attribute.detail], *text, crypto, slot);
      break;
    case Conversion::kPattern:
      if (text != nullptr) FillPattern(*rules.patterns[attribute.detail].pattern, *text, slot);
      break;
    case Conversion::kValue:
      slot->tag = Tag::kValue;
      slot->value = value;
      break;
    default: break;
  }
}

void ConvertUnit(const ruleset::Ruleset& rules, const ruleset::AttributeSlot& unit, const Context& context,
                 Crypto* crypto, SlotValue* slot) {
  const std::string* id = context.FindUnit(unit.name);
  slot->tag = id == nullptr ? SlotValue::Tag::kMissing : SlotValue::Tag::kOther;
  if (id == nullptr || !IsValidUnitId(*id)) return;
  if (unit.conversion == ruleset::Conversion::kDigest) return FillDigest(rules.salts[unit.detail], *id, crypto, slot);
  slot->tag = SlotValue::Tag::kText;
  slot->text = *id;
  slot->index = rules.text_index.Find(*id);
}

}  // namespace guidon::evaluation
