#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "sdk/core/base/json.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/diff_report.h"
#include "sdk/tools/files.h"
#include "sdk/tools/profiles.h"
#include "sdk/tools/progress.h"
#include "sdk/tools/published_file.h"
#include "sdk/tools/terminal.h"
#include "sdk/tools/trial.h"

namespace guidon::tools {
namespace {

struct Side {
  std::optional<json::Document> document;
  std::shared_ptr<const ruleset::Ruleset> rules;
};

Status ReadSide(const std::string& path, const std::string& public_key, Side* out) {
  const Result<PublishedFile> file = ReadPublishedFile(path);
  if (!file.ok()) return file.status();
  if (!public_key.empty() && CheckSignature(*file, public_key) != SignedState::kGood) {
    return Status(StatusCode::kUntrusted, path + ": no good signature by the key given");
  }
  json::Error error;
  out->document = json::Document::Parse(file->payload, &error);
  if (!out->document) return Status(StatusCode::kCorrupt, path + ": " + error.ToText());
  if (out->document->root()["format"].AsString().value_or("").substr(0, 14) == "guidon-source/") {
    return Status(StatusCode::kInvalidArgument,
                  path +
                      ": this is a source, and who moves follows from slots that only a build gives out; "
                      "`guidon build --previous OLD` first, then compare what it published");
  }
  Result<std::shared_ptr<const ruleset::Ruleset>> rules = LoadRules(path, file->payload);
  if (!rules.ok()) return rules.status();
  out->rules = *std::move(rules);
  return Status();
}

int RunDiff(const Arguments& arguments) {
  CommonOptions asked;
  std::string wrong = ReadCommonOptions(arguments, &asked);
  if (!wrong.empty()) return UsageError(arguments, wrong);
  Crowd crowd;
  wrong = ReadCrowd(arguments, "100000", &crowd);
  if (!wrong.empty()) return UsageError(arguments, wrong);
  Side before;
  Side after;
  Status status = ReadSide(arguments.names()[0], asked.public_key, &before);
  if (status.ok()) status = ReadSide(arguments.names()[1], asked.public_key, &after);
  DiffReport report;
  report.context_path = arguments.Get("--context");
  if (status.ok() && arguments.Has("--context")) {
    status =
        ReadProfiles(report.context_path, asked.told_now(), asked.now, {before.rules.get(), after.rules.get()}, &crowd);
  }
  if (!status.ok()) return Failure(arguments, status.message());
  if (crowd.profiles.empty()) crowd.profiles.push_back({Context(), asked.now, std::nullopt});

  report.new_path = arguments.names()[1];
  report.before = &before.rules->header;
  report.after = &after.rules->header;
  report.edits = FindEdits(before.document->root(), after.document->root());
  report.crowd = &crowd;
  {
    Progress progress(crowd.count);
    report.moves = CountMoves(*before.rules, *after.rules, crowd, [&](std::uint64_t done) { progress.Tell(done); });
  }
  Print(stdout, arguments.Has("--json") ? ToJson(report) : ToText(report, Style::For(stdout)));
  return arguments.Has("--check") && report.moves.spoiled() > 0 ? kExitProblems : kExitOk;
}

}  // namespace

const Command kDiffCommand = {
    "diff",
    "count who would move between two datafiles",
    "guidon diff OLD NEW [--units N] [--context FILE] [--check]",
    "Decides every flag for N made-up people under both published datafiles, and\n"
    "counts who gets another value, who enters or leaves an experiment or changes\n"
    "variant, and whose arm of a campaign changes. Each move names somebody to\n"
    "check it with by `guidon explain`.",
    {{"--units", "N", "how many people, at most 10000000 (100000)"},
     {"--prefix", "TEXT", "in front of their ids, device-000001 and so on: other people"},
     {"--context", "FILE", "what is known of them, without 'units': one context, or one a line, dealt out in turn"},
     {"--at", "TIME", "decide as of then (the context's \"now\", or the clock)"},
     {"--check", "", "exit code 1 when anybody changes variant in an iteration"},
     {"--key", "BASE64", "refuse datafiles that this public key did not sign"},
     {"--json", "", "for programs"}},
    2,
    RunDiff,
    0,
    {"guidon diff published next", "guidon diff published next --check --units 20000 --json"}};

}  // namespace guidon::tools
