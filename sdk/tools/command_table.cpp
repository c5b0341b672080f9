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
      {"Understand", {&kInspectCommand, &kEvalCommand, &kExplainCommand, &kAuditCommand}},
      {"Develop and test",
       {
#ifdef GUIDON_HAS_SERVE
           &kDevCommand, &kServeCommand,
#endif
           &kFindCommand, &kQaCommand}},
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
      name.resize(8, ' ');  // the same column in each group
      rows.push_back({std::move(name), std::string(command->summary)});
    }
    out += "\n" + style.Bold(group.title) + "\n" + Table(rows, 2);
  }
  return out + "\nguidon COMMAND --help says more. Exit codes: 0 fine, 1 problems, 2 wrong usage.\n";
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
  return out;
}

}  // namespace guidon::tools
