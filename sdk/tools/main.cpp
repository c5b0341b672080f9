// The `guidon` command: finds the subcommand, reads its arguments, runs it.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "guidon/version.h"
#include "sdk/tools/command_table.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {
namespace {

int UnknownCommand(const std::string& name) {
  const std::string_view meant = ClosestCommand(name);
  Print(stderr, "guidon: there is no command '" + Plain(name) + "'" +
                    (meant.empty() ? "" : ", did you mean '" + std::string(meant) + "'?") + "\n\n" +
                    OverviewText(Style::For(stderr)));
  return kExitUsage;
}

int Run(const std::vector<std::string>& words) {
  if (words.empty()) {
    Print(stderr, OverviewText(Style::For(stderr)));
    return kExitUsage;
  }
  if (words[0] == "--version") {
    Print(stdout, "guidon " GUIDON_VERSION "\n");
    return kExitOk;
  }
  if (words[0] == "--help" || words[0] == "-h" || (words[0] == "help" && words.size() == 1)) {
    Print(stdout, OverviewText(Style::For(stdout)));
    return kExitOk;
  }
  const bool asks = words[0] == "help";
  const Command* command = FindCommand(words[asks ? 1 : 0]);
  if (command == nullptr) return UnknownCommand(words[asks ? 1 : 0]);
  std::vector<std::string> rest(words.begin() + 1, words.end());
  for (const std::string& word : rest) {
    if (!asks && word != "--help" && word != "-h") continue;
    Print(stdout, HelpText(*command, Style::For(stdout)));
    return kExitOk;
  }
  const Result<Arguments> arguments = Arguments::Parse(std::string(command->name), rest, command->options,
                                                       command->names, command->names + command->more_names);
  if (!arguments.ok()) {
    Print(stderr, "guidon " + std::string(command->name) + ": " + Plain(arguments.status().message()) +
                      "\nusage: " + std::string(command->usage) + "\n");
    return kExitUsage;
  }
  return command->run(*arguments);
}

// What was printed may still fail to arrive, on a full disk say; then half of it must not pass for all of it.
bool FlushOutput() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return true;
  const std::string why = errno == 0 ? std::string() : std::string(": ") + std::strerror(errno);
  Print(stderr, Style::For(stderr).Red("✗ ") + "guidon: cannot write to standard output" + why + "\n");
  return false;
}

}  // namespace

int UsageError(const Arguments& arguments, const std::string& message) {
  Print(stderr, "guidon " + arguments.command() + ": " + Plain(message) + "\nguidon " + arguments.command() +
                    " --help says more.\n");
  return kExitUsage;
}

int Failure(const Arguments& arguments, const std::string& message) {
  Print(stderr, Style::For(stderr).Red("✗ ") + "guidon " + arguments.command() + ": " + Plain(message) + "\n");
  return kExitProblems;
}

}  // namespace guidon::tools

int main(int count, char** words) {
  const int exit_code = guidon::tools::Run(std::vector<std::string>(words + 1, words + count));
  return guidon::tools::FlushOutput() || exit_code != guidon::tools::kExitOk ? exit_code : guidon::tools::kExitProblems;
}
