#include "sdk/tools/command_table.h"

#include <algorithm>
#include <utility>

#include "sdk/core/expression/spelling.h"

namespace guidon::tools {
namespace {

constexpr std::size_t kHelpColumns = 80;

}  // namespace

const std::vector<CommandGroup>& CommandTable() {
  static const std::vector<CommandGroup> kTable = {
      {"Publish", {&kKeygenCommand, &kLintCommand, &kBuildCommand, &kSignCommand, &kVerifyCommand}},
      {"See what it will do", {&kDiffCommand, &kCrowdCommand, &kSimulateCommand}},
      {"Understand", {&kInspectCommand, &kEvalCommand, &kExplainCommand, &kStaleCommand, &kAuditCommand}},
      {"Develop and test",
       {
#ifdef GUIDON_HAS_SERVE
           &kDevCommand, &kServeCommand,
#endif
           &kGenerateCommand, &kFindCommand, &kQaCommand, &kReplayCommand, &kCompletionCommand}},
  };
  return kTable;
}

const Command* FindCommand(std::string_view name) {
  for (const CommandGroup& group : CommandTable()) {
    for (const Command* command : group.commands) {
      if (command->name == name) return command;
    }
  }
  return nullptr;
}

std::string_view ClosestCommand(std::string_view name) {
  std::vector<std::string_view> names;
  for (const CommandGroup& group : CommandTable()) {
    for (const Command* command : group.commands) names.push_back(command->name);
  }
  return expression::Closest(name, names);
}

std::string OverviewText(const Style& style) {
  std::string out = style.Bold("guidon") + "  flags, experiments and campaigns, from source to signed datafile\n";
  for (const CommandGroup& group : CommandTable()) {
    std::vector<std::vector<std::string>> rows;
    for (const Command* command : group.commands) {
      std::string name(command->name);
      name.resize(10, ' ');  // the same column in each group
      rows.push_back({std::move(name), std::string(command->summary)});
    }
    out += "\n" + style.Bold(group.title) + "\n" + Table(rows, 2);
  }
  out += "\n" + style.Bold("First steps") + "\n" +
         Table({{"guidon lint notes.source.json", "what is wrong with it, if anything"},
                {"guidon dev notes.source.json", "try it in a running app; nothing is published"},
                {"guidon build --help", "from there to what apps fetch"}},
               2);
  return out +
         "\nguidon COMMAND --help says more, with examples. Exit codes: 0 fine, 1 problems,\n"
         "2 wrong usage. With every command: --json for programs, --color always|never.\n";
}

std::string HelpText(const Command& command, const Style& style) {
  const auto head_of = [](const OptionSpec& option) {
    return "  " + std::string(option.name) + (option.value.empty() ? "" : " ") + std::string(option.value);
  };
  std::size_t column = 20;
  for (const OptionSpec& option : command.options) column = std::max(column, Width(head_of(option)) + 2);
  std::string out = style.Bold(command.usage) + "\n\n" + std::string(command.about) + "\n";
  if (!command.options.empty()) out += "\n";
  for (const OptionSpec& option : command.options) {
    std::string text;  // with the column in front of each line
    if (option.text.find('\n') == std::string_view::npos) {
      text = Wrap(option.text, column, kHelpColumns);
    } else {
      text = std::string(column, ' ');
      for (const char c : option.text) text += c == '\n' ? "\n" + std::string(column, ' ') : std::string(1, c);
      text += "\n";
    }
    const std::string head = head_of(option);
    out += head + text.substr(Width(head));
  }
  if (!command.examples.empty()) out += "\n" + style.Bold("Examples") + "\n";
  for (const std::string_view line : command.examples) out += "  " + std::string(line) + "\n";
  return out;
}

std::string CompletionText(std::string_view shell) {
  std::string names;
  std::string cases;
  for (const CommandGroup& group : CommandTable()) {
    for (const Command* command : group.commands) {
      names += (names.empty() ? "" : " ") + std::string(command->name);
      cases += "    " + std::string(command->name) + ") words=\"--help --color";
      for (const OptionSpec& option : command->options) cases += " " + std::string(option.name);
      cases += "\" ;;\n";
    }
  }
  // zsh takes bash's by its own translation.
  const std::string begin = shell == "zsh" ? "autoload -U +X compinit bashcompinit && compinit && bashcompinit\n" : "";
  return begin +
         "_guidon() {\n"
         "  local words word=${COMP_WORDS[COMP_CWORD]}\n"
         "  if ((COMP_CWORD == 1)); then\n"
         "    COMPREPLY=($(compgen -W \"" +
         names +
         " help\" -- \"$word\"))\n"
         "    return\n"
         "  fi\n"
         "  case ${COMP_WORDS[1]} in\n"
         "    help) words=\"" +
         names + "\" ;;\n" + cases +
         "  esac\n"
         "  if [[ $word == -* || ${COMP_WORDS[1]} == help ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
         "  else\n"
         "    COMPREPLY=($(compgen -f -- \"$word\"))\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _guidon guidon\n";
}

}  // namespace guidon::tools
