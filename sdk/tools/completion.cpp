// `guidon completion`: what a shell needs to complete the command's words.
#include <string>

#include "sdk/core/base/json_writer.h"
#include "sdk/core/expression/spelling.h"
#include "sdk/tools/command_table.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {
namespace {

int RunCompletion(const Arguments& arguments) {
  const std::string& shell = arguments.names()[0];
  if (shell != "bash" && shell != "zsh") {
    const std::string meant(expression::Closest(shell, {"bash", "zsh"}));
    return UsageError(arguments, "there is no completion for '" + shell + "'" +
                                     (meant.empty() ? ", only for bash and zsh" : ", did you mean '" + meant + "'?"));
  }
  const std::string script = CompletionText(shell);
  if (!arguments.Has("--json")) {
    Print(stdout, script);
    return kExitOk;
  }
  std::string out;
  json::Writer(&out, 2).BeginObject().Key("shell").String(shell).Key("script").String(script).End();
  Print(stdout, out + "\n");
  return kExitOk;
}

}  // namespace

const Command kCompletionCommand = {"completion",
                                    "let the shell complete commands and options",
                                    "guidon completion bash|zsh",
                                    "Prints a script for the shell to read when it starts.",
                                    {{"--json", "", "for programs"}},
                                    1,
                                    RunCompletion,
                                    0,
                                    {"guidon completion bash >guidon.bash && source ./guidon.bash"}};

}  // namespace guidon::tools
