#include "samples/terminal/session.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "guidon/default_platform.h"
#include "samples/terminal/keyboard.h"
#include "samples/terminal/ports.h"
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
  view.is_panel = running.panel->is_open();
  view.state.online = running.http->online();
  return view;
}

// Runs one command and puts what came of it on the screen. False: quit.
bool Obey(Commands& commands, const std::string& line, App& app) {
  const Commands::Reply reply = commands.Run(line);
  if (reply.quit) return false;
  if (!reply.status.ok()) {
    app.Notify(reply.status.message(), true);
  } else if (line == "help") {
    app.Notify(
        "note, open, back, share, why, why-prompt, person, set, force, force-prompt, forced, clear, flush, quit");
  } else if (line == "forced" && !reply.page.empty()) {
    app.Notify(reply.page);
  } else if (!reply.text.empty()) {
    app.Notify(reply.text);
  }
  return true;
}

std::string Draw(Running& running, const View& view, const Theme& theme) {
  return view.is_panel ? running.panel->Draw(theme, view.notice, view.is_trouble, view.entry) : Render(view, theme);
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
  if (settings.now) {
    const auto clock = std::make_shared<SimulatedClock>(platform.clock);
    clock->Set(*settings.now);
    platform.clock = clock;
  }
  if (settings.seed) platform.entropy = std::make_shared<SeededEntropy>(*settings.seed, 0);
  running->http = std::make_shared<SwitchHttp>(platform.http);
  platform.http = running->http;
  running->client = guidon::Client::Open(*std::move(options), std::move(platform));
  App::Settings app;
  running->panel = std::make_unique<DebugPanel>(*running->client);
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
  Commands commands(*running.app, *running.client, running.ui, *running.http, *running.panel);
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
      out << Draw(running, Look(running), theme);
      running.app->prompts().Seen();
    } else if (!reply.page.empty()) {
      out << reply.page;
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
  App& app = *running.app;
  Commands commands(app, *running.client, running.ui, *running.http, *running.panel);
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
    terminal.Show(Draw(running, view, DetectTheme()));
    if (!view.is_panel) app.prompts().Seen();
    // The status line shows what the client does by itself, so the screen is drawn every half second as well.
    pollfd waits[2] = {{STDIN_FILENO, POLLIN, 0}, {running.ui.fd(), POLLIN, 0}};
    poll(waits, 2, 500);
    if ((waits[0].revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
    char bytes[256];
    const ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);
    if (count <= 0) return true;
    view.notice.clear();
    for (const KeyPress& press : ReadKeys(std::string_view(bytes, static_cast<std::size_t>(count)))) {
      view.is_panel = running.panel->is_open();
      view.prompt = app.prompts().Look();  // an earlier key of the same read may have moved its focus, or closed it
      const std::string command = keyboard.Press(press, view);
      if (!command.empty() && !Obey(commands, command, app)) return true;
      if (app.TakeAnswerWanted()) keyboard.Ask("Answer: ", "answer ");
      if (const auto question = running.panel->TakeQuestion()) keyboard.Ask(*question, "panel force ");
      if (app.TakeShareWanted()) keyboard.Ask("File: ", "share ");
    }
    app.prompts().SetTyping(keyboard.is_typing());
  }
}

}  // namespace notes
