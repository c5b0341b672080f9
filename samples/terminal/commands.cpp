#include "samples/terminal/commands.h"

#include <poll.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <optional>

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
  return "note TEXT                 write a note\n"
         "open N, back              open a note; back to the list\n"
         "share [FILE]              share a file with the open note\n"
         "why [FLAG]                explain one flag; without a name, all in a table\n"
         "person ID                 somebody else takes over the app\n"
         "set NAME VALUE            set an attribute, such as: set plan pro\n"
         "unset NAME                take an attribute away\n"
         "force EXPERIMENT VARIANT  see a variant (\"off\": as if there were none)\n"
         "force-flag FLAG VALUE     see a flag at a value\n"
         "clear [NAME]              undo one force, or all\n"
         "offline, online           unplug the network; plug it in\n"
         "flush                     deliver what is pending\n"
         "await FLAG SECONDS        wait until the flag changes, and say when\n"
         "screen, quit\n";
}

Commands::Reply Commands::Run(std::string_view line) {
  std::string_view rest = Trim(line);
  const std::string_view verb = Word(&rest);
  if (verb.empty() || verb[0] == '#') return {};
  if (verb == "note") return Done(app_.WriteNote(rest), "Note kept.");
  if (verb == "open") {
    const std::optional<std::int64_t> number = ParseInt(rest);
    if (!number || *number < 1) return Failed("open needs the number of a note, such as: open 1");
    return Done(app_.OpenNote(static_cast<std::size_t>(*number - 1)), "");
  }
  if (verb == "back" || verb == "list") {
    app_.CloseNote();
    return {};
  }
  if (verb == "share") return Share(rest);
  if (verb == "why") {
    app_.Explain(rest);
    return {};
  }
  if (verb == "person") return Done(app_.SwitchPerson(rest), "Hello, " + std::string(rest) + ".");
  if (verb == "set") {
    const std::string_view name = Word(&rest);
    return Set(name, rest);
  }
  if (verb == "unset") return Set(rest, {});
  if (verb == "force" || verb == "force-flag") {
    const std::string_view what = Word(&rest);
    if (what.empty() || rest.empty()) return Failed(std::string(verb) + " needs a name and what to force it to");
    if (verb == "force") return Force(what, rest);
    return Done(client_.overrides().ForceFlag(what, ParseValue(rest)),
                "Forced, and kept out of all results; clear undoes it.");
  }
  if (verb == "clear") return Clear(rest);
  if (verb == "offline" || verb == "online") {
    http_.SetOnline(verb == "online");
    if (verb == "online") client_.OnForeground();
    return Done(Status(), verb == "online" ? "Online again." : "Offline. Nothing is lost, only late.");
  }
  if (verb == "flush") return Flush();
  if (verb == "await") {
    const std::string_view flag = Word(&rest);
    return Await(flag, rest);
  }
  Reply reply;
  if (verb == "screen") {
    reply.show_screen = true;
  } else if (verb == "quit") {
    reply.quit = true;
  } else if (verb == "help") {
    reply.text = Help();
  } else {
    return Failed("there is no command " + std::string(verb) + "; help lists them");
  }
  return reply;
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
  return Done(Status(), std::string(what) + " is not forced any more.");
}

Commands::Reply Commands::Flush() {
  const guidon::FlushReport report = client_.Flush(std::chrono::seconds(5));
  return Done(Status(),
              std::to_string(report.delivered) + " delivered, " + std::to_string(report.kept) + " kept for later.");
}

Commands::Reply Commands::Await(std::string_view flag, std::string_view seconds) {
  const std::optional<std::int64_t> most = ParseInt(seconds);
  if (flag.empty() || !most || *most < 1 || *most > 3600) {
    return Failed("await needs a flag and 1 to 3600 seconds, such as: await file-sharing 30");
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(*most);
  for (;;) {
    ui_.Drain();
    if (const std::optional<guidon::Change> change = app_.TakeChange(flag)) {
      const std::string reason(guidon::ReasonName(change->reason));
      return Done(Status(), "at " + WallClock() + " " + change->flag + ": " + ValueText(change->before) + " -> " +
                                ValueText(change->after) + " (" + reason + ")");
    }
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return Failed(std::string(flag) + " did not change within " + std::string(seconds) + " s");
    pollfd wait = {ui_.fd(), POLLIN, 0};
    poll(&wait, 1, static_cast<int>(left));
  }
}

}  // namespace notes
