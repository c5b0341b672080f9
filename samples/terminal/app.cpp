#include "samples/terminal/app.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

#include "samples/terminal/flags.h"
#include "samples/terminal/text.h"
#include "sdk/core/base/json.h"
#include "sdk/core/base/text.h"

namespace notes {
namespace {

using guidon::Status;
using guidon::StatusCode;
using guidon::Value;

constexpr const char* kAttachAnchor = "attach_button";
constexpr const char* kWelcomeNote = "Welcome! Keep what crosses your mind, share what others wait for.";

const char* SourceName(guidon::DatafileSource source) {
  switch (source) {
    case guidon::DatafileSource::kNone: return "none";
    case guidon::DatafileSource::kBundle: return "bundle";
    case guidon::DatafileSource::kCache: return "cache";
    case guidon::DatafileSource::kNetwork: return "network";
  }
  return "";
}

View::State StateOf(const guidon::ClientStatus& status, bool has_collector) {
  View::State state;
  state.ready = status.ready;
  state.datafile = std::to_string(status.datafile_epoch) + "." + std::to_string(status.datafile_version);
  state.source = SourceName(status.datafile_source);
  state.is_signed = status.datafile_signed;
  state.expired = status.datafile_expired;
  state.pending = status.ledger.pending;
  state.delivered = status.ledger.delivered;
  for (const guidon::Ledger::Loss& loss : status.ledger.lost) state.lost += loss.count;
  state.has_collector = has_collector;
  if (!status.datafile.ok()) {
    state.trouble = "Datafile refused: " + status.datafile.message();
  } else if (!status.overrides.ok()) {
    state.trouble = "Overrides: " + status.overrides.message();
  } else if (!status.store.ok()) {
    state.trouble = "Events are not durable: " + status.store.message();
  } else if (!status.fetch.ok()) {
    state.trouble = "No datafile fetched: " + status.fetch.message();
  } else if (!status.sender.ok()) {
    state.trouble = "Not delivered yet: " + status.sender.message();
  }
  return state;
}

}  // namespace

std::string ValueText(const Value& value) {
  if (const bool* flag = value.AsBool()) return *flag ? "on" : "off";
  if (const std::int64_t* number = value.AsInt()) return std::to_string(*number);
  if (const std::string* text = value.AsString()) return *text;
  if (const double* number = value.AsDouble()) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", *number);
    return text;
  }
  return value.is_null() ? "none" : "(json)";
}

App::App(guidon::Client& client, guidon::Executor& ui, Settings settings)
    : client_(client),
      settings_(std::move(settings)),
      prompts_([this](std::string_view anchor) { return IsVisible(anchor); }) {
  for (std::string_view flag :
       {kFileSharing.key, kUploadChunkKb.key, kComposer.key, kWelcomeText.key, kChecklist.key}) {
    watches_.push_back(client_.OnChange(flag, &ui, [this](const guidon::Change& change) { OnChange(change); }));
  }
  client_.SetPromptHost(&prompts_, &ui);
}

App::~App() { client_.SetPromptHost(nullptr); }

Status App::Start() {
  client_.Identify(Context());
  Status opened = OpenNotebook();
  client_.Track("app_open", {{"n", settings_.next_number()}});
  return opened;
}

guidon::Context App::Context() const {
  guidon::Context context;
  context.Unit("account", settings_.person).Set("app.version", settings_.app_version);
  for (const auto& attribute : attributes_) context.Set(attribute.first, attribute.second);
  return context;
}

Status App::OpenNotebook() {
  CloseNote();
  const std::string path = settings_.notes_dir.empty() ? "" : settings_.notes_dir + "/" + settings_.person + ".notes";
  guidon::Result<Notebook> book = Notebook::Open(path);
  if (!book.ok()) return book.status();
  notebook_ = *std::move(book);
  if (notebook_.notes().empty()) return notebook_.Add(kWelcomeNote);
  return Status();
}

HomeLook App::Home() const { return {client_.Get(kWelcomeText), client_.Get(kChecklist)}; }

AttachLook App::Attach() const {
  // Without sharing there is no button, so nobody is exposed to how it looks.
  if (!client_.Get(kFileSharing)) return AttachLook::kNone;
  return client_.Get(kComposer) == "icon-and-text" ? AttachLook::kLabelled : AttachLook::kIcon;
}

Status App::WriteNote(std::string_view text) {
  Status added = notebook_.Add(text);
  if (!added.ok()) return added;
  CloseNote();
  client_.Track("note_created", {{"n", settings_.next_number()}, {"chars", notebook_.notes().back().text.size()}});
  return Status();
}

Status App::OpenNote(std::size_t index) {
  if (index >= notebook_.notes().size()) {
    return Status(StatusCode::kNotFound, "there is no note " + std::to_string(index + 1));
  }
  open_ = index;
  client_.Track("note_opened", {{"n", settings_.next_number()}});
  return Status();
}

void App::CloseNote() {
  open_.reset();
  prompts_.CheckAnchor();
}

Status App::ShareFile(std::string_view name) {
  if (!open_) return Status(StatusCode::kInvalidArgument, "open a note first: files are shared with one");
  if (!client_.Get(kFileSharing)) return Status(StatusCode::kUnavailable, "sharing files is not available");
  Status attached = notebook_.Attach(*open_, name);
  if (!attached.ok()) return attached;
  has_shared_ = true;
  const std::size_t dot = name.rfind('.');
  const std::string_view kind = dot == std::string_view::npos ? std::string_view("other") : name.substr(dot + 1);
  client_.Track("file_shared",
                {{"n", settings_.next_number()}, {"kind", Value(kind)}, {"chunk_kb", client_.Get(kUploadChunkKb)}});
  return Status();
}

void App::AcceptInvite() { client_.Track("invite_accepted", {{"n", settings_.next_number()}}); }

Status App::Upgrade(double price) {
  if (!(price > 0 && price <= 1000)) return Status(StatusCode::kInvalidArgument, "a price is above 0, 1000 at most");
  client_.Track("upgraded", price, {{"n", settings_.next_number()}});
  return Status();
}

Status App::GiveFeedback(std::int64_t stars) {
  if (stars < 1 || stars > 5) return Status(StatusCode::kInvalidArgument, "feedback is 1 to 5 stars");
  client_.Track("feedback_given", static_cast<double>(stars), {{"n", settings_.next_number()}});
  return Status();
}

std::optional<bool> App::IsVisible(std::string_view anchor) const {
  if (anchor != kAttachAnchor) return std::nullopt;
  return open_ && client_.Get(kFileSharing);
}

guidon::Result<std::string> App::PressButton(std::size_t button) {
  if (const auto answered = prompts_.PressAnswer(button)) {
    if (!answered->ok() || !(*answered)->empty()) return *answered;
    is_answer_wanted_ = true;
    return std::string("In your words? (answer TEXT)");
  }
  button -= prompts_.answers();
  const guidon::Prompt* up = prompts_.up();
  const guidon::Prompt::Button pressed =
      up != nullptr && button < up->buttons.size() ? up->buttons[button] : guidon::Prompt::Button();
  const guidon::Result<guidon::PromptAction> action = prompts_.Press(button);
  if (!action.ok()) return action.status();
  const std::string label = Clean(pressed.label) + ": ";
  if (action->link == "app://composer/attach") {
    is_share_wanted_ = open_.has_value();
    return label + (open_ ? "which file? (share NAME)" : "open a note first, then share NAME.");
  }
  // A terminal has neither a share sheet nor a clipboard, so what would go there is said.
  if (action->kind == "share") {
    return label + "for your friends: " + Clean(action->text) + (action->link.empty() ? "" : " " + Clean(action->link));
  }
  if (action->kind == "copy") return label + "for the clipboard: " + Clean(action->text);
  if (action->link.substr(0, 8) == "https://") return label + "the page is " + Clean(action->link);
  if (!action->kind.empty()) return Status(StatusCode::kNotFound, label + "this app has no " + Clean(action->link));
  return label + (pressed.snooze > guidon::Duration(0) ? "it may come back." : "closed.");
}

bool App::TakeAnswerWanted() { return std::exchange(is_answer_wanted_, false); }

bool App::TakeShareWanted() { return std::exchange(is_share_wanted_, false); }

Status App::SwitchPerson(std::string_view person) {
  if (!IsName(person)) {
    return Status(StatusCode::kInvalidArgument,
                  "a person's id is 1 to 64 letters, digits, dots, dashes or underscores");
  }
  settings_.person = person;
  attributes_.clear();
  has_shared_ = false;
  client_.Identify(Context());
  return OpenNotebook();
}

void App::SetAttribute(std::string_view name, Value value) {
  if (value.is_null()) {
    attributes_.erase(std::string(name));
  } else {
    attributes_[std::string(name)] = std::move(value);
  }
  client_.Identify(Context());
}

void App::Explain(std::string_view flag) {
  why_ = flag;
  is_why_prompt_ = false;
}

std::string App::ExplainPrompt(std::string_view campaign) {
  why_ = campaign;
  is_why_prompt_ = true;
  return client_.ExplainPrompt(campaign);
}

std::string App::NaturalValue(std::string_view flag) const {
  const auto explained = guidon::json::Document::Parse(client_.ExplainJson(flag), nullptr);
  if (!explained) return "";
  const guidon::json::Node value = explained->root()["natural"]["value"];
  if (const std::optional<bool> is_on = value.AsBool()) return *is_on ? "on" : "off";
  if (const auto text = value.AsString()) return std::string(*text);
  if (const std::optional<std::int64_t> number = value.AsInt()) return std::to_string(*number);
  if (const std::optional<double> number = value.AsNumber()) return ValueText(*number);
  return value.exists() ? "(json)" : "fallback";
}

void App::Notify(std::string notice, bool is_trouble) {
  notice_ = std::move(notice);
  is_trouble_ = is_trouble;
}

std::optional<guidon::Change> App::TakeChange(std::string_view flag) {
  const auto found = changes_.find(flag);
  if (found == changes_.end()) return std::nullopt;
  guidon::Change change = std::move(found->second);
  changes_.erase(found);
  return change;
}

void App::OnChange(const guidon::Change& change) {
  // A null before is the first datafile: nothing changed under anybody's hands.
  if (change.before == change.after || change.before.is_null()) return;
  changes_[change.flag] = change;
  if (change.flag == kFileSharing.key) {
    const bool* on = change.after.AsBool();
    const bool is_on = on != nullptr && *on;
    prompts_.CheckAnchor();
    Notify(is_on ? "Sharing files was just switched on." : "Sharing files was just switched off.", !is_on);
    return;
  }
  Notify(change.flag + " is now " + ValueText(change.after) + ".");
}

View App::Look() {
  View view;
  view.person = settings_.person;
  for (const auto& attribute : attributes_) {
    view.attributes += (view.attributes.empty() ? "" : ", ") + attribute.first + "=" + ValueText(attribute.second);
  }
  view.notes = notebook_.notes();
  view.open = open_;
  view.prompt = prompts_.Look();
  if (open_) {
    view.attach = Attach();
  } else {
    const HomeLook home = Home();
    view.welcome = home.welcome;
    if (home.has_checklist) {
      const bool shared = has_shared_ || std::any_of(view.notes.begin(), view.notes.end(),
                                                     [](const Note& note) { return !note.files.empty(); });
      view.checklist = {{"Look around", true}, {"Write a note", view.notes.size() > 1}, {"Share a file", shared}};
    }
  }
  for (const guidon::Decision& decision : client_.DecideAll()) {
    const bool is_forced = decision.reason() == guidon::Reason::kForced;
    view.flags.push_back({std::string(decision.flag()), ValueText(decision.value()), std::string(decision.variant()),
                          std::string(guidon::ReasonName(decision.reason())), std::string(decision.experiment()),
                          is_forced, is_forced ? NaturalValue(decision.flag()) : ""});
  }
  view.why = why_;
  if (!why_.empty()) {
    const std::string text = is_why_prompt_ ? client_.ExplainPrompt(why_) : client_.Explain(why_);
    for (std::size_t start = 0; start < text.size();) {
      const std::size_t end = std::min(text.find('\n', start), text.size());
      view.explanation.push_back(text.substr(start, end - start));
      start = end + 1;
    }
  }
  view.state = StateOf(client_.status(), settings_.has_collector);
  const std::optional<guidon::QaToken> token = client_.overrides().Token();
  if (token && token->status.ok()) {
    view.state.qa = "QA is on: token " + token->id + ", until " + guidon::text::FormatTimestamp(token->expires_at);
  }
  for (const guidon::Override& each : client_.overrides().List()) {
    if (each.kind != guidon::Override::Kind::kClock || !each.applied) continue;
    view.state.qa += (view.state.qa.empty() ? "" : "; ") + std::string("the clock is moved by ") + each.variant;
  }
  view.notice = std::move(notice_);
  view.is_trouble = is_trouble_;
  notice_.clear();
  is_trouble_ = false;
  return view;
}

}  // namespace notes
