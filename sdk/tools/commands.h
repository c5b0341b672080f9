// The subcommands of `guidon`, one file each.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/tools/arguments.h"

namespace guidon::tools {

// What a command ends with; scripts rely on it.
inline constexpr int kExitOk = 0;
inline constexpr int kExitProblems = 1;  // the input is not good, or something failed
inline constexpr int kExitUsage = 2;

// A subcommand, defined in the file that does its work; the overview and its help are written from this.
struct Command {
  std::string_view name;
  std::string_view summary;  // half a line
  std::string_view usage;
  std::string_view about;  // lines, before the options
  std::vector<OptionSpec> options;
  std::size_t names;  // files it needs
  // Prints to stdout what was asked for, and to stderr what went wrong.
  int (*run)(const Arguments&);
  std::size_t more_names = 0;  // that it may take besides
  // Lines for a shell that come out well where published, next, notes.source.json and their keys are.
  std::vector<std::string_view> examples = {};
};

extern const Command kAuditCommand;
extern const Command kBuildCommand;
extern const Command kCompletionCommand;
extern const Command kCrowdCommand;
extern const Command kDevCommand;  // where cpp-httplib was found: GUIDON_HAS_SERVE
extern const Command kDiffCommand;
extern const Command kEvalCommand;
extern const Command kExplainCommand;
extern const Command kFindCommand;
extern const Command kGenerateCommand;
extern const Command kInspectCommand;
extern const Command kKeygenCommand;
extern const Command kLintCommand;
extern const Command kQaCommand;
extern const Command kReplayCommand;
extern const Command kServeCommand;  // likewise
extern const Command kSignCommand;
extern const Command kSimulateCommand;
extern const Command kStaleCommand;
extern const Command kVerifyCommand;

// Prints "guidon COMMAND: message", or with --json {"error": {…}}, to stderr and gives back kExitUsage or
// kExitProblems.
int UsageError(const Arguments& arguments, const std::string& message);
int Failure(const Arguments& arguments, const std::string& message);

}  // namespace guidon::tools
