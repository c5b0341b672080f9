#include "samples/terminal/session.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "guidon/default_platform.h"
#include "samples/terminal/terminal.h"
#include "samples/terminal/text.h"

namespace notes {
namespace {

using guidon::Status;
using guidon::StatusCode;

// Numbers events for the whole life of the installation without keeping a counter: no two runs start in one
// microsecond.
std::function<std::int64_t()> EventNumbers() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  std::int64_t next = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  return [next]() mutable { return next++; };
}

View Look(Running& running) {
  View view = running.app->Look();
  view.state.online = running.http->online();
  return view;
}

// What is typed at the bottom of the screen: keys become commands.
class Keyboard {
 public:
  // The command that the key completes; empty while there is none.
  std::string Press(char key, const View& view) {
    if (!question_.empty()) return Type(key);
    switch (key) {
      case 'n': return Ask("Note: ", "note ");
      case 's': return view.open && view.attach != AttachLook::kNone ? Ask("File: ", "share ") : std::string();
      case 'p': return Ask("Person: ", "person ");
      case 'f': return Ask("Force (experiment variant): ", "force ");
      case ':': return Ask("Command: ", "");
      case 'w': return view.why.empty() ? Ask("Why (flag): ", "why ") : "why";
      case 'b': return "back";
      case 'c': return "clear";
      case 'a': return view.attributes.find("plan=pro") == std::string::npos ? "set plan pro" : "set plan free";
      case 'o': return view.state.online ? "offline" : "online";
      case 'q': return "quit";
      default: break;
    }
    return key >= '1' && key <= '9' ? std::string("open ") + key : std::string();
  }

  std::string entry() const { return question_.empty() ? "" : question_ + Clean(typed_) + "_"; }

 private:
  std::string Ask(const char* question, const char* verb) {
    question_ = question;
    verb_ = verb;
    typed_.clear();
    return "";
  }

  std::string Type(char key) {
    constexpr char kEscape = 27;
    if (key == kEscape) {
      question_.clear();
    } else if (key == '\n' || key == '\r') {
      const std::string command = typed_.empty() && verb_ != "share " ? "" : verb_ + typed_;
      question_.clear();
      return command;
    } else if (key == 127 || key == 8) {
      DropLastCharacter(&typed_);
    } else if (typed_.size() < Notebook::kMostBytes) {
      typed_ += key;
    }
    return "";
  }

  std::string question_;
  std::string verb_;
  std::string typed_;
};

// Runs one command and puts what came of it on the screen. False: quit.
bool Obey(Commands& commands, const std::string& line, App& app) {
  const Commands::Reply reply = commands.Run(line);
  if (reply.quit) return false;
  if (!reply.status.ok()) {
    app.Notify(reply.status.message(), true);
  } else if (reply.text.find('\n') != std::string::npos) {
    app.Notify("note, open, back, share, why, person, set, unset, force, force-flag, clear, flush, await, quit");
  } else if (!reply.text.empty()) {
    app.Notify(reply.text);
  }
  return true;
}

}  // namespace

guidon::Result<std::unique_ptr<Running>> StartApp(const TerminalSettings& settings) {
  guidon::Result<guidon::Options> options = ClientOptions(settings);
  if (!options.ok()) return options.status();
  if (mkdir(settings.state_dir.c_str(), 0700) != 0 && errno != EEXIST) {
    return Status(StatusCode::kUnavailable, "--state " + settings.state_dir + ": " + std::strerror(errno));
  }
  auto running = std::make_unique<Running>();
  guidon::Platform platform = guidon::DefaultPlatform(settings.state_dir + "/guidon");
  running->http = std::make_shared<SwitchHttp>(platform.http);
  platform.http = running->http;
  running->client = guidon::Client::Open(*std::move(options), std::move(platform));
  App::Settings app;
  app.person = settings.person;
  app.notes_dir = settings.state_dir;
  app.app_version = "4.3.0";
  app.has_collector = !settings.collector_url.empty();
  app.next_number = EventNumbers();
  running->app = std::make_unique<App>(*running->client, running->ui, std::move(app));
  if (!settings.datafile_url.empty()) running->client->WaitUntilReady(std::chrono::seconds(2));
  const Status started = running->app->Start();
  if (!started.ok()) return started;
  return running;
}

int RunScript(std::istream& script, std::ostream& out, Running& running, const Theme& theme) {
  Commands commands(*running.app, *running.client, running.ui, *running.http);
  int failed = 0;
  std::string line;
  std::string refused;
  const auto tell_refusal = [&] {
    const guidon::Status datafile = running.client->status().datafile;
    if (datafile.message() == refused) return;
    refused = datafile.message();
    if (!datafile.ok()) out << "Datafile refused: " << Clean(refused) << std::endl;
  };
  tell_refusal();
  while (std::getline(script, line)) {
    running.ui.Drain();
    const Commands::Reply reply = commands.Run(line);
    if (reply.quit) break;
    if (!line.empty() && !reply.show_screen) out << "> " << Clean(line) << '\n';
    if (!reply.status.ok()) {
      ++failed;
      out << "  failed: " << Clean(reply.status.message()) << '\n';
    } else if (reply.show_screen) {
      out << Render(Look(running), theme);
    } else if (reply.text.find('\n') != std::string::npos) {
      out << reply.text;
    } else if (!reply.text.empty()) {
      out << "  " << Clean(reply.text) << '\n';
    }
    tell_refusal();
    out.flush();
  }
  return failed;
}

bool RunInteractive(Running& running) {
  RawTerminal terminal;
  if (!terminal.ok()) return false;
  Commands commands(*running.app, *running.client, running.ui, *running.http);
  Keyboard keyboard;
  View view = Look(running);
  for (;;) {
    running.ui.Drain();
    View next = Look(running);
    if (next.notice.empty()) {  // a notice stays until the next one, or a key
      next.notice = view.notice;
      next.is_trouble = view.is_trouble;
    }
    view = std::move(next);
    view.entry = keyboard.entry();
    terminal.Show(Render(view, DetectTheme()));
    // The status line shows what the client does by itself, so the screen is drawn every half second as well.
    pollfd waits[2] = {{STDIN_FILENO, POLLIN, 0}, {running.ui.fd(), POLLIN, 0}};
    poll(waits, 2, 500);
    if ((waits[0].revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
    char keys[64];
    const ssize_t count = read(STDIN_FILENO, keys, sizeof keys);
    if (count <= 0) return true;
    view.notice.clear();
    if (count >= 3 && keys[0] == '\x1b' && keys[1] == '[') continue;  // an arrow or function key
    for (ssize_t i = 0; i < count; ++i) {
      const std::string command = keyboard.Press(keys[i], view);
      if (!command.empty() && !Obey(commands, command, *running.app)) return true;
    }
  }
}

}  // namespace notes
