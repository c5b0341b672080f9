// All subcommands in the order of the overview, and what is printed of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sdk/tools/commands.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {

struct CommandGroup {
  std::string_view title;
  std::vector<const Command*> commands;
};

const std::vector<CommandGroup>& CommandTable();

// Null when there is none.
const Command* FindCommand(std::string_view name);

// The name that was probably meant, or empty.
std::string_view ClosestCommand(std::string_view name);

// Names, summaries and options as a shell completes them; "bash" or "zsh".
std::string CompletionText(std::string_view shell);

std::string OverviewText(const Style& style);
std::string HelpText(const Command& command, const Style& style);

}  // namespace guidon::tools
