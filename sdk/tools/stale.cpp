// `guidon stale`: flags that serve one value to all, which are for the app to remove.
#include <string>
#include <utility>
#include <vector>

#include "sdk/core/base/json_writer.h"
#include "sdk/core/evaluation/text_page.h"
#include "sdk/tools/checked_source.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/published_file.h"
#include "sdk/tools/reach.h"
#include "sdk/tools/terminal.h"
#include "sdk/tools/trial.h"

namespace guidon::tools {
namespace {

struct StaleFlag {
  std::string key;
  std::string value;  // JSON
  Reach reach;
};

void PrintStaleJson(const ruleset::Ruleset& rules, const std::vector<StaleFlag>& stale) {
  std::string out;
  json::Writer json(&out, 2);
  json.BeginObject().Key("project").String(rules.header.project).Key("environment").String(rules.header.environment);
  json.Key("epoch").Uint(rules.header.epoch).Key("version").Uint(rules.header.version);
  json.Key("flags").Uint(rules.flags.size()).Key("stale").BeginArray();
  for (const StaleFlag& each : stale) {
    json.BeginObject().Key("key").String(each.key).Key("value").Raw(each.value);
    json.Key("cause").String(each.reach.cause).Key("why").String(each.reach.why).End();
  }
  json.End().End();
  Print(stdout, out + "\n");
}

int RunStale(const Arguments& arguments) {
  CommonOptions asked;
  const std::string wrong = ReadCommonOptions(arguments, &asked);
  if (!wrong.empty()) return UsageError(arguments, wrong);
  const auto loaded = LoadSigned(arguments.names()[0], asked.public_key);
  if (!loaded.ok()) return Failure(arguments, loaded.status().message());
  const ruleset::Ruleset& rules = **loaded;
  std::vector<StaleFlag> stale;
  for (const ruleset::Flag& flag : rules.flags) {
    if (!flag.is_valid) continue;
    Reach reach = ReachOf(rules, flag, asked.now);
    if (reach.why.empty()) continue;
    stale.push_back({flag.key, json::ToText(ruleset::ToValue(*reach.values.front())), std::move(reach)});
  }
  const int exit_code = arguments.Has("--check") && !stale.empty() ? kExitProblems : kExitOk;
  if (arguments.Has("--json")) {
    PrintStaleJson(rules, stale);
    return exit_code;
  }
  const Style style = Style::For(stdout);
  if (stale.empty()) {
    Print(stdout, style.Green("✓ ") + "each of " + Count(rules.flags.size(), "flag") + " serves more than one value\n");
    return exit_code;
  }
  Print(stdout, style.Bold(std::to_string(stale.size()) + " of " + Count(rules.flags.size(), "flag")) +
                    (stale.size() == 1 ? " serves" : " serve") + " one value to all\n");
  std::vector<std::vector<std::string>> rows;
  for (const StaleFlag& each : stale) {
    rows.push_back({Plain(each.key), evaluation::Shortened(Plain(each.value), 24), Plain(each.reach.why)});
  }
  Print(stdout, Table(rows, 2));
  Print(stdout,
        style.Dim("Where that is for good, take the flag out of the app first, then out of the source.") + "\n");
  return exit_code;
}

}  // namespace

const Command kStaleCommand = {"stale",
                               "list flags that serve one value to all",
                               "guidon stale DATAFILE [--check]",
                               "Follows each flag's rules, without trying people: killed flags, flags without\n"
                               "rules, rollouts to everybody, winners that have shipped to everybody, experiments\n"
                               "that have ended. Each is a branch that the app need not have any more.",
                               {{"--check", "", "exit code 1 when there is one"},
                                {"--at", "TIME", "what counts as now (the clock)"},
                                {"--key", "BASE64", "refuse a datafile that this public key did not sign"},
                                {"--json", "", "for programs"}},
                               1,
                               RunStale,
                               0,
                               {"guidon stale published"}};

}  // namespace guidon::tools
