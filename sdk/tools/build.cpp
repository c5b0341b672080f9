#include <utility>

#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"
#include "sdk/core/dialects/native/load.h"
#include "sdk/tools/checked_source.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/files.h"
#include "sdk/tools/private_keys.h"
#include "sdk/tools/publish.h"
#include "sdk/tools/terminal.h"
#include "sdk/tools/tool_ports.h"

namespace guidon::tools {
namespace {

// A damaged last file would carry its damage on into who is in which experiment.
Status CheckPrevious(const PublishedFile& previous, const std::vector<KeyPair>& keys, const std::string& path) {
  for (const KeyPair& key : keys) {
    if (CheckSignature(previous, key.public_key) == SignedState::kBad) {
      return Status(StatusCode::kUntrusted, path + ": the signature is bad, so this is not what was published");
    }
  }
  return Status();
}

// The last look before anything is signed, with the eyes of a device.
Status CheckLoads(const std::string& payload) {
  const dialects::Loaded loaded = dialects::LoadNative(payload, ToolPatterns());
  for (const guidon::Problem& problem : loaded.problems) {
    if (!problem.is_error) continue;
    return Status(StatusCode::kInternal, "devices would refuse this at " + problem.pointer + ": " + problem.reason);
  }
  return loaded.rules != nullptr ? Status() : Status(StatusCode::kInternal, "devices would refuse this");
}

// The last line of what is said: for programs all of it, with what lint says.
std::string ReportJson(const CheckedSource& checked, const std::string& source, const std::string& out_path,
                       std::size_t bytes, std::size_t signatures) {
  std::string out;
  json::Writer json(&out, 2);
  json.BeginObject().Key("file").String(out_path).Key("project").String(checked.source.project);
  json.Key("environment").String(checked.source.environment);
  json.Key("epoch").Int(checked.previous ? checked.previous->epoch : 1);
  json.Key("version").Int(checked.previous ? checked.previous->version + 1 : 1);
  json.Key("flags").Uint(checked.source.flags.size()).Key("experiments").Uint(checked.source.experiments.size());
  json.Key("campaigns").Uint(checked.source.campaigns.size()).Key("bytes").Uint(bytes);
  json.Key("signatures").Uint(signatures).Key("lint").Raw(checked.problems.ToJson(source, checked.text)).End();
  return out + "\n";
}

void Report(const CheckedSource& checked, const std::string& path, std::size_t bytes, std::size_t signatures) {
  const Style style = Style::For(stderr);
  const std::uint64_t version = checked.previous ? static_cast<std::uint64_t>(checked.previous->version) + 1 : 1;
  const std::string by = signatures == 0   ? style.Yellow("not signed")
                         : signatures == 1 ? "signed"
                                           : "signed by " + std::to_string(signatures) + " keys";
  Print(stderr, style.Green("✓ ") +
                    style.Bold(checked.source.project + "/" + checked.source.environment + " version " +
                               std::to_string(version)) +
                    ": " + CountsOf(checked.source) + ", " + std::to_string(bytes) + " bytes, " + by +
                    (path == "-" ? "" : ", in " + Plain(path)) + "\n");
}

int RunBuild(const Arguments& arguments) {
  if (arguments.Has("--key") == arguments.Has("--unsigned")) {
    return UsageError(arguments, arguments.Has("--key") ? "give --key or --unsigned, not both"
                                                        : "give --key KEY to sign, or --unsigned for development");
  }
  const std::optional<Timestamp> now = TimeOr(arguments.Get("--now"));
  if (!now) return UsageError(arguments, "--now needs a date such as 2026-12-01T09:00:00Z");
  const std::optional<Duration> lifetime = text::ParseDuration(arguments.Get("--expires", "90d"));
  if (!lifetime) return UsageError(arguments, "--expires needs a time such as 90d or 12h");
  const std::string out = arguments.Get("--out", "-");
  if (out == "-" && IsTerminal(stdout))
    return UsageError(arguments, "a datafile is not for a terminal: give --out FILE");

  const Result<std::vector<KeyPair>> keys = FindPrivateKeys(arguments.All("--key"));
  if (!keys.ok()) return Failure(arguments, keys.status().message());
  const std::string& path = arguments.names()[0];
  const std::string previous_path = arguments.Get("--previous");
  Result<std::unique_ptr<CheckedSource>> loaded = LoadChecked(path, previous_path, *now);
  if (!loaded.ok()) return Failure(arguments, loaded.status().message());
  const CheckedSource& checked = **loaded;
  if (checked.previous_file) {
    const Status good = CheckPrevious(*checked.previous_file, *keys, previous_path);
    if (!good.ok()) return Failure(arguments, good.message());
  }
  const bool is_json = arguments.Has("--json");
  if (!is_json) Print(stderr, checked.problems.ToText(path, checked.text, Style::For(stderr)));
  if (is_json && checked.problems.has_errors() && out != "-")
    Print(stdout, checked.problems.ToJson(path, checked.text));
  if (checked.problems.has_errors()) return Failure(arguments, checked.problems.Summary() + "; nothing was published");

  const std::string payload =
      Publish(checked.source, checked.previous ? &*checked.previous : nullptr, {*now, *now + *lifetime});
  const Status loads = CheckLoads(payload);
  if (!loads.ok()) return Failure(arguments, loads.message());
  const Result<std::string> bytes = WrapPayload(payload, *keys);
  if (!bytes.ok()) return Failure(arguments, bytes.status().message());
  if (out == "-") {
    Print(stdout, *bytes);
    if (std::fflush(stdout) != 0) return kExitProblems;  // main says why
  } else if (const Status written = WriteFile(out, *bytes); !written.ok()) {
    return Failure(arguments, written.message());
  }
  if (is_json) {
    Print(out == "-" ? stderr : stdout, ReportJson(checked, path, out, bytes->size(), keys->size()));
  } else {
    Report(checked, out, bytes->size(), keys->size());
  }
  return kExitOk;
}

}  // namespace

const Command kBuildCommand = {
    "build",
    "turn a source into a signed datafile",
    "guidon build SOURCE --key KEY [--previous PUBLISHED] [--out FILE]",
    "Checks the source, gives out slots, salts and ids so that nobody moves who\n"
    "needn't, and signs the result. Hand in the last published file every time:\n"
    "who is in which experiment follows from it, and the version goes up by one.",
    {{"--key", "KEY",
      "private key: a FILE, env:NAME, or command:COMMAND that prints it; give it again for each further signature"},
     {"--unsigned", "", "for development; apps take it only if told to"},
     {"--previous", "FILE", "the last published file; without it this is version 1"},
     {"--out", "FILE", "where the datafile goes (standard output)"},
     {"--expires", "TIME", "how long it is good for (90d)"},
     {"--now", "TIME", "date of issue (the clock)"},
     {"--json", "", "for programs"}},
    1,
    RunBuild,
    0,
    {"guidon build notes.source.json --key notes.key --out notes.datafile",
     "guidon build next.source.json --key notes.key --previous published --out next"}};

}  // namespace guidon::tools
