// The `guidon` command: finds the subcommand, reads its arguments, runs it.
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/version.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/expression/spelling.h"
#include "sdk/tools/command_table.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {
namespace {

bool Asks(const std::vector<std::string>& words, std::string_view option) {
  for (const std::string& word : words) {
    if (word == option) return true;
  }
  return false;
}

// An error for programs, in one line.
void PrintErrorJson(const std::string& command, const std::string& message, int exit_code) {
  std::string out;
  json::Writer json(&out);
  json.BeginObject().Key("error").BeginObject().Key("command").String(command).Key("message").String(message);
  json.Key("exit_code").Int(exit_code).End().End();
  Print(stderr, out + "\n");
}

// Takes --color WHEN out of the words, wherever it stands. Empty, or what is wrong with it.
std::string TakeColour(std::vector<std::string>* words) {
  for (std::size_t i = 0; i < words->size(); ++i) {
    std::string& word = (*words)[i];
    const bool has_value = word.rfind("--color=", 0) == 0;
    if (!has_value && word != "--color") continue;
    if (!has_value && i + 1 == words->size()) return "--color needs a value: always, never or auto";
    const std::string when = has_value ? word.substr(8) : (*words)[i + 1];
    if (when != "always" && when != "never" && when != "auto") {
      const std::string meant(expression::Closest(when, {"always", "never", "auto"}));
      return "--color is always, never or auto, not '" + when + "'" +
             (meant.empty() ? "" : ", did you mean " + meant + "?");
    }
    Style::Choose(when == "always" ? Colour::kAlways : when == "never" ? Colour::kNever : Colour::kAuto);
    const auto at = words->begin() + static_cast<std::ptrdiff_t>(i);
    words->erase(at, at + (has_value ? 1 : 2));
    --i;
  }
  return std::string();
}

int UnknownCommand(const std::string& name, bool is_json) {
  const std::string_view meant = ClosestCommand(name);
  if (is_json) {
    PrintErrorJson(
        name,
        "there is no command '" + name + "'" + (meant.empty() ? "" : ", did you mean '" + std::string(meant) + "'?"),
        kExitUsage);
    return kExitUsage;
  }
  Print(stderr, "guidon: there is no command '" + Plain(name) + "'" +
                    (meant.empty() ? "" : ", did you mean '" + std::string(meant) + "'?") + "\n\n" +
                    OverviewText(Style::For(stderr)));
  return kExitUsage;
}

int Run(std::vector<std::string> words) {
  const std::string no_colour = TakeColour(&words);
  if (!no_colour.empty()) {
    if (Asks(words, "--json")) return PrintErrorJson("", no_colour, kExitUsage), kExitUsage;
    Print(stderr, "guidon: " + Plain(no_colour) + "\n");
    return kExitUsage;
  }
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
  if (command == nullptr) return UnknownCommand(words[asks ? 1 : 0], Asks(words, "--json"));
  std::vector<std::string> rest(words.begin() + 1, words.end());
  for (const std::string& word : rest) {
    if (!asks && word != "--help" && word != "-h") continue;
    Print(stdout, HelpText(*command, Style::For(stdout)));
    return kExitOk;
  }
  const Result<Arguments> arguments = Arguments::Parse(std::string(command->name), rest, command->options,
                                                       command->names, command->names + command->more_names);
  if (!arguments.ok()) {
    if (Asks(rest, "--json")) {
      PrintErrorJson(std::string(command->name), arguments.status().message(), kExitUsage);
      return kExitUsage;
    }
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
  if (arguments.Has("--json")) return PrintErrorJson(arguments.command(), message, kExitUsage), kExitUsage;
  Print(stderr, "guidon " + arguments.command() + ": " + Plain(message) + "\nguidon " + arguments.command() +
                    " --help says more.\n");
  return kExitUsage;
}

int Failure(const Arguments& arguments, const std::string& message) {
  if (arguments.Has("--json")) return PrintErrorJson(arguments.command(), message, kExitProblems), kExitProblems;
  Print(stderr, Style::For(stderr).Red("✗ ") + "guidon " + arguments.command() + ": " + Plain(message) + "\n");
  return kExitProblems;
}

}  // namespace guidon::tools

int main(int count, char** words) {
  const int exit_code = guidon::tools::Run(std::vector<std::string>(words + 1, words + count));
  return guidon::tools::FlushOutput() || exit_code != guidon::tools::kExitOk ? exit_code : guidon::tools::kExitProblems;
}
