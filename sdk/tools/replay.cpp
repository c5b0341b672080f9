#include <string>
#include <vector>

#include "sdk/core/base/json_writer.h"
#include "sdk/core/hash/hash.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/files.h"
#include "sdk/tools/published_file.h"
#include "sdk/tools/replayed.h"
#include "sdk/tools/terminal.h"
#include "sdk/tools/tool_ports.h"
#include "sdk/tools/trial.h"

namespace guidon::tools {
namespace {

constexpr std::size_t kMostTraceBytes = 1u << 30;

std::string ReplayedText(const Replayed& replayed) {
  std::string text = Thousands(replayed.different) + " of " + Thousands(replayed.decisions) + " decisions differ" +
                     (replayed.is_same_datafile ? ", by the datafile that they came from\n" : "\n");
  std::vector<std::vector<std::string>> rows;
  for (const Difference& each : replayed.differences) {
    rows.push_back({Plain(each.flag), Thousands(each.count), Plain(each.from) + "  →  " + Plain(each.to),
                    "line " + std::to_string(each.line)});
  }
  if (!rows.empty()) text += Table(rows, 2, 160);
  if (!replayed.cannot.empty()) text += "Not made again, since the trace does not have what they rest on:\n";
  rows.clear();
  for (const auto& [why, count] : replayed.cannot) rows.push_back({Thousands(count), Plain(why)});
  if (!rows.empty()) text += Table(rows, 2);
  if (replayed.lost > 0) text += Thousands(replayed.lost) + " more were made while the recording had no room\n";
  if (replayed.unreadable > 0) {
    text += Thousands(replayed.unreadable) + " lines cannot be read; the first is " + Plain(replayed.first_unreadable) +
            "\n";
  }
  return text;
}

std::string ReplayedJson(const Replayed& replayed) {
  std::string text;
  json::Writer out(&text, 2);
  out.BeginObject().Key("decisions").Uint(replayed.decisions).Key("different").Uint(replayed.different);
  out.Key("same_datafile").Bool(replayed.is_same_datafile).Key("differences").BeginArray();
  for (const Difference& each : replayed.differences) {
    out.BeginObject().Key("flag").String(each.flag).Key("from").String(each.from).Key("to").String(each.to);
    out.Key("count").Uint(each.count).Key("line").Uint(each.line).End();
  }
  out.End().Key("cannot").BeginObject();
  for (const auto& [why, count] : replayed.cannot) out.Key(why).Uint(count);
  out.End().Key("lost").Uint(replayed.lost).Key("unreadable").Uint(replayed.unreadable);
  if (replayed.unreadable > 0) out.Key("first_unreadable").String(replayed.first_unreadable);
  out.End();
  return text + "\n";
}

int RunReplay(const Arguments& arguments) {
  CommonOptions asked;
  const std::string wrong = ReadCommonOptions(arguments, &asked);
  if (!wrong.empty()) return UsageError(arguments, wrong);
  const std::string& path = arguments.names()[1];
  const Result<PublishedFile> file = ReadPublishedFile(path);
  if (!file.ok()) return Failure(arguments, file.status().message());
  if (!asked.public_key.empty() && CheckSignature(*file, asked.public_key) != SignedState::kGood) {
    return Failure(arguments, path + ": no good signature by the key given");
  }
  const auto rules = LoadRules(path, file->payload);
  if (!rules.ok()) return Failure(arguments, rules.status().message());
  const Result<std::string> trace = ReadFile(arguments.names()[0], kMostTraceBytes);
  if (!trace.ok()) return Failure(arguments, trace.status().message());
  std::string results;
  const Result<Replayed> replayed =
      Replay(**rules, HashBytes64(file->payload), *trace, ToolCrypto(), arguments.Has("--out") ? &results : nullptr);
  if (!replayed.ok()) return Failure(arguments, arguments.names()[0] + ": " + replayed.status().message());
  if (arguments.Has("--out")) {
    const Status written = WriteFile(arguments.Get("--out"), results);
    if (!written.ok()) return Failure(arguments, written.message());
  }
  Print(stdout, arguments.Has("--json") ? ReplayedJson(*replayed) : ReplayedText(*replayed));
  return replayed->is_same() ? kExitOk : kExitProblems;
}

}  // namespace

const Command kReplayCommand = {
    "replay",
    "make the decisions of a recording again, and say what differs",
    "guidon replay TRACE DATAFILE [--out FILE]",
    "Decides again what an app recorded (Client::Record), as of then and for the same\n"
    "context, by this or another datafile: after an upgrade, for a report of a bug,\n"
    "before publishing. Exit code 1 when a decision differs in value, variant or\n"
    "reason, or a line cannot be read.",
    {{"--out", "FILE", "write each result as a line of JSON, the same bytes on every machine"},
     {"--key", "BASE64", "refuse a datafile that this public key did not sign"},
     {"--json", "", "for programs"}},
    2,
    RunReplay,
    0,
    {"guidon replay decisions.trace published", "guidon replay decisions.trace next --out results"}};

}  // namespace guidon::tools
