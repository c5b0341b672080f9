#include "sdk/core/dialects/native/load_content.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "guidon/limits.h"
#include "sdk/core/base/link.h"
#include "sdk/core/dialects/native/load_survey.h"

namespace guidon::dialects {
namespace {

constexpr std::size_t kMostLinkBytes = 2'000;  // with the names of its places, which are gone when it is opened

using ruleset::PromptAction;
using ruleset::PromptContent;
using ruleset::PromptText;
using ruleset::PromptTexts;

bool LoadLink(const Place& place, const std::vector<std::string>& link_hosts, PromptText* link) {
  auto words = LoadWords(place, 1, kMostLinkBytes);
  if (!words) return false;
  if (const char* why = ruleset::WhyNoPromptLink(*words, link_hosts)) {
    place.Error("cannot be opened: " + std::string(why));
    return false;
  }
  *link = std::move(*words);
  return true;
}

bool LoadCustom(const Place& custom, PromptAction* action) {
  if (!custom.IsObject()) return false;
  const auto name = custom.Member("name").Text();
  if (!name) return false;
  if (!ruleset::IsCustomActionName(*name)) {
    custom.Member("name").Error("must be 1 to 64 small letters, digits and underscores, and no action of the engine's");
    return false;
  }
  action->name = *name;
  const Place arguments = custom.Member("args");
  if (!arguments.exists()) return true;
  if (!arguments.IsObject() || !arguments.HasAtMost(ruleset::kActionArguments, "args")) return false;
  for (const json::Node node : arguments.node()) {
    const Place place = arguments.Child(node);
    if (!IsName(node.name(), limits::kKeyBytes)) {
      place.Error("has a name that is not 1 to 128 letters, digits, dots, underscores or dashes");
      return false;
    }
    auto value = LoadWords(place, 0, limits::kPromptBodyBytes);
    if (!value) return false;
    action->arguments.emplace_back(std::string(node.name()), std::move(*value));
  }
  return true;
}

// A text is a link to open; else an object with one member, which says what is done. `words`: what is shared or copied.
bool LoadAction(const Place& place, const std::vector<std::string>& link_hosts, PromptAction* action,
                PromptText* words) {
  using Kind = PromptAction::Kind;
  if (place.node().is(json::Type::kString)) {
    action->kind = Kind::kOpen;
    return LoadLink(place, link_hosts, &action->link);
  }
  if (!place.IsObject()) return false;
  if (place.node().size() == 1) {
    for (const Kind kind : {Kind::kOpen, Kind::kShare, Kind::kCopy, Kind::kReview, Kind::kCustom}) {
      if (place.Member(ruleset::ActionName(kind)).exists()) action->kind = kind;
    }
  }
  const Place what = place.Member(ruleset::ActionName(action->kind));
  const auto load_words = [words](const Place& text) {
    auto loaded = LoadWords(text, 1, limits::kPromptBodyBytes);
    if (loaded) *words = std::move(*loaded);
    return loaded.has_value();
  };
  switch (action->kind) {
    case Kind::kNone: place.Error("must be an object with open, share, copy, review or custom, and that alone"); break;
    case Kind::kOpen: return LoadLink(what, link_hosts, &action->link);
    case Kind::kShare: {
      if (!what.IsObject() || !load_words(what.Member("text"))) return false;
      const Place link = what.Member("link");
      return !link.exists() || LoadLink(link, link_hosts, &action->link);
    }
    case Kind::kCopy: return load_words(what);
    case Kind::kReview:
      if (what.node().AsBool() == true) return true;
      what.Error("must be true");
      return false;
    case Kind::kCustom: return LoadCustom(what, action);
  }
  return false;
}

// What does not fit with the buttons before it.
bool FitsWithOthers(const Place& place, const PromptContent& content, const ruleset::PromptButton& button) {
  for (const ruleset::PromptButton& other : content.buttons) {
    if (other.id == button.id) {
      place.Member("id").Error("is the id of two buttons");
      return false;
    }
    if (other.is_primary && button.is_primary) {
      place.Member("primary").Error("is said of two buttons");
      return false;
    }
  }
  return true;
}

bool LoadButton(const Place& place, const std::vector<std::string>& link_hosts, PromptContent* content) {
  if (!place.IsObject()) return false;
  const auto id = place.Member("id").Name(limits::kKeyBytes);
  auto label = LoadWords(place.Member("label"), 1, limits::kPromptTitleBytes);
  if (!id || !label) return false;
  ruleset::PromptButton button;
  button.id = *id;
  PromptText words;
  const Place action = place.Member("do");
  const Place snooze = place.Member("snooze");
  if (action.exists() && snooze.exists()) {
    place.Error("has both do and snooze");
    return false;
  }
  if (action.exists() && !LoadAction(action, link_hosts, &button.action, &words)) return false;
  if (snooze.exists()) {
    const auto time = LoadDuration(snooze, kWindowBounds);
    if (!time) return false;
    button.snooze = *time;
  }
  const Place track = place.Member("track");
  if (track.exists()) {
    const auto event = LoadText(track, 1, limits::kEventNameBytes);
    if (!event) return false;
    button.track = *event;
  }
  button.is_primary = place.Member("primary").BoolOr(false);
  if (!FitsWithOthers(place, *content, button)) return false;
  content->buttons.push_back(std::move(button));
  content->texts.front().labels.push_back(std::move(*label));
  content->texts.front().action_texts.push_back(std::move(words));
  return true;
}

// Title and body.
bool LoadTexts(const Place& place, PromptTexts* texts) {
  auto title = LoadWords(place.Member("title"), 1, limits::kPromptTitleBytes);
  const Place body_place = place.Member("body");
  auto body = body_place.exists() ? LoadWords(body_place, 0, limits::kPromptBodyBytes) : PromptText();
  if (!title || !body) return false;
  texts->title = std::move(*title);
  texts->body = std::move(*body);
  return true;
}

// `alt` of the first language; translations have their own.
bool LoadImage(const Place& place, const std::vector<std::string>& link_hosts, PromptContent* content) {
  if (!place.exists()) return true;
  if (!place.IsObject()) return false;
  auto alt = LoadWords(place.Member("alt"), 1, limits::kPromptTitleBytes);
  const Place asset = place.Member("asset");
  const Place url = place.Member("url");
  if (asset.exists() == url.exists()) {
    place.Error("must have one of asset and url");
    return false;
  }
  if (!alt) return false;
  content->texts.front().alt = std::move(*alt);
  if (asset.exists()) {
    const auto name = asset.Name(limits::kKeyBytes);
    if (name) content->image.asset = *name;
    return name.has_value();
  }
  const auto address = url.Text();
  const auto sha256 = place.Member("sha256").Text();
  if (!address || !sha256) return false;
  const char* why = ruleset::WhyNoImageUrl(*address, link_hosts);
  if (why != nullptr) url.Error("cannot be fetched: " + std::string(why));
  const bool is_digest = ruleset::IsSha256(*sha256);
  if (!is_digest) place.Member("sha256").Error("must be 64 lower-case hex digits");
  content->image.url = *address;
  content->image.sha256 = *sha256;
  return why == nullptr && is_digest;
}

// A label, or an object of a `label` and the `text` that is shared or copied, for which else the first language's
// stands.
bool LoadLabel(const Place& place, const PromptText& first_words, PromptTexts* texts) {
  const bool is_object = place.node().is(json::Type::kObject);
  auto label = LoadWords(is_object ? place.Member("label") : place, 1, limits::kPromptTitleBytes);
  if (!label) return false;
  texts->labels.push_back(std::move(*label));
  const Place text = place.Member("text");
  if (!is_object || !text.exists()) {
    texts->action_texts.push_back(first_words);
    return true;
  }
  if (first_words.pieces.empty()) {
    text.Error("translates what is neither shared nor copied");
    return false;
  }
  auto words = LoadWords(text, 1, limits::kPromptBodyBytes);
  if (words) texts->action_texts.push_back(std::move(*words));
  return words.has_value();
}

// As complete as the first texts: a prompt is in one language.
bool LoadTranslation(const Place& place, PromptContent* content) {
  PromptTexts texts;
  texts.language = std::string(place.node().name());
  if (!ruleset::IsLanguageTag(texts.language)) {
    place.Error("is named by no language tag, such as \"de\" or \"pt-BR\"");
    return false;
  }
  if (!place.IsObject()) return false;
  bool ok = LoadTexts(place, &texts);
  if (ok && texts.body.pieces.empty() != content->texts.front().body.pieces.empty()) {
    place.Member("body").Error("has to be there in every language or in none");
    ok = false;
  }
  if (!content->image.empty()) {
    auto alt = LoadWords(place.Member("alt"), 1, limits::kPromptTitleBytes);
    ok = alt && ok;
    if (alt) texts.alt = std::move(*alt);
  }
  const Place labels = place.Member("buttons");
  if (!content->buttons.empty() && !labels.IsObject()) return false;
  for (std::size_t i = 0; i < content->buttons.size(); ++i) {
    ok = LoadLabel(labels.Member(content->buttons[i].id), content->texts.front().action_texts[i], &texts) && ok;
  }
  ok = LoadQuestionTexts(place, *content, &texts) && ok;
  if (ok) content->texts.push_back(std::move(texts));
  return ok;
}

bool LoadTranslations(const Place& show, PromptContent* content) {
  const Place language = show.Member("language");
  if (language.exists()) {
    const auto tag = language.Text();
    if (!tag) return false;
    if (!ruleset::IsLanguageTag(*tag)) {
      language.Error("must be a language tag, such as \"en\" or \"pt-BR\", not \"" + *tag + "\"");
      return false;
    }
    content->texts.front().language = *tag;
  }
  const Place translations = show.Member("translations");
  if (!translations.exists()) return true;
  if (!translations.IsObject() || !translations.HasAtMost(limits::kPromptLanguages, "languages")) return false;
  bool ok = true;
  for (const json::Node node : translations.node()) ok = LoadTranslation(translations.Child(node), content) && ok;
  return ok;
}

bool LoadKind(const Place& show, PromptContent* content) {
  // A device of before the questions would show the prompt without them: it does not know this kind, and shows nothing.
  const bool is_survey = show.Member("questions").exists();
  if (is_survey) {
    const auto said = show.Member("kind").Text();
    if (said && *said != kSurveyKind) show.Member("kind").Error("must be survey where there are questions");
    if (said != kSurveyKind) return false;
  }
  const Place kind = show.Member(is_survey ? "in" : "kind");
  const auto name = kind.Text();
  if (!name) return false;
  if (is_survey && *name == "tooltip") {
    kind.Error("is tooltip, which has no room for questions");
    return false;
  }
  const auto& kinds = ruleset::kPromptKinds;
  if (std::find(std::begin(kinds), std::end(kinds), *name) == std::end(kinds)) {
    kind.Error("must be tooltip, banner, card, modal or full_screen, not \"" + *name + "\"");
    return false;
  }
  content->kind = *name;
  const Place anchor = show.Member("anchor");
  if (!anchor.exists() && *name != "tooltip") return true;
  const auto text = anchor.Name(limits::kKeyBytes);
  if (text) content->anchor = *text;
  return text.has_value();
}

}  // namespace

std::optional<PromptText> LoadWords(const Place& place, std::size_t least, std::size_t most) {
  const auto text = LoadText(place, least, most);
  if (!text) return std::nullopt;
  std::string reason;
  std::size_t offset = 0;
  auto words = ruleset::ParsePromptText(*text, &reason, &offset);
  if (!words) place.Error("at byte " + std::to_string(offset) + ": " + reason);
  return words;
}

bool LoadContent(const Place& show, const std::vector<std::string>& link_hosts, PromptContent* content) {
  if (!show.IsObject()) return false;
  bool ok = LoadKind(show, content);
  ok = LoadTexts(show, &content->texts.front()) && ok;
  ok = LoadImage(show.Member("image"), link_hosts, content) && ok;
  const Place buttons = show.Member("buttons");
  if (buttons.exists() && (!buttons.IsArray() || !buttons.HasAtMost(limits::kPromptButtons, "buttons"))) return false;
  for (const json::Node node : buttons.node()) ok = LoadButton(buttons.Child(node), link_hosts, content) && ok;
  if (show.Member("questions").exists()) ok = LoadQuestions(show, content) && ok;
  return ok && LoadTranslations(show, content);
}

}  // namespace guidon::dialects
