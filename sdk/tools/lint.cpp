#include "sdk/tools/checked_source.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/rule_examples.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {
namespace {

int RunLint(const Arguments& arguments) {
  const std::optional<Timestamp> now = TimeOr(arguments.Get("--now"));
  if (!now) return UsageError(arguments, "--now needs a date such as 2026-12-01T09:00:00Z");
  const std::string& path = arguments.names()[0];
  Result<std::unique_ptr<CheckedSource>> checked = LoadChecked(path, arguments.Get("--previous"), *now);
  if (!checked.ok()) return Failure(arguments, checked.status().message());
  const CheckedSource& source = **checked;
  const Problems& problems = source.problems;
  if (arguments.Has("--json")) {
    Print(stdout, problems.ToJson(path, source.text));
  } else {
    const Style style = Style::For(stdout);
    if (arguments.Has("--explain-rules") && !problems.has_errors()) {
      Print(stdout, RuleExamples(source.source, *now, style) + "\n");
    }
    Print(stdout, problems.ToText(path, source.text, style));
    const std::string counts = source.is_whole ? CountsOf(source.source) + ": " + problems.Summary()
                                               : problems.Summary() + "; the rest was not checked";
    Print(stdout, (problems.has_errors() ? style.Red("✗ ") : style.Green("✓ ")) + Plain(path) + ": " + counts + "\n");
  }
  return problems.has_errors() ? kExitProblems : kExitOk;
}

}  // namespace

const Command kLintCommand = {"lint",
                              "check a source and say all that is wrong with it",
                              "guidon lint SOURCE [--previous PUBLISHED]",
                              "Reports every problem in one run: where it is, why it is one, and what to do.\n"
                              "With the last published file it also finds changes that would move people\n"
                              "between variants, or in and out of a holdout. Exit code 1 when there are\n"
                              "errors.",
                              {{"--explain-rules", "", "also show, of every rule, a context that comes to it"},
                               {"--previous", "FILE", "the last published file"},
                               {"--now", "TIME", "what counts as today (the clock)"},
                               {"--json", "", "for programs"}},
                              1,
                              RunLint,
                              0,
                              {"guidon lint notes.source.json", "guidon lint next.source.json --previous published",
                               "guidon lint notes.source.json --explain-rules"}};

}  // namespace guidon::tools
