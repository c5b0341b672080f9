// One run of the app, by keys or by a script.
#pragma once

#include <istream>
#include <ostream>

#include "samples/terminal/app.h"
#include "samples/terminal/commands.h"
#include "samples/terminal/panel.h"
#include "samples/terminal/screen.h"
#include "samples/terminal/settings.h"

namespace notes {

// The parts of a running app, in the order they depend on each other. Heads for the server named in the settings, and
// waits a moment for its first answer.
struct Running {
  std::shared_ptr<SwitchHttp> http;
  UiQueue ui;  // outlives the client that posts to it
  std::unique_ptr<guidon::Client> client;
  std::unique_ptr<App> app;
  std::unique_ptr<DebugPanel> panel;
};
guidon::Result<std::unique_ptr<Running>> StartApp(const TerminalSettings& settings);

// Runs command by command; echoes each with what came of it, and draws the screen where "screen" asks for it. The
// number of commands that failed.
int RunScript(std::istream& script, std::ostream& out, Running& running, const Theme& theme);

// Until q, or the end of input. False where there is no terminal.
bool RunInteractive(Running& running);

}  // namespace notes
