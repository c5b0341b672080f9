#include "samples/terminal/commands.h"

#include <poll.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>

#include "samples/terminal/prompt_box.h"
#include "samples/terminal/text.h"

namespace notes {
namespace {

using guidon::Status;
using guidon::StatusCode;
using guidon::Value;

std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// Takes the first word off.
std::string_view Word(std::string_view* text) {
  const std::size_t end = std::min(text->find_first_of(" \t"), text->size());
  const std::string_view word = text->substr(0, end);
  *text = Trim(text->substr(end));
  return word;
}

std::optional<std::int64_t> ParseInt(std::string_view text) {
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

Commands::Reply Failed(std::string message) {
  Commands::Reply reply;
  reply.status = Status(StatusCode::kInvalidArgument, std::move(message));
  return reply;
}

Commands::Reply Done(Status status, std::string text) {
  Commands::Reply reply;
  if (status.ok()) reply.text = std::move(text);
  reply.status = std::move(status);
  return reply;
}

// As people write when they have much to say.
std::string NoteOf(std::size_t length) {
  constexpr std::string_view kText = "There is more to say about this than fits into a line or two, so it goes on. ";
  std::string text;
  while (text.size() < length) text += kText.substr(0, length - text.size());
  if (text.back() == ' ') text.back() = '.';
  return text;
}

std::string WallClock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

}  // namespace

Value ParseValue(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  if (const std::optional<std::int64_t> number = ParseInt(text)) return *number;
  const std::string copy(text);
  char* end = nullptr;
  const double number = std::strtod(copy.c_str(), &end);
  const bool is_number = !copy.empty() && end == copy.c_str() + copy.size() && copy.find_first_of("xXnN") == copy.npos;
  if (is_number) return number;
  return copy;
}

std::string Commands::Help() {
  return "note TEXT                 write a note; note-of N: one of N characters\n"
         "open N, back              open a note; back to the list\n"
         "share [FILE]              share a file with the open note\n"
         "invite, upgrade PRICE, feedback STARS   what the numbers are made of\n"
         "why [FLAG]                explain one flag; without a name, all in a table\n"
         "prompt [SECONDS]          the prompt that is up; waits that long for one\n"
         "press N, dismiss          press a button of the prompt; close it\n"
         "answer TEXT               answer the prompt's question in your words\n"
         "why-prompt CAMPAIGN       explain why a prompt is shown, or not, or not yet\n"
         "person ID                 somebody else takes over the app\n"
         "set NAME VALUE            set an attribute, such as: set plan pro\n"
         "unset NAME                take an attribute away\n"
         "force EXPERIMENT VARIANT  see a variant; \"off\": held out, \"unassigned\": not in it\n"
         "force-flag FLAG VALUE     see a flag at a value\n"
         "force-prompt CAMPAIGN     see a prompt, past audience and caps; \"off\" behind it: never\n"
         "force-holdout NAME in     be held out; \"out\": not, whatever the slot\n"
         "force-attribute NAME VALUE  see what it would be with another attribute\n"
         "force-clock +3d           decide as it will be, or was: -36h, or at a time: 2026-12-24T18:00:00Z\n"
         "forced                    what is forced, by whom, and what it would be\n"
         "device                    this device's code, for guidon qa token\n"
         "token TOKEN, token off    take a QA token or link; let go of it\n"
         "clear [NAME]              undo one force, or all\n"
         "panel [SECTION [KEY]]     the debug panel: status, flags, experiments, prompts, person, events;\n"
         "                          in it: next, previous, force [VALUE], clear, clear-all, refetch, send, off\n"
         "record FILE, record off   write down what is decided, for guidon replay; stop that\n"
         "offline, online           unplug the network; plug it in\n"
         "flush                     deliver what is pending\n"
         "await FLAG SECONDS        wait until the flag changes, and say when\n"
         "screen, quit\n";
}

Commands::Reply Commands::Run(std::string_view line) {
  std::string_view rest = Trim(line);
  const std::string_view verb = Word(&rest);
  if (verb.empty() || verb[0] == '#') return {};
  if (std::optional<Reply> reply = RunNotes(verb, rest)) return *std::move(reply);
  if (std::optional<Reply> reply = RunPrompts(verb, rest)) return *std::move(reply);
  if (std::optional<Reply> reply = RunForcing(verb, rest)) return *std::move(reply);
  Reply reply;
  if (verb == "why") {
    app_.Explain(rest);
  } else if (verb == "offline" || verb == "online") {
    http_.SetOnline(verb == "online");
    if (verb == "online") client_.OnForeground();
    reply.text = verb == "online" ? "Online again." : "Offline. Nothing is lost, only late.";
  } else if (verb == "record") {
    return Record(rest);
  } else if (verb == "panel") {
    return Done(panel_.Run(rest), "");
  } else if (verb == "flush") {
    return Flush();
  } else if (verb == "await") {
    const std::string_view flag = Word(&rest);
    return Await(flag, rest);
  } else if (verb == "screen") {
    reply.show_screen = true;
  } else if (verb == "quit") {
    reply.quit = true;
  } else if (verb == "help") {
    reply.page = Help();
  } else {
    return Failed("there is no command " + std::string(verb) + "; help lists them");
  }
  return reply;
}

std::optional<Commands::Reply> Commands::RunNotes(std::string_view verb, std::string_view rest) {
  if (verb == "note") return Done(app_.WriteNote(rest), "Note kept.");
  if (verb == "note-of") {
    const std::optional<std::int64_t> length = ParseInt(rest);
    if (!length || *length < 1 || *length > static_cast<std::int64_t>(Notebook::kMostBytes)) {
      return Failed("note-of needs a length in characters, 1 to 4000");
    }
    return Done(app_.WriteNote(NoteOf(static_cast<std::size_t>(*length))), "Note kept.");
  }
  if (verb == "open") {
    const std::optional<std::int64_t> number = ParseInt(rest);
    if (!number || *number < 1) return Failed("open needs the number of a note, such as: open 1");
    return Done(app_.OpenNote(static_cast<std::size_t>(*number - 1)), "");
  }
  if (verb == "back" || verb == "list") {
    app_.CloseNote();
    return Reply();
  }
  if (verb == "share") return Share(rest);
  if (verb == "invite") {
    app_.AcceptInvite();
    return Done(Status(), "Thank you for bringing somebody along.");
  }
  if (verb == "upgrade") {
    const Value price = ParseValue(rest);
    return Done(app_.Upgrade(price.AsInt()      ? static_cast<double>(*price.AsInt())
                             : price.AsDouble() ? *price.AsDouble()
                                                : 0),
                "Upgraded.");
  }
  if (verb == "feedback") return Done(app_.GiveFeedback(ParseInt(rest).value_or(0)), "Thank you.");
  if (verb == "person") return Done(app_.SwitchPerson(rest), "Hello, " + std::string(rest) + ".");
  if (verb == "set") {
    const std::string_view name = Word(&rest);
    return Set(name, rest);
  }
  if (verb == "unset") return Set(rest, {});
  return std::nullopt;
}

std::optional<Commands::Reply> Commands::RunPrompts(std::string_view verb, std::string_view rest) {
  if (verb == "prompt") return Prompt(rest);
  if (verb == "press") {
    const std::optional<std::int64_t> number = ParseInt(rest);
    const std::optional<PromptView> up = app_.prompts().Look();
    const std::int64_t first = up ? static_cast<std::int64_t>(up->first) : 1;
    if (!number || *number < first) return Failed("press needs the number of a button, such as: press 1");
    guidon::Result<std::string> pressed = app_.PressButton(static_cast<std::size_t>(*number - first));
    return Done(pressed.status(), pressed.ok() ? *pressed : std::string());
  }
  if (verb == "answer") {
    const guidon::Status told = app_.prompts().Write(rest);
    return Done(told, told.ok() ? "Thank you." : std::string());
  }
  if (verb == "dismiss") {
    if (!app_.prompts().Dismiss(guidon::DismissCause::kPerson)) return Failed("no prompt is up");
    return Done(Status(), "Closed.");
  }
  if (verb == "focus") {
    if (rest == "next" || rest == "previous") {
      app_.prompts().MoveFocus(rest == "next" ? 1 : -1);
    } else if (const std::optional<std::int64_t> number = ParseInt(rest)) {
      const std::optional<PromptView> up = app_.prompts().Look();
      const std::int64_t first = up ? static_cast<std::int64_t>(up->first) : 1;
      if (*number >= first) app_.prompts().Focus(static_cast<std::size_t>(*number - first));
    }
    return Reply();
  }
  if (verb == "why-prompt") {
    if (rest.empty()) return Failed("why-prompt needs the name of a campaign");
    Reply reply;
    reply.page = app_.ExplainPrompt(rest);
    return reply;
  }
  return std::nullopt;
}

std::optional<Commands::Reply> Commands::RunForcing(std::string_view verb, std::string_view rest) {
  constexpr const char* kForced = "kept out of all results; clear undoes it.";
  if (verb == "force" || verb == "force-flag") {
    const std::string_view what = Word(&rest);
    if (what.empty() || rest.empty()) return Failed(std::string(verb) + " needs a name and what to force it to");
    if (verb == "force") return Force(what, rest);
    return Done(client_.overrides().ForceFlag(what, ParseValue(rest)), std::string("Forced, and ") + kForced);
  }
  if (verb == "force-prompt") {
    const std::string_view what = Word(&rest);
    if (what.empty() || (!rest.empty() && rest != "off"))
      return Failed("force-prompt needs a campaign, and \"off\" for never");
    return Done(client_.overrides().ForcePrompt(what, rest.empty()),
                std::string(what) + (rest.empty() ? " is shown, " : " is never shown, ") + kForced);
  }
  if (verb == "force-holdout" || verb == "force-attribute") {
    const std::string_view what = Word(&rest);
    const bool is_holdout = verb == "force-holdout";
    if (what.empty() || rest.empty()) return Failed(std::string(verb) + " needs a name and what to force it to");
    if (is_holdout && rest != "in" && rest != "out") return Failed("a holdout is forced to in or out");
    guidon::Overrides& qa = client_.overrides();
    return Done(is_holdout ? qa.ForceHoldout(what, rest == "in") : qa.ForceAttribute(what, ParseValue(rest)),
                std::string("Forced, and ") + kForced);
  }
  if (verb == "force-clock") {
    guidon::Override what;
    what.kind = guidon::Override::Kind::kClock;
    what.variant = std::string(rest);
    return Done(client_.overrides().Force(std::move(what)), std::string("The clock is moved, and this is ") + kForced);
  }
  if (verb == "forced") return Forced();
  if (verb == "device") return Done(Status(), "This device's code is " + client_.overrides().DeviceCode() + ".");
  if (verb == "token") return Token(rest);
  if (verb == "clear") return Clear(rest);
  return std::nullopt;
}

Commands::Reply Commands::Prompt(std::string_view seconds) {
  const std::optional<std::int64_t> most = seconds.empty() ? 0 : ParseInt(seconds);
  if (!most || *most < 0 || *most > 3600) return Failed("prompt takes 0 to 3600 seconds, such as: prompt 5");
  Prompts& prompts = app_.prompts();
  WaitUntil([&] { return prompts.up() != nullptr; }, std::chrono::seconds(*most));
  const std::optional<PromptView> up = prompts.Look();
  if (!up) return Done(Status(), "No prompt is up.");
  prompts.Seen();
  return Done(Status(), PromptLine(*up));
}

Commands::Reply Commands::Forced() {
  std::string page;
  for (const guidon::Override& override : client_.overrides().List()) {
    const bool is_flag =
        override.kind == guidon::Override::Kind::kFlag || override.kind == guidon::Override::Kind::kAttribute;
    std::string line = "  " + (override.key.empty() ? "clock" : override.key) + ": " +
                       (is_flag ? ValueText(override.value) : override.variant);
    line += std::string(" (") + guidon::OverrideSourceName(override.source) + ")";
    if (is_flag) {
      line += ", else " + (!override.natural_value.is_null()                     ? ValueText(override.natural_value)
                           : override.kind == guidon::Override::Kind::kAttribute ? std::string("not set")
                                                                                 : std::string("the fallback"));
    } else if (override.kind == guidon::Override::Kind::kExperiment) {
      line += ", else " + (override.natural_variant.empty() ? std::string("in none") : override.natural_variant);
    }
    if (!override.applied) line += "; without effect: " + override.why_not;
    page += Clean(line) + "\n";
  }
  if (page.empty()) return Done(Status(), "Nothing is forced.");
  Reply reply;
  reply.page = std::move(page);
  return reply;
}

Commands::Reply Commands::Token(std::string_view text) {
  guidon::Overrides& qa = client_.overrides();
  if (text == "off") {
    qa.DropToken();
    return Done(Status(), "This device has no QA token any more.");
  }
  if (text.empty()) {
    const std::optional<guidon::QaToken> token = qa.Token();
    if (!token) return Failed("there is none; this device's code is " + qa.DeviceCode());
    return Done(token->status, Clean("QA token " + token->id + " is in force."));
  }
  Status said(StatusCode::kUnavailable, "the token is still being checked");  // OpenSSL answers at once
  qa.UseToken(text, [&said](Status status) { said = std::move(status); });
  const std::optional<guidon::QaToken> token = qa.Token();
  if (!said.ok() || !token) return Done(said, "");
  return Done(said,
              Clean("QA token " + token->id + " is in force" + (token->note.empty() ? "" : ": " + token->note) + "."));
}

Commands::Reply Commands::Share(std::string_view file) {
  const std::string name(file.empty() ? std::string_view("plan.pdf") : file);
  return Done(app_.ShareFile(name), name + " is shared.");
}

Commands::Reply Commands::Set(std::string_view name, std::string_view value) {
  if (!IsName(name)) return Failed("an attribute needs a name and a value, such as: set plan pro");
  app_.SetAttribute(name, value.empty() ? Value() : ParseValue(value));
  const std::string text(name);
  return Done(Status(), value.empty() ? text + " is not set any more." : text + " is now " + std::string(value) + ".");
}

Commands::Reply Commands::Force(std::string_view what, std::string_view value) {
  return Done(client_.overrides().ForceExperiment(what, value),
              std::string(what) + " shows " + std::string(value) + ", kept out of all results; clear undoes it.");
}

Commands::Reply Commands::Clear(std::string_view what) {
  guidon::Overrides& overrides = client_.overrides();
  if (what.empty()) {
    overrides.ClearAll();
    return Done(Status(), "Nothing is forced any more.");
  }
  overrides.ClearExperiment(what);
  overrides.ClearFlag(what);
  overrides.ClearPrompt(what);
  overrides.Clear(guidon::Override::Kind::kHoldout, what);
  overrides.Clear(guidon::Override::Kind::kAttribute, what);
  if (what == "clock") overrides.ClearClock();
  return Done(Status(), std::string(what) + " is not forced any more.");
}

Commands::Reply Commands::Flush() {
  const guidon::FlushReport report = client_.Flush(std::chrono::seconds(5));
  return Done(Status(),
              std::to_string(report.delivered) + " delivered, " + std::to_string(report.kept) + " kept for later.");
}

// Lines come on the client's thread, one call after the other, and the last of them when the recording ends.
Commands::Reply Commands::Record(std::string_view file) {
  recording_.Cancel();
  if (file == "off") return Done(Status(), "Nothing is recorded any more.");
  if (file.empty()) return Failed("record needs a file, or off");
  const std::string path(file);
  const auto out = std::make_shared<std::ofstream>(path, std::ios::app | std::ios::binary);
  if (!*out) return Done(Status(StatusCode::kUnavailable, path + ": cannot be written"), "");
  recording_ = client_.Record(nullptr, [out](std::string_view lines) { *out << lines << std::flush; });
  return Done(Status(), "What is decided goes to " + path + "; record off ends that.");
}

Commands::Reply Commands::Await(std::string_view flag, std::string_view seconds) {
  const std::optional<std::int64_t> most = ParseInt(seconds);
  if (flag.empty() || !most || *most < 1 || *most > 3600) {
    return Failed("await needs a flag and 1 to 3600 seconds, such as: await file-sharing 30");
  }
  std::optional<guidon::Change> change;
  const auto has_changed = [&] { return (change = app_.TakeChange(flag)).has_value(); };
  if (!WaitUntil(has_changed, std::chrono::seconds(*most))) {
    return Failed(std::string(flag) + " did not change within " + std::string(seconds) + " s");
  }
  const std::string reason(guidon::ReasonName(change->reason));
  return Done(Status(), "at " + WallClock() + " " + change->flag + ": " + ValueText(change->before) + " -> " +
                            ValueText(change->after) + " (" + reason + ")");
}

bool Commands::WaitUntil(const std::function<bool()>& is_so, std::chrono::milliseconds most) {
  const auto deadline = std::chrono::steady_clock::now() + most;
  for (;;) {
    ui_.Drain();
    if (is_so()) return true;
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return false;
    pollfd wait = {ui_.fd(), POLLIN, 0};
    poll(&wait, 1, static_cast<int>(left));
  }
}

}  // namespace notes
