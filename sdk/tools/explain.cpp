#include "sdk/core/evaluation/explain.h"

#include <cstdio>
#include <string>
#include <vector>

#include "guidon/decision.h"
#include "sdk/core/evaluation/prepared_context.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/terminal.h"
#include "sdk/tools/trial.h"

namespace guidon::tools {
namespace {

// One object, or where all flags were asked for a list of them.
std::string JsonText(const std::vector<evaluation::Explanation>& explanations, bool is_list) {
  std::string text = is_list ? "[" : "";
  for (const evaluation::Explanation& explanation : explanations) {
    if (text.size() > 1) text += ",\n";
    text += evaluation::ToJson(explanation, 2);
  }
  return text + (is_list ? "]\n" : "\n");
}

std::string Text(const std::vector<evaluation::Explanation>& explanations, evaluation::Letters letters) {
  std::string text;
  for (const evaluation::Explanation& explanation : explanations) {
    if (!text.empty()) text += "\n";
    text += evaluation::ToText(explanation, letters);
  }
  return text;
}

}  // namespace

int RunExplain(const Arguments& arguments) {
  Trial trial;
  int exit_code = kExitOk;
  if (!OpenTrial(arguments, &trial, &exit_code)) return exit_code;
  const ruleset::Ruleset& rules = *trial.rules;
  const evaluation::PreparedContext prepared(rules, trial.context);
  const bool is_list = !arguments.Has("--flag");
  std::vector<std::string> keys;
  if (!is_list) keys.push_back(arguments.Get("--flag"));
  for (std::size_t i = 0; is_list && i < rules.flags.size(); ++i) keys.push_back(rules.flags[i].key);
  std::vector<evaluation::Explanation> explanations;
  for (const std::string& key : keys) {
    explanations.push_back(evaluation::Explain(rules, key, trial.context, prepared, trial.now));
    const evaluation::Explanation& last = explanations.back();
    if (last.result.reason != Reason::kFlagNotFound) continue;
    const std::string advice = last.suggestion.empty() ? "" : ", did you mean '" + last.suggestion + "'?";
    return Failure(arguments, arguments.names()[0] + ": there is no flag '" + key + "'" + advice);
  }
  const auto letters = arguments.Has("--ascii") ? evaluation::Letters::kAscii : evaluation::Letters::kUnicode;
  Print(stdout, arguments.Has("--json") ? JsonText(explanations, is_list) : Text(explanations, letters));
  return kExitOk;
}

}  // namespace guidon::tools
