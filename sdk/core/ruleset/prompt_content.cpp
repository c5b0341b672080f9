#include "sdk/core/ruleset/prompt_content.h"

#include <algorithm>

#include "sdk/core/base/link.h"
#include "sdk/core/ruleset/campaign.h"

namespace guidon::ruleset {
namespace {

constexpr std::size_t kLongestTag = 35;
constexpr std::size_t kSubtagBytes = 8;
constexpr std::size_t kActionNameBytes = 64;

bool IsLetter(char c) noexcept { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
bool IsLetterOrDigit(char c) noexcept { return IsLetter(c) || (c >= '0' && c <= '9'); }

bool IsAttributeName(std::string_view name) noexcept {
  return !name.empty() && std::all_of(name.begin(), name.end(),
                                      [](char c) { return IsLetterOrDigit(c) || c == '_' || c == '.' || c == '-'; });
}

// What stands between the braces. Null: no such place.
const char* ParsePlace(std::string_view inside, PromptText::Piece* piece) {
  const std::size_t bar = inside.find('|');
  piece->has_fallback = bar != std::string_view::npos;
  if (piece->has_fallback) piece->words = std::string(inside.substr(bar + 1));
  const std::string_view name = inside.substr(0, bar);
  if (!IsAttributeName(name)) return "between braces stands an attribute's name, such as {first_name|friend}";
  constexpr std::string_view kEventPrefix = "event.";
  constexpr std::string_view kPromptPrefix = "prompt.";
  if (name == "prompt.id") {
    piece->source = PromptText::Source::kPrompt;
  } else if (name == "prompt.campaign") {
    piece->source = PromptText::Source::kCampaign;
  } else if (name == "prompt.variant") {
    piece->source = PromptText::Source::kVariant;
  } else if (name.substr(0, kPromptPrefix.size()) == kPromptPrefix) {
    return "of a prompt there are {prompt.id}, {prompt.campaign} and {prompt.variant}";
  } else if (name.substr(0, kEventPrefix.size()) == kEventPrefix) {
    piece->source = PromptText::Source::kAttribute;
    piece->attribute.kind = kEventKind;
    piece->attribute.name = std::string(name.substr(kEventPrefix.size()));
    if (piece->attribute.name.empty()) return "which property of the event? write {event.chars|0}";
  } else {
    piece->source = PromptText::Source::kAttribute;
    piece->attribute.name = std::string(name);
  }
  return nullptr;
}

}  // namespace

std::optional<PromptText> ParsePromptText(std::string_view text, std::string* reason, std::size_t* offset) {
  PromptText out;
  const auto add = [&out](char c) {
    if (out.pieces.empty() || out.pieces.back().source != PromptText::Source::kWords) out.pieces.emplace_back();
    out.pieces.back().words.push_back(c);
  };
  std::size_t at = 0;
  const auto fail = [&](const char* why) {
    *reason = why;
    *offset = at;
    return std::nullopt;
  };
  while (at < text.size()) {
    const char c = text[at];
    if (c != '{' && c != '}') {
      add(c);
      ++at;
    } else if (text.substr(at + 1, 1) == text.substr(at, 1)) {
      add(c);
      at += 2;
    } else if (c == '}') {
      return fail("a brace is closed that was not opened; a brace itself is written twice, }}");
    } else {
      const std::size_t close = text.find_first_of("{}", at + 1);
      if (close == std::string_view::npos || text[close] == '{') {
        return fail("the brace is not closed; a brace itself is written twice, {{");
      }
      PromptText::Piece piece;
      if (const char* why = ParsePlace(text.substr(at + 1, close - at - 1), &piece)) return fail(why);
      out.pieces.push_back(std::move(piece));
      at = close + 1;
    }
  }
  return out;
}

const char* WhyNoImageUrl(std::string_view url, const std::vector<std::string>& hosts) {
  if (url.substr(0, 8) != "https://") return "it must begin with https://";
  return text::WhyNoLink(url, hosts);
}

bool IsSha256(std::string_view text) noexcept {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool IsLanguageTag(std::string_view text) noexcept {
  if (text.empty() || text.size() > kLongestTag || !IsLetter(text.front())) return false;
  std::size_t length = 0;
  for (const char c : text) {
    if (c == '-') {
      if (length == 0) return false;
      length = 0;
    } else if (!IsLetterOrDigit(c) || ++length > kSubtagBytes) {
      return false;
    }
  }
  return length > 0;
}

std::string_view ActionName(PromptAction::Kind kind) noexcept {
  switch (kind) {
    case PromptAction::Kind::kNone: return "";
    case PromptAction::Kind::kOpen: return "open";
    case PromptAction::Kind::kShare: return "share";
    case PromptAction::Kind::kCopy: return "copy";
    case PromptAction::Kind::kReview: return "review";
    case PromptAction::Kind::kCustom: return "custom";
  }
  return "";
}

std::string_view PromptAction::NeededOfHost() const noexcept {
  return kind == Kind::kCustom ? std::string_view(name) : ActionName(kind);
}

bool IsCustomActionName(std::string_view name) noexcept {
  if (name.empty() || name.size() > kActionNameBytes || name.front() < 'a' || name.front() > 'z') return false;
  using Kind = PromptAction::Kind;
  for (const Kind kind : {Kind::kOpen, Kind::kShare, Kind::kCopy, Kind::kReview, Kind::kCustom}) {
    if (ActionName(kind) == name) return false;
  }
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

const char* WhyNoPromptLink(const PromptText& link, const std::vector<std::string>& hosts) {
  // No hex digits, so that a % before a place is seen to hide half a character.
  constexpr std::string_view kSample = "zz";
  std::string sample;
  for (const PromptText::Piece& piece : link.pieces) {
    const bool is_words = piece.source == PromptText::Source::kWords;
    const std::size_t scheme = sample.find("://");
    const bool is_led = scheme != std::string::npos && sample.find_first_of("/?#", scheme + 3) != std::string::npos;
    if (!is_words && !is_led) return "places stand behind the host and a slash only, so that all see where it leads";
    sample += is_words ? std::string_view(piece.words) : kSample;
  }
  return text::WhyNoLink(sample, hosts);
}

}  // namespace guidon::ruleset
