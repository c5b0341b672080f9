// The buttons of a prompt, and what pressing them does.
#include <algorithm>
#include <set>
#include <utility>

#include "guidon/limits.h"
#include "sdk/tools/short_forms.h"
#include "sdk/tools/source_reader.h"
#include "sdk/tools/words_reader.h"

namespace guidon::tools {
namespace {

using ActionKind = ruleset::PromptAction::Kind;

constexpr const char* kButtonExample = "{ \"label\": \"Later\", \"do\": \"snooze 1d\" }";
constexpr const char* kDoExample = "\"app://composer/attach\", \"snooze 1d\", or \"dismiss\"";
constexpr ActionKind kActionKinds[] = {ActionKind::kOpen, ActionKind::kShare, ActionKind::kCopy, ActionKind::kReview,
                                       ActionKind::kCustom};

class ButtonsReader {
 public:
  ButtonsReader(const Members& members, std::vector<SourceButton>* out) : members_(members), out_(*out) {}

  void Run(const Located& buttons) {
    if (!members_.Want(buttons, json::Type::kArray, std::string("[ ") + kButtonExample + " ]")) return;
    if (buttons.items.size() > limits::kPromptButtons) {
      problems().Error("too-many", buttons,
                       std::to_string(buttons.items.size()) + " buttons, and at most 4 are allowed",
                       "two or three are read; keep what matters");
    }
    const SourceButton* primary = nullptr;
    out_.reserve(buttons.items.size());
    for (const Located& item : buttons.items) {
      if (!members_.Want(item, json::Type::kObject, kButtonExample)) continue;
      out_.push_back(ReadButton(item, out_.size() + 1));
      const SourceButton& button = out_.back();
      if (!button.is_primary) continue;
      if (primary != nullptr) {
        problems().Error("two-primaries", *item.Find("primary"), "'" + primary->label + "' is primary already",
                         "one button is the one to press: remove \"primary\" from the others");
      }
      primary = &button;
    }
    if (primary == nullptr && !out_.empty()) out_.front().is_primary = true;
    CheckIds();
  }

 private:
  Problems& problems() const { return members_.problems(); }

  SourceButton ReadButton(const Located& item, std::size_t number) {
    members_.CheckKnown(item, {"id", "label", "do", "primary", "track"}, "a button",
                        {{"text", "write \"label\""},
                         {"title", "write \"label\""},
                         {"action", "write \"do\""},
                         {"url", "write \"do\""},
                         {"link", "write \"do\""},
                         {"href", "write \"do\""},
                         {"share", "write \"do\": { \"share\": { \"text\": \"…\" } }"},
                         {"copy", "write \"do\": { \"copy\": \"…\" }"},
                         {"event", "write \"track\""},
                         {"snooze", "write \"do\": \"snooze 1d\""},
                         {"dismiss", "write \"do\": \"dismiss\""}});
    SourceButton button;
    button.at = &item;
    button.id = "b" + std::to_string(number);
    if (const std::optional<std::string> id = members_.Text(item, "id")) {
      if (members_.CheckName(*id, *item.Find("id"), false, "button")) button.id = *id;
    }
    button.label = ReadText(members_, item, "label", kLabelBytes, true);
    button.is_primary = members_.Bool(item, "primary").value_or(false);
    const Located* at = item.Find("do");
    if (at == nullptr) {
      problems().Error("missing-member", item, "\"do\" is missing, so the button does nothing",
                       std::string("write \"do\": ") + kDoExample);
    } else if (at->is(json::Type::kObject)) {
      ReadAction(*at, &button.action);
    } else if (members_.Want(*at, json::Type::kString, kDoExample)) {
      ReadShortAction(*at, &button);
    }
    ReadTrack(item, &button);
    return button;
  }

  void ReadShortAction(const Located& at, SourceButton* button) {
    expression::Error error;
    std::optional<ActionForm> form = ParseAction(at.Text(), &error);
    if (!form) return members_.ErrorWithin("bad-action", at, error);
    button->snooze = form->snooze;
    if (form->action.empty()) return;
    button->action.kind = ActionKind::kOpen;
    TakeLink(at, std::move(form->action), &button->action);
  }

  void TakeLink(const Located& at, std::string link, SourceAction* action) {
    CheckPlaces(members_, at, link);
    action->link = std::move(link);
    action->link_at = &at;
  }

  void ReadLink(const Located& at, SourceAction* action) {
    if (!members_.Want(at, json::Type::kString, "\"https://notes.example/i/{ref_code}\"")) return;
    expression::Error error;
    std::optional<ActionForm> form = ParseAction(at.Text(), &error);
    if (!form) return members_.ErrorWithin("bad-action", at, error);
    if (!form->action.empty()) return TakeLink(at, std::move(form->action), action);
    problems().Error("bad-action", at, "this is no address", "write \"app://…\" or \"https://…\"");
  }

  // An object whose one member says what is done.
  void ReadAction(const Located& at, SourceAction* action) {
    members_.CheckKnown(at, {"open", "share", "copy", "review", "custom"}, "what a button does",
                        {{"url", "write \"open\""},
                         {"link", "write \"open\""},
                         {"clipboard", "write \"copy\""},
                         {"rate", "write \"review\": true"},
                         {"rating", "write \"review\": true"},
                         {"track", "it stands beside \"do\""},
                         {"call", "write \"custom\": { \"name\": \"…\" }"}});
    std::size_t said = 0;
    for (const ActionKind kind : kActionKinds) {
      if (at.Find(ruleset::ActionName(kind)) == nullptr) continue;
      ++said;
      action->kind = kind;
    }
    if (said != 1) {
      problems().Error("bad-action", at, said == 0 ? "the button does nothing" : "a button does one thing",
                       "write one of \"open\", \"share\", \"copy\", \"review\" and \"custom\"");
      return;
    }
    const Located& what = *at.Find(ruleset::ActionName(action->kind));
    switch (action->kind) {
      case ActionKind::kNone: break;
      case ActionKind::kOpen: ReadLink(what, action); break;
      case ActionKind::kShare: ReadShare(what, action); break;
      case ActionKind::kCopy: action->text = ReadText(members_, at, "copy", limits::kPromptBodyBytes, true); break;
      case ActionKind::kReview:
        if (members_.Bool(at, "review") == false) {
          problems().Error("bad-action", what, "the button does nothing", "write \"review\": true");
        }
        break;
      case ActionKind::kCustom: ReadCustom(what, action); break;
    }
  }

  void ReadShare(const Located& at, SourceAction* action) {
    const char* kExample = "{ \"text\": \"…\", \"link\": \"https://notes.example/i/{ref_code}\" }";
    if (!members_.Want(at, json::Type::kObject, kExample)) return;
    members_.CheckKnown(at, {"text", "link"}, "\"share\"",
                        {{"url", "write \"link\""}, {"message", "write \"text\""}, {"body", "write \"text\""}});
    action->text = ReadText(members_, at, "text", limits::kPromptBodyBytes, true);
    if (const Located* link = at.Find("link")) ReadLink(*link, action);
  }

  void ReadCustom(const Located& at, SourceAction* action) {
    if (!members_.Want(at, json::Type::kObject, "{ \"name\": \"show_tour\", \"args\": { \"step\": \"1\" } }")) return;
    members_.CheckKnown(at, {"name", "args"}, "\"custom\"",
                        {{"arguments", "write \"args\""}, {"params", "write \"args\""}, {"id", "write \"name\""}});
    const std::optional<std::string> name = members_.Text(at, "name");
    if (at.Find("name") == nullptr) {
      problems().Error("missing-member", at, "\"name\" is missing, so no app knows what is meant",
                       "write \"name\": what the app calls it, such as \"show_tour\"");
    } else if (name && !ruleset::IsCustomActionName(*name)) {
      problems().Error("bad-name", *at.Find("name"), "'" + *name + "' cannot be an action's name",
                       "write small letters, digits and '_', as in \"show_tour\"; open, share, copy, review and custom "
                       "are taken");
    }
    action->name = name.value_or("");
    const Located* arguments = at.Find("args");
    if (arguments == nullptr || !members_.Want(*arguments, json::Type::kObject, "{ \"step\": \"1\" }")) return;
    CheckCount(members_, *arguments, ruleset::kActionArguments);
    for (const Located& item : arguments->items) {
      if (!members_.CheckName(item.name, item, true, "argument")) continue;
      action->arguments.emplace_back(
          item.name, ReadText(members_, *arguments, item.name.c_str(), limits::kPromptBodyBytes, false));
    }
  }

  void ReadTrack(const Located& item, SourceButton* button) {
    const Located* at = item.Find("track");
    if (at == nullptr || !members_.Want(*at, json::Type::kString, "an event's name in quotes")) return;
    const std::string_view name = at->Text();
    if (name.empty() || name.size() > limits::kEventNameBytes || name.find(' ') != std::string_view::npos) {
      problems().Error("bad-name", *at, "an event's name has 1 to 128 bytes and no spaces",
                       "write the name alone: the event says by which prompt it came");
    } else if (item.Find("do") != nullptr && button->action.kind == ActionKind::kNone) {
      problems().Error("track-without-action", *at, "a button that only closes or snoozes tracks nothing of its own",
                       "remove it: that it was pressed is among the prompt's outcomes");
    } else {
      button->track = std::string(name);
    }
  }

  void CheckIds() {
    std::set<std::string> ids;
    for (const SourceButton& button : out_) {
      if (ids.insert(button.id).second) continue;
      const Located* at = button.at->Find("id");
      problems().Error("duplicate-button-id", at != nullptr ? *at : *button.at,
                       "the button id '" + button.id + "' stands twice in this prompt",
                       at != nullptr ? "rename one" : "the tool's own ids are b1, b2, …: choose others");
    }
  }

  const Members& members_;
  std::vector<SourceButton>& out_;
};

}  // namespace

void ReadButtons(const Members& members, const Located& at, std::vector<SourceButton>* out) {
  ButtonsReader(members, out).Run(at);
}

}  // namespace guidon::tools
