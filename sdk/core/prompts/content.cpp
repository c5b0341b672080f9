#include "sdk/core/prompts/content.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

#include "guidon/limits.h"
#include "sdk/core/base/ascii.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"
#include "sdk/core/evaluation/prepared_context.h"
#include "sdk/core/ruleset/campaign.h"

namespace guidon::prompts {
namespace {

using ruleset::PromptText;
using ruleset::PromptTexts;
using Source = PromptText::Source;

constexpr std::size_t kLanguages = 16;  // that a person reads; the rest is not looked at

std::uint32_t CodePoint(std::string_view character) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(character[i])); };
  switch (character.size()) {
    case 1: return byte(0);
    case 2: return (byte(0) & 0x1Fu) << 6 | (byte(1) & 0x3Fu);
    case 3: return (byte(0) & 0x0Fu) << 12 | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu);
    default: return (byte(0) & 0x07u) << 18 | (byte(1) & 0x3Fu) << 12 | (byte(2) & 0x3Fu) << 6 | (byte(3) & 0x3Fu);
  }
}

// Embeddings, overrides and isolates (Unicode 15, UAX #9): they would reach beyond the text they stand in.
bool TurnsDirection(std::uint32_t point) noexcept {
  return (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

bool IsControl(std::uint32_t point) noexcept {
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0x2028 || point == 0x2029;
}

// Adds it without what must not be read; what is not UTF-8 is left out.
void AddReadable(std::string_view text, bool may_have_lines, std::string* out) {
  while (!text.empty()) {
    const std::size_t length = text::Utf8Length(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(length, 1));
    text.remove_prefix(character.size());
    if (length == 0) continue;
    const std::uint32_t point = CodePoint(character);
    if (TurnsDirection(point)) continue;
    if (IsControl(point) && !(may_have_lines && point == '\n')) {
      out->push_back(' ');
    } else {
      out->append(character);
    }
  }
}

// "de_AT.UTF-8", as systems say it, is "de-at".
std::string Normalized(std::string_view tag) {
  std::string out(text::Trim(tag.substr(0, tag.find_first_of(".@;"))));
  for (char& c : out) c = c == '_' ? '-' : text::LowerAscii(c);
  return out;
}

const PromptTexts* Find(const ruleset::PromptContent& content, std::string_view normalized) {
  const auto found = std::find_if(content.texts.begin(), content.texts.end(), [&](const PromptTexts& texts) {
    return !texts.language.empty() && Normalized(texts.language) == normalized;
  });
  return found == content.texts.end() ? nullptr : &*found;
}

// From the whole tag to its first part; a part of one letter goes with what follows it.
const PromptTexts* LookUp(const ruleset::PromptContent& content, std::string tag) {
  while (!tag.empty()) {
    if (const PromptTexts* texts = Find(content, tag)) return texts;
    const std::size_t dash = tag.rfind('-');
    if (dash == std::string::npos) break;
    tag.resize(dash);
    if (tag.size() >= 2 && tag[tag.size() - 2] == '-') tag.resize(tag.size() - 2);
  }
  return nullptr;
}

}  // namespace

std::optional<std::string> ValueText(const Context& context, const ruleset::AttributeSlot& attribute) {
  const Value* value = evaluation::FindAttribute(context, attribute);
  if (value == nullptr) return std::nullopt;
  if (const bool* boolean = value->AsBool()) return std::string(*boolean ? "true" : "false");
  if (const std::int64_t* integer = value->AsInt()) return std::to_string(*integer);
  if (const double* number = value->AsDouble()) {
    if (!std::isfinite(*number)) return std::nullopt;
    std::string text;
    json::Writer(&text).Double(*number);
    return text;
  }
  const std::string* given = value->AsString();
  if (given == nullptr) return std::nullopt;
  std::string text;
  AddReadable(std::string_view(*given).substr(0, limits::kPromptValueBytes), false, &text);
  if (text::Trim(text).empty()) return std::nullopt;
  return text;
}

const PromptTexts& TextsFor(const ruleset::PromptContent& content, const Context& context) {
  if (content.texts.size() == 1) return content.texts.front();
  ruleset::AttributeSlot wanted;
  wanted.name = kLanguageAttribute;
  const Value* value = evaluation::FindAttribute(context, wanted);
  const std::string* said = value == nullptr ? nullptr : value->AsString();
  if (said == nullptr) return content.texts.front();
  std::string_view rest(*said);
  for (std::size_t i = 0; i < kLanguages && !rest.empty(); ++i) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view tag = rest.substr(0, std::min<std::size_t>(comma, limits::kKeyBytes));
    if (const PromptTexts* texts = LookUp(content, Normalized(tag))) return *texts;
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return content.texts.front();
}

std::string Fill(const PromptText& text, const Filling& filling) {
  std::string out;
  for (const PromptText::Piece& piece : text.pieces) {
    switch (piece.source) {
      case Source::kWords: AddReadable(piece.words, true, &out); break;
      case Source::kPrompt: out.append(filling.prompt); break;
      case Source::kCampaign: out.append(filling.campaign); break;
      case Source::kVariant: out.append(filling.variant); break;
      case Source::kAttribute:
        if (const auto value = ValueText(filling.context, piece.attribute)) {
          out.append(*value);
        } else {
          AddReadable(piece.words, false, &out);
        }
        break;
    }
  }
  return out;
}

std::string FirstUnfilled(const PromptText& text, const Context& context) {
  for (const PromptText::Piece& piece : text.pieces) {
    if (piece.source != Source::kAttribute || piece.has_fallback) continue;
    if (!ValueText(context, piece.attribute)) return PlaceName(piece.attribute);
  }
  return "";
}

std::string FirstUnfilled(const PromptTexts& texts, const Context& context) {
  std::string name = FirstUnfilled(texts.title, context);
  if (name.empty()) name = FirstUnfilled(texts.body, context);
  if (name.empty()) name = FirstUnfilled(texts.alt, context);
  for (const auto* list : {&texts.labels, &texts.action_texts, &texts.survey}) {
    for (std::size_t i = 0; i < list->size() && name.empty(); ++i) name = FirstUnfilled((*list)[i], context);
  }
  return name;
}

std::string PlaceName(const ruleset::AttributeSlot& attribute) {
  return attribute.kind.empty() ? attribute.name : attribute.kind + "." + attribute.name;
}

}  // namespace guidon::prompts
