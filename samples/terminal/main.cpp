// guidon-terminal: the notes app, its simulated people, and the comparison of what was measured with what was planted.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "samples/terminal/compare.h"
#include "samples/terminal/digest.h"
#include "samples/terminal/session.h"
#include "samples/terminal/settings.h"
#include "samples/terminal/simulate/simulation.h"
#include "samples/terminal/terminal.h"

namespace {

int Fail(const std::string& message, int code) {
  std::fprintf(stderr, "guidon-terminal: %s\n", message.c_str());
  return code;
}

int RunApp(const std::vector<std::string>& arguments) {
  const guidon::Result<notes::TerminalSettings> settings = notes::ParseSettings(arguments);
  if (!settings.ok()) return Fail(settings.status().message() + " (--help lists the options)", 2);
  if (settings->help) {
    std::fputs(notes::TerminalHelp().c_str(), stdout);
    return 0;
  }
  std::ifstream file;
  if (!settings->script.empty() && settings->script != "-") {
    file.open(settings->script);
    // A folder opens as well as a file; what it lacks is a first byte, or an end.
    if (!file || (file.peek() == std::ifstream::traits_type::eof() && file.bad()))
      return Fail("--script " + settings->script + " cannot be read", 2);
  }
  guidon::Result<std::unique_ptr<notes::Running>> running = notes::StartApp(*settings);
  if (!running.ok()) return Fail(running.status().message(), 1);
  int failed = 0;
  if (!settings->script.empty()) {
    failed = notes::RunScript(settings->script == "-" ? std::cin : file, std::cout, **running, notes::DetectTheme());
  } else if (!notes::RunInteractive(**running)) {
    return Fail("there is no terminal here; --script FILE reads commands instead", 2);
  }
  const guidon::FlushReport report = (*running)->client->Close(std::chrono::seconds(2));
  if (report.kept > 0) {
    std::printf("%llu %s kept for the next start.\n", static_cast<unsigned long long>(report.kept),
                report.kept == 1 ? "event is" : "events are");
  }
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const std::string first = arguments.empty() ? "" : arguments.front();
  if (first == "simulate" || first == "compare" || first == "digest") {
    arguments.erase(arguments.begin());
    if (first == "simulate") return notes::simulate::RunSimulate(arguments);
    return first == "compare" ? notes::RunCompare(arguments) : notes::RunDigest(arguments);
  }
  return RunApp(arguments);
}
