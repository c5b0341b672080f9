// What a campaign shows: its kind, its buttons, and its words in each language, with the places to fill in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/time.h"
#include "sdk/core/ruleset/condition.h"
#include "sdk/core/ruleset/survey.h"

namespace guidon::ruleset {

// Plain words and places, one behind the other. Written "Welcome back, {first_name|friend}": a place names an
// attribute, or a property of the event ("event.chars"), and behind "|" what is said where there is none. "{{" and "}}"
// are braces.
struct PromptText {
  enum class Source : std::uint8_t {
    kWords,
    kAttribute,  // also the event's, of the kind kEventKind
    kPrompt,     // {prompt.id}: the showing's
    kCampaign,   // {prompt.campaign}
    kVariant,    // {prompt.variant}: what prompts and events call the arm
  };
  struct Piece {
    Source source = Source::kWords;
    std::string words;         // kWords; else the fallback
    bool has_fallback = true;  // without, a prompt that lacks the value is not shown
    AttributeSlot attribute;   // kAttribute
  };
  std::vector<Piece> pieces;
};

// Nothing when braces are not as above; `reason` then says what is wrong and `offset` where.
std::optional<PromptText> ParsePromptText(std::string_view text, std::string* reason, std::size_t* offset);

// What pressing a button asks of the app. The words of kShare and kCopy are among the texts.
struct PromptAction {
  enum class Kind : std::uint8_t {
    kNone,    // only closes
    kOpen,    // `link`
    kShare,   // the words, and `link` where there is one
    kCopy,    // the words
    kReview,  // the platform's store asks for one
    kCustom,  // `name` with `arguments`
  };
  Kind kind = Kind::kNone;
  PromptText link;
  std::string name;
  std::vector<std::pair<std::string, PromptText>> arguments;

  bool has_text() const noexcept { return kind == Kind::kShare || kind == Kind::kCopy; }
  // What a host must be able to do for it, as PromptHost::Actions names it; empty for kNone.
  std::string_view NeededOfHost() const noexcept;
};

// One of the two; neither: there is none.
struct ContentImage {
  std::string asset;
  std::string url;
  std::string sha256;

  bool empty() const noexcept { return asset.empty() && url.empty(); }
};

struct PromptButton {
  std::string id;
  PromptAction action;
  Duration snooze{0};  // above 0: pressing it snoozes
  bool is_primary = false;
  std::string track;  // the event that pressing it tracks; empty: none
};

// All words of a prompt in one language.
struct PromptTexts {
  std::string language;  // BCP 47; of the first ones empty where the campaign does not say
  PromptText title;
  PromptText body;
  PromptText alt;                        // of the image, where there is one
  std::vector<PromptText> labels;        // parallel to PromptContent::buttons
  std::vector<PromptText> action_texts;  // the same: what is shared or copied, else empty
  std::vector<PromptText> survey;        // of each question its label, then those of its options
};

struct PromptContent {
  std::string kind;    // one of kPromptKinds
  std::string anchor;  // of a tooltip: what it points at, by the app's name for it
  ContentImage image;
  std::vector<PromptButton> buttons;
  std::vector<CampaignQuestion> questions;
  // Never empty; the first are for everybody who reads none of the others.
  std::vector<PromptTexts> texts = std::vector<PromptTexts>(1);
};

inline constexpr std::string_view kPromptKinds[] = {"tooltip", "banner", "card", "modal", "full_screen"};

inline constexpr std::size_t kActionArguments = 8;

// "open", "share", "copy", "review" and "custom"; empty for kNone.
std::string_view ActionName(PromptAction::Kind kind) noexcept;

// Small letters, digits and underscores, a letter first, at most 64; none of the names above.
bool IsCustomActionName(std::string_view name) noexcept;

// Null when it is an address wherever its places lead, else why not: text::WhyNoLink, and that no place stands in what
// says where it leads, the scheme and the host.
const char* WhyNoPromptLink(const PromptText& link, const std::vector<std::string>& hosts);

// Null when an image may be there, else why not: an address as links are, on the web, and with nothing to fill in.
const char* WhyNoImageUrl(std::string_view url, const std::vector<std::string>& hosts);

// 64 lower-case hex digits.
bool IsSha256(std::string_view text) noexcept;

// "en", "pt-BR", "zh-Hant-TW": subtags of letters and digits, at most 35 characters.
bool IsLanguageTag(std::string_view text) noexcept;

}  // namespace guidon::ruleset
