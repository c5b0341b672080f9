// What a campaign shows: the texts and buttons of a prompt.
#include <algorithm>
#include <set>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/text.h"
#include "sdk/core/prompts/content.h"
#include "sdk/tools/short_forms.h"
#include "sdk/tools/source_reader.h"

namespace guidon::tools {
namespace {

constexpr auto& kKinds = ruleset::kPromptKinds;
constexpr std::size_t kLabelBytes = 100;

// What other tools call our kinds.
constexpr Synonym kKindSynonyms[] = {
    {"popup", "modal"},
    {"pop-up", "modal"},
    {"dialog", "modal"},
    {"alert", "modal"},
    {"overlay", "modal"},
    {"sheet", "modal"},
    {"interstitial", "full_screen"},
    {"fullscreen", "full_screen"},
    {"full-screen", "full_screen"},
    {"takeover", "full_screen"},
    {"inline", "card"},
    {"tile", "card"},
    {"feed", "card"},
    {"toast", "banner"},
    {"snackbar", "banner"},
    {"strip", "banner"},
    {"bar", "banner"},
    {"notification", "banner"},
    {"hint", "tooltip"},
    {"bubble", "tooltip"},
    {"popover", "tooltip"},
    {"coachmark", "tooltip"},
    {"beacon", "tooltip"},
};

// A word in double braces, as other tools write a place; here these are braces.
std::string_view DoubleBracesIn(std::string_view text) {
  const std::size_t open = text.find("{{");
  const std::size_t close = open == std::string_view::npos ? open : text.find("}}", open);
  if (close == std::string_view::npos || close == open + 2) return {};
  const std::string_view inside = text.substr(open + 2, close - open - 2);
  return inside.find_first_of(" {}") == std::string_view::npos ? inside : std::string_view();
}

class ContentReader {
 public:
  ContentReader(const Members& members, const Located& at, SourceContent* out)
      : members_(members), at_(at), out_(*out) {}

  void Run() {
    if (!members_.Want(at_, json::Type::kObject, "{ \"kind\": \"banner\", \"title\": \"…\", \"buttons\": [ … ] }"))
      return;
    members_.CheckKnown(
        at_, {"about", "kind", "anchor", "title", "body", "buttons", "questions", "language", "translations"},
        "\"show\"",
        {{"type", "write \"kind\""},
         {"survey", "write \"questions\": [ { \"id\": \"score\", \"type\": \"nps\", \"label\": \"…\" } ]"},
         {"text", "write \"body\""},
         {"message", "write \"body\""},
         {"headline", "write \"title\""},
         {"header", "write \"title\""},
         {"target", "write \"anchor\""},
         {"placement", "write \"anchor\""},
         {"button", "write \"buttons\": [ { \"label\": \"…\", \"do\": \"…\" } ]"},
         {"cta", "write \"buttons\": [ { \"label\": \"…\", \"do\": \"…\" } ]"},
         {"actions", "write \"buttons\": [ { \"label\": \"…\", \"do\": \"…\" } ]"},
         {"locale", "write \"language\""},
         {"lang", "write \"language\""},
         {"strings", "write \"translations\": { \"de\": { \"title\": \"…\" } }"},
         {"texts", "write \"translations\": { \"de\": { \"title\": \"…\" } }"},
         {"locales", "write \"translations\": { \"de\": { \"title\": \"…\" } }"},
         {"image", "not in this version: prompts have texts and buttons"}});
    members_.Text(at_, "about");
    ReadKind();
    ReadAnchor();
    out_.title = ReadText(at_, "title", limits::kPromptTitleBytes, true);
    out_.body = ReadText(at_, "body", limits::kPromptBodyBytes, false);
    if (const Located* buttons = at_.Find("buttons")) ReadButtons(*buttons);
    ReadQuestions(members_, at_, Words(), &out_);
    ReadLanguage();
    if (const Located* translations = at_.Find("translations")) ReadTranslations(*translations);
  }

 private:
  Problems& problems() const { return members_.problems(); }

  void ReadKind() {
    const Located* at = at_.Find("kind");
    if (at == nullptr) {
      problems().ErrorAtName("missing-member", at_, "\"kind\" is missing",
                             "write \"kind\": \"tooltip\", \"banner\", \"card\", \"modal\" or \"full_screen\"");
      return;
    }
    if (!members_.Want(*at, json::Type::kString, "\"tooltip\", \"banner\", \"card\", \"modal\" or \"full_screen\""))
      return;
    const std::string_view kind = at->Text();
    if (std::find(std::begin(kKinds), std::end(kKinds), kind) != std::end(kKinds)) {
      out_.kind = std::string(kind);
      return;
    }
    std::string advice = Suggest(kind, {std::begin(kKinds), std::end(kKinds)}, "");
    for (const Synonym& synonym : kKindSynonyms) {
      if (synonym.wrong == kind) advice = "here it is called \"" + std::string(synonym.advice) + "\"";
    }
    problems().Error("unknown-kind", *at, "there is no kind " + Shown(at->value), advice);
  }

  void ReadAnchor() {
    const Located* at = at_.Find("anchor");
    if (at == nullptr) {
      if (out_.kind != "tooltip") return;
      problems().Error("tooltip-without-anchor", *at_.Find("kind"),
                       "a tooltip points at something, and nothing says at what",
                       "write \"anchor\": the app's name for it, such as \"attach_button\"; or make it a \"banner\"");
      return;
    }
    const std::optional<std::string> anchor = members_.Text(at_, "anchor");
    if (!anchor || !members_.CheckName(*anchor, *at, false, "anchor")) return;
    if (!out_.kind.empty() && out_.kind != "tooltip") {
      problems().Warning("anchor-unused", *at, "a " + out_.kind + " points at nothing, so the anchor is not looked at",
                         "remove it, or make it a \"tooltip\"");
    }
    out_.anchor = *anchor;
  }

  static bool IsPlainLine(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; });
  }

  std::string ReadText(const Located& object, const char* member, std::size_t most, bool is_required) {
    const Located* at = object.Find(member);
    if (at == nullptr) {
      if (is_required) {
        problems().Error("missing-member", object, std::string("\"") + member + "\" is missing",
                         std::string("write \"") + member + "\": the words that people read");
      }
      return "";
    }
    if (!members_.Want(*at, json::Type::kString, "the words that people read, in quotes")) return "";
    std::string text(at->Text());
    if (is_required && text::Trim(text).empty()) {
      problems().Error("empty-text", *at, std::string("the ") + member + " is empty",
                       "say in a few words what this is");
    } else if (text.size() > most) {
      problems().Error("text-too-long", *at,
                       std::to_string(text.size()) + " bytes, and a " + member + " has at most " + std::to_string(most),
                       "say it in fewer words; people read the first ten");
    }
    std::string lines = text;
    lines.erase(std::remove(lines.begin(), lines.end(), '\n'), lines.end());
    if (!IsPlainLine(most == limits::kPromptBodyBytes ? lines : text)) {
      problems().Error("control-character", *at, std::string("the ") + member + " has characters that nobody can read",
                       "take them out; only a body may have lines (\\n)");
    }
    CheckPlaces(*at, text);
    return text;
  }

  ReadWords Words() {
    return [this](const Located& object, const std::string& member) {
      return ReadText(object, member.c_str(), limits::kPromptTitleBytes, true);
    };
  }

  void CheckPlaces(const Located& at, const std::string& text) {
    expression::Error error;
    const std::optional<ruleset::PromptText> words = ruleset::ParsePromptText(text, &error.reason, &error.offset);
    if (!words) {
      error.size = 1;
      return members_.ErrorWithin("bad-place", at, error);
    }
    if (const std::string_view word = DoubleBracesIn(text); !word.empty()) {
      problems().Warning("braces", at, "people would read {" + std::string(word) + "}, with the braces",
                         "to fill something in write {" + std::string(word) + "|friend}");
    }
    for (const ruleset::PromptText::Piece& piece : words->pieces) {
      if (piece.has_fallback || piece.source != ruleset::PromptText::Source::kAttribute) continue;
      const std::string name = prompts::PlaceName(piece.attribute);
      problems().Warning("place-without-fallback", at, "whoever has no '" + name + "' is not shown the prompt",
                         "say what is read then: {" + name + "|friend}; or keep it so if that is meant");
    }
  }

  void ReadLanguage() {
    const Located* at = at_.Find("language");
    if (at == nullptr) {
      const Located* translations = at_.Find("translations");
      if (translations == nullptr) return;
      problems().ErrorAtName("missing-member", *translations,
                             "\"language\" is missing, so nobody knows who reads the texts that are not translated",
                             "write \"language\": \"en\" beside the title");
      return;
    }
    const std::optional<std::string> language = members_.Text(at_, "language");
    if (language && CheckLanguage(*language, *at, false)) out_.language = *language;
  }

  bool CheckLanguage(const std::string& language, const Located& at, bool is_member) {
    if (ruleset::IsLanguageTag(language)) return true;
    const std::string reason = "'" + language + "' is no language tag";
    const char* advice = "write \"en\", \"de\", \"pt-BR\", \"zh-Hant\"";
    if (is_member) {
      problems().ErrorAtName("bad-language", at, reason, advice);
    } else {
      problems().Error("bad-language", at, reason, advice);
    }
    return false;
  }

  void ReadTranslations(const Located& translations) {
    if (!members_.Want(translations, json::Type::kObject, "{ \"de\": { \"title\": \"…\", \"body\": \"…\" } }")) return;
    if (translations.items.size() > limits::kPromptLanguages) {
      problems().Error("too-many", translations, "more than 100 languages", "translate for those who are there");
    }
    for (const Located& item : translations.items) {
      if (!CheckLanguage(item.name, item, true)) continue;
      if (item.name == out_.language) {
        problems().ErrorAtName("duplicate-language", item, "the texts above are in " + item.name + " already",
                               "take one of the two out");
      }
      if (!members_.Want(item, json::Type::kObject, "{ \"title\": \"…\", \"body\": \"…\" }")) continue;
      out_.translations.push_back(ReadTranslation(item));
    }
  }

  // All of it: people read one language at a time.
  SourceTranslation ReadTranslation(const Located& item) {
    members_.CheckKnown(item, {"about", "title", "body", "buttons", "questions"}, "a translation",
                        {{"text", "write \"body\""},
                         {"labels", "write \"buttons\": { \"b1\": \"…\" }"},
                         {"kind", "it is the same in every language"},
                         {"anchor", "it is the same in every language"}});
    SourceTranslation translation;
    translation.language = item.name;
    translation.title = ReadText(item, "title", limits::kPromptTitleBytes, true);
    translation.body = ReadText(item, "body", limits::kPromptBodyBytes, false);
    if (translation.body.empty() != out_.body.empty()) {
      const Located* at = item.Find("body");
      problems().Error("incomplete-translation", at != nullptr ? *at : item,
                       out_.body.empty() ? "there is no body to translate" : "the body is not translated",
                       "a prompt is in one language: translate all of it, or nothing");
    }
    const Located* labels = item.Find("buttons");
    if (labels != nullptr && !members_.Want(*labels, json::Type::kObject, "{ \"b1\": \"…\" }")) labels = nullptr;
    for (const SourceButton& button : out_.buttons) {
      const bool is_there = labels != nullptr && labels->Find(button.id) != nullptr;
      if (!is_there) {
        problems().Error("incomplete-translation", labels != nullptr ? *labels : item,
                         "the button '" + button.label + "' is not translated",
                         "write \"buttons\": { \"" + button.id + "\": \"…\" }");
      }
      translation.labels.push_back(is_there ? ReadText(*labels, button.id.c_str(), kLabelBytes, true) : std::string());
    }
    if (labels != nullptr) CheckLabels(*labels);
    ReadQuestionTexts(members_, item, out_, Words(), &translation.questions);
    return translation;
  }

  void CheckLabels(const Located& labels) {
    for (const Located& label : labels.items) {
      const auto is_it = [&](const SourceButton& button) { return button.id == label.name; };
      if (std::any_of(out_.buttons.begin(), out_.buttons.end(), is_it)) continue;
      problems().ErrorAtName("unknown-button", label, "there is no button '" + label.name + "'",
                             "buttons are named by their ids; without one they are b1, b2, …");
    }
  }

  void ReadButtons(const Located& buttons) {
    if (!members_.Want(buttons, json::Type::kArray, "[ { \"label\": \"Later\", \"do\": \"snooze 1d\" } ]")) return;
    if (buttons.items.size() > limits::kPromptButtons) {
      problems().Error("too-many", buttons,
                       std::to_string(buttons.items.size()) + " buttons, and at most 4 are allowed",
                       "two or three are read; keep what matters");
    }
    const SourceButton* primary = nullptr;
    out_.buttons.reserve(buttons.items.size());
    for (const Located& item : buttons.items) {
      if (!members_.Want(item, json::Type::kObject, "{ \"label\": \"Later\", \"do\": \"snooze 1d\" }")) continue;
      out_.buttons.push_back(ReadButton(item, out_.buttons.size() + 1));
      const SourceButton& button = out_.buttons.back();
      if (!button.is_primary) continue;
      if (primary != nullptr) {
        problems().Error("two-primaries", *item.Find("primary"), "'" + primary->label + "' is primary already",
                         "one button is the one to press: remove \"primary\" from the others");
      }
      primary = &button;
    }
    if (primary == nullptr && !out_.buttons.empty()) out_.buttons.front().is_primary = true;
    CheckButtonIds();
  }

  SourceButton ReadButton(const Located& item, std::size_t number) {
    members_.CheckKnown(item, {"id", "label", "do", "primary"}, "a button",
                        {{"text", "write \"label\""},
                         {"title", "write \"label\""},
                         {"action", "write \"do\""},
                         {"url", "write \"do\""},
                         {"link", "write \"do\""},
                         {"href", "write \"do\""},
                         {"snooze", "write \"do\": \"snooze 1d\""},
                         {"dismiss", "write \"do\": \"dismiss\""}});
    SourceButton button;
    button.at = &item;
    button.id = "b" + std::to_string(number);
    if (const std::optional<std::string> id = members_.Text(item, "id")) {
      if (members_.CheckName(*id, *item.Find("id"), false, "button")) button.id = *id;
    }
    button.label = ReadText(item, "label", kLabelBytes, true);
    button.is_primary = members_.Bool(item, "primary").value_or(false);
    const Located* at = item.Find("do");
    if (at == nullptr) {
      problems().Error("missing-member", item, "\"do\" is missing, so the button does nothing",
                       "write \"do\": \"app://composer/attach\", \"snooze 1d\", or \"dismiss\"");
    } else if (members_.Want(*at, json::Type::kString, "\"app://composer/attach\", \"snooze 1d\", or \"dismiss\"")) {
      expression::Error error;
      if (std::optional<ActionForm> action = ParseAction(at->Text(), &error)) {
        button.action = std::move(action->action);
        button.snooze = action->snooze;
      } else {
        members_.ErrorWithin("bad-action", *at, error);
      }
    }
    return button;
  }

  void CheckButtonIds() {
    std::set<std::string> ids;
    for (const SourceButton& button : out_.buttons) {
      if (ids.insert(button.id).second) continue;
      const Located* at = button.at->Find("id");
      problems().Error("duplicate-button-id", at != nullptr ? *at : *button.at,
                       "the button id '" + button.id + "' stands twice in this prompt",
                       at != nullptr ? "rename one" : "the tool's own ids are b1, b2, …: choose others");
    }
  }

  const Members& members_;
  const Located& at_;
  SourceContent& out_;
};

}  // namespace

void ReadContent(const Members& members, const Located& at, SourceContent* out) {
  ContentReader(members, at, out).Run();
}

}  // namespace guidon::tools
