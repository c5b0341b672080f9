#include <cstdio>
#include <string>

#include "guidon/decision.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/explain.h"
#include "sdk/core/evaluation/prepared_context.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/terminal.h"
#include "sdk/tools/trial.h"

namespace guidon::tools {
namespace {

void WriteDecision(const ruleset::Ruleset& rules, const ruleset::Flag& flag, const evaluation::Outcome& outcome,
                   json::Writer* out) {
  out->Key(flag.key).BeginObject();
  if (outcome.value != nullptr) out->Key("value").Any(ruleset::ToValue(*outcome.value));
  const std::string_view variant = evaluation::VariantName(rules, flag, outcome);
  if (!variant.empty()) out->Key("variant").String(variant);
  out->Key("reason").String(ReasonName(outcome.reason));
  if (outcome.experiment != ruleset::kNone) out->Key("experiment").String(rules.experiments[outcome.experiment].key);
  out->End();
}

int RunEval(const Arguments& arguments) {
  Trial trial;
  int exit_code = kExitOk;
  if (!OpenTrial(arguments, &trial, &exit_code)) return exit_code;
  const ruleset::Ruleset& rules = *trial.rules;
  const evaluation::PreparedContext prepared(rules, trial.context, trial.surroundings(), trial.now);
  std::string text;
  json::Writer out(&text, 2);
  out.BeginObject().Key("datafile").BeginObject();
  out.Key("project").String(rules.header.project).Key("environment").String(rules.header.environment);
  out.Key("epoch").Uint(rules.header.epoch).Key("version").Uint(rules.header.version).End();
  out.Key("at").String(text::FormatTimestamp(trial.now)).Key("flags").BeginObject();
  // Flags are sorted by key.
  for (const ruleset::Flag& flag : rules.flags) {
    WriteDecision(rules, flag, evaluation::Evaluate(rules, flag, prepared, trial.now), &out);
  }
  out.End().End();
  Print(stdout, text + "\n");
  return kExitOk;
}

}  // namespace

const Command kEvalCommand = {"eval",
                              "decide every flag for one context",
                              "guidon eval DATAFILE --context FILE",
                              "Prints every flag's value, variant and reason for one context, as JSON.",
                              {{"--context", "FILE",
                                "{ \"units\": { \"device\": \"d-1\" },\n"
                                "  \"attributes\": { \"plan\": \"pro\" } }"},
                               {"--at", "TIME", "decide as of then (the context's \"now\", or the clock)"},
                               {"--key", "BASE64", "refuse a datafile that this public key did not sign"},
                               {"--json", "", "as without it"}},
                              1,
                              RunEval,
                              0,
                              {"echo '{\"units\":{\"device\":\"d-1\"}}' | guidon eval published --context -"}};

}  // namespace guidon::tools
