// What a campaign shows: the texts of a prompt, in every language.
#include <algorithm>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/tools/source_reader.h"
#include "sdk/tools/words_reader.h"

namespace guidon::tools {
namespace {

constexpr auto& kKinds = ruleset::kPromptKinds;

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

class ContentReader {
 public:
  ContentReader(const Members& members, const Located& at, SourceContent* out)
      : members_(members), at_(at), out_(*out) {}

  void Run() {
    if (!members_.Want(at_, json::Type::kObject, "{ \"kind\": \"banner\", \"title\": \"…\", \"buttons\": [ … ] }"))
      return;
    members_.CheckKnown(
        at_, {"about", "kind", "anchor", "title", "body", "image", "buttons", "questions", "language", "translations"},
        "\"show\"",
        {{"type", "write \"kind\""},
         {"survey", "write \"questions\": [ { \"id\": \"score\", \"type\": \"nps\", \"label\": \"…\" } ]"},
         {"weight", "write \"weights\": { \"benefit\": 50, \"news\": 50 } beside \"variants\""},
         {"show", "a variant says it right here, as \"show\" does"},
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
         {"picture", "write \"image\": { \"asset\": \"canvas.webp\", \"alt\": \"…\" }"},
         {"alt", "it belongs into \"image\""}});
    members_.Text(at_, "about");
    ReadKind();
    ReadAnchor();
    out_.title = ReadText(members_, at_, "title", limits::kPromptTitleBytes, true);
    out_.body = ReadText(members_, at_, "body", limits::kPromptBodyBytes, false);
    if (const Located* image = at_.Find("image")) ReadImage(*image);
    if (const Located* buttons = at_.Find("buttons")) ReadButtons(members_, *buttons, &out_.buttons);
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

  void ReadImage(const Located& at) {
    const std::string example = at.is(json::Type::kString) ? json::ToText(at.value) : "\"canvas.webp\"";
    if (!members_.Want(at, json::Type::kObject, "{ \"asset\": " + example + ", \"alt\": \"…\" }")) return;
    members_.CheckKnown(at, {"about", "asset", "url", "sha256", "alt"}, "an image",
                        {{"src", "write \"asset\", what the app brings along, or \"url\""},
                         {"file", "write \"asset\": the app's name for it"},
                         {"hash", "write \"sha256\""},
                         {"text", "write \"alt\""},
                         {"description", "write \"alt\""}});
    members_.Text(at, "about");
    SourceImage& image = out_.image;
    image.at = &at;
    image.alt = ReadText(members_, at, "alt", limits::kPromptTitleBytes, true);
    const std::optional<std::string> asset = members_.Text(at, "asset");
    image.url = members_.Text(at, "url").value_or("");
    if (asset && members_.CheckName(*asset, *at.Find("asset"), false, "asset")) image.asset = *asset;
    const Located* sha256 = at.Find("sha256");
    if ((at.Find("asset") != nullptr) == (at.Find("url") != nullptr)) {
      problems().Error("image-source", at, "an image has an \"asset\", which the app brings along, or a \"url\"",
                       "write one of the two");
    } else if (at.Find("url") == nullptr) {
      if (sha256 != nullptr) {
        problems().Warning("unused-member", *sha256, "what the app brings along is not checked", "remove it");
      }
    } else if (sha256 == nullptr) {
      problems().Error("missing-member", at, "\"sha256\" is missing, so nobody could tell what the address leads to",
                       "write the 64 digits that `sha256sum FILE` prints");
    } else if (const auto text = members_.Text(at, "sha256"); text && !ruleset::IsSha256(*text)) {
      problems().Error("bad-sha256", *sha256, "a SHA-256 has 64 digits, 0 to 9 and a to f",
                       "write what `sha256sum FILE` prints");
    } else {
      image.sha256 = text.value_or("");
    }
  }

  ReadWords Words() {
    return [this](const Located& object, const std::string& member) {
      return ReadText(members_, object, member.c_str(), limits::kPromptTitleBytes, true);
    };
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
    members_.CheckKnown(item, {"about", "title", "body", "alt", "buttons", "questions"}, "a translation",
                        {{"text", "write \"body\""},
                         {"labels", "write \"buttons\": { \"b1\": \"…\" }"},
                         {"kind", "it is the same in every language"},
                         {"anchor", "it is the same in every language"},
                         {"image", "it is the same in every language; write what it shows: \"alt\": \"…\""}});
    SourceTranslation translation;
    translation.language = item.name;
    translation.title = ReadText(members_, item, "title", limits::kPromptTitleBytes, true);
    translation.body = ReadText(members_, item, "body", limits::kPromptBodyBytes, false);
    if (translation.body.empty() != out_.body.empty()) {
      const Located* at = item.Find("body");
      problems().Error("incomplete-translation", at != nullptr ? *at : item,
                       out_.body.empty() ? "there is no body to translate" : "the body is not translated",
                       "a prompt is in one language: translate all of it, or nothing");
    }
    ReadAlt(item, &translation);
    const Located* labels = item.Find("buttons");
    if (labels != nullptr && !members_.Want(*labels, json::Type::kObject, "{ \"b1\": \"…\" }")) labels = nullptr;
    for (const SourceButton& button : out_.buttons) ReadLabel(item, labels, button, &translation);
    if (labels != nullptr) CheckLabels(*labels);
    ReadQuestionTexts(members_, item, out_, Words(), &translation.questions);
    return translation;
  }

  void ReadAlt(const Located& item, SourceTranslation* out) {
    const Located* at = item.Find("alt");
    if (out_.image.at != nullptr && at == nullptr) {
      problems().Error("incomplete-translation", item, "what the image shows is not said in " + item.name,
                       "write \"alt\": \"…\" beside the title");
    } else if (out_.image.at == nullptr && at != nullptr) {
      problems().Error("incomplete-translation", *at, "there is no image whose text this could be", "remove it");
    }
    out->alt = ReadText(members_, item, "alt", limits::kPromptTitleBytes, false);
  }

  // A label, or an object of that and the text that is shared or copied. What is shared is for others to read, so it is
  // translated, too; what is copied may be a code.
  void ReadLabel(const Located& item, const Located* labels, const SourceButton& button, SourceTranslation* out) {
    const Located* at = labels == nullptr ? nullptr : labels->Find(button.id);
    const bool is_shared = button.action.kind == ruleset::PromptAction::Kind::kShare;
    const std::string example =
        "\"" + button.id + "\": " + (is_shared ? "{ \"label\": \"…\", \"text\": \"…\" }" : "\"…\"");
    std::string label, text;
    if (at == nullptr) {
      problems().Error("incomplete-translation", labels != nullptr ? *labels : item,
                       "the button '" + button.label + "' is not translated", "write \"buttons\": { " + example + " }");
    } else if (!at->is(json::Type::kObject)) {
      label = ReadText(members_, *labels, button.id.c_str(), kLabelBytes, true);
      if (is_shared) {
        problems().Error("incomplete-translation", *at, "what '" + button.label + "' shares is not translated",
                         "write " + example);
      }
    } else {
      members_.CheckKnown(*at, {"label", "text"}, "a button's translation", {{"copy", "write \"text\""}});
      label = ReadText(members_, *at, "label", kLabelBytes, true);
      text = ReadText(members_, *at, "text", limits::kPromptBodyBytes, is_shared);
      if (!text.empty() && button.action.text.empty()) {
        problems().Error("unknown-text", *at->Find("text"), "'" + button.label + "' shares and copies nothing",
                         "remove it");
      }
    }
    out->labels.push_back(std::move(label));
    out->action_texts.push_back(std::move(text));
  }

  void CheckLabels(const Located& labels) {
    for (const Located& label : labels.items) {
      const auto is_it = [&](const SourceButton& button) { return button.id == label.name; };
      if (std::any_of(out_.buttons.begin(), out_.buttons.end(), is_it)) continue;
      problems().ErrorAtName("unknown-button", label, "there is no button '" + label.name + "'",
                             "buttons are named by their ids; without one they are b1, b2, …");
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
