#include "sdk/core/evaluation/explain.h"

#include <cstdio>
#include <string>
#include <vector>

#include "guidon/decision.h"
#include "sdk/core/evaluation/prepared_context.h"
#include "sdk/core/prompts/explain_prompt.h"
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

evaluation::Letters LettersOf(const Arguments& arguments) {
  return arguments.Has("--ascii") ? evaluation::Letters::kAscii : evaluation::Letters::kUnicode;
}

int NotFound(const Arguments& arguments, const char* what, const std::string& key, const std::string& suggestion) {
  return Failure(arguments, arguments.names()[0] + ": there is no " + what + " '" + key + "'" +
                                (suggestion.empty() ? "" : ", did you mean '" + suggestion + "'?"));
}

int ExplainOnePrompt(const Arguments& arguments, const Trial& trial) {
  const std::string key = arguments.Get("--prompt");
  prompts::PromptQuestion question{*trial.rules,       key, trial.context, trial.surroundings(), trial.showings(),
                                   trial.prompts_now()};
  question.event = trial.event ? &*trial.event : nullptr;
  if (trial.session.number != 0) question.session_began = trial.session.began;
  prompts::PromptExplanation explanation = prompts::ExplainPrompt(question);
  explanation.clock_ahead = trial.clock_ahead;
  if (explanation.why == prompts::Why::kUnknownCampaign) {
    return NotFound(arguments, "campaign", key, explanation.suggestion);
  }
  Print(stdout, arguments.Has("--json") ? prompts::ToJson(explanation, 2) + "\n"
                                        : prompts::ToText(explanation, LettersOf(arguments)));
  return kExitOk;
}

int RunExplain(const Arguments& arguments) {
  if (arguments.Has("--flag") && arguments.Has("--prompt")) {
    return UsageError(arguments, "--flag and --prompt are two questions: ask one at a time");
  }
  Trial trial;
  int exit_code = kExitOk;
  if (!OpenTrial(arguments, &trial, &exit_code)) return exit_code;
  if (arguments.Has("--prompt")) return ExplainOnePrompt(arguments, trial);
  const ruleset::Ruleset& rules = *trial.rules;
  const evaluation::PreparedContext prepared(rules, trial.context, trial.surroundings(), trial.now);
  const bool is_list = !arguments.Has("--flag");
  std::vector<std::string> keys;
  if (!is_list) keys.push_back(arguments.Get("--flag"));
  for (std::size_t i = 0; is_list && i < rules.flags.size(); ++i) keys.push_back(rules.flags[i].key);
  std::vector<evaluation::Explanation> explanations;
  for (const std::string& key : keys) {
    explanations.push_back(evaluation::Explain(rules, key, trial.context, prepared, trial.now));
    const evaluation::Explanation& last = explanations.back();
    if (last.result.reason != Reason::kFlagNotFound) continue;
    return NotFound(arguments, "flag", key, last.suggestion);
  }
  Print(stdout, arguments.Has("--json") ? JsonText(explanations, is_list) : Text(explanations, LettersOf(arguments)));
  return kExitOk;
}

}  // namespace

const Command kExplainCommand = {
    "explain",
    "say why a flag is what it is, or why a prompt is shown or not",
    "guidon explain DATAFILE --context FILE [--flag KEY | --prompt KEY]",
    "Shows each step of the decision and the values it saw: of one flag, of one\n"
    "campaign's prompt, and when that may be shown next; or else of all flags.",
    {{"--context", "FILE",
      "{ \"units\": { \"device\": \"d-1\" },\n"
      "  \"attributes\": { \"plan\": \"pro\" },\n"
      "  \"history\": [ { \"at\": \"2026-11-12\", \"event\": \"app_open\" },\n"
      "    { \"at\": \"2026-11-20\", \"prompt\": \"KEY\",\n"
      "      \"what\": \"dismissal\" } ] }"},
     {"--flag", "KEY", "the flag to explain"},
     {"--prompt", "KEY", "the campaign to explain"},
     {"--event", "EVENT",
      "what happens now: \"message_sent chars=1812\", or what starts\n"
      "a campaign by itself: session_start, \"screen editor\", idle"},
     {"--state", "DIR", "the history a device keeps in its state folder, and its unit"},
     {"--at", "TIME", "decide as of then (the context's \"now\", or the clock)"},
     {"--key", "BASE64", "refuse a datafile that this public key did not sign"},
     {"--ascii", "", "no characters beyond ASCII"},
     {"--json", "", "for programs"}},
    1,
    RunExplain,
    0,
    {"echo '{\"units\":{\"device\":\"d-1\"}}' | guidon explain published --context - --flag composer",
     "echo '{\"units\":{\"device\":\"d-1\"}}' | guidon explain published --context - --prompt try-file-share"}};

}  // namespace guidon::tools
