#include "sdk/core/dialects/native/load_content.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "guidon/limits.h"
#include "sdk/core/base/link.h"
#include "sdk/core/dialects/native/load_survey.h"

namespace guidon::dialects {
namespace {

using ruleset::PromptContent;
using ruleset::PromptText;
using ruleset::PromptTexts;

bool LoadButton(const Place& place, const std::vector<std::string>& link_hosts, PromptContent* content) {
  if (!place.IsObject()) return false;
  const auto id = place.Member("id").Name(limits::kKeyBytes);
  auto label = LoadWords(place.Member("label"), 1, limits::kPromptTitleBytes);
  if (!id || !label) return false;
  ruleset::PromptButton button;
  button.id = *id;
  const Place action = place.Member("do");
  const Place snooze = place.Member("snooze");
  if (action.exists() && snooze.exists()) {
    place.Error("has both do and snooze");
    return false;
  }
  if (action.exists()) {
    const auto text = action.Text();
    if (!text) return false;
    if (const char* why = text::WhyNoLink(*text, link_hosts)) {
      action.Error("cannot be opened: " + std::string(why));
      return false;
    }
    button.action = *text;
  }
  if (snooze.exists()) {
    const auto time = LoadDuration(snooze, kWindowBounds);
    if (!time) return false;
    button.snooze = *time;
  }
  button.is_primary = place.Member("primary").BoolOr(false);
  for (const ruleset::PromptButton& other : content->buttons) {
    if (other.id == button.id) {
      place.Member("id").Error("is the id of two buttons");
      return false;
    }
    if (other.is_primary && button.is_primary) {
      place.Member("primary").Error("is said of two buttons");
      return false;
    }
  }
  content->buttons.push_back(std::move(button));
  content->texts.front().labels.push_back(std::move(*label));
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
  const Place labels = place.Member("buttons");
  if (!content->buttons.empty() && !labels.IsObject()) return false;
  for (const ruleset::PromptButton& button : content->buttons) {
    auto label = LoadWords(labels.Member(button.id), 1, limits::kPromptTitleBytes);
    ok = label && ok;
    if (label) texts.labels.push_back(std::move(*label));
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
  const Place buttons = show.Member("buttons");
  if (buttons.exists() && (!buttons.IsArray() || !buttons.HasAtMost(limits::kPromptButtons, "buttons"))) return false;
  for (const json::Node node : buttons.node()) ok = LoadButton(buttons.Child(node), link_hosts, content) && ok;
  if (show.Member("questions").exists()) ok = LoadQuestions(show, content) && ok;
  return ok && LoadTranslations(show, content);
}

}  // namespace guidon::dialects
